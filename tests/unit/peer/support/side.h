/* side.h - a peer connection in a simulated network: it says a tone, and what it hears and is told is kept. */
#ifndef PP_TESTS_SIDE_H
#define PP_TESTS_SIDE_H

#include "peer/peer.h"
#include "support/files.h"
#include "support/sim.h"

typedef struct side {
    pp_peer *peer;
    pipit_source *source; /* a tone, and an ear, where they were NULL */
    pipit_sink *sink;
    pp_peer_state state;
    char states[64]; /* a letter each: c checking, C connected, d disconnected, f failed */
    char reason[256];
    char digits[32];  /* "7#" */
    char presses[64]; /* "7:100 #:200 ", with their lengths in ms */
    unsigned gathered;
    uint64_t heard; /* samples of 16,000 a second that were not silent */
    unsigned port;  /* of its last description */
} side;

extern const pp_peer_handlers side_handlers; /* their user is the side */

int side_try(sim *s, side *out, bool offerer, const pipit_peer_configuration *configuration);
/* The same, which must not fail. */
void side_open(sim *s, side *out, bool offerer, const pipit_peer_configuration *configuration);
void side_close(side *s);

/* To be freed with pipit_free(). */
char *side_offer(side *from);
char *side_answer(side *from, const char *offer);
void side_connect(side *offers, side *answers);

#endif
