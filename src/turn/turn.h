/* turn.h - a TURN client (RFC 8656) as a machine: one allocation on one server, over datagrams or a stream. Octets and time
 * in; octets, events and a deadline out. It owns no socket. */
#ifndef PP_TURN_TURN_H
#define PP_TURN_TURN_H

#include "base/addr.h"
#include "base/rng.h"

typedef struct pp_turn pp_turn;

typedef struct pp_turn_failure {
    int code;           /* the server's, 300 to 699; 0: it did not answer, or not as it should */
    const char *reason; /* a sentence; nothing of the credentials */
    pp_addr alternate;  /* 300: where to try instead; else family 0 */
} pp_turn_failure;

typedef struct pp_turn_handlers {
    void (*send)(void *arg, const uint8_t *data,
                 size_t size);    /* to the server: a datagram, or the stream's next octets */
    void (*allocated)(void *arg); /* once; pp_turn_relayed() and pp_turn_mapped() tell what */
    void (*received)(void *arg, const pp_addr *from, const uint8_t *data,
                     size_t size);                             /* of a peer */
    void (*failed)(void *arg, const pp_turn_failure *failure); /* once, the last call */
} pp_turn_handlers;

typedef struct pp_turn_options {
    const char *username, *credential; /* copied; the credential is wiped at the end */
    bool stream;                       /* over TCP or TLS */
    bool also_ipv6; /* a relayed address of IPv6 is asked for beside the one of IPv4 */
} pp_turn_options;

/* `rng` is kept by pointer. Nothing is sent before pp_turn_start(). */
int pp_turn_new(const pp_rng *rng, const pp_turn_options *options, const pp_turn_handlers *handlers,
                void *arg, pp_turn **out);
pp_turn *pp_turn_free(pp_turn *turn); /* NULL is fine; safe inside a handler; returns NULL */
void pp_turn_start(pp_turn *turn, uint64_t now_us);
/* Gives the allocation back: one Refresh with a lifetime of 0, whose answer is not waited for. Nothing is sent or heard
 * afterwards. */
void pp_turn_close(pp_turn *turn);

/* A datagram of the server, or some octets of its stream. */
void pp_turn_receive(pp_turn *turn, const uint8_t *data, size_t size, uint64_t now_us);
void pp_turn_tick(pp_turn *turn, uint64_t now_us);
uint64_t pp_turn_deadline_us(const pp_turn *turn); /* PP_NEVER when nothing is pending */

/* To a peer by way of the relay: the permission is asked for with the first datagram, which waits for it, and a channel with
 * the first that is no STUN message. PIPIT_ERR_STATE without an allocation, PIPIT_ERR_LIMIT for one peer too many. */
int pp_turn_send(pp_turn *turn, const pp_addr *to, const uint8_t *data, size_t size,
                 uint64_t now_us);

/* Of that family, 4 or 6; NULL when there is none. */
const pp_addr *pp_turn_relayed(const pp_turn *turn, unsigned family);
const pp_addr *
pp_turn_mapped(const pp_turn *turn); /* where the server sees us; NULL when it does not say */

#endif
