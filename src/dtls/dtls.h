/* dtls.h - DTLS 1.2 for SRTP and data (RFC 6347, 5764, 8261, 8842) as a machine: datagrams and time in, datagrams and a deadline out.
 * Retransmission runs under the caller's clock, not OpenSSL's. */
#ifndef PP_DTLS_DTLS_H
#define PP_DTLS_DTLS_H

#include "crypto/certificate.h"

typedef struct pp_dtls pp_dtls;

typedef enum pp_srtp_profile {
    PP_SRTP_NONE,
    PP_SRTP_AES128_CM_SHA1_80,
    PP_SRTP_AES128_CM_SHA1_32, /* RFC 5764 section 4.1.2: a tag of 4 octets on RTP, of 10 on RTCP */
    PP_SRTP_AEAD_AES_128_GCM,
    PP_SRTP_AEAD_AES_256_GCM
} pp_srtp_profile;

typedef struct pp_srtp_keys { /* wiped by whoever holds it */
    pp_srtp_profile profile;
    uint8_t local_key[32], local_salt[14], remote_key[32], remote_salt[14];
    size_t key_size, salt_size;
} pp_srtp_keys;

typedef struct pp_dtls_handlers {
    void (*send)(void *arg, const uint8_t *data, size_t size); /* one datagram */
    /* The handshake is done and the peer's certificate fits a fingerprint that was given. */
    void (*connected)(void *arg, const pp_srtp_keys *keys);
    /* Once, last: an alert, a fingerprint that does not fit, no SRTP profile, no answer for 30 s; or error 0 when the peer closed. */
    void (*closed)(void *arg, int error, const char *reason);
    /* Data of the peer, a record at a time, after `connected`. NULL: it is dropped. */
    void (*data)(void *arg, const uint8_t *data, size_t size);
} pp_dtls_handlers;

/* `client`: begins (a=setup:active). A server reassembles a fragmented ClientHello. */
int pp_dtls_new(pp_certificate *certificate, bool client, const pp_dtls_handlers *handlers,
                void *arg, pp_dtls **out);
/* Another one with a key of another kind, before the start: the server shows the one that the client understands. PIPIT_ERR_TLS. */
int pp_dtls_add_certificate(pp_dtls *dtls, pp_certificate *certificate);
pp_dtls *pp_dtls_free(pp_dtls *dtls); /* NULL is fine; safe inside a handler; wipes its keys */
/* A fingerprint the peer's certificate may have: "sha-256" and "AB:CD:…", any letter case; md5 and sha-1 are refused. Several may
 * be added, one must fit. Without any the handshake waits, with no limit in time, before the peer's certificate is looked at
 * (early ClientHello); it goes on inside this call, so handlers may be called and the deadline changes.
 * PIPIT_ERR_NOT_SUPPORTED for a hash that is not accepted, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT. */
int pp_dtls_add_fingerprint(pp_dtls *dtls, pp_str hash, pp_str value);
void pp_dtls_start(pp_dtls *dtls, uint64_t now_us);
void pp_dtls_receive(pp_dtls *dtls, const uint8_t *data, size_t size, uint64_t now_us);
void pp_dtls_tick(pp_dtls *dtls, uint64_t now_us);
uint64_t pp_dtls_deadline_us(const pp_dtls *dtls);
/* One record of data in one datagram, sent once. PIPIT_ERR_STATE while not connected, PIPIT_ERR_LIMIT above PP_LIMIT_DTLS_DATA,
 * PIPIT_ERR_MEMORY. */
int pp_dtls_send(pp_dtls *dtls, const uint8_t *data, size_t size);
void pp_dtls_close(pp_dtls *dtls);               /* sends close_notify; `closed` is not called */
const char *pp_dtls_cipher(const pp_dtls *dtls); /* "DTLSv1.2 ECDHE-ECDSA-…", "" before connected */
const char *pp_srtp_profile_name(pp_srtp_profile profile);
bool pp_srtp_profile_is_gcm(pp_srtp_profile profile);
/* First octet 20..63 (RFC 7983). */
bool pp_dtls_is(const uint8_t *data, size_t size);

#endif
