/* transport_feedback.c - transport-wide feedback, read and written. */
#include "rtp/transport_feedback.h"

#include "base/error.h"
#include "base/reader.h"

enum { TRANSPORT_FEEDBACK = 205, TRANSPORT_WIDE = 15 };
enum { MISSING, SMALL, LARGE }; /* a packet's symbol: no delta, one octet, two */
enum {
    TICK_US = 250,
    REFERENCE_US = 64000,
    VECTOR_SYMBOLS = 7, /* of two bits */
    RUN_MAX = 8191,
    WINDOW = PP_LIMIT_TRANSPORT_PACKETS
};

/* --- what arrived ----------------------------------------------------------------------------- */

static uint64_t *slot(pp_arrivals *arrivals, uint16_t sequence)
{
    return &arrivals->at_us[sequence % WINDOW];
}

static void restart(pp_arrivals *arrivals, uint16_t sequence)
{
    memset(arrivals->at_us, 0, sizeof(arrivals->at_us));
    arrivals->started = true;
    arrivals->base = sequence;
    arrivals->count = 0;
}

void pp_arrivals_add(pp_arrivals *arrivals, uint16_t sequence, uint64_t now_us)
{
    uint16_t ahead = (uint16_t)(sequence - arrivals->base);

    if (!arrivals->started || (ahead >= WINDOW && ahead < 0x8000)) {
        restart(arrivals, sequence);
        ahead = 0;
    }
    if (ahead >= 0x8000)
        return; /* was told as missing already */
    if (!*slot(arrivals, sequence))
        *slot(arrivals, sequence) = now_us ? now_us : 1;
    if (ahead >= arrivals->count)
        arrivals->count = (uint16_t)(ahead + 1);
}

/* --- writing ---------------------------------------------------------------------------------- */

struct telling {
    uint8_t symbols[WINDOW];
    int16_t deltas[WINDOW];
    uint16_t count;
};

/* How far one packet can tell: a delta that its 16 bits cannot hold is left to the next one. */
static void collect(pp_arrivals *arrivals, uint64_t reference_us, struct telling *telling)
{
    int64_t ticks = 0;

    telling->count = 0;
    for (uint16_t i = 0; i < arrivals->count; i++) {
        uint64_t at_us = *slot(arrivals, (uint16_t)(arrivals->base + i));
        int64_t delta = ((int64_t)at_us - (int64_t)reference_us) / TICK_US - ticks;

        if (at_us && (delta > INT16_MAX || delta < INT16_MIN))
            return;
        telling->symbols[i] = !at_us ? MISSING : delta >= 0 && delta <= 0xff ? SMALL : LARGE;
        telling->deltas[i] = (int16_t)(at_us ? delta : 0);
        ticks += at_us ? delta : 0;
        telling->count = (uint16_t)(i + 1);
    }
}

static uint16_t run_length(const struct telling *telling, uint16_t at)
{
    uint16_t n = 1;

    while (at + n < telling->count && n < RUN_MAX &&
           telling->symbols[at + n] == telling->symbols[at])
        n++;
    return n;
}

static void write_chunks(const struct telling *telling, pp_buf *out)
{
    for (uint16_t at = 0; at < telling->count;) {
        uint16_t run = run_length(telling, at);
        unsigned chunk = 0xC000;

        if (run >= VECTOR_SYMBOLS || at + run == telling->count) {
            pp_buf_u16(out, (unsigned)telling->symbols[at] << 13 | run);
            at = (uint16_t)(at + run);
            continue;
        }
        for (unsigned i = 0; i < VECTOR_SYMBOLS; i++)
            if (at + i < telling->count)
                chunk |= (unsigned)telling->symbols[at + i] << (12 - 2 * i);
        pp_buf_u16(out, chunk);
        at = (uint16_t)(at + VECTOR_SYMBOLS);
    }
}

static void write_deltas(const struct telling *telling, pp_buf *out)
{
    for (uint16_t i = 0; i < telling->count; i++)
        if (telling->symbols[i] == SMALL)
            pp_buf_u8(out, (unsigned)telling->deltas[i]);
        else if (telling->symbols[i] == LARGE)
            pp_buf_u16(out, (uint16_t)telling->deltas[i]);
}

static uint64_t first_arrival(pp_arrivals *arrivals)
{
    for (uint16_t i = 0; i < arrivals->count; i++)
        if (*slot(arrivals, (uint16_t)(arrivals->base + i)))
            return *slot(arrivals, (uint16_t)(arrivals->base + i));
    return 0;
}

static void forget(pp_arrivals *arrivals, uint16_t count)
{
    for (uint16_t i = 0; i < count; i++)
        *slot(arrivals, (uint16_t)(arrivals->base + i)) = 0;
    arrivals->base = (uint16_t)(arrivals->base + count);
    arrivals->count = (uint16_t)(arrivals->count - count);
}

bool pp_arrivals_write(pp_arrivals *arrivals, pp_feedback_ends ends, pp_buf *out)
{
    struct telling telling;
    uint64_t reference;
    size_t at;

    if (!arrivals->count)
        return false;
    reference = first_arrival(arrivals) / REFERENCE_US;
    collect(arrivals, reference * REFERENCE_US, &telling);
    at = pp_rtcp_begin(out, TRANSPORT_WIDE, TRANSPORT_FEEDBACK);
    pp_buf_u32(out, ends.own_ssrc);
    pp_buf_u32(out, ends.media_ssrc);
    pp_buf_u16(out, arrivals->base);
    pp_buf_u16(out, telling.count);
    pp_buf_u32(out, (uint32_t)(reference & 0xffffff) << 8 | arrivals->feedback++);
    write_chunks(&telling, out);
    write_deltas(&telling, out);
    while ((out->n - at) % 4 && !pp_buf_error(out))
        pp_buf_u8(out, 0);
    pp_rtcp_end(out, at);
    forget(arrivals, telling.count);
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct chunks {
    pp_reader r;
    uint16_t chunk;
    unsigned left; /* symbols of it that were not read */
} chunks;

/* One bit: a run of one symbol; or a vector, of one bit or two for each packet. */
static unsigned next_symbol(chunks *c)
{
    bool run, wide;

    if (!c->left) {
        c->chunk = pp_reader_u16(&c->r);
        run = !(c->chunk & 0x8000);
        c->left = run ? c->chunk & 0x1fff : c->chunk & 0x4000 ? VECTOR_SYMBOLS : 14;
        if (!c->left)
            c->r.failed = true; /* a run of none would turn for ever */
        if (c->r.failed)
            return MISSING;
    }
    c->left--;
    run = !(c->chunk & 0x8000);
    wide = c->chunk & 0x4000;
    if (run)
        return c->chunk >> 13 & 3;
    return wide ? (unsigned)c->chunk >> (2 * c->left) & 3 : (unsigned)c->chunk >> c->left & 1;
}

typedef struct feedback {
    uint16_t base, count;
    int64_t reference_us;
    pp_reader chunks, deltas;
} feedback;

/* Walks the symbols once to find where the deltas begin, and whether they are all there. */
static bool measure(feedback *f)
{
    chunks c = {.r = f->chunks};
    size_t octets = 0;

    for (uint16_t i = 0; i < f->count && !c.r.failed; i++) {
        unsigned symbol = next_symbol(&c);

        if (symbol > LARGE)
            return false;
        octets += symbol;
    }
    f->deltas = c.r;
    return !c.r.failed && octets <= c.r.n;
}

int pp_transport_feedback_parse(const uint8_t *body, size_t size,
                                pp_transport_arrival_function *arrival, void *arg)
{
    pp_reader r = pp_reader_of(body, size);
    feedback f = {.base = pp_reader_u16(&r)};
    chunks c;
    uint32_t reference;
    int64_t at_us;

    f.count = pp_reader_u16(&r);
    reference = pp_reader_u32(&r) >> 8;
    f.chunks = r;
    if (r.failed || !measure(&f))
        return pp_error(PIPIT_ERR_SYNTAX, "rtcp: malformed transport-wide feedback");
    at_us = (int64_t)(reference & 0x800000 ? (int32_t)reference - 0x1000000 : (int32_t)reference) *
            REFERENCE_US;
    c = (chunks){.r = f.chunks};
    for (uint16_t i = 0; i < f.count; i++) {
        unsigned symbol = next_symbol(&c);

        if (symbol == SMALL)
            at_us += pp_reader_u8(&f.deltas) * TICK_US;
        else if (symbol == LARGE)
            at_us += (int16_t)pp_reader_u16(&f.deltas) * TICK_US;
        arrival(arg, (uint16_t)(f.base + i), symbol != MISSING, at_us);
    }
    return 0;
}
