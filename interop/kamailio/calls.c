/* calls.c - calls through Kamailio, with Record-Route and with sound. */
#include <string.h>

#include "interop/kamailio/agent.h"
#include "interop/kamailio/cases.h"

#define CALL_MS 4000u

#define ROUTE(from, to) ((from)*VIA_COUNT + (to))

typedef enum manner { ANSWERS, REFUSES, RINGS } manner;

/* One end of a call. */
typedef struct call {
    pipit_session *session;
    unsigned confirmed, ended, failed, hold, unhold;
    pipit_cause cause;
    unsigned loud; /* samples of the far end's tone that were heard */
    bool recorded; /* the INVITE or its 200 carried Record-Route */
    manner manner;
    char tones[16]; /* that came */
} call;

/* --- what its ends hear ----------------------------------------------------------------------- */

static void on_accepted(pipit_session *session, const pipit_progress_event *e, void *user)
{
    (void)session;
    if (e->response)
        ((call *)user)->recorded = pipit_request_has_header(e->response, "Record-Route");
}

static void on_confirmed(pipit_session *session, const pipit_confirmed_event *e, void *user)
{
    (void)session, (void)e;
    ((call *)user)->confirmed++;
}

static void on_ended(pipit_session *session, const pipit_end_event *e, void *user)
{
    (void)session;
    ((call *)user)->ended++;
    ((call *)user)->cause = e->cause;
}

static void on_failed(pipit_session *session, const pipit_end_event *e, void *user)
{
    (void)session;
    ((call *)user)->failed++;
    ((call *)user)->cause = e->cause;
}

static void on_hold(pipit_session *session, const pipit_hold_event *e, void *user)
{
    (void)session;
    ((call *)user)->hold += e->originator == PIPIT_REMOTE;
}

static void on_unhold(pipit_session *session, const pipit_hold_event *e, void *user)
{
    (void)session;
    ((call *)user)->unhold += e->originator == PIPIT_REMOTE;
}

static void on_new_dtmf(pipit_session *session, const pipit_dtmf_event *e, void *user)
{
    call *c = user;
    size_t n = strlen(c->tones);

    (void)session;
    if (e->originator == PIPIT_REMOTE && n + 1 < sizeof(c->tones))
        c->tones[n] = e->tone;
}

static const pipit_session_handlers session_handlers = {
    .accepted = on_accepted,
    .confirmed = on_confirmed,
    .ended = on_ended,
    .failed = on_failed,
    .hold = on_hold,
    .unhold = on_unhold,
    .new_dtmf = on_new_dtmf,
};

static void hear(void *self, const int16_t *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((call *)self)->loud += samples[i] > 1000;
}

static const pipit_sink_interface ears = {.write = hear};

static bool open_media(call *it, pipit_media_stream *out)
{
    return pipit_source_tone(440, -12, &out->audio_source) == 0 &&
           pipit_sink_new(&ears, it, 16000, &out->audio_sink) == 0;
}

static void close_media(pipit_media_stream *stream)
{
    pipit_source_unref(stream->audio_source);
    pipit_sink_unref(stream->audio_sink);
}

/* --- both ends -------------------------------------------------------------------------------- */

/* The callee does what its manner is. */
void call_comes(agent *it, const pipit_new_rtc_session_event *e)
{
    call *c = it->call;
    pipit_answer_options options = {.pc_config = {.allow_loopback = true}};

    if (!c || e->originator != PIPIT_REMOTE)
        return;
    c->session = pipit_session_ref(e->session);
    c->recorded = pipit_request_has_header(e->request, "Record-Route");
    pipit_session_set_handlers(e->session, &session_handlers, c);
    if (c->manner == REFUSES)
        pipit_session_terminate(e->session, &(pipit_terminate_options){.status_code = 486});
    else if (c->manner == ANSWERS && open_media(c, &options.media_stream))
        pipit_session_answer(e->session, &options);
    close_media(&options.media_stream);
}

static bool place(agent *from, const char *target)
{
    pipit_call_options options = {
        .handlers = &session_handlers, .user = from->call, .pc_config = {.allow_loopback = true}};
    bool good = open_media(from->call, &options.media_stream) &&
                pipit_ua_call(from->ua, target, &options, &from->call->session) == 0;

    close_media(&options.media_stream);
    return good || stage_fail(from->stage, "no call: %s", pipit_error_message());
}

typedef struct pair {
    agent alice, bob;
    call out, in;
} pair;

static bool open_pair(pair *p, stage *s, int route)
{
    bool good = agent_register(&p->alice, s, &s->first, (via)(route / VIA_COUNT),
                               &(agent_options){.user = "alice"}) &&
                agent_register(&p->bob, s, &s->first, (via)(route % VIA_COUNT),
                               &(agent_options){.user = "bob"});

    p->alice.call = &p->out;
    p->bob.call = &p->in;
    return good;
}

static void close_pair(pair *p)
{
    agent_stop(&p->alice);
    agent_stop(&p->bob);
    pipit_session_unref(p->out.session);
    pipit_session_unref(p->in.session);
}

static bool both_talk(void *arg)
{
    const pair *p = arg;

    return p->out.confirmed && p->in.confirmed && p->out.loud > 2000 && p->in.loud > 2000;
}

static bool is_ringing(void *arg)
{
    return ((call *)arg)->session != NULL;
}

static bool both_ended(void *arg)
{
    const pair *p = arg;

    return p->out.ended && p->in.ended;
}

/* A call that stands, and both have heard the other. */
static bool talk(stage *s, pair *p)
{
    uint64_t start_ms = stage_now_ms();

    if (!place(&p->alice, "bob"))
        return false;
    if (!stage_wait(s, both_talk, p, CALL_MS))
        return stage_fail(s, "no talk: confirmed %u and %u, loud samples %u and %u, failed %u (%s)",
                          p->out.confirmed, p->in.confirmed, p->out.loud, p->in.loud, p->out.failed,
                          pipit_cause_name(p->out.cause));
    stage_note(s, "%u ms until both heard the other", (unsigned)(stage_now_ms() - start_ms));
    return (p->out.recorded && p->in.recorded) || stage_fail(s, "there was no Record-Route");
}

static bool hang_up(stage *s, pair *p, const call *by)
{
    pipit_session_terminate(by->session, NULL);
    return stage_wait(s, both_ended, p, 2000) ||
           stage_fail(s, "the BYE did not end the other side: ended %u and %u", p->out.ended,
                      p->in.ended);
}

static bool calls(stage *s, int route)
{
    pair p = {0};
    bool good = open_pair(&p, s, route) && talk(s, &p) && hang_up(s, &p, &p.out);

    close_pair(&p);
    return good;
}

static bool callee_hangs_up(stage *s, int route)
{
    pair p = {0};
    bool good = open_pair(&p, s, route) && talk(s, &p) && hang_up(s, &p, &p.in);

    close_pair(&p);
    return good;
}

static bool is_refused(stage *s, int route)
{
    pair p = {.in.manner = REFUSES};
    bool good = open_pair(&p, s, route) && place(&p.alice, "bob");

    if (!good)
        goto out;
    NEED(s, agent_wait(&p.alice, &p.out.failed, 1, 3000), "no `failed`");
    NEED(s, p.out.cause == PIPIT_CAUSE_BUSY, "the cause is '%s'", pipit_cause_name(p.out.cause));
out:
    close_pair(&p);
    return good;
}

static bool nobody_there(stage *s, int route)
{
    pair p = {0};
    bool good = open_pair(&p, s, route) && place(&p.alice, "dave");

    if (!good)
        goto out;
    NEED(s, agent_wait(&p.alice, &p.out.failed, 1, 3000), "no `failed`");
    NEED(s, p.out.cause == PIPIT_CAUSE_UNAVAILABLE, "the cause is '%s'",
         pipit_cause_name(p.out.cause));
out:
    close_pair(&p);
    return good;
}

static bool is_cancelled(stage *s, int route)
{
    pair p = {.in.manner = RINGS};
    bool good = open_pair(&p, s, route) && place(&p.alice, "bob");

    if (!good)
        goto out;
    NEED(s, stage_wait(s, is_ringing, &p.in, 2000), "it does not ring");
    pipit_session_terminate(p.out.session, NULL);
    NEED(s, agent_wait(&p.bob, &p.in.failed, 1, 2000), "the callee heard no CANCEL");
    NEED(s, p.in.cause == PIPIT_CAUSE_CANCELED && p.out.cause == PIPIT_CAUSE_CANCELED,
         "the causes are '%s' and '%s'", pipit_cause_name(p.out.cause),
         pipit_cause_name(p.in.cause));
    for (unsigned ms = 0; agent_wire(&p.alice, "< SIP/2.0 487") == 0 && ms < 2000; ms += 10)
        stage_rest(s, 10);
    NEED(s, agent_wire(&p.alice, "< SIP/2.0 487") == 1, "there was no 487");
out:
    close_pair(&p);
    return good;
}

/* Two of bob's ring, one answers: Kamailio cancels the other. */
static bool is_forked(stage *s, int route)
{
    pair p = {0};
    agent other = {0};
    call rings = {.manner = RINGS};
    bool good = open_pair(&p, s, route) &&
                agent_register(&other, s, &s->first, VIA_WSS, &(agent_options){.user = "bob"});

    other.call = &rings;
    good = good && talk(s, &p);
    if (!good)
        goto out;
    NEED(s, agent_wait(&other, &rings.failed, 1, 2000), "the other one rings on");
    NEED(s, rings.cause == PIPIT_CAUSE_CANCELED, "the cause there is '%s'",
         pipit_cause_name(rings.cause));
    good = hang_up(s, &p, &p.out);
out:
    close_pair(&p);
    agent_stop(&other);
    pipit_session_unref(rings.session);
    return good;
}

static bool has_two_tones(void *arg)
{
    return strlen(((call *)arg)->tones) >= 2;
}

/* Requests inside the dialog, by Route: re-INVITE both times, then INFO. */
static bool holds_and_sends_tones(stage *s, int route)
{
    pair p = {0};
    bool good = open_pair(&p, s, route) && talk(s, &p);

    if (!good)
        goto out;
    NEED(s, pipit_session_hold(p.out.session, NULL) == 0, "hold: %s", pipit_error_message());
    NEED(s, agent_wait(&p.bob, &p.in.hold, 1, 2000), "the far end was not told of hold");
    stage_rest(s, 100);
    NEED(s, pipit_session_unhold(p.out.session, NULL) == 0, "unhold: %s", pipit_error_message());
    NEED(s, agent_wait(&p.bob, &p.in.unhold, 1, 2000), "the far end was not told of unhold");
    NEED(s, pipit_session_send_dtmf(p.in.session, "5#", &(pipit_dtmf_options){.info = true}) == 0,
         "DTMF: %s", pipit_error_message());
    NEED(s, stage_wait(s, has_two_tones, &p.out, 3000) && strcmp(p.out.tones, "5#") == 0,
         "the tones that came are '%s'", p.out.tones);
    good = hang_up(s, &p, &p.in);
out:
    close_pair(&p);
    return good;
}

/* Dialogs live on when the server goes: the sound never stops, and the BYE finds its way by the GRUU. */
static bool outlives_the_server(stage *s, int route)
{
    pair p = {0};
    unsigned before;
    bool good = open_pair(&p, s, route) && talk(s, &p);

    if (!good)
        goto out;
    server_kill(&s->first);
    NEED(s, agent_wait(&p.bob, &p.bob.disconnected, 1, 1000), "the loss was not noticed");
    before = p.in.loud;
    stage_rest(s, 500);
    NEED(s, p.in.loud > before + 2000, "the sound stopped with the server");
    NEED(s, server_start(s, &s->first), "the server did not start");
    NEED(s,
         agent_wait(&p.bob, &p.bob.registered, 2, 3000) &&
             agent_wait(&p.alice, &p.alice.registered, 2, 3000),
         "not registered again");
    NEED(s, !p.out.ended && !p.in.ended, "the call ended");
    good = hang_up(s, &p, &p.out);
out:
    if (!s->first.pid)
        server_start(s, &s->first);
    close_pair(&p);
    return good;
}

/* Alice, or both, behind the edge proxy: Path, and Record-Route of all. */
static bool passes_the_edge(stage *s, bool both)
{
    pair p = {0};
    bool good = agent_register(&p.alice, s, &s->edge, VIA_WSS, &(agent_options){.user = "alice"}) &&
                agent_register(&p.bob, s, both ? &s->edge : &s->first, VIA_WS,
                               &(agent_options){.user = "bob"});

    p.alice.call = &p.out;
    p.bob.call = &p.in;
    good = good && talk(s, &p) && hang_up(s, &p, &p.in);
    close_pair(&p);
    return good;
}

static bool caller_is_behind_the_edge(stage *s, int unused)
{
    (void)unused;
    return passes_the_edge(s, false);
}

static bool both_are_behind_the_edge(stage *s, int unused)
{
    (void)unused;
    return passes_the_edge(s, true);
}

const test_case call_cases[] = {
    {"a call with sound, ws to ws", calls, ROUTE(VIA_WS, VIA_WS)},
    {"a call with sound, ws to wss, the callee hangs up", callee_hangs_up, ROUTE(VIA_WS, VIA_WSS)},
    {"a call with sound, tcp to ws", calls, ROUTE(VIA_TCP, VIA_WS)},
    {"a call with sound, wss to tls, the callee hangs up", callee_hangs_up,
     ROUTE(VIA_WSS, VIA_TLS)},
    {"a call with sound, udp to ws, the callee hangs up", callee_hangs_up, ROUTE(VIA_UDP, VIA_WS)},
    {"a call with sound, tls to udp", calls, ROUTE(VIA_TLS, VIA_UDP)},
    {"a call that is refused: Busy", is_refused, ROUTE(VIA_WSS, VIA_WS)},
    {"a call to nobody: Unavailable", nobody_there, ROUTE(VIA_WS, VIA_WS)},
    {"a call that is cancelled while it rings", is_cancelled, ROUTE(VIA_WS, VIA_WSS)},
    {"a call to two user agents of one account: one answers", is_forked, ROUTE(VIA_WS, VIA_WS)},
    {"a call is held and taken back, tones by INFO", holds_and_sends_tones, ROUTE(VIA_WS, VIA_WSS)},
    {"a call outlives the server: sound goes on, the BYE arrives", outlives_the_server,
     ROUTE(VIA_WS, VIA_WSS)},
    {"a call from behind the edge proxy", caller_is_behind_the_edge, 0},
    {"a call from behind the edge proxy to behind it", both_are_behind_the_edge, 0},
    {0},
};
