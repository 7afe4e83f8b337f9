/* session_timers.c - session timers (RFC 4028): asked for, agreed, too short, refreshed in both ways, expired. */
#include "unit/ua/support/stage.h"

#define TIMER "Supported: timer\r\n"

static int with_timers(void **state)
{
    (void)state;
    session_timers_on_stage = true;
    return 0;
}

static stage *started(const pipit_ua_configuration *configuration)
{
    pipit_ua_configuration c = *configuration;
    stage *at;

    c.uri = "sip:alice@example.com";
    c.no_register = true;
    at = stage_new(&c);
    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    pp_buf_clear(&at->log);
    return at;
}

static void answer_it(stage *at)
{
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
}

static stage *stage_answered_with(const char *lines)
{
    stage *at = stage_connected();

    call_in(at, lines, OFFER);
    answer_it(at);
    acknowledge(at, NULL);
    pp_buf_clear(&at->log);
    return at;
}

/* In a call of ours; the far end's 2xx has those lines. */
static stage *stage_called_with(const pipit_ua_configuration *c, const char *lines)
{
    stage *at = started(c);
    char all[256];

    call_out(at);
    snprintf(all, sizeof(all), CONTACT "%s", lines);
    answer(at, at->invite, "200 OK", "far", all, ANSWER);
    expect_sent(at, "ACK ");
    pp_buf_clear(&at->log);
    return at;
}

/* --- asked for -------------------------------------------------------------------------------- */

static void a_call_asks_for_a_timer(void **state)
{
    static const struct {
        pipit_ua_configuration configuration;
        unsigned expires;
        const char *header;
    } cases[] = {
        {{0}, 0, "90"},
        {{0}, 600, "600"},
        {{0}, 59, "90"}, /* JsSIP: too short is as if nothing was said */
        {{.session_timers_expires = 1800}, 0, "1800"},
        {{.session_timers_force_refresher = true}, 0, "90;refresher=uac"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        stage *at = started(&cases[i].configuration);
        pipit_call_options options = *call_options(at);

        options.session_timers_expires = cases[i].expires;
        assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
        advance_ms(at, 1);
        expect_sent(at, "INVITE ");
        check_header(at->last, "Session-Expires", cases[i].header);
        check_header(at->last, "Min-SE", NULL);
        assert_true(header_holds(at->last, "Supported", "timer"));
        stage_free(at);
    }
}

static void a_user_agent_without_timers_says_nothing_of_them(void **state)
{
    stage *at;

    (void)state;
    session_timers_on_stage = false;
    at = stage_in_call();
    session_timers_on_stage = true;
    check_header(at->invite, "Session-Expires", NULL);
    assert_false(header_holds(at->invite, "Supported", "timer"));
    advance_ms(at, 7200000);
    expect_silence(at);
    check_events(at, "");
    stage_free(at);
}

static void a_call_that_asked_for_too_little_asks_once_more(void **state)
{
    stage *at = started(&(pipit_ua_configuration){0});
    uint32_t cseq;
    char call_id[128];

    (void)state;
    call_out(at);
    cseq = at->invite->cseq;
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->invite->call_id));
    answer(at, at->invite, "422 Session Interval Too Small", "far", "Min-SE: 1800\r\n", NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE sip:bob@example.com SIP/2.0");
    check_header(at->last, "Session-Expires", "1800");
    check_header(at->last, "Min-SE", "1800");
    check_header(at->last, "Call-ID", call_id);
    assert_int_equal(at->last->cseq, cseq + 1);
    pp_buf_clear(&at->log);
    answer(at, at->last, "422 Session Interval Too Small", "far", "Min-SE: 1800\r\n", NULL);
    expect_sent(at, "ACK ");
    check_events(at, "failed:remote:SIP Failure Code "); /* it does not know what it wants */
    stage_free(at);
}

/* --- agreed ----------------------------------------------------------------------------------- */

static void a_caller_who_asks_for_too_little_is_told_what_is_enough(void **state)
{
    stage *at = started(&(pipit_ua_configuration){.session_timers_min = 120});

    (void)state;
    come(at, &(coming){.method = "INVITE",
                       .lines = CONTACT TIMER "Session-Expires: 90\r\n",
                       .body = OFFER});
    expect_sent(at, "SIP/2.0 422 ");
    check_header(at->last, "Min-SE", "120");
    check_events(at, "");
    come(at, &(coming){.method = "INVITE",
                       .call_id = "call-2", /* it knows no timers, and is taken */
                       .lines = CONTACT "Session-Expires: 90\r\n",
                       .body = OFFER});
    expect_sent(at, "SIP/2.0 180 ");
    stage_free(at);
}

static void who_refreshes_is_as_the_caller_says(void **state)
{
    static const struct {
        const char *lines, *header, *require;
    } cases[] = {
        {TIMER "Session-Expires: 300;refresher=uac\r\n", "300;refresher=uac", "timer"},
        {TIMER "Session-Expires: 300;refresher=uas\r\n", "300;refresher=uas", NULL},
        {TIMER "x: 300\r\n", "300;refresher=uac", "timer"},
        {"Session-Expires: 300\r\n", "300;refresher=uas", NULL},
        {TIMER, "90;refresher=uas", NULL},
        {TIMER "Min-SE: 200\r\n", "200;refresher=uas", NULL},
        {"", "90;refresher=uas", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        stage *at = stage_answered_with(cases[i].lines);

        check_header(at->last, "Session-Expires", cases[i].header);
        check_header(at->last, "Require", cases[i].require);
        stage_free(at);
    }
}

static void a_timer_of_a_2xx_is_kept(void **state)
{
    stage *at = stage_called_with(&(pipit_ua_configuration){0},
                                  "Require: timer\r\nSession-Expires: 120;refresher=uac\r\n");

    (void)state;
    wait_sent(at, "UPDATE ", 60100);
    check_header(at->last, "Session-Expires", "120;refresher=uac");
    stage_free(at);
}

static void a_far_end_without_timers_is_refreshed_all_the_same(void **state)
{
    stage *at = stage_called_with(&(pipit_ua_configuration){0}, "");

    (void)state;
    wait_sent(at, "UPDATE ", 45100);
    check_header(at->last, "Session-Expires", "90;refresher=uac");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    wait_sent(at, "UPDATE ", 45100);
    stage_free(at);
}

/* --- refreshed -------------------------------------------------------------------------------- */

static void a_session_is_refreshed_when_we_are_told_to(void **state)
{
    stage *at = stage_answered_with(TIMER "Session-Expires: 120;refresher=uas\r\n");

    (void)state;
    check_header(at->last, "Session-Expires", "120;refresher=uas");
    for (unsigned i = 0; i < 3; i++) {
        wait_sent(at, "UPDATE sip:bob@far.invalid;transport=ws SIP/2.0", 60100);
        check_header(at->last, "Session-Expires", "120;refresher=uac");
        assert_int_equal(at->last->body.n, 0);
        assert_true(header_holds(at->last, "Contact", "<sip:"));
        answer(at, at->last, "200 OK", NULL, "Session-Expires: 120;refresher=uac\r\n", NULL);
    }
    /* refused, it is tried again, as JsSIP does not */
    wait_sent(at, "UPDATE ", 60100);
    answer(at, at->last, "500 Oops", NULL, NULL, NULL);
    wait_sent(at, "UPDATE ", 4000);
    answer(at, at->last, "422 Session Interval Too Small", NULL, "Min-SE: 1800\r\n", NULL);
    wait_sent(at, "UPDATE ", 4000);
    check_header(at->last, "Session-Expires", "1800;refresher=uac");
    check_header(at->last, "Min-SE", "1800");
    check_events(at, "");
    answer(at, at->last, "481 Gone", NULL, NULL, NULL);
    check_events(at, "ended:remote:Dialog Error ");
    expect_silence(at);
    stage_free(at);
}

static void check_refresh_by_invite(stage *at)
{
    expect_sent(at, "INVITE sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "Session-Expires", "90;refresher=uac");
    assert_true(pp_str_starts(at->last->body, "v=0 our offer"));
    answer(at, at->last, "200 OK", NULL, CONTACT "Session-Expires: 90;refresher=uac\r\n", ANSWER);
    expect_sent(at, "ACK ");
}

static void a_session_is_refreshed_by_invite_when_asked_for(void **state)
{
    stage *at =
        stage_called_with(&(pipit_ua_configuration){.session_timers_refresh_method = "invite"}, "");

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        advance_ms(at, 45001);
        check_refresh_by_invite(at);
    }
    advance_ms(at, 45001);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "500 Oops", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    advance_ms(at, 3001);
    check_refresh_by_invite(at);
    stage_free(at);
}

static void a_far_end_without_update_gets_an_invite(void **state)
{
    stage *at = stage_called_with(&(pipit_ua_configuration){0}, "Allow: INVITE, ACK, BYE\r\n");

    (void)state;
    advance_ms(at, 45001);
    check_refresh_by_invite(at);
    stage_free(at);

    at = stage_called_with(&(pipit_ua_configuration){0}, "");
    wait_sent(at, "UPDATE ", 45100);
    answer(at, at->last, "501 Not Implemented", NULL, NULL, NULL);
    advance_ms(at, 1);
    check_refresh_by_invite(at);
    stage_free(at);
}

static void a_refresh_that_cannot_go_now_goes_later(void **state)
{
    stage *at = stage_called_with(&(pipit_ua_configuration){.no_call_recovery = true}, "");

    (void)state;
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 46000);
    check_events(at, "disconnected:error connected ");
    wait_sent(at, "UPDATE ", 4000);
    stage_free(at);
}

/* --- expired ---------------------------------------------------------------------------------- */

static void a_timer_that_is_not_refreshed_ends_the_call(void **state)
{
    stage *at = stage_answered_with(TIMER "x: 90\r\n");

    (void)state;
    advance_ms(at, 40000);
    come_in_theirs(at, (coming){.method = "UPDATE",
                                .cseq = 2,
                                .lines = CONTACT TIMER "Session-Expires: 90;refresher=uac\r\n"});
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Session-Expires", "90;refresher=uac");
    check_header(at->last, "Require", "timer");
    come_in_theirs(at, (coming){.method = "UPDATE",
                                .cseq = 3,
                                .lines = CONTACT TIMER "Session-Expires: 30;refresher=uac\r\n"});
    expect_sent(at, "SIP/2.0 422 ");
    advance_ms(at, 59000);
    check_events(at, "update ");
    advance_ms(at, 2000);
    expect_sent(at, "BYE ");
    check_header(at->last, "Reason", "SIP ;cause=408 ;text=\"Session Timer Expired\"");
    check_events(at, "ended:system:Request Timeout ");
    stage_free(at);
}

static void bad_settings_are_named(void **state)
{
    static const struct {
        pipit_ua_configuration configuration;
        const char *part;
    } cases[] = {
        {{.session_timers_refresh_method = "INFO"}, "session_timers_refresh_method 'INFO'"},
        {{.session_timers_expires = 30}, "session_timers_expires '30'"},
        {{.session_timers_min = 30}, "session_timers_min '30'"},
        {{.session_timers_expires = 90, .session_timers_min = 120}, "session_timers_expires '90'"},
    };
    stage *at = stage_new(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pipit_ua_configuration c = cases[i].configuration;
        pipit_ua *ua = NULL;

        c.uri = "sip:alice@example.com";
        c.sockets[0].socket = at->socket;
        assert_int_equal(pipit_ua_new(at->loop, &c, &ua), PIPIT_ERR_CONFIGURATION);
        assert_non_null(strstr(pipit_error_message(), cases[i].part));
    }
    stage_free(at);
}

/* --- before the answer ------------------------------------------------------------------------ */

static void early_update_in(stage *at, const char *lines)
{
    char all[256];

    snprintf(all, sizeof(all), CONTACT "%s", lines);
    come_in_ours(at, (coming){.method = "UPDATE", .lines = all, .body = *lines ? NULL : OFFER});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 ");
    check_header(at->last, "Session-Expires", NULL);
}

/* RFC 4028 section 4: there is no session yet. */
static void a_timer_begins_with_the_answer(void **state)
{
    static const char *const lines[] = {"", TIMER "Session-Expires: 100;refresher=uac\r\n"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        stage *at = started(&(pipit_ua_configuration){0});

        call_out(at);
        answer(at, at->invite, "183 Session Progress", "far",
               CONTACT "Require: 100rel\r\nRSeq: 1\r\n", ANSWER);
        expect_sent(at, "PRACK ");
        if (i < 2) {
            early_update_in(at, lines[i]);
        } else {
            assert_int_equal(pipit_session_renegotiate(at->session, NULL), 0);
            advance_ms(at, 1);
            expect_sent(at, "UPDATE ");
            answer(at, at->last, "200 OK", NULL, CONTACT "Session-Expires: 100;refresher=uas\r\n",
                   ANSWER);
        }
        pp_buf_clear(&at->log);
        advance_ms(at, 300000);
        expect_silence(at);
        check_events(at, "");
        answer(at, at->invite, "200 OK", "far",
               CONTACT TIMER "Session-Expires: 90;refresher=uac\r\n", NULL);
        expect_sent(at, "ACK ");
        wait_sent(at, "UPDATE ", 46000);
        stage_free(at);
    }
}

/* Somebody who wants more each time does not know what it wants. */
static void an_interval_is_lengthened_so_often_and_no_more(void **state)
{
    stage *at = started(&(pipit_ua_configuration){0});
    char min[64];
    unsigned asked = 0;

    (void)state;
    call_out(at);
    pp_buf_clear(&at->log);
    while (!pipit_session_is_ended(at->session) && asked < 100) {
        snprintf(min, sizeof(min), "Min-SE: %u\r\n", 100 + asked++);
        answer(at, at->invite, "422 Session Interval Too Small", "far", min, NULL);
        expect_sent(at, "ACK ");
        if (!pipit_session_is_ended(at->session)) {
            expect_sent(at, "INVITE ");
            pp_message_unref(at->invite);
            at->invite = pp_message_ref(at->last);
        }
    }
    assert_int_equal(asked, 6);
    check_events(at, "failed:remote:SIP Failure Code ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_asks_for_a_timer),
        cmocka_unit_test(a_user_agent_without_timers_says_nothing_of_them),
        cmocka_unit_test(a_call_that_asked_for_too_little_asks_once_more),
        cmocka_unit_test(a_caller_who_asks_for_too_little_is_told_what_is_enough),
        cmocka_unit_test(who_refreshes_is_as_the_caller_says),
        cmocka_unit_test(a_timer_of_a_2xx_is_kept),
        cmocka_unit_test(a_far_end_without_timers_is_refreshed_all_the_same),
        cmocka_unit_test(a_session_is_refreshed_when_we_are_told_to),
        cmocka_unit_test(a_session_is_refreshed_by_invite_when_asked_for),
        cmocka_unit_test(a_far_end_without_update_gets_an_invite),
        cmocka_unit_test(a_refresh_that_cannot_go_now_goes_later),
        cmocka_unit_test(a_timer_that_is_not_refreshed_ends_the_call),
        cmocka_unit_test(a_timer_begins_with_the_answer),
        cmocka_unit_test(an_interval_is_lengthened_so_often_and_no_more),
        cmocka_unit_test(bad_settings_are_named),
    };

    return cmocka_run_group_tests(tests, with_timers, NULL);
}
