/* srtp.c - what it costs to protect and to unprotect a packet with 160 octets of sound, beside libsrtp2: CPU time, the
 * best of several turns of both, one after the other. */
#include "srtp/srtp.h"

#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PACKETS 20000u
#define TURNS   7u
#define SIZE    172u /* 12 of the header, 160 of G.711 */

static uint8_t packets[PACKETS][SIZE + SRTP_MAX_TRAILER_LEN];
static size_t sizes[PACKETS];
static const uint8_t material[46] = "a key and a salt, which are not secret at all";

struct figures {
    double protect_ns, unprotect_ns;
};

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void must(bool done)
{
    if (!done) {
        fprintf(stderr, "srtp: a packet was refused\n");
        exit(EXIT_FAILURE);
    }
}

static void fill(void)
{
    for (unsigned i = 0; i < PACKETS; i++) {
        uint8_t *p = packets[i];

        memset(p, 0xD5, SIZE);
        memcpy(p, (uint8_t[]){0x80, 8, (uint8_t)(i >> 8), (uint8_t)i, 0, 0, 0, 0, 1, 2, 3, 4}, 12);
        sizes[i] = SIZE;
    }
}

static struct figures ours(pp_srtp_profile profile)
{
    size_t key_size = profile == PP_SRTP_AEAD_AES_256_GCM ? 32 : 16;
    pp_srtp *out = NULL, *in = NULL;
    double start, middle, end;

    must(pp_srtp_new(profile, material, material + key_size, &out) == 0);
    must(pp_srtp_new(profile, material, material + key_size, &in) == 0);
    fill();
    start = cpu_ns();
    for (unsigned i = 0; i < PACKETS; i++)
        must(pp_srtp_protect(out, packets[i], &sizes[i], sizeof(packets[i])) == 0);
    middle = cpu_ns();
    for (unsigned i = 0; i < PACKETS; i++)
        must(pp_srtp_unprotect(in, packets[i], &sizes[i]) == 0);
    end = cpu_ns();
    pp_srtp_free(out);
    pp_srtp_free(in);
    return (struct figures){(middle - start) / PACKETS, (end - middle) / PACKETS};
}

static srtp_t session(pp_srtp_profile profile, srtp_ssrc_type_t direction)
{
    srtp_policy_t policy = {.window_size = 1024, .ssrc = {.type = direction}};
    srtp_t made = NULL;

    if (profile == PP_SRTP_AES128_CM_SHA1_80)
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
    else if (profile == PP_SRTP_AEAD_AES_128_GCM)
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    else
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
    policy.rtcp = policy.rtp;
    policy.key = (unsigned char *)(uintptr_t)material;
    must(srtp_create(&made, &policy) == srtp_err_status_ok);
    return made;
}

static struct figures theirs(pp_srtp_profile profile)
{
    srtp_t out = session(profile, ssrc_any_outbound), in = session(profile, ssrc_any_inbound);
    double start, middle, end;

    fill();
    start = cpu_ns();
    for (unsigned i = 0; i < PACKETS; i++) {
        int size = (int)sizes[i];

        must(srtp_protect(out, packets[i], &size) == srtp_err_status_ok);
        sizes[i] = (size_t)size;
    }
    middle = cpu_ns();
    for (unsigned i = 0; i < PACKETS; i++) {
        int size = (int)sizes[i];

        must(srtp_unprotect(in, packets[i], &size) == srtp_err_status_ok);
    }
    end = cpu_ns();
    srtp_dealloc(out);
    srtp_dealloc(in);
    return (struct figures){(middle - start) / PACKETS, (end - middle) / PACKETS};
}

static void keep_best(struct figures *best, struct figures now)
{
    if (best->protect_ns == 0 || now.protect_ns < best->protect_ns)
        best->protect_ns = now.protect_ns;
    if (best->unprotect_ns == 0 || now.unprotect_ns < best->unprotect_ns)
        best->unprotect_ns = now.unprotect_ns;
}

static void compare(pp_srtp_profile profile)
{
    struct figures our_best = {0}, their_best = {0};

    for (unsigned i = 0; i < TURNS; i++) {
        keep_best(&our_best, ours(profile));
        keep_best(&their_best, theirs(profile));
    }
    printf("%-24s protect %5.0f ns (libsrtp2 %5.0f, %.1f times)  unprotect %5.0f ns (libsrtp2 "
           "%5.0f, %.1f times)\n",
           pp_srtp_profile_name(profile), our_best.protect_ns, their_best.protect_ns,
           their_best.protect_ns / our_best.protect_ns, our_best.unprotect_ns,
           their_best.unprotect_ns, their_best.unprotect_ns / our_best.unprotect_ns);
}

int main(void)
{
    must(srtp_init() == srtp_err_status_ok);
    compare(PP_SRTP_AES128_CM_SHA1_80);
    compare(PP_SRTP_AEAD_AES_128_GCM);
    compare(PP_SRTP_AEAD_AES_256_GCM);
    srtp_shutdown();
    return EXIT_SUCCESS;
}
