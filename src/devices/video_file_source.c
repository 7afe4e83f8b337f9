/* video_file_source.c - playing a file of pictures: IVF or what libavformat reads, decoded, or Y4M. Decoded ones are encoded anew for the far end: its
 * key frames come when it asks for them, at the rate its network takes. */
#include "pipit/video.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "devices/film.h"
#include "video/codec.h"
#include "video/ivf.h"
#include "video/picture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { HEADER_LINE_MAX = 512 };

struct file_source {
    FILE *file;    /* NULL: it is a film */
    pp_film *film; /* NULL: it is IVF or Y4M */
    bool loop, ended;
    long first_frame;                 /* where it stands */
    uint64_t rate, scale;             /* a tick is scale / rate seconds */
    uint64_t ticks;                   /* Y4M: of the next picture */
    uint64_t shown_us, started_us;    /* in the file: of the picture in `out`; when it last began */
    uint64_t step_us;                 /* between the last two: how long the last one of all stays */
    bool has_next;                    /* read, and not due yet */
    uint64_t next_us;                 /* of it */
    const pp_video_codec_type *codec; /* NULL: Y4M */
    pp_video_decoder *decoder;
    pp_buf encoded;
    pp_picture pictures[2]; /* Y4M: that which is shown, and that which is read meanwhile */
    unsigned reading;
    pipit_video_frame frame;
};

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_octets(struct file_source *source, void *out, size_t size)
{
    return fread(out, 1, size, source->file) == size;
}

/* The octets and the time of the next picture; false at the end. */
static bool read_ivf(struct file_source *source, uint64_t *ticks)
{
    uint8_t head[PP_IVF_FRAME_SIZE];
    uint32_t size;
    uint8_t *room;

    if (!read_octets(source, head, sizeof(head)))
        return false;
    pp_ivf_read_frame(head, &size, ticks);
    pp_buf_clear(&source->encoded);
    room = size <= PP_LIMIT_BUF ? pp_buf_room(&source->encoded, size) : NULL;
    return room && read_octets(source, room, size);
}

static bool read_y4m(struct file_source *source, uint64_t *ticks)
{
    const pp_picture *picture = &source->pictures[source->reading];
    char line[HEADER_LINE_MAX];

    if (!fgets(line, sizeof(line), source->file) || strncmp(line, "FRAME", 5) != 0)
        return false;
    *ticks = source->ticks++;
    return read_octets(source, picture->memory, pp_picture_size(picture->width, picture->height));
}

static bool read_octets_of_next(struct file_source *source, uint64_t *ticks)
{
    if (source->film)
        return pp_film_read(source->film, &source->encoded, ticks);
    return source->codec ? read_ivf(source, ticks) : read_y4m(source, ticks);
}

static uint64_t to_us(const struct file_source *source, uint64_t ticks)
{
    return (uint64_t)((double)ticks * 1e6 * (double)source->scale / (double)source->rate);
}

static bool read_next(struct file_source *source)
{
    uint64_t ticks = 0;

    source->has_next = read_octets_of_next(source, &ticks);
    if (source->has_next)
        source->next_us = source->started_us + to_us(source, ticks);
    return source->has_next;
}

static bool go_back(struct file_source *source)
{
    return source->film ? pp_film_begin_again(source->film)
                        : fseek(source->file, source->first_frame, SEEK_SET) == 0;
}

/* Once more from the start and no more: an empty file would turn for ever. */
static bool begin_again(struct file_source *source)
{
    if (!source->loop || !source->frame.width || !go_back(source))
        return false;
    source->started_us = source->shown_us + source->step_us;
    source->ticks = 0;
    return read_next(source); /* the decoder goes on: what a picture of its is made of stays */
}

/* The picture that was read is the one to be shown. */
static void show(struct file_source *source)
{
    pipit_video_frame frame = {0};

    source->has_next = false;
    if (source->next_us > source->shown_us)
        source->step_us = source->next_us - source->shown_us;
    source->shown_us = source->next_us;
    if (!source->codec) {
        source->frame = pp_picture_frame(&source->pictures[source->reading]);
        source->reading = !source->reading;
        return;
    }
    if (source->decoder->decode(source->decoder, (const uint8_t *)source->encoded.p,
                                source->encoded.n, &frame) < 0)
        pp_log_warn("Media", "a picture of a file: %s", pipit_error_message());
    else if (frame.width)
        source->frame = frame;
}

/* All that are due are gone through: of an encoded file each is needed for the next. */
static bool read_file(void *self, uint64_t time_us, pipit_video_frame *out)
{
    struct file_source *source = self;
    bool any = false;

    while (!source->ended) {
        if (!source->has_next && !read_next(source) && !begin_again(source)) {
            source->ended = true;
            break;
        }
        if (source->next_us > time_us)
            break;
        show(source);
        any = true;
    }
    if (!any || !source->frame.width)
        return false;
    *out = source->frame;
    return true;
}

static void release_file(void *self)
{
    struct file_source *source = self;

    if (source->file)
        fclose(source->file);
    pp_film_close(source->film);
    pp_video_decoder_close(source->decoder);
    pp_buf_free(&source->encoded);
    for (unsigned i = 0; i < 2; i++)
        pp_picture_free(&source->pictures[i]);
    pp_free(source);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int open_ivf(struct file_source *source)
{
    uint8_t data[PP_IVF_HEADER_SIZE];
    pp_ivf_header header;
    int err;

    if (!read_octets(source, data, sizeof(data)))
        return pp_error(PIPIT_ERR_MEDIA, "ivf: shorter than its header");
    err = pp_ivf_read_header(data, &header);
    if (err)
        return err;
    source->codec = pp_video_codec_of(header.codec);
    if (!source->codec)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "ivf: its codec is not built in");
    source->rate = header.rate;
    source->scale = header.scale;
    return source->codec->open_decoder(&source->decoder);
}

static int open_y4m(struct file_source *source)
{
    char line[HEADER_LINE_MAX];
    pp_y4m_header header;
    int err;

    if (!fgets(line, sizeof(line), source->file))
        return pp_error(PIPIT_ERR_MEDIA, "y4m: no header");
    err = pp_y4m_read_header(pp_str_trim(pp_str_c(line)), &header);
    if (err)
        return err;
    source->rate = header.rate;
    source->scale = header.scale;
    for (unsigned i = 0; !err && i < 2; i++)
        err = pp_picture_set_size(&source->pictures[i], header.width, header.height);
    return err;
}

static int open_film(struct file_source *source, const char *path)
{
    int err;

    fclose(source->file);
    source->file = NULL;
    err = pp_film_open(path, &source->film);
    if (err)
        return err;
    source->rate = 1000000; /* its times are microseconds */
    source->scale = 1;
    source->codec = pp_film_codec(source->film);
    return source->codec->open_decoder(&source->decoder);
}

static int open_file(struct file_source *source, const char *path)
{
    uint8_t magic[16];
    size_t size;
    int err;

    source->file = fopen(path, "rb");
    if (!source->file)
        return pp_error(PIPIT_ERR_NOT_FOUND, "video source: cannot open '%s': %s", path,
                        strerror(errno));
    size = fread(magic, 1, sizeof(magic), source->file);
    rewind(source->file);
    if (pp_is_ivf(magic, size))
        err = open_ivf(source);
    else if (pp_is_y4m(magic, size))
        err = open_y4m(source);
    else
        return open_film(source, path);
    source->first_frame = ftell(source->file);
    source->step_us = err ? 0 : to_us(source, 1);
    return err;
}

int pipit_video_source_file(const char *path, bool loop, pipit_video_source **out)
{
    static const pipit_video_source_interface functions = {.read = read_file,
                                                           .release = release_file};
    struct file_source *source;
    int err;

    if (!path || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "video source: path and out are needed");
    source = PP_NEW(struct file_source);
    if (!source)
        return PIPIT_ERR_MEMORY;
    source->loop = loop;
    err = open_file(source, path);
    if (!err)
        err = pipit_video_source_new(&functions, source, out);
    if (err)
        release_file(source);
    return err;
}
