/* sound_card.c - microphone and speaker. SDL's threads and the loop's meet in three rings: what is to be played, what was played, and
 * what was heard. */
#include "devices/sound_card.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "devices/ring.h"
#include "devices/sdl.h"
#include "media/echo_canceller.h"

#include <string.h>

enum {
    RATE_CLEANED = 16000,
    RATE_PLAIN = 48000,
    FRAMES_A_SECOND = 50,
    FRAME_MAX = RATE_PLAIN / FRAMES_A_SECOND,
    PERIOD_MS = 10, /* that SDL asks for or brings at a time */
    AHEAD_MS = 60,  /* waiting to be played: three frames, so that neither side runs dry */
    AHEAD_MAX_MS =
        120, /* more than that, and the speaker is slower than the call: some is left out */
    WATCH_FRAMES =
        25 /* how often it is looked whether a device is still there: each half second of a call */
};

struct card;

struct device {
    struct card *card;
    pipit_device_kind kind;
    char *name;           /* that was asked for; NULL: the default */
    SDL_AudioDeviceID id; /* 0: it is not there */
};

struct card {
    unsigned ends; /* source and sink */
    const pp_sdl *sdl;
    struct device devices[2]; /* by kind */
    const pipit_device_handlers *handlers;
    void *user;
    unsigned rate;
    size_t frame;
    pp_echo_canceller *canceller; /* NULL: sound as it is */
    unsigned frames;              /* since it was looked last */
    int16_t ready[FRAME_MAX];     /* heard and cleaned, `ready_first` on not yet given */
    size_t ready_first;
    pp_ring to_play, played, heard;
};

static size_t in_samples(const struct card *card, unsigned ms)
{
    return (size_t)card->rate / 1000 * ms;
}

/* --- on SDL's threads ------------------------------------------------------------------------- */

static void play(void *user, Uint8 *octets, int size)
{
    struct card *card = user;
    int16_t *samples = (int16_t *)(void *)octets;
    size_t count = (size_t)size / sizeof(*samples);
    size_t given = pp_ring_read(&card->to_play, samples, count);

    memset(samples + given, 0, (count - given) * sizeof(*samples));
    (void)pp_ring_write(&card->played, samples, count);
}

static void capture(void *user, Uint8 *octets, int size)
{
    struct card *card = user;

    (void)pp_ring_write(&card->heard, (const int16_t *)(void *)octets,
                        (size_t)size / sizeof(int16_t));
}

/* --- devices come and go ---------------------------------------------------------------------- */

static int open_device(struct device *device, const char *name)
{
    struct card *card = device->card;
    bool is_microphone = device->kind == PIPIT_AUDIO_INPUT;
    const SDL_AudioSpec wanted = {.freq = (int)card->rate,
                                  .format = AUDIO_S16SYS,
                                  .channels = 1,
                                  .samples = (Uint16)in_samples(card, PERIOD_MS),
                                  .callback = is_microphone ? capture : play,
                                  .userdata = card};
    SDL_AudioSpec got;

    device->id = card->sdl->open(name, is_microphone, &wanted, &got, 0);
    if (!device->id)
        return pp_error(PIPIT_ERR_IO, "devices: the %s%s%s%s cannot be opened: %s",
                        is_microphone ? "microphone" : "speaker", name ? " '" : "",
                        name ? name : "", name ? "'" : "", card->sdl->error());
    card->sdl->pause(device->id, 0);
    return 0;
}

static void find_again(struct device *device)
{
    struct card *card = device->card;

    if (open_device(device, device->name) < 0 && open_device(device, NULL) < 0)
        return;
    pp_log_warn("Media", "there is a %s again",
                device->kind == PIPIT_AUDIO_INPUT ? "microphone" : "speaker");
    if (card->handlers->found)
        card->handlers->found(device->kind, device->name ? device->name : "", card->user);
}

static void watch_device(struct device *device)
{
    struct card *card = device->card;

    if (!device->id) {
        find_again(device);
        return;
    }
    if (card->sdl->status(device->id) != SDL_AUDIO_STOPPED)
        return;
    card->sdl->close(device->id);
    device->id = 0;
    pp_log_warn("Media", "the %s is gone",
                device->kind == PIPIT_AUDIO_INPUT ? "microphone" : "speaker");
    if (card->handlers->lost)
        card->handlers->lost(device->kind, card->user);
}

static void watch(struct card *card)
{
    if (++card->frames < WATCH_FRAMES)
        return;
    card->frames = 0;
    pp_sdl_find_changes(card->sdl);
    watch_device(&card->devices[PIPIT_AUDIO_INPUT]);
    watch_device(&card->devices[PIPIT_AUDIO_OUTPUT]);
}

/* --- on the loop's thread --------------------------------------------------------------------- */

/* Both clocks are the machine's, but not the same: what has piled up is left out. */
static void leave_out(pp_ring *ring, size_t more_than, size_t down_to)
{
    int16_t samples[FRAME_MAX];

    if (pp_ring_waiting(ring) <= more_than)
        return;
    while (pp_ring_waiting(ring) > down_to) {
        size_t excess = pp_ring_waiting(ring) - down_to;

        (void)pp_ring_read(ring, samples, excess < FRAME_MAX ? excess : FRAME_MAX);
    }
}

static void next_frame(struct card *card)
{
    int16_t heard[FRAME_MAX] = {0}, played[FRAME_MAX] = {0};
    size_t most = in_samples(card, AHEAD_MAX_MS);

    leave_out(&card->heard, most, 2 * card->frame);
    leave_out(&card->played, most, 2 * card->frame);
    (void)pp_ring_read(&card->heard, heard, card->frame);
    (void)pp_ring_read(&card->played, played, card->frame);
    if (card->canceller)
        pp_echo_canceller_run(card->canceller, heard, played, card->ready);
    else
        memcpy(card->ready, heard, card->frame * sizeof(*heard));
    card->ready_first = 0;
}

static size_t read_card(void *self, int16_t *samples, size_t count)
{
    struct card *card = self;

    for (size_t filled = 0; filled < count;) {
        size_t part = card->frame - card->ready_first;

        if (!part) {
            next_frame(card);
            watch(card);
            continue;
        }
        part = part < count - filled ? part : count - filled;
        memcpy(samples + filled, card->ready + card->ready_first, part * sizeof(*samples));
        card->ready_first += part;
        filled += part;
    }
    return count;
}

static void write_card(void *self, const int16_t *samples, size_t count)
{
    static const int16_t silence[FRAME_MAX];
    struct card *card = self;
    size_t ahead = pp_ring_waiting(&card->to_play);

    if (!ahead) /* it ran dry, or begins: with silence in front, so that it does not do so again */
        for (size_t left = in_samples(card, AHEAD_MS); left;) {
            size_t part = left < FRAME_MAX ? left : FRAME_MAX;

            (void)pp_ring_write(&card->to_play, silence, part);
            left -= part;
        }
    if (ahead <= in_samples(card, AHEAD_MAX_MS))
        (void)pp_ring_write(&card->to_play, samples, count);
}

/* --- the card --------------------------------------------------------------------------------- */

static void release_card(void *self)
{
    struct card *card = self;

    if (--card->ends)
        return;
    for (size_t i = 0; i < 2; i++) {
        if (card->devices[i].id)
            card->sdl->close(card->devices[i].id);
        pp_free(card->devices[i].name);
    }
    if (card->sdl)
        pp_sdl_release(card->sdl, SDL_INIT_AUDIO);
    pp_echo_canceller_free(card->canceller);
    pp_free(card);
}

static bool is_there(const pp_sdl *sdl, pipit_device_kind kind, const char *name)
{
    int capture_side = kind == PIPIT_AUDIO_INPUT;
    int count = sdl->device_count(capture_side);

    for (int i = 0; i < count; i++) {
        const char *have = sdl->device_name(i, capture_side);

        if (have && strcmp(have, name) == 0)
            return true;
    }
    return false;
}

static int set_up_device(struct card *card, pipit_device_kind kind, const char *name)
{
    struct device *device = &card->devices[kind];

    device->card = card;
    device->kind = kind;
    device->name = pp_strdup(name);
    if (name && !device->name)
        return PIPIT_ERR_MEMORY;
    if (name && !is_there(card->sdl, kind, name))
        return pp_error(PIPIT_ERR_NOT_FOUND, "devices: there is no %s '%s'",
                        kind == PIPIT_AUDIO_INPUT ? "microphone" : "speaker", name);
    return open_device(device, name);
}

static int set_up(struct card *card, const pipit_media_options *options)
{
    const pp_echo_canceller_options cleaning = {
        .rate = RATE_CLEANED,
        .frame = RATE_CLEANED / FRAMES_A_SECOND,
        .echo = !options->no_echo_cancellation,
        .noise = !options->no_noise_suppression,
        .gain = !options->no_gain_control,
    };
    bool is_cleaned = cleaning.echo || cleaning.noise || cleaning.gain;
    int err = pp_sdl_acquire(SDL_INIT_AUDIO, &card->sdl);

    card->rate = is_cleaned ? RATE_CLEANED : RATE_PLAIN;
    card->frame = card->ready_first = card->rate / FRAMES_A_SECOND;
    if (!err && is_cleaned)
        err = pp_echo_canceller_new(&cleaning, &card->canceller);
    if (!err)
        err = set_up_device(card, PIPIT_AUDIO_OUTPUT, options->speaker);
    if (!err)
        err = set_up_device(card, PIPIT_AUDIO_INPUT, options->microphone);
    return err;
}

static int open_ends(struct card *card, pipit_media_stream *out)
{
    static const pipit_source_interface source_functions = {.read = read_card,
                                                            .release = release_card};
    static const pipit_sink_interface sink_functions = {.write = write_card,
                                                        .release = release_card};
    pipit_source *source = NULL;
    int err = pipit_source_new(&source_functions, card, card->rate, &source);

    if (err)
        return err;
    card->ends++;
    err = pipit_sink_new(&sink_functions, card, card->rate, &out->audio_sink);
    if (err) {
        pipit_source_unref(source);
        return err;
    }
    card->ends++;
    out->audio_source = source;
    return 0;
}

int pp_sound_card_open(const pipit_media_options *options, pipit_media_stream *out)
{
    static const pipit_device_handlers no_handlers;
    struct card *card = PP_NEW(struct card);
    int err;

    if (!card)
        return PIPIT_ERR_MEMORY;
    card->ends = 1; /* ours, until all is there */
    card->handlers = options->handlers ? options->handlers : &no_handlers;
    card->user = options->user;
    err = set_up(card, options);
    if (!err)
        err = open_ends(card, out);
    release_card(card);
    return err;
}

int pipit_devices(pipit_device_kind kind, void (*each)(const char *name, void *user), void *user)
{
    int capture_side = kind == PIPIT_AUDIO_INPUT, count;
    const pp_sdl *sdl;
    int err;

    if (!each || (kind != PIPIT_AUDIO_INPUT && kind != PIPIT_AUDIO_OUTPUT))
        return pp_error(PIPIT_ERR_ARGUMENT, "devices: a kind and a function are needed");
    err = pp_sdl_acquire(SDL_INIT_AUDIO, &sdl);
    if (err)
        return err;
    count = sdl->device_count(capture_side);
    for (int i = 0; i < count; i++) {
        const char *name = sdl->device_name(i, capture_side);

        if (name)
            each(name, user);
    }
    pp_sdl_release(sdl, SDL_INIT_AUDIO);
    return 0;
}
