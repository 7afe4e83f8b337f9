/* authentication.c - who asks for credentials, what they get, and what nobody gets. */
#include "unit/ua/support/stage.h"

/* --- authorization_jwt ------------------------------------------------------------------------ */

#define JWT "Bearer eyJhbGciOi.planted"

static stage *stage_with_jwt(const char *transport, bool allow_insecure)
{
    pipit_ua_configuration c = {.uri = "sip:alice@example.com",
                                .authorization_jwt = JWT,
                                .allow_insecure_authorization = allow_insecure};
    stage *at = stage_new_over(&c, transport);

    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    return at;
}

static void a_jwt_goes_with_every_request(void **state)
{
    stage *at = stage_with_jwt("WSS", false);

    (void)state;
    check_header(at->last, "Authorization", JWT);
    call_out(at);
    check_header(at->invite, "Authorization", JWT);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_header(at->last, "Authorization", JWT);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    check_header(at->last, "Authorization", JWT);
    assert_int_equal(pp_message_count(at->last, PP_HEADER_AUTHORIZATION), 1);
    stage_free(at);
}

static void a_jwt_goes_without_tls_only_when_that_is_allowed(void **state)
{
    static const struct {
        const char *transport;
        bool allowed;
        const char *expected;
    } rows[] = {{"WS", false, NULL}, {"TCP", false, NULL}, {"UDP", false, NULL},
                {"WS", true, JWT},   {"TLS", false, JWT},  {"WSS", false, JWT}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        stage *at = stage_with_jwt(rows[i].transport, rows[i].allowed);

        check_header(at->last, "Authorization", rows[i].expected);
        stage_free(at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jwt_goes_with_every_request),
        cmocka_unit_test(a_jwt_goes_without_tls_only_when_that_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
