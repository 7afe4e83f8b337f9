/* sip_digest.c - whatever a challenge says, our answer to it is one that our server side accepts; nothing else is. A token goes to
 * Bearer alone, and only where that counts. */
/* FUZZ: sip crypto */
#include "sip/digest.h"

#include "check.h"

static void fill(void *arg, void *out, size_t size)
{
    (void)arg;
    memset(out, 0x5A, size);
}

static pp_message *response_with(pp_str challenge)
{
    pp_buf wire = {0};
    pp_message *response = NULL;

    pp_buf_c(&wire, "SIP/2.0 407 No\r\nVia: SIP/2.0/WSS a\r\nFrom: <sip:a@b>;tag=1\r\nTo: "
                    "<sip:a@b>\r\nCall-ID: 1\r\n"
                    "CSeq: 1 BYE\r\nProxy-Authenticate: ");
    pp_buf_str(&wire, challenge);
    pp_buf_c(&wire, "\r\n\r\n");
    if (pp_message_parse(pp_buf_text(&wire), &response))
        response = NULL;
    pp_buf_free(&wire);
    return response;
}

static const pp_rng rng = {fill, NULL};

static bool meet(const pp_message *response, const pp_credentials *credentials, bool bearer,
                 pp_outgoing *request)
{
    pp_demands at = {.bearer = bearer};
    pp_demand demand;

    return pp_demands_next(&at, response, credentials, &demand) && demand.credentials &&
           pp_demand_meet(&demand, &rng, 1, request) == 0 && pp_demand_was_met(&demand, request);
}

static void check_bearer(pp_str text, bool counts)
{
    static const pp_credentials credentials = {.token = "t0ken"};
    pp_message *response = response_with(text);
    pp_outgoing *request = NULL;
    pp_challenge challenge;
    bool asked = pp_challenge_parse(pp_str_trim(text), &challenge) == 0 && challenge.bearer;
    pp_str value;

    CHECK(pp_outgoing_request(PP_BYE, PP_LIT("sip:a@b"), &request) == 0);
    if (response && meet(response, &credentials, counts, request)) {
        value = pp_outgoing_header(request, PP_HEADER_PROXY_AUTHORIZATION, 0);
        CHECK(counts && (asked || pp_message_count(response, PP_HEADER_PROXY_AUTHENTICATE) > 1 ||
                         memchr(text.p, '\n', text.n) || memchr(text.p, '\r', text.n)));
        CHECK(!value.p || pp_str_eq(value, PP_LIT("Bearer t0ken")));
    }
    pp_outgoing_unref(request);
    pp_message_unref(response);
}

static void check_challenge(pp_str text)
{
    static const pp_credentials credentials = {.username = "al\"i\\ce", .password = "secret"};
    pp_message *response = response_with(text);
    pp_outgoing *request = NULL;
    pp_authorization answer;
    pp_challenge challenge;

    CHECK(pp_outgoing_request(PP_BYE, PP_LIT("sip:a@b"), &request) == 0);
    if (response && pp_challenge_parse(pp_str_trim(text), &challenge) == 0 && challenge.supported &&
        meet(response, &credentials, true, request)) {
        pp_str value = pp_outgoing_header(request, PP_HEADER_PROXY_AUTHORIZATION, 0);
        CHECK(pp_authorization_parse(value, &answer) == 0);
        /* Our server side asks for no hashed names, so it takes none. */
        CHECK(answer.supported == !challenge.userhash);
        CHECK(pp_str_eq(answer.realm, challenge.realm) && pp_str_eq(answer.nonce, challenge.nonce));
        CHECK(challenge.userhash ==
              !pp_authorization_check(&answer, PP_LIT("secret"), PP_LIT("BYE"), PP_STR_NONE));
        CHECK(!pp_authorization_check(&answer, PP_LIT("Secret"), PP_LIT("BYE"), PP_STR_NONE));
        CHECK(!memmem(value.p, value.n, "secret", 6) || memmem(text.p, text.n, "secret", 6));
    }
    pp_outgoing_unref(request);
    pp_message_unref(response);
}

static void check_authorization(pp_str text)
{
    pp_authorization a;

    if (pp_authorization_parse(text, &a) == 0)
        CHECK(!pp_authorization_check(&a, PP_LIT("never guessed"), PP_LIT("BYE"), PP_STR_NONE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_str text = pp_str_n(data, size);

    check_challenge(text);
    check_bearer(text, true);
    check_bearer(text, false);
    check_authorization(text);
    return 0;
}
