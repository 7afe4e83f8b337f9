/* Every row of the INVITE client machine, in virtual time. */
#include "world.h"

static void an_invite_is_repeated_and_times_out(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_INVITE);
    advance_ms(&w, 40000);
    CHECK_LADDER(&w, "0>INVITE 500>INVITE 1500>INVITE 3500>INVITE 7500>INVITE 15500>INVITE "
                     "31500>INVITE 32000:timeout");
    world_close(&w);
}

static void an_invite_on_a_reliable_flow_is_sent_once(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    advance_ms(&w, 40000);
    CHECK_LADDER(&w, "0>INVITE 32000:timeout");
    world_close(&w);
}

static void an_invite_that_rings_has_no_timeout(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_INVITE);
    advance_ms(&w, 100);
    RECEIVE(&w, .status = 100);
    advance_ms(&w, 100);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    advance_to_ms(&w, 600000);
    RECEIVE(&w, .status = 183, .to_tag = "bobs");
    CHECK_LADDER(&w, "0>INVITE 100:100 200:180 600000:183");
    RECEIVE(&w, .status = 486, .to_tag = "bobs");
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "600000>ACK 600000:486");
    world_close(&w);
}

static void a_refusal_is_acknowledged_each_time_it_comes(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 486, .to_tag = "bobs");
    advance_ms(&w, 500);
    RECEIVE(&w, .status = 486, .to_tag = "bobs");
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    advance_to_ms(&w, 31999);
    assert_int_equal(pp_transactions_count(w.table), 1);
    RECEIVE(&w, .status = 486, .to_tag = "bobs");
    advance_to_ms(&w, 32000);
    assert_int_equal(pp_transactions_count(w.table), 0);
    RECEIVE(&w, .status = 486, .to_tag = "bobs");
    CHECK_LADDER(&w, "0>INVITE 0>ACK 0:486 500>ACK 31999>ACK 32000:stray-486");
    world_close(&w);
}

static void a_refusal_on_a_reliable_flow_ends_it_with_the_turn(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 404, .to_tag = "bobs");
    assert_int_equal(pp_transactions_count(w.table), 1);
    end_turn(&w);
    assert_int_equal(pp_transactions_count(w.table), 0);
    CHECK_LADDER(&w, "0>INVITE 0>ACK 0:404");
    world_close(&w);
}

/* RFC 3261 section 17.1.1.3. */
static void an_ack_of_a_refusal_has_the_branch_of_its_invite_and_the_to_of_the_refusal(void **state)
{
    world w;
    pp_message *ack;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 603, .to_tag = "bobs");
    assert_int_equal(pp_message_parse(pp_str_c(w.sent), &ack), 0);
    assert_int_equal(ack->method, PP_ACK);
    assert_true(pp_str_eq_c(ack->via.branch, BRANCH));
    assert_true(pp_str_eq_c(ack->to_tag, "bobs"));
    assert_true(pp_str_eq_c(ack->ruri_text, INVITE_TEXT));
    assert_int_equal(ack->cseq, 1);
    assert_int_equal(ack->via_count, 1);
    pp_message_unref(ack);
    end_turn(&w);
    world_close(&w);
}

/* Forks: RFC 6026. Nothing is acknowledged here, that is the owner's. */
static void every_2xx_goes_up_until_timer_m(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    advance_ms(&w, 500);
    RECEIVE(&w, .status = 200, .to_tag = "carols");
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    RECEIVE(&w, .status = 486, .to_tag = "daves");
    RECEIVE(&w, .status = 180, .to_tag = "daves");
    advance_to_ms(&w, 31999);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    advance_to_ms(&w, 32000);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    CHECK_LADDER(&w, "0>INVITE 0:200 500:200 500:200 31999:200 32000:stray-200");
    assert_int_equal(pp_outgoing_method(pp_client_request(w.client)),
                     PP_INVITE); /* valid until it is forgotten */
    w.client = pp_client_forget(w.client);
    world_close(&w);
}

static void a_2xx_for_a_forgotten_invite_reaches_the_owner(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    assert_null(pp_client_forget(w.client));
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    advance_ms(&w, 40000);
    CHECK_LADDER(&w, "0>INVITE 0:180 0:stray-200");
    world_close(&w);
}

static void a_forgotten_invite_that_rings_for_ever_ends(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    pp_client_forget(w.client);
    advance_ms(&w, 10000);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    advance_ms(&w, 10000);
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    advance_to_ms(&w, 41999);
    assert_int_equal(pp_transactions_count(w.table), 1);
    advance_to_ms(&w, 42000);
    CHECK_LADDER(&w, "0>INVITE");
    world_close(&w);
}

static void a_2xx_of_another_fork_after_a_refusal_is_stray(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 486, .to_tag = "bobs");
    RECEIVE(&w, .status = 200, .to_tag = "carols");
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "0>INVITE 0>ACK 0:486 0:stray-200");
    world_close(&w);
}

static void an_invite_that_cannot_be_sent_fails_with_the_turn(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    w.deaf = true;
    must_start(&w, PP_INVITE);
    CHECK_LADDER(&w, "0!INVITE");
    end_turn(&w);
    CHECK_LADDER(&w, "0:transport_error");
    world_close(&w);
}

static void a_repeat_that_cannot_be_sent_fails_it_too(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_INVITE);
    w.deaf = true;
    advance_ms(&w, 40000);
    CHECK_LADDER(&w, "0>INVITE 500!INVITE 500:transport_error");
    world_close(&w);
}

static void an_ack_that_cannot_be_sent_ends_it_in_silence(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_INVITE);
    w.deaf = true;
    RECEIVE(&w, .status = 486, .to_tag = "bobs");
    end_turn(&w);
    CHECK_LADDER(&w, "0>INVITE 0!ACK 0:486");
    world_close(&w);
}

static void a_lost_flow_fails_an_invite_without_an_answer(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    pp_transactions_flow_lost(w.table, NULL); /* another one */
    RECEIVE(&w, .status = 180, .to_tag = "bobs");
    CHECK_LADDER(&w, "0>INVITE 0:180");
    pp_transactions_flow_lost(w.table, w.flow);
    CHECK_LADDER(&w, "");
    end_turn(&w);
    CHECK_LADDER(&w, "0:transport_error");
    world_close(&w);
}

static void a_lost_flow_leaves_an_accepted_invite_to_its_repeats(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    pp_transactions_flow_lost(w.table, w.flow);
    advance_ms(&w, 1000);
    RECEIVE(&w, .status = 200, .to_tag = "bobs");
    CHECK_LADDER(&w, "0>INVITE 0:200 1000:200");
    pp_client_forget(w.client);
    advance_ms(&w, 32000);
    world_close(&w);
}

static void a_response_with_another_branch_method_or_flow_is_stray(void **state)
{
    world w;
    pp_message *ringing = make_message((spec){.status = 180, .to_tag = "bobs"});

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_INVITE);
    RECEIVE(&w, .status = 181, .via = "SIP/2.0/WS a.invalid;branch=z9hG4bKother");
    RECEIVE(&w, .status = 182, .method = "OPTIONS");
    pp_transactions_receive(w.table, NULL, ringing);
    RECEIVE(&w, .status = 183,
            .via = "SIP/2.0/WS a.invalid;branch=Z9HG4BKWORLDBRANCH"); /* ours in capitals */
    CHECK_LADDER(&w, "0>INVITE 0:stray-181 0:stray-182 0:stray-180 0:183");
    pp_client_forget(w.client);
    advance_ms(&w, 32000);
    pp_message_unref(ringing);
    world_close(&w);
}

static void a_request_without_branch_or_with_one_in_use_is_refused(void **state)
{
    world w;
    pp_outgoing *request;
    pp_client_transaction *none = NULL;

    (void)state;
    world_open(&w, true);
    assert_int_equal(pp_outgoing_request(PP_OPTIONS, PP_LIT(INVITE_TEXT), &request), 0);
    assert_int_equal(pp_client_start(w.table, w.flow, request, NULL, NULL, &none),
                     PIPIT_ERR_ARGUMENT);
    pp_outgoing_unref(request);
    assert_int_equal(make_request(PP_ACK, BRANCH, &request), 0);
    assert_int_equal(pp_client_start(w.table, w.flow, request, NULL, NULL, &none),
                     PIPIT_ERR_ARGUMENT);
    pp_outgoing_unref(request);
    must_start(&w, PP_INVITE);
    assert_int_equal(make_request(PP_INVITE, BRANCH, &request), 0);
    assert_int_equal(pp_client_start(w.table, w.flow, request, NULL, NULL, &none), PIPIT_ERR_STATE);
    pp_outgoing_unref(request);
    assert_null(none);
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "0>INVITE 32000:timeout");
    world_close(&w);
}

static void a_fresh_branch_has_the_cookie_and_is_new(void **state)
{
    world w;
    char one[PP_BRANCH_SIZE], two[PP_BRANCH_SIZE];

    (void)state;
    world_open(&w, true);
    pp_branch_new(&w.loop->rng, one);
    pp_branch_new(&w.loop->rng, two);
    assert_int_equal(strlen(one), PP_BRANCH_SIZE - 1);
    assert_memory_equal(one, "z9hG4bK", 7);
    assert_string_not_equal(one, two);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invite_is_repeated_and_times_out),
        cmocka_unit_test(an_invite_on_a_reliable_flow_is_sent_once),
        cmocka_unit_test(an_invite_that_rings_has_no_timeout),
        cmocka_unit_test(a_refusal_is_acknowledged_each_time_it_comes),
        cmocka_unit_test(a_refusal_on_a_reliable_flow_ends_it_with_the_turn),
        cmocka_unit_test(
            an_ack_of_a_refusal_has_the_branch_of_its_invite_and_the_to_of_the_refusal),
        cmocka_unit_test(every_2xx_goes_up_until_timer_m),
        cmocka_unit_test(a_2xx_for_a_forgotten_invite_reaches_the_owner),
        cmocka_unit_test(a_forgotten_invite_that_rings_for_ever_ends),
        cmocka_unit_test(a_2xx_of_another_fork_after_a_refusal_is_stray),
        cmocka_unit_test(an_invite_that_cannot_be_sent_fails_with_the_turn),
        cmocka_unit_test(a_repeat_that_cannot_be_sent_fails_it_too),
        cmocka_unit_test(an_ack_that_cannot_be_sent_ends_it_in_silence),
        cmocka_unit_test(a_lost_flow_fails_an_invite_without_an_answer),
        cmocka_unit_test(a_lost_flow_leaves_an_accepted_invite_to_its_repeats),
        cmocka_unit_test(a_response_with_another_branch_method_or_flow_is_stray),
        cmocka_unit_test(a_request_without_branch_or_with_one_in_use_is_refused),
        cmocka_unit_test(a_fresh_branch_has_the_cookie_and_is_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
