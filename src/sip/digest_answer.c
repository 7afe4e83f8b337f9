/* digest_answer.c - answering a 401 or 407 (RFC 3261 section 22, RFC 8760). */
#include "base/error.h"
#include "base/limits.h"
#include "sip/auth_param.h"
#include "sip/digest.h"
#include "sip/outgoing_inside.h"

#define CNONCE_SIZE 16 /* characters: 80 bits of chance */

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
    return pp_challenge_parse(pp_message_header(response, kinds[at->kind].challenge, index),
                              &out->challenge) == 0 &&
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

/* The answers of ours have the nonce right behind the realm, as put_answer() writes them. */
static bool holds_answer(pp_str value, const pp_challenge *challenge)
{
    static const pp_str between = PP_LIT_INIT("\", nonce=\"");
    size_t realm = challenge->realm.n, nonce = challenge->nonce.n;
    const char *at = memmem(value.p, value.n, between.p, between.n);
    size_t before = at ? (size_t)(at - value.p) : 0;

    return at && before > realm && value.n - before > between.n + nonce &&
           memcmp(at - realm, challenge->realm.p, realm) == 0 && at[-1 - (ptrdiff_t)realm] == '"' &&
           memcmp(at + between.n, challenge->nonce.p, nonce) == 0 && at[between.n + nonce] == '"';
}

bool pp_demand_is_met(const pp_demand *demand, const pp_outgoing *request)
{
    pp_str value;

    if (demand->challenge.bearer)
        return pp_demand_was_met(demand, request);
    for (size_t i = 0; value = pp_outgoing_header(request, demand->answer, i), value.p; i++)
        if (!is_bearer(value) && holds_answer(value, &demand->challenge))
            return true;
    return false;
}

/* What was an answer to an earlier challenge is out of date. There is one server at the end: when it wants a digest, it
 * wants no token beside it. */
static void remove_old(pp_outgoing *request, const pp_demand *demand)
{
    size_t kept = 0;

    for (size_t i = 0; i < request->header_count; i++) {
        const pp_header *header = &request->headers[i];
        bool old = header->id == demand->answer &&
                   (is_answer(header->value, demand) ||
                    (demand->answer == PP_HEADER_AUTHORIZATION && is_bearer(header->value)));

        if (old)
            continue;
        if (kept < i)
            request->headers[kept] = *header;
        kept++;
    }
    request->header_count = kept;
}

typedef struct answer {
    pp_digest_input input;
    char cnonce[CNONCE_SIZE + 1], nc[9], response[2 * PP_HASH_MAX + 1];
    char userhash[2 * PP_HASH_MAX + 1]; /* "" for none */
    char ha1[2 * PP_HASH_MAX + 1];
} answer;

/* What is before the user name. */
static void put_start(const pp_challenge *challenge, pp_outgoing *out)
{
    const pp_str algorithm = challenge->algorithm_name;
    const pp_str named[] = {PP_LIT("Digest algorithm="), algorithm, PP_LIT(", username=")};

    if (algorithm.n)
        pp_outgoing_put_all(out, named, 3);
    else
        pp_outgoing_put(out, PP_LIT("Digest username="));
}

/* The field, in JsSIP's order of parameters. What is of the challenge is as it came, backslashes and all. */
static void put_answer(const pp_challenge *challenge, const answer *a, pp_outgoing *out)
{
    const pp_digest_input *input = &a->input;
    const pp_str parts[] = {
        PP_LIT(", realm=\""),      challenge->realm,      PP_LIT("\", nonce=\""),
        challenge->nonce,          PP_LIT("\", uri=\""),  input->uri,
        PP_LIT("\", response=\""), pp_str_c(a->response), PP_LIT("\"")};
    const pp_str opaque[] = {PP_LIT(", opaque=\""), challenge->opaque, PP_LIT("\"")};
    const pp_str counted[] = {PP_LIT(", qop="), input->qop,        PP_LIT(", cnonce=\""),
                              input->cnonce,    PP_LIT("\", nc="), input->nc};
    const pp_str of_session[] = {PP_LIT(", cnonce=\""), input->cnonce, PP_LIT("\"")};

    put_start(challenge, out);
    pp_outgoing_put_quoted(out, *a->userhash ? pp_str_c(a->userhash) : input->username);
    pp_outgoing_put_all(out, parts, sizeof(parts) / sizeof(*parts));
    if (challenge->opaque.p)
        pp_outgoing_put_all(out, opaque, 3);
    if (input->qop.n)
        pp_outgoing_put_all(out, counted, sizeof(counted) / sizeof(*counted));
    else if (input->cnonce.n)
        pp_outgoing_put_all(out, of_session, 3);
    if (*a->userhash)
        pp_outgoing_put(out, PP_LIT(", userhash=true"));
}

/* JsSIP's choice when both are offered: the body under the hash as well. */
static pp_str choose_qop(const pp_challenge *challenge)
{
    if (challenge->qop_auth_int)
        return PP_LIT("auth-int");
    return challenge->qop_auth ? PP_LIT("auth") : PP_STR_NONE;
}

static void write_count(uint32_t count, char out[9])
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = "0123456789abcdef"[count >> (28 - 4 * i) & 15];
    out[8] = '\0';
}

/* The password's hash: the one that was given, or is kept, or made now. */
static int find_ha1(const pp_demand *demand, answer *a)
{
    const pp_credentials *credentials = demand->credentials;
    pp_ha1 own = {.size = 0};
    int err;

    if (!credentials->password) {
        a->input.ha1 = pp_str_c(hash_for(&demand->challenge, credentials));
        return 0;
    }
    a->input.password = pp_str_c(credentials->password);
    err = pp_digest_ha1(demand->ha1 ? demand->ha1 : &own, &a->input, a->ha1);
    pp_ha1_forget(&own);
    a->input.ha1 = pp_str_c(a->ha1);
    return err;
}

static int calculate(const pp_demand *demand, pp_str realm, answer *a)
{
    pp_digest_input *input = &a->input;
    int err = 0;

    input->realm = realm;
    if (demand->challenge.userhash)
        err = pp_digest_userhash(input->algorithm, input->username, realm, a->userhash);
    if (!err)
        err = find_ha1(demand, a);
    if (!err)
        err = pp_digest_response(input, a->response);
    explicit_bzero(a->ha1, sizeof(a->ha1));
    return err;
}

/* Realms hardly ever have a backslash, and then stand for themselves. */
static int calculate_with_realm(const pp_demand *demand, answer *a)
{
    pp_str escaped = demand->challenge.realm;
    pp_buf plain = {0};
    int err;

    if (pp_str_find(escaped, '\\') == escaped.n)
        return calculate(demand, escaped, a);
    pp_unescape_quoted(escaped, &plain);
    err = pp_buf_error(&plain);
    if (!err)
        err = calculate(demand, pp_buf_text(&plain), a);
    pp_buf_free(&plain);
    return err;
}

static int prepare(const pp_demand *demand, const pp_rng *rng, uint32_t nonce_count,
                   const pp_outgoing *request, answer *a)
{
    const pp_challenge *challenge = &demand->challenge;

    a->input = (pp_digest_input){
        .algorithm = challenge->algorithm,
        .session = challenge->session,
        .username = pp_str_c(demand->credentials->username),
        .method = request->method_name,
        .uri = request->ruri,
        .nonce = challenge->nonce,
        .qop = choose_qop(challenge),
        .body = request->body,
    };
    a->userhash[0] = '\0';
    write_count(nonce_count, a->nc);
    pp_rng_token(rng, a->cnonce, CNONCE_SIZE);
    if (a->input.qop.n || a->input.session)
        a->input.cnonce = pp_str_n(a->cnonce, CNONCE_SIZE);
    if (a->input.qop.n)
        a->input.nc = pp_str_n(a->nc, 8);
    return calculate_with_realm(demand, a);
}

int pp_demand_meet(const pp_demand *demand, const pp_rng *rng, uint32_t nonce_count,
                   pp_outgoing *request)
{
    answer a;
    int err = demand->challenge.bearer ? 0 : prepare(demand, rng, nonce_count, request, &a);

    if (err)
        return err;
    remove_old(request, demand);
    pp_outgoing_begin(request, demand->answer);
    if (demand->challenge.bearer) {
        pp_outgoing_put(request, PP_LIT("Bearer "));
        pp_outgoing_put_c(request, demand->credentials->token);
    } else {
        put_answer(&demand->challenge, &a, request);
    }
    pp_outgoing_end(request);
    return request->error;
}
