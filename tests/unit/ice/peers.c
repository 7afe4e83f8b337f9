/* peers.c - one agent against hand-made packets of peers that mean well: aggressive, lite, of its own role. */
#include "unit/ice/support/script.h"

#include "base/timers.h"
#include "pipit/error.h"
#include "support/scarce.h"

#include <stdio.h>

static void a_check_is_answered_with_where_it_came_from(void **state)
{
    script *s = begin(false, true);

    (void)state;
    check_from(s, &s->peer, false);
    const sent *answered = &s->log[0];
    assert_int_equal(answered->stun.kind, PP_STUN_SUCCESS);
    assert_true(pp_addr_eq(&answered->stun.mapped, &s->peer));
    assert_true(pp_stun_check_integrity(&answered->stun, our_pwd(s)));
    assert_true(answered->stun.has_fingerprint);
    script_free(s);
}

static void a_check_of_ours_says_who_and_what_we_are(void **state)
{
    script *s = begin_checking();
    char username[64];

    (void)state;
    const sent *check = request_to(s, &s->peer);
    snprintf(username, sizeof(username), THEIR_UFRAG ":%s", pp_ice_ufrag(s->ice));
    assert_true(pp_str_eq_c(check->stun.username, username));
    assert_true(check->stun.has_controlling && !check->stun.has_controlled &&
                !check->stun.use_candidate);
    assert_int_equal(check->stun.priority, 110u << 24 | 65535u << 8 | 255);
    assert_true(pp_stun_check_integrity(&check->stun, PP_LIT(THEIR_PWD)));
    answer(s, &s->peer);
    assert_true(last(s)->stun.use_candidate); /* nominated at once: nothing better can come */
    answer(s, &s->peer);
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_CONNECTED);
    script_free(s);
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
    script_free(s);
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
    script_free(s);
}

static void a_role_conflict_changes_the_role_of_the_next_check(void **state)
{
    script *s = begin_checking();

    (void)state;
    pp_stun m = success(request_to(s, &s->peer));
    m.kind = PP_STUN_ERROR;
    m.error_code = 487;
    deliver(s, &s->peer, &m, PP_LIT(THEIR_PWD));
    advance(s, 60 * MS);
    assert_true(request_to(s, &s->peer)->stun.has_controlled);
    assert_memory_not_equal(request_to(s, &s->peer)->stun.transaction, m.transaction, 12);
    script_free(s);
}

static void a_peer_of_our_role_with_less_to_say_gets_487(void **state)
{
    script *s = begin(true, true);
    pp_stun m = request(s);

    (void)state;
    m.tie_breaker = 0;
    deliver(s, &s->peer, &m, our_pwd(s));
    assert_int_equal(s->log[0].stun.error_code, 487);
    assert_true(pp_stun_check_integrity(&s->log[0].stun, our_pwd(s)));
    m.tie_breaker = UINT64_MAX;
    deliver(s, &s->peer, &m, our_pwd(s));
    assert_int_equal(s->log[1].stun.kind, PP_STUN_SUCCESS);
    assert_true(request_to(s, &s->peer)->stun.has_controlled);
    script_free(s);
}

static void a_lite_peer_is_checked_and_nominated(void **state)
{
    script *s = begin(false, false);

    (void)state;
    set_remote(s, THEIR_UFRAG, true);
    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 1);
    assert_true(request_to(s, &s->peer)->stun.has_controlling);
    answer(s, &s->peer);
    answer(s, &s->peer);
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_CONNECTED);
    script_free(s);
}

static void a_signalled_candidate_takes_the_place_of_one_learnt(void **state)
{
    script *s = begin(false, true);
    pp_candidate local, remote;

    (void)state;
    check_from(s, &s->peer, true);
    add_remote(s, "198.51.100.7", 7000, 12345);
    answer(s, &s->peer);
    assert_true(pp_ice_selected(s->ice, &local, &remote, NULL));
    assert_int_equal(remote.type, PP_CANDIDATE_HOST);
    assert_int_equal(remote.priority, 12345);
    script_free(s);
}

static void an_allocation_that_fails_does_no_harm(void **state)
{
    uint64_t n = 0;

    (void)state;
    do {
        script *s = script_new();

        scarce_begin(++n);
        if (script_open(s, false) == 0) {
            pp_stun m = request(s);
            pp_buf packet = {0};

            m.use_candidate = true;
            if (pp_stun_write(&m, our_pwd(s), &packet) == 0)
                receive(s, &s->peer, &packet);
            pp_ice_set_remote(s->ice, PP_LIT(THEIR_UFRAG), PP_LIT(THEIR_PWD), false, s->now_us);
            receive(s, &s->peer, &packet);
            for (unsigned i = 0; i < 3 && pp_ice_deadline_us(s->ice) != PP_NEVER; i++)
                advance(s, SECOND);
            pp_buf_free(&packet);
        }
        script_free(s);
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
        cmocka_unit_test(a_role_conflict_changes_the_role_of_the_next_check),
        cmocka_unit_test(a_peer_of_our_role_with_less_to_say_gets_487),
        cmocka_unit_test(a_lite_peer_is_checked_and_nominated),
        cmocka_unit_test(a_signalled_candidate_takes_the_place_of_one_learnt),
        cmocka_unit_test(an_allocation_that_fails_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
