/* tee.c - a sink that writes to two, each at its own rate. */
#include "media/source.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/resample.h"

enum { CHUNK = 480, RESAMPLED_MAX = CHUNK * 6 + 2 }; /* at most from 8,000 to 48,000 */

struct tee {
    pipit_sink *first, *second;
    pp_resampler *resampler; /* from the first's rate to the second's */
};

static void write_second(struct tee *tee, const int16_t *samples, size_t count)
{
    int16_t resampled[RESAMPLED_MAX];

    for (size_t at = 0; at < count; at += CHUNK) {
        size_t part = count - at < CHUNK ? count - at : CHUNK;
        size_t given =
            pp_resampler_run(tee->resampler, samples + at, part, resampled, RESAMPLED_MAX);

        pp_sink_write(tee->second, resampled, given);
    }
}

static void write_tee(void *self, const int16_t *samples, size_t count)
{
    struct tee *tee = self;

    pp_sink_write(tee->first, samples, count);
    if (tee->second)
        write_second(tee, samples, count);
}

static void release_tee(void *self)
{
    struct tee *tee = self;

    pipit_sink_unref(tee->first);
    pipit_sink_unref(tee->second);
    pp_resampler_free(tee->resampler);
    pp_free(tee);
}

int pipit_sink_tee(pipit_sink *first, pipit_sink *second, pipit_sink **out)
{
    static const pipit_sink_interface functions = {write_tee, release_tee};
    struct tee *tee;
    int err = 0;

    if (!first || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "tee: first and out are needed");
    tee = PP_NEW(struct tee);
    if (!tee)
        return PIPIT_ERR_MEMORY;
    tee->first = pipit_sink_ref(first);
    tee->second = pipit_sink_ref(second);
    if (second)
        err = pp_resampler_new(first->sample_rate, second->sample_rate, &tee->resampler);
    if (!err)
        err = pipit_sink_new(&functions, tee, first->sample_rate, out);
    if (err)
        release_tee(tee);
    return err;
}
