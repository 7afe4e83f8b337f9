/* connect.c - from a host name and port to a connected stream: happy eyeballs (RFC 8305). */
#include "io/connect.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

#define NEXT_ATTEMPT_MS 250u /* RFC 8305 section 5: Connection Attempt Delay */
#define ATTEMPTS_MAX    16u
#define SENTENCE        320

typedef struct attempt {
    pp_connect *connect;
    pp_stream *stream;
} attempt;

struct pp_connect {
    pipit_loop *loop;
    pp_connect_function *done;
    void *arg;
    char *host;
    uint16_t port;
    unsigned timeout_ms;
    pp_lookup *lookup;
    pp_timer deadline, next;
    pp_post post; /* a result found inside a call of the owner */
    pp_addr addresses[ATTEMPTS_MAX];
    size_t count, started, failed;
    attempt attempts[ATTEMPTS_MAX];
    int error; /* of the first attempt that failed: the address that was preferred */
    char reason[SENTENCE];
};

/* --- the end ---------------------------------------------------------------------------------- */

/* All but the memory. */
static void stop(pp_connect *c)
{
    c->lookup = pp_lookup_cancel(c->lookup);
    pp_loop_stop_timer(c->loop, &c->deadline);
    pp_loop_stop_timer(c->loop, &c->next);
    pp_loop_unpost(c->loop, &c->post);
    for (size_t i = 0; i < c->started; i++)
        c->attempts[i].stream = pp_stream_close(c->attempts[i].stream);
}

static void release(pp_connect *c)
{
    pp_free(c->host);
    pp_free(c);
}

pp_connect *pp_connect_cancel(pp_connect *c)
{
    if (c) {
        stop(c);
        release(c);
    }
    return NULL;
}

static void finish(pp_connect *c, pp_stream *stream)
{
    pp_connect_function *done = c->done;
    void *arg = c->arg;
    int error = stream ? 0 : c->error;
    char reason[SENTENCE];

    snprintf(reason, sizeof(reason), "%s", stream ? "" : c->reason);
    pp_connect_cancel(c);
    done(arg, error, reason, stream);
}

static void remember(pp_connect *c, int error, const char *reason)
{
    if (c->error)
        return;
    c->error = error;
    snprintf(c->reason, sizeof(c->reason), "%s", reason);
}

static void finish_failed(void *arg)
{
    finish(arg, NULL);
}

static void on_deadline(void *arg)
{
    pp_connect *c = arg;

    if (c->lookup)
        snprintf(c->reason, sizeof(c->reason), "the host name '%.200s' was not found within %u ms",
                 c->host, c->timeout_ms);
    else
        snprintf(c->reason, sizeof(c->reason), "no answer from %.200s:%u within %u ms", c->host,
                 (unsigned)c->port, c->timeout_ms);
    c->error = PIPIT_ERR_TIMEOUT;
    finish(c, NULL);
}

/* --- the race --------------------------------------------------------------------------------- */

static void start_next(void *arg);

static void on_connected(void *arg)
{
    attempt *a = arg;
    pp_stream *stream = a->stream;

    a->stream = NULL;
    finish(a->connect, stream);
}

static void attempt_failed(pp_connect *c, int error, const char *reason)
{
    remember(c, error ? error : PIPIT_ERR_CONNECTION, reason);
    c->failed++;
    if (c->failed == c->count)
        pp_loop_post(c->loop, &c->post, finish_failed, c);
    else if (c->failed == c->started) /* nobody to wait for */
        start_next(c);
}

static void on_closed(void *arg, int error, const char *reason)
{
    attempt *a = arg;

    a->stream = pp_stream_close(a->stream);
    attempt_failed(a->connect, error, reason);
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    (void)arg; /* a stream has its next owner before anything comes */
    (void)data;
    (void)size;
}

static const pp_stream_handlers attempt_handlers = {
    .connected = on_connected, .data = on_data, .closed = on_closed};

static void start_next(void *arg)
{
    pp_connect *c = arg;
    attempt *a = &c->attempts[c->started];
    int err;

    a->connect = c;
    if (c->started + 1 < c->count)
        pp_loop_start_timer(c->loop, &c->next, NEXT_ATTEMPT_MS, start_next, c);
    else
        pp_loop_stop_timer(c->loop, &c->next);
    err = c->loop->ops->tcp_connect(c->loop, &c->addresses[c->started++], &attempt_handlers, a,
                                    &a->stream);
    if (err)
        attempt_failed(c, err, pipit_error_message());
}

/* The families in turn, the first answer's family first (RFC 8305 section 4). */
static void arrange(pp_connect *c, const pp_addr *found, size_t count)
{
    size_t next[2] = {0, 0}; /* [0]: the family of the first */
    unsigned turn = 0;

    while (c->count < ATTEMPTS_MAX && (next[0] < count || next[1] < count)) {
        size_t *at = &next[turn];

        while (*at < count && (found[*at].family == found[0].family) != (turn == 0))
            ++*at;
        if (*at < count) {
            c->addresses[c->count] = found[(*at)++];
            c->addresses[c->count++].port = c->port;
        }
        turn = 1 - turn;
    }
}

static void on_found(void *arg, int error, const pp_addr *addresses, size_t count)
{
    pp_connect *c = arg;

    c->lookup = NULL;
    if (error || count == 0) {
        c->error = error ? error : PIPIT_ERR_NOT_FOUND;
        snprintf(c->reason, sizeof(c->reason), "the host name '%.200s' could not be found",
                 c->host);
        finish(c, NULL);
        return;
    }
    arrange(c, addresses, count);
    start_next(c);
}

int pp_connect_start(pipit_loop *loop, const char *host, uint16_t port, unsigned timeout_ms,
                     pp_connect_function *done, void *arg, pp_connect **out)
{
    pp_connect *c = PP_NEW(pp_connect);
    int err = c ? 0 : PIPIT_ERR_MEMORY;

    if (err)
        return err;
    c->loop = loop;
    c->done = done;
    c->arg = arg;
    c->port = port;
    c->timeout_ms = timeout_ms;
    c->host = pp_strdup(host);
    if (!c->host)
        err = PIPIT_ERR_MEMORY;
    if (!err)
        err = loop->ops->lookup(loop, host, on_found, c, &c->lookup);
    if (err) {
        release(c);
        return err;
    }
    pp_loop_start_timer(loop, &c->deadline, timeout_ms, on_deadline, c);
    *out = c;
    return 0;
}
