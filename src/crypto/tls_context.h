/* tls_context.h - what the files of TLS share. */
#ifndef PP_CRYPTO_TLS_CONTEXT_H
#define PP_CRYPTO_TLS_CONTEXT_H

#include "base/limits.h"
#include "crypto/tls.h"

#include <openssl/ssl.h>

#define PP_TLS_REASON 512 /* octets of a sentence; a longer one is cut */

/* What a server gave for the next connection: a session in DER, which has its keys. */
typedef struct pp_tls_ticket {
    char *name; /* what the certificate was checked against; NULL: a free place */
    uint8_t *der;
    size_t size;
} pp_tls_ticket;

struct pp_tls_context {
    unsigned references;
    bool server, insecure;
    SSL_CTX *ssl;
    char *pins; /* NULL: none */

    pp_tls_ticket tickets[PP_LIMIT_TLS_TICKETS];
    size_t next_ticket; /* where the next new name goes: the oldest makes room */

    char *likeness; /* the options as a text; NULL: not shared */
    pp_tls_context **list, *next;
};

/* tls_pin.c */
int pp_tls_check_pins(const char *pins);
/* Whether `pins` has the key of this X509. */
bool pp_tls_has_pinned_key(const char *pins, const X509 *x509);
/* "sha256//…" of its key, as a pin is written. */
int pp_tls_pin_of(const X509 *x509, pp_buf *out);

/* tls_ticket.c */
void pp_tls_keep_ticket(pp_tls_context *context, const char *name, SSL_SESSION *session);
/* Hands the ticket for `name` to a connection that begins, when there is one that is good at its time. */
void pp_tls_use_ticket(const pp_tls_context *context, const char *name, SSL *ssl);
/* A handshake did not come to its end: the ticket may be why. */
void pp_tls_drop_ticket(pp_tls_context *context, const char *name);
void pp_tls_drop_tickets(pp_tls_context *context);

/* Of a connection's SSL, for the callbacks of a context. */
int pp_tls_verify_chain(X509_STORE_CTX *store, void *arg);
int pp_tls_ticket_came(SSL *ssl, SSL_SESSION *session);

/* The sentence for a certificate that was not accepted. `name`: what we wanted to reach. */
void pp_tls_explain_certificate(X509_STORE_CTX *store, const char *name, char out[PP_TLS_REASON]);
void pp_tls_explain_pin(const X509 *x509, const char *name, char out[PP_TLS_REASON]);
/* The sentence for anything else that went wrong, from OpenSSL's queue of errors, which is emptied.
 */
void pp_tls_explain_failure(bool established, char out[PP_TLS_REASON]);

#endif
