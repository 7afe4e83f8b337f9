/* audio_receiver.c - any sequence of packets and steps at a receiver: each step plays 20 ms, the delay and what is held stay
 * bounded, and a good stream afterwards is heard within a second. */
/* FUZZ: media rtp base */
#include "media/audio_receiver.h"

#include "base/limits.h"
#include "base/reader.h"

#include "check.h"

enum { OPUS = 111, PCMU = 0, COMFORT_NOISE = 13, TELEPHONE_EVENT = 110 };

static size_t heard, steps;
static unsigned loud;

static void hear(void *self, const int16_t *samples, size_t count)
{
    (void)self;
    heard += count;
    for (size_t i = 0; i < count; i++)
        loud += samples[i] > 5000;
}

static void step(pp_audio_receiver *receiver, uint64_t now_us)
{
    pp_audio_receiver_stats stats;

    pp_audio_receiver_step(receiver, now_us);
    steps++;
    CHECK(heard == steps * 960);
    pp_audio_receiver_get_stats(receiver, &stats);
    CHECK(pp_level_get(&stats.level) >= 0 && pp_level_get(&stats.level) <= 1);
    CHECK(stats.account.concealed <= steps * 960 + 8 * 960);
    CHECK(stats.account.played <= steps * 960 && stats.account.delay_s >= 0);
    CHECK(stats.account.silent_concealed <= stats.account.concealed);
    CHECK(stats.account.concealment_events <= stats.account.concealed);
}

/* Records: what, sequence, timestamp, delay, size, payload. A small change of the last packet is most likely. */
static uint64_t play_any(pp_audio_receiver *receiver, pp_reader *r)
{
    static const uint8_t types[] = {OPUS, OPUS, OPUS, PCMU, TELEPHONE_EVENT, 8};
    pp_rtp packet = {.ssrc = 1};
    uint64_t now_us = 1000000;

    while (r->n && steps < 2000) {
        uint8_t what = pp_reader_u8(r);
        pp_reader payload;

        packet.payload_type = types[what % 6];
        if (packet.payload_type == TELEPHONE_EVENT && what & 0x80)
            packet.payload_type = COMFORT_NOISE;
        packet.ssrc += what >= 0xf8;
        packet.sequence = (uint16_t)(what & 0x40 ? pp_reader_u16(r) : packet.sequence + 1u);
        packet.timestamp =
            what & 0x20 ? pp_reader_u32(r) : packet.timestamp + pp_reader_u8(r) * 80u;
        payload = pp_reader_sub(r, pp_reader_u8(r));
        packet.payload = payload.p;
        packet.size = payload.n;
        (void)pp_audio_receiver_add(receiver, &packet, now_us);
        for (unsigned i = what >> 3 & 3; i > 0; i--) {
            now_us += 20000;
            step(receiver, now_us);
        }
    }
    return now_us;
}

/* PCMU at full scale for a second: it must come through whatever happened before. */
static void play_good(pp_audio_receiver *receiver, uint64_t now_us)
{
    uint8_t payload[160];
    pp_rtp packet = {.payload_type = PCMU,
                     .ssrc = 4000000,
                     .sequence = 5,
                     .payload = payload,
                     .size = sizeof(payload)};
    pp_audio_receiver_stats stats;

    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)(i / 8 % 2 ? 0x80 : 0x00);
    for (unsigned i = 0; i < 50; i++, packet.sequence++, packet.timestamp += 160) {
        now_us += 20000;
        CHECK(pp_audio_receiver_add(receiver, &packet, now_us) == 0);
        loud = 0;
        step(receiver, now_us);
    }
    CHECK(loud > 300);
    pp_audio_receiver_get_stats(receiver, &stats);
    CHECK(stats.delay_ms <= PP_LIMIT_JITTER_MS + 160);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pipit_sink_interface hearing = {.write = hear};
    const struct pp_receive_codec codecs[] = {{OPUS, pp_codec_find(PP_LIT("opus"), 48000, 2)},
                                              {PCMU, pp_codec_find(PP_LIT("PCMU"), 8000, 1)},
                                              {8, pp_codec_find(PP_LIT("PCMA"), 8000, 1)}};
    pp_reader r = pp_reader_of(data, size);
    pp_audio_receiver *receiver = NULL;
    pipit_sink *sink = NULL;

    heard = 0;
    steps = 0;
    CHECK(pipit_sink_new(&hearing, NULL, 48000, &sink) == 0);
    CHECK(pp_audio_receiver_new(&(pp_audio_receiver_options){.codecs = codecs,
                                                             .codec_count = 3,
                                                             .sink = sink,
                                                             .comfort_payload_type = COMFORT_NOISE,
                                                             .channels = size % 2 ? 2 : 1},
                                &receiver) == 0);
    play_good(receiver, play_any(receiver, &r));
    pp_audio_receiver_free(receiver);
    pipit_sink_unref(sink);
    return 0;
}
