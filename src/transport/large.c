/* large.c - requests too long for a datagram. */
#include "transport/large.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"

#define CONNECT_MS                                                                                 \
    4000u /* less than a transaction waits: what is refused late goes over UDP in time */
#define SIZE 4u

void pp_large_close(pp_large *l)
{
    l->flow = pp_flow_close(l->flow);
    pp_buf_free(&l->waiting);
    l->state = PP_LARGE_CLOSED;
}

/* Where the transport stands in the topmost Via, which we write as the first header field; NULL when it is no TCP. */
static const char *find_tcp(pp_str message)
{
    static const pp_str via = PP_LIT_INIT("\r\nVia: SIP/2.0/TCP ");
    pp_str rest = pp_str_sub(message, pp_str_find(message, '\r'), message.n);

    return rest.n > via.n && memcmp(rest.p, via.p, via.n) == 0 ? rest.p + via.n - 4 : NULL;
}

bool pp_large_is_meant(pp_str message)
{
    return find_tcp(message) != NULL;
}

/* --- what waits ------------------------------------------------------------------------------- */

/* The next of those that wait, and behind it in *at; the queue is `waiting`, taken out of its owner. */
static pp_str next_waiting(const pp_buf *waiting, size_t *at)
{
    uint32_t size;
    pp_str message;

    if (*at + SIZE > waiting->n)
        return PP_STR_NONE;
    memcpy(&size, waiting->p + *at, SIZE);
    message = pp_str_n(waiting->p + *at + SIZE, size);
    *at += SIZE + size;
    return message;
}

static bool is_waiting(const pp_large *l, pp_str message)
{
    size_t at = 0;
    pp_str other;

    while (other = next_waiting(&l->waiting, &at), other.n)
        if (pp_str_eq(other, message))
            return true;
    return false;
}

/* A transaction repeats until it is known that nothing gets lost: once is enough here. */
static bool wait(pp_large *l, pp_str message)
{
    uint32_t size = (uint32_t)message.n;
    uint8_t *room;

    if (is_waiting(l, message))
        return true;
    if (l->waiting.n + message.n + SIZE > PP_LIMIT_SEND_QUEUE)
        return false;
    room = pp_buf_room(&l->waiting, SIZE + message.n);
    if (!room) {
        l->waiting.error = 0; /* the others are whole */
        return false;
    }
    memcpy(room, &size, SIZE);
    memcpy(room + SIZE, message.p, message.n);
    return true;
}

/* --- the flow's handlers ---------------------------------------------------------------------- */

static void on_opened(void *arg)
{
    pp_large *l = arg;
    pp_buf waiting = l->waiting;
    size_t at = 0;
    pp_str message;

    l->waiting = (pp_buf){0};
    l->state = PP_LARGE_OPEN;
    while (message = next_waiting(&waiting, &at), message.n)
        (void)l->flow->functions->send(l->flow, message.p, message.n);
    pp_buf_free(&waiting);
}

static void on_message(void *arg, const pp_wire *message)
{
    pp_large *l = arg;

    l->handlers->message(l->arg, message);
}

static void on_heard(void *arg)
{
    (void)arg;
}

static bool fall_back(pp_large *l, const char *data, size_t size)
{
    const char *tcp = find_tcp(pp_str_n(data, size));
    pp_buf copy = {0};
    bool copied;

    pp_buf_add(&copy, data, size);
    copied = pp_buf_error(&copy) == 0;
    if (copied && tcp)
        memcpy(copy.p + (tcp - data), "UDP", 3);
    if (copied)
        l->handlers->fall_back(l->arg, copy.p, copy.n);
    pp_buf_free(&copy);
    return copied;
}

/* Refused: what waits goes over UDP. Lost later: the next one connects again. */
static void on_failed(void *arg, bool error, const char *reason)
{
    pp_large *l = arg;
    bool refused = l->state == PP_LARGE_CONNECTING;
    pp_buf waiting = l->waiting;
    size_t at = 0;
    pp_str message;

    (void)error;
    pp_log_debug("Transport", "the connection for large requests is gone: %s", reason);
    l->waiting = (pp_buf){0};
    pp_large_close(l);
    l->state = refused ? PP_LARGE_REFUSED : PP_LARGE_CLOSED;
    while (message = next_waiting(&waiting, &at), message.n)
        fall_back(l, message.p, message.n);
    pp_buf_free(&waiting);
}

static const pp_flow_handlers flow_handlers = {on_opened, on_message, on_heard, on_failed};

static bool connect_it(pp_large *l, const pp_hop *udp)
{
    const pp_hop hop = {PP_WAY_TCP, udp->host, udp->port};
    const pp_flow_options options = {.loop = l->loop,
                                     .hop = &hop,
                                     .connect_timeout_ms = CONNECT_MS,
                                     .handlers = &flow_handlers,
                                     .arg = l};

    if (pp_stream_flow_open(&options, &l->flow))
        return false;
    l->state = PP_LARGE_CONNECTING;
    return true;
}

bool pp_large_send(pp_large *l, const pp_hop *hop, const char *data, size_t size)
{
    switch (l->state) {
    case PP_LARGE_OPEN:
        return l->flow->functions->send(l->flow, data, size);
    case PP_LARGE_REFUSED:
        return fall_back(l, data, size);
    case PP_LARGE_CLOSED:
        if (!connect_it(l, hop))
            return false;
        break;
    default:
        break;
    }
    return wait(l, pp_str_n(data, size));
}
