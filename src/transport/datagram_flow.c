/* datagram_flow.c - a flow over UDP: our address and the server's, kept alive with STUN (RFC 5626 section 3.5.2). Answers go
 * where RFC 3261 section 18.2.2 and RFC 3581 say, which may be another address than the server's. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "stun/stun.h"
#include "transport/flow.h"
#include "transport/source.h"

#include <stdio.h>

#define SENTENCE    384
#define LARGEST     65507u /* octets: RFC 3261 section 18.1.1 */
#define INTERVAL_MS 24000u /* RFC 5626 section 4.4.2 */
#define LONGEST_MS  29000u
#define FIRST_WAIT  500u /* RFC 8489 section 6.2.1: then twice as long each time */
#define TRIES       5u   /* fewer than its seven, so that all is over before the next */

typedef struct datagram_flow {
    pp_flow flow;
    pipit_loop *loop;
    const pp_flow_handlers *handlers;
    void *arg;
    pp_udp *udp;
    pp_addr server;
    pp_keep_alive keep_alive;
    pp_timer next, again;
    pp_post post;
    unsigned tries; /* of the present keep-alive */
    uint8_t transaction[12];
    bool waiting;   /* for its answer */
    bool speaks;    /* the server has answered one */
    bool lines;     /* it does not speak STUN: empty lines then, which nobody answers */
    pp_addr mapped; /* how the server sees us; family 0: not known */
    bool *gone;
} datagram_flow;

/* --- the end ---------------------------------------------------------------------------------- */

static void flow_close(pp_flow *given)
{
    datagram_flow *f = (datagram_flow *)given;

    if (f->gone)
        *f->gone = true;
    pp_loop_stop_timer(f->loop, &f->next);
    pp_loop_stop_timer(f->loop, &f->again);
    pp_loop_unpost(f->loop, &f->post);
    pp_udp_close(f->udp);
    pipit_loop_unref(f->loop);
    pp_free(f);
}

static void fail(datagram_flow *f, const char *reason)
{
    pp_loop_stop_timer(f->loop, &f->next);
    pp_loop_stop_timer(f->loop, &f->again);
    f->handlers->failed(f->arg, true, reason);
}

/* --- kept alive ------------------------------------------------------------------------------- */

static void send_binding(datagram_flow *f)
{
    pp_stun request = {.kind = PP_STUN_REQUEST, .method = PP_STUN_BINDING};
    pp_buf packet = {0};

    memcpy(request.transaction, f->transaction, sizeof(request.transaction));
    if (pp_stun_write(&request, PP_STR_NONE, &packet) == 0)
        (void)pp_udp_send(f->udp, &f->server, packet.p, packet.n);
    pp_buf_free(&packet);
}

static void no_answer(datagram_flow *f)
{
    char reason[SENTENCE], text[PP_ADDR_TEXT];

    f->waiting = false;
    if (f->speaks) {
        snprintf(reason, sizeof(reason), "%s did not answer a keep-alive",
                 pp_addr_text(&f->server, text));
        fail(f, reason);
    } else {
        f->lines = true;
    }
}

static void on_again(void *arg)
{
    datagram_flow *f = arg;

    if (f->tries == TRIES) {
        no_answer(f);
        return;
    }
    pp_loop_start_timer(f->loop, &f->again, (uint64_t)FIRST_WAIT << f->tries, on_again, f);
    f->tries++;
    send_binding(f);
}

static void arm(datagram_flow *f);

static void on_next(void *arg)
{
    datagram_flow *f = arg;

    arm(f);
    if (f->lines) {
        (void)pp_udp_send(f->udp, &f->server, "\r\n\r\n", 4);
        return;
    }
    if (f->waiting)
        return;
    pp_rng_bytes(&f->loop->rng, f->transaction, sizeof(f->transaction));
    f->waiting = true;
    f->tries = 0;
    on_again(f);
}

static void arm(datagram_flow *f)
{
    pp_loop_start_timer(f->loop, &f->next, pp_keep_alive_ms(&f->keep_alive, &f->loop->rng), on_next,
                        f);
}

static void flow_timer(pp_flow *given, uint32_t seconds)
{
    datagram_flow *f = (datagram_flow *)given;

    if (f->keep_alive.flow_timer_s == seconds)
        return;
    f->keep_alive.flow_timer_s = seconds;
    arm(f);
}

/* RFC 5626 section 4.4.2: another address than before means that the server cannot reach us where it believes. */
static void take_stun(datagram_flow *f, const pp_addr *from, const uint8_t *data, size_t size)
{
    char reason[SENTENCE], was[PP_ADDR_TEXT], is[PP_ADDR_TEXT];
    pp_addr before = f->mapped;
    pp_stun answer;

    if (!f->waiting || !pp_addr_eq(from, &f->server) || pp_stun_parse(data, size, &answer) ||
        (answer.kind != PP_STUN_SUCCESS && answer.kind != PP_STUN_ERROR) ||
        memcmp(answer.transaction, f->transaction, sizeof(f->transaction)) != 0)
        return;
    f->waiting = false;
    f->speaks = true;
    pp_loop_stop_timer(f->loop, &f->again);
    if (answer.kind != PP_STUN_SUCCESS || !answer.has_mapped)
        return;
    f->mapped = answer.mapped;
    if (before.family && !pp_addr_eq(&before, &f->mapped)) {
        snprintf(reason, sizeof(reason), "the server sees us at %s now, not at %s any more",
                 pp_addr_text(&f->mapped, is), pp_addr_text(&before, was));
        fail(f, reason);
    }
}

/* --- what comes and goes ---------------------------------------------------------------------- */

static void take_message(datagram_flow *f, const pp_addr *from, pp_str text)
{
    pp_buf marked = {0};
    bool gone = false;

    if (pp_source_mark(text, from, &marked) == PIPIT_ERR_MEMORY)
        return; /* it comes again */
    f->gone = &gone;
    f->handlers->message(f->arg, &(pp_wire){.text = marked.n ? pp_buf_text(&marked) : text});
    if (!gone)
        f->gone = NULL;
    pp_buf_free(&marked);
}

static void on_datagram(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    datagram_flow *f = arg;
    bool known = pp_addr_eq(from, &f->server);

    if (known)
        f->handlers->heard(f->arg);
    if (pp_stun_is(data, size))
        take_stun(f, from, data, size);
    else if (pp_str_trim(pp_str_n(data, size)).n) /* else a keep-alive of theirs */
        take_message(f, from, pp_str_n(data, size));
}

static bool flow_send(pp_flow *given, const char *data, size_t size)
{
    datagram_flow *f = (datagram_flow *)given;
    pp_addr to = f->server;

    if (pp_str_starts(pp_str_n(data, size), "SIP/2.0 "))
        (void)pp_source_of_response(pp_str_n(data, size), &to);
    return pp_udp_send(f->udp, &to, data, size) == 0;
}

static size_t flow_buffered(const pp_flow *given)
{
    (void)given;
    return 0; /* they leave with the end of the turn */
}

static const pp_flow_functions functions = {flow_send, flow_timer, flow_buffered, flow_close};

static void on_open(void *arg)
{
    datagram_flow *f = arg;

    arm(f);
    f->handlers->opened(f->arg);
}

static int open_socket(datagram_flow *f, uint16_t local_port)
{
    pp_addr at;
    int err = f->loop->ops->route(f->loop, &f->server, &at);

    if (err)
        return err;
    at.port = local_port;
    err = f->loop->ops->udp_open(f->loop, &at, on_datagram, f, &f->udp);
    if (err)
        return err;
    f->udp->largest = LARGEST;
    f->flow.local = f->udp->local;
    return 0;
}

int pp_datagram_flow_open(const pp_flow_options *o, pp_flow **out)
{
    datagram_flow *f = PP_NEW(datagram_flow);
    int err = 0;

    if (!f)
        return PIPIT_ERR_MEMORY;
    f->flow.functions = &functions;
    f->loop = pipit_loop_ref(o->loop);
    f->handlers = o->handlers;
    f->arg = o->arg;
    f->keep_alive = (pp_keep_alive){
        .fixed_ms = o->keep_alive_ms, .least_ms = INTERVAL_MS, .most_ms = LONGEST_MS};
    if (!pp_addr_parse(pp_str_c(o->hop->host), o->hop->port, &f->server))
        err = pp_error(PIPIT_ERR_ARGUMENT, "datagrams: '%s' is no address", o->hop->host);
    if (!err)
        err = open_socket(f, o->local_port);
    if (err) {
        flow_close(&f->flow);
        return err;
    }
    pp_loop_post(f->loop, &f->post, on_open, f);
    *out = &f->flow;
    return 0;
}
