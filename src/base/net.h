/* net.h - the network behind hooks: streams, datagrams, listeners and names, as a loop offers them.
 * io/ implements them on libuv and real sockets; the simulator in tests/support on virtual time. */
#ifndef PP_BASE_NET_H
#define PP_BASE_NET_H

#include "base/addr.h"
#include "pipit/types.h"

/* --- a connected stream of octets: TCP, or TLS above it --------------------------------------- */

typedef struct pp_stream pp_stream;

typedef struct pp_stream_handlers {
    void (*connected)(void *arg);
    void (*data)(void *arg, const uint8_t *data, size_t size);
    void (*drained)(void *arg); /* optional: what was queued has been handed to the network */
    /* Once, and the last call: error 0 means the peer closed in order. The stream must still be
     * closed by its owner. `reason` is a sentence ("connection refused by 127.0.0.1:8089"). */
    void (*closed)(void *arg, int error, const char *reason);
} pp_stream_handlers;

typedef struct pp_stream_ops {
    int (*send)(pp_stream *stream, const void *data,
                size_t size); /* all is taken, or nothing and an error */
    size_t (*queued)(const pp_stream *stream);
    /* Releases the stream. What is queued is still sent, in the background. No handler is called
     * from here on. */
    void (*close)(pp_stream *stream);
    void (*addresses)(const pp_stream *stream, pp_addr *local, pp_addr *remote);
} pp_stream_ops;

struct pp_stream { /* the head of every implementation's struct */
    const pp_stream_ops *ops;
    const pp_stream_handlers *handlers;
    void *arg;
};

static inline int pp_stream_send(pp_stream *stream, const void *data, size_t size)
{
    return stream->ops->send(stream, data, size);
}

static inline size_t pp_stream_queued(const pp_stream *stream)
{
    return stream->ops->queued(stream);
}

static inline pp_stream *pp_stream_close(pp_stream *stream) /* NULL is fine; returns NULL */
{
    if (stream)
        stream->ops->close(stream);
    return NULL;
}

/* --- a listener ------------------------------------------------------------------------------- */

typedef struct pp_listener pp_listener;
/* The stream is connected and becomes the function's: set handlers and arg before returning, or
 * close it. */
typedef void pp_accept_function(void *arg, pp_stream *stream);

struct pp_listener {
    void (*close)(pp_listener *listener);
    pp_addr local; /* with the port that was chosen */
};

static inline pp_listener *pp_listener_close(pp_listener *listener)
{
    if (listener)
        listener->close(listener);
    return NULL;
}

/* --- datagrams -------------------------------------------------------------------------------- */

typedef struct pp_udp pp_udp;
typedef void pp_udp_function(void *arg, const pp_addr *from, const uint8_t *data, size_t size);

struct pp_udp {
    int (*send)(pp_udp *udp, const pp_addr *to, const void *data, size_t size); /* best effort */
    void (*close)(pp_udp *udp); /* no call of the receiver from here on; safe inside it */
    pp_addr local;              /* with the port that was chosen */
    size_t largest; /* octets of a datagram that goes or comes; longer ones are refused or dropped.
                       2,048, and may be set up to 65,507 */
};

static inline int pp_udp_send(pp_udp *udp, const pp_addr *to, const void *data, size_t size)
{
    return udp->send(udp, to, data, size);
}

static inline pp_udp *pp_udp_close(pp_udp *udp)
{
    if (udp)
        udp->close(udp);
    return NULL;
}

typedef struct pp_local_address {
    pp_addr address;    /* port 0 */
    char interface[16]; /* "eth0" */
} pp_local_address;

/* --- names ------------------------------------------------------------------------------------ */

typedef struct pp_lookup pp_lookup;
/* error 0 and at least one address (port 0), or an error. The look-up is over and released when
 * this is called. */
typedef void pp_lookup_function(void *arg, int error, const pp_addr *addresses, size_t count);

struct pp_lookup {
    void (*cancel)(pp_lookup *lookup); /* the function is not called any more */
};

/* Records that tell where a service is (RFC 2782, RFC 3403). */
typedef enum pp_record_kind { PP_RECORD_SRV, PP_RECORD_NAPTR } pp_record_kind;

typedef struct pp_record {
    uint16_t order;              /* SRV: priority */
    uint16_t preference;         /* SRV: weight */
    uint16_t port;               /* SRV */
    const char *name;            /* SRV: target, NAPTR: replacement; without the dot at the end */
    const char *flags, *service; /* NAPTR */
} pp_record;

/* As above, with records as they came, not in order; all is borrowed. */
typedef void pp_records_function(void *arg, int error, const pp_record *records, size_t count);

typedef struct pp_record_question {
    pp_record_kind kind;
    const char *name;
    pp_records_function *found;
    void *arg;
} pp_record_question;

static inline pp_lookup *pp_lookup_cancel(pp_lookup *lookup)
{
    if (lookup)
        lookup->cancel(lookup);
    return NULL;
}

#endif
