/* challenge.c - what a server wants to know (RFC 7616 section 3.3). */
#include "base/error.h"
#include "sip/auth_param.h"
#include "sip/digest.h"

typedef struct parts {
    pp_str realm, nonce, opaque, algorithm, qop, stale, userhash;
} parts;

static const pp_auth_slot slots[] = {PP_AUTH_SLOT(parts, realm),    PP_AUTH_SLOT(parts, nonce),
                                     PP_AUTH_SLOT(parts, opaque),   PP_AUTH_SLOT(parts, algorithm),
                                     PP_AUTH_SLOT(parts, qop),      PP_AUTH_SLOT(parts, stale),
                                     PP_AUTH_SLOT(parts, userhash), {PP_LIT_INIT(""), 0}};

/* "auth,auth-int": what is known of it. */
static void read_qop(pp_str list, pp_challenge *challenge)
{
    pp_str option;

    while (pp_list_next(&list, &option)) {
        challenge->qop_auth |= pp_str_ieq(option, PP_LIT("auth"));
        challenge->qop_auth_int |= pp_str_ieq(option, PP_LIT("auth-int"));
    }
}

int pp_challenge_parse(pp_str value, pp_challenge *out)
{
    pp_challenge challenge = {.algorithm = PP_HASH_MD5};
    pp_str rest = value;
    pp_auth_param param;
    parts p = {.realm = PP_STR_NONE};
    int more;

    if (!pp_auth_is_digest(&rest)) {
        *out = challenge;
        return 0;
    }
    while ((more = pp_auth_param_next(&rest, &param)) > 0)
        if (!pp_auth_param_sort(slots, &p, &param))
            return pp_error(PIPIT_ERR_SYNTAX, "challenge: a parameter is given twice");
    if (more < 0 || !pp_str_is_line(value))
        return pp_error(PIPIT_ERR_SYNTAX, "challenge: a parameter is malformed");
    if (!p.realm.p || !p.nonce.p)
        return pp_error(PIPIT_ERR_SYNTAX, "challenge: realm or nonce is missing");
    read_qop(p.qop, &challenge);
    challenge.supported =
        pp_auth_algorithm(p.algorithm, &challenge.algorithm, &challenge.session) &&
        (!p.qop.p || challenge.qop_auth || challenge.qop_auth_int);
    challenge.stale = pp_str_ieq(p.stale, PP_LIT("true"));
    challenge.userhash = pp_str_ieq(p.userhash, PP_LIT("true"));
    challenge.realm = p.realm;
    challenge.nonce = p.nonce;
    challenge.opaque = p.opaque;
    challenge.algorithm_name = p.algorithm;
    *out = challenge;
    return 0;
}
