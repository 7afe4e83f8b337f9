/* cast.h - alice, bob and a switchboard in one simulation: the parts of a scenario.
 * Each phone keeps a log of its events, "registered new_rtc_session progress …", and what it heard.
 */
#ifndef PP_TESTS_CAST_H
#define PP_TESTS_CAST_H

#define PHONE_RATE 16000u /* of what the phones hear */

#include "pipit/pipit.h"
#include "support/authority.h"
#include "support/files.h"
#include "support/sim.h"
#include "switchboard/switchboard.h"

typedef struct cast cast;

typedef struct phone {
    cast *cast;
    const char *name;
    pipit_ua *ua;
    pipit_socket *socket;
    pipit_session *session; /* the last one, kept until the next or the end */
    pipit_source *source;   /* a tone */
    pipit_sink *sink;
    char log[4096];
    size_t log_size;
    char digits[32];
    char text[256];       /* the last message that came */
    char described[8192]; /* its own end of the call: its last offer or answer */
    bool registered, confirmed, over, media_up, stopped, message_done;
    bool manual; /* does not answer by itself */
    pipit_cause cause;
    int message_status;
    /* what was heard */
    uint64_t heard_samples, heard_energy, heard_silence;
    int16_t heard_last;
    unsigned heard_crossings;    /* of zero, upwards: the frequency */
    int16_t ear[PHONE_RATE / 2]; /* the last half second, in a ring */
    size_t ear_at;
    unsigned heard_steps; /* from one sample to the next by more than 8,000: cracks */
} phone;

typedef struct cast_options {
    uint64_t seed;
    const char *codecs;         /* NULL: all */
    bool wss;                   /* over TLS, with a certificate authority of its own */
    const char *wrong_password; /* of alice */
    bool third;                 /* carol is there, too */
    bool shared;                /* and has bob's account: his calls ring at both */
    bool fourth;                /* and dave */
    bool everywhere;            /* the switchboard listens on every address */
    bool data_channels;         /* in all calls */
    pipit_network_changes network_changes;
} cast_options;

struct cast {
    sim *s;
    switchboard *board;
    authority server_authority; /* when `wss` */
    const char *codecs;
    bool data_channels;
    pipit_network_changes network_changes;
    phone alice, bob;
    phone carol; /* when there is a third; says 700 Hz */
    phone dave;  /* when there is a fourth; says 550 Hz */
};

/* Sets the stage; phones are made but not started. 0 or PIPIT_ERR_* (allocations may fail), and
 * then all is gone. */
int cast_new(const cast_options *options, cast **out);
/* Stops both, lets time pass, frees all, and fails the test when anything is left. */
void cast_free(cast *c);
/* Starts all who are there, and waits until they are registered; fails the test when they are not. */
void cast_start(cast *c);
/* Both in one; fails the test. */
cast *cast_on_stage(const cast_options *options);

int cast_call(phone *from, const char *target); /* with a tone */
/* How such calls are made; a static buffer. */
const pipit_call_options *cast_call_options(phone *from);
/* Such a call, and waits until both have media; fails the test. */
void cast_talk(phone *from, phone *to);
int cast_message(phone *from, const char *target, const char *text);
bool cast_wait(cast *c, const bool *flag, uint64_t ms); /* until it is true */
/* The frequency of what was heard, 0 when it was too little. Forgets it. */
unsigned phone_frequency(phone *p);
/* What alice and bob hear in the second to come, behind half a one; 0 is silence. Fails the test when it is not that. */
void cast_check_sound(cast *c, unsigned alice_hz, unsigned bob_hz);
/* One more sink of what a phone hears; also for a phone that is nothing but an ear. */
int phone_ear(phone *p, pipit_sink **out);
/* How loud a tone is in the last half second, in dBFS: -12 is one phone's tone alone. */
double phone_hears(const phone *p, double hz);
void phone_note(phone *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
