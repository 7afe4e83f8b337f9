/* configuration.c - what a user agent is told, and what it says to nonsense. */
#include "unit/ua/support/stage.h"

static int make(const pipit_ua_configuration *configuration)
{
    pipit_ua_configuration c = *configuration;
    pipit_socket *socket = NULL;
    pipit_ua *ua = NULL;
    sim *s = NULL;
    int err;

    assert_int_equal(sim_new(1, &s), 0);
    assert_int_equal(pipit_socket_new(&socket_functions, NULL, "WS", "ws://x", "sip:x", &socket),
                     0);
    c.sockets[0].socket = socket;
    err = pipit_ua_new(sim_loop(s), &c, &ua);
    assert_true((err == 0) == (ua != NULL));
    pipit_ua_unref(ua);
    pipit_socket_unref(socket);
    sim_free(s);
    return err;
}

static void a_wrong_parameter_is_named_with_its_value(void **state)
{
    static const char *const no_header[] = {"X-A: b", "nonsense", NULL};
    static const char *const two_lines[] = {"X-A: b\r\nX-C: d", NULL};
    static const struct {
        pipit_ua_configuration c;
        const char *message;
    } cases[] = {
        {{.uri = NULL}, "configuration: uri is missing"},
        {{.uri = ""}, "configuration: uri '' is empty"},
        {{.uri = "sip:example.com"}, "configuration: uri 'sip:example.com' is without a user"},
        {{.uri = "sips:a@b.c"}, "configuration: uri 'sips:a@b.c' is no SIP URI"},
        {{.uri = "a b@c"}, "configuration: uri 'a b@c' is no SIP URI"},
        {{.uri = "tel:+15550100"}, "configuration: uri 'tel:+15550100' is no SIP URI"},
        {{.uri = "a@b", .authorization_user = "a\nb"},
         "configuration: authorization_user 'a\nb' is not one line of UTF-8"},
        {{.uri = "a@b", .register_from_tag_trail = "a;b"},
         "configuration: register_from_tag_trail 'a;b' is no token"},
        {{.uri = "a@b", .instance_id = "urn:uuid:123"},
         "configuration: instance_id 'urn:uuid:123' is no UUID"},
        {{.uri = "a@b", .contact_uri = "sip:b"},
         "configuration: contact_uri 'sip:b' is not a Contact: it lacks a user or has headers"},
        {{.uri = "a@b", .instance_id = "123"}, "configuration: instance_id '123' is no UUID"},
        {{.uri = "a@b", .registrar_server = "sip:c@d"},
         "configuration: registrar_server 'sip:c@d' is not a server's URI: it has a user or "
         "headers"},
        {{.uri = "a@b", .display_name = "x\ny"},
         "configuration: display_name 'x\ny' is not one line of UTF-8"},
        {{.uri = "a@b", .user_agent = "x\r\nEvil: y"},
         "configuration: user_agent 'x\r\nEvil: y' is not one line of UTF-8"},
        {{.uri = "a@b", .extra_headers = no_header},
         "configuration: extra_headers 'nonsense' is no 'Name: value' line"},
        {{.uri = "a@b", .extra_headers = two_lines},
         "configuration: extra_headers 'X-A: b\r\nX-C: d' is no 'Name: value' line"},
        {{.uri = "a@b", .ha1 = "5eb63bbbe01eeed093cb22bb8f5acdc3"},
         "configuration: realm is missing, and ha1 is of one realm only"},
        {{.uri = "a@b", .realm = "r", .ha1 = "secret"},
         "configuration: ha1 is not 32 hexadecimal digits"},
        {{.uri = "a@b", .realm = "r", .ha1_sha256 = "5eb63bbbe01eeed093cb22bb8f5acdc3"},
         "configuration: ha1_sha256 is not 64 hexadecimal digits"},
        {{.uri = "a@b",
          .ha1_sha256 = "5eb63bbbe01eeed093cb22bb8f5acdc35eb63bbbe01eeed093cb22bb8f5acdc3"},
         "configuration: realm is missing, and ha1_sha256 is of one realm only"},
        {{.uri = "a@b", .authorization_jwt = "Bearer secret\r\nEvil: y"},
         "configuration: authorization_jwt is not one line of UTF-8"},
        {{.uri = "a@b",
          .connection_recovery_min_interval = 9,
          .connection_recovery_max_interval = 3},
         "configuration: connection_recovery_max_interval '3' is less than "
         "connection_recovery_min_interval '9'"},
        {{.uri = "a@b", .max_message_size = (1u << 20) + 1},
         "configuration: max_message_size '1048577' is more than 1048576"},
        {{.uri = "a@b", .max_sessions = 65537},
         "configuration: max_sessions '65537' is more than 65536"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(make(&cases[i].c), PIPIT_ERR_CONFIGURATION);
        assert_string_equal(pipit_error_message(), cases[i].message);
    }
}

static void a_user_agent_needs_a_socket_of_its_own(void **state)
{
    stage *at = stage_connected();
    pipit_ua_configuration c = {.uri = "a@b"};
    pipit_ua *ua = NULL;

    (void)state;
    assert_int_equal(pipit_ua_new(at->loop, &c, &ua), PIPIT_ERR_CONFIGURATION);
    assert_string_equal(pipit_error_message(), "configuration: sockets is missing");
    c.sockets[0].socket = at->socket;
    assert_int_equal(pipit_ua_new(at->loop, &c, &ua), PIPIT_ERR_STATE);
    c.sockets[1].socket = at->socket;
    assert_int_equal(pipit_ua_new(at->loop, &c, &ua), PIPIT_ERR_CONFIGURATION);
    assert_string_equal(pipit_error_message(), "configuration: sockets[1] is sockets[0] once more");
    c.sockets[2] = c.sockets[1];
    c.sockets[1].socket = NULL;
    assert_int_equal(pipit_ua_new(at->loop, &c, &ua), PIPIT_ERR_CONFIGURATION);
    assert_string_equal(pipit_error_message(), "configuration: sockets[2] stands behind a gap");
    assert_int_equal(pipit_ua_new(at->loop, NULL, &ua), PIPIT_ERR_ARGUMENT);
    assert_null(ua);
    stage_free(at);
}

static void the_defaults_are_made_up(void **state)
{
    pp_settings s;
    pipit_ua_configuration c = {.uri = "alice%40home@Example.COM:5080;transport=ws",
                                .sockets = {{.socket = (pipit_socket *)&s}}};
    sim *loop = NULL;

    (void)state;
    assert_int_equal(sim_new(1, &loop), 0);
    assert_int_equal(pp_settings_read(&c, &sim_loop(loop)->rng, &s), 0);
    assert_string_equal(s.uri, "sip:alice%40home@example.com:5080");
    assert_string_equal(s.authorization_user, "alice@home");
    assert_string_equal(s.registrar, "sip:example.com:5080");
    assert_string_equal(s.user_agent, "Pipit " PIPIT_VERSION);
    assert_true(pp_str_starts(pp_str_c(s.contact_uri), "sip:"));
    assert_non_null(strstr(s.contact_uri, ".invalid;transport=ws"));
    assert_int_equal(strlen(s.instance_id), 36);
    assert_int_equal(s.instance_id[14], '4');
    assert_int_equal(s.register_expires_s, 600);
    assert_int_equal(s.no_answer_timeout_s, 60);
    assert_int_equal(s.recovery_min_s, 2);
    assert_int_equal(s.recovery_max_s, 30);
    assert_int_equal(s.message_size_max, 64 << 10);
    assert_int_equal(s.sessions_max, 128);
    assert_true(s.register_on_start);
    pp_settings_free(&s);
    sim_free(loop);
}

static void an_empty_text_is_the_default(void **state)
{
    static const pipit_ua_configuration c = {.uri = "sip:alice@example.com",
                                             .authorization_user = "",
                                             .password = "",
                                             .realm = "",
                                             .ha1 = "",
                                             .authorization_jwt = "",
                                             .display_name = "",
                                             .contact_uri = "",
                                             .instance_id = "",
                                             .registrar_server = "",
                                             .user_agent = ""};
    stage *at = stage_new(&c);
    const pp_settings *s = &at->ua->settings;

    (void)state;
    assert_string_equal(s->authorization_user, "alice");
    assert_true(!s->password && !s->realm && !s->ha1 && !s->authorization_jwt && !s->display_name);
    assert_non_null(strstr(s->contact_uri, ".invalid;transport=ws"));
    assert_int_equal(strlen(s->instance_id), 36);
    assert_string_equal(s->registrar, "sip:example.com");
    assert_string_equal(s->user_agent, "Pipit " PIPIT_VERSION);
    stage_free(at);
}

static void an_instance_is_known_with_and_without_its_prefix(void **state)
{
    static const char *const spellings[] = {"8F1FA16A-1165-4A96-8341-785B1EF24F12",
                                            "uuid:8F1FA16A-1165-4A96-8341-785B1EF24F12",
                                            "urn:uuid:8F1FA16A-1165-4A96-8341-785B1EF24F12",
                                            "URN:UUID:8F1FA16A-1165-4A96-8341-785B1EF24F12"};

    (void)state;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
        pipit_ua_configuration c = {.uri = "a@b", .instance_id = spellings[i]};
        stage *at = stage_new(&c);

        assert_string_equal(at->ua->settings.instance_id, spellings[0]);
        stage_free(at);
    }
}

static void a_good_configuration_is_used(void **state)
{
    static const char *const lines[] = {"X-Tenant: blue", NULL};
    pipit_ua_configuration c = {.uri = "sip:alice@example.com",
                                .display_name = "Alice \"A\"",
                                .contact_uri = "sip:al@192.0.2.1:5070",
                                .registrar_server = "reg.example.com",
                                .user_agent = "Bot/1",
                                .extra_headers = lines,
                                .register_expires = 60};
    stage *at = stage_new(&c);

    (void)state;
    assert_string_equal(pipit_ua_uri(at->ua), "sip:alice@example.com");
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_INIT);
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    assert_int_equal(pipit_ua_get_status(at->ua), PIPIT_UA_READY);
    expect_sent(at, "REGISTER sip:reg.example.com SIP/2.0");
    assert_true(header_holds(at->last, "From", "\"Alice \\\"A\\\"\" <sip:alice@example.com>;tag="));
    assert_true(header_holds(at->last, "Contact", "<sip:al@192.0.2.1:5070>;"));
    assert_true(header_holds(at->last, "Via", "SIP/2.0/WSS 192.0.2.1;branch="));
    check_header(at->last, "X-Tenant", "blue");
    check_header(at->last, "User-Agent", "Bot/1");
    check_header(at->last, "Expires", "60");
    stage_free(at);
}

static void a_registration_says_what_it_was_told(void **state)
{
    pipit_ua_configuration c = {.uri = "sip:alice@example.com",
                                .register_expires = PIPIT_NO_EXPIRES,
                                .register_from_tag_trail = "-tail",
                                .use_preloaded_route = true};
    stage *at = stage_new(&c);
    pp_str tag;

    (void)state;
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    check_header(at->last, "Expires", NULL);
    assert_false(header_holds(at->last, "Contact", "expires="));
    check_header(at->last, "Route", "<sip:sip.example.com;transport=ws;lr>");
    tag = at->last->from_tag;
    assert_true(tag.n > 5 && pp_str_eq_c(pp_str_sub(tag, tag.n - 5, tag.n), "-tail"));
    answer(at, at->last, "200 OK", "r", NULL, NULL);
    pipit_ua_send_message(at->ua, "bob", "x", NULL, NULL);
    expect_sent(at, "MESSAGE ");
    check_header(at->last, "Route", "<sip:sip.example.com;transport=ws;lr>");
    tag = at->last->from_tag;
    assert_false(pp_str_eq_c(pp_str_sub(tag, tag.n - 5, tag.n), "-tail"));
    stage_free(at);
}

static void requests_inside_of_a_dialog_take_its_own_route(void **state)
{
    pipit_ua_configuration c = {
        .uri = "sip:alice@example.com", .no_register = true, .use_preloaded_route = true};
    stage *at = stage_new(&c);

    (void)state;
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    call_out(at);
    check_header(at->invite, "Route", "<sip:sip.example.com;transport=ws;lr>");
    answer(at, at->invite, "100 Trying", NULL, NULL, NULL);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "CANCEL "); /* goes the way of its INVITE: RFC 3261 section 9.1 */
    check_header(at->last, "Route", "<sip:sip.example.com;transport=ws;lr>");
    answer(at, at->invite, "487 Request Terminated", "far", NULL, NULL);
    expect_sent(at, "ACK ");
    check_header(at->last, "Route", "<sip:sip.example.com;transport=ws;lr>");
    call_out(at);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK sip:bob@far.invalid");
    check_header(at->last, "Route", NULL);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_parameter_is_named_with_its_value),
        cmocka_unit_test(a_user_agent_needs_a_socket_of_its_own),
        cmocka_unit_test(the_defaults_are_made_up),
        cmocka_unit_test(an_empty_text_is_the_default),
        cmocka_unit_test(an_instance_is_known_with_and_without_its_prefix),
        cmocka_unit_test(a_good_configuration_is_used),
        cmocka_unit_test(a_registration_says_what_it_was_told),
        cmocka_unit_test(requests_inside_of_a_dialog_take_its_own_route),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
