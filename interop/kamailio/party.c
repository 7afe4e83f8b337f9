/* party.c - calls of a user agent that another program commands; what happens becomes lines of JSON. */
#include "interop/kamailio/party.h"
#include "interop/kamailio/plain.h"

#include <stdlib.h>
#include <string.h>

#define TONE_HZ     440u
#define TONE_DBFS   (-12.0)
#define EARS_HZ     16000u
#define LOUD_SAMPLE 1000
#define CONNECT_MS  4000u
#define TIMERS_S    60u

static const char *who(pipit_originator originator)
{
    return originator == PIPIT_REMOTE ? "remote" : "local";
}

/* One line; `more` is further members, each behind its comma. */
static void tell(const party *it, const leg *one, const char *event, const char *more)
{
    printf("{\"agent\":\"%s\",\"call\":\"%s\",\"event\":\"%s\"%s}\n", it->name,
           one ? one->name : "", event, more);
    fflush(stdout);
}

/* --- sound ------------------------------------------------------------------------------------ */

static void hear(void *self, const int16_t *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((leg *)self)->loud += samples[i] > LOUD_SAMPLE;
}

static const pipit_sink_interface ears = {.write = hear};

/* What a call of it is given: sound and ears, or media that only agree. */
typedef struct supply {
    pipit_media_stream stream;
    pipit_own_media *own;
} supply;

static int open_supply(leg *one, supply *out)
{
    int err;

    if (one->of->how.plain)
        return plain_media_new(&out->own);
    err = pipit_source_tone(TONE_HZ, TONE_DBFS, &out->stream.audio_source);
    return err ? err : pipit_sink_new(&ears, one, EARS_HZ, &out->stream.audio_sink);
}

static void close_supply(const supply *it)
{
    pipit_source_unref(it->stream.audio_source);
    pipit_sink_unref(it->stream.audio_sink);
    pipit_own_media_unref(it->own);
}

/* --- what a call hears ------------------------------------------------------------------------ */

static void tell_end(const leg *one, const char *name, const pipit_end_event *e)
{
    char more[96];

    snprintf(more, sizeof(more), ",\"originator\":\"%s\",\"cause\":\"%s\"", who(e->originator),
             pipit_cause_name(e->cause));
    tell(one->of, one, name, more);
}

static void tell_tone(const leg *one, const pipit_dtmf_event *e)
{
    char more[128];

    snprintf(more, sizeof(more),
             ",\"originator\":\"%s\",\"tone\":\"%c\",\"duration_ms\":%u,\"rtp\":%s",
             who(e->originator), e->tone, e->duration_ms, e->rtp ? "true" : "false");
    tell(one->of, one, "newDTMF", more);
}

static void on_any(pipit_session *session, const char *name, const void *event, void *user)
{
    const leg *one = user;
    char more[64];

    (void)session;
    if (strcmp(name, "ended") == 0 || strcmp(name, "failed") == 0) {
        tell_end(one, name, event);
    } else if (strcmp(name, "newDTMF") == 0) {
        tell_tone(one, event);
    } else if (strcmp(name, "hold") == 0 || strcmp(name, "unhold") == 0) {
        snprintf(more, sizeof(more), ",\"originator\":\"%s\"",
                 who(((const pipit_hold_event *)event)->originator));
        tell(one->of, one, name, more);
    } else if (strcmp(name, "sdp") != 0) {
        tell(one->of, one, name, "");
    }
}

static void on_progress(pipit_session *session, const pipit_progress_event *e, void *user)
{
    leg *one = user;

    (void)e;
    if (one->holds && pipit_session_is_ready_to_reoffer(session))
        one->holds = pipit_session_hold(session, NULL) != 0;
}

static void on_refer(pipit_session *session, const pipit_refer_event *e, void *user);

static const pipit_session_handlers session_handlers = {
    .any = on_any, .progress = on_progress, .refer = on_refer};

void party_outcome(pipit_session *session, const pipit_outcome *outcome, void *user)
{
    const leg *one = user;
    char more[64];

    (void)session;
    snprintf(more, sizeof(more), ",\"cause\":\"%s\"", pipit_cause_name(outcome->cause));
    tell(one->of, one, "outcome", more);
}

/* --- calls ------------------------------------------------------------------------------------ */

static leg *open_leg(party *it, const char *name)
{
    leg *one = calloc(1, sizeof(*one));

    if (!one)
        return NULL;
    if (name)
        snprintf(one->name, sizeof(one->name), "%s", name);
    else
        snprintf(one->name, sizeof(one->name), "in%u", ++it->came);
    one->of = it;
    one->next = it->legs;
    it->legs = one;
    return one;
}

leg *party_leg(const party *it, const char *name)
{
    leg *one = it->legs;

    while (one && strcmp(one->name, name) != 0)
        one = one->next;
    return one && one->session ? one : NULL;
}

int party_answer(leg *one)
{
    supply media = {0};
    int err = open_supply(one, &media);

    if (!err)
        err = pipit_session_answer(one->session,
                                   &(pipit_answer_options){.media_stream = media.stream,
                                                           .own_media = media.own,
                                                           .pc_config = {.allow_loopback = true}});
    close_supply(&media);
    return err;
}

int party_progress(leg *one)
{
    supply media = {0};
    int err = open_supply(one, &media);

    if (!err)
        err = pipit_session_progress(
            one->session, &(pipit_progress_options){.early_media = true,
                                                    .media_stream = media.stream,
                                                    .own_media = media.own,
                                                    .pc_config = {.allow_loopback = true}});
    close_supply(&media);
    return err;
}

static pipit_call_options options_for(leg *one, const supply *media)
{
    return (pipit_call_options){.handlers = &session_handlers,
                                .user = one,
                                .media_stream = media->stream,
                                .own_media = media->own,
                                .pc_config = {.allow_loopback = true}};
}

int party_call(party *it, const char *name, const char *target, const char *options)
{
    leg *one = open_leg(it, name);
    supply media = {0};
    int err = one ? open_supply(one, &media) : PIPIT_ERR_MEMORY;

    if (!err) {
        pipit_call_options o = options_for(one, &media);

        one->holds = strstr(options, "holds-early") != NULL;
        o.offerless = strstr(options, "offerless") != NULL;
        o.session_timers_expires = strstr(options, "timers") ? TIMERS_S : 0;
        o.follow_redirects = strstr(options, "redirects") ? 1 : 0;
        err = pipit_ua_call(it->agent.ua, target, &o, &one->session);
    }
    close_supply(&media);
    return err;
}

static void on_new_rtc_session(pipit_ua *ua, const pipit_new_rtc_session_event *e, void *user)
{
    party *it = user;
    leg *one = e->originator == PIPIT_REMOTE ? open_leg(it, NULL) : NULL;

    (void)ua;
    if (!one)
        return;
    one->session = pipit_session_ref(e->session);
    pipit_session_set_handlers(e->session, &session_handlers, one);
    tell(it, one, "incoming", "");
    if (it->manner == PARTY_REFUSES)
        pipit_session_terminate(e->session, &(pipit_terminate_options){.status_code = 486});
    else if (it->manner == PARTY_ANSWERS)
        party_answer(one);
}

/* --- transfer --------------------------------------------------------------------------------- */

/* We are the transferee: always. */
static void on_refer(pipit_session *session, const pipit_refer_event *e, void *user)
{
    party *it = ((leg *)user)->of;
    leg *one = open_leg(it, NULL);
    supply media = {0};

    (void)session;
    if (one && open_supply(one, &media) == 0) {
        pipit_call_options options = options_for(one, &media);

        if (pipit_refer_accept(e->refer, &options, &one->session) == 0)
            tell(it, one, "referred", pipit_refer_replaces(e->refer) ? ",\"replaces\":true" : "");
    }
    close_supply(&media);
}

static void tell_transfer(void *user, const char *event, const pipit_refer_progress_event *e)
{
    const leg *one = user;
    char more[64];

    snprintf(more, sizeof(more), ",\"status\":%d", e->status_code);
    tell(one->of, one, event, more);
}

static void on_request_failed(pipit_refer_subscriber *refer, const pipit_refer_progress_event *e,
                              void *user)
{
    (void)refer;
    tell_transfer(user, "transferRefused", e);
}

static void on_transferred(pipit_refer_subscriber *refer, const pipit_refer_progress_event *e,
                           void *user)
{
    (void)refer;
    tell_transfer(user, "transferred", e);
}

static void on_transfer_failed(pipit_refer_subscriber *refer, const pipit_refer_progress_event *e,
                               void *user)
{
    (void)refer;
    tell_transfer(user, "transferFailed", e);
}

static const pipit_refer_handlers refer_handlers = {
    .request_failed = on_request_failed, .accepted = on_transferred, .failed = on_transfer_failed};

int party_refer(leg *one, const char *target, const leg *replaces)
{
    return pipit_session_refer(
        one->session, target,
        &(pipit_refer_options){.handlers = &refer_handlers,
                               .user = one,
                               .replaces = replaces ? replaces->session : NULL},
        NULL);
}

/* --- started and stopped ---------------------------------------------------------------------- */

static void on_new_message(pipit_ua *ua, const pipit_new_message_event *e, void *user)
{
    (void)ua;
    if (e->originator == PIPIT_REMOTE)
        tell(user, NULL, "message", "");
}

static const pipit_ua_handlers ua_handlers = {.new_rtc_session = on_new_rtc_session,
                                              .new_message = on_new_message};

party *party_start(stage *s, const char *name, const party_options *how)
{
    const server to = {.port = how->port};
    party *it = calloc(1, sizeof(*it));
    bool good;

    if (!it) {
        stage_fail(s, "no memory");
        return NULL;
    }
    snprintf(it->name, sizeof(it->name), "%s", name);
    it->how = *how;
    it->manner = how->manner;
    good = agent_start(&it->agent, s, &to, how->over,
                       &(agent_options){.user = it->name,
                                        .refreshes = how->refreshes,
                                        .no_register = how->unregistered}) &&
           pipit_ua_add_handlers(it->agent.ua, &ua_handlers, it) == 0;
    if (good && agent_wait(&it->agent, &it->agent.connected, 1, CONNECT_MS) &&
        (how->unregistered || agent_wait(&it->agent, &it->agent.registered, 1, CONNECT_MS)))
        return it;
    if (good)
        stage_fail(s, "%s did not connect or register in time", name);
    party_stop(it);
    return NULL;
}

party *party_stop(party *it)
{
    party *next = it->next;

    agent_stop(&it->agent);
    for (leg *one = it->legs, *after; one; one = after) {
        after = one->next;
        pipit_session_unref(one->session);
        free(one);
    }
    free(it);
    return next;
}
