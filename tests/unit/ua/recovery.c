/* recovery.c - a user agent that loses its connection: who hears what in which order, and what lives on. */
#include "unit/ua/support/stage.h"

static const pipit_ua_configuration alice = {.uri = "sip:alice@example.com",
                                             .password = "wonderland"};

static void grant(stage *at)
{
    char lines[160];

    expect_sent(at, "REGISTER ");
    snprintf(lines, sizeof(lines), "Contact: <%s>;expires=600\r\n", pipit_ua_contact(at->ua));
    answer(at, at->last, "200 OK", "r", lines, NULL);
}

static stage *stage_registered(const pipit_ua_configuration *c)
{
    stage *at = stage_new(c);

    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    grant(at);
    check_events(at, "connected registered ");
    return at;
}

/* --- a loss ----------------------------------------------------------------------------------- */

static void a_loss_is_told_behind_the_requests_it_ends(void **state)
{
    pipit_message_options options = {.handlers = &message_handlers};
    stage *at = stage_registered(&alice);

    (void)state;
    options.user = at;
    pipit_ua_send_message(at->ua, "bob", "x", &options, NULL);
    pp_buf_clear(&at->log);
    assert_int_equal(pipit_ua_register(at->ua), 0);
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    assert_false(pipit_ua_is_connected(at->ua));
    advance_ms(at, 1);
    check_events(at, "message_failed:Connection Error registration_failed:Connection Error "
                     "unregistered:Connection Error disconnected:error ");
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_NOT_READY);
    stage_free(at);
}

static pipit_ua_status status_then;

static void note_status(stage *at, const char *name)
{
    if (strcmp(name, "disconnected") == 0 || strcmp(name, "unregistered") == 0)
        status_then = pipit_ua_get_status(at->ua);
}

static void a_registration_goes_with_the_connection_and_comes_back_with_it(void **state)
{
    stage *at = stage_registered(&alice);

    (void)state;
    at->on_event = note_status;
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    check_events(at, "disconnected:error unregistered:Connection Error ");
    assert_int_equal(status_then, PIPIT_UA_READY); /* JsSIP's order: the state changes last */
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_NOT_READY);
    assert_int_equal(pipit_ua_reconnection_attempts(at->ua), 1);
    advance_ms(at, 3000);
    grant(at);
    check_events(at, "connected registered ");
    assert_int_equal(pipit_ua_reconnection_attempts(at->ua), 0);
    stage_free(at);
}

static void a_call_lives_on_over_a_loss(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 3000);
    check_events(at, "disconnected:error connected ");
    assert_true(pipit_session_is_established(at->session));
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE sip:bob@far.invalid");
    stage_free(at);
}

static void the_last_error_is_kept(void **state)
{
    stage *at = stage_connected();
    const pipit_transport_error *error;

    (void)state;
    assert_null(pipit_ua_last_transport_error(at->ua));
    assert_ptr_equal(pipit_ua_socket(at->ua), at->socket);
    pipit_socket_disconnected(at->socket, false, 1001, "going away");
    error = pipit_ua_last_transport_error(at->ua);
    assert_int_equal(error->code, 1001);
    assert_string_equal(error->reason, "going away");
    advance_ms(at, 3000);
    pipit_socket_disconnected(at->socket, true, 0, NULL);
    error = pipit_ua_last_transport_error(at->ua);
    assert_int_equal(error->code, 0);
    assert_string_equal(error->reason, "");
    advance_ms(at, 3000);
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 3000);
    pipit_ua_stop(at->ua); /* is no error */
    advance_ms(at, 1);
    assert_string_equal(pipit_ua_last_transport_error(at->ua)->reason, "gone");
    stage_free(at);
}

static void a_trace_is_switched_at_run_time(void **state)
{
    stage *at = stage_new(&alice);
    pp_buf trace = at->trace;

    (void)state;
    pipit_ua_set_trace(at->ua, NULL, NULL);
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    grant(at);
    assert_int_equal(at->trace.n, trace.n);
    stage_free(at);
}

/* --- sockets that fail ------------------------------------------------------------------------ */

typedef struct other { /* a second way to the server */
    pipit_socket *socket;
    unsigned connects, disconnects;
    bool refuses, silent, breaks; /* while connecting, while sending */
    pp_buf wire;
} other;

static void other_connect(void *self)
{
    other *o = self;

    o->connects++;
    if (o->refuses)
        pipit_socket_disconnected(o->socket, true, 1006, "refused");
    else if (!o->silent)
        pipit_socket_connected(o->socket);
}

static void other_disconnect(void *self)
{
    ((other *)self)->disconnects++;
}

static bool other_send(void *self, const char *data, size_t size)
{
    other *o = self;

    if (o->breaks) {
        pipit_socket_disconnected(o->socket, true, 1006, "broke");
        return false;
    }
    pp_buf_add(&o->wire, data, size);
    return true;
}

static const pipit_socket_interface other_functions = {
    .connect = other_connect, .disconnect = other_disconnect, .send = other_send};

/* Alice's second socket has more weight. */
static stage *stage_with_other(other *o, const pipit_ua_configuration *configuration)
{
    pipit_ua_configuration c = *configuration;
    stage *at;

    assert_int_equal(pipit_socket_new(&other_functions, o, "WSS", "wss://better.example.com",
                                      "sip:better.example.com;transport=ws", &o->socket),
                     0);
    c.sockets[1] = (pipit_weighted_socket){o->socket, 10};
    at = stage_new(&c);
    return at;
}

static void free_with_other(stage *at, other *o)
{
    stage_free(at);
    pipit_socket_unref(o->socket);
    pp_buf_free(&o->wire);
}

static unsigned stops;

static void note_recovering(pipit_ua *ua, const pipit_disconnected_event *event, void *user)
{
    (void)ua;
    *(bool *)user = event->recovering;
}

static void a_user_agent_gives_up_and_may_be_started_again(void **state)
{
    static const pipit_ua_handlers handlers = {.disconnected = note_recovering};
    pipit_ua_configuration c = alice;
    other o = {.refuses = true};
    bool recovering = false;
    stage *at;

    (void)state;
    c.connection_recovery_max_attempts = 1;
    c.sockets[0].weight = 20;
    at = stage_with_other(&o, &c);
    pipit_ua_add_handlers(at->ua, &handlers, &recovering);
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    grant(at);
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    assert_true(recovering);
    advance_ms(at, 3000);
    assert_false(recovering);
    assert_int_equal(o.connects, 1);
    check_events(at, "connected registered disconnected:error unregistered:Connection Error "
                     "disconnected:error ");
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_NOT_READY);
    assert_int_equal(pp_loop_next_us(at->loop), PP_NEVER);
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    grant(at);
    check_events(at, "connected registered ");
    pipit_ua_start(at->ua); /* nothing to do */
    advance_ms(at, 1);
    check_events(at, "");
    free_with_other(at, &o);
}

static void a_user_agent_that_does_not_recover_waits_for_a_start(void **state)
{
    pipit_ua_configuration c = alice;
    stage *at;

    (void)state;
    c.no_connection_recovery = true;
    at = stage_registered(&c);
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 100000);
    check_events(at, "disconnected:error unregistered:Connection Error ");
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    grant(at);
    check_events(at, "connected registered ");
    stage_free(at);
}

static void start_again(stage *at, const char *name)
{
    if (strcmp(name, "disconnected") == 0 && stops++ == 0)
        pipit_ua_start(at->ua);
}

static void break_at_once(stage *at, const char *name)
{
    if (strcmp(name, "connected") == 0 && stops++ == 0)
        pipit_socket_disconnected(at->socket, true, 1006, "gone");
}

static void a_connection_that_goes_while_it_is_told_of_registers_nobody(void **state)
{
    stage *at = stage_new(&alice);

    (void)state;
    stops = 0;
    at->on_event = break_at_once;
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    check_events(at, "connected disconnected:error ");
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_NOT_READY);
    advance_ms(at, 3000);
    grant(at);
    check_events(at, "connected registered ");
    stage_free(at);
}

static void a_stop_ends_recovery(void **state)
{
    stage *at = stage_registered(&alice);

    (void)state;
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    pp_buf_clear(&at->log);
    pipit_ua_stop(at->ua);
    advance_ms(at, 1);
    check_events(at, "stopped ");
    assert_int_equal(pp_loop_next_us(at->loop), PP_NEVER);
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    grant(at);
    check_events(at, "connected registered ");
    stage_free(at);
}

static void a_start_from_a_handler_tries_again(void **state)
{
    pipit_ua_configuration c = alice;
    stage *at;

    (void)state;
    c.no_connection_recovery = true;
    stops = 0;
    at = stage_registered(&c);
    at->on_event = start_again;
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    grant(at);
    check_events(at, "disconnected:error unregistered:Connection Error connected registered ");
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_READY);
    stage_free(at);
}

static void a_socket_that_is_silent_is_left_for_another(void **state)
{
    pipit_ua_configuration c = alice;
    other o = {.silent = true};
    stage *at;

    (void)state;
    c.connection_timeout = 7;
    at = stage_with_other(&o, &c);
    pipit_ua_start(at->ua);
    assert_true(pipit_ua_is_connecting(at->ua));
    advance_ms(at, 7000);
    check_events(at, "disconnected:error ");
    assert_false(pipit_ua_is_connecting(at->ua));
    assert_string_equal(pipit_ua_last_transport_error(at->ua)->reason,
                        "the socket did not connect in time");
    advance_ms(at, 3000);
    grant(at);
    check_events(at, "connected registered ");
    free_with_other(at, &o);
}

static void a_socket_may_break_while_it_sends(void **state)
{
    pipit_message_options options = {.handlers = &message_handlers};
    pipit_ua_configuration c = alice;
    other o = {.breaks = true};
    stage *at;

    (void)state;
    c.no_register = true;
    c.connection_recovery_min_interval = 100;
    c.handlers = &(pipit_ua_handlers){.disconnected = ua_handlers.disconnected};
    at = stage_with_other(&o, &c);
    options.user = at;
    pipit_ua_start(at->ua);
    assert_true(pipit_ua_is_connected(at->ua));
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", &options, NULL), 0);
    check_events(at, ""); /* nothing calls back from inside of a call */
    advance_ms(at, 1);
    check_events(at, "message_failed:Connection Error disconnected:error ");
    free_with_other(at, &o);
}

/* Its queue is full: the built-in ones refuse at PP_LIMIT_SEND_QUEUE octets. */
static void a_socket_that_takes_no_more_fails_what_is_sent_and_stays(void **state)
{
    pipit_message_options options = {.handlers = &message_handlers};
    stage *at = stage_in_call();

    (void)state;
    options.user = at;
    at->mute_socket = true;
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", &options, NULL), 0);
    assert_int_equal(pipit_ua_call(at->ua, "carol", call_options(at), NULL), 0);
    advance_ms(at, 1);
    pp_buf_char(&at->log, '\0');
    assert_non_null(strstr(at->log.p, "message_failed:Connection Error "));
    assert_non_null(strstr(at->log.p, "failed:system:Connection Error "));
    assert_null(strstr(at->log.p, "disconnected"));
    pp_buf_clear(&at->log);
    at->mute_socket = false;
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", &options, NULL), 0);
    expect_sent(at, "MESSAGE ");
    answer(at, at->last, "200 OK", "far", NULL, NULL);
    check_events(at, "new_message:x message_succeeded ");
    stage_free(at);
}

static void a_user_agent_returns_to_its_preferred_server_between_calls(void **state)
{
    pipit_ua_configuration c = alice;
    other o = {.refuses = true};
    stage *at;

    (void)state;
    c.connection_return_interval = 60;
    at = stage_with_other(&o, &c);
    pipit_ua_start(at->ua);
    advance_ms(at, 3000);
    grant(at);
    check_events(at, "disconnected:error connected registered ");
    call_out(at);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "new_rtc_session:local connecting sending accepted:remote confirmed:local ");
    o.refuses = false;
    o.silent = true;
    advance_ms(at, 200000);
    assert_int_equal(o.connects, 1); /* not during the call */
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    pp_buf_clear(&at->log);
    for (unsigned i = 0; i < 1200 && o.connects == 1; i++)
        advance_ms(at, 100);
    assert_int_equal(o.connects, 2);
    assert_int_equal(pipit_ua_remove_handlers(at->ua, &ua_handlers, at), 0);
    pipit_socket_connected(o.socket);
    advance_ms(at, 1);
    assert_ptr_equal(pipit_ua_socket(at->ua), o.socket);
    pp_buf_char(&o.wire, '\0');
    assert_ptr_equal(strstr(o.wire.p, "REGISTER "), o.wire.p);
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_READY);
    free_with_other(at, &o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loss_is_told_behind_the_requests_it_ends),
        cmocka_unit_test(a_registration_goes_with_the_connection_and_comes_back_with_it),
        cmocka_unit_test(a_call_lives_on_over_a_loss),
        cmocka_unit_test(the_last_error_is_kept),
        cmocka_unit_test(a_trace_is_switched_at_run_time),
        cmocka_unit_test(a_user_agent_gives_up_and_may_be_started_again),
        cmocka_unit_test(a_user_agent_that_does_not_recover_waits_for_a_start),
        cmocka_unit_test(a_connection_that_goes_while_it_is_told_of_registers_nobody),
        cmocka_unit_test(a_stop_ends_recovery),
        cmocka_unit_test(a_start_from_a_handler_tries_again),
        cmocka_unit_test(a_socket_that_is_silent_is_left_for_another),
        cmocka_unit_test(a_socket_may_break_while_it_sends),
        cmocka_unit_test(a_socket_that_takes_no_more_fails_what_is_sent_and_stays),
        cmocka_unit_test(a_user_agent_returns_to_its_preferred_server_between_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
