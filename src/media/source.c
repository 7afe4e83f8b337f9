/* source.c - sources and sinks: made from two functions, counted, read and written. */
#include "media/source.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/channels.h"
#include "media/codec.h"
#include "pipit/sound.h"

#include <string.h>

enum { SAMPLE_RATE_MIN = 8000, SAMPLE_RATE_MAX = 48000 };

static int check_sample_rate(const char *what, unsigned rate)
{
    if (rate < SAMPLE_RATE_MIN || rate > SAMPLE_RATE_MAX)
        return pp_error(PIPIT_ERR_ARGUMENT, "%s: sample rate %u is not within %d and %d", what,
                        rate, SAMPLE_RATE_MIN, SAMPLE_RATE_MAX);
    return 0;
}

int pp_source_new(const pipit_source_interface *functions, void *self, unsigned sample_rate,
                  unsigned channels, pipit_source **out)
{
    pipit_source *source;
    int err;

    if (!functions || !functions->read || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "source: functions, read and out are needed");
    if (!functions->position != !functions->received)
        return pp_error(PIPIT_ERR_ARGUMENT, "source: position and received go together");
    err = check_sample_rate("source", sample_rate);
    if (err)
        return err;
    source = PP_NEW(pipit_source);
    if (!source)
        return PIPIT_ERR_MEMORY;
    *source = (pipit_source){.references = 1,
                             .functions = functions,
                             .self = self,
                             .sample_rate = sample_rate,
                             .channels = channels};
    *out = source;
    return 0;
}

int pipit_source_new(const pipit_source_interface *functions, void *self, unsigned sample_rate,
                     pipit_source **out)
{
    return pp_source_new(functions, self, sample_rate, 1, out);
}

int pipit_source_new_stereo(const pipit_source_interface *functions, void *self,
                            unsigned sample_rate, pipit_source **out)
{
    return pp_source_new(functions, self, sample_rate, 2, out);
}

int pp_sink_new(const pipit_sink_interface *functions, void *self, unsigned sample_rate,
                unsigned channels, pipit_sink **out)
{
    pipit_sink *sink;
    int err;

    if (!functions || !functions->write || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "sink: functions, write and out are needed");
    err = check_sample_rate("sink", sample_rate);
    if (err)
        return err;
    sink = PP_NEW(pipit_sink);
    if (!sink)
        return PIPIT_ERR_MEMORY;
    *sink = (pipit_sink){.references = 1,
                         .functions = functions,
                         .self = self,
                         .sample_rate = sample_rate,
                         .channels = channels};
    *out = sink;
    return 0;
}

int pipit_sink_new(const pipit_sink_interface *functions, void *self, unsigned sample_rate,
                   pipit_sink **out)
{
    return pp_sink_new(functions, self, sample_rate, 1, out);
}

int pipit_sink_new_stereo(const pipit_sink_interface *functions, void *self, unsigned sample_rate,
                          pipit_sink **out)
{
    return pp_sink_new(functions, self, sample_rate, 2, out);
}

unsigned pipit_source_channels(const pipit_source *source)
{
    return source ? source->channels : 0;
}

unsigned pipit_sink_channels(const pipit_sink *sink)
{
    return sink ? sink->channels : 0;
}

/* As many channels as the source has. */
static void read_own(pipit_source *source, int16_t *samples, size_t count)
{
    size_t filled = source->ended ? 0 : source->functions->read(source->self, samples, count);
    size_t channels = source->channels;

    if (filled >= count)
        return;
    source->ended = true;
    memset(samples + filled * channels, 0, (count - filled) * channels * sizeof(*samples));
}

static void read_mixed(pipit_source *source, int16_t *samples, size_t count)
{
    int16_t both[PP_CHANNELS_MAX * PP_FRAME_SAMPLES_MAX];

    while (count) {
        size_t part = count < PP_FRAME_SAMPLES_MAX ? count : PP_FRAME_SAMPLES_MAX;

        read_own(source, both, part);
        pp_channels_mix(both, samples, part);
        samples += part;
        count -= part;
    }
}

void pp_source_read(pipit_source *source, int16_t *samples, size_t count)
{
    if (source->channels == 1)
        read_own(source, samples, count);
    else
        read_mixed(source, samples, count);
}

void pp_source_read_channels(pipit_source *source, unsigned channels, int16_t *samples,
                             size_t count)
{
    if (channels == source->channels) {
        read_own(source, samples, count);
        return;
    }
    pp_source_read(source, samples, count);
    if (channels > 1)
        pp_channels_spread(samples, count);
}

pipit_source *pp_source_positioned(pipit_source *source)
{
    while (source && source->giver)
        source = source->giver;
    return source && source->functions->position ? source : NULL;
}

void pp_sink_tell_captured(pipit_sink *sink, uint64_t time_us)
{
    if (sink && sink->functions->captured)
        sink->functions->captured(sink->self, time_us);
}

static void write_own(pipit_sink *sink, const int16_t *samples, size_t count)
{
    if (count)
        sink->functions->write(sink->self, samples, count);
}

/* From one channel to two, or from two to one. */
static void write_changed(pipit_sink *sink, const int16_t *samples, size_t count)
{
    int16_t changed[PP_CHANNELS_MAX * PP_FRAME_SAMPLES_MAX];
    unsigned from = sink->channels == 1 ? 2 : 1;

    while (count) {
        size_t part = count < PP_FRAME_SAMPLES_MAX ? count : PP_FRAME_SAMPLES_MAX;

        if (from == 2) {
            pp_channels_mix(samples, changed, part);
        } else {
            memcpy(changed, samples, part * sizeof(*samples));
            pp_channels_spread(changed, part);
        }
        write_own(sink, changed, part);
        samples += part * from;
        count -= part;
    }
}

void pp_sink_write_channels(pipit_sink *sink, unsigned channels, const int16_t *samples,
                            size_t count)
{
    if (channels == sink->channels)
        write_own(sink, samples, count);
    else
        write_changed(sink, samples, count);
}

void pp_sink_write(pipit_sink *sink, const int16_t *samples, size_t count)
{
    pp_sink_write_channels(sink, 1, samples, count);
}

static int check_place(const pipit_source *source)
{
    if (!source->place)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "source: it is no file, and has no places");
    return 0;
}

int pipit_source_seek(pipit_source *source, uint64_t position_ms)
{
    int err;

    if (!source)
        return pp_error(PIPIT_ERR_ARGUMENT, "source: source is needed");
    err = check_place(source);
    if (!err)
        err = source->place->seek(source->self, position_ms);
    if (!err)
        source->ended = false;
    return err;
}

int pipit_source_tell(const pipit_source *source, uint64_t *out)
{
    int err;

    if (!source || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "source: source and out are needed");
    err = check_place(source);
    if (!err)
        *out = source->place->tell(source->self);
    return err;
}

bool pipit_source_ended(const pipit_source *source)
{
    return source && source->ended;
}

pipit_source *pipit_source_ref(pipit_source *source)
{
    if (source)
        source->references++;
    return source;
}

pipit_source *pipit_source_unref(pipit_source *source)
{
    if (!source || --source->references)
        return NULL;
    if (source->functions->release)
        source->functions->release(source->self);
    pp_free(source);
    return NULL;
}

pipit_sink *pipit_sink_ref(pipit_sink *sink)
{
    if (sink)
        sink->references++;
    return sink;
}

pipit_sink *pipit_sink_unref(pipit_sink *sink)
{
    if (!sink || --sink->references)
        return NULL;
    if (sink->functions->release)
        sink->functions->release(sink->self);
    pp_free(sink);
    return NULL;
}
