/* pair.h - the data channels of two ends on a wire that delays, loses and reorders, in virtual time. */
#ifndef PP_TESTS_SCTP_PAIR_H
#define PP_TESTS_SCTP_PAIR_H

#include "sctp/association.h"
#include "sctp/channels.h"
#include "support/sim.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "pipit/error.h"

/* what cmocka.h wants before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct end end;
typedef struct pair pair;

typedef struct heard { /* of one channel */
    pipit_data_channel *channel;
    unsigned opened, low, closing, closed, errors;
    int error;
    unsigned texts, binaries, empty;
    size_t octets;
    uint32_t last;      /* the first four octets of the last message, as a number */
    unsigned backwards; /* messages with a smaller number than the one before */
    size_t largest;
    bool echoes, close_when_opened, close_when_message, free_ends_when_message;
    pair *of;
    struct heard *next;
} heard;

struct end {
    pair *of;
    pp_channels *channels;
    heard *heard; /* all that was made, the newest first */
    unsigned incoming, closed;
    int error;
    bool echoes;               /* what comes in channels of the far end goes back */
    pp_sctp *raw;              /* an association without channels, in their place */
    pp_timer timer;            /* of it */
    unsigned messages, resets; /* that came in it */
    uint32_t ppid;             /* of the last message */
    char last[64];
    size_t size;
};

struct pair {
    sim *sim;
    pipit_loop *loop;
    end a, b;
    unsigned delay_us, jitter_us, loss_percent;
    bool cut;
    uint64_t seed, packets;
    unsigned flying;
};

void pair_open(pair *p);        /* made, and connected once pair_connect() was called */
void pair_connect(pair *p);     /* a is the client of DTLS */
void pair_connect_raw(pair *p); /* b has no channels, only p->b.raw */
/* A message of b's; fails the test when it cannot be sent. */
void pair_say(pair *p, uint16_t stream, uint32_t ppid, pp_str data);
void pair_close(pair *p);
void pair_run_ms(pair *p, unsigned ms);
/* Makes a channel at that end; fails the test when that cannot be. */
heard *pair_create(end *e, const char *label, const pipit_data_channel_options *options);
/* What the other end has of the channel with that id; NULL: nothing. */
heard *pair_other(end *other, const heard *h);
extern const pipit_data_channel_handlers heard_handlers;

#endif
