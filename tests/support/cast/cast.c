/* cast.c - alice, bob and a switchboard in one simulation. */
#include "support/cast/cast.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void phone_note(phone *p, const char *format, ...)
{
    va_list args;
    size_t room = sizeof(p->log) - p->log_size;
    int size;

    va_start(args, format);
    size = vsnprintf(p->log + p->log_size, room, format, args);
    va_end(args);
    if (size > 0 && (size_t)size + 1 < room) {
        p->log_size += (size_t)size;
        p->log[p->log_size++] = ' ';
        p->log[p->log_size] = '\0';
    }
}

/* --- a call's events -------------------------------------------------------------------------- */

static void on_connecting(pipit_session *session, const pipit_request_event *event, void *user)
{
    (void)session;
    (void)event;
    phone_note(user, "connecting");
}

static void on_sending(pipit_session *session, const pipit_request_event *event, void *user)
{
    (void)session;
    (void)event;
    phone_note(user, "sending");
}

static void on_progress(pipit_session *session, const pipit_progress_event *event, void *user)
{
    (void)session;
    phone_note(user, "progress:%s", event->originator == PIPIT_LOCAL ? "local" : "remote");
}

static void on_accepted(pipit_session *session, const pipit_progress_event *event, void *user)
{
    (void)session;
    phone_note(user, "accepted:%s", event->originator == PIPIT_LOCAL ? "local" : "remote");
}

static void on_confirmed(pipit_session *session, const pipit_confirmed_event *event, void *user)
{
    phone *p = user;

    (void)session;
    (void)event;
    p->confirmed = true;
    phone_note(p, "confirmed");
}

static void on_over(phone *p, const char *name, const pipit_end_event *event)
{
    assert_false(p->over); /* one final event for each call */
    p->over = true;
    p->cause = event->cause;
    phone_note(p, "%s:%s", name, pipit_cause_name(event->cause));
}

static void on_ended(pipit_session *session, const pipit_end_event *event, void *user)
{
    (void)session;
    on_over(user, "ended", event);
}

static void on_failed(pipit_session *session, const pipit_end_event *event, void *user)
{
    (void)session;
    on_over(user, "failed", event);
}

static void on_dtmf(pipit_session *session, const pipit_dtmf_event *event, void *user)
{
    phone *p = user;
    size_t n = strlen(p->digits);

    (void)session;
    if (event->originator == PIPIT_REMOTE && n + 1 < sizeof(p->digits)) {
        p->digits[n] = event->tone;
        p->digits[n + 1] = '\0';
    }
}

static void on_media(pipit_session *session, const pipit_media_event *event, void *user)
{
    phone *p = user;

    (void)session;
    if (strcmp(event->state, "connected") == 0)
        p->media_up = true;
    phone_note(p, "media:%s", event->state);
}

static void on_sdp(pipit_session *session, const pipit_sdp_event *event, void *user)
{
    phone *p = user;

    (void)session;
    if (event->originator == PIPIT_LOCAL)
        snprintf(p->described, sizeof(p->described), "%s", event->sdp);
}

static const char *who(pipit_originator originator)
{
    return originator == PIPIT_LOCAL ? "local" : "remote";
}

static void on_hold(pipit_session *session, const pipit_hold_event *event, void *user)
{
    (void)session;
    phone_note(user, "hold:%s", who(event->originator));
}

static void on_unhold(pipit_session *session, const pipit_hold_event *event, void *user)
{
    (void)session;
    phone_note(user, "unhold:%s", who(event->originator));
}

static void on_reoffered(pipit_session *session, const pipit_reoffered_event *event, void *user)
{
    (void)session;
    phone_note(user, "reoffered:%s", who(event->originator));
}

static const pipit_session_handlers session_handlers;

const pipit_call_options *cast_call_options(phone *from)
{
    static pipit_call_options options;

    options = (pipit_call_options){
        .handlers = &session_handlers,
        .user = from,
        .media_stream = {.audio_source = from->source, .audio_sink = from->sink},
        .pc_config = {.codecs = from->cast->codecs, .data_channels = from->cast->data_channels},
    };
    return &options;
}

/* Does at once what it is asked for. */
static void on_refer(pipit_session *session, const pipit_refer_event *event, void *user)
{
    phone *p = user;

    (void)session;
    phone_note(p, "refer:%s", pipit_refer_target(event->refer));
    assert_int_equal(pipit_refer_accept(event->refer, cast_call_options(p), NULL), 0);
}

static void on_replaces(pipit_session *session, const pipit_replaces_event *event, void *user)
{
    (void)session;
    (void)event;
    phone_note(user, "replaces");
}

static const pipit_session_handlers session_handlers = {
    .connecting = on_connecting,
    .sending = on_sending,
    .progress = on_progress,
    .accepted = on_accepted,
    .confirmed = on_confirmed,
    .ended = on_ended,
    .failed = on_failed,
    .new_dtmf = on_dtmf,
    .refer = on_refer,
    .replaces = on_replaces,
    .reoffered = on_reoffered,
    .hold = on_hold,
    .unhold = on_unhold,
    .media = on_media,
    .sdp = on_sdp,
};

/* --- a user agent's events -------------------------------------------------------------------- */

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    phone *p = user;

    (void)ua;
    (void)event;
    p->registered = true;
    phone_note(p, "registered");
}

static void on_unregistered(pipit_ua *ua, const pipit_unregistered_event *event, void *user)
{
    phone *p = user;

    (void)ua;
    (void)event;
    p->registered = false;
    phone_note(p, "unregistered");
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *event, void *user)
{
    phone *p = user;

    (void)ua;
    p->registered = false;
    phone_note(p, "registration_failed:%s", pipit_cause_name(event->cause));
}

static void on_disconnected(pipit_ua *ua, const pipit_disconnected_event *event, void *user)
{
    (void)ua;
    phone_note(user, "disconnected:%d", event->code);
}

static void on_connected(pipit_ua *ua, const pipit_connected_event *event, void *user)
{
    (void)ua;
    (void)event;
    phone_note(user, "connected");
}

static void keep_session(phone *p, pipit_session *session)
{
    pipit_session_unref(p->session);
    p->session = pipit_session_ref(session);
    p->confirmed = p->over = p->media_up = false;
    p->described[0] = '\0';
}

static void on_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    phone *p = user;
    const pipit_answer_options options = {
        .media_stream = {.audio_source = p->source, .audio_sink = p->sink},
        .pc_config = {.codecs = p->cast->codecs, .data_channels = p->cast->data_channels},
    };

    (void)ua;
    keep_session(p, event->session);
    phone_note(p, "new_rtc_session");
    if (event->originator == PIPIT_LOCAL)
        return;
    pipit_session_set_handlers(event->session, &session_handlers, p);
    if (!p->manual)
        pipit_session_answer(event->session, &options); /* a failure comes as an event */
}

static void on_message_result(pipit_message *message, const pipit_message_event *event, void *user)
{
    phone *p = user;

    (void)message;
    p->message_done = true;
    p->message_status = event->response ? pipit_request_status_code(event->response) : 0;
}

static const pipit_message_handlers message_handlers = {on_message_result, on_message_result};

static void on_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    phone *p = user;

    (void)ua;
    if (event->originator == PIPIT_REMOTE)
        snprintf(p->text, sizeof(p->text), "%s", pipit_message_body(event->message, NULL));
}

static void on_stopped(pipit_ua *ua, void *user)
{
    phone *p = user;

    (void)ua;
    p->stopped = true;
    phone_note(p, "stopped");
}

static const pipit_ua_handlers ua_handlers = {
    .connected = on_connected,
    .disconnected = on_disconnected,
    .registered = on_registered,
    .unregistered = on_unregistered,
    .registration_failed = on_registration_failed,
    .new_rtc_session = on_session,
    .new_message = on_message,
    .stopped = on_stopped,
};

/* --- the stage -------------------------------------------------------------------------------- */

typedef struct account {
    const char *user, *password;
} account;

static int phone_init(phone *p, cast *c, const char *name, account whose, unsigned tone_hz)
{
    bool secure = c->server_authority.certificate != NULL;
    pipit_websocket_options websocket = {.ca_file = secure ? c->server_authority.ca_file : NULL};
    pipit_ua_configuration configuration = {.handlers = &ua_handlers,
                                            .user = p,
                                            .password = whose.password,
                                            .network_changes = c->network_changes};
    char url[64], uri[64];
    int err;

    p->cast = c;
    p->name = name;
    snprintf(url, sizeof(url), secure ? "wss://sip.example.com:%u" : "ws://sip.example.com:%u",
             secure ? switchboard_wss_port(c->board) : switchboard_ws_port(c->board));
    snprintf(uri, sizeof(uri), "sip:%s@example.com", whose.user);
    err = pipit_source_tone(tone_hz, -12, &p->source);
    if (!err)
        err = phone_ear(p, &p->sink);
    if (!err)
        err = pipit_websocket_new_with(sim_loop(c->s), url, &websocket, &p->socket);
    if (err)
        return err;
    configuration.uri = uri;
    configuration.sockets[0].socket = p->socket;
    return pipit_ua_new(sim_loop(c->s), &configuration, &p->ua);
}

static void phone_release(phone *p)
{
    p->session = pipit_session_unref(p->session);
    p->ua = pipit_ua_unref(p->ua);
    p->socket = pipit_socket_unref(p->socket);
    p->source = pipit_source_unref(p->source);
    p->sink = pipit_sink_unref(p->sink);
}

static int make_authority(cast *c)
{
    static const char *const names[] = {"sip.example.com", NULL};
    pipit_loop *loop = sim_loop(c->s);

    return authority_make(&c->server_authority, &loop->rng, pp_loop_wall_us(loop), 30, names);
}

static void tear_down(cast *c)
{
    phone_release(&c->alice);
    phone_release(&c->bob);
    phone_release(&c->carol);
    phone_release(&c->dave);
    sim_advance_ms(c->s, 100);
    switchboard_free(c->board);
    authority_drop(&c->server_authority);
    sim_free(c->s);
    free(c);
}

int cast_new(const cast_options *options, cast **out)
{
    static const switchboard_user users[] = {
        {"alice", "wonderland"}, {"bob", "builder"}, {"carol", "christmas"}, {"dave", "daylight"}};
    switchboard_options board = {.domain = "example.com",
                                 .users = users,
                                 .user_count = options->fourth  ? 4
                                               : options->third ? 3
                                                                : 2};
    const account alices = {"alice",
                            options->wrong_password ? options->wrong_password : "wonderland"};
    const account bobs = {"bob", "builder"}, carols = {"carol", "christmas"};
    cast *c = calloc(1, sizeof(*c));
    int err;

    assert_non_null(c);
    assert_int_equal(sim_new(options->seed, &c->s), 0);
    c->codecs = options->codecs;
    c->data_channels = options->data_channels;
    c->network_changes = options->network_changes;
    sim_add_host(c->s, "sip.example.com", "192.0.2.1");
    err = options->wss ? make_authority(c) : 0;
    assert_true(pp_addr_parse(options->everywhere ? PP_LIT("0.0.0.0") : PP_LIT("192.0.2.1"),
                              options->wss ? 8443 : 8080, options->wss ? &board.wss : &board.ws));
    board.certificate = c->server_authority.certificate;
    if (!err)
        err = switchboard_new(sim_loop(c->s), &board, &c->board);
    if (!err)
        err = phone_init(&c->alice, c, "alice", alices, 440);
    if (!err)
        err = phone_init(&c->bob, c, "bob", bobs, 1000);
    if (!err && options->third)
        err = phone_init(&c->carol, c, "carol", options->shared ? bobs : carols, 700);
    if (!err && options->fourth)
        err = phone_init(&c->dave, c, "dave", (account){"dave", "daylight"}, 550);
    if (err) {
        tear_down(c);
        return err;
    }
    *out = c;
    return 0;
}

static bool is_set(void *arg)
{
    return *(const bool *)arg;
}

bool cast_wait(cast *c, const bool *flag, uint64_t ms)
{
    return sim_run_until(c->s, is_set, (void *)(uintptr_t)flag, ms);
}

void cast_start(cast *c)
{
    const phone *const all[] = {&c->alice, &c->bob, &c->carol, &c->dave};

    for (size_t i = 0; i < 4; i++)
        if (all[i]->ua)
            assert_int_equal(pipit_ua_start(all[i]->ua), 0);
    for (size_t i = 0; i < 4; i++)
        if (all[i]->ua)
            assert_true(cast_wait(c, &all[i]->registered, 5000));
}

cast *cast_on_stage(const cast_options *options)
{
    cast *c = NULL;

    assert_int_equal(cast_new(options, &c), 0);
    cast_start(c);
    return c;
}

void cast_free(cast *c)
{
    pipit_ua_stop(c->alice.ua);
    pipit_ua_stop(c->bob.ua);
    pipit_ua_stop(c->carol.ua);
    pipit_ua_stop(c->dave.ua);
    sim_advance_ms(c->s, 40000); /* timers B, F and H are over, too */
    tear_down(c);
}

int cast_call(phone *from, const char *target)
{
    from->confirmed = from->over = from->media_up = false;
    return pipit_ua_call(from->ua, target, cast_call_options(from), NULL);
}

void cast_talk(phone *from, phone *to)
{
    assert_int_equal(cast_call(from, to->name), 0);
    assert_true(cast_wait(from->cast, &from->media_up, 5000));
    assert_true(cast_wait(from->cast, &to->media_up, 5000));
}

int cast_message(phone *from, const char *target, const char *text)
{
    const pipit_message_options options = {.handlers = &message_handlers, .user = from};

    from->message_done = false;
    return pipit_ua_send_message(from->ua, target, text, &options, NULL);
}
