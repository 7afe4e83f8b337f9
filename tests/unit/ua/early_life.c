/* early_life.c - handlers that do the worst, and short memory, between INVITE and answer. */
#include "unit/ua/support/havoc.h"

static void hear_another(stage *at, const char *name)
{
    (void)name;
    if (at->session && --countdown == 0)
        pipit_session_hear_branch(at->session, "two");
}

static void hold_it(stage *at, const char *name)
{
    if (at->session && strcmp(name, "progress") == 0) {
        pipit_session_hold(at->session, NULL);
        at->on_event = NULL;
    }
}

/* --- the far end ------------------------------------------------------------------------------ */

static void reply(stage *at, const pp_message *to, const char *status, const char *tag,
                  const char *lines, const char *body)
{
    if (at->ua)
        answer(at, to, status, tag, lines, body);
}

static void prack(stage *at, const pp_message *response, const char *body)
{
    static unsigned cseq = 10;
    char lines[128], tag[64];

    snprintf(lines, sizeof(lines), "RAck: %.*s 1 INVITE\r\n",
             PP_STR(pp_message_header(response, PP_HEADER_RSEQ, 0)));
    snprintf(tag, sizeof(tag), "%.*s", PP_STR(response->to_tag));
    come(at,
         &(coming){.method = "PRACK", .cseq = ++cseq, .to_tag = tag, .lines = lines, .body = body});
}

/* Whatever goes is answered as a friendly far end would. */
static void let_happen(stage *at)
{
    for (unsigned i = 0; i < 12; i++) {
        pp_message *m;

        advance_ms(at, 5);
        if (!at->ua || !next_sent(at))
            continue;
        m = pp_message_ref(at->last);
        if (m->is_request && m->method == PP_INVITE) {
            pp_message_unref(at->invite);
            at->invite = pp_message_ref(m);
        } else if (m->is_request && m->method != PP_ACK) {
            reply(at, m, "200 OK", "far", CONTACT,
                  pp_str_starts(m->body, "v=0 our offer") ? ANSWER : NULL);
        } else if (m->status > 100 && m->status < 200 && pp_message_count(m, PP_HEADER_RSEQ)) {
            prack(at, m, pp_str_starts(m->body, "v=0 our offer") ? ANSWER : NULL);
        } else if (m->status == 200 && m->method == PP_INVITE) {
            acknowledge(at, NULL);
        }
        pp_message_unref(m);
    }
}

#define RELIABLE(n) CONTACT "Require: 100rel\r\nRSeq: " n "\r\n"

static void call(stage *at, const pipit_call_options *model)
{
    pipit_call_options options = *model;

    at->invite = pp_message_unref(at->invite);
    options.handlers = &session_handlers;
    options.user = at;
    if (at->ua)
        pipit_ua_call(at->ua, "bob", &options, NULL);
    let_happen(at);
}

static void theirs(stage *at, const char *status, const char *tag, const char *lines,
                   const char *body)
{
    if (at->invite)
        reply(at, at->invite, status, tag, lines, body);
    let_happen(at);
}

static void hang_up(stage *at)
{
    if (at->session && at->ua)
        pipit_session_terminate(at->session, NULL);
    let_happen(at);
}

static void ring_at_two_places(stage *at)
{
    call(at, &(pipit_call_options){.follow_redirects = 2, .no_answer_timeout = 50, .expires = 60});
    theirs(at, "302 Moved Temporarily", "no",
           "Contact: <sip:a@example.org>;q=0.5, <sip:b@example.org>\r\n", NULL);
    theirs(at, "486 Busy Here", "no", "Reason: Q.850;cause=17;text=\"busy\"\r\n", NULL);
    theirs(at, "183 Session Progress", "one", RELIABLE("1"), ANSWER);
    theirs(at, "183 Session Progress", "two", RELIABLE("1"), ANSWER);
    theirs(at, "183 Session Progress", "three", CONTACT, ANSWER);
    theirs(at, "199 Early Dialog Terminated", "three", NULL, NULL);
    if (at->session && at->ua)
        pipit_session_hear_branch(at->session, "two");
    if (at->session && at->ua)
        pipit_session_hold(at->session, NULL);
    let_happen(at);
    theirs(at, "200 OK", "one", CONTACT, NULL);
    hang_up(at);
}

static void offer_nothing(stage *at)
{
    call(at, &(pipit_call_options){.offerless = true});
    theirs(at, "183 Session Progress", "far", RELIABLE("1"), OFFER);
    theirs(at, "200 OK", "far", CONTACT, NULL);
    hang_up(at);
    call(at, &(pipit_call_options){.offerless = true});
    theirs(at, "200 OK", "far", CONTACT, OFFER);
    theirs(at, "200 OK", "late", CONTACT, OFFER);
    hang_up(at);
    call(at, &(pipit_call_options){.offerless = true, .follow_redirects = 1});
    theirs(at, "183 Session Progress", "no", RELIABLE("1"), OFFER);
    theirs(at, "302 Moved Temporarily", "no", "Contact: <sip:a@example.org>\r\n", NULL);
    theirs(at, "183 Session Progress", "one", RELIABLE("1"), OFFER);
    theirs(at, "183 Session Progress", "two", RELIABLE("1"), OFFER);
    if (at->session && at->ua)
        pipit_session_hear_branch(at->session, "two");
    let_happen(at);
    theirs(at, "200 OK", "one", CONTACT, NULL);
    hang_up(at);
}

static void offer_in_a_prack(stage *at)
{
    call(at, &(pipit_call_options){0});
    if (!at->on_event)
        at->on_event = hold_it;
    theirs(at, "183 Session Progress", "far", RELIABLE("1"), ANSWER);
    if (at->on_event == hold_it)
        at->on_event = NULL;
    theirs(at, "200 OK", "far", CONTACT, NULL);
    hang_up(at);
}

static void be_called(stage *at, const char *body)
{
    advance_ms(at, 40000); /* the one before is forgotten */
    if (at->ua)
        come(at, &(coming){.method = "INVITE",
                           .lines = CONTACT "Require: 100rel\r\nAnswer-Mode: Auto\r\n",
                           .body = body});
    let_happen(at);
    if (at->session && at->ua)
        pipit_session_progress(
            at->session, &(pipit_progress_options){.early_media = true, .reason_phrase = "Listen"});
    let_happen(at);
    if (at->session && at->ua)
        pipit_session_progress(at->session, &(pipit_progress_options){.status_code = 182});
    let_happen(at);
    if (at->session && at->ua)
        pipit_session_answer(at->session, NULL);
    let_happen(at);
    hang_up(at);
}

static void call_somebody(stage *at)
{
    ring_at_two_places(at);
    offer_in_a_prack(at);
}

static void be_called_twice(stage *at)
{
    be_called(at, OFFER);
    be_called(at, NULL);
}

/* One after the other: what fails is tried at each step of a day, so that short days are over sooner. */
static const struct {
    void (*pass)(stage *at);
    unsigned events, accepted, early_media, reoffered, allocations;
} days[] = {{call_somebody, 40, 2, 5, 2, 200},
            {offer_nothing, 40, 3, 5, 0, 200},
            {be_called_twice, 30, 2, 0, 0, 100}};

#define DAYS (sizeof(days) / sizeof(days[0]))

static void an_early_day(stage *at, size_t day)
{
    pipit_ua_start(at->ua);
    let_happen(at);
    days[day].pass(at);
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 100000);
}

static stage *stage_early(void)
{
    pipit_ua_configuration c = {.uri = "sip:alice@example.com", .no_register = true};
    stage *at = stage_new(&c);

    at->log_sdp = at->log_branches = true;
    return at;
}

static unsigned count(const char *log, const char *part)
{
    unsigned n = 0;

    for (const char *p = log; (p = strstr(p, part)); p++)
        n++;
    return n;
}

static void spoil(size_t day, void (*worst)(stage *at, const char *name), unsigned event)
{
    stage *at = stage_early();

    countdown = event;
    at->on_event = worst;
    an_early_day(at, day);
    pp_buf_char(&at->log, '\0');
    if (at->ua) /* one last event for each call */
        assert_int_equal(count(at->log.p, "failed:") + count(at->log.p, "ended:"),
                         count(at->log.p, "new_rtc_session"));
    assert_int_equal(at->medias, 0);
    stage_free(at);
}

static void a_handler_may_do_anything_early(void **state)
{
    static void (*const worst[])(stage * at, const char *name) = {
        release_everything, stop_everything, end_the_call, hear_another};

    (void)state;
    for (size_t day = 0; day < DAYS; day++)
        for (size_t which = 0; which < 4; which++)
            for (unsigned event = 1; event <= days[day].events; event++)
                spoil(day, worst[which], event);
}

static void an_early_day_goes_as_it_should(void **state)
{
    (void)state;
    for (size_t day = 0; day < DAYS; day++) {
        stage *at = stage_early();

        an_early_day(at, day);
        pp_buf_char(&at->log, '\0');
        assert_int_equal(count(at->log.p, " accepted:"), days[day].accepted);
        assert_int_equal(count(at->log.p, " ended:local:Terminated "), days[day].accepted);
        assert_int_equal(count(at->log.p, " early_media:"), days[day].early_media);
        assert_int_equal(count(at->log.p, " reoffered:local "), days[day].reoffered);
        stage_free(at);
    }
}

static uint64_t a_day_with(size_t day, uint64_t failing)
{
    uint64_t taken;
    stage *at;

    scarce_begin(0);
    at = stage_early();
    scarce_fail(failing);
    an_early_day(at, day);
    taken = scarce_memory.count;
    scarce_relax();
    stage_free(at);
    assert_int_equal(scarce_end(), 0);
    return taken;
}

static void an_early_day_survives_short_memory(void **state)
{
    (void)state;
    for (size_t day = 0; day < DAYS; day++) {
        uint64_t total = a_day_with(day, 0);

        for (uint64_t i = 1; i <= total; i++)
            a_day_with(day, i);
        print_message("figure: an early day takes %u allocations\n", (unsigned)total);
        assert_true(total > days[day].allocations);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_early_day_goes_as_it_should),
        cmocka_unit_test(a_handler_may_do_anything_early),
        cmocka_unit_test(an_early_day_survives_short_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
