/* proxy.c - tests of forwarding: forks, answers, CANCEL, dialogs, checks. */
#include "unit/switchboard/support/client.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct scene {
    stage stage;
    client alice, bob1, bob2; /* bob has two phones */
} scene;

static int open_scene(void **state)
{
    scene *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    stage_open(&s->stage, NULL, NULL);
    client_open(&s->alice, &s->stage, "alice");
    client_open(&s->bob1, &s->stage, "bob");
    client_open(&s->bob2, &s->stage, "bob");
    assert_int_equal(client_register(&s->alice, "<sip:a@alice.invalid;transport=ws>", ""), 200);
    *state = s;
    return 0;
}

static int close_scene(void **state)
{
    scene *s = *state;

    client_close(&s->alice);
    client_close(&s->bob1);
    client_close(&s->bob2);
    sim_advance_ms(s->stage.s, 40000);
    stage_close(&s->stage);
    free(s);
    return 0;
}

static void register_bob1(scene *s)
{
    assert_int_equal(client_register(&s->bob1, "<sip:one@bob1.invalid;transport=ws>", ""), 200);
    client_forget(&s->bob1);
}

static void register_both(scene *s)
{
    register_bob1(s);
    assert_int_equal(client_register(&s->bob2, "<sip:two@bob2.invalid;transport=ws>", ""), 200);
    client_forget(&s->bob2);
}

static const request to_bob = {.method = "INVITE",
                               .ruri = "sip:bob@example.com",
                               .to = "<sip:bob@example.com>",
                               .extra = "Contact: <sip:a@alice.invalid;transport=ws>\r\n",
                               .call_id = "call"};

/* Sends an INVITE with credentials; what came first was a 100. */
static void invite(scene *s)
{
    client_request(&s->alice, &to_bob);
    assert_int_equal(client_status(&s->alice), 100);
}

/* --- who is there ----------------------------------------------------------------------------- */

static void a_call_without_credentials_is_challenged(void **state)
{
    scene *s = *state;
    request r = to_bob;

    r.password = "wrong";
    assert_int_equal(client_request(&s->alice, &r), 407);
    assert_non_null(strstr(client_last(&s->alice), "Proxy-Authenticate: Digest"));
}

static void a_call_to_nobody_is_answered_404_and_to_a_phone_that_is_away_480(void **state)
{
    scene *s = *state;
    request r = to_bob;

    assert_int_equal(client_request(&s->alice, &r), 480);
    r.ruri = "sip:nobody@example.com";
    r.call_id = "other";
    assert_int_equal(client_request(&s->alice, &r), 404);
    r.ruri = "sip:bob@example.org";
    r.call_id = "third";
    assert_int_equal(client_request(&s->alice, &r), 404);
}

static void a_caller_cannot_speak_in_another_name(void **state)
{
    scene *s = *state;
    request r = to_bob;

    register_bob1(s);
    r.from = "sip:carol@example.com";
    assert_int_equal(client_request(&s->alice, &r), 403);
    r.from = "sip:alice@example.org";
    r.call_id = "other";
    assert_int_equal(client_request(&s->alice, &r), 403);
    assert_int_equal(s->bob1.inbox_count, 0);
}

static void a_caller_may_stay_anonymous(void **state)
{
    scene *s = *state;
    request r = to_bob;

    register_bob1(s);
    r.from = "sip:anonymous@anonymous.invalid";
    assert_int_equal(client_request(&s->alice, &r), 100);
    assert_non_null(client_find(&s->bob1, "INVITE "));
}

/* --- what a forwarded request looks like ------------------------------------------------------ */

static void a_forwarded_invite_is_addressed_to_the_contact(void **state)
{
    scene *s = *state;
    const char *invite_text;

    register_bob1(s);
    invite(s);
    invite_text = client_find(&s->bob1, "INVITE sip:one@bob1.invalid;transport=ws SIP/2.0\r\n");
    assert_non_null(invite_text);
    assert_string_equal(header(invite_text, "Max-Forwards"), "69");
    assert_string_equal(header(invite_text, "Proxy-Authorization"), "");
    assert_non_null(strstr(header(invite_text, "Record-Route"), ";lr>"));
    assert_non_null(strstr(header(invite_text, "Via"), "SIP/2.0/WS 192.0.2.1:8080;branch=z9hG4bK"));
    assert_non_null(strstr(invite_text, ";received=192.0.2.1"));
}

static void a_call_is_set_up_and_ended_through_its_route(void **state)
{
    scene *s = *state;
    char route[256];

    register_bob1(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "180 Ringing", "b1", "");
    assert_int_equal(client_status(&s->alice), 180);
    client_answer(&s->bob1, client_find(&s->bob1, "INVITE "), "200 OK", "b1",
                  "Contact: <sip:one@bob1.invalid;transport=ws>\r\n");
    assert_int_equal(client_status(&s->alice), 200);
    assert_null(strstr(client_last(&s->alice), "Via: SIP/2.0/WS 192.0.2.1"));
    snprintf(route, sizeof(route), "%s", header(client_last(&s->alice), "Record-Route"));
    client_send(&s->alice,
                "ACK sip:one@bob1.invalid;transport=ws SIP/2.0\r\nVia: SIP/2.0/WS "
                "a.invalid;branch=z9hG4bKack\r\n"
                "Route: %s\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=alice\r\n"
                "To: <sip:bob@example.com>;tag=b1\r\nCall-ID: call\r\nCSeq: 2 "
                "ACK\r\nContent-Length: 0\r\n\r\n",
                route);
    assert_non_null(client_find(&s->bob1, "ACK "));
    assert_string_equal(header(client_find(&s->bob1, "ACK "), "Route"), "");
    /* The other way, with the same route, and unchallenged. */
    client_send(&s->bob1,
                "BYE sip:a@alice.invalid;transport=ws SIP/2.0\r\nVia: SIP/2.0/WS "
                "b.invalid;branch=z9hG4bKbye\r\n"
                "Route: %s\r\nMax-Forwards: 70\r\nFrom: <sip:bob@example.com>;tag=b1\r\n"
                "To: <sip:alice@example.com>;tag=alice\r\nCall-ID: call\r\nCSeq: 1 "
                "BYE\r\nContent-Length: 0\r\n\r\n",
                route);
    assert_non_null(client_find(&s->alice, "BYE sip:a@alice.invalid;transport=ws"));
    client_answer(&s->alice, client_find(&s->alice, "BYE "), "200 OK", "", "");
    assert_int_equal(client_status(&s->bob1), 200);
}

static void a_stranger_cannot_use_the_route_of_a_dialog(void **state)
{
    scene *s = *state;
    client eve;
    char route[256];

    register_bob1(s);
    invite(s);
    snprintf(route, sizeof(route), "%s", header(client_last(&s->bob1), "Record-Route"));
    client_open(&eve, &s->stage, "eve");
    client_forget(&s->bob1);
    client_send(&eve,
                "BYE sip:one@bob1.invalid;transport=ws SIP/2.0\r\nVia: SIP/2.0/WS "
                "e.invalid;branch=z9hG4bKeve\r\n"
                "Route: %s\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=alice\r\n"
                "To: <sip:bob@example.com>;tag=b1\r\nCall-ID: call\r\nCSeq: 9 "
                "BYE\r\nContent-Length: 0\r\n\r\n",
                route);
    assert_int_equal(client_status(&eve), 480);
    client_send(
        &eve,
        "BYE sip:one@bob1.invalid;transport=ws SIP/2.0\r\nVia: SIP/2.0/WS "
        "e.invalid;branch=z9hG4bKev2\r\n"
        "Route: <sip:3-2-0123456789abcdef@192.0.2.1:8080;transport=ws;lr>\r\nMax-Forwards: 70\r\n"
        "From: <sip:alice@example.com>;tag=alice\r\nTo: <sip:bob@example.com>;tag=b1\r\nCall-ID: "
        "call\r\n"
        "CSeq: 9 BYE\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(client_status(&eve), 407);
    assert_int_equal(s->bob1.inbox_count, 0);
    client_close(&eve);
}

static void a_phone_that_reconnects_keeps_its_dialog(void **state)
{
    scene *s = *state;
    char route[256];

    register_bob1(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "200 OK", "b1",
                  "Contact: <sip:one@bob1.invalid;transport=ws>\r\n");
    snprintf(route, sizeof(route), "%s", header(client_last(&s->alice), "Record-Route"));
    client_close(&s->bob1);
    client_open(&s->bob1, &s->stage, "bob");
    register_bob1(s);
    client_send(&s->alice,
                "BYE sip:one@bob1.invalid;transport=ws SIP/2.0\r\nVia: SIP/2.0/WS "
                "a.invalid;branch=z9hG4bKbye\r\n"
                "Route: %s\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=alice\r\n"
                "To: <sip:bob@example.com>;tag=b1\r\nCall-ID: call\r\nCSeq: 3 "
                "BYE\r\nContent-Length: 0\r\n\r\n",
                route);
    assert_non_null(client_find(&s->bob1, "BYE "));
}

static void a_text_reaches_its_reader(void **state)
{
    scene *s = *state;
    request r = {.method = "MESSAGE",
                 .ruri = "sip:bob@example.com",
                 .to = "<sip:bob@example.com>",
                 .extra = "Content-Type: text/plain\r\n",
                 .body = "lunch?"};

    register_bob1(s);
    client_request(&s->alice, &r);
    assert_non_null(strstr(client_last(&s->bob1), "\r\n\r\nlunch?"));
    assert_string_equal(header(client_last(&s->bob1), "Record-Route"), "");
    client_answer(&s->bob1, client_last(&s->bob1), "200 OK", "b", "");
    assert_int_equal(client_status(&s->alice), 200);
}

/* --- forks ------------------------------------------------------------------------------------ */

static void the_losers_of_a_fork_are_cancelled(void **state)
{
    scene *s = *state;
    const char *cancel;

    register_both(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "180 Ringing", "b1", "");
    client_answer(&s->bob2, client_last(&s->bob2), "180 Ringing", "b2", "");
    assert_int_equal(client_count(&s->alice, "SIP/2.0 180"), 2);
    client_answer(&s->bob2, client_find(&s->bob2, "INVITE "), "200 OK", "b2",
                  "Contact: <sip:two@bob2.invalid>\r\n");
    assert_int_equal(client_status(&s->alice), 200);
    cancel = client_find(&s->bob1, "CANCEL sip:one@bob1.invalid");
    assert_non_null(cancel);
    assert_non_null(strstr(header(cancel, "Reason"), "Call completed elsewhere"));
    client_answer(&s->bob1, cancel, "200 OK", "b1", "");
    client_answer(&s->bob1, client_find(&s->bob1, "INVITE "), "487 Request Terminated", "b1", "");
    assert_non_null(client_find(&s->bob1, "ACK "));
    assert_int_equal(client_count(&s->alice, "SIP/2.0 487"), 0);
}

static void both_answers_of_a_race_come_back(void **state)
{
    scene *s = *state;

    register_both(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "200 OK", "b1",
                  "Contact: <sip:one@bob1.invalid>\r\n");
    client_answer(&s->bob2, client_find(&s->bob2, "INVITE "), "200 OK", "b2",
                  "Contact: <sip:two@bob2.invalid>\r\n");
    assert_int_equal(client_count(&s->alice, "SIP/2.0 200"), 2);
}

static void the_best_refusal_comes_back_when_all_have_refused(void **state)
{
    scene *s = *state;

    register_both(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "480 Temporarily Unavailable", "b1", "");
    assert_int_equal(client_status(&s->alice), 100);
    client_answer(&s->bob2, client_last(&s->bob2), "486 Busy Here", "b2", "");
    assert_int_equal(client_status(&s->alice), 486);
}

static void a_decline_ends_the_ringing_of_the_others(void **state)
{
    scene *s = *state;

    register_both(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "180 Ringing", "b1", "");
    client_answer(&s->bob2, client_last(&s->bob2), "603 Decline", "b2", "");
    assert_non_null(client_find(&s->bob1, "CANCEL "));
    client_answer(&s->bob1, client_find(&s->bob1, "CANCEL "), "200 OK", "b1", "");
    client_answer(&s->bob1, client_find(&s->bob1, "INVITE "), "487 Request Terminated", "b1", "");
    assert_int_equal(client_status(&s->alice), 603);
}

static void an_overloaded_phone_does_not_overload_the_caller(void **state)
{
    scene *s = *state;

    register_bob1(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "503 Service Unavailable", "b1",
                  "Retry-After: 3600\r\n");
    assert_int_equal(client_status(&s->alice), 500);
}

static void a_phone_that_vanishes_while_ringing_is_unavailable(void **state)
{
    scene *s = *state;

    register_bob1(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "180 Ringing", "b1", "");
    client_close(&s->bob1);
    client_open(&s->bob1, &s->stage, "bob");
    assert_int_equal(client_status(&s->alice), 480);
}

static void a_phone_that_never_answers_is_given_up(void **state)
{
    scene *s = *state;

    register_bob1(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "180 Ringing", "b1", "");
    sim_advance_ms(s->stage.s, 182000);
    assert_non_null(client_find(&s->bob1, "CANCEL "));
    client_answer(&s->bob1, client_find(&s->bob1, "CANCEL "), "200 OK", "b1", "");
    client_answer(&s->bob1, client_find(&s->bob1, "INVITE "), "487 Request Terminated", "b1", "");
    assert_int_equal(client_status(&s->alice), 408);
}

static void a_phone_that_says_nothing_times_out(void **state)
{
    scene *s = *state;

    register_bob1(s);
    invite(s);
    sim_advance_ms(s->stage.s, 33000);
    assert_int_equal(client_status(&s->alice), 408);
}

/* --- the caller gives up ---------------------------------------------------------------------- */

static void send_cancel(scene *s)
{
    const char *trying = client_find(&s->alice, "SIP/2.0 100");

    client_send(
        &s->alice,
        "CANCEL sip:bob@example.com SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\n"
        "From: <sip:alice@example.com>;tag=alice\r\nTo: <sip:bob@example.com>\r\nCall-ID: call\r\n"
        "CSeq: 2 CANCEL\r\nReason: SIP;cause=480;text=\"gone\"\r\nContent-Length: 0\r\n\r\n",
        header(trying, "Via"));
}

static void a_cancelled_call_stops_ringing_everywhere(void **state)
{
    scene *s = *state;

    register_both(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "180 Ringing", "b1", "");
    client_answer(&s->bob2, client_last(&s->bob2), "180 Ringing", "b2", "");
    send_cancel(s);
    assert_int_equal(client_status(&s->alice), 200);
    assert_string_equal(header(client_last(&s->bob1), "Reason"), "SIP;cause=480;text=\"gone\"");
    client_answer(&s->bob1, client_find(&s->bob1, "CANCEL "), "200 OK", "b1", "");
    client_answer(&s->bob1, client_find(&s->bob1, "INVITE "), "487 Request Terminated", "b1", "");
    client_answer(&s->bob2, client_find(&s->bob2, "CANCEL "), "200 OK", "b2", "");
    client_answer(&s->bob2, client_find(&s->bob2, "INVITE "), "487 Request Terminated", "b2", "");
    assert_int_equal(client_status(&s->alice), 487);
}

static void a_cancel_of_nothing_is_answered_481(void **state)
{
    scene *s = *state;

    client_send(
        &s->alice,
        "CANCEL sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKnone\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=alice\r\n"
        "To: <sip:bob@example.com>\r\nCall-ID: none\r\nCSeq: 2 CANCEL\r\nContent-Length: "
        "0\r\n\r\n");
    assert_int_equal(client_status(&s->alice), 481);
}

static void a_caller_that_vanishes_stops_the_ringing(void **state)
{
    scene *s = *state;

    register_bob1(s);
    invite(s);
    client_answer(&s->bob1, client_last(&s->bob1), "180 Ringing", "b1", "");
    client_close(&s->alice);
    client_open(&s->alice, &s->stage, "alice");
    assert_non_null(client_find(&s->bob1, "CANCEL "));
}

/* --- checks ----------------------------------------------------------------------------------- */

static int send_odd(scene *s, const char *method, const char *ruri, const char *extra)
{
    static unsigned serial;

    client_forget(&s->alice);
    client_send(
        &s->alice,
        "%s %s SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKodd%u\r\n%s"
        "From: <sip:alice@example.com>;tag=alice\r\nTo: <sip:bob@example.com>\r\nCall-ID: odd\r\n"
        "CSeq: 1 %s\r\nContent-Length: 0\r\n\r\n",
        method, ruri, ++serial, extra, method);
    return client_status(&s->alice);
}

static void a_request_that_has_hopped_too_often_is_answered_483(void **state)
{
    assert_int_equal(send_odd(*state, "INVITE", "sip:bob@example.com", "Max-Forwards: 0\r\n"), 483);
}

static void a_requirement_nobody_knows_is_answered_420(void **state)
{
    scene *s = *state;

    assert_int_equal(send_odd(s, "INVITE", "sip:bob@example.com", "Proxy-Require: magic\r\n"), 420);
    assert_string_equal(header(client_last(&s->alice), "Unsupported"), "magic");
}

static void a_scheme_that_is_not_routed_is_answered_416(void **state)
{
    assert_int_equal(send_odd(*state, "INVITE", "tel:+15551234", ""), 416);
}

static void the_switchboard_answers_for_itself(void **state)
{
    scene *s = *state;

    assert_int_equal(send_odd(s, "OPTIONS", "sip:example.com", ""), 200);
    assert_non_null(strstr(header(client_last(&s->alice), "Allow"), "INVITE"));
    assert_int_equal(send_odd(s, "MESSAGE", "sip:example.com", ""), 405);
    assert_int_equal(send_odd(s, "JUGGLE", "sip:example.com", ""), 501);
}

static void a_request_that_comes_round_is_a_loop(void **state)
{
    scene *s = *state;
    const char *text;
    char via[300];

    register_bob1(s);
    invite(s);
    text = client_find(&s->bob1, "INVITE ");
    snprintf(via, sizeof(via), "%s", header(text, "Via"));
    client_forget(&s->bob1);
    client_send(&s->bob1,
                "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WS "
                "b.invalid;branch=z9hG4bKloop\r\nVia: %s\r\n"
                "Max-Forwards: 60\r\nFrom: <sip:alice@example.com>;tag=alice\r\nTo: "
                "<sip:bob@example.com>\r\n"
                "Call-ID: call\r\nCSeq: 2 INVITE\r\nContent-Length: 0\r\n\r\n",
                via);
    assert_int_equal(client_status(&s->bob1), 482);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)
        TEST(a_call_without_credentials_is_challenged),
        TEST(a_call_to_nobody_is_answered_404_and_to_a_phone_that_is_away_480),
        TEST(a_caller_cannot_speak_in_another_name),
        TEST(a_caller_may_stay_anonymous),
        TEST(a_forwarded_invite_is_addressed_to_the_contact),
        TEST(a_call_is_set_up_and_ended_through_its_route),
        TEST(a_stranger_cannot_use_the_route_of_a_dialog),
        TEST(a_phone_that_reconnects_keeps_its_dialog),
        TEST(a_text_reaches_its_reader),
        TEST(the_losers_of_a_fork_are_cancelled),
        TEST(both_answers_of_a_race_come_back),
        TEST(the_best_refusal_comes_back_when_all_have_refused),
        TEST(a_decline_ends_the_ringing_of_the_others),
        TEST(an_overloaded_phone_does_not_overload_the_caller),
        TEST(a_phone_that_vanishes_while_ringing_is_unavailable),
        TEST(a_phone_that_never_answers_is_given_up),
        TEST(a_phone_that_says_nothing_times_out),
        TEST(a_cancelled_call_stops_ringing_everywhere),
        TEST(a_cancel_of_nothing_is_answered_481),
        TEST(a_caller_that_vanishes_stops_the_ringing),
        TEST(a_request_that_has_hopped_too_often_is_answered_483),
        TEST(a_requirement_nobody_knows_is_answered_420),
        TEST(a_scheme_that_is_not_routed_is_answered_416),
        TEST(the_switchboard_answers_for_itself),
        TEST(a_request_that_comes_round_is_a_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
