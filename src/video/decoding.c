/* decoding.c - pictures through the decoder. What `run` touches is left alone by all else as long as it is under way. */
#include "video/decoding.h"

#include "base/alloc.h"
#include "base/error.h"

struct pp_decoding {
    pp_work work;
    pp_decoding_options options;
    const pp_video_codec_type *type;
    bool begins; /* what the decoder knows is of no use */
    pp_video_decoder *decoder;
    pp_buf data;
    bool is_done; /* and nobody has taken it */
    bool is_stale;
    int err;
    pipit_video_frame frame;
};

/* --- maybe on another thread ------------------------------------------------------------------ */

static int decode(pp_decoding *d)
{
    int err = 0;

    if (d->begins)
        d->decoder = pp_video_decoder_close(d->decoder);
    d->begins = false;
    if (!d->decoder)
        err = d->type->open_decoder(&d->decoder);
    if (err)
        return err;
    return d->decoder->decode(d->decoder, (const uint8_t *)d->data.p, d->data.n, &d->frame);
}

static void run(void *arg)
{
    pp_decoding *d = arg;

    d->frame = (pipit_video_frame){0};
    d->err = decode(d);
}

/* --- on the loop's ---------------------------------------------------------------------------- */

static void destroy(void *arg)
{
    pp_decoding *d = arg;

    pp_video_decoder_close(d->decoder);
    pp_buf_free(&d->data);
    pp_free(d);
}

static void done(void *arg)
{
    pp_decoding *d = arg;

    d->is_done = !d->is_stale;
    d->begins = d->is_stale;
    d->is_stale = false;
    d->options.ready(d->options.arg);
}

int pp_decoding_new(const pp_decoding_options *options, pp_decoding **out)
{
    pp_decoding *d = PP_NEW(pp_decoding);

    if (!d)
        return PIPIT_ERR_MEMORY;
    d->options = *options;
    d->work = (pp_work){.run = run, .done = done, .arg = d, .is_long = true};
    *out = d;
    return 0;
}

pp_decoding *pp_decoding_free(pp_decoding *d)
{
    if (d)
        pp_work_leave(&d->work, destroy);
    return NULL;
}

void pp_decoding_begin(pp_decoding *d, const pp_video_codec_type *type, pp_buf *data)
{
    pp_buf other = d->data;

    other.max = data->max;
    d->data = *data;
    *data = other;
    if (d->type != type)
        d->begins = true;
    d->type = type;
    d->is_done = pp_work_start(d->options.loop, &d->work);
}

bool pp_decoding_is_busy(const pp_decoding *d)
{
    return d && d->work.under_way;
}

bool pp_decoding_take(pp_decoding *d, pp_decoding_result *out)
{
    if (!d || !d->is_done)
        return false;
    d->is_done = false;
    *out = (pp_decoding_result){.err = d->err,
                                .frame = d->frame,
                                .quantizer = d->decoder ? d->decoder->quantizer : 0,
                                .took_us = d->work.took_us};
    return true;
}

/* The decoder is not closed here: somebody may be looking at its last picture. */
void pp_decoding_reset(pp_decoding *d)
{
    if (!d)
        return;
    d->is_done = false;
    if (d->work.under_way)
        d->is_stale = true;
    else
        d->begins = true;
}
