/* survive.c - tests of what a call does by itself when its connection or its media path is lost, message by message. */
#include "unit/ua/support/stage.h"

static void lose_connection(stage *at)
{
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    check_events(at, "disconnected:error ");
}

/* Reconnected, and the call's re-INVITE is out. */
static void come_back(stage *at)
{
    wait_sent(at, "INVITE sip:bob@far.invalid;transport=ws SIP/2.0", 6000);
    check_events(at, "connected ");
    assert_true(header_holds(at->last, "Contact", "<sip:"));
    assert_true(pp_str_starts(at->last->body, "v=0 our offer"));
}

static void refuse(stage *at, const char *status)
{
    answer(at, at->last, status, NULL, NULL, NULL);
    expect_sent(at, "ACK ");
}

static void media_is(stage *at, pp_media_state state)
{
    at->media->handlers->state(at->media->arg, state, state == PP_MEDIA_FAILED ? "lost" : "");
}

/* In a call whose media is connected. */
static stage *stage_in_talk(void)
{
    stage *at = stage_in_call();

    media_is(at, PP_MEDIA_CONNECTED);
    check_events(at, "media:connected ");
    return at;
}

static void a_call_offers_again_once_behind_a_new_connection(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    lose_connection(at);
    come_back(at);
    assert_int_equal(at->restarts, 1);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "reoffered:local ");
    advance_ms(at, 60000);
    expect_silence(at);
    stage_free(at);
}

static void a_call_waits_for_the_registration(void **state)
{
    stage *at = stage_new(
        &(pipit_ua_configuration){.uri = "sip:alice@example.com", .no_session_timers = true});

    (void)state;
    pipit_ua_start(at->ua);
    wait_sent(at, "REGISTER ", 1000);
    answer(at, at->last, "200 OK", "r", NULL, NULL);
    call_out(at);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    wait_sent(at, "REGISTER ", 6000);
    advance_ms(at, 3000);
    expect_silence(at);
    answer(at, at->last, "403 Forbidden", "r", NULL, NULL); /* the dialog may go on even so */
    wait_sent(at, "INVITE ", 1001);
    stage_free(at);
}

static void a_connection_that_goes_again_is_met_by_the_next(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        lose_connection(at);
        come_back(at);
    }
    assert_int_equal(at->rollbacks, 2);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "reoffered:local ");
    stage_free(at);
}

static void a_refused_restart_is_followed_by_a_plain_offer(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    lose_connection(at);
    come_back(at);
    assert_true(at->media->restart_wanted);
    refuse(at, "488 Not Acceptable Here");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_false(at->media->restart_wanted);
    refuse(at, "488 Not Acceptable Here");
    advance_ms(at, 60000);
    expect_silence(at);
    check_events(at, "");
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    stage_free(at);
}

/* It lost its connection, too, and its proxy does not find it yet. */
static void a_far_end_that_is_not_back_yet_is_asked_again(void **state)
{
    static const char *const statuses[] = {"480 Temporarily Unavailable", "408 Request Timeout",
                                           "503 Service Unavailable", "430 Flow Failed"};
    stage *at = stage_in_call();

    (void)state;
    lose_connection(at);
    come_back(at);
    for (size_t i = 0; i < 4; i++) {
        refuse(at, statuses[i]);
        advance_ms(at, 1900);
        expect_silence(at);
        wait_sent(at, "INVITE ", 16000);
    }
    advance_ms(at, 33000); /* not a word */
    wait_sent(at, "INVITE ", 16000);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "reoffered:local ");
    stage_free(at);
}

static void a_far_end_that_does_not_come_back_is_left_alone(void **state)
{
    stage *at = stage_in_call();
    unsigned asked = 1;

    (void)state;
    lose_connection(at);
    come_back(at);
    for (; asked < 20; asked++) {
        refuse(at, "480 Temporarily Unavailable");
        advance_ms(at, 16001);
        if (!next_sent(at))
            break;
    }
    assert_int_equal(asked, 8);
    check_events(at, ""); /* its media tells whether it is there */
    stage_free(at);
}

static void a_call_the_far_end_has_forgotten_is_over(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    lose_connection(at);
    come_back(at);
    refuse(at, "481 Call/Transaction Does Not Exist");
    check_events(at, "ended:remote:Dialog Error ");
    assert_string_equal(at->reason, "the far end does not know the call any more");
    expect_silence(at);
    stage_free(at);
}

static void a_call_does_nothing_by_itself_when_told_so(void **state)
{
    const pipit_ua_configuration configuration = {.uri = "sip:alice@example.com",
                                                  .no_session_timers = true,
                                                  .no_register = true,
                                                  .no_call_recovery = true};
    stage *at = stage_new(&configuration);

    (void)state;
    pipit_ua_start(at->ua);
    advance_ms(at, 10);
    call_out(at);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 30000);
    expect_silence(at);
    media_is(at, PP_MEDIA_CONNECTED);
    media_is(at, PP_MEDIA_DISCONNECTED);
    advance_ms(at, 10000);
    expect_silence(at);
    media_is(at, PP_MEDIA_FAILED);
    expect_sent(at, "BYE ");
    stage_free(at);
}

/* --- the media path --------------------------------------------------------------------------- */

static void a_lost_path_is_restarted(void **state)
{
    stage *at = stage_in_talk();

    (void)state;
    media_is(at, PP_MEDIA_DISCONNECTED);
    expect_silence(at); /* a far end that hangs up looks the same at first */
    wait_sent(at, "INVITE ", 600);
    assert_int_equal(at->restarts, 1);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    media_is(at, PP_MEDIA_CHECKING);
    media_is(at, PP_MEDIA_CONNECTED);
    advance_ms(at, 60000);
    check_events(at, "media:disconnected reoffered:local media:checking media:connected ");
    expect_silence(at);
    media_is(at, PP_MEDIA_DISCONNECTED); /* and another time */
    wait_sent(at, "INVITE ", 600);
    stage_free(at);
}

static void a_path_that_is_not_found_in_time_ends_the_call(void **state)
{
    stage *at = stage_in_talk();

    (void)state;
    media_is(at, PP_MEDIA_DISCONNECTED);
    wait_sent(at, "INVITE ", 600);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    media_is(at, PP_MEDIA_CHECKING);
    advance_ms(at, 14000);
    expect_silence(at);
    advance_ms(at, 1000);
    expect_sent(at, "BYE ");
    check_header(at->last, "Reason", "SIP ;cause=408 ;text=\"RTP Timeout\"");
    check_events(at, "media:disconnected reoffered:local media:checking ended:system:RTP Timeout ");
    stage_free(at);
}

/* ICE itself has not given the old path up yet. */
static void an_old_path_may_come_back_behind_the_limit(void **state)
{
    stage *at = stage_in_talk();

    (void)state;
    media_is(at, PP_MEDIA_DISCONNECTED);
    wait_sent(at, "INVITE ", 600);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    advance_ms(at, 20000);
    expect_silence(at);
    media_is(at, PP_MEDIA_CONNECTED);
    advance_ms(at, 20000);
    expect_silence(at);
    media_is(at, PP_MEDIA_DISCONNECTED);
    wait_sent(at, "INVITE ", 600);
    advance_ms(at, 20000);
    media_is(at, PP_MEDIA_FAILED);
    expect_sent(at, "BYE ");
    stage_free(at);
}

static void a_lost_path_waits_for_the_connection(void **state)
{
    stage *at = stage_in_talk();

    (void)state;
    lose_connection(at);
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    media_is(at, PP_MEDIA_DISCONNECTED);
    media_is(at, PP_MEDIA_FAILED);
    wait_sent(at, "INVITE ", 6000);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    media_is(at, PP_MEDIA_CONNECTED);
    advance_ms(at, 60000);
    expect_silence(at);
    stage_free(at);
}

static void a_restart_that_is_refused_ends_the_call_with_its_path(void **state)
{
    stage *at = stage_in_talk();

    (void)state;
    media_is(at, PP_MEDIA_DISCONNECTED);
    wait_sent(at, "INVITE ", 600);
    refuse(at, "488 Not Acceptable Here");
    advance_ms(at, 14000);
    expect_silence(at);
    media_is(at, PP_MEDIA_FAILED);
    expect_sent(at, "BYE ");
    assert_string_equal(at->reason, "lost");
    stage_free(at);
}

/* --- last words ------------------------------------------------------------------------------- */

static void a_bye_follows_over_the_next_connection(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    lose_connection(at);
    at->mute_socket = true;
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    advance_ms(at, 1);
    check_events(at, "ended:local:Terminated ");
    at->mute_socket = false;
    wait_sent(at, "BYE sip:bob@far.invalid;transport=ws SIP/2.0", 6000);
    assert_null(next_sent(at));
    answer(at, at->last, "481 Call/Transaction Does Not Exist", NULL, NULL, NULL);
    advance_ms(at, 60000);
    expect_silence(at);
    stage_free(at);
}

static void a_bye_without_an_answer_goes_again(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    expect_sent(at, "BYE ");
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    wait_sent(at, "BYE ", 6000);
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    check_events(at, "ended:local:Terminated disconnected:error connected ");
    lose_connection(at);
    advance_ms(at, 6000);
    expect_silence(at);
    stage_free(at);
}

static void a_bye_is_forgotten_after_a_while(void **state)
{
    const pipit_ua_configuration configuration = {.uri = "sip:alice@example.com",
                                                  .no_session_timers = true,
                                                  .no_register = true,
                                                  .connection_recovery_min_interval = 40,
                                                  .connection_recovery_max_interval = 41};
    stage *at = stage_new(&configuration);

    (void)state;
    pipit_ua_start(at->ua);
    advance_ms(at, 10);
    call_out(at);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    advance_ms(at, 60000);
    assert_true(pipit_ua_is_connected(at->ua));
    expect_silence(at);
    stage_free(at);
}

static void a_call_that_rings_there_is_cancelled_when_the_connection_is_back(void **state)
{
    stage *at = stage_calling();
    pp_str branch = at->invite->via.branch;

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    check_events(at, "progress:remote ");
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    wait_sent(at, "CANCEL sip:bob@example.com SIP/2.0", 6000);
    assert_true(pp_str_eq(at->last->via.branch, branch)); /* by which its INVITE is found */
    check_events(at, "failed:system:Connection Error disconnected:error connected ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    advance_ms(at, 60000);
    expect_silence(at);
    stage_free(at);
}

/* --- the network changes ---------------------------------------------------------------------- */

static void a_call_whose_address_is_gone_restarts_ice(void **state)
{
    stage *at = stage_in_talk();

    (void)state;
    assert_int_equal(pipit_ua_network_changed(at->ua), 0);
    advance_ms(at, 5000);
    expect_silence(at); /* its own address is still there */
    at->stranded = true;
    assert_int_equal(pipit_ua_network_changed(at->ua), 0);
    wait_sent(at, "INVITE ", 500);
    assert_int_equal(at->restarts, 1);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "reoffered:local ");
    at->stranded = false;
    advance_ms(at, 60000);
    expect_silence(at);
    stage_free(at);
}

static void what_changes_during_a_restart_is_met_by_another(void **state)
{
    stage *at = stage_in_talk();

    (void)state;
    at->stranded = true;
    assert_int_equal(pipit_ua_network_changed(at->ua), 0);
    wait_sent(at, "INVITE ", 500);
    assert_int_equal(pipit_ua_network_changed(at->ua), 0);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    wait_sent(at, "INVITE ", 500);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    at->stranded = false;
    advance_ms(at, 60000);
    expect_silence(at);
    stage_free(at);
}

static void a_call_that_looks_for_a_path_looks_with_new_addresses(void **state)
{
    stage *at = stage_in_talk();

    (void)state;
    media_is(at, PP_MEDIA_DISCONNECTED);
    wait_sent(at, "INVITE ", 1000);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    advance_ms(at, 2000);
    expect_silence(at);
    assert_int_equal(pipit_ua_network_changed(at->ua), 0);
    wait_sent(at, "INVITE ", 500);
    stage_free(at);
}

static void a_connection_is_not_waited_for_when_the_network_changes(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    lose_connection(at);
    assert_int_equal(pipit_ua_network_changed(at->ua), 0);
    advance_ms(at, 10);
    check_events(at, "connected "); /* and not in two seconds */
    stage_free(at);
}

static void nothing_is_done_for_who_was_not_started(void **state)
{
    stage *at = stage_new(NULL);

    (void)state;
    assert_int_equal(pipit_ua_network_changed(at->ua), 0);
    advance_ms(at, 5000);
    check_events(at, "");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_offers_again_once_behind_a_new_connection),
        cmocka_unit_test(a_call_waits_for_the_registration),
        cmocka_unit_test(a_connection_that_goes_again_is_met_by_the_next),
        cmocka_unit_test(a_refused_restart_is_followed_by_a_plain_offer),
        cmocka_unit_test(a_far_end_that_is_not_back_yet_is_asked_again),
        cmocka_unit_test(a_far_end_that_does_not_come_back_is_left_alone),
        cmocka_unit_test(a_call_the_far_end_has_forgotten_is_over),
        cmocka_unit_test(a_call_does_nothing_by_itself_when_told_so),
        cmocka_unit_test(a_lost_path_is_restarted),
        cmocka_unit_test(a_path_that_is_not_found_in_time_ends_the_call),
        cmocka_unit_test(an_old_path_may_come_back_behind_the_limit),
        cmocka_unit_test(a_lost_path_waits_for_the_connection),
        cmocka_unit_test(a_restart_that_is_refused_ends_the_call_with_its_path),
        cmocka_unit_test(a_bye_follows_over_the_next_connection),
        cmocka_unit_test(a_bye_without_an_answer_goes_again),
        cmocka_unit_test(a_bye_is_forgotten_after_a_while),
        cmocka_unit_test(a_call_that_rings_there_is_cancelled_when_the_connection_is_back),
        cmocka_unit_test(a_call_whose_address_is_gone_restarts_ice),
        cmocka_unit_test(what_changes_during_a_restart_is_met_by_another),
        cmocka_unit_test(a_call_that_looks_for_a_path_looks_with_new_addresses),
        cmocka_unit_test(a_connection_is_not_waited_for_when_the_network_changes),
        cmocka_unit_test(nothing_is_done_for_who_was_not_started),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
