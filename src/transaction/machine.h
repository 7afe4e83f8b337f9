/* machine.h - what the table and the four machines share: the structs, and the rows their
 * actions stand in.
 *
 * A machine is a table of actions, a row for each state and a column for each event; an empty
 * cell means that the event is ignored there. An action changes the state, sends, and reports as
 * its last statement.
 *
 * A handler may release anything: every way in from outside (a call, a message, a timer, a post)
 * is wrapped in pp_transactions_enter() and pp_transactions_leave(), and memory is given back
 * when the outermost one leaves. */
#ifndef PP_TRANSACTION_MACHINE_H
#define PP_TRANSACTION_MACHINE_H

#include "base/index.h"
#include "base/map.h"
#include "transaction/transaction.h"

#define PP_64T1_MS (64 * PP_T1_MS)

/* --- client ----------------------------------------------------------------------------------- */

typedef enum pp_client_state {
    PP_CLIENT_CALLING, /* INVITE: Calling, others: Trying */
    PP_CLIENT_PROCEEDING,
    PP_CLIENT_COMPLETED,
    PP_CLIENT_ACCEPTED, /* INVITE only, RFC 6026 */
    PP_CLIENT_TERMINATED,
    PP_CLIENT_STATES
} pp_client_state;

typedef enum pp_client_event {
    PP_CLIENT_1XX,
    PP_CLIENT_2XX,
    PP_CLIENT_3XX,    /* 300 to 699 */
    PP_CLIENT_AGAIN,  /* timers A and E */
    PP_CLIENT_END,    /* timers B, D, F, K and M, and the one behind a CANCEL */
    PP_CLIENT_UNSENT, /* the flow refused a message, or is gone */
    PP_CLIENT_EVENTS
} pp_client_event;

typedef void pp_client_action(pp_client_transaction *t, const pp_message *response);

typedef struct pp_client_machine {
    const char *name; /* the component of its log lines */
    void (*start)(pp_client_transaction *t);
    pp_client_action *actions[PP_CLIENT_STATES][PP_CLIENT_EVENTS];
} pp_client_machine;

extern const pp_client_machine pp_invite_client, pp_non_invite_client;

struct pp_client_transaction {
    pp_transactions *table;
    const pp_client_machine *machine;
    pp_client_state state;
    void *flow;
    bool reliable; /* its flow neither loses nor repeats */
    bool lost;     /* the flow is gone: never name it to the owner again */
    pp_outgoing *request;
    pp_method method;
    pp_str branch;       /* of the request, in it */
    pp_str wire;         /* as it is sent, in it */
    pp_outgoing *cancel; /* waits for the first provisional response */
    bool cancelled;
    const pp_client_handlers *handlers;
    void *arg;
    bool held; /* the owner has the pointer */
    pp_timer again, end;
    uint64_t again_ms;
    pp_post post;
    pp_client_event posted;
    unsigned hash;                      /* of its key */
    pp_client_transaction *prev, *next; /* in the list of live, of kept or of gone ones */
};

void pp_client_drive(pp_client_transaction *t, pp_client_event event, const pp_message *response);
void pp_client_post(pp_client_transaction *t, pp_client_event event);
/* For the actions. */
void pp_client_become(pp_client_transaction *t, pp_client_state state);
void pp_client_send(pp_client_transaction *t); /* the request */
void pp_client_send_again_in(pp_client_transaction *t, uint64_t ms);
void pp_client_end_in(pp_client_transaction *t, uint64_t ms); /* 0: at the end of the turn */
void pp_client_report(pp_client_transaction *t, const pp_message *response);
void pp_client_report_last(pp_client_transaction *t, const pp_message *response);
pp_client_action pp_client_terminate, pp_client_time_out, pp_client_fail;
void pp_client_send_cancel(pp_client_transaction *t);
/* The one a response belongs to, or NULL. */
pp_client_transaction *pp_client_find(pp_transactions *table, void *flow,
                                      const pp_message *response);
void pp_client_destroy(pp_client_transaction *t);

/* --- server ----------------------------------------------------------------------------------- */

typedef enum pp_server_state {
    PP_SERVER_TRYING, /* not of an INVITE, which starts in Proceeding */
    PP_SERVER_PROCEEDING,
    PP_SERVER_COMPLETED,
    PP_SERVER_CONFIRMED, /* INVITE only, as the next */
    PP_SERVER_ACCEPTED,  /* RFC 6026 */
    PP_SERVER_TERMINATED,
    PP_SERVER_STATES
} pp_server_state;

typedef enum pp_server_event {
    PP_SERVER_REPEAT, /* the request once more */
    PP_SERVER_ACK,
    PP_SERVER_1XX, /* the owner answers; where the cell is empty he may not */
    PP_SERVER_2XX,
    PP_SERVER_3XX,    /* 300 to 699 */
    PP_SERVER_AGAIN,  /* timer G, and the 200 ms after which an INVITE gets a 100 */
    PP_SERVER_END,    /* timers H, I, J and L, and the one behind an owner who does not answer */
    PP_SERVER_UNSENT, /* the flow refused a message, or is gone */
    PP_SERVER_EVENTS
} pp_server_event;

typedef void pp_server_action(pp_server_transaction *t, const pp_message *request);

typedef struct pp_server_machine {
    const char *name;
    pp_server_state first;
    void (*start)(
        pp_server_transaction *t); /* the owner has heard of it, and it has no final answer */
    pp_server_action *actions[PP_SERVER_STATES][PP_SERVER_EVENTS];
} pp_server_machine;

extern const pp_server_machine pp_invite_server, pp_non_invite_server;

/* What the table knows a request by that came. */
typedef struct pp_served {
    void *flow;
    uint64_t key;    /* pp_server_key() */
    uint64_t merged; /* pp_merged_key(), of a request without To tag */
    bool outside;    /* it is one */
    bool spent;      /* there is only a note of it (spent.c) */
} pp_served;

struct pp_server_transaction {
    pp_served served;
    pp_transactions *table;
    const pp_server_machine *machine;
    pp_server_state state;
    bool reliable;
    bool lost;
    pp_message *request;
    pp_outgoing *response; /* the last one; NULL before there is one */
    pp_str wire;           /* as it is sent, in it */
    int status;            /* its code, else 0 */
    const pp_server_handlers *handlers;
    void *arg;
    pp_timer again, end;
    uint64_t again_ms;
    pp_post post;
    pp_server_event posted;
    pp_server_transaction *prev, *next; /* in the list of live or of gone ones */
};

/* `key` is that of the request. */
int pp_server_new(pp_transactions *table, void *flow, const pp_message *request, uint64_t key,
                  pp_server_transaction **out);
void pp_server_drive(pp_server_transaction *t, pp_server_event event, const pp_message *request);
void pp_server_post(pp_server_transaction *t, pp_server_event event);
/* For the actions. */
void pp_server_become(pp_server_transaction *t, pp_server_state state);
void pp_server_send(pp_server_transaction *t); /* the last response, if there is one */
void pp_server_send_again_in(pp_server_transaction *t, uint64_t ms);
void pp_server_end_in(pp_server_transaction *t, uint64_t ms); /* 0: at the end of the turn */
void pp_server_bound(pp_server_transaction *t); /* it ends in 64*T1, if that was not said before */
pp_server_action pp_server_terminate, pp_server_send_last;
void pp_server_destroy(pp_server_transaction *t);
/* Of our responses, where the request had none; empty before the first that has one. */
pp_str pp_server_tag(const pp_server_transaction *t);
/* pp_server_answer() with that of another one, if there is one. */
int pp_server_answer_as(pp_server_transaction *t, int status, const char *phrase,
                        const pp_server_transaction *other);

/* --- table ------------------------------------------------------------------------------------ */

typedef struct pp_spent pp_spent;

struct pp_transactions {
    pipit_loop *loop;
    const pp_transactions_owner *owner;
    void *arg;
    bool reliable;
    bool closed; /* freed by the owner, and waiting for the outermost call to leave */
    uint16_t busy;
    unsigned max; /* requests that came and are not forgotten yet */
    uint8_t tag_key[16];
    pp_index clients; /* by key */
    pp_client_transaction *live_clients;
    pp_client_transaction *kept; /* ended, but the owner still has the pointer */
    pp_client_transaction *gone_clients;
    pp_index
        served; /* requests that came, by key; and those from outside of dialogs by what merges them */
    pp_index merged;
    pp_server_transaction *live_servers; /* the oldest first */
    pp_server_transaction *gone_servers;
    pp_spent *spent; /* the one that ends first */
    pp_timer spent_end;
};

void pp_transactions_enter(pp_transactions *table);
void pp_transactions_leave(pp_transactions *table);
/* Whether messages on that flow, with that transport in their Via, neither get lost nor come twice. */
bool pp_transactions_is_reliable(const pp_transactions *table, void *flow, pp_str transport);
bool pp_transactions_send(pp_transactions *table, void *flow, pp_str wire);
/* Gives a request to the owner. */
void pp_transactions_pass_request(pp_transactions *table, void *flow, pp_server_transaction *t,
                                  const pp_message *request);
void pp_transactions_pass_stray(pp_transactions *table, void *flow, const pp_message *response);
/* Whether there is no room for one more of such a request, and nothing that would give way. */
bool pp_transactions_full(pp_transactions *table, const pp_message *request);
/* Tells the owner. */
void pp_transactions_tell(pp_transactions *table, const pp_transaction_change *change);
/* Answers without a transaction, as far as memory allows. */
void pp_transactions_refuse(pp_transactions *table, void *flow, const pp_message *request,
                            int status);
/* A CANCEL that is no repeat of one. */
void pp_transactions_receive_cancel(pp_transactions *table, void *flow, const pp_message *cancel,
                                    uint64_t key);

/* --- keys ------------------------------------------------------------------------------------- */

typedef struct pp_client_key {
    void *flow;
    pp_method method;
    pp_str branch; /* compared without regard to case (RFC 3261 section 7.3.1) */
} pp_client_key;
unsigned pp_client_hash(const pp_client_key *key);
/* RFC 3261 section 17.2.3, without the flow. `to_tag` counts only where the branch is none (RFC 2543). */
uint64_t pp_server_key(const pp_message *request, pp_method method, pp_str to_tag);
/* RFC 3261 section 8.2.2.2. */
uint64_t pp_merged_key(const pp_message *request);
bool pp_branch_is_rfc3261(pp_str branch);

/* --- served.c, spent.c ------------------------------------------------------------------------ */

int pp_served_add(pp_transactions *table, pp_served *served);
void pp_served_remove(pp_transactions *table, const pp_served *served);
/* The same request, in other memory. */
void pp_served_replace(pp_transactions *table, const pp_served *old, pp_served *served);
/* `key` is that of the request, with the method of its transaction (INVITE for an ACK). NULL when it is new. */
pp_served *pp_served_find(const pp_transactions *table, const void *flow, const pp_message *request,
                          uint64_t key);
/* Its transaction, where it is not spent. */
static inline pp_server_transaction *pp_server_of(pp_served *served)
{
    return (pp_server_transaction *)(void *)served;
}

/* A note takes the place of an INVITE's transaction that only waits for Timer L; false: there is no memory for it. */
bool pp_spent_add(pp_transactions *table, const pp_server_transaction *t);
/* Drops the one that would end first; false when there is none. */
bool pp_spent_make_room(pp_transactions *table);
void pp_spent_flow_lost(pp_transactions *table, const void *flow);
void pp_spent_free(pp_transactions *table);

#endif
