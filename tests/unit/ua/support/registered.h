/* registered.h - a stage whose user agent registers: alice, with her registrar as the test. */
#ifndef PP_TESTS_UNIT_UA_REGISTERED_H
#define PP_TESTS_UNIT_UA_REGISTERED_H

#include "unit/ua/support/stage.h"

#define INSTANCE "0f4e9c2a-1b3d-4c5e-8f60-718293a4b5c6"

/* Her REGISTER is out, and in at->last. */
stage *stage_registering(void);
/* The same with more said: uri and instance are set here. */
stage *stage_registering_with(pipit_ua_configuration configuration);
/* A 2xx with our binding among others; `params` go behind it, `lines` are more header lines or NULL. */
void grant_with(stage *at, const char *params, const char *lines);
void grant(stage *at, const char *params);
stage *stage_registered(void);

#endif
