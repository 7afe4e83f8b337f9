/* jssip.c - the grammar cases of JsSIP's own tests, where a part of ours answers the same question. */
#include "pipit/error.h"
#include "sip/digest.h"
#include "sip/lexer.h"
#include "support/files.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static const cJSON *field(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static pp_str text(const cJSON *object, const char *name)
{
    return pp_str_c(cJSON_GetStringValue(field(object, name)));
}

static void assert_same(const char *id, pp_str got, pp_str wanted)
{
    if (!pp_str_eq(got, wanted))
        fail_msg("%s: got '%.*s', wanted '%.*s'", id, PP_STR(got), PP_STR(wanted));
}

/* Values of a URI are compared without case: JsSIP lowers some of them as it reads. */
static void check_params(const char *id, pp_str params, const cJSON *expect, bool any_case)
{
    const cJSON *param;

    cJSON_ArrayForEach(param, expect)
    {
        pp_str value, wanted = pp_str_c(cJSON_GetStringValue(param));
        if (!pp_param(params, param->string, &value))
            fail_msg("%s: no parameter %s", id, param->string);
        if (any_case)
            assert_true(pp_str_ieq(value, wanted));
        else
            assert_same(id, value, wanted);
    }
}

static void check_uri(const char *id, const pp_uri *uri, const cJSON *expect)
{
    pp_buf user = {0};
    const cJSON *port = field(expect, "port");

    assert_true(pp_str_ieq(uri->scheme_name, text(expect, "scheme")));
    pp_uri_unescape(uri->user, &user);
    assert_same(id, pp_buf_text(&user), text(expect, "user"));
    assert_true(pp_str_ieq(uri->host, text(expect, "host")));
    if (port)
        assert_int_equal(uri->port, cJSON_IsNumber(port) ? port->valueint : 0);
    check_params(id, uri->params, field(expect, "params"), true);
    pp_buf_free(&user);
}

static void check_name_addr(const char *id, pp_str value, const cJSON *expect)
{
    pp_name_addr n;
    pp_buf name = {0};

    if (pp_name_addr_parse(value, &n))
        fail_msg("%s: %s", id, pipit_error_message());
    pp_name_addr_write_display_name(&n, &name);
    if (field(expect, "display_name"))
        assert_same(id, pp_buf_text(&name), text(expect, "display_name"));
    if (field(expect, "uri"))
        check_uri(id, &n.uri, field(expect, "uri"));
    check_params(id, n.params, field(expect, "params"), false);
    pp_buf_free(&name);
}

static void check_contacts(const char *id, pp_str list, const cJSON *expect)
{
    const cJSON *contact;
    pp_str member;

    cJSON_ArrayForEach(contact, expect)
    {
        assert_true(pp_list_next(&list, &member));
        check_name_addr(id, member, contact);
    }
    assert_false(pp_list_next(&list, &member));
}

/* The message that carries a value in a header, so that folds are seen as they come. */
static pp_message *message_with(const char *header, pp_str value, const char *cseq)
{
    pp_buf wire = {0};
    pp_message *m = NULL;

    pp_buf_c(&wire, "SIP/2.0 200 OK\r\n");
    pp_buf_format(&wire, "%s: ", header);
    pp_buf_str(&wire, value);
    pp_buf_format(&wire, "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\n%s\r\n",
                  cseq);
    if (pp_message_parse(pp_buf_text(&wire), &m))
        fail_msg("%s: %s", header, pipit_error_message());
    pp_buf_free(&wire);
    return m;
}

static void check_via(const char *id, pp_str value, const cJSON *expect)
{
    pp_message *m = message_with("Via", value, "CSeq: 1 BYE\r\n");

    assert_same(id, m->via.transport, text(expect, "transport"));
    assert_same(id, m->via.host, text(expect, "host"));
    assert_int_equal(m->via.port, field(expect, "port")->valueint);
    assert_same(id, m->via.branch, text(expect, "branch"));
    check_params(id, m->via.params, field(expect, "params"), false);
    pp_message_unref(m);
}

static void check_cseq(const char *id, pp_str value, const cJSON *expect)
{
    pp_message *m = message_with("CSeq", value, "Via: SIP/2.0/WS a\r\n");

    assert_int_equal(m->cseq, field(expect, "value")->valueint);
    assert_same(id, m->method_name, text(expect, "method"));
    pp_message_unref(m);
}

static void check_challenge(const char *id, pp_str value, const cJSON *expect)
{
    pp_challenge c;

    assert_int_equal(pp_challenge_parse(value, &c), 0);
    assert_same(id, c.realm, text(expect, "realm"));
    assert_same(id, c.nonce, text(expect, "nonce"));
    assert_same(id, c.opaque, text(expect, "opaque"));
    assert_int_equal(c.stale, cJSON_IsTrue(field(expect, "stale")));
    assert_true(pp_str_ieq(c.algorithm_name, text(expect, "algorithm")));
    assert_true(c.qop_auth && c.qop_auth_int);
}

/* "180;refresher=uac", "SIP ;cause=488", "Presence;x": a word and parameters. */
static void check_word_and_params(const char *id, pp_str value, const cJSON *expect)
{
    static const char *const names[] = {"refresher", "cause", "to-tag", "from-tag", "text"};
    static const char *const members[] = {"refresher", "cause", "to_tag", "from_tag", "text"};
    pp_str params = pp_str_from(value, pp_str_find(value, ';'));

    assert_true(pp_params_valid(params));
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const cJSON *wanted = field(expect, members[i]);
        pp_buf plain = {0};
        pp_str got = PP_STR_NONE;
        uint32_t number;
        if (!wanted || cJSON_IsNull(wanted))
            continue;
        assert_true(pp_param(params, names[i], &got));
        pp_write_unquoted(got, &plain);
        if (cJSON_IsNumber(wanted)) {
            assert_true(pp_str_to_u32(got, 0, 999, &number));
            assert_int_equal(number, wanted->valueint);
        } else {
            assert_true(pp_str_ieq(pp_buf_text(&plain), pp_str_c(cJSON_GetStringValue(wanted))));
        }
        pp_buf_free(&plain);
    }
    check_params(id, params, field(expect, "params"), false);
}

static void check_host(const char *id, pp_str value, const cJSON *expect)
{
    if (pp_host_valid(value) == cJSON_IsNumber(expect)) /* -1 */
        fail_msg("%s: '%.*s'", id, PP_STR(value));
}

static void check_status_line(const char *id, pp_str value, const cJSON *expect)
{
    pp_buf wire = {0};
    pp_message *m = NULL;

    pp_buf_str(&wire, value);
    pp_buf_c(&wire, "\r\nVia: SIP/2.0/WS a\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: "
                    "1\r\nCSeq: 1 BYE\r\n\r\n");
    if (pp_message_parse(pp_buf_text(&wire), &m))
        fail_msg("%s: %s", id, pipit_error_message());
    assert_int_equal(m->status, field(expect, "status_code")->valueint);
    pp_message_unref(m);
    pp_buf_free(&wire);
}

static void check_message(const char *id, pp_str value, const cJSON *expect)
{
    pp_message *m = NULL;
    const cJSON *header;

    if (pp_message_parse(value, &m) || m->defect)
        fail_msg("%s: %s", id, m ? m->defect_phrase : pipit_error_message());
    cJSON_ArrayForEach(header, field(expect, "headers"))
        assert_same(id, pp_message_header_named(m, pp_str_c(header->string), 0),
                    pp_str_c(cJSON_GetStringValue(header)));
    cJSON_ArrayForEach(header, field(expect, "nameaddr"))
    {
        pp_name_addr n;
        assert_int_equal(
            pp_name_addr_parse(pp_message_header_named(m, pp_str_c(header->string), 0), &n), 0);
        assert_same(id, n.uri.user, text(field(header, "uri"), "user"));
        assert_same(id, n.uri.host, text(field(header, "uri"), "host"));
    }
    pp_message_unref(m);
}

static void check_whole_uri(const char *id, pp_str value, const cJSON *expect)
{
    pp_uri uri;

    if (pp_uri_parse(value, &uri))
        fail_msg("%s: %s", id, pipit_error_message());
    check_uri(id, &uri, expect);
}

static const struct {
    const char *rule;
    void (*check)(const char *id, pp_str value, const cJSON *expect);
} rules[] = {
    {"URI", check_whole_uri},
    {"NameAddrHeader", check_name_addr},
    {"Contact", check_contacts},
    {"Via", check_via},
    {"CSeq", check_cseq},
    {"challenge", check_challenge},
    {"Event", check_word_and_params},
    {"Session_Expires", check_word_and_params},
    {"Reason", check_word_and_params},
    {"host", check_host},
    {"Refer_To", check_name_addr},
    {"Replaces", check_word_and_params},
    {"Status_Line", check_status_line},
    {"message", check_message},
};

static void a_grammar_case_of_jssip_is_read_the_same(void **state)
{
    pp_str json = read_corpus("jssip/parser-tests.json");
    cJSON *cases = cJSON_ParseWithLength(json.p, json.n);
    const cJSON *one;
    size_t checked = 0;

    (void)state;
    cJSON_ArrayForEach(one, cases)
    {
        for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
            if (!pp_str_eq_c(text(one, "rule"), rules[i].rule))
                continue;
            rules[i].check(cJSON_GetStringValue(field(one, "id")), text(one, "input"),
                           field(one, "expect"));
            checked++;
        }
    }
    assert_int_equal(checked, cJSON_GetArraySize(cases));
    cJSON_Delete(cases);
    free((void *)(uintptr_t)json.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_grammar_case_of_jssip_is_read_the_same)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
