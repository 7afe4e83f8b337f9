/* crypto.c - keys in a description: "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20". */
#include "sdp/crypto.h"

#include "base/buf.h"

static bool decode_key(pp_str text, pp_sdp_crypto *out)
{
    pp_buf key = {.max = PP_SDP_CRYPTO_KEY_MAX};
    bool ok = text.n <= 64 && pp_base64_decode(text, &key) == 0 && key.n > 0;

    if (ok) {
        memcpy(out->key, key.p, key.n);
        out->key_size = key.n;
    }
    if (key.p)
        explicit_bzero(key.p, key.n);
    pp_buf_free(&key);
    return ok;
}

/* "inline:" key, then a lifetime, which is longer than any call, and an MKI, which we do not do: it is the one with a colon. */
static bool read_key(pp_str parameters, pp_sdp_crypto *out)
{
    pp_str rest = parameters, key;

    if (!pp_str_istarts(rest, "inline:") || pp_str_find(rest, ';') != rest.n)
        return false;
    rest = pp_str_sub(rest, 7, rest.n);
    key = pp_str_split(&rest, '|');
    return pp_str_find(rest, ':') == rest.n && decode_key(key, out);
}

bool pp_sdp_crypto_parse(pp_str value, pp_sdp_crypto *out)
{
    pp_sdp_crypto crypto = {0};
    pp_str rest = value, tag = pp_str_word(&rest), parameters, more;
    bool ok;

    crypto.suite = pp_str_word(&rest);
    parameters = pp_str_word(&rest);
    ok = tag.n <= 9 && pp_str_to_u32(tag, 1, 999999999, &crypto.tag) && crypto.suite.n &&
         read_key(parameters, &crypto);
    while (ok && (more = pp_str_word(&rest)).n)
        ok = more.p[0] == '-';
    if (ok)
        *out = crypto;
    explicit_bzero(&crypto, sizeof(crypto));
    return ok;
}
