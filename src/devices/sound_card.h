/* sound_card.h - microphone and speaker: both ends of a stream's sound. */
#ifndef PP_DEVICES_SOUND_CARD_H
#define PP_DEVICES_SOUND_CARD_H

#include "pipit/devices.h"

/* Fills in both ends, references that are the caller's. As pipit_media_open(). */
int pp_sound_card_open(const pipit_media_options *options, pipit_media_stream *out);

#endif
