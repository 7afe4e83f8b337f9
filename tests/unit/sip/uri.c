/* uri.c - URIs taken apart, compared, escaped, and made of what people type. */
#include "sip/uri.h"

#include "pipit/error.h"
#include "pipit/uri.h"
#include "support/files.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static void assert_str(pp_str got, const char *wanted)
{
    if (!pp_str_eq_c(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", PP_STR(got), wanted);
}

static pp_uri parsed(const char *text)
{
    pp_uri uri = {.port = 0};

    if (pp_uri_parse(pp_str_c(text), &uri))
        fail_msg("%s: %s", text, pipit_error_message());
    return uri;
}

static void a_uri_is_taken_apart(void **state)
{
    pp_uri uri = parsed("SIP:%61liCE:pw@versaTICA.Com:6060;TRansport=TCp;Foo=ABc;baz?X-Header-1="
                        "AaA1&x-header-1=AAA2");
    pp_str value;

    (void)state;
    assert_int_equal(uri.scheme, PP_SCHEME_SIP);
    assert_str(uri.scheme_name, "SIP");
    assert_str(uri.user, "%61liCE:pw");
    assert_str(uri.host, "versaTICA.Com");
    assert_int_equal(uri.port, 6060);
    assert_str(uri.params, ";TRansport=TCp;Foo=ABc;baz");
    assert_str(uri.headers, "X-Header-1=AaA1&x-header-1=AAA2");
    assert_true(pp_param(uri.params, "transport", &value));
    assert_str(value, "TCp");
    assert_true(pp_param(uri.params, "BAZ", &value));
    assert_null(value.p);
    assert_false(pp_param(uri.params, "ba", NULL));
}

static void a_uri_without_user_has_none(void **state)
{
    pp_uri uri = parsed("sips:[2001:db8::1]:5061;lr");

    (void)state;
    assert_int_equal(uri.scheme, PP_SCHEME_SIPS);
    assert_null(uri.user.p);
    assert_str(uri.host, "[2001:db8::1]");
    assert_int_equal(uri.port, 5061);
    assert_str(uri.params, ";lr");
}

static void a_telephone_number_and_an_unknown_scheme_are_kept_whole(void **state)
{
    pp_uri uri = parsed("tel:+1-201-555-0123;phone-context=example.com");
    pp_str value;

    (void)state;
    assert_int_equal(uri.scheme, PP_SCHEME_TEL);
    assert_str(uri.opaque, "+1-201-555-0123;phone-context=example.com");
    assert_true(pp_param(uri.params, "phone-context", &value));
    assert_str(value, "example.com");
    assert_null(uri.host.p);
    uri = parsed("nobodyKnowsThisScheme:totallyopaquecontent");
    assert_int_equal(uri.scheme, PP_SCHEME_OTHER);
    assert_str(uri.opaque, "totallyopaquecontent");
}

static void a_generous_reader_takes_these(void **state)
{
    static const char *const texts[] = {
        "sip:a@host_with.underscores-",
        "sip:a@example.com.",
        "sip:1.2.3.bar.qwe-asd.foo",
        "sip:1.2.3.4.bar",
        "sip:a@myhost123",
        "sip:a@1.2.3.4",
        "sip:a@[1:0:fF::432]",
        "sip:a@[::ffff:192.0.2.1]",
        "sip:a@[2001:db8:::192.0.2.1]",
        "sip:\xC3\xB1@example.com",
        "sip:#123@example.com",
        "sip:a@b;x=y@z",
        "sip:a@b;ftag=",
        "sip:;;;=,/?@b",
        "urn:service:sos",
        "a+b-c.d:x",
        "sip:a@b?to=x%40y",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        parsed(texts[i]);
}

static void a_text_that_is_no_uri_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        ":",
        "sip",
        "sip:",
        "1sip:a@b",
        "s ip:a@b",
        "/",
        "sip:@b",
        "sip::pw@b",
        "sip:a@",
        "sip:a@b@c",
        "sip:a@b:",
        "sip:a@b:0",
        "sip:a@b:65536",
        "sip:a@b:99999999999",
        "sip:a@b:1x",
        "sip:a@1.2.3.444",
        "sip:a@1.2.3",
        "sip:a@-b",
        "sip:a@.b",
        "sip:a@b..c",
        "sip:a@[::1",
        "sip:a@[::g]",
        "sip:a@[]",
        "sip:a@[1.2.3.4]",
        "sip:a@::1",
        "sip:a b@c",
        "sip:a@b c",
        "sip:a@b;",
        "sip:a@b;;c",
        "sip:a@b;=c",
        "sip:a@b?",
        "sip:a@b%",
        "sip:%@b",
        "sip:%4@b",
        "sip:%zz@b",
        "sip:<a>@b",
        "sip:\"a\"@b",
        "sip:a@b\r\n",
        "sip:a@\xC3\xB1.com",
        "<sip:a@b>",
        "tel:",
        "sip:a\x7F@b",
        "sip:a@b/c",
        "sip:a@[::1]x",
    };
    pp_uri uri;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (pp_uri_parse(pp_str_c(texts[i]), &uri) != PIPIT_ERR_SYNTAX)
            fail_msg("'%s' was taken", texts[i]);
    assert_int_equal(pp_uri_parse(pp_str_n("sip:a\0b@c", 9), &uri), PIPIT_ERR_SYNTAX);
}

/* RFC 3261 section 19.1.4, its examples and some more. */
static void the_uris_of_the_rfc_are_equal_or_not(void **state)
{
    static const struct {
        bool equal;
        const char *a, *b;
    } rows[] = {
        {true, "sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"},
        {true, "sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
        {true, "sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"},
        {true, "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
         "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
        {true, "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
         "sip:alice@atlanta.com?priority=urgent&subject=project%20x"},
        {false, "SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"},
        {false, "sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
        {false, "sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
        {false, "sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
        {false, "sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
        {false, "sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"},
        {false, "sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"},
        {false, "sip:a@b", "sips:a@b"},
        {false, "sip:a@b", "sip:b"},
        {false, "sip:a%3Bb@c", "sip:a;b@c"},
        {false, "sip:a@b;maddr=x", "sip:a@b"},
        {true, "sip:a@b;x=1;x=2", "sip:a@b;X=2;x=1"}, /* wrong, but each is the same as itself */
        {false, "sip:a@b;x=1;x=2", "sip:a@b;x=3"},
        {true, "tel:+1-201", "TEL:+1-201"},
        {false, "tel:+1-201", "tel:+1-202"},
        {true, "urn:x:y", "URN:x:y"},
        {false, "urn:x:y", "urn:x:Y"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_uri a = parsed(rows[i].a), b = parsed(rows[i].b);
        if (pp_uri_equal(&a, &b) != rows[i].equal || pp_uri_equal(&b, &a) != rows[i].equal)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
        assert_true(pp_uri_equal(&a, &a));
    }
}

static void a_uri_with_too_many_parameters_is_equal_to_its_own_text_only(void **state)
{
    pp_buf one = {0}, other = {0};
    pp_uri a, b;

    (void)state;
    pp_buf_c(&one, "sip:a@b");
    for (int i = 0; i < 100; i++)
        pp_buf_format(&one, ";p%d", i);
    pp_buf_str(&other, pp_buf_text(&one));
    pp_buf_c(&other, ";q");
    assert_int_equal(pp_uri_parse(pp_buf_text(&one), &a), 0);
    assert_int_equal(pp_uri_parse(pp_buf_text(&other), &b), 0);
    assert_true(pp_uri_equal(&a, &a));
    assert_false(pp_uri_equal(&a, &b));
    pp_buf_free(&one);
    pp_buf_free(&other);
}

static void an_address_of_record_is_compared_without_parameters(void **state)
{
    pp_uri a = parsed("sip:%61lice@Atlanta.com;transport=ws?x=y"),
           b = parsed("sip:alice@atlanta.COM");
    pp_uri c = parsed("sip:Alice@atlanta.com"), d = parsed("sip:alice@atlanta.com:5060"),
           e = parsed("tel:+1");

    (void)state;
    assert_true(pp_uri_same_aor(&a, &b));
    assert_false(pp_uri_same_aor(&b, &c));
    assert_false(pp_uri_same_aor(&b, &d));
    assert_false(pp_uri_same_aor(&b, &e));
    assert_true(pp_uri_same_aor(&e, &e));
}

static void assert_aor(const char *text, const char *wanted)
{
    pp_uri uri = parsed(text);
    pp_buf out = {0};

    pp_uri_write_aor(&uri, &out);
    assert_int_equal(pp_buf_error(&out), 0);
    assert_str(pp_buf_text(&out), wanted);
    pp_buf_free(&out);
}

static void an_address_of_record_is_written_in_one_spelling(void **state)
{
    (void)state;
    assert_aor("SIP:%61liCE@versaTICA.Com:6060;TRansport=TCp?X=y", "sip:aliCE@versatica.com:6060");
    assert_aor("sips:Example.COM;lr", "sips:example.com");
    assert_aor("sip:a%00b@c", "sip:a%00b@c");
    assert_aor("sip:%3Aa%3ab:p%3Aw@c", "sip:%3Aa%3Ab:p:w@c");
    assert_aor("TEL:+1;x=y", "tel:+1;x=y");
}

static void an_escape_is_resolved_once(void **state)
{
    pp_buf out = {0};

    (void)state;
    pp_uri_unescape(PP_LIT("a%2541%c3%B1%"), &out);
    assert_str(pp_buf_text(&out), "a%41\xC3\xB1%");
    pp_buf_clear(&out);
    pp_uri_escape_user(PP_LIT("a%41 @\xC3\xB1:+?/;"), &out);
    assert_str(pp_buf_text(&out), "a%2541%20%40%C3%B1:+?/%3B");
    pp_buf_free(&out);
}

static void a_target_is_normalized_as_jssip_does(void **state)
{
    pp_str json = read_corpus("jssip/normalize-target.json");
    cJSON *rows = cJSON_ParseWithLength(json.p, json.n);
    const cJSON *row;
    int count = 0;

    (void)state;
    cJSON_ArrayForEach(row, rows)
    {
        const char *input = cJSON_GetStringValue(cJSON_GetObjectItem(row, "input"));
        const char *expect = cJSON_GetStringValue(cJSON_GetObjectItem(row, "expect"));
        char *out = NULL;
        int err = pipit_normalize_target(
            input, cJSON_GetStringValue(cJSON_GetObjectItem(row, "domain")), &out);
        if (expect) {
            if (err)
                fail_msg("'%s': %s", input, pipit_error_message());
            assert_string_equal(out, expect);
        } else {
            assert_int_equal(err, PIPIT_ERR_SYNTAX);
            assert_null(out);
        }
        pipit_free(out);
        count++;
    }
    assert_int_equal(count, 26);
    cJSON_Delete(rows);
    free((void *)(uintptr_t)json.p);
}

static void a_target_is_normalized_where_jssip_fails_or_says_nothing(void **state)
{
    static const struct {
        const char *input, *expect;
    } rows[] = {
        {" +1 (555) 010 ", "sip:+1555010@example.com"},
        {"100%", "sip:100%25@example.com"},
        {"%FF", "sip:%FF@example.com"},
        {"bob@example.org;transport=WS?X=y", "sip:bob@example.org;transport=WS?X=y"},
        {"alice smith", "sip:alice%20smith@example.com"},
        {"a\r\nVia: x", "sip:a%0D%0AVia:%20x@example.com"},
        {"bob@[2001:DB8::1]:5061", "sip:bob@[2001:db8::1]:5061"},
        {"@example.org", NULL},
        {"sip:", NULL},
        {"bob@", NULL},
        {"bob@exa mple.org", NULL},
        {"bob@example.org\r\nX: y", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *out = NULL;
        int err = pipit_normalize_target(rows[i].input, "example.com", &out);
        if (rows[i].expect && err)
            fail_msg("'%s': %s", rows[i].input, pipit_error_message());
        if (rows[i].expect)
            assert_string_equal(out, rows[i].expect);
        else
            assert_int_equal(err, PIPIT_ERR_SYNTAX);
        pipit_free(out);
    }
    assert_int_equal(pipit_normalize_target(NULL, NULL, NULL), PIPIT_ERR_ARGUMENT);
}

static void a_parameter_list_is_walked(void **state)
{
    pp_str rest = PP_LIT(" ; tag = a ;b;c = \"x;\\\"=\" ; d=<e>"), name, value;

    (void)state;
    assert_true(pp_params_valid(rest));
    assert_true(pp_param_next(&rest, &name, &value));
    assert_str(name, "tag");
    assert_str(value, "a");
    assert_true(pp_param_next(&rest, &name, &value));
    assert_str(name, "b");
    assert_null(value.p);
    assert_true(pp_param_next(&rest, &name, &value));
    assert_str(value, "\"x;\\\"=\"");
    assert_true(pp_param_next(&rest, &name, &value));
    assert_str(value, "<e>");
    assert_false(pp_param_next(&rest, &name, &value));
    assert_true(pp_str_empty(rest));
}

static void a_broken_parameter_list_is_seen(void **state)
{
    static const char *const lists[] = {";",         ";;a",    ";a;",    "a",
                                        ";a b",      ";a=b c", ";a=\"b", ";a=\"b\\\"",
                                        ";a=\"b\"c", ";=b",    ";a,",    ";a=b\"c\""};

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
        if (pp_params_valid(pp_str_c(lists[i])))
            fail_msg("'%s' was taken", lists[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uri_is_taken_apart),
        cmocka_unit_test(a_uri_without_user_has_none),
        cmocka_unit_test(a_telephone_number_and_an_unknown_scheme_are_kept_whole),
        cmocka_unit_test(a_generous_reader_takes_these),
        cmocka_unit_test(a_text_that_is_no_uri_is_refused),
        cmocka_unit_test(the_uris_of_the_rfc_are_equal_or_not),
        cmocka_unit_test(a_uri_with_too_many_parameters_is_equal_to_its_own_text_only),
        cmocka_unit_test(an_address_of_record_is_compared_without_parameters),
        cmocka_unit_test(an_address_of_record_is_written_in_one_spelling),
        cmocka_unit_test(an_escape_is_resolved_once),
        cmocka_unit_test(a_target_is_normalized_as_jssip_does),
        cmocka_unit_test(a_target_is_normalized_where_jssip_fails_or_says_nothing),
        cmocka_unit_test(a_parameter_list_is_walked),
        cmocka_unit_test(a_broken_parameter_list_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
