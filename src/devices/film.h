/* film.h - the pictures of a file of WebM, Matroska or MP4, encoded as they are. libavformat reads it. */
#ifndef PP_DEVICES_FILM_H
#define PP_DEVICES_FILM_H

#include "video/codec.h"

typedef struct pp_film pp_film;

/* PIPIT_ERR_MEDIA when it is no such file, PIPIT_ERR_NOT_SUPPORTED for another codec than ours or without libavformat, PIPIT_ERR_MEMORY. */
int pp_film_open(const char *path, pp_film **out);
pp_film *pp_film_close(pp_film *film);
const pp_video_codec_type *pp_film_codec(const pp_film *film);
/* The next picture, into `out`, which is cleared, and its time in microseconds. False at the end, or when it cannot be read. */
bool pp_film_read(pp_film *film, pp_buf *out, uint64_t *time_us);
bool pp_film_begin_again(pp_film *film);

#endif
