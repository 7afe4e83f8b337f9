/* media.c - the call and its media: tones that go, mute, figures, a path that is lost. */
#include "unit/ua/support/stage.h"

static void media_becomes(stage *at, pp_media_state state)
{
    at->media->handlers->state(at->media->arg, state, "");
}

static stage *stage_talking(void)
{
    stage *at = stage_in_call();

    media_becomes(at, PP_MEDIA_CONNECTED);
    check_events(at, "media:connected ");
    return at;
}

static void check_tones(stage *at, const char *expected)
{
    pp_buf_char(&at->tones, '\0');
    assert_string_equal(at->tones.p, expected);
    pp_buf_clear(&at->tones);
}

static void tones_go_one_after_the_other(void **state)
{
    stage *at = stage_talking();

    (void)state;
    assert_int_equal(pipit_session_send_dtmf(at->session, "1b", NULL), 0);
    check_events(at, "dtmf:local:1:100:rtp ");
    assert_int_equal(
        pipit_session_send_dtmf(at->session, ",#",
                                &(pipit_dtmf_options){.duration_ms = 9999, .inter_tone_gap_ms = 1}),
        0);
    advance_ms(at, 201);
    check_events(at, "dtmf:local:B:100:rtp ");
    advance_ms(at, 2000);
    check_events(at, "");
    advance_ms(at, 201);
    check_events(at, "dtmf:local:#:6000:rtp ");
    check_tones(at, "1:100:100 B:100:100 #:6000:50 ");
    expect_silence(at);
    stage_free(at);
}

static void tones_wait_for_the_media_path(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    assert_int_equal(pipit_session_send_dtmf(at->session, "5", NULL), 0);
    advance_ms(at, 5000);
    check_events(at, "");
    media_becomes(at, PP_MEDIA_CONNECTED);
    check_events(at, "media:connected dtmf:local:5:100:rtp ");
    stage_free(at);
}

static void tones_go_by_info_when_asked_or_needed(void **state)
{
    stage *at = stage_talking();

    (void)state;
    assert_int_equal(pipit_session_send_dtmf(at->session, "1", &(pipit_dtmf_options){.info = true}),
                     0);
    check_events(at, "dtmf:local:1:100:info ");
    expect_sent(at, "INFO ");
    check_header(at->last, "Content-Type", "application/dtmf-relay");
    assert_true(pp_str_eq_c(at->last->body, "Signal=1\r\nDuration=100"));
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    advance_ms(at, 601);
    at->dtmf_error = PIPIT_ERR_NOT_SUPPORTED;
    assert_int_equal(pipit_session_send_dtmf(at->session, "23", NULL), 0);
    expect_sent(at, "INFO ");
    answer(at, at->last, "500 No tones", NULL, NULL, NULL); /* the rest is dropped */
    advance_ms(at, 10000);
    expect_silence(at);
    check_events(at, "dtmf:local:2:100:info ");
    stage_free(at);
}

static void a_tone_that_is_none_is_refused(void **state)
{
    stage *at = stage_talking();

    (void)state;
    assert_int_equal(pipit_session_send_dtmf(at->session, "12x", NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_send_dtmf(at->session, "", NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_send_dtmf(at->session, NULL, NULL), PIPIT_ERR_ARGUMENT);
    pipit_session_terminate(at->session, NULL);
    assert_int_equal(pipit_session_send_dtmf(at->session, "1", NULL), PIPIT_ERR_STATE);
    check_tones(at, "");
    stage_free(at);
}

static void a_tone_comes_by_rtp_and_counts_once(void **state)
{
    stage *at = stage_talking();

    (void)state;
    at->media->handlers->dtmf(at->media->arg, '7', 160);
    at->media->handlers->dtmf(at->media->arg, '7', 160);
    check_events(at, "dtmf:remote:7:160:rtp dtmf:remote:7:160:rtp ");
    stage_free(at);
}

static void a_tone_sent_both_ways_is_one_tone(void **state)
{
    stage *at = stage_answered();

    (void)state;
    come(at, &(coming){.method = "INFO",
                       .cseq = 2,
                       .to_tag = at->ua->sessions->local_tag,
                       .lines = "Content-Type: application/dtmf-relay\r\n",
                       .body = "Signal=7\r\nDuration=160\r\n",
                       .typed = true});
    advance_ms(at, 300);
    at->media->handlers->dtmf(at->media->arg, '7', 160);
    check_events(at, "dtmf:remote:7:160:info ");
    advance_ms(at, 50);
    at->media->handlers->dtmf(at->media->arg, '7', 160); /* again, by this way */
    check_events(at, "dtmf:remote:7:160:rtp ");
    stage_free(at);
}

static void a_call_is_muted_and_heard_again(void **state)
{
    stage *at = stage_talking();

    (void)state;
    assert_int_equal(pipit_session_mute(at->session, NULL), 0);
    assert_true(at->media->muted && pipit_session_is_muted(at->session).audio);
    assert_int_equal(pipit_session_mute(at->session, NULL), 0);
    assert_int_equal(pipit_session_unmute(at->session, NULL), 0);
    assert_false(at->media->muted);
    check_events(at, "muted unmuted ");
    pipit_session_terminate(at->session, NULL);
    assert_int_equal(pipit_session_mute(at->session, NULL), PIPIT_ERR_STATE);
    stage_free(at);
}

static void a_call_can_be_muted_before_it_is_answered(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    assert_int_equal(pipit_session_mute(at->session, NULL), 0);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    assert_true(at->media->muted);
    stage_free(at);
}

static void the_figures_outlive_the_call(void **state)
{
    stage *at = stage_ringing();
    pipit_stats stats;

    (void)state;
    assert_int_equal(pipit_session_get_stats(at->session, &stats), PIPIT_ERR_STATE);
    pipit_session_answer(at->session, NULL);
    assert_int_equal(pipit_session_get_stats(at->session, &stats), 0);
    pipit_session_terminate(at->session, NULL);
    assert_null(at->media);
    assert_int_equal(pipit_session_get_stats(at->session, &stats), 0);
    assert_string_equal(stats.codec, "fake");
    stage_free(at);
}

static void a_lost_path_ends_the_call(void **state)
{
    stage *at = stage_talking();

    (void)state;
    at->restart_error = PIPIT_ERR_STATE; /* it is no other path that would help */
    at->media->handlers->state(at->media->arg, PP_MEDIA_DISCONNECTED, "");
    at->media->handlers->state(at->media->arg, PP_MEDIA_FAILED, "no consent for 30 s");
    expect_sent(at, "BYE ");
    check_header(at->last, "Reason", "SIP ;cause=408 ;text=\"RTP Timeout\"");
    check_events(at, "media:disconnected media:failed ended:system:RTP Timeout ");
    assert_string_equal(at->reason, "no consent for 30 s");
    stage_free(at);
}

static void a_path_that_fails_early_cancels_the_call(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    media_becomes(at, PP_MEDIA_FAILED);
    expect_sent(at, "CANCEL ");
    check_events(at, "progress:remote media:failed failed:system:RTP Timeout ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_go_one_after_the_other),
        cmocka_unit_test(tones_wait_for_the_media_path),
        cmocka_unit_test(tones_go_by_info_when_asked_or_needed),
        cmocka_unit_test(a_tone_that_is_none_is_refused),
        cmocka_unit_test(a_tone_comes_by_rtp_and_counts_once),
        cmocka_unit_test(a_tone_sent_both_ways_is_one_tone),
        cmocka_unit_test(a_call_is_muted_and_heard_again),
        cmocka_unit_test(a_call_can_be_muted_before_it_is_answered),
        cmocka_unit_test(the_figures_outlive_the_call),
        cmocka_unit_test(a_lost_path_ends_the_call),
        cmocka_unit_test(a_path_that_fails_early_cancels_the_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
