/* association.h - OpenSSL's side of a DTLS association: settings, the datagram BIO, the keys for SRTP. */
#ifndef PP_DTLS_ASSOCIATION_H
#define PP_DTLS_ASSOCIATION_H

#include "dtls/dtls.h"

#include <openssl/ssl.h>

typedef struct pp_dtls_wire { /* what OpenSSL reads from and writes to; stays where it is */
    const uint8_t *input;     /* the datagram to be read; size 0: none */
    size_t input_size;
    bool (*output)(void *arg, const uint8_t *data,
                   size_t size);                  /* one datagram; false without memory */
    bool (*accepts)(void *arg, const X509 *x509); /* the peer's certificate */
    void *arg;
} pp_dtls_wire;

int pp_association_new(pp_certificate *certificate, bool client, pp_dtls_wire *wire, SSL **out);
/* Shows that certificate; one before it with a key of another kind stays. PIPIT_ERR_TLS. */
int pp_association_use(SSL *ssl, pp_certificate *certificate);
/* After the handshake. PIPIT_ERR_TLS when no SRTP profile was agreed. */
int pp_association_export(SSL *ssl, bool client, pp_srtp_keys *out);

#endif
