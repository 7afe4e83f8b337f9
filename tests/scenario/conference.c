/* conference.c - calls whose ends change while they go on, and several of them made one; what everybody hears is measured. */
#include "support/cast/cast.h"

#include <stdio.h>

#define ALICE_HZ 440
#define BOB_HZ   1000
#define CAROL_HZ 700
#define OTHER_HZ 1400

static void call_up(cast *c, phone *from, phone *to)
{
    assert_int_equal(cast_call(from, to->name), 0);
    assert_true(cast_wait(c, &from->media_up, 5000));
    assert_true(cast_wait(c, &to->media_up, 5000));
}

static cast *on_stage(uint64_t seed, const char *codecs)
{
    cast *c = NULL;
    phone *all[3];

    assert_int_equal(cast_new(&(cast_options){.seed = seed, .third = true, .codecs = codecs}, &c),
                     0);
    all[0] = &c->alice;
    all[1] = &c->bob;
    all[2] = &c->carol;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pipit_ua_start(all[i]->ua), 0);
    for (size_t i = 0; i < 3; i++)
        assert_true(cast_wait(c, &all[i]->registered, 5000));
    return c;
}

static void check_hears(const phone *p, unsigned hz, bool expected)
{
    double loud = phone_hears(p, hz);

    if (expected ? loud < -15 || loud > -9 : loud > -45)
        fail_msg("%s hears %u Hz with %.1f dBFS", p->name, hz, loud);
}

/* --- other ends -------------------------------------------------------------------------------- */

static void a_call_gets_other_ends_without_a_gap(void **state)
{
    cast *c = on_stage(1, NULL);
    pipit_source *other = NULL;
    uint64_t silence;

    (void)state;
    call_up(c, &c->alice, &c->bob);
    sim_advance_ms(c->s, 1000);
    check_hears(&c->bob, ALICE_HZ, true);
    silence = c->bob.heard_silence;
    c->bob.heard_steps = 0;
    assert_int_equal(pipit_source_tone(OTHER_HZ, -12, &other), 0);
    for (unsigned i = 0; i < 9; i++) {
        assert_int_equal(pipit_session_set_audio(c->alice.session, i % 2 ? c->alice.source : other,
                                                 c->alice.sink),
                         0);
        sim_advance_ms(c->s, 333);
    }
    sim_advance_ms(c->s, 500);
    check_hears(&c->bob, OTHER_HZ, true);
    check_hears(&c->bob, ALICE_HZ, false);
    check_hears(&c->alice, BOB_HZ, true);
    assert_int_equal(c->bob.heard_silence, silence);
    assert_int_equal(c->bob.heard_steps, 0);
    pipit_source_unref(other);
    cast_free(c);
}

static void a_call_can_be_given_nothing_to_say_and_nobody_to_hear(void **state)
{
    cast *c = on_stage(2, "PCMU");
    uint64_t heard;

    (void)state;
    call_up(c, &c->alice, &c->bob);
    sim_advance_ms(c->s, 500);
    assert_int_equal(pipit_session_set_audio(c->alice.session, NULL, NULL), 0);
    sim_advance_ms(c->s, 1000);
    heard = c->alice.heard_samples;
    check_hears(&c->bob, ALICE_HZ, false);
    sim_advance_ms(c->s, 1000);
    assert_int_equal(c->alice.heard_samples, heard);
    assert_int_equal(pipit_session_set_audio(c->alice.session, c->alice.source, c->alice.sink), 0);
    sim_advance_ms(c->s, 1000);
    check_hears(&c->bob, ALICE_HZ, true);
    check_hears(&c->alice, BOB_HZ, true);
    cast_free(c);
}

static void ends_that_change_on_hold_are_used_afterwards(void **state)
{
    cast *c = on_stage(3, NULL);
    pipit_reoffer_options music = {0};
    pipit_source *other = NULL;

    (void)state;
    call_up(c, &c->alice, &c->bob);
    assert_int_equal(pipit_source_tone(CAROL_HZ, -12, &music.hold_source), 0);
    assert_int_equal(pipit_source_tone(OTHER_HZ, -12, &other), 0);
    assert_int_equal(pipit_session_hold(c->alice.session, &music), 0);
    sim_advance_ms(c->s, 1000);
    assert_int_equal(pipit_session_set_audio(c->alice.session, other, c->alice.sink), 0);
    sim_advance_ms(c->s, 1000);
    check_hears(&c->bob, CAROL_HZ, true);
    check_hears(&c->bob, OTHER_HZ, false);
    assert_int_equal(pipit_session_unhold(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 1500);
    check_hears(&c->bob, CAROL_HZ, false);
    check_hears(&c->bob, OTHER_HZ, true);
    pipit_source_unref(music.hold_source);
    pipit_source_unref(other);
    cast_free(c);
}

static void a_call_without_media_has_no_ends(void **state)
{
    cast *c = on_stage(4, NULL);

    (void)state;
    assert_int_equal(pipit_session_set_audio(NULL, NULL, NULL), PIPIT_ERR_ARGUMENT);
    c->bob.manual = true;
    assert_int_equal(cast_call(&c->alice, "bob"), 0);
    sim_advance_ms(c->s, 500);
    assert_int_equal(pipit_session_set_audio(c->bob.session, NULL, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    assert_int_equal(pipit_session_set_audio(c->alice.session, NULL, NULL), PIPIT_ERR_STATE);
    cast_free(c);
}

/* A source that ends its call while it is read. */
static size_t hang_up(void *self, int16_t *samples, size_t count)
{
    phone *p = self;

    memset(samples, 0, count * sizeof(*samples));
    if (!p->over)
        pipit_session_terminate(p->session, NULL);
    return count;
}

static void listen_and_hang_up(void *self, const int16_t *samples, size_t count)
{
    (void)samples;
    (void)count;
    if (!((phone *)self)->over)
        pipit_session_terminate(((phone *)self)->session, NULL);
}

static void a_source_or_a_sink_may_end_its_call(void **state)
{
    static const pipit_source_interface source_functions = {.read = hang_up};
    static const pipit_sink_interface sink_functions = {.write = listen_and_hang_up};
    cast *c = on_stage(5, NULL);
    pipit_source *source = NULL;
    pipit_sink *sink = NULL;

    (void)state;
    assert_int_equal(pipit_source_new(&source_functions, &c->alice, 48000, &source), 0);
    assert_int_equal(pipit_sink_new(&sink_functions, &c->alice, 48000, &sink), 0);
    for (unsigned i = 0; i < 2; i++) {
        call_up(c, &c->alice, &c->bob);
        assert_int_equal(
            pipit_session_set_audio(c->alice.session, i ? source : NULL, i ? NULL : sink), 0);
        sim_advance_ms(c->s, 500);
        assert_true(c->alice.over);
        assert_true(c->bob.over);
    }
    pipit_source_unref(source);
    pipit_sink_unref(sink);
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_gets_other_ends_without_a_gap),
        cmocka_unit_test(a_call_can_be_given_nothing_to_say_and_nobody_to_hear),
        cmocka_unit_test(ends_that_change_on_hold_are_used_afterwards),
        cmocka_unit_test(a_call_without_media_has_no_ends),
        cmocka_unit_test(a_source_or_a_sink_may_end_its_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
