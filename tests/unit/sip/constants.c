/* constants.c - what JsSIP calls constants, its grammar's rules, and the header fields it keeps apart: all of them are known here. */
#include "pipit/pipit.h"
#include "support/files.h"

#include <string.h>

/* JsSIP's C.REASON_PHRASE, but for the name of a product in that of 500. */
static void a_status_has_jssips_phrase(void **state)
{
    static const struct {
        int status;
        const char *phrase;
    } rows[] = {
        {100, "Trying"},
        {180, "Ringing"},
        {181, "Call Is Being Forwarded"},
        {182, "Queued"},
        {183, "Session Progress"},
        {199, "Early Dialog Terminated"},
        {200, "OK"},
        {202, "Accepted"},
        {204, "No Notification"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {302, "Moved Temporarily"},
        {305, "Use Proxy"},
        {380, "Alternative Service"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {407, "Proxy Authentication Required"},
        {408, "Request Timeout"},
        {410, "Gone"},
        {412, "Conditional Request Failed"},
        {413, "Request Entity Too Large"},
        {414, "Request-URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Unsupported URI Scheme"},
        {417, "Unknown Resource-Priority"},
        {420, "Bad Extension"},
        {421, "Extension Required"},
        {422, "Session Interval Too Small"},
        {423, "Interval Too Brief"},
        {424, "Bad Location Information"},
        {428, "Use Identity Header"},
        {429, "Provide Referrer Identity"},
        {430, "Flow Failed"},
        {433, "Anonymity Disallowed"},
        {436, "Bad Identity-Info"},
        {437, "Unsupported Certificate"},
        {438, "Invalid Identity Header"},
        {439, "First Hop Lacks Outbound Support"},
        {440, "Max-Breadth Exceeded"},
        {469, "Bad Info Package"},
        {470, "Consent Needed"},
        {478, "Unresolvable Destination"},
        {480, "Temporarily Unavailable"},
        {481, "Call/Transaction Does Not Exist"},
        {482, "Loop Detected"},
        {483, "Too Many Hops"},
        {484, "Address Incomplete"},
        {485, "Ambiguous"},
        {486, "Busy Here"},
        {487, "Request Terminated"},
        {488, "Not Acceptable Here"},
        {489, "Bad Event"},
        {491, "Request Pending"},
        {493, "Undecipherable"},
        {494, "Security Agreement Required"},
        {500, "Server Internal Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Server Time-out"},
        {505, "Version Not Supported"},
        {513, "Message Too Large"},
        {580, "Precondition Failure"},
        {600, "Busy Everywhere"},
        {603, "Decline"},
        {604, "Does Not Exist Anywhere"},
        {606, "Not Acceptable"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_string_equal(pipit_reason_phrase(rows[i].status), rows[i].phrase);
    assert_string_equal(pipit_reason_phrase(299), "");
    assert_string_equal(pipit_reason_phrase(-1), "");
}

/* JsSIP's C.SIP_ERROR_CAUSES. */
static void a_status_has_jssips_cause(void **state)
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
        {PIPIT_CAUSE_NONE, {100, 180, 200, 202, 299}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (const int *status = rows[i].statuses; *status; status++)
            assert_int_equal(pipit_status_cause(*status), rows[i].cause);
}

/* --- rules ------------------------------------------------------------------------------------ */

/* A field or a parameter of a value; `name` NULL: of an address or a URI its whole text is `expected`. */
static void check_rule(const char *rule, const char *text, const char *name, const char *expected)
{
    pipit_value *value = NULL;
    const char *found = NULL;
    char *whole = NULL;

    if (pipit_parse(rule, text, &value) < 0)
        fail_msg("%s: %s", rule, pipit_error_message());
    if (name)
        found = pipit_value_field(value, 0, name);
    else if (pipit_value_uri(value, 0)) {
        assert_int_equal(pipit_uri_to_string(pipit_value_uri(value, 0), &whole), 0);
        found = whole;
    }
    if (name && !found)
        found = pipit_value_get_param(value, 0, name);
    if (!found || strcmp(found, expected) != 0)
        fail_msg("%s: %s is '%s'", rule, name ? name : "the URI", found ? found : "missing");
    pipit_free(whole);
    pipit_value_unref(value);
}

/* Those that JsSIP itself asks its grammar for. */
static void every_rule_of_jssips_grammar_is_known(void **state)
{
    static const char digest[] = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
    static const char address[] = "\"Bob\" <sip:bob@x.invalid>;tag=1";
    static const struct {
        const char *rule, *text, *name, *expected;
    } rows[] = {
        {"SIP_URI", "sip:bob@x.invalid:5060;lr", NULL, "sip:bob@x.invalid:5060;lr"},
        {"absoluteURI", "tel:+15550100", NULL, "tel:+15550100"},
        {"host", "x.invalid", "host_type", "domain"},
        {"quoted_string", "\"a b\"", "value", "a b"},
        {"uuid", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "value",
         "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
        {"challenge", digest, "realm", "r"},
        {"WWW_Authenticate", digest, "nonce", "n"},
        {"Proxy_Authenticate", digest, "qop", "auth"},
        {"Request_Response", "INVITE sip:bob@x.invalid SIP/2.0", "method", "INVITE"},
        {"Status_Line", "SIP/2.0 486 Busy Here", "reason_phrase", "Busy Here"},
        {"Via", "SIP/2.0/WSS x.invalid;branch=z9hG4bK1", "branch", "z9hG4bK1"},
        {"From", address, NULL, "sip:bob@x.invalid"},
        {"To", address, NULL, "sip:bob@x.invalid"},
        {"Contact", address, NULL, "sip:bob@x.invalid"},
        {"Name_Addr_Header", address, NULL, "sip:bob@x.invalid"},
        {"Record_Route", "<sip:p.invalid;lr>", NULL, "sip:p.invalid;lr"},
        {"Route", "<sip:p.invalid;lr>", NULL, "sip:p.invalid;lr"},
        {"Refer_To", "<sip:carol@x.invalid>", NULL, "sip:carol@x.invalid"},
        {"Call_ID", "a@b", "value", "a@b"},
        {"CSeq", "7 INVITE", "method", "INVITE"},
        {"Content_Length", "12", "value", "12"},
        {"Content_Type", "application/sdp;x=y", "value", "application/sdp"},
        {"Content_Disposition", "session;handling=required", "handling", "required"},
        {"Content_Encoding", "gzip", "value", "gzip"},
        {"Expires", "600", "value", "600"},
        {"Min_Expires", "60", "value", "60"},
        {"Event", "presence;id=4", "event", "presence"},
        {"Allow_Events", "presence", "value", "presence"},
        {"Max_Forwards", "69", "value", "69"},
        {"Reason", "SIP;cause=200;text=\"done\"", "cause", "200"},
        {"Replaces", "a@b;to-tag=1;from-tag=2", "from_tag", "2"},
        {"Require", "100rel", "value", "100rel"},
        {"Proxy_Require", "foo", "value", "foo"},
        {"Supported", "path", "value", "path"},
        {"Subject", "a word", "value", "a word"},
        {"Session_Expires", "90;refresher=uac", "refresher", "uac"},
        {"Subscription_State", "active;expires=60", "expires", "60"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_rule(rows[i].rule, rows[i].text, rows[i].name, rows[i].expected);
}

static void what_jssips_grammar_reads_wrong_is_read_right(void **state)
{
    pipit_uri *uri = NULL;

    (void)state;
    check_rule("Event", "presence.winfo", "event", "presence.winfo");
    check_rule("Subscription_State", "terminated;reason=probation;retry-after=30", "retry_after",
               "30");
    assert_int_equal(pipit_uri_parse("sip:bob@x.invalid;ttl=15;maddr=239.255.255.1", &uri), 0);
    assert_string_equal(pipit_uri_get_param(uri, "ttl"), "15");
    pipit_uri_unref(uri);
}

/* --- header fields ---------------------------------------------------------------------------- */

static void check_field(const pipit_request *request, const char *header, const char *name,
                        const char *expected)
{
    pipit_value *value = NULL;

    assert_int_equal(pipit_request_parse_header(request, header, 0, &value), 0);
    if (name)
        assert_string_equal(pipit_value_field(value, 0, name), expected);
    else
        assert_string_equal(pipit_uri_host(pipit_value_uri(value, 0)), expected);
    pipit_value_unref(value);
}

/* JsSIP has request.session_expires, refer_to and the like. */
static void a_header_that_jssip_keeps_apart_is_read(void **state)
{
    static const char *const lines[] = {
        "Session-Expires: 120;refresher=uas", "Refer-To: <sip:carol@far.invalid>",
        "Replaces: a@b;to-tag=1;from-tag=2;early-only", "Event: dialog;id=7", NULL};
    const pipit_request_options options = {.from_uri = "sip:alice@example.com",
                                           .to_display_name = "Bob",
                                           .call_id = "c",
                                           .extra_headers = lines};
    pipit_request *request = NULL;
    pipit_name_addr *to = NULL;

    (void)state;
    assert_int_equal(pipit_request_new("INVITE", "sip:bob@example.com", &options, &request), 0);
    check_field(request, "Session-Expires", "expires", "120");
    check_field(request, "Session-Expires", "refresher", "uas");
    check_field(request, "Refer-To", NULL, "far.invalid");
    check_field(request, "Replaces", "call_id", "a@b");
    check_field(request, "Replaces", "to_tag", "1");
    check_field(request, "Event", "event", "dialog");
    check_field(request, "Event", "id", "7");
    assert_int_equal(pipit_request_to(request, &to), 0);
    assert_string_equal(pipit_name_addr_display_name(to), "Bob");
    pipit_name_addr_unref(to);
    pipit_request_unref(request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_has_jssips_phrase),
        cmocka_unit_test(a_status_has_jssips_cause),
        cmocka_unit_test(every_rule_of_jssips_grammar_is_known),
        cmocka_unit_test(what_jssips_grammar_reads_wrong_is_read_right),
        cmocka_unit_test(a_header_that_jssip_keeps_apart_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
