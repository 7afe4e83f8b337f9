/* file_sink.c - recording to a WAV file; libsndfile writes it. */
#include "pipit/media.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "media/source.h"

#include <errno.h>
#include <sndfile.h>
#include <string.h>

struct file_sink {
    SNDFILE *file;
    unsigned channels;
    bool failed;
};

static void write_file(void *self, const int16_t *samples, size_t count)
{
    struct file_sink *sink = self;

    if (sink->failed)
        return;
    sink->failed = sf_writef_short(sink->file, samples, (sf_count_t)count) != (sf_count_t)count;
    if (sink->failed)
        pp_log_error("Media", "recording stopped: %s", sf_strerror(sink->file));
}

static void release_file(void *self)
{
    struct file_sink *sink = self;

    if (sink->file)
        sf_close(sink->file);
    pp_free(sink);
}

static int open_file(struct file_sink *sink, const char *path, unsigned sample_rate)
{
    SF_INFO info = {.samplerate = (int)sample_rate,
                    .channels = (int)sink->channels,
                    .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};

    errno = 0;
    sink->file = sf_open(path, SFM_WRITE, &info);
    if (!sink->file)
        return pp_error(PIPIT_ERR_IO, "sink: cannot write '%s': %s", path,
                        errno ? strerror(errno) : sf_strerror(NULL));
    return 0;
}

int pipit_sink_file(const char *path, unsigned sample_rate, pipit_sink **out)
{
    return pipit_sink_file_channels(path, sample_rate, 1, out);
}

int pipit_sink_file_channels(const char *path, unsigned sample_rate, unsigned channels,
                             pipit_sink **out)
{
    static const pipit_sink_interface functions = {.write = write_file, .release = release_file};
    struct file_sink *sink;
    pipit_sink *made = NULL;
    int err;

    if (!path || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "sink: path and out are needed");
    if (channels < 1 || channels > 2)
        return pp_error(PIPIT_ERR_ARGUMENT, "sink: one channel or two, not %u", channels);
    sink = PP_NEW(struct file_sink);
    if (!sink)
        return PIPIT_ERR_MEMORY;
    sink->channels = channels;
    /* The rate is checked before a file is made or an old one is lost. */
    err = pp_sink_new(&functions, sink, sample_rate, channels, &made);
    if (err) {
        release_file(sink);
        return err;
    }
    err = open_file(sink, path, sample_rate);
    if (err) {
        pipit_sink_unref(made);
        return err;
    }
    *out = made;
    return 0;
}
