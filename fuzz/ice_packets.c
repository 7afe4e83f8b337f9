/* ice_packets.c - a tape of packets, candidates and time for an agent whose credentials the tape's author knows.
 * Promises: the state only moves as it may, answers and checks stay within bounds, a deadline that was met is gone,
 * nothing is sent by an agent that failed, and the pair in use is a verified one. */
/* FUZZ: ice stun crypto base */
#include "base/limits.h"
#include "base/reader.h"
#include "base/timers.h"
#include "ice/ice.h"
#include "stun/stun.h"

#include "chance.h"
#include "check.h"

#define THEIR_PWD "SOt271GJid80FfvkSyoDdLw7"

typedef struct tape {
    pp_ice *ice;
    pp_reader r;
    uint64_t now_us, draws;
    pp_rng rng;
    pp_ice_state state;
    uint8_t asked[8][12]; /* transactions of our newest checks, for answers */
    pp_addr asked_at[8];
    unsigned asked_on[8];
    size_t asks, answers, received;
} tape;

static void on_send(void *arg, unsigned base, const pp_addr *to, const uint8_t *data, size_t size)
{
    tape *t = arg;
    pp_stun m;

    CHECK(base < 2 && pp_addr_is_unicast(to) && to->port && size < 600);
    CHECK(pp_ice_get_state(t->ice) != PP_ICE_FAILED);
    CHECK(pp_stun_parse(data, size, &m) == 0);
    if (m.kind != PP_STUN_REQUEST) {
        t->answers++;
        return;
    }
    CHECK(pp_ice_get_state(t->ice) != PP_ICE_NEW);
    memcpy(t->asked[t->asks % 8], m.transaction, 12);
    t->asked_at[t->asks % 8] = *to;
    t->asked_on[t->asks % 8] = base;
    t->asks++;
}

static void on_state(void *arg, pp_ice_state state)
{
    tape *t = arg;
    static const unsigned may_follow[] = {
        [PP_ICE_NEW] = 1u << PP_ICE_CHECKING,
        [PP_ICE_CHECKING] = 1u << PP_ICE_CONNECTED | 1u << PP_ICE_FAILED,
        [PP_ICE_CONNECTED] = 1u << PP_ICE_DISCONNECTED | 1u << PP_ICE_FAILED,
        [PP_ICE_DISCONNECTED] = 1u << PP_ICE_CONNECTED | 1u << PP_ICE_FAILED,
        [PP_ICE_FAILED] = 0,
        [PP_ICE_CLOSED] = 0,
    };

    CHECK(may_follow[t->state] >> state & 1);
    t->state = state;
}

static pp_addr address(unsigned n)
{
    static const char *const ips[] = {"192.0.2.1", "127.0.0.1", "198.51.100.9", "2001:db8::9",
                                      "fe80::9",   "224.0.0.1", "0.0.0.0",      "198.51.100.10"};
    pp_addr a = {0};

    CHECK(pp_addr_parse(pp_str_c(ips[n % 8]), (uint16_t)(n / 8), &a));
    return a;
}

static void receive(tape *t, unsigned base, const pp_addr *from, const pp_stun *m, pp_str key)
{
    pp_buf packet = {0};

    CHECK(pp_stun_write(m, key, &packet) == 0);
    t->received++;
    pp_ice_receive(t->ice, base, from, (const uint8_t *)packet.p, packet.n, t->now_us);
    pp_buf_free(&packet);
}

static void peer_checks(tape *t)
{
    unsigned flags = pp_reader_u8(&t->r);
    const pp_addr from = address(pp_reader_u8(&t->r));
    pp_stun m = {.kind = PP_STUN_REQUEST,
                 .method = PP_STUN_BINDING,
                 .has_username = true,
                 .has_priority = true};
    pp_buf name = {0};

    pp_buf_c(&name, pp_ice_ufrag(t->ice));
    pp_buf_c(&name, flags & 32 ? ":theirs" : ":others");
    m.username = pp_buf_text(&name);
    m.priority = (uint32_t)pp_reader_u16(&t->r) << 16 | 7;
    m.use_candidate = flags & 1;
    m.has_controlling = flags & 2;
    m.has_controlled = flags & 4;
    m.tie_breaker = flags & 8 ? UINT64_MAX : 0;
    draw(&t->draws, m.transaction, sizeof(m.transaction));
    receive(t, flags >> 4 & 1, &from, &m,
            flags & 64 ? pp_str_c(THEIR_PWD) : pp_str_c(pp_ice_pwd(t->ice)));
    pp_buf_free(&name);
}

static void peer_answers(tape *t)
{
    unsigned flags = pp_reader_u8(&t->r), which = flags & 7;
    pp_stun m = {.kind = flags & 8 ? PP_STUN_ERROR : PP_STUN_SUCCESS,
                 .method = PP_STUN_BINDING,
                 .has_mapped = true};

    if (which >= t->asks)
        return;
    m.mapped = address(flags & 16 ? pp_reader_u8(&t->r) : 8u * 10);
    m.error_code = flags & 8 ? (flags & 32 ? 487 : 400) : 0;
    memcpy(m.transaction, t->asked[which], sizeof(m.transaction));
    receive(t, t->asked_on[which], &t->asked_at[which], &m,
            pp_str_c(flags & 64 ? "wrong" : THEIR_PWD));
}

static void raw_packet(tape *t)
{
    size_t size = pp_reader_u8(&t->r);
    const pp_addr from = address(pp_reader_u8(&t->r));
    pp_reader packet = pp_reader_sub(&t->r, size);

    t->received++;
    if (packet.p)
        pp_ice_receive(t->ice, 0, &from, packet.p, packet.n, t->now_us);
}

static void add_candidate(tape *t)
{
    pp_candidate c = {.address = address(pp_reader_u8(&t->r)), .type = pp_reader_u8(&t->r) % 4};

    c.priority = (uint32_t)pp_reader_u16(&t->r) << 16;
    memset(c.foundation, 'a' + (int)(c.priority >> 16 & 3), sizeof(c.foundation));
    pp_ice_add_remote(t->ice, &c, t->now_us);
}

static void pass_time(tape *t, uint64_t us)
{
    unsigned turns = 0;

    t->now_us += us;
    while (pp_ice_deadline_us(t->ice) <= t->now_us) {
        pp_ice_tick(t->ice, t->now_us);
        CHECK(++turns <= PP_LIMIT_ICE_PAIRS);
    }
}

static void step(tape *t)
{
    switch (pp_reader_u8(&t->r) % 8) {
    case 0:
        peer_checks(t);
        break;
    case 1:
        peer_answers(t);
        break;
    case 2:
        raw_packet(t);
        break;
    case 3:
        add_candidate(t);
        break;
    case 4:
        pass_time(t, (uint64_t)pp_reader_u8(&t->r) * 1000);
        break;
    case 5:
        pass_time(t, (uint64_t)pp_reader_u8(&t->r) * 100000);
        break;
    case 6:
        pp_ice_set_remote(t->ice, PP_LIT("theirs"), PP_LIT(THEIR_PWD), pp_reader_u8(&t->r) & 1,
                          t->now_us);
        break;
    default:
        pp_ice_set_controlling(t->ice, pp_reader_u8(&t->r) & 1);
        break;
    }
}

static void check_promises(const tape *t)
{
    pp_candidate local, remote;

    CHECK(pp_ice_get_state(t->ice) == t->state);
    CHECK(t->answers <= t->received);
    if (pp_ice_selected(t->ice, &local, &remote, NULL)) {
        CHECK(t->state == PP_ICE_CONNECTED || t->state == PP_ICE_DISCONNECTED);
        CHECK(pp_ice_is_verified(t->ice, local.base, &remote.address));
    } else {
        CHECK(t->state != PP_ICE_CONNECTED && t->state != PP_ICE_DISCONNECTED);
    }
    if (t->state == PP_ICE_FAILED)
        CHECK(pp_ice_deadline_us(t->ice) == PP_NEVER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pp_ice_handlers handlers = {.send = on_send, .state = on_state};
    tape t = {.r = pp_reader_of(data, size), .now_us = 1000000, .draws = 1};
    const pp_addr bases[] = {address(8u * 10), address(8u * 11 + 3)};

    t.rng = (pp_rng){draw, &t.draws};
    CHECK(pp_ice_new(&t.rng, size & 1, &handlers, &t, &t.ice) == 0);
    CHECK(pp_ice_add_local(t.ice, &bases[0], 0) == 0 && pp_ice_add_local(t.ice, &bases[1], 1) == 0);
    for (unsigned i = 0; t.r.n && i < 400; i++) {
        step(&t);
        check_promises(&t);
    }
    pp_ice_free(t.ice);
    return 0;
}
