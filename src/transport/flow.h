/* flow.h - one connection to one server: a stream (TCP, TLS) or a pair of addresses (UDP), kept alive (RFC 5626 section 3.5). */
#ifndef PP_TRANSPORT_FLOW_H
#define PP_TRANSPORT_FLOW_H

#include "base/loop.h"
#include "crypto/tls.h"
#include "sip/marks.h"
#include "transport/locate.h"

typedef struct pp_flow pp_flow;

typedef struct pp_flow_handlers {
    void (*opened)(void *arg);
    void (*message)(void *arg, const pp_wire *message); /* may close the flow */
    void (*heard)(void *arg);                           /* something came, whatever it was */
    /* Once, and the last call: `error` false when the server closed in order. The flow must still be closed by its owner. */
    void (*failed)(void *arg, bool error, const char *reason);
} pp_flow_handlers;

typedef struct pp_flow_options {
    pipit_loop *loop;
    const pp_hop *hop;
    const char *verify_name; /* what the certificate of a TLS hop must be for */
    pp_tls_context *tls;
    unsigned connect_timeout_ms, keep_alive_ms; /* keep_alive_ms 0: as RFC 5626 has it */
    unsigned pong_timeout_ms;                   /* of a stream; 0: 10 s (RFC 5626 section 4.4.1) */
    uint16_t local_port;                        /* of UDP; 0: any */
    const pp_flow_handlers *handlers;
    void *arg;
} pp_flow_options;

typedef struct pp_flow_functions {
    bool (*send)(pp_flow *flow, const char *data, size_t size); /* false: not now */
    void (*flow_timer)(pp_flow *flow, uint32_t seconds);        /* the server's Flow-Timer */
    size_t (*buffered)(const pp_flow *flow);                    /* octets that wait */
    void (*close)(pp_flow *flow);
} pp_flow_functions;

struct pp_flow { /* the head of both */
    const pp_flow_functions *functions;
    pp_addr local; /* once opened */
};

/* Connects; no handler is called from inside. */
int pp_stream_flow_open(const pp_flow_options *options, pp_flow **out);
int pp_datagram_flow_open(const pp_flow_options *options, pp_flow **out);

static inline int pp_flow_open(const pp_flow_options *options, pp_flow **out)
{
    return options->hop->way == PP_WAY_UDP ? pp_datagram_flow_open(options, out)
                                           : pp_stream_flow_open(options, out);
}

static inline pp_flow *pp_flow_close(pp_flow *flow) /* NULL is fine; returns NULL */
{
    if (flow)
        flow->functions->close(flow);
    return NULL;
}

/* How long until the next keep-alive: `fixed_ms` where it is given; else 80 to 100 % of the server's Flow-Timer, or a time
 * between both bounds (RFC 5626 section 4.4.1 and 4.4.2), so that many clients do not come at once. */
typedef struct pp_keep_alive {
    unsigned fixed_ms;
    uint32_t flow_timer_s;
    unsigned least_ms, most_ms;
} pp_keep_alive;
uint64_t pp_keep_alive_ms(const pp_keep_alive *keep_alive, const pp_rng *rng);

#endif
