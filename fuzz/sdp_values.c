/* sdp_values.c - every reader of a line or an attribute on any description: what it says lies within
 * its text and its range. */
/* FUZZ: sdp base */
#include "sdp/bundle.h"
#include "sdp/crypto.h"
#include "sdp/lines.h"
#include "sdp/rtp.h"

#include "check.h"

static pp_str within; /* the value that is read */

static void check_inside(pp_str s)
{
    CHECK(!s.n || (s.p >= within.p && s.p + s.n <= within.p + within.n));
}

static void read_simulcast(pp_str value)
{
    pp_sdp_simulcast s;
    pp_str stream, id;
    bool paused;

    if (!pp_sdp_simulcast_parse(value, &s))
        return;
    CHECK(s.send.n || s.recv.n);
    while (pp_sdp_simulcast_stream(&s.send, &stream)) {
        check_inside(stream);
        while (pp_sdp_simulcast_rid(&stream, &id, &paused))
            check_inside(id);
    }
}

static void read_sources(pp_str value)
{
    pp_str semantics, members;
    pp_sdp_ssrc ssrc;
    uint32_t number;
    size_t count = 0;

    if (pp_sdp_ssrc_parse(value, &ssrc)) {
        CHECK(ssrc.name.n != 0);
        check_inside(ssrc.value);
    }
    if (!pp_sdp_ssrc_group_parse(value, &semantics, &members))
        return;
    check_inside(semantics);
    while (pp_sdp_ssrc_next(&members, &number))
        count++;
    CHECK(count <= value.n);
}

static void read_candidate(pp_str value)
{
    pp_sdp_candidate c;
    pp_str text;
    uint16_t port;

    if (pp_sdp_candidate_parse(value, &c))
        return;
    check_inside(c.extensions);
    if (pp_sdp_candidate_related(&c, &text, &port))
        check_inside(text);
    if (pp_sdp_candidate_extension(&c, "tcptype", &text))
        CHECK(text.n != 0);
}

static void read_value(pp_str value)
{
    pp_sdp_connection connection;
    pp_sdp_feedback feedback;
    pp_sdp_extmap map;
    pp_sdp_msid msid;
    pp_sdp_rtcp rtcp;
    pp_sdp_rid rid;
    pp_sdp_crypto crypto;

    within = value;
    if (pp_sdp_crypto_parse(value, &crypto)) {
        CHECK(crypto.tag && crypto.suite.n && crypto.key_size <= sizeof(crypto.key));
        check_inside(crypto.suite);
    }
    if (pp_sdp_connection_parse(value, &connection))
        CHECK(connection.address.n && connection.ttl < 256 && connection.count);
    if (pp_sdp_feedback_parse(value, &feedback))
        CHECK(feedback.type.n && feedback.payload_type < 128);
    if (pp_sdp_extmap_parse(value, &map))
        CHECK(map.uri.n && map.id && map.id < 4352);
    if (pp_sdp_msid_parse(value, &msid))
        check_inside(msid.track);
    if (pp_sdp_rtcp_parse(value, &rtcp))
        check_inside(rtcp.address);
    if (pp_sdp_rid_parse(value, &rid))
        check_inside(rid.restrictions);
    read_simulcast(value);
    read_sources(value);
    read_candidate(value);
}

static void read_media(const pp_sdp *sdp, const pp_sdp_media *media)
{
    const pp_sdp_media *tag = pp_sdp_bundle_tag(sdp, media);
    pp_sdp_connection connection;
    pp_sdp_codecs codecs;
    pp_rtpmap one, other;
    pp_sdp_sctp sctp;
    uint32_t us;
    pp_str value;

    CHECK(tag >= sdp->media && tag < sdp->media + sdp->media_count);
    CHECK(tag == media || pp_sdp_in_bundle(sdp, media));
    if (pp_sdp_mid(media, &value))
        CHECK(value.n && pp_sdp_media_of_mid(sdp, value) != NULL);
    pp_sdp_read_connection(sdp, media, &connection);
    pp_sdp_read_sctp(media, &sctp);
    pp_sdp_bundled(sdp, media, "ice-ufrag", 0, &value);
    pp_sdp_ice_option(sdp, media, "trickle");
    if (pp_sdp_read_ptime_us(media, "ptime", &us))
        CHECK(us <= 65536000);
    pp_sdp_codecs_read(media, &codecs);
    for (size_t i = 0; i < media->format_count; i++) {
        bool found = pp_sdp_codec(&codecs, media->formats[i], &one);

        CHECK(found == pp_sdp_rtpmap(media, media->formats[i], &other));
        CHECK(!found || (pp_str_eq(one.name, other.name) && pp_str_eq(one.fmtp, other.fmtp)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_sdp *sdp = NULL;
    pp_sdp_origin origin;
    uint64_t start, stop;
    uint32_t bandwidth;

    if (size > 4096 || pp_sdp_parse(pp_str_n(data, size), &sdp))
        return 0;
    if (pp_sdp_read_origin(sdp, &origin))
        CHECK(origin.session_id.n && origin.address.n && origin.network_type.n);
    pp_sdp_read_time(sdp, &start, &stop);
    pp_sdp_read_bandwidth(&sdp->session, "AS", &bandwidth);
    for (size_t i = 0; i < sdp->session.count; i++)
        read_value(sdp->session.lines[i].value);
    for (size_t k = 0; k < sdp->media_count; k++) {
        read_media(sdp, &sdp->media[k]);
        for (size_t i = 0; i < sdp->media[k].section.count; i++)
            read_value(sdp->media[k].section.lines[i].value);
    }
    pp_sdp_free(sdp);
    return 0;
}
