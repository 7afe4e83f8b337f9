/* direct.c - media without ICE and DTLS, for plain SIP servers: the far end is where its description says (RFC 3264), keys are in the
 * descriptions (RFC 4568) or there are none. Only where the configuration allows it.
 *
 * Packets are taken from the address that was described. Far ends behind a NAT send from another one: with keys an authentic packet
 * from there moves our way there; without, only another port of the same address does. */
#include "peer/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sdp/crypto.h"
#include "sdp/lines.h"

#include <stdio.h>

typedef struct suite {
    const char *name;
    pp_srtp_profile profile;
    size_t key_size, salt_size;
} suite;

/* In the order we like them. RFC 4568 section 6.2, RFC 7714 section 14.2. */
static const suite suites[] = {
    {"AES_CM_128_HMAC_SHA1_80", PP_SRTP_AES128_CM_SHA1_80, 16, 14},
    {"AEAD_AES_128_GCM", PP_SRTP_AEAD_AES_128_GCM, 16, 12},
    {"AEAD_AES_256_GCM", PP_SRTP_AEAD_AES_256_GCM, 32, 12},
    {"AES_CM_128_HMAC_SHA1_32", PP_SRTP_AES128_CM_SHA1_32, 16, 14},
};

enum { SUITES = sizeof(suites) / sizeof(suites[0]) };

struct pp_direct {
    uint8_t own[SUITES][PP_SDP_CRYPTO_KEY_MAX]; /* what we protect with, a key for each suite */
    pp_srtp_keys keys;                          /* in use */
    pp_peer_base *base;                         /* NULL: there is no way yet */
    pp_addr described, remote;                  /* where they say they are, where we send */
};

static int need_direct(pp_peer *peer)
{
    if (peer->direct)
        return 0;
    peer->direct = PP_NEW(struct pp_direct);
    if (!peer->direct)
        return PIPIT_ERR_MEMORY;
    pp_rng_bytes(&peer->loop->rng, peer->direct->own, sizeof(peer->direct->own));
    return 0;
}

void pp_direct_free(pp_peer *peer)
{
    if (peer->direct)
        explicit_bzero(peer->direct, sizeof(*peer->direct));
    pp_free(peer->direct);
    peer->direct = NULL;
}

/* --- descriptions ----------------------------------------------------------------------------- */

static const suite *suite_of(const pp_sdp_crypto *crypto)
{
    for (size_t i = 0; i < SUITES; i++)
        if (pp_str_ieq_c(crypto->suite, suites[i].name) &&
            crypto->key_size == suites[i].key_size + suites[i].salt_size)
            return &suites[i];
    return NULL;
}

/* The first of theirs that we know, in their order. In an answer that is the one they have taken. */
static const suite *find_crypto(const pp_sdp_media *media, pp_sdp_crypto *out)
{
    size_t at = 0;
    pp_str value;

    while (pp_sdp_next(&media->section, "crypto", &at, &value))
        if (pp_sdp_crypto_parse(value, out) && suite_of(out))
            return suite_of(out);
    return NULL;
}

static bool speaks(const pp_sdp_media *media, const char *profile)
{
    char feedback[16];

    snprintf(feedback, sizeof(feedback), "%sF", profile);
    return pp_str_eq_c(media->protocol, profile) || pp_str_eq_c(media->protocol, feedback);
}

int pp_direct_security_of(const pp_peer *peer, const pp_sdp *sdp, const pp_sdp_media *media,
                          bool is_offer, pipit_media_security *out)
{
    pipit_media_security found = PIPIT_SECURITY_DTLS;
    pp_sdp_crypto crypto = {0};
    pp_str hash, value;
    bool allowed;

    if (speaks(media, "RTP/AVP"))
        found = PIPIT_SECURITY_PLAIN_RTP;
    else if (speaks(media, "RTP/SAVP") && !pp_sdp_fingerprint(sdp, media, 0, &hash, &value) &&
             find_crypto(media, &crypto))
        found = PIPIT_SECURITY_SDES;
    explicit_bzero(&crypto, sizeof(crypto));
    if (peer->dtls || (peer->direct && peer->direct->base)) /* it stays as it is */
        allowed = found == peer->terms.security;
    else
        allowed = is_offer ? found <= peer->security : found == peer->security;
    if (!allowed)
        return pp_error(PIPIT_ERR_MEDIA, "sdp: '%.*s' is not what is allowed here",
                        PP_STR(media->protocol));
    *out = found;
    return 0;
}

pipit_media_security pp_peer_security(const pp_peer *peer, bool offer)
{
    return offer && !peer->terms.remote ? peer->security : peer->terms.security;
}

static int add_crypto(const pp_peer *peer, size_t i, uint32_t tag, pp_sdp *sdp,
                      pp_sdp_section *section)
{
    pp_buf key = {0};
    int err;

    pp_buf_base64(&key, peer->direct->own[i], suites[i].key_size + suites[i].salt_size);
    err = pp_buf_error(&key);
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "crypto", "%u %s inline:%.*s", (unsigned)tag,
                                   suites[i].name, PP_STR(pp_buf_text(&key)));
    if (key.p)
        explicit_bzero(key.p, key.n);
    pp_buf_free(&key);
    return err;
}

int pp_direct_describe(pp_peer *peer, bool offer, pp_sdp *sdp, pp_sdp_section *section)
{
    pp_sdp_crypto theirs = {0};
    const suite *chosen = NULL;
    int err = need_direct(peer);

    if (err || pp_peer_security(peer, offer) != PIPIT_SECURITY_SDES)
        return err;
    if (!offer)
        chosen = find_crypto(&peer->terms.remote->media[peer->terms.transport], &theirs);
    for (size_t i = 0; !err && i < SUITES; i++)
        if (offer || &suites[i] == chosen)
            err = add_crypto(peer, i, offer ? (uint32_t)i + 1 : theirs.tag, sdp, section);
    explicit_bzero(&theirs, sizeof(theirs));
    return err;
}

/* --- the way ---------------------------------------------------------------------------------- */

/* A held far end may say 0.0.0.0 (RFC 3264 section 8.4): then it stays where it was. */
static int find_remote(const pp_peer *peer, pp_addr *out)
{
    const pp_sdp_media *media = &peer->terms.remote->media[peer->terms.transport];
    pp_sdp_connection connection;

    if (!pp_sdp_read_connection(peer->terms.remote, media, &connection) ||
        media->port > UINT16_MAX || !pp_addr_parse(connection.address, (uint16_t)media->port, out))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: no address to send to");
    if (pp_addr_is_any(out))
        *out = peer->direct->described;
    return out->family && pp_addr_is_unicast(out)
               ? 0
               : pp_error(PIPIT_ERR_MEDIA, "sdp: that is no address to send to");
}

static pp_peer_base *find_base(pp_peer *peer, const pp_addr *remote)
{
    pp_peer_base *found = NULL;
    pp_addr local;
    bool routed = peer->loop->ops->route && peer->loop->ops->route(peer->loop, remote, &local) == 0;

    for (size_t i = 0; i < PP_PEER_BASES; i++) {
        pp_peer_base *base = &peer->bases[i];

        if (!base->udp || base->udp->local.family != remote->family)
            continue;
        if (!found || (routed && pp_addr_same_ip(&base->udp->local, &local)))
            found = base;
    }
    return found;
}

static int change_keys(pp_peer *peer, const pp_srtp_keys *keys)
{
    pp_srtp *protect = NULL, *unprotect = NULL;
    int err = pp_srtp_new(keys->profile, keys->local_key, keys->local_salt, &protect);

    if (!err)
        err = pp_srtp_new(keys->profile, keys->remote_key, keys->remote_salt, &unprotect);
    if (err) {
        pp_srtp_free(protect);
        return err;
    }
    pp_srtp_free(peer->protect);
    pp_srtp_free(peer->unprotect);
    peer->protect = protect;
    peer->unprotect = unprotect;
    peer->profile = keys->profile;
    peer->direct->keys = *keys;
    return 0;
}

/* The same keys go on with their counters. */
static int take_keys(pp_peer *peer)
{
    pp_srtp_keys keys = {0};
    pp_sdp_crypto theirs = {0};
    const suite *s = find_crypto(&peer->terms.remote->media[peer->terms.transport], &theirs);
    int err = 0;

    if (!s)
        return pp_error(PIPIT_ERR_MEDIA, "sdp: no a=crypto that fits");
    keys.profile = s->profile;
    keys.key_size = s->key_size;
    keys.salt_size = s->salt_size;
    memcpy(keys.local_key, peer->direct->own[s - suites], s->key_size);
    memcpy(keys.local_salt, peer->direct->own[s - suites] + s->key_size, s->salt_size);
    memcpy(keys.remote_key, theirs.key, s->key_size);
    memcpy(keys.remote_salt, theirs.key + s->key_size, s->salt_size);
    if (!peer->protect || memcmp(&keys, &peer->direct->keys, sizeof(keys)) != 0)
        err = change_keys(peer, &keys);
    explicit_bzero(&keys, sizeof(keys));
    explicit_bzero(&theirs, sizeof(theirs));
    return err;
}

int pp_direct_connect(pp_peer *peer)
{
    pp_addr remote = {0};
    pp_peer_base *base = NULL;
    int err = need_direct(peer);

    if (!err)
        err = find_remote(peer, &remote);
    if (!err) {
        base = find_base(peer, &remote);
        err = base ? 0 : pp_error(PIPIT_ERR_IO, "media: no socket for the far end's address");
    }
    if (!err && peer->terms.security == PIPIT_SECURITY_SDES)
        err = take_keys(peer);
    if (err)
        return err;
    if (!pp_addr_eq(&remote, &peer->direct->described))
        peer->direct->described = peer->direct->remote = remote;
    peer->direct->base = base;
    err = pp_peer_start_clock(peer);
    if (!err)
        pp_peer_set_state(peer, PP_PEER_CONNECTED, "");
    return err;
}

bool pp_direct_takes(const pp_peer *peer, const pp_peer_base *base, const pp_addr *from)
{
    const struct pp_direct *d = peer->direct;

    if (!d || d->base != base)
        return false;
    return peer->terms.security == PIPIT_SECURITY_SDES || pp_addr_same_ip(from, &d->described);
}

void pp_direct_heard(pp_peer *peer, const pp_addr *from)
{
    if (peer->direct && peer->direct->base)
        peer->direct->remote = *from;
}

bool pp_direct_path(const pp_peer *peer, pp_addr *local, pp_addr *remote)
{
    if (!pp_peer_is_direct(peer) || !peer->direct->base)
        return false;
    *local = peer->direct->base->udp->local;
    *remote = peer->direct->remote;
    return true;
}

int pp_direct_send(pp_peer *peer, const uint8_t *data, size_t size)
{
    const struct pp_direct *d = peer->direct;

    if (!d->base)
        return pp_error(PIPIT_ERR_STATE, "media: there is no path yet");
    return pp_udp_send(d->base->udp, &d->remote, data, size);
}
