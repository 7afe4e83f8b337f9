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

/** Removes our binding, or all of the account's. Emits `unregistered` later.
 *  @param all  true for every binding ("Contact: *")
 *  @return 0, PIPIT_ERR_STATE when not registered.  JsSIP: ua.unregister({all}) */
PIPIT_API int pipit_ua_unregister(pipit_ua *ua, bool all);

/** @return whether the registrar holds our binding.  JsSIP: ua.isRegistered() */
PIPIT_API bool pipit_ua_is_registered(const pipit_ua *ua);

/** @return seconds the registrar granted last, 0 when not registered */
PIPIT_API unsigned pipit_ua_registration_expires(const pipit_ua *ua);

#ifdef __cplusplus
}
#endif
#endif
