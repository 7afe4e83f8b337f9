/* options.c - OPTIONS, asked by us and asked of us by somebody. */
#include "unit/ua/support/stage.h"

static pipit_options *kept;
static int reply_status;
static bool keeps;

static void note(stage *at, const char *name, const char *detail)
{
    pp_buf_format(&at->log, "%s:%s ", name, detail);
}

static void on_new_options(pipit_ua *ua, const pipit_new_options_event *e, void *user)
{
    static const char *const lines[] = {"X-Own: yes", NULL};
    const pipit_reply_options reply = {.status_code = reply_status, .extra_headers = lines};

    (void)ua;
    assert_string_equal(pipit_request_method(e->request), "OPTIONS");
    assert_int_equal(pipit_options_direction(e->options), e->originator);
    note(user, "new_options", e->originator == PIPIT_LOCAL ? "local" : "remote");
    if (keeps)
        kept = pipit_options_ref(e->options);
    if (e->originator == PIPIT_REMOTE && reply_status)
        assert_int_equal(pipit_options_reject(e->options, &reply), 0);
}

static void on_succeeded(pipit_options *options, const pipit_options_event *e, void *user)
{
    (void)options;
    assert_string_equal(pipit_request_header(e->response, "Allow", 0), "INVITE");
    note(user, "succeeded", pipit_cause_name(e->cause));
}

static void on_failed(pipit_options *options, const pipit_options_event *e, void *user)
{
    (void)options;
    assert_int_equal(e->originator, e->response ? PIPIT_REMOTE : PIPIT_SYSTEM);
    note(user, "failed", pipit_cause_name(e->cause));
}

static const pipit_options_handlers handlers = {on_succeeded, on_failed};

static stage *listening(void)
{
    static pipit_ua_handlers with;
    stage *at;

    with = ua_handlers;
    with.new_options = on_new_options;
    at = stage_new(&(pipit_ua_configuration){
        .uri = "sip:alice@example.com", .no_register = true, .handlers = &with});
    reply_status = 0;
    keeps = false;
    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    check_events(at, "connected ");
    return at;
}

static void a_query_goes_out_and_is_answered(void **state)
{
    static const char *const lines[] = {"X-Own: yes", NULL};
    stage *at = listening();
    const pipit_options_options options = {.handlers = &handlers,
                                           .user = at,
                                           .extra_headers = lines,
                                           .from_user_name = "ann",
                                           .from_display_name = "Ann"};
    pipit_options *query = NULL;
    pipit_name_addr *ours = NULL;

    (void)state;
    assert_int_equal(pipit_ua_send_options(at->ua, "bob", NULL, &options, &query), 0);
    expect_sent(at, "OPTIONS sip:bob@example.com SIP/2.0");
    check_header(at->last, "X-Own", "yes");
    check_header(at->last, "Accept", "application/sdp, application/dtmf-relay");
    check_header(at->last, "Content-Type", NULL); /* JsSIP: one without a body */
    assert_true(header_holds(at->last, "From", "\"Ann\" <sip:ann@example.com>"));
    answer(at, at->last, "200 OK", "far", "Allow: INVITE\r\n", NULL);
    check_events(at, "new_options:local succeeded: ");
    assert_string_equal(pipit_options_remote_uri(query), "sip:bob@example.com");
    assert_int_equal(pipit_options_local_identity(query, &ours), 0);
    assert_string_equal(pipit_name_addr_display_name(ours), "Ann");
    pipit_name_addr_unref(ours);
    assert_int_equal(pipit_options_accept(query, NULL), PIPIT_ERR_STATE);
    pipit_options_unref(query);
    stage_free(at);
}

static void a_query_with_a_body_says_what_that_is(void **state)
{
    stage *at = listening();

    (void)state;
    assert_int_equal(pipit_ua_send_options(at->ua, "bob", "v=0", NULL, NULL), 0);
    expect_sent(at, "OPTIONS ");
    check_header(at->last, "Content-Type", "application/sdp");
    assert_int_equal(pipit_ua_send_options(at->ua, "bob", "x",
                                           &(pipit_options_options){.content_type = "text/plain"},
                                           NULL),
                     0);
    expect_sent(at, "OPTIONS ");
    check_header(at->last, "Content-Type", "text/plain");
    assert_int_equal(pipit_ua_send_options(at->ua, "bob@", NULL, NULL, NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_send_options(at->ua, NULL, NULL, NULL, NULL), PIPIT_ERR_ARGUMENT);
    expect_silence(at);
    stage_free(at);
}

static void a_query_fails_with_its_cause(void **state)
{
    stage *at = listening();
    const pipit_options_options options = {.handlers = &handlers, .user = at};

    (void)state;
    assert_int_equal(pipit_ua_send_options(at->ua, "bob", NULL, &options, NULL), 0);
    expect_sent(at, "OPTIONS ");
    answer(at, at->last, "404 Not Found", "far", NULL, NULL);
    assert_int_equal(pipit_ua_send_options(at->ua, "bob", NULL, &options, NULL), 0);
    advance_ms(at, 33000);
    check_events(at, "new_options:local failed:Not Found "
                     "new_options:local failed:Request Timeout ");
    stage_free(at);
}

static void ask(stage *at, const char *call_id)
{
    come(at, &(coming){.method = "OPTIONS", .call_id = call_id});
}

static void a_query_that_comes_is_answered_by_itself(void **state)
{
    stage *at = listening();

    (void)state;
    ask(at, "o1");
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Accept", "application/sdp, application/dtmf-relay");
    assert_true(header_holds(at->last, "Allow", "INVITE, "));
    check_events(at, "new_options:remote ");
    reply_status = 486;
    ask(at, "o2");
    expect_sent(at, "SIP/2.0 486 Busy Here");
    check_header(at->last, "X-Own", "yes");
    check_header(at->last, "Accept", NULL);
    stage_free(at);
}

static void a_query_that_was_kept_is_answered_later(void **state)
{
    stage *at = listening();
    pipit_name_addr *theirs = NULL;

    (void)state;
    keeps = true;
    ask(at, "o1");
    advance_ms(at, 5000);
    expect_silence(at);
    assert_int_equal(pipit_options_remote_identity(kept, &theirs), 0);
    assert_string_equal(pipit_name_addr_display_name(theirs), "Bob");
    pipit_name_addr_unref(theirs);
    assert_int_equal(pipit_options_reject(kept, &(pipit_reply_options){.status_code = 200}),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_options_accept(kept, NULL), 0);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(header_holds(at->last, "Allow", "INVITE, "));
    assert_int_equal(pipit_options_accept(kept, NULL), PIPIT_ERR_STATE);
    kept = pipit_options_unref(kept);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_goes_out_and_is_answered),
        cmocka_unit_test(a_query_with_a_body_says_what_that_is),
        cmocka_unit_test(a_query_fails_with_its_cause),
        cmocka_unit_test(a_query_that_comes_is_answered_by_itself),
        cmocka_unit_test(a_query_that_was_kept_is_answered_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
