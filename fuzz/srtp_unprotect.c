/* srtp_unprotect.c - anything as a packet: nobody without the key gets one accepted, and what we seal we open.
 * FUZZ: srtp */
#include "srtp/srtp.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 2048

static const uint8_t key[32] = "a key that the fuzzer has not", salt[14] = "nor this salt";

typedef int protect_function(pp_srtp *srtp, uint8_t *packet, size_t *size, size_t capacity);
typedef int unprotect_function(pp_srtp *srtp, uint8_t *packet, size_t *size);

/* As it is, it is a forgery, and stays as it was. */
static void open_forged(pp_srtp *receiver, unprotect_function *unprotect, const uint8_t *data,
                        size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    size_t n = size;

    CHECK(copy != NULL);
    memcpy(copy, data, size);
    CHECK(unprotect(receiver, copy, &n) != 0);
    CHECK(n == size && memcmp(copy, data, size) == 0);
    free(copy);
}

/* Sealed, it is opened once, and never with a changed octet. */
static void seal_and_open(pp_srtp *sender, pp_srtp *receiver, protect_function *protect,
                          unprotect_function *unprotect, const uint8_t *data, size_t size,
                          unsigned at)
{
    static uint8_t sealed[ROOM + PP_SRTP_OVERHEAD], copy[ROOM + PP_SRTP_OVERHEAD];
    size_t n = size, opened;

    memcpy(sealed, data, size);
    if (protect(sender, sealed, &n, sizeof(sealed)) != 0) {
        CHECK(n == size && memcmp(sealed, data, size) == 0);
        return;
    }
    CHECK(n > size && n <= size + PP_SRTP_OVERHEAD);
    if (size > 1400)
        return;
    memcpy(copy, sealed, n);
    copy[at % n] ^= 1;
    opened = n;
    CHECK(unprotect(receiver, copy, &opened) != 0 && opened == n);
    memcpy(copy, sealed, n);
    CHECK(unprotect(receiver, copy, &opened) == 0);
    CHECK(opened == size && memcmp(copy, data, size) == 0);
    opened = n;
    CHECK(unprotect(receiver, sealed, &opened) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_srtp *sender = NULL, *receiver = NULL;
    pp_srtp_profile profile;
    bool rtcp;
    unsigned at;

    if (size < 2 || size - 2 > ROOM)
        return 0;
    profile = (pp_srtp_profile)(PP_SRTP_AES128_CM_SHA1_80 + data[0] % 4);
    rtcp = data[0] & 0x80;
    at = data[1];
    data += 2;
    size -= 2;
    CHECK(pp_srtp_new(profile, key, salt, &sender) == 0 &&
          pp_srtp_new(profile, key, salt, &receiver) == 0);
    open_forged(receiver, rtcp ? pp_srtp_unprotect_rtcp : pp_srtp_unprotect, data, size);
    seal_and_open(sender, receiver, rtcp ? pp_srtp_protect_rtcp : pp_srtp_protect,
                  rtcp ? pp_srtp_unprotect_rtcp : pp_srtp_unprotect, data, size, at);
    pp_srtp_free(sender);
    pp_srtp_free(receiver);
    return 0;
}
