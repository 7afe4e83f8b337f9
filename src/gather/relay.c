/* relay.c - the way to a TURN server: a socket of its own for each allocation (RFC 8656 section 3: a server tells clients by
 * their addresses), or a stream, with TLS where it is asked for. The servers a name leads to are tried one after another. */
#include "gather/relay.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/network.h"
#include "gather/find.h"
#include "io/tls_stream.h"
#include "turn/turn.h"

#include <stdio.h>

#define CONNECT_MS 5000u /* for TCP and TLS to one address */
#define REDIRECTS  3u    /* from server to server by 300 */
#define ADDRESSES  8u

struct pp_relay {
    unsigned references; /* its owner's, and one for each call under way */
    pipit_loop *loop;
    const pp_relay_handlers *handlers;
    void *arg;
    pp_ice_servers *servers;
    const pp_ice_server *server;
    pp_addr from[PP_LIMIT_ICE_LOCAL_ADDRESSES];
    size_t from_count;
    bool also_ipv6, closed, over, tried_anew;
    pp_ice_find *find;
    pp_addr addresses[ADDRESSES];
    size_t address_count, next;
    pp_addr current; /* the one in use */
    unsigned redirects;
    pp_udp *udp;
    pp_stream *stream;
    pp_turn *turn;
    bool ready;
    pp_timer machine, connecting;
    pp_post post;
    char reason[256]; /* why the last attempt came to nothing */
};

static void hold(pp_relay *r)
{
    r->references++;
}

static void release(pp_relay *r)
{
    if (--r->references)
        return;
    pp_ice_servers_unref(r->servers);
    pipit_loop_unref(r->loop);
    pp_free(r);
}

/* --- one attempt ------------------------------------------------------------------------------ */

static void disconnect(pp_relay *r)
{
    pp_loop_stop_timer(r->loop, &r->machine);
    pp_loop_stop_timer(r->loop, &r->connecting);
    r->turn = pp_turn_free(r->turn);
    r->udp = pp_udp_close(r->udp);
    r->stream = pp_stream_close(r->stream);
}

static void try_next(void *arg);

static void keep_reason(pp_relay *r, const char *reason)
{
    char text[PP_ADDR_TEXT];

    snprintf(r->reason, sizeof(r->reason), "%s: %s", pp_addr_text(&r->current, text), reason);
    pp_log_debug("TURN", "%s: %s", r->server->text, r->reason);
}

/* At the end of the turn: what failed may be under way still. */
static void attempt_failed(pp_relay *r, const char *reason)
{
    if (r->closed || r->over)
        return;
    keep_reason(r, reason);
    if (r->ready)
        r->next = r->address_count; /* an allocation that was there and is lost ends it */
    disconnect(r);
    pp_loop_post(r->loop, &r->post, try_next, r);
}

static void machine_due(void *arg);

static void schedule(pp_relay *r)
{
    uint64_t next = r->turn ? pp_turn_deadline_us(r->turn) : PP_NEVER;
    uint64_t now = pp_loop_now_us(r->loop);

    if (next == PP_NEVER)
        pp_loop_stop_timer(r->loop, &r->machine);
    else
        pp_loop_start_timer_us(r->loop, &r->machine, next > now ? next - now : 0, machine_due, r);
}

static void machine_due(void *arg)
{
    pp_relay *r = arg;

    hold(r);
    pp_turn_tick(r->turn, pp_loop_now_us(r->loop));
    schedule(r);
    release(r);
}

static void take(pp_relay *r, const uint8_t *data, size_t size)
{
    if (!r->turn)
        return;
    hold(r);
    pp_turn_receive(r->turn, data, size, pp_loop_now_us(r->loop));
    schedule(r);
    release(r);
}

/* --- the machine's handlers ------------------------------------------------------------------- */

/* A stream that does not keep up loses what is newest, as a full network would. */
static void on_turn_send(void *arg, const uint8_t *data, size_t size)
{
    pp_relay *r = arg;

    if (r->udp)
        (void)pp_udp_send(r->udp, &r->current, data, size);
    else if (r->stream && pp_stream_queued(r->stream) < PP_LIMIT_TURN_QUEUE)
        (void)pp_stream_send(r->stream, data, size);
}

static void on_turn_allocated(void *arg)
{
    pp_relay *r = arg;

    r->ready = true;
    r->handlers->ready(r->arg);
}

static void on_turn_received(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    pp_relay *r = arg;

    r->handlers->received(r->arg, from, data, size);
}

/* RFC 8489 section 10. */
static bool is_sent_elsewhere(pp_relay *r, const pp_turn_failure *failure)
{
    if (failure->code != 300 || !failure->alternate.family || r->redirects == REDIRECTS)
        return false;
    r->redirects++;
    r->addresses[0] = failure->alternate;
    r->address_count = 1;
    r->next = 0;
    return true;
}

/* RFC 8656 section 7.4: from another port, once. And what one server of a name refuses, another one of it would too. */
static void on_turn_failed(void *arg, const pp_turn_failure *failure)
{
    pp_relay *r = arg;

    if (failure->code == 437 && !r->ready && !r->tried_anew) {
        r->tried_anew = true;
        r->next--;
    } else if (failure->code && !is_sent_elsewhere(r, failure)) {
        r->next = r->address_count;
    }
    attempt_failed(r, failure->reason);
}

static const pp_turn_handlers turn_handlers = {on_turn_send, on_turn_allocated, on_turn_received,
                                               on_turn_failed};

static int start_machine(pp_relay *r)
{
    const pp_turn_options options = {.username = r->server->username,
                                     .credential = r->server->credential,
                                     .stream = r->server->uri.path != PP_RELAY_UDP,
                                     .also_ipv6 = r->also_ipv6};
    int err = pp_turn_new(&r->loop->rng, &options, &turn_handlers, r, &r->turn);

    if (err)
        return err;
    pp_turn_start(r->turn, pp_loop_now_us(r->loop));
    schedule(r);
    return 0;
}

/* --- over UDP --------------------------------------------------------------------------------- */

static void on_datagram(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    pp_relay *r = arg;

    if (pp_addr_eq(from, &r->current))
        take(r, data, size);
}

/* The one the system would take, unless it is not to be used. */
static int choose_local(pp_relay *r, pp_addr *out)
{
    const pp_addr *other = NULL;
    int err = r->loop->ops->route(r->loop, &r->current, out);

    for (size_t i = 0; !err && i < r->from_count; i++) {
        if (pp_addr_same_ip(&r->from[i], out))
            return 0;
        if (!other && r->from[i].family == out->family)
            other = &r->from[i];
    }
    if (err || !r->from_count)
        return err;
    if (!other)
        return pp_error(PIPIT_ERR_IO, "no address of ours may be used for it");
    *out = *other;
    out->port = 0;
    return 0;
}

static int begin_udp(pp_relay *r)
{
    pp_addr local;
    int err = choose_local(r, &local);

    if (!err)
        err = r->loop->ops->udp_open(r->loop, &local, on_datagram, r, &r->udp);
    return err ? err : start_machine(r);
}

/* --- over TCP and TLS ------------------------------------------------------------------------- */

static void on_connected(void *arg)
{
    pp_relay *r = arg;

    pp_loop_stop_timer(r->loop, &r->connecting);
    if (start_machine(r))
        attempt_failed(r, pipit_error_message());
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    take(arg, data, size);
}

static void on_closed(void *arg, int error, const char *reason)
{
    attempt_failed(arg, error ? reason : "the server closed the connection");
}

static void on_connect_timeout(void *arg)
{
    attempt_failed(arg, "no connection within 5 s");
}

static const pp_stream_handlers stream_handlers = {
    .connected = on_connected, .data = on_data, .closed = on_closed};

static int put_tls_above(pp_relay *r)
{
    const pp_tls_client_options options = {.ca_file = r->server->ca_file,
                                           .insecure = r->server->insecure};
    pp_tls_context *context = NULL;
    pp_stream *secure = NULL;
    char *name = pp_str_dup(r->server->uri.host);
    int err = name ? 0 : PIPIT_ERR_MEMORY;

    if (!err)
        err = pp_tls_client_context_shared(&r->loop->tls, &options, &context);
    if (!err)
        err = pp_tls_stream_client(r->loop, r->stream, context, name, &stream_handlers, r, &secure);
    if (!err)
        r->stream = secure;
    pp_tls_context_unref(context);
    pp_free(name);
    return err;
}

static int begin_stream(pp_relay *r)
{
    int err = r->loop->ops->tcp_connect(r->loop, &r->current, &stream_handlers, r, &r->stream);

    if (!err && r->server->uri.path == PP_RELAY_TLS)
        err = put_tls_above(r);
    if (!err)
        pp_loop_start_timer(r->loop, &r->connecting, CONNECT_MS, on_connect_timeout, r);
    return err;
}

/* --- one after another ------------------------------------------------------------------------ */

static void try_next(void *arg)
{
    pp_relay *r = arg;
    int err;

    if (r->next >= r->address_count) {
        r->over = true;
        r->handlers->over(r->arg, r->reason);
        return;
    }
    r->current = r->addresses[r->next++];
    err = r->server->uri.path == PP_RELAY_UDP ? begin_udp(r) : begin_stream(r);
    if (err)
        attempt_failed(r, pipit_error_message());
}

static void on_found(void *arg, int error, const pp_addr *addresses, size_t count)
{
    pp_relay *r = arg;

    r->find = NULL;
    for (size_t i = 0; !error && i < count && r->address_count < ADDRESSES; i++)
        r->addresses[r->address_count++] = addresses[i];
    if (!r->address_count)
        snprintf(r->reason, sizeof(r->reason), "the host name '%.*s' could not be found",
                 PP_STR(r->server->uri.host));
    try_next(r);
}

int pp_relay_new(pipit_loop *loop, const pp_relay_options *options,
                 const pp_relay_handlers *handlers, void *arg, pp_relay **out)
{
    pp_relay *r = PP_NEW(pp_relay);
    int err;

    if (!r)
        return PIPIT_ERR_MEMORY;
    r->references = 1;
    r->loop = pipit_loop_ref(loop);
    r->handlers = handlers;
    r->arg = arg;
    r->servers = pp_ice_servers_ref(options->servers);
    r->server = &options->servers->items[options->index];
    r->also_ipv6 = options->also_ipv6;
    r->from_count = options->from_count;
    if (r->from_count)
        memcpy(r->from, options->from, r->from_count * sizeof(r->from[0]));
    err = pp_ice_find_start(loop, &r->server->uri, on_found, r, &r->find);
    if (err)
        release(r);
    else
        *out = r;
    return err;
}

pp_relay *pp_relay_free(pp_relay *relay)
{
    if (!relay)
        return NULL;
    relay->closed = true;
    if (relay->turn)
        pp_turn_close(relay->turn);
    pp_ice_find_cancel(relay->find);
    relay->find = NULL;
    pp_loop_unpost(relay->loop, &relay->post);
    disconnect(relay);
    release(relay);
    return NULL;
}

bool pp_relay_describe(const pp_relay *relay, unsigned family, pp_ice_relay *out)
{
    const pp_addr *address = relay->turn ? pp_turn_relayed(relay->turn, family) : NULL;
    const pp_addr *mapped = address ? pp_turn_mapped(relay->turn) : NULL;

    if (!address)
        return false;
    *out = (pp_ice_relay){.address = *address,
                          .mapped = mapped ? *mapped : (pp_addr){0},
                          .server = relay->current,
                          .path = relay->server->uri.path};
    return true;
}

bool pp_relay_is_stranded(const pp_relay *r)
{
    pp_addr local = {0}, server;

    if (r->udp)
        local = r->udp->local;
    else if (r->stream)
        r->stream->ops->addresses(r->stream, &local, &server);
    return local.family && !pp_addr_is_any(&local) && !pp_loop_has_address(r->loop, &local);
}

void pp_relay_send(pp_relay *relay, const pp_addr *to, const uint8_t *data, size_t size)
{
    if (!relay->turn)
        return;
    hold(relay);
    (void)pp_turn_send(relay->turn, to, data, size, pp_loop_now_us(relay->loop));
    schedule(relay);
    release(relay);
}
