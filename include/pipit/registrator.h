/** @file registrator.h  Registration (RFC 3261 section 10): the part of a user agent that keeps its binding alive. */
#ifndef PIPIT_REGISTRATOR_H
#define PIPIT_REGISTRATOR_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Registers now and keeps the binding refreshed. Emits `registered` or `registration_failed` later.
 *  @return 0, PIPIT_ERR_STATE when the user agent is not connected (the failure event comes too).  JsSIP: ua.register() */
PIPIT_API int pipit_ua_register(pipit_ua *ua);

/** Removes our binding, or all of the account's. Emits `unregistered` later. While a first REGISTER is on its way, its
 *  answer is waited for. Nothing is registered again before pipit_ua_register().
 *  @param all  true for every binding ("Contact: *")
 *  @return 0, PIPIT_ERR_STATE when neither registered nor about to be.  JsSIP: ua.unregister({all}) */
PIPIT_API int pipit_ua_unregister(pipit_ua *ua, bool all);

/** Sets header lines for every REGISTER from now on, also the one that unregisters.
 *  @param lines  "Name: value", NULL at the end; copied. NULL: none any more
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.  JsSIP: registrator.setExtraHeaders() */
PIPIT_API int pipit_ua_set_registrator_extra_headers(pipit_ua *ua, const char *const *lines);

/** Sets parameters for our Contact in every REGISTER from now on; not for the "*" of pipit_ua_unregister().
 *  @param params  "name", "name=token" or "name=\"text\"" ("q=0.5"), NULL at the end; copied. NULL: none any more
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_ARGUMENT for one that the user agent sets itself (expires, reg-id,
 *          +sip.instance, +sip.ice), PIPIT_ERR_MEMORY.  JsSIP: registrator.setExtraContactParams() */
PIPIT_API int pipit_ua_set_registrator_extra_contact_params(pipit_ua *ua,
                                                            const char *const *params);

/** @return whether the registrar holds our binding.  JsSIP: ua.isRegistered() */
PIPIT_API bool pipit_ua_is_registered(const pipit_ua *ua);

/** @return seconds the registrar granted last, 0 when not registered */
PIPIT_API unsigned pipit_ua_registration_expires(const pipit_ua *ua);

/** @return whether the registrar said that it keeps our connection as the way to us (RFC 5626 section 6: Require: outbound) */
PIPIT_API bool pipit_ua_outbound(const pipit_ua *ua);

#ifdef __cplusplus
}
#endif
#endif
