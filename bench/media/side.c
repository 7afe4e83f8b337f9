/* side.c - one of the two processes. They make their calls over a socket between them, the first hundred one by one, and then run for
 * a while: the world sends, a twentieth of the legs each millisecond, and looks at how long ago what comes back was sent. */
#include "side.h"
#include "pictures.h"

#include "media/codec.h"
#include "pipit/pipit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FRAME = 160, /* octets and samples of 20 ms at 8,000 */
    ALONE = 50,  /* calls that are set up one by one, and timed */
    CROWD = 50,  /* others at a time */
    SLOTS = 20,  /* of a millisecond */
    SECOND = 50, /* frames */
    RATE = 48000,
    WARM_US = 1500000,
    DRAIN_US = 500000,
    SETUP_MAX_MS = 20000
};

typedef struct side side;

typedef struct leg {
    side *side;
    pp_peer *peer;
    pipit_source *source;
    pipit_sink *sink;
    unsigned said; /* samples */
    bool connected;
} leg;

typedef struct encoded { /* a second of it */
    uint8_t data[SECOND][PP_FRAME_BYTES_MAX];
    size_t sizes[SECOND];
    uint32_t units; /* of a frame */
} encoded;

struct side {
    const bench_side_options *options;
    pipit_loop *loop;
    leg *legs;
    unsigned made, connected, wanted;
    double setup_ms[ALONE];
    double octets_before;

    bool counting;
    uint64_t begin_us, next_us;
    unsigned slot;
    uint32_t frame;
    uint64_t sent, came;
    double cpu, loop_cpu;
    int16_t sound[RATE];
    encoded encoded;
    bench_pictures *pictures;
    bench_times times;
    pp_timer timer, end;
};

/* --- ends ------------------------------------------------------------------------------------- */

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    leg *l = arg;

    (void)reason;
    if (state != PP_PEER_CONNECTED || l->connected)
        return;
    l->connected = true;
    if (++l->side->connected == l->side->wanted)
        pipit_loop_stop(l->side->loop);
}

static void on_dtmf(void *arg, char tone, unsigned duration_ms)
{
    (void)arg;
    (void)tone;
    (void)duration_ms;
}

static const pp_peer_handlers handlers = {.state = on_state, .dtmf = on_dtmf};

/* Of the side that is measured. */
static void send_back(void *self, const pipit_audio_encoded *frame)
{
    (void)pipit_source_write(((leg *)self)->source, frame);
}

static bool is_counted(const side *s, uint64_t at_us)
{
    return at_us >= s->begin_us && at_us < s->begin_us + (uint64_t)(s->options->seconds * 1e6);
}

static void note(side *s, uint64_t at_us)
{
    if (!is_counted(s, at_us))
        return;
    s->came++;
    bench_times_add(&s->times, bench_now_us() - at_us);
}

static void take_back(void *self, const pipit_audio_encoded *frame)
{
    uint64_t at_us;

    memcpy(&at_us, frame->data, sizeof(at_us));
    note(((leg *)self)->side, at_us);
}

/* How long ago it was read. */
static void take_encoded(void *self, const pipit_audio_encoded *frame)
{
    const leg *l = self;

    (void)frame;
    note(l->side, l->side->options->read_us[l - l->side->legs]);
}

static size_t speak(void *self, int16_t *samples, size_t count)
{
    leg *l = self;

    l->side->options->read_us[l - l->side->legs] = bench_now_us();
    for (size_t i = 0; i < count; i++)
        samples[i] = l->side->sound[l->said++ % RATE];
    return count;
}

static void drop(void *self, const int16_t *samples, size_t count)
{
    (void)self;
    (void)samples;
    (void)count;
}

static const pipit_encoded_sink_interface mirror = {.write = send_back},
                                          judge = {.write = take_back},
                                          clock_hand = {.write = take_encoded};
static const pipit_source_interface speaker = {.read = speak};
static const pipit_sink_interface nobody = {.write = drop};

static int new_ends(side *s, leg *l)
{
    const pipit_encoded_sink_interface *taker = s->options->is_us ? &mirror : &judge;
    int err;

    if (!s->options->pass && s->options->is_us) {
        err = pipit_source_new(&speaker, l, RATE, &l->source);
        return err ? err : pipit_sink_new(&nobody, l, RATE, &l->sink);
    }
    err = pipit_source_encoded(s->options->codec, &l->source);
    return err ? err : pipit_sink_encoded(s->options->pass ? taker : &clock_hand, l, &l->sink);
}

static int new_leg(side *s, leg *l)
{
    const pipit_peer_configuration configuration = {.codecs = s->options->codec,
                                                    .allow_loopback = true,
                                                    .interfaces = "lo",
                                                    .own_socket = !s->options->is_us};
    pipit_media_stream stream;
    int err = new_ends(s, l);

    l->side = s;
    stream = (pipit_media_stream){.audio_source = l->source, .audio_sink = l->sink};
    return err ? err
               : pp_peer_new(s->loop, &configuration, &stream, s->options->is_us, &handlers, l,
                             &l->peer);
}

/* --- signalling ------------------------------------------------------------------------------- */

static int say(side *s, const pp_buf *text)
{
    return write(s->options->talk, text->p, text->n) == (ssize_t)text->n ? 0 : PIPIT_ERR_IO;
}

static int hear(side *s, leg *l, bool is_offer)
{
    char text[6000];
    ssize_t size = read(s->options->talk, text, sizeof(text));

    return size <= 0 ? PIPIT_ERR_IO
                     : pp_peer_set_remote(l->peer, is_offer, pp_str_n(text, (size_t)size));
}

static int offer(side *s, leg *l)
{
    pp_buf text = {0};
    int err = pp_peer_create_offer(l->peer, &text);

    if (!err)
        err = say(s, &text);
    if (!err)
        err = hear(s, l, false);
    pp_buf_free(&text);
    return err;
}

static int answer(side *s, leg *l)
{
    pp_buf text = {0};
    int err = hear(s, l, true);

    if (!err)
        err = pp_peer_create_answer(l->peer, &text);
    if (!err)
        err = say(s, &text);
    pp_buf_free(&text);
    return err;
}

static void give_up(void *arg)
{
    pipit_loop_stop(((side *)arg)->loop);
}

/* Both sides have come so far. */
static int meet(side *s)
{
    char octet = 0;

    return write(s->options->talk, &octet, 1) == 1 && read(s->options->talk, &octet, 1) == 1
               ? 0
               : PIPIT_ERR_IO;
}

static int set_up(side *s, unsigned count)
{
    uint64_t began = bench_now_us();
    int err = 0;

    s->wanted = s->made + count;
    for (; !err && s->made < s->wanted; s->made++) {
        err = new_leg(s, &s->legs[s->made]);
        if (!err)
            err = s->options->is_us ? offer(s, &s->legs[s->made]) : answer(s, &s->legs[s->made]);
    }
    if (err)
        return err;
    pp_loop_start_timer(s->loop, &s->end, SETUP_MAX_MS, give_up, s);
    while (s->connected < s->wanted && s->end.armed)
        pipit_loop_run(s->loop);
    pp_loop_stop_timer(s->loop, &s->end);
    if (count == 1)
        s->setup_ms[s->made - 1] = (double)(bench_now_us() - began) / 1000;
    return s->connected == s->wanted ? meet(s) : PIPIT_ERR_TIMEOUT;
}

static int set_up_all(side *s)
{
    unsigned legs = s->options->legs;
    int err = 0;

    while (!err && s->made < legs) {
        unsigned count = s->made < ALONE ? 1 : CROWD;

        err = set_up(s, count < legs - s->made ? count : legs - s->made);
    }
    return err;
}

/* --- running ---------------------------------------------------------------------------------- */

/* What the world sends: the time, or sound. */
static pipit_audio_encoded next_frame(const side *s, const uint64_t *now_us)
{
    unsigned i = s->frame % SECOND;

    if (s->options->pass)
        return (pipit_audio_encoded){.data = (const uint8_t *)now_us,
                                     .size = FRAME,
                                     .timestamp = s->frame * FRAME,
                                     .sequence = (uint16_t)s->frame};
    return (pipit_audio_encoded){.data = s->encoded.data[i],
                                 .size = s->encoded.sizes[i],
                                 .timestamp = s->frame * s->encoded.units,
                                 .sequence = (uint16_t)s->frame};
}

static void send_slot(side *s)
{
    uint64_t data[FRAME / 8] = {bench_now_us()};
    const pipit_audio_encoded frame = next_frame(s, data);

    for (unsigned i = s->slot; i < s->options->legs; i += SLOTS) {
        (void)pipit_source_write(s->legs[i].source, &frame);
        s->sent += is_counted(s, data[0]);
    }
}

static void on_slot(void *arg)
{
    side *s = arg;
    uint64_t now = bench_now_us();

    for (; s->next_us <= now; s->next_us += 1000) {
        send_slot(s);
        s->slot = (s->slot + 1) % SLOTS;
        s->frame += s->slot == 0;
    }
    pp_loop_start_timer_us(s->loop, &s->timer, s->next_us - now, on_slot, s);
}

static void begin(void *arg)
{
    side *s = arg;

    s->cpu = bench_cpu_seconds();
    s->loop_cpu = bench_thread_cpu_seconds();
    s->counting = true;
}

static void finish(void *arg)
{
    side *s = arg;

    if (s->counting) {
        s->cpu = bench_cpu_seconds() - s->cpu;
        s->loop_cpu = bench_thread_cpu_seconds() - s->loop_cpu;
        s->counting = false;
        pp_loop_start_timer_us(s->loop, &s->end, DRAIN_US, finish, s);
    } else {
        pipit_loop_stop(s->loop);
    }
}

static void run(side *s)
{
    pp_timer start = {0};
    uint64_t now = bench_now_us();

    s->begin_us = now + WARM_US;
    s->next_us = now + 1000;
    if (!s->options->is_us)
        on_slot(s);
    pp_loop_start_timer_us(s->loop, &start, WARM_US, begin, s);
    pp_loop_start_timer_us(s->loop, &s->end, WARM_US + (uint64_t)(s->options->seconds * 1e6),
                           finish, s);
    pipit_loop_run(s->loop);
    pp_loop_stop_timer(s->loop, &s->timer);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void fill(side *s, bench_result *out)
{
    unsigned alone = s->made < ALONE ? s->made : ALONE;

    qsort(s->setup_ms, alone, sizeof(s->setup_ms[0]), compare);
    *out = (bench_result){.cpu_percent = s->cpu * 100 / s->options->seconds,
                          .loop_percent = s->loop_cpu * 100 / s->options->seconds,
                          .octets = bench_memory() - s->octets_before,
                          .threads = bench_threads(),
                          .descriptors = bench_descriptors(),
                          .setup_ms = s->setup_ms[alone / 2]};
    if (!s->times.count)
        return;
    out->latency_ms[0] = bench_times_ms(&s->times, 0.5);
    out->latency_ms[1] = bench_times_ms(&s->times, 0.99);
    out->latency_ms[2] = bench_times_ms(&s->times, 0.999);
    out->packets = s->came;
    out->lost_percent = s->sent > s->came ? (double)(s->sent - s->came) * 100 / (double)s->sent : 0;
}

static void tear_down(side *s)
{
    for (unsigned i = 0; i < s->made; i++) {
        pp_peer_free(s->legs[i].peer);
        pipit_source_unref(s->legs[i].source);
        pipit_sink_unref(s->legs[i].sink);
    }
}

static int encode(side *s)
{
    const pp_codec_type *type = NULL;
    pp_codec *codec = NULL;
    size_t count;

    for (size_t i = 0; (type = pp_codec_at(i)) && strcmp(type->name, s->options->codec) != 0; i++)
        ;
    if (!type)
        return PIPIT_ERR_NOT_FOUND;
    count = type->sample_rate / SECOND;
    bench_sound(s->sound, type->sample_rate, type->sample_rate);
    s->encoded.units = type->clock_rate / SECOND;
    if (pp_codec_open(type, PP_STR_NONE, &codec) != 0)
        return PIPIT_ERR_MEMORY;
    for (unsigned i = 0; i < SECOND; i++) {
        int size = codec->encode(codec, s->sound + i * count, count, 0, s->encoded.data[i],
                                 PP_FRAME_BYTES_MAX);

        s->encoded.sizes[i] = size > 0 ? (size_t)size : 0;
    }
    pp_codec_close(codec);
    bench_sound(s->sound, RATE, RATE);
    return 0;
}

int bench_side_run(const bench_side_options *options, bench_result *out)
{
    side *s = calloc(1, sizeof(*s));
    int err = PIPIT_ERR_MEMORY;

    if (!s)
        return err;
    s->options = options;
    s->legs = calloc(options->legs, sizeof(*s->legs));
    err = s->legs ? pipit_loop_new(&s->loop) : PIPIT_ERR_MEMORY;
    if (!err)
        err = encode(s);
    if (!err && options->is_us)
        err = pipit_loop_set_media_threads(s->loop, options->media_threads);
    if (err)
        return err;
    s->octets_before = bench_memory();
    err = set_up_all(s);
    if (!err && options->is_us && options->pictures)
        err = bench_pictures_new(s->loop, &s->pictures);
    if (!err) {
        run(s);
        fill(s, out);
    }
    if (s->pictures)
        bench_pictures_told(s->pictures, &out->pictures, &out->picture_ms);
    bench_pictures_free(s->pictures);
    tear_down(s);
    pipit_loop_unref(s->loop);
    free(s->legs);
    free(s);
    return err;
}
