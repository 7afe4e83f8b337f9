/* Every row of the non-INVITE server machine, in virtual time. */
#include "world.h"

static void a_repeated_request_is_absorbed_before_an_answer(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    RECEIVE(&w, .method = "OPTIONS");
    RECEIVE(&w, .method = "OPTIONS");
    CHECK_LADDER(&w, "0:OPTIONS");
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "32000:terminated");
    world_close(&w);
}

static void a_repeated_request_gets_the_last_answer_again(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    RECEIVE(&w, .method = "OPTIONS");
    assert_int_equal(pp_server_answer(w.server, 100, NULL, NULL), 0);
    RECEIVE(&w, .method = "OPTIONS");
    assert_int_equal(pp_server_answer(w.server, 182, NULL, NULL), 0);
    RECEIVE(&w, .method = "OPTIONS");
    advance_ms(&w, 1000);
    assert_int_equal(pp_server_answer(w.server, 200, NULL, NULL), 0);
    RECEIVE(&w, .method = "OPTIONS");
    CHECK_LADDER(&w, "0:OPTIONS 0>100 0>100 0>182 0>182 1000>200 1000>200");
    advance_ms(&w, 31999);
    RECEIVE(&w, .method = "OPTIONS");
    advance_ms(&w, 1);
    CHECK_LADDER(&w, "32999>200 33000:terminated");
    world_close(&w);
}

static void an_answer_on_a_reliable_flow_ends_it_with_the_turn(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "OPTIONS");
    assert_int_equal(pp_server_answer(w.server, 404, NULL, NULL), 0);
    CHECK_LADDER(&w, "0:OPTIONS 0>404");
    end_turn(&w);
    CHECK_LADDER(&w, "0:terminated");
    RECEIVE(&w, .method = "OPTIONS"); /* a new one */
    CHECK_LADDER(&w, "0:OPTIONS");
    assert_int_equal(pp_server_answer(w.server, 404, NULL, NULL), 0);
    end_turn(&w);
    world_close(&w);
}

static void a_second_final_answer_is_an_error(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "OPTIONS");
    assert_int_equal(pp_server_answer(w.server, 404, NULL, NULL), 0);
    assert_true(pp_server_has_final(w.server));
    assert_int_equal(pp_server_answer(w.server, 200, NULL, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pp_server_answer(w.server, 100, NULL, NULL), PIPIT_ERR_STATE);
    end_turn(&w);
    CHECK_LADDER(&w, "0:OPTIONS 0>404 0:terminated");
    world_close(&w);
}

/* RFC 4320 section 4.2: nobody waits any more. */
static void a_request_nobody_answers_ends_when_its_client_gave_up(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "MESSAGE");
    assert_int_equal(pp_server_answer(w.server, 100, NULL, NULL), 0);
    advance_ms(&w, 31999);
    assert_int_equal(pp_transactions_count(w.table), 1);
    advance_ms(&w, 1);
    CHECK_LADDER(&w, "0:MESSAGE 0>100 32000:terminated");
    world_close(&w);
}

static void an_answer_that_cannot_be_sent_ends_it_with_the_turn(void **state)
{
    static const int answers[] = {182, 200, 403};
    world w;

    (void)state;
    world_open(&w, false);
    w.deaf = true;
    for (int i = 0; i < 3; i++) {
        RECEIVE(&w, .method = "INFO");
        assert_int_equal(pp_server_answer(w.server, answers[i], NULL, NULL), 0);
        assert_non_null(w.server);
        end_turn(&w);
        assert_null(w.server);
    }
    CHECK_LADDER(&w,
                 "0:INFO 0!182 0:terminated 0:INFO 0!200 0:terminated 0:INFO 0!403 0:terminated");
    world_close(&w);
}

static void a_lost_flow_ends_it_in_every_state(void **state)
{
    static const int answers[] = {0, 100, 200};
    world w;

    (void)state;
    world_open(&w, false);
    for (int i = 0; i < 3; i++) {
        RECEIVE(&w, .method = "INFO");
        if (answers[i])
            assert_int_equal(pp_server_answer(w.server, answers[i], NULL, NULL), 0);
        clear_ladder(&w);
        pp_transactions_flow_lost(w.table, w.flow);
        CHECK_LADDER(&w, "");
        end_turn(&w);
        CHECK_LADDER(&w, "0:terminated");
    }
    world_close(&w);
}

static void an_unknown_method_is_a_request_like_any_other(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    w.answers = 405;
    RECEIVE(&w, .method = "NEWMETHOD");
    RECEIVE(&w, .method = "NEWMETHOD");
    RECEIVE(&w, .method = "OTHERMETHOD"); /* the same branch: the method is part of the key */
    CHECK_LADDER(&w, "0>405 0:NEWMETHOD 0>405 0>405 0:OTHERMETHOD");
    advance_ms(&w, 32000);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_request_is_absorbed_before_an_answer),
        cmocka_unit_test(a_repeated_request_gets_the_last_answer_again),
        cmocka_unit_test(an_answer_on_a_reliable_flow_ends_it_with_the_turn),
        cmocka_unit_test(a_second_final_answer_is_an_error),
        cmocka_unit_test(a_request_nobody_answers_ends_when_its_client_gave_up),
        cmocka_unit_test(an_answer_that_cannot_be_sent_ends_it_with_the_turn),
        cmocka_unit_test(a_lost_flow_ends_it_in_every_state),
        cmocka_unit_test(an_unknown_method_is_a_request_like_any_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
