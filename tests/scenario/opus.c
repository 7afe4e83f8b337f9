/* opus.c - calls whose Opus is set to taste: what is offered, and what goes over the wire. */
#include "support/cast/cast.h"
#include "unit/media/signal.h"

#include <stdio.h>
#include <string.h>

static cast *on_stage(void)
{
    return cast_on_stage(&(cast_options){.seed = 5});
}

static size_t speak(void *said, int16_t *samples, size_t count)
{
    test_speech(samples, count, 48000, *(size_t *)said);
    *(size_t *)said += count;
    return count;
}

static const pipit_source_interface speaking = {.read = speak};

/* What both have sent in the four seconds of a call that alice makes; bob says a tone. */
static void call(cast *c, const pipit_opus_options *opus, pipit_source *says, pipit_stats stats[2])
{
    pipit_call_options options = *cast_call_options(&c->alice);

    options.pc_config.opus = *opus;
    options.media_stream = (pipit_media_stream){.audio_source = says};
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), 0);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    sim_advance_ms(c->s, 4000);
    assert_int_equal(pipit_session_get_stats(c->alice.session, &stats[0]), 0);
    assert_int_equal(pipit_session_get_stats(c->bob.session, &stats[1]), 0);
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 1000);
}

static void a_call_offers_what_it_wishes(void **state)
{
    static const struct {
        pipit_opus_options opus;
        const char *line;
    } cases[] = {
        {{0}, "a=fmtp:111 minptime=10;useinbandfec=1\r\n"},
        {{.no_fec = true}, "a=fmtp:111 minptime=10;useinbandfec=0\r\n"},
        {{.dtx = true}, "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n"},
        {{.bitrate = 510000, .dtx = true},
         "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;maxaveragebitrate=510000\r\n"},
    };
    cast *c = on_stage();
    pipit_stats stats[2];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        call(c, &cases[i].opus, NULL, stats);
        assert_non_null(strstr(c->alice.described, cases[i].line));
    }
    cast_free(c);
}

static void silence_is_hardly_sent_when_that_is_wished(void **state)
{
    cast *c = on_stage();
    pipit_source *speaker = NULL;
    pipit_stats stats[2];
    size_t said = 0;

    (void)state;
    assert_int_equal(pipit_source_new(&speaking, &said, 48000, &speaker), 0);
    call(c, &(pipit_opus_options){0}, NULL, stats);
    assert_in_range(stats[0].packets_sent, 195, 210);
    call(c, &(pipit_opus_options){.dtx = true}, NULL, stats);
    assert_in_range(stats[0].packets_sent, 5, 60);
    /* Who has something to say does. */
    call(c, &(pipit_opus_options){.dtx = true}, speaker, stats);
    assert_in_range(stats[0].packets_sent, 195, 210);
    pipit_source_unref(speaker);
    cast_free(c);
}

static void both_keep_to_the_lower_rate(void **state)
{
    cast *c = on_stage();
    pipit_stats usual[2], low[2];

    (void)state;
    call(c, &(pipit_opus_options){0}, NULL, usual);
    call(c, &(pipit_opus_options){.bitrate = 8000}, NULL, low);
    assert_true(low[1].bytes_sent < usual[1].bytes_sent / 2);
    cast_free(c);
}

static void a_rate_out_of_range_is_refused(void **state)
{
    cast *c = on_stage();
    pipit_call_options options = {.pc_config = {.opus = {.bitrate = 5999}}};

    (void)state;
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), PIPIT_ERR_ARGUMENT);
    options.pc_config.opus.bitrate = 510001;
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), PIPIT_ERR_ARGUMENT);
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_offers_what_it_wishes),
        cmocka_unit_test(silence_is_hardly_sent_when_that_is_wished),
        cmocka_unit_test(both_keep_to_the_lower_rate),
        cmocka_unit_test(a_rate_out_of_range_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
