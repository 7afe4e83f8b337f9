/* challenge.c - what a server wants to know (RFC 7616 section 3.3, RFC 8898 section 2.1). */
#include "base/error.h"
#include "sip/auth_param.h"
#include "sip/digest.h"

typedef struct parts {
    pp_str realm, nonce, opaque, algorithm, qop, stale, userhash;
    pp_str authz_server, scope, error; /* of Bearer */
} parts;

static const pp_auth_slot slots[] = {
    PP_AUTH_SLOT(parts, realm),    PP_AUTH_SLOT(parts, nonce),
    PP_AUTH_SLOT(parts, opaque),   PP_AUTH_SLOT(parts, algorithm),
    PP_AUTH_SLOT(parts, qop),      PP_AUTH_SLOT(parts, stale),
    PP_AUTH_SLOT(parts, userhash), PP_AUTH_SLOT(parts, authz_server),
    PP_AUTH_SLOT(parts, scope),    PP_AUTH_SLOT(parts, error),
    {PP_LIT_INIT(""), 0}};

/* "auth,auth-int": what is known of it. */
static void read_qop(pp_str list, pp_challenge *challenge)
{
    pp_str option;

    while (pp_list_next(&list, &option)) {
        challenge->qop_auth |= pp_str_ieq(option, PP_LIT("auth"));
        challenge->qop_auth_int |= pp_str_ieq(option, PP_LIT("auth-int"));
    }
}

static int read_parts(pp_str value, pp_str rest, parts *out)
{
    pp_auth_param param;
    int more;

    while ((more = pp_auth_param_next(&rest, &param)) > 0)
        if (!pp_auth_param_sort(slots, out, &param))
            return pp_error(PIPIT_ERR_SYNTAX, "challenge: a parameter is given twice");
    if (more < 0 || !pp_str_is_line(value))
        return pp_error(PIPIT_ERR_SYNTAX, "challenge: a parameter is malformed");
    return 0;
}

static int read_digest(const parts *p, pp_challenge *challenge)
{
    if (!p->realm.p || !p->nonce.p)
        return pp_error(PIPIT_ERR_SYNTAX, "challenge: realm or nonce is missing");
    read_qop(p->qop, challenge);
    challenge->supported =
        pp_auth_algorithm(p->algorithm, &challenge->algorithm, &challenge->session) &&
        (!p->qop.p || challenge->qop_auth || challenge->qop_auth_int);
    challenge->stale = pp_str_ieq(p->stale, PP_LIT("true"));
    challenge->userhash = pp_str_ieq(p->userhash, PP_LIT("true"));
    challenge->nonce = p->nonce;
    challenge->opaque = p->opaque;
    challenge->algorithm_name = p->algorithm;
    return 0;
}

int pp_challenge_parse(pp_str value, pp_challenge *out)
{
    pp_challenge challenge = {.algorithm = PP_HASH_MD5};
    pp_str rest = value;
    pp_auth_scheme scheme = pp_auth_scheme_of(&rest);
    parts p = {.realm = PP_STR_NONE};
    int err = 0;

    if (scheme != PP_AUTH_OTHER)
        err = read_parts(value, rest, &p);
    if (!err && scheme == PP_AUTH_DIGEST)
        err = read_digest(&p, &challenge);
    if (err)
        return err;
    challenge.bearer = scheme == PP_AUTH_BEARER;
    challenge.realm = p.realm;
    challenge.authz_server = p.authz_server;
    challenge.scope = p.scope;
    challenge.error = p.error;
    *out = challenge;
    return 0;
}
