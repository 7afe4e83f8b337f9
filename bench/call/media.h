/* media.h - media that are nothing but a description. */
#ifndef BENCH_CALL_MEDIA_H
#define BENCH_CALL_MEDIA_H

#include "pipit/pipit.h"

extern const char bench_sdp[]; /* of both ends */
/* Yours; the call takes its own reference. */
pipit_own_media *bench_media_new(void);

#endif
