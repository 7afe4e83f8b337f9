/* turn_client.c - a tape of a server's answers, of data and of time for a TURN client whose password the tape's author knows.
 * Promises: the client is told once that it has an allocation and once that it failed, and hears nothing behind that; what
 * it sends is STUN or ChannelData and bounded in number; a deadline that was met is gone; it hears those only whom it has
 * sent something. */
/* FUZZ: turn stun crypto base */
#include "base/limits.h"
#include "base/reader.h"
#include "base/timers.h"
#include "crypto/hash.h"
#include "turn/message.h"
#include "turn/turn.h"

#include "chance.h"
#include "check.h"

typedef struct tape {
    pp_turn *turn;
    pp_reader r;
    uint64_t now_us, draws;
    pp_rng rng;
    bool stream, allocated, failed;
    uint8_t asked[8][12]; /* transactions of the newest requests */
    uint16_t methods[8];
    size_t asks, sent;
    unsigned contacted; /* of the eight addresses */
} tape;

static pp_addr address(unsigned n)
{
    static const char *const ips[] = {"192.0.2.1", "198.51.100.9", "2001:db8::9", "203.0.113.4",
                                      "127.0.0.1", "203.0.113.4",  "224.0.0.1",   "0.0.0.0"};
    pp_addr a = {0};

    CHECK(pp_addr_parse(pp_str_c(ips[n % 8]), (uint16_t)(1000 + n % 8), &a));
    return a;
}

static void on_send(void *arg, const uint8_t *data, size_t size)
{
    tape *t = arg;
    pp_turn_message m;

    CHECK(!t->failed);
    t->sent++;
    if (size && data[0] >> 6 == 1) {
        CHECK(t->allocated && size >= 4 && size <= 4 + PP_LIMIT_TURN_DATA + 3);
        CHECK(!t->stream || size % 4 == 0);
        return;
    }
    CHECK(pp_turn_message_parse(data, size, &m) == 0);
    CHECK(m.stun.kind == PP_STUN_REQUEST || m.stun.kind == PP_STUN_INDICATION);
    if (m.stun.kind == PP_STUN_INDICATION)
        return;
    CHECK(t->allocated || m.stun.method == PP_TURN_ALLOCATE);
    memcpy(t->asked[t->asks % 8], m.stun.transaction, 12);
    t->methods[t->asks++ % 8] = m.stun.method;
}

static void on_allocated(void *arg)
{
    tape *t = arg;

    CHECK(!t->allocated && !t->failed);
    CHECK(pp_turn_relayed(t->turn, 4) || pp_turn_relayed(t->turn, 6));
    t->allocated = true;
}

static void on_received(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    tape *t = arg;
    bool known = false;
    unsigned sum = 0;

    CHECK(t->allocated && !t->failed);
    for (unsigned i = 0; i < 8; i++) {
        pp_addr a = address(i);

        known = known || (t->contacted >> i & 1 && pp_addr_same_ip(&a, from));
    }
    CHECK(known);
    for (size_t i = 0; i < size; i++)
        sum += data[i];
    if (sum % 16 == 15) { /* a handler may end it */
        t->turn = pp_turn_free(t->turn);
        t->failed = true;
    }
}

static void on_failed(void *arg, const pp_turn_failure *failure)
{
    tape *t = arg;

    CHECK(!t->failed && failure->reason);
    CHECK(failure->code == 0 || (failure->code >= 300 && failure->code < 700));
    t->failed = true;
}

static void receive(tape *t, const void *data, size_t size)
{
    if (t->turn)
        pp_turn_receive(t->turn, data, size, t->now_us);
}

/* With the realm, and a nonce the tape chooses, some of which promise algorithms. */
static void put_challenge(tape *t, pp_buf *more)
{
    static const char *const nonces[] = {"n1", "n2", "obMatJos2gAAAx", "obMatJos2wAAAx",
                                         "obMatJos2QAAAx"};
    unsigned choice = pp_reader_u8(&t->r);

    pp_stun_put(more, PP_STUN_REALM, PP_LIT("r"));
    pp_stun_put(more, PP_STUN_NONCE, pp_str_c(nonces[choice % 5]));
    if (choice & 64)
        pp_stun_put(more, PP_STUN_PASSWORD_ALGORITHMS, PP_LIT("\0\2\0\0\0\1\0\0"));
}

static void put_attributes(tape *t, const uint8_t *id, pp_buf *more)
{
    unsigned what = pp_reader_u8(&t->r);
    pp_addr a = address(pp_reader_u8(&t->r));

    if (what & 1)
        put_challenge(t, more);
    if (what & 2)
        pp_stun_put_address(more, PP_TURN_XOR_RELAYED_ADDRESS, id, &a);
    if (what & 4)
        pp_stun_put_u32(more, PP_TURN_LIFETIME, pp_reader_u16(&t->r));
    if (what & 8)
        pp_stun_put_address(more, PP_TURN_XOR_PEER_ADDRESS, id, &a);
    if (what & 16)
        pp_stun_put(more, PP_TURN_DATA_ATTRIBUTE, PP_LIT("some data"));
    if (what & 32)
        pp_stun_put_u32(more, pp_reader_u16(&t->r), 0);
}

/* An answer to one of the newest requests, or an indication, under a key of the tape's choice. */
static void answer(tape *t)
{
    static const int codes[] = {300, 400, 401, 403, 437, 438, 486, 508};
    const pp_str texts[] = {PP_LIT("u:r:p")};
    unsigned which = pp_reader_u8(&t->r) % 8, kind = pp_reader_u8(&t->r);
    pp_stun m = {.kind = kind & 3, .method = t->methods[which]};
    uint8_t key[PP_HASH_MAX];
    pp_stun_seal seal = {pp_str_n(key, kind & 16 ? 32 : 16), kind & 32};
    pp_buf more = {0}, out = {0};

    CHECK(pp_hash_digest(kind & 16 ? PP_HASH_SHA256 : PP_HASH_MD5, texts, 1, key) == 0);
    memcpy(m.transaction, t->asked[which], 12);
    if (m.kind == PP_STUN_ERROR)
        m.error_code = codes[pp_reader_u8(&t->r) % 8];
    if (m.kind == PP_STUN_INDICATION)
        m.method = PP_TURN_DATA;
    put_attributes(t, m.transaction, &more);
    m.more = pp_buf_text(&more);
    if (!(kind & 64))
        seal.key = PP_STR_NONE;
    CHECK(pp_stun_write_sealed(&m, &seal, &out) == 0);
    receive(t, out.p, out.n);
    pp_buf_free(&more);
    pp_buf_free(&out);
}

static void raw(tape *t)
{
    size_t size = pp_reader_u8(&t->r);
    const uint8_t *data = pp_reader_bytes(&t->r, size);

    if (data)
        receive(t, data, size);
}

static void send_datagram(tape *t)
{
    static const uint8_t zeros[PP_LIMIT_TURN_DATA];
    unsigned to = pp_reader_u8(&t->r) % 6; /* the last two are none that ICE would send to */
    pp_addr a = address(to);
    size_t size = pp_reader_u16(&t->r) % (PP_LIMIT_TURN_DATA + 1);

    if (t->turn && pp_turn_send(t->turn, &a, zeros, size, t->now_us) == 0)
        t->contacted |= 1u << to;
}

static void pass_time(tape *t)
{
    uint64_t end = t->now_us + pp_reader_u16(&t->r) * (uint64_t)100000;

    for (unsigned turns = 0; t->turn && pp_turn_deadline_us(t->turn) <= end; turns++) {
        uint64_t next = pp_turn_deadline_us(t->turn);

        turns = next > t->now_us ? 0 : turns;
        CHECK(turns < 2 * PP_LIMIT_TURN_PEERS);
        t->now_us = next > t->now_us ? next : t->now_us;
        pp_turn_tick(t->turn, t->now_us);
    }
    t->now_us = end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pp_turn_handlers handlers = {on_send, on_allocated, on_received, on_failed};
    tape t = {.r = pp_reader_of(data, size), .now_us = 1000000};
    unsigned kind = pp_reader_u8(&t.r);
    const pp_turn_options options = {"u", "p", kind & 1, kind & 2};

    t.rng = (pp_rng){draw, &t.draws};
    t.stream = kind & 1;
    CHECK(pp_turn_new(&t.rng, &options, &handlers, &t, &t.turn) == 0);
    pp_turn_start(t.turn, t.now_us);
    while (t.r.n && t.turn) {
        switch (pp_reader_u8(&t.r) % 4) {
        case 0:
            answer(&t);
            break;
        case 1:
            raw(&t);
            break;
        case 2:
            send_datagram(&t);
            break;
        default:
            pass_time(&t);
        }
    }
    if (t.turn && !t.failed)
        pp_turn_close(t.turn);
    pp_turn_free(t.turn);
    return 0;
}
