/* transaction.h - the four transaction machines of RFC 3261 section 17 with RFC 6026, and the
 * table that finds them. Deadlines come from the loop that was given; nothing here knows what a
 * socket is. */
#ifndef PP_TRANSACTION_TRANSACTION_H
#define PP_TRANSACTION_TRANSACTION_H

#include "base/loop.h"
#include "sip/outgoing.h"

#define PP_T1_MS 500u
#define PP_T2_MS 4000u
#define PP_T4_MS 5000u

typedef struct pp_transactions pp_transactions; /* the table of one user agent or switchboard */
typedef struct pp_client_transaction pp_client_transaction;
typedef struct pp_server_transaction pp_server_transaction;

/* What an owner hears of a transaction. */
typedef struct pp_transaction_change {
    bool begun; /* false: over */
    bool client;
    pp_str method, branch;
} pp_transaction_change;

/* `flow` is the owner's: which connection a message goes to or came from. The table only passes
 * it on and compares it: a message belongs to transactions of its own flow only. A user agent
 * with one connection at a time may use NULL for all. */
typedef struct pp_transactions_owner {
    /* false: cannot be sent, and the transaction fails. */
    bool (*send)(void *arg, void *flow, pp_str wire);
    /* A request that starts a transaction; answer it now or later. An ACK for a 2xx comes with
     * transaction == NULL. */
    void (*request)(void *arg, void *flow, pp_server_transaction *transaction,
                    const pp_message *request);
    /* A response no client transaction takes: a 2xx again after it is gone, or to an INVITE that
     * was forgotten. */
    void (*stray_response)(void *arg, void *flow, const pp_message *response);
    /* Whether a transaction on that flow, whose topmost Via names that transport, must repeat what it sends. Optional. */
    bool (*loses)(void *arg, void *flow, pp_str transport);
    /* A transaction has begun or is over; not when all end with the table. The owner may only take note. Optional. */
    void (*changed)(void *arg, const pp_transaction_change *change);
} pp_transactions_owner;

/* `reliable`: messages neither get lost nor come twice, but for those of which owner->loses() is true. False: all may. */
int pp_transactions_new(pipit_loop *loop, const pp_transactions_owner *owner, void *arg,
                        bool reliable, pp_transactions **out);
/* Room for the requests of so many calls at a time, if that is more than PP_LIMIT_TRANSACTIONS. */
#define PP_TRANSACTIONS_A_CALL                                                                     \
    2u /* one that rings has its INVITE, and something may be said about it */
void pp_transactions_expect(pp_transactions *table, unsigned calls);
/* Every transaction ends in silence. A handler may do it. NULL is fine; returns NULL. */
pp_transactions *pp_transactions_free(pp_transactions *table);
/* A message that came and is sane (no defect): matched, or given to owner->request. */
void pp_transactions_receive(pp_transactions *table, void *flow, const pp_message *message);
/* The flow is gone, and is not named to the owner again: with the end of the turn client
 * transactions on it without a final answer get transport_error, server ones end. Also used with
 * flow NULL by a user agent. */
void pp_transactions_flow_lost(pp_transactions *table, void *flow);
size_t pp_transactions_count(const pp_transactions *table);
/* The server transaction of an INVITE that this CANCEL means (RFC 3261 section 9.2), NULL when
 * there is none. */
pp_server_transaction *pp_transactions_cancelled(pp_transactions *table, const pp_message *cancel);
/* A fresh branch, "z9hG4bK" and 128 bits and more of chance. */
#define PP_BRANCH_SIZE 34
void pp_branch_new(const pp_rng *rng, char out[PP_BRANCH_SIZE]);

/* --- client ----------------------------------------------------------------------------------- */

typedef struct pp_client_handlers {
    /* Each provisional, then one final response; of an INVITE every 2xx again (forks and
     * repeats) until Timer M. */
    void (*response)(void *arg, const pp_message *response);
    /* Timers B and F, and an INVITE cancelled without a final answer. */
    void (*timeout)(void *arg);
    /* It could not be sent, or the flow was lost before a final answer. */
    void (*transport_error)(void *arg);
} pp_client_handlers;

/* Sends the request. Its topmost Via must carry a branch; the transaction keeps a reference to
 * `request`. A request that cannot be sent is reported by transport_error, later and not from
 * here. `handlers` may be NULL (nobody listens), and so may `out`. *out is borrowed and valid
 * until pp_client_forget() or the last handler call (final answer of a non-INVITE, any non-2xx
 * final, timeout, transport_error), which may still forget it; for an INVITE answered 2xx, and
 * without handlers, until forget. An INVITE that was answered 2xx is over when it is forgotten: what
 * comes for it later, in Timer M or behind it, is stray. */
int pp_client_start(pp_transactions *table, void *flow, pp_outgoing *request,
                    const pp_client_handlers *handlers, void *arg, pp_client_transaction **out);
/* No handler is called any more; the transaction runs to its end by itself, an INVITE that rings
 * within 64*T1. NULL is fine; returns NULL. */
pp_client_transaction *pp_client_forget(pp_client_transaction *transaction);
/* CANCEL for an INVITE, sent once a provisional response has come (RFC 3261 section 9.1);
 * `reason` NULL or a Reason header's value. When no final response comes within 64*T1 after the
 * CANCEL, `timeout` is called. A 2xx may cross it and is reported as ever. PIPIT_ERR_STATE after
 * a final response; nothing when it was cancelled before. */
int pp_client_cancel(pp_client_transaction *transaction, const char *reason);
const pp_outgoing *
pp_client_request(const pp_client_transaction *transaction); /* until it was forgotten */
pp_method pp_client_method(const pp_client_transaction *transaction);
pp_str pp_client_branch(const pp_client_transaction *transaction);

/* --- server ----------------------------------------------------------------------------------- */

typedef struct pp_server_handlers {
    /* An INVITE before a final answer; the CANCEL has been answered 200. */
    void (*cancelled)(void *arg, const pp_message *cancel);
    /* Timer H: a refusal was never acknowledged. Optional. */
    void (*no_ack)(void *arg);
    /* It is gone: forget the pointer. Always called, last. */
    void (*terminated)(void *arg);
} pp_server_handlers;

/* Until this is called, and after pp_server_forget(), CANCELs get 200 and the INVITE 487 by the
 * table itself; an INVITE that nobody answers gets 500 after 64*T1, another request ends then
 * whoever listens. Who does not listen is not told when it is gone, and may use the pointer
 * during owner->request only. */
void pp_server_listen(pp_server_transaction *transaction, const pp_server_handlers *handlers,
                      void *arg);
pp_server_transaction *pp_server_forget(pp_server_transaction *transaction); /* returns NULL */
/* Sends a response: provisionals any number, one final; of an INVITE further 2xx while Accepted
 * (RFC 6026). Releases `response`'s caller reference never: keep or unref it yourself.
 * PIPIT_ERR_STATE after a final one. */
int pp_server_respond(pp_server_transaction *transaction, pp_outgoing *response);
/* pp_outgoing_response() and pp_server_respond() in one, for answers without anything special.
 * `to_tag` NULL: a fresh one. */
int pp_server_answer(pp_server_transaction *transaction, int status, const char *phrase,
                     const char *to_tag);
const pp_message *
pp_server_request(const pp_server_transaction *transaction); /* until it was forgotten */
pp_str pp_server_method(const pp_server_transaction *transaction);
pp_str pp_server_branch(const pp_server_transaction *transaction);
void *pp_server_flow(const pp_server_transaction *transaction);
/* Whether its request came without To tag, and has the From tag, Call-ID and CSeq of another one that is
 * remembered, with another branch (RFC 3261 section 8.2.2.2: answer 482). */
bool pp_server_is_merged(const pp_server_transaction *transaction);
bool pp_server_has_final(const pp_server_transaction *transaction);

#endif
