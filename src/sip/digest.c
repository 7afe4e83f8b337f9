/* digest.c - the number that proves a password (RFC 7616 section 3.4.1). */
#include "sip/digest.h"

#include "base/error.h"

#define HEX_MAX (2 * PP_HASH_MAX + 1)

/* Lower-case hex of the digest of `count` pieces with ':' between them, as a C string. */
static int hex_digest(pp_hash hash, const pp_str *pieces, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";
    pp_str joined[13];
    uint8_t octets[PP_HASH_MAX];
    size_t n = 0;
    int err;

    for (size_t i = 0; i < count; i++) {
        if (i)
            joined[n++] = PP_LIT(":");
        joined[n++] = pieces[i];
    }
    err = pp_hash_digest(hash, joined, n, octets);
    if (err)
        return err;
    n = pp_hash_size(hash);
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[octets[i] >> 4];
        out[2 * i + 1] = digits[octets[i] & 15];
    }
    out[2 * n] = '\0';
    return 0;
}

/* Who: username, realm and password, or the hash of them that was given; bound to the nonces in a -sess form. */
static int hash_who(const pp_digest_input *input, char *out)
{
    pp_str who[] = {input->username, input->realm, input->password};
    pp_str session[] = {input->ha1, input->nonce, input->cnonce};
    int err = 0;

    if (pp_str_empty(input->ha1)) {
        err = hex_digest(input->algorithm, who, 3, out);
        session[0] = pp_str_c(out);
    } else if (input->ha1.n < HEX_MAX && !input->session) {
        memcpy(out, input->ha1.p, input->ha1.n);
        out[input->ha1.n] = '\0';
    } else if (input->ha1.n >= HEX_MAX) {
        err = pp_error(PIPIT_ERR_ARGUMENT, "digest: ha1 is longer than any hash");
    }
    if (!err && input->session)
        err = hex_digest(input->algorithm, session, 3, out);
    return err;
}

/* What: method and URI, and with auth-int the body. */
static int hash_what(const pp_digest_input *input, char *out)
{
    char body[HEX_MAX];
    pp_str what[] = {input->method, input->uri, PP_STR_NONE};
    bool with_body = pp_str_eq(input->qop, PP_LIT("auth-int"));
    int err = with_body ? hex_digest(input->algorithm, &input->body, 1, body) : 0;

    if (err)
        return err;
    what[2] = with_body ? pp_str_c(body) : PP_STR_NONE;
    return hex_digest(input->algorithm, what, with_body ? 3 : 2, out);
}

int pp_digest_userhash(pp_hash algorithm, pp_str username, pp_str realm, char *out)
{
    pp_str who[] = {username, realm};

    return hex_digest(algorithm, who, 2, out);
}

int pp_digest_response(const pp_digest_input *input, char *out)
{
    char who[HEX_MAX], what[HEX_MAX];
    int err = hash_who(input, who);

    if (!err)
        err = hash_what(input, what);
    if (!err) {
        pp_str full[] = {pp_str_c(who), input->nonce, input->nc,
                         input->cnonce, input->qop,   pp_str_c(what)};
        pp_str plain[] = {full[0], input->nonce, full[5]};
        err = pp_str_empty(input->qop) ? hex_digest(input->algorithm, plain, 3, out)
                                       : hex_digest(input->algorithm, full, 6, out);
    }
    for (volatile char *secret = who; secret < who + sizeof(who); secret++)
        *secret = '\0';
    return err;
}
