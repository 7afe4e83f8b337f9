/* srtp.h - SRTP and SRTCP (RFC 3711, 7714) on OpenSSL's ciphers with kept contexts. One direction is one object. */
#ifndef PP_SRTP_SRTP_H
#define PP_SRTP_SRTP_H

#include "dtls/dtls.h"

typedef struct pp_srtp pp_srtp;

#define PP_SRTP_OVERHEAD 20 /* most octets protecting adds: tag 16 and the SRTCP index 4 */

int pp_srtp_new(pp_srtp_profile profile, const uint8_t *key, const uint8_t *salt, pp_srtp **out);
pp_srtp *pp_srtp_free(pp_srtp *srtp); /* keys are wiped; NULL is fine */
/* In place; `capacity` is what `packet` can hold. PIPIT_ERR_LIMIT when the tag does not fit, PIPIT_ERR_SYNTAX for no RTP. */
int pp_srtp_protect(pp_srtp *srtp, uint8_t *packet, size_t *size, size_t capacity);
int pp_srtp_protect_rtcp(pp_srtp *srtp, uint8_t *packet, size_t *size, size_t capacity);
/* In place: authenticated, then checked against replay (window 1,024), then decrypted. PIPIT_ERR_AUTHENTICATION for a forged
 * one, PIPIT_ERR_STATE for a replayed or too old one, PIPIT_ERR_SYNTAX. Nothing changes on failure.
 * At most 8 SSRCs at a time: a ninth that is authentic takes the place of the one heard longest ago, whose packets are replays
 * (PIPIT_ERR_STATE) from then on. A sender gets PIPIT_ERR_LIMIT for a ninth. */
int pp_srtp_unprotect(pp_srtp *srtp, uint8_t *packet, size_t *size);
int pp_srtp_unprotect_rtcp(pp_srtp *srtp, uint8_t *packet, size_t *size);

#endif
