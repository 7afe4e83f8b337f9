/* identity.c - the certificates we show in DTLS, and the fingerprints of them that descriptions announce (RFC 8122). */
#include "peer/inside.h"

#include "base/error.h"

static const struct {
    const char *name;
    pp_hash hash;
} hashes[] = {[PIPIT_FINGERPRINT_SHA256] = {"sha-256", PP_HASH_SHA256},
              [PIPIT_FINGERPRINT_SHA384] = {"sha-384", PP_HASH_SHA384},
              [PIPIT_FINGERPRINT_SHA512] = {"sha-512", PP_HASH_SHA512}};

int pp_peer_take_certificates(pp_peer *peer, const pipit_peer_configuration *configuration)
{
    int err = 0;

    if ((unsigned)configuration->fingerprint_hash > PIPIT_FINGERPRINT_SHA512)
        return pp_error(PIPIT_ERR_ARGUMENT, "fingerprint: %d is no hash",
                        (int)configuration->fingerprint_hash);
    peer->fingerprint_hash = configuration->fingerprint_hash;
    for (size_t i = 0; !err && i < PIPIT_CERTIFICATES; i++) {
        const pipit_certificate_files *files = &configuration->certificates[i];

        if (!files->certificate_file)
            continue;
        err = pp_certificate_load(files->certificate_file, files->key_file,
                                  &peer->certificates[peer->certificate_count]);
        peer->certificate_count += err == 0;
    }
    if (err || peer->certificate_count)
        return err;
    err = pp_certificate_generate(&peer->loop->rng, pp_loop_wall_us(peer->loop), 30, NULL,
                                  &peer->certificates[0]);
    peer->certificate_count = err == 0;
    return err;
}

void pp_peer_share_certificates(const pp_peer *from, pp_peer *to)
{
    to->fingerprint_hash = from->fingerprint_hash;
    to->certificate_count = from->certificate_count;
    for (size_t i = 0; i < from->certificate_count; i++)
        to->certificates[i] = pp_certificate_ref(from->certificates[i]);
}

void pp_peer_drop_certificates(pp_peer *peer)
{
    while (peer->certificate_count)
        pp_certificate_unref(peer->certificates[--peer->certificate_count]);
}

static int announce(const pp_peer *peer, const pp_certificate *certificate, pp_sdp *sdp,
                    pp_sdp_section *section)
{
    pp_buf value = {0};
    int err = pp_certificate_fingerprint(certificate, hashes[peer->fingerprint_hash].hash, &value);

    if (!err)
        err =
            pp_sdp_add_attribute(sdp, section, "fingerprint", "%s %.*s",
                                 hashes[peer->fingerprint_hash].name, PP_STR(pp_buf_text(&value)));
    pp_buf_free(&value);
    return err;
}

int pp_peer_announce_certificates(const pp_peer *peer, pp_sdp *sdp, pp_sdp_section *section)
{
    int err = 0;

    for (size_t i = 0; !err && i < peer->certificate_count; i++)
        err = announce(peer, peer->certificates[i], sdp, section);
    return err;
}

int pp_peer_show_certificates(pp_peer *peer)
{
    int err = 0;

    for (size_t i = 1; !err && i < peer->certificate_count; i++)
        err = pp_dtls_add_certificate(peer->dtls, peer->certificates[i]);
    return err;
}
