/* peers.c - one agent against hand-made packets: aggressive, early, wrong, forged and hostile ones. */
#include "base/limits.h"
#include "base/timers.h"
#include "crypto/hash.h"
#include "ice/ice.h"
#include "pipit/error.h"
#include "stun/stun.h"
#include "support/files.h"
#include "support/scarce.h"

#include <stdio.h>
#include <stdlib.h>

#define MS     1000u
#define SECOND 1000000u

#define THEIR_UFRAG "Ys7j"
#define THEIR_PWD   "SOt271GJid80FfvkSyoDdLw7"

typedef struct sent {
    pp_addr to;
    size_t size;
    uint8_t data[600];
    pp_stun stun;
} sent;

typedef struct script {
    pp_ice *ice;
    uint64_t now_us, seed;
    pp_rng rng;
    sent log[512];
    size_t count; /* packets sent, of which the first 512 are in the log */
    size_t octets;
    size_t changes; /* of state */
} script;

static void draw(void *arg, void *out, size_t size)
{
    script *s = arg;

    for (size_t i = 0; i < size; i++) {
        s->seed = s->seed * 6364136223846793005u + 1442695040888963407u;
        ((uint8_t *)out)[i] = (uint8_t)(s->seed >> 56);
    }
}

static void on_send(void *arg, unsigned base, const pp_addr *to, const uint8_t *data, size_t size)
{
    script *s = arg;
    sent *at = &s->log[s->count % 512];

    assert_int_equal(base, 0);
    assert_true(size <= sizeof(at->data));
    at->to = *to;
    at->size = size;
    memcpy(at->data, data, size);
    assert_int_equal(pp_stun_parse(at->data, size, &at->stun), 0);
    s->count++;
    s->octets += size;
}

static void on_state(void *arg, pp_ice_state state)
{
    (void)state;
    ((script *)arg)->changes++;
}

static pp_addr address(const char *ip, uint16_t port)
{
    pp_addr a = {0};

    assert_true(pp_addr_parse(pp_str_c(ip), port, &a));
    return a;
}

static script *begin(bool controlling, bool with_remote)
{
    static const pp_ice_handlers handlers = {on_send, on_state};
    script *s = calloc(1, sizeof(*s));
    const pp_addr local = address("192.0.2.1", 5000);

    assert_non_null(s);
    s->seed = 42;
    s->now_us = SECOND;
    s->rng = (pp_rng){draw, s};
    assert_int_equal(pp_ice_new(&s->rng, controlling, &handlers, s, &s->ice), 0);
    assert_int_equal(pp_ice_add_local(s->ice, &local, 0), 0);
    if (with_remote)
        assert_int_equal(
            pp_ice_set_remote(s->ice, PP_LIT(THEIR_UFRAG), PP_LIT(THEIR_PWD), false, s->now_us), 0);
    return s;
}

static void end(script *s)
{
    pp_ice_free(s->ice);
    free(s);
}

static void add_remote(script *s, const char *ip, uint16_t port, uint32_t priority)
{
    pp_candidate c = {.type = PP_CANDIDATE_HOST,
                      .priority = priority,
                      .address = address(ip, port),
                      .foundation = {(char)('a' + port % 26)}};

    assert_int_equal(pp_ice_add_remote(s->ice, &c, s->now_us), 0);
}

static void receive(script *s, const pp_addr *from, const pp_buf *packet)
{
    pp_ice_receive(s->ice, 0, from, (const uint8_t *)packet->p, packet->n, s->now_us);
}

static pp_stun request(script *s)
{
    static char username[64];
    pp_stun m = {.kind = PP_STUN_REQUEST,
                 .method = PP_STUN_BINDING,
                 .has_username = true,
                 .has_priority = true,
                 .priority = 0x6E7F00FF,
                 .tie_breaker = 5,
                 .has_controlling = true};

    snprintf(username, sizeof(username), "%s:" THEIR_UFRAG, pp_ice_ufrag(s->ice));
    m.username = pp_str_c(username);
    draw(s, m.transaction, sizeof(m.transaction));
    return m;
}

static void deliver(script *s, const pp_addr *from, const pp_stun *m, pp_str key)
{
    pp_buf packet = {0};

    assert_int_equal(pp_stun_write(m, key, &packet), 0);
    receive(s, from, &packet);
    pp_buf_free(&packet);
}

/* A check of the peer, as Chromium sends it when it controls. */
static void check_from(script *s, const pp_addr *from, bool use_candidate)
{
    pp_stun m = request(s);

    m.use_candidate = use_candidate;
    deliver(s, from, &m, pp_str_c(pp_ice_pwd(s->ice)));
}

static const sent *last(const script *s)
{
    assert_true(s->count > 0);
    return &s->log[(s->count - 1) % 512];
}

/* The newest request that went to that address. */
static const sent *request_to(const script *s, const pp_addr *to)
{
    for (size_t i = s->count; i-- > 0;)
        if (s->log[i].stun.kind == PP_STUN_REQUEST && pp_addr_eq(&s->log[i].to, to))
            return &s->log[i];
    fail_msg("no request was sent there");
    return NULL;
}

static pp_stun success(const sent *to)
{
    pp_stun m = {.kind = PP_STUN_SUCCESS, .method = PP_STUN_BINDING, .has_mapped = true};

    m.mapped = address("192.0.2.1", 5000);
    memcpy(m.transaction, to->stun.transaction, sizeof(m.transaction));
    return m;
}

static void answer(script *s, const pp_addr *from)
{
    const pp_stun m = success(request_to(s, from));

    deliver(s, from, &m, PP_LIT(THEIR_PWD));
}

static void advance(script *s, uint64_t us)
{
    uint64_t until = s->now_us + us;

    while (pp_ice_deadline_us(s->ice) <= until) {
        if (pp_ice_deadline_us(s->ice) > s->now_us)
            s->now_us = pp_ice_deadline_us(s->ice);
        pp_ice_tick(s->ice, s->now_us);
    }
    s->now_us = until;
}

static void assert_remote(const script *s, const pp_addr *expected)
{
    pp_candidate local, remote;

    assert_true(pp_ice_selected(s->ice, &local, &remote, NULL));
    assert_true(pp_addr_eq(&remote.address, expected));
}

static void a_check_is_answered_with_where_it_came_from(void **state)
{
    script *s = begin(false, true);
    const pp_addr peer = address("198.51.100.7", 7000);

    (void)state;
    check_from(s, &peer, false);
    const sent *answered = &s->log[0];
    assert_int_equal(answered->stun.kind, PP_STUN_SUCCESS);
    assert_true(pp_addr_eq(&answered->stun.mapped, &peer));
    assert_true(pp_stun_check_integrity(&answered->stun, pp_str_c(pp_ice_pwd(s->ice))));
    assert_true(answered->stun.has_fingerprint);
    end(s);
}

static void a_check_of_ours_says_who_and_what_we_are(void **state)
{
    script *s = begin(true, true);
    const pp_addr peer = address("198.51.100.7", 7000);
    char username[64];

    (void)state;
    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 1);
    const sent *check = request_to(s, &peer);
    snprintf(username, sizeof(username), THEIR_UFRAG ":%s", pp_ice_ufrag(s->ice));
    assert_true(pp_str_eq_c(check->stun.username, username));
    assert_true(check->stun.has_controlling && !check->stun.has_controlled &&
                !check->stun.use_candidate);
    assert_int_equal(check->stun.priority, 110u << 24 | 65535u << 8 | 255);
    assert_true(pp_stun_check_integrity(&check->stun, PP_LIT(THEIR_PWD)));
    answer(s, &peer);
    assert_true(last(s)->stun.use_candidate); /* nominated at once: nothing better can come */
    answer(s, &peer);
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_CONNECTED);
    end(s);
}

static void an_aggressive_peer_ends_on_its_best_pair(void **state)
{
    script *s = begin(false, true);
    const pp_addr low = address("198.51.100.7", 7000), high = address("198.51.100.8", 7001);

    (void)state;
    add_remote(s, "198.51.100.7", 7000, 1000);
    add_remote(s, "198.51.100.8", 7001, 2000);
    check_from(s, &low, true);
    answer(s, &low);
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_CONNECTED);
    assert_remote(s, &low);
    check_from(s, &high, true);
    advance(s, 60 * MS);
    answer(s, &high);
    assert_remote(s, &high);
    check_from(s, &low, true); /* goes on nominating everything */
    assert_remote(s, &high);
    assert_true(pp_ice_is_verified(s->ice, 0, &low));
    end(s);
}

static void a_peer_that_nominates_another_pair_for_good_is_followed(void **state)
{
    script *s = begin(false, true);
    const pp_addr low = address("198.51.100.7", 7000), high = address("198.51.100.8", 7001);

    (void)state;
    add_remote(s, "198.51.100.7", 7000, 1000);
    add_remote(s, "198.51.100.8", 7001, 2000);
    check_from(s, &high, true);
    answer(s, &high);
    assert_remote(s, &high);
    for (unsigned i = 0; i < 4; i++) {
        advance(s, 2500 * MS);
        check_from(s, &low, true);
        advance(s, 60 * MS);
        answer(s, &low);
    }
    assert_remote(s, &low);
    end(s);
}

static void early_checks_are_answered_and_kept_within_bounds(void **state)
{
    script *s = begin(false, false);
    const pp_addr peer = address("198.51.100.7", 7000);

    (void)state;
    for (uint16_t i = 0; i < 1000; i++) {
        const pp_addr from = address("198.51.100.7", (uint16_t)(7000 + i));
        check_from(s, &from, true);
    }
    assert_int_equal(s->count, 1000);
    assert_true(pp_ice_deadline_us(s->ice) == PP_NEVER);
    assert_int_equal(
        pp_ice_set_remote(s->ice, PP_LIT(THEIR_UFRAG), PP_LIT(THEIR_PWD), false, s->now_us), 0);
    s->count = 0;
    advance(s, 10);
    answer(s, &peer); /* the first that came is the first that is checked */
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_CONNECTED);
    assert_remote(s, &peer);
    advance(s, 5 * SECOND);
    assert_true(s->count <= PP_LIMIT_ICE_EARLY_CHECKS * 8);
    end(s);
}

static void an_early_check_of_another_fork_does_not_count(void **state)
{
    script *s = begin(false, false);
    const pp_addr peer = address("198.51.100.7", 7000);

    (void)state;
    check_from(s, &peer, true);
    assert_int_equal(
        pp_ice_set_remote(s->ice, PP_LIT("other"), PP_LIT(THEIR_PWD), false, s->now_us), 0);
    s->count = 0;
    advance(s, SECOND);
    assert_int_equal(s->count, 0);
    end(s);
}

static void a_request_without_credentials_gets_400(void **state)
{
    script *s = begin(false, true);
    const pp_addr peer = address("198.51.100.7", 7000);
    pp_stun m = request(s);

    (void)state;
    deliver(s, &peer, &m, PP_STR_NONE);
    assert_int_equal(last(s)->stun.kind, PP_STUN_ERROR);
    assert_int_equal(last(s)->stun.error_code, 400);
    assert_false(last(s)->stun.has_integrity);
    assert_memory_equal(last(s)->stun.transaction, m.transaction, 12);
    end(s);
}

static void a_request_with_wrong_credentials_gets_401(void **state)
{
    script *s = begin(false, true);
    const pp_addr peer = address("198.51.100.7", 7000);
    static const char *const names[] = {"", ":", THEIR_UFRAG, "x:" THEIR_UFRAG};
    pp_stun m = request(s);

    (void)state;
    deliver(s, &peer, &m, PP_LIT("wrongwrongwrongwrongwrong"));
    assert_int_equal(last(s)->stun.error_code, 401);
    for (size_t i = 0; i < 4; i++) {
        s->count = 0;
        m.username = pp_str_c(names[i]);
        deliver(s, &peer, &m, pp_str_c(pp_ice_pwd(s->ice)));
        assert_int_equal(last(s)->stun.error_code, 401);
    }
    m.username = pp_str_c(pp_ice_ufrag(s->ice)); /* ours, but not the peer's */
    s->count = 0;
    deliver(s, &peer, &m, pp_str_c(pp_ice_pwd(s->ice)));
    assert_int_equal(last(s)->stun.error_code, 401);
    advance(s, SECOND);
    assert_int_equal(s->count, 1); /* and no check of ours */
    end(s);
}

static void an_attribute_we_must_know_gets_420(void **state)
{
    script *s = begin(false, true);
    const pp_addr peer = address("198.51.100.7", 7000);
    pp_stun m = request(s);
    pp_buf packet = {0};
    uint8_t mac[20];

    (void)state;
    /* A whole message without integrity; its FINGERPRINT gives way to an attribute nobody knows and the integrity. */
    assert_int_equal(pp_stun_write(&m, PP_STR_NONE, &packet), 0);
    packet.n -= 8;
    pp_buf_u32(&packet, 0x7F010000);
    pp_buf_set_u16(&packet, 2, (unsigned)(packet.n + 24 - 20));
    const pp_str pieces[] = {pp_buf_text(&packet)};
    const char *pwd = pp_ice_pwd(s->ice);
    assert_int_equal(pp_hmac_sha1(pwd, strlen(pwd), pieces, 1, mac), 0);
    pp_buf_u32(&packet, 0x00080014);
    pp_buf_add(&packet, mac, sizeof(mac));
    receive(s, &peer, &packet);
    assert_int_equal(last(s)->stun.error_code, 420);
    assert_true(pp_stun_check_integrity(&last(s)->stun, pp_str_c(pwd)));
    const uint8_t unknown[] = {0x00, 0x0A, 0x00, 0x02, 0x7F, 0x01};
    assert_non_null(memmem(last(s)->data, last(s)->size, unknown, sizeof(unknown)));
    pp_buf_free(&packet);
    end(s);
}

static void a_flood_of_bad_requests_gets_few_answers(void **state)
{
    script *s = begin(false, true);
    const pp_addr peer = address("198.51.100.7", 7000);

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        pp_stun m = request(s);
        deliver(s, &peer, &m, PP_LIT("wrongwrongwrongwrongwrong"));
        s->now_us += MS;
    }
    assert_int_equal(s->count, PP_LIMIT_ICE_ERRORS);
    check_from(s, &peer, false); /* the peer itself is served all the same */
    assert_int_equal(s->log[s->count - 2].stun.kind, PP_STUN_SUCCESS);
    end(s);
}

static void an_error_is_never_longer_than_what_it_answers(void **state)
{
    script *s = begin(false, true);
    const pp_addr peer = address("198.51.100.7", 7000);
    const uint8_t shortest[20] = {0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42};

    (void)state;
    pp_ice_receive(s->ice, 0, &peer, shortest, sizeof(shortest), s->now_us);
    assert_int_equal(s->count, 0);
    end(s);
}

static void an_indication_gets_no_answer(void **state)
{
    script *s = begin(false, true);
    const pp_addr peer = address("198.51.100.7", 7000);
    const pp_stun m = {.kind = PP_STUN_INDICATION, .method = PP_STUN_BINDING};
    pp_stun other = request(s);

    (void)state;
    deliver(s, &peer, &m, PP_STR_NONE);
    other.method = 3; /* Allocate: for TURN servers */
    deliver(s, &peer, &other, pp_str_c(pp_ice_pwd(s->ice)));
    assert_int_equal(s->count, 0);
    end(s);
}

static void an_answer_from_elsewhere_does_not_count(void **state)
{
    script *s = begin(true, true);
    const pp_addr peer = address("198.51.100.7", 7000), other = address("198.51.100.8", 7000);

    (void)state;
    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 1);
    const pp_stun m = success(request_to(s, &peer));
    deliver(s, &other, &m, PP_LIT(THEIR_PWD));
    assert_false(pp_ice_is_verified(s->ice, 0, &peer));
    assert_false(pp_ice_is_verified(s->ice, 0, &other));
    deliver(s, &peer, &m, PP_LIT(THEIR_PWD));
    assert_true(pp_ice_is_verified(s->ice, 0, &peer));
    assert_false(pp_ice_is_verified(s->ice, 1, &peer));
    end(s);
}

static void an_answer_under_a_wrong_key_does_not_count(void **state)
{
    script *s = begin(true, true);
    const pp_addr peer = address("198.51.100.7", 7000);

    (void)state;
    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 1);
    pp_stun m = success(request_to(s, &peer));
    deliver(s, &peer, &m, PP_LIT("wrongwrongwrongwrongwrong"));
    deliver(s, &peer, &m, PP_STR_NONE);
    m.kind = PP_STUN_ERROR;
    m.error_code = 487;
    deliver(s, &peer, &m, PP_STR_NONE); /* nor does a stranger change our role */
    assert_false(pp_ice_is_verified(s->ice, 0, &peer));
    advance(s, SECOND);
    assert_true(last(s)->stun.has_controlling);
    end(s);
}

static void a_role_conflict_changes_the_role_of_the_next_check(void **state)
{
    script *s = begin(true, true);
    const pp_addr peer = address("198.51.100.7", 7000);

    (void)state;
    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 1);
    pp_stun m = success(request_to(s, &peer));
    m.kind = PP_STUN_ERROR;
    m.error_code = 487;
    deliver(s, &peer, &m, PP_LIT(THEIR_PWD));
    advance(s, 60 * MS);
    assert_true(request_to(s, &peer)->stun.has_controlled);
    assert_memory_not_equal(request_to(s, &peer)->stun.transaction, m.transaction, 12);
    end(s);
}

static void a_peer_of_our_role_with_less_to_say_gets_487(void **state)
{
    script *s = begin(true, true);
    const pp_addr peer = address("198.51.100.7", 7000);
    pp_stun m = request(s);

    (void)state;
    m.tie_breaker = 0;
    deliver(s, &peer, &m, pp_str_c(pp_ice_pwd(s->ice)));
    assert_int_equal(s->log[0].stun.error_code, 487);
    assert_true(pp_stun_check_integrity(&s->log[0].stun, pp_str_c(pp_ice_pwd(s->ice))));
    m.tie_breaker = UINT64_MAX;
    deliver(s, &peer, &m, pp_str_c(pp_ice_pwd(s->ice)));
    assert_int_equal(s->log[1].stun.kind, PP_STUN_SUCCESS);
    assert_true(request_to(s, &peer)->stun.has_controlled);
    end(s);
}

static void a_lite_peer_is_checked_and_nominated(void **state)
{
    script *s = begin(false, false);
    const pp_addr peer = address("198.51.100.7", 7000);

    (void)state;
    assert_int_equal(
        pp_ice_set_remote(s->ice, PP_LIT(THEIR_UFRAG), PP_LIT(THEIR_PWD), true, s->now_us), 0);
    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 1);
    assert_true(request_to(s, &peer)->stun.has_controlling);
    answer(s, &peer);
    answer(s, &peer);
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_CONNECTED);
    end(s);
}

static void a_signalled_candidate_takes_the_place_of_one_learnt(void **state)
{
    script *s = begin(false, true);
    const pp_addr peer = address("198.51.100.7", 7000);
    pp_candidate local, remote;

    (void)state;
    check_from(s, &peer, true);
    add_remote(s, "198.51.100.7", 7000, 12345);
    answer(s, &peer);
    assert_true(pp_ice_selected(s->ice, &local, &remote, NULL));
    assert_int_equal(remote.type, PP_CANDIDATE_HOST);
    assert_int_equal(remote.priority, 12345);
    end(s);
}

static script *connected(const pp_addr *peer)
{
    script *s = begin(false, true);

    check_from(s, peer, true);
    answer(s, peer);
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_CONNECTED);
    s->changes = 0;
    return s;
}

static void garbage(script *s, pp_buf *packet)
{
    pp_stun m = request(s);
    uint32_t kind = pp_rng_below(&s->rng, 6);

    pp_buf_clear(packet);
    if (kind == 0) { /* noise */
        uint8_t *room = pp_buf_room(packet, pp_rng_below(&s->rng, 200));
        if (room)
            pp_rng_bytes(&s->rng, room, packet->n);
        return;
    }
    if (kind == 1)
        m.kind = PP_STUN_SUCCESS;
    if (kind == 2)
        m.kind = PP_STUN_ERROR;
    m.error_code = m.kind == PP_STUN_ERROR ? 487 : 0;
    m.has_mapped = true;
    m.mapped = address("203.0.113.66", 66);
    m.use_candidate = true;
    assert_int_equal(
        pp_stun_write(&m, kind == 3 ? PP_STR_NONE : PP_LIT("wrongwrongwrongwrongwrong"), packet),
        0);
    if (kind == 5)
        packet->p[pp_rng_below(&s->rng, (uint32_t)packet->n)] ^= 4;
}

static void ten_thousand_forged_packets_change_nothing(void **state)
{
    const pp_addr peer = address("198.51.100.7", 7000), stranger = address("203.0.113.66", 66);
    script *s = connected(&peer);
    pp_buf packet = {0};
    size_t octets_in = 0;

    (void)state;
    s->count = s->octets = 0;
    for (unsigned i = 0; i < 10000; i++) {
        garbage(s, &packet);
        octets_in += packet.n;
        receive(s, i % 2 ? &stranger : &peer, &packet);
    }
    pp_buf_free(&packet);
    assert_true(s->count <= PP_LIMIT_ICE_ERRORS);
    assert_true(s->octets <= octets_in);
    assert_int_equal(s->changes, 0);
    assert_remote(s, &peer);
    assert_false(pp_ice_is_verified(s->ice, 0, &stranger));
    s->count = 0;
    advance(s, 7 * SECOND);
    for (size_t i = 0; i < s->count; i++)
        assert_true(pp_addr_eq(&s->log[i].to, &peer)); /* consent, and nothing for the stranger */
    end(s);
}

static void a_replayed_answer_is_no_consent(void **state)
{
    const pp_addr peer = address("198.51.100.7", 7000);
    script *s = connected(&peer);
    const pp_stun old = success(request_to(s, &peer));

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        advance(s, SECOND);
        deliver(s, &peer, &old, PP_LIT(THEIR_PWD));
        check_from(s, &peer, true); /* nor is a check of the peer */
    }
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_FAILED);
    s->count = 0;
    check_from(s, &peer, true);
    advance(s, 60 * SECOND);
    assert_int_equal(s->count, 0);
    end(s);
}

static void a_replayed_check_makes_few_packets(void **state)
{
    const pp_addr peer = address("198.51.100.7", 7000);
    script *s = connected(&peer);
    pp_stun m = request(s);

    (void)state;
    s->count = 0;
    for (uint16_t i = 1; i <= 5000; i++) { /* from as many addresses of one victim */
        const pp_addr victim = address("203.0.113.66", i);
        deliver(s, &victim, &m, pp_str_c(pp_ice_pwd(s->ice)));
    }
    assert_in_range(s->count, 5000, 5000 + 8);
    s->count = 0;
    advance(s, 25 * SECOND);
    assert_true(s->count <= PP_LIMIT_ICE_UNANSWERED + 10);
    end(s);
}

static void an_allocation_that_fails_does_no_harm(void **state)
{
    static const pp_ice_handlers handlers = {on_send, on_state};
    const pp_addr local = address("192.0.2.1", 5000), peer = address("198.51.100.7", 7000);
    uint64_t n = 0;

    (void)state;
    do {
        script *s = calloc(1, sizeof(*s));

        assert_non_null(s);
        s->seed = 42;
        s->rng = (pp_rng){draw, s};
        scarce_begin(++n);
        if (pp_ice_new(&s->rng, false, &handlers, s, &s->ice) == 0) {
            pp_stun m = request(s);
            pp_buf packet = {0};
            assert_int_equal(pp_ice_add_local(s->ice, &local, 0), 0);
            m.use_candidate = true;
            if (pp_stun_write(&m, pp_str_c(pp_ice_pwd(s->ice)), &packet) == 0)
                receive(s, &peer, &packet);
            pp_ice_set_remote(s->ice, PP_LIT(THEIR_UFRAG), PP_LIT(THEIR_PWD), false, 0);
            receive(s, &peer, &packet);
            for (unsigned i = 0; i < 3 && pp_ice_deadline_us(s->ice) != PP_NEVER; i++)
                advance(s, SECOND);
            pp_buf_free(&packet);
        }
        end(s);
        assert_int_equal(scarce_end(), 0);
        assert_true(n < 60);
    } while (scarce_memory.failed);
    assert_true(n > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_is_answered_with_where_it_came_from),
        cmocka_unit_test(a_check_of_ours_says_who_and_what_we_are),
        cmocka_unit_test(an_aggressive_peer_ends_on_its_best_pair),
        cmocka_unit_test(a_peer_that_nominates_another_pair_for_good_is_followed),
        cmocka_unit_test(early_checks_are_answered_and_kept_within_bounds),
        cmocka_unit_test(an_early_check_of_another_fork_does_not_count),
        cmocka_unit_test(a_request_without_credentials_gets_400),
        cmocka_unit_test(a_request_with_wrong_credentials_gets_401),
        cmocka_unit_test(an_attribute_we_must_know_gets_420),
        cmocka_unit_test(a_flood_of_bad_requests_gets_few_answers),
        cmocka_unit_test(an_error_is_never_longer_than_what_it_answers),
        cmocka_unit_test(an_indication_gets_no_answer),
        cmocka_unit_test(an_answer_from_elsewhere_does_not_count),
        cmocka_unit_test(an_answer_under_a_wrong_key_does_not_count),
        cmocka_unit_test(a_role_conflict_changes_the_role_of_the_next_check),
        cmocka_unit_test(a_peer_of_our_role_with_less_to_say_gets_487),
        cmocka_unit_test(a_lite_peer_is_checked_and_nominated),
        cmocka_unit_test(a_signalled_candidate_takes_the_place_of_one_learnt),
        cmocka_unit_test(ten_thousand_forged_packets_change_nothing),
        cmocka_unit_test(a_replayed_answer_is_no_consent),
        cmocka_unit_test(a_replayed_check_makes_few_packets),
        cmocka_unit_test(an_allocation_that_fails_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
