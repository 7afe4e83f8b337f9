/* recording.c - sound and pictures as they came, in one file, in the order of their capture. Each has a list of packets that wait: there
 * what was overtaken finds its place, and all is held until the file can begin. */
#include "pipit/recording.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "devices/container.h"

#include <stdio.h>
#include <string.h>

enum {
    SETTLE_US = 2000000, /* sender reports come meanwhile, which move what is held */
    ORDER_US = 300000,   /* a packet may come so long behind one that was captured later */
    LEAP_US = 2000000,   /* not a better time, but another stream */
    STEP_US = 1000       /* between two packets of a track at the least: Matroska counts so */
};

enum { SOUND, PICTURES };

typedef struct held {
    struct held *next, *previous;
    int64_t stamp_us;
    bool key;
    size_t size;
    uint8_t data[];
} held;

typedef struct track {
    bool wanted, known, in_file;
    char codec[8];
    unsigned width, height, channels;
    held *first, *last; /* by their stamps */
    bool has_stamp;     /* then of the last packet: */
    uint32_t timestamp; /* of sound, and its place on a line that does not wrap: */
    int64_t stamp_us;   /* of pictures it is the receiver's */
    int64_t offset_us;  /* from there to when it was captured */
    int64_t rebased_us; /* from the receiver's stamps to ours, after a leap */
    int64_t in_file_us; /* of the last one written */
    size_t number;      /* in the file */
} track;

struct recording {
    unsigned ends; /* sinks that are alive, and whoever makes them */
    pp_container *container;
    const pipit_recording_handlers *handlers;
    void *user;
    track tracks[PP_CONTAINER_TRACKS];
    size_t octets; /* that are held */
    bool begun, failed;
    int64_t begun_us; /* captured then, it is the beginning of the file */
};

/* --- what is held ----------------------------------------------------------------------------- */

static void drop(struct recording *recording, track *t, held *packet)
{
    *(packet->previous ? &packet->previous->next : &t->first) = packet->next;
    *(packet->next ? &packet->next->previous : &t->last) = packet->previous;
    recording->octets -= packet->size;
    pp_free(packet);
}

static void drop_all(struct recording *recording)
{
    for (size_t i = 0; i < PP_CONTAINER_TRACKS; i++)
        while (recording->tracks[i].first)
            drop(recording, &recording->tracks[i], recording->tracks[i].first);
}

/* Behind all that were captured sooner; one that is there already is passed over. */
static int hold(struct recording *recording, track *t, const held *like, const void *data)
{
    held *before = t->last, *packet;

    while (before && before->stamp_us > like->stamp_us)
        before = before->previous;
    if (before && before->stamp_us == like->stamp_us)
        return 0;
    packet = pp_alloc(sizeof(*packet) + like->size);
    if (!packet)
        return PIPIT_ERR_MEMORY;
    *packet = *like;
    memcpy(packet->data, data, like->size);
    packet->previous = before;
    packet->next = before ? before->next : t->first;
    *(before ? &before->next : &t->first) = packet;
    *(packet->next ? &packet->next->previous : &t->last) = packet;
    recording->octets += packet->size;
    return 0;
}

static int64_t captured_us(const track *t, const held *packet)
{
    return packet->stamp_us + t->offset_us;
}

/* The track whose first packet is the oldest of all; NULL: nothing is held. */
static track *oldest(struct recording *recording)
{
    track *found = NULL;

    for (size_t i = 0; i < PP_CONTAINER_TRACKS; i++) {
        track *t = &recording->tracks[i];

        if (t->first && (!found || captured_us(t, t->first) < captured_us(found, found->first)))
            found = t;
    }
    return found;
}

static int64_t newest_us(const struct recording *recording)
{
    int64_t newest = INT64_MIN / 2; /* nothing */

    for (size_t i = 0; i < PP_CONTAINER_TRACKS; i++) {
        const track *t = &recording->tracks[i];

        if (t->last && captured_us(t, t->last) > newest)
            newest = captured_us(t, t->last);
    }
    return newest;
}

/* --- the file --------------------------------------------------------------------------------- */

static bool is_complete(const struct recording *recording)
{
    for (size_t i = 0; i < PP_CONTAINER_TRACKS; i++)
        if (recording->tracks[i].wanted && !recording->tracks[i].known)
            return false;
    return true;
}

/* With all that is to be in it, once that is settled; or without what has not come in all that time. */
static bool may_begin(struct recording *recording)
{
    const track *first = oldest(recording);
    int64_t length_us = first ? newest_us(recording) - captured_us(first, first->first) : 0;

    return (is_complete(recording) && length_us >= SETTLE_US) ||
           length_us >= (int64_t)PP_LIMIT_RECORDING_HELD_S * 1000000 ||
           recording->octets >= PP_LIMIT_RECORDING_HELD;
}

static int begin(struct recording *recording)
{
    pp_container_track list[PP_CONTAINER_TRACKS];
    track *sound = &recording->tracks[SOUND];
    const track *first = oldest(recording);
    size_t count = 0;

    if (sound->wanted && !sound->known) { /* what has not come will be Opus */
        sound->known = true;
        sound->channels = 1;
        snprintf(sound->codec, sizeof(sound->codec), "opus");
    }
    for (size_t i = 0; i < PP_CONTAINER_TRACKS; i++) {
        track *t = &recording->tracks[i];

        if (!t->known)
            continue;
        list[count] = (pp_container_track){t->codec, t->width, t->height, t->channels, PP_STR_NONE};
        if (t->first)
            list[count].head = pp_str_n(t->first->data, t->first->size);
        t->number = count++;
        t->in_file = true;
        t->in_file_us = -STEP_US;
    }
    recording->begun_us = first ? captured_us(first, first->first) : 0;
    recording->begun = true;
    return pp_container_begin(recording->container, list, count);
}

static int write_first(struct recording *recording, track *t)
{
    const held *first = t->first;
    int64_t time_us = captured_us(t, first) - recording->begun_us;
    pp_container_packet packet = {
        .track = t->number, .data = first->data, .size = first->size, .key = first->key};
    int err;

    if (time_us < t->in_file_us + STEP_US)
        time_us = t->in_file_us + STEP_US;
    packet.time_us = (uint64_t)time_us;
    t->in_file_us = time_us;
    err = pp_container_write(recording->container, &packet);
    drop(recording, t, t->first);
    return err;
}

/* All that nothing can come before any more; `all`: whatever there is. */
static int write_due(struct recording *recording, bool all)
{
    int64_t until_us = newest_us(recording) - ORDER_US;
    int err = 0;
    track *t;

    if (!recording->begun && (all ? !recording->octets : !may_begin(recording)))
        return 0;
    if (!recording->begun)
        err = begin(recording);
    while (!err && (t = oldest(recording)) && (all || captured_us(t, t->first) <= until_us))
        err = write_first(recording, t);
    return err;
}

/* The handler may let go of the recording: nothing is done with it behind this. */
static void fail(struct recording *recording)
{
    recording->failed = true;
    drop_all(recording);
    pp_log_error("Media", "a recording stopped: %s", pipit_error_message());
    if (recording->handlers->failed)
        recording->handlers->failed(pipit_error_message(), recording->user);
}

/* --- what comes ------------------------------------------------------------------------------- */

/* A report of the sender moves the whole track a little; a leap is another stream, whose stamps go on where those before were. */
static void settle(track *t, int64_t *stamp_us, uint64_t captured)
{
    int64_t shift_us = (int64_t)captured - (*stamp_us + t->rebased_us) - t->offset_us;
    bool leaps = shift_us > LEAP_US || shift_us < -LEAP_US;

    if (captured && t->has_stamp && leaps)
        t->rebased_us += shift_us;
    else if (captured)
        t->offset_us += shift_us;
    *stamp_us += t->rebased_us;
    t->has_stamp = true;
}

static int take(struct recording *recording, track *t, const held *like, const void *data)
{
    int err;

    if (recording->begun && !t->in_file)
        return 0; /* it came too late to be in it */
    err = hold(recording, t, like, data);
    return err ? err : write_due(recording, false);
}

static int check_codec(track *t, const char *codec)
{
    if (t->known && strcmp(t->codec, codec) != 0)
        return pp_error(PIPIT_ERR_MEDIA, "recording: the codec changed from %s to %s", t->codec,
                        codec);
    snprintf(t->codec, sizeof(t->codec), "%s", codec);
    return 0;
}

static void write_sound(void *self, const pipit_audio_encoded *frame)
{
    struct recording *recording = self;
    track *t = &recording->tracks[SOUND];
    int rate = strcmp(frame->codec, "opus") == 0 ? 48000 : 8000;
    held packet = {.key = true, .size = frame->size};
    int err;

    if (recording->failed || !frame->size)
        return;
    err = check_codec(t, frame->codec);
    if (!t->known)
        t->channels = rate == 48000 && frame->data[0] & 4 ? 2 : 1; /* RFC 6716 section 3.1 */
    t->known = true;
    if (t->has_stamp)
        t->stamp_us += (int64_t)(int32_t)(frame->timestamp - t->timestamp) * 1000000 / rate;
    t->timestamp = frame->timestamp;
    packet.stamp_us = t->stamp_us;
    settle(t, &packet.stamp_us, frame->captured_us);
    if (!err)
        err = take(recording, t, &packet, frame->data);
    if (err)
        fail(recording);
}

static void write_picture(void *self, const pipit_video_encoded *frame)
{
    struct recording *recording = self;
    track *t = &recording->tracks[PICTURES];
    held packet = {.stamp_us = (int64_t)frame->time_us, .key = frame->key, .size = frame->size};
    int err;

    if (recording->failed || (!t->known && !frame->key))
        return;
    err = check_codec(t, frame->codec == PIPIT_VIDEO_VP8 ? "VP8" : "H264");
    if (!t->known) {
        t->width = frame->width;
        t->height = frame->height;
    }
    t->known = true;
    settle(t, &packet.stamp_us, frame->captured_us);
    if (!err)
        err = take(recording, t, &packet, frame->data);
    if (err)
        fail(recording);
}

/* --- its life --------------------------------------------------------------------------------- */

static void release(void *self)
{
    struct recording *recording = self;
    int err, last;

    if (--recording->ends)
        return;
    err = recording->failed ? 0 : write_due(recording, true);
    last = pp_container_close(recording->container);
    if (!recording->failed && (err || last))
        fail(recording);
    drop_all(recording);
    pp_free(recording);
}

static int open_ends(struct recording *recording, pipit_sink **sound, pipit_video_sink **pictures)
{
    static const pipit_encoded_sink_interface hearing = {write_sound, release};
    static const pipit_video_sink_interface seeing = {.write_encoded = write_picture,
                                                      .release = release};
    pipit_sink *ear = NULL;
    int err = sound ? pipit_sink_encoded(&hearing, recording, &ear) : 0;

    if (err)
        return err;
    recording->ends += sound != NULL;
    recording->tracks[SOUND].wanted = sound != NULL;
    err = pictures ? pipit_video_sink_new(&seeing, recording, pictures) : 0;
    if (err) {
        pipit_sink_unref(ear);
        return err;
    }
    recording->ends += pictures != NULL;
    recording->tracks[PICTURES].wanted = pictures != NULL;
    if (sound)
        *sound = ear;
    return 0;
}

int pipit_recording_open(const char *path, const pipit_recording_options *options,
                         pipit_sink **sound, pipit_video_sink **pictures)
{
    static const pipit_recording_handlers none;
    struct recording *recording;
    int err;

    if (!path || (!sound && !pictures))
        return pp_error(PIPIT_ERR_ARGUMENT, "recording: a path and a sink are needed");
    if (!pp_container_is_named(path))
        return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                        "recording: '%s' ends neither with .webm nor with .mkv nor with .mp4",
                        path);
    recording = PP_NEW(struct recording);
    if (!recording)
        return PIPIT_ERR_MEMORY;
    recording->ends = 1;
    recording->handlers = options && options->handlers ? options->handlers : &none;
    recording->user = options ? options->user : NULL;
    err = pp_container_open(path, &recording->container);
    if (!err)
        err = open_ends(recording, sound, pictures);
    release(recording);
    return err;
}
