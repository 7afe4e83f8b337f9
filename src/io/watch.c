/* watch.c - a descriptor of ours under uv_poll_t. */
#include "io/watch.h"

#include "base/error.h"

#include <unistd.h>

static void on_poll(uv_poll_t *poll, int status, int events)
{
    pp_watch *watch = poll->data;

    if (status < 0) /* libuv has stopped the watch */
        watch->events = 0;
    watch->ready(watch, status < 0 ? 0 : events);
}

int pp_watch_init(pp_watch *watch, pp_real_loop *loop, int fd,
                  void (*ready)(pp_watch *watch, int events))
{
    int failure = uv_poll_init(loop->uv, &watch->poll, fd);

    if (failure)
        return pp_error(PIPIT_ERR_IO, "loop: a descriptor could not be watched: %s",
                        uv_strerror(failure));
    watch->poll.data = watch;
    watch->loop = loop;
    watch->fd = fd;
    watch->events = 0;
    watch->ready = ready;
    return 0;
}

void pp_watch_set(pp_watch *watch, int events)
{
    if (events == watch->events)
        return;
    watch->events = events;
    if (events)
        uv_poll_start(&watch->poll, events, on_poll);
    else
        uv_poll_stop(&watch->poll);
}

static void on_closed(uv_handle_t *handle)
{
    pp_watch *watch = handle->data;
    pp_real_loop *loop = watch->loop;

    watch->closed(watch);
    pp_io_handle_closed(loop);
}

void pp_watch_close(pp_watch *watch, void (*closed)(pp_watch *watch))
{
    watch->closed = closed;
    watch->loop->closing++;
    uv_close((uv_handle_t *)&watch->poll, on_closed);
    close(watch->fd);
    watch->fd = -1;
}

int pp_watch_error(const pp_watch *watch)
{
    int error = 0;
    socklen_t size = sizeof(error);

    return getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &size) ? EIO : error;
}
