/* jssip.c - the grammar cases of JsSIP's own tests, all through pipit_parse(). */
#include "base/str.h"
#include "pipit/error.h"
#include "pipit/request.h"
#include "support/files.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static const cJSON *field(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(field(object, name));
}

/* NULL is null. */
static void assert_same(const char *id, const char *what, const char *got, const char *wanted)
{
    if ((got == NULL) != (wanted == NULL) || (got && strcmp(got, wanted) != 0))
        fail_msg("%s: %s is '%s', wanted '%s'", id, what, got ? got : "(none)",
                 wanted ? wanted : "(none)");
}

static void check_string(const char *id, char *string, const cJSON *expect, const char *name)
{
    if (field(expect, name))
        assert_same(id, name, string, text(expect, name));
    pipit_free(string);
}

static void check_uri_headers(const char *id, const pipit_uri *uri, const cJSON *expect)
{
    const cJSON *header, *name;

    cJSON_ArrayForEach(header, field(expect, "headers"))
    {
        assert_int_equal(pipit_uri_count_header(uri, header->string), cJSON_GetArraySize(header));
        for (int i = 0; i < cJSON_GetArraySize(header); i++)
            assert_same(id, header->string, pipit_uri_get_header(uri, header->string, (size_t)i),
                        cJSON_GetStringValue(cJSON_GetArrayItem(header, i)));
    }
    cJSON_ArrayForEach(name, field(expect, "has_headers"))
        assert_true(pipit_uri_has_header(uri, cJSON_GetStringValue(name)));
}

static void check_uri(const char *id, const pipit_uri *uri, const cJSON *expect)
{
    const cJSON *port = field(expect, "port"), *param;
    char *string = NULL, *aor = NULL;

    assert_non_null(uri);
    if (field(expect, "scheme"))
        assert_same(id, "scheme", pipit_uri_scheme(uri), text(expect, "scheme"));
    if (field(expect, "user"))
        assert_same(id, "user", pipit_uri_user(uri), text(expect, "user"));
    if (field(expect, "host"))
        assert_same(id, "host", pipit_uri_host(uri), text(expect, "host"));
    if (port)
        assert_int_equal(pipit_uri_port(uri), cJSON_IsNumber(port) ? port->valueint : 0);
    cJSON_ArrayForEach(param, field(expect, "params"))
    {
        assert_true(pipit_uri_has_param(uri, param->string));
        assert_same(id, param->string, pipit_uri_get_param(uri, param->string),
                    cJSON_IsNull(param) ? "" : cJSON_GetStringValue(param));
    }
    check_uri_headers(id, uri, expect);
    assert_int_equal(pipit_uri_to_string(uri, &string), 0);
    check_string(id, string, expect, "string");
    assert_int_equal(pipit_uri_to_aor(uri, false, &aor), 0);
    check_string(id, aor, expect, "aor");
}

static void check_params(const char *id, const pipit_value *value, size_t index,
                         const cJSON *expect)
{
    const cJSON *param;

    cJSON_ArrayForEach(param, field(expect, "params"))
    {
        assert_true(pipit_value_has_param(value, index, param->string));
        assert_same(id, param->string, pipit_value_get_param(value, index, param->string),
                    cJSON_IsNull(param) ? "" : cJSON_GetStringValue(param));
    }
}

static void check_address(const char *id, const pipit_value *value, size_t index,
                          const cJSON *expect)
{
    const pipit_name_addr *address = pipit_value_name_addr(value, index);
    char *string = NULL;

    assert_non_null(address);
    if (field(expect, "display_name"))
        assert_same(id, "display_name", pipit_name_addr_display_name(address),
                    text(expect, "display_name"));
    if (field(expect, "uri"))
        check_uri(id, pipit_value_uri(value, index), field(expect, "uri"));
    check_params(id, value, index, expect);
    assert_int_equal(pipit_name_addr_to_string(address, &string), 0);
    check_string(id, string, expect, "string");
}

static void check_addresses(const char *id, const pipit_value *value, const cJSON *expect)
{
    if (!cJSON_IsArray(expect)) {
        assert_int_equal(pipit_value_count(value), 1);
        check_address(id, value, 0, expect);
        return;
    }
    assert_int_equal(pipit_value_count(value), cJSON_GetArraySize(expect));
    for (int i = 0; i < cJSON_GetArraySize(expect); i++)
        check_address(id, value, (size_t)i, cJSON_GetArrayItem(expect, i));
}

/* A number, a boolean, a text, a list of texts, or null for a field that is not there. */
static void check_field(const char *id, const pipit_value *value, const cJSON *wanted)
{
    const char *got = pipit_value_field(value, 0, wanted->string);
    uint64_t number = 0;

    if (cJSON_IsNumber(wanted)) {
        assert_int_equal(pipit_value_number(value, 0, wanted->string, &number), 0);
        assert_int_equal(number, wanted->valueint);
    } else if (cJSON_IsArray(wanted)) {
        char joined[64] = "";
        for (int i = 0; i < cJSON_GetArraySize(wanted); i++) {
            if (i)
                strncat(joined, ",", sizeof(joined) - strlen(joined) - 1);
            strncat(joined, cJSON_GetStringValue(cJSON_GetArrayItem(wanted, i)),
                    sizeof(joined) - strlen(joined) - 1);
        }
        assert_same(id, wanted->string, got, joined);
    } else if (cJSON_IsBool(wanted)) {
        assert_same(id, wanted->string, got, cJSON_IsTrue(wanted) ? "true" : "false");
    } else if (cJSON_IsNull(wanted)) {
        assert_true(!got || !*got);
    } else {
        assert_same(id, wanted->string, got, cJSON_GetStringValue(wanted));
    }
}

static void check_fields(const char *id, const pipit_value *value, const cJSON *expect)
{
    const cJSON *wanted;

    cJSON_ArrayForEach(wanted, expect) if (strcmp(wanted->string, "params") != 0)
        check_field(id, value, wanted);
    check_params(id, value, 0, expect);
}

static void check_message(const char *id, const pipit_value *value, const cJSON *expect)
{
    const pipit_request *request = pipit_value_request(value);
    const cJSON *header;

    assert_non_null(request);
    cJSON_ArrayForEach(header, field(expect, "headers"))
        assert_same(id, header->string, pipit_request_header(request, header->string, 0),
                    cJSON_GetStringValue(header));
    cJSON_ArrayForEach(header, field(expect, "nameaddr"))
    {
        pipit_value *parsed = NULL;
        assert_int_equal(pipit_request_parse_header(request, header->string, 0, &parsed), 0);
        check_addresses(id, parsed, header);
        pipit_value_unref(parsed);
    }
}

static void check(const char *id, const pipit_value *value, const cJSON *expect)
{
    switch (pipit_value_get_kind(value)) {
    case PIPIT_VALUE_URI:
        check_uri(id, pipit_value_uri(value, 0), expect);
        break;
    case PIPIT_VALUE_NAME_ADDR:
        check_addresses(id, value, expect);
        break;
    case PIPIT_VALUE_MESSAGE:
        check_message(id, value, expect);
        break;
    case PIPIT_VALUE_FIELDS:
        check_fields(id, value, expect);
        break;
    }
}

static void a_grammar_case_of_jssip_is_read_the_same(void **state)
{
    pp_str json = read_corpus("jssip/parser-tests.json");
    cJSON *cases = cJSON_ParseWithLength(json.p, json.n);
    const cJSON *one;

    (void)state;
    assert_int_equal(cJSON_GetArraySize(cases), 30);
    cJSON_ArrayForEach(one, cases)
    {
        pipit_value *value = NULL;
        const char *id = text(one, "id");
        int err = pipit_parse(text(one, "rule"), text(one, "input"), &value);

        if (cJSON_IsNumber(field(one, "expect"))) { /* -1 */
            assert_int_equal(err, PIPIT_ERR_SYNTAX);
            assert_null(value);
            continue;
        }
        if (err)
            fail_msg("%s: %s", id, pipit_error_message());
        check(id, value, field(one, "expect"));
        pipit_value_unref(value);
    }
    cJSON_Delete(cases);
    free((void *)(uintptr_t)json.p);
}

/* Every case is asked twice: whether the text is right, and whether an error leaves the result alone. */
static void a_target_becomes_what_jssip_makes_of_it(void **state)
{
    pp_str json = read_corpus("jssip/normalize-target.json");
    cJSON *cases = cJSON_ParseWithLength(json.p, json.n);
    const cJSON *one;

    (void)state;
    assert_int_equal(cJSON_GetArraySize(cases), 26);
    cJSON_ArrayForEach(one, cases)
    {
        char *got = NULL;
        int err = pipit_normalize_target(text(one, "input"), text(one, "domain"), &got);
        assert_true(err == 0 || err == PIPIT_ERR_SYNTAX);
        assert_same(text(one, "input"), "target", got, text(one, "expect"));
        pipit_free(got);
    }
    cJSON_Delete(cases);
    free((void *)(uintptr_t)json.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grammar_case_of_jssip_is_read_the_same),
        cmocka_unit_test(a_target_becomes_what_jssip_makes_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
