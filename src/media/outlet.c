/* outlet.c - writing to a sink from the rate somebody else has. */
#include "media/outlet.h"

#include "media/channels.h"
#include "media/codec.h"
#include "media/encoded.h"

/* Nobody resamples what is not heard: two channels for one are mixed before, and one for two is doubled behind. */
static unsigned channels_between(const pipit_sink *sink, unsigned channels)
{
    return sink && sink->channels < channels ? sink->channels : channels;
}

int pp_outlet_set(pp_outlet *outlet, pipit_sink *sink, unsigned rate, unsigned channels)
{
    pp_resampler *resampler = NULL;
    int err;

    if (outlet->sink == sink && outlet->rate == rate && outlet->channels == channels)
        return 0;
    err = sink && !pp_sink_is_encoded(sink)
              ? pp_resampler_new(rate, sink->sample_rate, channels_between(sink, channels),
                                 &resampler)
              : 0;
    if (err)
        return err;
    pp_resampler_free(outlet->resampler);
    outlet->resampler = resampler;
    pipit_sink_ref(sink);
    pipit_sink_unref(outlet->sink);
    outlet->sink = sink;
    outlet->rate = rate;
    outlet->channels = channels;
    return 0;
}

/* The sink is the application's: it may have set another one when it returns. */
static void write_part(pp_outlet *outlet, const int16_t *samples, size_t count)
{
    int16_t mixed[PP_FRAME_SAMPLES_MAX], resampled[PP_CHANNELS_MAX * (PP_FRAME_SAMPLES_MAX + 2)];
    pipit_sink *sink = pipit_sink_ref(outlet->sink);
    unsigned channels = channels_between(sink, outlet->channels);

    if (channels < outlet->channels) {
        pp_channels_mix(samples, mixed, count);
        samples = mixed;
    }
    if (sink && outlet->resampler)
        pp_sink_write_channels(sink, channels, resampled,
                               pp_resampler_run(outlet->resampler, samples, count, resampled,
                                                PP_FRAME_SAMPLES_MAX + 2));
    pipit_sink_unref(sink);
}

void pp_outlet_write(pp_outlet *outlet, const int16_t *samples, size_t count)
{
    unsigned channels = outlet->channels;

    while (count && outlet->sink) {
        size_t most = outlet->rate * PP_FRAME_MS / 1000;
        size_t part = count < most ? count : most;

        write_part(outlet, samples, part);
        samples += part * channels;
        count -= part;
    }
}

void pp_outlet_close(pp_outlet *outlet)
{
    pp_resampler_free(outlet->resampler);
    pipit_sink_unref(outlet->sink);
    *outlet = (pp_outlet){0};
}
