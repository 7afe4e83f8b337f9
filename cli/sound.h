/* sound.h - where the sound of a call comes from and goes to, as the options say. */
#ifndef CLI_SOUND_H
#define CLI_SOUND_H

#include "cli/options.h"
#include "pipit/devices.h"
#include "pipit/media.h"
#include "pipit/sound.h"

typedef struct sound_options {
    const char *play, *record, *record_both, *microphone, *speaker;
    bool talk, echo, tone, repeat;
    bool stereo; /* talk_options names it, for it is of the call as well */
} sound_options;

typedef struct sound {
    pipit_media_stream stream; /* its references are ours */
    bool plays_file;
} sound;

#define SOUND_OPTIONS 10
void sound_table(sound_options *options, option table[SOUND_OPTIONS]);
/* A status; a sentence has been said when it is not STATUS_OK. `number` above 1 goes into the name of the recording. */
int sound_check(const sound_options *options);
int sound_open(const sound_options *options, unsigned number, sound *out);
void sound_close(sound *s);
/* Takes the reference to `sink`: what is heard goes there too. A PIPIT_ERR_*. */
int sound_add_sink(sound *s, pipit_sink *sink);
/* "talk.wav" and 2: "talk.2.wav"; for free(). NULL when memory is short. */
char *sound_numbered(const char *path, unsigned number);
/* Whether a file has been played to its end. */
bool sound_is_over(const sound *s);

#define SOUND_HELP                                                                                 \
    "Sound\n"                                                                                      \
    "  --talk                speak and hear: microphone and speaker\n"                             \
    "  --microphone NAME     not the default one ('pipit devices' names them)\n"                   \
    "  --speaker NAME        likewise\n"                                                           \
    "  --play FILE           play it (WAV, FLAC, Ogg, MP3 ...)\n"                                  \
    "  --repeat              again and again\n"                                                    \
    "  --record FILE         write what is heard into a WAV file\n"                                \
    "  --record-both FILE    both sides: ours on the left, theirs on the right\n"                  \
    "  --echo                say back what is heard\n"                                             \
    "  --tone                send a 440 Hz tone\n"

#endif
