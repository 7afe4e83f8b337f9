/* data_channels.c - data channels against a far end that says, resets and sends whatever the input has: messages of any kind in any
 * stream, chunks of SCTP with the right tag and checksum, while the application opens, sends and closes.
 * FUZZ: sctp
 * Each channel opens once at most, hears messages only while it is open or closing, closes once and last; ids are of one
 * channel at a time; nothing is left in the end. A DATA_CHANNEL_OPEN that is understood is written as it was. */
#include "base/limits.h"
#include "base/timers.h"
#include "sctp/association.h"
#include "sctp/channels.h"
#include "sctp/dcep.h"

#include "check.h"

#include <string.h>

enum { SAY, SAY_OPEN, RESET, CREATE, SEND, CLOSE, WAIT, CHUNKS, NEGOTIATE, END, ACTIONS };

#define CHANNELS 32 /* that the test keeps an eye on */
#define STEP_US  50000u

typedef struct packet {
    struct packet *next;
    bool to_channels;
    size_t size;
    uint8_t data[];
} packet;

typedef struct watched {
    pipit_data_channel *channel;
    unsigned opened, closed;
} watched;

static struct world {
    pipit_loop loop;
    uint64_t now_us;
    pp_channels *channels;
    pp_sctp *far;
    bool far_is_up;
    packet *first, *last;
    uint8_t header[12]; /* of the last packet to the channels */
    watched seen[CHANNELS];
    size_t count;
    const uint8_t *p; /* the input */
    size_t n;
} w;

static uint64_t time_us(const pipit_loop *loop)
{
    (void)loop;
    return w.now_us;
}

static void nothing(pipit_loop *loop)
{
    (void)loop;
}

static const pp_loop_ops ops = {
    .now_us = time_us, .wall_us = time_us, .wake = nothing, .release = nothing};

/* --- the input -------------------------------------------------------------------------------- */

static uint8_t next(void)
{
    if (w.n == 0)
        return 0;
    w.n--;
    return *w.p++;
}

static pp_str piece(void)
{
    size_t size = next();
    pp_str out;

    size = size < w.n ? size : w.n;
    out = pp_str_n(w.p, size);
    w.p += size;
    w.n -= size;
    return out;
}

/* --- the wire --------------------------------------------------------------------------------- */

static void put(bool to_channels, const uint8_t *data, size_t size)
{
    packet *p = malloc(sizeof(*p) + size);

    CHECK(p && size <= 1400);
    *p = (packet){.to_channels = to_channels, .size = size};
    memcpy(p->data, data, size);
    if (w.last)
        w.last->next = p;
    else
        w.first = p;
    w.last = p;
}

static void from_channels(void *arg, const uint8_t *data, size_t size)
{
    (void)arg;
    CHECK(size <= PP_LIMIT_DATA_PACKET);
    put(false, data, size);
}

static void from_far(void *arg, const uint8_t *data, size_t size)
{
    (void)arg;
    put(true, data, size);
}

/* RFC 9260 appendix A. */
static uint32_t crc32c(const uint8_t *data, size_t size)
{
    uint32_t crc = ~0u;

    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

/* Chunks of the input behind a header that is right. */
static void put_chunks(void)
{
    uint8_t data[12 + 255];
    pp_str chunks = piece();
    uint32_t crc;

    memcpy(data, w.header, 8);
    memset(data + 8, 0, 4);
    if (chunks.n)
        memcpy(data + 12, chunks.p, chunks.n);
    crc = crc32c(data, 12 + chunks.n);
    for (int i = 0; i < 4; i++)
        data[8 + i] = (uint8_t)(crc >> 8 * i);
    put(true, data, 12 + chunks.n);
}

static void deliver(void)
{
    while (w.first) {
        packet *p = w.first;

        w.first = p->next;
        if (!w.first)
            w.last = NULL;
        if (p->to_channels && w.channels) {
            memcpy(w.header, p->data, sizeof(w.header));
            pp_channels_receive(w.channels, p->data, p->size);
        } else if (!p->to_channels && w.far) {
            pp_sctp_receive(w.far, p->data, p->size, w.now_us);
        }
        free(p);
    }
}

static void pass_time(void)
{
    w.now_us += STEP_US;
    pp_loop_run_due(&w.loop);
    if (w.far)
        pp_sctp_tick(w.far, w.now_us);
    deliver();
}

/* --- the far end ------------------------------------------------------------------------------ */

static void far_connected(void *arg)
{
    (void)arg;
    w.far_is_up = true;
}

static void far_message(void *arg, uint16_t stream, uint32_t ppid, pp_str data)
{
    (void)arg;
    (void)stream;
    CHECK(ppid >= PP_PPID_DCEP && ppid <= PP_PPID_BINARY_EMPTY && data.n > 0);
    CHECK(data.p[data.n] == '\0');
}

static void far_stream(void *arg, uint16_t stream)
{
    (void)arg;
    (void)stream;
}

static void far_closed(void *arg, int error, const char *reason)
{
    (void)arg;
    (void)error;
    (void)reason;
    w.far_is_up = false;
}

static const pp_sctp_handlers far_handlers = {from_far,   far_connected, far_message, far_stream,
                                              far_stream, far_stream,    far_closed};

static void say(uint32_t ppid, pp_str data)
{
    const pp_sctp_message message = {.stream = next() % 64, .ppid = ppid, .data = data};

    if (w.far_is_up && data.n)
        (void)pp_sctp_send(w.far, &message, w.now_us);
}

static void say_open(void)
{
    static const uint8_t types[] = {0, 1, 2, 0x80, 0x81, 0x82};
    pp_dcep_open open = {.unordered = types[next() % 6] & 0x80,
                         .policy = (pp_sctp_policy)(next() % 3),
                         .priority = next()};
    pp_dcep_open read;
    pp_buf out = {0};

    open.limit = open.policy == PP_SCTP_RELIABLE ? 0 : next();
    open.label = piece();
    open.protocol = piece();
    pp_dcep_write_open(&open, &out);
    CHECK(pp_dcep_parse_open(pp_buf_text(&out), &read) == 0);
    CHECK(read.unordered == open.unordered && read.policy == open.policy &&
          read.limit == open.limit && pp_str_eq(read.label, open.label) &&
          pp_str_eq(read.protocol, open.protocol));
    say(PP_PPID_DCEP, pp_buf_text(&out));
    pp_buf_free(&out);
}

/* --- the application -------------------------------------------------------------------------- */

static void on_open(pipit_data_channel *channel, void *user)
{
    watched *seen = user;

    CHECK(seen->channel == channel && seen->opened++ == 0 && seen->closed == 0);
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                       void *user)
{
    watched *seen = user;

    CHECK(seen->opened == 1 && seen->closed == 0);
    CHECK(((const char *)event->data)[event->size] == '\0');
    if (event->size % 7 == 0)
        pipit_data_channel_close(channel);
    else if (event->size % 5 == 0)
        (void)pipit_data_channel_send(channel, event->data, event->size);
}

static void on_close(pipit_data_channel *channel, void *user)
{
    watched *seen = user;

    CHECK(seen->closed++ == 0);
    CHECK(pipit_data_channel_ready_state(channel) == PIPIT_DATA_CHANNEL_CLOSED);
}

static const pipit_data_channel_handlers channel_handlers = {
    .open = on_open, .message = on_message, .close = on_close};

static void watch(pipit_data_channel *channel)
{
    if (w.count == CHANNELS) {
        pipit_data_channel_unref(channel);
        return;
    }
    w.seen[w.count].channel = channel;
    pipit_data_channel_set_handlers(channel, &channel_handlers, &w.seen[w.count++]);
}

static void on_channel(void *arg, pipit_data_channel *channel)
{
    (void)arg;
    watch(pipit_data_channel_ref(channel));
}

static const pp_channels_handlers handlers = {from_channels, on_channel, NULL};

static void create(bool negotiated)
{
    const uint16_t limit = next();
    pipit_data_channel_options options = {.unordered = next() % 2, .negotiated = negotiated};
    pipit_data_channel *channel = NULL;

    if (next() % 3 == 0)
        options.max_retransmits = &limit;
    if (negotiated)
        options.id = next();
    if (w.channels && pp_channels_create(w.channels, "x", &options, &channel) == 0)
        watch(channel);
}

static void act(void)
{
    watched *one = w.count ? &w.seen[next() % w.count] : NULL;
    pp_str data;

    switch (next() % ACTIONS) {
    case SAY:
        data = piece();
        say(48 + next() % 12, data);
        return;
    case SAY_OPEN:
        say_open();
        return;
    case RESET:
        if (w.far_is_up)
            (void)pp_sctp_reset(w.far, next() % 64, w.now_us);
        return;
    case CREATE:
    case NEGOTIATE:
        create(next() % 2);
        return;
    case SEND:
        data = piece();
        if (one)
            (void)pipit_data_channel_send(one->channel, data.p, data.n);
        return;
    case CLOSE:
        if (one)
            pipit_data_channel_close(one->channel);
        return;
    case CHUNKS:
        put_chunks();
        return;
    case END:
        if (next() % 16 == 0)
            w.channels = pp_channels_free(w.channels);
        return;
    default:
        pass_time();
        return;
    }
}

static void check_ids(void)
{
    for (size_t i = 0; i < w.count; i++)
        for (size_t k = 0; k < i; k++) {
            const pipit_data_channel *a = w.seen[i].channel, *b = w.seen[k].channel;

            CHECK(pipit_data_channel_ready_state(a) == PIPIT_DATA_CHANNEL_CLOSED ||
                  pipit_data_channel_ready_state(b) == PIPIT_DATA_CHANNEL_CLOSED ||
                  pipit_data_channel_id(a) < 0 ||
                  pipit_data_channel_id(a) != pipit_data_channel_id(b));
        }
}

static void end(void)
{
    w.channels = pp_channels_free(w.channels);
    w.far = pp_sctp_free(w.far);
    for (int i = 0; i < 3; i++)
        pass_time();
    for (size_t i = 0; i < w.count; i++) {
        CHECK(w.seen[i].closed == 1);
        pipit_data_channel_unref(w.seen[i].channel);
    }
    CHECK(pp_loop_next_us(&w.loop) == PP_NEVER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pp_channels_terms terms = {.client = size % 2, .local_port = 5000, .remote_port = 5000};

    if (!pp_sctp_is_there())
        return 0;
    memset(&w, 0, sizeof(w));
    w.p = data;
    w.n = size;
    pp_loop_init(&w.loop, &ops, (pp_rng){0});
    CHECK(pp_channels_new(&w.loop, &handlers, NULL, &w.channels) == 0);
    CHECK(pp_sctp_new(&far_handlers, NULL, &w.far) == 0);
    CHECK(pp_channels_connect(w.channels, &terms) == 0);
    CHECK(pp_sctp_start(w.far, 5000, 5000, w.now_us) == 0);
    for (int i = 0; i < 10 && !w.far_is_up; i++)
        pass_time();
    CHECK(w.far_is_up);
    while (w.n) {
        act();
        deliver();
        check_ids();
    }
    end();
    return 0;
}
