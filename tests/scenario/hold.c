/* hold.c - calls on hold, with sound that is measured: by one side, by both, at the same moment, with music. */
#include "support/cast/cast.h"

#include <stdio.h>
#include <string.h>

#define ALICE_HZ 440 /* what alice says, and bob hears */
#define BOB_HZ   1000
#define MUSIC_HZ 700

static cast *in_call(uint64_t seed)
{
    cast *c = cast_on_stage(&(cast_options){.seed = seed});

    cast_talk(&c->alice, &c->bob);
    sim_advance_ms(c->s, 500);
    return c;
}

static void check_hold(const phone *p, bool local, bool remote)
{
    pipit_on_hold held = pipit_session_is_on_hold(p->session);

    assert_int_equal(held.local, local);
    assert_int_equal(held.remote, remote);
}

static void a_held_call_is_silent_both_ways(void **state)
{
    cast *c = in_call(1);
    pipit_stats before, after;

    (void)state;
    cast_check_sound(c, BOB_HZ, ALICE_HZ);
    assert_int_equal(pipit_session_hold(c->alice.session, NULL), 0);
    cast_check_sound(c, 0, 0);
    check_hold(&c->alice, true, false);
    check_hold(&c->bob, false, true);
    assert_int_equal(pipit_session_get_stats(c->alice.session, &before), 0);
    sim_advance_ms(c->s, 1000);
    assert_int_equal(pipit_session_get_stats(c->alice.session, &after), 0);
    assert_int_equal(after.packets_sent, before.packets_sent); /* not even silence is sent */
    assert_int_equal(pipit_session_unhold(c->alice.session, NULL), 0);
    cast_check_sound(c, BOB_HZ, ALICE_HZ);
    check_hold(&c->alice, false, false);
    check_hold(&c->bob, false, false);
    assert_non_null(strstr(c->bob.log, "hold:remote reoffered:remote unhold:remote"));
    cast_free(c);
}

static void music_is_heard_while_holding(void **state)
{
    cast *c = in_call(2);
    pipit_reoffer_options options = {0};

    (void)state;
    assert_int_equal(pipit_source_tone(MUSIC_HZ, -18, &options.hold_source), 0);
    assert_int_equal(pipit_session_hold(c->bob.session, &options), 0);
    cast_check_sound(c, MUSIC_HZ, 0);
    assert_int_equal(pipit_session_unhold(c->bob.session, NULL), 0);
    cast_check_sound(c, BOB_HZ, ALICE_HZ);
    pipit_source_unref(options.hold_source);
    cast_free(c);
}

static void both_hold_one_after_the_other(void **state)
{
    cast *c = in_call(3);

    (void)state;
    assert_int_equal(pipit_session_hold(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 500);
    assert_int_equal(
        pipit_session_hold(c->bob.session, &(pipit_reoffer_options){.use_update = true}), 0);
    cast_check_sound(c, 0, 0);
    check_hold(&c->alice, true, true);
    check_hold(&c->bob, true, true);
    assert_int_equal(pipit_session_unhold(c->alice.session, NULL), 0);
    cast_check_sound(c, 0, 0);
    check_hold(&c->alice, false, true);
    check_hold(&c->bob, true, false);
    assert_int_equal(pipit_session_unhold(c->bob.session, NULL), 0);
    cast_check_sound(c, BOB_HZ, ALICE_HZ);
    cast_free(c);
}

static void both_hold_at_the_same_moment(void **state)
{
    (void)state;
    for (uint64_t seed = 10; seed < 20; seed++) {
        cast *c = in_call(seed);

        assert_int_equal(pipit_session_hold(c->alice.session, NULL), 0);
        assert_int_equal(pipit_session_hold(c->bob.session, NULL), 0);
        sim_advance_ms(c->s, 20000); /* 491 both ways, then one after the other */
        check_hold(&c->alice, true, true);
        check_hold(&c->bob, true, true);
        assert_int_equal(pipit_session_unhold(c->bob.session, NULL), 0);
        assert_int_equal(pipit_session_unhold(c->alice.session, NULL), 0);
        sim_advance_ms(c->s, 20000);
        cast_check_sound(c, BOB_HZ, ALICE_HZ);
        check_hold(&c->alice, false, false);
        check_hold(&c->bob, false, false);
        cast_free(c);
    }
}

static void a_held_call_stays_held_over_new_offers(void **state)
{
    cast *c = in_call(4);

    (void)state;
    assert_int_equal(pipit_session_hold(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 500);
    for (unsigned i = 0; i < 3; i++) {
        phone *from = i % 2 ? &c->alice : &c->bob;

        assert_int_equal(pipit_session_renegotiate(from->session, NULL), 0);
        cast_check_sound(c, 0, 0);
        check_hold(&c->alice, true, false);
        check_hold(&c->bob, false, true);
    }
    assert_int_equal(pipit_session_unhold(c->alice.session, NULL), 0);
    cast_check_sound(c, BOB_HZ, ALICE_HZ);
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_held_call_is_silent_both_ways),
        cmocka_unit_test(music_is_heard_while_holding),
        cmocka_unit_test(both_hold_one_after_the_other),
        cmocka_unit_test(both_hold_at_the_same_moment),
        cmocka_unit_test(a_held_call_stays_held_over_new_offers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
