/* loop.h - what everything below io/ is given: time, chance, deferred calls and the network.
 * io/loop.c makes a real one, tests/support/sim.c one in virtual time. */
#ifndef PP_BASE_LOOP_H
#define PP_BASE_LOOP_H

#include "base/net.h"
#include "base/rng.h"
#include "base/timers.h"
#include "pipit/loop.h"

typedef struct pp_work pp_work; /* base/work.h */

typedef struct pp_loop_ops {
    uint64_t (*now_us)(const pipit_loop *loop);  /* monotonic */
    uint64_t (*wall_us)(const pipit_loop *loop); /* since 1970-01-01 UTC */
    void (*wake)(pipit_loop *loop); /* the earliest deadline or the queue of posts changed: come
                                       back in time */
    int (*tcp_connect)(pipit_loop *loop, const pp_addr *to, const pp_stream_handlers *handlers,
                       void *arg, pp_stream **out);
    int (*tcp_listen)(pipit_loop *loop, const pp_addr *at, pp_accept_function *accepted, void *arg,
                      pp_listener **out);
    int (*udp_open)(pipit_loop *loop, const pp_addr *at, pp_udp_function *received, void *arg,
                    pp_udp **out);
    int (*lookup)(pipit_loop *loop, const char *name, pp_lookup_function *found, void *arg,
                  pp_lookup **out);
    int (*records)(pipit_loop *loop, const pp_record_question *question, pp_lookup **out);
    /* The own address that a datagram to `to` would leave from, port 0. */
    int (*route)(pipit_loop *loop, const pp_addr *to, pp_addr *out);
    /* The machine's own addresses (interfaces that are up, loopback included); returns how many. */
    size_t (*local_addresses)(pipit_loop *loop, pp_local_address *out, size_t max);
    /* Calls pp_loop_network_moved() when these may have changed, or does so no more. Optional. */
    void (*watch_network)(pipit_loop *loop, bool on);
    void (*release)(pipit_loop *loop); /* the last reference is gone */
    /* Hands work to another thread, for pp_work_end() on this one when it is done; false: all have enough. Only while
     * `has_workers`. */
    bool (*work)(pipit_loop *loop, pp_work *work);
} pp_loop_ops;

/* A call put off to the end of the turn. Lives in its owner; queueing cannot fail, queueing twice
 * is once. */
typedef struct pp_post {
    void (*call)(void *arg); /* NULL: it is not queued */
    void *arg;
    struct pp_post *next, *previous;
} pp_post;

static inline bool pp_post_is_queued(const pp_post *post)
{
    return post->call != NULL;
}

struct pipit_loop { /* the head of every implementation's struct */
    const pp_loop_ops *ops;
    unsigned references;
    pp_timers timers;
    pp_rng rng;
    pp_post *posts, *last_post;
    /* Of TLS clients: one for each kind of settings that is in use (crypto/tls_share.c). */
    struct pp_tls_context *tls;
    /* Of user agents: memory for their messages (sip/message_pool.c), and what gives its spare part back, for a loop on which
     * nobody has said anything for a while. NULL: there is none. */
    struct pp_message_pool *messages;
    void (*rest)(pipit_loop *loop);
    /* Of peer connections: the UDP sockets they share (peer/port.c). */
    struct pp_port *ports;
    /* The sockets on which they listen for ICE over TCP (peer/tcp_place.c). */
    struct pp_tcp_port *tcp_ports;
    /* Who hears of changes of our addresses (base/network.c). */
    struct pp_network *network;
    bool has_workers; /* there are threads for encoding and decoding */
};

void pp_loop_init(pipit_loop *loop, const pp_loop_ops *ops, pp_rng rng);

static inline uint64_t pp_loop_now_us(const pipit_loop *loop)
{
    return loop->ops->now_us(loop);
}

static inline uint64_t pp_loop_now_ms(const pipit_loop *loop)
{
    return loop->ops->now_us(loop) / 1000;
}

static inline uint64_t pp_loop_wall_us(const pipit_loop *loop)
{
    return loop->ops->wall_us(loop);
}

void pp_loop_start_timer(pipit_loop *loop, pp_timer *timer, uint64_t delay_ms,
                         pp_timer_function *fire, void *arg);
void pp_loop_start_timer_us(pipit_loop *loop, pp_timer *timer, uint64_t delay_us,
                            pp_timer_function *fire, void *arg);
void pp_loop_start_timer_at(pipit_loop *loop, pp_timer *timer, uint64_t at_us,
                            pp_timer_function *fire, void *arg);
void pp_loop_disarm(pipit_loop *loop, pp_timer *timer); /* one that is armed */

/* Mostly it is not armed: then there is nothing to call. */
static inline void pp_loop_stop_timer(pipit_loop *loop, pp_timer *timer)
{
    if (timer->armed)
        pp_loop_disarm(loop, timer);
}

void pp_loop_post(pipit_loop *loop, pp_post *post, void (*call)(void *arg), void *arg);
void pp_loop_unpost(pipit_loop *loop, pp_post *post); /* nothing when it is not queued */

/* For implementations: all timers that are due, then all posts that were queued before this call.
 */
void pp_loop_run_due(pipit_loop *loop);
/* When pp_loop_run_due() wants to be called: 0 when posts wait, PP_NEVER when nothing does. */
uint64_t pp_loop_next_us(const pipit_loop *loop);

#endif
