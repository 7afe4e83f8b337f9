/* credentials.c - the long-term credential mechanism (RFC 8489 section 9.2): from a challenge to a key. User name and
 * password are taken as they are: no OpaqueString is made of them. */
#include "turn/inside.h"

#include "base/alloc.h"
#include "base/reader.h"
#include "crypto/hash.h"

enum { ALGORITHM_NONE, ALGORITHM_MD5, ALGORITHM_SHA256 }; /* section 18.5 */

#define FEATURE_ALGORITHMS (1u << 23) /* section 18.1: bit 0 is the leftmost of 24 */
#define FEATURE_ANONYMITY  (1u << 22)

/* Section 9.2: "obMatJos2" and four characters of base64 in front of the nonce say what the server can. */
static uint32_t features_of(pp_str nonce)
{
    pp_buf bits = {0};
    uint32_t features = 0;

    if (pp_str_starts(nonce, "obMatJos2") && nonce.n >= 13 &&
        pp_base64_decode(pp_str_sub(nonce, 9, 13), &bits) == 0 && bits.n == 3) {
        const uint8_t *octets = (const uint8_t *)bits.p;

        features = (uint32_t)octets[0] << 16 | (uint32_t)octets[1] << 8 | octets[2];
    }
    pp_buf_free(&bits);
    return features;
}

/* The better of those we know; ALGORITHM_NONE when there is none. */
static unsigned best_algorithm(pp_str list)
{
    pp_reader r = pp_reader_of(list.p, list.n);
    unsigned best = ALGORITHM_NONE;

    while (r.n) {
        unsigned algorithm = pp_reader_u16(&r);
        size_t length = pp_reader_u16(&r);

        pp_reader_bytes(&r, (length + 3) / 4 * 4);
        if (!r.failed && algorithm <= ALGORITHM_SHA256 && algorithm > best)
            best = algorithm;
    }
    return r.failed ? ALGORITHM_NONE : best;
}

/* Section 9.2.2: of user name, realm and password with colons between them. */
static bool make_key(pp_turn *turn)
{
    pp_hash hash = turn->algorithm == ALGORITHM_SHA256 ? PP_HASH_SHA256 : PP_HASH_MD5;
    const pp_str pieces[] = {pp_str_c(turn->username), PP_LIT(":"), pp_str_c(turn->realm),
                             PP_LIT(":"), pp_str_c(turn->credential)};
    uint8_t key[PP_HASH_MAX];

    if (pp_hash_digest(hash, pieces, 5, key))
        return false;
    turn->key_size = pp_hash_size(hash);
    memcpy(turn->key, key, turn->key_size);
    explicit_bzero(key, sizeof(key));
    return true;
}

static bool keep(pp_turn *turn, const pp_turn_message *m)
{
    char *realm = pp_str_dup(m->realm), *nonce = pp_str_dup(m->nonce);
    char *algorithms = m->algorithms.p ? pp_memdup(m->algorithms.p, m->algorithms.n) : NULL;

    if (!realm || !nonce || (m->algorithms.p && !algorithms)) {
        pp_free(realm);
        pp_free(nonce);
        pp_free(algorithms);
        return false;
    }
    pp_turn_forget_credentials(turn);
    turn->realm = realm;
    turn->nonce = nonce;
    turn->algorithms = algorithms;
    turn->algorithms_size = m->algorithms.n;
    return true;
}

bool pp_turn_challenged(pp_turn *turn, const pp_turn_message *m)
{
    uint32_t features = features_of(m->nonce);
    unsigned algorithm = m->algorithms.p ? best_algorithm(m->algorithms) : ALGORITHM_MD5;

    /* Section 9.2.5: somebody on the way took the list of algorithms out. */
    if (!m->realm.n || !m->nonce.n || memchr(m->realm.p, 0, m->realm.n) ||
        memchr(m->nonce.p, 0, m->nonce.n) || algorithm == ALGORITHM_NONE ||
        (features & FEATURE_ALGORITHMS && !m->algorithms.p))
        return false;
    if (!keep(turn, m))
        return false;
    turn->algorithm = algorithm;
    turn->anonymous = (features & FEATURE_ANONYMITY) != 0;
    if (make_key(turn))
        return true;
    pp_turn_forget_credentials(turn);
    return false;
}

/* Section 14.4: a listener does not learn who it is. */
static void put_user(const pp_turn *turn, pp_buf *out)
{
    const pp_str pieces[] = {pp_str_c(turn->username), PP_LIT(":"), pp_str_c(turn->realm)};
    uint8_t hash[PP_HASH_MAX];

    if (!turn->anonymous || pp_hash_digest(PP_HASH_SHA256, pieces, 3, hash))
        pp_stun_put(out, PP_STUN_USERNAME, pieces[0]);
    else
        pp_stun_put(out, PP_STUN_USERHASH, pp_str_n(hash, 32));
}

void pp_turn_put_credentials(const pp_turn *turn, pp_buf *out)
{
    if (!turn->algorithm)
        return;
    put_user(turn, out);
    pp_stun_put(out, PP_STUN_REALM, pp_str_c(turn->realm));
    pp_stun_put(out, PP_STUN_NONCE, pp_str_c(turn->nonce));
    if (!turn->algorithms)
        return;
    pp_stun_put(out, PP_STUN_PASSWORD_ALGORITHMS,
                pp_str_n(turn->algorithms, turn->algorithms_size));
    pp_stun_put_u32(out, PP_STUN_PASSWORD_ALGORITHM, turn->algorithm << 16);
}

pp_stun_seal pp_turn_seal(const pp_turn *turn)
{
    if (!turn->algorithm)
        return (pp_stun_seal){0};
    return (pp_stun_seal){pp_str_n(turn->key, turn->key_size), turn->algorithms != NULL};
}

void pp_turn_forget_credentials(pp_turn *turn)
{
    pp_free(turn->realm);
    pp_free(turn->nonce);
    pp_free(turn->algorithms);
    turn->realm = turn->nonce = turn->algorithms = NULL;
    turn->algorithm = 0;
    explicit_bzero(turn->key, sizeof(turn->key));
}
