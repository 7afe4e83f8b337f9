/* Every row of the INVITE server machine, in virtual time. */
#include "world.h"

static void answer(world *w, int status)
{
    assert_int_equal(pp_server_answer(w->server, status, NULL, "bobs"), 0);
}

static void an_invite_gets_100_when_nobody_answers_within_200_ms(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    advance_ms(&w, 1000);
    CHECK_LADDER(&w, "0:INVITE 200>100");
    assert_null(strstr(w.sent, "To: <sip:bob@example.com>;tag="));
    answer(&w, 486);
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    end_turn(&w);
    CHECK_LADDER(&w, "1000>486 1000:terminated");
    world_close(&w);
}

static void an_invite_answered_at_once_gets_no_100(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    advance_ms(&w, 100);
    answer(&w, 180);
    advance_ms(&w, 50000);
    CHECK_LADDER(&w, "0:INVITE 100>180");
    answer(&w, 200);
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "50100>200 82100:terminated");
    world_close(&w);
}

/* Section 13.3.1.1: proxies cancel what they have heard nothing of for three minutes. */
static void a_call_that_rings_for_long_is_told_of_every_minute(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 180);
    advance_ms(&w, 70000);
    answer(&w, 183);
    advance_ms(&w, 125000);
    CHECK_LADDER(&w, "0:INVITE 0>180 60000>180 70000>183 130000>183 190000>183");
    answer(&w, 486);
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    advance_ms(&w, 100000);
    CHECK_LADDER(&w, "195000>486 195000:terminated");
    world_close(&w);
}

static void a_call_that_is_only_tried_is_not_told_of_again(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 100);
    advance_ms(&w, 100000);
    CHECK_LADDER(&w, "0:INVITE 0>100");
    answer(&w, 486);
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    end_turn(&w);
    CHECK_LADDER(&w, "100000>486 100000:terminated");
    world_close(&w);
}

static void a_repeated_invite_gets_the_last_provisional_answer_again(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    RECEIVE(&w, .method = "INVITE");
    RECEIVE(&w, .method = "INVITE"); /* nothing to repeat yet */
    answer(&w, 180);
    answer(&w, 183);
    advance_ms(&w, 500);
    RECEIVE(&w, .method = "INVITE");
    CHECK_LADDER(&w, "0:INVITE 0>180 0>183 500>183");
    answer(&w, 200);
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "500>200 32500:terminated");
    world_close(&w);
}

static void a_refusal_is_repeated_until_its_ack(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 486);
    advance_ms(&w, 600);
    RECEIVE(&w, .method = "INVITE");
    advance_ms(&w, 7000);
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    CHECK_LADDER(&w, "0:INVITE 0>486 500>486 600>486 1500>486 3500>486 7500>486");
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    RECEIVE(&w, .method = "INVITE");
    advance_ms(&w, 4999);
    assert_int_equal(pp_transactions_count(w.table), 1);
    advance_ms(&w, 1);
    CHECK_LADDER(&w, "12600:terminated");
    world_close(&w);
}

static void a_refusal_without_ack_is_given_up(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 404);
    advance_ms(&w, 40000);
    CHECK_LADDER(
        &w,
        "0:INVITE 0>404 500>404 1500>404 3500>404 7500>404 11500>404 15500>404 19500>404 23500>404 "
        "27500>404 31500>404 32000:no_ack 32000:terminated");
    world_close(&w);
}

static void a_refusal_on_a_reliable_flow_is_sent_once_and_waits_for_its_ack(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 404);
    RECEIVE(&w, .method = "INVITE");
    advance_ms(&w, 40000);
    CHECK_LADDER(&w, "0:INVITE 0>404 0>404 32000:no_ack 32000:terminated");
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 404);
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    CHECK_LADDER(&w, "40000:INVITE 40000>404");
    end_turn(&w);
    CHECK_LADDER(&w, "40000:terminated");
    world_close(&w);
}

static void an_ack_of_a_2xx_goes_to_the_owner(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 200);
    RECEIVE(&w, .method = "INVITE"); /* absorbed */
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs",
            .via = "SIP/2.0/WS a.invalid;branch=z9hG4bKack"); /* as it should be */
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");           /* its INVITE's branch */
    advance_ms(&w, 31999);
    assert_int_equal(pp_transactions_count(w.table), 1);
    advance_ms(&w, 1);
    CHECK_LADDER(&w, "0:INVITE 0>200 0:stray-ACK 0:stray-ACK 32000:terminated");
    world_close(&w);
}

static void an_accepted_invite_that_was_let_go_is_remembered_until_timer_l(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 200);
    w.server = pp_server_forget(w.server);
    RECEIVE(&w, .method = "INVITE");                /* absorbed */
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs"); /* with its INVITE's branch */
    RECEIVE(&w, .method = "CANCEL");
    CHECK_LADDER(&w, "0:INVITE 0>200 0:stray-ACK 0>200");
    advance_ms(&w, 31999);
    assert_int_equal(pp_transactions_count(w.table), 1);
    advance_ms(&w, 1);
    assert_int_equal(pp_transactions_count(w.table), 0);
    world_close(&w);
}

static void a_copy_of_an_accepted_invite_that_was_let_go_is_merged(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 200);
    w.server = pp_server_forget(w.server);
    RECEIVE(&w, .method = "INVITE", .via = "SIP/2.0/WS proxy.invalid;branch=z9hG4bKsecond");
    assert_true(pp_server_is_merged(w.server));
    answer(&w, 482);
    advance_ms(&w, 40000);
    world_close(&w);
}

static void notes_of_accepted_invites_go_in_their_order_and_with_their_flow(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    for (unsigned i = 0; i < 3; i++) {
        char via[64];

        snprintf(via, sizeof(via), "SIP/2.0/WS a.invalid;branch=z9hG4bKn%u", i);
        RECEIVE(&w, .method = "INVITE", .via = via, .call_id = via + 28);
        answer(&w, 200);
        w.server = pp_server_forget(w.server);
        advance_ms(&w, 1000);
    }
    advance_to_ms(&w, 32000);
    assert_int_equal(pp_transactions_count(w.table), 2);
    advance_to_ms(&w, 33000);
    assert_int_equal(pp_transactions_count(w.table), 1);
    pp_transactions_flow_lost(w.table, w.flow);
    assert_int_equal(pp_transactions_count(w.table), 0);
    world_close(&w);
}

static void a_2xx_is_repeated_by_its_owner_and_nothing_else_is(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 200);
    advance_ms(&w, 500);
    answer(&w, 200);
    assert_int_equal(pp_server_answer(w.server, 486, NULL, "bobs"), PIPIT_ERR_STATE);
    assert_int_equal(pp_server_answer(w.server, 180, NULL, "bobs"), PIPIT_ERR_STATE);
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "0:INVITE 0>200 500>200 32000:terminated");
    world_close(&w);
}

static void a_second_final_answer_is_an_error(void **state)
{
    world w;

    (void)state;
    world_open(&w, false);
    RECEIVE(&w, .method = "INVITE");
    assert_false(pp_server_has_final(w.server));
    answer(&w, 180);
    assert_false(pp_server_has_final(w.server));
    answer(&w, 302);
    assert_true(pp_server_has_final(w.server));
    assert_int_equal(pp_server_answer(w.server, 200, NULL, "bobs"), PIPIT_ERR_STATE);
    assert_int_equal(pp_server_answer(w.server, 486, NULL, "bobs"), PIPIT_ERR_STATE);
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    assert_int_equal(pp_server_answer(w.server, 486, NULL, "bobs"), PIPIT_ERR_STATE);
    advance_ms(&w, 5000);
    CHECK_LADDER(&w, "0:INVITE 0>180 0>302 5000:terminated");
    world_close(&w);
}

static void an_ack_before_any_answer_is_ignored(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    RECEIVE(&w, .method = "ACK");
    answer(&w, 200);
    advance_ms(&w, 32000);
    CHECK_LADDER(&w, "0:INVITE 0>200 32000:terminated");
    world_close(&w);
}

static void a_stray_ack_goes_to_the_owner_without_a_transaction(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
    CHECK_LADDER(&w, "0:stray-ACK");
    assert_int_equal(pp_transactions_count(w.table), 0);
    world_close(&w);
}

static void an_answer_that_cannot_be_sent_ends_it_with_the_turn(void **state)
{
    static const int answers[] = {180, 200, 486};
    world w;

    (void)state;
    world_open(&w, false);
    for (int i = 0; i < 3; i++) {
        w.deaf = false;
        RECEIVE(&w, .method = "INVITE");
        w.deaf = true;
        answer(&w, answers[i]);
        assert_non_null(w.server);
        end_turn(&w);
        assert_null(w.server);
    }
    CHECK_LADDER(
        &w, "0:INVITE 0!180 0:terminated 0:INVITE 0!200 0:terminated 0:INVITE 0!486 0:terminated");
    world_close(&w);
}

static void a_lost_flow_ends_it_in_every_state(void **state)
{
    static const int answers[] = {0, 180, 200, 486};
    world w;

    (void)state;
    world_open(&w, false);
    for (int i = 0; i < 4; i++) {
        RECEIVE(&w, .method = "INVITE");
        if (answers[i])
            answer(&w, answers[i]);
        if (i == 3)
            RECEIVE(&w, .method = "ACK", .to_tag = "bobs");
        clear_ladder(&w);
        pp_transactions_flow_lost(w.table, w.flow);
        if (i < 2)
            answer(&w, 480); /* goes nowhere: the flow is not named any more */
        CHECK_LADDER(&w, "");
        end_turn(&w);
        CHECK_LADDER(&w, "0:terminated");
    }
    world_close(&w);
}

static void an_invite_nobody_listens_to_is_refused_in_the_end(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    w.listens = false;
    RECEIVE(&w, .method = "INVITE");
    advance_ms(&w, 70000);
    CHECK_LADDER(&w, "0:INVITE 200>100 32000>500");
    world_close(&w);
}

static void an_invite_that_is_forgotten_is_refused_in_the_end(void **state)
{
    world w;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    answer(&w, 180);
    advance_ms(&w, 100000);
    w.server = pp_server_forget(w.server);
    advance_ms(&w, 70000);
    CHECK_LADDER(&w, "0:INVITE 0>180 60000>180 120000>180 132000>500");
    assert_non_null(strstr(w.sent, ";tag=bobs")); /* the tag it had */
    world_close(&w);
}

static void all_answers_have_the_same_to_tag(void **state)
{
    world w;
    pp_message *ringing, *busy;

    (void)state;
    world_open(&w, true);
    RECEIVE(&w, .method = "INVITE");
    assert_int_equal(pp_server_answer(w.server, 180, "Just Ringing", NULL), 0);
    assert_int_equal(pp_message_parse(pp_str_c(w.sent), &ringing), 0);
    assert_int_equal(pp_server_answer(w.server, 486, NULL, NULL), 0);
    assert_int_equal(pp_message_parse(pp_str_c(w.sent), &busy), 0);
    assert_true(pp_str_eq_c(ringing->reason, "Just Ringing"));
    assert_int_equal(ringing->to_tag.n, 20);
    assert_true(pp_str_eq(ringing->to_tag, busy->to_tag));
    pp_message_unref(ringing);
    pp_message_unref(busy);
    advance_ms(&w, 32000);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invite_gets_100_when_nobody_answers_within_200_ms),
        cmocka_unit_test(an_invite_answered_at_once_gets_no_100),
        cmocka_unit_test(a_call_that_rings_for_long_is_told_of_every_minute),
        cmocka_unit_test(a_call_that_is_only_tried_is_not_told_of_again),
        cmocka_unit_test(a_repeated_invite_gets_the_last_provisional_answer_again),
        cmocka_unit_test(a_refusal_is_repeated_until_its_ack),
        cmocka_unit_test(a_refusal_without_ack_is_given_up),
        cmocka_unit_test(a_refusal_on_a_reliable_flow_is_sent_once_and_waits_for_its_ack),
        cmocka_unit_test(an_ack_of_a_2xx_goes_to_the_owner),
        cmocka_unit_test(a_2xx_is_repeated_by_its_owner_and_nothing_else_is),
        cmocka_unit_test(a_second_final_answer_is_an_error),
        cmocka_unit_test(an_ack_before_any_answer_is_ignored),
        cmocka_unit_test(a_stray_ack_goes_to_the_owner_without_a_transaction),
        cmocka_unit_test(an_accepted_invite_that_was_let_go_is_remembered_until_timer_l),
        cmocka_unit_test(a_copy_of_an_accepted_invite_that_was_let_go_is_merged),
        cmocka_unit_test(notes_of_accepted_invites_go_in_their_order_and_with_their_flow),
        cmocka_unit_test(an_answer_that_cannot_be_sent_ends_it_with_the_turn),
        cmocka_unit_test(a_lost_flow_ends_it_in_every_state),
        cmocka_unit_test(an_invite_nobody_listens_to_is_refused_in_the_end),
        cmocka_unit_test(an_invite_that_is_forgotten_is_refused_in_the_end),
        cmocka_unit_test(all_answers_have_the_same_to_tag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
