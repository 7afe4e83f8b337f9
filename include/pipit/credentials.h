/** @file credentials.h  Credentials that an application gives when a server asks for them, now or later. */
#ifndef PIPIT_CREDENTIALS_H
#define PIPIT_CREDENTIALS_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A server's question, until it is answered. Reference counted. */
typedef struct pipit_challenge pipit_challenge;

/** What a server asks for. */
typedef struct pipit_credentials_event {
    pipit_challenge *challenge; /**< to be answered; keep a reference to do it later */
    const char *method;         /**< of the request that was challenged: "REGISTER" */
    const char *scheme;         /**< "Digest" (RFC 7616), or "Bearer" (RFC 8898): a token */
    const char *realm;          /**< "" when a Bearer challenge names none */
    const char *algorithm; /**< of Digest: "SHA-256", "MD5"; "" when it names none, which is MD5 */
    const char
        *authz_server; /**< of Bearer: the URL of the server that gives tokens; "" for none */
    const char *scope; /**< of Bearer; "" for none */
    const char *error; /**< of Bearer: "invalid_token"; "" for none */
    bool proxy;        /**< a proxy asks (407), not the server at the end (401) */
    bool stale;        /**< of Digest: the server says that only its nonce was old */
    bool refused;      /**< what it was given before is wrong, or a token that has run out */
} pipit_credentials_event;

/** What is given. Strings are copied, and wiped when they go. They serve all challenges of that realm from then on. */
typedef struct pipit_credentials {
    const char *authorization_user; /**< NULL: that of the configuration */
    const char *password;
    const char *ha1;        /**< MD5 of user:realm:password, instead of `password` */
    const char *ha1_sha256; /**< the same by SHA-256 */
    const char *
        token; /**< for Bearer. It also takes the place of a bearer `authorization_jwt` that the server at the
                                 end has refused */
} pipit_credentials;

/** Called when a challenge cannot be answered with what is known: nothing fits its realm, or what fits was refused. Answer with
 *  pipit_challenge_answer(), from here, or later, and then keep a reference. When it is neither answered nor kept, the request
 *  fails with the challenge. A request asks for one token at most. Bearer challenges come here over TLS only, unless
 *  `allow_insecure_authorization` is set; Basic is never answered.
 *  @param user  of the configuration */
typedef void pipit_credentials_function(pipit_ua *ua, const pipit_credentials_event *event,
                                        void *user);

/** Answers a challenge. The request goes again, later and not from here.
 *  @param credentials  copied; NULL: there are none, and the request fails with the challenge
 *  @return 0, PIPIT_ERR_ARGUMENT without a challenge or with nothing in `credentials`, PIPIT_ERR_SYNTAX for a token or hash
 *          that cannot be one, PIPIT_ERR_STATE when it was answered or nobody waits for it any more, PIPIT_ERR_MEMORY
 *          (then it can still be answered).  Since: 0.1 */
PIPIT_API int pipit_challenge_answer(pipit_challenge *challenge,
                                     const pipit_credentials *credentials);

/** @return the same challenge, which now must be released once more */
PIPIT_API pipit_challenge *pipit_challenge_ref(pipit_challenge *challenge);
/** Releases a reference; a challenge that nobody holds and nobody has answered counts as answered with NULL.  @return NULL */
PIPIT_API pipit_challenge *pipit_challenge_unref(pipit_challenge *challenge);

#ifdef __cplusplus
}
#endif
#endif
