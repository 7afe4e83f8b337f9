/* others.c - session descriptions, STUN, RTCP, WebSocket handshakes and frames, URLs, base64. */
#include "base/limits.h"
#include "rtp/rtcp.h"
#include "sdp/bundle.h"
#include "sdp/edit.h"
#include "sdp/lines.h"
#include "sdp/rtp.h"
#include "shapes.h"
#include "stun/stun.h"
#include "transport/websocket_url.h"
#include "ws/ws.h"

/* ------------------------------------------------------------------------------------------ SDP */

static void read_media(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_str hash, value;
    pp_sdp_codecs codecs;
    pp_sdp_candidate candidate;
    pp_sdp_simulcast simulcast;
    pp_rtpmap map;
    size_t at = 0;

    pp_sdp_codecs_read(media, &codecs);
    for (size_t i = 0; i < media->format_count; i++)
        if (pp_sdp_codec(&codecs, media->formats[i], &map))
            (void)pp_fmtp_param(map.fmtp, "none", &value);
    while (pp_sdp_next(&media->section, "candidate", &at, &value))
        if (pp_sdp_candidate_parse(value, &candidate) == 0)
            (void)pp_sdp_candidate_extension(&candidate, "none", &hash);
    for (at = 0; pp_sdp_fingerprint_next(sdp, media, &at, &hash, &value);)
        ;
    if (pp_sdp_attribute(&media->section, "simulcast", 0, &value))
        (void)pp_sdp_simulcast_parse(value, &simulcast);
    (void)pp_sdp_bundled(sdp, media, "ice-ufrag", 0, &value);
    (void)pp_sdp_in_bundle(sdp, media);
    (void)pp_sdp_direction(sdp, media);
}

static void run_sdp(pp_str text)
{
    pp_sdp *sdp = NULL;
    pp_sdp_origin origin;
    pp_buf out = {0};

    if (pp_sdp_parse(text, &sdp))
        return;
    (void)pp_sdp_read_origin(sdp, &origin);
    for (size_t i = 0; i < sdp->media_count; i++)
        read_media(sdp, &sdp->media[i]);
    (void)pp_sdp_remove_attribute(&sdp->session, "candidate");
    pp_sdp_write(sdp, &out);
    pp_buf_free(&out);
    pp_sdp_free(sdp);
}

/* Sizes by the number of lines, of which PP_LIMIT_SDP allows fewer of a kind than PP_LIMIT_SDP_LINES. */
#define SDP_MAX   (PP_LIMIT_SDP - 256)
#define SDP_LINES (PP_LIMIT_SDP_LINES * 4 - 256)
#define MEDIA     "m=audio 9 X 111\r\n"

BENCH_FILL(fill_sdp_lines, "v=0\r\n", "a=\r\n", "")
BENCH_FILL(fill_sdp_lf, "v=0\n", "\n", "a=x\n")
BENCH_FILL(fill_sdp_long, "v=0\r\ns=", "x", "\r\n")
BENCH_FILL(fill_sdp_origin, "v=0\r\no=", "a ", "1 1 IN IP4 a\r\n")
BENCH_FILL(fill_sdp_candidates, "v=0\r\n" MEDIA, "a=candidate:1 1 udp 1 1.1.1.1 9 typ host\r\n", "")
BENCH_FILL(fill_sdp_extensions, "v=0\r\n" MEDIA "a=candidate:1 1 udp 1 1.1.1.1 9 typ host", " a b",
           "\r\n")
BENCH_FILL(fill_sdp_rtpmaps, "v=0\r\nm=audio 9 X 0 8 9 13 96 97 98 99 100 101\r\n",
           "a=rtpmap:96 a/1\r\n", "")
BENCH_FILL(fill_sdp_fmtp, "v=0\r\n" MEDIA "a=rtpmap:111 a/1\r\na=fmtp:111 a", ";a=b", "\r\n")
BENCH_FILL(fill_sdp_fingerprints, "v=0\r\n" MEDIA, "a=fingerprint:x AB:CD\r\n", "")
BENCH_FILL(fill_sdp_group, "v=0\r\na=group:BUNDLE", " a", "\r\n" MEDIA "a=mid:b\r\n")
BENCH_FILL(fill_sdp_groups, "v=0\r\n", "a=group:BUNDLE b c\r\n", MEDIA "a=mid:c\r\n")
BENCH_FILL(fill_sdp_simulcast, "v=0\r\n" MEDIA "a=simulcast:send 1", ",~2;3", "\r\n")
BENCH_FILL(fill_sdp_blanks, "v=0\r\nm=audio 9 X", " ", "0\r\n")

/* ------------------------------------------------------------------------------- STUN and RTCP */

static void put_stun_head(pp_buf *out, size_t length)
{
    pp_buf_u16(out, 1);
    pp_buf_u16(out, (unsigned)length);
    pp_buf_u32(out, 0x2112A442);
    pp_buf_add(out, "transaction!", 12);
}

static void fill_stun_many(pp_buf *out, size_t size)
{
    size_t count = size / 4;

    put_stun_head(out, count * 4);
    while (count--) {
        pp_buf_u16(out, 0x8022); /* SOFTWARE, empty */
        pp_buf_u16(out, 0);
    }
}

static void fill_stun_long(pp_buf *out, size_t size)
{
    size &= ~(size_t)3;
    put_stun_head(out, size + 4);
    pp_buf_u16(out, 0x0006);
    pp_buf_u16(out, (unsigned)size);
    bench_repeat(out, "", "x", "", size);
}

static void run_stun(pp_str text)
{
    pp_stun message;

    if (pp_stun_parse((const uint8_t *)text.p, text.n, &message) == 0)
        (void)pp_stun_check_integrity(&message, PP_LIT("key"));
}

static void fill_rtcp(pp_buf *out, size_t size)
{
    for (size_t n = 0; n < size; n += 8) {
        pp_buf_u32(out, 0x80C90001); /* RR without a block */
        pp_buf_u32(out, 1);
    }
}

static void fill_sdes(pp_buf *out, size_t size)
{
    size &= ~(size_t)3;
    pp_buf_u32(out, 0x81CA0000 | (uint32_t)(size / 4 + 2));
    pp_buf_u32(out, 1);
    for (size_t n = 0; n < size; n += 4)
        pp_buf_u32(out, 0x08020000 | 0x7878); /* PRIV "xx" */
    pp_buf_u32(out, 0);
}

static void run_rtcp(pp_str text)
{
    static const pp_rtcp_handlers none = {0};

    (void)pp_rtcp_parse((const uint8_t *)text.p, text.n, &none, NULL);
}

/* ------------------------------------------------------------------------------------ WebSocket */

static void no_random(void *arg, void *out, size_t size)
{
    (void)arg;
    memset(out, 1, size);
}

static void on_output(void *arg, const uint8_t *data, size_t size)
{
    (void)arg;
    (void)data;
    (void)size;
}

static void on_open(void *arg)
{
    (void)arg;
}

static void on_message(void *arg, const char *data, size_t size, bool binary)
{
    (void)arg;
    (void)data;
    (void)size;
    (void)binary;
}

static void on_closed(void *arg, int code, pp_str reason, bool was_clean, const char *sentence)
{
    (void)arg;
    (void)code;
    (void)reason;
    (void)was_clean;
    (void)sentence;
}

#define UPGRADE                                                                                    \
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                   \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n"               \
    "Sec-WebSocket-Version: 13\r\n"

static void feed(pp_str text, size_t piece)
{
    static const pp_ws_handlers handlers = {
        .output = on_output, .open = on_open, .message = on_message, .closed = on_closed};
    static const pp_ws_server_options options = {.subprotocol = "sip", .max_message = 4u << 20};
    static const pp_rng rng = {no_random, NULL};
    pp_ws *ws = NULL;

    if (pp_ws_server_new(&options, &rng, &handlers, NULL, &ws))
        return;
    for (size_t at = 0; at < text.n; at += piece)
        pp_ws_receive(ws, (const uint8_t *)text.p + at, text.n - at < piece ? text.n - at : piece);
    pp_ws_free(ws);
}

static void run_ws(pp_str text)
{
    feed(text, text.n);
}

static void run_ws_octets(pp_str text)
{
    feed(text, 1);
}

static void put_frames(pp_buf *out, unsigned first, unsigned others, unsigned length, size_t size)
{
    pp_buf_c(out, UPGRADE "\r\n");
    for (size_t n = 0; n < size; n += 6 + length) {
        pp_buf_u8(out, n ? others : first);
        pp_buf_u8(out, 0x80 | length);
        pp_buf_u32(out, 0);
        bench_repeat(out, "", "x", "", length);
    }
}

static void fill_messages(pp_buf *out, size_t size)
{
    put_frames(out, 0x81, 0x81, 1, size);
}

static void fill_fragments(pp_buf *out, size_t size)
{
    put_frames(out, 0x01, 0x00, 1, size);
}

static void fill_empty_fragments(pp_buf *out, size_t size)
{
    put_frames(out, 0x01, 0x00, 0, size);
}

static void fill_pings(pp_buf *out, size_t size)
{
    put_frames(out, 0x89, 0x89, 125, size);
}

static void fill_one_frame(pp_buf *out, size_t size)
{
    pp_buf_c(out, UPGRADE "\r\n");
    pp_buf_u16(out, size > UINT16_MAX ? 0x82FF : 0x82FE);
    if (size > UINT16_MAX)
        pp_buf_u64(out, size);
    else
        pp_buf_u16(out, (unsigned)size);
    pp_buf_u32(out, 0x01020304);
    bench_repeat(out, "", "x", "", size);
}

BENCH_FILL(fill_upgrade_tokens, UPGRADE "Sec-WebSocket-Protocol: a", ",a", "\r\n\r\n")
BENCH_FILL(fill_upgrade_field, UPGRADE "X: ", "x", "\r\n\r\n")
BENCH_FILL(fill_upgrade_blanks, UPGRADE "X: ", " ", "x\r\n\r\n")
BENCH_FILL(fill_upgrade_open, UPGRADE "X: ", "\r", "")

static void run_url(pp_str text)
{
    pp_websocket_url url;

    if (pp_websocket_url_parse(text, &url) == 0)
        pp_websocket_url_free(&url);
}

BENCH_FILL(fill_url_path, "wss://a.example/", "%41/", "?x")
BENCH_FILL(fill_url_host, "wss://", "a.", "b/")

static void run_base64(pp_str text)
{
    pp_buf out = {0};

    (void)pp_base64_decode(text, &out);
    (void)pp_str_is_utf8(text);
    pp_buf_free(&out);
}

BENCH_FILL(fill_base64, "", "QUJD", "")

#define UPGRADE_MAX (PP_LIMIT_WS_HANDSHAKE - 512)

const bench_shape bench_other_shapes[] = {
    {"sdp", "lines", SDP_LINES, fill_sdp_lines, run_sdp, false},
    {"sdp", "empty lines", SDP_MAX, fill_sdp_lf, run_sdp, false},
    {"sdp", "a long line", SDP_MAX, fill_sdp_long, run_sdp, false},
    {"sdp", "words of o=", SDP_MAX, fill_sdp_origin, run_sdp, false},
    {"sdp", "candidates", SDP_MAX, fill_sdp_candidates, run_sdp, false},
    {"sdp", "extensions of a candidate", SDP_MAX, fill_sdp_extensions, run_sdp, false},
    {"sdp", "rtpmaps", SDP_MAX, fill_sdp_rtpmaps, run_sdp, false},
    {"sdp", "parameters of a format", SDP_MAX, fill_sdp_fmtp, run_sdp, false},
    {"sdp", "fingerprints", SDP_MAX, fill_sdp_fingerprints, run_sdp, false},
    {"sdp", "members of a group", SDP_MAX, fill_sdp_group, run_sdp, false},
    {"sdp", "groups", SDP_MAX, fill_sdp_groups, run_sdp, false},
    {"sdp", "layers", SDP_MAX, fill_sdp_simulcast, run_sdp, false},
    {"sdp", "blanks in m=", SDP_MAX, fill_sdp_blanks, run_sdp, false},
    {"stun", "attributes", 65000, fill_stun_many, run_stun, false},
    {"stun", "a long attribute", 65000, fill_stun_long, run_stun, false},
    {"rtcp", "packets in a packet", BENCH_MIB, fill_rtcp, run_rtcp, false},
    {"rtcp", "items of a source", 200000, fill_sdes, run_rtcp, false},
    {"websocket", "messages", BENCH_MIB, fill_messages, run_ws, false},
    {"websocket", "fragments", BENCH_MIB, fill_fragments, run_ws, false},
    {"websocket", "empty fragments", BENCH_MIB, fill_empty_fragments, run_ws, false},
    {"websocket", "pings", BENCH_MIB, fill_pings, run_ws, false},
    {"websocket", "one frame", BENCH_MIB, fill_one_frame, run_ws, false},
    {"websocket", "one frame, octet by octet", BENCH_MIB, fill_one_frame, run_ws_octets, false},
    {"websocket", "fragments, octet by octet", BENCH_MIB, fill_fragments, run_ws_octets, false},
    {"upgrade", "tokens", UPGRADE_MAX, fill_upgrade_tokens, run_ws, false},
    {"upgrade", "a long field, octet by octet", UPGRADE_MAX, fill_upgrade_field, run_ws_octets,
     false},
    {"upgrade", "blanks", UPGRADE_MAX, fill_upgrade_blanks, run_ws, false},
    {"upgrade", "no end, octet by octet", UPGRADE_MAX, fill_upgrade_open, run_ws_octets, false},
    {"url", "a path", BENCH_MIB, fill_url_path, run_url, false},
    {"url", "a host", BENCH_MIB, fill_url_host, run_url, false},
    {"base64", "and UTF-8", BENCH_MIB, fill_base64, run_base64, false},
    {NULL, NULL, 0, NULL, NULL, false},
};
