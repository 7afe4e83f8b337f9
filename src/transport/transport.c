/* transport.c - the sockets of one user agent: the heaviest that works is used, and after a loss the next is tried in growing
 * intervals for as long as it takes. */
#include "transport/transport.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "transport/socket.h"

#define MIN_INTERVAL_S 2u /* JsSIP's defaults */
#define MAX_INTERVAL_S 30u
#define MAX_EXPONENT   16u

typedef enum transport_state {
    STATE_IDLE,
    STATE_CONNECTING,
    STATE_CONNECTED,
    STATE_WAITING
} transport_state;

typedef struct member {
    pp_transport *transport;
    pipit_socket *socket;
    unsigned weight;
    bool failed; /* since the last connection, or since all had failed */
} member;

struct pp_transport {
    pipit_loop *loop;
    const pp_transport_handlers *handlers;
    void *arg;
    member *members;
    size_t count;
    member *current;
    transport_state state;
    unsigned round;    /* of try_to_connect(), to know the latest */
    unsigned attempts; /* to recover, since the last connection */
    unsigned min_s, max_s;
    pp_timer recovery;
    unsigned depth; /* handlers that are running; the memory lives as long */
    bool released;
};

/* --- made and released ------------------------------------------------------------------------ */

static void enter(pp_transport *t)
{
    t->depth++;
}

static void leave(pp_transport *t)
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
    enter(t);
    t->released = true;
    t->state = STATE_IDLE;
    pp_loop_stop_timer(t->loop, &t->recovery);
    detach_all(t, t->count);
    leave(t);
    return NULL;
}

/* --- which socket ----------------------------------------------------------------------------- */

/* One of the heaviest that have not failed, by chance; NULL when all have. */
static member *pick(pp_transport *t)
{
    member *found = NULL;
    uint32_t equals = 0;

    for (size_t i = 0; i < t->count; i++) {
        member *m = &t->members[i];

        if (m->failed || (found && m->weight < found->weight))
            continue;
        equals = found && m->weight == found->weight ? equals + 1 : 1;
        if (pp_rng_below(&t->loop->rng, equals) ==
            0) /* so each of n is kept with a chance of 1/n */
            found = m;
    }
    return found;
}

static void forget_failures(pp_transport *t)
{
    for (size_t i = 0; i < t->count; i++)
        t->members[i].failed = false;
}

static void choose(pp_transport *t)
{
    member *chosen = pick(t);

    if (!chosen) {
        forget_failures(t);
        chosen = pick(t);
    }
    if (t->current && t->current != chosen)
        pp_socket_disconnect(t->current->socket); /* what it still reports is not ours to hear */
    t->current = chosen;
}

/* --- connecting and recovering ---------------------------------------------------------------- */

static void try_to_connect(pp_transport *t)
{
    unsigned round = ++t->round;

    pp_loop_stop_timer(t->loop, &t->recovery);
    t->state = STATE_CONNECTING;
    pp_log_debug("Transport", "connecting to %s", pipit_socket_url(t->current->socket));
    enter(t);
    t->handlers->connecting(t->arg, t->current->socket, t->attempts);
    if (t->state == STATE_CONNECTING && t->round == round) /* the handler had nothing against it */
        pp_socket_connect(t->current->socket);
    leave(t);
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

static void recover(pp_transport *t)
{
    uint64_t delay_ms;

    t->attempts++;
    t->state = STATE_WAITING;
    delay_ms = recovery_delay_ms(t);
    pp_log_debug("Transport", "next attempt %u in %u ms", t->attempts, (unsigned)delay_ms);
    pp_loop_start_timer(t->loop, &t->recovery, delay_ms, on_recovery_time, t);
}

/* --- the sockets' handlers -------------------------------------------------------------------- */

static void on_connected(void *arg)
{
    member *m = arg;
    pp_transport *t = m->transport;

    if (m != t->current || t->state == STATE_IDLE || t->state == STATE_CONNECTED)
        return;
    pp_loop_stop_timer(t->loop, &t->recovery); /* it may have come back by itself */
    t->state = STATE_CONNECTED;
    t->attempts = 0;
    forget_failures(t); /* so that the next loss leads back to the heaviest */
    pp_log_debug("Transport", "connected to %s", pipit_socket_url(m->socket));
    enter(t);
    t->handlers->connected(t->arg, m->socket);
    leave(t);
}

static void on_disconnected(void *arg, bool error, int code, const char *reason)
{
    member *m = arg;
    pp_transport *t = m->transport;

    if (m != t->current || (t->state != STATE_CONNECTING && t->state != STATE_CONNECTED))
        return;
    pp_log_debug("Transport", "%s disconnected: %d %s", pipit_socket_url(m->socket), code, reason);
    m->failed = true;
    recover(t);
    enter(t);
    t->handlers->disconnected(t->arg, m->socket, error, code, reason);
    leave(t);
}

/* RFC 5626 section 3.5.1: a double CRLF is a ping, a single one its answer. */
static void on_data(void *arg, const char *data, size_t size)
{
    member *m = arg;
    pp_transport *t = m->transport;
    pp_str text = pp_str_n(data, size);

    if (m != t->current || t->state != STATE_CONNECTED || pp_str_eq(text, PP_LIT("\r\n")))
        return;
    if (pp_str_eq(text, PP_LIT("\r\n\r\n"))) {
        (void)pp_socket_send(m->socket, "\r\n",
                             2); /* when that fails, the loss is reported by itself */
        return;
    }
    enter(t);
    t->handlers->data(t->arg, data, size);
    leave(t);
}

static const pp_socket_handlers socket_handlers = {on_connected, on_disconnected, on_data};

/* --- what the user agent asks ----------------------------------------------------------------- */

static int add_members(pp_transport *t, const pp_weighted_socket *sockets, size_t count)
{
    t->members = pp_array(count, sizeof(*t->members));
    if (!t->members)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        member *m = &t->members[i];
        int err = pp_socket_attach(sockets[i].socket, &socket_handlers, m);

        if (err) {
            detach_all(t, i);
            return err;
        }
        *m = (member){t, pipit_socket_ref(sockets[i].socket), sockets[i].weight, false};
        t->count++;
    }
    return 0;
}

int pp_transport_new(pipit_loop *loop, const pp_weighted_socket *sockets, size_t count,
                     unsigned min_interval_s, unsigned max_interval_s,
                     const pp_transport_handlers *handlers, void *arg, pp_transport **out)
{
    pp_transport *t;
    int err;

    if (count == 0)
        return pp_error(PIPIT_ERR_ARGUMENT, "transport: there is no socket");
    t = PP_NEW(pp_transport);
    if (!t)
        return PIPIT_ERR_MEMORY;
    t->loop = pipit_loop_ref(loop);
    t->handlers = handlers;
    t->arg = arg;
    t->min_s = min_interval_s ? min_interval_s : MIN_INTERVAL_S;
    t->max_s = max_interval_s ? max_interval_s : MAX_INTERVAL_S;
    if (t->max_s < t->min_s)
        t->max_s = t->min_s;
    err = add_members(t, sockets, count);
    if (err) {
        t->released = true;
        enter(t);
        leave(t);
        return err;
    }
    choose(t);
    *out = t;
    return 0;
}

void pp_transport_connect(pp_transport *t)
{
    if (t->state == STATE_IDLE || t->state == STATE_WAITING)
        try_to_connect(t);
}

void pp_transport_disconnect(pp_transport *t)
{
    bool was_up = t->state == STATE_CONNECTED;

    t->state = STATE_IDLE;
    t->attempts = 0;
    pp_loop_stop_timer(t->loop, &t->recovery);
    pp_socket_disconnect(t->current->socket);
    if (!was_up)
        return;
    enter(t);
    t->handlers->disconnected(t->arg, t->current->socket, false, 0, "");
    leave(t);
}

bool pp_transport_send(pp_transport *t, const char *data, size_t size)
{
    return t->state == STATE_CONNECTED && pp_socket_send(t->current->socket, data, size);
}

bool pp_transport_is_connected(const pp_transport *t)
{
    return t->state == STATE_CONNECTED;
}

pipit_socket *pp_transport_socket(const pp_transport *t)
{
    return t->current->socket;
}
