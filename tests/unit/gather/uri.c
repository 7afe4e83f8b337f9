/* uri.c - tests of the URLs of ICE servers, and of the list that is kept of them. */
#include "gather/servers.h"
#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"

#include "base/limits.h"

#include <stdio.h>

static void what_rfc_7064_and_7065_have_is_read(void **state)
{
    static const struct {
        const char *text, *host;
        bool turn;
        pp_relay_path path;
        uint16_t given, port;
        unsigned family;
    } cases[] = {
        {"stun:example.org", "example.org", false, PP_RELAY_UDP, 0, 3478, 0},
        {"stun:example.org:8000", "example.org", false, PP_RELAY_UDP, 8000, 8000, 0},
        {"STUN:192.0.2.1", "192.0.2.1", false, PP_RELAY_UDP, 0, 3478, 4},
        {"turn:example.org", "example.org", true, PP_RELAY_UDP, 0, 3478, 0},
        {"turn:example.org:8000?transport=udp", "example.org", true, PP_RELAY_UDP, 8000, 8000, 0},
        {"turn:example.org?transport=tcp", "example.org", true, PP_RELAY_TCP, 0, 3478, 0},
        {"turn:[2001:db8::1]:443?transport=TCP", "2001:db8::1", true, PP_RELAY_TCP, 443, 443, 6},
        {"turn:[2001:db8::1]", "2001:db8::1", true, PP_RELAY_UDP, 0, 3478, 6},
        {"turns:example.org", "example.org", true, PP_RELAY_TLS, 0, 5349, 0},
        {"turns:a-b_c.example.org:443?transport=tcp", "a-b_c.example.org", true, PP_RELAY_TLS, 443,
         443, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pp_ice_uri uri = {0};

        assert_int_equal(pp_ice_uri_parse(pp_str_c(cases[i].text), &uri), 0);
        assert_true(pp_str_eq_c(uri.host, cases[i].host));
        assert_int_equal(uri.turn, cases[i].turn);
        assert_int_equal(uri.path, cases[i].path);
        assert_int_equal(uri.port, cases[i].given);
        assert_int_equal(pp_ice_uri_port(&uri), cases[i].port);
        assert_int_equal(uri.literal.family, cases[i].family);
    }
}

static void anything_else_is_refused_with_a_sentence(void **state)
{
    static const char *const bad[] = {
        "",
        "stun",
        "stun:",
        "stun::3478",
        "turn:example.org:",
        "turn:example.org:0",
        "turn:example.org:65536",
        "turn:example.org:80a",
        "turn://example.org",
        "turn:example.org/path",
        "turn:exa mple.org",
        "stun:example.org?transport=udp",
        "turn:example.org?transport=sctp",
        "turn:example.org?transport=",
        "turn:example.org?",
        "turn:example.org?Transport=udp",
        "turn:example.org?transport=tcp&a=b",
        "turns:example.org?transport=udp",
        "turn:[2001:db8::1",
        "turn:[192.0.2.1]",
        "turn:[fe80::1%eth0]",
        "turn:[::1]x",
        "turn:2001:db8::1",
        "http:example.org",
        "turn:exa\r\nmple.org",
        "turn:\xC3\xA9.org",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        pp_ice_uri uri = {.port = 7};

        assert_int_equal(pp_ice_uri_parse(pp_str_c(bad[i]), &uri), PIPIT_ERR_SYNTAX);
        assert_int_equal(uri.port, 7);
        assert_ptr_equal(strstr(pipit_error_message(), "ice_servers: "), pipit_error_message());
    }
    assert_int_equal(pp_ice_uri_parse(PP_LIT("stuns:example.org"), &(pp_ice_uri){0}),
                     PIPIT_ERR_NOT_SUPPORTED);
}

static void a_password_in_a_url_is_not_repeated(void **state)
{
    pp_ice_uri uri;

    (void)state;
    assert_int_equal(pp_ice_uri_parse(PP_LIT("turn:alice:sesame@example.org"), &uri),
                     PIPIT_ERR_SYNTAX);
    assert_null(strstr(pipit_error_message(), "sesame"));
}

static void a_list_has_an_entry_for_each_url(void **state)
{
    const pipit_ice_server from[] = {
        {.urls = "stun:stun.example.org, stun:192.0.2.1:99"},
        {.urls = "turn:example.org,turns:example.org",
         .username = "alice",
         .credential = "sesame",
         .insecure = true},
    };
    pp_ice_servers *servers = NULL;

    (void)state;
    assert_int_equal(pp_ice_servers_new(from, 2, &servers), 0);
    assert_int_equal(servers->count, 4);
    assert_string_equal(servers->items[1].text, "stun:192.0.2.1:99");
    assert_int_equal(servers->items[3].uri.path, PP_RELAY_TLS);
    assert_true(pp_str_eq_c(servers->items[3].uri.host, "example.org"));
    assert_string_equal(servers->items[2].username, "alice");
    assert_string_equal(servers->items[3].credential, "sesame");
    assert_true(servers->items[3].insecure && !servers->items[0].insecure);
    assert_ptr_equal(pp_ice_servers_ref(servers), servers);
    pp_ice_servers_unref(servers);
    pp_ice_servers_unref(servers);
}

static int make(const pipit_ice_server *from)
{
    pp_ice_servers *servers = NULL;
    int err = pp_ice_servers_new(from, 1, &servers);

    pp_ice_servers_unref(servers);
    return err;
}

static void a_list_that_cannot_be_used_is_refused(void **state)
{
    char many[PP_LIMIT_ICE_SERVERS * 8 + 16] = "stun:a", name[PP_LIMIT_TURN_USERNAME + 2];
    pp_ice_servers *servers = NULL;

    (void)state;
    assert_int_equal(make(&(pipit_ice_server){0}), PIPIT_ERR_ARGUMENT);
    assert_int_equal(make(&(pipit_ice_server){.urls = " "}), PIPIT_ERR_ARGUMENT);
    assert_int_equal(make(&(pipit_ice_server){.urls = "stun:a,"}), PIPIT_ERR_SYNTAX);
    assert_int_equal(make(&(pipit_ice_server){.urls = "turn:a", .username = "u"}),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(make(&(pipit_ice_server){.urls = "turn:a", .credential = "c"}),
                     PIPIT_ERR_ARGUMENT);
    assert_non_null(strstr(pipit_error_message(), "'turn:a' needs a username and a credential"));
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(
        make(&(pipit_ice_server){.urls = "turn:a", .username = name, .credential = "c"}),
        PIPIT_ERR_LIMIT);
    for (unsigned i = 1; i < PP_LIMIT_ICE_SERVERS; i++)
        strcat(many, ",stun:a");
    assert_int_equal(make(&(pipit_ice_server){.urls = many}), 0);
    strcat(many, ",stun:a");
    assert_int_equal(make(&(pipit_ice_server){.urls = many}), PIPIT_ERR_LIMIT);
    assert_int_equal(pp_ice_servers_new(NULL, 1, &servers), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_ice_servers_new(NULL, 0, &servers), 0);
    assert_null(servers);
}

static int life(void)
{
    return make(&(pipit_ice_server){
        .urls = "turn:a,turn:b", .username = "u", .credential = "c", .ca_file = "authorities.pem"});
}

static void a_list_short_of_memory_is_none(void **state)
{
    (void)state;
    assert_true(scarce_sweep(life, false) > 8);
    assert_true(scarce_sweep(life, true) > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rfc_7064_and_7065_have_is_read),
        cmocka_unit_test(anything_else_is_refused_with_a_sentence),
        cmocka_unit_test(a_password_in_a_url_is_not_repeated),
        cmocka_unit_test(a_list_has_an_entry_for_each_url),
        cmocka_unit_test(a_list_that_cannot_be_used_is_refused),
        cmocka_unit_test(a_list_short_of_memory_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
