/* tls.h - TLS 1.2 and 1.3 as a machine: octets in, octets out, no socket inside (OpenSSL with an own BIO). */
#ifndef PP_CRYPTO_TLS_H
#define PP_CRYPTO_TLS_H

#include "crypto/certificate.h"

typedef struct pp_tls_context
    pp_tls_context;           /* settings shared by connections; reference counted */
typedef struct pp_tls pp_tls; /* one connection's machine */

typedef struct pp_tls_client_options {
    const char *ca_file; /* NULL: the system's authorities */
    bool insecure;       /* no check at all */
} pp_tls_client_options;

int pp_tls_client_context_new(const pp_tls_client_options *options, pp_tls_context **out);
int pp_tls_server_context_new(pp_certificate *certificate, pp_tls_context **out);
pp_tls_context *pp_tls_context_ref(pp_tls_context *context);
pp_tls_context *pp_tls_context_unref(pp_tls_context *context);

typedef struct pp_tls_handlers {
    void (*output)(void *arg, const uint8_t *data, size_t size); /* octets for the peer */
    void (*established)(void *arg);
    void (*data)(void *arg, const uint8_t *data, size_t size); /* plain text that came */
    /* Once, the last call. error 0: close_notify. Else PIPIT_ERR_TLS and a sentence that says what is wrong with
     * the certificate and what to do ("the certificate is for example.org, not localhost", "… is signed by an unknown
     * authority: give its CA file"). */
    void (*closed)(void *arg, int error, const char *reason);
} pp_tls_handlers;

/* `name`: what a client checks the certificate against and sends as SNI (an IP literal is checked as an address and not
 * sent); NULL for a server. `wall_us`: now, for validity times. Handlers are never called from inside new; a handler may
 * free the machine. */
int pp_tls_new(pp_tls_context *context, const char *name, uint64_t wall_us,
               const pp_tls_handlers *handlers, void *arg, pp_tls **out);
void pp_tls_start(pp_tls *tls); /* begins the handshake: a client speaks first */
void pp_tls_receive(pp_tls *tls, const uint8_t *data, size_t size);
int pp_tls_send(pp_tls *tls, const void *data,
                size_t size);  /* PIPIT_ERR_STATE before established */
void pp_tls_shut(pp_tls *tls); /* sends close_notify */
pp_tls *pp_tls_free(pp_tls *tls);
const char *pp_tls_cipher(const pp_tls *tls);

#endif
