/* source.c - sources and sinks: made from two functions, counted, read and written. */
#include "media/source.h"

#include "base/alloc.h"
#include "base/error.h"
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

int pipit_source_new(const pipit_source_interface *functions, void *self, unsigned sample_rate,
                     pipit_source **out)
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
    *source = (pipit_source){
        .references = 1, .functions = functions, .self = self, .sample_rate = sample_rate};
    *out = source;
    return 0;
}

int pipit_sink_new(const pipit_sink_interface *functions, void *self, unsigned sample_rate,
                   pipit_sink **out)
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
    *sink = (pipit_sink){
        .references = 1, .functions = functions, .self = self, .sample_rate = sample_rate};
    *out = sink;
    return 0;
}

void pp_source_read(pipit_source *source, int16_t *samples, size_t count)
{
    size_t filled = source->ended ? 0 : source->functions->read(source->self, samples, count);

    if (filled >= count)
        return;
    source->ended = true;
    memset(samples + filled, 0, (count - filled) * sizeof(*samples));
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

void pp_sink_write(pipit_sink *sink, const int16_t *samples, size_t count)
{
    if (count)
        sink->functions->write(sink->self, samples, count);
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
