/* tls_pin.c - public keys that a server's certificate may have: SHA-256 of SubjectPublicKeyInfo (RFC 7469 section 2.4),
 * written as "sha256//<base64>" with ';' between them. */
#include "crypto/tls_context.h"

#include "base/error.h"

#define PREFIX "sha256//"
#define DIGEST 32u

static int check_pin(pp_str pin)
{
    pp_buf digest = {0};
    int err = PIPIT_ERR_SYNTAX;

    if (pp_str_starts(pin, PREFIX))
        err = pp_base64_decode(pp_str_sub(pin, sizeof(PREFIX) - 1, pin.n), &digest);
    if (!err && digest.n != DIGEST)
        err = PIPIT_ERR_SYNTAX;
    pp_buf_free(&digest);
    return err == PIPIT_ERR_SYNTAX
               ? pp_error(err, "tls: a pinned key is not sha256// and 32 octets in base64")
               : err;
}

int pp_tls_check_pins(const char *pins)
{
    pp_str rest = pp_str_c(pins);
    int err;

    do
        err = check_pin(pp_str_split(&rest, ';'));
    while (!err && rest.p);
    return err;
}

int pp_tls_pin_of(const X509 *x509, pp_buf *out)
{
    uint8_t digest[PP_HASH_MAX];
    unsigned char *der = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);
    int err = size < 0 ? pp_error(PIPIT_ERR_TLS, "tls: the key of a certificate has no DER form")
                       : pp_hash_digest(PP_HASH_SHA256, (pp_str[]){pp_str_n(der, (size_t)size)}, 1,
                                        digest);

    OPENSSL_free(der);
    if (err)
        return err;
    pp_buf_c(out, PREFIX);
    pp_buf_base64(out, digest, DIGEST);
    return pp_buf_error(out);
}

bool pp_tls_has_pinned_key(const char *pins, const X509 *x509)
{
    pp_str rest = pp_str_c(pins);
    pp_buf pin = {0};
    bool found = false;

    if (x509 && pp_tls_pin_of(x509, &pin) == 0)
        while (rest.p && !found)
            found = pp_str_eq(pp_str_split(&rest, ';'), pp_buf_text(&pin));
    pp_buf_free(&pin);
    return found;
}
