/* ice.h - an ICE agent for one component (RFC 8445, 8839, 7675) as a machine: packets and time in, packets, events and a
 * deadline out. It owns no socket: a local candidate is a number the owner knows a socket by ("base"). */
#ifndef PP_ICE_ICE_H
#define PP_ICE_ICE_H

#include "base/addr.h"
#include "base/rng.h"
#include "base/str.h"

typedef struct pp_ice pp_ice;

typedef enum pp_ice_state {
    PP_ICE_NEW, /* no remote credentials yet; checks that come are answered and remembered */
    PP_ICE_CHECKING,
    PP_ICE_CONNECTED,    /* a pair is nominated: pp_ice_send() works */
    PP_ICE_DISCONNECTED, /* no answer to consent checks for some seconds; may come back */
    PP_ICE_FAILED,       /* no pair in time, or consent lost for 30 s: nothing is sent any more */
    PP_ICE_CLOSED
} pp_ice_state;

typedef enum pp_candidate_type {
    PP_CANDIDATE_HOST,
    PP_CANDIDATE_PRFLX,
    PP_CANDIDATE_SRFLX,
    PP_CANDIDATE_RELAY
} pp_candidate_type;

const char *pp_candidate_type_name(pp_candidate_type type); /* "srflx": RFC 8839 section 5.1 */

/* RFC 6544: who connects. A passive one is there for those who do, and sends nothing of its own accord. */
typedef enum pp_candidate_transport {
    PP_CANDIDATE_UDP,
    PP_CANDIDATE_TCP_ACTIVE,
    PP_CANDIDATE_TCP_PASSIVE
} pp_candidate_transport;

typedef struct pp_candidate {
    pp_candidate_type type;
    pp_candidate_transport transport;
    uint32_t priority;
    pp_addr address;
    pp_addr
        related;   /* raddr and rport, of local ones that are no host candidates; family 0: none */
    unsigned base; /* local ones: the owner's number of the socket */
    char foundation[33];
} pp_candidate;

typedef struct pp_ice_handlers {
    void (*send)(void *arg, unsigned base, const pp_addr *to, const uint8_t *data, size_t size);
    void (*state)(void *arg, pp_ice_state state);
    /* A STUN server has answered a question or will not any more: there may be a local candidate more. Optional. */
    void (*reflexive)(void *arg);
} pp_ice_handlers;

typedef enum pp_relay_path { PP_RELAY_UDP, PP_RELAY_TCP, PP_RELAY_TLS } pp_relay_path;

typedef struct pp_ice_relay { /* an address on a TURN server */
    pp_addr address;
    pp_addr mapped; /* where the server sees us; family 0: unknown */
    pp_addr server;
    pp_relay_path path; /* to the server */
    unsigned base;      /* what is sent on it leaves at `address` */
} pp_ice_relay;

/* ufrag of 8 characters, pwd of 24, both drawn from `rng` (kept by pointer). */
int pp_ice_new(const pp_rng *rng, bool controlling, const pp_ice_handlers *handlers, void *arg,
               pp_ice **out);
/* Another agent for the same offer: the same credentials and local candidates, for another far end that has got it. */
int pp_ice_fork(const pp_ice *ice, const pp_ice_handlers *handlers, void *arg, pp_ice **out);
pp_ice *pp_ice_free(pp_ice *ice); /* NULL is fine; safe inside a handler */
const char *pp_ice_ufrag(const pp_ice *ice);
const char *pp_ice_pwd(const pp_ice *ice);
/* Before the first check is answered only; afterwards roles are settled by RFC 8445 section 7.3.1.1. */
void pp_ice_set_controlling(pp_ice *ice, bool controlling);

int pp_ice_add_local(pp_ice *ice, const pp_addr *address, unsigned base); /* a host candidate */
/* One over TCP, behind those over UDP. */
int pp_ice_add_local_tcp(pp_ice *ice, const pp_addr *address, unsigned base, bool passive);
int pp_ice_add_relay(pp_ice *ice, const pp_ice_relay *relay);
/* The relay is gone: its candidate and the pairs of it are, unless the pair is in use, which then lives by consent. */
void pp_ice_remove_base(pp_ice *ice, unsigned base);
/* Asks a STUN server for the server-reflexive candidates of the host candidates that are there, from the next tick on. */
int pp_ice_add_server(pp_ice *ice, const pp_addr *server, uint64_t now_us);
bool pp_ice_is_gathering(const pp_ice *ice); /* one of these questions is open */
size_t pp_ice_local_count(const pp_ice *ice);
const pp_candidate *pp_ice_local(const pp_ice *ice, size_t index);
/* Once (PIPIT_ERR_STATE afterwards): starts the checks, at the next tick. Lengths are the caller's to check (pp_sdp_ice does). */
int pp_ice_set_remote(pp_ice *ice, pp_str ufrag, pp_str pwd, bool lite, uint64_t now_us);
/* Whether those are the remote credentials that were set; false while there are none. */
bool pp_ice_remote_is(const pp_ice *ice, pp_str ufrag, pp_str pwd);
bool pp_ice_is_controlling(const pp_ice *ice);
/* Before or after the credentials. Ignored beyond the limit; PIPIT_ERR_ARGUMENT for an address
 * nothing can be sent to. Loopback and link-local ones are paired with their like only. */
int pp_ice_add_remote(pp_ice *ice, const pp_candidate *candidate, uint64_t now_us);

/* Of several agents that share their bases, before and after a restart: whether a STUN packet is this one's, a check with its
 * ufrag or the answer to a check it sent. */
bool pp_ice_owns(const pp_ice *ice, const uint8_t *data, size_t size);
/* Of several agents with the same credentials: whether it comes from the far end this one knows. */
bool pp_ice_knows(const pp_ice *ice, const uint8_t *data, size_t size);
/* A STUN packet that came on a base. Sends what it makes due by itself; ask for the deadline anew. */
void pp_ice_receive(pp_ice *ice, unsigned base, const pp_addr *from, const uint8_t *data,
                    size_t size, uint64_t now_us);
void pp_ice_tick(pp_ice *ice, uint64_t now_us);
uint64_t pp_ice_deadline_us(const pp_ice *ice); /* PP_NEVER when nothing is pending */

pp_ice_state pp_ice_get_state(const pp_ice *ice);
/* Whether media may be taken from there: a valid pair has this base and remote address. */
bool pp_ice_is_verified(const pp_ice *ice, unsigned base, const pp_addr *from);
/* Sends over the nominated pair; PIPIT_ERR_STATE while there is none or consent is lost. */
int pp_ice_send(pp_ice *ice, const uint8_t *data, size_t size);
/* The pair in use; false while there is none. Round trip of its last check in `rtt_us` (may be NULL). */
bool pp_ice_selected(const pp_ice *ice, pp_candidate *local, pp_candidate *remote,
                     uint64_t *rtt_us);

#endif
