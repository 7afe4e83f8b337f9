/* account.c - what a receiver has played. */
#include "media/account.h"

void pp_account_emitted(pp_account *account, uint64_t samples, double waited_s, double target_s)
{
    account->emitted += samples;
    account->delay_s += (waited_s > 0 ? waited_s : 0) * (double)samples;
    account->target_s += target_s * (double)samples;
    account->concealing = false;
}

void pp_account_concealed(pp_account *account, uint64_t samples, bool silent)
{
    if (!samples)
        return;
    account->concealed += samples;
    if (silent)
        account->silent_concealed += samples;
    if (!account->concealing)
        account->concealment_events++;
    account->concealing = true;
}
