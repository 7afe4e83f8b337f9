/* receive.c - what a user agent says to requests that start nothing: sanity, OPTIONS, strangers, nonsense. */
#include "unit/ua/support/stage.h"

/* With a CSeq of its own, unless it has one: the same again by another branch would be merged. */
static void check_answer(stage *at, const coming *c, const char *start)
{
    static unsigned cseq = 100;
    coming own = *c;

    own.cseq = c->cseq ? c->cseq : cseq++;
    come(at, &own);
    expect_sent(at, start);
    assert_true(at->last->to_tag.n > 0);
    expect_silence(at);
}

static void an_options_is_answered_with_what_we_can(void **state)
{
    stage *at = stage_connected();

    (void)state;
    check_answer(at, &(coming){.method = "OPTIONS"}, "SIP/2.0 200 OK");
    check_header(at->last, "Allow", pp_ua_allow(at->ua));
    check_header(at->last, "Accept", "application/sdp, application/dtmf-relay");
    assert_true(header_holds(at->last, "Supported", "outbound"));
    check_answer(at, &(coming){.method = "OPTIONS", .ruri = "sip:192.0.2.1:5060"},
                 "SIP/2.0 200 OK");
    stage_free(at);
}

static void a_strangers_request_is_a_404(void **state)
{
    static const struct {
        const char *ruri, *start;
    } cases[] = {
        {"sip:alice@elsewhere.invalid", "SIP/2.0 200"},
        {"sip:%61lice@example.com", "SIP/2.0 200"},
        {"sip:Alice@example.com", "SIP/2.0 404"}, /* letter case counts: RFC 3261 section 19.1.4 */
        {"sip:carol@example.com", "SIP/2.0 404"},
        {"sip:anonymous@anonymous.invalid;transport=ws", "SIP/2.0 200"},
        {"tel:+15550100", "SIP/2.0 416"},
        {"sips:alice@example.com", "SIP/2.0 416"},
        {"urn:service:sos", "SIP/2.0 416"},
        {"sip:%FF@example.com", "SIP/2.0 404"},
    };
    stage *at = stage_connected();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_answer(at, &(coming){.method = "OPTIONS", .ruri = cases[i].ruri}, cases[i].start);
    stage_free(at);
}

static void our_contact_is_known_in_any_letter_case(void **state)
{
    pipit_ua_configuration c = {
        .uri = "a@example.com", .contact_uri = "sip:DeskPhone@x.invalid", .no_register = true};
    stage *at = stage_new(&c);

    (void)state;
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    check_answer(at, &(coming){.method = "OPTIONS", .ruri = "sip:deskphone@x.invalid"},
                 "SIP/2.0 200");
    stage_free(at);
}

static void a_request_we_do_not_do_is_refused(void **state)
{
    static const struct {
        const char *method, *start;
    } cases[] = {
        {"SUBSCRIBE", "SIP/2.0 405"}, {"REFER", "SIP/2.0 603"},  {"PUBLISH", "SIP/2.0 405"},
        {"REGISTER", "SIP/2.0 405"},  {"PRACK", "SIP/2.0 481"},  {"WALTZ", "SIP/2.0 501"},
        {"BYE", "SIP/2.0 481"},       {"UPDATE", "SIP/2.0 481"}, {"INFO", "SIP/2.0 481"},
        {"NOTIFY", "SIP/2.0 481"},    {"CANCEL", "SIP/2.0 481"},
    };
    stage *at = stage_connected();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_answer(at, &(coming){.method = cases[i].method}, cases[i].start);
        if (at->last->status == 405 || at->last->status == 501)
            check_header(at->last, "Allow", pp_ua_allow(at->ua));
        else
            check_header(at->last, "Allow", NULL);
    }
    check_answer(at, &(coming){.method = "BYE", .to_tag = "nobody"}, "SIP/2.0 481");
    come(at, &(coming){.method = "ACK", .to_tag = "nobody"});
    come(at, &(coming){.method = "ACK"});
    expect_silence(at);
    stage_free(at);
}

static void nobody_listens(void **state)
{
    static const pipit_ua_handlers deaf = {0};
    pipit_ua_configuration c = {.uri = "alice@example.com", .no_register = true, .handlers = &deaf};
    stage *at = stage_new(&c);

    (void)state;
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    check_answer(at, &(coming){.method = "INVITE", .lines = CONTACT, .body = OFFER}, "SIP/2.0 405");
    check_answer(at, &(coming){.method = "MESSAGE", .call_id = "m"}, "SIP/2.0 405");
    stage_free(at);
}

static void an_extension_we_lack_is_a_420(void **state)
{
    stage *at = stage_connected();

    (void)state;
    check_answer(at,
                 &(coming){.method = "INVITE",
                           .lines = CONTACT "Require: 100rel\r\nRequire: ice, precondition\r\n",
                           .body = OFFER},
                 "SIP/2.0 420 Bad Extension");
    check_header(at->last, "Unsupported", "precondition");
    check_events(at, "");
    stage_free(at);
}

static void a_request_that_came_two_ways_is_a_482(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    check_answer(
        at,
        &(coming){
            .method = "INVITE", .branch = "other", .cseq = 1, .lines = CONTACT, .body = OFFER},
        "SIP/2.0 482");
    check_events(at, "");
    stage_free(at);
}

static void a_request_of_ours_that_came_back_is_a_482(void **state)
{
    stage *at = stage_calling();
    char call_id[128];

    (void)state;
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->invite->call_id));
    check_answer(at,
                 &(coming){.method = "INVITE", .call_id = call_id, .lines = CONTACT, .body = OFFER},
                 "SIP/2.0 482");
    stage_free(at);
}

static void a_defect_is_a_400(void **state)
{
    stage *at = stage_connected();

    (void)state;
    receive(
        at,
        "OPTIONS sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/WSS far.invalid;branch=z9hG4bKd\r\n"
        "From: <sip:bob@example.com>;tag=far\r\nTo: <sip:alice@example.com>\r\nCall-ID: d\r\n"
        "CSeq: 1 OPTIONS\r\nContent-Length: 50\r\n\r\nshort");
    expect_sent(at, "SIP/2.0 400 ");
    receive(
        at,
        "OPTIONS sip:alice@example.com SIP/7.0\r\nVia: SIP/2.0/WSS far.invalid;branch=z9hG4bKe\r\n"
        "From: <sip:bob@example.com>;tag=far\r\nTo: <sip:alice@example.com>\r\nCall-ID: d\r\n"
        "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
    expect_sent(at, "SIP/2.0 505 ");
    receive(
        at,
        "ACK sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/WSS far.invalid;branch=z9hG4bKf\r\n"
        "From: <sip:bob@example.com>;tag=far\r\nTo: <sip:alice@example.com>;tag=x\r\nCall-ID: d\r\n"
        "CSeq: 1 ACK\r\nContent-Length: 50\r\n\r\nshort");
    receive(at, "");
    receive(at, "\r\n");
    receive(at, "rubbish");
    receive(at, "SIP/2.0 200 OK\r\n\r\n");
    receive(at, "INVITE sip:alice@example.com SIP/2.0\r\n\r\n");
    expect_silence(at);
    check_events(at, "");
    stage_free(at);
}

static void a_response_with_two_via_is_dropped(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "486 Busy Here", "far",
           "Via: SIP/2.0/WS other.invalid;branch=z9hG4bKx\r\n", NULL);
    check_events(at, "");
    answer(at, at->invite, "486 Busy Here", "far", NULL, NULL);
    check_events(at, "failed:remote:Busy ");
    stage_free(at);
}

/* A 2xx for a call of which nothing is left: somebody believes in it. */
static void a_stray_2xx_is_acknowledged_and_hung_up(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    answer(at, at->invite, "200 OK", "late", "Contact: <sip:late@far.invalid>\r\n", ANSWER);
    expect_sent(at, "ACK sip:late@far.invalid SIP/2.0");
    expect_sent(at, "BYE sip:late@far.invalid SIP/2.0");
    assert_true(pp_str_eq_c(at->last->to_tag, "late"));
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    stage_free(at);
}

static void a_late_repeat_of_the_2xx_keeps_the_call(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    advance_ms(at, 40000);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    expect_silence(at);
    check_events(at, "");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_options_is_answered_with_what_we_can),
        cmocka_unit_test(a_strangers_request_is_a_404),
        cmocka_unit_test(our_contact_is_known_in_any_letter_case),
        cmocka_unit_test(a_request_we_do_not_do_is_refused),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(an_extension_we_lack_is_a_420),
        cmocka_unit_test(a_request_that_came_two_ways_is_a_482),
        cmocka_unit_test(a_request_of_ours_that_came_back_is_a_482),
        cmocka_unit_test(a_defect_is_a_400),
        cmocka_unit_test(a_response_with_two_via_is_dropped),
        cmocka_unit_test(a_stray_2xx_is_acknowledged_and_hung_up),
        cmocka_unit_test(a_late_repeat_of_the_2xx_keeps_the_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
