/* measure.h - what a process uses, and how long things took. */
#ifndef BENCH_MEDIA_MEASURE_H
#define BENCH_MEDIA_MEASURE_H

#include <stddef.h>
#include <stdint.h>

typedef struct bench_result {
    double cpu_percent;  /* of a core */
    double loop_percent; /* of it, what the loop's thread took */
    double octets;       /* of memory, for all legs */
    unsigned threads, descriptors;
    double setup_ms;      /* of one leg, the median of those made one by one */
    double latency_ms[3]; /* there and back: half, 99 % and 99.9 % of the packets took no longer */
    double lost_percent;
    uint64_t packets;            /* that came back, or came */
    double pictures, picture_ms; /* encoded in a second; how long one took */
} bench_result;

typedef struct bench_times { /* 10 us apart, up to a second */
    uint64_t counts[100000];
    uint64_t count;
} bench_times;

uint64_t bench_now_us(void);
double bench_cpu_seconds(void);
double bench_thread_cpu_seconds(void); /* of this thread alone */ /* of this process, all threads */
double bench_memory(void); /* octets that are this process's alone */
unsigned bench_threads(void);
unsigned bench_descriptors(void);
void bench_times_add(bench_times *times, uint64_t us);
double bench_times_ms(const bench_times *times,
                      double share); /* no longer than that took this share */
/* Something between a tone and a voice. */
void bench_sound(int16_t *out, size_t count, unsigned rate);
void bench_codecs(void); /* prints what encoding and decoding a second of sound takes */

#endif
