/* auth_param.h - "Digest name=value, name="value"": the form that challenges and credentials share (RFC 7235 section 2.1). */
#ifndef PP_SIP_AUTH_PARAM_H
#define PP_SIP_AUTH_PARAM_H

#include "crypto/hash.h"

typedef struct pp_auth_param {
    pp_str name;
    pp_str value; /* quotes off, backslashes kept */
} pp_auth_param;

typedef enum pp_auth_scheme { PP_AUTH_OTHER, PP_AUTH_DIGEST, PP_AUTH_BEARER } pp_auth_scheme;

/* Takes the scheme off the front. */
pp_auth_scheme pp_auth_scheme_of(pp_str *rest);
/* What may stand behind "Bearer" (RFC 6750 section 2.1, b64token). */
bool pp_auth_is_token(pp_str text);
/* 1 and the next parameter, 0 at the end, -1 where the text goes wrong. Anything without '=' is passed over. */
int pp_auth_param_next(pp_str *rest, pp_auth_param *out);
/* Where the value of a name goes: a pp_str at that offset of a struct. Names have 2 to 24 octets; a row without one is the last. */
typedef struct pp_auth_slot {
    pp_str name;
    size_t offset;
} pp_auth_slot;
#define PP_AUTH_SLOT(type, member)                                                                 \
    {                                                                                              \
        PP_LIT_INIT(#member), offsetof(type, member)                                               \
    }
/* Puts the value where it belongs, if it is known at all; false when something is there already. */
bool pp_auth_param_sort(const pp_auth_slot *slots, void *parts, const pp_auth_param *param);
/* "MD5", "SHA-256", "SHA-512-256", each perhaps with "-sess"; an empty name is MD5. */
bool pp_auth_algorithm(pp_str name, pp_hash *hash, bool *session);

#endif
