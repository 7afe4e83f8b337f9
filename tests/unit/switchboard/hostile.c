/* hostile.c - tests of what a client can send that it should not, and of the files it can ask for. */
#include "base/limits.h"
#include "unit/switchboard/support/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- messages --------------------------------------------------------------------------------- */

static void garbage_is_dropped_and_the_connection_lives(void **state)
{
    stage *st = *state;
    client c;

    client_open(&c, st, "alice");
    client_send(&c, "hello");
    client_send(&c, "REGISTER\r\n\r\n");
    client_send(&c, "SIP/2.0 200 OK\r\n\r\n");
    client_send(&c, "INVITE sip:bob@example.com SIP/2.0\r\nVia\r\n\r\n");
    assert_int_equal(c.inbox_count, 0);
    assert_int_equal(st->refused, 4);
    assert_int_equal(client_register(&c, "<sip:a@a.invalid>", ""), 200);
    client_close(&c);
}

static void a_message_with_a_defect_is_answered_400(void **state)
{
    client c;

    client_open(&c, *state, "alice");
    client_send(
        &c,
        "MESSAGE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKd1\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\n"
        "Call-ID: d1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 999\r\n\r\nshort");
    assert_int_equal(client_status(&c), 400);
    client_close(&c);
}

static void an_ack_is_never_answered(void **state)
{
    client c;

    client_open(&c, *state, "alice");
    client_send(&c,
                "ACK sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKk1\r\n"
                "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: "
                "<sip:bob@example.com>;tag=2\r\n"
                "Call-ID: k1\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
    client_send(&c,
                "ACK sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKk2\r\n"
                "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>;tag=2\r\n"
                "Call-ID: k2\r\nCSeq: 1 ACK\r\nContent-Length: 99\r\n\r\n");
    assert_int_equal(c.inbox_count, 0);
    client_close(&c);
}

static void a_flood_of_requests_costs_the_stranger_his_connection(void **state)
{
    stage *st = *state;
    client stranger, alice;
    unsigned sent = 0;

    client_open(&stranger, st, "stranger");
    client_open(&alice, st, "alice");
    while (!stranger.closed && sent < PP_LIMIT_TRANSACTIONS) {
        client_send(
            &stranger,
            "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKf%u\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: "
            "<sip:bob@example.com>\r\n"
            "Call-ID: f%u\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
            sent, sent);
        sent++;
        client_forget(&stranger);
    }
    assert_int_equal(sent, PP_LIMIT_REQUESTS_OF_STRANGER + 1);
    assert_int_equal(client_register(&alice, "<sip:a@a.invalid>", ""), 200);
    client_close(&stranger);
    client_close(&alice);
}

static void a_response_nobody_waits_for_goes_nowhere(void **state)
{
    client alice, bob;

    client_open(&alice, *state, "alice");
    client_open(&bob, *state, "bob");
    assert_int_equal(client_register(&bob, "<sip:b@b.invalid>", ""), 200);
    client_forget(&bob);
    client_send(
        &alice,
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/WS 192.0.2.1:8080;branch=z9hG4bKzz\r\n"
        "Via: SIP/2.0/WS b.invalid;branch=z9hG4bKyy\r\nFrom: <sip:bob@example.com>;tag=1\r\n"
        "To: <sip:alice@example.com>;tag=2\r\nCall-ID: r\r\nCSeq: 1 INVITE\r\nContent-Length: "
        "0\r\n\r\n");
    assert_int_equal(alice.inbox_count, 0);
    assert_int_equal(bob.inbox_count, 0);
    client_close(&alice);
    client_close(&bob);
}

static void a_message_above_the_limit_ends_the_connection(void **state)
{
    stage *st = *state;
    client c;
    char *huge = malloc(PP_LIMIT_SIP_MESSAGE_DEFAULT + 2);

    assert_non_null(huge);
    memset(huge, 'a', PP_LIMIT_SIP_MESSAGE_DEFAULT + 1);
    huge[PP_LIMIT_SIP_MESSAGE_DEFAULT + 1] = '\0';
    client_open(&c, st, "alice");
    client_send(&c, "%s", huge);
    assert_true(c.closed);
    assert_int_equal(switchboard_connections(st->board), 0);
    free(huge);
    client_close(&c);
}

static void a_keep_alive_is_answered_and_a_single_crlf_is_not(void **state)
{
    client c;

    client_open(&c, *state, "alice");
    client_send(&c, "\r\n\r\n");
    assert_int_equal(c.inbox_count, 1);
    assert_string_equal(client_last(&c), "\r\n");
    client_send(&c, "\r\n");
    assert_int_equal(c.inbox_count, 1);
    client_close(&c);
}

static void the_trace_shows_no_credentials(void **state)
{
    stage *st = *state;
    client c;

    client_open(&c, st, "alice");
    assert_int_equal(client_register(&c, "<sip:a@a.invalid>", ""), 200);
    assert_non_null(strstr(st->last_text, "\r\nAuthorization: ***\r\n"));
    assert_null(strstr(st->last_text, "response="));
    client_close(&c);
}

/* --- connections ------------------------------------------------------------------------------ */

static void a_connection_that_never_becomes_a_websocket_is_closed(void **state)
{
    stage *st = *state;
    client c;

    client_open_raw(&c, st);
    client_send_raw(&c, "GET / HT", 8);
    sim_advance_ms(st->s, 9000);
    assert_false(c.closed);
    sim_advance_ms(st->s, 1500);
    assert_true(c.closed);
    client_close(&c);
}

static void a_client_that_speaks_tls_on_the_plain_port_is_let_go_at_once(void **state)
{
    client c;

    client_open_raw(&c, *state);
    client_send_raw(&c, "\x16\x03\x01\x02\x00\x01", 6);
    assert_true(c.closed);
    client_close(&c);
}

static void a_silent_connection_is_pinged_and_then_closed(void **state)
{
    stage *st = *state;
    client c;

    client_open(&c, st, "alice");
    sim_advance_ms(st->s, 300000); /* its pongs keep it */
    assert_false(c.closed);
    assert_int_equal(switchboard_connections(st->board), 1);
    sim_freeze_streams(st->s, true);
    sim_advance_ms(st->s, 61000);
    assert_int_equal(switchboard_connections(st->board), 0);
    sim_freeze_streams(st->s, false);
    client_close(&c);
}

static void the_number_of_connections_is_bounded(void **state)
{
    stage *st = *state;
    client *many = calloc(PP_LIMIT_CONNECTIONS, sizeof(*many)), late;

    assert_non_null(many);
    for (unsigned i = 0; i < PP_LIMIT_CONNECTIONS; i++)
        client_open(&many[i], st, "alice");
    assert_int_equal(switchboard_connections(st->board), PP_LIMIT_CONNECTIONS);
    client_open_raw(&late, st);
    assert_true(late.closed);
    client_close(&late);
    assert_int_equal(client_register(&many[0], "<sip:a@a.invalid>", ""), 200);
    for (unsigned i = 0; i < PP_LIMIT_CONNECTIONS; i++)
        client_close(&many[i]);
    assert_int_equal(switchboard_connections(st->board), 0);
    free(many);
}

/* --- files ------------------------------------------------------------------------------------ */

typedef struct site {
    stage stage;
    char folder[64];
} site;

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int open_site(void **state)
{
    site *s = calloc(1, sizeof(*s));
    char web[96], outside[128], link[128];

    assert_non_null(s);
    snprintf(s->folder, sizeof(s->folder), "/tmp/pipit-web-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(web, sizeof(web), "%s/web", s->folder);
    assert_int_equal(mkdir(web, 0700), 0);
    write_file(s->folder, "secret.txt", "secret");
    write_file(s->folder, "jssip.min.js", "var JsSIP;");
    write_file(web, "index.html", "<p>phone</p>");
    write_file(web, "phone.css", "p{}");
    write_file(web, ".hidden", "secret");
    snprintf(outside, sizeof(outside), "%s/secret.txt", s->folder);
    snprintf(link, sizeof(link), "%s/link.txt", web);
    assert_int_equal(symlink(outside, link), 0);
    snprintf(outside, sizeof(outside), "%s/jssip.min.js", s->folder);
    stage_open(&s->stage, web, outside);
    *state = s;
    return 0;
}

static int close_site(void **state)
{
    static const char *const names[] = {
        "web/index.html", "web/phone.css", "web/.hidden", "web/link.txt",
        "secret.txt",     "jssip.min.js",  "web",         ""};
    site *s = *state;
    char path[256];

    stage_close(&s->stage);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        snprintf(path, sizeof(path), "%s/%s", s->folder, names[i]);
        assert_int_equal(remove(path), 0);
    }
    free(s);
    return 0;
}

/* The answer to "METHOD TARGET", in a static buffer. */
static const char *ask(site *s, const char *line)
{
    static char answer[4096];
    char text[512];
    client c;

    client_open_raw(&c, &s->stage);
    snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: localhost\r\n\r\n", line);
    client_send_raw(&c, text, strlen(text));
    snprintf(answer, sizeof(answer), "%s", c.http ? c.http : "");
    assert_true(c.closed);
    client_close(&c);
    return answer;
}

static void a_page_is_served_with_its_type(void **state)
{
    const char *answer = ask(*state, "GET /");

    assert_int_equal(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17), 0);
    assert_non_null(strstr(answer, "Content-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\n<p>phone</p>"));
    answer = ask(*state, "GET /phone.css?v=1");
    assert_non_null(strstr(answer, "Content-Type: text/css; charset=utf-8\r\n"));
    answer = ask(*state, "GET /jssip.js");
    assert_non_null(strstr(answer, "Content-Type: text/javascript; charset=utf-8\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\nvar JsSIP;"));
}

static void a_head_request_gets_the_size_without_the_page(void **state)
{
    const char *answer = ask(*state, "HEAD /index.html");

    assert_non_null(strstr(answer, "Content-Length: 12\r\n"));
    assert_null(strstr(answer, "phone"));
}

static void a_path_never_leaves_the_folder(void **state)
{
    static const char *const paths[] = {
        "GET /../secret.txt",
        "GET /%2e%2e/secret.txt",
        "GET /..%2fsecret.txt",
        "GET /x/../../secret.txt",
        "GET //../secret.txt",
        "GET /./../secret.txt",
        "GET /.hidden",
        "GET /link.txt",
        "GET /..%5csecret.txt",
        "GET ../secret.txt",
        "GET /%00",
        "GET /index.html%00.css",
        "GET /missing",
        "GET /web",
        "GET http://x/secret.txt",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        const char *answer = ask(*state, paths[i]);

        assert_non_null(strstr(answer, "HTTP/1.1 40"));
        assert_null(strstr(answer, "\r\n\r\nsecret"));
    }
}

static void only_reading_is_allowed(void **state)
{
    assert_non_null(strstr(ask(*state, "POST /"), "HTTP/1.1 405"));
    assert_non_null(strstr(ask(*state, "DELETE /index.html"), "HTTP/1.1 405"));
}

static void a_switchboard_without_pages_says_what_it_wants(void **state)
{
    static const char question[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client c;

    client_open_raw(&c, *state);
    client_send_raw(&c, question, sizeof(question) - 1);
    assert_non_null(c.http);
    assert_non_null(strstr(c.http, "HTTP/1.1 426"));
    client_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WEB_TEST(name) cmocka_unit_test_setup_teardown(name, open_site, close_site)
        STAGE_TEST(garbage_is_dropped_and_the_connection_lives),
        STAGE_TEST(a_message_with_a_defect_is_answered_400),
        STAGE_TEST(an_ack_is_never_answered),
        STAGE_TEST(a_flood_of_requests_costs_the_stranger_his_connection),
        STAGE_TEST(a_response_nobody_waits_for_goes_nowhere),
        STAGE_TEST(a_message_above_the_limit_ends_the_connection),
        STAGE_TEST(a_keep_alive_is_answered_and_a_single_crlf_is_not),
        STAGE_TEST(the_trace_shows_no_credentials),
        STAGE_TEST(a_connection_that_never_becomes_a_websocket_is_closed),
        STAGE_TEST(a_client_that_speaks_tls_on_the_plain_port_is_let_go_at_once),
        STAGE_TEST(a_silent_connection_is_pinged_and_then_closed),
        STAGE_TEST(the_number_of_connections_is_bounded),
        STAGE_TEST(a_switchboard_without_pages_says_what_it_wants),
        WEB_TEST(a_page_is_served_with_its_type),
        WEB_TEST(a_head_request_gets_the_size_without_the_page),
        WEB_TEST(a_path_never_leaves_the_folder),
        WEB_TEST(only_reading_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
