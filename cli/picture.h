/* picture.h - where the pictures of a call come from and go to, as the options say. */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include "cli/options.h"
#include "pipit/media.h"

typedef struct picture_options {
    const char *video; /* "", "pattern" or a file; NULL: no video */
    const char *record, *codecs;
} picture_options;

typedef struct picture_seen { /* of the test pattern, in what came */
    unsigned count, last;     /* pictures with a number, and the last of these */
} picture_seen;

typedef struct picture {
    pipit_video_source *source; /* references of ours */
    pipit_video_sink *sink;
    picture_seen *seen; /* the sink's */
} picture;

#define PICTURE_OPTIONS 4
void picture_table(picture_options *options, option table[PICTURE_OPTIONS]);
/* A status; a sentence has been said when it is not STATUS_OK. `number` above 1 goes into the name of the recording. */
int picture_check(const picture_options *options);
int picture_open(const picture_options *options, unsigned number, picture *out);
void picture_close(picture *p);

#define PICTURE_HELP                                                                               \
    "Video\n"                                                                                      \
    "  --video[=FILE]        with pictures: a test pattern, or an IVF or Y4M file,\n"              \
    "                        again and again; offered, and taken when offered\n"                   \
    "  --record-video FILE   write what is seen into an IVF file, as it comes\n"                   \
    "  --video-codecs LIST   in order of preference: VP8,H264\n"

#endif
