/* pair.c - tests of the peer connection: two of them in a simulated network, and descriptions of
 * browsers. */
#include "base/error.h"
#include "sdp/attributes.h"
#include "unit/peer/support/side.h"

#include <stdio.h>
#include <stdlib.h>

/* `tamper` changes the answer's text on its way; NULL: nobody does. */
static void connect_tampered(side *a, side *b, void (*tamper)(char *sdp))
{
    char *offer = side_offer(a), *answer = side_answer(b, offer);

    if (tamper)
        tamper(answer);
    assert_int_equal(pp_peer_set_remote(a->peer, false, pp_str_c(answer)), 0);
    pipit_free(offer);
    pipit_free(answer);
}

static void two_peers_hear_each_other(void **state)
{
    side a = {0}, b = {0};
    pipit_stats stats;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    side_open(s, &a, true, &(pipit_peer_configuration){0});
    side_open(s, &b, false, &(pipit_peer_configuration){0});
    side_connect(&a, &b);
    sim_advance_ms(s, 3000);
    assert_int_equal(a.state, PP_PEER_CONNECTED);
    assert_int_equal(b.state, PP_PEER_CONNECTED);
    assert_true(a.heard > 16000 && b.heard > 16000);
    assert_int_equal(pp_peer_send_dtmf(a.peer, '7', 100, 100), 0);
    assert_int_equal(pp_peer_send_dtmf(a.peer, '#', 200, 100), 0);
    sim_advance_ms(s, 3000);
    assert_string_equal(b.presses, "7:100 #:200 ");
    pp_peer_stats(a.peer, &stats);
    assert_string_equal(stats.codec, "opus/48000/2");
    assert_non_null(strstr(stats.dtls_cipher, "DTLSv1.2"));
    assert_string_equal(stats.srtp_profile, "SRTP_AES128_CM_SHA1_80");
    assert_true(stats.packets_sent > 200 && stats.packets_received > 200);
    assert_true(stats.packets_lost == 0 && stats.mos > 4);
    assert_true(stats.round_trip_time_ms > 1.5 && stats.round_trip_time_ms < 5);
    assert_true(stats.remote_fraction_lost == 0);
    pp_peer_mute(b.peer, true);
    sim_advance_ms(s, 500);
    a.heard = 0;
    sim_advance_ms(s, 1000);
    assert_true(a.heard == 0);
    side_close(&a);
    sim_advance_ms(s, 100);
    assert_int_equal(b.state, PP_PEER_DISCONNECTED);
    side_close(&b);
    sim_free(s);
}

static void change_fingerprint(char *sdp)
{
    char *at = strstr(sdp, "a=fingerprint:sha-256 ") + strlen("a=fingerprint:sha-256 ");

    *at = *at == '0' ? '1' : '0';
}

static void a_wrong_fingerprint_means_no_media(void **state)
{
    side a = {0}, b = {0};
    pipit_stats stats;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(2, &s), 0);
    side_open(s, &a, true, &(pipit_peer_configuration){0});
    side_open(s, &b, false, &(pipit_peer_configuration){0});
    connect_tampered(&a, &b, change_fingerprint);
    sim_advance_ms(s, 5000);
    assert_int_equal(a.state, PP_PEER_FAILED);
    assert_non_null(strstr(a.reason, "fingerprint"));
    assert_int_equal(b.state, PP_PEER_FAILED);
    assert_true(a.heard == 0 && b.heard == 0);
    pp_peer_stats(a.peer, &stats);
    assert_true(stats.packets_sent == 0 && stats.packets_received == 0);
    side_close(&a);
    side_close(&b);
    sim_free(s);
}

static void weaken_fingerprint(char *sdp)
{
    memcpy(strstr(sdp, "a=fingerprint:sha-256"), "a=fingerprint:sha-001",
           strlen("a=fingerprint:sha-256"));
}

static void a_fingerprint_that_cannot_be_checked_means_no_media(void **state)
{
    side a = {0}, b = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(8, &s), 0);
    side_open(s, &a, true, &(pipit_peer_configuration){0});
    side_open(s, &b, false, &(pipit_peer_configuration){0});
    connect_tampered(&a, &b, weaken_fingerprint);
    sim_advance_ms(s, 5000);
    assert_int_equal(a.state, PP_PEER_FAILED);
    assert_non_null(strstr(a.reason, "fingerprints"));
    assert_true(a.heard == 0 && b.heard == 0);
    side_close(&a);
    side_close(&b);
    sim_free(s);
}

static void strangers_change_nothing(void **state)
{
    static const uint8_t hello[] = {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0};
    static const uint8_t rtp[] = {0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0,  0,  2,
                                  1,    2,   3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    side a = {0}, b = {0};
    pp_addr from, to;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(3, &s), 0);
    side_open(s, &a, true, &(pipit_peer_configuration){0});
    side_open(s, &b, false, &(pipit_peer_configuration){0});
    side_connect(&a, &b);
    assert_true(pp_addr_parse(PP_LIT("198.51.100.66"), 6666, &from));
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 0, &to));
    for (unsigned i = 0; i < 10000; i++) {
        to.port = (uint16_t)(20000 + i % 2);
        sim_inject_datagram(s, &from, &to, i % 3 ? hello : rtp,
                            i % 3 ? sizeof(hello) : sizeof(rtp));
        if (i % 100 == 0)
            sim_advance_ms(s, 20);
    }
    sim_advance_ms(s, 1000);
    assert_int_equal(a.state, PP_PEER_CONNECTED);
    assert_int_equal(b.state, PP_PEER_CONNECTED);
    side_close(&a);
    side_close(&b);
    sim_free(s);
}

static void a_re_offer_keeps_the_sound(void **state)
{
    side a = {0}, b = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(4, &s), 0);
    side_open(s, &a, true, &(pipit_peer_configuration){0});
    side_open(s, &b, false, &(pipit_peer_configuration){0});
    side_connect(&a, &b);
    sim_advance_ms(s, 1000);
    side_connect(&b, &a); /* the other way round, as after a hold */
    sim_advance_ms(s, 200);
    a.heard = b.heard = 0;
    sim_advance_ms(s, 1000);
    assert_true(a.heard > 8000 && b.heard > 8000);
    assert_int_equal(a.state, PP_PEER_CONNECTED);
    side_close(&a);
    side_close(&b);
    sim_free(s);
}

/* Whoever has no use for an offer goes on with what was agreed, though it is told to forget the offer. */
static void an_offer_without_use_does_not_undo_the_one_before(void **state)
{
    side a = {0}, b = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(5, &s), 0);
    side_open(s, &a, true, &(pipit_peer_configuration){0});
    side_open(s, &b, false, &(pipit_peer_configuration){0});
    side_connect(&a, &b);
    assert_int_equal(pp_peer_set_remote(b.peer, true, PP_LIT("garbage")), PIPIT_ERR_SYNTAX);
    pp_peer_rollback(b.peer);
    sim_advance_ms(s, 2000);
    assert_int_equal(b.state, PP_PEER_CONNECTED);
    assert_true(a.heard > 8000 && b.heard > 8000);
    side_close(&a);
    side_close(&b);
    sim_free(s);
}

/* Answers a description of the corpora; gives the answer, or NULL and the error. */
static pp_sdp *answer_to(const char *name, const char *codecs, int *error)
{
    pp_str offer = read_corpus(name);
    pp_buf text = {0};
    pp_sdp *answer = NULL;
    side b = {0};
    sim *s;

    assert_int_equal(sim_new(5, &s), 0);
    side_open(s, &b, false, &(pipit_peer_configuration){.codecs = codecs});
    *error = pp_peer_set_remote(b.peer, true, offer);
    if (!*error)
        *error = pp_peer_create_answer(b.peer, &text);
    if (!*error)
        assert_int_equal(pp_sdp_parse(pp_buf_text(&text), &answer), 0);
    pp_buf_free(&text);
    side_close(&b);
    sim_free(s);
    free((void *)(uintptr_t)offer.p);
    return answer;
}

static void check_answer(const char *name, size_t media, const char *bundle)
{
    pp_str value, hash;
    int err;
    pp_sdp *answer = answer_to(name, NULL, &err);

    if (err)
        fail_msg("%s: %s", name, pipit_error_message());
    assert_int_equal(answer->media_count, media);
    assert_true(answer->media[0].port != 0);
    assert_true(pp_sdp_attribute(&answer->session, "group", 0, &value));
    assert_true(pp_str_eq_c(value, bundle));
    assert_int_equal(pp_sdp_setup(answer, &answer->media[0]), PP_SETUP_ACTIVE);
    assert_true(pp_sdp_fingerprint(answer, &answer->media[0], 0, &hash, &value));
    assert_true(pp_str_eq_c(answer->media[0].formats[0], "111"));
    assert_true(pp_sdp_attribute(&answer->media[0].section, "rtcp-mux", 0, &value));
    /* How loud it is; one section alone needs no mid. */
    assert_true(pp_sdp_attribute(&answer->media[0].section, "extmap", 0, &value));
    assert_true(memmem(value.p, value.n, "ssrc-audio-level", 16) != NULL);
    assert_false(pp_sdp_attribute(&answer->media[0].section, "extmap", 1, &value));
    for (size_t i = 1; i < media; i++)
        assert_int_equal(answer->media[i].port, 0);
    pp_sdp_free(answer);
}

static void a_browsers_offer_is_answered(void **state)
{
    (void)state;
    check_answer("sdp/chromium/chromium-offer-audio.sdp", 1, "BUNDLE 0");
    check_answer("sdp/chromium/chromium-offer-audio-mdns.sdp", 1, "BUNDLE 0");
    check_answer("sdp/chromium/chromium-offer-audio-video.sdp", 2, "BUNDLE 0");
    check_answer("sdp/chromium/chromium-offer-audio-data.sdp", 2, "BUNDLE 0");
    check_answer("sdp/chromium/chromium-call-audio-video-data-offer.sdp", 3, "BUNDLE 0");
}

static void a_directed_offer_gets_the_fitting_direction(void **state)
{
    int err;
    pp_sdp *answer = answer_to("sdp/chromium/jssip-offer-hold.sdp", NULL, &err);

    (void)state;
    assert_int_equal(err, 0);
    assert_int_equal(pp_sdp_direction(answer, &answer->media[0]), PP_RECVONLY);
    pp_sdp_free(answer);
    answer = answer_to("sdp/chromium/chromium-offer-audio-recvonly.sdp", NULL, &err);
    assert_int_equal(err, 0);
    assert_int_equal(pp_sdp_direction(answer, &answer->media[0]), PP_SENDONLY);
    pp_sdp_free(answer);
}

static void an_offer_without_anything_in_common_is_refused(void **state)
{
    int err;

    (void)state;
    assert_null(answer_to("sdp/chromium/chromium-offer-data.sdp", NULL, &err));
    assert_int_equal(err, PIPIT_ERR_MEDIA);
    assert_null(answer_to("sdp/aiortc/audio_freeswitch_no_dtls.sdp", NULL, &err));
    assert_int_equal(err, PIPIT_ERR_MEDIA);
}

static void an_unknown_codec_is_named(void **state)
{
    const pipit_peer_configuration configuration = {.codecs = "opus,speex"};
    const pipit_media_stream stream = {0};
    pp_peer *peer = NULL;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(6, &s), 0);
    assert_int_equal(
        pp_peer_new(sim_loop(s), &configuration, &stream, true, &side_handlers, NULL, &peer),
        PIPIT_ERR_MEDIA);
    assert_non_null(strstr(pipit_error_message(), "'speex'"));
    sim_free(s);
}

static void nobody_answering_fails_with_a_reason(void **state)
{
    side a = {0}, b = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(7, &s), 0);
    side_open(s, &a, true, &(pipit_peer_configuration){0});
    side_open(s, &b, false, &(pipit_peer_configuration){0});
    sim_set_loss(s, 1000, 0);
    side_connect(&a, &b);
    sim_advance_ms(s, 45000);
    assert_int_equal(a.state, PP_PEER_FAILED);
    assert_non_null(strstr(a.reason, "no media path"));
    side_close(&a);
    side_close(&b);
    sim_free(s);
}

static void write_over(char *sdp, const char *value)
{
    char *at = strstr(sdp, "a=ptime:40");

    assert_non_null(at);
    memcpy(at + 8, value, 2);
}

static void wish_ten(char *sdp)
{
    write_over(sdp, "10");
}

static void wish_nonsense(char *sdp)
{
    write_over(sdp, "00");
}

/* A later description has another wish: packets of another length begin, without a gap. */
static void a_packet_time_may_be_agreed_anew(void **state)
{
    static void (*const tampers[])(char *) = {NULL, wish_ten, NULL, wish_nonsense};
    static const unsigned expected[] = {25, 100, 25, 50};
    sim *s = NULL;
    side a = {0}, b = {0};

    (void)state;
    assert_int_equal(sim_new(31, &s), 0);
    side_open(s, &a, true, &(pipit_peer_configuration){.codecs = "PCMU"});
    side_open(s, &b, false, &(pipit_peer_configuration){.codecs = "PCMU", .ptime_ms = 40});
    for (size_t i = 0; i < 4; i++) {
        pipit_stats before, after;

        connect_tampered(&a, &b, tampers[i]);
        sim_advance_ms(s, 1500);
        pp_peer_stats(a.peer, &before);
        sim_advance_ms(s, 1000);
        pp_peer_stats(a.peer, &after);
        assert_in_range(after.packets_sent - before.packets_sent, expected[i] - 1, expected[i] + 1);
        pp_peer_stats(b.peer, &after);
        assert_int_equal(after.packets_lost, 0);
        assert_int_equal(after.packets_discarded, 0);
    }
    side_close(&a);
    side_close(&b);
    sim_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_time_may_be_agreed_anew),
        cmocka_unit_test(an_offer_without_use_does_not_undo_the_one_before),
        cmocka_unit_test(two_peers_hear_each_other),
        cmocka_unit_test(a_wrong_fingerprint_means_no_media),
        cmocka_unit_test(a_fingerprint_that_cannot_be_checked_means_no_media),
        cmocka_unit_test(strangers_change_nothing),
        cmocka_unit_test(a_re_offer_keeps_the_sound),
        cmocka_unit_test(a_browsers_offer_is_answered),
        cmocka_unit_test(a_directed_offer_gets_the_fitting_direction),
        cmocka_unit_test(an_offer_without_anything_in_common_is_refused),
        cmocka_unit_test(an_unknown_codec_is_named),
        cmocka_unit_test(nobody_answering_fails_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
