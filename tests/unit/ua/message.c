/* message.c - instant messages, in and out. */
#include "unit/ua/support/stage.h"

static int send_text(stage *at, const char *target, pipit_message **out)
{
    pipit_message_options options = {.handlers = &message_handlers, .user = at};

    return pipit_ua_send_message(at->ua, target, "h\xC3\xA9llo", &options, out);
}

static void check_identity(pipit_message *message, const char *ours, const char *theirs)
{
    pipit_name_addr *local = NULL, *remote = NULL;
    char *text = NULL;

    assert_int_equal(pipit_message_local_identity(message, &local), 0);
    assert_int_equal(pipit_message_remote_identity(message, &remote), 0);
    assert_int_equal(pipit_uri_to_string(pipit_name_addr_uri(local), &text), 0);
    assert_string_equal(text, ours);
    pipit_free(text);
    assert_int_equal(pipit_uri_to_string(pipit_name_addr_uri(remote), &text), 0);
    assert_string_equal(text, theirs);
    pipit_free(text);
    pipit_name_addr_unref(local);
    pipit_name_addr_unref(remote);
}

static void a_message_goes_out(void **state)
{
    stage *at = stage_connected();
    pipit_message *message = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(send_text(at, "bob", &message), 0);
    expect_sent(at, "MESSAGE sip:bob@example.com SIP/2.0");
    check_header(at->last, "Content-Type", "text/plain");
    check_header(at->last, "Content-Length", "6");
    check_header(at->last, "Contact", NULL); /* RFC 3428 section 4 */
    assert_string_equal(pipit_message_body(message, &size), "h\xC3\xA9llo");
    assert_int_equal(size, 6);
    assert_string_equal(pipit_message_remote_uri(message), "sip:bob@example.com");
    assert_int_equal(pipit_message_direction(message), PIPIT_LOCAL);
    check_identity(message, "sip:alice@example.com", "sip:bob@example.com");
    assert_int_equal(pipit_message_accept(message, NULL), PIPIT_ERR_STATE);
    answer(at, at->last, "202 Accepted", "far", NULL, NULL);
    check_events(at, "new_message:h\xC3\xA9llo message_succeeded ");
    pipit_message_unref(message);
    stage_free(at);
}

static void a_message_fails_with_its_cause(void **state)
{
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(send_text(at, "bob", NULL), 0);
    expect_sent(at, "MESSAGE ");
    answer(at, at->last, "404 Not Found", "far", NULL, NULL);
    assert_int_equal(send_text(at, "bob", NULL), 0);
    advance_ms(at, 33000);
    pipit_socket_disconnected(at->socket, false, 1000, NULL);
    assert_int_equal(send_text(at, "bob", NULL), 0);
    advance_ms(at, 1);
    check_events(at, "new_message:h\xC3\xA9llo message_failed:Not Found "
                     "new_message:h\xC3\xA9llo message_failed:Request Timeout "
                     "new_message:h\xC3\xA9llo disconnected message_failed:Connection Error ");
    stage_free(at);
}

static void a_message_that_cannot_be_is_told_at_once(void **state)
{
    stage *at = stage_connected();
    pipit_message_options options = {.content_type = "text/plain\r\nX-Evil: yes"};

    (void)state;
    assert_int_equal(send_text(at, "bob@", NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(send_text(at, NULL, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", NULL, NULL, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", &options, NULL), PIPIT_ERR_SYNTAX);
    expect_silence(at);
    check_events(at, "");
    stage_free(at);
}

static void text_in(stage *at, const char *call_id)
{
    come(at, &(coming){.method = "MESSAGE",
                       .call_id = call_id,
                       .lines = "Content-Type: text/plain;charset=utf-8\r\n",
                       .body = "ahoy",
                       .typed = true});
}

static void a_message_that_comes_is_taken(void **state)
{
    stage *at = stage_connected();

    (void)state;
    at->keep_message = true;
    at->message_reply = 200;
    text_in(at, "m1");
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "new_message:ahoy ");
    assert_string_equal(pipit_message_remote_uri(at->message), "sip:bob@example.com");
    assert_string_equal(pipit_message_remote_display_name(at->message), "Bob");
    check_identity(at->message, "sip:alice@example.com", "sip:bob@example.com");
    assert_string_equal(pipit_message_content_type(at->message), "text/plain;charset=utf-8");
    assert_int_equal(pipit_message_reject(at->message, NULL), PIPIT_ERR_STATE);
    stage_free(at);
}

static void a_message_nobody_answers_is_taken(void **state)
{
    stage *at = stage_connected();

    (void)state;
    text_in(at, "m1");
    expect_sent(at, "SIP/2.0 200 OK");
    at->message_reply = 403;
    text_in(at, "m2");
    expect_sent(at, "SIP/2.0 403 Forbidden");
    stage_free(at);
}

static void a_message_that_was_kept_is_answered_later(void **state)
{
    static const char *const lines[] = {"X-Why: busy", NULL};
    pipit_reply_options options = {.status_code = 200, .extra_headers = lines, .body = "later"};
    stage *at = stage_connected();

    (void)state;
    at->keep_message = true;
    text_in(at, "m1");
    advance_ms(at, 10000);
    expect_silence(at);
    assert_int_equal(pipit_message_reject(at->message, &options), PIPIT_ERR_ARGUMENT);
    options.status_code = 486;
    assert_int_equal(pipit_message_reject(at->message, &options), 0);
    expect_sent(at, "SIP/2.0 486 Busy Here");
    check_header(at->last, "X-Why", "busy");
    assert_int_equal(pp_message_count(at->last, PP_HEADER_CONTENT_TYPE), 1);
    check_header(at->last, "Content-Type",
                 "text/plain"); /* JsSIP: two, one of them application/sdp */
    at->message = pipit_message_unref(at->message);
    text_in(at, "m2"); /* kept, and let go */
    expect_silence(at);
    at->message = pipit_message_unref(at->message);
    expect_sent(at, "SIP/2.0 200 OK");
    stage_free(at);
}

static void a_message_outlives_its_user_agent(void **state)
{
    stage *at = stage_connected();
    pipit_message *sent = NULL;

    (void)state;
    at->keep_message = true;
    text_in(at, "m1");
    assert_int_equal(send_text(at, "bob", &sent), 0);
    at->ua = pipit_ua_unref(at->ua);
    assert_string_equal(pipit_message_body(at->message, NULL), "ahoy");
    assert_int_equal(pipit_message_accept(at->message, NULL), PIPIT_ERR_STATE);
    pipit_message_unref(sent);
    check_events(at, "new_message:ahoy new_message:h\xC3\xA9llo ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_goes_out),
        cmocka_unit_test(a_message_fails_with_its_cause),
        cmocka_unit_test(a_message_that_cannot_be_is_told_at_once),
        cmocka_unit_test(a_message_that_comes_is_taken),
        cmocka_unit_test(a_message_nobody_answers_is_taken),
        cmocka_unit_test(a_message_that_was_kept_is_answered_later),
        cmocka_unit_test(a_message_outlives_its_user_agent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
