/* sound_encoding.c - packets through the encoder. What `run` touches is left alone by all else as long as it is under way. */
#include "media/sound_encoding.h"

#include "base/alloc.h"
#include "base/error.h"

#include <string.h>

enum { SAMPLES_MAX = PP_FRAME_SAMPLES_MAX * PP_PACKET_MS_MAX / PP_FRAME_MS };

struct pp_sound_encoding {
    pp_work work;
    pp_sound_encoding_options options;
    pp_codec *codec;
    const int16_t *samples;
    size_t count;
    double expected_loss;
    int16_t *copied; /* room for the longest packet; NULL: none had to be copied */
    bool is_done;    /* and nobody has taken it */
    int size;        /* of what was made, or an error */
    uint8_t payload[PP_FRAME_BYTES_MAX];
};

/* Maybe on another thread. */
static void run(void *arg)
{
    pp_sound_encoding *e = arg;

    e->size = e->codec->encode(e->codec, e->samples, e->count, e->expected_loss, e->payload,
                               sizeof(e->payload));
}

static void destroy(void *arg)
{
    pp_sound_encoding *e = arg;

    pp_codec_close(e->codec);
    pp_free(e->copied);
    pp_free(e);
}

static void done(void *arg)
{
    pp_sound_encoding *e = arg;

    e->is_done = true;
    e->options.ready(e->options.arg);
}

int pp_sound_encoding_new(pp_codec *codec, const pp_sound_encoding_options *options,
                          pp_sound_encoding **out)
{
    pp_sound_encoding *e = PP_NEW(pp_sound_encoding);

    if (!e) {
        pp_codec_close(codec);
        return PIPIT_ERR_MEMORY;
    }
    e->codec = codec;
    e->options = *options;
    e->work = (pp_work){.run = run, .done = done, .arg = e};
    *out = e;
    return 0;
}

pp_sound_encoding *pp_sound_encoding_free(pp_sound_encoding *e)
{
    if (e)
        pp_work_leave(&e->work, destroy);
    return NULL;
}

static int copy(pp_sound_encoding *e)
{
    if (!e->copied)
        e->copied = pp_array((size_t)SAMPLES_MAX * e->options.channels, sizeof(*e->copied));
    if (!e->copied)
        return PIPIT_ERR_MEMORY;
    memcpy(e->copied, e->samples, e->count * e->options.channels * sizeof(*e->samples));
    e->samples = e->copied;
    return 0;
}

int pp_sound_encoding_begin(pp_sound_encoding *e, const int16_t *samples, size_t count,
                            double expected_loss)
{
    bool goes = e->codec->type->is_costly && pp_work_goes_away(e->options.loop);
    int err = 0;

    e->samples = samples;
    e->count = count;
    e->expected_loss = expected_loss;
    if (goes)
        err = copy(e);
    if (err)
        return err;
    e->is_done = pp_work_start(goes ? e->options.loop : NULL, &e->work);
    return 0;
}

bool pp_sound_encoding_is_busy(const pp_sound_encoding *e)
{
    return e && (e->work.under_way || e->is_done);
}

bool pp_sound_encoding_is_done(const pp_sound_encoding *e)
{
    return e && e->is_done;
}

bool pp_sound_encoding_take(pp_sound_encoding *e, pp_sound_encoding_result *out)
{
    if (!pp_sound_encoding_is_done(e))
        return false;
    e->is_done = false;
    *out = (pp_sound_encoding_result){
        .err = e->size < 0 ? e->size : 0,
        .payload = pp_str_n(e->payload, e->size > 0 ? (size_t)e->size : 0),
    };
    return true;
}
