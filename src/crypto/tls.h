/* tls.h - TLS 1.2 and 1.3 as a machine: octets in, octets out, no socket inside (OpenSSL with an own BIO). */
#ifndef PP_CRYPTO_TLS_H
#define PP_CRYPTO_TLS_H

#include "crypto/certificate.h"

typedef struct pp_tls_context
    pp_tls_context;           /* settings shared by connections; reference counted */
typedef struct pp_tls pp_tls; /* one connection's machine */

typedef enum pp_tls_version { PP_TLS_1_2, PP_TLS_1_3 } pp_tls_version;

typedef struct pp_tls_client_options {
    const char *ca_file;          /* NULL: the system's authorities */
    const char *certificate_file; /* ours, for a server that asks; NULL: none */
    const char *key_file;         /* NULL: the key is in certificate_file too */
    /* "sha256//<base64>;…": the server's certificate must have one of these public keys, also when it is not checked
     * otherwise. NULL: any */
    const char *pinned_keys;
    pp_tls_version oldest; /* that is spoken */
    const char
        *protocol; /* of the application, offered by ALPN (RFC 7301): "http/1.1"; NULL: none */
    bool insecure; /* the chain, the name and the dates are not looked at */
} pp_tls_client_options;

/* PIPIT_ERR_NOT_FOUND, PIPIT_ERR_IO or PIPIT_ERR_TLS for a file that cannot be used, PIPIT_ERR_SYNTAX for a pin. Tickets
 * of servers are kept in it, for the next connection to each. */
int pp_tls_client_context_new(const pp_tls_client_options *options, pp_tls_context **out);
/* The one in `list` that was made of the same options and of files that are as they were, or a new one, which is in the
 * list as long as somebody holds it: the system's authorities alone take megabytes. The list must outlive the contexts. */
int pp_tls_client_context_shared(pp_tls_context **list, const pp_tls_client_options *options,
                                 pp_tls_context **out);
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
bool pp_tls_is_resumed(const pp_tls *tls); /* without a new look at the certificate */

#endif
