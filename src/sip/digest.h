/* digest.h - digest authentication (RFC 7616, 8760, 3261 section 22), both sides. */
#ifndef PP_SIP_DIGEST_H
#define PP_SIP_DIGEST_H

#include "base/rng.h"
#include "crypto/hash.h"
#include "sip/message.h"
#include "sip/outgoing.h"

/* A WWW-Authenticate or Proxy-Authenticate value; slices of it, quotes off. */
typedef struct pp_challenge {
    pp_hash algorithm; /* MD5 when none is named */
    bool session;      /* a -sess form */
    bool supported;    /* Digest, an algorithm and a qop that we do */
    bool stale;
    bool userhash;               /* the user name may be hashed, too (RFC 7616 section 3.4.4) */
    bool qop_auth, qop_auth_int; /* neither: RFC 2069 */
    pp_str realm, nonce, opaque, algorithm_name;
} pp_challenge;

int pp_challenge_parse(pp_str value, pp_challenge *out);

typedef struct pp_credentials {
    const char *username;
    const char *password; /* or the hashes, each for its algorithm and realm only */
    const char *ha1;      /* by MD5 */
    const char *ha1_sha256;
    const char *realm; /* not NULL: no other realm is answered */
} pp_credentials;

/* Of all challenges of a 401 or 407 the strongest that we can answer, per realm (RFC 8760 section 2.4 lets the client choose).
 * Adds Authorization / Proxy-Authorization to `request`, replacing those of the same realm. `nonce_count` starts at 1.
 * PIPIT_ERR_AUTHENTICATION when none can be answered. */
int pp_digest_answer(const pp_message *response, const pp_credentials *credentials,
                     const pp_rng *rng, uint32_t nonce_count, pp_outgoing *request);
/* Whether any answerable challenge in the response says stale=true. */
bool pp_digest_is_stale(const pp_message *response);

/* The number itself: lower-case hex into `out` (2 * PP_HASH_MAX + 1). For vectors and the registrar. */
typedef struct pp_digest_input {
    pp_hash algorithm;
    bool session;
    pp_str username, realm, password;
    pp_str ha1; /* not empty: instead of the three above */
    pp_str method, uri, nonce, cnonce, qop, body;
    pp_str nc; /* eight hex digits */
} pp_digest_input;
int pp_digest_response(const pp_digest_input *input, char *out);
/* What stands for the user name where it shall not be read (RFC 7616 section 3.4.4). */
int pp_digest_userhash(pp_hash algorithm, pp_str username, pp_str realm, char *out);

/* Server: what an Authorization value says (slices, quotes off). */
typedef struct pp_authorization {
    pp_hash algorithm;
    bool session, supported;
    pp_str username, realm, nonce, uri, response, qop, nc, cnonce, opaque;
} pp_authorization;
int pp_authorization_parse(pp_str value, pp_authorization *out);
/* Whether the response fits the password; compared in constant time. */
bool pp_authorization_check(const pp_authorization *authorization, pp_str password, pp_str method,
                            pp_str body);

#endif
