/* public_memory.c - each allocation of the public objects failing in turn: nothing is lost, and what was there stays. */
#include "pipit/error.h"
#include "pipit/request.h"
#include "support/files.h"
#include "support/scarce.h"

static int edit_uri(void)
{
    pipit_uri *uri = NULL, *copy = NULL;
    char *text = NULL;
    int err = pipit_uri_new("sip", "a b", "H", 5, &uri);

    if (!err)
        err = pipit_uri_set_param(uri, "x", "y");
    if (!err)
        err = pipit_uri_set_param(uri, "X", "z");
    if (!err)
        err = pipit_uri_set_header(uri, "a_b", "c");
    if (!err)
        err = pipit_uri_add_header(uri, "a-b", "d");
    if (!err)
        err = pipit_uri_set_user(uri, "j@s0n");
    if (!err)
        err = pipit_uri_set_scheme(uri, "sips");
    if (!err)
        err = pipit_uri_clone(uri, &copy);
    if (!err)
        err = pipit_uri_to_string(copy, &text);
    if (!err)
        assert_string_equal(text, "sips:j%40s0n@h:5;x=z?A-B=c&A-B=d");
    pipit_free(text);
    pipit_uri_unref(uri);
    pipit_uri_unref(copy);
    return err;
}

static int edit_address(void)
{
    pipit_name_addr *address = NULL, *copy = NULL;
    char *text = NULL;
    int err = pipit_name_addr_parse("\"a \\\"b\\\"\" <sip:a%20b@h;x=y?z=1>;p=q", &address);

    if (!err)
        err = pipit_name_addr_set_display_name(address, "c");
    if (!err)
        err = pipit_name_addr_set_param(address, "p", "r s");
    if (!err)
        err = pipit_name_addr_clone(address, &copy);
    if (!err)
        err = pipit_name_addr_to_string(copy, &text);
    if (!err)
        assert_string_equal(text, "\"c\" <sip:a%20b@h;x=y?Z=1>;p=\"r s\"");
    pipit_free(text);
    pipit_name_addr_unref(address);
    pipit_name_addr_unref(copy);
    return err;
}

static int edit_request(void)
{
    static const char *const route[] = {"<sip:p;lr>", NULL};
    static const char *const extra[] = {"X: 1", NULL};
    static const pipit_request_options options = {.from_uri = "sip:a@h",
                                                  .from_display_name = "A",
                                                  .from_tag = "1",
                                                  .call_id = "c",
                                                  .route_set = route,
                                                  .extra_headers = extra,
                                                  .body = "b"};
    pipit_request *request = NULL;
    pipit_name_addr *from = NULL;
    pipit_uri *ruri = NULL;
    char *text = NULL;
    int err = pipit_request_new("BYE", "sip:b@h", &options, &request);

    if (!err) {
        err = pipit_request_set_header(request, "X", "2");
        assert_string_equal(pipit_request_header(request, "X", 0), err ? "1" : "2");
    }
    if (!err)
        err = pipit_request_set_body(request, "a/b", "cd", 2);
    if (!err)
        err = pipit_request_from(request, &from);
    if (!err)
        err = pipit_request_uri(request, &ruri);
    if (!err)
        err = pipit_request_to_string(request, &text);
    pipit_free(text);
    pipit_name_addr_unref(from);
    pipit_uri_unref(ruri);
    pipit_request_unref(request);
    return err;
}

static int parse_all(void)
{
    static const char *const rows[][2] = {
        {"Contact", "\"a\" <sip:b@c;d=e>;f=g, sip:h, <tel:+1;x>"},
        {"Via", "SIP/2.0/WS a:1;branch=b;rport, SIP/2.0/WS c"},
        {"challenge", "Digest realm=\"a\", nonce=\"b\", qop=\"auth\", algorithm=md5"},
        {"Reason", "SIP;cause=1;text=\"x\""},
        {"Content_Type", "a/b;c=\"d\""},
        {"Date", "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"Request_Line", "BYE sip:a@b SIP/2.0"},
        {"Subject", "a\r\n b"},
        {"host", "[::1]"},
        {"message",
         "BYE sip:a SIP/2.0\r\nVia: SIP/2.0/WS a\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n"
         "Call-ID: 1\r\nCSeq: 1 BYE\r\n\r\n"},
    };
    int err = 0;

    for (size_t i = 0; !err && i < sizeof(rows) / sizeof(*rows); i++) {
        pipit_value *value = NULL;
        err = pipit_parse(rows[i][0], rows[i][1], &value);
        assert_int_equal(err != 0, value == NULL);
        pipit_value_unref(value);
    }
    return err;
}

static void a_uri_survives_want_of_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(edit_uri, true) > 0);
}

static void an_address_survives_want_of_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(edit_address, true) > 0);
}

static void a_request_survives_want_of_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(edit_request, true) > 0);
}

static void a_parse_survives_want_of_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(parse_all, true) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uri_survives_want_of_memory),
        cmocka_unit_test(an_address_survives_want_of_memory),
        cmocka_unit_test(a_request_survives_want_of_memory),
        cmocka_unit_test(a_parse_survives_want_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
