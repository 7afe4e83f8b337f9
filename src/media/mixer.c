/* mixer.c - the sum of the others, for each. */
#include "media/mixer.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/codec.h"
#include "media/intake.h"
#include "media/level.h"
#include "media/outlet.h"
#include "media/sound_queue.h"

#include <string.h>

enum {
    FRAME = PP_MIXER_RATE / (1000 / PP_FRAME_MS),
    /* What one says waits for a frame more than the step takes, so that steps and frames may change their order. */
    SAID_START = 2 * FRAME,
    SAID_MAX = 5 * FRAME,
    HEARD_MAX = 2 * FRAME,
    KNEE = 24000 /* beyond that loudness is pressed together */
};

struct pp_mixer_seat {
    unsigned references; /* the mixer's, and those of both ends */
    pp_mixer *mixer;     /* NULL: it has gone */
    pp_mixer_seat *next;
    bool left; /* at the next step what it said last dies away, and then it goes */
    pipit_source *source;
    pipit_sink *sink;
    pp_sound_queue said, heard;
    int16_t frame[FRAME]; /* of the step: what it says */
    pp_level level;
};

struct pp_mixer {
    unsigned references; /* its owner's, and one while a step is made */
    pp_mixer_seat *seats;
    pp_intake local_source;
    pp_outlet local_sink;
    pp_level local_level;
};

/* --- seats ------------------------------------------------------------------------------------ */

static void seat_release(void *self)
{
    pp_mixer_seat *seat = self;

    if (--seat->references)
        return;
    pp_sound_queue_close(&seat->said);
    pp_sound_queue_close(&seat->heard);
    pp_free(seat);
}

static void say(void *self, const int16_t *samples, size_t count)
{
    pp_mixer_seat *seat = self;

    if (!seat->left)
        pp_sound_queue_put(&seat->said, samples, count);
}

static void make_step(pp_mixer *mixer);

static size_t hear(void *self, int16_t *samples, size_t count)
{
    pp_mixer_seat *seat = self;

    for (size_t at = 0; at < count; at += FRAME) {
        size_t part = count - at < FRAME ? count - at : FRAME;

        if (!seat->left && seat->heard.count < part)
            make_step(seat->mixer);
        pp_sound_queue_take(&seat->heard, samples + at, part);
    }
    return count;
}

static int make_ends(pp_mixer_seat *seat)
{
    static const pipit_source_interface source_functions = {.read = hear, .release = seat_release};
    static const pipit_sink_interface sink_functions = {.write = say, .release = seat_release};
    int err = pipit_source_new(&source_functions, seat, PP_MIXER_RATE, &seat->source);

    if (err)
        return err;
    seat->references++;
    err = pipit_sink_new(&sink_functions, seat, PP_MIXER_RATE, &seat->sink);
    if (err)
        return err;
    seat->references++;
    return 0;
}

/* It is in no list any more. */
static void seat_drop(pp_mixer_seat *seat)
{
    seat->left = true;
    seat->mixer = NULL;
    pipit_source_unref(seat->source);
    pipit_sink_unref(seat->sink);
    seat_release(seat);
}

static void drop_left(pp_mixer *mixer)
{
    pp_mixer_seat **at = &mixer->seats;

    while (*at) {
        pp_mixer_seat *seat = *at;

        if (!seat->left) {
            at = &seat->next;
            continue;
        }
        *at = seat->next;
        seat_drop(seat);
    }
}

int pp_mixer_add(pp_mixer *mixer, pp_mixer_seat **out)
{
    pp_mixer_seat *seat = PP_NEW(pp_mixer_seat);
    int err;

    if (!seat)
        return PIPIT_ERR_MEMORY;
    seat->references = 1;
    err = pp_sound_queue_init(&seat->said, SAID_START, SAID_MAX);
    if (!err)
        err = pp_sound_queue_init(&seat->heard, FRAME, HEARD_MAX);
    if (!err)
        err = make_ends(seat);
    if (err) {
        seat_drop(seat);
        return err;
    }
    drop_left(mixer);
    seat->mixer = mixer;
    seat->next = mixer->seats;
    mixer->seats = seat;
    *out = seat;
    return 0;
}

void pp_mixer_remove(pp_mixer_seat *seat)
{
    seat->left = true;
    pp_sound_queue_clear(&seat->said);
}

pipit_media_stream pp_mixer_seat_stream(const pp_mixer_seat *seat)
{
    return (pipit_media_stream){.audio_source = seat->source, .audio_sink = seat->sink};
}

double pp_mixer_seat_level(const pp_mixer_seat *seat)
{
    return pp_level_get(&seat->level);
}

/* --- the sum ---------------------------------------------------------------------------------- */

static void add(int32_t *sum, const int16_t *frame)
{
    for (size_t i = 0; i < FRAME; i++)
        sum[i] += frame[i];
}

/* Straight up to the knee, then ever flatter, and never at the end: no edge that would be heard. */
static int16_t press(int32_t value)
{
    const int32_t room = INT16_MAX - KNEE;
    int32_t size = value < 0 ? -value : value;

    if (size > KNEE)
        size = KNEE + (int32_t)((int64_t)(size - KNEE) * room / (size - KNEE + room));
    return (int16_t)(value < 0 ? -size : size);
}

static void subtract(const int32_t *sum, const int16_t *own, int16_t *out)
{
    for (size_t i = 0; i < FRAME; i++)
        out[i] = press(sum[i] - own[i]);
}

static void collect(pp_mixer *mixer, int32_t *sum)
{
    for (pp_mixer_seat *seat = mixer->seats; seat; seat = seat->next) {
        pp_sound_queue_take(&seat->said, seat->frame, FRAME);
        pp_level_add(&seat->level, seat->frame, FRAME);
        add(sum, seat->frame);
    }
}

static void hand_out(pp_mixer *mixer, const int32_t *sum)
{
    int16_t out[FRAME];

    for (pp_mixer_seat *seat = mixer->seats; seat; seat = seat->next)
        if (!seat->left) {
            subtract(sum, seat->frame, out);
            pp_sound_queue_put(&seat->heard, out, FRAME);
        }
}

static void release(pp_mixer *mixer)
{
    if (--mixer->references)
        return;
    pp_intake_close(&mixer->local_source);
    pp_outlet_close(&mixer->local_sink);
    pp_free(mixer);
}

/* The local ends are the application's: it may do anything in there, so they come first and last. */
static void make_step(pp_mixer *mixer)
{
    int32_t sum[FRAME] = {0};
    int16_t local[FRAME] = {0}, out[FRAME];

    mixer->references++;
    if (mixer->local_source.feed)
        pp_intake_read(&mixer->local_source, local);
    pp_level_add(&mixer->local_level, local, FRAME);
    add(sum, local);
    collect(mixer, sum);
    hand_out(mixer, sum);
    drop_left(mixer);
    subtract(sum, local, out);
    pp_outlet_write(&mixer->local_sink, out, FRAME);
    release(mixer);
}

/* --- life ------------------------------------------------------------------------------------- */

int pp_mixer_new(pp_mixer **out)
{
    pp_mixer *mixer = PP_NEW(pp_mixer);

    if (!mixer)
        return PIPIT_ERR_MEMORY;
    mixer->references = 1;
    mixer->local_source.rate = PP_MIXER_RATE;
    mixer->local_source.channels = 1;
    *out = mixer;
    return 0;
}

pp_mixer *pp_mixer_free(pp_mixer *mixer)
{
    if (!mixer)
        return NULL;
    for (pp_mixer_seat *seat = mixer->seats; seat; seat = seat->next)
        seat->left = true;
    drop_left(mixer);
    release(mixer);
    return NULL;
}

int pp_mixer_set_local(pp_mixer *mixer, const pipit_media_stream *stream)
{
    pipit_sink *before = pipit_sink_ref(mixer->local_sink.sink);
    int err = pp_outlet_set(&mixer->local_sink, stream->audio_sink, PP_MIXER_RATE, 1);

    if (!err && (stream->audio_source || mixer->local_source.feed))
        err = pp_intake_set(&mixer->local_source, stream->audio_source);
    if (err && pp_outlet_set(&mixer->local_sink, before, PP_MIXER_RATE, 1) < 0)
        (void)pp_outlet_set(&mixer->local_sink, NULL, PP_MIXER_RATE, 1);
    pipit_sink_unref(before);
    return err;
}

double pp_mixer_local_level(const pp_mixer *mixer)
{
    return pp_level_get(&mixer->local_level);
}
