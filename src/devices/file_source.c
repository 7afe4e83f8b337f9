/* file_source.c - playing a file; libsndfile reads it (WAV, FLAC, Ogg, MP3 and more). */
#include "pipit/media.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/resample.h"
#include "media/source.h"

#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 4096, CALL_RATE_MIN = 8000, CALL_RATE_MAX = 48000 };

struct file_source {
    SNDFILE *file;
    unsigned file_channels, channels; /* of the file, and those that are given */
    unsigned file_rate;
    sf_count_t frame_count;
    uint64_t next_frame; /* of the file, to be read */
    unsigned rate;       /* that is given */
    bool seekable, loop;
    pp_resampler *resampler; /* NULL when the file's rate is one a call takes */
    int16_t *ready;          /* of the rate that is given, `first` to `end` not yet read */
    size_t ready_size, first, end;
    float interleaved[CHUNK];
    int16_t converted[CHUNK];
};

static int16_t to_sample(double value)
{
    double scaled = value * 32768;

    if (scaled >= 32767)
        return 32767;
    return scaled <= -32768 ? -32768 : (int16_t)lrint(scaled);
}

/* Samples as they are, or all channels made one. */
static void convert(struct file_source *source, size_t frames)
{
    unsigned per_sample = source->file_channels / source->channels;

    for (size_t i = 0; i < frames * source->channels; i++) {
        double sum = 0;

        for (unsigned channel = 0; channel < per_sample; channel++)
            sum += (double)source->interleaved[i * per_sample + channel];
        source->converted[i] = to_sample(sum / per_sample);
    }
}

static size_t read_frames(struct file_source *source)
{
    sf_count_t frames =
        sf_readf_float(source->file, source->interleaved, CHUNK / source->file_channels);

    if (frames <= 0)
        return 0;
    source->next_frame += (uint64_t)frames;
    return (size_t)frames;
}

/* Gets the next part of the file; false at its end. */
static bool refill(struct file_source *source)
{
    size_t frames = read_frames(source);

    /* Once more from the start and no more: an empty file would turn for ever. */
    if (!frames && source->loop && sf_seek(source->file, 0, SEEK_SET) == 0) {
        source->next_frame = 0;
        frames = read_frames(source);
    }
    convert(source, frames);
    source->first = 0;
    source->end = pp_resampler_run(source->resampler, source->converted, frames, source->ready,
                                   source->ready_size);
    return frames > 0;
}

static size_t read_file(void *self, int16_t *samples, size_t count)
{
    struct file_source *source = self;
    size_t filled = 0;

    while (filled < count) {
        size_t part = source->end - source->first;

        if (!part) {
            if (!refill(source))
                break;
            continue;
        }
        part = part < count - filled ? part : count - filled;
        memcpy(samples + filled * source->channels,
               source->ready + source->first * source->channels,
               part * source->channels * sizeof(*samples));
        source->first += part;
        filled += part;
    }
    return filled;
}

static int seek_file(void *self, uint64_t position_ms)
{
    struct file_source *source = self;
    uint64_t end = (uint64_t)source->frame_count;
    uint64_t frame =
        position_ms < end * 1000 / source->file_rate ? position_ms * source->file_rate / 1000 : end;

    if (!source->seekable || sf_seek(source->file, (sf_count_t)frame, SEEK_SET) < 0)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "source: this file can only be read through");
    source->next_frame = frame;
    source->first = source->end = 0;
    return 0;
}

/* What was read and not yet given stands before the file's own place. */
static uint64_t tell_file(const void *self)
{
    const struct file_source *source = self;
    uint64_t left = source->end - source->first;
    uint64_t ahead = left * source->file_rate / source->rate;

    return (source->next_frame > ahead ? source->next_frame - ahead : 0) * 1000 / source->file_rate;
}

static void release_file(void *self)
{
    struct file_source *source = self;

    if (source->file)
        sf_close(source->file);
    pp_resampler_free(source->resampler);
    pp_free(source->ready);
    pp_free(source);
}

static int open_file(struct file_source *source, const char *path)
{
    SF_INFO info = {0};

    if (access(path, R_OK) < 0)
        return pp_error(PIPIT_ERR_NOT_FOUND, "source: cannot open '%s': %s", path, strerror(errno));
    source->file = sf_open(path, SFM_READ, &info);
    if (!source->file)
        return pp_error(PIPIT_ERR_MEDIA, "source: '%s' is no audio file: %s", path,
                        sf_strerror(NULL));
    if (info.channels < 1 || info.channels > CHUNK || info.samplerate < 1000 ||
        info.samplerate > 768000)
        return pp_error(PIPIT_ERR_MEDIA, "source: '%s' has %d channels at %d a second", path,
                        info.channels, info.samplerate);
    source->file_channels = (unsigned)info.channels;
    source->channels = info.channels == 2 ? 2 : 1;
    source->file_rate = (unsigned)info.samplerate;
    source->frame_count = info.frames;
    source->seekable = info.seekable;
    return 0;
}

/* A rate no call takes is brought to the nearest one here. */
static int set_up_resampler(struct file_source *source, unsigned *rate)
{
    unsigned file_rate = source->file_rate;
    int err;

    *rate = file_rate < CALL_RATE_MIN ? CALL_RATE_MIN : file_rate;
    if (*rate > CALL_RATE_MAX)
        *rate = CALL_RATE_MAX;
    err = pp_resampler_new(file_rate, *rate, source->channels, &source->resampler);
    if (err)
        return err;
    source->rate = *rate;
    source->ready_size = pp_resampler_bound(source->resampler, CHUNK / source->file_channels);
    source->ready = pp_array(source->ready_size * source->channels, sizeof(*source->ready));
    return source->ready ? 0 : PIPIT_ERR_MEMORY;
}

int pipit_source_file(const char *path, bool loop, pipit_source **out)
{
    static const pipit_source_interface functions = {.read = read_file, .release = release_file};
    static const pp_source_place place = {seek_file, tell_file};
    struct file_source *source;
    unsigned rate = 0;
    int err;

    if (!path || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "source: path and out are needed");
    source = PP_NEW(struct file_source);
    if (!source)
        return PIPIT_ERR_MEMORY;
    source->loop = loop;
    err = open_file(source, path);
    if (!err)
        err = set_up_resampler(source, &rate);
    if (!err)
        err = pp_source_new(&functions, source, rate, source->channels, out);
    if (err)
        release_file(source);
    else
        (*out)->place = &place;
    return err;
}
