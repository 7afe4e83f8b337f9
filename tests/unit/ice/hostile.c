/* hostile.c - early, wrong, forged and replayed packets against one agent. */
#include "unit/ice/support/script.h"

#include "base/limits.h"
#include "base/timers.h"
#include "crypto/hash.h"
#include "pipit/error.h"

static void early_checks_are_answered_and_kept_within_bounds(void **state)
{
    script *s = begin(false, false);

    (void)state;
    for (uint16_t i = 0; i < 1000; i++) {
        const pp_addr from = address("198.51.100.7", (uint16_t)(7000 + i));
        check_from(s, &from, true);
    }
    assert_int_equal(s->count, 1000);
    assert_true(pp_ice_deadline_us(s->ice) == PP_NEVER);
    set_remote(s, THEIR_UFRAG, false);
    s->count = 0;
    advance(s, 10);
    answer(s, &s->peer); /* the first that came is the first that is checked */
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_CONNECTED);
    assert_remote(s, &s->peer);
    advance(s, 5 * SECOND);
    assert_true(s->count <= PP_LIMIT_ICE_EARLY_CHECKS * 8);
    script_free(s);
}

static void an_early_check_of_another_fork_does_not_count(void **state)
{
    script *s = begin(false, false);

    (void)state;
    check_from(s, &s->peer, true);
    set_remote(s, "other", false);
    s->count = 0;
    advance(s, SECOND);
    assert_int_equal(s->count, 0);
    script_free(s);
}

static void a_request_without_credentials_gets_400(void **state)
{
    script *s = begin(false, true);
    pp_stun m = request(s);

    (void)state;
    deliver(s, &s->peer, &m, PP_STR_NONE);
    assert_int_equal(last(s)->stun.kind, PP_STUN_ERROR);
    assert_int_equal(last(s)->stun.error_code, 400);
    assert_false(last(s)->stun.has_integrity);
    assert_memory_equal(last(s)->stun.transaction, m.transaction, 12);
    script_free(s);
}

static void a_request_with_wrong_credentials_gets_401(void **state)
{
    script *s = begin(false, true);
    static const char *const names[] = {"", ":", THEIR_UFRAG, "x:" THEIR_UFRAG};
    pp_stun m = request(s);

    (void)state;
    deliver(s, &s->peer, &m, PP_LIT(WRONG_PWD));
    assert_int_equal(last(s)->stun.error_code, 401);
    for (size_t i = 0; i < 4; i++) {
        s->count = 0;
        m.username = pp_str_c(names[i]);
        deliver(s, &s->peer, &m, our_pwd(s));
        assert_int_equal(last(s)->stun.error_code, 401);
    }
    m.username = pp_str_c(pp_ice_ufrag(s->ice)); /* ours, but not the peer's */
    s->count = 0;
    deliver(s, &s->peer, &m, our_pwd(s));
    assert_int_equal(last(s)->stun.error_code, 401);
    advance(s, SECOND);
    assert_int_equal(s->count, 1); /* and no check of ours */
    script_free(s);
}

static void an_attribute_we_must_know_gets_420(void **state)
{
    script *s = begin(false, true);
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
    receive(s, &s->peer, &packet);
    assert_int_equal(last(s)->stun.error_code, 420);
    assert_true(pp_stun_check_integrity(&last(s)->stun, pp_str_c(pwd)));
    const uint8_t unknown[] = {0x00, 0x0A, 0x00, 0x02, 0x7F, 0x01};
    assert_non_null(memmem(last(s)->data, last(s)->size, unknown, sizeof(unknown)));
    pp_buf_free(&packet);
    script_free(s);
}

static void a_flood_of_bad_requests_gets_few_answers(void **state)
{
    script *s = begin(false, true);

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        pp_stun m = request(s);
        deliver(s, &s->peer, &m, PP_LIT(WRONG_PWD));
        s->now_us += MS;
    }
    assert_int_equal(s->count, PP_LIMIT_ICE_ERRORS);
    check_from(s, &s->peer, false); /* the peer itself is served all the same */
    assert_int_equal(s->log[s->count - 2].stun.kind, PP_STUN_SUCCESS);
    script_free(s);
}

static void an_error_is_never_longer_than_what_it_answers(void **state)
{
    script *s = begin(false, true);
    const uint8_t shortest[20] = {0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42};

    (void)state;
    pp_ice_receive(s->ice, 0, &s->peer, shortest, sizeof(shortest), s->now_us);
    assert_int_equal(s->count, 0);
    script_free(s);
}

static void an_indication_gets_no_answer(void **state)
{
    script *s = begin(false, true);
    const pp_stun m = {.kind = PP_STUN_INDICATION, .method = PP_STUN_BINDING};
    pp_stun other = request(s);

    (void)state;
    deliver(s, &s->peer, &m, PP_STR_NONE);
    other.method = 3; /* Allocate: for TURN servers */
    deliver(s, &s->peer, &other, our_pwd(s));
    assert_int_equal(s->count, 0);
    script_free(s);
}

static void an_answer_from_elsewhere_does_not_count(void **state)
{
    script *s = begin_checking();
    const pp_addr other = address("198.51.100.8", 7000);

    (void)state;
    const pp_stun m = success(request_to(s, &s->peer));
    deliver(s, &other, &m, PP_LIT(THEIR_PWD));
    assert_false(pp_ice_is_verified(s->ice, 0, &s->peer));
    assert_false(pp_ice_is_verified(s->ice, 0, &other));
    deliver(s, &s->peer, &m, PP_LIT(THEIR_PWD));
    assert_true(pp_ice_is_verified(s->ice, 0, &s->peer));
    assert_false(pp_ice_is_verified(s->ice, 1, &s->peer));
    script_free(s);
}

static void an_answer_under_a_wrong_key_does_not_count(void **state)
{
    script *s = begin_checking();

    (void)state;
    pp_stun m = success(request_to(s, &s->peer));
    deliver(s, &s->peer, &m, PP_LIT(WRONG_PWD));
    deliver(s, &s->peer, &m, PP_STR_NONE);
    m.kind = PP_STUN_ERROR;
    m.error_code = 487;
    deliver(s, &s->peer, &m, PP_STR_NONE); /* nor does a stranger change our role */
    assert_false(pp_ice_is_verified(s->ice, 0, &s->peer));
    advance(s, SECOND);
    assert_true(last(s)->stun.has_controlling);
    script_free(s);
}

static script *connected(void)
{
    script *s = begin(false, true);

    check_from(s, &s->peer, true);
    answer(s, &s->peer);
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
    assert_int_equal(pp_stun_write(&m, kind == 3 ? PP_STR_NONE : PP_LIT(WRONG_PWD), packet), 0);
    if (kind == 5)
        packet->p[pp_rng_below(&s->rng, (uint32_t)packet->n)] ^= 4;
}

static void ten_thousand_forged_packets_change_nothing(void **state)
{
    const pp_addr stranger = address("203.0.113.66", 66);
    script *s = connected();
    pp_buf packet = {0};
    size_t octets_in = 0;

    (void)state;
    s->count = s->octets = 0;
    for (unsigned i = 0; i < 10000; i++) {
        garbage(s, &packet);
        octets_in += packet.n;
        receive(s, i % 2 ? &stranger : &s->peer, &packet);
    }
    pp_buf_free(&packet);
    assert_true(s->count <= PP_LIMIT_ICE_ERRORS);
    assert_true(s->octets <= octets_in);
    assert_int_equal(s->changes, 0);
    assert_remote(s, &s->peer);
    assert_false(pp_ice_is_verified(s->ice, 0, &stranger));
    s->count = 0;
    advance(s, 7 * SECOND);
    for (size_t i = 0; i < s->count; i++)
        assert_true(
            pp_addr_eq(&s->log[i].to, &s->peer)); /* consent, and nothing for the stranger */
    script_free(s);
}

static void a_replayed_answer_is_no_consent(void **state)
{
    script *s = connected();
    const pp_stun old = success(request_to(s, &s->peer));

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        advance(s, SECOND);
        deliver(s, &s->peer, &old, PP_LIT(THEIR_PWD));
        check_from(s, &s->peer, true); /* nor is a check of the peer */
    }
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_FAILED);
    s->count = 0;
    check_from(s, &s->peer, true);
    advance(s, 60 * SECOND);
    assert_int_equal(s->count, 0);
    script_free(s);
}

static void a_replayed_check_makes_few_packets(void **state)
{
    script *s = connected();
    pp_stun m = request(s);

    (void)state;
    s->count = 0;
    for (uint16_t i = 1; i <= 5000; i++) { /* from as many addresses of one victim */
        const pp_addr victim = address("203.0.113.66", i);
        deliver(s, &victim, &m, our_pwd(s));
    }
    assert_in_range(s->count, 5000, 5000 + 8);
    s->count = 0;
    advance(s, 25 * SECOND);
    assert_true(s->count <= PP_LIMIT_ICE_UNANSWERED + 60); /* those to the peer are of consent */
    script_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(ten_thousand_forged_packets_change_nothing),
        cmocka_unit_test(a_replayed_answer_is_no_consent),
        cmocka_unit_test(a_replayed_check_makes_few_packets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
