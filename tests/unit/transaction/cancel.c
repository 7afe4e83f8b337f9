/* CANCEL in both directions (RFC 3261 section 9), and what crosses it. */
#include "world.h"

static void a_cancel_waits_for_a_provisional_answer(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    assert_int_equal(pp_client_cancel(w.client, NULL), 0);
    advance_ms(&w, 1000);
    CHECK_LADDER(&w, "0>INVITE");
    RECEIVE(&w, .status = 100);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    CHECK_LADDER(&w, "1000>CANCEL 1000:100 1000:180");
    RECEIVE(&w, .method = "CANCEL", .status = 200, .to_tag = "bobs");
    RECEIVE(&w, .status = 487, .to_tag = "bobs");
    end_turn(&w);
    CHECK_LADDER(&w, "1000>ACK 1000:487");
    world_close(&w);
}

static void a_cancel_is_a_transaction_of_its_own(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    assert_int_equal(pp_client_cancel(w.client, NULL), 0);
    assert_int_equal(pp_client_cancel(w.client, NULL), 0); /* once is enough */
    assert_int_equal(pp_transactions_count(w.table), 2);
    advance_ms(&w, 1600);
    CHECK_LADDER(&w, "0>INVITE 0:180 0>CANCEL 500>CANCEL 1500>CANCEL");
    RECEIVE(&w, .method = "CANCEL", .status = 200, .to_tag = "bobs");
    RECEIVE(&w, .status = 487, .to_tag = "bobs");
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "1600>ACK 1600:487");
    world_close(&w);
}

static void a_cancel_looks_like_its_invite(void **state)
{
    world w;
    pp_message *cancel;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    assert_int_equal(pp_client_cancel(w.client, "SIP;cause=200;text=\"Call completed elsewhere\""),
                     0);
    assert_int_equal(pp_message_parse(pp_str_c(w.sent), &cancel), 0);
    assert_int_equal(cancel->method, PP_CANCEL);
    assert_true(pp_str_eq_c(cancel->via.branch, BRANCH));
    assert_true(pp_str_eq_c(cancel->ruri_text, INVITE_TEXT));
    assert_true(pp_str_empty(cancel->to_tag));
    assert_int_equal(cancel->cseq, 1);
    assert_true(pp_str_eq_c(pp_message_header(cancel, PP_HEADER_REASON, 0),
                            "SIP;cause=200;text=\"Call completed elsewhere\""));
    pp_message_unref(cancel);
    RECEIVE(&w, .status = 487, .to_tag = "bobs");
    advance_ms(&w, 32000);
    world_close(&w);
}

static void a_reason_that_breaks_the_line_is_refused(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    assert_int_equal(pp_client_cancel(w.client, "SIP\r\nEvil: yes"), PIPIT_ERR_SYNTAX);
    CHECK_LADDER(&w, "0>INVITE 0:180");
    assert_int_equal(pp_client_cancel(w.client, NULL), 0);
    RECEIVE(&w, .status = 487, .to_tag = "bobs");
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "0>CANCEL 0>ACK 0:487");
    world_close(&w);
}

/* RFC 3261 section 9.1, and bug 35 of section 7.4 in what JsSIP does. */
static void an_invite_cancelled_without_a_final_answer_times_out(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    advance_ms(&w, 100000);
    assert_int_equal(pp_client_cancel(w.client, NULL), 0);
    RECEIVE(&w, .method = "CANCEL", .status = 200, .to_tag = "bobs");
    advance_ms(&w, 10000);
    RECEIVE(&w, .status = 183, .to_tag = "bobs"); /* prolongs nothing */
    advance_ms(&w, 30000);
    CHECK_LADDER(&w, "0>INVITE 0:180 100000>CANCEL 110000:183 132000:timeout");
    RECEIVE(&w, .status = 487, .to_tag = "bobs");
    CHECK_LADDER(&w, "140000:stray-487");
    world_close(&w);
}

static void an_invite_cancelled_before_any_answer_times_out_as_ever(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    assert_int_equal(pp_client_cancel(w.client, NULL), 0);
    advance_ms(&w, 40000);
    CHECK_LADDER(&w, "0>INVITE 32000:timeout");
    world_close(&w);
}

static void a_2xx_that_crosses_a_cancel_reaches_the_owner(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    assert_int_equal(pp_client_cancel(w.client, NULL), 0);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    RECEIVE(&w, .method = "CANCEL", .status = 481, .to_tag = "bobs");
    advance_ms(&w, 500);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    CHECK_LADDER(&w, "0>INVITE 0:180 0>CANCEL 0:200 500:200");
    w.client = pp_client_forget(w.client);
    advance_ms(&w, 32000);
    world_close(&w);
}

static void a_2xx_before_the_cancel_could_be_sent_reaches_the_owner(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    assert_int_equal(pp_client_cancel(w.client, NULL), 0);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    w.client = pp_client_forget(w.client);
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "0>INVITE 0:200");
    world_close(&w);
}

static void only_an_invite_without_a_final_answer_can_be_cancelled(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_OPTIONS);
    assert_int_equal(pp_client_cancel(w.client, NULL), PIPIT_ERR_STATE);
    advance_ms(&w, 32000);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    assert_int_equal(pp_client_cancel(w.client, NULL), PIPIT_ERR_STATE);
    advance_ms(&w, 32000);
    assert_int_equal(pp_client_cancel(w.client, NULL),
                     PIPIT_ERR_STATE); /* over, and not yet forgotten */
    w.client = pp_client_forget(w.client);
    world_close(&w);
}

static void a_cancel_that_came_is_answered_and_told(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    assert_int_equal(pp_server_answer(w.server, 180, NULL, "bobs"), 0);
    RECEIVE(&w, .method = "CANCEL");
    assert_non_null(strstr(w.sent, ";tag=bobs")); /* RFC 3261 section 9.2: the same tag */
    RECEIVE(&w, .method = "CANCEL");              /* again, in the same turn */
    CHECK_LADDER(&w, "0:INVITE 0>180 0>200 0:cancelled 0>200");
    assert_int_equal(pp_server_answer(w.server, 487, NULL, "bobs"), 0);
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    end_turn(&w);
    CHECK_LADDER(&w, "0>487 0:terminated");
    world_close(&w);
}

static void a_cancel_after_the_final_answer_changes_nothing(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    assert_int_equal(pp_server_answer(w.server, 200, NULL, "bobs"), 0);
    RECEIVE(&w, .method = "CANCEL");
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "0:INVITE 0>200 0>200 32000:terminated");
    world_close(&w);
}

static void a_cancel_of_nothing_gets_481(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "OPTIONS");
    RECEIVE(&w, .method = "CANCEL"); /* the branch of an OPTIONS */
    RECEIVE(&w, .method = "CANCEL", .via = "SIP/2.0/WS a.invalid;branch=z9hG4bKunknown");
    CHECK_LADDER(&w, "0:OPTIONS 0>481 0>481");
    advance_ms(&w, 32000);
    world_close(&w);
}

static void a_cancel_from_another_flow_gets_481(void **state)
{
    world w;
    int other;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    w.flow = &other;
    RECEIVE(&w, .method = "CANCEL");
    CHECK_LADDER(&w, "0:INVITE 0>481");
    w.flow = &w;
    assert_int_equal(pp_server_answer(w.server, 200, NULL, "bobs"), 0);
    advance_ms(&w, 32000);
    world_close(&w);
}

static void a_forgotten_invite_is_answered_487_by_the_table(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    assert_int_equal(pp_server_answer(w.server, 183, NULL, "bobs"), 0);
    w.server = pp_server_forget(w.server);
    RECEIVE(&w, .method = "CANCEL");
    CHECK_LADDER(&w, "0:INVITE 0>183 0>200 0>487");
    assert_non_null(strstr(w.sent, ";tag=bobs"));
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    end_turn(&w);
    world_close(&w);
}

static void an_invite_nobody_listens_to_is_answered_487_by_the_table(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    w.listens = false;
    RECEIVE(&w, .method = "INVITE");
    RECEIVE(&w, .method = "CANCEL");
    CHECK_LADDER(&w, "0:INVITE 0>200 0>487");
    RECEIVE(&w, .method = "ACK", .to_tag = "any");
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "");
    world_close(&w);
}

static void the_invite_a_cancel_means_can_be_looked_up(void **state)
{
    world w;
    pp_message *cancel = make_message((spec){.method = "CANCEL"});

    (void)state;
    world_open(&w, true);
    assert_null(pp_transactions_cancelled(w.table, cancel));
    RECEIVE(&w, .method = "INVITE");
    assert_ptr_equal(pp_transactions_cancelled(w.table, cancel), w.server);
    assert_int_equal(pp_server_answer(w.server, 200, NULL, "bobs"), 0);
    advance_ms(&w, 32000);
    assert_null(pp_transactions_cancelled(w.table, cancel));
    pp_message_unref(cancel);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancel_waits_for_a_provisional_answer),
        cmocka_unit_test(a_cancel_is_a_transaction_of_its_own),
        cmocka_unit_test(a_cancel_looks_like_its_invite),
        cmocka_unit_test(a_reason_that_breaks_the_line_is_refused),
        cmocka_unit_test(an_invite_cancelled_without_a_final_answer_times_out),
        cmocka_unit_test(an_invite_cancelled_before_any_answer_times_out_as_ever),
        cmocka_unit_test(a_2xx_that_crosses_a_cancel_reaches_the_owner),
        cmocka_unit_test(a_2xx_before_the_cancel_could_be_sent_reaches_the_owner),
        cmocka_unit_test(only_an_invite_without_a_final_answer_can_be_cancelled),
        cmocka_unit_test(a_cancel_that_came_is_answered_and_told),
        cmocka_unit_test(a_cancel_after_the_final_answer_changes_nothing),
        cmocka_unit_test(a_cancel_of_nothing_gets_481),
        cmocka_unit_test(a_cancel_from_another_flow_gets_481),
        cmocka_unit_test(a_forgotten_invite_is_answered_487_by_the_table),
        cmocka_unit_test(an_invite_nobody_listens_to_is_answered_487_by_the_table),
        cmocka_unit_test(the_invite_a_cancel_means_can_be_looked_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
