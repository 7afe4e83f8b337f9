/* name_addr.c - addresses with a display name, quoted strings, and lists. */
#include "sip/name_addr.h"

#include "pipit/error.h"
#include "support/files.h"

static void assert_str(pp_str got, const char *wanted)
{
    if (!pp_str_eq_c(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", PP_STR(got), wanted);
}

static void an_address_is_read_with_its_display_name(void **state)
{
    static const struct {
        const char *text, *display_name, *user, *params;
    } rows[] = {
        {"\"Alice\" <sip:a@b>;tag=1", "Alice", "a", ";tag=1"},
        {"\"Foo\"<sip:a@b>", "Foo", "a", ""},
        {"<sip:a@b;x=y>", "", "a", ""},
        {" <sip:a@b> ; tag = 1 ", "", "a", "; tag = 1"},
        {"Foo    Foo Bar\tBaz<sip:a@b>", "Foo Foo Bar Baz", "a", ""},
        {"A. Bell <sip:a@b>", "A. Bell", "a", ""},
        {"\xC3\xB1 (work) <sip:a@b>", "\xC3\xB1 (work)", "a", ""},
        {"\"\" <sip:a@b>", "", "a", ""},
        {"\"\xFF\"<sip:a@b>", "\xFF", "a", ""},
        {"\"a \\\"b\\\" \\\\ \\c <x>, ;\" <sip:a@b>", "a \"b\" \\ c <x>, ;", "a", ""},
        {"sip:a@b", "", "a", ""},
        {"sip:a@b ;tag=1", "", "a", ";tag=1"},
        {"sip:a@b;+sip.instance=\"<urn:uuid:1>\"", "", "a", ";+sip.instance=\"<urn:uuid:1>\""},
        {"<sip:a@b>;+sip.instance=\"<urn:uuid:1>\";q=0.3", "", "a",
         ";+sip.instance=\"<urn:uuid:1>\";q=0.3"},
        {"<sip:a;b?c@d?to=x>", "", "a;b?c", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_name_addr n;
        pp_buf name = {0};
        if (pp_name_addr_parse(pp_str_c(rows[i].text), &n))
            fail_msg("'%s': %s", rows[i].text, pipit_error_message());
        pp_name_addr_write_display_name(&n, &name);
        assert_str(pp_buf_text(&name), rows[i].display_name);
        assert_str(n.uri.user, rows[i].user);
        assert_str(n.params, rows[i].params);
        pp_buf_free(&name);
    }
}

static void an_address_of_another_scheme_is_read(void **state)
{
    pp_name_addr n;

    (void)state;
    assert_int_equal(pp_name_addr_parse(PP_LIT("isbn:2983792873"), &n), 0);
    assert_str(n.uri.opaque, "2983792873");
    assert_int_equal(pp_name_addr_parse(PP_LIT("<http://www.example.com>;tag=3234233"), &n), 0);
    assert_str(n.uri.scheme_name, "http");
    assert_int_equal(pp_name_addr_parse(PP_LIT("tel:+1;tag=2"), &n), 0);
    assert_str(n.params, ";tag=2");
}

static void a_broken_address_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "*",
        "\"",
        "\"a",
        "\"a\\\"",
        "\"a\" sip:a@b",
        "\"a\" <sip:a@b",
        "<>",
        "</>",
        "<sip:a@b>x",
        "<sip:a@b>;",
        "< sip:a@b >",
        "Bell, A <sip:a@b>",
        "a@b <sip:a@b>",
        "sip:a@b?Route=x",
        "sip:a,b@c",
        "<sip:a@b>;;",
        "<sip:a@b>;x=\"",
        "sip:a b@c",
        "<sip:a@b> <sip:c@d>",
        "a\x01 <sip:a@b>",
    };
    pp_name_addr n;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (pp_name_addr_parse(pp_str_c(texts[i]), &n) != PIPIT_ERR_SYNTAX)
            fail_msg("'%s' was taken", texts[i]);
}

static void a_quoted_string_comes_back(void **state)
{
    pp_buf quoted = {0}, plain = {0};

    (void)state;
    pp_write_quoted(PP_LIT("a\"b\\c \xC3\xB1"), &quoted);
    assert_str(pp_buf_text(&quoted), "\"a\\\"b\\\\c \xC3\xB1\"");
    assert_int_equal(pp_quoted_span(pp_buf_text(&quoted)), quoted.n);
    pp_write_unquoted(pp_buf_text(&quoted), &plain);
    assert_str(pp_buf_text(&plain), "a\"b\\c \xC3\xB1");
    pp_buf_clear(&plain);
    pp_write_unquoted(PP_LIT("a\\b"), &plain);
    assert_str(pp_buf_text(&plain), "a\\b");
    pp_buf_free(&quoted);
    pp_buf_free(&plain);
}

static void a_list_is_cut_at_its_own_commas(void **state)
{
    pp_str rest = PP_LIT(" , \"a, \\\", b\" <sip:a,b@c> ,<sip:\"@d>;x=\",\",, e ,"), item;

    (void)state;
    assert_true(pp_list_next(&rest, &item));
    assert_str(item, "\"a, \\\", b\" <sip:a,b@c>");
    assert_true(pp_list_next(&rest, &item));
    assert_str(item, "<sip:\"@d>;x=\",\"");
    assert_true(pp_list_next(&rest, &item));
    assert_str(item, "e");
    assert_false(pp_list_next(&rest, &item));
}

static void an_open_quote_or_bracket_takes_the_rest_of_the_list(void **state)
{
    pp_str rest = PP_LIT("a,\"b,c"), item;

    (void)state;
    assert_true(pp_list_next(&rest, &item));
    assert_true(pp_list_next(&rest, &item));
    assert_str(item, "\"b,c");
    assert_false(pp_list_next(&rest, &item));
    rest = PP_LIT("<b,c");
    assert_true(pp_list_next(&rest, &item));
    assert_str(item, "<b,c");
    assert_false(pp_list_next(&rest, &item));
}

static void a_tag_is_found_behind_the_uri(void **state)
{
    static const struct {
        const char *text, *tag; /* NULL: it has none */
    } rows[] = {
        {"<sip:a@b>;tag=x", "x"},
        {"Ann <sip:a@b;tag=uri> ; lr ;Tag = y", "y"},
        {"sip:a@b;tag=bare", "bare"},
        {"\"a > ;tag=no\" <sip:a@b>;tag=z", "z"},
        {"<sip:a@b>;note=\"<>;tag=no\"", NULL},
        {"<sip:a@b;tag=uri>", NULL},
        {"<sip:a@b", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pp_str tag = PP_STR_NONE;

        assert_int_equal(pp_name_addr_tag(pp_str_c(rows[i].text), &tag), rows[i].tag != NULL);
        if (rows[i].tag)
            assert_true(pp_str_eq_c(tag, rows[i].tag));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_read_with_its_display_name),
        cmocka_unit_test(an_address_of_another_scheme_is_read),
        cmocka_unit_test(a_broken_address_is_refused),
        cmocka_unit_test(a_quoted_string_comes_back),
        cmocka_unit_test(a_list_is_cut_at_its_own_commas),
        cmocka_unit_test(an_open_quote_or_bracket_takes_the_rest_of_the_list),
        cmocka_unit_test(a_tag_is_found_behind_the_uri),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
