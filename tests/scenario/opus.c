/* opus.c - calls whose Opus is set to taste: what is offered, and what goes over the wire. */
#include "support/cast/cast.h"
#include "unit/media/signal.h"

#include <stdio.h>
#include <string.h>

typedef struct listener {
    char offer[4096];
    pipit_source *source; /* NULL: says nothing */
    bool up;
} listener;

static void on_sdp(pipit_session *session, const pipit_sdp_event *event, void *user)
{
    listener *l = user;

    (void)session;
    if (event->originator == PIPIT_LOCAL)
        snprintf(l->offer, sizeof(l->offer), "%s", event->sdp);
}

static void on_media(pipit_session *session, const pipit_media_event *event, void *user)
{
    (void)session;
    ((listener *)user)->up |= strcmp(event->state, "connected") == 0;
}

static const pipit_session_handlers handlers = {.sdp = on_sdp, .media = on_media};

static cast *on_stage(void)
{
    cast *c = NULL;

    assert_int_equal(cast_new(&(cast_options){.seed = 5}, &c), 0);
    assert_int_equal(pipit_ua_start(c->alice.ua), 0);
    assert_int_equal(pipit_ua_start(c->bob.ua), 0);
    assert_true(cast_wait(c, &c->alice.registered, 5000));
    assert_true(cast_wait(c, &c->bob.registered, 5000));
    return c;
}

static size_t speak(void *said, int16_t *samples, size_t count)
{
    test_speech(samples, count, 48000, *(size_t *)said);
    *(size_t *)said += count;
    return count;
}

static const pipit_source_interface speaking = {.read = speak};

/* What both have sent in the four seconds of a call that alice makes; bob says a tone. */
static void call(cast *c, const pipit_opus_options *opus, listener *l, pipit_stats stats[2])
{
    pipit_call_options options = {.handlers = &handlers,
                                  .user = l,
                                  .pc_config = {.opus = *opus},
                                  .media_stream = {.audio_source = l->source}};
    pipit_session *session = NULL;

    l->up = false;
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, &session), 0);
    assert_true(cast_wait(c, &l->up, 5000));
    sim_advance_ms(c->s, 4000);
    assert_int_equal(pipit_session_get_stats(session, &stats[0]), 0);
    assert_int_equal(pipit_session_get_stats(c->bob.session, &stats[1]), 0);
    assert_int_equal(pipit_session_terminate(session, NULL), 0);
    pipit_session_unref(session);
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
    listener l = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        call(c, &cases[i].opus, &l, stats);
        assert_non_null(strstr(l.offer, cases[i].line));
    }
    cast_free(c);
}

static void silence_is_hardly_sent_when_that_is_wished(void **state)
{
    cast *c = on_stage();
    pipit_source *speaker = NULL;
    pipit_stats stats[2];
    size_t said = 0;
    listener l = {0};

    (void)state;
    assert_int_equal(pipit_source_new(&speaking, &said, 48000, &speaker), 0);
    call(c, &(pipit_opus_options){0}, &l, stats);
    assert_in_range(stats[0].packets_sent, 195, 210);
    call(c, &(pipit_opus_options){.dtx = true}, &l, stats);
    assert_in_range(stats[0].packets_sent, 5, 60);
    l.source = speaker; /* who has something to say does */
    call(c, &(pipit_opus_options){.dtx = true}, &l, stats);
    assert_in_range(stats[0].packets_sent, 195, 210);
    pipit_source_unref(speaker);
    cast_free(c);
}

static void both_keep_to_the_lower_rate(void **state)
{
    cast *c = on_stage();
    pipit_stats usual[2], low[2];
    listener l = {0};

    (void)state;
    call(c, &(pipit_opus_options){0}, &l, usual);
    call(c, &(pipit_opus_options){.bitrate = 8000}, &l, low);
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
