/* meter.c - a source or sink that passes sound on and tells how loud it is, and whether somebody speaks. */
#include "pipit/sound.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/level.h"
#include "media/source.h"
#include "media/voice.h"

#include <math.h>

enum {
    RATE_DEFAULT = 16000,
    INTERVAL_MS_DEFAULT = 100,
    INTERVAL_MS_MAX = 60000,
    MARGIN_DB_DEFAULT = 10,
    MARGIN_DB_MAX = 60,
    ONSET_MS_DEFAULT = 60,
    HANGOVER_MS_DEFAULT = 400
};

struct meter {
    pipit_source *source; /* one of both, or none */
    pipit_sink *sink;
    const pipit_meter_handlers *handlers;
    void *user;
    unsigned channels;
    size_t interval, count; /* samples of each */
    double squares;         /* of `count` samples: their sum */
    pp_voice voice;
};

static void measure(struct meter *meter, const int16_t *samples, size_t count)
{
    double power = pp_level_mean_square(samples, count * meter->channels), level;
    bool changed = pp_voice_add_power(&meter->voice, power, count);

    meter->squares += power * (double)count;
    meter->count += count;
    if (changed && meter->handlers->voice)
        meter->handlers->voice(meter->voice.speaking, meter->user);
    if (meter->count < meter->interval)
        return;
    level = sqrt(meter->squares / (double)meter->count);
    meter->squares = 0;
    meter->count = 0;
    if (meter->handlers->level)
        meter->handlers->level(level, meter->user);
}

static size_t read_meter(void *self, int16_t *samples, size_t count)
{
    struct meter *meter = self;

    if (pipit_source_ended(meter->source))
        return 0;
    pp_source_read_channels(meter->source, meter->channels, samples, count);
    measure(meter, samples, count);
    return count;
}

static void write_meter(void *self, const int16_t *samples, size_t count)
{
    struct meter *meter = self;

    if (meter->sink)
        pp_sink_write_channels(meter->sink, meter->channels, samples, count);
    measure(meter, samples, count);
}

static void captured_meter(void *self, uint64_t time_us)
{
    struct meter *meter = self;

    pp_sink_tell_captured(meter->sink, time_us);
}

static void release(void *self)
{
    struct meter *meter = self;

    pipit_source_unref(meter->source);
    pipit_sink_unref(meter->sink);
    pp_free(meter);
}

static int check(const pipit_meter_options *options)
{
    if (!options || !options->handlers)
        return pp_error(PIPIT_ERR_ARGUMENT, "meter: handlers are needed");
    if (options->interval_ms > INTERVAL_MS_MAX || options->onset_ms > INTERVAL_MS_MAX ||
        options->hangover_ms > INTERVAL_MS_MAX)
        return pp_error(PIPIT_ERR_ARGUMENT, "meter: a time of more than %d ms", INTERVAL_MS_MAX);
    if (!(options->margin_db >= 0 && options->margin_db <= MARGIN_DB_MAX))
        return pp_error(PIPIT_ERR_ARGUMENT, "meter: margin_db is not within 0 and %d",
                        MARGIN_DB_MAX);
    return 0;
}

static unsigned or_default(unsigned value, unsigned otherwise)
{
    return value ? value : otherwise;
}

static int meter_new(const pipit_meter_options *options, unsigned rate, struct meter **out)
{
    struct meter *meter;
    int err = check(options);

    if (err)
        return err;
    meter = PP_NEW(struct meter);
    if (!meter)
        return PIPIT_ERR_MEMORY;
    meter->handlers = options->handlers;
    meter->user = options->user;
    meter->interval = rate / 1000 * or_default(options->interval_ms, INTERVAL_MS_DEFAULT);
    pp_voice_init(&meter->voice, options->margin_db > 0 ? options->margin_db : MARGIN_DB_DEFAULT,
                  rate / 1000 * or_default(options->onset_ms, ONSET_MS_DEFAULT),
                  rate / 1000 * or_default(options->hangover_ms, HANGOVER_MS_DEFAULT));
    *out = meter;
    return 0;
}

int pipit_source_meter(pipit_source *source, const pipit_meter_options *options, pipit_source **out)
{
    static const pipit_source_interface functions = {.read = read_meter, .release = release};
    struct meter *meter = NULL;
    int err;

    if (!source || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "meter: source and out are needed");
    err = meter_new(options, source->sample_rate, &meter);
    if (err)
        return err;
    meter->source = pipit_source_ref(source);
    meter->channels = source->channels;
    err = pp_source_new(&functions, meter, source->sample_rate, source->channels, out);
    if (err)
        release(meter);
    else
        (*out)->giver = source;
    return err;
}

int pipit_sink_meter(pipit_sink *sink, const pipit_meter_options *options, pipit_sink **out)
{
    static const pipit_sink_interface functions = {
        .write = write_meter, .release = release, .captured = captured_meter};
    unsigned rate = sink ? sink->sample_rate : RATE_DEFAULT;
    struct meter *meter = NULL;
    int err;

    if (!out)
        return pp_error(PIPIT_ERR_ARGUMENT, "meter: out is needed");
    err = meter_new(options, rate, &meter);
    if (err)
        return err;
    meter->sink = pipit_sink_ref(sink);
    meter->channels = sink ? sink->channels : 1;
    err = pp_sink_new(&functions, meter, rate, meter->channels, out);
    if (err)
        release(meter);
    return err;
}
