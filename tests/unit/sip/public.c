/* public.c - the public URI, address, message and value, as the JsSIP manual describes them. */
#include "base/limits.h"
#include "pipit/error.h"
#include "pipit/request.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>

static void assert_text(char *got, const char *wanted)
{
    assert_string_equal(got, wanted);
    pipit_free(got);
}

static void assert_uri(const pipit_uri *uri, const char *wanted)
{
    char *text = NULL;

    assert_int_equal(pipit_uri_to_string(uri, &text), 0);
    assert_text(text, wanted);
}

static void assert_aor(const pipit_uri *uri, const char *wanted)
{
    char *text = NULL;

    assert_int_equal(pipit_uri_to_aor(uri, false, &text), 0);
    assert_text(text, wanted);
}

static void assert_address(const pipit_name_addr *address, const char *wanted)
{
    char *text = NULL;

    assert_int_equal(pipit_name_addr_to_string(address, &text), 0);
    assert_text(text, wanted);
}

static pipit_uri *uri_of(const char *text)
{
    pipit_uri *uri = NULL;

    if (pipit_uri_parse(text, &uri))
        fail_msg("%s: %s", text, pipit_error_message());
    return uri;
}

static pipit_name_addr *address_of(const char *text)
{
    pipit_name_addr *address = NULL;

    if (pipit_name_addr_parse(text, &address))
        fail_msg("%s: %s", text, pipit_error_message());
    return address;
}

static pipit_value *value_of(const char *rule, const char *text)
{
    pipit_value *value = NULL;

    if (pipit_parse(rule, text, &value))
        fail_msg("%s: %s: %s", rule, text, pipit_error_message());
    return value;
}

/* --- URI ------------------------------------------------------------------------------------------ */

/* The example of the manual. */
static void a_uri_is_made_of_its_parts(void **state)
{
    pipit_uri *uri = NULL;
    char *aor = NULL;

    (void)state;
    assert_int_equal(pipit_uri_new(NULL, "alice", "AtlanTa.com", 5060, &uri), 0);
    assert_int_equal(pipit_uri_set_param(uri, "Param_name", "param_value"), 0);
    assert_int_equal(pipit_uri_set_param(uri, "valueless_param", NULL), 0);
    assert_int_equal(pipit_uri_set_header(uri, "header_name", "header_value"), 0);
    assert_int_equal(pipit_uri_set_header(uri, "multi_header", "multi_header_value1"), 0);
    assert_int_equal(pipit_uri_add_header(uri, "Multi-Header", "multi_header_value2"), 0);
    assert_uri(uri, "sip:alice@atlanta.com:5060;param_name=param_value;valueless_param"
                    "?Header-Name=header_value&Multi-Header=multi_header_value1"
                    "&Multi-Header=multi_header_value2");
    assert_aor(uri, "sip:alice@atlanta.com");
    assert_int_equal(pipit_uri_to_aor(uri, true, &aor), 0);
    assert_text(aor, "sip:alice@atlanta.com:5060");
    assert_null(pipit_uri_unref(uri));
    assert_null(pipit_uri_unref(NULL));
}

static void the_parts_of_a_uri_are_set_and_read(void **state)
{
    pipit_uri *uri = uri_of("sip:atlanta.com");

    (void)state;
    assert_null(pipit_uri_user(uri));
    assert_int_equal(pipit_uri_port(uri), 0);
    assert_int_equal(pipit_uri_set_scheme(uri, "SIPs"), 0);
    assert_string_equal(pipit_uri_scheme(uri), "sips");
    assert_int_equal(pipit_uri_set_user(uri, "Alice"), 0);
    assert_string_equal(pipit_uri_user(uri), "Alice");
    assert_int_equal(pipit_uri_set_host(uri, "AtLATta.cOm"), 0);
    assert_string_equal(pipit_uri_host(uri), "atlatta.com");
    assert_int_equal(pipit_uri_set_port(uri, 5060), 0);
    assert_int_equal(pipit_uri_port(uri), 5060);
    assert_uri(uri, "sips:Alice@atlatta.com:5060");
    assert_int_equal(pipit_uri_set_user(uri, NULL), 0);
    assert_int_equal(pipit_uri_set_port(uri, 0), 0);
    assert_int_equal(pipit_uri_set_host(uri, "[2001:DB8::1]"), 0);
    assert_uri(uri, "sips:[2001:db8::1]");
    assert_int_equal(pipit_uri_set_port(uri, 65536), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_uri_set_host(uri, "a b"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_uri_set_host(uri, ""), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_uri_set_host(uri, NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_uri_set_scheme(uri, "http"), PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pipit_uri_set_scheme(uri, "s ip"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_uri_set_user(uri, ":pw"), PIPIT_ERR_SYNTAX);
    assert_uri(uri, "sips:[2001:db8::1]");
    pipit_uri_unref(uri);
}

/* "User escaped on output": what is escaped already stays so, and nothing is lost on the way. */
static void a_user_is_escaped_when_it_is_written(void **state)
{
    static const struct {
        const char *set, *written, *read;
    } rows[] = {
        {"j@s0n", "sip:j%40s0n@h", "j@s0n"},
        {"j%40s0n", "sip:j%40s0n@h", "j@s0n"},
        {"alice:p@ss", "sip:alice:p%40ss@h", "alice:p@ss"},
        {"i\xC3\xB1\xC3\xA9", "sip:i%C3%B1%C3%A9@h", "i\xC3\xB1\xC3\xA9"},
        {"100%", "sip:100%25@h", "100%"},
        {"+1(2)?/x", "sip:+1(2)?/x@h", "+1(2)?/x"},
        {"a b<>\";", "sip:a%20b%3C%3E%22%3B@h", "a b<>\";"},
        {"x%00%0D%0ay", "sip:x%00%0D%0Ay@h", "x%00%0D%0Ay"},
    };
    pipit_uri *uri = uri_of("sip:h");

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pipit_uri *back;
        assert_int_equal(pipit_uri_set_user(uri, rows[i].set), 0);
        assert_uri(uri, rows[i].written);
        assert_string_equal(pipit_uri_user(uri), rows[i].read);
        back = uri_of(rows[i].written);
        assert_string_equal(pipit_uri_user(back), rows[i].read);
        assert_uri(back, rows[i].written);
        pipit_uri_unref(back);
    }
    pipit_uri_unref(uri);
}

static void parameters_and_headers_are_set_found_and_removed(void **state)
{
    pipit_uri *uri = uri_of("sip:a@h;x=1;X=2;lr?a=1&b=2&A=3");

    (void)state;
    assert_string_equal(pipit_uri_get_param(uri, "x"), "1");
    assert_string_equal(pipit_uri_get_param(uri, "LR"), "");
    assert_null(pipit_uri_get_param(uri, "y"));
    assert_int_equal(pipit_uri_set_param(uri, "X", "a;b c=%41&"), 0);
    assert_string_equal(pipit_uri_get_param(uri, "x"), "a;b c=%41&");
    assert_int_equal(pipit_uri_count_header(uri, "a"), 2);
    assert_string_equal(pipit_uri_get_header(uri, "A", 1), "3");
    assert_null(pipit_uri_get_header(uri, "a", 2));
    assert_int_equal(pipit_uri_set_header(uri, "a", "x&y z"), 0);
    assert_uri(uri, "sip:a@h;x=a%3Bb%20c%3D%41&;lr?A=x%26y%20z&B=2");
    assert_true(pipit_uri_delete_param(uri, "LR"));
    assert_false(pipit_uri_delete_param(uri, "LR"));
    assert_false(pipit_uri_has_param(uri, "lr"));
    assert_true(pipit_uri_delete_header(uri, "a"));
    assert_false(pipit_uri_has_header(uri, "a"));
    assert_uri(uri, "sip:a@h;x=a%3Bb%20c%3D%41&?B=2");
    pipit_uri_clear_params(uri);
    pipit_uri_clear_headers(uri);
    assert_uri(uri, "sip:a@h");
    assert_int_equal(pipit_uri_set_param(uri, "", "x"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_uri_set_param(uri, NULL, "x"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_uri_set_param(uri, "a", "b\r\nc"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_uri_set_header(uri, "a\n", "c"), PIPIT_ERR_SYNTAX);
    assert_uri(uri, "sip:a@h");
    pipit_uri_unref(uri);
}

static void a_clone_is_another_uri(void **state)
{
    pipit_uri *uri = uri_of("sip:a%20b@h:5;x?y=z"), *copy = NULL;

    (void)state;
    assert_int_equal(pipit_uri_clone(uri, &copy), 0);
    assert_int_equal(pipit_uri_set_user(uri, "c"), 0);
    pipit_uri_clear_params(uri);
    assert_uri(copy, "sip:a%20b@h:5;x?Y=z");
    assert_string_equal(pipit_uri_user(copy), "a b");
    pipit_uri_unref(uri);
    pipit_uri_unref(copy);
}

static void a_uri_of_another_scheme_is_kept(void **state)
{
    pipit_uri *tel = uri_of("TEL:+1-201-555;Phone-Context=Example.com"), *urn, *made = NULL;

    (void)state;
    assert_string_equal(pipit_uri_user(tel), "+1-201-555");
    assert_null(pipit_uri_host(tel));
    assert_string_equal(pipit_uri_get_param(tel, "phone-context"), "Example.com");
    assert_uri(tel, "tel:+1-201-555;phone-context=Example.com");
    assert_aor(tel, "tel:+1-201-555");
    assert_int_equal(pipit_uri_set_host(tel, "h"), PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pipit_uri_set_header(tel, "h", "x"), PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pipit_uri_set_user(tel, "12;x"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_uri_set_user(tel, "*12#"), 0);
    pipit_uri_unref(tel);
    urn = uri_of("URN:service:sos;x?y");
    assert_string_equal(pipit_uri_opaque(urn), "service:sos;x?y");
    assert_uri(urn, "urn:service:sos;x?y");
    assert_int_equal(pipit_uri_set_user(urn, "x"), PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pipit_uri_set_param(urn, "x", NULL), PIPIT_ERR_NOT_SUPPORTED);
    pipit_uri_unref(urn);
    assert_int_equal(pipit_uri_new("tel", "+123", NULL, 0, &made), 0);
    assert_uri(made, "tel:+123");
    pipit_uri_unref(made);
}

static void a_uri_that_is_none_is_refused(void **state)
{
    static const char *const texts[] = {
        "",           "sip:",          "alice",     "sip:a@",          "sip:@h",
        "sip:a@h;;x", "sip:a@h:70000", "sip:a b@h", "sip:a@h\r\nX: y", "sip:%zz@h",
        "sip:a@h?"};
    pipit_uri *uri = NULL;
    char many[512] = "sip:h";

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (pipit_uri_parse(texts[i], &uri) != PIPIT_ERR_SYNTAX)
            fail_msg("%s", texts[i]);
    for (int i = 0; i < 71; i++)
        snprintf(many + strlen(many), sizeof(many) - strlen(many), ";p%d", i);
    assert_int_equal(pipit_uri_parse(many, &uri), PIPIT_ERR_LIMIT);
    assert_int_equal(pipit_uri_parse(NULL, &uri), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_uri_new("sip", "a", NULL, 0, &uri), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_uri_new("ftp", "a", "h", 0, &uri), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_uri_new("tel", NULL, NULL, 0, &uri), PIPIT_ERR_SYNTAX);
    assert_null(uri);
}

/* --- address -------------------------------------------------------------------------------------- */

static void an_address_is_made_and_written(void **state)
{
    pipit_uri *uri = uri_of("sip:alice@atlanta.com");
    pipit_name_addr *address = NULL, *copy = NULL;

    (void)state;
    assert_int_equal(pipit_name_addr_new(uri, "Mrs. \"A\\lice\"", &address), 0);
    assert_int_equal(pipit_name_addr_set_param(address, "Parameter_1", "value_1"), 0);
    assert_int_equal(pipit_name_addr_set_param(address, "parameter_2", NULL), 0);
    assert_address(address, "\"Mrs. \\\"A\\\\lice\\\"\" <sip:alice@atlanta.com>;"
                            "parameter_1=value_1;parameter_2");
    assert_string_equal(pipit_uri_user(pipit_name_addr_uri(address)), "alice");
    assert_int_equal(pipit_name_addr_clone(address, &copy), 0);
    pipit_name_addr_clear_params(address);
    assert_int_equal(pipit_name_addr_set_display_name(address, ""), 0);
    assert_null(pipit_name_addr_display_name(address));
    assert_address(address, "<sip:alice@atlanta.com>");
    assert_string_equal(pipit_name_addr_get_param(copy, "PARAMETER_1"), "value_1");
    assert_string_equal(pipit_name_addr_get_param(copy, "parameter_2"), "");
    assert_true(pipit_name_addr_delete_param(copy, "parameter_2"));
    assert_false(pipit_name_addr_has_param(copy, "parameter_2"));
    assert_int_equal(pipit_uri_set_user(uri, "bob"), 0);
    assert_int_equal(pipit_name_addr_set_uri(copy, uri), 0);
    assert_address(copy, "\"Mrs. \\\"A\\\\lice\\\"\" <sip:bob@atlanta.com>;parameter_1=value_1");
    assert_int_equal(pipit_name_addr_new(NULL, "x", &copy), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_name_addr_set_uri(copy, NULL), PIPIT_ERR_ARGUMENT);
    pipit_name_addr_unref(address);
    pipit_name_addr_unref(copy);
    assert_null(pipit_name_addr_unref(NULL));
    pipit_uri_unref(uri);
}

static void an_address_that_was_written_is_read_again(void **state)
{
    static const char *const texts[][2] = {
        {"sip:a@h;tag=x", "<sip:a@h>;tag=x"},
        {"Bob  the\tgreat <tel:+1>;X=\"a;b\"", "\"Bob the great\" <tel:+1>;x=\"a;b\""},
        {"\"\" <sip:h>", "<sip:h>"},
        {"\"\xFF\xC3\xA9\" <sip:[::1]:5>;a;b=c", "\"\xFF\xC3\xA9\" <sip:[::1]:5>;a;b=c"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        pipit_name_addr *address = address_of(texts[i][0]), *again;
        assert_address(address, texts[i][1]);
        again = address_of(texts[i][1]);
        assert_address(again, texts[i][1]);
        pipit_name_addr_unref(address);
        pipit_name_addr_unref(again);
    }
}

static void a_text_that_would_break_an_address_is_refused_or_quoted(void **state)
{
    pipit_name_addr *address = address_of("<sip:a@h>"), *none = NULL;

    (void)state;
    assert_int_equal(pipit_name_addr_set_display_name(address, "a\r\nb"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_name_addr_set_display_name(address, "a\x01"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_name_addr_set_param(address, "a;b", NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_name_addr_set_param(address, "a", "b\nc"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_name_addr_set_param(address, "a", "b;c, \"d\""), 0);
    assert_string_equal(pipit_name_addr_get_param(address, "a"), "\"b;c, \\\"d\\\"\"");
    assert_address(address, "<sip:a@h>;a=\"b;c, \\\"d\\\"\"");
    assert_int_equal(pipit_name_addr_parse("\"x <sip:a@h>", &none), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_name_addr_parse("<sip:a@h>\r\n;x", &none), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_name_addr_parse(NULL, &none), PIPIT_ERR_ARGUMENT);
    assert_null(none);
    pipit_name_addr_unref(address);
}

/* --- message -------------------------------------------------------------------------------------- */

static const char wire[] =
    "INVITE sip:bob@h;x SIP/2.0\r\nv: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
    "From: \"Al\" <sip:alice@h>;tag=f1\r\nTo: <sip:bob@h>\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\n"
    "m: <sip:a@h>;expires=5, <sip:b@h>\r\nm: <sip:c@h>\r\nX-Foo: one\r\nx-foo: two\r\n"
    "Event: broken;;\r\nContent-Length: 4\r\n\r\nbody";

static void a_message_that_came_tells_all(void **state)
{
    pipit_request *m = NULL;
    pipit_name_addr *from = NULL, *to = NULL;
    pipit_uri *ruri = NULL;
    pipit_value *value = NULL;
    char *text = NULL;

    (void)state;
    assert_int_equal(pipit_request_parse(wire, sizeof(wire) - 1, &m), 0);
    assert_string_equal(pipit_request_call_id(m), "c1");
    assert_int_equal(pipit_request_cseq(m), 7);
    assert_string_equal(pipit_request_from_tag(m), "f1");
    assert_string_equal(pipit_request_to_tag(m), "");
    assert_string_equal(pipit_request_via_branch(m), "z9hG4bK1");
    assert_int_equal(pipit_request_from(m, &from), 0);
    assert_string_equal(pipit_name_addr_display_name(from), "Al");
    assert_int_equal(pipit_request_to(m, &to), 0);
    assert_address(to, "<sip:bob@h>");
    assert_int_equal(pipit_request_uri(m, &ruri), 0);
    assert_true(pipit_uri_has_param(ruri, "x"));
    assert_int_equal(pipit_request_count_header(m, "Contact"), 2);
    assert_int_equal(pipit_request_count_header(m, "X-FOO"), 2);
    assert_true(pipit_request_has_header(m, "x-foo"));
    assert_false(pipit_request_has_header(m, "x-bar"));
    assert_string_equal(pipit_request_header(m, "X-Foo", 1), "two");
    assert_int_equal(pipit_request_parse_header(m, "Contact", 0, &value), 0);
    assert_int_equal(pipit_value_count(value), 2);
    assert_string_equal(pipit_value_get_param(value, 0, "expires"), "5");
    value = pipit_value_unref(value);
    assert_int_equal(pipit_request_parse_header(m, "Contact", 2, &value), PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_request_parse_header(m, "Event", 0, &value), PIPIT_ERR_SYNTAX);
    assert_null(value);
    assert_int_equal(pipit_request_to_string(m, &text), 0);
    assert_text(text, wire);
    pipit_name_addr_unref(from);
    pipit_name_addr_unref(to);
    pipit_uri_unref(ruri);
    pipit_request_unref(m);
}

static void a_message_that_came_keeps_its_text_when_a_header_is_set(void **state)
{
    pipit_request *m = NULL;
    size_t size;

    (void)state;
    assert_int_equal(pipit_request_parse(wire, sizeof(wire) - 1, &m), 0);
    assert_int_equal(pipit_request_set_header(m, "X-Foo", "three"), 0);
    assert_int_equal(pipit_request_count_header(m, "x-foo"), 1);
    assert_string_equal(pipit_request_header(m, "x-foo", 0), "three");
    assert_string_equal(pipit_request_header(m, "Content-Length", 0), "4");
    assert_string_equal(pipit_request_text(m, &size), wire);
    assert_int_equal(size, sizeof(wire) - 1);
    assert_string_equal(pipit_request_body(m, NULL), "body");
    assert_int_equal(pipit_request_set_body(m, "a/b", "x", 1), PIPIT_ERR_STATE);
    assert_int_equal(pipit_request_set_header(m, "To", "<sip:bob@h>;tag=t"), 0);
    assert_string_equal(pipit_request_to_tag(m), "t");
    pipit_request_unref(m);
}

static void a_request_is_made_and_changed(void **state)
{
    static const char *const route[] = {"<sip:p@h;lr>", NULL};
    static const char *const extra[] = {"X-A: 1", "Via: SIP/2.0/WSS a;branch=z9hG4bK2", NULL};
    static const pipit_request_options options = {
        .from_uri = "sip:alice@h",
        .from_display_name = "Al \"x\"",
        .from_tag = "f",
        .to_tag = "t",
        .call_id = "c@d",
        .cseq = 9,
        .route_set = route,
        .extra_headers = extra,
        .body = "hi",
    };
    pipit_request *m = NULL, *back = NULL;
    const char *text;
    size_t size;

    (void)state;
    assert_int_equal(pipit_request_new("MESSAGE", "sip:bob@h", &options, &m), 0);
    assert_string_equal(
        pipit_request_text(m, NULL),
        "MESSAGE sip:bob@h SIP/2.0\r\nRoute: <sip:p@h;lr>\r\nMax-Forwards: 69\r\n"
        "To: <sip:bob@h>;tag=t\r\nFrom: \"Al \\\"x\\\"\" <sip:alice@h>;tag=f\r\n"
        "Call-ID: c@d\r\nCSeq: 9 MESSAGE\r\nX-A: 1\r\nVia: SIP/2.0/WSS a;branch=z9hG4bK2\r\n"
        "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi");
    assert_int_equal(pipit_request_add_header(m, "x-a", "2"), 0);
    assert_int_equal(pipit_request_add_header(m, "Subject", "s"), 0);
    assert_int_equal(pipit_request_count_header(m, "X-A"), 2);
    assert_int_equal(pipit_request_set_header(m, "X-A", "3"), 0);
    assert_int_equal(pipit_request_set_header(m, "s", NULL), 0);
    assert_int_equal(pipit_request_set_body(m, "application/x", "a\0b", 3), 0);
    text = pipit_request_text(m, &size);
    assert_int_equal(pipit_request_parse(text, size, &back), 0);
    assert_int_equal(pipit_request_count_header(back, "X-A"), 1);
    assert_string_equal(pipit_request_header(back, "X-A", 0), "3");
    assert_false(pipit_request_has_header(back, "Subject"));
    assert_string_equal(pipit_request_header(back, "Content-Type", 0), "application/x");
    assert_memory_equal(pipit_request_body(back, &size), "a\0b", 3);
    assert_int_equal(size, 3);
    pipit_request_unref(m);
    pipit_request_unref(back);
}

/* What an OutgoingRequest of JsSIP has as attributes. */
static void a_request_tells_what_it_was_made_of(void **state)
{
    static const pipit_request_options options = {.from_uri = "sip:alice@example.com",
                                                  .from_tag = "a",
                                                  .to_uri = "sip:carol@example.com",
                                                  .to_tag = "c",
                                                  .call_id = "id",
                                                  .cseq = 7};
    pipit_request *request = NULL;
    pipit_name_addr *from = NULL, *to = NULL;
    pipit_uri *uri = NULL;
    char *text = NULL;

    (void)state;
    assert_int_equal(pipit_request_new("MESSAGE", "sip:bob@example.com", &options, &request), 0);
    assert_string_equal(pipit_request_method(request), "MESSAGE");
    assert_string_equal(pipit_request_ruri(request), "sip:bob@example.com");
    assert_int_equal(pipit_request_uri(request, &uri), 0);
    assert_string_equal(pipit_uri_user(uri), "bob");
    assert_int_equal(pipit_request_cseq(request), 7);
    assert_string_equal(pipit_request_call_id(request), "id");
    assert_int_equal(pipit_request_from(request, &from), 0);
    assert_string_equal(pipit_uri_user(pipit_name_addr_uri(from)), "alice");
    assert_string_equal(pipit_request_from_tag(request), "a");
    assert_int_equal(pipit_request_to(request, &to), 0);
    assert_string_equal(pipit_uri_user(pipit_name_addr_uri(to)), "carol");
    assert_string_equal(pipit_request_to_tag(request), "c");
    assert_int_equal(pipit_request_to_string(request, &text), 0);
    assert_string_equal(text, pipit_request_text(request, NULL));
    pipit_free(text);
    pipit_name_addr_unref(from);
    pipit_name_addr_unref(to);
    pipit_uri_unref(uri);
    pipit_request_unref(request);
}

static void a_bad_request_is_not_made(void **state)
{
    const pipit_request_options rows[] = {
        {.from_uri = "nobody"},
        {.from_uri = "sip:a@h", .from_tag = "a;b"},
        {.from_uri = "sip:a@h", .from_display_name = "a\nb"},
        {.to_uri = "sip:a@h>;x"},
        {.call_id = "a b"},
        {.route_set = (const char *const[]){"<sip:a@h>, <sip:b@h>", NULL}},
        {.extra_headers = (const char *const[]){"no colon", NULL}},
        {.extra_headers = (const char *const[]){"X: a\r\nY: b", NULL}},
        {.body = "x", .content_type = "a/b\r\nX: y"},
    };
    pipit_request *m = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (pipit_request_new("BYE", "sip:a@h", &rows[i], &m) != PIPIT_ERR_SYNTAX)
            fail_msg("row %zu", i);
    assert_int_equal(pipit_request_new("B YE", "sip:a@h", NULL, &m), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_request_new("BYE", "sip:a@h SIP/2.0\r\nX: y", NULL, &m),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_request_new(NULL, "sip:a@h", NULL, &m), PIPIT_ERR_ARGUMENT);
    assert_null(m);
    assert_int_equal(pipit_request_new("BYE", "sip:a@h", NULL, &m), 0);
    assert_int_equal(pipit_request_set_header(m, "X Y", "z"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_request_set_header(m, "X", "a\rb"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_request_set_header(m, "l", "0"), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_request_set_header(m, NULL, "0"), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_request_add_header(m, "X", NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_request_set_body(m, NULL, NULL, 1), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_request_parse("BYE x\r\n\r\n", 9, &m), PIPIT_ERR_SYNTAX);
    pipit_request_unref(m);
}

static void a_message_holds_no_more_than_its_limits(void **state)
{
    static char large[PP_LIMIT_SIP_MESSAGE + 1];
    pipit_request *m = NULL;
    int err = 0, count = 0;

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    assert_int_equal(pipit_request_new("BYE", "sip:a@h", NULL, &m), 0);
    assert_int_equal(pipit_request_set_header(m, "X", large), PIPIT_ERR_LIMIT);
    assert_int_equal(pipit_request_set_body(m, NULL, large, sizeof(large)), PIPIT_ERR_LIMIT);
    while (!(err = pipit_request_add_header(m, "X", "y")))
        count++;
    assert_int_equal(err, PIPIT_ERR_LIMIT);
    assert_int_equal(count, PP_LIMIT_SIP_HEADERS - 3); /* Max-Forwards, To, CSeq */
    assert_int_equal(pipit_request_count_header(m, "X"), count);
    pipit_request_unref(m);
}

/* --- value ---------------------------------------------------------------------------------------- */

static void assert_field(const pipit_value *value, const char *name, const char *wanted)
{
    const char *got = pipit_value_field(value, 0, name);

    if (!got || strcmp(got, wanted) != 0)
        fail_msg("%s is '%s', wanted '%s'", name, got ? got : "(none)", wanted);
}

static void a_rule_gives_its_fields(void **state)
{
    static const struct {
        const char *rule, *text, *field, *wanted;
    } rows[] = {
        {"SIP_URI", "sip:a@h", NULL, NULL},
        {"absoluteURI", "http://x/?y", NULL, NULL},
        {"host", "[::1]", "host_type", "IPv6"},
        {"host", "1.2.3.4", "host_type", "IPv4"},
        {"quoted_string", " \"a \\\"b\" ", "value", "a \"b"},
        {"uuid", "01234567-89ab-cdef-0123-456789abcdef", "value", NULL},
        {"Max-Forwards", "70", "value", "70"},
        {"Call_ID", "a@b", "value", "a@b"},
        {"k", "timer", "value", "timer"},
        {"Supported", "", NULL, NULL},
        {"Contact", "*", "value", "*"},
        {"Content_Type", "Text / HTML;x=y", "value", "text/html"},
        {"Accept", "a/b;q=1, c/*", "subtype", "b"},
        {"WWW_Authenticate", "Digest realm=\"a\\\"b\", qop=\"AUTH\", algorithm=sha-256", "realm",
         "a\"b"},
        {"Authorization", "Bearer abc=", "token", "abc="},
        {"Subscription_State", "Terminated;reason=giveup;retry-after=5", "retry_after", "5"},
        {"Reason", "SIP;cause=1;text=\"x, y\", Q.850;cause=2", "text", "x, y"},
        {"Replaces", "a;to-tag=1;from-tag=2;early-only", "early_only", "true"},
        {"Warning", "399 h \"a \\\"b\\\"\"", "text", "a \"b\""},
        {"Date", "Thu, 01 Jan 1970 00:01:00 GMT", "unix", "60"},
        {"Timestamp", "1.5 .2", "delay", ".2"},
        {"Retry_After", "5 (c)", "comment", "(c)"},
        {"RAck", "1 2 BYE", "cseq", "2"},
        {"Identity", "abc;info=<https://x/;y>;alg=z", "info", "https://x/;y"},
        {"Request_Line", "BYE sip:a@h SIP/2.0", "method", "BYE"},
        {"Request_Response", "SIP/2.0 200 ", "reason_phrase", ""},
        {"X-Unknown", "any, \"text", "value", "any, \"text"},
        {"Subject", "a\r\n b", "value", "a  b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pipit_value *value = value_of(rows[i].rule, rows[i].text);
        if (rows[i].field)
            assert_field(value, rows[i].field, rows[i].wanted ? rows[i].wanted : rows[i].text);
        pipit_value_unref(value);
    }
}

static void a_list_gives_all_its_members(void **state)
{
    pipit_value *value = value_of("Reason", "SIP;cause=1;text=\"x, y\", Q.850;cause=2;L");
    uint64_t cause = 0;

    (void)state;
    assert_int_equal(pipit_value_count(value), 2);
    assert_int_equal(pipit_value_number(value, 1, "cause", &cause), 0);
    assert_int_equal(cause, 2);
    assert_true(pipit_value_has_param(value, 1, "l"));
    assert_false(pipit_value_has_param(value, 2, "l"));
    assert_null(pipit_value_field(value, 2, "cause"));
    assert_int_equal(pipit_value_number(value, 0, "none", &cause), PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_value_number(value, 0, "protocol", &cause), PIPIT_ERR_SYNTAX);
    assert_null(pipit_value_name_addr(value, 0));
    assert_null(pipit_value_uri(value, 0));
    assert_null(pipit_value_request(value));
    pipit_value_unref(value);
    assert_null(pipit_value_unref(NULL));
}

static void a_text_that_breaks_its_rule_is_refused(void **state)
{
    static const char *const rows[][2] = {
        {"SIP_URI", "tel:+1"},
        {"host", "a b"},
        {"host", ""},
        {"quoted_string", "\"a"},
        {"uuid", "0123"},
        {"Contact", ""},
        {"Contact", "*, <sip:a@h>x"},
        {"Via", "x"},
        {"CSeq", "BYE"},
        {"Status_Line", "SIP/2.0 99 x"},
        {"Status_Line", "HTTP/1.1 200 OK"},
        {"Request_Line", "BYE sip:a@h"},
        {"Subject", "a\r\nb: c"},
        {"Subject", "a\rb"},
        {"message", "x"},
        {"a b", "x"},
        {"", "x"},
    };
    pipit_value *value = NULL;
    char many[512] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (pipit_parse(rows[i][0], rows[i][1], &value) != PIPIT_ERR_SYNTAX)
            fail_msg("%s: %s", rows[i][0], rows[i][1]);
    for (int i = 0; i < 71; i++)
        strncat(many, "a,", sizeof(many) - strlen(many) - 1);
    assert_int_equal(pipit_parse("Allow", many, &value), PIPIT_ERR_LIMIT);
    assert_int_equal(pipit_parse(NULL, "x", &value), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_parse("To", NULL, &value), PIPIT_ERR_ARGUMENT);
    assert_null(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uri_is_made_of_its_parts),
        cmocka_unit_test(the_parts_of_a_uri_are_set_and_read),
        cmocka_unit_test(a_user_is_escaped_when_it_is_written),
        cmocka_unit_test(parameters_and_headers_are_set_found_and_removed),
        cmocka_unit_test(a_clone_is_another_uri),
        cmocka_unit_test(a_uri_of_another_scheme_is_kept),
        cmocka_unit_test(a_uri_that_is_none_is_refused),
        cmocka_unit_test(an_address_is_made_and_written),
        cmocka_unit_test(an_address_that_was_written_is_read_again),
        cmocka_unit_test(a_text_that_would_break_an_address_is_refused_or_quoted),
        cmocka_unit_test(a_message_that_came_tells_all),
        cmocka_unit_test(a_message_that_came_keeps_its_text_when_a_header_is_set),
        cmocka_unit_test(a_request_is_made_and_changed),
        cmocka_unit_test(a_request_tells_what_it_was_made_of),
        cmocka_unit_test(a_bad_request_is_not_made),
        cmocka_unit_test(a_message_holds_no_more_than_its_limits),
        cmocka_unit_test(a_rule_gives_its_fields),
        cmocka_unit_test(a_list_gives_all_its_members),
        cmocka_unit_test(a_text_that_breaks_its_rule_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
