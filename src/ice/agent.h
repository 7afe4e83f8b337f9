/* agent.h - inside of an ICE agent. A pair is known by its base and the remote address: local peer-reflexive candidates
 * share their base's socket, so finding one renames the local side of the pair and makes no second pair. */
#ifndef PP_ICE_AGENT_H
#define PP_ICE_AGENT_H

#include "base/limits.h"
#include "base/timers.h"
#include "ice/ice.h"
#include "stun/stun.h"

#define PP_ICE_MS            1000u
#define PP_ICE_TA_US         (50 * PP_ICE_MS)  /* RFC 8445 section 14.2 */
#define PP_ICE_RTO_US        (500 * PP_ICE_MS) /* section 14.3, the least */
#define PP_ICE_RTO_MAX_US    (4000 * PP_ICE_MS) /* so that eight sendings reach over 24 s of the 30 */
#define PP_ICE_TRANSMISSIONS 8u
#define PP_ICE_KNOWN_RTO_US                                                                        \
    (500 *                                                                                         \
     PP_ICE_MS) /* of the pair that is nominated or used, each time: it leads to no stranger */
#define PP_ICE_KNOWN_TRANSMISSIONS 49u /* 24 s, too */
#define PP_ICE_RETRIGGER_US                                                                        \
    (200 * PP_ICE_MS) /* a check of the peer repeats ours when it is older */
#define PP_ICE_SETTLE_US       (150 * PP_ICE_MS) /* wait for a better pair than the first */
#define PP_ICE_SETTLE_RELAY_US (550 * PP_ICE_MS) /* and longer for one without a relay */
#define PP_ICE_FAIL_US                                                                             \
    (30000 * PP_ICE_MS) /* no pair by then, or no consent for so long (RFC 7675 section 5.1) */
#define PP_ICE_DISCONNECT_US                                                                       \
    (10000 *                                                                                       \
     PP_ICE_MS) /* consent checks are 4 to 6 s apart: of the last, all but one may be lost */
#define PP_ICE_CONSENT_US (4000 * PP_ICE_MS) /* and up to half of it more */
#define PP_ICE_FRESH_US                                                                            \
    (5000 * PP_ICE_MS) /* a pair that answered so lately needs no new check to be used */
#define PP_ICE_RENOMINATE_US (3500 * PP_ICE_MS) /* browsers repeat a nomination every 2.5 s */
#define PP_ICE_KEPT_CHECKS                                                                         \
    8u /* transactions of a pair that may still be answered: 16 s of consent, or more when all is well */
#define PP_ICE_PRIORITY_MAX 0x7FFFFFFFu

typedef enum pp_pair_state {
    PP_PAIR_FROZEN,
    PP_PAIR_WAITING,
    PP_PAIR_IN_PROGRESS,
    PP_PAIR_SUCCEEDED,
    PP_PAIR_FAILED
} pp_pair_state;

typedef struct pp_ice_check { /* a transaction of ours */
    uint8_t id[12];
    bool open; /* not answered yet */
    bool nominates;
    bool controlling; /* the role it was sent in */
    unsigned transmissions;
    uint64_t sent_us;
} pp_ice_check;

typedef struct pp_pair {
    pp_candidate local;
    size_t remote; /* an index: remote candidates are never removed */
    uint64_t priority;
    pp_pair_state state;
    bool valid;            /* answered once, and no later check of it failed */
    bool peer_nominates;   /* it said USE-CANDIDATE: taken as soon as the pair is valid */
    bool weighed;          /* against the selected one, by priority: that is done once */
    uint64_t nominated_us; /* when it said so last */
    uint64_t triggered;    /* place in the triggered-check queue, 0 when not in it */
    pp_ice_check checks[PP_ICE_KEPT_CHECKS];
    size_t newest;
    uint64_t retransmit_us, rto_us;
    uint64_t answered_us, rtt_us;
} pp_pair;

typedef struct pp_remote {
    pp_candidate candidate;
    unsigned unanswered; /* requests sent since it last answered */
} pp_remote;

typedef struct pp_ice_question { /* to a STUN server, and again as a keep-alive */
    unsigned base;
    pp_addr server;
    uint8_t id[12];
    unsigned transmissions; /* 0: no request is under way */
    bool over;              /* answered, or given up, the first time */
    uint64_t due_us, rto_us;
} pp_ice_question;

typedef struct pp_early_check { /* came before the remote credentials */
    unsigned base;
    pp_addr from;
    uint32_t priority;
    bool use_candidate;
    char *ufrag;
} pp_early_check;

struct pp_ice {
    const pp_rng *rng;
    const pp_ice_handlers *handlers;
    void *arg;
    unsigned depth; /* calls under way: released when the last one returns */
    pp_ice_state state, reported;

    bool controlling, role_is_settled;
    uint64_t tie_breaker;
    char ufrag[9];
    char *pwd, *remote_ufrag, *remote_pwd;
    bool remote_is_lite;

    pp_candidate *locals;
    size_t local_count;
    pp_ice_question *questions; /* to STUN servers */
    size_t question_count;
    pp_remote *remotes;
    size_t remote_count, peer_reflexive_count;
    pp_early_check *early;
    size_t early_count;
    pp_pair *pairs[PP_LIMIT_ICE_PAIRS]; /* in no order */
    size_t pair_count;
    pp_pair *nominating, *selected;

    uint64_t triggers;      /* given out so far */
    uint64_t next_check_us; /* Ta */
    uint64_t settle_us, fail_us;
    uint64_t consent_us, next_consent_us; /* last answer on the selected pair, next check */
    uint64_t errors_since_us;
    unsigned errors; /* answered since then */
};

/* Around everything that may call a handler. pp_ice_leave() reports the state and may release the agent. */
void pp_ice_enter(pp_ice *ice);
void pp_ice_leave(pp_ice *ice);
void pp_ice_set_state(pp_ice *ice, pp_ice_state state);
void pp_ice_transmit(pp_ice *ice, unsigned base, const pp_addr *to, const pp_buf *packet);
/* The candidate whose address the base itself has, host or relayed; NULL when there is none. */
const pp_candidate *pp_ice_local_on(const pp_ice *ice, unsigned base);
/* Gives it its foundation: one for all of its type, of the IP address of its base, and server. */
int pp_ice_append_local(pp_ice *ice, pp_candidate *candidate, const pp_addr *server);

/* remote.c: the index of the candidate with this address, as `local` sees it; learns it when it is new and `priority` not 0. */
bool pp_ice_find_remote(pp_ice *ice, const pp_candidate *local, const pp_addr *address,
                        uint32_t priority, size_t *out);

/* pairs.c */
const pp_addr *pp_pair_to(const pp_ice *ice, const pp_pair *pair);
void pp_ice_pair_all(pp_ice *ice); /* what can be paired and is not yet */
/* Found or made; NULL. `heard`: a check of the far end has come this way, so that it leads to nobody else. */
pp_pair *pp_ice_pair(pp_ice *ice, const pp_candidate *local, size_t remote, bool heard);
void pp_pair_prioritise(const pp_ice *ice, pp_pair *pair);
void pp_ice_prioritise(pp_ice *ice);          /* all, after a change of role */
pp_pair *pp_ice_next_pair(const pp_ice *ice); /* to be checked next; NULL */
void pp_ice_unfreeze(pp_ice *ice, const pp_pair *succeeded);
void pp_ice_prune(pp_ice *ice);                 /* what a selected pair makes needless */
void pp_ice_unpair(pp_ice *ice, unsigned base); /* a base that is gone; not the pair in use */

/* check.c */
void pp_ice_trigger(pp_ice *ice, pp_pair *pair, uint64_t now_us);
void pp_ice_start_check(pp_ice *ice, pp_pair *pair, bool nominates, uint64_t now_us);
void pp_ice_retransmit(pp_ice *ice, pp_pair *pair, uint64_t now_us); /* or gives the pair up */
void pp_ice_fail_pair(pp_ice *ice, pp_pair *pair, uint64_t now_us);
bool pp_ice_may_send(const pp_ice *ice, const pp_pair *pair); /* within the budget of its address */
bool pp_ice_asked(const pp_ice *ice,
                  const uint8_t *id); /* a check with this id is not answered yet */
void pp_ice_response(pp_ice *ice, unsigned base, const pp_addr *from, const pp_stun *message,
                     uint64_t now_us);

/* answer.c */
void pp_ice_request(pp_ice *ice, unsigned base, const pp_addr *from, const pp_stun *message,
                    uint64_t now_us);
bool pp_ice_is_named(const pp_ice *ice, pp_str username); /* it begins with our ufrag */
void pp_ice_recall_early(pp_ice *ice, uint64_t now_us);
void pp_ice_forget_early(pp_ice *ice);
void pp_ice_switch_role(pp_ice *ice, bool controlling);

/* nominate.c */
void pp_ice_consider(pp_ice *ice, uint64_t now_us); /* nominate now, later, or not at all */
uint64_t pp_ice_settle_deadline_us(const pp_ice *ice);
void pp_ice_nominate(pp_ice *ice, pp_pair *pair, uint64_t now_us);
void pp_ice_peer_nominated(pp_ice *ice, pp_pair *pair, uint64_t now_us);
void pp_ice_select(pp_ice *ice, pp_pair *pair);
void pp_ice_run_consent(pp_ice *ice, uint64_t now_us);
void pp_ice_consented(pp_ice *ice, uint64_t now_us);
uint64_t pp_ice_consent_deadline_us(const pp_ice *ice);

/* reflexive.c */
bool pp_ice_is_question(const pp_ice *ice, const uint8_t *id);
void pp_ice_question_answered(pp_ice *ice, unsigned base, const pp_addr *from, const pp_stun *m,
                              uint64_t now_us);
void pp_ice_run_questions(pp_ice *ice, uint64_t now_us);
uint64_t pp_ice_questions_deadline_us(const pp_ice *ice);

/* local.c */
int pp_ice_copy_locals(const pp_ice *from, pp_ice *to);

/* schedule.c */
void pp_ice_run(pp_ice *ice, uint64_t now_us);

#endif
