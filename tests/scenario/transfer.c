/* transfer.c - blind and attended transfer among three phones, whose tones tell who hears whom (RFC 5589). */
#include "support/cast/cast.h"

#include <stdio.h>
#include <string.h>

#define ALICE_HZ 440
#define BOB_HZ   1000
#define CAROL_HZ 700

typedef struct hearing { /* what the transferor hears of a REFER */
    char log[256];
    bool done;
} hearing;

static void note(hearing *h, const char *name, const pipit_refer_progress_event *event)
{
    size_t n = strlen(h->log);

    snprintf(h->log + n, sizeof(h->log) - n, "%s:%d ", name, event->status_code);
}

static void on_succeeded(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                         void *user)
{
    (void)refer;
    note(user, "request_succeeded", event);
}

static void on_failed(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                      void *user)
{
    (void)refer;
    note(user, "failed", event);
    ((hearing *)user)->done = true;
}

static void on_trying(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                      void *user)
{
    (void)refer;
    note(user, "trying", event);
}

static void on_progress(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                        void *user)
{
    (void)refer;
    note(user, "progress", event);
}

static void on_accepted(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                        void *user)
{
    (void)refer;
    note(user, "accepted", event);
    ((hearing *)user)->done = true;
}

static const pipit_refer_handlers refer_handlers = {
    .request_succeeded = on_succeeded,
    .request_failed = on_failed,
    .trying = on_trying,
    .progress = on_progress,
    .accepted = on_accepted,
    .failed = on_failed,
};

static cast *three(uint64_t seed)
{
    return cast_on_stage(&(cast_options){.seed = seed, .third = true});
}

/* Returns the caller's end; the test's to unref. */
static pipit_session *call(cast *c, phone *from, phone *to)
{
    cast_talk(from, to);
    sim_advance_ms(c->s, 300);
    return pipit_session_ref(from->session);
}

static bool near(unsigned heard, unsigned expected)
{
    return heard + expected / 50 + 2 >= expected && heard <= expected + expected / 50 + 2;
}

static void check_sound(cast *c, phone *a, unsigned a_hears, phone *b, unsigned b_hears)
{
    unsigned first, second;

    sim_advance_ms(c->s, 1000);
    phone_frequency(a);
    phone_frequency(b);
    sim_advance_ms(c->s, 1000);
    first = phone_frequency(a);
    second = phone_frequency(b);
    if (!near(first, a_hears) || !near(second, b_hears))
        fail_msg("%s heard %u Hz, not %u; %s heard %u Hz, not %u", a->name, first, a_hears, b->name,
                 second, b_hears);
}

static pipit_refer_options hear(hearing *h)
{
    return (pipit_refer_options){.handlers = &refer_handlers, .user = h};
}

static void a_call_is_transferred(void **state)
{
    cast *c = three(1);
    pipit_session *with_bob = call(c, &c->alice, &c->bob);
    hearing h = {.log = ""};
    pipit_refer_options options = hear(&h);

    (void)state;
    assert_int_equal(pipit_session_refer(with_bob, "carol", &options, NULL), 0);
    assert_true(cast_wait(c, &h.done, 5000));
    assert_string_equal(h.log, "request_succeeded:202 trying:100 progress:180 accepted:200 ");
    assert_int_equal(pipit_session_terminate(with_bob, NULL), 0);
    check_sound(c, &c->bob, CAROL_HZ, &c->carol, BOB_HZ);
    assert_non_null(strstr(c->bob.log, "refer:sip:carol@example.com"));
    pipit_session_unref(with_bob);
    c->bob.over = false;
    cast_free(c);
}

static void a_transfer_to_nobody_is_told(void **state)
{
    cast *c = three(2);
    pipit_session *with_bob = call(c, &c->alice, &c->bob);
    hearing h = {.log = ""};
    pipit_refer_options options = hear(&h);

    (void)state;
    assert_int_equal(pipit_session_refer(with_bob, "nobody", &options, NULL), 0);
    assert_true(cast_wait(c, &h.done, 5000));
    assert_string_equal(h.log, "request_succeeded:202 trying:100 failed:404 ");
    c->bob.over = false;
    check_sound(c, &c->alice, BOB_HZ, &c->bob, ALICE_HZ); /* the call goes on */
    pipit_session_unref(with_bob);
    cast_free(c);
}

/* alice talks to bob, consults carol, and brings them together. `bob_called`, `carol_called`: who made the calls to alice. */
static void attended(uint64_t seed, bool bob_called, bool carol_called)
{
    cast *c = three(seed);
    hearing h = {.log = ""};
    pipit_refer_options options = hear(&h);
    pipit_session *with_bob, *with_carol, *other;

    other = bob_called ? call(c, &c->bob, &c->alice) : call(c, &c->alice, &c->bob);
    with_bob = pipit_session_ref(c->alice.session);
    pipit_session_unref(other);
    assert_int_equal(pipit_session_hold(with_bob, NULL), 0);
    sim_advance_ms(c->s, 300);
    other = carol_called ? call(c, &c->carol, &c->alice) : call(c, &c->alice, &c->carol);
    with_carol = pipit_session_ref(c->alice.session);
    pipit_session_unref(other);
    check_sound(c, &c->alice, CAROL_HZ, &c->carol, ALICE_HZ);

    options.replaces = with_carol;
    assert_int_equal(pipit_session_refer(with_bob, NULL, &options, NULL), 0);
    assert_true(cast_wait(c, &h.done, 5000));
    assert_string_equal(h.log, "request_succeeded:202 trying:100 progress:180 accepted:200 ");
    sim_advance_ms(c->s, 300);
    assert_true(pipit_session_is_ended(with_carol)); /* carol's end of it was replaced */
    assert_non_null(strstr(c->carol.log, "replaces new_rtc_session"));
    c->alice.over = false;
    assert_int_equal(pipit_session_terminate(with_bob, NULL), 0);
    check_sound(c, &c->bob, CAROL_HZ, &c->carol, BOB_HZ);
    pipit_session_unref(with_bob);
    pipit_session_unref(with_carol);
    c->alice.over = c->bob.over = c->carol.over = false;
    cast_free(c);
}

static void an_attended_transfer_works_whoever_had_called(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        attended(10 + i, i & 1, i & 2);
}

/* --- outside of calls ------------------------------------------------------------------------- */

static bool was_known; /* by a call */

static void on_new_refer(pipit_ua *ua, const pipit_new_refer_event *event, void *user)
{
    phone *asked = user;

    (void)ua;
    was_known = event->target_dialog != NULL;
    assert_int_equal(pipit_refer_accept(event->refer, cast_call_options(asked), NULL), 0);
}

static const pipit_ua_handlers of_refers = {.new_refer = on_new_refer};

static void a_phone_is_asked_to_call_another(void **state)
{
    cast *c = three(20);
    hearing h = {.log = ""};
    pipit_refer_options options = hear(&h);

    (void)state;
    assert_int_equal(pipit_ua_add_handlers(c->bob.ua, &of_refers, &c->bob), 0);
    assert_int_equal(pipit_ua_refer(c->alice.ua, "bob", "carol", &options, NULL), 0);
    assert_true(cast_wait(c, &h.done, 5000));
    assert_string_equal(h.log, "request_succeeded:202 trying:100 progress:180 accepted:200 ");
    assert_false(was_known);
    check_sound(c, &c->bob, CAROL_HZ, &c->carol, BOB_HZ);
    h = (hearing){.log = ""};
    assert_int_equal(pipit_ua_refer(c->alice.ua, "carol", "bob", &options, NULL), 0);
    assert_true(cast_wait(c, &h.done, 5000)); /* carol does not listen for that */
    assert_string_equal(h.log, "failed:603 ");
    cast_free(c);
}

/* alice gives her call with carol to bob, whom she is in no call with. */
static void a_call_is_given_to_another_phone(void **state)
{
    cast *c = three(21);
    pipit_session *with_carol = call(c, &c->alice, &c->carol);
    hearing h = {.log = ""};
    pipit_refer_options options = hear(&h);

    (void)state;
    options.replaces = with_carol;
    assert_int_equal(pipit_ua_add_handlers(c->bob.ua, &of_refers, &c->bob), 0);
    assert_int_equal(pipit_ua_refer(c->alice.ua, "bob", NULL, &options, NULL), 0);
    assert_true(cast_wait(c, &h.done, 5000));
    sim_advance_ms(c->s, 300);
    assert_true(pipit_session_is_ended(with_carol));
    check_sound(c, &c->bob, CAROL_HZ, &c->carol, BOB_HZ);
    pipit_session_unref(with_carol);
    c->alice.over = c->carol.over = false;
    cast_free(c);
}

/* RFC 5589 section 6: bob is asked at his Contact, and knows alice by the call they are in. */
static void a_transfer_outside_of_the_call_is_known_by_it(void **state)
{
    cast *c = three(22);
    pipit_session *with_bob = call(c, &c->alice, &c->bob);
    hearing h = {.log = ""};
    pipit_refer_options options = hear(&h);

    (void)state;
    options.target_dialog = with_bob;
    assert_int_equal(pipit_ua_add_handlers(c->bob.ua, &of_refers, &c->bob), 0);
    assert_int_equal(pipit_ua_refer(c->alice.ua, NULL, "carol", &options, NULL), 0);
    assert_true(cast_wait(c, &h.done, 5000));
    assert_true(was_known);
    assert_int_equal(pipit_session_terminate(with_bob, NULL), 0);
    check_sound(c, &c->bob, CAROL_HZ, &c->carol, BOB_HZ);
    pipit_session_unref(with_bob);
    c->alice.over = c->bob.over = false;
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_transferred),
        cmocka_unit_test(a_transfer_to_nobody_is_told),
        cmocka_unit_test(an_attended_transfer_works_whoever_had_called),
        cmocka_unit_test(a_phone_is_asked_to_call_another),
        cmocka_unit_test(a_call_is_given_to_another_phone),
        cmocka_unit_test(a_transfer_outside_of_the_call_is_known_by_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
