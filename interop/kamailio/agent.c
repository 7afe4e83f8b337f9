/* agent.c - a user agent of a case, on the public interface alone. */
#include "interop/kamailio/agent.h"

#include <stdlib.h>
#include <string.h>

#define REGISTER_MS 5000u
#define ANSWER_MS   5000u
#define STOP_MS     4000u

const char *const via_names[VIA_COUNT] = {"ws", "wss", "tcp", "tls", "udp"};

static const struct {
    const char *user, *password;
} accounts[] = {{"alice", "wonderland"},
                {"bob", "builder"},
                {"carol", "christmas"},
                {"dave", "danger"},
                {"erin", "emerald"}};

/* --- what it hears ---------------------------------------------------------------------------- */

static void on_connected(pipit_ua *ua, const pipit_connected_event *e, void *user)
{
    (void)ua, (void)e;
    ((agent *)user)->connected++;
}

static void on_disconnected(pipit_ua *ua, const pipit_disconnected_event *e, void *user)
{
    (void)ua, (void)e;
    ((agent *)user)->disconnected++;
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    agent *it = user;

    (void)e;
    it->registered++;
    snprintf(it->gruu, sizeof(it->gruu), "%s", pipit_ua_contact(ua));
}

static void on_unregistered(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)ua, (void)e;
    ((agent *)user)->unregistered++;
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    agent *it = user;

    (void)ua;
    it->registration_failed++;
    it->cause = e->cause;
}

static void on_new_message(pipit_ua *ua, const pipit_new_message_event *e, void *user)
{
    agent *it = user;

    (void)ua;
    if (e->originator != PIPIT_REMOTE)
        return;
    it->messages++;
    free(it->message);
    it->message = strdup(pipit_message_body(e->message, NULL));
}

static void on_new_rtc_session(pipit_ua *ua, const pipit_new_rtc_session_event *e, void *user)
{
    (void)ua;
    call_comes(user, e);
}

static void on_stopped(pipit_ua *ua, void *user)
{
    (void)ua;
    ((agent *)user)->stopped++;
}

static const pipit_ua_handlers handlers = {
    .connected = on_connected,
    .disconnected = on_disconnected,
    .registered = on_registered,
    .unregistered = on_unregistered,
    .registration_failed = on_registration_failed,
    .new_message = on_new_message,
    .new_rtc_session = on_new_rtc_session,
    .stopped = on_stopped,
};

/* --- the wire --------------------------------------------------------------------------------- */

/* The Contact of the last REGISTER: pipit_ua_contact() gives the GRUU. */
static void keep_contact(agent *it, const pipit_trace_record *record)
{
    static const char start[] = "\r\nContact: <";
    const size_t n = sizeof(start) - 1;
    const char *limit = record->text + record->size;
    const char *at = memmem(record->text, record->size, start, n);
    const char *end = at ? memchr(at + n, '>', (size_t)(limit - at) - n) : NULL;

    if (end && strncmp(record->text, "REGISTER ", 9) == 0)
        snprintf(it->contact, sizeof(it->contact), "%.*s", (int)(end - at) - (int)n, at + n);
}

static void on_trace(const pipit_trace_record *record, void *user)
{
    agent *it = user;
    const char *end = memchr(record->text, '\r', record->size);
    size_t n = end ? (size_t)(end - record->text) : record->size;
    char *wire;

    if (record->kind == PIPIT_TRACE_STATE) {
        fprintf(it->stage->transcript, "-- %s: %s\n\n", it->user, record->text);
        return;
    }
    fprintf(it->stage->transcript, "-- %s %s %s, %llu ms\n%.*s\n\n", it->user,
            record->kind == PIPIT_TRACE_SIP_IN ? "from" : "to", record->peer,
            (unsigned long long)record->time_ms, (int)record->size, record->text);
    if (record->kind == PIPIT_TRACE_SIP_OUT)
        keep_contact(it, record);
    wire = realloc(it->wire, it->wire_size + n + 4);
    if (!wire)
        return;
    it->wire = wire;
    it->wire_size +=
        (size_t)sprintf(wire + it->wire_size, "%c %.*s\n",
                        record->kind == PIPIT_TRACE_SIP_IN ? '<' : '>', (int)n, record->text);
}

unsigned agent_wire(const agent *it, const char *start)
{
    size_t n = strlen(start);
    unsigned count = 0;

    for (const char *line = it->wire; line && *line; line = strchr(line, '\n') + 1)
        count += strncmp(line, start, n) == 0;
    return count;
}

/* --- started and stopped ---------------------------------------------------------------------- */

static int open_websocket(stage *s, const char *url, const agent_options *o, pipit_socket **out)
{
    pipit_websocket_options options = {.ca_file = o->no_authority ? NULL : s->authority,
                                       .ping_interval_ms = o->ping_ms,
                                       .pong_timeout_ms = o->ping_ms,
                                       .connect_timeout_ms = 1000};

    return pipit_websocket_new_with(s->loop, url, &options, out);
}

static int open_sip(stage *s, const char *uri, const agent_options *o, pipit_socket **out)
{
    pipit_sip_socket_options options = {.ca_file = o->no_authority ? NULL : s->authority,
                                        .keep_alive_interval_ms = o->ping_ms,
                                        .connect_timeout_ms = 1000};

    return pipit_sip_socket_new_with(s->loop, uri, &options, out);
}

static int open_socket(agent *it, const server *to, const agent_options *o, pipit_socket **out)
{
    static const struct {
        const char *before, *after;
        bool tls;
    } forms[VIA_COUNT] = {{"ws://127.0.0.1", "", false},
                          {"wss://localhost", "", true},
                          {"sip:127.0.0.1", ";transport=tcp", false},
                          {"sip:localhost", ";transport=tls", true},
                          {"sip:127.0.0.1", ";transport=udp", false}};
    char url[64];

    snprintf(url, sizeof(url), "%s:%d%s", forms[it->how].before,
             forms[it->how].tls ? to->tls_port : to->port, forms[it->how].after);
    if (it->how == VIA_WS || it->how == VIA_WSS)
        return open_websocket(it->stage, url, o, out);
    return open_sip(it->stage, url, o, out);
}

static const char *password_of(const char *user)
{
    for (size_t i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++)
        if (strcmp(accounts[i].user, user) == 0)
            return accounts[i].password;
    return "";
}

bool agent_start(agent *it, stage *s, const server *to, via how, const agent_options *options)
{
    char uri[64];
    int err;
    pipit_ua_configuration configuration = {
        .uri = uri,
        .password = options->password ? options->password : password_of(options->user),
        .instance_id = options->instance_id,
        .register_expires = options->expires,
        .no_register = options->no_register,
        .extra_headers = options->extra_headers,
        .session_timers_force_refresher = options->refreshes,
        .connection_return_interval = options->return_s,
        .connection_recovery_min_interval = 1,
        .connection_recovery_max_interval = 1,
        .handlers = &handlers,
        .user = it,
        .trace = on_trace,
        .trace_user = it,
    };

    *it = (agent){.stage = s, .user = options->user, .how = how};
    snprintf(uri, sizeof(uri), "sip:%s@" DOMAIN, options->user);
    configuration.sockets[0].weight = 10;
    err = open_socket(it, to, options, &configuration.sockets[0].socket);
    if (!err && options->second)
        err = open_socket(it, options->second, options, &configuration.sockets[1].socket);
    if (!err)
        err = pipit_ua_new(s->loop, &configuration, &it->ua);
    if (!err)
        err = pipit_ua_start(it->ua);
    pipit_socket_unref(configuration.sockets[0].socket);
    pipit_socket_unref(configuration.sockets[1].socket);
    return err == 0 || stage_fail(s, "%s did not start: %s", options->user, pipit_error_message());
}

bool agent_register(agent *it, stage *s, const server *to, via how, const agent_options *options)
{
    if (!agent_start(it, s, to, how, options))
        return false;
    return agent_wait(it, &it->registered, 1, REGISTER_MS) ||
           stage_fail(s, "%s did not register over %s within %u ms: %u connections, %u failures",
                      options->user, via_names[how], REGISTER_MS, it->connected,
                      it->registration_failed);
}

void agent_stop(agent *it)
{
    if (it->ua) {
        pipit_ua_stop(it->ua);
        agent_wait(it, &it->stopped, 1, STOP_MS);
    }
    it->ua = pipit_ua_unref(it->ua);
    free(it->wire);
    free(it->message);
    it->wire = it->message = NULL;
}

/* --- waiting ---------------------------------------------------------------------------------- */

typedef struct at_least {
    const unsigned *number;
    unsigned least;
} at_least;

static bool is_reached(void *arg)
{
    const at_least *a = arg;

    return *a->number >= a->least;
}

bool agent_wait(const agent *it, const unsigned *number, unsigned least, unsigned ms)
{
    return stage_wait(it->stage, is_reached, &(at_least){number, least}, ms);
}

/* --- messages and queries --------------------------------------------------------------------- */

static bool is_answered(void *arg)
{
    return ((agent *)arg)->status != 0;
}

static int wait_for_the_answer(agent *it, int err)
{
    if (err)
        return 0;
    stage_wait(it->stage, is_answered, it, ANSWER_MS);
    return it->status;
}

static void on_answer(pipit_message *message, const pipit_message_event *e, void *user)
{
    (void)message;
    ((agent *)user)->status = e->response ? pipit_request_status_code(e->response) : -1;
}

static const pipit_message_handlers message_handlers = {on_answer, on_answer};

int agent_say(agent *it, const char *target, const char *text)
{
    const pipit_message_options options = {.handlers = &message_handlers, .user = it};

    it->status = 0;
    return wait_for_the_answer(it, pipit_ua_send_message(it->ua, target, text, &options, NULL));
}

static void on_options_answer(pipit_options *query, const pipit_options_event *e, void *user)
{
    (void)query;
    ((agent *)user)->status = e->response ? pipit_request_status_code(e->response) : -1;
}

static const pipit_options_handlers options_handlers = {on_options_answer, on_options_answer};

int agent_query(agent *it, const char *target)
{
    const pipit_options_options options = {.handlers = &options_handlers, .user = it};

    it->status = 0;
    return wait_for_the_answer(it, pipit_ua_send_options(it->ua, target, NULL, &options, NULL));
}
