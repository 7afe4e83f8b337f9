/* hash.c - digests, HMAC and the system's generator. */
#include "crypto/hash.h"

#include "base/error.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

static const struct {
    const char *name;
    size_t size;
} hashes[PP_HASH_COUNT] = {
    [PP_HASH_MD5] = {"MD5", 16},       [PP_HASH_SHA1] = {"SHA1", 20},
    [PP_HASH_SHA256] = {"SHA256", 32}, [PP_HASH_SHA384] = {"SHA384", 48},
    [PP_HASH_SHA512] = {"SHA512", 64}, [PP_HASH_SHA512_256] = {"SHA512-256", 32},
};

/* Fetched once and kept for the life of the process: a look-up by name at each digest costs more
 * than the digest. */
static EVP_MD *fetched[PP_HASH_COUNT];
static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
    for (size_t i = 0; i < PP_HASH_COUNT; i++)
        fetched[i] = EVP_MD_fetch(NULL, hashes[i].name, NULL);
    ERR_clear_error();
}

/* NULL when this OpenSSL does not have it (MD5 under a FIPS configuration). */
static const EVP_MD *algorithm(pp_hash hash)
{
    pthread_once(&fetch_once, fetch);
    return fetched[hash];
}

size_t pp_hash_size(pp_hash hash)
{
    return hashes[hash].size;
}

static bool digest(EVP_MD_CTX *context, const EVP_MD *md, const pp_str *pieces, size_t count,
                   uint8_t *out)
{
    if (EVP_DigestInit_ex2(context, md, NULL) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (pieces[i].n && EVP_DigestUpdate(context, pieces[i].p, pieces[i].n) != 1)
            return false;
    return EVP_DigestFinal_ex(context, out, NULL) == 1;
}

int pp_hash_digest(pp_hash hash, const pp_str *pieces, size_t count, uint8_t *out)
{
    const EVP_MD *md = algorithm(hash);
    uint8_t result[PP_HASH_MAX];
    EVP_MD_CTX *context;
    int err = 0;

    if (!md)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "hash: OpenSSL offers no %s here",
                        hashes[hash].name);
    context = EVP_MD_CTX_new();
    if (!context)
        return pp_error(PIPIT_ERR_MEMORY, "hash: no memory for a context");
    if (digest(context, md, pieces, count, result))
        memcpy(out, result, hashes[hash].size);
    else
        err = pp_error(PIPIT_ERR_MEMORY, "hash: %s failed", hashes[hash].name);
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return err;
}

/* RFC 2104, written out: OpenSSL's HMAC contexts cost several allocations each time the key
 * changes. */
static bool hmac(EVP_MD_CTX *context, const EVP_MD *md, const uint8_t block[64],
                 const pp_str *pieces, size_t count, uint8_t out[20])
{
    uint8_t pad[64], inner[20];
    bool ok;

    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] = block[i] ^ 0x36;
    ok = EVP_DigestInit_ex2(context, md, NULL) == 1 &&
         EVP_DigestUpdate(context, pad, sizeof(pad)) == 1;
    for (size_t i = 0; ok && i < count; i++)
        ok = !pieces[i].n || EVP_DigestUpdate(context, pieces[i].p, pieces[i].n) == 1;
    ok = ok && EVP_DigestFinal_ex(context, inner, NULL) == 1;
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] = block[i] ^ 0x5C;
    ok = ok &&
         digest(context, md, (pp_str[]){pp_str_n(pad, sizeof(pad)), pp_str_n(inner, sizeof(inner))},
                2, out);
    OPENSSL_cleanse(pad, sizeof(pad));
    return ok;
}

int pp_hmac_sha1(const void *key, size_t key_size, const pp_str *pieces, size_t count,
                 uint8_t out[20])
{
    const EVP_MD *md = algorithm(PP_HASH_SHA1);
    EVP_MD_CTX *context;
    uint8_t block[64] = {0}, result[20];
    int err = 0;

    if (!md)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "hash: OpenSSL offers no SHA1 here");
    context = EVP_MD_CTX_new();
    if (!context)
        return pp_error(PIPIT_ERR_MEMORY, "hash: no memory for a context");
    if (key_size > sizeof(block)) {
        if (!digest(context, md, (pp_str[]){pp_str_n(key, key_size)}, 1, block))
            err = pp_error(PIPIT_ERR_MEMORY, "hash: SHA1 failed");
    } else if (key_size) {
        memcpy(block, key, key_size);
    }
    if (!err && !hmac(context, md, block, pieces, count, result))
        err = pp_error(PIPIT_ERR_MEMORY, "hash: HMAC failed");
    if (!err)
        memcpy(out, result, sizeof(result));
    OPENSSL_cleanse(block, sizeof(block));
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return err;
}

bool pp_equal_constant_time(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

/* A generator has no way to fail, and going on with octets that are not random would be worse than
 * to stop. */
static void fill(void *arg, void *out, size_t size)
{
    uint8_t *at = out;

    (void)arg;
    while (size) {
        size_t part = size < 256 ? size : 256;

        if (RAND_bytes(at, (int)part) != 1 && getrandom(at, part, 0) != (ssize_t)part)
            abort();
        at += part;
        size -= part;
    }
}

pp_rng pp_rng_system(void)
{
    return (pp_rng){fill, NULL};
}
