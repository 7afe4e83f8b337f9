/* schedule.c - when a REGISTER goes again: before the binding ends, and after a failure (RFC 5626 section 4.5). */
#include "base/error.h"
#include "base/limits.h"
#include "ua/ua.h"

/* --- before the end --------------------------------------------------------------------------- */

static void on_end(void *arg)
{
    pipit_ua *ua = arg;

    pp_registrator_drop(ua);
    pp_registrator_emit_unregistered(
        ua, &(pp_registration_end){.cause = PIPIT_CAUSE_EXPIRES,
                                   .reason = "nobody refreshed the registration"});
}

/* With a listener it is his to call pipit_ua_register(), in time. */
static void on_refresh(void *arg)
{
    pipit_ua *ua = arg;
    pp_registrator *r = &ua->registrator;
    uint64_t now_us = pp_loop_now_us(ua->loop);

    if (!PP_UA_LISTENS(ua, registration_expiring)) {
        pp_registrator_register(ua);
        return;
    }
    pp_loop_start_timer_us(ua->loop, &r->timer, r->end_us > now_us ? r->end_us - now_us : 0, on_end,
                           ua);
    PP_UA_EMIT_BARE(ua, registration_expiring);
}

/* JsSIP's moment: between 50 and 95 % of what was granted, so that many clients do not come at once. */
static uint64_t refresh_after_ms(const pipit_ua *ua, uint32_t expires_s)
{
    uint64_t half_ms = (uint64_t)expires_s * 500;

    if (expires_s <= 64)
        return ((uint64_t)expires_s - 5) * 1000;
    return half_ms + pp_rng_u64(&ua->loop->rng) % (half_ms - 32000);
}

void pp_registrator_schedule_refresh(pipit_ua *ua)
{
    pp_registrator *r = &ua->registrator;

    pp_loop_start_timer(ua->loop, &r->timer, refresh_after_ms(ua, r->granted_s), on_refresh, ua);
}

/* --- after a failure -------------------------------------------------------------------------- */

static void on_retry(void *arg)
{
    pp_registrator_register(arg);
}

/* What may go away by itself. Refused credentials and a wrong address do not. */
static bool is_passing(const pp_message *response)
{
    int status;

    if (!response)
        return true;
    status = response->status;
    if (status == 401 || status == 407)
        return false;
    if (pp_message_header(response, PP_HEADER_RETRY_AFTER, 0).p)
        return true;
    return status == 408 || status == 430 || status == 480 ||
           (status >= 500 && status < 600 && status != 501 && status != 505 && status != 513);
}

/* RFC 5626 section 4.5: doubled with each failure in a row up to a maximum, and of that between half and all, by chance. */
static uint64_t back_off_ms(const pipit_ua *ua)
{
    uint64_t max_ms = (uint64_t)ua->settings.registration_retry_max_s * 1000;
    uint64_t ms = (uint64_t)ua->settings.registration_retry_s * 1000;

    for (unsigned i = 1; i < ua->registrator.failures && ms < max_ms; i++)
        ms *= 2;
    if (ms > max_ms)
        ms = max_ms;
    return ms / 2 + pp_rng_u64(&ua->loop->rng) % (ms / 2 + 1);
}

static bool may_retry(const pipit_ua *ua, const pp_message *response)
{
    return ua->settings.registration_retry_s && ua->registrator.wanted && !ua->stopping &&
           pp_transport_is_connected(ua->transport) && is_passing(response);
}

unsigned pp_registrator_schedule_retry(pipit_ua *ua, const pp_message *response)
{
    pp_registrator *r = &ua->registrator;
    uint32_t asked_s = 0;
    uint64_t ms;

    r->failures++;
    if (!may_retry(ua, response))
        return 0;
    ms = back_off_ms(ua);
    if (response && pp_message_number(response, PP_HEADER_RETRY_AFTER, &asked_s)) {
        if (asked_s > PP_LIMIT_RETRY_AFTER_S)
            asked_s = PP_LIMIT_RETRY_AFTER_S;
        if (ms < (uint64_t)asked_s * 1000)
            ms = (uint64_t)asked_s * 1000;
    }
    pp_loop_start_timer(ua->loop, &r->timer, ms, on_retry, ua);
    return (unsigned)((ms + 999) / 1000);
}
