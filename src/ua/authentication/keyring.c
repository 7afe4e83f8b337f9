/* keyring.c - credentials an application gave for a realm, until they are refused. */
#include "ua/authentication/keyring.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "sip/auth_param.h"
#include "sip/lexer.h"
#include "ua/configuration.h"

struct pp_key {
    pp_key *next;
    char *realm; /* without quotes and backslashes */
    char *user;  /* NULL: the account's */
    char *password, *ha1, *ha1_sha256, *token;
};

static bool is_hash(const char *text, size_t size)
{
    return !text || (strlen(text) == size && pp_str_is(pp_str_c(text), PP_CHAR_HEX));
}

int pp_keyring_check(const pipit_credentials *given)
{
    if (!given->password && !given->ha1 && !given->ha1_sha256 && !given->token)
        return pp_error(PIPIT_ERR_ARGUMENT, "credentials: there is nothing in them");
    if (given->authorization_user && (!pp_str_is_line(pp_str_c(given->authorization_user)) ||
                                      !pp_str_is_utf8(pp_str_c(given->authorization_user))))
        return pp_error(PIPIT_ERR_SYNTAX,
                        "credentials: authorization_user is not one line of UTF-8");
    if (given->token && !pp_auth_is_token(pp_str_c(given->token)))
        return pp_error(PIPIT_ERR_SYNTAX, "credentials: token holds what no token does");
    if (!is_hash(given->ha1, PP_HA1_SIZE) || !is_hash(given->ha1_sha256, PP_HA1_SHA256_SIZE))
        return pp_error(PIPIT_ERR_SYNTAX, "credentials: ha1 or ha1_sha256 is no such hash");
    return 0;
}

static void free_key(pp_key *key)
{
    pp_free(key->realm);
    pp_free_secret(key->user);
    pp_free_secret(key->password);
    pp_free_secret(key->ha1);
    pp_free_secret(key->ha1_sha256);
    pp_free_secret(key->token);
    pp_free(key);
}

static bool copy(const char *text, char **out)
{
    *out = pp_strdup(text);
    return *out || !text;
}

static pp_key *new_key(const char *realm, const pipit_credentials *given)
{
    pp_key *key = PP_NEW(pp_key);

    if (!key)
        return NULL;
    if (copy(realm, &key->realm) && copy(given->authorization_user, &key->user) &&
        copy(given->password, &key->password) && copy(given->ha1, &key->ha1) &&
        copy(given->ha1_sha256, &key->ha1_sha256) && copy(given->token, &key->token))
        return key;
    free_key(key);
    return NULL;
}

static void remove_at(pp_keyring *keyring, pp_key **at)
{
    pp_key *key = *at;

    *at = key->next;
    keyring->count--;
    free_key(key);
}

static void drop_oldest(pp_keyring *keyring)
{
    pp_key **at = &keyring->keys;

    while ((*at)->next)
        at = &(*at)->next;
    remove_at(keyring, at);
}

int pp_keyring_put(pp_keyring *keyring, const char *realm, const pipit_credentials *given)
{
    pp_key *key = new_key(realm, given);

    if (!key)
        return PIPIT_ERR_MEMORY;
    for (pp_key **at = &keyring->keys; *at; at = &(*at)->next)
        if (strcmp((*at)->realm, realm) == 0) {
            remove_at(keyring, at);
            break;
        }
    key->next = keyring->keys;
    keyring->keys = key;
    if (++keyring->count > PP_LIMIT_REALMS)
        drop_oldest(keyring);
    return 0;
}

void pp_keyring_remove(pp_keyring *keyring, pp_str realm)
{
    for (pp_key **at = &keyring->keys; *at; at = &(*at)->next)
        if (pp_realm_is(realm, (*at)->realm)) {
            remove_at(keyring, at);
            return;
        }
}

int pp_keyring_chain(const pp_keyring *keyring, const pp_credentials *last,
                     pp_credentials **storage)
{
    pp_credentials *chain = NULL;
    size_t i = 0;

    if (keyring->keys) {
        chain = pp_array(keyring->count, sizeof(*chain));
        if (!chain)
            return PIPIT_ERR_MEMORY;
    }
    for (const pp_key *key = keyring->keys; key; key = key->next, i++)
        chain[i] = (pp_credentials){.username = key->user ? key->user : last->username,
                                    .password = key->password,
                                    .ha1 = key->ha1,
                                    .ha1_sha256 = key->ha1_sha256,
                                    .token = key->token,
                                    .realm = key->realm,
                                    .next = key->next ? &chain[i + 1] : last};
    *storage = chain;
    return 0;
}

void pp_keyring_free(pp_keyring *keyring)
{
    while (keyring->keys)
        remove_at(keyring, &keyring->keys);
}
