/* play.c - a trace through Pipit's receiver, and through speexdsp's jitter buffer. */
#include "play.h"

#include "base/alloc.h"
#include "media/audio_receiver.h"

#include <speex/speex_jitter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 8000, FRAME = RATE / 50, STEPS = TRACE_PACKETS + 100 };

static void must(bool done)
{
    if (!done) {
        fprintf(stderr, "jitter: it did not work\n");
        exit(EXIT_FAILURE);
    }
}

void play_deliver(const trace_packet *packets, size_t *next, double now_ms,
                  void (*add)(void *arg, size_t packet), void *arg)
{
    for (; *next < TRACE_PACKETS; ++*next) {
        const trace_packet *packet = &packets[*next];

        if (!packet->lost && packet->came_ms > now_ms)
            return;
        if (!packet->lost)
            add(arg, *next);
    }
}

/* --- a codec whose sound is the number of its packet ------------------------------------------ */

static int decode(pp_codec *codec, const uint8_t *data, size_t size, bool fec, int16_t *out,
                  size_t capacity)
{
    int16_t number;

    (void)codec;
    must(size == sizeof(number) && capacity >= FRAME);
    if (fec)
        return 0;
    memcpy(&number, data, sizeof(number));
    for (size_t i = 0; i < FRAME; i++)
        out[i] = number;
    return FRAME;
}

static int conceal(pp_codec *codec, int16_t *out, size_t capacity)
{
    (void)codec;
    must(capacity >= FRAME);
    memset(out, 0, FRAME * sizeof(*out));
    return FRAME;
}

static uint32_t duration(pp_codec *codec, const uint8_t *data, size_t size)
{
    (void)codec;
    (void)data;
    (void)size;
    return FRAME;
}

static uint32_t no_redundancy(pp_codec *codec, const uint8_t *data, size_t size)
{
    (void)codec;
    (void)data;
    (void)size;
    return 0;
}

static void close_codec(pp_codec *codec)
{
    pp_free(codec);
}

static int open_codec(const pp_codec_type *type, pp_str remote_fmtp, pp_codec **out)
{
    pp_codec *codec = PP_NEW(pp_codec);

    (void)remote_fmtp;
    must(codec);
    *codec = (pp_codec){.type = type,
                        .decode = decode,
                        .conceal = conceal,
                        .duration = duration,
                        .redundancy = no_redundancy,
                        .close = close_codec};
    *out = codec;
    return 0;
}

static const pp_codec_type numbers = {.name = "numbers",
                                      .clock_rate = RATE,
                                      .channels = 1,
                                      .sample_rate = RATE,
                                      .static_payload_type = -1,
                                      .payload_type = 96,
                                      .open = open_codec};

/* --- ours ------------------------------------------------------------------------------------- */

struct ours {
    pp_audio_receiver *receiver;
    play_record *record;
    const trace_packet *packets;
    double now_ms;
};

static void add_to_ours(void *arg, size_t number)
{
    struct ours *ours = arg;
    int16_t payload = (int16_t)(number + 1); /* 0 is silence */
    const pp_rtp packet = {.payload_type = 96,
                           .sequence = (uint16_t)number,
                           .timestamp = (uint32_t)(number * FRAME),
                           .ssrc = 1,
                           .payload = (const uint8_t *)&payload,
                           .size = sizeof(payload)};
    double came_us = ours->packets[number].came_ms * 1000;

    must(pp_audio_receiver_add(ours->receiver, &packet, (uint64_t)came_us) == 0);
}

static void hear(void *self, const int16_t *samples, size_t count)
{
    struct ours *ours = self;
    int16_t number = samples[count * 3 / 4]; /* behind where one sound may fade into the next */

    ours->record->frames[ours->record->count++] =
        (play_frame){.at_ms = ours->now_ms, .packet = number > 0 ? number - 1 : PLAY_NOTHING};
}

void play_ours(const trace_packet *packets, play_record *out)
{
    static const pipit_sink_interface functions = {.write = hear};
    const struct pp_receive_codec codec = {96, &numbers};
    struct ours ours = {.record = out, .packets = packets};
    pp_audio_receiver_options options = {.codecs = &codec, .codec_count = 1};
    size_t next = 0;

    out->count = 0;
    must(pipit_sink_new(&functions, &ours, RATE, &options.sink) == 0);
    must(pp_audio_receiver_new(&options, &ours.receiver) == 0);
    for (unsigned step = 0; step < STEPS; step++) {
        ours.now_ms = step * 20 + PLAY_PHASE_MS;
        play_deliver(packets, &next, ours.now_ms, add_to_ours, &ours);
        pp_audio_receiver_step(ours.receiver, (uint64_t)(ours.now_ms * 1000));
    }
    pp_audio_receiver_free(ours.receiver);
    pipit_sink_unref(options.sink);
}

/* --- speexdsp's ------------------------------------------------------------------------------- */

static void add_to_speex(void *arg, size_t number)
{
    char data[4] = {0};
    JitterBufferPacket packet = {.data = data,
                                 .len = sizeof(data),
                                 .timestamp = (spx_uint32_t)(number * FRAME),
                                 .span = FRAME,
                                 .sequence = (spx_uint16_t)number};

    jitter_buffer_put(arg, &packet);
}

void play_speex(const trace_packet *packets, play_record *out)
{
    JitterBuffer *buffer = jitter_buffer_init(FRAME);
    bool started = false;
    size_t next = 0;

    must(buffer);
    out->count = 0;
    for (unsigned step = 0; step < STEPS; step++) {
        double now_ms = step * 20 + PLAY_PHASE_MS;
        char data[64];
        JitterBufferPacket packet = {.data = data, .len = sizeof(data)};
        spx_int32_t offset = 0;

        play_deliver(packets, &next, now_ms, add_to_speex, buffer);
        started |= next > 0;
        if (!started)
            continue;
        if (jitter_buffer_get(buffer, &packet, FRAME, &offset) == JITTER_BUFFER_OK)
            out->frames[out->count++] =
                (play_frame){.at_ms = now_ms, .packet = (long)(packet.timestamp / FRAME)};
        else
            out->frames[out->count++] = (play_frame){.at_ms = now_ms, .packet = PLAY_NOTHING};
        jitter_buffer_tick(buffer);
    }
    jitter_buffer_destroy(buffer);
}
