/* Every row of the non-INVITE client machine, in virtual time. */
#include "world.h"

static void a_request_is_repeated_and_times_out(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_OPTIONS);
    advance_ms(&w, 40000);
    CHECK_LADDER(
        &w,
        "0>OPTIONS 500>OPTIONS 1500>OPTIONS 3500>OPTIONS 7500>OPTIONS 11500>OPTIONS 15500>OPTIONS "
        "19500>OPTIONS 23500>OPTIONS 27500>OPTIONS 31500>OPTIONS 32000:timeout");
    world_close(&w);
}

static void a_request_on_a_reliable_flow_is_sent_once(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_REGISTER);
    advance_ms(&w, 40000);
    CHECK_LADDER(&w, "0>REGISTER 32000:timeout");
    world_close(&w);
}

static void a_provisional_answer_slows_repeats_and_keeps_the_timeout(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_OPTIONS);
    advance_ms(&w, 600);
    RECEIVE(&w, .method = "OPTIONS", .status = 100);
    advance_ms(&w, 100);
    RECEIVE(&w, .method = "OPTIONS", .status = 182);
    advance_ms(&w, 40000);
    CHECK_LADDER(&w, "0>OPTIONS 500>OPTIONS 600:100 700:182 1500>OPTIONS 5500>OPTIONS 9500>OPTIONS "
                     "13500>OPTIONS "
                     "17500>OPTIONS 21500>OPTIONS 25500>OPTIONS 29500>OPTIONS 32000:timeout");
    world_close(&w);
}

static void a_final_answer_is_reported_once_and_its_repeats_are_absorbed(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_MESSAGE);
    advance_ms(&w, 600);
    RECEIVE(&w, .method = "MESSAGE", .status = 200, .to_tag = "bobs");
    RECEIVE(&w, .method = "MESSAGE", .status = 200, .to_tag = "bobs");
    RECEIVE(&w, .method = "MESSAGE", .status = 404, .to_tag = "bobs");
    RECEIVE(&w, .method = "MESSAGE", .status = 100);
    advance_to_ms(&w, 5599);
    assert_int_equal(pp_transactions_count(w.table), 1);
    advance_to_ms(&w, 5600);
    RECEIVE(&w, .method = "MESSAGE", .status = 200, .to_tag = "bobs");
    CHECK_LADDER(&w, "0>MESSAGE 500>MESSAGE 600:200 5600:stray-200");
    world_close(&w);
}

static void a_final_answer_on_a_reliable_flow_ends_it_with_the_turn(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    must_start(&w, PP_MESSAGE);
    RECEIVE(&w, .method = "MESSAGE", .status = 100);
    RECEIVE(&w, .method = "MESSAGE", .status = 408, .to_tag = "bobs");
    assert_int_equal(pp_transactions_count(w.table), 1);
    end_turn(&w);
    assert_int_equal(pp_transactions_count(w.table), 0);
    CHECK_LADDER(&w, "0>MESSAGE 0:100 0:408");
    world_close(&w);
}

static void a_request_that_cannot_be_sent_fails_with_the_turn(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    w.deaf = true;
    must_start(&w, PP_BYE);
    CHECK_LADDER(&w, "0!BYE");
    end_turn(&w);
    CHECK_LADDER(&w, "0:transport_error");
    world_close(&w);
}

static void a_lost_flow_fails_a_request(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_BYE);
    RECEIVE(&w, .method = "BYE", .status = 100);
    pp_transactions_flow_lost(w.table, w.flow);
    pp_transactions_flow_lost(w.table, w.flow);
    advance_ms(&w, 1000);
    CHECK_LADDER(&w, "0>BYE 0:100 0:transport_error");
    world_close(&w);
}

static void a_lost_flow_after_the_answer_is_no_error(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_BYE);
    RECEIVE(&w, .method = "BYE", .status = 200, .to_tag = "bobs");
    pp_transactions_flow_lost(w.table, w.flow);
    end_turn(&w);
    CHECK_LADDER(&w, "0>BYE 0:200");
    world_close(&w);
}

static void a_forgotten_request_runs_to_its_end_in_silence(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    must_start(&w, PP_BYE);
    w.client = pp_client_forget(w.client);
    advance_ms(&w, 600);
    RECEIVE(&w, .method = "BYE", .status = 200, .to_tag = "bobs");
    advance_ms(&w, 5000);
    CHECK_LADDER(&w, "0>BYE 500>BYE");
    world_close(&w);
}

static void forget_in_the_last_handler(void *arg, const pp_message *response)
{
    world *w = arg;

    world_response(w, response);
    w->client = pp_client_forget(w->client);
}

static void forget_at_the_timeout(void *arg)
{
    world *w = arg;

    world_timeout(w);
    w->client = pp_client_forget(w->client);
}

static void a_transaction_may_be_forgotten_in_its_last_handler(void **state)
{
    static const pp_client_handlers handlers = {forget_in_the_last_handler, forget_at_the_timeout,
                                                forget_at_the_timeout};
    world w;
    pp_outgoing *request;

    (void)state;
    world_open(&w, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(make_request(PP_INFO, BRANCH, &request), 0);
        assert_int_equal(pp_client_start(w.table, w.flow, request, &handlers, &w, &w.client), 0);
        if (i == 0)
            RECEIVE(&w, .method = "INFO", .status = 200, .to_tag = "bobs");
        else if (i == 1)
            pp_transactions_flow_lost(w.table, w.flow);
        advance_ms(&w, 32000);
        pp_outgoing_unref(request);
        assert_null(w.client);
    }
    CHECK_LADDER(&w, "0>INFO 0:200 32000>INFO 32000:timeout 64000>INFO 96000:timeout");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_repeated_and_times_out),
        cmocka_unit_test(a_request_on_a_reliable_flow_is_sent_once),
        cmocka_unit_test(a_provisional_answer_slows_repeats_and_keeps_the_timeout),
        cmocka_unit_test(a_final_answer_is_reported_once_and_its_repeats_are_absorbed),
        cmocka_unit_test(a_final_answer_on_a_reliable_flow_ends_it_with_the_turn),
        cmocka_unit_test(a_request_that_cannot_be_sent_fails_with_the_turn),
        cmocka_unit_test(a_lost_flow_fails_a_request),
        cmocka_unit_test(a_lost_flow_after_the_answer_is_no_error),
        cmocka_unit_test(a_forgotten_request_runs_to_its_end_in_silence),
        cmocka_unit_test(a_transaction_may_be_forgotten_in_its_last_handler),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
