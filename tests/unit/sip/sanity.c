/* sanity.c - the table of checks: each row by its name, and what a refusal says besides its status. */
#include "sip/sanity.h"

#include "base/limits.h"
#include "pipit/error.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const options[] = {"timer", "ice", NULL};
static const pp_sanity_body bodies[] = {
    {PP_INVITE, "application/sdp", 40}, {PP_INFO, NULL, 0}, {0}};

static const pp_sanity_rules endpoint = {
    .size_max = 1200,
    .methods = PP_METHOD_BIT(PP_INVITE) | PP_METHOD_BIT(PP_OPTIONS) | PP_METHOD_BIT(PP_INFO) |
               PP_METHOD_BIT(PP_BYE) | PP_METHOD_BIT(PP_MESSAGE),
    .dialog_methods = PP_METHOD_BIT(PP_BYE) | PP_METHOD_BIT(PP_INFO),
    .allow = "INVITE, OPTIONS",
    .accept = "application/sdp",
    .options = options,
    .bodies = bodies,
};
static const pp_sanity_rules proxy = {.proxy = true, .size_max = 1200, .sips = true};

#define ROUTINE                                                                                    \
    "Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\nFrom: <sip:a@example.com>;tag=1\r\n"            \
    "Call-ID: x@y\r\n"
#define CONTACT                 "Contact: <sip:a@a.invalid>\r\n"
#define SDP                     "Content-Type: application/sdp\r\n"
#define NESTED(boundary, inner) "--" boundary "\r\nc: multipart/x;boundary=" inner "\r\n\r\n"

typedef struct sample {
    const char *check; /* NULL: it is sane */
    int status;
    const char *phrase; /* NULL: not looked at */
    const char *method; /* NULL: a response to an INVITE */
    const char *lines, *body;
    const char *ruri;             /* NULL: sip:b@example.com */
    const char *to_tag;           /* NULL: none */
    const char *repeated, *last;  /* a header field of 60 of the one and the other behind them */
    const pp_sanity_rules *rules; /* NULL: the endpoint's */
    pp_sanity_facts facts;
} sample;

static const sample samples[] = {
    {.method = "OPTIONS"},
    {.method = "INVITE", .lines = CONTACT},
    {.method = "INVITE", .lines = CONTACT SDP, .body = "v=0"},
    {.method = "INVITE", .lines = CONTACT "Accept: text/plain, APPLICATION / *;q=0.1\r\n"},
    {.method = "INVITE", .lines = CONTACT "Accept: */*\r\n"},
    {.method = "INVITE", .lines = CONTACT "Accept: application/SDP;level=1\r\n"},
    {.method = "INVITE", .lines = CONTACT "Require: ICE, timer\r\n"},
    {.method = "INVITE", .lines = CONTACT SDP "Content-Encoding: Identity\r\n", .body = "v=0"},
    {.method = "INVITE", .lines = SDP, .body = "v=0", .to_tag = "t", .ruri = "tel:1"},
    {.method = "MESSAGE", .body = "anything"},
    {.method = "OPTIONS", .lines = "Max-Forwards: 0\r\nProxy-Require: x\r\n"},
    {.method = "BYE", .to_tag = "t"},
    {.method = "INFO", .to_tag = "t", .lines = "Content-Type: a/b\r\n", .body = "x"},
    {.method = "OPTIONS", .repeated = "Supported: ", .last = "a,b,c,d,e,f,g,h,i,j,k"},
    {.method = NULL},
    {.method = NULL, .lines = "Via: SIP/2.0/WSS b.invalid;branch=z9hG4bK2\r\n", .rules = &proxy},
    {.method = "WALTZ", .ruri = "sips:b@example.com", .rules = &proxy},
    {.method = "INVITE", .lines = "Require: x\r\n", .body = "x", .rules = &proxy},

    {"message size", 513, "Message Too Large", .method = "OPTIONS",
     .repeated = "Subject: many words ", .last = ""},
    {"message size", 513, NULL, .method = NULL, .repeated = "Subject: many words ", .last = ""},
    {"form", 400, "Bad Contact", .method = "INVITE", .lines = "Contact: <sip:a@b\r\n"},
    {"form", 400, "Bad Request-URI", .method = "INVITE", .ruri = "sip:b@example.com?Route=x"},
    {"list members", 400, "Too Many List Members", .method = "OPTIONS",
     .repeated = "Supported: ", .last = "a,b,c,d,e,f,g,h,i,j,k,l"},
    {"list members", 400, NULL, .method = NULL,
     .repeated = "Supported: ", .last = "a,b,c,d,e,f,g,h,i,j,k,l"},
    {"nesting", 400, "Body Nested Too Deep", .method = "MESSAGE",
     .lines = "c: multipart/x;boundary=0\r\n",
     .body = NESTED("0", "1") NESTED("1", "2") NESTED("2", "3") NESTED("3", "4") "--4\r\n\r\nx"},
    {.method = "MESSAGE",
     .lines = "c: multipart/x;boundary=0\r\n",
     .body = NESTED("0", "1") NESTED("1", "2") NESTED("2", "3") "--3\r\n\r\nx"},
    {"one Via", 400, NULL, .method = NULL, .lines = "v: SIP/2.0/WSS b.invalid;branch=z9hG4bK2\r\n"},
    {"known method", 501, "Not Implemented", .method = "WALTZ"},
    {"known method", 501, NULL, .method = "WALTZ", .to_tag = "t"},
    {"known method", 501, NULL, .method = "invite"}, /* letter case counts (section 7.1) */
    {"allowed method", 405, "Method Not Allowed", .method = "REGISTER"},
    {"allowed method", 405, NULL, .method = "PUBLISH", .ruri = "tel:1"},
    {"URI scheme", 416, "Unsupported URI Scheme", .method = "OPTIONS", .ruri = "tel:+15550100"},
    {"URI scheme", 416, NULL, .method = "OPTIONS", .ruri = "sips:b@example.com"},
    {"URI scheme", 416, NULL, .method = "WALTZ", .ruri = "urn:service:sos", .rules = &proxy},
    {"recipient", 404, "Not Found", .method = "OPTIONS",
     .facts = {.stranger = true, .looped = true}},
    {"hops", 483, "Too Many Hops", .method = "OPTIONS", .lines = "Max-Forwards: 0\r\n",
     .rules = &proxy},
    {"loop", 482, "Loop Detected", .method = "OPTIONS", .facts = {.looped = true, .merged = true}},
    {"loop", 482, NULL, .method = "OPTIONS", .facts = {.looped = true}, .rules = &proxy},
    {"merged request", 482, "Merged Request", .method = "OPTIONS", .facts = {.merged = true}},
    {"dialog", 481, NULL, .method = "BYE"},
    {"dialog", 481, NULL, .method = "OPTIONS", .to_tag = "t", .facts = {.dialog = 481}},
    {"dialog", 500, "Server Internal Error", .method = "BYE", .to_tag = "t",
     .facts = {.dialog = 500}},
    {"closing", 480, NULL, .method = "INVITE", .facts = {.closing = true}},
    {"extensions", 420, "Bad Extension", .method = "INVITE",
     .lines = CONTACT "Require: ice,100rel\r\n"},
    {"extensions", 420, NULL, .method = "BYE", .to_tag = "t", .lines = "Require: 100rel\r\n"},
    {"extensions", 420, NULL, .method = "BYE", .to_tag = "t", .lines = "Proxy-Require: timer\r\n",
     .rules = &proxy},
    {"body encoding", 415, "Unsupported Media Type", .method = "MESSAGE",
     .lines = "e: identity, gzip\r\nc: text/plain\r\n", .body = "x"},
    {"body type", 415, NULL, .method = "INVITE",
     .lines = CONTACT "Content-Type: application/sdpx\r\n", .body = "x"},
    {"body type", 415, NULL, .method = "INVITE", .lines = CONTACT, .body = "v=0"},
    {"body type", 415, NULL, .method = "INFO", .to_tag = "t", .body = "x"},
    {"body size", 413, "Request Entity Too Large", .method = "INVITE", .lines = CONTACT SDP,
     .body = "v=0 and as many more octets as it takes, and one"},
    {"acceptable answer", 406, "Not Acceptable", .method = "INVITE",
     .lines = CONTACT "Accept: text/plain, application/x\r\n"},
    {"acceptable answer", 406, NULL, .method = "INVITE", .lines = CONTACT "Accept:\r\n",
     .to_tag = "t"},
    {"Contact", 400, "Missing Contact", .method = "INVITE"},
    {"Contact", 400, "Multiple Contact", .method = "INVITE", .lines = CONTACT CONTACT},
};

#define SAMPLES (sizeof(samples) / sizeof(*samples))

static void write_start(const sample *s, pp_buf *out)
{
    const char *ruri = s->ruri ? s->ruri : "sip:b@example.com";

    if (s->method)
        pp_buf_format(out, "%s %s SIP/2.0\r\n", s->method, ruri);
    else
        pp_buf_c(out, "SIP/2.0 200 OK\r\n");
    pp_buf_format(out, ROUTINE "To: <sip:b@example.com>%s%s\r\nCSeq: 7 %s\r\n",
                  s->to_tag ? ";tag=" : "", s->to_tag ? s->to_tag : "",
                  s->method ? s->method : "INVITE");
}

static pp_message *message_of(const sample *s)
{
    const char *body = s->body ? s->body : "";
    pp_message *m = NULL;
    pp_buf text = {0};

    write_start(s, &text);
    pp_buf_c(&text, s->lines ? s->lines : "");
    for (unsigned i = 0; s->repeated && i < 60; i++)
        pp_buf_format(&text, "%s%s\r\n", s->repeated, i ? "a" : s->last);
    pp_buf_format(&text, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    assert_int_equal(pp_buf_error(&text), 0);
    if (pp_message_parse(pp_buf_text(&text), &m))
        fail_msg("%.*s: %s", PP_STR(pp_buf_text(&text)), pipit_error_message());
    pp_buf_free(&text);
    return m;
}

/* As a user agent and a proxy do it. */
static bool is_sane(const sample *s, const pp_message *m, pp_sanity_fault *fault)
{
    const pp_sanity_rules *rules = s->rules ? s->rules : &endpoint;

    return pp_sanity_message(m, rules, fault) &&
           (!m->is_request || pp_sanity_request(m, rules, &s->facts, fault));
}

static void check_sample(const sample *s)
{
    pp_sanity_fault fault = {0};
    pp_message *m = message_of(s);
    bool sane = is_sane(s, m, &fault);

    if (sane != !s->check)
        fail_msg("%.*s: %s", PP_STR(m->wire), sane ? "passed" : fault.check);
    if (!sane && (strcmp(fault.check, s->check) != 0 || fault.status != s->status))
        fail_msg("%.*s: %d for %s", PP_STR(m->wire), fault.status, fault.check);
    if (s->phrase)
        assert_string_equal(fault.phrase, s->phrase);
    if (!sane)
        assert_true(*fault.phrase);
    pp_message_unref(m);
}

static void a_message_fails_the_check_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++)
        check_sample(&samples[i]);
}

static void every_check_but_the_length_of_a_uri_has_its_sample(void **state)
{
    const char *name;

    (void)state;
    for (size_t i = 0; (name = pp_sanity_name(i)) != NULL; i++) {
        bool found = strcmp(name, "Request-URI length") == 0; /* below */

        for (size_t k = 0; k < SAMPLES; k++)
            found = found || (samples[k].check && strcmp(samples[k].check, name) == 0);
        if (!found)
            fail_msg("no sample fails '%s'", name);
    }
}

static void a_request_uri_of_4096_octets_is_long_enough(void **state)
{
    static const pp_sanity_rules wide = {.size_max = PP_LIMIT_SIP_MESSAGE};
    char uri[PP_LIMIT_SIP_URI + 2];

    (void)state;
    memset(uri, 'x', sizeof(uri));
    memcpy(uri, "sip:", 4);
    for (size_t n = PP_LIMIT_SIP_URI; n <= PP_LIMIT_SIP_URI + 1; n++) {
        pp_sanity_fault fault = {0};
        pp_message *m;

        uri[n - 1] = 'x';
        uri[n] = '\0';
        m = message_of(&(sample){.method = "OPTIONS", .ruri = uri});
        assert_int_equal(pp_sanity_message(m, &wide, &fault), n == PP_LIMIT_SIP_URI);
        assert_int_equal(fault.status, n == PP_LIMIT_SIP_URI ? 0 : 414);
        pp_message_unref(m);
    }
}

static void every_check_is_in_the_documentation(void **state)
{
    const char *folder = getenv("PIPIT_SOURCE_DIR"), *name;
    char path[4096], row[64];
    pp_str page;

    (void)state;
    if (!folder)
        skip();
    snprintf(path, sizeof(path), "%s/docs/refusals.md", folder);
    page = read_file(path);
    assert_non_null(page.p);
    for (size_t i = 0; (name = pp_sanity_name(i)) != NULL; i++) {
        snprintf(row, sizeof(row), "| %s |", name);
        if (!strstr(page.p, row))
            fail_msg("docs/refusals.md has no row '%s'", row);
    }
    free((void *)(uintptr_t)page.p);
}

/* --- what a refusal says besides -------------------------------------------------------------- */

static void check_explained(const sample *s, int status, pp_header_id id, const char *value)
{
    pp_outgoing *response = NULL;
    pp_message *request = message_of(s);

    assert_int_equal(pp_outgoing_response(request, status, NULL, "t", &response), 0);
    pp_sanity_explain(request, s->rules ? s->rules : &endpoint, response);
    assert_int_equal(pp_outgoing_error(response), 0);
    if (!pp_str_eq(pp_outgoing_header(response, id, 0), pp_str_c(value)))
        fail_msg("%d: %s is '%.*s'", status, pp_header_name(id),
                 PP_STR(pp_outgoing_header(response, id, 0)));
    assert_null(pp_outgoing_header(response, id, 1).p);
    pp_outgoing_unref(response);
    pp_message_unref(request);
}

static void a_refusal_says_what_would_have_been_taken(void **state)
{
    const sample plain = {.method = "INVITE", .lines = "Require: timer, a\r\nRequire: b\r\n"};
    const sample packed = {.method = "INVITE", .lines = "Content-Encoding: gzip\r\n"};
    const sample passing = {
        .method = "INVITE", .lines = "Proxy-Require: timer, c\r\n", .rules = &proxy};

    (void)state;
    check_explained(&plain, 405, PP_HEADER_ALLOW, "INVITE, OPTIONS");
    check_explained(&plain, 501, PP_HEADER_ALLOW, "INVITE, OPTIONS");
    check_explained(&plain, 415, PP_HEADER_ACCEPT, "application/sdp");
    check_explained(&plain, 415, PP_HEADER_ACCEPT_ENCODING, NULL);
    check_explained(&packed, 415, PP_HEADER_ACCEPT_ENCODING, "identity");
    check_explained(&plain, 420, PP_HEADER_UNSUPPORTED, "a, b");
    check_explained(&passing, 420, PP_HEADER_UNSUPPORTED, "timer, c");
    check_explained(&passing, 405, PP_HEADER_ALLOW, NULL);
    check_explained(&plain, 400, PP_HEADER_ALLOW, NULL);
}

/* Each fits into a field, both together do not. */
static void unsupported_options_stay_within_the_length_of_a_field(void **state)
{
    size_t size = PP_LIMIT_SIP_HEADER - 20;
    char *lines = malloc(2 * size);
    pp_outgoing *response = NULL;
    pp_message *request;

    (void)state;
    assert_non_null(lines);
    memset(lines, 'x', 2 * size);
    memcpy(lines, "Require: ", 9);
    memcpy(lines + size - 11, "\r\nRequire: ", 11);
    memcpy(lines + 2 * size - 3, "\r\n", 3);
    request = message_of(&(sample){.method = "INVITE", .lines = lines});
    assert_int_equal(request->defect, 0);
    assert_int_equal(pp_outgoing_response(request, 420, NULL, "t", &response), 0);
    pp_sanity_explain(request, &endpoint, response);
    assert_int_equal(pp_outgoing_error(response), 0);
    assert_true(pp_outgoing_header(response, PP_HEADER_UNSUPPORTED, 0).n > size / 2);
    assert_true(pp_outgoing_header(response, PP_HEADER_UNSUPPORTED, 1).n > size / 2);
    pp_outgoing_unref(response);
    pp_message_unref(request);
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_fails_the_check_it_should),
        cmocka_unit_test(every_check_but_the_length_of_a_uri_has_its_sample),
        cmocka_unit_test(a_request_uri_of_4096_octets_is_long_enough),
        cmocka_unit_test(every_check_is_in_the_documentation),
        cmocka_unit_test(a_refusal_says_what_would_have_been_taken),
        cmocka_unit_test(unsupported_options_stay_within_the_length_of_a_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
