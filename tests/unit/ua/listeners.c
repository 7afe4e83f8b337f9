/* listeners.c - handlers of a user agent beside those of its configuration, and the one that sees every event. */
#include "unit/ua/support/stage.h"

static char heard[1024];

static void hear(const char *who, const char *what)
{
    size_t n = strlen(heard);

    snprintf(heard + n, sizeof(heard) - n, "%s%s ", who, what);
}

static void check_heard(const char *expected)
{
    assert_string_equal(heard, expected);
    heard[0] = '\0';
}

/* --- every event ------------------------------------------------------------------------------ */

static void on_any(pipit_ua *ua, const char *name, const void *event, void *user)
{
    (void)ua;
    hear(user, name);
    if (strcmp(name, "newRTCSession") == 0)
        assert_non_null(((const pipit_new_rtc_session_event *)event)->session);
    assert_true((event == NULL) == (strcmp(name, "stopped") == 0));
}

static const pipit_ua_handlers curious = {.any = on_any};

static void a_curious_handler_sees_every_event_by_its_name(void **state)
{
    pipit_ua_configuration c = {.uri = "sip:alice@example.com", .password = "wonderland"};
    stage *at = stage_new(&c);

    (void)state;
    heard[0] = '\0';
    assert_int_equal(pipit_ua_add_handlers(at->ua, &curious, ""), 0);
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    answer(at, at->last, "403 Forbidden", "r", NULL, NULL);
    check_heard("connecting connected newTransaction registrationFailed ");
    come(at, &(coming){.method = "MESSAGE"});
    expect_sent(at, "SIP/2.0 200 ");
    call_in(at, NULL, OFFER);
    pipit_ua_stop(at->ua);
    advance_ms(at, 1);
    check_heard("newMessage newRTCSession newTransaction newTransaction transactionDestroyed "
                "transactionDestroyed disconnected transactionDestroyed stopped ");
    stage_free(at);
}

/* --- transactions ----------------------------------------------------------------------------- */

static void note_transaction(const char *what, const pipit_transaction_event *e)
{
    char text[96];

    assert_true(strncmp(e->branch, "z9hG4bK", 7) == 0);
    assert_true((e->originator == PIPIT_LOCAL) == (strchr(e->type, 'c') && e->type[1] != 's'));
    snprintf(text, sizeof(text), "%s:%s:%s", what, e->type, e->method);
    hear("", text);
}

static void on_new_transaction(pipit_ua *ua, const pipit_transaction_event *e, void *user)
{
    stage *at = user;

    assert_ptr_equal(ua, at->ua);
    note_transaction("new", e);
    if (strcmp(e->method, "OPTIONS") == 0)
        at->ua = pipit_ua_unref(at->ua); /* the worst */
}

static void on_transaction_destroyed(pipit_ua *ua, const pipit_transaction_event *e, void *user)
{
    (void)ua;
    (void)user;
    note_transaction("over", e);
}

static const pipit_ua_handlers of_transactions = {
    .new_transaction = on_new_transaction, .transaction_destroyed = on_transaction_destroyed};

static void every_transaction_is_told(void **state)
{
    stage *at = stage_connected();

    (void)state;
    heard[0] = '\0';
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_transactions, at), 0);
    pipit_ua_send_message(at->ua, "bob", "x", NULL, NULL);
    check_heard(""); /* not in the middle of something */
    advance_ms(at, 1);
    check_heard("new:nict:MESSAGE ");
    expect_sent(at, "MESSAGE ");
    answer(at, at->last, "200 OK", "far", NULL, NULL);
    call_out(at);
    check_heard("over:nict:MESSAGE new:ict:INVITE ");
    call_in(at, NULL, OFFER);
    advance_ms(at, 1);
    check_heard("new:ist:INVITE ");
    come(at, &(coming){.method = "OPTIONS", .call_id = "2"});
    advance_ms(at, 1);
    check_heard("new:nist:OPTIONS ");
    assert_null(at->ua);
    stage_free(at);
}

static void start_again(pipit_ua *ua, const pipit_transaction_event *e, void *user)
{
    (void)e;
    (void)user;
    pipit_ua_start(ua);
}

/* Who hears of the transactions that end with it may start it again: it was not stopped then. */
static void a_user_agent_started_while_it_stops_says_nothing_of_it(void **state)
{
    static const pipit_ua_handlers of_the_end = {.transaction_destroyed = start_again};
    stage *at = stage_in_call();

    (void)state;
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_the_end, at), 0);
    bye_in(at, "far"); /* its transaction waits for repeats, and ends with the user agent */
    at->log.n = 0;
    pipit_ua_stop(at->ua);
    advance_ms(at, 3000);
    assert_null(strstr(at->log.n ? (char *)at->log.p : "", "stopped"));
    assert_true(pipit_ua_is_connected(at->ua));
    assert_int_equal(pipit_ua_remove_handlers(at->ua, &of_the_end, at), 0);
    stage_free(at);
}

static void start_and_stop_once(pipit_ua *ua, const pipit_transaction_event *e, void *user)
{
    stage *at = user;

    (void)e;
    if (at->keep_message)
        return;
    at->keep_message = true;
    pipit_ua_start(ua);
    pipit_ua_send_message(ua, "bob", "x", NULL, NULL); /* which the stop waits for */
    pipit_ua_stop(ua);
}

/* The second stop begins where the first ends, and has an end of its own: what begins behind it is nothing it could end. */
static void a_stop_within_a_stop_is_over_with_it(void **state)
{
    static const pipit_ua_handlers of_the_end = {.transaction_destroyed = start_and_stop_once};
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_the_end, at), 0);
    pipit_ua_send_message(at->ua, "bob", "without an answer", NULL, NULL);
    expect_sent(at, "MESSAGE ");
    pipit_ua_stop(at->ua);
    advance_ms(at, 2100);
    check_events(at,
                 "new_message:without an answer disconnected new_message:x disconnected stopped ");
    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    call_out(at);
    advance_ms(at, 3000);
    assert_true(pipit_session_is_in_progress(at->session));
    stage_free(at);
}

static void a_transaction_is_not_told_without_memory(void **state)
{
    static const pipit_ua_handlers of_new = {.new_transaction = on_new_transaction};
    const pp_ua_request_options options = {.method = PP_MESSAGE, .target = PP_LIT("sip:b@c")};
    pp_client_transaction *transaction = NULL;
    pp_outgoing *request = NULL;

    (void)state;
    heard[0] = '\0';
    for (uint64_t failing = 1; failing <= 4; failing++) {
        stage *at;

        scarce_begin(0);
        at = stage_connected();
        assert_int_equal(pp_ua_request(at->ua, &options, &request), 0);
        assert_int_equal(pp_ua_set_via(at->ua, request), 0);
        assert_int_equal(
            pp_client_start(at->ua->transactions, NULL, request, NULL, NULL, &transaction), 0);
        assert_int_equal(pipit_ua_add_handlers(at->ua, &of_new, at), 0);
        scarce_fail(failing);
        pp_ua_transaction_changed(
            at->ua, &(pp_transaction_change){.begun = true,
                                             .client = true,
                                             .method = PP_LIT("MESSAGE"),
                                             .branch = pp_client_branch(transaction)});
        scarce_relax();
        advance_ms(at, 1);
        check_heard(failing <= 3 ? "" : "new:nict:MESSAGE ");
        pp_client_forget(transaction);
        pp_outgoing_unref(request);
        stage_free(at);
        assert_int_equal(scarce_end(), 0);
    }
}

/* --- several ---------------------------------------------------------------------------------- */

static void on_connected(pipit_ua *ua, const pipit_connected_event *event, void *user)
{
    assert_ptr_equal(pipit_ua_get_status(ua) == PIPIT_UA_READY ? event->socket : NULL,
                     event->socket);
    hear(user, "connected");
}

static void on_disconnected(pipit_ua *ua, const pipit_disconnected_event *event, void *user)
{
    (void)ua;
    (void)event;
    hear(user, "disconnected");
}

static const pipit_ua_handlers also = {.connected = on_connected, .disconnected = on_disconnected};

static void lose(stage *at)
{
    pipit_socket_disconnected(at->socket, true, 1006, "");
    advance_ms(at, 1);
}

static void a_user_agent_has_many_listeners(void **state)
{
    stage *at = stage_new(NULL);

    (void)state;
    heard[0] = '\0';
    assert_int_equal(pipit_ua_add_handlers(at->ua, &also, "a:"), 0);
    assert_int_equal(pipit_ua_add_handlers(at->ua, &also, "b:"), 0);
    assert_int_equal(pipit_ua_add_handlers(at->ua, NULL, NULL), PIPIT_ERR_ARGUMENT);
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    check_heard("a:connected b:connected ");
    check_events(at, "connected ");
    assert_int_equal(pipit_ua_remove_handlers(at->ua, &also, "a:"), 0);
    assert_int_equal(pipit_ua_remove_handlers(at->ua, &also, "a:"), PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_ua_remove_handlers(at->ua, &ua_handlers, at), 0);
    lose(at);
    check_heard("b:disconnected ");
    check_events(at, "");
    stage_free(at);
}

static void whoever_listens_later_gets_calls(void **state)
{
    static const pipit_ua_handlers deaf = {0};
    pipit_ua_configuration c = {.uri = "sip:alice@example.com", .no_register = true};
    stage *at;

    (void)state;
    c.handlers = &deaf;
    at = stage_new(&c);
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    come(at, &(coming){.method = "MESSAGE"});
    expect_sent(at, "SIP/2.0 405 ");
    assert_int_equal(pipit_ua_add_handlers(at->ua, &ua_handlers, at), 0);
    come(at, &(coming){.method = "MESSAGE", .call_id = "2"});
    expect_sent(at, "SIP/2.0 200 ");
    stage_free(at);
}

/* --- while an event is on its way ------------------------------------------------------------- */

static const pipit_ua_handlers once;

static void once_connected(pipit_ua *ua, const pipit_connected_event *event, void *user)
{
    (void)event;
    hear(user, "once");
    assert_int_equal(pipit_ua_remove_handlers(ua, &once, user), 0);
}

static void remove_b(pipit_ua *ua, const pipit_connected_event *event, void *user)
{
    (void)event;
    (void)user;
    pipit_ua_remove_handlers(ua, &also, "b:");
}

static void add_b(pipit_ua *ua, const pipit_connected_event *event, void *user)
{
    (void)event;
    (void)user;
    assert_int_equal(pipit_ua_add_handlers(ua, &also, "b:"), 0);
}

static void release(pipit_ua *ua, const pipit_connected_event *event, void *user)
{
    stage *at = user;

    (void)event;
    assert_ptr_equal(ua, at->ua);
    at->ua = pipit_ua_unref(at->ua);
}

static const pipit_ua_handlers once = {.connected = once_connected};
static const pipit_ua_handlers remover = {.connected = remove_b};
static const pipit_ua_handlers adder = {.connected = add_b};
static const pipit_ua_handlers releaser = {.connected = release};

static void reconnect(stage *at)
{
    lose(at);
    advance_ms(at, 3000);
}

static void a_handler_may_take_itself_out(void **state)
{
    stage *at = stage_connected();

    (void)state;
    heard[0] = '\0';
    pipit_ua_add_handlers(at->ua, &once, "a:");
    pipit_ua_add_handlers(at->ua, &also, "b:");
    reconnect(at);
    check_heard("b:disconnected a:once b:connected ");
    reconnect(at);
    check_heard("b:disconnected b:connected ");
    stage_free(at);
}

static void a_handler_that_was_removed_is_not_called(void **state)
{
    stage *at = stage_connected();

    (void)state;
    heard[0] = '\0';
    pipit_ua_add_handlers(at->ua, &remover, NULL);
    pipit_ua_add_handlers(at->ua, &also, "b:");
    pipit_ua_add_handlers(at->ua, &also, "c:");
    reconnect(at);
    check_heard("b:disconnected c:disconnected c:connected ");
    stage_free(at);
}

static void a_handler_that_was_added_gets_the_next_event(void **state)
{
    stage *at = stage_connected();

    (void)state;
    heard[0] = '\0';
    pipit_ua_add_handlers(at->ua, &adder, NULL);
    reconnect(at);
    check_heard("");
    pipit_ua_remove_handlers(at->ua, &adder, NULL);
    reconnect(at);
    check_heard("b:disconnected b:connected ");
    stage_free(at);
}

static void a_handler_may_release_the_user_agent(void **state)
{
    stage *at = stage_new(NULL);

    (void)state;
    heard[0] = '\0';
    pipit_ua_add_handlers(at->ua, &releaser, at);
    pipit_ua_add_handlers(at->ua, &also, "b:");
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    check_heard("b:connected ");
    assert_null(at->ua);
    stage_free(at);
}

static void a_listener_needs_memory(void **state)
{
    stage *at;

    (void)state;
    scarce_begin(0);
    at = stage_new(NULL);
    scarce_fail(1);
    assert_int_equal(pipit_ua_add_handlers(at->ua, &also, NULL), PIPIT_ERR_MEMORY);
    scarce_relax();
    stage_free(at);
    assert_int_equal(scarce_end(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_agent_started_while_it_stops_says_nothing_of_it),
        cmocka_unit_test(a_stop_within_a_stop_is_over_with_it),
        cmocka_unit_test(a_curious_handler_sees_every_event_by_its_name),
        cmocka_unit_test(every_transaction_is_told),
        cmocka_unit_test(a_transaction_is_not_told_without_memory),
        cmocka_unit_test(a_user_agent_has_many_listeners),
        cmocka_unit_test(whoever_listens_later_gets_calls),
        cmocka_unit_test(a_handler_may_take_itself_out),
        cmocka_unit_test(a_handler_that_was_removed_is_not_called),
        cmocka_unit_test(a_handler_that_was_added_gets_the_next_event),
        cmocka_unit_test(a_handler_may_release_the_user_agent),
        cmocka_unit_test(a_listener_needs_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
