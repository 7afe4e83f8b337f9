/* tls_stream.c - TLS above any stream. The lower stream is driven through its handlers, the TLS machine through its own. */
#include "io/tls_stream.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

#include <stdio.h>

#define RECORD_OVERHEAD 64u /* octets that a TLS record of 16 KiB adds, and more */

typedef struct tls_stream {
    pp_stream stream;
    pipit_loop *loop;
    pp_stream *lower;
    pp_tls *tls;
    bool established;
    bool over; /* the end is to be reported, or was */
    int error;
    char reason[256];
    pp_post report;
} tls_stream;

static tls_stream *of_stream(const pp_stream *stream)
{
    return (tls_stream *)(uintptr_t)stream;
}

static void report_end(void *arg)
{
    tls_stream *t = arg;
    char reason[sizeof(t->reason)];

    memcpy(reason, t->reason, sizeof(reason)); /* the handler may close the stream */
    t->stream.handlers->closed(t->stream.arg, t->error, reason);
}

/* Reported at the end of the turn, for it may be found out inside a call of the owner. */
static void end(tls_stream *t, int error, const char *reason)
{
    if (t->over)
        return;
    t->over = true;
    t->error = error;
    snprintf(t->reason, sizeof(t->reason), "%s", reason);
    pp_loop_post(t->loop, &t->report, report_end, t);
}

/* --- the TLS machine's handlers --------------------------------------------------------------- */

static void on_output(void *arg, const uint8_t *data, size_t size)
{
    tls_stream *t = arg;

    /* A record that is lost leaves a stream that nobody can read on. */
    if (!t->over && pp_stream_send(t->lower, data, size))
        end(t, PIPIT_ERR_CONNECTION, pipit_error_message());
}

static void on_established(void *arg)
{
    tls_stream *t = arg;

    if (t->over)
        return;
    t->established = true;
    t->stream.handlers->connected(t->stream.arg);
}

static void on_plain_data(void *arg, const uint8_t *data, size_t size)
{
    tls_stream *t = arg;

    if (!t->over)
        t->stream.handlers->data(t->stream.arg, data, size);
}

static void on_tls_closed(void *arg, int error, const char *reason)
{
    end(arg, error, reason);
}

static const pp_tls_handlers tls_handlers = {on_output, on_established, on_plain_data,
                                             on_tls_closed};

/* --- the lower stream's handlers -------------------------------------------------------------- */

static void on_lower_connected(void *arg)
{
    (void)arg; /* the first octets wait in its queue already */
}

static void on_lower_data(void *arg, const uint8_t *data, size_t size)
{
    tls_stream *t = arg;

    if (!t->over)
        pp_tls_receive(t->tls, data, size);
}

static void on_lower_drained(void *arg)
{
    tls_stream *t = arg;

    if (t->established && !t->over && t->stream.handlers->drained)
        t->stream.handlers->drained(t->stream.arg);
}

static void on_lower_closed(void *arg, int error, const char *reason)
{
    tls_stream *t = arg;
    char sentence[sizeof(t->reason)];

    if (error || t->established) {
        end(t, error, reason);
        return;
    }
    snprintf(sentence, sizeof(sentence), "%.200s during the TLS handshake", reason);
    end(t, PIPIT_ERR_TLS, sentence);
}

static const pp_stream_handlers lower_handlers = {on_lower_connected, on_lower_data,
                                                  on_lower_drained, on_lower_closed};

/* --- as a stream ------------------------------------------------------------------------------ */

static int tls_send(pp_stream *stream, const void *data, size_t size)
{
    tls_stream *t = of_stream(stream);
    size_t waiting = pp_stream_queued(t->lower);

    if (t->over || !t->established)
        return pp_error(PIPIT_ERR_CONNECTION, "tls: the connection is not established");
    if (size > PP_LIMIT_SEND_QUEUE / 2 ||
        waiting + size + size / 128 + RECORD_OVERHEAD > PP_LIMIT_SEND_QUEUE)
        return pp_error(PIPIT_ERR_LIMIT, "tls: more than %u octets wait to be sent",
                        PP_LIMIT_SEND_QUEUE);
    return pp_tls_send(t->tls, data, size);
}

static size_t tls_queued(const pp_stream *stream)
{
    return pp_stream_queued(of_stream(stream)->lower);
}

static void tls_close(pp_stream *stream)
{
    tls_stream *t = of_stream(stream);

    pp_loop_unpost(t->loop, &t->report);
    if (!t->over && t->established)
        pp_tls_shut(t->tls);
    pp_loop_unpost(t->loop, &t->report); /* that could fail, too */
    pp_stream_close(t->lower);
    pp_tls_free(t->tls);
    pp_free(t);
}

static void tls_addresses(const pp_stream *stream, pp_addr *local, pp_addr *remote)
{
    const tls_stream *t = of_stream(stream);

    t->lower->ops->addresses(t->lower, local, remote);
}

static const pp_stream_ops tls_ops = {tls_send, tls_queued, tls_close, tls_addresses};

static int make(pipit_loop *loop, pp_stream *lower, pp_tls_context *context, const char *name,
                const pp_stream_handlers *handlers, void *arg, pp_stream **out)
{
    tls_stream *t = PP_NEW(tls_stream);
    int err;

    if (!t)
        return PIPIT_ERR_MEMORY;
    t->stream.ops = &tls_ops;
    t->stream.handlers = handlers;
    t->stream.arg = arg;
    t->loop = loop;
    t->lower = lower;
    err = pp_tls_new(context, name, pp_loop_wall_us(loop), &tls_handlers, t, &t->tls);
    if (err) {
        pp_free(t);
        return err;
    }
    lower->handlers = &lower_handlers;
    lower->arg = t;
    /* Nothing but output can come of this: a client's first octets, which wait while `lower` is connecting. */
    pp_tls_start(t->tls);
    *out = &t->stream;
    return 0;
}

int pp_tls_stream_client(pipit_loop *loop, pp_stream *lower, pp_tls_context *context,
                         const char *name, const pp_stream_handlers *handlers, void *arg,
                         pp_stream **out)
{
    return make(loop, lower, context, name, handlers, arg, out);
}

int pp_tls_stream_server(pipit_loop *loop, pp_stream *lower, pp_tls_context *context,
                         const pp_stream_handlers *handlers, void *arg, pp_stream **out)
{
    return make(loop, lower, context, NULL, handlers, arg, out);
}
