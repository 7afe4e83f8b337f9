/* udp.c - datagrams: read and sent many in one system call, and never deafened by an ICMP error. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/descriptor.h"
#include "io/watch.h"

#include <unistd.h>

#define BATCH         32 /* datagrams in one system call */
#define BATCHES       4  /* read in one turn */
#define LARGEST       2048 /* octets: media fits an Ethernet frame; longer ones are no traffic of ours */
#define LARGEST_QUEUE (256u << 10) /* octets that gather in one turn before they are sent early */
#define SYSTEM_QUEUE                                                                               \
    (1 << 20) /* octets the system is asked to hold for us: a crowd of calls comes in bursts */

typedef struct udp {
    pp_udp udp;
    pp_watch watch;
    pp_udp_function *received;
    void *arg;
    pp_flush flush;
    pp_buf out;   /* datagrams of this turn: for each an out_head, then its octets */
    size_t sent;  /* octets of `out` that are done with */
    bool blocked; /* the system takes no more until it says so */
    bool closed;
} udp;

typedef struct out_head {
    pp_addr to;
    size_t size;
} out_head;

static udp *of_watch(pp_watch *watch)
{
    return (udp *)(void *)((char *)watch - offsetof(udp, watch));
}

static udp *of_flush(pp_flush *flush)
{
    return (udp *)(void *)((char *)flush - offsetof(udp, flush));
}

/* --- input ------------------------------------------------------------------------------------ */

typedef struct batch {
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    struct sockaddr_storage addresses[BATCH];
} batch;

/* Longer datagrams come one at a time: there is one buffer. */
static unsigned prepare_input(batch *b, uint8_t *input, size_t largest)
{
    unsigned count = largest > LARGEST ? 1 : BATCH;
    size_t size = largest > LARGEST ? largest : LARGEST;

    for (size_t i = 0; i < count; i++) {
        b->parts[i] = (struct iovec){input + i * size, size};
        b->messages[i].msg_hdr = (struct msghdr){.msg_name = &b->addresses[i],
                                                 .msg_namelen = sizeof(b->addresses[i]),
                                                 .msg_iov = &b->parts[i],
                                                 .msg_iovlen = 1};
    }
    return count;
}

static void deliver(udp *u, batch *b, int count)
{
    for (int i = 0; i < count && !u->closed; i++) {
        const struct msghdr *header = &b->messages[i].msg_hdr;
        pp_addr from;

        if (header->msg_flags & MSG_TRUNC)
            continue;
        if (pp_addr_from_sockaddr((struct sockaddr *)&b->addresses[i], &from))
            u->received(u->arg, &from, b->parts[i].iov_base, b->messages[i].msg_len);
    }
}

static void read_batches(udp *u)
{
    pp_watch *watch = &u->watch;
    batch b;

    for (unsigned i = 0; i < BATCHES && !u->closed; i++) {
        unsigned room = prepare_input(&b, watch->loop->input, u->udp.largest);
        int count = recvmmsg(watch->fd, b.messages, room, MSG_DONTWAIT, NULL);

        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        deliver(u, &b, count); /* an error is one of an earlier datagram of ours, and is over now */
        if (count >= 0 && (unsigned)count < room)
            return;
    }
}

/* --- output ----------------------------------------------------------------------------------- */

static void send_output(udp *u);

static void on_ready(pp_watch *watch, int events)
{
    udp *u = of_watch(watch);

    if (events == 0) { /* an ICMP error stopped the watch: cleared, and on it goes */
        pp_watch_error(watch);
        pp_watch_set(watch, u->blocked ? UV_READABLE | UV_WRITABLE : UV_READABLE);
    }
    if (events & UV_WRITABLE)
        send_output(u);
    if (events != UV_WRITABLE)
        read_batches(u);
}

/* Up to BATCH datagrams of the queue. Returns how many. */
static unsigned prepare_output(const pp_buf *out, size_t from, batch *b)
{
    size_t at = from;
    unsigned count = 0;

    while (count < BATCH && at < out->n) {
        out_head head;

        memcpy(&head, out->p + at, sizeof(head));
        b->parts[count] = (struct iovec){out->p + at + sizeof(head), head.size};
        b->messages[count].msg_hdr =
            (struct msghdr){.msg_name = &b->addresses[count],
                            .msg_namelen = pp_addr_to_sockaddr(&head.to, &b->addresses[count]),
                            .msg_iov = &b->parts[count],
                            .msg_iovlen = 1};
        at += sizeof(head) + head.size;
        count++;
    }
    return count;
}

/* Best effort: a datagram that cannot go is lost, like one on the way. Returns how many are done with; fewer than `count`: the
 * system takes no more now. */
static unsigned send_batch(udp *u, batch *b, unsigned count)
{
    unsigned at = 0;

    for (unsigned attempts = 0; at < count && attempts < 2 * BATCH; attempts++) {
        int sent = sendmmsg(u->watch.fd, b->messages + at, count - at, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent > 0)
            at += (unsigned)sent;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return at;
        else if (errno != EINTR &&
                 errno != ECONNREFUSED) /* ECONNREFUSED is of an earlier one: the same again */
            at++;                       /* ENOBUFS too: nobody would tell when to come back */
    }
    return count;
}

static size_t octets_of(const batch *b, unsigned count)
{
    size_t octets = 0;

    for (unsigned i = 0; i < count; i++)
        octets += sizeof(out_head) + b->parts[i].iov_len;
    return octets;
}

/* In the order of their sending; what the system does not take now waits for it. */
static void send_output(udp *u)
{
    batch b;

    u->blocked = false;
    while (u->sent < u->out.n && !u->blocked) {
        unsigned count = prepare_output(&u->out, u->sent, &b);
        unsigned done = send_batch(u, &b, count);

        u->sent += octets_of(&b, done);
        u->blocked = done < count;
    }
    if (u->blocked) {
        pp_buf_consume(&u->out, u->sent);
    } else {
        pp_io_return_output(u->watch.loop, &u->out);
    }
    u->sent = 0;
    if (!u->closed)
        pp_watch_set(&u->watch, u->blocked ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static void on_flush(pp_flush *flush)
{
    if (!of_flush(flush)->blocked)
        send_output(of_flush(flush));
}

static int udp_send(pp_udp *given, const pp_addr *to, const void *data, size_t size)
{
    udp *u = (udp *)given;
    out_head head = {*to, size};
    uint8_t *room;

    if (size > u->udp.largest)
        return pp_error(PIPIT_ERR_LIMIT, "udp: a datagram has at most %zu octets", u->udp.largest);
    if (u->out.n > LARGEST_QUEUE)
        on_flush(&u->flush);
    if (u->out.n > LARGEST_QUEUE)
        return pp_error(PIPIT_ERR_LIMIT, "udp: more than %u octets wait", LARGEST_QUEUE);
    pp_io_borrow_output(u->watch.loop, &u->out);
    room = pp_buf_room(&u->out, sizeof(head) + size);
    if (!room) {
        u->out.error = 0; /* what waits is whole */
        return PIPIT_ERR_MEMORY;
    }
    memcpy(room, &head, sizeof(head));
    if (size)
        memcpy(room + sizeof(head), data, size);
    pp_io_want_flush(u->watch.loop, &u->flush);
    return 0;
}

/* --- its life --------------------------------------------------------------------------------- */

static void on_watch_closed(pp_watch *watch)
{
    pp_free(of_watch(watch));
}

static void udp_close(pp_udp *given)
{
    udp *u = (udp *)given;

    u->closed = true;
    pp_io_unwant_flush(u->watch.loop, &u->flush);
    send_output(u);
    pp_buf_free(&u->out);
    pp_watch_close(&u->watch, on_watch_closed);
}

/* On each interface; what cannot be joined is not heard. */
static void join(pipit_loop *loop, int fd, const pp_addr *at)
{
    pp_local_address all[PP_LIMIT_ICE_LOCAL_ADDRESSES * 4];
    size_t count = pp_io_local_addresses(loop, all, sizeof(all) / sizeof(all[0]));

    for (size_t i = 0; i < count; i++) {
        struct ip_mreq request;

        if (all[i].address.family != 4)
            continue;
        memcpy(&request.imr_multiaddr, at->ip, 4);
        memcpy(&request.imr_interface, all[i].address.ip, 4);
        (void)setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request));
    }
}

int pp_io_udp_open(pipit_loop *loop, const pp_addr *at, pp_udp_function *received, void *arg,
                   pp_udp **out)
{
    udp *u = PP_NEW(udp);
    const int queue = SYSTEM_QUEUE;
    int fd = -1, err = u ? 0 : PIPIT_ERR_MEMORY;

    if (!err)
        err = pp_io_bound_socket(at, SOCK_DGRAM, &fd, &u->udp.local);
    if (!err && pp_io_is_group(at))
        join(loop, fd, at);
    if (!err)
        err = pp_watch_init(&u->watch, pp_real(loop), fd, on_ready);
    if (err) {
        if (fd >= 0)
            close(fd);
        pp_free(u);
        return err;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof(queue));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &queue, sizeof(queue));
    u->udp.send = udp_send;
    u->udp.close = udp_close;
    u->udp.largest = LARGEST;
    u->received = received;
    u->arg = arg;
    u->flush.flush = on_flush;
    pp_watch_set(&u->watch, UV_READABLE);
    *out = &u->udp;
    return 0;
}
