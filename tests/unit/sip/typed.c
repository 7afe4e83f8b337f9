/* typed.c - header field values as structs: each header read, printed, and read again. */
#include "sip/typed/typed.h"

#include "pipit/error.h"
#include "sip/outgoing.h"
#include "support/files.h"

static void assert_str(pp_str got, const char *wanted)
{
    if (!pp_str_eq_c(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", PP_STR(got), wanted);
}

static pp_typed typed(pp_header_id id, const char *text)
{
    pp_typed value;

    if (pp_typed_parse(id, pp_str_c(text), &value))
        fail_msg("%s: %s: %s", pp_header_name(id), text, pipit_error_message());
    return value;
}

static void assert_printed(pp_header_id id, const pp_typed *value, const char *wanted)
{
    pp_buf out = {0};

    if (pp_typed_print(id, value, &out))
        fail_msg("%s: %s", wanted, pipit_error_message());
    assert_str(pp_buf_text(&out), wanted);
    pp_buf_free(&out);
}

/* --- the same values ------------------------------------------------------------------------------ */

static bool same(pp_str a, pp_str b)
{
    return pp_str_eq(a, b);
}

static bool is_in(pp_str name, const char *const *names)
{
    for (; names && *names; names++)
        if (pp_str_ieq_c(name, *names))
            return true;
    return false;
}

static bool next_other(pp_str *rest, const char *const *known, pp_str *name, pp_str *value)
{
    bool more;

    while ((more = pp_param_next(rest, name, value)) && is_in(*name, known))
        ;
    return more;
}

/* The same parameters in the same order, but for those that have a member of their own. */
static bool same_params(pp_str a, pp_str b, const char *const *known)
{
    pp_str name_a, name_b, value_a, value_b;

    for (;;) {
        bool more = next_other(&a, known, &name_a, &value_a);
        if (more != next_other(&b, known, &name_b, &value_b))
            return false;
        if (!more)
            return true;
        if (!same(name_a, name_b) || !same(value_a, value_b) ||
            (value_a.p == NULL) != (value_b.p == NULL))
            return false;
    }
}

static bool same_address(const pp_name_addr *a, const pp_name_addr *b)
{
    pp_buf x = {0}, y = {0};
    bool ok;

    pp_name_addr_write_display_name(a, &x);
    pp_name_addr_write_display_name(b, &y);
    ok = same(pp_buf_text(&x), pp_buf_text(&y)) && same(a->uri.text, b->uri.text) &&
         same_params(a->params, b->params, NULL);
    pp_buf_free(&x);
    pp_buf_free(&y);
    return ok;
}

static bool same_auth(const pp_auth *a, const pp_auth *b)
{
    pp_str x = a->params, y = b->params, p = PP_STR_NONE, q = PP_STR_NONE;
    bool more;

    if (!same(a->scheme, b->scheme) || !same(a->token, b->token))
        return false;
    while ((more = pp_list_next(&x, &p)) == pp_list_next(&y, &q) && more) {
        pp_str value_p = p, value_q = q;
        pp_str name_p = pp_str_split(&value_p, '='), name_q = pp_str_split(&value_q, '=');
        if (!same(pp_str_trim(name_p), name_q) || !same(pp_str_trim(value_p), value_q))
            return false;
    }
    return !more && pp_str_empty(y);
}

static bool same_subscription_state(const pp_subscription_state *a, const pp_subscription_state *b)
{
    static const char *const known[] = {"reason", "expires", "retry-after", NULL};

    return same(a->state, b->state) && same(a->reason, b->reason) &&
           a->has_expires == b->has_expires && a->expires == b->expires &&
           a->has_retry_after == b->has_retry_after && a->retry_after == b->retry_after &&
           same_params(a->params, b->params, known);
}

static bool same_reason(const pp_reason *a, const pp_reason *b)
{
    static const char *const known[] = {"cause", "text", NULL};

    return same(a->protocol, b->protocol) && a->has_cause == b->has_cause && a->cause == b->cause &&
           same(a->text, b->text) && same_params(a->params, b->params, known);
}

static bool same_replaces(const pp_replaces *a, const pp_replaces *b)
{
    static const char *const known[] = {"to-tag", "from-tag", "early-only", NULL};

    return same(a->call_id, b->call_id) && same(a->to_tag, b->to_tag) &&
           same(a->from_tag, b->from_tag) && a->early_only == b->early_only &&
           same_params(a->params, b->params, known);
}

static bool same_via(const pp_via *a, const pp_via *b)
{
    return same(a->transport, b->transport) && same(a->host, b->host) && a->port == b->port &&
           same(a->branch, b->branch) && same_params(a->params, b->params, NULL);
}

static bool same_session_expires(const pp_session_expires *a, const pp_session_expires *b)
{
    static const char *const known[] = {"refresher", NULL};

    return a->seconds == b->seconds && a->refresher == b->refresher &&
           same_params(a->params, b->params, known);
}

static bool same_typed(const pp_typed *a, const pp_typed *b)
{
    static const char *const id_is_known[] = {"id", NULL};

    if (a->shape != b->shape)
        return false;
    switch (a->shape) {
    case PP_SHAPE_TEXT:
        return same(a->as.text, b->as.text);
    case PP_SHAPE_TOKEN:
    case PP_SHAPE_PARAMS:
    case PP_SHAPE_WORD:
    case PP_SHAPE_DIALOG:
    case PP_SHAPE_UUI:
        return same(a->as.word.word, b->as.word.word) &&
               same_params(a->as.word.params, b->as.word.params, NULL);
    case PP_SHAPE_NUMBER:
    case PP_SHAPE_DELTA:
        return a->as.number.value == b->as.number.value &&
               same(a->as.number.comment, b->as.number.comment) &&
               same_params(a->as.number.params, b->as.number.params, NULL);
    case PP_SHAPE_SESSION_EXPIRES:
        return same_session_expires(&a->as.session_expires, &b->as.session_expires);
    case PP_SHAPE_CSEQ:
        return a->as.cseq.number == b->as.cseq.number && same(a->as.cseq.method, b->as.cseq.method);
    case PP_SHAPE_RACK:
        return a->as.rack.rseq == b->as.rack.rseq && a->as.rack.cseq == b->as.rack.cseq &&
               same(a->as.rack.method, b->as.rack.method);
    case PP_SHAPE_TIMESTAMP:
        return same(a->as.timestamp.stamp, b->as.timestamp.stamp) &&
               same(a->as.timestamp.delay, b->as.timestamp.delay);
    case PP_SHAPE_DATE:
        return a->as.date.unix_s == b->as.date.unix_s;
    case PP_SHAPE_ADDRESS:
        return same_address(&a->as.address, &b->as.address);
    case PP_SHAPE_CONTACT:
        return a->as.contact.all == b->as.contact.all &&
               (a->as.contact.all || same_address(&a->as.contact.address, &b->as.contact.address));
    case PP_SHAPE_VIA:
        return same_via(&a->as.via, &b->as.via);
    case PP_SHAPE_MEDIA_TYPE:
        return same(a->as.media_type.type, b->as.media_type.type) &&
               pp_media_type_equal(&a->as.media_type, &b->as.media_type);
    case PP_SHAPE_WARNING:
        return a->as.warning.code == b->as.warning.code &&
               same(a->as.warning.agent, b->as.warning.agent) &&
               same(a->as.warning.text, b->as.warning.text);
    case PP_SHAPE_AUTH:
    case PP_SHAPE_AUTH_INFO:
        return same_auth(&a->as.auth, &b->as.auth);
    case PP_SHAPE_EVENT:
        return same(a->as.event.package, b->as.event.package) &&
               same(a->as.event.id, b->as.event.id) &&
               same_params(a->as.event.params, b->as.event.params, id_is_known);
    case PP_SHAPE_SUBSCRIPTION_STATE:
        return same_subscription_state(&a->as.subscription_state, &b->as.subscription_state);
    case PP_SHAPE_REASON:
        return same_reason(&a->as.reason, &b->as.reason);
    case PP_SHAPE_REPLACES:
        return same_replaces(&a->as.replaces, &b->as.replaces);
    case PP_SHAPE_IDENTITY:
        return same(a->as.identity.digest, b->as.identity.digest) &&
               same(a->as.identity.info, b->as.identity.info) &&
               same_params(a->as.identity.params, b->as.identity.params, NULL);
    case PP_SHAPE_COUNT:
        break;
    }
    return false;
}

/* --- every header --------------------------------------------------------------------------------- */

/* Values of the RFCs' examples and of the field, one member each. */
static const struct {
    pp_header_id id;
    const char *text;
} samples[] = {
    {PP_HEADER_OTHER, "anything (at all); \xC3\xA9 \xFF, \"x"},
    {PP_HEADER_ACCEPT, "application / sdp ; level=1;q=0.5"},
    {PP_HEADER_ACCEPT, "*/*"},
    {PP_HEADER_ACCEPT_CONTACT, "*;audio;language=\"en,de\";require"},
    {PP_HEADER_ACCEPT_ENCODING, "gzip;q=1.0"},
    {PP_HEADER_ACCEPT_LANGUAGE, "en-gb ; q=0.8"},
    {PP_HEADER_ALERT_INFO, "<http://www.example.com/sounds/moo.wav>"},
    {PP_HEADER_ALERT_INFO, "<urn:alert:service:call-waiting>;appearance=2"},
    {PP_HEADER_ALLOW, "INVITE"},
    {PP_HEADER_ALLOW_EVENTS, "presence.winfo"},
    {PP_HEADER_ANSWER_MODE, "Auto;require"},
    {PP_HEADER_AUTHENTICATION_INFO, "nextnonce=\"47364c23432d2e131a5fb210812c\", nc=00000001"},
    {PP_HEADER_AUTHORIZATION,
     "Digest username=\"al,ice\\\"\", realm =\"atlanta.com\",nonce=\"84a4cc6f\",uri=\"sip:a@b\" ,"
     "response=\"7587\",qop=auth, nc=00000001 ,userhash=true"},
    {PP_HEADER_AUTHORIZATION, "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln=="},
    {PP_HEADER_CALL_ID, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@foo.bar.com"},
    {PP_HEADER_CALL_ID, "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"},
    {PP_HEADER_CALL_INFO, "<http://wwww.example.com/alice/photo.jpg> ;purpose=icon"},
    {PP_HEADER_CONTACT, "*"},
    {PP_HEADER_CONTACT,
     "\"Al \\\"x\\\" ice\" <sip:alice@h;transport=ws;ob?x=y,z>;reg-id=1;expires=60;"
     "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\";pub-gruu=\"sip:a@b;gr=1\";"
     "methods=\"INVITE,BYE\";+sip.ice;audio"},
    {PP_HEADER_CONTACT,
     "<sip:a@b;pn-provider=acme;pn-param=acme-param;pn-prid=ZTY4ZDJlMzODE1NmUgKi0K>"},
    {PP_HEADER_CONTACT, "sip:alice@h;q=0.5"},
    {PP_HEADER_CONTENT_DISPOSITION, "session;handling=optional"},
    {PP_HEADER_CONTENT_ENCODING, "gzip"},
    {PP_HEADER_CONTENT_LANGUAGE, "fr"},
    {PP_HEADER_CONTENT_LENGTH, "349"},
    {PP_HEADER_CONTENT_TYPE, "multipart/mixed;boundary=\"a b;c\""},
    {PP_HEADER_CSEQ, "4711  INVITE"},
    {PP_HEADER_DATE, "Sat, 13 Nov 2010 23:29:00 GMT"},
    {PP_HEADER_DIVERSION, "\"Bob\" <tel:+15551234;cpc=x>;reason=no-answer;counter=1"},
    {PP_HEADER_ERROR_INFO, "<sip:not-in-service-recording@atlanta.com>"},
    {PP_HEADER_EVENT, "refer ; id=93809824 ; x"},
    {PP_HEADER_EXPIRES, "4294967295"},
    {PP_HEADER_FEATURE_CAPS, "*;+sip.pns=\"acme\";+sip.vapid=\"x\""},
    {PP_HEADER_FLOW_TIMER, "126"},
    {PP_HEADER_FROM, "Anonymous  user <sip:c8oqz84zk7z@privacy.org>;tag=hyh8"},
    {PP_HEADER_FROM, "\"\xE6\x97\xA5\xE6\x9C\xAC \xFF\" <sips:[2001:db8::1]:5061>"},
    {PP_HEADER_GEOLOCATION, "<cid:target123@atlanta.example.com>"},
    {PP_HEADER_GEOLOCATION_ERROR, "102;code=\"Location could not be found\""},
    {PP_HEADER_GEOLOCATION_ROUTING, "yes"},
    {PP_HEADER_HISTORY_INFO, "<sip:bob@example.com?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1"},
    {PP_HEADER_IDENTITY,
     "eyJhbGciOiJFUzI1NiJ9..sv7-AHH_w==;info=<https://a.org/x;y.cer>;alg=ES256;ppt=shaken"},
    {PP_HEADER_IDENTITY, "\"ZYNBbHC00VMZr2kZt6VmCvPonWJMGvQTBDqghoWeLxJfzB2a1pxAr3VgrB0=\""},
    {PP_HEADER_IDENTITY_INFO, "<https://example.com/cert>;alg=rsa-sha1"},
    {PP_HEADER_IN_REPLY_TO, "70710@saturn.bell-tel.com"},
    {PP_HEADER_INFO_PACKAGE, "dtmf"},
    {PP_HEADER_JOIN, "12adf2f34456gs5@x;to-tag=12345;from-tag=54321"},
    {PP_HEADER_MAX_FORWARDS, "70"},
    {PP_HEADER_MIME_VERSION, "1.0"},
    {PP_HEADER_MIN_EXPIRES, "60"},
    {PP_HEADER_MIN_SE, "90;x=y"},
    {PP_HEADER_ORGANIZATION, "Boxes by Bob"},
    {PP_HEADER_P_ASSERTED_IDENTITY, "tel:+14085264000"},
    {PP_HEADER_P_PREFERRED_IDENTITY, "\"Cullen Jennings\" <sip:fluffy@cisco.com>"},
    {PP_HEADER_PATH, "<sip:P3.EXAMPLEHOME.COM;lr>"},
    {PP_HEADER_PRIORITY, "non-urgent"},
    {PP_HEADER_PRIV_ANSWER_MODE, "Manual"},
    {PP_HEADER_PRIVACY, "header ;id;critical"},
    {PP_HEADER_PROXY_AUTHENTICATE,
     "Digest realm=\"atlanta.com\",qop=\"auth,auth-int\", stale=FALSE"},
    {PP_HEADER_PROXY_AUTHORIZATION, "Digest username=\"Alice\", realm=\"a\""},
    {PP_HEADER_PROXY_REQUIRE, "foo"},
    {PP_HEADER_RACK, "776656 1 INVITE"},
    {PP_HEADER_REASON, "SIP ;cause=200 ;text=\"Call completed; elsewhere\""},
    {PP_HEADER_REASON, "Q.850;cause=16;location=LN"},
    {PP_HEADER_RECORD_ROUTE, "<sip:server10.biloxi.com;lr>;x"},
    {PP_HEADER_RECV_INFO, "g.foo.bar;a=1"},
    {PP_HEADER_REFER_SUB, "false ; x"},
    {PP_HEADER_REFER_TO, "<sip:dave@denver.org?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345>"},
    {PP_HEADER_REFERRED_BY, "sip:r@ref.example;cid=\"2UWQFN309shb3@ref.example\""},
    {PP_HEADER_REJECT_CONTACT, "*;video"},
    {PP_HEADER_REPLACES, "98732@sip.example.com ;from-tag=r33th4x0r ;to-tag=ff87ff;early-only"},
    {PP_HEADER_REPLY_TO, "Bob <sip:bob@biloxi.com>"},
    {PP_HEADER_REQUEST_DISPOSITION, "no-fork"},
    {PP_HEADER_REQUIRE, "100rel"},
    {PP_HEADER_RETRY_AFTER, "120 (I'm in a (very \\) long) meeting) ;duration=3600"},
    {PP_HEADER_ROUTE, "<sip:alice@atlanta.com;lr,x>"},
    {PP_HEADER_RSEQ, "988789"},
    {PP_HEADER_SERVER, "HomeServer v2 (a; comment, here)"},
    {PP_HEADER_SERVICE_ROUTE, "<sip:P2.HOME.EXAMPLE.COM;lr>"},
    {PP_HEADER_SESSION_EXPIRES, "4000 ; Refresher = UAC;x=1"},
    {PP_HEADER_SIP_ETAG, "dx200xyz"},
    {PP_HEADER_SIP_IF_MATCH, "dx200xyz"},
    {PP_HEADER_SUBJECT, "Need more boxes: \xC3\xA9t\xC3\xA9"},
    {PP_HEADER_SUBSCRIPTION_STATE, "terminated;reason=probation;retry-after=30;expires=1;x"},
    {PP_HEADER_SUPPORTED, "timer"},
    {PP_HEADER_TARGET_DIALOG,
     "fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;remote-tag=6544"},
    {PP_HEADER_TIMESTAMP, "54.21 .5"},
    {PP_HEADER_TO, "The Operator <sip:operator@cs.columbia.edu>;tag=287447"},
    {PP_HEADER_UNSUPPORTED, "foo"},
    {PP_HEADER_USER_AGENT, "Softphone Beta1.5 (x)"},
    {PP_HEADER_USER_TO_USER, "56a390f3d2b7310023a2;encoding=hex;purpose=foo;content=bar"},
    {PP_HEADER_USER_TO_USER, "\"a, b\";x"},
    {PP_HEADER_VIA, "SIP / 2.0 / WSS [2001:db8::9:1] : 5060 ; branch=z9hG4bK87asdks7;rport;ttl=16"},
    {PP_HEADER_WARNING, "370 [::1]:5060 \"Insufficient, \\\"Bandwidth\\\"\""},
    {PP_HEADER_WWW_AUTHENTICATE, "Digest realm=\"x\", nonce=\"1\", algorithm=SHA-512-256-sess"},
    {PP_HEADER_WWW_AUTHENTICATE,
     "Bearer authz_server=\"https://as.example\", error=\"invalid_token\""},
};

#define SAMPLES (sizeof(samples) / sizeof(*samples))

/* Reads, prints and reads again; false when the text is no value of the header. */
static bool goes_round(pp_header_id id, pp_str text)
{
    pp_typed first, second;
    pp_buf out = {0};
    pp_str rest = text;

    if (pp_header_info_of(id)->list && !pp_list_next(&rest, &text))
        return false;
    if (pp_typed_parse(id, text, &first))
        return false;
    if (pp_typed_print(id, &first, &out))
        fail_msg("%s: '%.*s' is not printed: %s", pp_header_name(id), PP_STR(text),
                 pipit_error_message());
    assert_int_equal(pp_typed_parse(id, pp_buf_text(&out), &second), 0);
    if (!same_typed(&first, &second))
        fail_msg("%s: '%.*s' came back as '%.*s'", pp_header_name(id), PP_STR(text),
                 PP_STR(pp_buf_text(&out)));
    pp_buf_free(&out);
    return true;
}

static void a_value_that_is_printed_parses_back(void **state)
{
    bool seen[PP_HEADER_COUNT] = {false};

    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        typed(samples[i].id, samples[i].text);
        assert_true(goes_round(samples[i].id, pp_str_c(samples[i].text)));
        seen[samples[i].id] = true;
    }
    for (int id = 0; id < PP_HEADER_COUNT; id++)
        if (!seen[id])
            fail_msg("no sample of %s", pp_header_name((pp_header_id)id));
}

static uint32_t chance(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Changes a few octets, mostly into those that mean something. */
static size_t mutate(const char *text, char *out, size_t size, uint32_t *seed)
{
    static const char special[] = ";=,<>\"\\ ()/:@*?&%[]0Aa\x01\x7F\xFF\r\n";
    size_t n = strlen(text);

    memcpy(out, text, n);
    for (uint32_t i = 1 + chance(seed) % 3; i > 0; i--) {
        size_t at = chance(seed) % (n + 1);
        char c = special[chance(seed) % sizeof(special)];
        if (chance(seed) % 2 && n + 1 < size) {
            memmove(out + at + 1, out + at, n - at);
            out[at] = c;
            n++;
        } else if (at < n) {
            out[at] = c;
        }
    }
    return n;
}

static void any_value_that_is_read_can_be_printed(void **state)
{
    uint32_t seed = 3;
    size_t taken = 0;

    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        for (int round = 0; round < 500; round++) {
            char text[512];
            size_t n = mutate(samples[i].text, text, sizeof(text), &seed);
            taken += goes_round(samples[i].id, pp_str_n(text, n));
        }
    }
    assert_true(taken > 10000);
}

static void a_message_of_printed_values_has_the_same_values(void **state)
{
    pp_outgoing *m = NULL;
    pp_message *back = NULL;
    pp_buf wire = {0};
    size_t at[PP_HEADER_COUNT] = {0};

    (void)state;
    assert_int_equal(pp_outgoing_request(PP_OPTIONS, PP_LIT("sip:b@c"), &m), 0);
    for (size_t i = 0; i < SAMPLES; i++) {
        pp_typed value = typed(samples[i].id, samples[i].text);
        pp_buf out = {0};
        bool twice = i && samples[i].id == samples[i - 1].id;
        if (samples[i].id == PP_HEADER_OTHER || samples[i].id == PP_HEADER_CONTENT_LENGTH ||
            (twice && !pp_header_info_of(samples[i].id)->list))
            continue;
        if (samples[i].id == PP_HEADER_CSEQ)
            value.as.cseq.method = PP_LIT("OPTIONS");
        assert_int_equal(pp_typed_print(samples[i].id, &value, &out), 0);
        pp_outgoing_add(m, samples[i].id, pp_buf_text(&out));
        pp_buf_free(&out);
    }
    assert_int_equal(pp_outgoing_write(m, &wire), 0);
    assert_int_equal(pp_message_parse(pp_buf_text(&wire), &back), 0);
    assert_int_equal(back->defect, 0);
    for (size_t i = 0; i < SAMPLES; i++) {
        pp_typed value = typed(samples[i].id, samples[i].text), got;
        pp_str text = pp_message_header(back, samples[i].id, at[samples[i].id]++);
        if (!text.p || samples[i].id == PP_HEADER_CSEQ || samples[i].id == PP_HEADER_CONTENT_LENGTH)
            continue;
        assert_int_equal(pp_typed_parse(samples[i].id, text, &got), 0);
        assert_true(same_typed(&value, &got));
    }
    pp_outgoing_unref(m);
    pp_message_unref(back);
    pp_buf_free(&wire);
}

/* --- what they say -------------------------------------------------------------------------------- */

static void the_members_of_a_value_are_told_apart(void **state)
{
    pp_typed v = typed(PP_HEADER_REASON, "SIP ;cause=200 ;text=\"Call completed; elsewhere\"");

    (void)state;
    assert_str(v.as.reason.protocol, "SIP");
    assert_int_equal(v.as.reason.cause, 200);
    assert_str(v.as.reason.text, "\"Call completed; elsewhere\"");
    v = typed(PP_HEADER_RETRY_AFTER, "120 (I'm in a (very \\) long) meeting) ;duration=3600");
    assert_int_equal(v.as.number.value, 120);
    assert_str(v.as.number.comment, "(I'm in a (very \\) long) meeting)");
    assert_str(v.as.number.params, ";duration=3600");
    v = typed(PP_HEADER_REPLACES, "98732@sip.example.com ;from-tag=r33 ;to-tag=ff87ff;early-only");
    assert_str(v.as.replaces.call_id, "98732@sip.example.com");
    assert_str(v.as.replaces.from_tag, "r33");
    assert_str(v.as.replaces.to_tag, "ff87ff");
    assert_true(v.as.replaces.early_only);
    v = typed(PP_HEADER_SUBSCRIPTION_STATE, "terminated;reason=probation;retry-after=30");
    assert_str(v.as.subscription_state.state, "terminated");
    assert_str(v.as.subscription_state.reason, "probation");
    assert_true(v.as.subscription_state.has_retry_after && !v.as.subscription_state.has_expires);
    assert_int_equal(v.as.subscription_state.retry_after, 30);
    v = typed(PP_HEADER_SESSION_EXPIRES, "4000 ; Refresher = UAC;x=1");
    assert_int_equal(v.as.session_expires.seconds, 4000);
    assert_int_equal(v.as.session_expires.refresher, PP_REFRESHER_UAC);
    assert_printed(PP_HEADER_SESSION_EXPIRES, &v, "4000;refresher=uac;x=1");
    v = typed(PP_HEADER_IDENTITY, "abc..def;info=<https://a.org/x;y>;alg=ES256");
    assert_str(v.as.identity.info, "https://a.org/x;y");
    assert_str(v.as.identity.params, ";alg=ES256");
    v = typed(PP_HEADER_RACK, "776656 1 INVITE");
    assert_int_equal(v.as.rack.rseq, 776656);
    assert_int_equal(v.as.rack.cseq, 1);
    v = typed(PP_HEADER_AUTHORIZATION, "Bearer abc.def==");
    assert_str(v.as.auth.token, "abc.def==");
    v = typed(PP_HEADER_WARNING, "370 devnull \"Choose a bigger pipe\"");
    assert_int_equal(v.as.warning.code, 370);
    assert_str(v.as.warning.agent, "devnull");
}

static void a_date_is_seconds_since_1970(void **state)
{
    static const struct {
        const char *text;
        uint64_t unix_s;
    } rows[] = {
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Tue, 29 Feb 2000 12:00:00 GMT", 951825600},
        {"Sat, 13 Nov 2010 23:29:00 GMT", 1289690940},
        {"Sun, 31 Dec 2023 23:59:59 GMT", 1704067199},
        {"Mon, 01 Mar 2100 00:00:00 GMT", 4107542400},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
    };
    static const char *const wrong[] = {
        "Mon, 29 Feb 2100 00:00:00 GMT",
        "Sat, 13 Nov 2010 23:29:00 EST",
        "13 Nov 2010 23:29:00 GMT",
        "Sat, 31 Nov 2010 23:29:00 GMT",
        "Sat, 13 Nov 2010 24:00:00 GMT",
        "Sat, 13 Nov 1969 23:29:00 GMT",
        "Sat, 13 Nov 2010 23:29 GMT",
        "Sat, 013 Nov 2010 23:29:00 GMT",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_typed v = typed(PP_HEADER_DATE, rows[i].text);
        assert_int_equal(v.as.date.unix_s, rows[i].unix_s);
        assert_printed(PP_HEADER_DATE, &v, rows[i].text);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        pp_typed v;
        assert_int_equal(pp_typed_parse(PP_HEADER_DATE, pp_str_c(wrong[i]), &v), PIPIT_ERR_SYNTAX);
    }
    for (uint64_t t = 0; t < 253402300800u; t += 86399u * 37u) {
        pp_typed v = {.shape = PP_SHAPE_DATE, .as.date.unix_s = t}, back;
        pp_buf out = {0};
        assert_int_equal(pp_typed_print(PP_HEADER_DATE, &v, &out), 0);
        assert_int_equal(pp_typed_parse(PP_HEADER_DATE, pp_buf_text(&out), &back), 0);
        assert_int_equal(back.as.date.unix_s, t);
        pp_buf_free(&out);
    }
}

static void a_malformed_value_is_refused(void **state)
{
    static const struct {
        pp_header_id id;
        const char *text;
    } rows[] = {
        {PP_HEADER_ALLOW, "INVITE x"},
        {PP_HEADER_ALLOW, ""},
        {PP_HEADER_CALL_ID, "a@b@c"},
        {PP_HEADER_CALL_ID, "a b"},
        {PP_HEADER_CALL_ID, "a@"},
        {PP_HEADER_MAX_FORWARDS, "70 x"},
        {PP_HEADER_MAX_FORWARDS, "-1"},
        {PP_HEADER_EXPIRES, "4294967296"},
        {PP_HEADER_RETRY_AFTER, "5 (open"},
        {PP_HEADER_RETRY_AFTER, "5 x"},
        {PP_HEADER_CSEQ, "1"},
        {PP_HEADER_CSEQ, "1 IN VITE"},
        {PP_HEADER_CSEQ, "4294967296 BYE"},
        {PP_HEADER_RACK, "1 INVITE"},
        {PP_HEADER_TIMESTAMP, "1.2.3"},
        {PP_HEADER_TIMESTAMP, "."},
        {PP_HEADER_CONTENT_TYPE, "text"},
        {PP_HEADER_CONTENT_TYPE, "text/"},
        {PP_HEADER_CONTENT_TYPE, "a/b;;c"},
        {PP_HEADER_WARNING, "99 x \"y\""},
        {PP_HEADER_WARNING, "399 x y"},
        {PP_HEADER_REPLACES, "a;to-tag=1"},
        {PP_HEADER_REPLACES, "a;to-tag=1;to-tag=2;from-tag=3"},
        {PP_HEADER_SESSION_EXPIRES, "90;refresher=both"},
        {PP_HEADER_IDENTITY, "abc;alg=x"},
        {PP_HEADER_IDENTITY, "abc;info=<x"},
        {PP_HEADER_AUTHORIZATION, "Digest a b=c"},
        {PP_HEADER_AUTHENTICATION_INFO, "x"},
        {PP_HEADER_VIA, "SIP/2.0 a"},
        {PP_HEADER_FROM, "<sip:a@b"},
        {PP_HEADER_SUBJECT, "a\r\nInjected: b"},
        {PP_HEADER_EVENT, ";id=1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_typed v;
        if (pp_typed_parse(rows[i].id, pp_str_c(rows[i].text), &v) != PIPIT_ERR_SYNTAX)
            fail_msg("%s: '%s' was taken", pp_header_name(rows[i].id), rows[i].text);
    }
}

static void a_value_that_would_say_more_is_not_printed(void **state)
{
    const struct {
        pp_header_id id;
        pp_typed value;
    } rows[] = {
        {PP_HEADER_SUBJECT, {PP_SHAPE_TEXT, .as.text = PP_LIT("a\r\nb: c")}},
        {PP_HEADER_ALLOW, {PP_SHAPE_TOKEN, .as.word.word = PP_LIT("BYE, INVITE")}},
        {PP_HEADER_PRIVACY, {PP_SHAPE_PARAMS, .as.word.word = PP_LIT("id;header")}},
        {PP_HEADER_REASON, {PP_SHAPE_REASON, .as.reason = {.protocol = PP_LIT("SIP;cause=1")}}},
        {PP_HEADER_REASON,
         {PP_SHAPE_REASON, .as.reason = {.protocol = PP_LIT("SIP"), .text = PP_LIT("a;b")}}},
        {PP_HEADER_REASON,
         {PP_SHAPE_REASON, .as.reason = {.protocol = PP_LIT("SIP"), .text = PP_LIT("a,Q.850")}}},
        {PP_HEADER_EVENT, {PP_SHAPE_EVENT, .as.event = {.package = PP_LIT("a b")}}},
        {PP_HEADER_CSEQ, {PP_SHAPE_CSEQ, .as.cseq = {1, PP_LIT("BYE\r\nx: y")}}},
        {PP_HEADER_WARNING,
         {PP_SHAPE_WARNING, .as.warning = {300, PP_LIT("a b"), PP_LIT("\"c\"")}}},
        {PP_HEADER_CONTENT_TYPE,
         {PP_SHAPE_MEDIA_TYPE, .as.media_type = {.type = PP_LIT("a/b"), .subtype = PP_LIT("c")}}},
        {PP_HEADER_FROM, {PP_SHAPE_ADDRESS, .as.address.uri.text = PP_LIT("sip:a>;tag=x")}},
        {PP_HEADER_CALL_ID, {PP_SHAPE_WORD, .as.word.word = PP_LIT("a b")}},
        {PP_HEADER_REPLACES,
         {PP_SHAPE_REPLACES, .as.replaces = {.call_id = PP_LIT("a;b"),
                                             .to_tag = PP_LIT("c"),
                                             .from_tag = PP_LIT("d")}}},
        {PP_HEADER_DATE, {PP_SHAPE_DATE, .as.date.unix_s = 253402300800u}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_buf out = {0};
        pp_buf_c(&out, "before");
        if (pp_typed_print(rows[i].id, &rows[i].value, &out) != PIPIT_ERR_SYNTAX)
            fail_msg("row %zu was printed: %.*s", i, PP_STR(pp_buf_text(&out)));
        assert_str(pp_buf_text(&out), "before");
        pp_buf_free(&out);
    }
}

static void a_value_of_another_header_is_not_printed(void **state)
{
    pp_typed v = typed(PP_HEADER_CSEQ, "1 BYE");
    pp_buf out = {0};

    (void)state;
    assert_int_equal(pp_typed_print(PP_HEADER_RACK, &v, &out), PIPIT_ERR_ARGUMENT);
    assert_int_equal(out.n, 0);
    pp_buf_free(&out);
}

static void a_parameter_is_quoted_when_it_must_be(void **state)
{
    pp_buf params = {0};

    (void)state;
    assert_int_equal(pp_param_add(&params, PP_LIT("a"), PP_STR_NONE), 0);
    assert_int_equal(pp_param_add(&params, PP_LIT("b"), PP_LIT("token")), 0);
    assert_int_equal(pp_param_add(&params, PP_LIT("c"), PP_LIT("[::1]")), 0);
    assert_int_equal(pp_param_add(&params, PP_LIT("d"), PP_LIT("a \"b\";c")), 0);
    assert_int_equal(pp_param_add(&params, PP_LIT("e"), PP_LIT("\"q\"")), 0);
    assert_int_equal(pp_param_add(&params, PP_LIT("f;g"), PP_STR_NONE), PIPIT_ERR_SYNTAX);
    assert_int_equal(pp_param_add(&params, PP_LIT("h"), PP_LIT("a\nb")), PIPIT_ERR_SYNTAX);
    assert_str(pp_buf_text(&params), ";a;b=token;c=[::1];d=\"a \\\"b\\\";c\";e=\"q\"");
    pp_buf_free(&params);
}

/* --- media types ---------------------------------------------------------------------------------- */

static void media_types_are_compared_as_the_rfc_says(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } rows[] = {
        {"application/sdp", "APPLICATION / SDP", true},
        {"text/plain;charset=UTF-8", "text/plain ; CharSet=utf-8", true},
        {"text/plain;charset=\"UTF-8\"", "text/plain;charset=UTF-8", true},
        {"text/plain;charset=\"UTF-8\"", "text/plain;charset=utf-8", false},
        {"a/b;x=\"1\\2\"", "a/b;x=\"12\"", true},
        {"a/b;x=1;y=2", "a/b;y=2;x=1", true},
        {"a/b;x=1", "a/b;x=1;y=2", false},
        {"a/b;x=1;x=1", "a/b;x=1;y=1", false},
        {"a/b;x", "a/b;x=\"\"", false},
        {"a/b", "a/c", false},
        {"text/plain", "text/*", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_typed a = typed(PP_HEADER_CONTENT_TYPE, rows[i].a);
        pp_typed b = typed(PP_HEADER_CONTENT_TYPE, rows[i].b);
        if (pp_media_type_equal(&a.as.media_type, &b.as.media_type) != rows[i].equal ||
            pp_media_type_equal(&b.as.media_type, &a.as.media_type) != rows[i].equal)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
    }
}

static void a_range_takes_what_it_names(void **state)
{
    static const struct {
        const char *range, *type;
        bool takes;
    } rows[] = {
        {"*/*", "application/sdp", true},
        {"application/*;q=0.5", "application/sdp", true},
        {"text/*", "application/sdp", false},
        {"application/sdp;q=0.5;ext=1", "application/sdp", true},
        {"text/html;level=1;q=0.3", "text/html;level=1;x=2", true},
        {"text/html;level=1", "text/html", false},
        {"*/html", "text/html", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_typed range = typed(PP_HEADER_ACCEPT, rows[i].range);
        pp_typed type = typed(PP_HEADER_CONTENT_TYPE, rows[i].type);
        if (pp_media_range_takes(&range.as.media_type, &type.as.media_type) != rows[i].takes)
            fail_msg("%s and %s", rows[i].range, rows[i].type);
    }
}

static void the_table_knows_the_compact_forms(void **state)
{
    size_t with = 0;

    (void)state;
    for (int id = 1; id < PP_HEADER_COUNT; id++) {
        const pp_header_info *info = pp_header_info_of((pp_header_id)id);
        assert_int_equal(info->id, id);
        assert_string_equal(info->name, pp_header_name((pp_header_id)id));
        if (!info->compact)
            continue;
        assert_int_equal(pp_header_id_of(pp_str_n(&info->compact, 1)), id);
        with++;
    }
    for (char c = 'a'; c <= 'z'; c++)
        with -= pp_header_id_of(pp_str_n(&c, 1)) != PP_HEADER_OTHER;
    assert_int_equal(with, 0);
    assert_int_equal(pp_header_info_of(PP_HEADER_COUNT)->shape, PP_SHAPE_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_that_is_printed_parses_back),
        cmocka_unit_test(any_value_that_is_read_can_be_printed),
        cmocka_unit_test(a_message_of_printed_values_has_the_same_values),
        cmocka_unit_test(the_members_of_a_value_are_told_apart),
        cmocka_unit_test(a_date_is_seconds_since_1970),
        cmocka_unit_test(a_malformed_value_is_refused),
        cmocka_unit_test(a_value_that_would_say_more_is_not_printed),
        cmocka_unit_test(a_value_of_another_header_is_not_printed),
        cmocka_unit_test(a_parameter_is_quoted_when_it_must_be),
        cmocka_unit_test(media_types_are_compared_as_the_rfc_says),
        cmocka_unit_test(a_range_takes_what_it_names),
        cmocka_unit_test(the_table_knows_the_compact_forms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
