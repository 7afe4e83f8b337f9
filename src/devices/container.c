/* container.c - a file of WebM, Matroska or MP4. What libavformat makes is written by a thread of its own. */
#include "devices/container.h"

#include "base/alloc.h"
#include "base/error.h"
#include "devices/av.h"
#include "devices/writer.h"
#include "video/payload.h"

#include <string.h>

enum { BUFFER = 32768, OPUS_PRE_SKIP = 312 }; /* 6.5 ms: libopus's look-ahead */

struct pp_container {
    const pp_av *av;
    pp_writer *writer;
    AVFormatContext *context;
    AVIOContext *io;
    AVPacket *packet;
    uint64_t at, end; /* in the file: of the next octet, and behind the last */
    int err;          /* the first of the writer */
    bool begun;
};

static const struct {
    const char *name;
    enum AVCodecID id;
    int rate; /* of sound */
} codecs[] = {
    {"VP8", AV_CODEC_ID_VP8, 0},          {"H264", AV_CODEC_ID_H264, 0},
    {"opus", AV_CODEC_ID_OPUS, 48000},    {"PCMU", AV_CODEC_ID_PCM_MULAW, 8000},
    {"PCMA", AV_CODEC_ID_PCM_ALAW, 8000}, {"G722", AV_CODEC_ID_ADPCM_G722, 16000},
};

/* --- the file --------------------------------------------------------------------------------- */

static int write_octets(void *arg, uint8_t *data, int size)
{
    pp_container *container = arg;

    if (!container->err)
        container->err = pp_writer_put(container->writer, container->at, data, (size_t)size);
    if (container->err)
        return AVERROR(EIO);
    container->at += (uint64_t)size;
    if (container->at > container->end)
        container->end = container->at;
    return size;
}

static int64_t seek(void *arg, int64_t offset, int whence)
{
    pp_container *container = arg;
    int64_t base = whence == SEEK_CUR   ? (int64_t)container->at
                   : whence == SEEK_END ? (int64_t)container->end
                                        : 0;

    if (whence & AVSEEK_SIZE)
        return (int64_t)container->end;
    if (base + offset < 0)
        return AVERROR(EINVAL);
    container->at = (uint64_t)(base + offset);
    return base + offset;
}

static int open_io(pp_container *container)
{
    const pp_av *av = container->av;
    unsigned char *buffer = av->alloc(BUFFER);

    if (buffer)
        container->io = av->new_io(buffer, BUFFER, 1, container, NULL, write_octets, seek);
    if (!container->io) {
        av->release(buffer);
        return pp_error(PIPIT_ERR_MEMORY, "recording: no memory");
    }
    container->context->pb = container->io;
    return 0;
}

static int set_up(pp_container *container, const char *path)
{
    const pp_av *av = container->av;
    const AVOutputFormat *format = av->guess(NULL, path, NULL);

    if (!format)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "recording: what is '%s' to be?", path);
    if (av->new_output(&container->context, format, NULL, NULL) < 0 ||
        !(container->packet = av->packet_new()))
        return pp_error(PIPIT_ERR_MEMORY, "recording: no memory");
    return open_io(container);
}

static int finish(pp_container *container)
{
    const pp_av *av = container->av;
    int err = container->err;

    if (container->begun && !err && av->write_trailer(container->context) < 0)
        err = container->err ? container->err : pp_error(PIPIT_ERR_IO, "recording: not completed");
    if (container->io) {
        av->flush_io(container->io);
        av->release(container->io->buffer);
        av->free_io(&container->io);
    }
    av->packet_free(&container->packet);
    av->free_context(container->context);
    return err;
}

int pp_container_open(const char *path, pp_container **out)
{
    pp_container *container = PP_NEW(pp_container);
    int err;

    if (!container)
        return PIPIT_ERR_MEMORY;
    err = pp_av_load(&container->av);
    if (!err)
        err = set_up(container, path);
    if (!err)
        err = pp_writer_open(path, &container->writer);
    if (err)
        pp_container_close(container);
    else
        *out = container;
    return err;
}

int pp_container_close(pp_container *container)
{
    int err, last;

    if (!container)
        return 0;
    err = container->av ? finish(container) : 0;
    last = pp_writer_close(container->writer);
    pp_free(container);
    return err ? err : last;
}

/* --- tracks ----------------------------------------------------------------------------------- */

/* For the track's head; freed with its stream. */
static int set_head(pp_container *container, AVCodecParameters *codec, const pp_buf *head)
{
    if (!pp_buf_error(head))
        codec->extradata = container->av->zalloc(head->n + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!codec->extradata)
        return pp_error(PIPIT_ERR_MEMORY, "recording: no memory");
    memcpy(codec->extradata, head->p, head->n);
    codec->extradata_size = (int)head->n;
    return 0;
}

/* RFC 7845 section 5.1. */
static int describe_opus(pp_container *container, AVCodecParameters *codec, unsigned channels)
{
    static const uint8_t zeroes[3];
    pp_buf head = {0};
    int err;

    pp_buf_c(&head, "OpusHead");
    pp_buf_u8(&head, 1);
    pp_buf_u8(&head, channels);
    pp_buf_u8(&head, OPUS_PRE_SKIP & 255);
    pp_buf_u8(&head, OPUS_PRE_SKIP >> 8);
    pp_buf_add(&head, "\x80\xbb\0\0", 4); /* 48,000, the lowest octet first */
    pp_buf_add(&head, zeroes, sizeof(zeroes));
    err = set_head(container, codec, &head);
    pp_buf_free(&head);
    codec->initial_padding = OPUS_PRE_SKIP;
    codec->seek_preroll = 3840; /* RFC 7845 section 4.6: 80 ms */
    return err;
}

/* The parameter sets, each behind a start code; libavformat makes of them what the file needs. */
static int describe_h264(pp_container *container, AVCodecParameters *codec, pp_str key)
{
    pp_h264_unit unit;
    pp_buf head = {0};
    size_t at = 0;
    int err;

    while (pp_h264_next((const uint8_t *)key.p, key.n, &at, &unit))
        if (pp_h264_type(&unit) == PP_H264_SPS || pp_h264_type(&unit) == PP_H264_PPS) {
            pp_buf_u32(&head, 1);
            pp_buf_add(&head, unit.data, unit.size);
        }
    err = head.n ? set_head(container, codec, &head)
                 : pp_error(PIPIT_ERR_MEDIA, "recording: H.264 without parameter sets");
    pp_buf_free(&head);
    return err;
}

static int describe(pp_container *container, AVCodecParameters *codec,
                    const pp_container_track *track)
{
    codec->codec_type = track->width ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO;
    codec->width = (int)track->width;
    codec->height = (int)track->height;
    if (track->width)
        codec->format = AV_PIX_FMT_YUV420P;
    else
        codec->ch_layout = track->channels > 1 ? (AVChannelLayout)AV_CHANNEL_LAYOUT_STEREO
                                               : (AVChannelLayout)AV_CHANNEL_LAYOUT_MONO;
    if (codec->codec_id == AV_CODEC_ID_OPUS)
        return describe_opus(container, codec, track->channels);
    if (codec->codec_id == AV_CODEC_ID_H264)
        return describe_h264(container, codec, track->head);
    return 0;
}

static int add_track(pp_container *container, const pp_container_track *track)
{
    const AVOutputFormat *format = container->context->oformat;
    AVStream *stream;
    size_t i = 0;

    while (strcmp(codecs[i].name, track->codec) != 0)
        if (++i == sizeof(codecs) / sizeof(*codecs))
            return pp_error(PIPIT_ERR_MEDIA, "recording: %s is unknown", track->codec);
    if (container->av->takes(format, codecs[i].id, FF_COMPLIANCE_NORMAL) != 1)
        return pp_error(PIPIT_ERR_MEDIA, "recording: a file of %s takes no %s", format->name,
                        track->codec);
    stream = container->av->new_stream(container->context, NULL);
    if (!stream)
        return pp_error(PIPIT_ERR_MEMORY, "recording: no memory");
    stream->time_base = (AVRational){1, 1000};
    stream->codecpar->codec_id = codecs[i].id;
    stream->codecpar->sample_rate = codecs[i].rate;
    return describe(container, stream->codecpar, track);
}

static int failure(const pp_container *container, const char *what, int error)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";

    if (container->err) /* its sentence stands */
        return container->err;
    (void)container->av->error_text(error, text, sizeof(text));
    return pp_error(error == AVERROR(ENOMEM) ? PIPIT_ERR_MEMORY : PIPIT_ERR_MEDIA,
                    "recording: %s: %s", what, text);
}

int pp_container_begin(pp_container *container, const pp_container_track *tracks, size_t count)
{
    int err = 0, error;

    for (size_t i = 0; !err && i < count; i++)
        err = add_track(container, &tracks[i]);
    if (err)
        return err;
    error = container->av->write_header(container->context, NULL);
    if (error < 0)
        return failure(container, "no beginning", error);
    container->begun = true;
    return 0;
}

/* --- packets ---------------------------------------------------------------------------------- */

/* In the units that the file has chosen. */
static int64_t to_ticks(const AVStream *stream, uint64_t time_us)
{
    double ticks = (double)time_us * stream->time_base.den / stream->time_base.num / 1e6;

    return (int64_t)(ticks + 0.5);
}

int pp_container_write(pp_container *container, const pp_container_packet *packet)
{
    AVPacket *out = container->packet;
    int error;

    out->data = (uint8_t *)(uintptr_t)packet->data;
    out->size = (int)packet->size;
    out->stream_index = (int)packet->track;
    out->pts = out->dts = to_ticks(container->context->streams[packet->track], packet->time_us);
    out->flags = packet->key ? AV_PKT_FLAG_KEY : 0;
    error = container->av->write_frame(container->context, out);
    return error < 0 || container->err ? failure(container, "a packet was not written", error) : 0;
}
