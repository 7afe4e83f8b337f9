/* transport.c - the sockets of one user agent: the heaviest that works is used, and after a loss the next is tried in growing
 * intervals for as long as it takes. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "transport/inside.h"

#define MIN_INTERVAL_S    2u /* JsSIP's defaults */
#define MAX_INTERVAL_S    30u
#define MAX_EXPONENT      16u
#define CONNECT_TIMEOUT_S 60u /* more than look-up, connection and handshakes take in good order */

/* --- made and released ------------------------------------------------------------------------ */

void pp_transport_enter(pp_transport *t)
{
    t->depth++;
}

void pp_transport_leave(pp_transport *t)
{
    if (--t->depth > 0 || !t->released)
        return;
    for (size_t i = 0; i < t->count; i++)
        pipit_socket_unref(t->members[i].socket);
    pp_free(t->members);
    pipit_loop_unref(t->loop);
    pp_free(t);
}

static void detach_all(pp_transport *t, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pp_socket_detach(t->members[i].socket);
}

pp_transport *pp_transport_free(pp_transport *t)
{
    if (!t || t->released)
        return NULL;
    pp_transport_enter(t);
    t->released = true;
    t->state = PP_TRANSPORT_IDLE;
    t->probe = NULL;
    pp_loop_stop_timer(t->loop, &t->timer);
    pp_loop_stop_timer(t->loop, &t->return_timer);
    detach_all(t, t->count);
    pp_transport_leave(t);
    return NULL;
}

/* --- connecting and recovering ---------------------------------------------------------------- */

static void choose(pp_transport *t)
{
    pp_member *chosen = pp_transport_pick(t, 0);

    if (!chosen) {
        pp_transport_forget_failures(t);
        chosen = pp_transport_pick(t, 0);
    }
    if (t->current && t->current != chosen)
        pp_socket_disconnect(t->current->socket); /* what it still reports is not ours to hear */
    t->current = chosen;
}

static void on_connect_timeout(void *arg);

static void try_to_connect(pp_transport *t)
{
    unsigned round = ++t->round;

    t->state = PP_TRANSPORT_CONNECTING;
    pp_loop_start_timer(t->loop, &t->timer, (uint64_t)t->connect_timeout_s * 1000,
                        on_connect_timeout, t);
    pp_log_debug("Transport", "connecting to %s", pipit_socket_url(t->current->socket));
    pp_transport_enter(t);
    t->handlers->connecting(t->arg, t->current->socket, t->attempts);
    if (t->state == PP_TRANSPORT_CONNECTING &&
        t->round == round) /* the handler had nothing against it */
        pp_socket_connect(t->current->socket);
    pp_transport_leave(t);
}

static void on_recovery_time(void *arg)
{
    pp_transport *t = arg;

    choose(t);
    try_to_connect(t);
}

/* JsSIP waits floor(random * 2^attempts + 1) seconds, cut to [min, max]: at the ends all clients would come in the same
 * second. So fractions of a second are added, and at the upper end the last half of the interval is spread over. */
static uint64_t recovery_delay_ms(const pp_transport *t)
{
    unsigned exponent = t->attempts < MAX_EXPONENT ? t->attempts : MAX_EXPONENT;
    uint32_t seconds = pp_rng_below(&t->loop->rng, 1u << exponent) + 1;
    uint64_t max_ms = (uint64_t)t->max_s * 1000, ms;

    if (seconds >= t->max_s) {
        unsigned least_s = t->max_s / 2 > t->min_s ? t->max_s / 2 : t->min_s;

        return max_ms - pp_rng_u64(&t->loop->rng) % ((uint64_t)(t->max_s - least_s) * 1000 + 1);
    }
    ms = (uint64_t)(seconds > t->min_s ? seconds : t->min_s) * 1000 +
         pp_rng_below(&t->loop->rng, 1000);
    return ms < max_ms ? ms : max_ms;
}

static bool may_recover(const pp_transport *t)
{
    return !t->no_recovery && (!t->max_attempts || t->attempts < t->max_attempts);
}

static void recover(pp_transport *t)
{
    uint64_t delay_ms;

    t->attempts++;
    t->state = PP_TRANSPORT_WAITING;
    delay_ms = recovery_delay_ms(t);
    pp_log_debug("Transport", "next attempt %u in %u ms", t->attempts, (unsigned)delay_ms);
    pp_loop_start_timer(t->loop, &t->timer, delay_ms, on_recovery_time, t);
}

static void give_up(pp_transport *t)
{
    t->state = PP_TRANSPORT_IDLE;
    pp_loop_stop_timer(t->loop, &t->timer);
    pp_log_debug("Transport", "gave up after %u attempts to recover", t->attempts);
}

/* The current socket cannot send any more, or could not be made to. */
static void lose(pp_transport *t, bool error, int code, const char *reason)
{
    pp_transport_loss loss = {
        .socket = t->current->socket, .error = error, .code = code, .reason = reason};

    pp_log_debug("Transport", "%s disconnected: %d %s", pipit_socket_url(loss.socket), code,
                 reason);
    t->current->failed = true;
    pp_transport_stop_return(t);
    if (may_recover(t))
        recover(t);
    else
        give_up(t);
    loss.recovering = t->state == PP_TRANSPORT_WAITING;
    pp_transport_enter(t);
    t->handlers->disconnected(t->arg, &loss);
    pp_transport_leave(t);
}

static void on_connect_timeout(void *arg)
{
    pp_transport *t = arg;

    pp_socket_disconnect(t->current->socket);
    lose(t, true, 0, "the socket did not connect in time");
}

/* --- the sockets' handlers -------------------------------------------------------------------- */

void pp_transport_up(pp_transport *t)
{
    pp_loop_stop_timer(t->loop, &t->timer);
    t->state = PP_TRANSPORT_CONNECTED;
    t->attempts = 0;
    pp_transport_forget_failures(t); /* so that the next loss leads back to the heaviest */
    pp_transport_plan_return(t);
    pp_log_debug("Transport", "connected to %s", pipit_socket_url(t->current->socket));
    pp_transport_enter(t);
    t->handlers->connected(t->arg, t->current->socket);
    pp_transport_leave(t);
}

static void on_connected(void *arg)
{
    pp_member *m = arg;
    pp_transport *t = m->transport;

    if (m == t->probe)
        pp_transport_probe_up(t);
    else if (m == t->current &&
             (t->state == PP_TRANSPORT_CONNECTING ||
              t->state == PP_TRANSPORT_WAITING)) /* it may have come back by itself */
        pp_transport_up(t);
}

static void on_disconnected(void *arg, bool error, int code, const char *reason)
{
    pp_member *m = arg;
    pp_transport *t = m->transport;

    if (m == t->probe)
        pp_transport_probe_down(t);
    else if (m == t->current &&
             (t->state == PP_TRANSPORT_CONNECTING || t->state == PP_TRANSPORT_CONNECTED))
        lose(t, error, code, reason);
}

/* RFC 5626 section 3.5.1: a double CRLF is a ping, a single one its answer. */
static void on_data(void *arg, const pp_wire *wire)
{
    pp_member *m = arg;
    pp_transport *t = m->transport;

    if (m != t->current || t->state != PP_TRANSPORT_CONNECTED ||
        pp_str_eq(wire->text, PP_LIT("\r\n")))
        return;
    if (pp_str_eq(wire->text, PP_LIT("\r\n\r\n"))) {
        (void)pp_socket_send(m->socket, "\r\n",
                             2); /* when that fails, the loss is reported by itself */
        return;
    }
    pp_transport_enter(t);
    t->handlers->data(t->arg, wire);
    pp_transport_leave(t);
}

static const pp_socket_handlers socket_handlers = {on_connected, on_disconnected, on_data};

/* --- what the user agent asks ----------------------------------------------------------------- */

static int add_members(pp_transport *t, const pp_weighted_socket *sockets, size_t count)
{
    t->members = pp_array(count, sizeof(*t->members));
    if (!t->members)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        pp_member *m = &t->members[i];
        int err = pp_socket_attach(sockets[i].socket, &socket_handlers, m);

        if (err) {
            detach_all(t, i);
            return err;
        }
        *m = (pp_member){t, pipit_socket_ref(sockets[i].socket), sockets[i].weight, false};
        t->count++;
    }
    return 0;
}

static void read_options(pp_transport *t, const pp_transport_options *o)
{
    t->handlers = o->handlers;
    t->arg = o->arg;
    t->min_s = o->recovery_min_s ? o->recovery_min_s : MIN_INTERVAL_S;
    t->max_s = o->recovery_max_s ? o->recovery_max_s : MAX_INTERVAL_S;
    if (t->max_s < t->min_s)
        t->max_s = t->min_s;
    t->max_attempts = o->recovery_max_attempts;
    t->no_recovery = o->no_recovery;
    t->connect_timeout_s = o->connect_timeout_s ? o->connect_timeout_s : CONNECT_TIMEOUT_S;
    t->return_s = o->return_s;
}

int pp_transport_new(pipit_loop *loop, const pp_transport_options *options, pp_transport **out)
{
    pp_transport *t;
    int err;

    if (options->count == 0)
        return pp_error(PIPIT_ERR_ARGUMENT, "transport: there is no socket");
    t = PP_NEW(pp_transport);
    if (!t)
        return PIPIT_ERR_MEMORY;
    t->loop = pipit_loop_ref(loop);
    read_options(t, options);
    err = add_members(t, options->sockets, options->count);
    if (err) {
        t->released = true;
        pp_transport_enter(t);
        pp_transport_leave(t);
        return err;
    }
    choose(t);
    *out = t;
    return 0;
}

void pp_transport_connect(pp_transport *t)
{
    if (t->state == PP_TRANSPORT_IDLE) {
        t->attempts = 0;
        if (t->current->failed) /* it had given up */
            choose(t);
    }
    if (t->state == PP_TRANSPORT_IDLE || t->state == PP_TRANSPORT_WAITING)
        try_to_connect(t);
}

void pp_transport_network_changed(pp_transport *t)
{
    pp_transport_enter(t);
    if (t->state == PP_TRANSPORT_CONNECTED && pp_socket_is_stranded(t->current->socket)) {
        pp_socket_disconnect(t->current->socket);
        lose(t, true, 0, "this machine has not the address of the connection any more");
        t->current->failed = false; /* it is not the server's fault */
    }
    if (t->state == PP_TRANSPORT_WAITING)
        try_to_connect(t);
    pp_transport_leave(t);
}

void pp_transport_disconnect(pp_transport *t)
{
    pp_transport_loss loss = {.socket = t->current->socket, .reason = ""};
    bool was_up = t->state == PP_TRANSPORT_CONNECTED;

    t->state = PP_TRANSPORT_IDLE;
    t->attempts = 0;
    pp_loop_stop_timer(t->loop, &t->timer);
    pp_transport_stop_return(t);
    pp_socket_disconnect(loss.socket);
    if (!was_up)
        return;
    pp_transport_enter(t);
    t->handlers->disconnected(t->arg, &loss);
    pp_transport_leave(t);
}

bool pp_transport_send(pp_transport *t, const char *data, size_t size)
{
    return t->state == PP_TRANSPORT_CONNECTED && pp_socket_send(t->current->socket, data, size);
}

bool pp_transport_is_connected(const pp_transport *t)
{
    return t->state == PP_TRANSPORT_CONNECTED;
}

bool pp_transport_is_connecting(const pp_transport *t)
{
    return t->state == PP_TRANSPORT_CONNECTING;
}

bool pp_transport_is_idle(const pp_transport *t)
{
    return t->state == PP_TRANSPORT_IDLE;
}

unsigned pp_transport_attempts(const pp_transport *t)
{
    return t->attempts;
}

pipit_socket *pp_transport_socket(const pp_transport *t)
{
    return t->current->socket;
}
