/* keyring.h - credentials an application gave for a realm, until they are refused. */
#ifndef PP_UA_KEYRING_H
#define PP_UA_KEYRING_H

#include "base/str.h"
#include "pipit/credentials.h"
#include "sip/digest.h"

typedef struct pp_key pp_key;

typedef struct pp_keyring {
    pp_key *keys; /* the newest first */
    unsigned count;
} pp_keyring;

/* PIPIT_ERR_ARGUMENT when nothing is given, PIPIT_ERR_SYNTAX. */
int pp_keyring_check(const pipit_credentials *given);
/* In place of what was there for the realm; the oldest gives way beyond PP_LIMIT_REALMS. */
int pp_keyring_put(pp_keyring *keyring, const char *realm, const pipit_credentials *given);
/* `realm` as in a challenge. */
void pp_keyring_remove(pp_keyring *keyring, pp_str realm);
/* The credentials of all keys, and `last` behind them: *storage is to be freed by pp_free(), NULL when there is no key. */
int pp_keyring_chain(const pp_keyring *keyring, const pp_credentials *last,
                     pp_credentials **storage);
void pp_keyring_free(pp_keyring *keyring);

#endif
