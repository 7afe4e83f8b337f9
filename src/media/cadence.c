/* cadence.c - tones in a rhythm, and the names of those that tell how a call goes (ITU-T E.180). */
#include "pipit/sound.h"

#include "base/alloc.h"
#include "base/error.h"

#include <math.h>
#include <string.h>

enum {
    SAMPLE_RATE = 16000,
    PARTS_MAX = 16,
    VOICES = 4,
    DURATION_MS_MIN = 10,
    RAMP = SAMPLE_RATE / 200
};

static const double pi = 3.14159265358979323846;

struct part {
    double steps[VOICES]; /* radians a sample; 0: none */
    size_t length;        /* samples */
};

struct cadence {
    double amplitude;
    size_t part_count, part, at; /* where it stands */
    struct part parts[PARTS_MAX];
};

/* Each part rises and falls within 5 ms, so that it does not crack; one alone goes on and on. */
static double ramp(const struct cadence *cadence)
{
    size_t left = cadence->parts[cadence->part].length - cadence->at;
    size_t edge = cadence->at < left ? cadence->at : left;

    return edge < RAMP && cadence->part_count > 1 ? (double)edge / RAMP : 1;
}

static int16_t sample_at(const struct cadence *cadence)
{
    const struct part *part = &cadence->parts[cadence->part];
    double sum = 0;

    for (size_t i = 0; i < VOICES && part->steps[i] > 0; i++)
        sum += sin(fmod(part->steps[i] * (double)cadence->at, 2 * pi));
    sum *= cadence->amplitude * ramp(cadence);
    return (int16_t)lrint(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
}

static size_t read_cadence(void *self, int16_t *samples, size_t count)
{
    struct cadence *cadence = self;

    for (size_t i = 0; i < count; i++) {
        samples[i] = sample_at(cadence);
        if (++cadence->at < cadence->parts[cadence->part].length)
            continue;
        cadence->at = 0;
        cadence->part = (cadence->part + 1) % cadence->part_count;
    }
    return count;
}

static int read_part(const pipit_tone_part *given, struct part *out)
{
    size_t voices = 0;

    if (given->duration_ms < DURATION_MS_MIN || given->duration_ms > 60 * 60 * 1000)
        return pp_error(PIPIT_ERR_ARGUMENT, "cadence: a part of %u ms", given->duration_ms);
    out->length = (size_t)given->duration_ms * (SAMPLE_RATE / 1000);
    for (size_t i = 0; i < VOICES; i++) {
        if (given->frequencies[i] > SAMPLE_RATE / 2)
            return pp_error(PIPIT_ERR_ARGUMENT, "cadence: %u Hz is more than %d",
                            given->frequencies[i], SAMPLE_RATE / 2);
        if (given->frequencies[i])
            out->steps[voices++] = 2 * pi * given->frequencies[i] / SAMPLE_RATE;
    }
    return 0;
}

int pipit_source_cadence(const pipit_tone_part *parts, size_t count, double level_dbfs,
                         pipit_source **out)
{
    static const pipit_source_interface functions = {.read = read_cadence, .release = pp_free};
    struct cadence *cadence;
    int err = 0;

    if (!parts || !count || count > PARTS_MAX || !(level_dbfs <= 0) || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "cadence: 1 to %d parts and a level up to 0 dBFS are needed", PARTS_MAX);
    cadence = PP_NEW(struct cadence);
    if (!cadence)
        return PIPIT_ERR_MEMORY;
    cadence->amplitude = 32767 * pow(10, level_dbfs / 20);
    cadence->part_count = count;
    for (size_t i = 0; i < count && !err; i++)
        err = read_part(&parts[i], &cadence->parts[i]);
    if (!err)
        err = pipit_source_new(&functions, cadence, SAMPLE_RATE, out);
    if (err)
        pp_free(cadence);
    return err;
}

/* --- names ------------------------------------------------------------------------------------ */

static const struct call_progress {
    const char *name;
    size_t count;
    pipit_tone_part parts[4];
} tones[] = {
    {"ringback", 2, {{{425}, 1000}, {{0}, 4000}}},
    {"busy", 2, {{{425}, 500}, {{0}, 500}}},
    {"congestion", 2, {{{425}, 200}, {{0}, 200}}},
    {"dial", 1, {{{425}, 1000}}},
    {"waiting", 4, {{{425}, 200}, {{0}, 200}, {{425}, 200}, {{0}, 9000}}},
    {"us-ringback", 2, {{{440, 480}, 2000}, {{0}, 4000}}},
    {"us-busy", 2, {{{480, 620}, 500}, {{0}, 500}}},
    {"us-congestion", 2, {{{480, 620}, 250}, {{0}, 250}}},
    {"us-dial", 1, {{{350, 440}, 1000}}},
    {"us-waiting", 2, {{{440}, 300}, {{0}, 9700}}},
    {"uk-ringback", 4, {{{400, 450}, 400}, {{0}, 200}, {{400, 450}, 400}, {{0}, 2000}}},
    {"uk-busy", 2, {{{400}, 375}, {{0}, 375}}},
    {"uk-congestion", 4, {{{400}, 400}, {{0}, 350}, {{400}, 225}, {{0}, 525}}},
    {"uk-dial", 1, {{{350, 440}, 1000}}},
};

int pipit_source_call_progress(const char *name, pipit_source **out)
{
    static const double level_dbfs = -22; /* each of two frequencies; together -19 */

    if (!name || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "call progress: name and out are needed");
    for (size_t i = 0; i < sizeof(tones) / sizeof(*tones); i++)
        if (strcmp(tones[i].name, name) == 0)
            return pipit_source_cadence(tones[i].parts, tones[i].count, level_dbfs, out);
    return pp_error(PIPIT_ERR_NOT_FOUND, "call progress: there is no tone '%s'", name);
}
