/* digest_answer.c - answering a 401 or 407 (RFC 3261 section 22, RFC 8760). */
#include "base/error.h"
#include "base/limits.h"
#include "sip/auth_param.h"
#include "sip/digest.h"
#include "sip/outgoing_inside.h"

#include <stdio.h>

#define CNONCE_SIZE 24 /* characters: 124 bits of chance */

/* Where a kind of challenge is read and answered. A proxy that forked may put both kinds into one response (section 16.7). */
static const struct kind {
    pp_header_id challenge, answer;
} kinds[] = {
    {PP_HEADER_WWW_AUTHENTICATE, PP_HEADER_AUTHORIZATION},
    {PP_HEADER_PROXY_AUTHENTICATE, PP_HEADER_PROXY_AUTHORIZATION},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

bool pp_realm_same(pp_str a, pp_str b)
{
    size_t i = 0, k = 0;

    while (i < a.n && k < b.n) {
        i += a.p[i] == '\\' && i + 1 < a.n;
        k += b.p[k] == '\\' && k + 1 < b.n;
        if (a.p[i++] != b.p[k++])
            return false;
    }
    return i == a.n && k == b.n;
}

bool pp_realm_is(pp_str realm, const char *plain)
{
    size_t i = 0;

    for (; i < realm.n && *plain; i++, plain++) {
        i += realm.p[i] == '\\' && i + 1 < realm.n;
        if (realm.p[i] != *plain)
            return false;
    }
    return i == realm.n && !*plain;
}

/* The hash that was given instead of a password, when it is by the algorithm that is asked for. */
static const char *hash_for(const pp_challenge *challenge, const pp_credentials *credentials)
{
    switch (challenge->algorithm) {
    case PP_HASH_MD5:
        return credentials->ha1;
    case PP_HASH_SHA256:
        return credentials->ha1_sha256;
    default:
        return NULL;
    }
}

static bool can_answer(const pp_challenge *challenge, const pp_credentials *credentials)
{
    if (credentials->realm && !pp_realm_is(challenge->realm, credentials->realm))
        return false;
    if (challenge->bearer)
        return credentials->token != NULL;
    if (!challenge->supported || !credentials->username)
        return false;
    return credentials->password || hash_for(challenge, credentials);
}

const pp_credentials *pp_credentials_for(const pp_credentials *credentials,
                                         const pp_challenge *challenge)
{
    while (credentials && !can_answer(challenge, credentials))
        credentials = credentials->next;
    return credentials;
}

/* --- which of them ---------------------------------------------------------------------------- */

static unsigned strength(const pp_challenge *challenge)
{
    if (challenge->bearer)
        return 4;
    switch (challenge->algorithm) {
    case PP_HASH_SHA512_256:
        return 3;
    case PP_HASH_SHA256:
        return 2;
    default:
        return 1;
    }
}

/* One of ours to think about. Each challenge is held against all others, so there is an end to them. */
static bool demand_at(const pp_demands *at, const pp_message *response, size_t index,
                      pp_demand *out)
{
    *out = (pp_demand){.answer = kinds[at->kind].answer};
    out->value = pp_message_header(response, kinds[at->kind].challenge, index);
    return pp_challenge_parse(out->value, &out->challenge) == 0 &&
           (out->challenge.supported || (out->challenge.bearer && at->bearer));
}

static bool is_first_of_realm(const pp_demands *at, const pp_message *response, size_t index,
                              pp_str realm)
{
    pp_demand other;

    for (size_t i = 0; i < index; i++)
        if (demand_at(at, response, i, &other) && pp_realm_same(other.challenge.realm, realm))
            return false;
    return true;
}

/* *out is the first of its realm, and gives way to a better one. */
static void choose(const pp_demands *at, const pp_message *response,
                   const pp_credentials *credentials, pp_demand *out)
{
    size_t count = pp_message_count(response, kinds[at->kind].challenge);
    pp_demand other;

    out->credentials = pp_credentials_for(credentials, &out->challenge);
    for (size_t i = at->index; i < count && i < PP_LIMIT_SIP_LIST; i++) {
        if (!demand_at(at, response, i, &other) ||
            !pp_realm_same(other.challenge.realm, out->challenge.realm))
            continue;
        other.credentials = pp_credentials_for(credentials, &other.challenge);
        if (!other.credentials == !out->credentials
                ? strength(&other.challenge) > strength(&out->challenge)
                : other.credentials != NULL)
            *out = other;
    }
}

bool pp_demands_next(pp_demands *at, const pp_message *response, const pp_credentials *credentials,
                     pp_demand *out)
{
    for (; at->kind < KINDS; at->kind++, at->index = 0) {
        size_t count = pp_message_count(response, kinds[at->kind].challenge);

        while (at->index < count && at->index < PP_LIMIT_SIP_LIST) {
            size_t index = at->index++;

            if (!demand_at(at, response, index, out) ||
                !is_first_of_realm(at, response, index, out->challenge.realm))
                continue;
            choose(at, response, credentials, out);
            return true;
        }
    }
    return false;
}

/* --- the answer ------------------------------------------------------------------------------- */

static bool is_bearer(pp_str value)
{
    return pp_auth_scheme_of(&value) == PP_AUTH_BEARER;
}

static bool is_answer(pp_str value, const pp_demand *demand)
{
    pp_authorization sent;

    if (demand->challenge.bearer)
        return is_bearer(value);
    return !is_bearer(value) && pp_authorization_parse(value, &sent) == 0 && sent.realm.p &&
           pp_realm_same(sent.realm, demand->challenge.realm);
}

bool pp_demand_was_met(const pp_demand *demand, const pp_outgoing *request)
{
    pp_str value;

    for (size_t i = 0; value = pp_outgoing_header(request, demand->answer, i), value.p; i++)
        if (is_answer(value, demand))
            return true;
    return false;
}

/* What was an answer to an earlier challenge is out of date. There is one server at the end: when it wants a digest, it
 * wants no token beside it. */
static void remove_old(pp_outgoing *request, const pp_demand *demand)
{
    size_t kept = 0;

    for (size_t i = 0; i < request->header_count; i++) {
        pp_header header = request->headers[i];
        bool old = header.id == demand->answer &&
                   (is_answer(header.value, demand) ||
                    (demand->answer == PP_HEADER_AUTHORIZATION && is_bearer(header.value)));

        if (!old)
            request->headers[kept++] = header;
    }
    request->header_count = kept;
}
static void write_quoted_param(pp_buf *out, const char *name, pp_str escaped)
{
    pp_buf_c(out, ", ");
    pp_buf_c(out, name);
    pp_buf_c(out, "=\"");
    pp_buf_str(out, escaped);
    pp_buf_char(out, '"');
}

/* The value of the Authorization, in JsSIP's order of parameters. */
static void write_answer(const pp_challenge *challenge, const pp_digest_input *input,
                         const char *userhash, const char *response, pp_buf *out)
{
    pp_buf_c(out, "Digest ");
    if (challenge->algorithm_name.n) {
        pp_buf_c(out, "algorithm=");
        pp_buf_str(out, challenge->algorithm_name);
        pp_buf_c(out, ", ");
    }
    pp_buf_c(out, "username=");
    pp_write_quoted(*userhash ? pp_str_c(userhash) : input->username, out);
    write_quoted_param(out, "realm", challenge->realm);
    write_quoted_param(out, "nonce", challenge->nonce);
    write_quoted_param(out, "uri", input->uri);
    write_quoted_param(out, "response", pp_str_c(response));
    if (challenge->opaque.p)
        write_quoted_param(out, "opaque", challenge->opaque);
    if (input->qop.n)
        pp_buf_format(out, ", qop=%.*s", PP_STR(input->qop));
    if (input->cnonce.n)
        write_quoted_param(out, "cnonce", input->cnonce);
    if (input->qop.n)
        pp_buf_format(out, ", nc=%.*s", PP_STR(input->nc));
    if (*userhash)
        pp_buf_c(out, ", userhash=true");
}

/* JsSIP's choice when both are offered: the body under the hash as well. */
static pp_str choose_qop(const pp_challenge *challenge)
{
    if (challenge->qop_auth_int)
        return PP_LIT("auth-int");
    return challenge->qop_auth ? PP_LIT("auth") : PP_STR_NONE;
}

static int write_digest(const pp_demand *demand, const pp_rng *rng, uint32_t nonce_count,
                        const pp_outgoing *request, pp_buf *out)
{
    const pp_challenge *challenge = &demand->challenge;
    const pp_credentials *credentials = demand->credentials;
    char cnonce[CNONCE_SIZE + 1], nc[9], response[2 * PP_HASH_MAX + 1];
    char userhash[2 * PP_HASH_MAX + 1] = "";
    pp_digest_input input = {
        .algorithm = challenge->algorithm,
        .session = challenge->session,
        .username = pp_str_c(credentials->username),
        .password = pp_str_c(credentials->password),
        .ha1 = credentials->password ? PP_STR_NONE : pp_str_c(hash_for(challenge, credentials)),
        .method = request->method_name,
        .uri = request->ruri,
        .nonce = challenge->nonce,
        .qop = choose_qop(challenge),
        .body = request->body,
    };
    pp_buf realm = {0};
    int err;

    snprintf(nc, sizeof(nc), "%08x", (unsigned)nonce_count);
    pp_rng_token(rng, cnonce, CNONCE_SIZE);
    if (input.qop.n || input.session)
        input.cnonce = pp_str_c(cnonce);
    if (input.qop.n)
        input.nc = pp_str_c(nc);
    pp_unescape_quoted(challenge->realm, &realm);
    input.realm = pp_buf_text(&realm);
    err = pp_buf_error(&realm);
    if (!err && challenge->userhash)
        err = pp_digest_userhash(input.algorithm, input.username, input.realm, userhash);
    if (!err)
        err = pp_digest_response(&input, response);
    if (!err)
        write_answer(challenge, &input, userhash, response, out);
    pp_buf_free(&realm);
    return err;
}

int pp_demand_meet(const pp_demand *demand, const pp_rng *rng, uint32_t nonce_count,
                   pp_outgoing *request)
{
    pp_buf value = {0};
    int err = 0;

    if (demand->challenge.bearer)
        pp_buf_format(&value, "Bearer %s", demand->credentials->token);
    else
        err = write_digest(demand, rng, nonce_count, request, &value);
    if (!err)
        err = pp_buf_error(&value);
    if (!err) {
        remove_old(request, demand);
        pp_outgoing_add(request, demand->answer, pp_buf_text(&value));
        err = request->error;
    }
    pp_buf_free(&value);
    return err;
}
