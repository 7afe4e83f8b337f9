/* film.c - the pictures of a file of WebM, Matroska or MP4. */
#include "devices/film.h"

#include "base/alloc.h"
#include "base/error.h"
#include "devices/av.h"

struct pp_film {
    const pp_av *av;
    AVFormatContext *context;
    AVBSFContext *filter; /* makes start codes of H.264; NULL: it is another codec */
    AVPacket *packet;
    int stream;
    const pp_video_codec_type *codec;
};

/* --- opening ---------------------------------------------------------------------------------- */

static int no_film(const char *path, const char *why)
{
    return pp_error(PIPIT_ERR_MEDIA, "video source: '%s': %s", path, why);
}

static int choose_stream(pp_film *film, const char *path)
{
    for (unsigned i = 0; i < film->context->nb_streams; i++) {
        AVStream *stream = film->context->streams[i];

        stream->discard = AVDISCARD_ALL;
        if (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO || film->codec)
            continue;
        if (stream->codecpar->codec_id == AV_CODEC_ID_VP8)
            film->codec = pp_video_codec_of(PIPIT_VIDEO_VP8);
        else if (stream->codecpar->codec_id == AV_CODEC_ID_H264)
            film->codec = pp_video_codec_of(PIPIT_VIDEO_H264);
        film->stream = (int)i;
        stream->discard = film->codec ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    if (film->codec)
        return 0;
    return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                    "video source: '%s' has no pictures of a codec of ours", path);
}

static int set_up_filter(pp_film *film, const char *path)
{
    const AVStream *stream = film->context->streams[film->stream];
    const AVBitStreamFilter *filter = film->av->find_filter("h264_mp4toannexb");

    if (!filter || film->av->new_filter(filter, &film->filter) < 0 ||
        film->av->copy_parameters(film->filter->par_in, stream->codecpar) < 0)
        return pp_error(PIPIT_ERR_MEMORY, "video source: no memory");
    film->filter->time_base_in = stream->time_base;
    return film->av->start_filter(film->filter) < 0 ? no_film(path, "its H.264 is malformed") : 0;
}

/* The format is named: of others there are some that read from elsewhere. */
static int open_input(pp_film *film, const char *path)
{
    static const char *const formats[] = {"matroska", "mov"};
    int error = -1;

    for (size_t i = 0; error < 0 && i < 2; i++)
        error = film->av->open_input(&film->context, path, film->av->find_input(formats[i]), NULL);
    return error < 0 ? no_film(path, "neither WebM nor Matroska nor MP4") : 0;
}

static int set_up(pp_film *film, const char *path)
{
    int err = pp_av_load(&film->av);

    if (err)
        return err;
    film->packet = film->av->packet_new();
    err = film->packet ? open_input(film, path)
                       : pp_error(PIPIT_ERR_MEMORY, "video source: no memory");
    if (!err)
        err = choose_stream(film, path);
    if (!err && film->codec->codec == PIPIT_VIDEO_H264)
        err = set_up_filter(film, path);
    return err;
}

int pp_film_open(const char *path, pp_film **out)
{
    pp_film *film = PP_NEW(pp_film);
    int err;

    if (!film)
        return PIPIT_ERR_MEMORY;
    err = set_up(film, path);
    if (err)
        pp_film_close(film);
    else
        *out = film;
    return err;
}

pp_film *pp_film_close(pp_film *film)
{
    if (!film)
        return NULL;
    if (film->av) {
        film->av->free_filter(&film->filter);
        film->av->close_input(&film->context);
        film->av->packet_free(&film->packet);
    }
    pp_free(film);
    return NULL;
}

const pp_video_codec_type *pp_film_codec(const pp_film *film)
{
    return film->codec;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_packet(pp_film *film)
{
    while (film->av->read_frame(film->context, film->packet) >= 0) {
        if (film->packet->stream_index == film->stream)
            return true;
        film->av->packet_unref(film->packet);
    }
    return false;
}

/* One packet in is one packet out. */
static bool filter_packet(pp_film *film)
{
    if (!film->filter)
        return true;
    return film->av->give_filter(film->filter, film->packet) >= 0 &&
           film->av->take_filter(film->filter, film->packet) >= 0;
}

static uint64_t time_of(const pp_film *film)
{
    const AVRational base = film->context->streams[film->stream]->time_base;
    int64_t ticks = film->packet->pts == AV_NOPTS_VALUE ? film->packet->dts : film->packet->pts;

    return ticks > 0 ? (uint64_t)((double)ticks * 1e6 * base.num / base.den) : 0;
}

bool pp_film_read(pp_film *film, pp_buf *out, uint64_t *time_us)
{
    bool good = read_packet(film) && filter_packet(film);

    pp_buf_clear(out);
    if (good) {
        pp_buf_add(out, film->packet->data, (size_t)film->packet->size);
        *time_us = time_of(film);
        film->av->packet_unref(film->packet);
    }
    return good && !pp_buf_error(out);
}

bool pp_film_begin_again(pp_film *film)
{
    return film->av->seek(film->context, film->stream, 0, AVSEEK_FLAG_BACKWARD) >= 0;
}
