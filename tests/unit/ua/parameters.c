/* parameters.c - what may be looked at and changed while a user agent lives, and the forms of its Contact. */
#include "unit/ua/support/stage.h"

#define HA1    "5eb63bbbe01eeed093cb22bb8f5acdc3"
#define SHA256 HA1 HA1

static void check_get(stage *at, const char *name, const char *expected)
{
    const char *value = pipit_ua_get(at->ua, name);

    if (!expected)
        assert_null(value);
    else
        assert_string_equal(value, expected);
}

static void set(stage *at, const char *name, const char *value)
{
    assert_int_equal(pipit_ua_set(at->ua, name, value), 0);
}

/* --- get and set ------------------------------------------------------------------------------ */

static void a_parameter_is_changed_and_shown(void **state)
{
    static const char *const shown[] = {"authorization_user", "realm", "authorization_jwt",
                                        "display_name"};
    stage *at = stage_connected();

    (void)state;
    check_get(at, "authorization_user", "alice");
    check_get(at, "realm", NULL);
    for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
        set(at, shown[i], "new");
        check_get(at, shown[i], "new");
    }
    set(at, "ha1", HA1);
    check_get(at, "ha1", HA1);
    set(at, "ha1_sha256", SHA256);
    check_get(at, "ha1_sha256", SHA256);
    set(at, "authorization_user", NULL);
    check_get(at, "authorization_user", "alice");
    set(at, "display_name", "");
    check_get(at, "display_name", NULL);
    stage_free(at);
}

static void a_password_is_told_to_nobody(void **state)
{
    stage *at = stage_connected();

    (void)state;
    check_get(at, "password", NULL);
    assert_string_equal(at->ua->settings.password, "wonderland");
    set(at, "password", "looking-glass");
    check_get(at, "password", NULL);
    assert_string_equal(at->ua->settings.password, "looking-glass");
    stage_free(at);
}

static void a_hash_takes_the_place_of_the_password(void **state)
{
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(pipit_ua_set(at->ua, "ha1", HA1), PIPIT_ERR_CONFIGURATION);
    assert_string_equal(pipit_error_message(),
                        "configuration: realm is missing, and ha1 is of one realm only");
    assert_string_equal(at->ua->settings.password, "wonderland");
    check_get(at, "ha1", NULL);
    set(at, "realm", "example.com");
    set(at, "ha1", HA1);
    assert_null(at->ua->settings.password);
    assert_int_equal(pipit_ua_set(at->ua, "realm", NULL), PIPIT_ERR_CONFIGURATION);
    check_get(at, "realm", "example.com");
    assert_string_equal(at->ua->settings.ha1, HA1);
    stage_free(at);
}

static void a_wrong_value_changes_nothing(void **state)
{
    static const struct {
        const char *name, *value;
        int error;
        const char *message;
    } cases[] = {
        {"display_name", "Alice\r\nEvil: x", PIPIT_ERR_CONFIGURATION,
         "configuration: display_name 'Alice\r\nEvil: x' is not one line of UTF-8"},
        {"authorization_user", "a\nb", PIPIT_ERR_CONFIGURATION,
         "configuration: authorization_user 'a\nb' is not one line of UTF-8"},
        {"realm", "\xFF", PIPIT_ERR_CONFIGURATION,
         "configuration: realm '\xFF' is not one line of UTF-8"},
        {"ha1", "planted", PIPIT_ERR_CONFIGURATION,
         "configuration: ha1 is not 32 hexadecimal digits"},
        {"ha1_sha256", "planted", PIPIT_ERR_CONFIGURATION,
         "configuration: ha1_sha256 is not 64 hexadecimal digits"},
        {"authorization_jwt", "planted\r\n", PIPIT_ERR_CONFIGURATION,
         "configuration: authorization_jwt is not one line of UTF-8"},
        {"uri", "sip:b@c", PIPIT_ERR_NOT_FOUND,
         "set: 'uri' is not a parameter that may be changed"},
        {NULL, "x", PIPIT_ERR_ARGUMENT, "set: the user agent or the name is missing"},
    };
    stage *at = stage_connected();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(pipit_ua_set(at->ua, cases[i].name, cases[i].value), cases[i].error);
        assert_string_equal(pipit_error_message(), cases[i].message);
    }
    check_get(at, "authorization_user", "alice");
    check_get(at, "display_name", NULL);
    check_get(at, "uri", NULL);
    assert_null(pipit_ua_get(at->ua, NULL));
    stage_free(at);
}

static void a_change_is_in_the_next_request(void **state)
{
    static const char *const lines[] = {"X-Tenant: blue", NULL};
    static const char *const bad[] = {"X-Tenant: blue\r\nEvil: x", NULL};
    stage *at = stage_connected();

    (void)state;
    set(at, "display_name", "Alice L.");
    assert_int_equal(pipit_ua_set_extra_headers(at->ua, lines), 0);
    assert_int_equal(pipit_ua_set_extra_headers(at->ua, bad), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", NULL, NULL), 0);
    expect_sent(at, "MESSAGE ");
    assert_true(header_holds(at->last, "From", "\"Alice L.\" <sip:alice@example.com>;tag="));
    check_header(at->last, "X-Tenant", "blue");
    come(at, &(coming){.method = "OPTIONS"}); /* answers carry them, too */
    expect_sent(at, "SIP/2.0 200");
    check_header(at->last, "X-Tenant", "blue");
    assert_int_equal(pipit_ua_set_extra_headers(at->ua, NULL), 0);
    come(at, &(coming){.method = "OPTIONS", .call_id = "2"});
    expect_sent(at, "SIP/2.0 200");
    check_header(at->last, "X-Tenant", NULL);
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", NULL, NULL), 0);
    expect_sent(at, "MESSAGE ");
    check_header(at->last, "X-Tenant", NULL);
    stage_free(at);
}

static void on_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *event, void *user)
{
    (void)ua;
    (void)event;
    (void)user;
}

/* What messages have alike is kept, and made anew when it is something else. */
static void what_a_user_agent_can_do_is_in_the_next_request(void **state)
{
    static const pipit_ua_handlers more = {.new_subscribe = on_subscribe};
    stage *at = stage_connected();

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        call_out(at);
        assert_false(header_holds(at->invite, "Allow", "SUBSCRIBE"));
        assert_false(header_holds(at->invite, "Supported", "gruu"));
        assert_true(header_holds(at->invite, "Supported", "tdialog"));
        assert_true(header_holds(at->invite, "User-Agent", "Pipit"));
    }
    assert_int_equal(pipit_ua_add_handlers(at->ua, &more, NULL), 0);
    call_out(at);
    assert_true(header_holds(at->invite, "Allow", "SUBSCRIBE"));
    assert_int_equal(
        pp_contact_set_gruus(&at->ua->contact, PP_LIT("sip:a@example.com;gr"), PP_STR_NONE), 0);
    call_out(at);
    assert_true(header_holds(at->invite, "Supported", "gruu"));
    stage_free(at);
}

static void a_change_without_memory_changes_nothing(void **state)
{
    static const char *const lines[] = {"X-A: b", NULL};
    stage *at;

    (void)state;
    scarce_begin(0);
    at = stage_new(NULL);
    scarce_fail(1);
    assert_int_equal(pipit_ua_set(at->ua, "password", "other"), PIPIT_ERR_MEMORY);
    scarce_fail(1);
    assert_int_equal(pipit_ua_set(at->ua, "authorization_user", NULL), PIPIT_ERR_MEMORY);
    scarce_fail(2);
    assert_int_equal(pipit_ua_set_extra_headers(at->ua, lines), PIPIT_ERR_MEMORY);
    scarce_relax();
    assert_string_equal(at->ua->settings.password, "wonderland");
    check_get(at, "authorization_user", "alice");
    stage_free(at);
    assert_int_equal(scarce_end(), 0);
}

/* --- Contact and targets ---------------------------------------------------------------------- */

static void check_contact(stage *at, bool anonymous, bool outbound, const char *expected)
{
    char *text = NULL;

    assert_int_equal(pipit_ua_contact_to_string(at->ua, anonymous, outbound, &text), 0);
    assert_string_equal(text, expected);
    pipit_free(text);
}

static void a_contact_has_jssips_forms(void **state)
{
    pipit_ua_configuration c = {.uri = "alice@example.com", .contact_uri = "sip:al@192.0.2.1"};
    stage *at = stage_new(&c);

    (void)state;
    check_contact(at, false, false, "<sip:al@192.0.2.1>");
    check_contact(at, false, true, "<sip:al@192.0.2.1;ob>");
    check_contact(at, true, false, "<sip:anonymous@anonymous.invalid;transport=ws>");
    check_contact(at, true, true, "<sip:anonymous@anonymous.invalid;transport=ws;ob>");
    assert_null(pipit_ua_pub_gruu(at->ua));
    assert_null(pipit_ua_temp_gruu(at->ua));
    assert_int_equal(pp_contact_set_gruus(&at->ua->contact, PP_LIT("sip:alice@example.com;gr=1"),
                                          PP_LIT("sip:Tmp@example.com;gr")),
                     0);
    check_contact(at, false, true, "<sip:alice@example.com;gr=1>");
    check_contact(at, true, true, "<sip:Tmp@example.com;gr>");
    assert_string_equal(pipit_ua_contact(at->ua), "sip:alice@example.com;gr=1");
    assert_string_equal(pipit_ua_pub_gruu(at->ua), "sip:alice@example.com;gr=1");
    assert_string_equal(pipit_ua_temp_gruu(at->ua), "sip:Tmp@example.com;gr");
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    assert_true(header_holds(at->last, "Via", "SIP/2.0/WSS 192.0.2.1;branch="));
    /* Registrars and proxies change the letter case of a GRUU. */
    come(at, &(coming){.method = "OPTIONS", .ruri = "sip:tmp@example.com;gr"});
    expect_sent(at, "SIP/2.0 200");
    stage_free(at);
}

static void a_target_gets_the_accounts_host_port_and_parameters(void **state)
{
    pipit_ua_configuration c = {.uri = "alice@example.com:5080;transport=tcp", .no_register = true};
    stage *at = stage_new(&c);
    pipit_uri *uri = NULL;
    char *text = NULL;

    (void)state;
    assert_int_equal(pipit_ua_normalize_target(at->ua, "bob", &uri), 0);
    assert_int_equal(pipit_uri_to_string(uri, &text), 0);
    assert_string_equal(text, "sip:bob@example.com:5080;transport=tcp");
    pipit_free(text);
    pipit_uri_unref(uri);
    uri = NULL;
    assert_int_equal(pipit_ua_normalize_target(at->ua, "@", &uri), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_normalize_target(at->ua, NULL, &uri), PIPIT_ERR_ARGUMENT);
    assert_null(uri);
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", NULL, NULL), 0);
    expect_sent(at, "MESSAGE sip:bob@example.com:5080;transport=tcp SIP/2.0");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parameter_is_changed_and_shown),
        cmocka_unit_test(a_password_is_told_to_nobody),
        cmocka_unit_test(a_hash_takes_the_place_of_the_password),
        cmocka_unit_test(a_wrong_value_changes_nothing),
        cmocka_unit_test(a_change_is_in_the_next_request),
        cmocka_unit_test(what_a_user_agent_can_do_is_in_the_next_request),
        cmocka_unit_test(a_change_without_memory_changes_nothing),
        cmocka_unit_test(a_contact_has_jssips_forms),
        cmocka_unit_test(a_target_gets_the_accounts_host_port_and_parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
