/* echo_canceller.h - takes what the speaker plays out of what the microphone hears, and noise with it (speexdsp is named only in
 * echo_canceller.c and resample.c). */
#ifndef PP_MEDIA_ECHO_CANCELLER_H
#define PP_MEDIA_ECHO_CANCELLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_echo_canceller pp_echo_canceller;

typedef struct pp_echo_canceller_options {
    unsigned rate; /* samples a second */
    size_t frame;  /* samples at a time, 10 or 20 ms of them */
    bool echo;     /* what was played is taken away */
    bool noise;    /* what is always there is taken away */
    bool gain;     /* quiet speakers become louder, loud ones quieter */
} pp_echo_canceller_options;

int pp_echo_canceller_new(const pp_echo_canceller_options *options, pp_echo_canceller **out);
pp_echo_canceller *
pp_echo_canceller_free(pp_echo_canceller *canceller); /* NULL is fine; returns NULL */
/* One frame of each. `played` was given to the speaker at the time when `captured` came from the microphone, or up to 100 ms before;
 * NULL: silence. `out` may be `captured`. */
void pp_echo_canceller_run(pp_echo_canceller *canceller, const int16_t *captured,
                           const int16_t *played, int16_t *out);

#endif
