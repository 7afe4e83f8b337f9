/* network.c - notices that the machine's addresses change: by routing messages of the kernel where it has them (Linux), and else by
 * looking every few seconds. Neither keeps the loop running. */
#include "base/network.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "io/watch.h"

#include <unistd.h>

#ifdef __linux__
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#endif

#define LOOK_MS 5000u

struct pp_io_network {
    pp_watch watch; /* of the kernel's messages */
    uv_timer_t timer;
    bool by_timer;
};

/* --- the kernel's messages -------------------------------------------------------------------- */

#ifdef __linux__
/* -1: it has none for us. */
static int open_messages(void)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                  .nl_groups =
                                      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* What they say is not looked at: it is seen in the addresses. Some that were too many are no loss. */
static void on_messages(pp_watch *watch, int events)
{
    uint8_t message[4096];

    (void)events;
    for (unsigned i = 0; i < 64 && recv(watch->fd, message, sizeof(message), 0) > 0; i++) {
    }
    (void)pp_watch_error(watch);
    pp_watch_set(watch, UV_READABLE); /* an error has stopped it */
    pp_loop_network_moved(&watch->loop->head);
}
#else
static int open_messages(void)
{
    return -1;
}

static void on_messages(pp_watch *watch, int events)
{
    (void)watch;
    (void)events;
}
#endif

/* --- looking ---------------------------------------------------------------------------------- */

static void on_time(uv_timer_t *timer)
{
    pp_loop_network_moved(&((pp_real_loop *)timer->data)->head);
}

static void look_by_time(pp_real_loop *loop, pp_io_network *n)
{
    n->by_timer = true;
    uv_timer_init(loop->uv, &n->timer);
    n->timer.data = loop;
    uv_timer_start(&n->timer, on_time, LOOK_MS, LOOK_MS);
    uv_unref((uv_handle_t *)&n->timer);
}

/* --- on and off ------------------------------------------------------------------------------- */

static void start(pp_real_loop *loop)
{
    pp_io_network *n = PP_NEW(pp_io_network);
    int fd;

    if (!n) {
        pp_log_warn("UA", "no memory to notice changes of the network with");
        return;
    }
    loop->network = n;
    fd = open_messages();
    if (fd >= 0 && pp_watch_init(&n->watch, loop, fd, on_messages) == 0) {
        pp_watch_set(&n->watch, UV_READABLE);
        uv_unref((uv_handle_t *)&n->watch.poll);
        return;
    }
    if (fd >= 0)
        close(fd);
    look_by_time(loop, n);
}

static void on_watch_closed(pp_watch *watch)
{
    pp_free(watch); /* it is the first part of the whole */
}

static void on_timer_closed(uv_handle_t *handle)
{
    pp_io_network *n = (pp_io_network *)(void *)((char *)handle - offsetof(pp_io_network, timer));
    pp_real_loop *loop = handle->data;

    pp_free(n);
    pp_io_handle_closed(loop);
}

static void stop(pp_real_loop *loop)
{
    pp_io_network *n = loop->network;

    loop->network = NULL;
    if (!n->by_timer) {
        pp_watch_close(&n->watch, on_watch_closed);
        return;
    }
    loop->closing++;
    uv_close((uv_handle_t *)&n->timer, on_timer_closed);
}

void pp_io_watch_network(pipit_loop *head, bool on)
{
    pp_real_loop *loop = pp_real(head);

    if (on && !loop->network)
        start(loop);
    else if (!on && loop->network)
        stop(loop);
}
