/* ptime.c - calls with packets of other lengths than 20 ms: what is offered, and what goes over the wire and is heard. */
#include "support/cast/cast.h"

#include <stdio.h>
#include <string.h>

static cast *on_stage(const char *codecs)
{
    cast *c = cast_on_stage(&(cast_options){.seed = 5, .codecs = codecs});

    c->bob.manual = true;
    return c;
}

/* Alice calls bob; what each wishes. */
static void call(cast *c, const pipit_peer_configuration *alices,
                 const pipit_peer_configuration *bobs)
{
    pipit_call_options options = *cast_call_options(&c->alice);
    const pipit_answer_options answer = {
        .pc_config = *bobs,
        .media_stream = {.audio_source = c->bob.source, .audio_sink = c->bob.sink}};

    options.pc_config = *alices;
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), 0);
    sim_advance_ms(c->s, 1000);
    assert_int_equal(pipit_session_answer(c->bob.session, &answer), 0);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
}

static void end(cast *c)
{
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 1000);
    cast_free(c);
}

/* Packets both have sent in the ten seconds to come. */
static void count_packets(cast *c, unsigned sent[2])
{
    pipit_session *const ends[] = {c->alice.session, c->bob.session};
    pipit_stats before[2], after[2];

    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pipit_session_get_stats(ends[i], &before[i]), 0);
    sim_advance_ms(c->s, 10000);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pipit_session_get_stats(ends[i], &after[i]), 0);
        sent[i] = (unsigned)(after[i].packets_sent - before[i].packets_sent);
        assert_int_equal(after[i].packets_lost, 0);
        assert_int_equal(after[i].packets_discarded, 0);
        assert_int_equal(after[i].concealed_samples, before[i].concealed_samples);
        assert_true(after[i].jitter_ms < 1); /* evenly, whatever their length */
        assert_true(after[i].jitter_buffer_delay_ms < 100);
        assert_true(after[i].mos > 4);
    }
}

static void check_count(unsigned sent, unsigned ms)
{
    assert_in_range(sent, 10000 / ms - 1, 10000 / ms + 1);
}

/* So long are the packets of both, once the call has settled. */
static void check_packets(cast *c, unsigned alices_ms, unsigned bobs_ms)
{
    unsigned sent[2];

    sim_advance_ms(c->s, 2000);
    count_packets(c, sent);
    check_count(sent[0], alices_ms);
    check_count(sent[1], bobs_ms);
}

static void a_call_has_packets_as_long_as_is_wished(void **state)
{
    static const struct {
        const char *codecs;
        unsigned wished, got;
    } cases[] = {
        {"opus", 10, 10}, {"opus", 40, 40}, {"opus", 60, 60}, {"opus", 50, 40},
        {"PCMU", 10, 10}, {"PCMA", 30, 30}, {"PCMU", 40, 40}, {"PCMU", 60, 60},
    };
    pipit_peer_configuration alices = {0}, bobs = {0};
    char line[32];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        cast *c = on_stage(cases[i].codecs);

        alices.codecs = bobs.codecs = cases[i].codecs;
        alices.ptime_ms = cases[i].wished;
        call(c, &alices, &bobs);
        snprintf(line, sizeof(line), "a=ptime:%u\r\n", cases[i].wished);
        assert_non_null(strstr(c->alice.described, line));
        check_packets(c, cases[i].got, cases[i].got); /* bob has no wish of his own */
        cast_check_sound(c, 1000, 440);
        end(c);
    }
}

static void each_gets_what_it_asks_for(void **state)
{
    const pipit_peer_configuration alices = {.ptime_ms = 40}, bobs = {.ptime_ms = 10};
    cast *c = on_stage(NULL);

    (void)state;
    call(c, &alices, &bobs);
    check_packets(c, 10, 40);
    cast_check_sound(c, 1000, 440);
    end(c);
}

static void nobody_sends_more_than_the_other_takes(void **state)
{
    const pipit_peer_configuration alices = {.ptime_ms = 60}, bobs = {.maxptime_ms = 25};
    cast *c = on_stage(NULL);

    (void)state;
    call(c, &alices, &bobs);
    check_packets(c, 20, 60);
    end(c);
}

static void nothing_is_said_without_a_wish(void **state)
{
    const pipit_peer_configuration none = {0};
    cast *c = on_stage(NULL);

    (void)state;
    call(c, &none, &none);
    assert_null(strstr(c->alice.described, "a=ptime"));
    check_packets(c, 20, 20);
    end(c);
}

static void a_tone_is_understood_among_packets_of_any_length(void **state)
{
    static const unsigned times[] = {10, 30, 60};
    pipit_peer_configuration alices = {.codecs = "PCMU"};
    const pipit_peer_configuration bobs = {.codecs = "PCMU"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        cast *c = on_stage("PCMU");

        alices.ptime_ms = times[i];
        call(c, &alices, &bobs);
        assert_int_equal(pipit_session_send_dtmf(c->alice.session, "12#", NULL), 0);
        sim_advance_ms(c->s, 3000);
        assert_string_equal(c->bob.digits, "12#");
        end(c);
    }
}

static void a_time_out_of_range_is_refused(void **state)
{
    static const struct {
        unsigned ptime, maxptime;
    } cases[] = {{9, 0}, {61, 0}, {0, 9}, {0, 121}, {40, 20}};
    cast *c = on_stage(NULL);
    pipit_call_options options = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        options.pc_config.ptime_ms = cases[i].ptime;
        options.pc_config.maxptime_ms = cases[i].maxptime;
        assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), PIPIT_ERR_ARGUMENT);
    }
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_has_packets_as_long_as_is_wished),
        cmocka_unit_test(each_gets_what_it_asks_for),
        cmocka_unit_test(nobody_sends_more_than_the_other_takes),
        cmocka_unit_test(nothing_is_said_without_a_wish),
        cmocka_unit_test(a_tone_is_understood_among_packets_of_any_length),
        cmocka_unit_test(a_time_out_of_range_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
