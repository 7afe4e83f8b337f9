/* account.h - what a receiver has played: out of packets, made up, put in and left out. By the W3C's words, and at 48,000 samples a
 * second whatever the codec. */
#ifndef PP_MEDIA_ACCOUNT_H
#define PP_MEDIA_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

enum { PP_ACCOUNT_RATE = 48000 };

typedef struct pp_account {
    uint64_t played;  /* totalSamplesReceived: all of them */
    uint64_t emitted; /* jitterBufferEmittedCount: out of packets */
    uint64_t concealed, silent_concealed, concealment_events;
    uint64_t inserted, removed; /* …ForDeceleration, …ForAcceleration */
    double delay_s,
        target_s; /* jitterBufferDelay, jitterBufferTargetDelay: of each sample, summed up */
    bool concealing;
} pp_account;

void pp_account_emitted(pp_account *account, uint64_t samples, double waited_s, double target_s);
/* In a row they are one event. */
void pp_account_concealed(pp_account *account, uint64_t samples, bool silent);

#endif
