/* jitter.c - a receiver behind networks that delay, lose, repeat and reorder: twenty seconds of each, from a seed. */
#include "media/audio_receiver.h"

#include "support/files.h"
#include "unit/media/codecs.h"
#include "unit/media/signal.h"

#include <stdlib.h>

enum { PACKETS = 1000, FRAME_US = 20000, ARRIVALS_MAX = 2 * PACKETS };

struct network {
    const char *name;
    double loss;                      /* at random */
    double burst_loss;                /* chance that a burst of up to 5 lost packets begins */
    double jitter_ms;                 /* mean of an exponential delay */
    double reordered;                 /* share that comes 45 ms later than it should */
    double repeated;                  /* share that comes twice */
    unsigned stall_every_s, stall_ms; /* all that should come in this time comes at its end */
    int drift_ppm;                    /* how much faster than ours the sender's clock is */
};

struct result {
    double concealed, lost; /* shares of the time */
    double delay_ms, delay_max_ms;
    uint64_t fec, late, repeated;
    double rms;
};

struct arrival {
    uint64_t at_us;
    unsigned index;
};

static struct {
    uint8_t data[PP_FRAME_BYTES_MAX];
    size_t size;
} packets[PACKETS];

static void encode_all(const char *fmtp)
{
    pp_codec *codec = NULL;

    assert_int_equal(pp_codec_open(test_codec(0), pp_str_c(fmtp), &codec), 0);
    for (size_t i = 0; i < PACKETS; i++) {
        int16_t samples[960];
        int size;

        test_speech(samples, 960, 48000, i * 960);
        size = codec->encode(codec, samples, 960, 0.1, packets[i].data, PP_FRAME_BYTES_MAX);
        assert_true(size > 0);
        packets[i].size = (size_t)size;
    }
    pp_codec_close(codec);
}

static int set_up(void **state)
{
    (void)state;
    encode_all("useinbandfec=1");
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct arrival *x = a, *y = b;

    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* When packet `index` comes, if it does. */
static uint64_t arrival_of(const struct network *network, unsigned index, test_rng *rng)
{
    double sent_us = index * (FRAME_US * (1 - network->drift_ppm / 1e6));
    double at_us = 1000000 + sent_us;
    double stall_us = network->stall_every_s * 1e6;

    at_us -= network->jitter_ms * 1000 * log(1 - test_rng_fraction(rng));
    if (test_rng_fraction(rng) < network->reordered)
        at_us += 45000;
    if (stall_us > 0 && fmod(at_us, stall_us) > stall_us - network->stall_ms * 1000.0)
        at_us += stall_us - fmod(at_us, stall_us);
    return (uint64_t)at_us;
}

static size_t make_trace(const struct network *network, uint64_t seed, struct arrival *arrivals,
                         unsigned *lost)
{
    test_rng rng = {seed};
    unsigned burst = 0;
    size_t count = 0;

    *lost = 0;
    for (unsigned i = 0; i < PACKETS; i++) {
        uint64_t at_us = arrival_of(network, i, &rng);

        if (test_rng_fraction(&rng) < network->burst_loss)
            burst = 1 + test_rng_next(&rng) % 5;
        if (test_rng_fraction(&rng) < network->loss || burst) {
            burst -= burst > 0;
            *lost += i > 2 && i < PACKETS - 1;
            if (i > 2 && i < PACKETS - 1)
                continue;
        }
        arrivals[count++] = (struct arrival){at_us, i};
        if (test_rng_fraction(&rng) < network->repeated)
            arrivals[count++] = (struct arrival){at_us + 3000, i};
    }
    qsort(arrivals, count, sizeof(*arrivals), by_time);
    return count;
}

static double heard_square;
static size_t heard_samples;

static void hear(void *self, const int16_t *samples, size_t count)
{
    (void)self;
    for (size_t i = 0; i < count; i++)
        heard_square += (double)samples[i] * samples[i];
    heard_samples += count;
}

static pp_audio_receiver *new_receiver(void)
{
    static const pipit_sink_interface hearing = {.write = hear};
    const struct pp_receive_codec codec = {111, test_codec(0)};
    pipit_sink *sink = NULL;
    pp_audio_receiver *receiver = NULL;

    assert_int_equal(pipit_sink_new(&hearing, NULL, 48000, &sink), 0);
    assert_int_equal(
        pp_audio_receiver_new(
            &(pp_audio_receiver_options){.codecs = &codec, .codec_count = 1, .sink = sink},
            &receiver),
        0);
    pipit_sink_unref(sink);
    heard_square = 0;
    heard_samples = 0;
    return receiver;
}

static void add(pp_audio_receiver *receiver, const struct arrival *arrival)
{
    const pp_rtp packet = {
        .payload_type = 111,
        .sequence = (uint16_t)(65000 + arrival->index),
        .timestamp = 0xfff00000u + arrival->index * 960,
        .ssrc = 5,
        .payload = packets[arrival->index].data,
        .size = packets[arrival->index].size,
    };

    assert_int_equal(pp_audio_receiver_add(receiver, &packet, arrival->at_us), 0);
}

static struct result run(const struct network *network, uint64_t seed)
{
    static struct arrival arrivals[ARRIVALS_MAX];
    unsigned lost;
    size_t count = make_trace(network, seed, arrivals, &lost), next = 0;
    pp_audio_receiver *receiver = new_receiver();
    pp_audio_receiver_stats stats;
    struct result result = {0};
    unsigned steps = 0;

    for (uint64_t now = 1007000; next < count; now += FRAME_US) {
        while (next < count && arrivals[next].at_us <= now)
            add(receiver, &arrivals[next++]);
        pp_audio_receiver_step(receiver, now);
        pp_audio_receiver_get_stats(receiver, &stats);
        result.delay_max_ms = fmax(result.delay_max_ms, stats.delay_ms);
        result.delay_ms += stats.delay_ms;
        steps++;
    }
    result.delay_ms /= steps;
    result.concealed = (double)stats.account.concealed / (PACKETS * 960.0);
    result.lost = (double)lost / PACKETS;
    result.fec = stats.fec_packets_used;
    result.late = stats.packets_late;
    result.repeated = stats.packets_duplicate;
    result.rms = sqrt(heard_square / (double)heard_samples);
    pp_audio_receiver_free(receiver);
    print_message("%-28s lost %4.1f %%, concealed %4.1f %%, by FEC %3u, late %3u, repeated %2u, "
                  "delay %3.0f ms (at most %3.0f)\n",
                  network->name, result.lost * 100, result.concealed * 100, (unsigned)result.fec,
                  (unsigned)result.late, (unsigned)result.repeated, result.delay_ms,
                  result.delay_max_ms);
    return result;
}

static void a_perfect_network_conceals_nothing_and_waits_for_two_frames(void **state)
{
    const struct network network = {.name = "perfect"};
    struct result result = run(&network, 1);

    (void)state;
    assert_true(result.concealed == 0);
    assert_int_equal(result.late + result.fec + result.repeated, 0);
    assert_true(result.delay_max_ms <= 60);
    assert_true(result.rms > 500);
}

static void a_jittery_network_costs_delay_and_little_else(void **state)
{
    static const struct {
        struct network network;
        double concealed, delay_ms;
    } cases[] = {
        {{.name = "jitter 5 ms", .jitter_ms = 5}, 0.005, 60},
        {{.name = "jitter 15 ms", .jitter_ms = 15}, 0.01, 95},
        {{.name = "jitter 30 ms", .jitter_ms = 30}, 0.015, 130},
        {{.name = "stalls of 150 ms", .jitter_ms = 3, .stall_every_s = 3, .stall_ms = 150},
         0.035,
         130},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        for (uint64_t seed = 1; seed <= 2; seed++) {
            struct result result = run(&cases[i].network, seed);

            assert_true(result.concealed <= cases[i].concealed);
            assert_true(result.delay_ms <= cases[i].delay_ms);
            assert_true(result.delay_max_ms <= 160);
        }
}

static void a_lossy_network_conceals_no_more_than_it_lost(void **state)
{
    static const double losses[] = {0.01, 0.05, 0.1, 0.2};

    (void)state;
    for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++) {
        const struct network network = {.name = "random loss", .loss = losses[i], .jitter_ms = 4};
        struct result result = run(&network, 7 + i);

        assert_true(result.concealed <= result.lost + 0.015);
        assert_true(result.concealed + (double)result.fec / PACKETS >= result.lost * 0.9);
        assert_true(result.delay_ms <= 90);
    }
}

static void a_burst_of_loss_is_concealed(void **state)
{
    const struct network network = {.name = "bursts of loss", .burst_loss = 0.02, .jitter_ms = 4};
    struct result result = run(&network, 3);

    (void)state;
    assert_true(result.lost > 0.04);
    assert_true(result.concealed <= result.lost + 0.015);
    assert_true(result.delay_ms <= 90);
}

static void a_reordered_or_repeated_packet_is_played_once(void **state)
{
    const struct network network = {
        .name = "reordered and repeated", .reordered = 0.03, .repeated = 0.05, .jitter_ms = 2};
    struct result result = run(&network, 5);

    (void)state;
    assert_true(result.concealed <= 0.02);
    assert_in_range(result.repeated, 30, 150);
    assert_true(result.delay_ms <= 110);
}

static void a_drifting_clock_is_followed(void **state)
{
    static const int drifts[] = {-3000, -100, 100, 3000};

    (void)state;
    for (size_t i = 0; i < sizeof(drifts) / sizeof(*drifts); i++) {
        struct network network = {.name = "clock drift", .drift_ppm = drifts[i], .jitter_ms = 2};
        struct result result = run(&network, 11);

        assert_true(result.concealed <= 0.015);
        assert_true(result.delay_max_ms <= 110);
    }
}

static void the_redundancy_saves_most_single_losses(void **state)
{
    const struct network network = {.name = "5 % loss", .loss = 0.05, .jitter_ms = 3};
    struct result with_fec = run(&network, 21), plain;

    (void)state;
    encode_all("useinbandfec=0");
    plain = run(&(struct network){.name = "5 % loss, no FEC", .loss = 0.05, .jitter_ms = 3}, 21);
    assert_int_equal(plain.fec, 0);
    assert_true(with_fec.fec > 20);
    assert_true(with_fec.concealed < plain.concealed * 0.7);
    encode_all("useinbandfec=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_perfect_network_conceals_nothing_and_waits_for_two_frames),
        cmocka_unit_test(a_jittery_network_costs_delay_and_little_else),
        cmocka_unit_test(a_lossy_network_conceals_no_more_than_it_lost),
        cmocka_unit_test(a_burst_of_loss_is_concealed),
        cmocka_unit_test(a_reordered_or_repeated_packet_is_played_once),
        cmocka_unit_test(a_drifting_clock_is_followed),
        cmocka_unit_test(the_redundancy_saves_most_single_losses),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
