/* couple.h - two peer connections by the public functions in one simulated network, and what they told. */
#ifndef PP_TESTS_COUPLE_H
#define PP_TESTS_COUPLE_H

#include "pipit/pipit.h"
#include "support/files.h"
#include "support/sim.h"

typedef struct end {
    pipit_peer *peer;
    char story[1024];  /* each event, a word and a blank */
    uint64_t heard[4]; /* samples that were not silent, for each track in its turn */
    pipit_sink *sinks[4];
    pipit_transceiver *tracks[4];
    size_t track_count;
    unsigned negotiations;
    struct ear {
        struct end *end;
        size_t number;
    } ears[4];
    char candidates[8][256]; /* of its own, as they were told */
    size_t candidate_count;
    char ufrag[16]; /* of the agent they are of; another one begins anew */
    bool candidates_over;
} end;

typedef struct couple {
    sim *s;
    end a, b;
} couple;

void begin_couple(couple *c, uint64_t seed);
void begin_couple_with(couple *c, uint64_t seed, const pipit_peer_configuration *configuration);
void end_couple(couple *c);
/* Sends a tone: its frequency tells ends apart. */
pipit_transceiver *add_tone(end *e, unsigned frequency_hz);
/* Offer of the one, answer of the other, each by set_local_description(NULL). */
void negotiate(end *from, end *to);
/* Carries the local description of the one to the other. */
int carry(end *from, end *to);
void advance(couple *c, uint64_t ms);
/* Whether `story` has these words, in this order. */
void check_story(const end *e, const char *words);
/* The first of its type, which must be there. */
const pipit_stats_record *record_of(const pipit_stats_report *report, pipit_stats_type type);

#endif
