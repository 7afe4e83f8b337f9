/* encoding.c - pictures through the encoder. What `run` touches is left alone by all else as long as it is under way. */
#include "video/encoding.h"

#include "base/alloc.h"
#include "base/error.h"
#include "video/picture.h"

#include <stdio.h>
#include <string.h>

struct pp_encoding {
    pp_work work;
    pp_encoding_options options;
    pp_encoding_wish wish;
    pipit_video_frame frame; /* what is to be encoded */
    pp_picture copied, fitted;
    pp_video_encoder *encoder; /* NULL: made for the first picture of a size */
    pp_video_settings settings;
    pp_buf data;
    bool is_done; /* and nobody has taken it */
    bool key;
    int err;
    char reason[160];
};

/* --- maybe on another thread ------------------------------------------------------------------ */

static void blacken(pp_picture *picture)
{
    size_t bright = (size_t)picture->width * picture->height;

    memset(picture->memory, 16, bright);
    memset(picture->memory + bright, 128,
           pp_picture_size(picture->width, picture->height) - bright);
}

/* Brought to the size that is sent. */
static int fit(pp_encoding *e)
{
    unsigned width = e->wish.width, height = e->wish.height;
    int err;

    pp_picture_fit(&e->frame, &width, &height);
    if (!e->wish.black && width == e->frame.width && height == e->frame.height)
        return 0;
    err = pp_picture_set_size(&e->fitted, width, height);
    if (err)
        return err;
    if (e->wish.black)
        blacken(&e->fitted);
    else
        pp_picture_scale(&e->fitted, &e->frame);
    e->frame = pp_picture_frame(&e->fitted);
    return 0;
}

static int need_encoder(pp_encoding *e)
{
    const pp_video_settings settings = {.width = e->frame.width,
                                        .height = e->frame.height,
                                        .frame_rate = e->wish.frame_rate,
                                        .bitrate = e->wish.bitrate};
    int err;

    if (e->encoder && e->settings.width == settings.width && e->settings.height == settings.height)
        return 0;
    e->encoder = pp_video_encoder_close(e->encoder);
    err = e->options.type->open_encoder(&settings, &e->encoder);
    if (!err)
        e->settings = settings;
    return err;
}

/* By steps of a twentieth: encoders begin their reckoning anew at each. */
static void follow_bitrate(pp_encoding *e)
{
    unsigned target = e->wish.bitrate, now = e->settings.bitrate;

    if (target < now + now / 20 && target > now - now / 20)
        return;
    e->encoder->set_bitrate(e->encoder, target);
    e->settings.bitrate = target;
}

static int encode(pp_encoding *e)
{
    int err = fit(e);

    if (!err)
        err = need_encoder(e);
    if (err)
        return err;
    follow_bitrate(e);
    return e->encoder->encode(e->encoder, &e->frame, e->wish.key, &e->data, &e->key);
}

static void run(void *arg)
{
    pp_encoding *e = arg;

    e->err = encode(e);
    if (e->err) /* the sentence is this thread's */
        snprintf(e->reason, sizeof(e->reason), "%s", pipit_error_message());
}

/* --- on the loop's ---------------------------------------------------------------------------- */

static void destroy(void *arg)
{
    pp_encoding *e = arg;

    pp_video_encoder_close(e->encoder);
    pp_picture_free(&e->copied);
    pp_picture_free(&e->fitted);
    pp_buf_free(&e->data);
    pp_free(e);
}

static void done(void *arg)
{
    pp_encoding *e = arg;

    e->is_done = true;
    e->options.ready(e->options.arg);
}

int pp_encoding_new(const pp_encoding_options *options, pp_encoding **out)
{
    pp_encoding *e = PP_NEW(pp_encoding);

    if (!e)
        return PIPIT_ERR_MEMORY;
    e->options = *options;
    e->work = (pp_work){.run = run, .done = done, .arg = e, .is_long = true};
    e->data.max = PP_LIMIT_VIDEO_FRAME;
    *out = e;
    return 0;
}

pp_encoding *pp_encoding_free(pp_encoding *e)
{
    if (e)
        pp_work_leave(&e->work, destroy);
    return NULL;
}

/* The planes are the source's, and good for no longer than this call. */
static int keep_frame(pp_encoding *e, const pipit_video_frame *frame)
{
    int err;

    e->frame = *frame;
    if (e->wish.black || !pp_work_goes_away(e->options.loop))
        return 0;
    err = pp_picture_set_size(&e->copied, frame->width, frame->height);
    if (err)
        return err;
    pp_picture_copy(&e->copied, frame);
    e->frame = pp_picture_frame(&e->copied);
    return 0;
}

int pp_encoding_begin(pp_encoding *e, const pipit_video_frame *frame, const pp_encoding_wish *wish)
{
    int err;

    e->wish = *wish;
    err = keep_frame(e, frame);
    if (err)
        return err;
    pp_buf_clear(&e->data);
    e->key = false;
    e->is_done = pp_work_start(e->options.loop, &e->work);
    return 0;
}

bool pp_encoding_is_busy(const pp_encoding *e)
{
    return e && e->work.under_way;
}

bool pp_encoding_take(pp_encoding *e, pp_encoding_result *out)
{
    if (!e || !e->is_done)
        return false;
    e->is_done = false;
    *out = (pp_encoding_result){
        .err = e->err,
        .reason = e->reason,
        .data = pp_buf_text(&e->data),
        .key = e->key,
        .quantizer = e->encoder ? e->encoder->quantizer : 0,
        .width = e->frame.width,
        .height = e->frame.height,
        .took_us = e->work.took_us,
    };
    return true;
}
