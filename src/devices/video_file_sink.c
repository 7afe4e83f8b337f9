/* video_file_sink.c - recording what comes to an IVF file, as it comes: nothing is decoded. */
#include "pipit/video.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "devices/container.h"
#include "devices/writer.h"
#include "pipit/recording.h"
#include "video/ivf.h"

enum { TICKS = 1000 }; /* a second */

struct file_sink {
    pp_writer *writer;
    uint64_t at; /* in the file */
    bool failed, has_header;
    pp_ivf_header header;
};

static void note(struct file_sink *sink, int err)
{
    if (!err || sink->failed)
        return;
    sink->failed = true;
    pp_log_error("Media", "recording of video stopped: %s", pipit_error_message());
}

static void put_header(struct file_sink *sink)
{
    pp_buf buf = {0};
    int err;

    pp_ivf_write_header(&sink->header, &buf);
    err = pp_buf_error(&buf);
    note(sink, err ? err : pp_writer_put(sink->writer, 0, buf.p, buf.n));
    pp_buf_free(&buf);
}

static void put_frame(struct file_sink *sink, const pipit_video_encoded *frame)
{
    pp_buf buf = {.max = PP_LIMIT_VIDEO_FRAME + PP_IVF_FRAME_SIZE};
    int err;

    pp_ivf_write_frame(&buf, frame->size, frame->time_us * TICKS / 1000000);
    pp_buf_add(&buf, frame->data, frame->size);
    err = pp_buf_error(&buf);
    note(sink, err ? err : pp_writer_put(sink->writer, sink->at, buf.p, buf.n));
    sink->at += buf.n;
    sink->header.frames++;
    pp_buf_free(&buf);
}

static void write_file(void *self, const pipit_video_encoded *frame)
{
    struct file_sink *sink = self;

    if (sink->failed || (!sink->has_header && !frame->key))
        return;
    if (!sink->has_header) {
        sink->has_header = true;
        sink->at = PP_IVF_HEADER_SIZE;
        sink->header = (pp_ivf_header){.codec = frame->codec,
                                       .width = frame->width,
                                       .height = frame->height,
                                       .rate = TICKS,
                                       .scale = 1};
        put_header(sink);
    } else if (frame->codec != sink->header.codec) {
        note(sink, pp_error(PIPIT_ERR_MEDIA, "the codec changed"));
    }
    if (!sink->failed)
        put_frame(sink, frame);
}

/* Only now is it known how many there are. */
static void release_file(void *self)
{
    struct file_sink *sink = self;

    if (sink->has_header && !sink->failed)
        put_header(sink);
    note(sink, pp_writer_close(sink->writer));
    pp_free(sink);
}

static int open_ivf(const char *path, pipit_video_sink **out)
{
    static const pipit_video_sink_interface functions = {.write_encoded = write_file,
                                                         .release = release_file};
    struct file_sink *sink = PP_NEW(struct file_sink);
    int err;

    if (!sink)
        return PIPIT_ERR_MEMORY;
    err = pp_writer_open(path, &sink->writer);
    if (!err)
        err = pipit_video_sink_new(&functions, sink, out);
    if (err)
        release_file(sink);
    return err;
}

int pipit_video_sink_file(const char *path, pipit_video_sink **out)
{
    if (!path || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "video sink: path and out are needed");
    return pp_container_is_named(path) ? pipit_recording_open(path, NULL, NULL, out)
                                       : open_ivf(path, out);
}
