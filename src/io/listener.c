/* listener.c - accepting TCP connections. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "io/descriptor.h"
#include "io/watch.h"

#include <unistd.h>

#define ACCEPTS_A_TURN 64
#define PAUSE_MS       100 /* when descriptors or memory are short: the readiness stays, and would spin */

typedef struct listener {
    pp_listener listener;
    pp_watch watch;
    pp_accept_function *accepted;
    void *arg;
    pp_timer pause;
    bool closed;
} listener;

static listener *of_watch(pp_watch *watch)
{
    return (listener *)(void *)((char *)watch - offsetof(listener, watch));
}

static void on_pause_over(void *arg)
{
    listener *l = arg;

    pp_watch_set(&l->watch, UV_READABLE);
}

static void pause_accepting(listener *l, int system_error)
{
    pp_log_warn("Listener", "no connection could be accepted for a while: %s",
                uv_strerror(uv_translate_sys_error(system_error)));
    pp_watch_set(&l->watch, 0);
    pp_loop_start_timer(&l->watch.loop->head, &l->pause, PAUSE_MS, on_pause_over, l);
}

static void hand_over(listener *l, int fd)
{
    pp_stream *stream = NULL;

    if (pp_io_tcp_accepted(l->watch.loop, fd, &stream)) {
        pp_log_warn("Listener", "an accepted connection was dropped: %s", pipit_error_message());
        return;
    }
    l->accepted(l->arg, stream);
    pp_io_tcp_begin(stream); /* its memory outlives this turn, also when it was closed */
}

static void on_ready(pp_watch *watch, int events)
{
    listener *l = of_watch(watch);

    if (events == 0)
        pp_watch_set(watch, UV_READABLE);
    for (unsigned i = 0; i < ACCEPTS_A_TURN && !l->closed; i++) {
        int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            hand_over(l, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause_accepting(l, errno);
            return;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } /* else that one connection is gone already */
    }
}

static void on_watch_closed(pp_watch *watch)
{
    pp_free(of_watch(watch));
}

static void close_listener(pp_listener *given)
{
    listener *l = (listener *)given;

    l->closed = true;
    pp_loop_stop_timer(&l->watch.loop->head, &l->pause);
    pp_watch_close(&l->watch, on_watch_closed);
}

int pp_io_tcp_listen(pipit_loop *loop, const pp_addr *at, pp_accept_function *accepted, void *arg,
                     pp_listener **out)
{
    listener *l = PP_NEW(listener);
    int fd = -1, err = l ? 0 : PIPIT_ERR_MEMORY;

    if (!err)
        err = pp_io_bound_socket(at, SOCK_STREAM, &fd, &l->listener.local);
    if (!err && listen(fd, SOMAXCONN) != 0)
        err = pp_error(PIPIT_ERR_IO, "listen: %s", uv_strerror(uv_translate_sys_error(errno)));
    if (!err)
        err = pp_watch_init(&l->watch, pp_real(loop), fd, on_ready);
    if (err) {
        if (fd >= 0)
            close(fd);
        pp_free(l);
        return err;
    }
    l->listener.close = close_listener;
    l->accepted = accepted;
    l->arg = arg;
    pp_watch_set(&l->watch, UV_READABLE);
    *out = &l->listener;
    return 0;
}
