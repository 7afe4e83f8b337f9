/* tee.c - one sound to two places, each at its own rate. */
#include "base/alloc.h"
#include "base/error.h"
#include "media/encoded.h"
#include "media/outlet.h"
#include "media/source.h"
#include "pipit/sound.h"

#include <string.h>

/* --- a sink to two ---------------------------------------------------------------------------- */

struct tee {
    pipit_sink *first; /* hears samples, if either does */
    pp_outlet second;
};

static void write_tee(void *self, const int16_t *samples, size_t count)
{
    struct tee *tee = self;

    pp_sink_write_channels(tee->first, tee->first->channels, samples, count);
    pp_outlet_write(&tee->second, samples, count);
}

static void captured_tee(void *self, uint64_t time_us)
{
    struct tee *tee = self;

    pp_sink_tell_captured(tee->first, time_us);
    pp_sink_tell_captured(tee->second.sink, time_us);
}

static void write_tee_encoded(void *self, const pipit_audio_encoded *frame)
{
    struct tee *tee = self;

    if (pp_sink_takes_encoded(tee->first))
        pp_sink_write_encoded(tee->first, frame);
    if (pp_sink_takes_encoded(tee->second.sink))
        pp_sink_write_encoded(tee->second.sink, frame);
}

static void release_tee(void *self)
{
    struct tee *tee = self;

    pipit_sink_unref(tee->first);
    pp_outlet_close(&tee->second);
    pp_free(tee);
}

/* Rate and channels are those of the first, unless it is one of encoded sound: then the other one's count. */
static int open_tee(struct tee *tee, pipit_sink *first, pipit_sink *second, pipit_sink **out)
{
    static const pipit_sink_interface functions = {
        .write = write_tee, .release = release_tee, .captured = captured_tee};
    bool swap = pp_sink_is_encoded(first) && second;
    int err;

    tee->first = pipit_sink_ref(swap ? second : first);
    err = pp_outlet_set(&tee->second, swap ? first : second, tee->first->sample_rate,
                        tee->first->channels);
    if (!err)
        err = pp_sink_new(&functions, tee, tee->first->sample_rate, tee->first->channels, out);
    if (err)
        return err;
    if (pp_sink_takes_encoded(first) || pp_sink_takes_encoded(second))
        (*out)->write_encoded = write_tee_encoded;
    (*out)->is_deaf = pp_sink_is_encoded(first) && (!second || pp_sink_is_encoded(second));
    return 0;
}

int pipit_sink_tee(pipit_sink *first, pipit_sink *second, pipit_sink **out)
{
    struct tee *tee;
    int err;

    if (!first || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "tee: first and out are needed");
    tee = PP_NEW(struct tee);
    if (!tee)
        return PIPIT_ERR_MEMORY;
    err = open_tee(tee, first, second, out);
    if (err)
        release_tee(tee);
    return err;
}

/* --- a source that is heard elsewhere --------------------------------------------------------- */

struct tap {
    pipit_source *source; /* NULL: silence */
    pp_outlet outlet;
};

static size_t read_tap(void *self, int16_t *samples, size_t count)
{
    struct tap *tap = self;

    if (pipit_source_ended(tap->source))
        return 0;
    if (tap->source)
        pp_source_read_channels(tap->source, tap->outlet.channels, samples, count);
    else
        memset(samples, 0, count * tap->outlet.channels * sizeof(*samples));
    pp_outlet_write(&tap->outlet, samples, count);
    return count;
}

static void release_tap(void *self)
{
    struct tap *tap = self;

    pipit_source_unref(tap->source);
    pp_outlet_close(&tap->outlet);
    pp_free(tap);
}

int pipit_source_tap(pipit_source *source, pipit_sink *sink, pipit_source **out)
{
    static const pipit_source_interface functions = {.read = read_tap, .release = release_tap};
    struct tap *tap;
    unsigned rate, channels;
    int err;

    if (!sink || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "tap: sink and out are needed");
    tap = PP_NEW(struct tap);
    if (!tap)
        return PIPIT_ERR_MEMORY;
    rate = source ? source->sample_rate : sink->sample_rate;
    channels = source ? source->channels : 1;
    tap->source = pipit_source_ref(source);
    err = pp_outlet_set(&tap->outlet, sink, rate, channels);
    if (!err)
        err = pp_source_new(&functions, tap, rate, channels, out);
    if (err)
        release_tap(tap);
    else
        (*out)->giver = source;
    return err;
}
