/* resample.c - the door to speexdsp's resampler. */
#include "media/resample.h"

#include "base/alloc.h"
#include "base/error.h"

#include <speex/speex_resampler.h>
#include <string.h>

enum { QUALITY = 5 }; /* of 0 to 10: beyond this, speech does not gain */

struct pp_resampler {
    SpeexResamplerState *state; /* NULL: both rates are the same */
    unsigned from_rate, to_rate, channels;
};

/* speexdsp allocates by itself, and says only so when it cannot. */
static int open_state(pp_resampler *resampler)
{
    int error = RESAMPLER_ERR_SUCCESS;

    resampler->state = speex_resampler_init(resampler->channels, resampler->from_rate,
                                            resampler->to_rate, QUALITY, &error);
    if (resampler->state)
        return 0;
    if (error == RESAMPLER_ERR_ALLOC_FAILED)
        return pp_error(PIPIT_ERR_MEMORY, "resample: no memory for the filter");
    return pp_error(PIPIT_ERR_ARGUMENT, "resample: from %u to %u: %s", resampler->from_rate,
                    resampler->to_rate, speex_resampler_strerror(error));
}

int pp_resampler_new(unsigned from_rate, unsigned to_rate, unsigned channels, pp_resampler **out)
{
    pp_resampler *resampler = PP_NEW(pp_resampler);
    int err = 0;

    if (!resampler)
        return PIPIT_ERR_MEMORY;
    resampler->from_rate = from_rate;
    resampler->to_rate = to_rate;
    resampler->channels = channels;
    if (from_rate != to_rate)
        err = open_state(resampler);
    if (err) {
        pp_free(resampler);
        return err;
    }
    *out = resampler;
    return 0;
}

pp_resampler *pp_resampler_free(pp_resampler *resampler)
{
    if (resampler && resampler->state)
        speex_resampler_destroy(resampler->state);
    pp_free(resampler);
    return NULL;
}

size_t pp_resampler_bound(const pp_resampler *resampler, size_t count)
{
    return (size_t)((uint64_t)count * resampler->to_rate / resampler->from_rate) + 2;
}

size_t pp_resampler_run(pp_resampler *resampler, const int16_t *in, size_t count, int16_t *out,
                        size_t capacity)
{
    spx_uint32_t taken = (spx_uint32_t)count;
    spx_uint32_t given = (spx_uint32_t)capacity;

    if (!resampler->state) {
        size_t copied = count < capacity ? count : capacity;

        memcpy(out, in, copied * resampler->channels * sizeof(*out));
        return copied;
    }
    if (speex_resampler_process_interleaved_int(resampler->state, in, &taken, out, &given) !=
        RESAMPLER_ERR_SUCCESS)
        return 0;
    return given;
}
