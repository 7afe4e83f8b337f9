/* lone.h - a user agent alone on a socket of the test's own, in virtual time: the test puts on the wire what it likes and sees
 * what is answered. */
#ifndef PP_TESTS_CAST_LONE_H
#define PP_TESTS_CAST_LONE_H

#include "base/str.h"
#include "pipit/pipit.h"
#include "support/files.h"
#include "support/sim.h"

typedef struct lone {
    sim *s;
    pipit_ua *ua;
    pipit_socket *socket;
    pp_post connecting;
    pipit_session *session;   /* the last call that came, referenced */
    unsigned calls, messages; /* shown to the application */
    unsigned sent;            /* messages of any kind */
    int status;               /* of the last response that was sent but 100; 0: none */
    pp_str answer;            /* its text, which may hold NUL */
    unsigned asked;           /* OPTIONS by lone_works() */
} lone;

/* Connected and not registered. */
lone *lone_new(const char *uri, unsigned max_message_size);
/* Stops it, lets every timer pass, frees all; fails the test when something is left. */
void lone_free(lone *l);

/* Puts a message on the wire: the status of the first answer but 100 within 10 ms, 0 for silence. */
int lone_receive(lone *l, pp_str wire);
/* Whether a line of the answer starts so: "SIP/2.0 400 Bad From", "Allow: ". */
bool lone_answered(const lone *l, const char *line);
/* Whether an honest OPTIONS is answered 200 in time. */
bool lone_works(lone *l);

#endif
