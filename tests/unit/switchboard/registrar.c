/* registrar.c - tests of registration, digest and bindings. */
#include "sip/digest.h"
#include "unit/switchboard/support/client.h"

#include <stdio.h>

#define CONTACT "<sip:x1@client.invalid;transport=ws>"

static void a_challenge_offers_sha_256_and_then_md5(void **state)
{
    client alice;
    const char *first, *second;

    client_open(&alice, *state, "alice");
    client_send(
        &alice,
        "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKa1\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\n"
        "Call-ID: c1\r\nCSeq: 1 REGISTER\r\nContact: " CONTACT "\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(client_status(&alice), 401);
    first = strstr(client_last(&alice), "WWW-Authenticate: Digest");
    assert_non_null(first);
    second = strstr(first + 1, "WWW-Authenticate: Digest");
    assert_non_null(second);
    assert_true(strstr(first, "algorithm=SHA-256") < second);
    assert_non_null(strstr(second, "algorithm=MD5"));
    assert_null(strstr(first, "stale"));
    client_close(&alice);
}

static void a_user_registers_with_either_algorithm(void **state)
{
    client alice, bob;
    request r = {.method = "REGISTER",
                 .ruri = "sip:example.com",
                 .to = "<sip:bob@example.com>",
                 .extra = "Contact: <sip:b@b.invalid>\r\n",
                 .algorithm = "MD5"};

    client_open(&alice, *state, "alice");
    client_open(&bob, *state, "bob");
    assert_int_equal(client_register(&alice, CONTACT ";expires=100", ""), 200);
    assert_string_equal(header(client_last(&alice), "Contact"), CONTACT ";expires=100");
    assert_int_equal(client_request(&bob, &r), 200);
    assert_int_equal(switchboard_bindings(((stage *)*state)->board, "alice"), 1);
    assert_int_equal(switchboard_bindings(((stage *)*state)->board, "bob"), 1);
    client_close(&alice);
    client_close(&bob);
}

static void a_wrong_password_is_challenged_again_and_not_as_stale(void **state)
{
    client alice;
    request r = {.method = "REGISTER",
                 .ruri = "sip:example.com",
                 .to = "<sip:alice@example.com>",
                 .extra = "Contact: " CONTACT "\r\n",
                 .password = "wrong"};

    client_open(&alice, *state, "alice");
    assert_int_equal(client_request(&alice, &r), 401);
    assert_null(strstr(client_last(&alice), "stale"));
    assert_int_equal(((stage *)*state)->refused, 1);
    assert_int_equal(switchboard_bindings(((stage *)*state)->board, "alice"), 0);
    client_close(&alice);
}

static void an_unknown_user_looks_like_a_wrong_password(void **state)
{
    client mallory;

    client_open(&mallory, *state, "mallory");
    assert_int_equal(client_register(&mallory, CONTACT, ""), 401);
    client_close(&mallory);
}

static void the_guesser_loses_the_connection(void **state)
{
    client alice;
    request r = {.method = "REGISTER",
                 .ruri = "sip:example.com",
                 .to = "<sip:alice@example.com>",
                 .password = "no"};

    client_open(&alice, *state, "alice");
    for (unsigned i = 0; i < 10; i++) {
        assert_false(alice.closed);
        client_request(&alice, &r);
    }
    assert_true(alice.closed);
    client_close(&alice);
}

static void a_user_cannot_register_another(void **state)
{
    client alice;
    request r = {.method = "REGISTER",
                 .ruri = "sip:example.com",
                 .to = "<sip:bob@example.com>",
                 .extra = "Contact: " CONTACT "\r\n"};

    client_open(&alice, *state, "alice");
    assert_int_equal(client_request(&alice, &r), 403);
    assert_int_equal(switchboard_bindings(((stage *)*state)->board, "bob"), 0);
    client_close(&alice);
}

static void a_foreign_domain_is_not_served(void **state)
{
    client alice;
    request r = {.method = "REGISTER", .ruri = "sip:example.org", .to = "<sip:alice@example.org>"};

    client_open(&alice, *state, "alice");
    assert_int_equal(client_request(&alice, &r), 404);
    client_close(&alice);
}

/* The Authorization of the last challenge, made by hand so that a test can send it twice. */
static void answer_once(client *c, const char *nonce, const char *nc, const char *branch)
{
    char digest[2 * PP_HASH_MAX + 1];
    pp_digest_input input = {.algorithm = PP_HASH_SHA256,
                             .username = PP_LIT("alice"),
                             .realm = PP_LIT("example.com"),
                             .password = PP_LIT("ecila"),
                             .method = PP_LIT("REGISTER"),
                             .uri = PP_LIT("sip:example.com"),
                             .nonce = pp_str_c(nonce),
                             .cnonce = PP_LIT("abc"),
                             .qop = PP_LIT("auth"),
                             .nc = pp_str_c(nc)};

    assert_int_equal(pp_digest_response(&input, digest), 0);
    client_forget(c);
    client_send(
        c,
        "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/WS "
        "a.invalid;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"
        "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\nCall-ID: c%s\r\n"
        "CSeq: 1 REGISTER\r\nAuthorization: Digest username=\"alice\", realm=\"example.com\", "
        "nonce=\"%s\", "
        "uri=\"sip:example.com\", response=\"%s\", algorithm=SHA-256, qop=auth, nc=%s, "
        "cnonce=\"abc\"\r\n"
        "Content-Length: 0\r\n\r\n",
        branch, branch, nonce, digest, nc);
}

static void fetch_nonce(client *c, char *out, size_t size)
{
    client_send(
        c,
        "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKfetch\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\n"
        "Call-ID: fetch\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(client_status(c), 401);
    snprintf(out, size, "%s", parameter(header(client_last(c), "WWW-Authenticate"), "nonce"));
}

static void a_nonce_serves_rising_counts_and_no_count_twice(void **state)
{
    client alice;
    char nonce[128];

    client_open(&alice, *state, "alice");
    fetch_nonce(&alice, nonce, sizeof(nonce));
    answer_once(&alice, nonce, "00000001", "n1");
    assert_int_equal(client_status(&alice), 200);
    answer_once(&alice, nonce, "00000001", "n2");
    assert_int_equal(client_status(&alice), 401);
    assert_non_null(strstr(client_last(&alice), "stale=true"));
    answer_once(&alice, nonce, "0000000A", "n3");
    assert_int_equal(client_status(&alice), 200);
    client_close(&alice);
}

static void an_old_nonce_is_stale(void **state)
{
    client alice;
    char nonce[128];

    client_open(&alice, *state, "alice");
    fetch_nonce(&alice, nonce, sizeof(nonce));
    sim_advance_ms(alice.s, 61000);
    answer_once(&alice, nonce, "00000001", "o1");
    assert_int_equal(client_status(&alice), 401);
    assert_non_null(strstr(client_last(&alice), "stale=true"));
    client_close(&alice);
}

static void a_nonce_of_another_connection_is_stale(void **state)
{
    client alice, thief;
    char nonce[128];

    client_open(&alice, *state, "alice");
    client_open(&thief, *state, "alice");
    fetch_nonce(&alice, nonce, sizeof(nonce));
    answer_once(&thief, nonce, "00000001", "t1");
    assert_int_equal(client_status(&thief), 401);
    client_close(&alice);
    client_close(&thief);
}

static void a_made_up_nonce_is_not_taken(void **state)
{
    client alice;

    client_open(&alice, *state, "alice");
    answer_once(&alice, "f4240-1-0-0123456789abcdef", "00000001", "m1");
    assert_int_equal(client_status(&alice), 401);
    answer_once(&alice, "", "00000001", "m2");
    assert_int_equal(client_status(&alice), 401);
    client_close(&alice);
}

static void the_answer_lists_all_bindings_with_instance_and_flow(void **state)
{
    client a, b;
    const char *answer;

    client_open(&a, *state, "alice");
    client_open(&b, *state, "alice");
    assert_int_equal(
        client_register(&a,
                        "<sip:one@a.invalid>;reg-id=1;+sip.instance=\"<urn:uuid:1>\";expires=60",
                        "Supported: path, outbound\r\n"),
        200);
    assert_int_equal(client_register(&b, "<sip:two@b.invalid>;expires=90", ""), 200);
    answer = client_last(&b);
    assert_non_null(
        strstr(answer, "<sip:one@a.invalid>;expires=60;+sip.instance=\"<urn:uuid:1>\";reg-id=1"));
    assert_non_null(strstr(answer, "<sip:two@b.invalid>;expires=90"));
    client_close(&a);
    client_close(&b);
}

static void an_instance_that_comes_back_replaces_its_binding(void **state)
{
    client a, b;
    stage *st = *state;

    client_open(&a, st, "alice");
    client_open(&b, st, "alice");
    assert_int_equal(
        client_register(&a, "<sip:one@a.invalid>;reg-id=1;+sip.instance=\"<urn:uuid:1>\"", ""),
        200);
    assert_int_equal(
        client_register(&b, "<sip:new@b.invalid>;reg-id=1;+sip.instance=\"<urn:uuid:1>\"", ""),
        200);
    assert_int_equal(switchboard_bindings(st->board, "alice"), 1);
    assert_non_null(strstr(client_last(&b), "<sip:new@b.invalid>"));
    assert_null(strstr(client_last(&b), "<sip:one@a.invalid>"));
    client_close(&a); /* the old connection takes nothing along */
    assert_int_equal(switchboard_bindings(st->board, "alice"), 1);
    client_close(&b);
}

static void a_binding_runs_out(void **state)
{
    client alice;
    stage *st = *state;

    client_open(&alice, st, "alice");
    assert_int_equal(client_register(&alice, CONTACT, "Expires: 20\r\n"), 200);
    assert_string_equal(header(client_last(&alice), "Contact"), CONTACT ";expires=20");
    sim_advance_ms(st->s, 19000);
    assert_int_equal(switchboard_bindings(st->board, "alice"), 1);
    sim_advance_ms(st->s, 2000);
    assert_int_equal(switchboard_bindings(st->board, "alice"), 0);
    assert_int_equal(st->unregistered, 1);
    client_close(&alice);
}

static void a_binding_goes_with_its_connection(void **state)
{
    client alice;
    stage *st = *state;

    client_open(&alice, st, "alice");
    assert_int_equal(client_register(&alice, CONTACT, ""), 200);
    client_close(&alice);
    assert_int_equal(switchboard_bindings(st->board, "alice"), 0);
    assert_int_equal(switchboard_connections(st->board), 0);
}

static void too_brief_an_interval_is_answered_423(void **state)
{
    client alice;

    client_open(&alice, *state, "alice");
    assert_int_equal(client_register(&alice, CONTACT ";expires=9", ""), 423);
    assert_string_equal(header(client_last(&alice), "Min-Expires"), "10");
    assert_int_equal(client_register(&alice, CONTACT ";expires=10", ""), 200);
    client_close(&alice);
}

static void too_long_an_interval_is_cut(void **state)
{
    client alice;

    client_open(&alice, *state, "alice");
    assert_int_equal(client_register(&alice, CONTACT ";expires=4294967295", ""), 200);
    assert_string_equal(header(client_last(&alice), "Contact"), CONTACT ";expires=3600");
    client_close(&alice);
}

static void a_binding_is_taken_back_alone_or_with_all(void **state)
{
    client a, b;
    stage *st = *state;

    client_open(&a, st, "alice");
    client_open(&b, st, "alice");
    assert_int_equal(client_register(&a, CONTACT, ""), 200);
    assert_int_equal(client_register(&b, "<sip:two@b.invalid>", ""), 200);
    assert_int_equal(client_register(&a, CONTACT ";expires=0", ""), 200);
    assert_int_equal(switchboard_bindings(st->board, "alice"), 1);
    assert_int_equal(client_register(&a, CONTACT, ""), 200);
    assert_int_equal(client_register(&a, "*", "Expires: 0\r\n"), 200);
    assert_int_equal(switchboard_bindings(st->board, "alice"), 0);
    assert_string_equal(header(client_last(&a), "Contact"), "");
    client_close(&a);
    client_close(&b);
}

static void a_star_that_does_not_stand_alone_is_refused(void **state)
{
    client alice;

    client_open(&alice, *state, "alice");
    assert_int_equal(client_register(&alice, "*", ""), 400);
    assert_int_equal(client_register(&alice, "*", "Expires: 60\r\n"), 400);
    assert_int_equal(client_register(&alice, "*, " CONTACT, "Expires: 0\r\n"), 400);
    client_close(&alice);
}

static void an_overtaken_register_changes_nothing(void **state)
{
    client alice;
    request r = {.method = "REGISTER",
                 .ruri = "sip:example.com",
                 .to = "<sip:alice@example.com>",
                 .extra = "Contact: " CONTACT "\r\n",
                 .call_id = "fixed",
                 .cseq = 10};

    client_open(&alice, *state, "alice");
    assert_int_equal(client_request(&alice, &r), 200);
    r.extra = "Contact: " CONTACT ";expires=0\r\n";
    r.cseq = 5;
    assert_int_equal(client_request(&alice, &r), 500);
    assert_int_equal(switchboard_bindings(((stage *)*state)->board, "alice"), 1);
    client_close(&alice);
}

static void the_number_of_contacts_is_bounded(void **state)
{
    client alice;
    stage *st = *state;
    char contact[64];
    int status = 200;

    client_open(&alice, st, "alice");
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(contact, sizeof(contact), "<sip:c%u@x.invalid>", i);
        status = client_register(&alice, contact, "");
        assert_int_equal(status, i < 10 ? 200 : 503);
    }
    assert_int_equal(switchboard_bindings(st->board, "alice"), 10);
    client_close(&alice);
}

static void a_contact_that_is_no_sip_uri_is_refused(void **state)
{
    client alice;

    client_open(&alice, *state, "alice");
    assert_int_equal(client_register(&alice, "<http://example.com/>", ""), 400);
    assert_int_equal(client_register(&alice, "<sip:>", ""), 400);
    client_close(&alice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_challenge_offers_sha_256_and_then_md5),
        STAGE_TEST(a_user_registers_with_either_algorithm),
        STAGE_TEST(a_wrong_password_is_challenged_again_and_not_as_stale),
        STAGE_TEST(an_unknown_user_looks_like_a_wrong_password),
        STAGE_TEST(the_guesser_loses_the_connection),
        STAGE_TEST(a_user_cannot_register_another),
        STAGE_TEST(a_foreign_domain_is_not_served),
        STAGE_TEST(a_nonce_serves_rising_counts_and_no_count_twice),
        STAGE_TEST(an_old_nonce_is_stale),
        STAGE_TEST(a_nonce_of_another_connection_is_stale),
        STAGE_TEST(a_made_up_nonce_is_not_taken),
        STAGE_TEST(the_answer_lists_all_bindings_with_instance_and_flow),
        STAGE_TEST(an_instance_that_comes_back_replaces_its_binding),
        STAGE_TEST(a_binding_runs_out),
        STAGE_TEST(a_binding_goes_with_its_connection),
        STAGE_TEST(too_brief_an_interval_is_answered_423),
        STAGE_TEST(too_long_an_interval_is_cut),
        STAGE_TEST(a_binding_is_taken_back_alone_or_with_all),
        STAGE_TEST(a_star_that_does_not_stand_alone_is_refused),
        STAGE_TEST(an_overtaken_register_changes_nothing),
        STAGE_TEST(the_number_of_contacts_is_bounded),
        STAGE_TEST(a_contact_that_is_no_sip_uri_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
