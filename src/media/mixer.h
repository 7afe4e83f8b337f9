/* mixer.h - several who hear each other: each gets the sum of the others. Those at a seat bring their own clock, one step of 20 ms;
 * whoever is the first to have heard all makes the next step for everybody, so that the fastest one is the clock. */
#ifndef PP_MEDIA_MIXER_H
#define PP_MEDIA_MIXER_H

#include "pipit/media.h"

#define PP_MIXER_RATE 48000u

typedef struct pp_mixer pp_mixer;
typedef struct pp_mixer_seat pp_mixer_seat;

int pp_mixer_new(pp_mixer **out);
/* The ends of its seats stay good as long as they are referenced: they give and take silence. NULL is fine; returns NULL. */
pp_mixer *pp_mixer_free(pp_mixer *mixer);
/* One more, whom the others hear from 40 ms on. */
int pp_mixer_add(pp_mixer *mixer, pp_mixer_seat **out);
void pp_mixer_remove(pp_mixer_seat *seat);
/* Where one says what the others hear, and hears what they say; the seat's. */
pipit_media_stream pp_mixer_seat_stream(const pp_mixer_seat *seat);
double pp_mixer_seat_level(const pp_mixer_seat *seat); /* 0 to 1, about the last second */
/* One without a clock: its ends are read and written at the others' steps. Both NULL: nobody. */
int pp_mixer_set_local(pp_mixer *mixer, const pipit_media_stream *stream);
double pp_mixer_local_level(const pp_mixer *mixer);

#endif
