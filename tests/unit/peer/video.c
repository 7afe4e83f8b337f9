/* video.c - pictures between two peer connections by the public functions: sections that are added, offered, taken back and stopped. */
#include "peer/video.h"
#include "peer/inside.h"
#include "unit/peer/support/couple.h"

#include <stdio.h>

enum { WIDTH = 96, HEIGHT = 96 };

typedef struct eye {
    unsigned seen, last;
} eye;

static void see(void *self, const pipit_video_frame *frame)
{
    eye *e = self;
    unsigned number;

    if (!pipit_video_pattern_number(frame, &number))
        return;
    assert_true(!e->seen || number > e->last);
    e->last = number;
    e->seen++;
}

static const pipit_video_sink_interface seeing = {.write = see};

static pipit_transceiver *add_picture(end *e, eye *watcher)
{
    pipit_transceiver_init init = {0};
    pipit_transceiver *made = NULL;

    assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &init.video_source), 0);
    if (watcher)
        assert_int_equal(pipit_video_sink_new(&seeing, watcher, &init.video_sink), 0);
    assert_int_equal(pipit_peer_add_transceiver(e->peer, PIPIT_MEDIA_VIDEO, &init, &made), 0);
    pipit_video_source_unref(init.video_source);
    pipit_video_sink_unref(init.video_sink);
    return made;
}

/* What the far end offered: it is watched, and what it shall see is sent. */
static void join(end *e, eye *watcher)
{
    pipit_transceiver *video = NULL;
    pipit_video_source *source = NULL;
    pipit_video_sink *sink = NULL;

    for (size_t i = 0; (video = pipit_peer_transceiver(e->peer, i)); i++)
        if (pipit_transceiver_kind(video) == PIPIT_MEDIA_VIDEO)
            break;
    assert_non_null(video);
    assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &source), 0);
    assert_int_equal(pipit_video_sink_new(&seeing, watcher, &sink), 0);
    assert_int_equal(pipit_transceiver_set_video(video, source, sink), 0);
    assert_int_equal(pipit_transceiver_set_direction(video, PIPIT_DIRECTION_SENDRECV), 0);
    pipit_video_source_unref(source);
    pipit_video_sink_unref(sink);
}

static void pictures_and_sound_share_a_transport(void **state)
{
    couple c;
    eye a = {0}, b = {0};

    (void)state;
    begin_couple(&c, 11);
    add_tone(&c.a, 440);
    add_picture(&c.a, &a);
    negotiate(&c.a, &c.b);
    join(&c.b, &b);
    negotiate(&c.b, &c.a);
    advance(&c, 2500);
    assert_true(a.seen > 30);
    assert_true(b.seen > 30);
    end_couple(&c);
}

static void pictures_alone_make_a_connection(void **state)
{
    couple c;
    eye b = {0};
    pipit_transceiver *video;

    (void)state;
    begin_couple(&c, 12);
    video = add_picture(&c.a, NULL);
    negotiate(&c.a, &c.b);
    join(&c.b, &b);
    negotiate(&c.b, &c.a);
    advance(&c, 2000);
    assert_true(b.seen > 30);
    assert_int_equal(pipit_peer_remove_track(c.a.peer, video), 0);
    negotiate(&c.a, &c.b);
    advance(&c, 200);
    b.seen = 0;
    advance(&c, 1000);
    assert_int_equal(b.seen, 0);
    end_couple(&c);
}

static void the_codec_that_is_preferred_is_used(void **state)
{
    static const char *const names[] = {"VP8", "H264"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        couple c;
        eye b = {0};
        pipit_description description;
        char map[32];

        if (!pipit_video_has_codec(i ? PIPIT_VIDEO_H264 : PIPIT_VIDEO_VP8))
            continue;
        begin_couple(&c, 13 + i);
        assert_int_equal(pipit_transceiver_set_codec_preferences(add_picture(&c.a, NULL), names[i]),
                         0);
        negotiate(&c.a, &c.b);
        join(&c.b, &b);
        assert_true(pipit_peer_local_description(c.b.peer, &description));
        snprintf(map, sizeof(map), " %s/90000\r\n", names[i]);
        assert_non_null(strstr(description.sdp, map));
        assert_null(strstr(description.sdp, i ? "VP8" : "H264"));
        advance(&c, 2000);
        assert_true(b.seen > 30);
        end_couple(&c);
    }
}

static void check_received(const pipit_inbound_rtp_stats *in, unsigned seen)
{
    assert_string_equal(in->kind, "video");
    assert_int_equal(in->frames_decoded, seen);
    assert_true(in->frames_received >= seen && in->frames_dropped == 0);
    assert_true(in->key_frames_decoded >= 1 && in->key_frames_decoded < 5);
    assert_in_range(in->frames_per_second, 28, 32);
    assert_int_equal(in->frame_width, WIDTH);
    assert_int_equal(in->frame_height, HEIGHT);
    assert_true(in->total_inter_frame_delay > 1);
    assert_int_equal(in->freeze_count, 0);
    assert_non_null(in->decoder_implementation);
}

static void check_sent(const pipit_outbound_rtp_stats *out)
{
    assert_string_equal(out->kind, "video");
    assert_true(out->frames_sent > 50 && out->frames_encoded == out->frames_sent);
    assert_true(out->key_frames_encoded >= 1 && out->key_frames_encoded < 5);
    assert_in_range(out->frames_per_second, 28, 32);
    assert_int_equal(out->frame_width, WIDTH);
    assert_true(out->target_bitrate > 100000);
    assert_string_equal(out->quality_limitation_reason, "bandwidth"); /* it still grows */
    assert_non_null(out->encoder_implementation);
    assert_true(out->rtx_ssrc && out->rtx_ssrc != out->ssrc);
    assert_true(out->packets_sent >= out->frames_sent);
}

static void pictures_are_counted_with_the_w3cs_names(void **state)
{
    const pipit_stats_record *record;
    pipit_stats_report *report = NULL;
    couple c;
    eye b = {0};
    char *text = NULL;

    (void)state;
    begin_couple(&c, 16);
    add_picture(&c.a, NULL);
    negotiate(&c.a, &c.b);
    join(&c.b, &b);
    negotiate(&c.b, &c.a);
    advance(&c, 2500);
    assert_int_equal(pipit_peer_get_stats(c.b.peer, &report), 0);
    record = record_of(report, PIPIT_STATS_INBOUND_RTP);
    check_received(&record->of.inbound_rtp, b.seen);
    record = pipit_stats_report_find(report, record->of.inbound_rtp.codec_id);
    assert_string_equal(record->of.codec.mime_type,
                        pipit_video_has_codec(PIPIT_VIDEO_VP8) ? "video/VP8" : "video/H264");
    assert_int_equal(record->of.codec.clock_rate, 90000);
    pipit_stats_report_unref(report);
    assert_int_equal(pipit_peer_get_stats(c.a.peer, &report), 0);
    check_sent(&record_of(report, PIPIT_STATS_OUTBOUND_RTP)->of.outbound_rtp);
    record = record_of(report, PIPIT_STATS_MEDIA_SOURCE);
    assert_int_equal(record->of.media_source.height, HEIGHT);
    assert_true(record->of.media_source.frames > 50);
    assert_int_equal(pipit_stats_report_to_string(report, &text), 0);
    assert_non_null(strstr(text, "\"keyFramesEncoded\":"));
    assert_null(strstr(text, "audioLevel"));
    pipit_free(text);
    pipit_stats_report_unref(report);
    end_couple(&c);
}

static void ends_of_the_other_kind_are_refused(void **state)
{
    couple c;
    pipit_transceiver_init init = {0};
    pipit_transceiver *sound;

    (void)state;
    begin_couple(&c, 15);
    sound = add_tone(&c.a, 440);
    assert_int_equal(pipit_transceiver_set_video(sound, NULL, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &init.video_source), 0);
    assert_int_equal(pipit_peer_add_transceiver(c.a.peer, PIPIT_MEDIA_AUDIO, &init, NULL),
                     PIPIT_ERR_ARGUMENT);
    pipit_video_source_unref(init.video_source);
    assert_int_equal(
        pipit_transceiver_set_codec_preferences(add_picture(&c.a, NULL), "VP8,nonsense"),
        PIPIT_ERR_MEDIA);
    end_couple(&c);
}

/* A line with that word is a line less. */
static void leave_out(char *sdp, const char *word)
{
    char *found;

    while ((found = strstr(sdp, word))) {
        char *begin = found, *behind = strstr(found, "\r\n") + 2;

        while (begin > sdp && begin[-1] != '\n')
            begin--;
        memmove(begin, behind, strlen(behind) + 1);
    }
}

static void carry_without(end *from, end *to, const char *word)
{
    static char sdp[16384];
    pipit_description description;

    assert_int_equal(pipit_peer_set_local_description(from->peer, NULL), 0);
    assert_true(pipit_peer_local_description(from->peer, &description));
    snprintf(sdp, sizeof(sdp), "%s", description.sdp);
    leave_out(sdp, word);
    description.sdp = sdp;
    assert_int_equal(pipit_peer_set_remote_description(to->peer, &description), 0);
}

/* What the far end of the first video section has told about the network; 0: nothing. */
static uint32_t told_rate(const end *e)
{
    return pp_video_sender_bandwidth(pp_peer_video(e->peer)->sender)->capped;
}

static void a_far_end_without_transport_feedback_is_told_a_rate(void **state)
{
    static const char *const words[] = {"transport-cc", "goog-remb", "nothing"};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        couple c;
        eye b = {0};

        begin_couple(&c, 17);
        add_picture(&c.a, NULL);
        carry_without(&c.a, &c.b, words[i]);
        join(&c.b, &b);
        carry_without(&c.b, &c.a, words[i]);
        advance(&c, 5000);
        assert_true(b.seen > 100);
        if (i == 0) /* what came is little: the pattern is 96 samples wide */
            assert_in_range(told_rate(&c.a), 30000, 800000);
        else
            assert_int_equal(told_rate(&c.a), 0);
        end_couple(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_and_sound_share_a_transport),
        cmocka_unit_test(pictures_alone_make_a_connection),
        cmocka_unit_test(the_codec_that_is_preferred_is_used),
        cmocka_unit_test(pictures_are_counted_with_the_w3cs_names),
        cmocka_unit_test(a_far_end_without_transport_feedback_is_told_a_rate),
        cmocka_unit_test(ends_of_the_other_kind_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
