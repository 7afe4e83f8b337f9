/* authorization.c - what a client answers to a challenge, for a server to check (RFC 7616 section 3.4). */
#include "base/error.h"
#include "sip/auth_param.h"
#include "sip/digest.h"
#include "sip/lexer.h"

typedef struct parts {
    pp_str username, realm, nonce, uri, response, algorithm, qop, nc, cnonce, opaque, userhash;
} parts;

static const pp_auth_slot slots[] = {
    PP_AUTH_SLOT(parts, username), PP_AUTH_SLOT(parts, realm),    PP_AUTH_SLOT(parts, nonce),
    PP_AUTH_SLOT(parts, uri),      PP_AUTH_SLOT(parts, response), PP_AUTH_SLOT(parts, algorithm),
    PP_AUTH_SLOT(parts, qop),      PP_AUTH_SLOT(parts, nc),       PP_AUTH_SLOT(parts, cnonce),
    PP_AUTH_SLOT(parts, opaque),   PP_AUTH_SLOT(parts, userhash), {PP_LIT_INIT(""), 0}};

/* With a qop the count and the client's nonce are part of the answer (section 3.4). */
static bool qop_is_whole(const parts *p)
{
    if (!p->qop.p)
        return true;
    return p->nc.n == 8 && pp_str_is(p->nc, PP_CHAR_HEX) && p->cnonce.n > 0;
}

static bool qop_is_known(pp_str qop)
{
    return !qop.p || pp_str_eq(qop, PP_LIT("auth")) || pp_str_eq(qop, PP_LIT("auth-int"));
}

static int check(const parts *p)
{
    if (!p->username.p || !p->realm.p || !p->nonce.p || !p->uri.p || !p->response.p)
        return pp_error(PIPIT_ERR_SYNTAX,
                        "credentials: username, realm, nonce, uri or response is missing");
    if (!qop_is_whole(p))
        return pp_error(PIPIT_ERR_SYNTAX, "credentials: qop without cnonce or a good nc");
    return 0;
}

int pp_authorization_parse(pp_str value, pp_authorization *out)
{
    pp_authorization a = {.algorithm = PP_HASH_MD5};
    pp_str rest = value;
    pp_auth_param param;
    parts p = {.username = PP_STR_NONE};
    int more, err;

    if (pp_auth_scheme_of(&rest) != PP_AUTH_DIGEST) {
        *out = a;
        return 0;
    }
    while ((more = pp_auth_param_next(&rest, &param)) > 0)
        if (!pp_auth_param_sort(slots, &p, &param))
            return pp_error(PIPIT_ERR_SYNTAX, "credentials: a parameter is given twice");
    if (more < 0)
        return pp_error(PIPIT_ERR_SYNTAX, "credentials: a parameter is malformed");
    err = check(&p);
    if (err)
        return err;
    a.supported = pp_auth_algorithm(p.algorithm, &a.algorithm, &a.session) && qop_is_known(p.qop) &&
                  !pp_str_ieq(p.userhash, PP_LIT("true"));
    a.username = p.username;
    a.realm = p.realm;
    a.nonce = p.nonce;
    a.uri = p.uri;
    a.response = p.response;
    a.qop = p.qop;
    a.nc = p.nc;
    a.cnonce = p.cnonce;
    a.opaque = p.opaque;
    *out = a;
    return 0;
}

bool pp_authorization_check(const pp_authorization *authorization, pp_str password, pp_str method,
                            pp_str body)
{
    char expected[2 * PP_HASH_MAX + 1], given[2 * PP_HASH_MAX + 1] = "";
    pp_buf username = {0}, realm = {0};
    pp_digest_input input = {
        .algorithm = authorization->algorithm,
        .session = authorization->session,
        .password = password,
        .method = method,
        .uri = authorization->uri,
        .nonce = authorization->nonce,
        .cnonce = authorization->cnonce,
        .qop = authorization->qop,
        .nc = authorization->nc,
        .body = body,
    };
    size_t size = 2 * pp_hash_size(authorization->algorithm);
    bool fits = false;

    pp_unescape_quoted(authorization->username, &username);
    pp_unescape_quoted(authorization->realm, &realm);
    input.username = pp_buf_text(&username);
    input.realm = pp_buf_text(&realm);
    if (authorization->supported && authorization->response.n == size && !pp_buf_error(&username) &&
        !pp_buf_error(&realm) && pp_digest_response(&input, expected) == 0) {
        for (size_t i = 0; i < size; i++)
            given[i] = pp_lower(authorization->response.p[i]);
        fits = pp_equal_constant_time(expected, given, size);
    }
    pp_buf_free(&username);
    pp_buf_free(&realm);
    return fits;
}
