/* stereo_file.c - two sinks into one WAV file, in step; libsndfile writes it. */
#include "pipit/sound.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"

#include <errno.h>
#include <sndfile.h>
#include <string.h>

enum { CHUNK = 960, AHEAD_MAX_MS = 200 };

struct side {
    struct stereo_file *file;
    pp_buf waiting; /* samples the other side has not got to */
    bool open;
};

struct stereo_file {
    SNDFILE *sound;
    size_t ahead_max; /* octets one side may be before the other */
    bool failed;
    struct side sides[2];
};

static void fail(struct stereo_file *file, const char *why)
{
    file->failed = true;
    pp_log_error("Media", "recording stopped: %s", why);
}

/* Samples of both sides; where one has none it is silent. */
static void write_frames(struct stereo_file *file, size_t count)
{
    int16_t samples[2][CHUNK] = {{0}};
    int16_t frames[2 * CHUNK];

    for (size_t i = 0; i < 2; i++) {
        pp_buf *waiting = &file->sides[i].waiting;
        size_t octets = count * sizeof(**samples);
        size_t have = waiting->n < octets ? waiting->n : octets;

        if (have)
            memcpy(samples[i], waiting->p, have);
        pp_buf_consume(waiting, have);
    }
    for (size_t i = 0; i < count; i++) {
        frames[2 * i] = samples[0][i];
        frames[2 * i + 1] = samples[1][i];
    }
    if (!file->failed &&
        sf_writef_short(file->sound, frames, (sf_count_t)count) != (sf_count_t)count)
        fail(file, sf_strerror(file->sound));
}

static void write_octets(struct stereo_file *file, size_t octets)
{
    for (size_t left = octets / sizeof(int16_t); left;) {
        size_t part = left < CHUNK ? left : CHUNK;

        write_frames(file, part);
        left -= part;
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void write_side(void *self, const int16_t *samples, size_t count)
{
    struct side *side = self;
    struct stereo_file *file = side->file;
    const struct side *other = &file->sides[side == &file->sides[0]];

    if (file->failed)
        return;
    pp_buf_add(&side->waiting, samples, count * sizeof(*samples));
    if (pp_buf_error(&side->waiting)) {
        fail(file, "no memory");
        return;
    }
    write_octets(file, smaller(side->waiting.n, other->waiting.n));
    if (!other->open)
        write_octets(file, side->waiting.n);
    else if (side->waiting.n > file->ahead_max)
        write_octets(file, side->waiting.n - file->ahead_max);
}

static void free_file(struct stereo_file *file)
{
    if (file->sound)
        sf_close(file->sound);
    for (size_t i = 0; i < 2; i++)
        pp_buf_free(&file->sides[i].waiting);
    pp_free(file);
}

static void close_side(void *self)
{
    struct side *side = self;
    struct stereo_file *file = side->file;

    side->open = false;
    if (file->sides[0].open || file->sides[1].open)
        return;
    if (file->sound)
        for (size_t i = 0; i < 2; i++)
            write_octets(file, file->sides[i].waiting.n);
    free_file(file);
}

static int open_file(struct stereo_file *file, const char *path, unsigned sample_rate)
{
    SF_INFO info = {
        .samplerate = (int)sample_rate, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};

    errno = 0;
    file->sound = sf_open(path, SFM_WRITE, &info);
    if (!file->sound)
        return pp_error(PIPIT_ERR_IO, "sink: cannot write '%s': %s", path,
                        errno ? strerror(errno) : sf_strerror(NULL));
    return 0;
}

static int open_sides(struct stereo_file *file, unsigned sample_rate, pipit_sink *out[2])
{
    static const pipit_sink_interface functions = {.write = write_side, .release = close_side};
    int err = 0;

    for (size_t i = 0; i < 2 && !err; i++) {
        file->sides[i].file = file;
        err = pipit_sink_new(&functions, &file->sides[i], sample_rate, &out[i]);
        file->sides[i].open = !err;
    }
    return err;
}

int pipit_sink_stereo_file(const char *path, unsigned sample_rate, pipit_sink **left,
                           pipit_sink **right)
{
    struct stereo_file *file;
    pipit_sink *sinks[2] = {0};
    int err;

    if (!path || !left || !right)
        return pp_error(PIPIT_ERR_ARGUMENT, "sink: path, left and right are needed");
    file = PP_NEW(struct stereo_file);
    if (!file)
        return PIPIT_ERR_MEMORY;
    file->ahead_max = (size_t)sample_rate / 1000 * AHEAD_MAX_MS * sizeof(int16_t);
    /* The rate is checked before a file is made or an old one is lost. */
    err = open_sides(file, sample_rate, sinks);
    if (!err)
        err = open_file(file, path, sample_rate);
    if (err && !sinks[0])
        free_file(file);
    if (err) {
        pipit_sink_unref(sinks[0]);
        pipit_sink_unref(sinks[1]);
        return err;
    }
    *left = sinks[0];
    *right = sinks[1];
    return 0;
}
