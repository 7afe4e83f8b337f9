/* torture.c - the messages of RFC 4475 and RFC 5118, as the parser should take them. */
#include "pipit/error.h"
#include "sip/outgoing.h"
#include "support/files.h"

#include <stdlib.h>

enum verdict { PARSES, DEFECT, DROPPED, ANY };

/* What the parser alone can tell; what is left to the transaction and user agent layers PARSES here. */
static const struct {
    const char *name;
    enum verdict verdict;
    int defect;
} expected[] = {
    {"wsinv.dat", PARSES, 0},
    {"intmeth.dat", PARSES, 0},
    {"esc01.dat", PARSES, 0},
    {"escnull.dat", PARSES, 0},
    {"esc02.dat", PARSES, 0},
    {"lwsdisp.dat", PARSES, 0},
    {"longreq.dat", PARSES, 0},
    {"dblreq.dat", PARSES, 0},
    {"semiuri.dat", PARSES, 0},
    {"transports.dat", PARSES, 0},
    {"mpart01.dat", PARSES, 0},
    {"unreason.dat", PARSES, 0},
    {"noreason.dat", PARSES, 0},
    {"badinv01.dat", DEFECT, 400},
    {"clerr.dat", DEFECT, 400},
    {"ncl.dat", DEFECT, 400},
    {"scalar02.dat", DEFECT, 400},
    {"scalarlg.dat", DROPPED, 0},
    {"quotbal.dat", DEFECT, 400},
    {"ltgtruri.dat", DEFECT, 400},
    {"lwsruri.dat", DEFECT, 400},
    {"lwsstart.dat", DEFECT, 400},
    {"trws.dat", DEFECT, 400},
    {"escruri.dat", DEFECT, 400},
    {"baddate.dat", PARSES, 0},
    {"regbadct.dat", DEFECT, 400},
    {"badaspec.dat", DEFECT, 400},
    {"baddn.dat", DROPPED,
     0}, /* it has no empty line; see a_display_name_with_a_comma_is_refused */
    {"badvers.dat", DEFECT, 505},
    {"mismatch01.dat", DEFECT, 400},
    {"mismatch02.dat", DEFECT, 400},
    {"bigcode.dat", DROPPED, 0},
    {"badbranch.dat", PARSES, 0},
    {"insuf.dat", DROPPED, 0},
    {"unkscm.dat", PARSES, 0},
    {"novelsc.dat", PARSES, 0},
    {"unksm2.dat", PARSES, 0},
    {"bext01.dat", PARSES, 0},
    {"invut.dat", PARSES, 0},
    {"regaut01.dat", PARSES, 0},
    {"multi01.dat", DEFECT, 400},
    {"mcl01.dat", DEFECT, 400},
    {"bcast.dat", PARSES, 0},
    {"zeromf.dat", PARSES, 0},
    {"cparam01.dat", PARSES, 0},
    {"cparam02.dat", PARSES, 0},
    {"regescrt.dat", PARSES, 0},
    {"sdp01.dat", PARSES, 0},
    {"inv2543.dat", PARSES, 0},
    {"test.dat", ANY, 0},
    {"ipv6-good.dat", PARSES, 0},
    {"ipv6-bad.dat", DEFECT, 400},
    {"port-ambiguous.dat", PARSES, 0},
    {"port-unambiguous.dat", PARSES, 0},
    {"via-received-param-with-delim.dat", PARSES, 0},
    {"via-received-param-no-delim.dat", PARSES, 0},
    {"ipv6-in-sdp.dat", PARSES, 0},
    {"mult-ip-in-header.dat", PARSES, 0},
    {"mult-ip-in-sdp.dat", PARSES, 0},
    {"ipv4-mapped-ipv6.dat", PARSES, 0},
    {"ipv6-bug-abnf-3-colons.dat", PARSES, 0},
    {"ipv6-correct-abnf-2-colons.dat", PARSES, 0},
};

#define EXPECTED (sizeof(expected) / sizeof(*expected))

static size_t seen;

static void check_verdict(const char *name, pp_str content, void *arg)
{
    pp_message *message = NULL;
    size_t i = 0;
    int err = pp_message_parse(content, &message);

    (void)arg;
    while (i < EXPECTED && strcmp(expected[i].name, name) != 0)
        i++;
    if (i == EXPECTED)
        fail_msg("%s is in no row", name);
    seen++;
    if (expected[i].verdict == PARSES && (err || message->defect))
        fail_msg("%s: %s", name, err ? pipit_error_message() : message->defect_phrase);
    if (expected[i].verdict == DEFECT && (err || message->defect != expected[i].defect))
        fail_msg("%s: wanted %d, %s", name, expected[i].defect,
                 err ? pipit_error_message() : "got none or another");
    if (expected[i].verdict == DROPPED && !err)
        fail_msg("%s was not refused", name);
    pp_message_unref(message);
}

static void a_torture_message_is_taken_as_the_rfc_wants(void **state)
{
    (void)state;
    seen = 0;
    each_corpus_file("sip-torture/rfc4475", check_verdict, NULL);
    each_corpus_file("sip-torture/rfc5118/wire", check_verdict, NULL);
    assert_int_equal(seen, EXPECTED);
}

static pp_message *parsed(const char *name)
{
    pp_str content = read_corpus(name);
    pp_message *message = NULL;

    assert_int_equal(pp_message_parse(content, &message), 0);
    free((void *)(uintptr_t)content.p);
    return message;
}

static void assert_str(pp_str got, const char *wanted)
{
    if (!pp_str_eq_c(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", PP_STR(got), wanted);
}

static void the_tortuous_invite_is_understood(void **state)
{
    pp_message *m = parsed("sip-torture/rfc4475/wsinv.dat");
    pp_member at = {0};
    pp_str value;
    pp_via via;

    (void)state;
    assert_int_equal(m->method, PP_INVITE);
    assert_str(m->to_tag, "1918181833n");
    assert_str(m->from_tag, "98asjd8");
    assert_str(m->from.display_name, "\"J Rosenberg \\\\\\\"\"");
    assert_int_equal(m->cseq, 9);
    assert_str(m->call_id, "wsinv.ndaksdj@192.0.2.1");
    assert_int_equal(m->via_count, 3);
    assert_str(m->via.transport, "UDP");
    assert_str(m->via.host, "192.0.2.2");
    assert_str(m->via.branch, "390skdjuw");
    assert_true(pp_message_next(m, PP_HEADER_VIA, &at, &value));
    assert_true(pp_message_next(m, PP_HEADER_VIA, &at, &value));
    assert_int_equal(pp_via_parse(value, &via), 0);
    assert_str(via.branch, "z9hG4bK9ikj8");
    assert_true(pp_message_next(m, PP_HEADER_VIA, &at, &value));
    assert_int_equal(pp_via_parse(value, &via), 0);
    assert_str(via.host, "192.168.255.111");
    assert_false(pp_message_next(m, PP_HEADER_VIA, &at, &value));
    assert_int_equal(m->body.n, 150);
    assert_str(pp_message_header_named(m, PP_LIT("newfangledheader"), 0),
               "newfangled value   continued newfangled value");
    assert_true(pp_message_header(m, PP_HEADER_SUBJECT, 0).p != NULL);
    pp_message_unref(m);
}

static void an_escaped_semicolon_stays_in_the_user_part(void **state)
{
    pp_message *m = parsed("sip-torture/rfc4475/semiuri.dat");

    (void)state;
    assert_str(m->ruri.user, "user;par=u%40example.net");
    assert_str(m->ruri.host, "example.com");
    pp_message_unref(m);
}

static void an_ipv6_port_is_read_outside_the_brackets_only(void **state)
{
    pp_message *m = parsed("sip-torture/rfc5118/wire/port-ambiguous.dat");

    (void)state;
    assert_str(m->ruri.host, "[2001:db8::10:5070]");
    assert_int_equal(m->ruri.port, 0);
    pp_message_unref(m);
    m = parsed("sip-torture/rfc5118/wire/port-unambiguous.dat");
    assert_str(m->ruri.host, "[2001:db8::10]");
    assert_int_equal(m->ruri.port, 5070);
    pp_message_unref(m);
}

static void a_message_behind_the_message_is_not_in_its_body(void **state)
{
    pp_message *m = parsed("sip-torture/rfc4475/dblreq.dat");

    (void)state;
    assert_int_equal(m->method, PP_REGISTER);
    assert_int_equal(m->body.n, 0);
    pp_message_unref(m);
}

/* baddn.dat as its section means it: with the empty line that the archive lost. */
static void a_display_name_with_a_comma_is_refused(void **state)
{
    pp_str content = read_corpus("sip-torture/rfc4475/baddn.dat");
    pp_buf whole = {0};
    pp_message *m = NULL;

    (void)state;
    pp_buf_str(&whole, content);
    pp_buf_c(&whole, "\r\n");
    assert_int_equal(pp_message_parse(pp_buf_text(&whole), &m), 0);
    assert_int_equal(m->defect, 400);
    assert_string_equal(m->defect_phrase, "Bad From");
    pp_message_unref(m);
    pp_buf_free(&whole);
    free((void *)(uintptr_t)content.p);
}

/* Whatever it is, an answer to it can be written, and parses as an answer. */
static void check_answer(const char *name, pp_str content, void *arg)
{
    pp_message *request = NULL, *answer = NULL;
    pp_outgoing *response = NULL;
    pp_buf wire = {0};

    (void)arg;
    if (pp_message_parse(content, &request) || !request->is_request) {
        pp_message_unref(request);
        return;
    }
    assert_int_equal(pp_outgoing_response(request, 400, request->defect_phrase, "tag", &response),
                     0);
    assert_int_equal(pp_outgoing_write(response, &wire), 0);
    if (!request->defect && pp_message_parse(pp_buf_text(&wire), &answer))
        fail_msg("%s: %s", name, pipit_error_message());
    if (answer) {
        assert_int_equal(answer->status, 400);
        assert_int_equal(answer->method, request->method);
        assert_true(pp_str_eq(answer->call_id, request->call_id));
        assert_true(pp_str_eq(answer->from_tag, request->from_tag));
        assert_true(answer->to_tag.n > 0);
    }
    pp_message_unref(answer);
    pp_message_unref(request);
    pp_outgoing_unref(response);
    pp_buf_free(&wire);
}

static void a_torture_request_can_be_answered(void **state)
{
    (void)state;
    each_corpus_file("sip-torture/rfc4475", check_answer, NULL);
    each_corpus_file("sip-torture/rfc5118/wire", check_answer, NULL);
}

/* A copy of its exact size, so that the sanitizer sees the first octet read too far. */
static void parse_exactly(pp_str content, size_t size)
{
    char *copy = malloc(size ? size : 1);
    pp_message *m = NULL;

    assert_non_null(copy);
    memcpy(copy, content.p, size);
    if (pp_message_parse(pp_str_n(copy, size), &m) == 0)
        assert_true(m->body.p + m->body.n <= m->wire.p + m->wire.n);
    pp_message_unref(m);
    free(copy);
}

static void check_damaged(const char *name, pp_str content, void *arg)
{
    char *octets = (char *)(uintptr_t)content.p;

    (void)name;
    (void)arg;
    for (size_t n = 0; n < content.n; n++)
        parse_exactly(content, n);
    for (size_t i = 0; i < content.n; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            pp_message *m = NULL;
            octets[i] = (char)(octets[i] ^ 1 << bit);
            if (pp_message_parse(content, &m) == 0)
                assert_true(m->body.p + m->body.n <= m->wire.p + m->wire.n);
            pp_message_unref(m);
            octets[i] = (char)(octets[i] ^ 1 << bit);
        }
    }
}

static void a_cut_or_flipped_torture_message_does_no_harm(void **state)
{
    (void)state;
    each_corpus_file("sip-torture/rfc4475", check_damaged, NULL);
    each_corpus_file("sip-torture/rfc5118/wire", check_damaged, NULL);
    each_corpus_file("sip-torture/rfc5118/archive", check_damaged, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_torture_message_is_taken_as_the_rfc_wants),
        cmocka_unit_test(the_tortuous_invite_is_understood),
        cmocka_unit_test(an_escaped_semicolon_stays_in_the_user_part),
        cmocka_unit_test(an_ipv6_port_is_read_outside_the_brackets_only),
        cmocka_unit_test(a_message_behind_the_message_is_not_in_its_body),
        cmocka_unit_test(a_display_name_with_a_comma_is_refused),
        cmocka_unit_test(a_torture_request_can_be_answered),
        cmocka_unit_test(a_cut_or_flipped_torture_message_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
