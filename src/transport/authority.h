/* authority.h - "user:password@host:port", the middle of a URL, taken apart (RFC 3986 section 3.2). */
#ifndef PP_TRANSPORT_AUTHORITY_H
#define PP_TRANSPORT_AUTHORITY_H

#include "base/str.h"

typedef struct pp_authority { /* slices of the text */
    pp_str user_info;         /* p is NULL where there is none */
    pp_str host;              /* without brackets */
    bool is_ipv6;
    pp_str port;     /* empty when none is given */
    uint16_t number; /* of the port; left as it was when none is given */
} pp_authority;

/* NULL, or what is wrong with it: a sentence that has nothing of the text, which may hold a password. */
const char *pp_authority_parse(pp_str text, pp_authority *out);
/* "Basic …" of a user info (RFC 7617): percent-decoded, a secret, to be freed with pp_free_secret(). 0,
 * PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY. */
int pp_authority_basic(pp_str user_info, char **out);

#endif
