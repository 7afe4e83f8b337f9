/* memory.c - each allocation of a message's life failing in turn. */
#include "base/alloc.h"
#include "base/limits.h"
#include "pipit/error.h"
#include "pipit/uri.h"
#include "sip/request.h"
#include "sip/sanity.h"
#include "support/files.h"
#include "support/scarce.h"
#include "unit/sip/support/answers.h"

static void fill(void *arg, void *out, size_t size)
{
    (void)arg;
    memset(out, 1, size);
}

static const char challenge_text[] =
    "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/WSS a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    "To: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n"
    "WWW-Authenticate: Digest realm=\"a\\\"b\", nonce=\"1\", qop=\"auth\"\r\n\r\n";

static const char request_text[] =
    "MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/WSS a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    "To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 2\r\n\r\nhi";

static int answer_challenge(void)
{
    static const pp_credentials credentials = {.username = "alice", .password = "secret"};
    static const pp_rng rng = {fill, NULL};
    pp_message *response = NULL;
    pp_outgoing *request = NULL, *again = NULL;
    pp_buf wire = {0};
    int err = pp_message_parse(pp_str_c(challenge_text), &response);

    if (!err)
        err = pp_outgoing_request(PP_REGISTER, PP_LIT("sip:b"), &request);
    if (!err) {
        for (int i = 0; i < 40; i++)
            pp_outgoing_add_format(request, PP_HEADER_ACCEPT,
                                   "text/a-long-subtype-for-more-than-one-piece-of-memory-%d", i);
        pp_outgoing_set_body(request, "text/plain", PP_LIT("body"));
        err = pp_outgoing_error(request);
    }
    if (!err)
        err = pp_outgoing_clone(request, &again);
    if (!err)
        err = answer_all(response, &credentials, &rng, 1, again);
    if (!err)
        err = pp_outgoing_write(again, &wire);
    pp_message_unref(response);
    pp_outgoing_unref(request);
    pp_outgoing_unref(again);
    pp_buf_free(&wire);
    return err;
}

static int answer_request(void)
{
    pp_message *request = NULL;
    pp_outgoing *response = NULL, *copy = NULL;
    pipit_request *in = NULL, *out = NULL;
    int err = pp_message_parse(pp_str_c(request_text), &request);

    if (!err)
        err = pp_request_of_message(request, &in);
    if (!err)
        err = pp_outgoing_from_message(request, &copy);
    if (!err)
        err = pp_outgoing_response(request, 200, NULL, "tag", &response);
    if (!err)
        err = pp_request_of_outgoing(response, &out);
    pp_message_unref(request);
    pp_outgoing_unref(response);
    pp_outgoing_unref(copy);
    pipit_request_unref(in);
    pipit_request_unref(out);
    return err;
}

static int cancel_invite(void)
{
    pp_outgoing *invite = NULL, *cancel = NULL;
    int err = pp_outgoing_request(PP_INVITE, PP_LIT("sip:b"), &invite);

    if (!err) {
        pp_outgoing_add_c(invite, PP_HEADER_CSEQ, "1 INVITE");
        pp_outgoing_add_first(invite, PP_HEADER_VIA, PP_LIT("SIP/2.0/WSS a;branch=z9hG4bK1"));
        err = pp_outgoing_cancel(invite, &cancel);
    }
    if (invite && !err)
        err = pp_outgoing_error(invite);
    pp_outgoing_unref(invite);
    pp_outgoing_unref(cancel);
    return err;
}

static int normalize(void)
{
    char *target = NULL;
    int err = pipit_normalize_target("b\xC3\xB6"
                                     "b",
                                     "example.com", &target);

    pipit_free(target);
    return err;
}

/* A refusal of what is required, with fields for options that do not fit into one. */
static int refuse_extensions(void)
{
    static const pp_sanity_rules rules = {.size_max = PP_LIMIT_SIP_MESSAGE};
    pp_outgoing *response = NULL;
    pp_message *request = NULL;
    pp_buf text = {0}, wire = {0};
    pp_str sent;
    int err;

    pp_buf_str(&text, pp_str_sub(pp_str_c(request_text), 0, sizeof(request_text) - 5));
    for (int i = 0; i < 3; i++)
        pp_buf_format(&text, "Require: %06000d\r\n", i);
    pp_buf_c(&text, "\r\nhi");
    err = pp_buf_error(&text);
    if (!err)
        err = pp_message_parse(pp_buf_text(&text), &request);
    if (!err)
        err = pp_outgoing_response(request, 420, NULL, "tag", &response);
    if (!err) {
        pp_sanity_explain(request, &rules, response);
        err = pp_outgoing_write(response, &wire);
    }
    if (!err)
        err = pp_outgoing_wire(response, &sent);
    pp_message_unref(request);
    pp_outgoing_unref(response);
    pp_buf_free(&text);
    pp_buf_free(&wire);
    return err;
}

static void a_refusal_survives_want_of_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(refuse_extensions, true) > 0);
    assert_true(scarce_sweep(refuse_extensions, false) > 0);
}

static void an_answer_to_a_challenge_survives_want_of_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(answer_challenge, true) > 0);
}

static void an_answer_to_a_request_survives_want_of_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(answer_request, true) > 0);
}

static void a_cancel_survives_want_of_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(cancel_invite, true) > 0);
}

static void a_target_survives_want_of_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(normalize, true) > 0);
}

/* performance: struct, header table and copy of the wire are one block. */
static void a_parse_takes_one_allocation(void **state)
{
    pp_message *m = NULL;

    (void)state;
    scarce_begin(2);
    assert_int_equal(pp_message_parse(pp_str_c(request_text), &m), 0);
    assert_int_equal(scarce_memory.held, 1);
    assert_int_equal(scarce_memory.count, 1);
    pp_message_unref(m);
    scarce_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_to_a_challenge_survives_want_of_memory),
        cmocka_unit_test(an_answer_to_a_request_survives_want_of_memory),
        cmocka_unit_test(a_refusal_survives_want_of_memory),
        cmocka_unit_test(a_cancel_survives_want_of_memory),
        cmocka_unit_test(a_target_survives_want_of_memory),
        cmocka_unit_test(a_parse_takes_one_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
