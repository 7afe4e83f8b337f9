/* registrator.c - registration in all its states: what is added, whose binding it is, refused, put off, taken back, lost. */
#include "unit/ua/support/registered.h"

/* --- what the application adds ---------------------------------------------------------------- */

static void what_is_added_goes_with_every_register(void **state)
{
    static const char *const lines[] = {"X-Token: one", "X-Token: two", NULL};
    static const char *const params[] = {"q=0.5", "+sip.audio", "description=\"at home\"", NULL};
    stage *at = stage_registered();

    (void)state;
    assert_int_equal(pipit_ua_set_registrator_extra_headers(at->ua, lines), 0);
    assert_int_equal(pipit_ua_set_registrator_extra_contact_params(at->ua, params), 0);
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    assert_true(
        header_holds(at->last, "Contact", ";expires=600;q=0.5;+sip.audio;description=\"at home\""));
    check_header(at->last, "X-Token", "one");
    grant(at, "");
    assert_int_equal(pipit_ua_unregister(at->ua, false), 0);
    expect_sent(at, "REGISTER ");
    assert_true(header_holds(at->last, "Contact", ";expires=0;q=0.5;+sip.audio"));
    check_header(at->last, "X-Token", "one");
    answer(at, at->last, "200 OK", "reg", NULL, NULL);
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    grant(at, "");
    assert_int_equal(pipit_ua_unregister(at->ua, true), 0);
    expect_sent(at, "REGISTER ");
    check_header(at->last, "Contact", "*"); /* JsSIP writes the parameters there, too */
    check_header(at->last, "X-Token", "one");
    answer(at, at->last, "200 OK", "reg", NULL, NULL);
    assert_int_equal(pipit_ua_set_registrator_extra_headers(at->ua, NULL), 0);
    assert_int_equal(pipit_ua_set_registrator_extra_contact_params(at->ua, NULL), 0);
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    check_header(at->last, "X-Token", NULL);
    assert_false(header_holds(at->last, "Contact", "q="));
    stage_free(at);
}

static void what_is_added_is_checked_first(void **state)
{
    static const struct {
        const char *param;
        int err;
    } rows[] = {
        {"q=0.5\r\nX-Evil: 1", PIPIT_ERR_SYNTAX},
        {"a=\"b\r\nX-Evil: 1\"", PIPIT_ERR_SYNTAX},
        {"a=\"b\" c", PIPIT_ERR_SYNTAX},
        {"a=\"b", PIPIT_ERR_SYNTAX},
        {"a=\"\xff\"", PIPIT_ERR_SYNTAX},
        {"a=", PIPIT_ERR_SYNTAX},
        {"", PIPIT_ERR_SYNTAX},
        {"=b", PIPIT_ERR_SYNTAX},
        {"a;b", PIPIT_ERR_SYNTAX},
        {"a=b;c", PIPIT_ERR_SYNTAX},
        {"a=b, <sip:evil@x>", PIPIT_ERR_SYNTAX},
        {"Expires=7", PIPIT_ERR_ARGUMENT},
        {"reg-id=2", PIPIT_ERR_ARGUMENT},
        {"+sip.instance", PIPIT_ERR_ARGUMENT},
        {"+sip.ICE", PIPIT_ERR_ARGUMENT},
    };
    static const char *const good[] = {"q=0.7", NULL}, *const bad[] = {"X: a\r\nX-Evil: 1", NULL};
    stage *at = stage_registered();

    (void)state;
    assert_int_equal(pipit_ua_set_registrator_extra_contact_params(at->ua, good), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *const params[] = {"fine", rows[i].param, NULL};

        assert_int_equal(pipit_ua_set_registrator_extra_contact_params(at->ua, params),
                         rows[i].err);
    }
    assert_int_equal(pipit_ua_set_registrator_extra_headers(at->ua, bad), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_set_registrator_extra_headers(NULL, bad), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_ua_set_registrator_extra_contact_params(NULL, good), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    assert_true(header_holds(at->last, "Contact", ";expires=600;q=0.7")); /* as it was */
    stage_free(at);
}

/* --- whose binding it is ---------------------------------------------------------------------- */

static void the_binding_is_found_among_others(void **state)
{
    /* %s is our Contact URI; the seconds tell which of them was taken, 0 stands for none */
    static const struct {
        const char *contacts;
        unsigned expires_s;
    } rows[] = {
        /* left behind by an earlier life of ours, and the one of now */
        {"<sip:old@192.0.2.1>;expires=30;+sip.instance=\"<urn:uuid:" INSTANCE ">\";reg-id=1,"
         "<%s>;expires=700;+sip.instance=\"<urn:uuid:" INSTANCE ">\";reg-id=1",
         700},
        /* our address as the server sees it */
        {"<sip:x@192.0.2.9:4711>;expires=90;+sip.instance=\"<URN:UUID:" INSTANCE ">\";reg-id=1",
         90},
        /* a server that keeps no parameters */
        {"<sip:bob@192.0.2.9>;expires=20, <%s>;expires=100", 100},
        /* the flow of another, of us, and one that is over */
        {"<%s>;expires=50;+sip.instance=\"<urn:uuid:" INSTANCE ">\";reg-id=2", 0},
        {"<%s>;expires=50;+sip.instance=\"<urn:uuid:ffffffff-1b3d-4c5e-8f60-718293a4b5c6>\"", 0},
        {"<%s>;expires=0;+sip.instance=\"<urn:uuid:" INSTANCE ">\";reg-id=1", 0},
        {"<%s>;expires=0, <sip:x@y>;expires=40;+sip.instance=\"<urn:uuid:" INSTANCE ">\";reg-id=1",
         40},
        /* without reg-id */
        {"<sip:x@y>;expires=40;+sip.instance=\"<urn:uuid:" INSTANCE ">\"", 40},
        {"<sip:x@y>;expires=40", 0},
        {"*", 0},
        {"<sip:not a uri>", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        stage *at = stage_registering();
        const char *uri = strstr(rows[i].contacts, "%s");
        char lines[1024];

        snprintf(lines, sizeof(lines), "Contact: %.*s%s%s\r\n",
                 uri ? (int)(uri - rows[i].contacts) : (int)strlen(rows[i].contacts),
                 rows[i].contacts, uri ? pipit_ua_contact(at->ua) : "", uri ? uri + 2 : "");
        answer(at, at->last, "200 OK", "reg", lines, NULL);
        if (rows[i].expires_s)
            check_events(at, "registered ");
        else
            check_events(at, "registration_failed:SIP Failure Code ");
        assert_int_equal(pipit_ua_registration_expires(at->ua), rows[i].expires_s);
        stage_free(at);
    }
}

/* The answer to a refresh is read when it says anything else than the one before it. */
static void a_changed_answer_is_taken_and_a_repeated_one_counts(void **state)
{
    static const struct {
        const char *params, *lines, *gruu;
        unsigned expires_s;
        bool outbound;
    } rows[] = {
        {";expires=60", NULL, NULL, 60, false},
        {";expires=60", NULL, NULL, 60, false},
        {";expires=60", "Require: outbound\r\n", NULL, 60, true},
        {";expires=60;pub-gruu=\"sip:a@b;gr=1\"", NULL, "sip:a@b;gr=1", 60, false},
        {";expires=60;pub-gruu=\"sip:a@b;gr=1\"", NULL, "sip:a@b;gr=1", 60, false},
        {";expires=50", NULL, NULL, 50, false},
        {"", "Expires: 40\r\n", NULL, 40, false},
        {"", "Expires: 30\r\n", NULL, 30, false},
    };
    stage *at = stage_registered();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *gruu;

        wait_sent(at, "REGISTER ", 600000); /* also that it is refreshed again */
        grant_with(at, rows[i].params, rows[i].lines);
        gruu = pipit_ua_pub_gruu(at->ua);
        assert_int_equal(pipit_ua_registration_expires(at->ua), rows[i].expires_s);
        assert_int_equal(pipit_ua_outbound(at->ua), rows[i].outbound);
        assert_true(rows[i].gruu ? gruu && strcmp(gruu, rows[i].gruu) == 0 : !gruu);
    }
    wait_sent(at, "REGISTER ", 60000);
    answer(at, at->last, "200 OK", "reg", NULL, NULL); /* not there any more */
    check_events(at, "registration_failed:SIP Failure Code unregistered:SIP Failure Code ");
    stage_free(at);
}

static void a_grant_without_us_has_a_sentence(void **state)
{
    stage *at = stage_registering();

    (void)state;
    answer(at, at->last, "200 OK", "reg", NULL, NULL);
    check_events(at, "registration_failed:SIP Failure Code ");
    assert_string_equal(at->reason, "the registrar's answer has no Contact of ours");
    assert_int_equal(at->retry_in, 0);
    stage_free(at);
}

static void the_registrar_says_whether_it_does_outbound(void **state)
{
    stage *at = stage_registering();

    (void)state;
    assert_false(pipit_ua_outbound(at->ua));
    grant_with(at, "", "Require: gruu, OUTBOUND\r\n");
    assert_true(pipit_ua_outbound(at->ua));
    pipit_ua_unregister(at->ua, false);
    assert_false(pipit_ua_outbound(at->ua));
    stage_free(at);
}

/* --- Service-Route and Path ------------------------------------------------------------------- */

#define HOP1 "<sip:edge.example.com;lr>"
#define HOP2 "<sip:home.example.com;lr;x=1>;p=2"

static void check_routes(stage *at, const char *first, const char *second)
{
    pp_str value;

    check_header(at->last, "Route", first);
    value = pp_message_header(at->last, PP_HEADER_ROUTE, 1);
    assert_true(second ? pp_str_eq_c(value, second) : value.p == NULL);
}

static void a_service_route_is_taken_by_requests_outside_of_dialogs(void **state)
{
    stage *at = stage_registering();

    (void)state;
    grant_with(at, ";expires=60", "Service-Route: " HOP1 "," HOP2 "\r\n");
    call_out(at);
    check_routes(at, HOP1, HOP2);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_header(at->last, "Route", NULL); /* a dialog has a way of its own */
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
    expect_sent(at, "MESSAGE ");
    check_routes(at, HOP1, HOP2);
    wait_sent(at, "REGISTER ", 60000);
    check_header(at->last, "Route", NULL);
    grant_with(at, ";expires=60", "Service-Route: " HOP2 "\r\n"); /* in place of those before */
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
    expect_sent(at, "MESSAGE ");
    check_routes(at, HOP2, NULL);
    stage_free(at);
}

static void a_service_route_is_given_up(void **state)
{
    static const char *const lines[] = {
        "Service-Route: " HOP1 "\r\n", "", "Service-Route: <sip:strict.example.com>\r\n",
        "Service-Route: " HOP1 ", nonsense\r\n", "Service-Route: <tel:1;lr>\r\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        stage *at = stage_registering();

        grant_with(at, ";expires=60", "Service-Route: " HOP2 "\r\n");
        if (i == 0) {
            pipit_ua_unregister(at->ua, false);
            expect_sent(at, "REGISTER ");
        } else {
            wait_sent(at, "REGISTER ", 60000);
            grant_with(at, ";expires=60", lines[i]);
        }
        assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
        expect_sent(at, "MESSAGE ");
        check_header(at->last, "Route", NULL);
        stage_free(at);
    }
}

static void see_path(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    (void)ua;
    snprintf(((stage *)user)->reason, 256, "%s", pipit_request_header(event->response, "Path", 0));
}

static void the_path_can_be_read_in_the_event(void **state)
{
    static const pipit_ua_handlers handlers = {.registered = see_path};
    stage *at = stage_registering();

    (void)state;
    assert_true(header_holds(at->last, "Supported", "path"));
    assert_int_equal(pipit_ua_add_handlers(at->ua, &handlers, at), 0);
    grant_with(at, "", "Path: <sip:edge.example.com;lr>\r\n");
    assert_string_equal(at->reason, "<sip:edge.example.com;lr>");
    stage_free(at);
}

static void an_anonymous_call_has_the_temporary_gruu(void **state)
{
    stage *at = stage_registering();
    pipit_call_options options = *call_options(at);

    (void)state;
    grant(at, ";pub-gruu=\"sip:alice@example.com;gr=x\";temp-gruu=\"sip:t3mp@example.com;gr\"");
    options.anonymous = true;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    check_header(at->last, "Contact", "<sip:t3mp@example.com;gr>");
    pipit_ua_unregister(at->ua, false);
    expect_sent(at, "REGISTER ");
    answer(at, at->last, "200 OK", "reg", NULL, NULL);
    assert_true(pp_str_starts(pp_str_c(pipit_ua_contact(at->ua)), at->ua->contact.uri));
    stage_free(at);
}

/* --- refused ---------------------------------------------------------------------------------- */

static void a_registrar_without_outbound_is_asked_without(void **state)
{
    stage *at = stage_registering();
    char lines[256];

    (void)state;
    answer(at, at->last, "439 First Hop Lacks Outbound Support", "reg", NULL, NULL);
    expect_sent(at, "REGISTER ");
    assert_int_equal(at->last->cseq, 2);
    assert_false(header_holds(at->last, "Contact", "reg-id"));
    assert_true(header_holds(at->last, "Contact", "+sip.instance"));
    snprintf(lines, sizeof(lines), "Contact: <%s>;expires=60\r\n", pipit_ua_contact(at->ua));
    answer(at, at->last, "200 OK", "reg", lines, NULL);
    check_events(at, "registered ");
    wait_sent(at, "REGISTER ", 60000);
    assert_false(header_holds(at->last, "Contact", "reg-id")); /* it is known */
    answer(at, at->last, "439 First Hop Lacks Outbound Support", "reg", NULL, NULL);
    expect_silence(at);
    check_events(at, "registration_failed:SIP Failure Code unregistered:SIP Failure Code ");
    stage_free(at);
}

static void a_time_of_more_than_a_week_is_not_asked_for(void **state)
{
    static const struct {
        const char *lines;
        bool met;
    } rows[] = {{"Min-Expires: 604800\r\n", true},      {"Min-Expires: 604801\r\n", false},
                {"Min-Expires: 4294967295\r\n", false}, {"Min-Expires: 600\r\n", false},
                {"Min-Expires: many\r\n", false},       {NULL, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        stage *at = stage_registering();

        answer(at, at->last, "423 Interval Too Brief", "reg", rows[i].lines, NULL);
        if (rows[i].met)
            expect_sent(at, "REGISTER ");
        else
            check_events(at, "registration_failed:SIP Failure Code ");
        expect_silence(at);
        stage_free(at);
    }
}

static void a_time_that_was_lengthened_stays_so(void **state)
{
    stage *at = stage_registering();

    (void)state;
    answer(at, at->last, "423 Interval Too Brief", "reg", "Min-Expires: 1800\r\n", NULL);
    expect_sent(at, "REGISTER ");
    grant(at, ";expires=60");
    wait_sent(at, "REGISTER ", 60000);
    check_header(at->last, "Expires", "1800");
    answer(at, at->last, "423 Interval Too Brief", "reg", "Min-Expires: 3600\r\n", NULL);
    expect_sent(at, "REGISTER "); /* another refresh, another chance */
    check_header(at->last, "Expires", "3600");
    grant(at, ";expires=3600");
    check_events(at, "registered ");
    stage_free(at);
}

/* --- again after a failure -------------------------------------------------------------------- */

static stage *stage_retrying(void)
{
    return stage_registering_with((pipit_ua_configuration){.password = "wonderland",
                                                           .registration_retry_interval = 30,
                                                           .registration_retry_max_interval = 200});
}

/* Refuses, and gives the milliseconds until the next attempt. */
static uint64_t refuse(stage *at, const char *status, const char *lines)
{
    uint64_t ms = 0;

    answer(at, at->last, status, "reg", lines, NULL);
    assert_true(at->retry_in > 0);
    for (; at->read >= at->wire.n && ms < 100000000; ms += 100)
        advance_ms(at, 100);
    pp_buf_clear(&at->log);
    expect_sent(at, "REGISTER ");
    assert_in_range(at->retry_in * 1000, ms - 100, ms + 1000);
    return ms;
}

static void a_passing_failure_is_tried_again_later_and_later(void **state)
{
    static const unsigned bounds_s[] = {30, 60, 120, 200, 200};
    stage *at = stage_retrying();
    bool at_half = true;

    (void)state;
    for (size_t i = 0; i < sizeof(bounds_s) / sizeof(*bounds_s); i++) {
        uint64_t ms = refuse(at, "503 Service Unavailable", NULL);

        assert_in_range(ms, bounds_s[i] * 500, bounds_s[i] * 1000 + 100);
        at_half = at_half && ms < bounds_s[i] * 500 + 200;
    }
    assert_false(at_half); /* by chance */
    grant(at, "");
    check_events(at, "registered ");
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    answer(at, at->last, "500 No", "reg", NULL, NULL);
    check_events(at, "registration_failed:SIP Failure Code unregistered:SIP Failure Code ");
    assert_in_range(at->retry_in, 15, 30); /* from the beginning */
    stage_free(at);
}

static void a_registrar_is_left_alone_as_long_as_it_wants(void **state)
{
    stage *at = stage_retrying();
    uint64_t ms = refuse(at, "503 Later", "Retry-After: 1000 (maintenance);duration=60\r\n");

    (void)state;
    assert_in_range(ms, 1000000, 1000100);
    answer(at, at->last, "404 Not Found", "reg", "Retry-After: 700\r\n", NULL);
    check_events(at, "registration_failed:Not Found ");
    assert_int_equal(at->retry_in, 700);
    wait_sent(at, "REGISTER ", 701000);
    ms = refuse(at, "600 Busy Everywhere", "Retry-After: 4294967295\r\n");
    assert_in_range(ms, 86400000, 86400100); /* within reason */
    stage_free(at);
}

static void a_failure_that_stays_is_not_tried_again(void **state)
{
    static const char *const statuses[] = {"403 Forbidden", "404 Not Found", "400 Bad",
                                           "423 Too Brief", "501 What",      "505 Version",
                                           "513 Too Large", "603 Decline",   "302 Elsewhere"};

    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        stage *at = stage_retrying();

        answer(at, at->last, statuses[i], "reg", NULL, NULL);
        assert_int_equal(at->retry_in, 0);
        advance_ms(at, 1000000);
        expect_silence(at);
        stage_free(at);
    }
}

static void refused_credentials_are_not_tried_again(void **state)
{
    stage *at = stage_retrying();

    (void)state;
    for (int i = 0; i < 2; i++) {
        answer(at, at->last, "401 Unauthorized", "reg",
               "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nRetry-After: 5\r\n", NULL);
        if (i == 0)
            expect_sent(at, "REGISTER ");
    }
    check_events(at, "registration_failed:Authentication Error ");
    assert_int_equal(at->retry_in, 0);
    advance_ms(at, 1000000);
    expect_silence(at);
    stage_free(at);
}

static void silence_is_tried_again(void **state)
{
    stage *at = stage_retrying();

    (void)state;
    advance_ms(at, 33000);
    check_events(at, "registration_failed:Request Timeout ");
    assert_string_equal(at->reason, "the registrar did not answer");
    wait_sent(at, "REGISTER ", 31000);
    stage_free(at);
}

static void an_attempt_put_off_is_taken_back(void **state)
{
    (void)state;
    for (int how = 0; how < 4; how++) {
        stage *at = stage_retrying();

        answer(at, at->last, "503 No", "reg", NULL, NULL);
        check_events(at, "registration_failed:SIP Failure Code ");
        if (how == 0) {
            assert_int_equal(pipit_ua_unregister(at->ua, false), PIPIT_ERR_STATE);
        } else if (how == 1) {
            pipit_ua_stop(at->ua);
        } else if (how == 2) { /* the application does not wait */
            assert_int_equal(pipit_ua_register(at->ua), 0);
            expect_sent(at, "REGISTER ");
            grant(at, ";expires=100000");
        } else {
            pipit_socket_disconnected(at->socket, true, 1006, "gone");
            advance_ms(at, 10000);
            expect_sent(at, "REGISTER ");
            grant(at, ";expires=100000");
        }
        advance_ms(at, 40000);
        expect_silence(at);
        stage_free(at);
    }
}

/* --- refreshed by the application ------------------------------------------------------------- */

static stage *stage_expiring(void)
{
    stage *at = stage_registering_with((pipit_ua_configuration){.handlers = &expiring_handlers});

    grant(at, ";expires=60");
    check_events(at, "registered ");
    advance_ms(at, 55001);
    expect_silence(at);
    check_events(at, "registration_expiring ");
    return at;
}

static void a_listener_refreshes_the_registration_himself(void **state)
{
    stage *at = stage_expiring();

    (void)state;
    advance_ms(at, 2000);
    assert_true(pipit_ua_is_registered(at->ua));
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    grant(at, ";expires=60");
    advance_ms(at, 20000);
    check_events(at, "");
    assert_true(pipit_ua_is_registered(at->ua));
    advance_ms(at, 36000);
    check_events(at, "registration_expiring ");
    stage_free(at);
}

static void a_registration_nobody_refreshes_ends(void **state)
{
    stage *at = stage_expiring();

    (void)state;
    advance_ms(at, 5000);
    expect_silence(at);
    check_events(at, "unregistered:Expires ");
    assert_false(pipit_ua_is_registered(at->ua));
    stage_free(at);
}

/* --- taken back, and crossed ------------------------------------------------------------------ */

static void a_first_register_is_waited_for_before_it_is_taken_back(void **state)
{
    (void)state;
    for (int all = 0; all < 2; all++) {
        stage *at = stage_registering();

        assert_int_equal(pipit_ua_unregister(at->ua, all), 0);
        expect_silence(at);
        grant(at, "");
        expect_sent(at, "REGISTER ");
        if (all)
            check_header(at->last, "Contact", "*");
        else
            assert_true(header_holds(at->last, "Contact", ";expires=0"));
        answer(at, at->last, "200 OK", "reg", NULL, NULL);
        check_events(at, "unregistered: ");
        expect_silence(at);
        stage_free(at);
    }
}

static void a_first_register_that_fails_needs_no_taking_back(void **state)
{
    stage *at = stage_registering();

    (void)state;
    assert_int_equal(pipit_ua_unregister(at->ua, false), 0);
    answer(at, at->last, "423 Interval Too Brief", "reg", "Min-Expires: 1800\r\n", NULL);
    check_events(at, "registration_failed:SIP Failure Code ");
    expect_silence(at);
    assert_int_equal(pipit_ua_unregister(at->ua, false), PIPIT_ERR_STATE);
    stage_free(at);
}

static void a_change_of_mind_keeps_the_registration(void **state)
{
    stage *at = stage_registering();

    (void)state;
    assert_int_equal(pipit_ua_unregister(at->ua, false), 0);
    assert_int_equal(pipit_ua_register(at->ua), 0);
    grant(at, "");
    check_events(at, "registered ");
    expect_silence(at);
    stage_free(at);
}

static void the_answer_to_an_overtaken_refresh_is_ignored(void **state)
{
    stage *at = stage_registered();
    pp_message *refresh;

    (void)state;
    assert_int_equal(pipit_ua_register(at->ua), 0);
    refresh = pp_message_ref(expect_sent(at, "REGISTER "));
    assert_int_equal(pipit_ua_unregister(at->ua, false), 0);
    expect_sent(at, "REGISTER ");
    pp_message_unref(at->invite);
    at->invite = pp_message_ref(at->last);
    pp_message_unref(at->last);
    at->last = refresh;
    grant(at, "");
    assert_false(pipit_ua_is_registered(at->ua));
    check_events(at, "");
    answer(at, at->invite, "200 OK", "reg", NULL, NULL);
    check_events(at, "unregistered: ");
    expect_silence(at);
    stage_free(at);
}

static void a_removal_that_fails_has_its_cause(void **state)
{
    static const struct {
        const char *status, *events;
    } rows[] = {{"403 Forbidden", "unregistered:Rejected "},
                {"500 No", "unregistered:SIP Failure Code "},
                {NULL, "unregistered:Request Timeout "}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        stage *at = stage_registered();

        assert_int_equal(pipit_ua_unregister(at->ua, false), 0);
        expect_sent(at, "REGISTER ");
        assert_int_equal(pipit_ua_unregister(at->ua, false), PIPIT_ERR_STATE);
        if (rows[i].status)
            answer(at, at->last, rows[i].status, "reg", NULL, NULL);
        else
            advance_ms(at, 33000);
        check_events(at, rows[i].events);
        stage_free(at);
    }
}

/* --- lost and stopped ------------------------------------------------------------------------- */

static void lose(stage *at)
{
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
}

static void a_connection_lost_in_any_state_is_told_and_made_good(void **state)
{
    static const char *const events[] = {
        "registration_failed:Connection Error disconnected:error ",
        "disconnected:error unregistered:Connection Error ",
        "registration_failed:Connection Error unregistered:Connection Error disconnected:error ",
        "unregistered:Connection Error disconnected:error ",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
        stage *at = i == 0 ? stage_registering() : stage_registered();

        if (i == 2)
            pipit_ua_register(at->ua); /* a refresh */
        if (i == 3)
            pipit_ua_unregister(at->ua, false);
        while (next_sent(at))
            continue;
        lose(at);
        check_events(at, events[i]);
        advance_ms(at, 4000);
        check_events(at, "connected ");
        if (i == 3) { /* it was not wanted any more */
            expect_silence(at);
        } else {
            expect_sent(at, "REGISTER ");
            grant(at, "");
            check_events(at, "registered ");
        }
        stage_free(at);
    }
}

static void a_connection_that_is_replaced_at_once_is_registered_on(void **state)
{
    (void)state;
    for (int removing = 0; removing < 2; removing++) {
        stage *at = removing ? stage_registered() : stage_registering();

        if (removing) {
            pipit_ua_unregister(at->ua, false);
            pipit_ua_register(at->ua);
        }
        while (next_sent(at))
            continue;
        pipit_socket_disconnected(at->socket, true, 1006, "gone");
        pipit_socket_connected(at->socket);
        advance_ms(at, 1);
        expect_sent(at, "REGISTER ");
        grant(at, "");
        assert_true(pipit_ua_is_registered(at->ua));
        stage_free(at);
    }
}

static void an_answer_after_stop_is_met_with_a_removal(void **state)
{
    stage *at = stage_registering();

    (void)state;
    pipit_ua_stop(at->ua);
    expect_silence(at);
    grant(at, "");
    expect_sent(at, "REGISTER ");
    assert_true(header_holds(at->last, "Contact", ";expires=0"));
    answer(at, at->last, "200 OK", "reg", NULL, NULL);
    advance_ms(at, 1);
    check_events(at, "unregistered: disconnected stopped ");
    stage_free(at);
}

static void an_answer_after_the_end_is_not_heard(void **state)
{
    stage *at = stage_registering();

    (void)state;
    pipit_ua_stop(at->ua);
    advance_ms(at, 2001);
    check_events(at, "registration_failed:Connection Error disconnected stopped ");
    grant(at, "");
    expect_silence(at);
    check_events(at, "");
    assert_false(pipit_ua_is_registered(at->ua));
    stage_free(at);
}

/* --- without memory --------------------------------------------------------------------------- */

static void a_failing_allocation_leaves_what_was_added(void **state)
{
    static const char *const lines[] = {"X-Token: one", NULL}, *const more[] = {"X: 1", "Y: 2",
                                                                                NULL};
    static const char *const params[] = {"q=0.5", NULL}, *const others[] = {"a", "b", NULL};
    stage *at;

    (void)state;
    scarce_begin(0);
    at = stage_registered();
    assert_int_equal(pipit_ua_set_registrator_extra_headers(at->ua, lines), 0);
    assert_int_equal(pipit_ua_set_registrator_extra_contact_params(at->ua, params), 0);
    for (uint64_t n = 1; n <= 3; n++) {
        scarce_fail(n);
        assert_int_equal(pipit_ua_set_registrator_extra_headers(at->ua, more), PIPIT_ERR_MEMORY);
        scarce_fail(n);
        assert_int_equal(pipit_ua_set_registrator_extra_contact_params(at->ua, others),
                         PIPIT_ERR_MEMORY);
    }
    scarce_relax();
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    check_header(at->last, "X-Token", "one");
    assert_true(header_holds(at->last, "Contact", ";expires=600;q=0.5"));
    stage_free(at);
    assert_int_equal(scarce_end(), 0);
}

/* All of a Service-Route or nothing, and the registration stands or is told to have failed. */
static void a_grant_without_memory_is_survived(void **state)
{
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        stage *at;

        scarce_begin(0);
        at = stage_registering();
        scarce_fail(n);
        grant_with(at, ";pub-gruu=\"sip:alice@example.com;gr=x\"",
                   "Service-Route: " HOP1 ", " HOP2 "\r\n");
        failed = scarce_memory.failed;
        scarce_relax();
        if (at->ua->registrator.routes)
            assert_string_equal(at->ua->registrator.routes[1], HOP2);
        assert_true(failed || at->ua->registrator.routes);
        if (pipit_ua_is_registered(at->ua))
            check_events(at, "registered ");
        stage_free(at);
        assert_int_equal(scarce_end(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_goes_with_every_register),
        cmocka_unit_test(what_is_added_is_checked_first),
        cmocka_unit_test(the_binding_is_found_among_others),
        cmocka_unit_test(a_changed_answer_is_taken_and_a_repeated_one_counts),
        cmocka_unit_test(a_grant_without_us_has_a_sentence),
        cmocka_unit_test(the_registrar_says_whether_it_does_outbound),
        cmocka_unit_test(a_service_route_is_taken_by_requests_outside_of_dialogs),
        cmocka_unit_test(a_service_route_is_given_up),
        cmocka_unit_test(the_path_can_be_read_in_the_event),
        cmocka_unit_test(an_anonymous_call_has_the_temporary_gruu),
        cmocka_unit_test(a_registrar_without_outbound_is_asked_without),
        cmocka_unit_test(a_time_of_more_than_a_week_is_not_asked_for),
        cmocka_unit_test(a_time_that_was_lengthened_stays_so),
        cmocka_unit_test(a_passing_failure_is_tried_again_later_and_later),
        cmocka_unit_test(a_registrar_is_left_alone_as_long_as_it_wants),
        cmocka_unit_test(a_failure_that_stays_is_not_tried_again),
        cmocka_unit_test(refused_credentials_are_not_tried_again),
        cmocka_unit_test(silence_is_tried_again),
        cmocka_unit_test(an_attempt_put_off_is_taken_back),
        cmocka_unit_test(a_listener_refreshes_the_registration_himself),
        cmocka_unit_test(a_registration_nobody_refreshes_ends),
        cmocka_unit_test(a_first_register_is_waited_for_before_it_is_taken_back),
        cmocka_unit_test(a_first_register_that_fails_needs_no_taking_back),
        cmocka_unit_test(a_change_of_mind_keeps_the_registration),
        cmocka_unit_test(the_answer_to_an_overtaken_refresh_is_ignored),
        cmocka_unit_test(a_removal_that_fails_has_its_cause),
        cmocka_unit_test(a_connection_lost_in_any_state_is_told_and_made_good),
        cmocka_unit_test(a_connection_that_is_replaced_at_once_is_registered_on),
        cmocka_unit_test(an_answer_after_stop_is_met_with_a_removal),
        cmocka_unit_test(an_answer_after_the_end_is_not_heard),
        cmocka_unit_test(a_failing_allocation_leaves_what_was_added),
        cmocka_unit_test(a_grant_without_memory_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
