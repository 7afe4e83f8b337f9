/* stage.h - a user agent on a socket of the test's own, in virtual time. What it sent last is kept; the test says what comes. */
#ifndef PP_TESTS_CAST_STAGE_H
#define PP_TESTS_CAST_STAGE_H

#include "pipit/pipit.h"
#include "support/files.h"
#include "support/sim.h"

typedef struct stage_message {
    char text[6000];
    size_t size;
} stage_message;

typedef struct stage {
    sim *s;
    pipit_ua *ua;
    pipit_socket *socket;
    pp_post connecting;
    stage_message sent; /* the last but ACK and 100 */
    pipit_session *session;
    const pipit_reply_options *reply; /* to the next message */
    int reply_err;
} stage;

/* The parts of a socket are fields, too. */
typedef struct stage_socket {
    const char *transport, *sip_uri;
} stage_socket;
extern const stage_socket stage_honest_socket;

void stage_keep(stage_message *m, const char *text, size_t size);
/* Started and connected; an error of the user agent's or the socket's is given back. */
int stage_new(pipit_ua_configuration c, stage_socket texts, stage **out);
/* Stops it and lets every timer pass. */
void stage_free(stage *at);
/* An answer to what was sent last, with `more` header lines. */
void stage_answer(stage *at, const char *status, const char *more);
/* A request of bob's, outside of dialogs. */
void stage_ask(stage *at, const char *method);

#endif
