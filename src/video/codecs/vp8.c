/* vp8.c - VP8 (RFC 6386). libvpx is named only here, and this file is left out where there is none. */
#include "video/codecs/codecs.h"

#include "base/alloc.h"
#include "base/error.h"
#include "video/payload.h"

#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

enum {
    SPEED = -6, /* of -16 to 16, below zero: real time; a call's picture does not show more */
    STATIC_THRESHOLD = 1, /* what does not move costs nothing */
    KEY_SHARE = 450,      /* a key frame's octets, in percent of an average frame's */
    KEY_DISTANCE =
        3000 /* frames at most between key frames: they are asked for when they are needed */
};

struct vp8_encoder {
    pp_video_encoder encoder;
    vpx_codec_ctx_t context;
    vpx_codec_enc_cfg_t config;
    vpx_codec_pts_t at;
};

struct vp8_decoder {
    pp_video_decoder decoder;
    vpx_codec_ctx_t context;
};

static int failure(const char *what, vpx_codec_err_t error)
{
    return pp_error(error == VPX_CODEC_MEM_ERROR ? PIPIT_ERR_MEMORY : PIPIT_ERR_MEDIA,
                    "vp8: %s: %s", what, vpx_codec_err_to_string(error));
}

static vpx_image_t image_of(const pipit_video_frame *frame)
{
    vpx_image_t image = {.fmt = VPX_IMG_FMT_I420,
                         .w = frame->width,
                         .h = frame->height,
                         .d_w = frame->width,
                         .d_h = frame->height,
                         .x_chroma_shift = 1,
                         .y_chroma_shift = 1,
                         .bps = 12};

    for (unsigned i = 0; i < 3; i++) {
        image.planes[i] = (unsigned char *)(uintptr_t)frame->planes[i];
        image.stride[i] = (int)frame->strides[i];
    }
    return image;
}

static unsigned encoder_quantizer(vpx_codec_ctx_t *context)
{
    int quantizer = 0; /* of 127 */

    (void)vpx_codec_control(context, VP8E_GET_LAST_QUANTIZER, &quantizer);
    return (unsigned)quantizer;
}

static int encode(pp_video_encoder *encoder, const pipit_video_frame *frame, bool key, pp_buf *out,
                  bool *is_key)
{
    struct vp8_encoder *vp8 = (struct vp8_encoder *)encoder;
    vpx_image_t image = image_of(frame);
    vpx_codec_iter_t iter = NULL;
    const vpx_codec_cx_pkt_t *packet;
    vpx_codec_err_t error = vpx_codec_encode(&vp8->context, &image, vp8->at++, 1,
                                             key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME);

    if (error)
        return failure("not encoded", error);
    *is_key = false;
    while ((packet = vpx_codec_get_cx_data(&vp8->context, &iter)))
        if (packet->kind == VPX_CODEC_CX_FRAME_PKT) {
            encoder->quantizer = encoder_quantizer(&vp8->context);
            pp_buf_add(out, packet->data.frame.buf, packet->data.frame.sz);
            *is_key = packet->data.frame.flags & VPX_FRAME_IS_KEY;
        }
    return pp_buf_error(out);
}

static void set_bitrate(pp_video_encoder *encoder, unsigned bitrate)
{
    struct vp8_encoder *vp8 = (struct vp8_encoder *)encoder;

    vp8->config.rc_target_bitrate = bitrate / 1000;
    (void)vpx_codec_enc_config_set(&vp8->context, &vp8->config);
}

static void close_encoder(pp_video_encoder *encoder)
{
    struct vp8_encoder *vp8 = (struct vp8_encoder *)encoder;

    (void)vpx_codec_destroy(&vp8->context);
    pp_free(vp8);
}

/* One pass at a constant rate, frames left out rather than late; no frame waits for one behind it. */
static void configure(const pp_video_settings *settings, vpx_codec_enc_cfg_t *config)
{
    config->g_w = settings->width;
    config->g_h = settings->height;
    config->g_timebase = (vpx_rational_t){1, (int)settings->frame_rate};
    config->g_threads = 1;
    config->g_lag_in_frames = 0;
    config->g_pass = VPX_RC_ONE_PASS;
    config->g_error_resilient = 0;
    config->rc_end_usage = VPX_CBR;
    config->rc_target_bitrate = settings->bitrate / 1000;
    config->rc_min_quantizer = 2;
    config->rc_max_quantizer = 56;
    config->rc_dropframe_thresh = 30;
    config->rc_undershoot_pct = 100;
    config->rc_overshoot_pct = 15;
    config->rc_buf_initial_sz = 500;
    config->rc_buf_optimal_sz = 600;
    config->rc_buf_sz = 1000;
    config->kf_mode = VPX_KF_AUTO;
    config->kf_max_dist = KEY_DISTANCE;
}

static vpx_codec_err_t control(vpx_codec_ctx_t *context)
{
    vpx_codec_err_t error = vpx_codec_control(context, VP8E_SET_CPUUSED, SPEED);

    if (!error)
        error = vpx_codec_control(context, VP8E_SET_STATIC_THRESHOLD, STATIC_THRESHOLD);
    if (!error)
        error = vpx_codec_control(context, VP8E_SET_MAX_INTRA_BITRATE_PCT, KEY_SHARE);
    return error;
}

static int open_encoder(const pp_video_settings *settings, pp_video_encoder **out)
{
    struct vp8_encoder *vp8 = PP_NEW(struct vp8_encoder);
    vpx_codec_err_t error;

    if (!vp8)
        return PIPIT_ERR_MEMORY;
    vp8->encoder = (pp_video_encoder){encode, set_bitrate, close_encoder, 0};
    error = vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &vp8->config, 0);
    configure(settings, &vp8->config);
    if (!error)
        error = vpx_codec_enc_init(&vp8->context, vpx_codec_vp8_cx(), &vp8->config, 0);
    if (error) {
        pp_free(vp8);
        return failure("no encoder", error);
    }
    error = control(&vp8->context);
    if (error) {
        close_encoder(&vp8->encoder);
        return failure("no encoder", error);
    }
    *out = &vp8->encoder;
    return 0;
}

static pipit_video_frame frame_of(const vpx_image_t *image)
{
    pipit_video_frame frame = {.width = image->d_w, .height = image->d_h};

    for (unsigned i = 0; i < 3; i++) {
        frame.planes[i] = image->planes[i];
        frame.strides[i] = (size_t)image->stride[i];
    }
    return frame;
}

static unsigned decoder_quantizer(vpx_codec_ctx_t *context)
{
    int quantizer = 0;

    (void)vpx_codec_control(context, VPXD_GET_LAST_QUANTIZER, &quantizer);
    return (unsigned)quantizer;
}

static int decode(pp_video_decoder *decoder, const uint8_t *data, size_t size,
                  pipit_video_frame *out)
{
    struct vp8_decoder *vp8 = (struct vp8_decoder *)decoder;
    vpx_codec_iter_t iter = NULL;
    vpx_image_t *image;
    vpx_codec_err_t error = vpx_codec_decode(&vp8->context, data, (unsigned)size, NULL, 0);

    if (error)
        return failure("not decoded", error);
    *out = (pipit_video_frame){0};
    while ((image = vpx_codec_get_frame(&vp8->context, &iter)))
        *out = frame_of(image);
    decoder->quantizer = decoder_quantizer(&vp8->context);
    return 0;
}

static void close_decoder(pp_video_decoder *decoder)
{
    struct vp8_decoder *vp8 = (struct vp8_decoder *)decoder;

    (void)vpx_codec_destroy(&vp8->context);
    pp_free(vp8);
}

static int open_decoder(pp_video_decoder **out)
{
    struct vp8_decoder *vp8 = PP_NEW(struct vp8_decoder);
    const vpx_codec_dec_cfg_t config = {.threads = 1};
    vpx_codec_err_t error;

    if (!vp8)
        return PIPIT_ERR_MEMORY;
    vp8->decoder = (pp_video_decoder){decode, close_decoder, 0};
    error = vpx_codec_dec_init(&vp8->context, vpx_codec_vp8_dx(), &config, 0);
    if (error) {
        pp_free(vp8);
        return failure("no decoder", error);
    }
    *out = &vp8->decoder;
    return 0;
}

/* RFC 7741 section 6.1: parameters are bounds for a sender, and none of them rules us out. */
static bool fits(pp_str fmtp)
{
    (void)fmtp;
    return true;
}

const pp_video_codec_type pp_video_codec_vp8 = {
    .name = "VP8",
    .implementation = "libvpx",
    .codec = PIPIT_VIDEO_VP8,
    .payload_type = 96,
    .fits = fits,
    .open_encoder = open_encoder,
    .open_decoder = open_decoder,
    .pack = pp_vp8_pack,
    .look = pp_vp8_look,
    .unpack = pp_vp8_unpack,
    .read_size = pp_vp8_read_size,
    .is_key = pp_vp8_is_key,
};
