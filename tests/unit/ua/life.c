/* life.c - start and stop, and handlers that release or stop whatever they were called for. */
#include "unit/ua/support/havoc.h"

static void a_user_agent_that_is_idle_stops_at_once(void **state)
{
    stage *at = stage_connected();

    (void)state;
    pipit_ua_stop(at->ua);
    pipit_ua_stop(at->ua);
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_USER_CLOSED);
    advance_ms(at, 1);
    check_events(at, "disconnected stopped ");
    expect_silence(at);
    assert_int_equal(pp_loop_next_us(at->loop), PP_NEVER);
    assert_int_equal(pipit_ua_call(at->ua, "bob", NULL, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pipit_ua_register(at->ua), PIPIT_ERR_STATE);
    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    check_events(at, "connected ");
    stage_free(at);
}

static void a_user_agent_that_was_never_started_stops(void **state)
{
    stage *at = stage_new(NULL);

    (void)state;
    pipit_ua_stop(at->ua);
    advance_ms(at, 1);
    check_events(at, "stopped ");
    assert_int_equal(pp_loop_next_us(at->loop), PP_NEVER);
    stage_free(at);
}

static stage *stage_registered(void)
{
    pipit_ua_configuration c = {.uri = "sip:alice@example.com", .password = "wonderland"};
    stage *at = stage_new(&c);
    char lines[128];

    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    snprintf(lines, sizeof(lines), "Contact: <%s>;expires=600\r\n", pipit_ua_contact(at->ua));
    answer(at, at->last, "200 OK", "r", lines, NULL);
    check_events(at, "connected registered ");
    return at;
}

static void a_stop_hangs_up_and_unregisters_first(void **state)
{
    stage *at = stage_registered();
    pp_message *gone[4] = {NULL};

    (void)state;
    call_out(at); /* rings */
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    call_in(at, NULL, OFFER); /* rings here */
    pp_buf_clear(&at->log);
    pipit_ua_stop(at->ua);
    for (size_t i = 0; i < 3; i++)
        gone[i] = pp_message_ref(next_sent(at));
    assert_int_equal(gone[0]->method, PP_REGISTER);
    assert_int_equal(gone[1]->status, 480);
    assert_int_equal(gone[2]->method, PP_CANCEL);
    expect_silence(at);
    check_events(at, "failed:local:Rejected failed:local:Canceled ");
    come(at, &(coming){.method = "INVITE", .call_id = "late", .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 480 ");
    answer(at, gone[0], "200 OK", "r", NULL, NULL);
    answer(at, gone[2], "200 OK", "far", NULL, NULL);
    advance_ms(at, 100);
    check_events(at, "unregistered: ");
    answer(at, at->invite, "487 Request Terminated", "far", NULL, NULL);
    advance_ms(at, 1);
    check_events(at, "disconnected stopped ");
    assert_int_equal(pp_loop_next_us(at->loop), PP_NEVER);
    for (size_t i = 0; i < 3; i++)
        pp_message_unref(gone[i]);
    stage_free(at);
}

static void a_stop_waits_two_seconds_at_most(void **state)
{
    stage *at = stage_registered();

    (void)state;
    call_in(at, NULL, OFFER);
    pipit_session_answer(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    pipit_ua_stop(at->ua); /* the BYE waits for an ACK that does not come */
    expect_sent(at, "REGISTER ");
    pp_buf_clear(&at->log);
    wait_sent(at, "SIP/2.0 200 OK", 600);
    wait_sent(at, "SIP/2.0 200 OK", 1100);
    wait_sent(at, "BYE ", 600);
    advance_ms(at, 1);
    check_events(at, "unregistered:Connection Error disconnected stopped ");
    assert_int_equal(pp_loop_next_us(at->loop), PP_NEVER);
    stage_free(at);
}

static void a_call_that_was_answered_does_not_hold_up_a_stop(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    pipit_ua_stop(at->ua);
    expect_sent(at, "BYE ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    advance_ms(at, 1);
    check_events(at, "ended:local:Terminated disconnected stopped ");
    assert_int_equal(pp_loop_next_us(at->loop), PP_NEVER); /* no Timer M, no forks */
    stage_free(at);
}

static void a_start_takes_a_stop_back(void **state)
{
    stage *at = stage_registered();

    (void)state;
    pipit_ua_stop(at->ua);
    expect_sent(at, "REGISTER ");
    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 10000);
    pp_buf_char(&at->log, '\0');
    assert_null(strstr(at->log.p, "stopped"));
    assert_true(pipit_ua_is_connected(at->ua));
    stage_free(at);
}

/* --- handlers that do the worst --------------------------------------------------------------------------------- */

static void answer_theirs(stage *at, pipit_session *session)
{
    if (pipit_session_direction(session) == PIPIT_REMOTE)
        pipit_session_answer(session, NULL); /* without memory it rings on */
    (void)at;
}

static void reply(stage *at, const pp_message *to, const char *status, const char *lines,
                  const char *body)
{
    if (at->ua)
        answer(at, to, status, "far", lines, body);
}

static void talk(stage *at)
{
    pipit_session *session = at->session ? pipit_session_ref(at->session) : NULL;

    if (!session)
        return;
    pipit_session_mute(session, NULL);
    pipit_session_send_info(session, "text/plain", "x", NULL);
    pipit_session_send_dtmf(session, "12", &(pipit_dtmf_options){.info = true});
    if (at->media)
        at->media->handlers->dtmf(at->media->arg, '3', 100);
    if (at->media)
        at->media->handlers->state(at->media->arg, PP_MEDIA_FAILED, "");
    pipit_session_unref(session);
}

/* What the far end says to the next message that went. */
static void respond(stage *at)
{
    const pp_message *m;

    if (!next_sent(at))
        return;
    pp_message_unref(at->invite);
    m = at->invite = pp_message_ref(at->last);
    if (m->is_request && m->method == PP_INVITE) {
        reply(at, m, "183 Progress", CONTACT, ANSWER);
        reply(at, m, "200 OK", CONTACT, ANSWER);
        talk(at);
    } else if (m->is_request && m->method != PP_ACK) {
        reply(at, m, "500 No", NULL, NULL);
    } else if (m->status == 200 && m->method == PP_INVITE && at->ua) {
        acknowledge(at, NULL);
        if (at->ua)
            come(at, &(coming){.method = "BYE", .cseq = 2, .to_tag = to_tag(at)});
    }
}

static void let_happen(stage *at)
{
    for (unsigned i = 0; i < 20; i++) {
        advance_ms(at, 5);
        if (at->ua)
            respond(at);
    }
}

/* Registration, a call each way with all its events, a message each way: as far as it goes. */
static void a_busy_day(stage *at)
{
    static const pipit_message_options options = {.handlers = &message_handlers};
    pipit_message_options ours = options;

    ours.user = at;
    at->log_sdp = true;
    at->on_new_session = answer_theirs;
    pipit_ua_start(at->ua);
    let_happen(at);
    if (at->ua)
        pipit_ua_call(at->ua, "bob", call_options(at), NULL);
    let_happen(at);
    if (at->ua)
        come(at, &(coming){.method = "INVITE", .lines = CONTACT, .body = OFFER});
    let_happen(at);
    if (at->ua)
        come(at, &(coming){.method = "MESSAGE", .call_id = "m"});
    if (at->ua)
        pipit_ua_send_message(at->ua, "bob", "x", &ours, NULL);
    let_happen(at);
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 100000);
}

static void a_handler_may_do_anything(void **state)
{
    static void (*const worst[])(stage * at, const char *name) = {release_everything,
                                                                  stop_everything, end_the_call};

    (void)state;
    for (size_t which = 0; which < 3; which++)
        for (unsigned event = 1; event <= 40; event++) {
            pipit_ua_configuration c = {.uri = "sip:alice@example.com", .password = "wonderland"};
            stage *at = stage_new(&c);

            countdown = event;
            at->on_event = worst[which];
            a_busy_day(at);
            stage_free(at);
        }
}

static unsigned count(const char *log, const char *part)
{
    unsigned n = 0;

    for (const char *p = log; (p = strstr(p, part)); p++)
        n++;
    return n;
}

static void every_call_ends_once(void **state)
{
    (void)state;
    for (unsigned event = 1; event <= 40; event++) {
        pipit_ua_configuration c = {.uri = "sip:alice@example.com", .password = "wonderland"};
        stage *at = stage_new(&c);

        countdown = event;
        at->on_event = stop_everything;
        a_busy_day(at);
        advance_ms(at, 40000);
        pp_buf_char(&at->log, '\0');
        assert_int_equal(count(at->log.p, " failed:") + count(at->log.p, " ended:"),
                         count(at->log.p, "new_rtc_session"));
        stage_free(at);
    }
}

/* --- short memory ----------------------------------------------------------------------------------------------------- */

/* Returns how many allocations the day took. */
static uint64_t a_day_with(uint64_t failing)
{
    pipit_ua_configuration c = {.uri = "sip:alice@example.com", .password = "wonderland"};
    uint64_t taken;
    stage *at;

    scarce_begin(0);
    at = stage_new(&c);
    scarce_fail(failing);
    a_busy_day(at);
    taken = scarce_memory.count;
    scarce_relax();
    stage_free(at);
    assert_int_equal(scarce_end(), 0);
    return taken;
}

static void a_busy_day_survives_short_memory(void **state)
{
    uint64_t total;

    (void)state;
    total = a_day_with(0);
    for (uint64_t i = 1; i <= total; i++)
        a_day_with(i);
    assert_true(total > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_agent_that_is_idle_stops_at_once),
        cmocka_unit_test(a_user_agent_that_was_never_started_stops),
        cmocka_unit_test(a_stop_hangs_up_and_unregisters_first),
        cmocka_unit_test(a_stop_waits_two_seconds_at_most),
        cmocka_unit_test(a_call_that_was_answered_does_not_hold_up_a_stop),
        cmocka_unit_test(a_start_takes_a_stop_back),
        cmocka_unit_test(a_handler_may_do_anything),
        cmocka_unit_test(every_call_ends_once),
        cmocka_unit_test(a_busy_day_survives_short_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
