/* mac.c - HMAC-SHA1 on states that are kept. */
#include "srtp/mac.h"

#include <openssl/crypto.h>

static void begin(SHA_CTX *state, const uint8_t key[20], uint8_t pad)
{
    uint8_t block[SHA_CBLOCK];

    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = (uint8_t)((i < 20 ? key[i] : 0) ^ pad);
    SHA1_Init(state);
    SHA1_Update(state, block, sizeof(block));
    OPENSSL_cleanse(block, sizeof(block));
}

void pp_srtp_mac_init(pp_srtp_mac *mac, const uint8_t key[20])
{
    begin(&mac->inner, key, 0x36);
    begin(&mac->outer, key, 0x5C);
}

void pp_srtp_mac_make(const pp_srtp_mac *mac, const uint8_t *data, size_t size,
                      const uint8_t word[4], uint8_t out[20])
{
    SHA_CTX state = mac->inner;

    SHA1_Update(&state, data, size);
    SHA1_Update(&state, word, 4);
    SHA1_Final(out, &state);
    state = mac->outer;
    SHA1_Update(&state, out, 20);
    SHA1_Final(out, &state); /* which leaves nothing of the key in the state */
}
