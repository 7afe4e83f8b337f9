/* talk.c - one call, made or taken. */
#include "cli/talk.h"

#include "cli/data.h"
#include "cli/output.h"
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AFTER_FILE_MS 500 /* so that the end of a file is heard before the line goes */

void talk_table(talk_options *o, option table[TALK_OPTIONS])
{
    const option all[TALK_OPTIONS] = {
        {"codecs", OPTION_TEXT, &o->codecs},
        {"ptime", OPTION_NUMBER, &o->ptime_ms},
        {"comfort-noise", OPTION_FLAG, &o->comfort_noise},
        {"stereo", OPTION_FLAG, &o->sound.stereo},
        {"data-channels", OPTION_FLAG, &o->data_channels},
        {"security", OPTION_TEXT, &o->security},
        {"dtmf", OPTION_TEXT, &o->dtmf},
        {"dtmf-info", OPTION_FLAG, &o->dtmf_info},
        {"duration", OPTION_SECONDS, &o->duration_s},
        {"ice-server", OPTION_LIST, &o->ice_servers},
        {"turn-user", OPTION_TEXT, &o->turn_user},
        {"relay-only", OPTION_FLAG, &o->relay_only},
        {"trickle-ice", OPTION_TEXT, &o->trickle_ice},
        {"ice-tcp", OPTION_TEXT, &o->ice_tcp},
        {NULL, OPTION_FLAG, NULL},
    };

    memcpy(table, all, sizeof(all));
}

static bool names_relay(const option_list *servers)
{
    for (size_t i = 0; i < servers->count; i++)
        if (strncasecmp(servers->values[i], "turn", 4) == 0)
            return true;
    return false;
}

static int check_servers(const talk_options *o)
{
    bool relay = names_relay(&o->ice_servers);

    if (o->relay_only && !relay)
        output_error("--relay-only needs a TURN server: --ice-server turn:host.");
    else if (relay && (!o->turn_user || !getenv("PIPIT_TURN_PASSWORD")))
        output_error("A TURN server needs --turn-user, and its password in PIPIT_TURN_PASSWORD.");
    else
        return STATUS_OK;
    return STATUS_USAGE;
}

static const char *const securities[] = {[PIPIT_SECURITY_DTLS] = "dtls",
                                         [PIPIT_SECURITY_SDES] = "sdes",
                                         [PIPIT_SECURITY_PLAIN_RTP] = "none"};

static const char *const trickles[] = {[PIPIT_TRICKLE_ICE_NONE] = "none",
                                       [PIPIT_TRICKLE_ICE_HALF] = "half",
                                       [PIPIT_TRICKLE_ICE_FULL] = "full"};

static const char *const tcp_uses[] = {[PIPIT_ICE_TCP_NONE] = "none",
                                       [PIPIT_ICE_TCP_ACTIVE] = "active",
                                       [PIPIT_ICE_TCP_BOTH] = "both",
                                       [PIPIT_ICE_TCP_ONLY] = "only"};

enum {
    TCP_USES = sizeof(tcp_uses) / sizeof(tcp_uses[0]),
    SECURITIES = sizeof(securities) / sizeof(securities[0]),
    TRICKLES = sizeof(trickles) / sizeof(trickles[0])
};

/* `count`: there is no such name. */
static size_t find(const char *name, const char *const *names, size_t count)
{
    size_t i = 0;

    while (name && i < count && strcmp(name, names[i]) != 0)
        i++;
    return i;
}

static size_t find_security(const char *name)
{
    return find(name, securities, SECURITIES);
}

static size_t find_trickle(const char *name)
{
    return find(name, trickles, TRICKLES);
}

int talk_check(const talk_options *o)
{
    int status = check_servers(o);

    if (status != STATUS_OK)
        return status;
    if (find_security(o->security) == SECURITIES) {
        output_error("--security takes dtls, sdes or none, not '%s'.", o->security);
        return STATUS_USAGE;
    }
    if (find_trickle(o->trickle_ice) == TRICKLES) {
        output_error("--trickle-ice takes none, half or full, not '%s'.", o->trickle_ice);
        return STATUS_USAGE;
    }
    if (find(o->ice_tcp, tcp_uses, TCP_USES) == TCP_USES) {
        output_error("--ice-tcp takes none, active, both or only, not '%s'.", o->ice_tcp);
        return STATUS_USAGE;
    }
    if (o->dtmf && o->dtmf[strspn(o->dtmf, "0123456789ABCDabcd*#,")]) {
        output_error("--dtmf takes 0-9, A-D, *, # and ',' only, not '%s'.", o->dtmf);
        return STATUS_USAGE;
    }
    if (o->ptime_ms && (o->ptime_ms < 10 || o->ptime_ms > 60)) {
        output_error("--ptime takes 10 to 60, not %u.", o->ptime_ms);
        return STATUS_USAGE;
    }
    status = sound_check(&o->sound);
    return status == STATUS_OK ? picture_check(&o->picture) : status;
}

/* --- saying ----------------------------------------------------------------------------------- */

static double since_start(const talk *t)
{
    return (double)(pipit_loop_now_ms(t->agent->loop) - t->started_ms) / 1000;
}

static void say(const talk *t, const char *what, const char *more)
{
    agent_say(t->agent, "%7.2f s  %s%s%s", since_start(t), what, *more ? " " : "", more);
}

static cJSON *call_event(const talk *t, const char *event)
{
    cJSON *json = agent_event(t->agent, event);

    if (json && t->session) {
        json_string(json, "call", pipit_session_call_id(t->session));
        json_string(json, "remote", pipit_session_remote_uri(t->session));
    }
    return json;
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_progress(pipit_session *session, const pipit_progress_event *event, void *user)
{
    talk *t = user;
    char line[16];
    cJSON *json = call_event(t, "progress");
    int code = event->response ? pipit_request_status_code(event->response) : 180;
    const char *phrase = event->response ? pipit_request_reason_phrase(event->response) : "Ringing";

    (void)session;
    json_number(json, "status", code);
    json_string(json, "reason", phrase);
    json_end(json);
    snprintf(line, sizeof(line), "%d", code);
    say(t, line, phrase);
}

static void on_accepted(pipit_session *session, const pipit_progress_event *event, void *user)
{
    talk *t = user;

    (void)session;
    (void)event;
    json_end(call_event(t, "accepted"));
    say(t, "answered", "");
}

static void send_digits(talk *t)
{
    pipit_dtmf_options options = {.info = t->options->dtmf_info};

    if (!t->options->dtmf || t->digits_asked || !t->confirmed_ms || !(t->media_up || options.info))
        return;
    t->digits_asked = true;
    if (pipit_session_send_dtmf(t->session, t->options->dtmf, &options) < 0)
        output_error("the digits could not be sent: %s.", pipit_error_message());
}

static void on_confirmed(pipit_session *session, const pipit_confirmed_event *event, void *user)
{
    talk *t = user;

    (void)session;
    (void)event;
    t->confirmed_ms = pipit_loop_now_ms(t->agent->loop);
    json_end(call_event(t, "confirmed"));
    say(t, "confirmed", "");
    send_digits(t);
}

static void on_media(pipit_session *session, const pipit_media_event *event, void *user)
{
    talk *t = user;
    cJSON *json = call_event(t, "media");

    (void)session;
    json_string(json, "state", event->state);
    json_end(json);
    say(t, "sound:", event->state);
    if (strcmp(event->state, "connected") == 0) {
        t->media_up = true;
        send_digits(t);
    }
}

static void on_data_channel(pipit_session *session, const pipit_data_channel_event *event,
                            void *user)
{
    (void)session;
    data_follow(user, event->channel);
}

static void on_dtmf(pipit_session *session, const pipit_dtmf_event *event, void *user)
{
    talk *t = user;
    bool sent = event->originator == PIPIT_LOCAL;
    const char digit[2] = {event->tone, '\0'};
    cJSON *json = call_event(t, "new_dtmf");

    (void)session;
    json_string(json, "originator", sent ? "local" : "remote");
    json_string(json, "tone", digit);
    json_number(json, "duration_ms", event->duration_ms);
    json_string(json, "by", event->rtp ? "rtp" : "info");
    json_end(json);
    say(t, sent ? "sent digit" : "heard digit", digit);
    if (sent)
        t->digits_sent++;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void tell_end(talk *t, const char *name, const pipit_end_event *event)
{
    static const char *const who[] = {"here", "by the far end", "by the network"};
    const char *cause = pipit_cause_name(event->cause);
    bool has_reason = *event->reason && strcmp(event->reason, cause) != 0;
    cJSON *json = call_event(t, name);

    json_string(json, "originator",
                event->originator == PIPIT_LOCAL    ? "local"
                : event->originator == PIPIT_REMOTE ? "remote"
                                                    : "system");
    json_string(json, "cause", cause);
    json_string(json, "reason", event->reason);
    json_end(json);
    if (t->confirmed_ms)
        agent_say(t->agent, "%7.2f s  ended %s: %s%s%s", since_start(t), who[event->originator],
                  cause, has_reason ? ", " : "", has_reason ? event->reason : "");
}

static void tell_summary(talk *t)
{
    uint64_t now_ms = pipit_loop_now_ms(t->agent->loop);
    report_times times = {t->confirmed_ms - t->started_ms, now_ms - t->confirmed_ms};
    pipit_stats stats;
    bool has_media = pipit_session_get_stats(t->session, &stats) == 0;

    report_call(t->agent, &times, has_media ? &stats : NULL, t->picture.seen);
}

static void finish(talk *t, int status)
{
    t->ended = true;
    t->session = pipit_session_unref(t->session);
    data_forget(t);
    sound_close(&t->sound); /* the recordings are complete from here on */
    picture_close(&t->picture);
    t->over(t, status);
}

static void on_ended(pipit_session *session, const pipit_end_event *event, void *user)
{
    talk *t = user;

    (void)session;
    tell_end(t, "ended", event);
    tell_summary(t);
    finish(t, (int)status_of_cause(event->cause == PIPIT_CAUSE_CANCELED ? PIPIT_CAUSE_BYE
                                                                        : event->cause));
}

static void on_failed(pipit_session *session, const pipit_end_event *event, void *user)
{
    talk *t = user;
    char what[300];

    tell_end(t, "failed", event);
    snprintf(what, sizeof(what), "the call %s %s failed",
             pipit_session_direction(session) == PIPIT_LOCAL ? "to" : "from",
             pipit_session_remote_uri(session));
    if (event->cause == PIPIT_CAUSE_CANCELED && pipit_session_direction(session) == PIPIT_REMOTE)
        say(t, "the caller hung up before the answer", "");
    else if (pipit_session_direction(session) == PIPIT_LOCAL)
        agent_fail_request(t->agent, what, event->cause, event->reason);
    else
        agent_say(t->agent, "%s: %s", what, event->reason);
    finish(t, (int)status_of_cause(event->cause));
}

static const pipit_session_handlers handlers = {.progress = on_progress,
                                                .accepted = on_accepted,
                                                .confirmed = on_confirmed,
                                                .ended = on_ended,
                                                .failed = on_failed,
                                                .new_dtmf = on_dtmf,
                                                .media = on_media,
                                                .data_channel = on_data_channel};

/* --- its life --------------------------------------------------------------------------------- */

talk *talk_new(agent *a, const talk_options *options, unsigned number)
{
    talk *t = calloc(1, sizeof(*t));
    int status = t ? sound_open(&options->sound, number, &t->sound) : STATUS_INTERNAL;

    if (status == STATUS_OK)
        status = picture_open(&options->picture, number, a->loop, &t->picture);
    if (status == STATUS_OK && t->picture.sound &&
        sound_add_sink(&t->sound, pipit_sink_ref(t->picture.sound)))
        status = STATUS_INTERNAL;
    if (status != STATUS_OK) {
        if (t) {
            sound_close(&t->sound);
            picture_close(&t->picture);
        }
        free(t);
        agent_end(a, status);
        return NULL;
    }
    t->agent = a;
    t->options = options;
    t->started_ms = pipit_loop_now_ms(a->loop);
    return t;
}

void talk_free(talk *t)
{
    if (!t)
        return;
    sound_close(&t->sound);
    data_forget(t);
    picture_close(&t->picture);
    pipit_session_unref(t->session);
    free(t);
}

static pipit_media_constraints constraints(const talk *t)
{
    return (pipit_media_constraints){.audio = true, .video = t->options->picture.video != NULL};
}

static pipit_media_stream stream(const talk *t)
{
    pipit_media_stream ends = t->sound.stream;

    ends.video_source = t->picture.source;
    ends.video_sink = t->picture.sink;
    return ends;
}

/* `servers` holds OPTION_LIST_MAX, and lives as long as the configuration. */
static pipit_peer_configuration peer_configuration(const talk *t, pipit_ice_server *servers)
{
    const talk_options *o = t->options;

    for (size_t i = 0; i < o->ice_servers.count; i++)
        servers[i] = (pipit_ice_server){.urls = o->ice_servers.values[i],
                                        .username = o->turn_user,
                                        .credential = getenv("PIPIT_TURN_PASSWORD"),
                                        .ca_file = t->agent->account.ca_file,
                                        .insecure = t->agent->account.insecure};
    return (pipit_peer_configuration){
        .codecs = o->codecs,
        .opus = {.stereo = o->sound.stereo},
        .ptime_ms = o->ptime_ms,
        .comfort_noise = o->comfort_noise,
        .data_channels = o->data_channels,
        .security = (pipit_media_security)find_security(o->security),
        .trickle_ice = (pipit_trickle_ice)find_trickle(o->trickle_ice),
        .ice_tcp = (pipit_ice_tcp)find(o->ice_tcp, tcp_uses, TCP_USES),
        .video_codecs = o->picture.codecs,
        .ice_servers = servers,
        .ice_server_count = o->ice_servers.count,
        .ice_transport_policy = o->relay_only ? PIPIT_ICE_RELAY : PIPIT_ICE_ALL};
}

int talk_call(talk *t, const char *target)
{
    pipit_ice_server servers[OPTION_LIST_MAX];
    const pipit_call_options options = {
        .handlers = &handlers,
        .user = t,
        .media_constraints = constraints(t),
        .media_stream = stream(t),
        .pc_config = peer_configuration(t, servers),
    };

    pipit_session *session = NULL;
    int err = pipit_ua_call(t->agent->ua, target, &options, &session);

    /* It may have failed already, and been told. */
    if (t->ended)
        pipit_session_unref(session);
    else
        t->session = session;
    if (!t->ended && !err && t->options->data_channels)
        data_open(t);
    return t->ended ? 0 : err;
}

int talk_answer(talk *t, pipit_session *session)
{
    pipit_ice_server servers[OPTION_LIST_MAX];
    const pipit_answer_options options = {.media_constraints = constraints(t),
                                          .media_stream = stream(t),
                                          .pc_config = peer_configuration(t, servers)};

    t->session = pipit_session_ref(session);
    pipit_session_set_handlers(session, &handlers, t);
    return pipit_session_answer(session, &options);
}

static size_t digit_count(const char *digits)
{
    size_t count = 0;

    for (; digits && *digits; digits++)
        count += *digits != ',';
    return count;
}

static bool file_is_over(talk *t, uint64_t now_ms)
{
    if (!t->ends_with_file || t->options->duration_s > 0 || !sound_is_over(&t->sound))
        return false;
    if (!t->played_ms)
        t->played_ms = now_ms;
    return now_ms - t->played_ms >= AFTER_FILE_MS &&
           t->digits_sent >= digit_count(t->options->dtmf);
}

/* Told once. */
static bool is_window_closed(talk *t)
{
    picture_seen *seen = t->picture.seen;
    bool closed = t->session && seen && seen->window_closed;

    if (closed)
        seen->window_closed = false;
    return closed;
}

void talk_tick(talk *t)
{
    uint64_t now_ms = pipit_loop_now_ms(t->agent->loop);
    double duration_ms = t->options->duration_s * 1000;

    if (is_window_closed(t))
        pipit_session_terminate(t->session, NULL);
    if (t->ended || !t->confirmed_ms)
        return;
    if ((duration_ms > 0 && (double)(now_ms - t->confirmed_ms) >= duration_ms) ||
        file_is_over(t, now_ms))
        pipit_session_terminate(t->session, NULL);
}
