/* srtp.c - packets of one direction: whose they are, which index they have, where their parts lie.
 */
#include "srtp/srtp.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "srtp/cipher.h"
#include "srtp/replay.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#define RTP_HEADER     12 /* octets without sources and extension (RFC 3550 section 5.1) */
#define RTCP_HEADER    8  /* octets in clear (RFC 3711 section 3.4) */
#define RTCP_WORD      4  /* E and the index */
#define RTCP_ENCRYPTED 0x80000000u

typedef struct stream stream;

struct stream { /* one synchronisation source */
    uint32_t ssrc;
    pp_replay rtp, rtcp;
    stream *next;
};

struct pp_srtp {
    pp_srtp_cipher rtp, rtcp;
    stream *streams; /* the one used last is the first */
    unsigned count;
    uint32_t retired[PP_LIMIT_SRTP_RETIRED]; /* a ring of sources given up */
    uint64_t retired_count;
};

int pp_srtp_new(pp_srtp_profile profile, const uint8_t *key, const uint8_t *salt, pp_srtp **out)
{
    pp_srtp *srtp = PP_NEW(pp_srtp);
    int err;

    if (!srtp)
        return PIPIT_ERR_MEMORY;
    err = pp_srtp_cipher_init(&srtp->rtp, profile, false, key, salt);
    if (!err)
        err = pp_srtp_cipher_init(&srtp->rtcp, profile, true, key, salt);
    if (err)
        pp_srtp_free(srtp);
    else
        *out = srtp;
    return err;
}

pp_srtp *pp_srtp_free(pp_srtp *srtp)
{
    if (!srtp)
        return NULL;
    pp_srtp_cipher_release(&srtp->rtp);
    pp_srtp_cipher_release(&srtp->rtcp);
    while (srtp->streams) {
        stream *next = srtp->streams->next;

        pp_free(srtp->streams);
        srtp->streams = next;
    }
    pp_free(srtp);
    return NULL;
}

/* --- sources ---------------------------------------------------------------------------------- */

/* NULL when it is new. */
static stream *find(const pp_srtp *srtp, uint32_t ssrc)
{
    stream *s = srtp->streams;

    while (s && s->ssrc != ssrc)
        s = s->next;
    return s;
}

/* Only for a packet that was authentic: a forged one must not decide who is kept. */
static void move_to_front(pp_srtp *srtp, stream *s)
{
    stream **at = &srtp->streams;

    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    s->next = srtp->streams;
    srtp->streams = s;
}

static bool is_retired(const pp_srtp *srtp, uint32_t ssrc)
{
    for (uint64_t i = 0; i < srtp->retired_count && i < PP_LIMIT_SRTP_RETIRED; i++)
        if (srtp->retired[i] == ssrc)
            return true;
    return false;
}

/* Takes the place of the source that was silent for longest. That one must stay away: with its
 * window forgotten, its old packets could be sent again by anyone who has them. */
static stream *retire_last(pp_srtp *srtp)
{
    stream **at = &srtp->streams;
    stream *last;

    while ((*at)->next)
        at = &(*at)->next;
    last = *at;
    *at = NULL;
    srtp->retired[srtp->retired_count++ % PP_LIMIT_SRTP_RETIRED] = last->ssrc;
    srtp->count--;
    memset(last, 0, sizeof(*last));
    return last;
}

/* A new source. `full` tells what to do when there are many already: what we send must never begin
 * anew under the same key, so a sender gets PIPIT_ERR_LIMIT; a receiver follows the peer, who has
 * proved that it holds the key. */
static int add(pp_srtp *srtp, uint32_t ssrc, bool sending, stream **out)
{
    stream *s;

    if (srtp->count < PP_LIMIT_SRTP_SSRCS)
        s = PP_NEW(stream);
    else if (sending)
        return pp_error(PIPIT_ERR_LIMIT, "srtp: more than %u sources", PP_LIMIT_SRTP_SSRCS);
    else
        s = retire_last(srtp);
    if (!s)
        return PIPIT_ERR_MEMORY;
    s->ssrc = ssrc;
    s->next = srtp->streams;
    srtp->streams = s;
    srtp->count++;
    *out = s;
    return 0;
}

/* --- where the parts lie ---------------------------------------------------------------------- */

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Octets of an RTP header with its sources and extension; 0 when it is no RTP or does not fit into
 * `size`. */
static size_t rtp_header_size(const uint8_t *data, size_t size)
{
    size_t header;

    if (size < RTP_HEADER || data[0] >> 6 != 2)
        return 0;
    header = RTP_HEADER + 4 * (size_t)(data[0] & 0x0F);
    if (data[0] & 0x10) {
        if (size < header + 4)
            return 0;
        header += 4 + 4 * (size_t)(data[header + 2] << 8 | data[header + 3]);
    }
    return header <= size ? header : 0;
}

static int read_rtp(uint8_t *data, size_t size, pp_srtp_packet *packet)
{
    size_t header = rtp_header_size(data, size);

    if (!header)
        return pp_error(PIPIT_ERR_SYNTAX, "srtp: %zu octets are no RTP packet", size);
    *packet =
        (pp_srtp_packet){.data = data, .clear = header, .size = size, .ssrc = get_u32(data + 8)};
    return 0;
}

static int read_rtcp(uint8_t *data, size_t size, pp_srtp_packet *packet)
{
    if (size < RTCP_HEADER || data[0] >> 6 != 2)
        return pp_error(PIPIT_ERR_SYNTAX, "srtp: %zu octets are no RTCP packet", size);
    *packet = (pp_srtp_packet){
        .data = data, .clear = RTCP_HEADER, .size = size, .ssrc = get_u32(data + 4)};
    return 0;
}

/* RFC 3711 section 3.3.1; a new source begins with a rollover counter of 0. */
static int set_rtp_index(pp_srtp_packet *packet, const stream *s)
{
    static const pp_replay unused = {0};
    uint16_t sequence = (uint16_t)(packet->data[2] << 8 | packet->data[3]);

    if (!pp_replay_index(s ? &s->rtp : &unused, sequence, &packet->index))
        return pp_error(PIPIT_ERR_STATE, "srtp: sequence number %u is out of reach", sequence);
    packet->word = (uint32_t)(packet->index >> 16);
    return 0;
}

/* --- protecting ------------------------------------------------------------------------------- */

static int sending_stream(pp_srtp *srtp, uint32_t ssrc, stream **out)
{
    *out = find(srtp, ssrc);
    return *out ? 0 : add(srtp, ssrc, true, out);
}

static int failed(void)
{
    ERR_clear_error();
    return pp_error(PIPIT_ERR_MEMORY, "srtp: the cipher failed");
}

int pp_srtp_protect(pp_srtp *srtp, uint8_t *packet, size_t *size, size_t capacity)
{
    pp_srtp_packet p;
    stream *s = NULL;
    int err = read_rtp(packet, *size, &p);

    if (!err && (capacity < p.size || capacity - p.size < srtp->rtp.tag_size))
        err = pp_error(PIPIT_ERR_LIMIT, "srtp: no room for the tag behind %zu octets", p.size);
    if (!err)
        err = sending_stream(srtp, p.ssrc, &s);
    if (!err)
        err = set_rtp_index(&p, s);
    if (err)
        return err;
    /* RFC 3711 section 9.1: two packets under one index would give both away. */
    if (!pp_replay_is_fresh(&s->rtp, p.index))
        return pp_error(PIPIT_ERR_STATE, "srtp: sequence number %u was used before",
                        (unsigned)(p.index & 0xFFFF));
    pp_replay_add(&s->rtp, p.index);
    if (!pp_srtp_cipher_seal(&srtp->rtp, &p, packet + p.size))
        return failed();
    *size = p.size + srtp->rtp.tag_size;
    return 0;
}

/* SRTCP ends with index and tag in RFC 3711 section 3.4, with tag and index in RFC 7714
 * section 9.2. */
int pp_srtp_protect_rtcp(pp_srtp *srtp, uint8_t *packet, size_t *size, size_t capacity)
{
    size_t tag_size = srtp->rtcp.tag_size;
    uint8_t tag[PP_SRTP_TAG_MAX];
    pp_srtp_packet p;
    stream *s = NULL;
    int err = read_rtcp(packet, *size, &p);

    if (!err && (capacity < p.size || capacity - p.size < tag_size + RTCP_WORD))
        err =
            pp_error(PIPIT_ERR_LIMIT, "srtp: no room for index and tag behind %zu octets", p.size);
    if (!err)
        err = sending_stream(srtp, p.ssrc, &s);
    if (err)
        return err;
    p.index = s->rtcp.used ? s->rtcp.top + 1 : 0;
    if (p.index >= RTCP_ENCRYPTED)
        return pp_error(PIPIT_ERR_LIMIT,
                        "srtp: the key has protected 2^31 RTCP packets and is used up");
    p.word = RTCP_ENCRYPTED | (uint32_t)p.index;
    pp_replay_add(&s->rtcp, p.index);
    if (!pp_srtp_cipher_seal(&srtp->rtcp, &p, tag))
        return failed();
    memcpy(packet + p.size + (srtp->rtcp.gcm ? 0 : RTCP_WORD), tag, tag_size);
    pp_srtp_put_u32(packet + p.size + (srtp->rtcp.gcm ? tag_size : 0), p.word);
    *size = p.size + tag_size + RTCP_WORD;
    return 0;
}

/* --- unprotecting ----------------------------------------------------------------------------- */

/* Authentic and fresh: decrypts in place and remembers the packet. Nothing before that point
 * changes anything. */
static int accept_packet(pp_srtp *srtp, pp_srtp_cipher *cipher, const pp_srtp_packet *p,
                         const uint8_t *tag)
{
    uint8_t plain[PP_LIMIT_RTP_PACKET];
    stream *s = find(srtp, p->ssrc);
    bool rtcp = cipher == &srtp->rtcp;
    int err = 0;

    if (p->size > sizeof(plain))
        return pp_error(PIPIT_ERR_LIMIT, "srtp: %zu octets are more than a packet has", p->size);
    if (!pp_srtp_cipher_open(cipher, p, tag, plain)) {
        ERR_clear_error();
        return pp_error(PIPIT_ERR_AUTHENTICATION, "srtp: a packet of source %08x is forged",
                        (unsigned)p->ssrc);
    }
    if (s ? !pp_replay_is_fresh(rtcp ? &s->rtcp : &s->rtp, p->index) : is_retired(srtp, p->ssrc))
        err = pp_error(PIPIT_ERR_STATE, "srtp: a packet of source %08x came again or too late",
                       (unsigned)p->ssrc);
    if (!err && !s)
        err = add(srtp, p->ssrc, false, &s);
    if (!err) {
        memcpy(p->data + p->clear, plain, p->size - p->clear);
        pp_replay_add(rtcp ? &s->rtcp : &s->rtp, p->index);
        move_to_front(srtp, s);
    }
    OPENSSL_cleanse(plain, p->size - p->clear);
    return err;
}

int pp_srtp_unprotect(pp_srtp *srtp, uint8_t *packet, size_t *size)
{
    size_t tag_size = srtp->rtp.tag_size;
    pp_srtp_packet p;
    int err = *size < tag_size
                  ? pp_error(PIPIT_ERR_SYNTAX, "srtp: %zu octets are no SRTP packet", *size)
                  : read_rtp(packet, *size - tag_size, &p);

    if (!err)
        err = set_rtp_index(&p, find(srtp, p.ssrc));
    if (!err)
        err = accept_packet(srtp, &srtp->rtp, &p, packet + p.size);
    if (!err)
        *size = p.size;
    return err;
}

int pp_srtp_unprotect_rtcp(pp_srtp *srtp, uint8_t *packet, size_t *size)
{
    size_t tag_size = srtp->rtcp.tag_size;
    pp_srtp_packet p;
    int err = *size < tag_size + RTCP_WORD
                  ? pp_error(PIPIT_ERR_SYNTAX, "srtp: %zu octets are no SRTCP packet", *size)
                  : read_rtcp(packet, *size - tag_size - RTCP_WORD, &p);

    if (err)
        return err;
    p.word = get_u32(packet + p.size + (srtp->rtcp.gcm ? tag_size : 0));
    p.index = p.word & ~RTCP_ENCRYPTED;
    if (!(p.word & RTCP_ENCRYPTED))
        p.clear = p.size;
    err = accept_packet(srtp, &srtp->rtcp, &p, packet + p.size + (srtp->rtcp.gcm ? 0 : RTCP_WORD));
    if (!err)
        *size = p.size;
    return err;
}
