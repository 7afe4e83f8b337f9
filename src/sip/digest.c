/* digest.c - the number that proves a password (RFC 7616 section 3.4.1). */
#include "sip/digest.h"

#include "base/error.h"

#define HEX_MAX (2 * PP_HASH_MAX + 1)

#define ROW(d)                                                                                     \
    d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9" d "a" d "b" d "c" d "d" d "e" d "f"

static void write_hex(const uint8_t *octets, size_t size, char *out)
{
    static const char digits[] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4") ROW("5") ROW("6")
        ROW("7") ROW("8") ROW("9") ROW("a") ROW("b") ROW("c") ROW("d") ROW("e") ROW("f");

    for (size_t i = 0; i < size; i++)
        memcpy(out + 2 * i, digits + 2 * (size_t)octets[i], 2);
    out[2 * size] = '\0';
}

static size_t hex_size(pp_hash hash)
{
    return 2 * pp_hash_size(hash) + 1;
}

/* The digest of `count` pieces with ':' between them. */
static int digest(pp_hash hash, const pp_str *pieces, size_t count, uint8_t *out)
{
    pp_str joined[13];
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (i)
            joined[n++] = PP_LIT(":");
        joined[n++] = pieces[i];
    }
    return pp_hash_digest(hash, joined, n, out);
}

/* In lower-case hex, as a C string. */
static int hex_digest(pp_hash hash, const pp_str *pieces, size_t count, char *out)
{
    uint8_t octets[PP_HASH_MAX];
    int err = digest(hash, pieces, count, octets);

    if (!err)
        write_hex(octets, pp_hash_size(hash), out);
    return err;
}

int pp_digest_ha1(pp_ha1 *ha1, const pp_digest_input *input, char *out)
{
    const pp_str who[] = {input->username, input->realm, input->password};
    uint8_t octets[PP_HASH_MAX];
    size_t size = pp_hash_size(input->algorithm);
    int err;

    if (ha1->size == 0 || ha1->algorithm != input->algorithm) {
        err = digest(input->algorithm, who, 3, octets);
        if (err)
            return err;
        if (size > sizeof(ha1->octets))
            return pp_error(PIPIT_ERR_ARGUMENT, "digest: no such hash is used for passwords");
        *ha1 = (pp_ha1){.algorithm = (uint8_t)input->algorithm, .size = (uint8_t)size};
        memcpy(ha1->octets, octets, size);
        explicit_bzero(octets, sizeof(octets));
    }
    write_hex(ha1->octets, size, out);
    return 0;
}

void pp_ha1_forget(pp_ha1 *ha1)
{
    explicit_bzero(ha1, sizeof(*ha1));
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

/* The last hash of a method and a URI that a thread made: a REGISTER has the same each time, and so have those of all accounts of
 * a registrar. */
typedef struct known_what {
    pp_hash algorithm;
    size_t method, size; /* octets of the text: method, then URI; 0: none is known */
    char text[128];
    char hash[HEX_MAX];
} known_what;

static _Thread_local known_what last_what;

static bool is_last(const pp_digest_input *input)
{
    const known_what *last = &last_what;

    return last->size == input->method.n + input->uri.n && last->method == input->method.n &&
           last->algorithm == input->algorithm && last->size &&
           memcmp(last->text, input->method.p, input->method.n) == 0 &&
           memcmp(last->text + last->method, input->uri.p, input->uri.n) == 0;
}

static void remember(const pp_digest_input *input, const char *hash)
{
    known_what *last = &last_what;

    if (!input->method.n || !input->uri.n || input->method.n > sizeof(last->text) ||
        input->uri.n > sizeof(last->text) - input->method.n)
        return;
    last->algorithm = input->algorithm;
    last->method = input->method.n;
    last->size = input->method.n + input->uri.n;
    memcpy(last->text, input->method.p, input->method.n);
    memcpy(last->text + last->method, input->uri.p, input->uri.n);
    memcpy(last->hash, hash, hex_size(input->algorithm));
}

static int hash_method_and_uri(const pp_digest_input *input, char *out)
{
    const pp_str what[] = {input->method, input->uri};
    int err;

    if (is_last(input)) {
        memcpy(out, last_what.hash, hex_size(input->algorithm));
        return 0;
    }
    err = hex_digest(input->algorithm, what, 2, out);
    if (!err)
        remember(input, out);
    return err;
}

/* What: method and URI, and with auth-int the body. */
static int hash_what(const pp_digest_input *input, char *out)
{
    char body[HEX_MAX];
    int err;

    if (!pp_str_eq(input->qop, PP_LIT("auth-int")))
        return hash_method_and_uri(input, out);
    err = hex_digest(input->algorithm, &input->body, 1, body);
    if (err)
        return err;
    return hex_digest(input->algorithm, (pp_str[]){input->method, input->uri, pp_str_c(body)}, 3,
                      out);
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
    explicit_bzero(who, sizeof(who));
    return err;
}
