/* picture.h - where the pictures of a call come from and go to, as the options say. */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include "cli/options.h"
#include "pipit/loop.h"
#include "pipit/media.h"

typedef struct picture_options {
    const char *video; /* "", "pattern" or a file; NULL: no video */
    const char *record, *codecs;
    bool show;
} picture_options;

typedef struct picture_seen {
    unsigned count,
        last; /* pictures of the test pattern that came, with a number, and the last of these */
    bool window_closed; /* by the user */
} picture_seen;

typedef struct picture {
    pipit_video_source *source; /* references of ours */
    pipit_video_sink *sink;
    picture_seen *seen; /* the sink's */
    pipit_sink *sound;  /* to be given what is heard, for a recording of both; NULL: none */
} picture;

#define PICTURE_OPTIONS 5
void picture_table(picture_options *options, option table[PICTURE_OPTIONS]);
/* A status; a sentence has been said when it is not STATUS_OK. `number` above 1 goes into the name of the recording. */
int picture_check(const picture_options *options);
int picture_open(const picture_options *options, unsigned number, pipit_loop *loop, picture *out);
void picture_close(picture *p);

#define PICTURE_HELP                                                                               \
    "Video\n"                                                                                      \
    "  --video[=FILE]        with pictures: a test pattern, or a file (WebM, MP4,\n"               \
    "                        Matroska, IVF or Y4M), again and again; offered, and\n"               \
    "                        taken when offered\n"                                                 \
    "  --show                what is seen, in a window; closing it hangs up\n"                     \
    "  --record-video FILE   write what is seen, as it comes: with its sound when it\n"            \
    "                        ends with .webm, .mkv or .mp4, else as IVF\n"                         \
    "  --video-codecs LIST   in order of preference: VP8,H264\n"

#endif
