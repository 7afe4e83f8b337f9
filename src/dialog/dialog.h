/* dialog.h - dialogs (RFC 3261 section 12): the state both ends share, requests inside it, and
 * the table that finds them. */
#ifndef PP_DIALOG_DIALOG_H
#define PP_DIALOG_DIALOG_H

#include "base/rng.h"
#include "transaction/transaction.h"

typedef struct pp_dialogs pp_dialogs;
typedef struct pp_dialog pp_dialog;

/* What a dialog is used for, a call or a subscription (RFC 5057): who hears of what comes in it. */
typedef struct pp_dialog_usage {
    /* A request inside, in order and not refused by the rules; answer it now or later. */
    void (*request)(void *self, pp_dialog *dialog, pp_server_transaction *transaction);
    void (*ack)(void *self, const pp_message *ack); /* of a 2xx. Optional */
    /* A 2xx of our INVITE once more, when that is forgotten. Optional */
    void (*accepted_again)(void *self, const pp_message *response);
    /* Whether a request is for this one, where it shares a dialog of others. */
    bool (*takes)(const void *self, const pp_message *request);
} pp_dialog_usage;

/* Whoever made it. */
typedef struct pp_dialog_owner {
    const pp_dialog_usage *usage; /* NULL: nobody hears of anything */
    void *self;
} pp_dialog_owner;

/* A usage of a dialog beside that of its owner; the node is in whoever it is. */
typedef struct pp_dialog_share {
    struct pp_dialog_share *next;
    pp_dialog *dialog; /* NULL: it is in none */
    pp_dialog_owner user;
} pp_dialog_share;

struct pp_dialog { /* read it anywhere, change it here only */
    const char *call_id, *local_tag,
        *remote_tag; /* these five lie behind it, and the first target */
    const char
        *local; /* From value of our requests, without tag: "\"Alice\" <sip:alice@example.com>" */
    const char *remote; /* To value of our requests, without tag */
    char *remote_target;
    char **routes; /* in the order our requests carry them */
    uint32_t local_cseq, remote_cseq;
    unsigned hash; /* of the local tag */
    uint16_t route_count;
    bool has_remote_cseq : 1;
    bool confirmed : 1; /* false: early */
    bool moved : 1;     /* its target is another than the first, in memory of its own */
    bool left : 1,
        released : 1; /* its owner has nothing to do with it any more, and with its memory */
    pp_dialog_share *shares;
    pp_dialogs *table;
    pp_dialog_owner owner;
    char text[];
};

int pp_dialogs_new(pp_dialogs **out);
/* Where requests in them have their memory from; the heap when nobody says. */
void pp_dialogs_use_pool(pp_dialogs *dialogs, pp_message_pool *pool);
/* Room for those of so many calls, if that is more than PP_LIMIT_DIALOGS. */
#define PP_DIALOGS_A_CALL 2u /* with its forks and subscriptions */
void pp_dialogs_expect(pp_dialogs *dialogs, unsigned calls);
pp_dialogs *pp_dialogs_free(pp_dialogs *dialogs); /* all dialogs must be gone */
size_t pp_dialogs_count(const pp_dialogs *dialogs);
/* The dialog a request that came belongs to: Call-ID, To tag ours, From tag theirs. NULL when
 * there is none. */
pp_dialog *pp_dialogs_find(const pp_dialogs *dialogs, const pp_message *request);
/* By its three parts: the fork a response came from, the dialog a Replaces names. */
pp_dialog *pp_dialogs_find_tags(const pp_dialogs *dialogs, pp_str call_id, pp_str local_tag,
                                pp_str remote_tag);

/* As caller: from our request and a 101-299 with To tag. PIPIT_ERR_SYNTAX without a usable
 * Contact (one sip or sips URI), PIPIT_ERR_LIMIT when there is no room for one more or the route
 * set is too long, PIPIT_ERR_STATE when the dialog exists. `owner` is copied, NULL is nobody. */
int pp_dialog_from_response(pp_dialogs *dialogs, const pp_outgoing *request,
                            const pp_message *response, const pp_dialog_owner *owner,
                            pp_dialog **out);
/* As callee: from their request and the tag we answer with. The same errors. It is early until
 * pp_dialog_confirm(). */
int pp_dialog_from_request(pp_dialogs *dialogs, const pp_message *request, const char *local_tag,
                           uint32_t local_cseq, const pp_dialog_owner *owner, pp_dialog **out);
pp_dialog *pp_dialog_free(pp_dialog *dialog); /* NULL is fine; returns NULL */
/* Nothing comes to its owner any more; its names can still be read. */
void pp_dialog_leave(pp_dialog *dialog);
/* One more usage. The dialog lasts until its owner and all of them have left it, as far as requests go (RFC 5057 section 4.3). */
void pp_dialog_join(pp_dialog *dialog, pp_dialog_share *share, const pp_dialog_owner *user);
void pp_dialog_part(pp_dialog_share *share); /* nothing when it is in none */
/* Whose a request in it is. */
const pp_dialog_owner *pp_dialog_user_of(const pp_dialog *dialog, const pp_message *request);

/* A 2xx confirms an early dialog: route set and target are taken from it anew (RFC 3261 section
 * 13.2.2.4); without a Contact the target stays. As callee the 2xx is ours: `response` is NULL
 * and only `confirmed` is set. */
int pp_dialog_confirm(pp_dialog *dialog, const pp_message *response);
/* Target refresh by a request or 2xx that carries a Contact (section 12.2). Nothing when it has
 * none, PIPIT_ERR_SYNTAX when it cannot be used. */
int pp_dialog_refresh_target(pp_dialog *dialog, const pp_message *message);
/* Order of requests (section 12.2.2): 0 to go on, else the status to answer (500). ACK is always
 * 0. Remembers the number; one that is neither higher nor lower goes on (JsSIP repeats a
 * re-INVITE after 491 with the CSeq it had). */
int pp_dialog_check_cseq(pp_dialog *dialog, const pp_message *request);

/* A request inside: Request-URI, Route, To, From, Call-ID, CSeq (raised; that of the INVITE for
 * an ACK, given as `cseq`, else 0), Max-Forwards 69. The caller adds Via, Contact and the rest.
 * Strict routers are handled (section 12.2.1.1). */
int pp_dialog_request(pp_dialog *dialog, pp_method method, uint32_t cseq, pp_outgoing **out);
/* The number for a request that goes once more, with credentials (section 22.2). */
uint32_t pp_dialog_next_cseq(pp_dialog *dialog);

#endif
