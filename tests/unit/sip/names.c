/* names.c - the tables: characters, header names, methods, status codes. */
#include "sip/header_find.h"
#include "sip/lexer.h"
#include "sip/method.h"
#include "sip/status.h"
#include "support/files.h"

#include <stdio.h>

static void the_table_of_characters_agrees_with_the_sets(void **state)
{
    static const struct {
        unsigned set;
        const char *letters_and; /* besides A-Z a-z 0-9 */
    } rows[] = {
        {PP_CHAR_TOKEN, "-.!%*_+`'~"},
        {PP_CHAR_HOST, "-._"},
        {PP_CHAR_SCHEME, "+-."},
        {PP_CHAR_USER, "-_.!~*'():+?/"},
    };

    (void)state;
    for (int c = 0; c < 256; c++) {
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool hex = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
        bool uri = c > ' ' && c != 0x7F && c != '"' && c != '<' && c != '>';
        assert_int_equal(pp_char_is((char)c, PP_CHAR_HEX), hex);
        assert_int_equal(pp_char_is((char)c, PP_CHAR_URI), uri);
        assert_int_equal(pp_char_is((char)c, PP_CHAR_URI_PARAM), uri && !strchr(";@?%", c));
        assert_int_equal(pp_char_is((char)c, PP_CHAR_VALUE),
                         c > ' ' && c != 0x7F && !strchr("\"<,;", c));
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
            assert_int_equal(pp_char_is((char)c, rows[i].set),
                             letter || (c && strchr(rows[i].letters_and, c)));
    }
}

static void a_header_is_found_under_its_name_in_any_case(void **state)
{
    (void)state;
    for (int id = 1; id < PP_HEADER_COUNT; id++) {
        char name[32];
        const char *full = pp_header_name((pp_header_id)id);
        size_t n = strlen(full);
        assert_true(n > 0 && n < sizeof(name));
        assert_int_equal(pp_header_id_of(pp_str_c(full)), id);
        for (size_t i = 0; i <= n; i++)
            name[i] = pp_lower(full[i]);
        assert_int_equal(pp_header_id_of(pp_str_c(name)), id);
        for (size_t i = 0; i < n; i++)
            name[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
        assert_int_equal(pp_header_id_of(pp_str_c(name)), id);
        name[n - 1] = '!';
        assert_int_equal(pp_header_id_of(pp_str_c(name)), PP_HEADER_OTHER);
    }
    assert_int_equal(pp_header_id_of(PP_STR_NONE), PP_HEADER_OTHER);
    assert_string_equal(pp_header_name(PP_HEADER_OTHER), "");
    assert_string_equal(pp_header_name(PP_HEADER_COUNT), "");
}

/* In the usual letter case, with ": " behind it. */
static void a_header_has_a_slot_of_its_own(void **state)
{
    (void)state;
    for (int id = 1; id < PP_HEADER_COUNT; id++) {
        const char *name = pp_header_name((pp_header_id)id);
        size_t n = strlen(name);
        pp_header_id found;
        char line[40];
        snprintf(line, sizeof(line), "\r\n%s: ", name);
        if (!pp_header_find(line + 2, n, &found) || (int)found != id)
            fail_msg("%s belongs into slot %u", name, pp_header_slot(line + 2, n));
        line[n] ^= 0x20;
        assert_false(pp_header_find(line + 2, n, &found));
    }
}

static void a_compact_name_is_known(void **state)
{
    static const struct {
        const char *compact;
        const char *full;
    } rows[] = {
        {"a", "Accept-Contact"},
        {"b", "Referred-By"},
        {"c", "Content-Type"},
        {"d", "Request-Disposition"},
        {"e", "Content-Encoding"},
        {"f", "From"},
        {"i", "Call-ID"},
        {"j", "Reject-Contact"},
        {"k", "Supported"},
        {"l", "Content-Length"},
        {"m", "Contact"},
        {"n", "Identity-Info"},
        {"o", "Event"},
        {"r", "Refer-To"},
        {"s", "Subject"},
        {"t", "To"},
        {"u", "Allow-Events"},
        {"v", "Via"},
        {"x", "Session-Expires"},
        {"y", "Identity"},
        {"V", "Via"},
        {"g", ""},
        {"1", ""},
        {"-", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_string_equal(pp_header_name(pp_header_id_of(pp_str_c(rows[i].compact))),
                            rows[i].full);
}

static void a_method_is_known_in_capitals_only(void **state)
{
    (void)state;
    for (int method = 1; method < PP_METHOD_COUNT; method++)
        assert_int_equal(pp_method_of(pp_str_c(pp_method_name((pp_method)method))), method);
    assert_int_equal(pp_method_of(PP_LIT("invite")), PP_METHOD_OTHER);
    assert_int_equal(pp_method_of(PP_LIT("INVITED")), PP_METHOD_OTHER);
    assert_int_equal(pp_method_of(PP_LIT("RE%47IST%45R")), PP_METHOD_OTHER);
    assert_int_equal(pp_method_of(PP_STR_NONE), PP_METHOD_OTHER);
    assert_string_equal(pp_method_name(PP_METHOD_OTHER), "");
    assert_string_equal(pp_method_name(PP_METHOD_COUNT), "");
}

static void a_status_has_its_phrase(void **state)
{
    (void)state;
    assert_string_equal(pp_status_phrase(100), "Trying");
    assert_string_equal(pp_status_phrase(486), "Busy Here");
    assert_string_equal(pp_status_phrase(513), "Message Too Large");
    assert_string_equal(pp_status_phrase(299), "");
    assert_string_equal(pp_status_phrase(-1), "");
}

/* JsSIP's C.SIP_ERROR_CAUSES. */
static void a_refusal_has_the_cause_jssip_gives_it(void **state)
{
    static const struct {
        pipit_cause cause;
        int statuses[6];
    } rows[] = {
        {PIPIT_CAUSE_REDIRECTED, {300, 301, 302, 305, 380}},
        {PIPIT_CAUSE_BUSY, {486, 600}},
        {PIPIT_CAUSE_REJECTED, {403, 603}},
        {PIPIT_CAUSE_NOT_FOUND, {404, 604}},
        {PIPIT_CAUSE_UNAVAILABLE, {480, 410, 408, 430}},
        {PIPIT_CAUSE_ADDRESS_INCOMPLETE, {484, 424}},
        {PIPIT_CAUSE_INCOMPATIBLE_SDP, {488, 606}},
        {PIPIT_CAUSE_AUTHENTICATION_ERROR, {401, 407}},
        {PIPIT_CAUSE_SIP_FAILURE_CODE, {400, 481, 487, 500, 699}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (const int *status = rows[i].statuses; *status; status++)
            assert_int_equal(pp_status_cause(*status), rows[i].cause);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_characters_agrees_with_the_sets),
        cmocka_unit_test(a_header_is_found_under_its_name_in_any_case),
        cmocka_unit_test(a_header_has_a_slot_of_its_own),
        cmocka_unit_test(a_compact_name_is_known),
        cmocka_unit_test(a_method_is_known_in_capitals_only),
        cmocka_unit_test(a_status_has_its_phrase),
        cmocka_unit_test(a_refusal_has_the_cause_jssip_gives_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
