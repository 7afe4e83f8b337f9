/* sip_socket.c - the built-in socket over UDP, TCP and TLS: the server is located, its places are tried one after another, and
 * the first that opens is used until it fails (RFC 3261 section 18, RFC 3263). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/network.h"
#include "sip/message.h"
#include "transport/avoid.h"
#include "transport/flow.h"
#include "transport/large.h"
#include "transport/socket.h"

#include <stdio.h>

#define CONNECT_TIMEOUT_MS 10000u
#define DATAGRAM_MAX       1300u  /* RFC 3261 section 18.1.1: where the path's MTU is not known */
#define SILENCE_MS         32500u /* 64*T1, when the transaction has given up, and a little */
#define SENTENCE           512u

typedef struct sip_socket {
    pipit_socket *socket; /* our public face, which owns us */
    pipit_loop *loop;
    pp_server_uri server;
    char *verify_name;
    bool insecure, only_udp;
    unsigned connect_timeout_ms, keep_alive_ms, pong_timeout_ms, datagram_max;
    uint16_t local_port;
    pp_tls_context *tls; /* NULL until it is needed */

    pp_locate *locating;
    pp_hops hops;
    size_t at; /* the hop that is tried or used */
    pp_flow *flow;
    bool open;
    pp_addr local;                 /* our end, as last told, */
    char local_text[PP_ADDR_TEXT]; /* and as text; empty: never yet */
    pp_large large;
    pp_avoid avoid;
    pp_timer silence;
    pp_post failure; /* one that was found inside connect() */
    pp_post leaving; /* the server is out of service, and there is another */
} sip_socket;

static const pp_flow_handlers flow_handlers;

/* --- the end of a connection ------------------------------------------------------------------ */

static void tear_down(sip_socket *s)
{
    s->locating = pp_locate_cancel(s->locating);
    pp_loop_stop_timer(s->loop, &s->silence);
    pp_loop_unpost(s->loop, &s->failure);
    pp_loop_unpost(s->loop, &s->leaving);
    pp_large_close(&s->large);
    s->flow = pp_flow_close(s->flow);
    pp_hops_free(&s->hops);
    s->at = 0;
    s->open = false;
}

static void end(sip_socket *s, bool error, const char *reason)
{
    char copy[SENTENCE];

    snprintf(copy, sizeof(copy), "%s", reason);
    tear_down(s);
    pipit_socket_disconnected(s->socket, error, 0, copy);
}

static void avoid_this(sip_socket *s)
{
    pp_avoid_add(&s->avoid, &s->hops.items[s->at], pp_loop_now_ms(s->loop));
}

static void on_not_started(void *arg)
{
    end(arg, true, "the connection could not be started for want of memory or descriptors");
}

/* --- one place after the other ---------------------------------------------------------------- */

static int make_tls(sip_socket *s)
{
    const pp_tls_client_options options = {.insecure = s->insecure};

    return s->tls ? 0 : pp_tls_client_context_shared(&s->loop->tls, &options, &s->tls);
}

static int open_flow(sip_socket *s)
{
    const pp_hop *hop = &s->hops.items[s->at];
    const pp_flow_options options = {
        .loop = s->loop,
        .hop = hop,
        .verify_name = s->verify_name ? s->verify_name : s->server.host, /* RFC 5922 section 7.1 */
        .tls = s->tls,
        .connect_timeout_ms = s->connect_timeout_ms,
        .keep_alive_ms = s->keep_alive_ms,
        .pong_timeout_ms = s->pong_timeout_ms,
        .local_port = s->local_port,
        .handlers = &flow_handlers,
        .arg = s,
    };

    return pp_flow_open(&options, &s->flow);
}

/* The next that can be tried; when there is none, the last sentence is the reason. */
static void try_next(sip_socket *s, const char *last)
{
    char reason[SENTENCE];
    int err = 1;

    snprintf(reason, sizeof(reason), "%s", last);
    for (; s->at < s->hops.count; s->at++) {
        err = s->hops.items[s->at].way == PP_WAY_TLS ? make_tls(s) : 0;
        if (!err)
            err = open_flow(s);
        if (!err)
            return;
        snprintf(reason, sizeof(reason), "%s", pipit_error_message());
    }
    if (s->hops.count > 1) {
        char all[SENTENCE];

        snprintf(all, sizeof(all), "none of %zu servers could be reached; the last: %.400s",
                 s->hops.count, reason);
        end(s, true, all);
    } else {
        end(s, true, reason);
    }
}

static void on_located(void *arg, int error, const char *reason, pp_hops *hops)
{
    sip_socket *s = arg;

    s->locating = NULL;
    if (error) {
        end(s, true, reason);
        return;
    }
    s->hops = *hops;
    pp_avoid_arrange(&s->avoid, &s->hops, pp_loop_now_ms(s->loop));
    try_next(s, "");
}

static void socket_connect(void *self)
{
    sip_socket *s = self;

    if (s->locating || s->flow || pp_post_is_queued(&s->failure))
        return;
    if (pp_locate_start(s->loop, &s->server, on_located, s, &s->locating))
        pp_loop_post(s->loop, &s->failure, on_not_started, s);
}

static void socket_disconnect(void *self)
{
    tear_down(self);
}

/* --- the flow's handlers ---------------------------------------------------------------------- */

static void on_opened(void *arg)
{
    sip_socket *s = arg;

    s->open = true;
    pipit_socket_connected(s->socket);
}

static void on_failed(void *arg, bool error, const char *reason)
{
    sip_socket *s = arg;
    char copy[SENTENCE];

    if (s->open) {
        end(s, error, reason);
        return;
    }
    snprintf(copy, sizeof(copy), "%s", reason);
    s->flow = pp_flow_close(s->flow);
    avoid_this(s);
    s->at++;
    try_next(s, copy);
}

static void on_heard(void *arg)
{
    sip_socket *s = arg;

    pp_loop_stop_timer(s->loop, &s->silence);
}

static void on_leaving(void *arg)
{
    end(arg, true, "the server is out of service (503), and there is another");
}

/* RFC 3263 section 4.3: a 503 is like no answer. That of a REGISTER is the server's own; others may come from far away. */
static bool is_out_of_service(pp_str text)
{
    pp_message *message = NULL;
    bool is;

    if (!pp_str_starts(text, "SIP/2.0 503") || pp_message_parse(text, &message))
        return false;
    is = message->method == PP_REGISTER;
    pp_message_unref(message);
    return is;
}

static void on_message(void *arg, const pp_wire *message)
{
    sip_socket *s = arg;

    if (s->at + 1 < s->hops.count && is_out_of_service(message->text)) {
        avoid_this(s);
        pp_loop_post(s->loop, &s->leaving, on_leaving, s);
    }
    pp_socket_take(s->socket, message);
}

static const pp_flow_handlers flow_handlers = {on_opened, on_message, on_heard, on_failed};

static void on_large_message(void *arg, const pp_wire *message)
{
    on_heard(arg);
    on_message(arg, message);
}

static void on_fall_back(void *arg, const char *data, size_t size)
{
    sip_socket *s = arg;

    if (s->flow)
        (void)s->flow->functions->send(s->flow, data,
                                       size); /* a transaction that waits repeats it */
}

static const pp_large_handlers large_handlers = {on_large_message, on_fall_back};

/* --- what goes -------------------------------------------------------------------------------- */

static void on_silence(void *arg)
{
    sip_socket *s = arg;
    char reason[SENTENCE];

    snprintf(reason, sizeof(reason), "%.200s did not answer for %u s", s->hops.items[s->at].host,
             SILENCE_MS / 1000);
    avoid_this(s);
    end(s, true, reason);
}

static bool over_udp(const sip_socket *s)
{
    return s->open && s->hops.items[s->at].way == PP_WAY_UDP;
}

static bool socket_send(void *self, const char *data, size_t size)
{
    sip_socket *s = self;
    pp_str message = pp_str_n(data, size);
    bool wants_answer = !pp_str_starts(message, "SIP/2.0 ") && !pp_str_starts(message, "ACK ") &&
                        pp_str_trim(message).n;

    if (!s->open)
        return false;
    if (wants_answer && !s->silence.armed)
        pp_loop_start_timer(s->loop, &s->silence, SILENCE_MS, on_silence, s);
    if (over_udp(s) && pp_large_is_meant(message))
        return pp_large_send(&s->large, &s->hops.items[s->at], data, size);
    return s->flow->functions->send(s->flow, data, size);
}

static size_t socket_buffered_amount(void *self)
{
    const sip_socket *s = self;

    return s->open ? s->flow->functions->buffered(s->flow) : 0;
}

/* --- what the user agent asks ----------------------------------------------------------------- */

/* Every Via asks for it, and it changes with the connection only. */
static bool socket_local_address(void *self, char *out, size_t size)
{
    sip_socket *s = self;
    pp_addr local;

    if (!s->open)
        return false;
    local = s->flow->local;
    local.scope = 0; /* of no meaning to others */
    if (!*s->local_text || !pp_addr_eq(&local, &s->local)) {
        s->local = local;
        pp_addr_text(&local, s->local_text);
    }
    if (strlen(s->local_text) >= size)
        return false;
    memcpy(out, s->local_text, strlen(s->local_text) + 1);
    return true;
}

static bool socket_is_stranded(void *self)
{
    const sip_socket *s = self;

    return s->open && !pp_loop_has_address(s->loop, &s->flow->local);
}

static const char *socket_via_transport(void *self, size_t size)
{
    const sip_socket *s = self;

    if (over_udp(s) && size > s->datagram_max && !s->only_udp && s->large.state != PP_LARGE_REFUSED)
        return "TCP";
    return pp_way_via(s->open ? s->hops.items[s->at].way : s->server.way);
}

/* As long as it is not known whether TCP is offered, a large request may still go over UDP. */
static bool socket_is_reliable(void *self, const char *via_transport)
{
    const sip_socket *s = self;

    return strcmp(via_transport, "UDP") != 0 && (!over_udp(s) || s->large.state == PP_LARGE_OPEN);
}

static void socket_flow_timer(void *self, unsigned seconds)
{
    sip_socket *s = self;

    if (s->open)
        s->flow->functions->flow_timer(s->flow, seconds);
}

/* --- made and released ------------------------------------------------------------------------ */

static void socket_release(void *self)
{
    sip_socket *s = self;

    tear_down(s);
    pp_avoid_free(&s->avoid);
    pp_server_uri_free(&s->server);
    pp_free(s->verify_name);
    pp_tls_context_unref(s->tls);
    pipit_loop_unref(s->loop);
    pp_free(s);
}

static const pipit_socket_interface socket_functions = {
    .connect = socket_connect,
    .disconnect = socket_disconnect,
    .send = socket_send,
    .release = socket_release,
    .local_address = socket_local_address,
    .is_stranded = socket_is_stranded,
    .via_transport = socket_via_transport,
    .is_reliable = socket_is_reliable,
    .buffered_amount = socket_buffered_amount,
    .flow_timer = socket_flow_timer,
};

static int copy_options(const pipit_sip_socket_options *o, sip_socket *s)
{
    s->insecure = o->insecure;
    s->only_udp = o->only_udp;
    s->local_port = o->local_port;
    s->connect_timeout_ms = o->connect_timeout_ms ? o->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    s->keep_alive_ms = o->keep_alive_interval_ms;
    s->pong_timeout_ms = o->pong_timeout_ms;
    s->datagram_max = o->datagram_max ? o->datagram_max : DATAGRAM_MAX;
    s->verify_name = pp_strdup(o->verify_name);
    return o->verify_name && !s->verify_name ? PIPIT_ERR_MEMORY : 0;
}

/* Made at once where TLS is sure to be spoken or files are named, so that what is wrong with them is told here; else when a
 * server is found that speaks it. */
static int prepare_tls(const pipit_sip_socket_options *o, sip_socket *s)
{
    const pp_tls_client_options tls = {.ca_file = o->ca_file,
                                       .certificate_file = o->certificate_file,
                                       .key_file = o->key_file,
                                       .pinned_keys = o->pinned_keys,
                                       .oldest =
                                           o->oldest_tls == PIPIT_TLS_1_3 ? PP_TLS_1_3 : PP_TLS_1_2,
                                       .insecure = o->insecure};
    bool special = o->ca_file || o->certificate_file || o->pinned_keys || o->oldest_tls;

    if (s->server.way != PP_WAY_TLS && (s->server.way != PP_WAY_ANY || !special))
        return 0;
    return pp_tls_client_context_shared(&s->loop->tls, &tls, &s->tls);
}

int pipit_sip_socket_new_with(pipit_loop *loop, const char *uri,
                              const pipit_sip_socket_options *options, pipit_socket **out)
{
    static const pipit_sip_socket_options defaults = {0};
    sip_socket *s;
    int err;

    options = options ? options : &defaults;
    if (!loop || !uri || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "socket: a loop, a uri and a place for the socket are needed");
    s = PP_NEW(sip_socket);
    if (!s)
        return PIPIT_ERR_MEMORY;
    s->loop = pipit_loop_ref(loop);
    s->large = (pp_large){.loop = s->loop, .handlers = &large_handlers, .arg = s};
    err = pp_server_uri_parse(pp_str_c(uri), &s->server);
    if (!err)
        err = copy_options(options, s);
    if (!err)
        err = prepare_tls(options, s);
    if (!err)
        err =
            pipit_socket_new(&socket_functions, s, pp_way_via(s->server.way), uri, uri, &s->socket);
    if (err)
        socket_release(s);
    else
        *out = s->socket;
    return err;
}

int pipit_sip_socket_new(pipit_loop *loop, const char *uri, pipit_socket **out)
{
    return pipit_sip_socket_new_with(loop, uri, NULL, out);
}
