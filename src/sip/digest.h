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
    bool bearer;                 /* not Digest but Bearer (RFC 8898); then `supported` is false */
    pp_str realm, nonce, opaque, algorithm_name;
    pp_str authz_server, scope, error; /* of Bearer */
} pp_challenge;

int pp_challenge_parse(pp_str value, pp_challenge *out);

typedef struct pp_credentials {
    const char *username;
    const char *password; /* or the hashes, each for its algorithm and realm only */
    const char *ha1;      /* by MD5 */
    const char *ha1_sha256;
    const char *token;                 /* for Bearer */
    const char *realm;                 /* not NULL: no other realm is answered */
    const struct pp_credentials *next; /* tried when these do not fit */
} pp_credentials;

/* The first of the chain that can answer, NULL when none can. */
const pp_credentials *pp_credentials_for(const pp_credentials *credentials,
                                         const pp_challenge *challenge);

/* The hash of user name, realm and password, kept so that it is not made again for every request: as secret as the password. {0}
 * knows none. */
typedef struct pp_ha1 {
    uint8_t algorithm, size;
    uint8_t octets[32];
} pp_ha1;
void pp_ha1_forget(pp_ha1 *ha1); /* wiped */

/* What a 401 or 407 asks for, one realm after the other in the order of their first fields, those of WWW-Authenticate before those
 * of Proxy-Authenticate. Of several challenges of one realm it is the strongest that the credentials answer (RFC 8760 section
 * 2.4 lets the client choose), else the strongest. */
typedef struct pp_demand {
    pp_header_id answer; /* where the answer goes */
    pp_challenge challenge;
    const pp_credentials *credentials; /* NULL: none fit */
    pp_ha1 *ha1;                       /* of these credentials for this realm; NULL: not kept */
} pp_demand;
typedef struct pp_demands { /* {0} to begin with */
    bool bearer;            /* Bearer counts; set it only where nobody reads along */
    size_t kind, index;
} pp_demands;
bool pp_demands_next(pp_demands *at, const pp_message *response, const pp_credentials *credentials,
                     pp_demand *out);

/* Adds Authorization / Proxy-Authorization to `request`, replacing those of the same realm. `nonce_count` starts at 1. */
int pp_demand_meet(const pp_demand *demand, const pp_rng *rng, uint32_t nonce_count,
                   pp_outgoing *request);
/* Whether the request carries an answer to that realm; to Bearer, any token. */
bool pp_demand_was_met(const pp_demand *demand, const pp_outgoing *request);
/* Whether it carries an answer of ours to that very challenge. */
bool pp_demand_is_met(const pp_demand *demand, const pp_outgoing *request);
/* Realms, with backslashes where they were quoted, compared as they mean: "a\b" is "ab". */
bool pp_realm_same(pp_str a, pp_str b);
bool pp_realm_is(pp_str realm, const char *plain);

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
/* HA1 of user name, realm and password in hex, from `ha1` or into it. */
int pp_digest_ha1(pp_ha1 *ha1, const pp_digest_input *input, char *out);
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
