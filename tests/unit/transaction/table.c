/* The table: matching of new and old branches, merged requests, the limit, and handlers that
 * free everything. */
#include "world.h"

/* --- RFC 2543: no branch, or one without the cookie ------------------------------------------- */

#define OLD_VIA "SIP/2.0/WS a.invalid"

static void an_old_request_is_matched_by_all_its_parts(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    w.answers = 200;
    RECEIVE(&w, .method = "OPTIONS", .via = OLD_VIA);
    CHECK_LADDER(&w, "0>200 0:OPTIONS");
    RECEIVE(&w, .method = "OPTIONS", .via = OLD_VIA);
    CHECK_LADDER(&w, "0>200");
    RECEIVE(&w, .method = "OPTIONS", .via = OLD_VIA, .cseq = 2);
    RECEIVE(&w, .method = "OPTIONS", .via = OLD_VIA, .call_id = "other");
    RECEIVE(&w, .method = "OPTIONS", .via = OLD_VIA, .from_tag = "other");
    RECEIVE(&w, .method = "OPTIONS", .via = OLD_VIA, .to_tag = "other");
    RECEIVE(&w, .method = "OPTIONS", .via = OLD_VIA, .ruri = "sip:other@example.com");
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS b.invalid");
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS a.invalid:5060");
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS a.invalid;branch=1");
    RECEIVE(&w, .method = "OPTIONS",
            .via = "SIP/2.0/WS a.invalid;branch=z9hG4bK"); /* the cookie and nothing more */
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS a.invalid;branch=z9hG4bK", .cseq = 2);
    CHECK_LADDER(&w,
                 "0>200 0:OPTIONS 0>200 0:OPTIONS 0>200 0:OPTIONS 0>200 0:OPTIONS 0>200 0:OPTIONS "
                 "0>200 0:OPTIONS 0>200 0:OPTIONS 0>200 0:OPTIONS 0>200 0:OPTIONS 0>200 0:OPTIONS");
    advance_ms(&w, 32000);
    world_close(&w);
}

static void an_old_ack_is_matched_by_the_to_tag_of_our_answer(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    RECEIVE(&w, .method = "INVITE", .via = OLD_VIA);
    assert_int_equal(pp_server_answer(w.server, 486, NULL, "bobs"), 0);
    RECEIVE(&w, .method = "INVITE", .via = OLD_VIA);
    CHECK_LADDER(&w, "0:INVITE 0>486 0>486");
    RECEIVE(&w, .method = "ACK", .via = OLD_VIA, .to_tag = "carols");
    CHECK_LADDER(&w, "0:stray-ACK");
    RECEIVE(&w, .method = "ACK", .via = OLD_VIA, .to_tag = "bobs");
    advance_ms(&w, 5000);
    CHECK_LADDER(&w, "5000:terminated");
    RECEIVE(&w, .method = "INVITE", .via = OLD_VIA, .to_tag = "bobs"); /* inside a dialog */
    assert_int_equal(pp_server_answer(w.server, 488, NULL, NULL), 0);
    RECEIVE(&w, .method = "ACK", .via = OLD_VIA, .to_tag = "bobs");
    advance_ms(&w, 5000);
    CHECK_LADDER(&w, "5000:INVITE 5000>488 10000:terminated");
    world_close(&w);
}

static void an_old_cancel_is_matched_to_its_invite(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE", .via = OLD_VIA);
    RECEIVE(&w, .method = "CANCEL", .via = OLD_VIA, .cseq = 2);
    RECEIVE(&w, .method = "CANCEL", .via = OLD_VIA);
    CHECK_LADDER(&w, "0:INVITE 0>481 0>200 0:cancelled");
    assert_int_equal(pp_server_answer(w.server, 487, NULL, "bobs"), 0);
    advance_ms(&w, 32000);
    world_close(&w);
}

/* --- RFC 3261 branches ------------------------------------------------------------------------ */

static void a_request_is_matched_by_branch_and_sent_by_without_regard_to_case(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    w.answers = 200;
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS a.invalid;branch=z9hG4bKab");
    clear_ladder(&w);
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS A.Invalid ; branch=Z9HG4BKAB;x=y",
            .cseq = 7, .call_id = "any");
    CHECK_LADDER(&w, "0>200");
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS b.invalid;branch=z9hG4bKab");
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS a.invalid:5060;branch=z9hG4bKab");
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS a.invalid;branch=z9hG4bKabc");
    CHECK_LADDER(&w, "0>200 0:OPTIONS 0>200 0:OPTIONS 0>200 0:OPTIONS");
    advance_ms(&w, 32000);
    world_close(&w);
}

static void a_request_on_another_flow_is_another_request(void **state)
{
    world w;
    int other;

    (void)state;
    world_open(&w, false);
    w.answers = 200;
    RECEIVE(&w, .method = "OPTIONS");
    w.flow = &other;
    RECEIVE(&w, .method = "OPTIONS");
    CHECK_LADDER(&w, "0>200 0:OPTIONS 0>200 0:OPTIONS");
    advance_ms(&w, 32000);
    world_close(&w);
}

/* --- merged requests (RFC 3261 section 8.2.2.2) ----------------------------------------------- */

/* Receives it; a repeat leaves the transaction where it is. */
static bool is_merged(world *w, spec s)
{
    receive(w, s);
    return pp_server_is_merged(w->server);
}

static void a_request_that_came_on_two_ways_is_merged(void **state)
{
    const spec second = {.method = "INVITE",
                         .via = "SIP/2.0/WS proxy.invalid;branch=z9hG4bKsecond"};
    static const spec others[] = {
        {.via = "SIP/2.0/WS p.invalid;branch=z9hG4bK3", .method = "INVITE", .to_tag = "bobs"},
        {.via = "SIP/2.0/WS p.invalid;branch=z9hG4bK4", .method = "INVITE", .from_tag = "carols"},
        {.via = "SIP/2.0/WS p.invalid;branch=z9hG4bK5", .method = "INVITE", .call_id = "other"},
        {.via = "SIP/2.0/WS p.invalid;branch=z9hG4bK6", .method = "INVITE", .cseq = 2},
        {.via = "SIP/2.0/WS p.invalid;branch=z9hG4bK7", .method = "OPTIONS"},
    };
    world w;

    (void)state;
    world_open(&w, true);
    assert_false(is_merged(&w, (spec){.method = "INVITE"}));
    assert_false(is_merged(&w, (spec){.method = "INVITE"})); /* itself */
    assert_true(is_merged(&w, second));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(is_merged(&w, others[i]));
    pp_transactions_flow_lost(w.table, w.flow);
    end_turn(&w);
    assert_false(is_merged(&w, second));
    pp_transactions_flow_lost(w.table, w.flow);
    end_turn(&w);
    world_close(&w);
}

/* --- the limit -------------------------------------------------------------------------------- */

static void receive_numbered(world *w, const char *method, unsigned number)
{
    char via[80], call_id[24];

    snprintf(via, sizeof(via), "SIP/2.0/WS a.invalid;branch=z9hG4bKn%u", number);
    snprintf(call_id, sizeof(call_id), "call%u", number);
    clear_ladder(w);
    RECEIVE(w, .method = method, .via = via, .call_id = call_id);
}

static void a_table_has_room_for_two_requests_of_each_call(void **state)
{
    const unsigned calls = PP_LIMIT_TRANSACTIONS / 2 + 50;
    world w;

    (void)state;
    world_open(&w, false);
    pp_transactions_expect(w.table, calls);
    pp_transactions_expect(w.table, 1); /* never less than it has */
    for (unsigned i = 0; i < 2 * calls; i++)
        receive_numbered(&w, "INVITE", i);
    assert_int_equal(pp_transactions_count(w.table), 2 * calls);
    receive_numbered(&w, "INVITE", 2 * calls);
    CHECK_LADDER(&w, "0>503");
    pp_transactions_flow_lost(w.table, w.flow);
    end_turn(&w);
    world_close(&w);
}

static void a_request_above_the_limit_gets_503_without_a_transaction(void **state)
{
    world w;
    char first[1024];

    (void)state;
    world_open(&w, false);
    for (unsigned i = 0; i < PP_LIMIT_TRANSACTIONS; i++)
        receive_numbered(&w, "INVITE", i);
    assert_int_equal(pp_transactions_count(w.table), PP_LIMIT_TRANSACTIONS);
    receive_numbered(&w, "OPTIONS", PP_LIMIT_TRANSACTIONS);
    CHECK_LADDER(&w, "0>503");
    memcpy(first, w.sent, sizeof(first));
    receive_numbered(&w, "OPTIONS", PP_LIMIT_TRANSACTIONS);
    assert_string_equal(w.sent, first); /* RFC 3261 section 8.2.7: the same To tag */
    receive_numbered(&w, "CANCEL", PP_LIMIT_TRANSACTIONS);
    CHECK_LADDER(&w, "0>503");
    receive_numbered(&w, "INVITE", 0); /* one that is known */
    CHECK_LADDER(&w, "");
    assert_int_equal(pp_transactions_count(w.table), PP_LIMIT_TRANSACTIONS);
    receive_numbered(&w, "CANCEL", 7); /* makes room, so it is let in */
    CHECK_LADDER(&w, "0>200 0:cancelled");
    assert_int_equal(pp_transactions_count(w.table), PP_LIMIT_TRANSACTIONS + 1);
    pp_transactions_flow_lost(w.table, w.flow);
    w.ladder[0] = '\0';
    end_turn(&w);
    assert_int_equal(pp_transactions_count(w.table), 0);
    receive_numbered(&w, "MESSAGE", 1);
    CHECK_LADDER(&w, "0:MESSAGE");
    advance_ms(&w, 32000);
    world_close(&w);
}

static void what_is_going_on_is_served_above_the_limit(void **state)
{
    world w;
    char via[80];

    (void)state;
    world_open(&w, false);
    for (unsigned i = 0; i < PP_LIMIT_TRANSACTIONS; i++)
        receive_numbered(&w, "INVITE", i);
    receive_numbered(&w, "MESSAGE", PP_LIMIT_TRANSACTIONS);
    assert_non_null(strstr(w.sent, "\r\nRetry-After: "));
    assert_in_range(atoi(strstr(w.sent, "Retry-After: ") + 13), 5, 9);
    for (unsigned i = 0; i < PP_LIMIT_TRANSACTIONS_INSIDE; i++) {
        snprintf(via, sizeof(via), "SIP/2.0/WS a.invalid;branch=z9hG4bKin%u", i);
        clear_ladder(&w);
        RECEIVE(&w, .method = "BYE", .via = via, .call_id = "c", .to_tag = "t");
        CHECK_LADDER(&w, "0:BYE");
    }
    clear_ladder(&w);
    RECEIVE(&w, .method = "ACK", .via = "SIP/2.0/WS a.invalid;branch=z9hG4bKack", .to_tag = "t");
    CHECK_LADDER(&w, "0:stray-ACK");
    clear_ladder(&w);
    RECEIVE(&w, .method = "BYE", .via = "SIP/2.0/WS a.invalid;branch=z9hG4bKlast", .to_tag = "t");
    CHECK_LADDER(&w, "0>503"); /* there is an end to it */
    pp_transactions_flow_lost(w.table, w.flow);
    end_turn(&w);
    world_close(&w);
}

static void a_refusal_that_waits_for_its_ack_gives_way(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    w.listens = false;
    receive_numbered(&w, "INVITE", 0); /* rings on */
    w.answers = 486;
    for (unsigned i = 1; i < PP_LIMIT_TRANSACTIONS; i++)
        receive_numbered(&w, "INVITE", i);
    receive_numbered(&w, "INVITE", PP_LIMIT_TRANSACTIONS);
    CHECK_LADDER(&w, "0>486 0:INVITE");
    assert_int_equal(pp_transactions_count(w.table), PP_LIMIT_TRANSACTIONS);
    receive_numbered(&w, "INVITE", 2); /* still known: the answer is repeated */
    CHECK_LADDER(&w, "0>486");
    receive_numbered(&w, "INVITE", 1); /* gone */
    CHECK_LADDER(&w, "0>486 0:INVITE");
    receive_numbered(&w, "CANCEL", PP_LIMIT_TRANSACTIONS + 1); /* of nothing */
    CHECK_LADDER(&w, "0>481");
    receive_numbered(&w, "CANCEL", 0);
    CHECK_LADDER(&w, "0>200 0>487");
    assert_true(pp_transactions_count(w.table) <= PP_LIMIT_TRANSACTIONS + 1);
    advance_ms(&w, 40000);
    world_close(&w);
}

/* Many short calls one after the other: what is left of them keeps nobody out. */
static void an_accepted_call_gives_way_once_it_was_let_go(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    w.listens = false;
    w.answers = 200;
    for (unsigned i = 0; i < PP_LIMIT_TRANSACTIONS; i++)
        receive_numbered(&w, "INVITE", i);
    receive_numbered(&w, "INVITE", 1); /* a repeat is no new call */
    CHECK_LADDER(&w, "");
    receive_numbered(&w, "INVITE", PP_LIMIT_TRANSACTIONS);
    CHECK_LADDER(&w, "0>200 0:INVITE");
    assert_int_equal(pp_transactions_count(w.table), PP_LIMIT_TRANSACTIONS);
    receive_numbered(&w, "INVITE", 0); /* gone */
    CHECK_LADDER(&w, "0>200 0:INVITE");
    advance_ms(&w, 40000);
    assert_int_equal(pp_transactions_count(w.table), 0);
    world_close(&w);
}

/* --- freeing ---------------------------------------------------------------------------------- */

static void a_table_is_freed_with_everything_in_it_and_nobody_hears_of_it(void **state)
{
    world w;
    pp_outgoing *request;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    advance_ms(&w, 32000); /* over, and the pointer is still held */
    assert_int_equal(make_request(PP_BYE, "z9hG4bKbye", &request), 0);
    assert_int_equal(pp_client_start(w.table, w.flow, request, &world_client_handlers, &w, NULL),
                     0);
    pp_outgoing_unref(request);
    RECEIVE(&w, .method = "INVITE", .via = "SIP/2.0/WS b.invalid;branch=z9hG4bKin");
    pp_transactions_flow_lost(w.table, w.flow); /* posts wait */
    clear_ladder(&w);
    w.table = pp_transactions_free(w.table);
    advance_ms(&w, 100000);
    CHECK_LADDER(&w, "");
    assert_null(pp_transactions_free(NULL));
    world_close(&w);
}

/* What each of these makes the table call frees it. */
static void give_response(world *w)
{
    RECEIVE(w, .method = "BYE", .status = 200, .to_tag = "bobs");
}

static void give_provisional_response(world *w)
{
    RECEIVE(w, .method = "BYE", .status = 100);
}

static void give_stray_response(world *w)
{
    RECEIVE(w, .method = "INFO", .status = 200);
}

static void give_time(world *w)
{
    advance_ms(w, 32000);
}

static void give_loss(world *w)
{
    pp_transactions_flow_lost(w->table, w->flow);
    end_turn(w);
}

static void give_request(world *w)
{
    RECEIVE(w, .method = "INVITE");
}

static void give_answered_request(world *w)
{
    w->answers = 486;
    RECEIVE(w, .method = "INVITE");
}

static void give_stray_ack(world *w)
{
    RECEIVE(w, .method = "ACK", .to_tag = "bobs");
}

static void give_cancel(world *w)
{
    RECEIVE(w, .method = "CANCEL", .via = "SIP/2.0/WS b.invalid;branch=z9hG4bKin");
}

static void give_end_of_turn(world *w)
{
    w->server = NULL;
    w->answers = 200;
    w->frees_table = false;
    RECEIVE(w, .method = "MESSAGE");
    w->frees_table = true;
    end_turn(w);
}

static void every_handler_may_free_the_table(void **state)
{
    static void (*const give[])(world * w) = {give_response,
                                              give_provisional_response,
                                              give_stray_response,
                                              give_time,
                                              give_loss,
                                              give_request,
                                              give_answered_request,
                                              give_stray_ack,
                                              give_cancel,
                                              give_end_of_turn};

    (void)state;
    for (size_t i = 0; i < sizeof(give) / sizeof(*give); i++) {
        world w;

        world_open(&w, i % 2);
        must_start(&w, PP_BYE);
        RECEIVE(&w, .method = "INVITE", .via = "SIP/2.0/WS b.invalid;branch=z9hG4bKin",
                .call_id = "in");
        w.frees_table = true;
        give[i](&w);
        assert_null(w.table);
        advance_ms(&w, 100000);
        world_close(&w);
    }
}

/* no_ack comes before terminated, and may take the table with it. */
static void a_table_may_be_freed_when_an_ack_never_came(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    assert_int_equal(pp_server_answer(w.server, 486, NULL, NULL), 0);
    w.frees_table = true;
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "0:INVITE 0>486 32000:no_ack");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_request_is_matched_by_all_its_parts),
        cmocka_unit_test(an_old_ack_is_matched_by_the_to_tag_of_our_answer),
        cmocka_unit_test(an_old_cancel_is_matched_to_its_invite),
        cmocka_unit_test(a_request_is_matched_by_branch_and_sent_by_without_regard_to_case),
        cmocka_unit_test(a_request_on_another_flow_is_another_request),
        cmocka_unit_test(a_request_that_came_on_two_ways_is_merged),
        cmocka_unit_test(a_table_has_room_for_two_requests_of_each_call),
        cmocka_unit_test(a_request_above_the_limit_gets_503_without_a_transaction),
        cmocka_unit_test(what_is_going_on_is_served_above_the_limit),
        cmocka_unit_test(a_refusal_that_waits_for_its_ack_gives_way),
        cmocka_unit_test(an_accepted_call_gives_way_once_it_was_let_go),
        cmocka_unit_test(a_table_is_freed_with_everything_in_it_and_nobody_hears_of_it),
        cmocka_unit_test(every_handler_may_free_the_table),
        cmocka_unit_test(a_table_may_be_freed_when_an_ack_never_came),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
