/* secrets.c - what is planted as a secret is in no log, no trace and no error, and in no memory that was given back. */
#include "unit/ua/support/registered.h"

#include <malloc.h>

#define HA1        "9149eda1149eda1149eda1149eda1abc"
#define HA1_SHA256 HA1 HA1
#define JWT        "pl4nted.jwt"
#define TOKEN      "pl4nted.token"

/* --- memory that is given back ---------------------------------------------------------------- */

static unsigned unwiped;

/* Pools poison what they do not use: it is looked at all the same. */
__attribute__((no_sanitize("address"))) static bool holds(const char *memory, size_t size,
                                                          const char *secret)
{
    for (size_t i = 0, k = 0; i < size; i++) {
        k = memory[i] == secret[k] ? k + 1 : memory[i] == secret[0];
        if (!secret[k])
            return true;
    }
    return false;
}

static void release(void *arg, void *memory)
{
    static const char *const secrets[] = {"pl4nted-p", HA1};
    size_t size = malloc_usable_size(memory);

    (void)arg;
    for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
        unwiped += holds(memory, size, secrets[i]);
    free(memory);
}

static void *reallocate(void *arg, void *memory, size_t size)
{
    size_t before = memory ? malloc_usable_size(memory) : 0;
    void *grown = calloc(1, size);

    assert_non_null(grown);
    if (memory) {
        memcpy(grown, memory, before < size ? before : size);
        release(arg, memory);
    }
    return grown;
}

static const pipit_allocator watching = {reallocate, release, NULL};

/* --- all that is written ---------------------------------------------------------------------- */

static pp_buf written; /* log lines, and error sentences */

static void note_error(void)
{
    pp_buf_format(&written, "%s\n", pipit_error_message());
}

static void keep_line(void *arg, pipit_log_level level, const char *component, const char *text)
{
    (void)arg;
    (void)level;
    pp_buf_format(&written, "%s %s\n", component, text);
}

static void give(pipit_ua *ua, const pipit_credentials_event *e, void *user)
{
    static const pipit_credentials bad[] = {{.token = "pl4nted token"},
                                            {.ha1 = "pl4nted"},
                                            {.ha1_sha256 = "pl4nted"},
                                            {.password = "pl4nted-p", .authorization_user = "\n"}};
    const pipit_credentials good = {.password = "pl4nted-p-given",
                                    .ha1 = HA1,
                                    .ha1_sha256 = HA1_SHA256,
                                    .token = *e->authz_server ? TOKEN : NULL};

    (void)ua;
    (void)user;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(pipit_challenge_answer(e->challenge, &bad[i]), PIPIT_ERR_SYNTAX);
        note_error();
    }
    assert_int_equal(pipit_challenge_answer(e->challenge, &good), 0);
    assert_int_equal(pipit_challenge_answer(e->challenge, &good), PIPIT_ERR_STATE);
    note_error();
}

static void refuse(stage *at, const char *lines)
{
    answer(at, at->last, "401 Unauthorized", "r", lines, NULL);
}

static void call_and_hang_up(stage *at)
{
    call_out(at);
    answer(at, at->invite, "407 Proxy Authentication Required", "p",
           "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\", qop=\"auth\"\r\n", NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE ");
    answer(at, at->last, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
}

/* Registered with a password that is refused and one that is given, then with a token; and a call. */
static void live(stage *at)
{
    refuse(at, "WWW-Authenticate: Digest realm=\"r\", nonce=\"1\", qop=\"auth\"\r\n");
    expect_sent(at, "REGISTER ");
    refuse(at, "WWW-Authenticate: Digest realm=\"r\", nonce=\"2\", qop=\"auth\"\r\n");
    expect_sent(at, "REGISTER ");
    refuse(at, "WWW-Authenticate: Bearer realm=\"t\", authz_server=\"https://a\"\r\n");
    expect_sent(at, "REGISTER ");
    assert_true(
        pp_str_eq_c(pp_message_header(at->last, PP_HEADER_AUTHORIZATION, 1), "Bearer " TOKEN));
    grant(at, "");
    call_and_hang_up(at);
    pipit_ua_unregister(at->ua, false);
    expect_sent(at, "REGISTER ");
    refuse(at, "WWW-Authenticate: Digest realm=\"r\", nonce=\"3\"\r\n");
    pipit_ua_stop(at->ua);
    advance_ms(at, 3000);
}

static void check_nothing_planted(const pp_buf *text, const char *shows)
{
    pp_str all = pp_buf_text(text);

    assert_non_null(memmem(all.p, all.n, shows, strlen(shows)));
    assert_null(memmem(all.p, all.n, "pl4nted", 7));
    assert_null(memmem(all.p, all.n, HA1, sizeof(HA1) - 1));
    assert_null(memmem(all.p, all.n, "response=\"", 10));
}

static void a_registered_call_tells_no_secret(void **state)
{
    stage *at;

    (void)state;
    assert_int_equal(pipit_log_enable("*"), 0);
    pipit_log_set_sink(keep_line, NULL);
    at = stage_registering_with((pipit_ua_configuration){.password = "pl4nted-p",
                                                         .realm = "r",
                                                         .ha1 = HA1,
                                                         .ha1_sha256 = HA1_SHA256,
                                                         .authorization_jwt = "Bearer " JWT,
                                                         .credentials = give});
    live(at);
    check_nothing_planted(&at->trace, "REGISTER sip:example.com");
    check_nothing_planted(&written, "credentials: ");
    stage_free(at);
    pipit_log_set_sink(NULL, NULL);
    pipit_log_enable(NULL);
    pp_buf_free(&written);
}

static void a_wrong_parameter_tells_no_secret(void **state)
{
    static const pipit_ua_configuration rows[] = {
        {.uri = "a@b", .realm = "r", .ha1 = "pl4nted"},
        {.uri = "a@b", .realm = "r", .ha1_sha256 = "pl4nted"},
        {.uri = "a@b", .ha1 = HA1},
        {.uri = "a@b", .authorization_jwt = "Bearer pl4nted\n"},
    };
    stage *at = stage_connected();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pipit_ua_configuration c = rows[i];
        pipit_ua *ua = NULL;

        c.sockets[0].socket = at->socket;
        assert_int_equal(pipit_ua_new(at->loop, &c, &ua), PIPIT_ERR_CONFIGURATION);
        note_error();
    }
    check_nothing_planted(&written, "authorization_jwt");
    pp_buf_free(&written);
    stage_free(at);
}

static void a_password_and_its_hashes_are_wiped(void **state)
{
    stage *at;

    (void)state;
    unwiped = 0;
    pipit_set_allocator(&watching);
    at = stage_registering_with((pipit_ua_configuration){.password = "pl4nted-p",
                                                         .realm = "r",
                                                         .ha1 = HA1,
                                                         .ha1_sha256 = HA1_SHA256,
                                                         .credentials = give});
    live(at);
    stage_free(at);
    pp_buf_free(&written);
    assert_int_equal(unwiped, 0);
    pp_free(pp_strdup("pl4nted-p")); /* it would have been seen */
    assert_int_equal(unwiped, 1);
    pipit_set_allocator(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registered_call_tells_no_secret),
        cmocka_unit_test(a_wrong_parameter_tells_no_secret),
        cmocka_unit_test(a_password_and_its_hashes_are_wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
