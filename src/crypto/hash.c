/* hash.c - digests and HMAC. */
#include "crypto/hash.h"

#include "base/error.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>

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

/* A thread keeps its contexts: to make one costs more than a digest of a few lines. What a context held is overwritten by the
 * start of the next. */
static _Thread_local EVP_MD_CTX *kept[PP_HASH_COUNT];
static pthread_key_t thread_end;
static bool has_thread_end;

static void free_kept(void *contexts)
{
    EVP_MD_CTX **all = contexts;

    for (size_t i = 0; i < PP_HASH_COUNT; i++) {
        EVP_MD_CTX_free(all[i]);
        all[i] = NULL;
    }
}

static void fetch(void)
{
    has_thread_end = pthread_key_create(&thread_end, free_kept) == 0;
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

static EVP_MD_CTX *context_of(pp_hash hash)
{
    if (!kept[hash]) {
        kept[hash] = EVP_MD_CTX_new();
        if (has_thread_end)
            pthread_setspecific(thread_end, kept);
    }
    return kept[hash];
}

/* Short pieces are put together first: OpenSSL takes long to begin with each. */
static bool digest_joined(EVP_MD_CTX *context, const EVP_MD *md, const pp_str *pieces, size_t count,
                          uint8_t *out)
{
    uint8_t text[256];
    size_t size = 0;
    bool ok;

    for (size_t i = 0; i < count; i++) {
        if (pieces[i].n > sizeof(text) - size) {
            explicit_bzero(text, size);
            return digest(context, md, pieces, count, out);
        }
        if (pieces[i].n)
            memcpy(text + size, pieces[i].p, pieces[i].n);
        size += pieces[i].n;
    }
    ok = digest(context, md, (pp_str[]){pp_str_n(text, size)}, 1, out);
    explicit_bzero(text, size);
    return ok;
}

int pp_hash_digest(pp_hash hash, const pp_str *pieces, size_t count, uint8_t *out)
{
    const EVP_MD *md = algorithm(hash);
    uint8_t result[PP_HASH_MAX];
    EVP_MD_CTX *context;

    if (!md)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "hash: OpenSSL offers no %s here",
                        hashes[hash].name);
    context = context_of(hash);
    if (!context || !digest_joined(context, md, pieces, count, result)) {
        ERR_clear_error();
        return pp_error(PIPIT_ERR_MEMORY, "hash: no memory for %s", hashes[hash].name);
    }
    memcpy(out, result, hashes[hash].size);
    return 0;
}

/* RFC 2104, written out: OpenSSL's HMAC contexts cost several allocations each time the key
 * changes. */
static bool hmac(EVP_MD_CTX *context, const EVP_MD *md, const uint8_t block[64],
                 const pp_str *pieces, size_t count, uint8_t *out)
{
    uint8_t pad[64], inner[PP_HASH_MAX];
    size_t size = (size_t)EVP_MD_get_size(md);
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
         digest(context, md, (pp_str[]){pp_str_n(pad, sizeof(pad)), pp_str_n(inner, size)}, 2, out);
    OPENSSL_cleanse(pad, sizeof(pad));
    return ok;
}

int pp_hmac(pp_hash hash, pp_str key, const pp_str *pieces, size_t count, uint8_t *out)
{
    const EVP_MD *md = algorithm(hash);
    EVP_MD_CTX *context;
    uint8_t block[64] = {0}, result[PP_HASH_MAX];
    int err = 0;

    if (!md || EVP_MD_get_block_size(md) != sizeof(block))
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "hash: no HMAC with %s here", hashes[hash].name);
    context = context_of(hash);
    if (!context)
        return pp_error(PIPIT_ERR_MEMORY, "hash: no memory for a context");
    if (key.n > sizeof(block)) {
        if (!digest(context, md, (pp_str[]){key}, 1, block))
            err = pp_error(PIPIT_ERR_MEMORY, "hash: %s failed", hashes[hash].name);
    } else if (key.n) {
        memcpy(block, key.p, key.n);
    }
    if (!err && !hmac(context, md, block, pieces, count, result))
        err = pp_error(PIPIT_ERR_MEMORY, "hash: HMAC failed");
    if (!err)
        memcpy(out, result, hashes[hash].size);
    OPENSSL_cleanse(block, sizeof(block));
    if (err)
        ERR_clear_error();
    return err;
}

int pp_hmac_sha1(const void *key, size_t key_size, const pp_str *pieces, size_t count,
                 uint8_t out[20])
{
    return pp_hmac(PP_HASH_SHA1, pp_str_n(key, key_size), pieces, count, out);
}

bool pp_equal_constant_time(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}
