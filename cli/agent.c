/* agent.c - one user agent on one loop, from the first connection to the exit status. */
#include "cli/agent.h"

#include "cli/output.h"
#include "cli/signals.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TICK_MS 50

void agent_table(agent_settings *settings, option table[AGENT_OPTIONS])
{
    const option all[AGENT_OPTIONS] = {
        {"json", OPTION_FLAG, &settings->json},
        {"trace", OPTION_FLAG, &settings->trace},
        {NULL, OPTION_FLAG, NULL},
    };

    memcpy(table, all, sizeof(all));
}

/* --- saying ----------------------------------------------------------------------------------- */

cJSON *agent_event(const agent *a, const char *event)
{
    return a->json ? json_event(event, a->name) : NULL;
}

static char *format_text(const char *format, va_list args)
{
    char *text = NULL;

    return vasprintf(&text, format, args) < 0 ? NULL : text;
}

void agent_say(const agent *a, const char *format, ...)
{
    va_list args;
    char *text;

    if (a->json)
        return;
    va_start(args, format);
    text = format_text(format, args);
    va_end(args);
    output_line(stdout, "%s", text ? text : "");
    free(text);
}

void agent_end(agent *a, int status)
{
    if (a->ending)
        return;
    a->ending = true;
    a->status = status;
    pipit_ua_stop(a->ua);
}

void agent_fail(agent *a, int status, const char *format, ...)
{
    cJSON *event;
    va_list args;
    char *text;

    if (a->ending)
        return;
    va_start(args, format);
    text = format_text(format, args);
    va_end(args);
    output_error("%s", text ? text : "out of memory.");
    event = agent_event(a, "error");
    json_number(event, "status", status);
    json_string(event, "message", text);
    json_end(event);
    free(text);
    agent_end(a, status);
}

static const char *advice_for(const agent *a, pipit_cause cause)
{
    switch (cause) {
    case PIPIT_CAUSE_AUTHENTICATION_ERROR:
        return a->account.password ? "Check the user name, and the password in PIPIT_PASSWORD, "
                                     "--password-file or the config file."
                                   : "The server asks for a password: give it in PIPIT_PASSWORD, "
                                     "--password-file or the config file.";
    case PIPIT_CAUSE_NOT_FOUND:
    case PIPIT_CAUSE_ADDRESS_INCOMPLETE:
        return "Check the address: the server knows no such user.";
    case PIPIT_CAUSE_UNAVAILABLE:
        return "Nobody is registered there now, or nobody could answer: try again when the far end "
               "is up.";
    case PIPIT_CAUSE_BUSY:
    case PIPIT_CAUSE_REJECTED:
        return "Try again later.";
    case PIPIT_CAUSE_INCOMPATIBLE_SDP:
    case PIPIT_CAUSE_MISSING_SDP:
    case PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION:
        return "Try other codecs with --codecs.";
    case PIPIT_CAUSE_WEBRTC_ERROR:
    case PIPIT_CAUSE_RTP_TIMEOUT:
        return "No sound could flow: check that UDP passes between both ends.";
    case PIPIT_CAUSE_CONNECTION_ERROR:
        return "Check the network and that the server runs.";
    case PIPIT_CAUSE_REQUEST_TIMEOUT:
    case PIPIT_CAUSE_NO_ANSWER:
    case PIPIT_CAUSE_EXPIRES:
        return "Nobody answered: try again later.";
    default:
        return "See the messages with --trace.";
    }
}

void agent_fail_request(agent *a, const char *what, pipit_cause cause, const char *reason)
{
    const char *name = pipit_cause_name(cause);
    bool more = reason && *reason && strcmp(reason, name) != 0;

    agent_fail(a, (int)status_of_cause(cause), "%s: %s%s%s%s. %s", what, name, more ? " (" : "",
               more ? reason : "", more ? ")" : "", advice_for(a, cause));
}

/* --- what the user agent reports -------------------------------------------------------------- */

static void get_ready(agent *a)
{
    if (a->was_ready || a->ending)
        return;
    a->was_ready = true;
    if (a->role->ready)
        a->role->ready(a);
}

static void on_connected(pipit_ua *ua, const pipit_connected_event *event, void *user)
{
    agent *a = user;
    cJSON *json = agent_event(a, "connected");

    (void)ua;
    json_string(json, "url", pipit_socket_url(event->socket));
    json_end(json);
    a->failed_connections = 0;
    if (!a->registers)
        get_ready(a);
}

static const char *connection_advice(const char *reason)
{
    if (strstr(reason, "--ca") || strstr(reason, "answered") || strstr(reason, "proxy"))
        return ""; /* it says what to do by itself */
    if (strstr(reason, "ertificate"))
        return " Check the host in --server, or give the authority's file with --ca FILE.";
    if (strstr(reason, "refused"))
        return " Check the port in --server, and that the server runs.";
    if (strstr(reason, "host name"))
        return " Check the host in --server.";
    return " Check the port in --server, and whether it is for ws:// or wss://, sip: or sips:.";
}

static void on_disconnected(pipit_ua *ua, const pipit_disconnected_event *event, void *user)
{
    agent *a = user;
    const char *url = pipit_socket_url(event->socket);
    cJSON *json = agent_event(a, "disconnected");

    (void)ua;
    json_string(json, "url", url);
    json_string(json, "reason", event->reason);
    json_number(json, "code", event->code);
    json_end(json);
    if (a->ending)
        return;
    /* At the start every server gets one chance; later the connection comes back by itself. */
    if (!a->was_ready && ++a->failed_connections >= a->account.server_count)
        agent_fail(a, STATUS_CONNECTION, "cannot connect to %s: %s.%s", url, event->reason,
                   connection_advice(event->reason));
    else
        agent_say(a, "connection to %s lost: %s", url, event->reason);
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    agent *a = user;
    cJSON *json = agent_event(a, "registered");

    (void)event;
    json_string(json, "uri", pipit_ua_uri(ua));
    json_number(json, "expires", pipit_ua_registration_expires(ua));
    json_end(json);
    if (a->ending)
        return;
    if (!a->was_ready)
        agent_say(a, "registered %s for %u s", pipit_ua_uri(ua), pipit_ua_registration_expires(ua));
    get_ready(a);
}

static const char *response_line(const pipit_request *response, char out[256])
{
    if (!response)
        return "";
    snprintf(out, 256, "%d %s", pipit_request_status_code(response),
             pipit_request_reason_phrase(response));
    return out;
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *event, void *user)
{
    agent *a = user;
    pipit_cause cause = event->cause;
    char line[256], what[300];
    int code = event->response ? pipit_request_status_code(event->response) : 0;

    /* A registrar that says so refuses the account, not a call. */
    if (code == 401 || code == 403 || code == 407)
        cause = PIPIT_CAUSE_AUTHENTICATION_ERROR;
    /* What went wrong with the connection is told by `disconnected`. */
    if (a->ending || (cause == PIPIT_CAUSE_CONNECTION_ERROR && !pipit_ua_is_connected(ua)))
        return;
    snprintf(what, sizeof(what), "the server did not register %s", pipit_ua_uri(ua));
    agent_fail_request(a, what, cause, response_line(event->response, line));
}

static void on_unregistered(pipit_ua *ua, const pipit_unregistered_event *event, void *user)
{
    agent *a = user;

    (void)ua;
    json_end(agent_event(a, "unregistered"));
    if (!a->ending && event->cause == PIPIT_CAUSE_NONE && a->role->unregistered)
        a->role->unregistered(a);
}

static void on_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    agent *a = user;

    (void)ua;
    if (event->originator != PIPIT_REMOTE)
        return;
    if (a->role->incoming && !a->ending)
        a->role->incoming(a, event->session);
    else
        pipit_session_terminate(event->session, NULL);
}

static void on_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    agent *a = user;

    (void)ua;
    if (event->originator == PIPIT_REMOTE && a->role->message)
        a->role->message(a, event->message);
}

static void on_stopped(pipit_ua *ua, void *user)
{
    (void)ua;
    ((agent *)user)->stopped = true;
}

static const pipit_ua_handlers handlers = {.connected = on_connected,
                                           .disconnected = on_disconnected,
                                           .registered = on_registered,
                                           .unregistered = on_unregistered,
                                           .registration_failed = on_registration_failed,
                                           .new_rtc_session = on_session,
                                           .new_message = on_message,
                                           .stopped = on_stopped};

static void on_trace(const pipit_trace_record *record, void *user)
{
    agent *a = user;
    bool out = record->kind == PIPIT_TRACE_SIP_OUT;
    cJSON *json;

    if (record->kind == PIPIT_TRACE_STATE)
        return;
    json = agent_event(a, "sip");
    json_string(json, "direction", out ? "out" : "in");
    json_string(json, "peer", record->peer);
    if (json)
        json_text(json, "text", record->text, record->size);
    json_end(json);
    if (a->json)
        return;
    output_line(stdout, "%s %s, %zu octets", out ? "--> to" : "<-- from",
                record->peer ? record->peer : "?", record->size);
    output_safe(stdout, record->text, record->size, true);
    fputs("\n", stdout);
    fflush(stdout);
}

/* --- the run ---------------------------------------------------------------------------------- */

static void interrupted(void *arg)
{
    agent *a = arg;

    agent_say(a, "interrupted");
    agent_end(a, STATUS_INTERRUPTED);
}

/* One timer drives all that goes by the clock here, so that nothing is left behind at the end. */
static void tick(void *arg)
{
    agent *a = arg;

    if (a->stopped) {
        pipit_loop_stop(a->loop);
        return;
    }
    if (a->role->tick && !a->ending)
        a->role->tick(a);
    if (ferror(stdout)) /* nobody reads us any more */
        agent_end(a, STATUS_INTERRUPTED);
    if (pipit_loop_after(a->loop, TICK_MS, tick, a) < 0)
        pipit_loop_stop(a->loop);
}

/* A SIP URI means UDP, TCP or TLS, a URL a WebSocket. */
static int make_socket(agent *a, const char *server, pipit_socket **out)
{
    const pipit_websocket_options websocket = {.ca_file = a->account.ca_file,
                                               .insecure = a->account.insecure};
    const pipit_sip_socket_options other = {.ca_file = a->account.ca_file,
                                            .insecure = a->account.insecure};

    if (strncasecmp(server, "sip:", 4) == 0 || strncasecmp(server, "sips:", 5) == 0)
        return pipit_sip_socket_new_with(a->loop, server, &other, out);
    return pipit_websocket_new_with(a->loop, server, &websocket, out);
}

static int add_sockets(agent *a, pipit_ua_configuration *configuration)
{
    int err = 0;

    for (size_t i = 0; i < a->account.server_count && !err; i++) {
        err = make_socket(a, a->account.servers[i], &configuration->sockets[i].socket);
        /* In the order they were given. */
        configuration->sockets[i].weight = (unsigned)(a->account.server_count - i);
    }
    return err;
}

static int make_user_agent(agent *a)
{
    pipit_ua_configuration configuration = {
        .uri = a->account.uri,
        .password = a->account.password,
        .display_name = a->account.display_name,
        .authorization_user = a->account.authorization_user,
        .no_register = !a->registers,
        .handlers = &handlers,
        .user = a,
        .trace = a->trace ? on_trace : NULL,
        .trace_user = a,
    };
    int err = add_sockets(a, &configuration);

    if (!err)
        err = pipit_ua_new(a->loop, &configuration, &a->ua);
    for (size_t i = 0; i < PIPIT_SOCKETS_MAX; i++)
        pipit_socket_unref(configuration.sockets[i].socket);
    return err;
}

/* The user part of our address. */
static char *short_name(const char *uri)
{
    const char *colon = strchr(uri, ':');
    const char *start = colon && strchr(uri, '@') > colon ? colon + 1 : uri;

    return strndup(start, strcspn(start, "@"));
}

static int run(agent *a)
{
    int err = signals_start(a->loop, interrupted, a);

    if (!err)
        err = make_user_agent(a);
    if (!err)
        err = pipit_ua_start(a->ua);
    if (!err)
        err = pipit_loop_after(a->loop, TICK_MS, tick, a);
    if (!err)
        err = pipit_loop_run(a->loop);
    return err;
}

int agent_run(const agent_settings *settings, bool registers, const agent_role *role, void *self)
{
    agent a = {.json = settings->json,
               .trace = settings->trace,
               .registers = registers,
               .role = role,
               .self = self};
    int status = account_load(&settings->account, &a.account);
    int err;

    if (status != STATUS_OK)
        return status;
    a.name = short_name(a.account.uri);
    err = pipit_loop_new(&a.loop);
    if (!err) /* where there are none it does without */
        (void)pipit_loop_set_media_threads(a.loop, PIPIT_MEDIA_THREADS_BY_CORES);
    if (!err)
        err = run(&a);
    if (err) {
        output_error("%s.", pipit_error_message());
        a.status = (int)(err == PIPIT_ERR_NOT_FOUND || err == PIPIT_ERR_IO ? STATUS_CONNECTION
                                                                           : status_of_error(err));
    }
    signals_stop();
    if (role->release)
        role->release(&a);
    pipit_ua_unref(a.ua);
    pipit_loop_unref(a.loop);
    free(a.name);
    account_free(&a.account);
    return a.status;
}
