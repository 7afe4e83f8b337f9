/* connection.c - what the transport reports, and in which order the rest hears of it (jssip-behaviour section 1.1). */
#include "base/log.h"
#include "ua/trace.h"
#include "ua/ua.h"

static void on_connecting(void *arg, pipit_socket *socket, unsigned attempts)
{
    pipit_ua *ua = arg;
    pipit_connecting_event event = {.socket = socket, .attempts = attempts};

    PP_UA_EMIT(ua, connecting, &event);
}

static void on_connected(void *arg, pipit_socket *socket)
{
    pipit_ua *ua = pipit_ua_ref(arg);
    pipit_connected_event event = {.socket = socket};

    if (!ua->stopping) {
        ua->status = PIPIT_UA_READY;
        pp_ua_trace_state(ua, "user agent", "connected");
        PP_UA_EMIT(ua, connected, &event);
        if (ua->status == PIPIT_UA_READY)
            pp_registrator_connected(ua);
    }
    pipit_ua_unref(ua);
}

/* Requests on their way fail now, and from a post of their own: `registration_failed` comes before `unregistered`. */
static void on_disconnected(void *arg, pipit_socket *socket, bool error, int code,
                            const char *reason)
{
    pipit_ua *ua = pipit_ua_ref(arg);
    pipit_disconnected_event event = {
        .socket = socket, .error = error, .code = code, .reason = reason};

    pp_transactions_flow_lost(ua->transactions, NULL);
    if (ua->status == PIPIT_UA_READY)
        ua->status = PIPIT_UA_NOT_READY;
    pp_ua_trace_state(ua, "user agent", "disconnected");
    PP_UA_EMIT(ua, disconnected, &event);
    pp_registrator_disconnected(ua);
    pipit_ua_unref(ua);
}

static void on_data(void *arg, const char *data, size_t size)
{
    pipit_ua *ua = pipit_ua_ref(arg);

    pp_ua_receive(ua, data, size);
    pipit_ua_unref(ua);
}

const pp_transport_handlers pp_ua_transport_handlers = {
    .connecting = on_connecting,
    .connected = on_connected,
    .disconnected = on_disconnected,
    .data = on_data,
};

bool pipit_ua_is_connected(const pipit_ua *ua)
{
    return ua && pp_transport_is_connected(ua->transport);
}
