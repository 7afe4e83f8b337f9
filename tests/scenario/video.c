/* video.c - calls with pictures in virtual time: what is offered and agreed, the number in the picture at the other end, loss, hold,
 * mute, other ends. */
#include "support/cast/cast.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 160, HEIGHT = 120 };

typedef struct viewer { /* one end of a call */
    pipit_video_source *source;
    pipit_video_sink *sink;
    unsigned seen, last, black;
    cast *cast;
    uint64_t last_us, longest_us;
} viewer;

static void show(void *self, const pipit_video_frame *frame)
{
    viewer *v = self;
    uint64_t now_us = sim_now_us(v->cast->s);
    unsigned number;

    if (!pipit_video_pattern_number(frame, &number)) {
        v->black += frame->planes[0][0] < 20;
        return;
    }
    assert_true(!v->seen || number > v->last);
    if (v->seen && now_us - v->last_us > v->longest_us)
        v->longest_us = now_us - v->last_us;
    v->last_us = now_us;
    v->last = number;
    v->seen++;
}

typedef struct video_call {
    cast *cast;
    viewer alice, bob;
} video_call;

typedef struct video_options {
    const char *codecs; /* of alice */
    unsigned loss;      /* of 1,000 */
    bool bob_refuses, alice_only_watches;
} video_options;

static void open_ends(video_call *call, viewer *v)
{
    static const pipit_video_sink_interface functions = {.write = show};

    v->cast = call->cast;
    assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &v->source), 0);
    assert_int_equal(pipit_video_sink_new(&functions, v, &v->sink), 0);
}

static void close_ends(viewer *v)
{
    pipit_video_source_unref(v->source);
    pipit_video_sink_unref(v->sink);
}

static void answer(video_call *call, const video_options *o)
{
    const pipit_answer_options options = {
        .media_constraints = {.audio = true, .video = !o->bob_refuses},
        .media_stream = {.audio_source = call->cast->bob.source,
                         .audio_sink = call->cast->bob.sink,
                         .video_source = call->bob.source,
                         .video_sink = call->bob.sink},
        .pc_config = {.video = {.frame_rate = 15}},
    };

    for (unsigned i = 0; i < 50 && !call->cast->bob.session; i++)
        sim_advance_ms(call->cast->s, 20);
    assert_non_null(call->cast->bob.session);
    assert_int_equal(pipit_session_answer(call->cast->bob.session, &options), 0);
}

static video_call *begin(const video_options *o)
{
    static video_call call;
    pipit_call_options options;

    call = (video_call){.cast = cast_on_stage(&(cast_options){.seed = 7})};
    call.cast->bob.manual = true;
    open_ends(&call, &call.alice);
    open_ends(&call, &call.bob);
    sim_set_delay(call.cast->s, 20000, 0);
    options = *cast_call_options(&call.cast->alice);
    options.media_constraints = (pipit_media_constraints){.audio = true, .video = true};
    options.pc_config.video_codecs = o->codecs;
    options.pc_config.video.frame_rate = 15;
    options.media_stream.video_source = o->alice_only_watches ? NULL : call.alice.source;
    options.media_stream.video_sink = call.alice.sink;
    assert_int_equal(pipit_ua_call(call.cast->alice.ua, "bob", &options, NULL), 0);
    answer(&call, o);
    assert_true(cast_wait(call.cast, &call.cast->alice.media_up, 10000));
    sim_set_loss(call.cast->s, o->loss, 0);
    return &call;
}

static void end(video_call *call)
{
    assert_int_equal(pipit_session_terminate(call->cast->alice.session, NULL), 0);
    sim_advance_ms(call->cast->s, 1000);
    cast_free(call->cast);
    close_ends(&call->alice);
    close_ends(&call->bob);
}

static unsigned seen_in(video_call *call, viewer *v, uint64_t ms)
{
    unsigned before = v->seen;

    sim_advance_ms(call->cast->s, ms);
    return v->seen - before;
}

static void check_both_see(video_call *call)
{
    unsigned alice = call->alice.seen, bob = seen_in(call, &call->bob, 3000);

    assert_in_range(bob, 40, 46);
    assert_in_range(call->alice.seen - alice, 40, 46);
}

/* --- what is said ----------------------------------------------------------------------------- */

static void a_call_with_video_says_so(void **state)
{
    video_call *call = begin(&(video_options){.codecs = "VP8"});

    (void)state;
    assert_non_null(strstr(call->cast->alice.described, "\r\na=group:BUNDLE 0 1\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "UDP/TLS/RTP/SAVPF 96 97\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=rtpmap:96 VP8/90000\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=rtcp-fb:96 nack\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=rtcp-fb:96 nack pli\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=rtcp-fb:96 ccm fir\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=rtcp-fb:96 goog-remb\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=rtcp-fb:96 transport-cc\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=rtpmap:97 rtx/90000\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=fmtp:97 apt=96\r\n"));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=ssrc-group:FID "));
    assert_non_null(strstr(call->cast->alice.described, "\r\na=rtcp-rsize\r\n"));
    assert_non_null(strstr(call->cast->bob.described, "UDP/TLS/RTP/SAVPF 96 97\r\n"));
    check_both_see(call);
    end(call);
}

static void every_codec_carries_the_pictures(void **state)
{
    static const char *const codecs[] = {"VP8", "H264"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        video_call *call;
        pipit_stats stats;

        if (!pipit_video_has_codec(i ? PIPIT_VIDEO_H264 : PIPIT_VIDEO_VP8))
            continue;
        call = begin(&(video_options){.codecs = codecs[i]});
        check_both_see(call);
        sim_advance_ms(call->cast->s, 5000); /* until reports went both ways */
        assert_int_equal(pipit_session_get_stats(call->cast->alice.session, &stats), 0);
        assert_memory_equal(stats.video.codec, codecs[i], strlen(codecs[i]));
        assert_int_equal(stats.video.width_sent, WIDTH);
        assert_int_equal(stats.video.height_received, HEIGHT);
        assert_true(stats.video.frames_sent > 40 && stats.video.key_frames_sent >= 1);
        assert_true(stats.video.frames_decoded > 40 && stats.video.key_frames_received >= 1);
        assert_int_equal(stats.video.packets_lost, 0);
        assert_in_range((int)stats.video.round_trip_time_ms, 35, 50);
        assert_true(stats.video.target_bitrate > 300000); /* the path shows no bounds */
        end(call);
    }
}

static void video_is_refused_when_it_is_not_wished(void **state)
{
    video_call *call = begin(&(video_options){.bob_refuses = true});

    (void)state;
    assert_non_null(strstr(call->cast->bob.described, "\r\nm=video 0 "));
    assert_int_equal(seen_in(call, &call->alice, 1000), 0);
    assert_int_equal(call->bob.seen, 0);
    assert_int_equal(pipit_session_set_video(call->cast->bob.session, NULL, NULL), PIPIT_ERR_STATE);
    cast_check_sound(call->cast, 1000, 440);
    end(call);
}

static void who_has_no_source_only_watches(void **state)
{
    video_call *call = begin(&(video_options){.alice_only_watches = true});

    (void)state;
    assert_non_null(strstr(strstr(call->cast->alice.described, "m=video"), "\r\na=recvonly\r\n"));
    assert_non_null(strstr(strstr(call->cast->bob.described, "m=video"), "\r\na=sendonly\r\n"));
    assert_true(seen_in(call, &call->alice, 2000) > 25);
    assert_int_equal(call->bob.seen, 0);
    end(call);
}

static void an_unknown_codec_is_told(void **state)
{
    cast *c = NULL;
    pipit_call_options options = {.media_constraints = {.video = true},
                                  .pc_config = {.video_codecs = "VP8,AV1"}};

    (void)state;
    assert_int_equal(cast_new(&(cast_options){.seed = 7}, &c), 0);
    assert_int_equal(pipit_ua_start(c->alice.ua), 0);
    assert_true(cast_wait(c, &c->alice.registered, 5000));
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), PIPIT_ERR_MEDIA);
    assert_non_null(strstr(pipit_error_message(), "AV1"));
    cast_free(c);
}

/* --- a bad network ---------------------------------------------------------------------------- */

static void check_loss(unsigned per_mille, uint64_t longest_us)
{
    video_call *call = begin(&(video_options){.loss = per_mille});
    pipit_stats stats;

    sim_advance_ms(call->cast->s, 1000);
    call->bob.longest_us = 0;
    assert_true(seen_in(call, &call->bob, 15000) > 130);
    assert_true(call->bob.longest_us < longest_us);
    assert_int_equal(pipit_session_get_stats(call->cast->bob.session, &stats), 0);
    assert_true(stats.video.packets_lost > 0);
    assert_true(stats.video.nacks_sent > 0);
    assert_true(stats.video.packets_repaired > 0);
    assert_true(stats.video.retransmitted_packets_sent > 0);
    assert_true(stats.video.nacks_received > 0);
    sim_set_loss(call->cast->s, 0, 0);
    sim_advance_ms(call->cast->s, 1000);
    assert_true(seen_in(call, &call->bob, 3000) > 30);
    end(call);
}

static void video_goes_on_when_every_twentieth_packet_is_lost(void **state)
{
    (void)state;
    check_loss(50, 1500000);
}

static void video_goes_on_when_every_fifth_packet_is_lost(void **state)
{
    (void)state;
    check_loss(200, 4000000);
}

static void a_picture_that_was_lost_for_long_comes_back_with_a_key_frame(void **state)
{
    video_call *call = begin(&(video_options){0});
    pipit_stats before, after;

    (void)state;
    check_both_see(call);
    assert_int_equal(pipit_session_get_stats(call->cast->alice.session, &before), 0);
    sim_set_loss(call->cast->s, 1000, 0);
    assert_true(seen_in(call, &call->bob, 12000) < 3);
    sim_set_loss(call->cast->s, 0, 0);
    sim_advance_ms(call->cast->s, 5000);
    assert_true(seen_in(call, &call->bob, 2000) > 15);
    assert_int_equal(pipit_session_get_stats(call->cast->alice.session, &after), 0);
    assert_true(after.video.key_frames_sent > before.video.key_frames_sent);
    end(call);
}

/* --- what the application does meanwhile --------------------------------------------------------- */

static void a_held_call_shows_nothing_until_it_goes_on(void **state)
{
    video_call *call = begin(&(video_options){0});

    (void)state;
    check_both_see(call);
    assert_int_equal(pipit_session_hold(call->cast->alice.session, NULL), 0);
    sim_advance_ms(call->cast->s, 500);
    assert_non_null(strstr(strstr(call->cast->alice.described, "m=video"), "\r\na=sendonly\r\n"));
    assert_int_equal(seen_in(call, &call->bob, 1000), 0);
    assert_int_equal(seen_in(call, &call->alice, 1000), 0);
    assert_int_equal(pipit_session_unhold(call->cast->alice.session, NULL), 0);
    sim_advance_ms(call->cast->s, 1000);
    check_both_see(call);
    end(call);
}

static void a_muted_picture_is_black(void **state)
{
    static const pipit_media_constraints picture = {.video = true};
    video_call *call = begin(&(video_options){0});

    (void)state;
    check_both_see(call);
    assert_int_equal(pipit_session_mute(call->cast->alice.session, &picture), 0);
    sim_advance_ms(call->cast->s, 300);
    call->bob.black = 0;
    assert_int_equal(seen_in(call, &call->bob, 1000), 0);
    assert_true(call->bob.black > 10);
    cast_check_sound(call->cast, 1000, 440);
    assert_int_equal(pipit_session_unmute(call->cast->alice.session, &picture), 0);
    sim_advance_ms(call->cast->s, 300);
    check_both_see(call);
    end(call);
}

static void other_ends_take_over(void **state)
{
    video_call *call = begin(&(video_options){0});
    static viewer other;

    (void)state;
    check_both_see(call);
    other = (viewer){0};
    open_ends(call, &other);
    assert_int_equal(
        pipit_session_set_video(call->cast->alice.session, call->alice.source, other.sink), 0);
    assert_int_equal(seen_in(call, &call->alice, 1000), 0);
    assert_true(other.seen > 10);
    assert_int_equal(pipit_session_set_video(call->cast->alice.session, NULL, call->alice.sink), 0);
    sim_advance_ms(call->cast->s, 200);
    assert_int_equal(seen_in(call, &call->bob, 1000), 0);
    assert_int_equal(
        pipit_session_set_video(call->cast->alice.session, call->alice.source, call->alice.sink),
        0);
    sim_advance_ms(call->cast->s, 500);
    check_both_see(call);
    close_ends(&other);
    end(call);
}

/* Ends the call from inside of a picture. */
static void end_call(void *self, const pipit_video_frame *frame)
{
    pipit_session *session = self;

    (void)frame;
    (void)pipit_session_terminate(session, NULL);
}

static void a_sink_may_end_the_call(void **state)
{
    static const pipit_video_sink_interface functions = {.write = end_call};
    video_call *call = begin(&(video_options){0});
    pipit_video_sink *sink = NULL;

    (void)state;
    check_both_see(call);
    assert_int_equal(pipit_video_sink_new(&functions, call->cast->alice.session, &sink), 0);
    assert_int_equal(pipit_session_set_video(call->cast->alice.session, call->alice.source, sink),
                     0);
    pipit_video_sink_unref(sink);
    sim_advance_ms(call->cast->s, 2000);
    assert_true(pipit_session_is_ended(call->cast->alice.session));
    cast_free(call->cast);
    close_ends(&call->alice);
    close_ends(&call->bob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_with_video_says_so),
        cmocka_unit_test(every_codec_carries_the_pictures),
        cmocka_unit_test(video_is_refused_when_it_is_not_wished),
        cmocka_unit_test(who_has_no_source_only_watches),
        cmocka_unit_test(an_unknown_codec_is_told),
        cmocka_unit_test(video_goes_on_when_every_twentieth_packet_is_lost),
        cmocka_unit_test(video_goes_on_when_every_fifth_packet_is_lost),
        cmocka_unit_test(a_picture_that_was_lost_for_long_comes_back_with_a_key_frame),
        cmocka_unit_test(a_held_call_shows_nothing_until_it_goes_on),
        cmocka_unit_test(a_muted_picture_is_black),
        cmocka_unit_test(other_ends_take_over),
        cmocka_unit_test(a_sink_may_end_the_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
