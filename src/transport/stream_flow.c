/* stream_flow.c - a flow over TCP or TLS: connected, cut into messages, kept alive with empty lines (RFC 5626 section 3.5.1). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/connect.h"
#include "io/tls_stream.h"
#include "transport/flow.h"
#include "transport/framing.h"

#include <stdarg.h>
#include <stdio.h>

#define SENTENCE    384
#define PONG_MS     10000u
#define INTERVAL_MS 95000u /* RFC 5626 section 4.4.1 */
#define LONGEST_MS  120000u

typedef struct stream_flow {
    pp_flow flow;
    pipit_loop *loop;
    const pp_flow_handlers *handlers;
    void *arg;
    char *name; /* what the certificate must be for; NULL: no TLS */
    pp_tls_context *tls;
    uint64_t give_up_ms;
    unsigned timeout_ms, pong_timeout_ms;
    pp_connect *connecting;
    pp_stream *stream;
    pp_framing framing;
    pp_keep_alive keep_alive;
    pp_timer deadline, ping, pong;
    bool open;
    bool pongs; /* the server answers pings, or has promised to */
    bool *gone; /* set when the flow is closed inside a handler */
} stream_flow;

/* --- the end ---------------------------------------------------------------------------------- */

static void flow_close(pp_flow *given)
{
    stream_flow *f = (stream_flow *)given;

    if (f->gone)
        *f->gone = true;
    pp_connect_cancel(f->connecting);
    pp_loop_stop_timer(f->loop, &f->deadline);
    pp_loop_stop_timer(f->loop, &f->ping);
    pp_loop_stop_timer(f->loop, &f->pong);
    pp_stream_close(f->stream);
    pp_framing_free(&f->framing);
    pp_tls_context_unref(f->tls);
    pipit_loop_unref(f->loop);
    pp_free(f->name);
    pp_free(f);
}

static void fail(stream_flow *f, bool error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(stream_flow *f, bool error, const char *format, ...)
{
    char reason[SENTENCE];
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    f->open = false;
    pp_loop_stop_timer(f->loop, &f->deadline);
    pp_loop_stop_timer(f->loop, &f->ping);
    pp_loop_stop_timer(f->loop, &f->pong);
    f->handlers->failed(f->arg, error, reason);
}

/* --- kept alive ------------------------------------------------------------------------------- */

static void on_pong_time(void *arg)
{
    stream_flow *f = arg;

    fail(f, true, "the server did not answer a keep-alive within %u ms", f->pong_timeout_ms);
}

static void on_ping_time(void *arg);

static void arm_ping(stream_flow *f)
{
    pp_loop_start_timer(f->loop, &f->ping, pp_keep_alive_ms(&f->keep_alive, &f->loop->rng),
                        on_ping_time, f);
}

/* An answer is only waited for where the server is known to give one: others just hold the connection open. */
static void on_ping_time(void *arg)
{
    stream_flow *f = arg;

    arm_ping(f);
    if (pp_stream_send(f->stream, "\r\n\r\n", 4) == 0 && f->pongs && !f->pong.armed)
        pp_loop_start_timer(f->loop, &f->pong, f->pong_timeout_ms, on_pong_time, f);
}

static void flow_timer(pp_flow *given, uint32_t seconds)
{
    stream_flow *f = (stream_flow *)given;

    f->pongs = true;
    if (f->keep_alive.flow_timer_s == seconds || !f->open)
        return;
    f->keep_alive.flow_timer_s = seconds;
    arm_ping(f);
}

/* --- what comes ------------------------------------------------------------------------------- */

/* False when the flow is gone. */
static bool take_frame(stream_flow *f, const pp_frame *frame)
{
    bool gone = false;

    switch (frame->kind) {
    case PP_FRAME_MESSAGE:
        f->gone = &gone;
        f->handlers->message(f->arg, &(pp_wire){frame->message, frame->marks});
        if (!gone)
            f->gone = NULL;
        break;
    case PP_FRAME_EMPTY_LINE:
        f->pongs = f->pongs || f->ping.armed;
        break;
    default: /* a ping: when it cannot be answered, the loss is told by itself */
        (void)pp_stream_send(f->stream, "\r\n", 2);
    }
    return !gone && f->open;
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    stream_flow *f = arg;
    pp_frame frame;
    int err;

    if (!f->open)
        return;
    pp_loop_stop_timer(f->loop, &f->pong);
    f->handlers->heard(f->arg);
    err = pp_framing_add(&f->framing, data, size);
    while (!err && (err = pp_framing_next(&f->framing, &frame)) == 0 && frame.kind != PP_FRAME_NONE)
        if (!take_frame(f, &frame))
            return;
    if (err)
        fail(f, true, "%s", err == PIPIT_ERR_MEMORY ? "out of memory" : pipit_error_message());
}

static void on_closed(void *arg, int error, const char *reason)
{
    fail(arg, error != 0, "%s", reason);
}

/* --- connecting ------------------------------------------------------------------------------- */

static void on_established(void *arg)
{
    stream_flow *f = arg;
    pp_addr server;

    pp_loop_stop_timer(f->loop, &f->deadline);
    f->stream->ops->addresses(f->stream, &f->flow.local, &server);
    f->open = true;
    arm_ping(f);
    f->handlers->opened(f->arg);
}

static const pp_stream_handlers stream_handlers = {
    .connected = on_established, .data = on_data, .closed = on_closed};

static void on_deadline(void *arg)
{
    stream_flow *f = arg;

    fail(f, true, "%s did not finish the TLS handshake within %u ms", f->name, f->timeout_ms);
}

static int take_stream(stream_flow *f, pp_stream *stream)
{
    if (f->tls)
        return pp_tls_stream_client(f->loop, stream, f->tls, f->name, &stream_handlers, f,
                                    &f->stream);
    stream->handlers = &stream_handlers;
    stream->arg = f;
    f->stream = stream;
    return 0;
}

static void on_tcp(void *arg, int error, const char *reason, pp_stream *stream)
{
    stream_flow *f = arg;
    uint64_t now_ms = pp_loop_now_ms(f->loop);

    f->connecting = NULL;
    if (error) {
        fail(f, true, "%s", reason);
        return;
    }
    if (take_stream(f, stream)) {
        pp_stream_close(stream);
        fail(f, true, "%s", pipit_error_message());
        return;
    }
    if (!f->tls)
        on_established(f);
    else
        pp_loop_start_timer(f->loop, &f->deadline,
                            f->give_up_ms > now_ms ? f->give_up_ms - now_ms : 0, on_deadline, f);
}

static bool flow_send(pp_flow *given, const char *data, size_t size)
{
    stream_flow *f = (stream_flow *)given;

    return f->open && size <= PP_LIMIT_SEND_QUEUE &&
           pp_stream_queued(f->stream) <= PP_LIMIT_SEND_QUEUE - size &&
           pp_stream_send(f->stream, data, size) == 0;
}

static size_t flow_buffered(const pp_flow *given)
{
    return pp_stream_queued(((const stream_flow *)given)->stream);
}

static const pp_flow_functions functions = {flow_send, flow_timer, flow_buffered, flow_close};

int pp_stream_flow_open(const pp_flow_options *o, pp_flow **out)
{
    stream_flow *f = PP_NEW(stream_flow);
    int err = 0;

    if (!f)
        return PIPIT_ERR_MEMORY;
    f->flow.functions = &functions;
    f->loop = pipit_loop_ref(o->loop);
    f->handlers = o->handlers;
    f->arg = o->arg;
    f->timeout_ms = o->connect_timeout_ms;
    f->pong_timeout_ms = o->pong_timeout_ms ? o->pong_timeout_ms : PONG_MS;
    f->give_up_ms = pp_loop_now_ms(o->loop) + o->connect_timeout_ms;
    f->keep_alive = (pp_keep_alive){
        .fixed_ms = o->keep_alive_ms, .least_ms = INTERVAL_MS, .most_ms = LONGEST_MS};
    if (o->hop->way == PP_WAY_TLS) {
        f->tls = pp_tls_context_ref(o->tls);
        f->name = pp_strdup(o->verify_name);
        err = f->name ? 0 : PIPIT_ERR_MEMORY;
    }
    if (!err)
        err = pp_connect_start(o->loop, o->hop->host, o->hop->port, o->connect_timeout_ms, on_tcp,
                               f, &f->connecting);
    if (err)
        flow_close(&f->flow);
    else
        *out = &f->flow;
    return err;
}
