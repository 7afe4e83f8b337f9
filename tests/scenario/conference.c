/* conference.c - calls whose ends change while they go on, and several of them made one; what everybody hears is measured. */
#include "support/cast/cast.h"
#include "support/scarce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALICE_HZ 440
#define BOB_HZ   1000
#define CAROL_HZ 700
#define DAVE_HZ  550
#define OTHER_HZ 1400

static cast *on_stage(uint64_t seed, const char *codecs)
{
    return cast_on_stage(
        &(cast_options){.seed = seed, .third = true, .fourth = true, .codecs = codecs});
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
    cast_talk(&c->alice, &c->bob);
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
    cast_talk(&c->alice, &c->bob);
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
    cast_talk(&c->alice, &c->bob);
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
        cast_talk(&c->alice, &c->bob);
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

/* --- conferences -------------------------------------------------------------------------------- */

enum { LINES = 3 };

/* One of alice's calls. */
typedef struct line {
    phone *to;
    phone ear;
    pipit_session *session;
    pipit_source *source;
    pipit_sink *sink;
    bool up, over;
} line;

/* Alice, who has a call to each of the others, and a conference of them. */
typedef struct desk {
    cast *c;
    line lines[LINES]; /* to bob, carol and dave */
    pipit_conference *conference;
    char log[256];
    pipit_session *again; /* to be added when somebody leaves */
} desk;

static void on_media(pipit_session *session, const pipit_media_event *event, void *user)
{
    (void)session;
    ((line *)user)->up |= strcmp(event->state, "connected") == 0;
}

static void on_ended(pipit_session *session, const pipit_end_event *event, void *user)
{
    (void)session;
    (void)event;
    ((line *)user)->over = true;
}

static void on_left(pipit_conference *conference, pipit_session *session, void *user)
{
    desk *d = user;
    size_t size = strlen(d->log);

    assert_ptr_equal(conference, d->conference);
    snprintf(d->log + size, sizeof(d->log) - size, "%s:%zu ", pipit_session_remote_uri(session),
             pipit_conference_count(conference));
    if (d->again)
        assert_int_equal(pipit_conference_add(conference, d->again), 0);
    d->again = NULL;
}

static void dial(desk *d, line *l, phone *to)
{
    static const pipit_session_handlers handlers = {
        .media = on_media, .ended = on_ended, .failed = on_ended};
    pipit_call_options options = {.handlers = &handlers, .user = l};

    l->to = to;
    assert_int_equal(pipit_source_tone(ALICE_HZ, -12, &l->source), 0);
    assert_int_equal(phone_ear(&l->ear, &l->sink), 0);
    options.media_stream = (pipit_media_stream){.audio_source = l->source, .audio_sink = l->sink};
    options.pc_config.codecs = d->c->codecs;
    assert_int_equal(pipit_ua_call(d->c->alice.ua, to->name, &options, &l->session), 0);
    assert_true(cast_wait(d->c, &l->up, 5000));
    assert_true(cast_wait(d->c, &to->media_up, 5000));
    sim_advance_ms(d->c->s, 7); /* out of step */
}

static desk *at_desk(uint64_t seed, const char *codecs, bool local)
{
    static const pipit_conference_handlers handlers = {.left = on_left};
    desk *d = calloc(1, sizeof(*d));
    pipit_conference_options options = {.handlers = &handlers, .user = d};

    assert_non_null(d);
    d->c = on_stage(seed, codecs);
    dial(d, &d->lines[0], &d->c->bob);
    dial(d, &d->lines[1], &d->c->carol);
    dial(d, &d->lines[2], &d->c->dave);
    if (local)
        options.local = (pipit_media_stream){.audio_source = d->c->alice.source,
                                             .audio_sink = d->c->alice.sink};
    assert_int_equal(pipit_conference_new(&options, &d->conference), 0);
    return d;
}

static void leave_desk(desk *d)
{
    pipit_conference_unref(d->conference);
    for (size_t i = 0; i < LINES; i++) {
        line *l = &d->lines[i];

        if (!l->over)
            assert_int_equal(pipit_session_terminate(l->session, NULL), 0);
        assert_true(l->over);
        pipit_session_unref(l->session);
        pipit_source_unref(l->source);
        pipit_sink_unref(l->sink);
    }
    cast_free(d->c);
    free(d);
}

static void add(desk *d, size_t at)
{
    assert_int_equal(pipit_conference_add(d->conference, d->lines[at].session), 0);
}

static void forget_cracks(desk *d)
{
    d->c->bob.heard_steps = d->c->carol.heard_steps = d->c->dave.heard_steps = 0;
    d->c->alice.heard_steps = 0;
}

/* Of one who hears all of `tones`, and nothing else. */
static void check_tones(const phone *p, const unsigned *tones)
{
    static const unsigned all[] = {ALICE_HZ, BOB_HZ, CAROL_HZ, DAVE_HZ, OTHER_HZ};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        bool expected = false;

        for (const unsigned *tone = tones; *tone; tone++)
            expected |= *tone == all[i];
        check_hears(p, all[i], expected);
    }
}

#define CHECK_TONES(p, ...) check_tones(p, (const unsigned[]){__VA_ARGS__, 0})

static void three_talk_and_split_again(void **state)
{
    static const char *const codecs[] = {"opus", "PCMU", NULL};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        desk *d = at_desk(20 + i, codecs[i], true);
        cast *c = d->c;

        sim_advance_ms(c->s, 500);
        forget_cracks(d);
        add(d, 0);
        add(d, 1);
        assert_int_equal(pipit_conference_count(d->conference), 2);
        sim_advance_ms(c->s, 1500);
        CHECK_TONES(&c->bob, ALICE_HZ, CAROL_HZ);
        CHECK_TONES(&c->carol, ALICE_HZ, BOB_HZ);
        CHECK_TONES(&c->alice, BOB_HZ, CAROL_HZ);
        CHECK_TONES(&c->dave, ALICE_HZ);
        pipit_conference_split(d->conference);
        assert_int_equal(pipit_conference_count(d->conference), 0);
        sim_advance_ms(c->s, 1500);
        CHECK_TONES(&c->bob, ALICE_HZ);
        CHECK_TONES(&c->carol, ALICE_HZ);
        CHECK_TONES(&d->lines[0].ear, BOB_HZ);
        CHECK_TONES(&d->lines[1].ear, CAROL_HZ);
        assert_int_equal(c->bob.heard_steps + c->carol.heard_steps + c->dave.heard_steps, 0);
        assert_int_equal(c->alice.heard_steps, 0);
        assert_string_equal(d->log, "");
        leave_desk(d);
    }
}

static void calls_come_and_go_without_a_gap(void **state)
{
    desk *d = at_desk(30, NULL, false);
    cast *c = d->c;
    uint64_t silence;

    (void)state;
    add(d, 0);
    add(d, 1);
    sim_advance_ms(c->s, 1000);
    CHECK_TONES(&c->bob, CAROL_HZ); /* alice has put herself out */
    forget_cracks(d);
    silence = c->bob.heard_silence + c->carol.heard_silence;
    for (unsigned i = 0; i < 5; i++) {
        add(d, 2);
        sim_advance_ms(c->s, 1000);
        CHECK_TONES(&c->bob, CAROL_HZ, DAVE_HZ);
        CHECK_TONES(&c->carol, BOB_HZ, DAVE_HZ);
        CHECK_TONES(&c->dave, BOB_HZ, CAROL_HZ);
        assert_int_equal(pipit_conference_remove(d->conference, d->lines[2].session), 0);
        sim_advance_ms(c->s, 1000);
        CHECK_TONES(&c->bob, CAROL_HZ);
        CHECK_TONES(&c->carol, BOB_HZ);
        CHECK_TONES(&c->dave, ALICE_HZ);
    }
    assert_int_equal(c->bob.heard_silence + c->carol.heard_silence, silence);
    assert_int_equal(c->bob.heard_steps + c->carol.heard_steps + c->dave.heard_steps, 0);
    leave_desk(d);
}

static void a_held_call_drops_out(void **state)
{
    (void)state;
    for (unsigned theirs = 0; theirs < 2; theirs++) {
        desk *d = at_desk(40 + theirs, NULL, true);
        cast *c = d->c;
        pipit_session *holds = theirs ? c->dave.session : d->lines[2].session;

        for (size_t i = 0; i < LINES; i++)
            add(d, i);
        sim_advance_ms(c->s, 1000);
        CHECK_TONES(&c->bob, ALICE_HZ, CAROL_HZ, DAVE_HZ);
        assert_int_equal(pipit_session_hold(holds, NULL), 0);
        sim_advance_ms(c->s, 1000);
        assert_string_equal(d->log, "sip:dave@example.com:2 ");
        CHECK_TONES(&c->bob, ALICE_HZ, CAROL_HZ);
        assert_int_equal(pipit_conference_add(d->conference, d->lines[2].session), PIPIT_ERR_STATE);
        assert_int_equal(pipit_session_unhold(holds, NULL), 0);
        sim_advance_ms(c->s, 1500);
        CHECK_TONES(&c->dave, ALICE_HZ); /* alone with alice's own source, as it was */
        CHECK_TONES(&d->lines[2].ear, DAVE_HZ);
        CHECK_TONES(&c->bob, ALICE_HZ, CAROL_HZ);
        add(d, 2);
        sim_advance_ms(c->s, 1000);
        CHECK_TONES(&c->bob, ALICE_HZ, CAROL_HZ, DAVE_HZ);
        CHECK_TONES(&c->dave, ALICE_HZ, CAROL_HZ, BOB_HZ);
        leave_desk(d);
    }
}

static void an_ended_call_drops_out(void **state)
{
    (void)state;
    for (unsigned theirs = 0; theirs < 2; theirs++) {
        desk *d = at_desk(50 + theirs, NULL, true);
        cast *c = d->c;

        add(d, 0);
        add(d, 1);
        d->again = d->lines[2].session;
        sim_advance_ms(c->s, 500);
        assert_int_equal(
            pipit_session_terminate(theirs ? c->bob.session : d->lines[0].session, NULL), 0);
        sim_advance_ms(c->s, 1500);
        assert_string_equal(d->log, "sip:bob@example.com:1 ");
        assert_int_equal(pipit_conference_count(d->conference), 2); /* dave came for bob */
        assert_ptr_equal(pipit_conference_session(d->conference, 0), d->lines[1].session);
        assert_ptr_equal(pipit_conference_session(d->conference, 1), d->lines[2].session);
        CHECK_TONES(&c->carol, ALICE_HZ, DAVE_HZ);
        CHECK_TONES(&c->dave, ALICE_HZ, CAROL_HZ);
        CHECK_TONES(&c->alice, DAVE_HZ, CAROL_HZ);
        leave_desk(d);
    }
}

static void ends_may_change_during_a_conference(void **state)
{
    desk *d = at_desk(60, NULL, true);
    cast *c = d->c;
    pipit_source *other = NULL;

    (void)state;
    add(d, 0);
    add(d, 1);
    assert_int_equal(pipit_source_tone(OTHER_HZ, -12, &other), 0);
    assert_int_equal(pipit_session_set_audio(d->lines[0].session, other, NULL), 0);
    sim_advance_ms(c->s, 1000);
    CHECK_TONES(&c->bob, ALICE_HZ, CAROL_HZ);
    assert_int_equal(pipit_conference_set_local(d->conference, other, c->alice.sink), 0);
    sim_advance_ms(c->s, 1000);
    CHECK_TONES(&c->bob, OTHER_HZ, CAROL_HZ);
    assert_int_equal(pipit_conference_set_local(d->conference, NULL, NULL), 0);
    assert_int_equal(pipit_conference_remove(d->conference, d->lines[0].session), 0);
    sim_advance_ms(c->s, 1000);
    CHECK_TONES(&c->bob, OTHER_HZ);
    CHECK_TONES(&c->carol, 1); /* alone */
    pipit_source_unref(other);
    leave_desk(d);
}

static void a_conference_tells_how_loud_everybody_is(void **state)
{
    desk *d = at_desk(70, NULL, true);

    (void)state;
    add(d, 0);
    add(d, 1);
    sim_advance_ms(d->c->s, 5000);
    /* -12 dBFS is 0.25, and a sine's root mean square 0.71 of it */
    assert_in_range((int)(1000 * pipit_conference_level(d->conference, NULL)), 165, 185);
    assert_in_range((int)(1000 * pipit_conference_level(d->conference, d->lines[0].session)), 160,
                    190);
    assert_int_equal(pipit_session_mute(d->c->carol.session, NULL), 0);
    sim_advance_ms(d->c->s, 5000);
    assert_in_range((int)(1000 * pipit_conference_level(d->conference, d->lines[1].session)), 0,
                    20);
    assert_true(pipit_conference_level(d->conference, d->lines[2].session) == 0);
    assert_true(pipit_conference_level(NULL, NULL) == 0);
    leave_desk(d);
}

static void who_cannot_be_in_it_is_refused(void **state)
{
    desk *d = at_desk(80, NULL, false);
    pipit_conference *other = NULL;
    pipit_session *ringing = NULL;

    (void)state;
    add(d, 0);
    assert_int_equal(pipit_conference_new(NULL, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_conference_new(NULL, &other), 0);
    assert_int_equal(pipit_conference_add(other, d->lines[0].session), PIPIT_ERR_STATE);
    assert_int_equal(pipit_conference_remove(other, d->lines[0].session), PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_conference_remove(other, d->lines[1].session), PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_conference_add(NULL, d->lines[1].session), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_conference_add(other, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_conference_remove(other, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_conference_set_local(NULL, NULL, NULL), PIPIT_ERR_ARGUMENT);
    d->c->alice.manual = true;
    assert_int_equal(pipit_ua_call(d->c->carol.ua, "alice", NULL, &ringing), 0);
    sim_advance_ms(d->c->s, 500);
    assert_int_equal(pipit_conference_add(other, ringing), PIPIT_ERR_STATE);
    pipit_session_terminate(ringing, NULL);
    assert_int_equal(pipit_conference_add(other, ringing), PIPIT_ERR_STATE);
    pipit_session_unref(ringing);
    pipit_conference_unref(other);
    leave_desk(d);
}

/* The application needs to keep neither the conference nor the user agent. */
static void a_conference_lasts_as_long_as_its_calls(void **state)
{
    desk *d = at_desk(90, NULL, true);
    cast *c = d->c;

    (void)state;
    for (size_t i = 0; i < LINES; i++)
        add(d, i);
    pipit_conference_unref(d->conference);
    sim_advance_ms(c->s, 1000);
    CHECK_TONES(&c->bob, ALICE_HZ, CAROL_HZ, DAVE_HZ);
    c->alice.ua = pipit_ua_unref(c->alice.ua); /* without a word */
    for (size_t i = 0; i < LINES; i++) {
        assert_false(d->lines[i].over);
        d->lines[i].over = true;
    }
    d->conference = NULL;
    leave_desk(d);
}

/* One visit; what fails does so for want of memory, and leaves all as it was. */
static void come_and_go(desk *d, pipit_source *other)
{
    pipit_conference *conference = NULL;
    pipit_conference_options options = {.local = {.audio_source = other}};
    size_t in = 0;
    int err[6] = {0};

    err[0] = pipit_conference_new(&options, &conference);
    for (size_t i = 0; conference && i < 2; i++) {
        err[1 + i] = pipit_conference_add(conference, d->lines[i].session);
        in += !err[1 + i];
        assert_int_equal(pipit_conference_count(conference), in);
    }
    if (conference)
        err[3] = pipit_conference_set_local(conference, d->c->alice.source, d->c->alice.sink);
    err[4] = pipit_session_set_audio(d->lines[2].session, other, d->lines[2].sink);
    sim_advance_ms(d->c->s, 30);
    err[5] = pipit_session_set_audio(d->lines[2].session, d->lines[2].source, d->lines[2].sink);
    pipit_conference_split(conference);
    pipit_conference_unref(conference);
    sim_advance_ms(d->c->s, 30);
    for (size_t i = 0; i < 6; i++)
        assert_true(!err[i] || err[i] == PIPIT_ERR_MEMORY);
}

static void a_conference_survives_any_allocation_failing(void **state)
{
    pipit_source *other = NULL;
    uint64_t n = 0;
    desk *d;

    (void)state;
    scarce_begin(0);
    d = at_desk(100, "opus", true);
    assert_int_equal(pipit_source_tone(OTHER_HZ, -12, &other), 0);
    do {
        scarce_fail(++n);
        come_and_go(d, other);
    } while (scarce_memory.failed);
    assert_true(n > 20);
    scarce_relax();
    come_and_go(d, other);
    add(d, 0);
    add(d, 1);
    sim_advance_ms(d->c->s, 1500);
    CHECK_TONES(&d->c->bob, ALICE_HZ, CAROL_HZ);
    CHECK_TONES(&d->c->carol, ALICE_HZ, BOB_HZ);
    pipit_source_unref(other);
    leave_desk(d);
    assert_int_equal(scarce_end(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_gets_other_ends_without_a_gap),
        cmocka_unit_test(a_call_can_be_given_nothing_to_say_and_nobody_to_hear),
        cmocka_unit_test(ends_that_change_on_hold_are_used_afterwards),
        cmocka_unit_test(a_call_without_media_has_no_ends),
        cmocka_unit_test(a_source_or_a_sink_may_end_its_call),
        cmocka_unit_test(three_talk_and_split_again),
        cmocka_unit_test(calls_come_and_go_without_a_gap),
        cmocka_unit_test(a_held_call_drops_out),
        cmocka_unit_test(an_ended_call_drops_out),
        cmocka_unit_test(ends_may_change_during_a_conference),
        cmocka_unit_test(a_conference_tells_how_loud_everybody_is),
        cmocka_unit_test(who_cannot_be_in_it_is_refused),
        cmocka_unit_test(a_conference_lasts_as_long_as_its_calls),
        cmocka_unit_test(a_conference_survives_any_allocation_failing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
