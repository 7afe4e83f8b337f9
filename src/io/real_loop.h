/* real_loop.h - the loop on libuv: what the files of this folder share. Only they may include uv.h. */
#ifndef PP_IO_REAL_LOOP_H
#define PP_IO_REAL_LOOP_H

#include "base/buf.h"
#include "base/loop.h"

#include <uv.h>

typedef struct pp_real_loop pp_real_loop;
typedef struct pp_resolver pp_resolver;
typedef struct pp_io_network pp_io_network;
typedef struct pp_workers pp_workers;

#define PP_IO_INPUT (64u << 10) /* octets read at once; one buffer a loop, lent to the handlers */
#define PP_IO_SPARE_OUTPUTS                                                                        \
    32u /* buffers of output that all is sent of, kept for the next who have some */

/* Something with output that leaves at the end of the turn: what one turn says goes out in one send. Lives in its owner. */
typedef struct pp_flush pp_flush;
struct pp_flush {
    void (*flush)(pp_flush *self);
    pp_flush *next, *previous;
    bool queued;
};

/* What must be cut off when the loop goes: connections that only send the rest of their output. */
typedef struct pp_lingerer pp_lingerer;
struct pp_lingerer {
    void (*cut)(pp_lingerer *self);
    pp_lingerer *next, *previous;
};

typedef struct pp_call pp_call; /* posted from any thread */

struct pp_real_loop {
    pipit_loop head;
    uv_loop_t own;
    uv_loop_t *uv; /* &own, or the program's */
    uv_thread_t thread;
    bool running, stopping, released;
    unsigned closing; /* handles on their way out; the loop's memory outlives them */
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t
        idle; /* active while something is to be done at the end of the turn: no waiting then */
    uv_timer_t timer;
    uv_async_t async;
    uint64_t held_us;     /* the time, while it stands still; 0: it goes on */
    uint64_t timer_at_us; /* what the timer is armed for: not later than the earliest deadline */
    uv_mutex_t lock;      /* guards the two below, all that other threads touch */
    pp_call *calls, *last_call;
    bool called_here; /* there are calls of our own thread */
    pp_flush *flushes, *last_flush;
    pp_lingerer *lingerers;
    pp_resolver *resolver;
    pp_io_network *network; /* NULL: nobody wants to hear of changes */
    pp_workers *workers;
    char *name_servers; /* NULL: the system's */
    uint8_t *input;
    pp_buf outputs[PP_IO_SPARE_OUTPUTS]; /* spare */
    unsigned output_count;
    size_t output_kept;   /* octets of all of them */
    uint64_t returned_ms; /* when the last one came back */
};

static inline pp_real_loop *pp_real(const pipit_loop *loop)
{
    return (pp_real_loop *)(uintptr_t)loop;
}

/* What a connection brings in one piece is looked at in one moment: a call asks for the time ten times over. */
void pp_io_hold_time(pp_real_loop *loop);
void pp_io_let_time_go(pp_real_loop *loop);
void pp_io_want_flush(pp_real_loop *loop, pp_flush *flush);
void pp_io_unwant_flush(pp_real_loop *loop, pp_flush *flush);
void pp_io_linger(pp_real_loop *loop, pp_lingerer *lingerer);
void pp_io_unlinger(pp_real_loop *loop, pp_lingerer *lingerer);
/* Memory for output, where there is some to spare; and back, when all is sent. */
void pp_io_borrow_output(pp_real_loop *loop, pp_buf *out);
void pp_io_return_output(pp_real_loop *loop, pp_buf *out);
void pp_io_free_outputs(pp_real_loop *loop); /* those that are spare */
/* When nobody has said anything for a while, what is kept for others is given back to the heap: this, and that of messages. */
void pp_io_rest(pp_real_loop *loop);
/* For close callbacks: one handle less. The loop may be gone then. */
void pp_io_handle_closed(pp_real_loop *loop);

/* the operations of the loop, one file each */
int pp_io_tcp_connect(pipit_loop *loop, const pp_addr *to, const pp_stream_handlers *handlers,
                      void *arg, pp_stream **out);
int pp_io_tcp_listen(pipit_loop *loop, const pp_addr *at, pp_accept_function *accepted, void *arg,
                     pp_listener **out);
int pp_io_udp_open(pipit_loop *loop, const pp_addr *at, pp_udp_function *received, void *arg,
                   pp_udp **out);
int pp_io_lookup(pipit_loop *loop, const char *name, pp_lookup_function *found, void *arg,
                 pp_lookup **out);
int pp_io_records(pipit_loop *loop, const pp_record_question *question, pp_lookup **out);
int pp_io_route(pipit_loop *loop, const pp_addr *to, pp_addr *out);
size_t pp_io_local_addresses(pipit_loop *loop, pp_local_address *out, size_t max);
void pp_io_watch_network(pipit_loop *loop, bool on);
/* A stream for a connection that was accepted; takes the descriptor over, also on failure. */
int pp_io_tcp_accepted(pp_real_loop *loop, int fd, pp_stream **out);
void pp_io_tcp_begin(pp_stream *stream); /* starts to read */
void pp_io_resolver_free(pp_resolver *resolver);
bool pp_io_is_own_thread(const pp_real_loop *loop);
bool pp_io_work(pipit_loop *loop, pp_work *work);
/* What the media threads have done is given back. */
void pp_io_take_work(pp_real_loop *loop);
/* Waits for what they have been given, and gives it back. */
void pp_io_end_workers(pp_real_loop *loop);

#endif
