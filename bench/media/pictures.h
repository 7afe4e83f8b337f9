/* pictures.h - what is beside legs of sound: pictures of 1,280 x 720, thirty a second, that are encoded and go nowhere. */
#ifndef BENCH_MEDIA_PICTURES_H
#define BENCH_MEDIA_PICTURES_H

#include "base/loop.h"

typedef struct bench_pictures bench_pictures;

/* PIPIT_ERR_NOT_SUPPORTED without VP8. */
int bench_pictures_new(pipit_loop *loop, bench_pictures **out);
bench_pictures *bench_pictures_free(bench_pictures *pictures); /* NULL is fine; returns NULL */
/* A second, up to now: how many were encoded, and how long one took, ms. */
void bench_pictures_told(const bench_pictures *pictures, double *encoded, double *took_ms);

#endif
