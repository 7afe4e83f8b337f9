/* measure.c - figures of the process, as the system counts them. */
#include "measure.h"

#include "media/codec.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

uint64_t bench_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static double cpu_seconds(int whose)
{
    struct rusage usage;

    getrusage(whose, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double bench_cpu_seconds(void)
{
    return cpu_seconds(RUSAGE_SELF);
}

double bench_thread_cpu_seconds(void)
{
    return cpu_seconds(RUSAGE_THREAD);
}

static double line_of(const char *path, const char *name)
{
    FILE *file = fopen(path, "r");
    char line[256];
    double sum = 0;

    while (file && fgets(line, sizeof(line), file))
        if (strncmp(line, name, strlen(name)) == 0)
            sum += strtod(line + strlen(name), NULL);
    if (file)
        fclose(file);
    return sum;
}

double bench_memory(void)
{
    return (line_of("/proc/self/smaps_rollup", "Private_Dirty:") +
            line_of("/proc/self/smaps_rollup", "Private_Clean:")) *
           1024;
}

unsigned bench_threads(void)
{
    return (unsigned)line_of("/proc/self/status", "Threads:");
}

unsigned bench_descriptors(void)
{
    DIR *all = opendir("/proc/self/fd");
    unsigned count = 0;

    while (all && readdir(all))
        count++;
    if (all)
        closedir(all);
    return count > 3 ? count - 3 : 0; /* ".", ".." and this one */
}

void bench_times_add(bench_times *times, uint64_t us)
{
    size_t most = sizeof(times->counts) / sizeof(times->counts[0]) - 1;
    size_t at = (size_t)(us / 10);

    times->counts[at < most ? at : most]++;
    times->count++;
}

double bench_times_ms(const bench_times *times, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)times->count), seen = 0;
    size_t i = 0;

    for (; i < sizeof(times->counts) / sizeof(times->counts[0]); i++) {
        seen += times->counts[i];
        if (seen > wanted)
            break;
    }
    return (double)(i + 1) / 100;
}

/* --- codecs ----------------------------------------------------------------------------------- */

/* Two tones that come and go. */
void bench_sound(int16_t *out, size_t count, unsigned rate)
{
    for (size_t i = 0; i < count; i++) {
        double t = (double)i / rate;

        out[i] = (int16_t)(6000 * sin(2763 * t) * sin(19 * t) + 4000 * sin(7539 * t) * sin(33 * t));
    }
}

static void time_codec(const pp_codec_type *type)
{
    enum { SECONDS = 10, FRAMES = SECONDS * 50 };
    size_t count = type->sample_rate / 50;
    int16_t *sound = calloc(FRAMES * count, sizeof(*sound)), decoded[2 * PP_FRAME_SAMPLES_MAX];
    const pipit_opus_options options = {0};
    uint8_t packet[PP_FRAME_BYTES_MAX];
    double encoding = 0, decoding = 0, at;
    pp_codec *codec = NULL;

    if (!sound || pp_codec_open(type, PP_STR_NONE, &codec) != 0)
        exit(1);
    if (codec->configure)
        codec->configure(codec, &options);
    bench_sound(sound, FRAMES * count, type->sample_rate);
    for (size_t i = 0; i < FRAMES; i++) {
        int size;

        at = bench_cpu_seconds();
        size = codec->encode(codec, sound + i * count, count, 0, packet, sizeof(packet));
        encoding += bench_cpu_seconds() - at;
        at = bench_cpu_seconds();
        if (size > 0)
            codec->decode(codec, packet, (size_t)size, false, decoded,
                          sizeof(decoded) / sizeof(decoded[0]));
        decoding += bench_cpu_seconds() - at;
    }
    printf("%-6s %9.4f %9.4f\n", type->name, encoding * 100 / SECONDS, decoding * 100 / SECONDS);
    pp_codec_close(codec);
    free(sound);
}

void bench_codecs(void)
{
    for (size_t i = 0; pp_codec_at(i); i++)
        time_codec(pp_codec_at(i));
}
