/* calls.c - calls through Kamailio, with Record-Route and with sound. */
#include <string.h>

#include "interop/kamailio/agent.h"
#include "interop/kamailio/cases.h"

#define CALL_MS 4000u

#define ROUTE(from, to) ((from)*VIA_COUNT + (to))

/* One end of a call. */
typedef struct call {
    pipit_session *session;
    unsigned confirmed, ended, failed;
    pipit_cause cause;
    unsigned loud; /* samples of the far end's tone that were heard */
    bool recorded; /* the INVITE or its 200 carried Record-Route */
    bool refuses;
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

static const pipit_session_handlers session_handlers = {
    .accepted = on_accepted,
    .confirmed = on_confirmed,
    .ended = on_ended,
    .failed = on_failed,
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

/* The callee answers at once, or refuses. */
void call_comes(agent *it, const pipit_new_rtc_session_event *e)
{
    call *c = it->call;
    pipit_answer_options options = {.pc_config = {.allow_loopback = true}};

    if (!c || e->originator != PIPIT_REMOTE)
        return;
    c->session = pipit_session_ref(e->session);
    c->recorded = pipit_request_has_header(e->request, "Record-Route");
    pipit_session_set_handlers(e->session, &session_handlers, c);
    if (c->refuses)
        pipit_session_terminate(e->session, &(pipit_terminate_options){.status_code = 486});
    else if (open_media(c, &options.media_stream))
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

static bool both_ended(void *arg)
{
    const pair *p = arg;

    return p->out.ended && p->in.ended;
}

/* A call that stands; `hanger` hangs up after both have heard the other. */
static bool talk(stage *s, pair *p, const char *target, const call *hanger)
{
    uint64_t start_ms = stage_now_ms();

    if (!place(&p->alice, target))
        return false;
    if (!stage_wait(s, both_talk, p, CALL_MS))
        return stage_fail(s, "no talk: confirmed %u and %u, loud samples %u and %u, failed %u (%s)",
                          p->out.confirmed, p->in.confirmed, p->out.loud, p->in.loud, p->out.failed,
                          pipit_cause_name(p->out.cause));
    stage_note(s, "%u ms until both heard the other", (unsigned)(stage_now_ms() - start_ms));
    if (!p->out.recorded || !p->in.recorded)
        return stage_fail(s, "there was no Record-Route");
    pipit_session_terminate(hanger->session, NULL);
    return stage_wait(s, both_ended, p, 2000) ||
           stage_fail(s, "the BYE did not end the other side: ended %u and %u", p->out.ended,
                      p->in.ended);
}

static bool calls(stage *s, int route)
{
    pair p = {0};
    bool good = open_pair(&p, s, route) && talk(s, &p, "bob", &p.out);

    close_pair(&p);
    return good;
}

static bool callee_hangs_up(stage *s, int route)
{
    pair p = {0};
    bool good = open_pair(&p, s, route) && talk(s, &p, "bob", &p.in);

    close_pair(&p);
    return good;
}

static bool is_refused(stage *s, int route)
{
    pair p = {.in.refuses = true};
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

const test_case call_cases[] = {
    {"a call with sound, ws to ws", calls, ROUTE(VIA_WS, VIA_WS)},
    {"a call with sound, ws to wss, the callee hangs up", callee_hangs_up, ROUTE(VIA_WS, VIA_WSS)},
    {"a call that is refused: Busy", is_refused, ROUTE(VIA_WSS, VIA_WS)},
    {"a call to nobody: Unavailable", nobody_there, ROUTE(VIA_WS, VIA_WS)},
    {0},
};
