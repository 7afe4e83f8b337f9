/* outlet.c - writing to a sink from the rate somebody else has. */
#include "media/outlet.h"

#include "media/codec.h"
#include "media/encoded.h"

int pp_outlet_set(pp_outlet *outlet, pipit_sink *sink, unsigned rate)
{
    pp_resampler *resampler = NULL;
    int err;

    if (outlet->sink == sink && outlet->rate == rate)
        return 0;
    err = sink && !pp_sink_is_encoded(sink) ? pp_resampler_new(rate, sink->sample_rate, &resampler)
                                            : 0;
    if (err)
        return err;
    pp_resampler_free(outlet->resampler);
    outlet->resampler = resampler;
    pipit_sink_ref(sink);
    pipit_sink_unref(outlet->sink);
    outlet->sink = sink;
    outlet->rate = rate;
    return 0;
}

/* The sink is the application's: it may have set another one when it returns. */
static void write_part(pp_outlet *outlet, const int16_t *samples, size_t count)
{
    int16_t resampled[PP_FRAME_SAMPLES_MAX + 2];
    pipit_sink *sink = pipit_sink_ref(outlet->sink);

    if (sink && outlet->resampler)
        pp_sink_write(sink, resampled,
                      pp_resampler_run(outlet->resampler, samples, count, resampled,
                                       PP_FRAME_SAMPLES_MAX + 2));
    pipit_sink_unref(sink);
}

void pp_outlet_write(pp_outlet *outlet, const int16_t *samples, size_t count)
{
    while (count && outlet->sink) {
        size_t most = outlet->rate * PP_FRAME_MS / 1000;
        size_t part = count < most ? count : most;

        write_part(outlet, samples, part);
        samples += part;
        count -= part;
    }
}

void pp_outlet_close(pp_outlet *outlet)
{
    pp_resampler_free(outlet->resampler);
    pipit_sink_unref(outlet->sink);
    *outlet = (pp_outlet){0};
}
