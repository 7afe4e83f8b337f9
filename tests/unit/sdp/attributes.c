/* attributes.c - attributes as values, from hand-made lines and from what browsers and servers
 * send. */
#include "sdp/attributes.h"
#include "pipit/error.h"
#include "unit/sdp/support/sample.h"

#include <stdlib.h>

static void a_direction_is_the_medias_or_the_sessions(void **state)
{
    pp_sdp *sdp = parse(PP_LIT("v=0\na=recvonly\nm=audio 9 X 0\nm=video 9 X 0\na=inactive\n"));
    pp_sdp *plain = parse(PP_LIT("v=0\nm=audio 9 X 0\n"));

    (void)state;
    assert_int_equal(pp_sdp_direction(sdp, &sdp->media[0]), PP_RECVONLY);
    assert_int_equal(pp_sdp_direction(sdp, &sdp->media[1]), PP_INACTIVE);
    assert_int_equal(pp_sdp_direction(plain, plain->media), PP_SENDRECV);
    pp_sdp_free(plain);
    pp_sdp_free(sdp);
}

static void a_direction_turns_round(void **state)
{
    (void)state;
    assert_int_equal(pp_direction_reversed(PP_SENDONLY), PP_RECVONLY);
    assert_int_equal(pp_direction_reversed(PP_RECVONLY), PP_SENDONLY);
    assert_int_equal(pp_direction_reversed(PP_SENDRECV), PP_SENDRECV);
    assert_int_equal(pp_direction_reversed(PP_INACTIVE), PP_INACTIVE);
    assert_string_equal(pp_direction_name(PP_SENDONLY), "sendonly");
}

static void a_setup_is_read_without_regard_to_case(void **state)
{
    pp_sdp *sdp =
        parse(PP_LIT("v=0\na=setup:ACTPASS\nm=audio 9 X 0\nm=video 9 X 0\na=setup:both\n"));

    (void)state;
    assert_int_equal(pp_sdp_setup(sdp, &sdp->media[0]), PP_SETUP_ACTPASS);
    assert_int_equal(pp_sdp_setup(sdp, &sdp->media[1]), PP_SETUP_NONE);
    assert_string_equal(pp_setup_name(PP_SETUP_PASSIVE), "passive");
    pp_sdp_free(sdp);
}

static void a_codec_comes_with_its_parameters(void **state)
{
    pp_sdp *sdp = parse(
        PP_LIT("v=0\nm=audio 9 X 111 0 96 97 98 200 x\na=fmtp:111 minptime=10; UseInbandFec=1;cbr\n"
               "a=rtpmap:111 opus/48000/2\na=rtpmap:97 L16\na=rtpmap:98 /8000\n"));
    pp_rtpmap map;
    pp_str value;

    (void)state;
    assert_true(pp_sdp_rtpmap(sdp->media, PP_LIT("111"), &map));
    assert_int_equal(map.payload_type, 111);
    assert_text(map.name, "opus");
    assert_int_equal(map.clock_rate, 48000);
    assert_int_equal(map.channels, 2);
    assert_true(pp_fmtp_param(map.fmtp, "useinbandfec", &value));
    assert_text(value, "1");
    assert_true(pp_fmtp_param(map.fmtp, "cbr", &value));
    assert_null(value.p);
    assert_false(pp_fmtp_param(map.fmtp, "min", &value));
    assert_true(pp_sdp_rtpmap(sdp->media, PP_LIT("0"), &map)); /* static */
    assert_text(map.name, "PCMU");
    assert_int_equal(map.clock_rate, 8000);
    assert_int_equal(map.channels, 1);
    assert_int_equal(map.fmtp.n, 0);
    assert_false(pp_sdp_rtpmap(sdp->media, PP_LIT("96"), &map));
    assert_false(pp_sdp_rtpmap(sdp->media, PP_LIT("97"), &map));
    assert_false(pp_sdp_rtpmap(sdp->media, PP_LIT("98"), &map));
    assert_false(pp_sdp_rtpmap(sdp->media, PP_LIT("200"), &map));
    assert_false(pp_sdp_rtpmap(sdp->media, PP_LIT("x"), &map));
    pp_sdp_free(sdp);
}

static void a_candidate_is_taken_apart(void **state)
{
    pp_sdp_candidate c;

    (void)state;
    assert_int_equal(pp_sdp_candidate_parse(
                         PP_LIT("842163049 1 UDP 1677729535 2001:db8::1 61015 typ srflx raddr "
                                "192.168.0.87 rport 61015 generation 0"),
                         &c),
                     0);
    assert_text(c.foundation, "842163049");
    assert_int_equal(c.component, 1);
    assert_text(c.transport, "UDP");
    assert_int_equal(c.priority, 1677729535);
    assert_text(c.address, "2001:db8::1");
    assert_int_equal(c.port, 61015);
    assert_text(c.type, "srflx");
}

static void a_candidate_out_of_range_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "1",
        "123456789012345678901234567890123 1 udp 1 192.0.2.1 1 typ host",
        "1 0 udp 1 192.0.2.1 1 typ host",
        "1 257 udp 1 192.0.2.1 1 typ host",
        "1 1 udp 0 192.0.2.1 1 typ host",
        "1 1 udp 2147483648 192.0.2.1 1 typ host",
        "1 1 udp 1 192.0.2.1 65536 typ host",
        "1 1 udp 1 192.0.2.1 1 host",
        "1 1 udp 1 192.0.2.1 1 typ",
        "1 1 udp 1 192.0.2.\x01 1 typ host",
    };
    pp_sdp_candidate c = {.component = 7};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(pp_sdp_candidate_parse(pp_str_c(bad[i]), &c), PIPIT_ERR_SYNTAX);
    assert_int_equal(c.component, 7);
}

static void a_fingerprint_is_the_medias_or_the_sessions(void **state)
{
    pp_sdp *sdp = parse(
        PP_LIT("v=0\na=fingerprint:sha-1 AB:CD\nm=audio 9 X 0\nm=video 9 X 0\n"
               "a=fingerprint:sha-256 A:B\na=fingerprint:SHA-256 01:fe\na=fingerprint:md5 00\n"));
    pp_str hash, value;

    (void)state;
    assert_true(pp_sdp_fingerprint(sdp, &sdp->media[0], 0, &hash, &value));
    assert_text(hash, "sha-1");
    assert_text(value, "AB:CD");
    assert_false(pp_sdp_fingerprint(sdp, &sdp->media[0], 1, &hash, &value));
    assert_true(pp_sdp_fingerprint(sdp, &sdp->media[1], 0, &hash, &value));
    assert_text(value, "01:fe");
    assert_true(pp_sdp_fingerprint(sdp, &sdp->media[1], 1, &hash, &value));
    assert_text(hash, "md5");
    assert_false(pp_sdp_fingerprint(sdp, &sdp->media[1], 2, &hash, &value));
    pp_sdp_free(sdp);
}

static bool has_ice(const char *ufrag, size_t pwd_size)
{
    pp_buf text = {0};
    pp_sdp *sdp;
    pp_str u, p;
    bool result;

    pp_buf_format(&text, "v=0\nm=audio 9 X 0\na=ice-ufrag:%s\na=ice-pwd:", ufrag);
    for (size_t i = 0; i < pwd_size; i++)
        pp_buf_char(&text, 'p');
    sdp = parse(pp_buf_text(&text));
    result = pp_sdp_ice(sdp, sdp->media, &u, &p);
    if (result) {
        assert_text(u, ufrag);
        assert_int_equal(p.n, pwd_size);
    }
    pp_sdp_free(sdp);
    pp_buf_free(&text);
    return result;
}

static void the_ice_credentials_have_their_lengths(void **state)
{
    (void)state;
    assert_true(has_ice("U7/f", 22));
    assert_true(has_ice("abcd", 256));
    assert_false(has_ice("abc", 22));
    assert_false(has_ice("abcd", 21));
    assert_false(has_ice("abcd", 257));
    assert_false(has_ice("ab:cd", 22));
    assert_false(has_ice("ab cd", 22));
}

static void a_bundle_names_its_members_whole(void **state)
{
    pp_sdp *sdp = parse(PP_LIT(
        "v=0\na=group:LS 2\na=group:BUNDLE 0 10\nm=audio 9 X 0\na=mid:0\nm=audio 9 X 0\na=mid:1\n"
        "m=audio 9 X 0\na=mid:2\nm=audio 9 X 0\nm=audio 9 X 0\na=mid:10\n"));

    (void)state;
    assert_true(pp_sdp_in_bundle(sdp, &sdp->media[0]));
    assert_false(pp_sdp_in_bundle(sdp, &sdp->media[1]));
    assert_false(pp_sdp_in_bundle(sdp, &sdp->media[2]));
    assert_false(pp_sdp_in_bundle(sdp, &sdp->media[3]));
    assert_true(pp_sdp_in_bundle(sdp, &sdp->media[4]));
    pp_sdp_free(sdp);
}

static void chromiums_offer_is_understood(void **state)
{
    pp_sdp *sdp = sample("sdp/chromium/chromium-offer-audio.sdp");
    const pp_sdp_media *audio = sdp->media;
    pp_str hash, value, ufrag, pwd;
    pp_sdp_candidate c;
    pp_rtpmap map;

    (void)state;
    assert_int_equal(audio->port, 49416);
    assert_int_equal(audio->format_count, 8);
    assert_int_equal(pp_sdp_setup(sdp, audio), PP_SETUP_ACTPASS);
    assert_int_equal(pp_sdp_direction(sdp, audio), PP_SENDRECV);
    assert_true(pp_sdp_in_bundle(sdp, audio));
    assert_true(pp_sdp_ice(sdp, audio, &ufrag, &pwd));
    assert_text(ufrag, "Ys7j");
    assert_text(pwd, "SOt271GJid80FfvkSyoDdLw7");
    assert_true(pp_sdp_fingerprint(sdp, audio, 0, &hash, &value));
    assert_text(hash, "sha-256");
    assert_int_equal(value.n, 95);
    assert_true(pp_sdp_attribute(&audio->section, "candidate", 0, &value));
    assert_int_equal(pp_sdp_candidate_parse(value, &c), 0);
    assert_text(c.address, "127.0.0.1");
    assert_int_equal(c.port, 49416);
    assert_int_equal(c.priority, 2122260223);
    assert_true(pp_sdp_attribute(&audio->section, "candidate", 1, &value));
    assert_int_equal(pp_sdp_candidate_parse(value, &c), 0);
    assert_text(c.transport, "tcp");
    assert_true(pp_sdp_rtpmap(audio, audio->formats[0], &map));
    assert_text(map.name, "opus");
    assert_true(pp_sdp_rtpmap(audio, PP_LIT("126"), &map));
    assert_text(map.name, "telephone-event");
    assert_int_equal(map.clock_rate, 8000);
    pp_sdp_free(sdp);
}

static void asterisks_answer_is_understood(void **state)
{
    pp_sdp *sdp = sample("sdp/chromium/asterisk-answer-audio.sdp");
    const pp_sdp_media *audio = sdp->media;
    pp_str hash, value, ufrag, pwd;
    pp_sdp_candidate c;

    (void)state;
    assert_int_equal(pp_sdp_setup(sdp, audio), PP_SETUP_ACTIVE);
    assert_true(pp_sdp_fingerprint(sdp, audio, 0, &hash, &value));
    assert_text(hash, "SHA-256");
    assert_true(pp_sdp_ice(sdp, audio, &ufrag, &pwd));
    assert_int_equal(ufrag.n, 32);
    assert_true(pp_sdp_attribute(&audio->section, "candidate", 0, &value));
    assert_int_equal(pp_sdp_candidate_parse(value, &c), 0);
    assert_text(c.foundation, "Ha4d0009");
    assert_text(c.address, "10.77.0.9");
    assert_true(pp_sdp_in_bundle(sdp, audio));
    pp_sdp_free(sdp);
}

static void a_jssip_answer_to_a_restart_has_no_candidate(void **state)
{
    pp_sdp *sdp = sample("sdp/chromium/jssip-answer-ice-restart.sdp");
    pp_str ufrag, pwd, value;

    (void)state;
    assert_int_equal(sdp->media[0].port, 9);
    assert_true(pp_sdp_ice(sdp, sdp->media, &ufrag, &pwd));
    assert_text(ufrag, "YLZ1");
    assert_false(pp_sdp_attribute(&sdp->media[0].section, "candidate", 0, &value));
    pp_sdp_free(sdp);
}

static void an_mdns_candidate_keeps_its_name(void **state)
{
    pp_sdp *sdp = sample("sdp/chromium/chromium-offer-audio-mdns.sdp");
    pp_sdp_candidate c;
    pp_str value;

    (void)state;
    assert_true(pp_sdp_attribute(&sdp->media[0].section, "candidate", 0, &value));
    assert_int_equal(pp_sdp_candidate_parse(value, &c), 0);
    assert_text(c.address, "ee3d4936-d799-4e8e-8552-aee69c55cf38.local");
    pp_sdp_free(sdp);
}

static void a_hold_by_jssip_is_sendonly(void **state)
{
    pp_sdp *sdp = sample("sdp/chromium/jssip-offer-hold.sdp");

    (void)state;
    assert_int_equal(pp_sdp_direction(sdp, sdp->media), PP_SENDONLY);
    pp_sdp_free(sdp);
}

static void credentials_of_the_session_are_inherited(void **state)
{
    pp_sdp *sdp = sample("sdp/aiortc/audio_ice_session_level_credentials.sdp");
    pp_str ufrag, pwd, value;
    pp_sdp *dtls, *lite;

    (void)state;
    assert_true(pp_sdp_ice(sdp, sdp->media, &ufrag, &pwd));
    assert_text(ufrag, "5+Ix");
    pp_sdp_free(sdp);
    dtls = sample("sdp/aiortc/audio_dtls_session_level.sdp");
    assert_int_equal(pp_sdp_setup(dtls, dtls->media), PP_SETUP_ACTPASS);
    pp_sdp_free(dtls);
    lite = sample("sdp/aiortc/audio_ice_lite.sdp");
    assert_true(pp_sdp_attribute(&lite->session, "ice-lite", 0, &value));
    pp_sdp_free(lite);
}

static void firefoxs_offer_is_understood(void **state)
{
    pp_sdp *sdp = sample("sdp/aiortc/audio_firefox.sdp");
    const pp_sdp_media *audio = sdp->media;
    pp_str value, hash;
    pp_rtpmap map;

    (void)state;
    assert_true(pp_sdp_rtpmap(audio, PP_LIT("109"), &map));
    assert_text(map.name, "opus");
    assert_true(pp_fmtp_param(map.fmtp, "stereo", &value));
    assert_text(value, "1");
    assert_true(pp_sdp_rtpmap(audio, PP_LIT("9"), &map));
    assert_int_equal(map.channels, 1);
    assert_true(pp_sdp_fingerprint(sdp, audio, 0, &hash, &value)); /* at session level */
    assert_int_equal(value.n, 95);
    pp_sdp_free(sdp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_direction_is_the_medias_or_the_sessions),
        cmocka_unit_test(a_direction_turns_round),
        cmocka_unit_test(a_setup_is_read_without_regard_to_case),
        cmocka_unit_test(a_codec_comes_with_its_parameters),
        cmocka_unit_test(a_candidate_is_taken_apart),
        cmocka_unit_test(a_candidate_out_of_range_is_refused),
        cmocka_unit_test(a_fingerprint_is_the_medias_or_the_sessions),
        cmocka_unit_test(the_ice_credentials_have_their_lengths),
        cmocka_unit_test(a_bundle_names_its_members_whole),
        cmocka_unit_test(chromiums_offer_is_understood),
        cmocka_unit_test(asterisks_answer_is_understood),
        cmocka_unit_test(a_jssip_answer_to_a_restart_has_no_candidate),
        cmocka_unit_test(an_mdns_candidate_keeps_its_name),
        cmocka_unit_test(a_hold_by_jssip_is_sendonly),
        cmocka_unit_test(credentials_of_the_session_are_inherited),
        cmocka_unit_test(firefoxs_offer_is_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
