/* call.c - whole calls in virtual time: two user agents and a switchboard with real TLS, ICE, DTLS,
 * SRTP and codecs. */
#include "support/cast/cast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static cast *new_cast(const cast_options *options)
{
    cast *c = NULL;

    assert_int_equal(cast_new(options, &c), 0);
    return c;
}

static void call_bob(cast *c)
{
    assert_int_equal(cast_call(&c->alice, "bob"), 0);
    assert_true(cast_wait(c, &c->bob.confirmed, 5000));
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    assert_true(cast_wait(c, &c->bob.media_up, 5000));
}

static void check_frequency(phone *p, unsigned expected)
{
    unsigned heard = phone_frequency(p);

    if (heard < expected - expected / 50 - 2 || heard > expected + expected / 50 + 2)
        fail_msg("%s heard %u Hz, not %u", p->name, heard, expected);
}

/* REGISTER, INVITE, sound both ways, digits, a message, BYE, un-REGISTER. */
static void whole_flow(cast *c)
{
    pipit_stats stats;

    cast_start(c);
    call_bob(c);
    sim_advance_ms(c->s, 500);
    phone_frequency(&c->alice);
    phone_frequency(&c->bob);
    sim_advance_ms(c->s, 2000);
    check_frequency(&c->bob, 440);
    check_frequency(&c->alice, 1000);
    assert_int_equal(pipit_session_send_dtmf(c->alice.session, "12#4", NULL), 0);
    sim_advance_ms(c->s, 3000);
    assert_string_equal(c->bob.digits, "12#4");
    assert_int_equal(cast_message(&c->alice, "bob", "h\xC3\xA9llo"), 0);
    assert_true(cast_wait(c, &c->alice.message_done, 2000));
    assert_int_equal(c->alice.message_status, 200);
    assert_string_equal(c->bob.text, "h\xC3\xA9llo");
    assert_int_equal(pipit_session_get_stats(c->bob.session, &stats), 0);
    assert_true(stats.packets_received > 200);
    assert_true(stats.mos > 3.5);
    assert_int_equal(pipit_session_terminate(c->bob.session, NULL), 0);
    assert_true(cast_wait(c, &c->alice.over, 2000));
    assert_int_equal(c->alice.cause, PIPIT_CAUSE_BYE);
    assert_true(c->bob.over);
}

static void a_call_goes_through(void **state)
{
    cast *c = new_cast(&(cast_options){.seed = 1});

    (void)state;
    whole_flow(c);
    cast_free(c);
}

static void a_call_goes_through_over_tls(void **state)
{
    cast *c = new_cast(&(cast_options){.seed = 2, .wss = true});

    (void)state;
    whole_flow(c);
    cast_free(c);
}

static void a_call_goes_through_with_each_codec(void **state)
{
    static const char *const codecs[] = {"opus", "PCMU", "PCMA"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        cast *c = new_cast(&(cast_options){.seed = 3, .codecs = codecs[i]});
        pipit_stats stats;

        whole_flow(c);
        assert_int_equal(pipit_session_get_stats(c->alice.session, &stats), 0);
        assert_int_equal(strncmp(stats.codec, codecs[i], strlen(codecs[i])), 0);
        cast_free(c);
    }
}

static void on_candidate(pipit_session *session, const pipit_icecandidate_event *event, void *user)
{
    (void)session;
    if (strstr(event->candidate, " udp ") && strncmp(event->candidate, "candidate:", 10) == 0)
        phone_note(user, "candidate");
}

static void on_description(pipit_session *session, const pipit_sdp_event *event, void *user)
{
    (void)session;
    if (event->originator == PIPIT_LOCAL)
        phone_note(user, "sdp");
}

static void candidates_are_told_before_their_description(void **state)
{
    static const pipit_session_handlers handlers = {.icecandidate = on_candidate,
                                                    .sdp = on_description};
    cast *c = cast_on_stage(&(cast_options){.seed = 6});

    (void)state;
    c->alice.log_size = 0;
    assert_int_equal(cast_call(&c->alice, "bob"), 0);
    assert_int_equal(pipit_session_add_handlers(c->alice.session, &handlers, &c->alice), 0);
    assert_true(cast_wait(c, &c->bob.confirmed, 5000));
    assert_non_null(strstr(c->alice.log, "candidate sdp sending"));
    cast_free(c);
}

static void the_same_seed_gives_the_same_call(void **state)
{
    static char first[2][8200];

    (void)state;
    for (unsigned run = 0; run < 2; run++) {
        cast *c = new_cast(&(cast_options){.seed = 42});

        sim_set_delay(c->s, 20000, 10000);
        cast_start(c);
        call_bob(c);
        sim_advance_ms(c->s, 1000);
        phone_note(&c->alice, "at:%llu", (unsigned long long)sim_now_us(c->s));
        snprintf(first[run], sizeof(first[run]), "%s|%s", c->alice.log, c->bob.log);
        cast_free(c);
    }
    assert_string_equal(first[0], first[1]);
}

static void the_events_come_in_jssips_order(void **state)
{
    cast *c = cast_on_stage(&(cast_options){.seed = 5});

    (void)state;
    c->alice.log_size = c->bob.log_size = 0;
    call_bob(c);
    pipit_session_terminate(c->alice.session, NULL);
    sim_advance_ms(c->s, 1000);
    assert_string_equal(
        c->alice.log,
        "new_rtc_session connecting sending progress:remote accepted:remote confirmed "
        "media:checking media:connected ended:Terminated ");
    assert_string_equal(
        c->bob.log,
        "new_rtc_session progress:local connecting accepted:local media:checking confirmed "
        "media:connected media:disconnected ended:Terminated ");
    cast_free(c);
}

static void a_call_survives_loss_delay_and_disorder(void **state)
{
    unsigned worst_setup_ms = 0;

    (void)state;
    for (uint64_t seed = 100; seed < 120; seed++) {
        cast *c = cast_on_stage(&(cast_options){.seed = seed});
        uint64_t began;

        sim_set_delay(c->s, 50000, 20000);
        sim_set_loss(c->s, 100, 20);
        began = sim_now_us(c->s);
        assert_int_equal(cast_call(&c->alice, "bob"), 0);
        assert_true(cast_wait(c, &c->alice.media_up, 20000));
        assert_true(cast_wait(c, &c->bob.media_up, 20000));
        if ((sim_now_us(c->s) - began) / 1000 > worst_setup_ms)
            worst_setup_ms = (unsigned)((sim_now_us(c->s) - began) / 1000);
        sim_advance_ms(c->s, 1000);
        phone_frequency(&c->bob);
        sim_advance_ms(c->s, 2000);
        check_frequency(&c->bob, 440);
        cast_free(c);
    }
    printf("figure: worst set-up at 10 %% loss and 100-140 ms round trip, 20 seeds: %u ms\n",
           worst_setup_ms);
}

static void a_wrong_password_is_told_and_ends(void **state)
{
    cast *c = new_cast(&(cast_options){.seed = 6, .wrong_password = "looking-glass"});

    (void)state;
    assert_int_equal(pipit_ua_start(c->alice.ua), 0);
    sim_advance_ms(c->s, 5000);
    assert_non_null(strstr(c->alice.log, "registration_failed:Authentication Error"));
    cast_free(c);
}

static void a_call_to_nobody_fails_as_a_phone_user_expects(void **state)
{
    cast *c = new_cast(&(cast_options){.seed = 7});

    (void)state;
    assert_int_equal(pipit_ua_start(c->alice.ua), 0);
    assert_true(cast_wait(c, &c->alice.registered, 5000));
    assert_int_equal(cast_call(&c->alice, "carol"), 0);
    assert_true(cast_wait(c, &c->alice.over, 5000));
    assert_int_equal(c->alice.cause, PIPIT_CAUSE_NOT_FOUND);
    assert_int_equal(cast_call(&c->alice, "bob"), 0); /* known, but not there */
    assert_true(cast_wait(c, &c->alice.over, 5000));
    assert_int_equal(c->alice.cause, PIPIT_CAUSE_UNAVAILABLE);
    cast_free(c);
}

static void a_caller_who_gives_up_stops_the_ringing(void **state)
{
    cast *c = cast_on_stage(&(cast_options){.seed = 8});

    (void)state;
    c->bob.manual = true;
    assert_int_equal(cast_call(&c->alice, "bob"), 0);
    sim_advance_ms(c->s, 1000);
    assert_non_null(strstr(c->alice.log, "progress:remote"));
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    assert_int_equal(c->alice.cause, PIPIT_CAUSE_CANCELED);
    assert_true(cast_wait(c, &c->bob.over, 2000));
    assert_int_equal(c->bob.cause, PIPIT_CAUSE_CANCELED);
    cast_free(c);
}

static void a_call_outlives_its_signalling_connection(void **state)
{
    cast *c = cast_on_stage(&(cast_options){.seed = 9});

    (void)state;
    call_bob(c);
    sim_break_streams(c->s);
    sim_advance_ms(c->s, 100);
    assert_false(pipit_ua_is_connected(c->alice.ua));
    phone_frequency(&c->bob);
    sim_advance_ms(c->s, 8000);
    check_frequency(&c->bob, 440);
    assert_true(pipit_ua_is_registered(c->alice.ua));
    assert_true(pipit_ua_is_registered(c->bob.ua));
    assert_false(c->alice.over);
    cast_free(c);
}

static void a_call_whose_far_end_vanished_ends_by_itself(void **state)
{
    cast *c = cast_on_stage(&(cast_options){.seed = 10});

    (void)state;
    call_bob(c);
    sim_set_loss(c->s, 1000, 0);
    assert_true(cast_wait(c, &c->alice.over, 45000));
    assert_true(cast_wait(c, &c->bob.over, 1000));
    /* Whoever noticed first hung up, and told why. */
    assert_true(c->alice.cause == PIPIT_CAUSE_RTP_TIMEOUT ||
                c->bob.cause == PIPIT_CAUSE_RTP_TIMEOUT);
    sim_set_loss(c->s, 0, 0);
    cast_free(c);
}

static void a_whole_call_takes_milliseconds_of_real_time(void **state)
{
    cast *c = new_cast(&(cast_options){.seed = 11, .codecs = "PCMU"});
    clock_t began = clock();

    (void)state;
    whole_flow(c);
    printf("figure: REGISTER, call of 6 s, BYE in virtual time: %.0f ms of CPU, %llu turns\n",
           (double)(clock() - began) * 1000 / CLOCKS_PER_SEC,
           (unsigned long long)sim_get_counts(c->s).turns);
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_goes_through),
        cmocka_unit_test(a_call_goes_through_over_tls),
        cmocka_unit_test(a_call_goes_through_with_each_codec),
        cmocka_unit_test(candidates_are_told_before_their_description),
        cmocka_unit_test(the_same_seed_gives_the_same_call),
        cmocka_unit_test(the_events_come_in_jssips_order),
        cmocka_unit_test(a_call_survives_loss_delay_and_disorder),
        cmocka_unit_test(a_wrong_password_is_told_and_ends),
        cmocka_unit_test(a_call_to_nobody_fails_as_a_phone_user_expects),
        cmocka_unit_test(a_caller_who_gives_up_stops_the_ringing),
        cmocka_unit_test(a_call_outlives_its_signalling_connection),
        cmocka_unit_test(a_call_whose_far_end_vanished_ends_by_itself),
        cmocka_unit_test(a_whole_call_takes_milliseconds_of_real_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
