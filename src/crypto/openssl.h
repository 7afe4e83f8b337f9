/* openssl.h - what crypto/ and dtls/ need to get on with OpenSSL. */
#ifndef PP_CRYPTO_OPENSSL_H
#define PP_CRYPTO_OPENSSL_H

/* Why the last call of OpenSSL failed, in its own words ("no start line"), and the queue of errors
 * is emptied: what is left in it would be taken for the result of another connection's call. Never
 * NULL. */
const char *pp_openssl_reason(void);

#endif
