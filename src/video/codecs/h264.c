/* h264.c - H.264, constrained baseline profile. openh264 is named only here, and this file is left out where there is none. */
#include "video/codecs/codecs.h"

#include "base/alloc.h"
#include "base/error.h"
#include "video/payload.h"

#include <string.h>
#include <wels/codec_api.h>

struct h264_encoder {
    pp_video_encoder encoder;
    ISVCEncoder *inner;
    pp_video_settings settings;
    long long frames;
};

struct h264_decoder {
    pp_video_decoder decoder;
    ISVCDecoder *inner;
};

static int failure(const char *what, int error)
{
    return pp_error(PIPIT_ERR_MEDIA, "h264: %s: error %d", what, error);
}

static void append(const SFrameBSInfo *info, pp_buf *out)
{
    for (int i = 0; i < info->iLayerNum; i++) {
        const SLayerBSInfo *layer = &info->sLayerInfo[i];
        int size = 0;

        for (int k = 0; k < layer->iNalCount; k++)
            size += layer->pNalLengthInByte[k];
        pp_buf_add(out, layer->pBsBuf, (size_t)size);
    }
}

static int encode(pp_video_encoder *encoder, const pipit_video_frame *frame, bool key, pp_buf *out,
                  bool *is_key)
{
    struct h264_encoder *h264 = (struct h264_encoder *)encoder;
    SSourcePicture picture = {.iColorFormat = videoFormatI420,
                              .iPicWidth = (int)frame->width,
                              .iPicHeight = (int)frame->height};
    SFrameBSInfo info;
    int error = 0;

    memset(&info, 0, sizeof(info));
    for (unsigned i = 0; i < 3; i++) {
        picture.pData[i] = (unsigned char *)(uintptr_t)frame->planes[i];
        picture.iStride[i] = (int)frame->strides[i];
    }
    picture.uiTimeStamp = h264->frames++ * 1000 / h264->settings.frame_rate;
    if (key)
        error = (*h264->inner)->ForceIntraFrame(h264->inner, true);
    if (!error)
        error = (*h264->inner)->EncodeFrame(h264->inner, &picture, &info);
    if (error)
        return failure("not encoded", error);
    *is_key = info.eFrameType == videoFrameTypeIDR;
    if (info.eFrameType != videoFrameTypeSkip && info.eFrameType != videoFrameTypeInvalid)
        append(&info, out);
    return pp_buf_error(out);
}

static void set_bitrate(pp_video_encoder *encoder, unsigned bitrate)
{
    struct h264_encoder *h264 = (struct h264_encoder *)encoder;
    SBitrateInfo info = {.iLayer = SPATIAL_LAYER_ALL, .iBitrate = (int)bitrate};

    (void)(*h264->inner)->SetOption(h264->inner, ENCODER_OPTION_BITRATE, &info);
}

static void close_encoder(pp_video_encoder *encoder)
{
    struct h264_encoder *h264 = (struct h264_encoder *)encoder;

    if (h264->inner) {
        (*h264->inner)->Uninitialize(h264->inner);
        WelsDestroySVCEncoder(h264->inner);
    }
    pp_free(h264);
}

/* One slice, one thread, the parameter sets before every key frame. */
static int configure(struct h264_encoder *h264)
{
    const pp_video_settings *settings = &h264->settings;
    SEncParamExt params;
    SSpatialLayerConfig *layer = &params.sSpatialLayers[0];
    int quiet = WELS_LOG_QUIET;
    int error;

    (*h264->inner)->SetOption(h264->inner, ENCODER_OPTION_TRACE_LEVEL, &quiet);
    error = (*h264->inner)->GetDefaultParams(h264->inner, &params);
    params.iUsageType = CAMERA_VIDEO_REAL_TIME;
    params.iPicWidth = (int)settings->width;
    params.iPicHeight = (int)settings->height;
    params.iTargetBitrate = (int)settings->bitrate;
    params.iMaxBitrate = UNSPECIFIED_BIT_RATE;
    params.iRCMode = RC_BITRATE_MODE;
    params.fMaxFrameRate = (float)settings->frame_rate;
    params.iSpatialLayerNum = 1;
    params.iTemporalLayerNum = 1;
    params.uiIntraPeriod = 0; /* key frames when they are asked for */
    params.eSpsPpsIdStrategy = CONSTANT_ID;
    params.bEnableFrameSkip = true;
    params.iMultipleThreadIdc = 1;
    params.bEnableSceneChangeDetect = false;
    layer->iVideoWidth = params.iPicWidth;
    layer->iVideoHeight = params.iPicHeight;
    layer->fFrameRate = params.fMaxFrameRate;
    layer->iSpatialBitrate = params.iTargetBitrate;
    layer->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
    layer->uiProfileIdc = PRO_BASELINE; /* openh264 sets the constraints of 42e0 */
    layer->sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    return error ? error : (*h264->inner)->InitializeExt(h264->inner, &params);
}

static int open_encoder(const pp_video_settings *settings, pp_video_encoder **out)
{
    struct h264_encoder *h264 = PP_NEW(struct h264_encoder);
    int error;

    if (!h264)
        return PIPIT_ERR_MEMORY;
    h264->encoder = (pp_video_encoder){encode, set_bitrate, close_encoder, 0};
    h264->settings = *settings;
    error = WelsCreateSVCEncoder(&h264->inner);
    if (!error)
        error = configure(h264);
    if (error) {
        close_encoder(&h264->encoder);
        return failure("no encoder", error);
    }
    *out = &h264->encoder;
    return 0;
}

static int decode(pp_video_decoder *decoder, const uint8_t *data, size_t size,
                  pipit_video_frame *out)
{
    struct h264_decoder *h264 = (struct h264_decoder *)decoder;
    unsigned char *planes[3] = {NULL, NULL, NULL};
    SBufferInfo info;
    const SSysMEMBuffer *buffer = &info.UsrData.sSystemBuffer;
    DECODING_STATE state;

    memset(&info, 0, sizeof(info));
    state = (*h264->inner)->DecodeFrameNoDelay(h264->inner, data, (int)size, planes, &info);
    if (state != dsErrorFree)
        return failure("not decoded", (int)state);
    *out = (pipit_video_frame){0};
    if (info.iBufferStatus != 1)
        return 0;
    out->width = (unsigned)buffer->iWidth;
    out->height = (unsigned)buffer->iHeight;
    for (unsigned i = 0; i < 3; i++) {
        out->planes[i] = planes[i];
        out->strides[i] = (size_t)buffer->iStride[i ? 1 : 0];
    }
    return 0;
}

static void close_decoder(pp_video_decoder *decoder)
{
    struct h264_decoder *h264 = (struct h264_decoder *)decoder;

    if (h264->inner) {
        (*h264->inner)->Uninitialize(h264->inner);
        WelsDestroyDecoder(h264->inner);
    }
    pp_free(h264);
}

/* What was lost is not made up: a picture with a hole is waited out until the next key frame. */
static long start_decoder(ISVCDecoder *inner)
{
    SDecodingParam params;
    int quiet = WELS_LOG_QUIET;

    memset(&params, 0, sizeof(params));
    params.uiTargetDqLayer = 255; /* the highest there is */
    params.eEcActiveIdc = ERROR_CON_DISABLE;
    params.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
    (*inner)->SetOption(inner, DECODER_OPTION_TRACE_LEVEL, &quiet);
    return (*inner)->Initialize(inner, &params);
}

static int open_decoder(pp_video_decoder **out)
{
    struct h264_decoder *h264 = PP_NEW(struct h264_decoder);
    long error;

    if (!h264)
        return PIPIT_ERR_MEMORY;
    h264->decoder = (pp_video_decoder){decode, close_decoder, 0};
    error = WelsCreateDecoder(&h264->inner);
    if (!error)
        error = start_decoder(h264->inner);
    if (error) {
        close_decoder(&h264->decoder);
        return failure("no decoder", (int)error);
    }
    *out = &h264->decoder;
    return 0;
}

const pp_video_codec_type pp_video_codec_h264 = {
    .name = "H264",
    .implementation = "OpenH264",
    .codec = PIPIT_VIDEO_H264,
    .fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    .payload_type = 102,
    .fits = pp_h264_fits,
    .open_encoder = open_encoder,
    .open_decoder = open_decoder,
    .pack = pp_h264_pack,
    .look = pp_h264_look,
    .unpack = pp_h264_unpack,
    .read_size = pp_h264_read_size,
    .is_key = pp_h264_is_key,
};
