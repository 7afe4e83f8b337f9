/* video_file_sink.c - recording what comes to an IVF file, as it comes: nothing is decoded. */
#include "pipit/video.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "video/ivf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { TICKS = 1000 }; /* a second */

struct file_sink {
    FILE *file;
    bool failed, has_header;
    pp_ivf_header header;
};

static void fail(struct file_sink *sink, const char *why)
{
    sink->failed = true;
    pp_log_error("Media", "recording of video stopped: %s", why);
}

static void put(struct file_sink *sink, const void *data, size_t size)
{
    if (!sink->failed && fwrite(data, 1, size, sink->file) != size)
        fail(sink, strerror(errno));
}

static void put_buf(struct file_sink *sink, pp_buf *buf)
{
    if (pp_buf_error(buf))
        fail(sink, pipit_error_message());
    else
        put(sink, buf->p, buf->n);
    pp_buf_free(buf);
}

static void put_header(struct file_sink *sink)
{
    pp_buf buf = {0};

    pp_ivf_write_header(&sink->header, &buf);
    put_buf(sink, &buf);
}

static void write_file(void *self, const pipit_video_encoded *frame)
{
    struct file_sink *sink = self;
    pp_buf buf = {0};

    if (sink->failed || (!sink->has_header && !frame->key))
        return;
    if (!sink->has_header) {
        sink->has_header = true;
        sink->header = (pp_ivf_header){.codec = frame->codec,
                                       .width = frame->width,
                                       .height = frame->height,
                                       .rate = TICKS,
                                       .scale = 1};
        put_header(sink);
    } else if (frame->codec != sink->header.codec) {
        fail(sink, "the codec changed");
        return;
    }
    pp_ivf_write_frame(&buf, frame->size, frame->time_us * TICKS / 1000000);
    put_buf(sink, &buf);
    put(sink, frame->data, frame->size);
    sink->header.frames++;
}

/* Only now is it known how many there are. */
static void release_file(void *self)
{
    struct file_sink *sink = self;

    if (sink->file && sink->has_header && fseek(sink->file, 0, SEEK_SET) == 0)
        put_header(sink);
    if (sink->file)
        fclose(sink->file);
    pp_free(sink);
}

int pipit_video_sink_file(const char *path, pipit_video_sink **out)
{
    static const pipit_video_sink_interface functions = {.write_encoded = write_file,
                                                         .release = release_file};
    struct file_sink *sink;
    int err;

    if (!path || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "video sink: path and out are needed");
    sink = PP_NEW(struct file_sink);
    if (!sink)
        return PIPIT_ERR_MEMORY;
    sink->file = fopen(path, "wb");
    err = sink->file
              ? pipit_video_sink_new(&functions, sink, out)
              : pp_error(PIPIT_ERR_IO, "video sink: cannot write '%s': %s", path, strerror(errno));
    if (err)
        release_file(sink);
    return err;
}
