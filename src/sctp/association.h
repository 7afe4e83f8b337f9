/* association.h - an SCTP association in datagrams of somebody else's (RFC 9260, 8261, 8831 section 6) as a machine: packets and
 * time in, packets, messages and a deadline out. usrsctp is behind it; association.c says how. */
#ifndef PP_SCTP_ASSOCIATION_H
#define PP_SCTP_ASSOCIATION_H

#include "base/str.h"

typedef struct pp_sctp pp_sctp;

typedef enum pp_sctp_policy { /* when a message is given up (RFC 3758, 7496) */
                              PP_SCTP_RELIABLE,
                              PP_SCTP_RETRANSMITS, /* sent again so often */
                              PP_SCTP_LIFE_TIME    /* milliseconds */
} pp_sctp_policy;

typedef struct pp_sctp_message {
    uint16_t stream;
    uint32_t ppid;
    pp_str data; /* not empty */
    bool unordered;
    pp_sctp_policy policy;
    uint16_t limit; /* of the policy */
} pp_sctp_message;

typedef struct pp_sctp_handlers {
    void (*send)(void *arg, const uint8_t *data, size_t size); /* one packet */
    void (*connected)(void *arg);
    /* A whole message, a NUL behind it. */
    void (*message)(void *arg, uint16_t stream, uint32_t ppid, pp_str data);
    /* A message longer than PP_LIMIT_DATA_MESSAGE was dropped. */
    void (*oversized)(void *arg, uint16_t stream);
    void (*incoming_reset)(void *arg, uint16_t stream); /* the peer will send nothing more in it */
    void (*outgoing_reset)(void *arg, uint16_t stream); /* ours is done, or was refused */
    /* Once, last: the peer is gone (error 0) or gave no answer. */
    void (*closed)(void *arg, int error, const char *reason); /* a text of static storage */
} pp_sctp_handlers;

/* Handlers are called from pp_sctp_receive() and pp_sctp_tick() only, `send` from the others too. PIPIT_ERR_NOT_SUPPORTED in a
 * build without usrsctp. */
int pp_sctp_new(const pp_sctp_handlers *handlers, void *arg, pp_sctp **out);
/* Tells the peer by an ABORT. NULL is fine; safe inside a handler. */
pp_sctp *pp_sctp_free(pp_sctp *sctp);
/* Both sides do this (RFC 8841 section 9.3); the ports are those of a=sctp-port. */
int pp_sctp_start(pp_sctp *sctp, uint16_t local_port, uint16_t remote_port, uint64_t now_us);
void pp_sctp_receive(pp_sctp *sctp, const uint8_t *data, size_t size, uint64_t now_us);
void pp_sctp_tick(pp_sctp *sctp, uint64_t now_us);
uint64_t pp_sctp_deadline_us(const pp_sctp *sctp);
/* PIPIT_ERR_STATE before `connected` and behind `closed`, PIPIT_ERR_LIMIT when it does not fit now: again after the next call of
 * a handler or tick. PIPIT_ERR_ARGUMENT for a stream the peer does not have. */
int pp_sctp_send(pp_sctp *sctp, const pp_sctp_message *message, uint64_t now_us);
/* We send nothing more in the stream, once what was sent has gone (RFC 6525 section 5.1.2). */
int pp_sctp_reset(pp_sctp *sctp, uint16_t stream, uint64_t now_us);
/* Whether this build has SCTP. */
bool pp_sctp_is_there(void);

#endif
