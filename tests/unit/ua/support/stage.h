/* stage.h - a user agent in virtual time between a scripted socket and a scripted media session. The test writes what comes over
 * the wire, reads what goes, and compares the events, "connected registered …". */
#ifndef PP_TESTS_UNIT_UA_STAGE_H
#define PP_TESTS_UNIT_UA_STAGE_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "pipit/pipit.h"
#include "sip/message.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sim.h"
#include "ua/session/session.h"
#include "ua/ua.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct stage stage;

typedef struct fake_media { /* the last one made; closed ones keep their counts */
    pp_media_session head;
    stage *at;
    const pp_media_session_handlers *handlers;
    void *arg;
    pp_post post;
    bool video, offerer, offering, muted, held, remote_holds, restart_wanted, can_trickle;
} fake_media;

struct stage {
    sim *s;
    pipit_loop *loop;
    pipit_ua *ua;
    pipit_socket *socket;
    pp_post connecting;
    bool mute_socket;   /* takes nothing */
    pp_buf wire;        /* what went, each with a NUL behind it */
    size_t read;        /* up to here the test has seen it */
    pp_message *last;   /* the message the test looks at */
    pp_message *invite; /* theirs or ours, for answers to come */
    pp_buf log;         /* events */
    pp_buf trace;
    fake_media *media;
    unsigned medias; /* not closed */
    unsigned rollbacks, restarts;
    int describe_error, dtmf_error, restart_error, take_error;
    unsigned candidates; /* that the media write */
    bool stranded;       /* their address is gone */
    pp_buf remotes;      /* what set_remote was given: "offer:v=0… " */
    pp_buf tones;
    pipit_session *session; /* the last, referenced */
    pipit_message *message; /* the last incoming one, referenced when `keep_message` */
    bool keep_message;
    int message_reply; /* a status for incoming messages, 0 for none */
    void (*on_new_session)(stage *at, pipit_session *session); /* NULL: nothing */
    void (*on_event)(stage *at, const char *name);             /* NULL: nothing */
    pipit_cause cause;
    char reason[256];
    unsigned retry_in; /* of the last registration_failed */
    bool log_sdp, log_branches;
};

#define OFFER   "v=0 far offer"
#define ANSWER  "v=0 far answer"
#define CONTACT "Contact: <sip:bob@far.invalid;transport=ws>\r\n"

/* --- events ----------------------------------------------------------------------------------- */

/* They write the log; their user is the stage. */
extern const pipit_ua_handlers ua_handlers, expiring_handlers;
extern const pipit_session_handlers session_handlers;
extern const pipit_message_handlers message_handlers;

/* The log, which is empty then. */
void check_events(stage *at, const char *expected);

/* --- the stage -------------------------------------------------------------------------------- */

extern const pipit_socket_interface socket_functions; /* of the stage's socket */
extern stage *on_stage; /* the newest, whose media fake_media_new() makes */

int fake_media_new(pipit_loop *loop, const pp_media_session_options *options,
                   const pp_media_session_handlers *handlers, void *arg, pp_media_session **out);
/* `configuration` NULL: alice with a password, who does not register by herself. */
stage *stage_new(const pipit_ua_configuration *configuration);
extern const char *stage_url;        /* of the socket of the next */
extern bool session_timers_on_stage; /* false at the start: most calls here last longer than one */
/* Over "WSS", unless it is told another. */
stage *stage_new_over(const pipit_ua_configuration *configuration, const char *transport);
stage *stage_connected(void);
void stage_free(stage *at);
void advance_ms(stage *at, uint64_t ms);

/* --- what goes -------------------------------------------------------------------------------- */

/* The next message that went, NULL when there is none. Borrowed until the next. */
const pp_message *next_sent(stage *at);
/* It begins with that: "INVITE sip:bob@" or "SIP/2.0 180". */
const pp_message *expect_sent(stage *at, const char *start);
/* Lets time pass until something goes, at most so long. */
const pp_message *wait_sent(stage *at, const char *start, uint64_t ms_max);
void expect_silence(stage *at);
void check_header(const pp_message *m, const char *name, const char *expected);
bool header_holds(const pp_message *m, const char *name, const char *part);

/* --- what comes ------------------------------------------------------------------------------- */

typedef struct coming {
    const char *method;
    const char *ruri;     /* NULL: our Contact */
    const char *branch;   /* NULL: a fresh one */
    const char *call_id;  /* NULL: "call-1" */
    const char *from_tag; /* NULL: "far" */
    const char *to_tag;   /* NULL: none */
    const char *to;       /* NULL: alice */
    unsigned cseq;        /* 0: 1 */
    const char *lines;    /* NULL: none */
    const char *body;     /* with `lines` naming its type, unless it is SDP */
    bool typed;           /* the lines name the type of the body */
} coming;

void receive(stage *at, const char *text);
/* An answer to a request of ours. `tag` NULL: no To tag; `lines`: more header lines, each with CRLF; both may be NULL. */
void answer(stage *at, const pp_message *request, const char *status, const char *tag,
            const char *lines, const char *body);
void come(stage *at, const coming *c);
/* Our tag, of the last message looked at, in a static buffer. */
const char *to_tag(stage *at);

/* --- calls ------------------------------------------------------------------------------------ */

const pipit_call_options *call_options(stage *at);
/* Our INVITE is out, and kept as at->invite. */
void call_out(stage *at);
stage *stage_calling(void);
stage *stage_calling_without_offer(unsigned redirects); /* so many are followed */
/* In a call that we made. */
stage *stage_in_call(void);
/* Their INVITE came; our tag is in at->last, and the INVITE is not answered. */
void call_in(stage *at, const char *lines, const char *body);
void acknowledge(stage *at, const char *body);
stage *stage_ringing(void);
/* In a call that came in. */
stage *stage_answered(void);
/* A request of the far end in a call that we made, and in one that came in, where its cseq is 2 unless it says another. */
void come_in_ours(stage *at, coming c);
void come_in_theirs(stage *at, coming c);
/* The far end's BYE to a call we made. */
void bye_in(stage *at, const char *from_tag);
/* Of the REFER with that cseq: what the far end is told of it, and its answer. */
void expect_refer_notify(stage *at, unsigned id, const char *state, const char *status);

#endif
