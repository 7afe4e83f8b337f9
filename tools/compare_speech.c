/* compare_speech.c - a test's ear: does a recording hold what was played?
 * usage: compare_speech PLAYED RECORDED [--min-similarity X] [--max-delay-ms N] [--max-level-db N]
 * Prints one line. Exit status: 0 within all bounds, 1 beyond one, 2 when it could not be told. */
#include "speech_similarity.h"

#include "base/buf.h"
#include "media/resample.h"
#include "media/source.h"
#include "pipit/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SAMPLES_MAX = 120 * SPEECH_RATE,
    PART = 480,
    RESAMPLED_MAX = PART + 2
}; /* two minutes are plenty */

struct bounds {
    double min_similarity, max_delay_ms, max_level_db;
};

static int append_part(pipit_source *source, pp_resampler *resampler, pp_buf *out)
{
    int16_t samples[PART], resampled[RESAMPLED_MAX];
    size_t count;

    pp_source_read(source, samples, PART);
    count = pp_resampler_run(resampler, samples, PART, resampled, RESAMPLED_MAX);
    pp_buf_add(out, resampled, count * sizeof(*resampled));
    return pp_buf_error(out);
}

/* The whole file as samples at SPEECH_RATE. */
static int read_speech(const char *path, pp_buf *out)
{
    pipit_source *source = NULL;
    pp_resampler *resampler = NULL;
    int err = pipit_source_file(path, false, &source);

    if (!err)
        err = pp_resampler_new(source->sample_rate, SPEECH_RATE, 1, &resampler);
    while (!err && !pipit_source_ended(source) && out->n < SAMPLES_MAX * sizeof(int16_t))
        err = append_part(source, resampler, out);
    pp_resampler_free(resampler);
    pipit_source_unref(source);
    return err;
}

static int compare_files(const char *played_path, const char *recorded_path, speech_comparison *out)
{
    pp_buf played = {0}, recorded = {0};
    int err = read_speech(played_path, &played);

    if (!err)
        err = read_speech(recorded_path, &recorded);
    if (!err)
        err = compare_speech((const int16_t *)(const void *)played.p, played.n / sizeof(int16_t),
                             (const int16_t *)(const void *)recorded.p,
                             recorded.n / sizeof(int16_t), out);
    pp_buf_free(&played);
    pp_buf_free(&recorded);
    return err;
}

static bool read_bound(const char *name, const char *value, struct bounds *bounds)
{
    char *end = NULL;
    double number = strtod(value, &end);

    if (end == value || *end)
        return false;
    if (!strcmp(name, "--min-similarity"))
        bounds->min_similarity = number;
    else if (!strcmp(name, "--max-delay-ms"))
        bounds->max_delay_ms = number;
    else if (!strcmp(name, "--max-level-db"))
        bounds->max_level_db = number;
    else
        return false;
    return true;
}

static bool is_within(const speech_comparison *found, const struct bounds *bounds)
{
    return found->similarity >= bounds->min_similarity &&
           fabs(found->delay_ms) <= bounds->max_delay_ms &&
           fabs(found->level_db) <= bounds->max_level_db;
}

int main(int argc, char **argv)
{
    struct bounds bounds = {0, INFINITY, INFINITY};
    speech_comparison found;
    bool usable = argc >= 3 && argc % 2 == 1;

    for (int i = 3; usable && i + 1 < argc; i += 2)
        usable = read_bound(argv[i], argv[i + 1], &bounds);
    if (!usable) {
        fprintf(stderr,
                "usage: %s PLAYED RECORDED [--min-similarity X] [--max-delay-ms N] [--max-level-db "
                "N]\n",
                argv[0]);
        return 2;
    }
    if (compare_files(argv[1], argv[2], &found) < 0) {
        fprintf(stderr, "compare_speech: %s\n", pipit_error_message());
        return 2;
    }
    printf("similarity %.3f, delay %.0f ms, level %+.1f dB: %s\n", found.similarity, found.delay_ms,
           found.level_db, is_within(&found, &bounds) ? "within bounds" : "out of bounds");
    return is_within(&found, &bounds) ? 0 : 1;
}
