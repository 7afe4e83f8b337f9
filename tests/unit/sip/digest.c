/* digest.c - challenges answered and answers checked. */
#include "pipit/error.h"
#include "support/files.h"
#include "unit/sip/support/answers.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static void count_up(void *arg, void *out, size_t size)
{
    (void)arg;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = (uint8_t)(i * 37);
}

static const pp_rng rng = {count_up, NULL};

static void assert_str(pp_str got, const char *wanted)
{
    if (!pp_str_eq_c(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", PP_STR(got), wanted);
}

/* --- the number ------------------------------------------------------------------------------- */

static pp_str text_of(const cJSON *vector, const char *name)
{
    return pp_str_c(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(vector, name)));
}

static pp_digest_input input_of(const cJSON *vector)
{
    pp_digest_input input = {
        .username = text_of(vector, "username"),
        .realm = text_of(vector, "realm"),
        .password = text_of(vector, "password"),
        .method = text_of(vector, "method"),
        .uri = text_of(vector, "uri"),
        .nonce = text_of(vector, "nonce"),
        .cnonce = text_of(vector, "cnonce"),
        .qop = text_of(vector, "qop"),
        .nc = text_of(vector, "nc"),
        .body = text_of(vector, "body"),
    };
    pp_buf challenge = {0};
    pp_challenge parsed;

    pp_buf_format(&challenge, "Digest realm=\"r\", nonce=\"n\", algorithm=%.*s",
                  PP_STR(text_of(vector, "algorithm")));
    assert_int_equal(pp_challenge_parse(pp_buf_text(&challenge), &parsed), 0);
    assert_true(parsed.supported);
    input.algorithm = parsed.algorithm;
    input.session = parsed.session;
    pp_buf_free(&challenge);
    return input;
}

static void the_vectors_give_their_responses(void **state)
{
    pp_str json = read_corpus("jssip/digest-vectors.json");
    cJSON *vectors = cJSON_ParseWithLength(json.p, json.n);
    const cJSON *vector;
    int count = 0;

    (void)state;
    cJSON_ArrayForEach(vector, vectors)
    {
        char response[2 * PP_HASH_MAX + 1];
        pp_digest_input input = input_of(vector);
        assert_int_equal(pp_digest_response(&input, response), 0);
        if (!pp_str_eq_c(text_of(vector, "response"), response))
            fail_msg("%.*s: got %s", PP_STR(text_of(vector, "id")), response);
        count++;
    }
    assert_int_equal(count, 22);
    cJSON_Delete(vectors);
    free((void *)(uintptr_t)json.p);
}

/* RFC 7616 section 3.9.1. */
static void the_examples_of_the_rfc_give_their_responses(void **state)
{
    static const struct {
        pp_hash algorithm;
        const char *response;
    } rows[] = {
        {PP_HASH_MD5, "8ca523f5e9506fed4657c9700eebdbec"},
        {PP_HASH_SHA256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
    };
    pp_digest_input input = {
        .username = PP_LIT("Mufasa"),
        .realm = PP_LIT("http-auth@example.org"),
        .password = PP_LIT("Circle of Life"),
        .method = PP_LIT("GET"),
        .uri = PP_LIT("/dir/index.html"),
        .nonce = PP_LIT("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
        .cnonce = PP_LIT("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
        .nc = PP_LIT("00000001"),
        .qop = PP_LIT("auth"),
    };
    char response[2 * PP_HASH_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        input.algorithm = rows[i].algorithm;
        assert_int_equal(pp_digest_response(&input, response), 0);
        assert_string_equal(response, rows[i].response);
    }
}

static void a_hash_given_instead_of_the_password_gives_the_same(void **state)
{
    pp_digest_input input = {
        .username = PP_LIT("testuser"),
        .realm = PP_LIT("testrealm@host.com"),
        .password = PP_LIT("testpassword"),
        .method = PP_LIT("REGISTER"),
        .uri = PP_LIT("sip:testrealm@host.com"),
        .nonce = PP_LIT("5a071f75353f667787615249c62dcc7b15a4828f"),
    };
    char with_password[2 * PP_HASH_MAX + 1], with_ha1[2 * PP_HASH_MAX + 1];

    (void)state;
    assert_int_equal(pp_digest_response(&input, with_password), 0);
    assert_string_equal(with_password, "f99e05f591f147facbc94ff23b4b1dee");
    input.username = input.realm = input.password = PP_STR_NONE;
    input.ha1 = PP_LIT("7b33ddc76839924578513358674924f8");
    assert_int_equal(pp_digest_response(&input, with_ha1), 0);
    assert_string_equal(with_ha1, with_password);
    input.ha1 = PP_LIT("b5a0f6a3a8d3a9ed28ee9ffb5a6a25a4b5a0f6a3a8d3a9ed28ee9ffb5a6a25a4b5a0f6a3a8d"
                       "3a9ed28ee9ffb5a6a25a4"
                       "b5a0f6a3a8d3a9ed28ee9ffb5a6a25a4b5a0f6a3a8d3a9ed28ee9ffb5a6a25a4");
    assert_int_equal(pp_digest_response(&input, with_ha1), PIPIT_ERR_ARGUMENT);
}

/* --- challenges ------------------------------------------------------------------------------- */

static void a_challenge_is_read_whatever_its_blanks_and_case(void **state)
{
    pp_challenge c;

    (void)state;
    assert_int_equal(
        pp_challenge_parse(
            PP_LIT("Digest realm =  \"[1:ABCD::abc]\", nonce =  \"31d0\", qop=\"AUTH,autH-INt\", "
                   "algorithm =  md5  ,  stale =  TRUE , opaque = \"00000188\""),
            &c),
        0);
    assert_true(c.supported && c.stale && c.qop_auth && c.qop_auth_int && !c.session);
    assert_int_equal(c.algorithm, PP_HASH_MD5);
    assert_str(c.realm, "[1:ABCD::abc]");
    assert_str(c.nonce, "31d0");
    assert_str(c.opaque, "00000188");
}

static void a_challenge_of_another_kind_is_no_error_but_unsupported(void **state)
{
    static const char *const values[] = {
        "Bearer realm=\"x\"",
        "Basic realm=\"x\"",
        "Digest realm=\"x\", nonce=\"1\", algorithm=SHA-3",
        "Digest realm=\"x\", nonce=\"1\", qop=\"auth-conf\"",
        "Digest realm=\"x\", nonce=\"1\", qop=\"\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        pp_challenge c;
        assert_int_equal(pp_challenge_parse(pp_str_c(values[i]), &c), 0);
        assert_false(c.supported);
    }
}

static void a_broken_challenge_is_refused(void **state)
{
    static const char *const values[] = {
        "Digest realm=\"x\"",
        "Digest nonce=\"x\"",
        "Digest realm=\"x, nonce=\"1\"",
        "Digest realm=\"x\"y, nonce=\"1\"",
        "Digest realm=\"x\", nonce=\"1\", nonce=\"2\"",
        "Digest realm=\"x\", nonce=1\"2\"",
        "Digest realm=\"x\", nonce=1\\",
        "Digest re alm=\"x\", nonce=\"1\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        pp_challenge c;
        if (pp_challenge_parse(pp_str_c(values[i]), &c) != PIPIT_ERR_SYNTAX)
            fail_msg("%s", values[i]);
    }
}

/* --- a round trip ----------------------------------------------------------------------------- */

static pp_message *refusal(int status, const char *headers)
{
    pp_buf wire = {0};
    pp_message *m = NULL;

    pp_buf_format(
        &wire,
        "SIP/2.0 %d No\r\nVia: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\nFrom: <sip:a@b.c>;tag=1\r\n"
        "To: <sip:a@b.c>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n%s\r\n",
        status, headers);
    assert_int_equal(pp_message_parse(pp_buf_text(&wire), &m), 0);
    pp_buf_free(&wire);
    return m;
}

static pp_outgoing *new_request(void)
{
    pp_outgoing *request = NULL;

    assert_int_equal(pp_outgoing_request(PP_REGISTER, PP_LIT("sip:example.com"), &request), 0);
    return request;
}

static const pp_credentials alice = {.username = "al\"ice\\", .password = "s3cr3t"};

static void assert_accepted(pp_str value, const char *password)
{
    pp_authorization a;

    assert_non_null(value.p);
    assert_int_equal(pp_authorization_parse(value, &a), 0);
    assert_true(
        pp_authorization_check(&a, pp_str_c(password), PP_LIT("REGISTER"), PP_LIT("a body")));
    assert_false(pp_authorization_check(&a, PP_LIT("other"), PP_LIT("REGISTER"), PP_LIT("a body")));
    assert_false(
        pp_authorization_check(&a, pp_str_c(password), PP_LIT("INVITE"), PP_LIT("a body")));
}

static void an_answer_is_accepted_for_every_algorithm_and_qop(void **state)
{
    static const char *const algorithms[] = {"MD5",      "SHA-256",      "SHA-512-256",
                                             "MD5-sess", "SHA-256-sess", "sha-512-256-SESS"};
    static const char *const qops[] = {"", ", qop=\"auth\"", ", qop=auth", ", qop=\"auth-int\"",
                                       ", qop=\"auth,auth-int\""};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        for (size_t k = 0; k < 5; k++) {
            char challenge[256];
            pp_outgoing *request = new_request();
            pp_message *response;
            snprintf(challenge, sizeof(challenge),
                     "WWW-Authenticate: Digest algorithm=%s, realm=\"a \\\"b\\\" c\", "
                     "nonce=\"1\\\\2\"%s, opaque=\"\"\r\n",
                     algorithms[i], qops[k]);
            response = refusal(401, challenge);
            pp_outgoing_set_body(request, "text/plain", PP_LIT("a body"));
            assert_int_equal(answer_all(response, &alice, &rng, 1, request), 0);
            assert_accepted(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0), "s3cr3t");
            assert_null(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 1).p);
            pp_outgoing_unref(request);
            pp_message_unref(response);
        }
    }
}

static void the_body_counts_with_auth_int(void **state)
{
    pp_message *response = refusal(
        401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"1\", qop=\"auth,auth-int\"\r\n");
    pp_outgoing *request = new_request();
    pp_authorization a;

    (void)state;
    pp_outgoing_set_body(request, "text/plain", PP_LIT("a body"));
    assert_int_equal(answer_all(response, &alice, &rng, 0x1F, request), 0);
    assert_int_equal(
        pp_authorization_parse(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0), &a), 0);
    assert_str(a.qop, "auth-int");
    assert_str(a.nc, "0000001f");
    assert_false(
        pp_authorization_check(&a, PP_LIT("s3cr3t"), PP_LIT("REGISTER"), PP_LIT("another body")));
    pp_outgoing_unref(request);
    pp_message_unref(response);
}

static void the_strongest_challenge_of_a_realm_is_answered_whatever_the_order(void **state)
{
    static const char *const orders[] = {
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"1\"\r\n"
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"2\", algorithm=SHA-256\r\n"
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"3\", algorithm=SHA-999\r\n",
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"2\", algorithm=SHA-256\r\n"
        "WWW-Authenticate: Bearer x\r\n"
        "WWW-Authenticate: Digest realm=\"r\"\r\n"
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"1\", algorithm=MD5\r\n",
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        pp_message *response = refusal(401, orders[i]);
        pp_outgoing *request = new_request();
        pp_authorization a;
        assert_int_equal(answer_all(response, &alice, &rng, 1, request), 0);
        assert_int_equal(
            pp_authorization_parse(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0), &a), 0);
        assert_str(a.nonce, "2");
        assert_int_equal(a.algorithm, PP_HASH_SHA256);
        assert_null(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 1).p);
        pp_outgoing_unref(request);
        pp_message_unref(response);
    }
}

static void each_realm_gets_its_answer_and_an_old_one_goes(void **state)
{
    pp_message *first = refusal(407, "Proxy-Authenticate: Digest realm=\"a\", nonce=\"1\"\r\n"
                                     "Proxy-Authenticate: Digest realm=\"b\", nonce=\"2\"\r\n"
                                     "WWW-Authenticate: Digest realm=\"c\", nonce=\"3\"\r\n");
    pp_message *second =
        refusal(407, "Proxy-Authenticate: Digest realm=\"a\", nonce=\"4\", stale=true\r\n");
    pp_outgoing *request = new_request();
    pp_authorization a;

    (void)state;
    assert_int_equal(answer_all(first, &alice, &rng, 1, request), 0);
    assert_int_equal(answer_all(second, &alice, &rng, 2, request), 0);
    assert_int_equal(
        pp_authorization_parse(pp_outgoing_header(request, PP_HEADER_PROXY_AUTHORIZATION, 0), &a),
        0);
    assert_str(a.realm, "b");
    assert_int_equal(
        pp_authorization_parse(pp_outgoing_header(request, PP_HEADER_PROXY_AUTHORIZATION, 1), &a),
        0);
    assert_str(a.realm, "a");
    assert_str(a.nonce, "4");
    assert_null(pp_outgoing_header(request, PP_HEADER_PROXY_AUTHORIZATION, 2).p);
    assert_int_equal(
        pp_authorization_parse(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0), &a), 0);
    assert_str(a.realm, "c");
    pp_outgoing_unref(request);
    pp_message_unref(first);
    pp_message_unref(second);
}

static void a_challenge_that_does_not_fit_the_credentials_is_not_answered(void **state)
{
    static const struct {
        pp_credentials credentials;
        const char *challenge;
    } rows[] = {
        {{.username = "a", .password = "p", .realm = "mine"},
         "Digest realm=\"theirs\", nonce=\"1\""},
        {{.username = "a", .ha1 = "0123456789abcdef0123456789abcdef"},
         "Digest realm=\"r\", nonce=\"1\", algorithm=SHA-256"},
        {{.username = "a"}, "Digest realm=\"r\", nonce=\"1\""},
        {{.password = "p"}, "Digest realm=\"r\", nonce=\"1\""},
        {{.username = "a", .password = "p"},
         "Digest realm=\"r\", nonce=\"1\", algorithm=AKAv1-MD5"},
        {{.username = "a", .password = "p"}, "Basic realm=\"r\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char header[256];
        pp_message *response;
        pp_outgoing *request = new_request();
        snprintf(header, sizeof(header), "WWW-Authenticate: %s\r\n", rows[i].challenge);
        response = refusal(401, header);
        assert_int_equal(answer_all(response, &rows[i].credentials, &rng, 1, request),
                         PIPIT_ERR_AUTHENTICATION);
        assert_null(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0).p);
        assert_int_equal(pp_outgoing_error(request), 0);
        pp_outgoing_unref(request);
        pp_message_unref(response);
    }
}

/* Of "alice:r:s3cr3t". */
static char *hash_of_alice(pp_hash hash)
{
    pp_str who[] = {PP_LIT("alice:r:s3cr3t")};
    uint8_t octets[PP_HASH_MAX];
    pp_buf hex = {0};
    char *ha1 = NULL;

    assert_int_equal(pp_hash_digest(hash, who, 1, octets), 0);
    pp_buf_hex(&hex, octets, pp_hash_size(hash));
    assert_int_equal(pp_buf_take(&hex, &ha1), 0);
    return ha1;
}

static void a_hash_answers_its_own_realm_and_algorithm(void **state)
{
    static const char *const algorithms[] = {"MD5", "SHA-256"};
    char *ha1 = hash_of_alice(PP_HASH_MD5), *ha1_sha256 = hash_of_alice(PP_HASH_SHA256);
    const pp_credentials by_hash[] = {
        {.username = "alice", .realm = "r", .ha1 = ha1},
        {.username = "alice", .realm = "r", .ha1_sha256 = ha1_sha256},
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        pp_outgoing *request = new_request();
        pp_message *response;
        char header[128];
        snprintf(
            header, sizeof(header),
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"1\", qop=\"auth\", algorithm=%s\r\n",
            algorithms[i / 2]);
        response = refusal(401, header);
        assert_int_equal(answer_all(response, &by_hash[i % 2], &rng, 1, request),
                         i / 2 == i % 2 ? 0 : PIPIT_ERR_AUTHENTICATION);
        if (i / 2 == i % 2)
            assert_accepted(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0), "s3cr3t");
        pp_outgoing_unref(request);
        pp_message_unref(response);
    }
    pipit_free(ha1);
    pipit_free(ha1_sha256);
}

/* RFC 7616 section 3.9.2, with the hash of erratum 4897. */
static void a_user_name_is_hashed_when_the_server_knows_how(void **state)
{
    static const pp_credentials doe = {.username = "J\xC3\xA4s\xC3\xB8n Doe",
                                       .password = "Secret, or not?"};
    pp_message *response =
        refusal(401, "WWW-Authenticate: Digest realm=\"api@example.org\", qop=\"auth\", "
                     "algorithm=SHA-512-256, nonce=\"5TsQ\", charset=UTF-8, userhash=true\r\n");
    pp_outgoing *request = new_request();
    char expected[2 * PP_HASH_MAX + 1];
    pp_authorization a;
    pp_digest_input input;

    (void)state;
    assert_int_equal(answer_all(response, &doe, &rng, 1, request), 0);
    assert_int_equal(
        pp_authorization_parse(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0), &a), 0);
    assert_str(a.username, "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
    assert_false(a.supported); /* we never ask for it, so nobody may send it to us */
    input = (pp_digest_input){.algorithm = PP_HASH_SHA512_256,
                              .username = pp_str_c(doe.username),
                              .realm = a.realm,
                              .password = pp_str_c(doe.password),
                              .method = PP_LIT("REGISTER"),
                              .uri = a.uri,
                              .nonce = a.nonce,
                              .cnonce = a.cnonce,
                              .qop = a.qop,
                              .nc = a.nc};
    assert_int_equal(pp_digest_response(&input, expected), 0);
    assert_str(a.response, expected);
    pp_outgoing_unref(request);
    pp_message_unref(response);
}

/* RFC 8760 section 2.4 and 2.6: other schemes are passed over, whatever their order, and alone they get no answer. */
static void a_downgrade_to_basic_is_never_answered(void **state)
{
    static const char digest[] = "WWW-Authenticate: Digest realm=\"r\", nonce=\"1\"\r\n";
    static const char basic[] = "WWW-Authenticate: Basic realm=\"r\"\r\n";
    pp_buf both = {0};
    pp_message *alone = refusal(401, basic), *response;
    pp_outgoing *request = new_request();
    pp_authorization a;

    (void)state;
    assert_int_equal(answer_all(alone, &alice, &rng, 1, request), PIPIT_ERR_AUTHENTICATION);
    assert_null(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0).p);
    pp_buf_format(&both, "%s%s%c", basic, digest, 0);
    response = refusal(401, both.p);
    assert_int_equal(answer_all(response, &alice, &rng, 1, request), 0);
    assert_int_equal(
        pp_authorization_parse(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0), &a), 0);
    assert_true(a.supported);
    assert_null(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 1).p);
    pp_buf_free(&both);
    pp_outgoing_unref(request);
    pp_message_unref(alone);
    pp_message_unref(response);
}

/* --- Bearer (RFC 8898) ------------------------------------------------------------------------ */

static void a_bearer_challenge_is_read(void **state)
{
    pp_challenge c;

    (void)state;
    assert_int_equal(
        pp_challenge_parse(PP_LIT("Bearer realm=\"a\", scope=\"sip\", error=\"invalid_token\", "
                                  "authz_server=\"https://as.example.com/x?y,z\""),
                           &c),
        0);
    assert_true(c.bearer);
    assert_false(c.supported); /* by Digest */
    assert_str(c.realm, "a");
    assert_str(c.scope, "sip");
    assert_str(c.error, "invalid_token");
    assert_str(c.authz_server, "https://as.example.com/x?y,z");
    assert_int_equal(pp_challenge_parse(PP_LIT("bearer"), &c), 0);
    assert_true(c.bearer);
    assert_int_equal(pp_challenge_parse(PP_LIT("Bearer scope=\"a\", scope=\"b\""), &c),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pp_challenge_parse(PP_LIT("Bearer scope=\"a"), &c), PIPIT_ERR_SYNTAX);
}

static void a_token_answers_bearer_and_nothing_else(void **state)
{
    static const pp_credentials token = {.username = "alice", .token = "eyJ.x-1"};
    static const struct {
        const char *lines, *answer;
    } rows[] = {
        {"WWW-Authenticate: Bearer realm=\"a\"\r\n", "Bearer eyJ.x-1"},
        {"WWW-Authenticate: Bearer\r\nWWW-Authenticate: Basic realm=\"a\"\r\n", "Bearer eyJ.x-1"},
        {"WWW-Authenticate: Digest realm=\"a\", nonce=\"1\"\r\n"
         "WWW-Authenticate: Bearer realm=\"a\"\r\n",
         "Bearer eyJ.x-1"},
        {"WWW-Authenticate: Digest realm=\"a\", nonce=\"1\"\r\n", NULL},
        {"WWW-Authenticate: Basic realm=\"a\"\r\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_message *response = refusal(401, rows[i].lines);
        pp_outgoing *request = new_request();

        assert_int_equal(answer_all(response, &token, &rng, 1, request),
                         rows[i].answer ? 0 : PIPIT_ERR_AUTHENTICATION);
        assert_str(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0),
                   rows[i].answer ? rows[i].answer : "");
        pp_outgoing_unref(request);
        pp_message_unref(response);
    }
}

static void a_bearer_challenge_does_not_count_where_others_read_along(void **state)
{
    static const pp_credentials both = {.username = "alice", .password = "p", .token = "t"};
    pp_message *response = refusal(401, "WWW-Authenticate: Bearer realm=\"a\"\r\n"
                                        "WWW-Authenticate: Digest realm=\"a\", nonce=\"1\"\r\n");
    pp_demands insecure = {0}, secure = {.bearer = true};
    pp_demand demand;

    (void)state;
    assert_true(pp_demands_next(&insecure, response, &both, &demand));
    assert_false(demand.challenge.bearer);
    assert_false(pp_demands_next(&insecure, response, &both, &demand));
    assert_true(pp_demands_next(&secure, response, &both, &demand));
    assert_true(demand.challenge.bearer);
    assert_false(pp_demands_next(&secure, response, &both, &demand));
    pp_message_unref(response);
}

static void the_credentials_of_a_chain_are_tried_in_order(void **state)
{
    const pp_credentials general = {.username = "alice", .password = "p"};
    const pp_credentials special = {
        .username = "bob", .password = "q", .realm = "mine", .next = &general};
    pp_message *response = refusal(401, "WWW-Authenticate: Digest realm=\"mine\", nonce=\"1\"\r\n"
                                        "WWW-Authenticate: Digest realm=\"x\", nonce=\"2\"\r\n");
    pp_demands at = {0};
    pp_demand demand;

    (void)state;
    assert_true(pp_demands_next(&at, response, &special, &demand));
    assert_ptr_equal(demand.credentials, &special);
    assert_true(pp_demands_next(&at, response, &special, &demand));
    assert_ptr_equal(demand.credentials, &general);
    at = (pp_demands){0};
    assert_true(pp_demands_next(&at, response, NULL, &demand)); /* seen, though nothing fits */
    assert_null(demand.credentials);
    pp_message_unref(response);
}

/* A proxy and the server behind it (RFC 3261 section 22.3): each is answered in its own header, and both stay. */
static void both_kinds_of_challenge_are_answered_in_one_request(void **state)
{
    pp_message *first =
        refusal(407, "Proxy-Authenticate: Digest realm=\"p\", nonce=\"1\", algorithm=SHA-256\r\n");
    pp_message *second =
        refusal(401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"2\", qop=\"auth\"\r\n");
    pp_outgoing *request = new_request();
    pp_authorization a;

    (void)state;
    assert_int_equal(answer_all(first, &alice, &rng, 1, request), 0);
    assert_int_equal(answer_all(second, &alice, &rng, 2, request), 0);
    assert_int_equal(
        pp_authorization_parse(pp_outgoing_header(request, PP_HEADER_PROXY_AUTHORIZATION, 0), &a),
        0);
    assert_str(a.realm, "p");
    assert_int_equal(
        pp_authorization_parse(pp_outgoing_header(request, PP_HEADER_AUTHORIZATION, 0), &a), 0);
    assert_str(a.realm, "r");
    assert_str(a.nc, "00000002");
    pp_outgoing_unref(request);
    pp_message_unref(first);
    pp_message_unref(second);
}

static void an_authorization_that_lacks_something_is_refused(void **state)
{
    static const char *const values[] = {
        "Digest username=\"a\"",
        "Digest username=\"a\", realm=\"r\", nonce=\"1\", uri=\"sip:x\"",
        "Digest username=\"a\", realm=\"r\", nonce=\"1\", uri=\"sip:x\", response=\"0\", qop=auth",
        "Digest username=\"a\", realm=\"r\", nonce=\"1\", uri=\"sip:x\", response=\"0\", qop=auth, "
        "cnonce=\"1\", nc=1",
        "Digest username=\"a\", username=\"b\", realm=\"r\", nonce=\"1\", uri=\"sip:x\", "
        "response=\"0\"",
    };
    pp_authorization a;

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
        if (pp_authorization_parse(pp_str_c(values[i]), &a) != PIPIT_ERR_SYNTAX)
            fail_msg("%s", values[i]);
    assert_int_equal(pp_authorization_parse(PP_LIT("NoOneKnowsThisScheme opaque-data=here"), &a),
                     0);
    assert_false(a.supported);
    assert_false(pp_authorization_check(&a, PP_LIT(""), PP_LIT("REGISTER"), PP_STR_NONE));
}

static void an_empty_or_short_response_is_not_accepted(void **state)
{
    static const char *const responses[] = {"", "0", "00000000000000000000000000000000", "zz"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char value[256];
        pp_authorization a;
        snprintf(value, sizeof(value),
                 "Digest username=\"a\", realm=\"r\", nonce=\"1\", uri=\"sip:x\", response=\"%s\"",
                 responses[i]);
        assert_int_equal(pp_authorization_parse(pp_str_c(value), &a), 0);
        assert_true(a.supported);
        assert_false(pp_authorization_check(&a, PP_LIT("p"), PP_LIT("REGISTER"), PP_STR_NONE));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_give_their_responses),
        cmocka_unit_test(the_examples_of_the_rfc_give_their_responses),
        cmocka_unit_test(a_hash_given_instead_of_the_password_gives_the_same),
        cmocka_unit_test(a_challenge_is_read_whatever_its_blanks_and_case),
        cmocka_unit_test(a_challenge_of_another_kind_is_no_error_but_unsupported),
        cmocka_unit_test(a_broken_challenge_is_refused),
        cmocka_unit_test(an_answer_is_accepted_for_every_algorithm_and_qop),
        cmocka_unit_test(the_body_counts_with_auth_int),
        cmocka_unit_test(the_strongest_challenge_of_a_realm_is_answered_whatever_the_order),
        cmocka_unit_test(each_realm_gets_its_answer_and_an_old_one_goes),
        cmocka_unit_test(a_challenge_that_does_not_fit_the_credentials_is_not_answered),
        cmocka_unit_test(a_hash_answers_its_own_realm_and_algorithm),
        cmocka_unit_test(a_user_name_is_hashed_when_the_server_knows_how),
        cmocka_unit_test(a_downgrade_to_basic_is_never_answered),
        cmocka_unit_test(a_bearer_challenge_is_read),
        cmocka_unit_test(a_token_answers_bearer_and_nothing_else),
        cmocka_unit_test(a_bearer_challenge_does_not_count_where_others_read_along),
        cmocka_unit_test(the_credentials_of_a_chain_are_tried_in_order),
        cmocka_unit_test(both_kinds_of_challenge_are_answered_in_one_request),
        cmocka_unit_test(an_authorization_that_lacks_something_is_refused),
        cmocka_unit_test(an_empty_or_short_response_is_not_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
