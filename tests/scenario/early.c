/* early.c - what happens before the answer, with everything there is: sound through ICE, DTLS and SRTP, PRACKs through a switchboard. */
#include "support/cast/cast.h"

#include <stdio.h>

static cast *stage(unsigned seed, bool shared)
{
    cast *c = cast_on_stage(&(cast_options){.seed = seed, .third = shared, .shared = shared});

    c->bob.manual = true;
    return c;
}

static void check_frequency(phone *p, unsigned expected)
{
    unsigned heard = phone_frequency(p);

    if (heard < expected - expected / 50 - 2 || heard > expected + expected / 50 + 2)
        fail_msg("%s heard %u Hz, not %u", p->name, heard, expected);
}

static void check_sound(cast *c)
{
    phone_frequency(&c->alice);
    phone_frequency(&c->bob);
    sim_advance_ms(c->s, 1500);
    check_frequency(&c->alice, 1000);
    check_frequency(&c->bob, 440);
}

static void finish(cast *c)
{
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    assert_true(cast_wait(c, &c->bob.over, 3000));
    assert_int_equal(c->bob.cause, PIPIT_CAUSE_BYE);
    cast_free(c);
}

static void call(cast *c, bool offerless)
{
    pipit_call_options options = *cast_call_options(&c->alice);

    options.offerless = offerless;
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), 0);
    sim_advance_ms(c->s, 1000);
    assert_non_null(c->bob.session);
}

/* Bob is heard, and hears, before he answers; then all goes on. */
static void sound_before_the_answer(bool offerless)
{
    cast *c = stage(3, false);
    pipit_progress_options early = {.early_media = true};

    early.media_stream =
        (pipit_media_stream){.audio_source = c->bob.source, .audio_sink = c->bob.sink};
    call(c, offerless);
    assert_int_equal(pipit_session_progress(c->bob.session, &early), 0);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    assert_true(cast_wait(c, &c->bob.media_up, 5000));
    assert_false(c->alice.confirmed);
    check_sound(c);
    assert_int_equal(pipit_session_hold(c->alice.session, NULL), 0); /* it was agreed reliably */
    sim_advance_ms(c->s, 500);
    assert_true(pipit_session_is_on_hold(c->bob.session).remote);
    assert_int_equal(pipit_session_unhold(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 500);
    assert_false(pipit_session_is_on_hold(c->bob.session).remote);
    assert_int_equal(pipit_session_answer(c->bob.session, NULL), 0);
    assert_true(cast_wait(c, &c->alice.confirmed, 5000));
    assert_true(cast_wait(c, &c->bob.confirmed, 5000));
    check_sound(c);
    finish(c);
}

static void an_announcement_is_heard_before_the_answer(void **state)
{
    (void)state;
    sound_before_the_answer(false);
}

static void an_announcement_is_heard_by_who_made_no_offer(void **state)
{
    (void)state;
    sound_before_the_answer(true);
}

static void a_call_without_an_offer_goes_through(void **state)
{
    cast *c = stage(4, false);

    (void)state;
    c->bob.manual = false;
    call(c, true);
    assert_true(cast_wait(c, &c->bob.confirmed, 5000));
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    check_sound(c);
    finish(c);
}

static void ringing_is_acknowledged_where_that_is_required(void **state)
{
    static const char *const lines[] = {"Require: 100rel", NULL};
    cast *c = stage(5, false);
    pipit_call_options options = *cast_call_options(&c->alice);

    (void)state;
    options.extra_headers = lines;
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), 0);
    sim_advance_ms(c->s, 40000); /* 64*T1 is over: without a PRACK bob had given up */
    assert_false(c->bob.over);
    c->bob.manual = false;
    assert_int_equal(pipit_session_answer(c->bob.session, NULL), 0);
    assert_true(cast_wait(c, &c->alice.confirmed, 5000));
    finish(c);
}

static void on_progress(pipit_session *session, const pipit_progress_event *event, void *user)
{
    unsigned *times = user;

    (void)event;
    if (++*times == 2) /* behind the ringing: the announcement */
        assert_int_equal(pipit_session_hold(session, NULL), 0);
}

static void a_caller_holds_with_the_prack_of_the_announcement(void **state)
{
    static const pipit_session_handlers handlers = {.progress = on_progress};
    cast *c = stage(6, false);
    pipit_progress_options early = {.early_media = true};
    unsigned times = 0;

    (void)state;
    early.media_stream =
        (pipit_media_stream){.audio_source = c->bob.source, .audio_sink = c->bob.sink};
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", cast_call_options(&c->alice), NULL), 0);
    assert_int_equal(pipit_session_add_handlers(c->alice.session, &handlers, &times), 0);
    sim_advance_ms(c->s, 1000);
    assert_int_equal(pipit_session_progress(c->bob.session, &early), 0);
    sim_advance_ms(c->s, 1000);
    assert_true(pipit_session_is_on_hold(c->alice.session).local);
    assert_true(pipit_session_is_on_hold(c->bob.session).remote);
    assert_false(c->alice.confirmed);
    assert_int_equal(pipit_session_answer(c->bob.session, NULL), 0);
    assert_true(cast_wait(c, &c->alice.confirmed, 5000));
    assert_int_equal(pipit_session_unhold(c->alice.session, NULL), 0);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    sim_advance_ms(c->s, 500);
    check_sound(c);
    finish(c);
}

static void announce(phone *p)
{
    const pipit_progress_options early = {
        .early_media = true, .media_stream = {.audio_source = p->source, .audio_sink = p->sink}};

    assert_non_null(p->session);
    assert_int_equal(pipit_session_progress(p->session, &early), 0);
}

typedef struct places {
    char tags[2][64]; /* bob's, carol's */
    unsigned count;
} places;

static void on_early_media(pipit_session *session, const pipit_early_media_event *event, void *user)
{
    places *p = user;

    (void)session;
    if (p->count < 2)
        snprintf(p->tags[p->count++], sizeof(p->tags[0]), "%s", event->branch);
}

/* Bob's account rings at bob's and carol's, and both have something to say; each makes an offer of its own. */
static void two_places_are_heard_by_who_made_no_offer(void **state)
{
    static const pipit_session_handlers handlers = {.early_media = on_early_media};
    cast *c = stage(7, true);
    places heard = {0};

    (void)state;
    c->carol.manual = true;
    call(c, true);
    assert_int_equal(pipit_session_add_handlers(c->alice.session, &handlers, &heard), 0);
    announce(&c->bob);
    sim_advance_ms(c->s, 1000);
    announce(&c->carol);
    sim_advance_ms(c->s, 1000);
    assert_int_equal(heard.count, 2);
    check_sound(c);
    assert_int_equal(phone_frequency(&c->carol), 0); /* alice is silent to her */
    assert_int_equal(pipit_session_hear_branch(c->alice.session, heard.tags[1]), 0);
    sim_advance_ms(c->s, 500);
    phone_frequency(&c->alice);
    phone_frequency(&c->carol);
    sim_advance_ms(c->s, 1500);
    check_frequency(&c->alice, 700);
    check_frequency(&c->carol, 440);
    assert_int_equal(pipit_session_answer(c->bob.session, NULL), 0); /* who is not heard */
    assert_true(cast_wait(c, &c->alice.confirmed, 5000));
    assert_true(cast_wait(c, &c->carol.over, 5000));
    sim_advance_ms(c->s, 500);
    check_sound(c);
    finish(c);
}

/* Both at the same time, before the answer: their UPDATEs meet, and both get through in the end. */
static void both_hold_before_the_answer(void **state)
{
    cast *c = stage(8, false);

    (void)state;
    call(c, false);
    announce(&c->bob);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    for (unsigned held = 1; held < 3; held++) {
        int (*change)(pipit_session * session, const pipit_reoffer_options *options) =
            held == 1 ? pipit_session_hold : pipit_session_unhold;

        assert_int_equal(change(c->alice.session, NULL), 0);
        assert_int_equal(change(c->bob.session, NULL), 0);
        sim_advance_ms(c->s, 10000);
        assert_int_equal(pipit_session_is_on_hold(c->alice.session).remote, held == 1);
        assert_int_equal(pipit_session_is_on_hold(c->bob.session).remote, held == 1);
    }
    assert_int_equal(pipit_session_answer(c->bob.session, NULL), 0);
    assert_true(cast_wait(c, &c->alice.confirmed, 5000));
    check_sound(c);
    finish(c);
}

/* Bob has something to say, and then sends her on. */
static void a_call_without_an_offer_is_heard_where_it_is_sent(void **state)
{
    static const char *const there[] = {"Contact: <sip:carol@example.com>", NULL};
    const pipit_terminate_options moved = {.status_code = 302, .extra_headers = there};
    cast *c = cast_on_stage(&(cast_options){.seed = 9, .third = true});
    pipit_call_options options;

    (void)state;
    c->bob.manual = true;
    options = *cast_call_options(&c->alice);
    options.offerless = true;
    options.follow_redirects = 1;
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), 0);
    sim_advance_ms(c->s, 1000);
    announce(&c->bob);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    c->alice.media_up = false;
    assert_int_equal(pipit_session_terminate(c->bob.session, &moved), 0);
    assert_true(cast_wait(c, &c->alice.confirmed, 5000));
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    phone_frequency(&c->alice);
    phone_frequency(&c->carol);
    sim_advance_ms(c->s, 1500);
    check_frequency(&c->alice, 700);
    check_frequency(&c->carol, 440);
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    assert_true(cast_wait(c, &c->carol.over, 3000));
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_announcement_is_heard_before_the_answer),
        cmocka_unit_test(an_announcement_is_heard_by_who_made_no_offer),
        cmocka_unit_test(a_call_without_an_offer_goes_through),
        cmocka_unit_test(a_caller_holds_with_the_prack_of_the_announcement),
        cmocka_unit_test(two_places_are_heard_by_who_made_no_offer),
        cmocka_unit_test(both_hold_before_the_answer),
        cmocka_unit_test(a_call_without_an_offer_is_heard_where_it_is_sent),
        cmocka_unit_test(ringing_is_acknowledged_where_that_is_required),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
