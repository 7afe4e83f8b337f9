/* fingerprint.c - reading a fingerprint and comparing it with a certificate. */
#include "dtls/fingerprint.h"

#include "base/error.h"
#include "crypto/certificate.h"

/* RFC 8122 section 5 still lists md5, md2 and sha-1; two certificates with one sum can be made for them. */
static int parse_hash(pp_str name, pp_hash *out)
{
    static const struct {
        const char *name;
        pp_hash hash;
    } known[] = {
        {"sha-256", PP_HASH_SHA256}, {"sha-384", PP_HASH_SHA384}, {"sha-512", PP_HASH_SHA512}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (pp_str_ieq_c(name, known[i].name)) {
            *out = known[i].hash;
            return 0;
        }
    return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                    "fingerprint: '%.*s' is not accepted, sha-256, sha-384 and sha-512 are",
                    name.n < 40 ? (int)name.n : 40, name.p ? name.p : "");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int pp_fingerprint_parse(pp_str hash, pp_str value, pp_fingerprint *out)
{
    pp_fingerprint parsed = {0};
    size_t size;
    int err = parse_hash(hash, &parsed.hash);

    if (err)
        return err;
    size = pp_hash_size(parsed.hash);
    if (value.n != 3 * size - 1)
        return pp_error(PIPIT_ERR_SYNTAX, "fingerprint: %zu characters instead of %zu", value.n,
                        3 * size - 1);
    for (size_t i = 0; i < size; i++) {
        const char *at = value.p + 3 * i;
        int high = hex_digit(at[0]), low = hex_digit(at[1]);

        if (high < 0 || low < 0 || (i + 1 < size && at[2] != ':'))
            return pp_error(PIPIT_ERR_SYNTAX, "fingerprint: no pair of digits at byte %zu", 3 * i);
        parsed.value[i] = (uint8_t)(high << 4 | low);
    }
    *out = parsed;
    return 0;
}

bool pp_fingerprint_fits(const pp_fingerprint *fingerprint, const void *x509)
{
    uint8_t digest[PP_HASH_MAX];

    return pp_x509_digest(x509, fingerprint->hash, digest) == 0 &&
           pp_equal_constant_time(digest, fingerprint->value, pp_hash_size(fingerprint->hash));
}
