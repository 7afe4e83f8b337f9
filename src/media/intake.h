/* intake.h - frames of 20 ms out of a source of any rate. Another source may follow, and nothing is missing or cracks where they
 * meet. */
#ifndef PP_MEDIA_INTAKE_H
#define PP_MEDIA_INTAKE_H

#include "pipit/media.h"

typedef struct pp_intake_feed pp_intake_feed;

typedef struct pp_intake {
    unsigned rate, channels; /* of the frames */
    pp_intake_feed *feed;    /* what is read; NULL before the first one */
    pp_intake_feed *leaving; /* what was read until now: its next frame dies away; NULL: none */
} pp_intake;

/* Goes on with another source, NULL for silence. The one before is read by one frame more, which dies away under the first one
 * of the new; nothing is read in here. The one before stays after an error. */
int pp_intake_set(pp_intake *intake, pipit_source *source);
/* rate / 50 samples of each channel. The source may set another one meanwhile, but not close the intake. */
void pp_intake_read(pp_intake *intake, int16_t *frame);
pipit_source *pp_intake_source(const pp_intake *intake); /* NULL: silence */
void pp_intake_close(pp_intake *intake);

#endif
