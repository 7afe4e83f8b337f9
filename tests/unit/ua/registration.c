/* registration.c - REGISTER: what goes, what is made of the answer, when it goes again; and challenges. */
#include "unit/ua/support/registered.h"

static void a_registration_says_who_and_where(void **state)
{
    stage *at = stage_registering();
    char contact[256];

    (void)state;
    snprintf(contact, sizeof(contact),
             "<%s>;+sip.ice;reg-id=1;+sip.instance=\"<urn:uuid:" INSTANCE ">\";expires=600",
             pipit_ua_contact(at->ua));
    check_header(at->last, "Contact", contact);
    check_header(at->last, "Expires", "600");
    check_header(at->last, "Supported", "path,gruu,outbound");
    check_header(at->last, "To", "<sip:alice@example.com>");
    assert_true(header_holds(at->last, "From", "<sip:alice@example.com>;tag="));
    assert_int_equal(at->last->cseq, 1);
    assert_false(pipit_ua_is_registered(at->ua));
    grant(at, ";expires=120");
    check_events(at, "registered ");
    assert_true(pipit_ua_is_registered(at->ua));
    assert_int_equal(pipit_ua_registration_expires(at->ua), 120);
    stage_free(at);
}

static void a_registration_is_refreshed_between_half_and_nearly_all_of_its_time(void **state)
{
    stage *at = stage_registered();

    (void)state;
    advance_ms(at, 299000);
    expect_silence(at);
    wait_sent(at, "REGISTER sip:example.com SIP/2.0", 271000);
    assert_int_equal(at->last->cseq, 2);
    grant(at, ";expires=60"); /* short: 5 s before its end */
    advance_ms(at, 54900);
    expect_silence(at);
    advance_ms(at, 200);
    expect_sent(at, "REGISTER ");
    check_events(at, ""); /* told once */
    stage_free(at);
}

static void a_grant_without_our_binding_is_a_failure(void **state)
{
    stage *at = stage_registering();

    (void)state;
    answer(at, at->last, "200 OK", "reg", "Contact: <sip:other@192.0.2.7>;expires=600\r\n", NULL);
    check_events(at, "registration_failed:SIP Failure Code "); /* JsSIP says nothing */
    assert_false(pipit_ua_is_registered(at->ua));
    stage_free(at);
}

static void a_binding_is_also_known_by_its_user(void **state)
{
    stage *at = stage_registering();
    char lines[256];

    (void)state;
    snprintf(lines, sizeof(lines), "m: <%s>\r\nExpires: 5\r\n", pipit_ua_contact(at->ua));
    answer(at, at->last, "200 OK", "reg", lines, NULL);
    check_events(at, "registered ");
    assert_int_equal(pipit_ua_registration_expires(at->ua), 10); /* at least */
    stage_free(at);
}

static void too_brief_is_met_once(void **state)
{
    stage *at = stage_registering();

    (void)state;
    answer(at, at->last, "423 Interval Too Brief", "reg", "Min-Expires: 1800\r\n", NULL);
    expect_sent(at, "REGISTER ");
    check_header(at->last, "Expires", "1800");
    assert_int_equal(at->last->cseq, 2);
    answer(at, at->last, "423 Interval Too Brief", "reg", "Min-Expires: 3600\r\n", NULL);
    expect_silence(at);
    check_events(at, "registration_failed:SIP Failure Code ");
    stage_free(at);
}

static void a_gruu_becomes_the_contact_and_not_that_of_register(void **state)
{
    stage *at = stage_registering();
    char own[128];

    (void)state;
    snprintf(own, sizeof(own), "<%s>", pipit_ua_contact(at->ua));
    grant(at, ";pub-gruu=\"sip:alice@example.com;gr=urn:uuid:" INSTANCE
              "\";temp-gruu=\"sip:t3mp@example.com;gr\";expires=60");
    check_events(at, "registered ");
    assert_string_equal(pipit_ua_contact(at->ua), "sip:alice@example.com;gr=urn:uuid:" INSTANCE);
    call_out(at);
    check_header(at->invite, "Contact", "<sip:alice@example.com;gr=urn:uuid:" INSTANCE ">");
    assert_true(header_holds(at->invite, "Supported", "gruu"));
    advance_ms(at, 56000);
    do
        assert_non_null(next_sent(at));
    while (at->last->method != PP_REGISTER);
    assert_true(header_holds(at->last, "Contact", own));
    come(at, &(coming){.method = "OPTIONS", .ruri = "sip:T3MP@example.com;gr"});
    expect_sent(at, "SIP/2.0 200 OK");
    stage_free(at);
}

static void a_refused_refresh_ends_the_registration(void **state)
{
    stage *at = stage_registered();

    (void)state;
    wait_sent(at, "REGISTER ", 600000);
    answer(at, at->last, "503 Service Unavailable", "reg", NULL, NULL);
    check_events(at, "registration_failed:SIP Failure Code unregistered:SIP Failure Code ");
    assert_false(pipit_ua_is_registered(at->ua));
    stage_free(at);
}

static void a_registration_nobody_answers_times_out(void **state)
{
    stage *at = stage_registering();

    (void)state;
    advance_ms(at, 33000);
    check_events(at, "registration_failed:Request Timeout ");
    stage_free(at);
}

static void a_lost_connection_ends_a_registration_until_the_next(void **state)
{
    stage *at = stage_registered();

    (void)state;
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    check_events(at, "disconnected:error unregistered:Connection Error ");
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_NOT_READY);
    assert_int_equal(pipit_ua_register(at->ua), PIPIT_ERR_STATE);
    check_events(at, "registration_failed:Connection Error ");
    advance_ms(at, 4000);
    check_events(at, "connected ");
    expect_sent(at, "REGISTER ");
    grant(at, ";expires=600");
    check_events(at, "registered ");
    stage_free(at);
}

static void a_binding_is_removed_alone_or_with_all_others(void **state)
{
    stage *at = stage_registered();

    (void)state;
    assert_int_equal(pipit_ua_unregister(at->ua, false), 0);
    assert_false(pipit_ua_is_registered(at->ua));
    expect_sent(at, "REGISTER ");
    check_header(at->last, "Expires", "0");
    assert_true(header_holds(at->last, "Contact", ";expires=0"));
    answer(at, at->last, "200 OK", "reg", NULL, NULL);
    check_events(at, "unregistered: ");
    assert_int_equal(pipit_ua_unregister(at->ua, false), PIPIT_ERR_STATE);
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    grant(at, ";expires=600");
    assert_int_equal(pipit_ua_unregister(at->ua, true), 0);
    expect_sent(at, "REGISTER ");
    check_header(at->last, "Contact", "*");
    assert_int_equal(pipit_ua_register(at->ua), 0); /* behind it */
    expect_silence(at);
    answer(at, at->last, "200 OK", "reg", NULL, NULL);
    expect_sent(at, "REGISTER ");
    check_events(at, "registered unregistered: ");
    stage_free(at);
}

/* --- challenges ------------------------------------------------------------------------------------------------ */

#define ASK(realm, nonce, more)                                                                    \
    "WWW-Authenticate: Digest realm=\"" realm "\", nonce=\"" nonce "\", qop=\"auth\"" more "\r\n"

static void a_challenge_is_met_with_a_new_cseq_and_branch(void **state)
{
    stage *at = stage_registering();
    char branch[128];

    (void)state;
    snprintf(branch, sizeof(branch), "%.*s", PP_STR(at->last->via.branch));
    check_header(at->last, "Authorization", NULL);
    answer(at, at->last, "401 Unauthorized", "reg", ASK("example.com", "n1", ""), NULL);
    expect_sent(at, "REGISTER ");
    assert_int_equal(at->last->cseq, 2);
    assert_false(pp_str_eq_c(at->last->via.branch, branch));
    assert_int_equal(at->last->via_count, 1);
    assert_true(header_holds(at->last, "Authorization", "username=\"alice\""));
    assert_true(header_holds(at->last, "Authorization", "nonce=\"n1\""));
    grant(at, ";expires=60");
    check_events(at, "registered ");
    advance_ms(at, 56000);
    expect_sent(at, "REGISTER "); /* saves the round trip */
    assert_true(header_holds(at->last, "Authorization", "nc=00000002"));
    answer(at, at->last, "401 Unauthorized", "reg", ASK("example.com", "n2", ", stale=true"), NULL);
    expect_sent(at, "REGISTER ");
    assert_true(header_holds(at->last, "Authorization", "nonce=\"n2\""));
    assert_int_equal(pp_message_count(at->last, PP_HEADER_AUTHORIZATION), 1);
    stage_free(at);
}

static void a_wrong_password_is_told(void **state)
{
    stage *at = stage_registering();

    (void)state;
    answer(at, at->last, "401 Unauthorized", "reg", ASK("example.com", "n1", ""), NULL);
    expect_sent(at, "REGISTER ");
    answer(at, at->last, "401 Unauthorized", "reg", ASK("example.com", "n2", ""), NULL);
    expect_silence(at);
    check_events(at, "registration_failed:Authentication Error ");
    stage_free(at);
}

static void a_stale_nonce_is_no_wrong_password(void **state)
{
    stage *at = stage_registering();

    (void)state;
    answer(at, at->last, "401 Unauthorized", "reg", ASK("example.com", "n1", ""), NULL);
    expect_sent(at, "REGISTER ");
    answer(at, at->last, "401 Unauthorized", "reg", ASK("example.com", "n2", ", stale=TRUE"), NULL);
    expect_sent(at, "REGISTER ");
    grant(at, ";expires=600");
    check_events(at, "registered ");
    stage_free(at);
}

static void endless_challenges_end(void **state)
{
    stage *at = stage_registering();

    (void)state;
    for (unsigned i = 0; i < PP_LIMIT_CHALLENGES; i++) {
        answer(at, at->last, "401 Unauthorized", "reg", ASK("example.com", "n", ", stale=true"),
               NULL);
        expect_sent(at, "REGISTER ");
    }
    answer(at, at->last, "401 Unauthorized", "reg", ASK("example.com", "n", ", stale=true"), NULL);
    expect_silence(at);
    check_events(at, "registration_failed:Authentication Error ");
    stage_free(at);
}

static void a_call_meets_a_proxy_and_then_a_server(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "407 Proxy Authentication Required", "p",
           "Proxy-Authenticate: Digest realm=\"proxy\", nonce=\"p1\", qop=\"auth\"\r\n", NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE ");
    assert_true(pp_str_eq(at->last->from_tag, at->invite->from_tag));
    assert_int_equal(at->last->cseq, at->invite->cseq + 1);
    answer(at, at->last, "401 Unauthorized", "far", ASK("pbx", "w1", ""), NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE ");
    assert_true(header_holds(at->last, "Proxy-Authorization", "realm=\"proxy\""));
    assert_true(header_holds(at->last, "Authorization", "realm=\"pbx\""));
    answer(at, at->last, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_int_equal(at->last->cseq, at->invite->cseq + 2);
    assert_true(header_holds(at->last, "Proxy-Authorization", "realm=\"proxy\""));
    check_events(at, "accepted:remote confirmed:local ");
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    assert_int_equal(at->last->cseq, at->invite->cseq + 3);
    answer(at, at->last, "407 Proxy Authentication Required", NULL,
           "Proxy-Authenticate: Digest realm=\"proxy\", nonce=\"p2\", qop=\"auth\"\r\n", NULL);
    expect_sent(at, "BYE ");
    assert_int_equal(at->last->cseq, at->invite->cseq + 4);
    assert_true(header_holds(at->last, "Proxy-Authorization", "nonce=\"p2\""));
    stage_free(at);
}

static void a_challenge_after_cancel_is_not_met(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "100 Trying", NULL, NULL, NULL);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "CANCEL ");
    answer(at, at->invite, "407 Proxy Authentication Required", "p",
           "Proxy-Authenticate: Digest realm=\"proxy\", nonce=\"p1\"\r\n", NULL);
    expect_sent(at, "ACK ");
    expect_silence(at);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registration_says_who_and_where),
        cmocka_unit_test(a_registration_is_refreshed_between_half_and_nearly_all_of_its_time),
        cmocka_unit_test(a_grant_without_our_binding_is_a_failure),
        cmocka_unit_test(a_binding_is_also_known_by_its_user),
        cmocka_unit_test(too_brief_is_met_once),
        cmocka_unit_test(a_gruu_becomes_the_contact_and_not_that_of_register),
        cmocka_unit_test(a_refused_refresh_ends_the_registration),
        cmocka_unit_test(a_registration_nobody_answers_times_out),
        cmocka_unit_test(a_lost_connection_ends_a_registration_until_the_next),
        cmocka_unit_test(a_binding_is_removed_alone_or_with_all_others),
        cmocka_unit_test(a_challenge_is_met_with_a_new_cseq_and_branch),
        cmocka_unit_test(a_wrong_password_is_told),
        cmocka_unit_test(a_stale_nonce_is_no_wrong_password),
        cmocka_unit_test(endless_challenges_end),
        cmocka_unit_test(a_call_meets_a_proxy_and_then_a_server),
        cmocka_unit_test(a_challenge_after_cancel_is_not_met),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
