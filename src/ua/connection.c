/* connection.c - what the transport reports, and in which order the rest hears of it (jssip-behaviour section 1.1). */
#include "base/alloc.h"
#include "ua/session/session.h"
#include "ua/trace.h"

/* --- a loss ----------------------------------------------------------------------------------- */

static void forget_loss(pp_loss *loss)
{
    pipit_socket_unref(loss->socket);
    pp_free(loss->reason);
    *loss = (pp_loss){0};
}

/* Behind transport_error of every request on its way: so `registration_failed` comes before, `unregistered` and the new
 * state after it. */
static void report_loss(pipit_ua *ua)
{
    pp_loss loss = ua->loss;
    pipit_disconnected_event event = {.socket = loss.socket,
                                      .error = loss.error,
                                      .code = loss.code,
                                      .reason = loss.reason ? loss.reason : "",
                                      .recovering = loss.recovering};

    if (!loss.socket)
        return;
    pp_loop_unpost(ua->loop, &ua->loss.post);
    ua->loss = (pp_loss){0};
    pipit_ua_ref(ua);
    pp_ua_trace_state(ua, "user agent", "disconnected");
    PP_UA_EMIT(ua, disconnected, &event);
    pp_registrator_disconnected(ua);
    if (ua->status != PIPIT_UA_USER_CLOSED && !pp_transport_is_connected(ua->transport))
        ua->status = PIPIT_UA_NOT_READY;
    forget_loss(&loss);
    pipit_ua_unref(ua);
}

static void on_loss_post(void *arg)
{
    report_loss(arg);
}

static char *copy_reason(const char *reason)
{
    return *reason ? pp_strdup(reason) : NULL; /* without memory it is told without its reason */
}

static void remember_error(pipit_ua *ua, const pp_transport_loss *loss)
{
    pp_free(ua->last_reason);
    ua->last_reason = copy_reason(loss->reason);
    ua->last_error.code = loss->code;
    ua->last_error.reason = ua->last_reason ? ua->last_reason : "";
    ua->had_error = true;
}

void pp_ua_connection_free(pipit_ua *ua)
{
    pp_loop_unpost(ua->loop, &ua->loss.post);
    forget_loss(&ua->loss);
    pp_free(ua->last_reason);
}

/* --- what the transport reports --------------------------------------------------------------- */

static void on_connecting(void *arg, pipit_socket *socket, unsigned attempts)
{
    pipit_ua *ua = pipit_ua_ref(arg);
    pipit_connecting_event event = {.socket = socket, .attempts = attempts};

    report_loss(ua);
    if (!pp_transport_is_idle(ua->transport))
        PP_UA_EMIT(ua, connecting, &event);
    pipit_ua_unref(ua);
}

/* A handler may have stopped us, and the socket may have gone again while it ran. */
static bool is_up(const pipit_ua *ua)
{
    return ua->status == PIPIT_UA_READY && pp_transport_is_connected(ua->transport);
}

/* The registrar comes first: the far ends of subscriptions reach us by what it knows. */
void pp_ua_registration_decided(pipit_ua *ua)
{
    if (!ua->returned || ua->stopping || !is_up(ua))
        return;
    ua->returned = false;
    pp_farewells_connected(ua);
    pp_survival_connected(ua);
    pp_subscriptions_connected(ua);
}

static void on_connected(void *arg, pipit_socket *socket)
{
    pipit_ua *ua = pipit_ua_ref(arg);
    pipit_connected_event event = {.socket = socket};

    report_loss(ua);
    if (!ua->stopping && pp_transport_is_connected(ua->transport)) {
        ua->status = PIPIT_UA_READY;
        ua->returned = true;
        pp_ua_place(ua);
        pp_ua_trace_state(ua, "user agent", "connected");
        PP_UA_EMIT(ua, connected, &event);
        if (is_up(ua))
            pp_registrator_connected(ua);
        if (!ua->registrator.sender && !ua->registrator.remover)
            pp_ua_registration_decided(ua);
    }
    pipit_ua_unref(ua);
}

static void on_disconnected(void *arg, const pp_transport_loss *loss)
{
    pipit_ua *ua = pipit_ua_ref(arg);

    report_loss(ua); /* one before, of the same turn */
    if (loss->error || loss->code)
        remember_error(ua, loss);
    pp_survival_disconnected(ua);
    pp_transactions_flow_lost(ua->transactions, NULL);
    ua->loss.socket = pipit_socket_ref(loss->socket);
    ua->loss.error = loss->error;
    ua->loss.recovering = loss->recovering;
    ua->loss.code = loss->code;
    ua->loss.reason = copy_reason(loss->reason);
    pp_loop_post(ua->loop, &ua->loss.post, on_loss_post, ua);
    pipit_ua_unref(ua);
}

static void on_data(void *arg, const pp_wire *wire)
{
    pipit_ua *ua = pipit_ua_ref(arg);

    pp_ua_receive(ua, wire);
    pipit_ua_unref(ua);
}

static bool is_idle(void *arg)
{
    const pipit_ua *ua = arg;

    return !ua->stopping && !ua->sessions && pp_transactions_count(ua->transactions) == 0;
}

const pp_transport_handlers pp_ua_transport_handlers = {
    .connecting = on_connecting,
    .connected = on_connected,
    .disconnected = on_disconnected,
    .data = on_data,
    .idle = is_idle,
};

/* --- getters ---------------------------------------------------------------------------------- */

bool pipit_ua_is_connected(const pipit_ua *ua)
{
    return ua && pp_transport_is_connected(ua->transport);
}

bool pipit_ua_is_connecting(const pipit_ua *ua)
{
    return ua && pp_transport_is_connecting(ua->transport);
}

pipit_socket *pipit_ua_socket(const pipit_ua *ua)
{
    return ua ? pp_transport_socket(ua->transport) : NULL;
}

unsigned pipit_ua_reconnection_attempts(const pipit_ua *ua)
{
    return ua ? pp_transport_attempts(ua->transport) : 0;
}

const pipit_transport_error *pipit_ua_last_transport_error(const pipit_ua *ua)
{
    return ua && ua->had_error ? &ua->last_error : NULL;
}
