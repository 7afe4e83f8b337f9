/* survive.c - calls that go on: the connection of one or both breaks, freezes or comes back at another server, the addresses of the
 * machine change, the media path is gone for a while or for good. The sound is measured each time. */
#include "support/cast/cast.h"

#include <stdio.h>
#include <string.h>

#define ALICE_HZ 440 /* what alice says, and bob hears */
#define BOB_HZ   1000

static cast *in_call_with(const cast_options *options)
{
    cast *c = NULL;

    assert_int_equal(cast_new(options, &c), 0);
    assert_int_equal(pipit_ua_start(c->alice.ua), 0); /* her connection is the first */
    sim_advance_ms(c->s, 10);
    assert_int_equal(pipit_ua_start(c->bob.ua), 0);
    assert_true(cast_wait(c, &c->alice.registered, 5000));
    assert_true(cast_wait(c, &c->bob.registered, 5000));
    cast_talk(&c->alice, &c->bob);
    cast_check_sound(c, BOB_HZ, ALICE_HZ);
    c->alice.log_size = c->bob.log_size = 0;
    c->alice.log[0] = c->bob.log[0] = '\0';
    return c;
}

static cast *in_call(uint64_t seed)
{
    return in_call_with(&(cast_options){.seed = seed, .codecs = "PCMU"});
}

static unsigned count(const phone *p, const char *event)
{
    unsigned times = 0;

    for (const char *at = p->log; (at = strstr(at, event)) != NULL; at++)
        times++;
    return times;
}

static void check_log(const phone *p, const char *expected)
{
    if (strcmp(p->log, expected) != 0)
        fail_msg("%s saw '%s', not '%s'", p->name, p->log, expected);
}

/* The call stands on both sides, is heard, and ends as calls do: both find each other. */
static void check_alive(cast *c, phone *who_ends)
{
    phone *other = who_ends == &c->alice ? &c->bob : &c->alice;

    assert_false(c->alice.over || c->bob.over);
    cast_check_sound(c, BOB_HZ, ALICE_HZ);
    assert_int_equal(pipit_session_terminate(who_ends->session, NULL), 0);
    assert_true(cast_wait(c, &other->over, 500));
    assert_int_equal(other->cause, PIPIT_CAUSE_BYE);
}

/* --- the connection --------------------------------------------------------------------------- */

static void a_connection_breaks_and_the_call_moves_to_the_next(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        cast *c = in_call(1 + i);
        phone *lost = i ? &c->bob : &c->alice, *other = i ? &c->alice : &c->bob;

        sim_break_stream(c->s, 1 + i);
        sim_advance_ms(c->s, 100);
        assert_false(lost->registered);
        cast_check_sound(c, BOB_HZ, ALICE_HZ); /* the media does not notice */
        sim_advance_ms(c->s, 8000);
        check_log(lost, "disconnected:1006 unregistered connected registered reoffered:local ");
        check_log(other, "reoffered:remote ");
        check_alive(c, other);
        cast_free(c);
    }
}

static void both_connections_break_at_once(void **state)
{
    (void)state;
    for (uint64_t seed = 10; seed < 14; seed++) {
        cast *c = in_call(seed);

        sim_break_streams(c->s);
        sim_advance_ms(c->s, 20000);
        assert_true(count(&c->alice, "reoffered:local") == 1);
        assert_true(count(&c->bob, "reoffered:local") == 1);
        check_alive(c, seed % 2 ? &c->bob : &c->alice);
        cast_free(c);
    }
}

static void a_frozen_server_is_noticed_and_the_call_goes_on(void **state)
{
    cast *c = in_call(3);

    (void)state;
    sim_freeze_streams(c->s, true);
    sim_advance_ms(c->s, 60000);
    assert_true(count(&c->alice, "disconnected:") > 0 && count(&c->bob, "disconnected:") > 0);
    cast_check_sound(c, BOB_HZ, ALICE_HZ);
    sim_freeze_streams(c->s, false);
    sim_advance_ms(c->s, 90000);
    assert_true(c->alice.registered && c->bob.registered);
    assert_int_equal(count(&c->alice, "reoffered:local"), 1);
    check_alive(c, &c->bob);
    cast_free(c);
}

static void a_call_goes_on_by_another_server(void **state)
{
    cast *c = in_call_with(&(cast_options){.seed = 4, .codecs = "PCMU", .everywhere = true});

    (void)state;
    sim_move_host(c->s, "sip.example.com", "192.0.2.200");
    sim_break_streams(c->s);
    sim_advance_ms(c->s, 20000);
    assert_int_equal(count(&c->alice, "reoffered:local"), 1);
    check_alive(c, &c->alice);
    cast_free(c);
}

/* Again and again, while the one before is not settled yet. */
static void a_connection_that_keeps_breaking_does_not_end_the_call(void **state)
{
    cast *c = in_call(5);

    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        sim_break_streams(c->s);
        sim_advance_ms(c->s, 1700 + 317 * i);
    }
    sim_advance_ms(c->s, 60000);
    assert_true(c->alice.registered && c->bob.registered);
    check_alive(c, &c->bob);
    cast_free(c);
}

static void each_of_several_calls_moves_once(void **state)
{
    cast *c = in_call_with(&(cast_options){.seed = 6, .codecs = "PCMU", .third = true});
    pipit_session *first = pipit_session_ref(c->alice.session);

    (void)state;
    assert_int_equal(pipit_ua_start(c->carol.ua), 0);
    assert_true(cast_wait(c, &c->carol.registered, 5000));
    assert_int_equal(cast_call(&c->alice, "carol"), 0);
    assert_true(cast_wait(c, &c->carol.media_up, 5000));
    sim_break_stream(c->s, 1);
    sim_advance_ms(c->s, 30000);
    assert_int_equal(count(&c->alice, "reoffered:local"), 2);
    assert_int_equal(count(&c->bob, "reoffered:remote"), 1);
    assert_int_equal(count(&c->carol, "reoffered:remote"), 1);
    assert_int_equal(pipit_session_get_status(first), PIPIT_SESSION_CONFIRMED);
    assert_int_equal(pipit_session_get_status(c->alice.session), PIPIT_SESSION_CONFIRMED);
    assert_int_equal(pipit_session_terminate(first, NULL), 0);
    pipit_session_unref(first);
    c->alice.over = false;
    cast_free(c);
}

/* --- the addresses ---------------------------------------------------------------------------- */

static void a_machine_moves_to_another_network(void **state)
{
    cast *c = in_call_with(&(cast_options){.seed = 7, .codecs = "PCMU", .everywhere = true});
    pipit_stats stats;

    (void)state;
    sim_remove_address(c->s, "192.0.2.1");
    sim_add_address(c->s, "198.51.100.7");
    sim_break_streams(c->s);
    cast_check_sound(c, 0, 0);
    sim_advance_ms(c->s, 10000);
    assert_int_equal(pipit_session_get_stats(c->alice.session, &stats), 0);
    assert_ptr_equal(strstr(stats.local_candidate, "198.51.100.7:"), stats.local_candidate);
    check_alive(c, &c->bob);
    cast_free(c);
}

static bool sounds_from(const phone *p, const char *address)
{
    pipit_stats stats;

    return pipit_session_get_stats(p->session, &stats) == 0 &&
           strncmp(stats.local_candidate, address, strlen(address)) == 0;
}

/* Nobody is told but by the machine itself: the connection is half open, and the path silent. */
static void a_machine_notices_that_its_address_is_gone(void **state)
{
    cast *c = in_call_with(&(cast_options){.seed = 8, .codecs = "PCMU", .everywhere = true});

    (void)state;
    sim_remove_address(c->s, "192.0.2.1");
    sim_add_address(c->s, "198.51.100.7");
    sim_advance_ms(c->s, 900);
    assert_int_equal(count(&c->alice, "disconnected:"), 0); /* it may come back */
    sim_advance_ms(c->s, 4000);                             /* ICE alone would take 8 s */
    assert_int_equal(count(&c->alice, "disconnected:"), 1);
    assert_int_equal(count(&c->alice, "media:disconnected"), 0);
    assert_true(c->alice.registered && c->bob.registered);
    assert_true(sounds_from(&c->alice, "198.51.100.7:"));
    check_alive(c, &c->bob);
    cast_free(c);
}

/* An interface goes, and the next one comes up later: then it is tried at once, not when the next attempt is due. */
static void an_address_may_come_long_behind_the_one_that_went(void **state)
{
    cast *c = in_call_with(&(cast_options){.seed = 9, .codecs = "PCMU", .everywhere = true});

    (void)state;
    sim_remove_address(c->s, "192.0.2.1");
    sim_freeze_streams(c->s, true);
    sim_advance_ms(c->s, 20000);
    assert_false(c->alice.over || c->bob.over);
    sim_freeze_streams(c->s, false);
    sim_add_address(c->s, "198.51.100.7");
    sim_advance_ms(c->s, 6000);
    assert_true(sounds_from(&c->alice, "198.51.100.7:"));
    check_alive(c, &c->alice);
    cast_free(c);
}

static void another_address_disturbs_no_call(void **state)
{
    cast *c = in_call_with(&(cast_options){.seed = 10, .codecs = "PCMU", .everywhere = true});

    (void)state;
    sim_add_address(c->s, "198.51.100.7");
    sim_advance_ms(c->s, 3000);
    sim_add_address(c->s, "fe80::7");
    sim_remove_address(c->s, "198.51.100.7");
    sim_advance_ms(c->s, 3000);
    check_log(&c->alice, "");
    check_log(&c->bob, "");
    check_alive(c, &c->alice);
    cast_free(c);
}

static void a_call_may_look_at_each_new_address(void **state)
{
    cast *c = in_call_with(&(cast_options){.seed = 11,
                                           .codecs = "PCMU",
                                           .everywhere = true,
                                           .network_changes = PIPIT_NETWORK_FOLLOW_ALL});

    (void)state;
    sim_add_address(c->s, "198.51.100.7");
    sim_advance_ms(c->s, 6000);
    assert_true(count(&c->alice, "reoffered:") >= 1);
    assert_int_equal(count(&c->alice, "disconnected:"), 0);
    check_alive(c, &c->alice);
    cast_free(c);
}

static void an_address_goes_and_nobody_looks(void **state)
{
    cast *c = in_call_with(
        &(cast_options){.seed = 8, .codecs = "PCMU", .network_changes = PIPIT_NETWORK_IGNORE});

    (void)state;
    sim_remove_address(c->s, "192.0.2.1");
    sim_add_address(c->s, "198.51.100.7");
    sim_advance_ms(c->s, 14000); /* noticed when nobody answers the checks any more */
    assert_int_equal(count(&c->alice, "disconnected:"), 0);
    assert_true(count(&c->alice, "media:disconnected") == 1);
    check_alive(c, &c->bob);
    cast_free(c);
}

/* Where the application is told by its system. */
static void an_application_may_say_that_the_network_has_changed(void **state)
{
    cast *c = in_call_with(&(cast_options){
        .seed = 12, .codecs = "PCMU", .everywhere = true, .network_changes = PIPIT_NETWORK_IGNORE});

    (void)state;
    sim_remove_address(c->s, "192.0.2.1");
    sim_add_address(c->s, "198.51.100.7");
    assert_int_equal(pipit_ua_network_changed(c->alice.ua), 0);
    assert_int_equal(pipit_ua_network_changed(c->bob.ua), 0);
    assert_int_equal(pipit_ua_network_changed(NULL), PIPIT_ERR_ARGUMENT);
    sim_advance_ms(c->s, 4000);
    assert_true(sounds_from(&c->alice, "198.51.100.7:"));
    check_alive(c, &c->alice);
    cast_free(c);
}

/* --- the media path --------------------------------------------------------------------------- */

static void a_media_path_that_is_gone_for_a_while_comes_back(void **state)
{
    static const unsigned gaps_ms[] = {5000, 20000, 24000};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        cast *c = in_call(30 + i);

        sim_set_loss(c->s, 1000, 0);
        sim_advance_ms(c->s, gaps_ms[i]);
        assert_true(i == 0 || count(&c->alice, "media:disconnected") == 1);
        sim_set_loss(c->s, 0, 0);
        sim_advance_ms(c->s, 8000);
        assert_true(i == 0 || count(&c->alice, "media:connected") == 1);
        check_alive(c, i % 2 ? &c->bob : &c->alice);
        cast_free(c);
    }
}

static void a_media_path_that_is_gone_for_good_ends_the_call(void **state)
{
    cast *c = in_call(40);

    (void)state;
    sim_set_loss(c->s, 1000, 0);
    sim_advance_ms(c->s, 24000);
    assert_false(c->alice.over || c->bob.over);
    sim_advance_ms(c->s, 8000);
    assert_true(c->alice.over && c->bob.over);
    assert_true(c->alice.cause == PIPIT_CAUSE_RTP_TIMEOUT ||
                c->bob.cause == PIPIT_CAUSE_RTP_TIMEOUT);
    cast_free(c);
}

/* All is gone for longer than a path is looked for, and comes back: that time does not count. */
static void a_machine_that_was_offline_finds_its_call(void **state)
{
    cast *c = in_call(41);

    (void)state;
    sim_set_loss(c->s, 1000, 0);
    sim_freeze_streams(c->s, true);
    sim_break_streams(c->s);
    sim_advance_ms(c->s, 70000);
    assert_false(c->alice.over || c->bob.over);
    sim_set_loss(c->s, 0, 0);
    sim_freeze_streams(c->s, false);
    sim_advance_ms(c->s, 60000);
    assert_true(c->alice.registered && c->bob.registered);
    check_alive(c, &c->bob);
    cast_free(c);
}

static void a_machine_that_stays_offline_ends_its_call(void **state)
{
    cast *c = in_call(42);

    (void)state;
    sim_set_loss(c->s, 1000, 0);
    sim_freeze_streams(c->s, true);
    sim_break_streams(c->s);
    sim_advance_ms(c->s, 200000);
    assert_true(c->alice.over && c->bob.over);
    assert_int_equal(c->alice.cause, PIPIT_CAUSE_RTP_TIMEOUT);
    assert_int_equal(c->bob.cause, PIPIT_CAUSE_RTP_TIMEOUT);
    sim_freeze_streams(c->s, false);
    cast_free(c);
}

/* --- what is done meanwhile ------------------------------------------------------------------- */

static void hanging_up_offline_is_told_when_the_connection_is_back(void **state)
{
    cast *c = in_call(50);

    (void)state;
    sim_break_stream(c->s, 1);
    sim_advance_ms(c->s, 100);
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    assert_true(c->alice.over);
    sim_advance_ms(c->s, 1000);
    assert_false(c->bob.over);
    assert_true(cast_wait(c, &c->bob.over, 5000));
    assert_int_equal(c->bob.cause, PIPIT_CAUSE_BYE);
    cast_free(c);
}

static void holding_offline_is_undone(void **state)
{
    cast *c = in_call(51);
    pipit_on_hold held;

    (void)state;
    sim_break_stream(c->s, 1);
    sim_advance_ms(c->s, 100);
    assert_int_equal(pipit_session_hold(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 100);
    held = pipit_session_is_on_hold(c->alice.session);
    assert_false(held.local);
    assert_non_null(strstr(c->alice.log, "hold:local unhold:local"));
    sim_advance_ms(c->s, 10000);
    check_alive(c, &c->bob);
    cast_free(c);
}

static void a_call_that_is_held_comes_back_held(void **state)
{
    cast *c = in_call(52);

    (void)state;
    assert_int_equal(pipit_session_hold(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 500);
    sim_break_streams(c->s);
    sim_advance_ms(c->s, 20000);
    cast_check_sound(c, 0, 0);
    assert_true(pipit_session_is_on_hold(c->alice.session).local);
    assert_true(pipit_session_is_on_hold(c->bob.session).remote);
    assert_int_equal(pipit_session_unhold(c->alice.session, NULL), 0);
    check_alive(c, &c->bob);
    cast_free(c);
}

/* The application asks, too. */
static void a_restart_that_was_asked_for_is_not_heard(void **state)
{
    cast *c = in_call(53);
    pipit_reoffer_options options = {.restart_ice = true};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        phone *from = i % 2 ? &c->bob : &c->alice;

        options.use_update = i > 1;
        assert_int_equal(pipit_session_renegotiate(from->session, &options), 0);
        cast_check_sound(c, BOB_HZ, ALICE_HZ);
    }
    sim_advance_ms(c->s, 60000);
    assert_int_equal(count(&c->alice, "media:"), 0);
    assert_int_equal(count(&c->bob, "media:"), 0);
    check_alive(c, &c->bob);
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_breaks_and_the_call_moves_to_the_next),
        cmocka_unit_test(both_connections_break_at_once),
        cmocka_unit_test(a_frozen_server_is_noticed_and_the_call_goes_on),
        cmocka_unit_test(a_call_goes_on_by_another_server),
        cmocka_unit_test(a_connection_that_keeps_breaking_does_not_end_the_call),
        cmocka_unit_test(each_of_several_calls_moves_once),
        cmocka_unit_test(a_machine_moves_to_another_network),
        cmocka_unit_test(a_machine_notices_that_its_address_is_gone),
        cmocka_unit_test(an_address_may_come_long_behind_the_one_that_went),
        cmocka_unit_test(another_address_disturbs_no_call),
        cmocka_unit_test(a_call_may_look_at_each_new_address),
        cmocka_unit_test(an_address_goes_and_nobody_looks),
        cmocka_unit_test(an_application_may_say_that_the_network_has_changed),
        cmocka_unit_test(a_media_path_that_is_gone_for_a_while_comes_back),
        cmocka_unit_test(a_media_path_that_is_gone_for_good_ends_the_call),
        cmocka_unit_test(a_machine_that_was_offline_finds_its_call),
        cmocka_unit_test(a_machine_that_stays_offline_ends_its_call),
        cmocka_unit_test(hanging_up_offline_is_told_when_the_connection_is_back),
        cmocka_unit_test(holding_offline_is_undone),
        cmocka_unit_test(a_call_that_is_held_comes_back_held),
        cmocka_unit_test(a_restart_that_was_asked_for_is_not_heard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
