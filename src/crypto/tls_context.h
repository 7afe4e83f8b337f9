/* tls_context.h - what tls_context.c, tls_reason.c and tls.c share. */
#ifndef PP_CRYPTO_TLS_CONTEXT_H
#define PP_CRYPTO_TLS_CONTEXT_H

#include "crypto/tls.h"

#include <openssl/ssl.h>

#define PP_TLS_REASON 512 /* octets of a sentence; a longer one is cut */

struct pp_tls_context {
    unsigned references;
    bool server;
    SSL_CTX *ssl;
};

/* The sentence for a certificate that was not accepted. `name`: what we wanted to reach. */
void pp_tls_explain_certificate(X509_STORE_CTX *store, const char *name, char out[PP_TLS_REASON]);
/* The sentence for anything else that went wrong, from OpenSSL's queue of errors, which is emptied.
 */
void pp_tls_explain_failure(bool established, char out[PP_TLS_REASON]);

#endif
