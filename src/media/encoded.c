/* encoded.c - sources and sinks of encoded sound. */
#include "media/encoded.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/source.h"

#include <string.h>

enum { ANY_RATE = 8000 }; /* of the silence in place of samples */

static size_t read_silence(void *self, int16_t *samples, size_t count)
{
    (void)self;
    memset(samples, 0, count * sizeof(*samples));
    return count;
}

static void drop(void *self, const int16_t *samples, size_t count)
{
    (void)self;
    (void)samples;
    (void)count;
}

/* --- sources ---------------------------------------------------------------------------------- */

static const pipit_source_interface silent = {.read = read_silence};

static const pp_codec_type *named(const char *name)
{
    const pp_codec_type *type;

    for (size_t i = 0; (type = pp_codec_at(i)); i++)
        if (pp_str_ieq_c(pp_str_c(name), type->name))
            return type;
    return NULL;
}

int pipit_source_encoded(const char *codec, pipit_source **out)
{
    pipit_source *source;

    if (!codec || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "source: a codec and out are needed");
    if (!named(codec))
        return pp_error(PIPIT_ERR_MEDIA, "source: codec '%s' is unknown", codec);
    source = PP_NEW(pipit_source);
    if (!source)
        return PIPIT_ERR_MEMORY;
    *source = (pipit_source){.references = 1,
                             .functions = &silent,
                             .sample_rate = ANY_RATE,
                             .channels = 1,
                             .codec = named(codec)};
    *out = source;
    return 0;
}

int pipit_source_write(pipit_source *source, const pipit_audio_encoded *frame)
{
    pp_encoded_taker *next;

    if (!source || !source->codec || !frame || !frame->data || !frame->size)
        return pp_error(PIPIT_ERR_ARGUMENT, "source: one of encoded sound and a frame are needed");
    if (frame->size > PP_FRAME_BYTES_MAX)
        return pp_error(PIPIT_ERR_LIMIT, "source: a frame has at most %u octets",
                        PP_FRAME_BYTES_MAX);
    for (pp_encoded_taker *taker = source->takers; taker; taker = next) {
        next = taker->next;
        taker->take(taker->arg, frame);
    }
    return 0;
}

bool pp_source_is_encoded(const pipit_source *source)
{
    return source && source->codec;
}

const pp_codec_type *pp_source_codec(const pipit_source *source)
{
    return source->codec;
}

void pp_source_join(pipit_source *source, pp_encoded_taker *taker)
{
    taker->next = source->takers;
    source->takers = taker;
}

void pp_source_leave(pipit_source *source, pp_encoded_taker *taker)
{
    for (pp_encoded_taker **at = &source->takers; *at; at = &(*at)->next)
        if (*at == taker) {
            *at = taker->next;
            return;
        }
}

/* --- sinks ------------------------------------------------------------------------------------ */

typedef struct encoded_sink {
    const pipit_encoded_sink_interface *functions;
    void *self;
} encoded_sink;

static void write_encoded(void *arg, const pipit_audio_encoded *frame)
{
    const encoded_sink *sink = arg;

    sink->functions->write(sink->self, frame);
}

static void release(void *arg)
{
    encoded_sink *sink = arg;

    if (sink->functions->release)
        sink->functions->release(sink->self);
    pp_free(sink);
}

static const pipit_sink_interface encoded = {.write = drop, .release = release};

int pipit_sink_encoded(const pipit_encoded_sink_interface *functions, void *self, pipit_sink **out)
{
    encoded_sink *sink;
    int err;

    if (!functions || !functions->write || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "sink: functions, write and out are needed");
    sink = PP_NEW(encoded_sink);
    if (!sink)
        return PIPIT_ERR_MEMORY;
    *sink = (encoded_sink){functions, self};
    err = pipit_sink_new(&encoded, sink, ANY_RATE, out);
    if (err) {
        pp_free(sink);
        return err;
    }
    (*out)->write_encoded = write_encoded;
    (*out)->is_deaf = true;
    return 0;
}

bool pp_sink_is_encoded(const pipit_sink *sink)
{
    return sink && sink->is_deaf;
}

bool pp_sink_takes_encoded(const pipit_sink *sink)
{
    return sink && sink->write_encoded;
}

void pp_sink_write_encoded(pipit_sink *sink, const pipit_audio_encoded *frame)
{
    pipit_sink_ref(sink); /* the call may end in there */
    sink->write_encoded(sink->self, frame);
    pipit_sink_unref(sink);
}
