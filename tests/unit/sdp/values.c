/* values.c - lines and attributes beyond the first need, as values: hand-made ones, those of old and
 * odd servers, and whole samples field by field. */
#include "base/alloc.h"
#include "sdp/bundle.h"
#include "sdp/lines.h"
#include "sdp/rtp.h"
#include "unit/sdp/support/sample.h"

#include <stdlib.h>

/* ---------------------------------------------------------------------------------------- lines */

static void check_origin(const char *line, const char *username, const char *id, uint64_t version,
                         const char *address)
{
    pp_buf text = {0};
    pp_sdp_origin o;
    pp_sdp *sdp;

    pp_buf_format(&text, "v=0\r\n%s\r\n", line);
    sdp = parse(pp_buf_text(&text));
    assert_true(pp_sdp_read_origin(sdp, &o));
    assert_text(o.username, username);
    assert_text(o.session_id, id);
    assert_true(o.version == version);
    assert_text(o.network_type, "IN");
    assert_text(o.address, address);
    pp_sdp_free(sdp);
    pp_buf_free(&text);
}

static void an_origin_is_read_from_its_end(void **state)
{
    pp_sdp_origin o;
    pp_sdp *none = parse(PP_LIT("v=0\ns=-\n")), *bad = parse(PP_LIT("v=0\no=- x y IN IP4 a\n")),
           *little = parse(PP_LIT("v=0\no=1 IN IP4 a\n"));

    (void)state;
    check_origin("o=- 3622532974 2 IN IP4 127.0.0.1", "-", "3622532974", 2, "127.0.0.1");
    check_origin("o=My desk phone 1 18446744073709551615 IN IP6 ::1", "My desk phone", "1",
                 UINT64_MAX, "::1");
    check_origin("o= 1 2 IN IP4 host.example ", "", "1", 2, "host.example");
    check_origin("o=mozilla...THIS_IS_SDPARTA-61.0 9 0  IN\tIP4 0.0.0.0",
                 "mozilla...THIS_IS_SDPARTA-61.0", "9", 0, "0.0.0.0");
    assert_false(pp_sdp_read_origin(none, &o));
    assert_false(pp_sdp_read_origin(bad, &o));
    assert_false(pp_sdp_read_origin(little, &o));
    pp_sdp_free(none);
    pp_sdp_free(bad);
    pp_sdp_free(little);
}

static void a_connection_is_the_medias_or_the_sessions(void **state)
{
    pp_sdp *sdp =
        parse(PP_LIT("v=0\nc=in ip4 224.2.36.42/127/3\nm=audio 9 X 0\nc=IN IP6 ff15::1/2\n"
                     "m=video 9 X 0\n"));
    pp_sdp *none = parse(PP_LIT("v=0\nm=audio 9 X 0\n"));
    pp_sdp_connection c;

    (void)state;
    assert_true(pp_sdp_read_connection(sdp, &sdp->media[1], &c));
    assert_text(c.address, "224.2.36.42");
    assert_int_equal(c.ttl, 127);
    assert_int_equal(c.count, 3);
    assert_true(pp_sdp_read_connection(sdp, &sdp->media[0], &c));
    assert_text(c.address_type, "IP6");
    assert_text(c.address, "ff15::1");
    assert_int_equal(c.ttl, 0);
    assert_int_equal(c.count, 2);
    assert_true(pp_sdp_read_connection(sdp, NULL, &c));
    assert_false(pp_sdp_read_connection(none, none->media, &c));
    assert_false(pp_sdp_connection_parse(PP_LIT("IN IP4"), &c));
    assert_false(pp_sdp_connection_parse(PP_LIT("IN IP4 224.0.0.1/256"), &c));
    assert_false(pp_sdp_connection_parse(PP_LIT("IN IP4 224.0.0.1/1/0"), &c));
    assert_false(pp_sdp_connection_parse(PP_LIT("IN IP4 192.0.2.1 more"), &c));
    pp_sdp_free(sdp);
    pp_sdp_free(none);
}

static void a_bandwidth_is_found_by_its_type(void **state)
{
    pp_sdp *sdp = parse(PP_LIT("v=0\nb=TIAS:64000\nb=as: 80 \nb=CT:x\nb=RR\nm=audio 9 X 0\n"));
    uint32_t number = 7;

    (void)state;
    assert_true(pp_sdp_read_bandwidth(&sdp->session, "AS", &number));
    assert_int_equal(number, 80);
    assert_true(pp_sdp_read_bandwidth(&sdp->session, "TIAS", &number));
    assert_int_equal(number, 64000);
    assert_false(pp_sdp_read_bandwidth(&sdp->session, "CT", &number));
    assert_false(pp_sdp_read_bandwidth(&sdp->session, "RR", &number));
    assert_false(pp_sdp_read_bandwidth(&sdp->media->section, "AS", &number));
    assert_int_equal(number, 64000);
    pp_sdp_free(sdp);
}

static void a_time_may_be_missing(void **state)
{
    pp_sdp *sdp = parse(PP_LIT("v=0\nt=2873397496 2873404696\n")), *none = parse(PP_LIT("v=0\n"));
    uint64_t start, stop;

    (void)state;
    assert_true(pp_sdp_read_time(sdp, &start, &stop));
    assert_true(start == 2873397496u && stop == 2873404696u);
    assert_false(pp_sdp_read_time(none, &start, &stop));
    pp_sdp_free(sdp);
    pp_sdp_free(none);
}

/* ----------------------------------------------------------------------------------------- RTP */

static void an_rtcp_attribute_may_lack_its_address(void **state)
{
    pp_sdp_rtcp rtcp;

    (void)state;
    assert_true(pp_sdp_rtcp_parse(PP_LIT("53020 IN IP6 2001:db8::1"), &rtcp));
    assert_int_equal(rtcp.port, 53020);
    assert_text(rtcp.address, "2001:db8::1");
    assert_true(pp_sdp_rtcp_parse(PP_LIT(" 9 "), &rtcp));
    assert_int_equal(rtcp.port, 9);
    assert_text(rtcp.address, "");
    assert_false(pp_sdp_rtcp_parse(PP_LIT("65536"), &rtcp));
    assert_false(pp_sdp_rtcp_parse(PP_LIT("9 IN IP4"), &rtcp));
    assert_false(pp_sdp_rtcp_parse(PP_STR_NONE, &rtcp));
}

static void feedback_is_for_a_format_or_for_all(void **state)
{
    pp_sdp_feedback f;

    (void)state;
    assert_true(pp_sdp_feedback_parse(PP_LIT("96 nack pli"), &f));
    assert_int_equal(f.payload_type, 96);
    assert_text(f.type, "nack");
    assert_text(f.param, "pli");
    assert_true(pp_sdp_feedback_parse(PP_LIT("* trr-int 5"), &f));
    assert_true(f.any);
    assert_text(f.param, "5");
    assert_true(pp_sdp_feedback_parse(PP_LIT("96 transport-cc"), &f));
    assert_text(f.param, "");
    assert_false(pp_sdp_feedback_parse(PP_LIT("128 nack"), &f));
    assert_false(pp_sdp_feedback_parse(PP_LIT("96"), &f));
}

static void a_header_extension_has_number_direction_and_name(void **state)
{
    pp_sdp_extmap map;

    (void)state;
    assert_true(pp_sdp_extmap_parse(PP_LIT("1 urn:ietf:params:rtp-hdrext:toffset"), &map));
    assert_int_equal(map.id, 1);
    assert_int_equal(map.direction, PP_SENDRECV);
    assert_text(map.uri, "urn:ietf:params:rtp-hdrext:toffset");
    assert_text(map.attributes, "");
    assert_true(pp_sdp_extmap_parse(
        PP_LIT("4096/recvonly urn:ietf:params:rtp-hdrext:encrypt URI-x 25@600/24"), &map));
    assert_int_equal(map.id, 4096);
    assert_int_equal(map.direction, PP_RECVONLY);
    assert_true(map.encrypted);
    assert_text(map.uri, "URI-x");
    assert_text(map.attributes, "25@600/24");
    assert_false(pp_sdp_extmap_parse(PP_LIT("0 uri"), &map));
    assert_false(pp_sdp_extmap_parse(PP_LIT("1/both uri"), &map));
    assert_false(pp_sdp_extmap_parse(PP_LIT("1"), &map));
}

static void a_track_and_a_source_are_read(void **state)
{
    pp_sdp_msid msid;
    pp_sdp_ssrc ssrc;
    pp_str semantics, members;
    uint32_t number;

    (void)state;
    assert_true(pp_sdp_msid_parse(PP_LIT("- f830"), &msid));
    assert_text(msid.stream, "-");
    assert_text(msid.track, "f830");
    assert_true(pp_sdp_msid_parse(PP_LIT("stream"), &msid));
    assert_text(msid.track, "");
    assert_false(pp_sdp_msid_parse(PP_LIT("a b c"), &msid));
    assert_false(pp_sdp_msid_parse(PP_LIT(""), &msid));
    assert_true(pp_sdp_ssrc_parse(PP_LIT("4294967295 cname:a:b c"), &ssrc));
    assert_true(ssrc.ssrc == UINT32_MAX);
    assert_text(ssrc.name, "cname");
    assert_text(ssrc.value, "a:b c");
    assert_true(pp_sdp_ssrc_parse(PP_LIT("1 flag"), &ssrc));
    assert_null(ssrc.value.p);
    assert_false(pp_sdp_ssrc_parse(PP_LIT("4294967296 cname:a"), &ssrc));
    assert_false(pp_sdp_ssrc_parse(PP_LIT("1"), &ssrc));
    assert_true(pp_sdp_ssrc_group_parse(PP_LIT("FID 1 2"), &semantics, &members));
    assert_text(semantics, "FID");
    assert_true(pp_sdp_ssrc_next(&members, &number) && number == 1);
    assert_true(pp_sdp_ssrc_next(&members, &number) && number == 2);
    assert_false(pp_sdp_ssrc_next(&members, &number));
    assert_false(pp_sdp_ssrc_group_parse(PP_LIT(" "), &semantics, &members));
}

static void layers_are_read_one_by_one(void **state)
{
    pp_sdp_simulcast s;
    pp_str alternatives, id;
    pp_sdp_rid rid;
    bool paused;

    (void)state;
    assert_true(pp_sdp_rid_parse(PP_LIT("1 send pt=97,98;max-width=1280;depend=2"), &rid));
    assert_text(rid.id, "1");
    assert_true(rid.send);
    assert_text(rid.formats, "97,98");
    assert_text(rid.restrictions, "max-width=1280;depend=2");
    assert_true(pp_sdp_rid_parse(PP_LIT("c recv"), &rid));
    assert_false(rid.send);
    assert_text(rid.formats, "");
    assert_false(pp_sdp_rid_parse(PP_LIT("c both"), &rid));
    assert_true(pp_sdp_simulcast_parse(PP_LIT("send 1,~4;2 recv c"), &s));
    assert_text(s.recv, "c");
    assert_true(pp_sdp_simulcast_stream(&s.send, &alternatives));
    assert_true(pp_sdp_simulcast_rid(&alternatives, &id, &paused) && !paused);
    assert_text(id, "1");
    assert_true(pp_sdp_simulcast_rid(&alternatives, &id, &paused) && paused);
    assert_text(id, "4");
    assert_false(pp_sdp_simulcast_rid(&alternatives, &id, &paused));
    assert_true(pp_sdp_simulcast_stream(&s.send, &alternatives));
    assert_text(alternatives, "2");
    assert_false(pp_sdp_simulcast_stream(&s.send, &alternatives));
    assert_false(pp_sdp_simulcast_parse(PP_LIT("send 1 send 2"), &s));
    assert_false(pp_sdp_simulcast_parse(PP_LIT(" send rid=1,4;2;3 paused=4 recv rid=c"), &s));
    assert_false(pp_sdp_simulcast_parse(PP_LIT(""), &s));
}

static void a_packet_time_may_be_a_fraction(void **state)
{
    pp_sdp *sdp = parse(PP_LIT("v=0\nm=audio 9 X 0\na=ptime:0.125\na=maxptime: 60\n"
                               "m=audio 9 X 0\na=ptime:x\na=maxptime:1.\n"));
    uint32_t us = 0;

    (void)state;
    assert_true(pp_sdp_read_ptime_us(&sdp->media[0], "ptime", &us));
    assert_int_equal(us, 125);
    assert_true(pp_sdp_read_ptime_us(&sdp->media[0], "maxptime", &us));
    assert_int_equal(us, 60000);
    assert_false(pp_sdp_read_ptime_us(&sdp->media[1], "ptime", &us));
    assert_false(pp_sdp_read_ptime_us(&sdp->media[1], "maxptime", &us));
    assert_int_equal(us, 60000);
    pp_sdp_free(sdp);
}

static void a_candidate_has_extensions(void **state)
{
    pp_sdp_candidate c;
    pp_str value;
    uint16_t port;

    (void)state;
    assert_int_equal(
        pp_sdp_candidate_parse(PP_LIT("5 1 TCP 1684013055 192.0.2.3 45664 TYP srflx raddr 10.0.1.1 "
                                      "rport 8998 tcptype passive generation 5 lonely"),
                               &c),
        0);
    assert_true(pp_sdp_candidate_related(&c, &value, &port));
    assert_text(value, "10.0.1.1");
    assert_int_equal(port, 8998);
    assert_true(pp_sdp_candidate_extension(&c, "tcptype", &value));
    assert_text(value, "passive");
    assert_true(pp_sdp_candidate_extension(&c, "generation", &value));
    assert_text(value, "5");
    assert_false(pp_sdp_candidate_extension(&c, "lonely", &value));
    assert_false(pp_sdp_candidate_extension(&c, "10.0.1.1", &value));
    assert_int_equal(pp_sdp_candidate_parse(PP_LIT("5 1 udp 1 192.0.2.3 9 typ host"), &c), 0);
    assert_text(c.extensions, "");
    assert_false(pp_sdp_candidate_related(&c, &value, &port));
}

/* -------------------------------------------------------------------------------------- bundles */

static const char bundled[] =
    "v=0\na=group:LS a v\na=group:BUNDLE a v\na=ice-options:trickle ice2\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:a\na=ice-ufrag:abcd\na=rtcp-mux\na=ptime:20\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:v\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid: other \n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 0\n";

static void a_group_names_its_members(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(bundled));
    pp_str semantics, mids, mid;
    size_t at = 0;

    (void)state;
    assert_true(pp_sdp_group_next(sdp, &at, &semantics, &mids));
    assert_text(semantics, "LS");
    assert_text(mids, "a v");
    assert_true(pp_sdp_group_next(sdp, &at, &semantics, &mids));
    assert_text(semantics, "BUNDLE");
    assert_false(pp_sdp_group_next(sdp, &at, &semantics, &mids));
    assert_ptr_equal(pp_sdp_media_of_mid(sdp, PP_LIT("other")), &sdp->media[2]);
    assert_null(pp_sdp_media_of_mid(sdp, PP_LIT("x")));
    assert_false(pp_sdp_mid(&sdp->media[3], &mid));
    assert_true(pp_sdp_in_bundle(sdp, &sdp->media[1]));
    assert_false(pp_sdp_in_bundle(sdp, &sdp->media[2]));
    assert_ptr_equal(pp_sdp_bundle_tag(sdp, &sdp->media[1]), &sdp->media[0]);
    assert_ptr_equal(pp_sdp_bundle_tag(sdp, &sdp->media[2]), &sdp->media[2]);
    assert_ptr_equal(pp_sdp_bundle_tag(sdp, &sdp->media[3]), &sdp->media[3]);
    pp_sdp_free(sdp);
}

static void a_bundled_part_shares_what_belongs_to_the_transport(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(bundled));
    const pp_sdp_media *video = &sdp->media[1];
    pp_str value;

    (void)state;
    assert_true(pp_sdp_bundled(sdp, video, "ice-ufrag", 0, &value));
    assert_text(value, "abcd");
    assert_true(pp_sdp_bundled(sdp, video, "rtcp-mux", 0, &value));
    assert_false(pp_sdp_bundled(sdp, video, "ptime", 0, &value)); /* of a payload type */
    assert_false(pp_sdp_bundled(sdp, &sdp->media[2], "ice-ufrag", 0, &value));
    assert_true(pp_sdp_bundled(sdp, video, "mid", 0, &value));
    assert_text(value, "v");
    assert_true(pp_sdp_ice_option(sdp, video, "ice2"));
    assert_false(pp_sdp_ice_option(sdp, video, "ice"));
    assert_int_equal(pp_sdp_mux_of(PP_LIT("Setup")), PP_MUX_TRANSPORT);
    assert_int_equal(pp_sdp_mux_of(PP_LIT("rtcp-rsize")), PP_MUX_IDENTICAL);
    assert_int_equal(pp_sdp_mux_of(PP_LIT("fmtp")), PP_MUX_IDENTICAL_PER_PT);
    assert_int_equal(pp_sdp_mux_of(PP_LIT("x-own")), PP_MUX_UNKNOWN);
    pp_sdp_free(sdp);
}

static void a_data_channel_is_found_in_both_forms(void **state)
{
    pp_sdp *sdp = parse(PP_LIT("v=0\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\n"
                               "a=sctp-port:5001\nm=application 9 DTLS/SCTP 5000\n"
                               "a=sctpmap:5000 webrtc-datachannel 256\na=max-message-size:0\n"
                               "m=application 9 X y\nm=application 9 X y\na=sctp-port:65536\n"
                               "m=application 9 X y\na=sctp-port:1\na=max-message-size:-1\n"));
    pp_sdp_sctp sctp;

    (void)state;
    assert_true(pp_sdp_read_sctp(&sdp->media[0], &sctp));
    assert_int_equal(sctp.port, 5001);
    assert_int_equal(sctp.max_message_size, 65536);
    assert_true(pp_sdp_read_sctp(&sdp->media[1], &sctp));
    assert_int_equal(sctp.port, 5000);
    assert_int_equal(sctp.streams, 256);
    assert_int_equal(sctp.max_message_size, 0);
    for (size_t i = 2; i < 5; i++)
        assert_false(pp_sdp_read_sctp(&sdp->media[i], &sctp));
    pp_sdp_free(sdp);
}

/* --------------------------------------------------------------------------------------- quirks */

static void an_old_servers_description_is_taken(void **state)
{
    /* RFC 4566 and earlier: no t=, no s=, no c=, blanks behind lines, other letter case */
    pp_sdp *sdp =
        parse(PP_LIT("v=0 \r\no=root 1 1 IN IP4 192.0.2.1\r\n\r\n"
                     "m=audio 8000  RTP/AVP 0  101 \r\na=RTPMAP:101 Telephone-Event/8000\r\n"
                     "a=FMTP:101 0-16\r\na=SendOnly\r\na=silenceSupp:off - - - -\r\n"));
    const pp_sdp_media *audio = sdp->media;
    pp_sdp_connection c;
    pp_rtpmap map;
    pp_buf out = {0};

    (void)state;
    assert_int_equal(audio->format_count, 2);
    assert_true(pp_sdp_rtpmap(audio, PP_LIT("101"), &map));
    assert_text(map.name, "Telephone-Event");
    assert_text(map.fmtp, "0-16");
    assert_int_equal(pp_sdp_direction(sdp, audio), PP_SENDONLY);
    assert_false(pp_sdp_read_connection(sdp, audio, &c));
    pp_sdp_write(sdp, &out);
    assert_text(pp_buf_text(&out),
                "v=0 \r\no=root 1 1 IN IP4 192.0.2.1\r\nm=audio 8000 RTP/AVP 0 101\r\n"
                "a=RTPMAP:101 Telephone-Event/8000\r\na=FMTP:101 0-16\r\na=SendOnly\r\n"
                "a=silenceSupp:off - - - -\r\n");
    pp_buf_free(&out);
    pp_sdp_free(sdp);
}

/* -------------------------------------------------------------------------------------- samples */

static void chromiums_call_is_read_field_by_field(void **state)
{
    pp_sdp *sdp = sample("sdp/chromium/chromium-call-audio-video-data-offer.sdp");
    const pp_sdp_media *audio = &sdp->media[0], *video = &sdp->media[1], *data = &sdp->media[2];
    pp_sdp_origin origin;
    pp_sdp_candidate candidate;
    pp_sdp_extmap map;
    pp_sdp_msid msid;
    pp_sdp_sctp sctp;
    pp_str value, members;
    size_t at = 0, feedbacks = 0;
    uint32_t ssrc;

    (void)state;
    assert_int_equal(sdp->media_count, 3);
    assert_true(pp_sdp_read_origin(sdp, &origin));
    assert_text(origin.session_id, "1825755025640631246");
    assert_true(origin.version == 2);
    assert_ptr_equal(pp_sdp_bundle_tag(sdp, data), audio);
    assert_true(pp_sdp_attribute(&audio->section, "candidate", 1, &value));
    assert_int_equal(pp_sdp_candidate_parse(value, &candidate), 0);
    assert_text(candidate.transport, "tcp");
    assert_true(pp_sdp_candidate_extension(&candidate, "network-cost", &value));
    assert_text(value, "50");
    assert_true(pp_sdp_attribute(&video->section, "extmap", 9, &value));
    assert_true(pp_sdp_extmap_parse(value, &map));
    assert_int_equal(map.id, 10);
    assert_text(map.uri, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
    assert_true(pp_sdp_attribute(&video->section, "msid", 0, &value));
    assert_true(pp_sdp_msid_parse(value, &msid));
    assert_text(msid.track, "cf94d71c-a520-47ef-a7d9-a7d8a826cdcd");
    while (pp_sdp_next(&video->section, "rtcp-fb", &at, &value))
        feedbacks++;
    assert_int_equal(feedbacks, 50);
    assert_true(pp_sdp_attribute(&video->section, "ssrc-group", 0, &value));
    assert_true(pp_sdp_ssrc_group_parse(value, &value, &members));
    assert_true(pp_sdp_ssrc_next(&members, &ssrc) && ssrc == 2575698450u);
    assert_true(pp_sdp_read_sctp(data, &sctp));
    assert_int_equal(sctp.port, 5000);
    assert_int_equal(sctp.max_message_size, 262144);
    pp_sdp_free(sdp);
}

static void an_old_firefoxs_data_channel_is_read_field_by_field(void **state)
{
    pp_sdp *sdp = sample("sdp/aiortc/datachannel_firefox.sdp");
    const pp_sdp_media *data = sdp->media;
    pp_sdp_connection c;
    pp_sdp_sctp sctp;
    pp_str mid;

    (void)state;
    assert_text(data->protocol, "DTLS/SCTP");
    assert_text(data->formats[0], "5000");
    assert_true(pp_sdp_mid(data, &mid));
    assert_text(mid, "sdparta_0");
    assert_true(pp_sdp_read_sctp(data, &sctp));
    assert_int_equal(sctp.streams, 256);
    assert_int_equal(sctp.max_message_size, 1073741823);
    assert_true(pp_sdp_read_connection(sdp, data, &c));
    assert_text(c.address, "192.168.99.58");
    assert_true(pp_sdp_ice_option(sdp, data, "trickle"));
    assert_int_equal(pp_sdp_setup(sdp, data), PP_SETUP_ACTPASS);
    pp_sdp_free(sdp);
}

static void layers_of_a_sample_are_read_field_by_field(void **state)
{
    pp_sdp *sdp = sample("sdp/sdp-transform/simulcast.sdp");
    const pp_sdp_section *video = &sdp->media[1].section;
    pp_sdp_simulcast simulcast;
    pp_sdp_rid rid;
    pp_str value;

    (void)state;
    assert_true(pp_sdp_attribute(video, "rid", 0, &value));
    assert_true(pp_sdp_rid_parse(value, &rid));
    assert_true(pp_fmtp_param(rid.restrictions, "max-fps", &value));
    assert_text(value, "30");
    assert_true(pp_sdp_attribute(video, "simulcast", 0, &value));
    assert_true(pp_sdp_simulcast_parse(value, &simulcast));
    assert_text(simulcast.send, "1,~4;2;3");
    pp_sdp_free(sdp);
}

static void a_conference_sample_is_read_field_by_field(void **state)
{
    pp_sdp *sdp = sample("sdp/sdp-transform/bfcp.sdp");
    pp_sdp_connection c;
    pp_rtpmap map;
    uint32_t kbit_s;
    pp_str value;

    (void)state;
    assert_int_equal(sdp->media_count, 4);
    assert_true(pp_sdp_read_bandwidth(&sdp->session, "AS", &kbit_s));
    assert_int_equal(kbit_s, 1024);
    assert_true(pp_sdp_line_of(&sdp->session, 's', &value));
    assert_text(value, "");
    assert_true(pp_sdp_read_connection(sdp, &sdp->media[3], &c));
    assert_text(c.address, "192.0.0.0");
    assert_text(sdp->media[2].formats[0], "*");
    assert_true(pp_sdp_attribute(&sdp->media[2].section, "floorid", 0, &value));
    assert_text(value, "1 m-stream:3");
    assert_true(pp_sdp_rtpmap(&sdp->media[3], PP_LIT("111"), &map));
    assert_true(pp_fmtp_param(map.fmtp, "max-fs", &value));
    assert_text(value, "8192");
    pp_sdp_free(sdp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_origin_is_read_from_its_end),
        cmocka_unit_test(a_connection_is_the_medias_or_the_sessions),
        cmocka_unit_test(a_bandwidth_is_found_by_its_type),
        cmocka_unit_test(a_time_may_be_missing),
        cmocka_unit_test(an_rtcp_attribute_may_lack_its_address),
        cmocka_unit_test(feedback_is_for_a_format_or_for_all),
        cmocka_unit_test(a_header_extension_has_number_direction_and_name),
        cmocka_unit_test(a_track_and_a_source_are_read),
        cmocka_unit_test(layers_are_read_one_by_one),
        cmocka_unit_test(a_packet_time_may_be_a_fraction),
        cmocka_unit_test(a_candidate_has_extensions),
        cmocka_unit_test(a_group_names_its_members),
        cmocka_unit_test(a_bundled_part_shares_what_belongs_to_the_transport),
        cmocka_unit_test(a_data_channel_is_found_in_both_forms),
        cmocka_unit_test(an_old_servers_description_is_taken),
        cmocka_unit_test(chromiums_call_is_read_field_by_field),
        cmocka_unit_test(an_old_firefoxs_data_channel_is_read_field_by_field),
        cmocka_unit_test(layers_of_a_sample_are_read_field_by_field),
        cmocka_unit_test(a_conference_sample_is_read_field_by_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
