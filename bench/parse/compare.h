/* compare.h - what every parser in the comparison is asked for, and how it answers. */
#ifndef BENCH_PARSE_COMPARE_H
#define BENCH_PARSE_COMPARE_H

#include "base/str.h"

#define C_STRING SIZE_MAX /* as the length of a slice: it ends at its NUL, nobody has counted */
#define MAX_LIST 4        /* members of a list that are taken apart */

typedef struct bench_address {
    pp_str user, host;
    unsigned port; /* 0: none */
    pp_str tag;
} bench_address;

/* What a user agent needs of every message. */
typedef struct bench_needed {
    unsigned status; /* 0: a request */
    pp_str method;   /* of a request */
    bench_address target;
    pp_str via_transport, via_host, via_branch;
    unsigned via_port;
    bench_address from, to, contact;
    pp_str call_id, call_id_host; /* libosip2 gives it in two parts */
    unsigned cseq;
    pp_str cseq_method;
    unsigned routes, record_routes;
    pp_str type, subtype; /* of the content */
    pp_str body;
    unsigned max_forwards, expires;
    pp_str challenge, credentials; /* the scheme */
} bench_needed;

/* What else there are typed decoders for, in all three. */
typedef struct bench_typed {
    unsigned vias, contacts;
    bench_address via[MAX_LIST]; /* tag: the branch */
    bench_address contact[MAX_LIST];
    bench_address route[MAX_LIST], record_route[MAX_LIST];
    pp_str realm, nonce, algorithm, response; /* of the first challenge or credentials */
    /* Not in libosip2, which keeps them as text. */
    bench_address refer_to, referred_by;
    pp_str event;
    unsigned allows, supporteds, session_expires;
} bench_typed;

typedef struct bench_peer {
    const char *name;
    bool no_extensions;
    int (*begin)(void);
    /* Parses and keeps; then tells what it knows of it, or writes it, again and again. */
    int (*keep)(pp_str wire, void **kept);
    int (*needed)(void *kept, bench_needed *out); /* `out` is zeroed; valid while it is kept */
    int (*typed)(void *kept, bench_typed *out);   /* the same */
    int (*print)(void *kept, pp_str *text);       /* valid until the next call */
    void (*drop)(void *kept);
} bench_peer;

extern const bench_peer bench_nothing, bench_pipit;
#ifdef BENCH_PEERS
extern const bench_peer bench_osip, bench_sofia;
#endif

#endif
