/* tcp.c - streams over TCP. Sends gather until the end of the turn and leave in one system call; a stream that is closed with
 * output left sends it in the background. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/descriptor.h"
#include "io/watch.h"

#include <netinet/tcp.h>
#include <unistd.h>

#define READS_A_TURN   8    /* so that one busy peer does not starve the others */
#define LINGER_SEND_MS 5000 /* for the rest of the output of a closed stream */
#define LINGER_READ_MS                                                                             \
    1000 /* for the peer to close after us: a reset would take octets back that are on their way */

typedef enum tcp_state {
    STATE_CONNECTING,
    STATE_OPEN,
    STATE_ENDED,     /* the end is to be reported, or was; the owner has not closed yet */
    STATE_LINGERING, /* closed by the owner, output left */
    STATE_GONE
} tcp_state;

typedef struct tcp {
    pp_stream stream;
    pp_watch watch;
    tcp_state state;
    pp_flush flush;
    pp_lingerer lingerer;
    pp_buf out;
    size_t sent; /* octets at its front that are gone */
    pp_addr remote;
    int system_error; /* why it ended */
    pp_post report;
    pp_timer timer;
} tcp;

static tcp *of_stream(const pp_stream *stream)
{
    return (tcp *)(uintptr_t)stream;
}

static tcp *of_flush(pp_flush *flush)
{
    return (tcp *)(void *)((char *)flush - offsetof(tcp, flush));
}

static tcp *of_lingerer(pp_lingerer *lingerer)
{
    return (tcp *)(void *)((char *)lingerer - offsetof(tcp, lingerer));
}

static tcp *of_watch(pp_watch *watch)
{
    return (tcp *)(void *)((char *)watch - offsetof(tcp, watch));
}

static pipit_loop *loop_of(const tcp *t)
{
    return &t->watch.loop->head;
}

static size_t queued(const tcp *t)
{
    return t->out.n - t->sent;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void on_watch_closed(pp_watch *watch)
{
    tcp *t = of_watch(watch);

    pp_buf_free(&t->out);
    pp_free(t);
}

static void go(tcp *t)
{
    if (t->state == STATE_LINGERING)
        pp_io_unlinger(t->watch.loop, &t->lingerer);
    t->state = STATE_GONE;
    pp_loop_stop_timer(loop_of(t), &t->timer);
    pp_loop_unpost(loop_of(t), &t->report);
    pp_io_unwant_flush(t->watch.loop, &t->flush);
    pp_watch_close(&t->watch, on_watch_closed);
}

static void cut(pp_lingerer *lingerer)
{
    go(of_lingerer(lingerer));
}

static void on_linger_timeout(void *arg)
{
    go(arg);
}

static void report_end(void *arg)
{
    tcp *t = arg;
    char sentence[PP_IO_SENTENCE];

    t->stream.handlers->closed(t->stream.arg, pp_io_error_code(t->system_error),
                               pp_io_sentence(t->system_error, &t->remote, sentence));
}

/* Reported at the end of the turn, for it may be found out inside a call of the owner. */
static void end(tcp *t, int system_error)
{
    if (t->state == STATE_LINGERING) {
        go(t);
        return;
    }
    t->state = STATE_ENDED;
    t->system_error = system_error;
    pp_watch_set(&t->watch, 0);
    pp_io_unwant_flush(t->watch.loop, &t->flush);
    pp_buf_free(&t->out);
    t->sent = 0;
    pp_loop_post(loop_of(t), &t->report, report_end, t);
}

/* --- output ----------------------------------------------------------------------------------- */

static void all_is_sent(tcp *t)
{
    t->sent = 0;
    pp_io_return_output(t->watch.loop, &t->out);
    pp_watch_set(&t->watch, UV_READABLE);
    if (t->state == STATE_LINGERING) {
        shutdown(t->watch.fd, SHUT_WR);
        pp_loop_start_timer(loop_of(t), &t->timer, LINGER_READ_MS, on_linger_timeout, t);
    } else if (t->stream.handlers->drained) {
        t->stream.handlers->drained(t->stream.arg);
    }
}

static void send_output(tcp *t)
{
    while (queued(t)) {
        ssize_t n = send(t->watch.fd, t->out.p + t->sent, queued(t), MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)) {
            pp_buf_consume(&t->out, t->sent);
            t->sent = 0;
            pp_watch_set(&t->watch, UV_READABLE | UV_WRITABLE);
            return;
        }
        if (n < 0) {
            end(t, errno);
            return;
        }
        t->sent += (size_t)n;
    }
    all_is_sent(t);
}

static void on_flush(pp_flush *flush)
{
    send_output(of_flush(flush));
}

static int tcp_send(pp_stream *stream, const void *data, size_t size)
{
    tcp *t = of_stream(stream);

    if (t->state != STATE_OPEN && t->state != STATE_CONNECTING)
        return pp_error(PIPIT_ERR_CONNECTION, "tcp: the connection is closed");
    if (size > PP_LIMIT_SEND_QUEUE || queued(t) > PP_LIMIT_SEND_QUEUE - size)
        return pp_error(PIPIT_ERR_LIMIT, "tcp: more than %u octets wait to be sent",
                        PP_LIMIT_SEND_QUEUE);
    pp_io_borrow_output(t->watch.loop, &t->out);
    pp_buf_add(&t->out, data, size);
    if (pp_buf_error(&t->out)) {
        t->out.error = 0; /* nothing of it was taken, and what waits is whole */
        return PIPIT_ERR_MEMORY;
    }
    if (t->state == STATE_OPEN && queued(t) && !(t->watch.events & UV_WRITABLE))
        pp_io_want_flush(t->watch.loop, &t->flush);
    return 0;
}

static size_t tcp_queued(const pp_stream *stream)
{
    return queued(of_stream(stream));
}

static void tcp_close(pp_stream *stream)
{
    tcp *t = of_stream(stream);

    pp_loop_unpost(loop_of(t), &t->report);
    if (t->state != STATE_OPEN || queued(t) == 0) {
        go(t);
        return;
    }
    t->state = STATE_LINGERING;
    pp_io_linger(t->watch.loop, &t->lingerer);
    pp_loop_start_timer(loop_of(t), &t->timer, LINGER_SEND_MS, on_linger_timeout, t);
}

static void tcp_addresses(const pp_stream *stream, pp_addr *local, pp_addr *remote)
{
    const tcp *t = of_stream(stream);
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);

    *remote = t->remote;
    if (t->watch.fd < 0 || getsockname(t->watch.fd, (struct sockaddr *)&address, &size) != 0 ||
        !pp_addr_from_sockaddr((struct sockaddr *)&address, local))
        *local = (pp_addr){0};
}

static const pp_stream_ops tcp_ops = {tcp_send, tcp_queued, tcp_close, tcp_addresses};

/* --- input ------------------------------------------------------------------------------------ */

static bool may_read(const tcp *t)
{
    return t->state == STATE_OPEN || t->state == STATE_LINGERING;
}

static void pass_on(tcp *t, const uint8_t *input, size_t size)
{
    pp_real_loop *loop = t->watch.loop;

    pp_io_hold_time(loop);
    t->stream.handlers->data(t->stream.arg, input, size);
    pp_io_let_time_go(loop);
}

/* Returns whether anything was found out: data, the end, an error. */
static bool read_input(tcp *t)
{
    uint8_t *input = t->watch.loop->input;
    bool found = false;

    for (unsigned i = 0; i < READS_A_TURN && may_read(t); i++) {
        ssize_t n = recv(t->watch.fd, input, PP_IO_INPUT, MSG_DONTWAIT);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return found;
        found = true;
        if (n == 0 && t->state == STATE_LINGERING && queued(t)) {
            pp_watch_set(&t->watch, t->watch.events & ~UV_READABLE); /* it may still read */
            return found;
        }
        if (n <= 0)
            end(t, n < 0 ? errno : 0);
        else if (t->state == STATE_OPEN)
            pass_on(t, input, (size_t)n);
        if (n < (ssize_t)PP_IO_INPUT)
            break;
    }
    return found;
}

/* libuv says EBADF for any error and stops the watch; what came before the error is still to be read. */
static void look_at_error(tcp *t)
{
    int system_error;

    if (read_input(t)) {
        if (may_read(t))
            pp_watch_set(&t->watch, UV_READABLE | (queued(t) ? UV_WRITABLE : 0));
        return;
    }
    system_error = pp_watch_error(&t->watch);
    end(t, system_error ? system_error : ECONNRESET);
}

static void finish_connect(tcp *t)
{
    int system_error = pp_watch_error(&t->watch);

    if (system_error) {
        end(t, system_error);
        return;
    }
    t->state = STATE_OPEN;
    pp_watch_set(&t->watch, UV_READABLE);
    if (queued(t))
        pp_io_want_flush(t->watch.loop, &t->flush);
    t->stream.handlers->connected(t->stream.arg);
}

static void on_ready(pp_watch *watch, int events)
{
    tcp *t = of_watch(watch);

    if (t->state == STATE_CONNECTING) {
        finish_connect(t);
        return;
    }
    if (events == 0) {
        look_at_error(t);
        return;
    }
    if (events & UV_READABLE)
        read_input(t);
    if ((events & UV_WRITABLE) && may_read(t) && queued(t))
        send_output(t);
}

/* --- the beginning ---------------------------------------------------------------------------- */

static int make(pp_real_loop *loop, int fd, tcp **out)
{
    tcp *t = PP_NEW(tcp);
    int on = 1, err;

    if (!t)
        return PIPIT_ERR_MEMORY;
    err = pp_watch_init(&t->watch, loop, fd, on_ready);
    if (err) {
        pp_free(t);
        return err;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* we gather ourselves */
    t->stream.ops = &tcp_ops;
    t->flush.flush = on_flush;
    t->lingerer.cut = cut;
    t->out.max = 2 * PP_LIMIT_SEND_QUEUE; /* what is sent leaves the buffer later */
    *out = t;
    return 0;
}

int pp_io_tcp_connect(pipit_loop *loop, const pp_addr *to, const pp_stream_handlers *handlers,
                      void *arg, pp_stream **out)
{
    struct sockaddr_storage address;
    socklen_t size = pp_addr_to_sockaddr(to, &address);
    int fd = -1;
    int err = pp_io_socket(to, SOCK_STREAM, &fd);
    tcp *t = NULL;

    if (err)
        return err;
    err = make(pp_real(loop), fd, &t);
    if (err) {
        close(fd);
        return err;
    }
    t->stream.handlers = handlers;
    t->stream.arg = arg;
    t->remote = *to;
    if (connect(fd, (struct sockaddr *)&address, size) != 0 && errno != EINPROGRESS &&
        errno != EINTR)
        end(t, errno);
    else
        pp_watch_set(&t->watch,
                     UV_WRITABLE); /* also when it is connected already: told by the loop */
    *out = &t->stream;
    return 0;
}

int pp_io_tcp_accepted(pp_real_loop *loop, int fd, pp_stream **out)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    tcp *t = NULL;
    int err = make(loop, fd, &t);

    if (err) {
        close(fd);
        return err;
    }
    t->state = STATE_OPEN;
    if (getpeername(fd, (struct sockaddr *)&address, &size) == 0)
        pp_addr_from_sockaddr((struct sockaddr *)&address, &t->remote);
    *out = &t->stream;
    return 0;
}

void pp_io_tcp_begin(pp_stream *stream)
{
    tcp *t = of_stream(stream);

    if (t->state == STATE_OPEN)
        pp_watch_set(&t->watch, UV_READABLE);
}
