/* inside.h - what the files of the walk share. */
#ifndef PP_TESTS_WALK_INSIDE_H
#define PP_TESTS_WALK_INSIDE_H

#include "base/buf.h"
#include "base/error.h"
#include "pipit/pipit.h"
#include "support/dice.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sim.h"
#include "support/walk/walk.h"
#include "switchboard/switchboard.h"
#include "ua/media_session.h"

#define WALK_AGENTS 4
#define WALK_LINES  60 /* of what happened last, shown when it fails */

typedef struct walk walk;
typedef struct agent agent;
typedef struct thing thing;
typedef struct wire_end wire_end;
typedef struct wire_flight wire_flight;
typedef struct walk_media walk_media;

typedef enum thing_kind {
    THING_CALL,
    THING_MESSAGE,
    THING_QUERY, /* OPTIONS */
    THING_SUBSCRIPTION,
    THING_NOTIFIER,
    THING_PUBLICATION,
    THING_REFER_OUT,
    THING_REFER_IN,
    THING_ASKED, /* a SUBSCRIBE that was kept */
    THING_KINDS
} thing_kind;

/* Something that has events of its own; it stays until the end of the walk, so that an event too many is seen. */
struct thing {
    walk *w;
    agent *owner;
    unsigned life; /* of its owner's user agents, the one it belongs to */
    thing_kind kind;
    unsigned number;
    void *object;            /* a reference of ours; NULL: none (any more) */
    void *shown;             /* what the handler that runs was given */
    bool due;                /* a last event must come */
    bool over;               /* it has */
    bool confirmed;          /* of a call */
    const char *announced;   /* the event that `any` was told of before it was over */
    unsigned promised, kept; /* outcomes */
    unsigned ending;         /* outcomes that are being told */
    unsigned pending;        /* that a call which has not returned yet may promise */
    char call_id[96];
    thing *in;       /* of a REFER we sent: the call it went in */
    char branch[64]; /* of a call: the last far end whose early media was told */
    thing *next;
};

struct agent {
    walk *w;
    const char *user, *password;
    pipit_ua *ua; /* NULL: released */
    unsigned life;
    bool gone;     /* it was released in this step: what still holds it may go on until it ends */
    bool stopping; /* `stopped` is due */
};

struct walk {
    walk_plan plan;
    walk_sums sums;
    uint64_t dice;
    sim *s;
    switchboard *board;
    agent agents[WALK_AGENTS];
    unsigned agent_count;
    thing *things;
    unsigned thing_count;
    bool lively; /* handlers act */
    unsigned depth;
    int at;         /* the number of what an act is done with, -1 for a user agent */
    thing *calling; /* the call that is being made, until it is announced */
    /* the wire */
    bool unreliable, frozen, down, forking;
    unsigned lost_per_mille, delay_ms;
    wire_end *ends;
    wire_flight *flights;
    uint64_t last_end;
    struct wire *tap;
    walk_media *medias;
    struct walk_own_media *own_medias;
    char lines[WALK_LINES][200];
    unsigned line_count;
};

/* --- walk.c ----------------------------------------------------------------------------------- */

/* 0 … below-1 */
unsigned walk_roll(walk *w, unsigned below);
static inline bool walk_chance(walk *w, unsigned one_in)
{
    return walk_roll(w, one_in) == 0;
}
void walk_note(walk *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void walk_fail(walk *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Each message as it goes. */
void walk_judge(walk *w, const char *text, size_t size);

/* --- things.c --------------------------------------------------------------------------------- */

thing *thing_new(agent *owner, thing_kind kind, void *object);
thing *thing_of(const agent *owner, thing_kind kind, const void *object);
/* Any that can be called, of that kind; NULL: none. */
thing *thing_any(walk *w, thing_kind kind);
static inline void *thing_object(const thing *t)
{
    return t->object ? t->object : t->shown;
}
void thing_release(thing *t); /* our reference */
void things_check(walk *w);   /* at the end: what was due has come */
void things_free(walk *w);
/* At rest: who is in a call is not alone in it. */
void things_agree(walk *w);

/* --- acts.c, acts_call.c, acts_other.c -------------------------------------------------------- */

/* Something, by chance; `at` NULL: anywhere, else rather there. */
void walk_act(walk *w, thing *at);
void act_on_call(thing *t);
void act_on_other(thing *t);
/* What an act says of itself: its error must be one of those allowed, and has a sentence. Call acts_begin() before. */
#define MAY(error) (1u << -(error))
#define MAY_CALL                                                                                   \
    (MAY(PIPIT_ERR_SYNTAX) | MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_MEDIA) |                         \
     MAY(PIPIT_ERR_NOT_SUPPORTED) | MAY(PIPIT_ERR_LIMIT))
void acts_begin(walk *w);
int acts_end(agent *a, const char *what, int err, unsigned may);
const char *any_target(walk *w);
const char *const *any_headers(walk *w);
void call_options(walk *w, pipit_call_options *out);

/* --- hear.c ----------------------------------------------------------------------------------- */

extern const pipit_ua_handlers walk_ua_handlers;
extern const pipit_session_handlers walk_session_handlers;
/* Another listener of the same, whose user is the agent; it comes and goes, also in the middle of an event. */
extern const pipit_ua_handlers walk_more_ua_handlers;
extern const pipit_session_handlers walk_more_session_handlers;
extern const pipit_message_handlers walk_message_handlers;
extern const pipit_options_handlers walk_options_handlers;
extern const pipit_subscriber_handlers walk_subscriber_handlers;
extern const pipit_notifier_handlers walk_notifier_handlers;
extern const pipit_publisher_handlers walk_publisher_handlers;
extern const pipit_refer_handlers walk_refer_handlers;
void walk_on_outcome(pipit_session *session, const pipit_outcome *outcome, void *user);

/* --- agents.c --------------------------------------------------------------------------------- */

void agent_new_ua(agent *a);
void agent_release(agent *a);
void agents_settle(walk *w); /* at the end of a step */

/* --- network.c, wire.c, media.c --------------------------------------------------------------- */

void walk_weather(walk *w);
void walk_calm(walk *w);
void walk_board_start(walk *w);
int wire_socket(agent *a, pipit_socket **out);
void wire_break(walk *w);
void wire_free_flights(walk *w);
int walk_media_new(pipit_loop *loop, const pp_media_session_options *options,
                   const pp_media_session_handlers *handlers, void *arg, pp_media_session **out);
/* Media of an application's own, by chance; yours. NULL: none. */
pipit_own_media *walk_own_media_new(walk *w);
void walk_own_media_event(walk *w);
void walk_media_event(walk *w); /* something happens to the media of one of them */
extern walk *walk_now;

#endif
