/* digest_answer.c - answering a 401 or 407 (RFC 3261 section 22, RFC 8760). */
#include "base/error.h"
#include "base/limits.h"
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

/* Realms are compared as they mean: "a\b" is "ab". */
static bool same_quoted(pp_str a, pp_str b)
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

static bool is_realm(pp_str realm, const char *wanted)
{
    pp_buf plain = {0};
    bool same;

    pp_unescape_quoted(realm, &plain);
    same = !pp_buf_error(&plain) && pp_str_eq_c(pp_buf_text(&plain), wanted);
    pp_buf_free(&plain);
    return same;
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
    if (!challenge->supported || !credentials->username)
        return false;
    if (credentials->realm && !is_realm(challenge->realm, credentials->realm))
        return false;
    return credentials->password || hash_for(challenge, credentials);
}

static int strength(const pp_challenge *challenge)
{
    switch (challenge->algorithm) {
    case PP_HASH_SHA512_256:
        return 3;
    case PP_HASH_SHA256:
        return 2;
    default:
        return 1;
    }
}

/* Each challenge is held against all others, so there is an end to them. */
static pp_str challenge_at(const pp_message *response, pp_header_id id, size_t index)
{
    return index < PP_LIMIT_SIP_LIST ? pp_message_header(response, id, index) : PP_STR_NONE;
}

/* The challenge of the `index`-th field when it can be answered and no other of its realm is a better choice: none is stronger, and
 * among equals it is the first. */
static bool is_chosen(const pp_message *response, pp_header_id id, size_t index,
                      const pp_credentials *credentials, pp_challenge *out)
{
    pp_challenge other;
    pp_str value;

    if (pp_challenge_parse(pp_message_header(response, id, index), out) ||
        !can_answer(out, credentials))
        return false;
    for (size_t i = 0; value = challenge_at(response, id, i), value.p; i++) {
        if (i == index || pp_challenge_parse(value, &other) || !can_answer(&other, credentials) ||
            !same_quoted(other.realm, out->realm))
            continue;
        if (strength(&other) > strength(out) || (strength(&other) == strength(out) && i < index))
            return false;
    }
    return true;
}

/* Credentials of the same realm from an earlier round are out of date. */
static void remove_old(pp_outgoing *request, pp_header_id id, pp_str realm)
{
    pp_authorization old;
    size_t kept = 0;

    for (size_t i = 0; i < request->header_count; i++) {
        pp_header header = request->headers[i];
        if (header.id != id || pp_authorization_parse(header.value, &old) ||
            !same_quoted(old.realm, realm))
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

static int answer(const pp_challenge *challenge, const pp_credentials *credentials,
                  const pp_rng *rng, uint32_t nonce_count, pp_header_id id, pp_outgoing *request)
{
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
    pp_buf realm = {0}, value = {0};
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
    if (!err) {
        write_answer(challenge, &input, userhash, response, &value);
        err = pp_buf_error(&value);
    }
    if (!err) {
        remove_old(request, id, challenge->realm);
        pp_outgoing_add(request, id, pp_buf_text(&value));
        err = request->error;
    }
    pp_buf_free(&realm);
    pp_buf_free(&value);
    return err;
}

int pp_digest_answer(const pp_message *response, const pp_credentials *credentials,
                     const pp_rng *rng, uint32_t nonce_count, pp_outgoing *request)
{
    size_t answered = 0;
    int err = 0;

    for (size_t k = 0; k < KINDS; k++) {
        for (size_t i = 0; !err && challenge_at(response, kinds[k].challenge, i).p; i++) {
            pp_challenge challenge;
            if (!is_chosen(response, kinds[k].challenge, i, credentials, &challenge))
                continue;
            err = answer(&challenge, credentials, rng, nonce_count, kinds[k].answer, request);
            answered++;
        }
    }
    if (!err && answered == 0)
        err = pp_error(PIPIT_ERR_AUTHENTICATION,
                       "digest: no challenge can be answered with these credentials");
    return err;
}

bool pp_digest_is_stale(const pp_message *response)
{
    pp_challenge challenge;
    pp_str value;

    for (size_t k = 0; k < KINDS; k++)
        for (size_t i = 0; value = pp_message_header(response, kinds[k].challenge, i), value.p; i++)
            if (pp_challenge_parse(value, &challenge) == 0 && challenge.supported &&
                challenge.stale)
                return true;
    return false;
}
