/* framed.c - packets on a stream, each behind its length in two octets (RFC 4571 section 2). */
#include "peer/framed.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"

struct pp_framed {
    pp_stream *stream; /* NULL: it is closed */
    const pp_framed_handlers *handlers;
    void *arg;
    pp_addr remote;
    bool connected, freed;
    unsigned depth; /* calls under way: released when the last one returns */
    pp_buf in;      /* the beginning of a packet */
    pp_buf waiting; /* until it is connected */
};

static void leave(pp_framed *f)
{
    if (--f->depth || !f->freed)
        return;
    pp_stream_close(f->stream);
    pp_buf_free(&f->in);
    pp_buf_free(&f->waiting);
    pp_free(f);
}

pp_framed *pp_framed_free(pp_framed *f)
{
    if (!f)
        return NULL;
    f->depth++;
    f->freed = true;
    leave(f);
    return NULL;
}

static void fail(pp_framed *f)
{
    if (f->freed)
        return;
    f->stream = pp_stream_close(f->stream);
    f->handlers->closed(f->arg, f);
}

/* --- in --------------------------------------------------------------------------------------- */

static void on_connected(void *arg)
{
    pp_framed *f = arg;

    f->connected = true;
    if (f->waiting.n && pp_stream_send(f->stream, f->waiting.p, f->waiting.n))
        pp_buf_clear(&f->waiting); /* the checks come again */
    pp_buf_free(&f->waiting);
}

/* Of what has come: true while there is a whole packet more. */
static bool take_packet(pp_framed *f, size_t *at)
{
    const uint8_t *p = (const uint8_t *)f->in.p + *at;
    size_t left = f->in.n - *at, size;

    if (left < 2)
        return false;
    size = (size_t)p[0] << 8 | p[1];
    if (left - 2 < size)
        return false;
    *at += 2 + size;
    f->handlers->packet(f->arg, f, p + 2, size);
    return !f->freed && f->stream;
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    pp_framed *f = arg;
    size_t at = 0;

    f->depth++;
    pp_buf_add(&f->in, data, size);
    while (take_packet(f, &at)) {
    }
    if (pp_buf_error(&f->in)) /* there is no finding the next packet any more */
        fail(f);
    else
        pp_buf_consume(&f->in, at);
    leave(f);
}

static void on_closed(void *arg, int error, const char *reason)
{
    pp_framed *f = arg;

    (void)error;
    (void)reason;
    f->depth++;
    fail(f);
    leave(f);
}

static const pp_stream_handlers handlers = {
    .connected = on_connected, .data = on_data, .closed = on_closed};

/* --- made ------------------------------------------------------------------------------------- */

static pp_framed *new_framed(const pp_framed_handlers *its, void *arg)
{
    pp_framed *f = PP_NEW(pp_framed);

    if (!f)
        return NULL;
    f->handlers = its;
    f->arg = arg;
    f->in.max = PP_LIMIT_TCP_INPUT;
    f->waiting.max = PP_LIMIT_TCP_WAITING;
    return f;
}

int pp_framed_connect(pipit_loop *loop, const pp_addr *to, const pp_framed_handlers *its, void *arg,
                      pp_framed **out)
{
    pp_framed *f = new_framed(its, arg);
    int err;

    if (!f)
        return PIPIT_ERR_MEMORY;
    f->remote = *to;
    err = loop->ops->tcp_connect(loop, to, &handlers, f, &f->stream);
    if (err)
        pp_framed_free(f);
    else
        *out = f;
    return err;
}

int pp_framed_accept(pp_stream *stream, const pp_framed_handlers *its, void *arg, pp_framed **out)
{
    pp_framed *f = new_framed(its, arg);
    pp_addr local;

    if (!f) {
        pp_stream_close(stream);
        return PIPIT_ERR_MEMORY;
    }
    stream->ops->addresses(stream, &local, &f->remote);
    stream->handlers = &handlers;
    stream->arg = f;
    f->stream = stream;
    f->connected = true;
    *out = f;
    return 0;
}

void pp_framed_hand_over(pp_framed *f, const pp_framed_handlers *its, void *arg)
{
    f->handlers = its;
    f->arg = arg;
}

const pp_addr *pp_framed_remote(const pp_framed *f)
{
    return &f->remote;
}

/* --- out -------------------------------------------------------------------------------------- */

/* A stream that does not keep up loses what is newest, as a full network would. */
void pp_framed_send(pp_framed *f, const uint8_t *data, size_t size)
{
    uint8_t head[2] = {(uint8_t)(size >> 8), (uint8_t)size};
    pp_buf packet = {.max = sizeof(head) + PP_LIMIT_RTP_PACKET};

    if (!f->stream || size > PP_LIMIT_RTP_PACKET)
        return;
    pp_buf_add(&packet, head, sizeof(head));
    pp_buf_add(&packet, data, size);
    if (!pp_buf_error(&packet) && !f->connected && f->waiting.n + packet.n <= PP_LIMIT_TCP_WAITING)
        pp_buf_add(&f->waiting, packet.p, packet.n);
    else if (!pp_buf_error(&packet) && f->connected &&
             pp_stream_queued(f->stream) < PP_LIMIT_TURN_QUEUE)
        (void)pp_stream_send(f->stream, packet.p, packet.n);
    pp_buf_free(&packet);
}
