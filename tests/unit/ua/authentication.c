/* authentication.c - who asks for credentials, what they get, and what nobody gets. */
#include "unit/ua/support/registered.h"

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
        const char *url, *transport;
        bool allowed;
        const char *expected;
    } rows[] = {{"ws://x", "WS", false, NULL}, {"sip:x", "TCP", false, NULL},
                {"sip:x", "UDP", false, NULL}, {"ws://x", "WSS", false, NULL},
                {"ws://x", "WS", true, JWT},   {"sip:x", "TLS", false, JWT},
                {"wss://x", "WSS", false, JWT}};
    const char *before = stage_url;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        stage *at;

        stage_url = rows[i].url;
        at = stage_with_jwt(rows[i].transport, rows[i].allowed);
        check_header(at->last, "Authorization", rows[i].expected);
        stage_free(at);
    }
    stage_url = before;
}

/* --- with what is configured ------------------------------------------------------------------ */

#define WWW(realm, nonce, more)                                                                    \
    "WWW-Authenticate: Digest realm=\"" realm "\", nonce=\"" nonce "\", qop=\"auth\"" more "\r\n"
#define PROXY(realm, nonce, more)                                                                  \
    "Proxy-Authenticate: Digest realm=\"" realm "\", nonce=\"" nonce "\", qop=\"auth\"" more "\r"  \
    "\n"

static void refuse(stage *at, const char *lines)
{
    answer(at, at->last,
           strstr(lines, "WWW-") ? "401 Unauthorized" : "407 Proxy Authentication Required", "r",
           lines, NULL);
}

static pp_str answer_of(stage *at, pp_header_id id, const char *realm)
{
    pp_authorization a;
    pp_str value;

    for (size_t i = 0; value = pp_message_header(at->last, id, i), value.p; i++)
        if (pp_authorization_parse(value, &a) == 0 && pp_str_eq_c(a.realm, realm))
            return value;
    return PP_STR_NONE;
}

/* The count of the answer to a realm in the request that went last; 0 for none. */
static unsigned count_in(stage *at, pp_header_id id, const char *realm)
{
    pp_str value = answer_of(at, id, realm);
    pp_authorization a;
    char nc[9];

    if (!value.p)
        return 0;
    assert_int_equal(pp_authorization_parse(value, &a), 0);
    snprintf(nc, sizeof(nc), "%.*s", PP_STR(a.nc));
    return (unsigned)strtoul(nc, NULL, 16);
}

static bool proves(stage *at, pp_header_id id, const char *realm, const char *password)
{
    pp_authorization a;

    return pp_authorization_parse(answer_of(at, id, realm), &a) == 0 &&
           pp_authorization_check(&a, pp_str_c(password), at->last->method_name, at->last->body);
}

static void realms_are_answered_together_and_after_each_other(void **state)
{
    stage *at = stage_registering();

    (void)state;
    refuse(at, PROXY("p1", "1", "") PROXY("p2", "2", ""));
    expect_sent(at, "REGISTER ");
    assert_true(proves(at, PP_HEADER_PROXY_AUTHORIZATION, "p1", "wonderland"));
    assert_true(proves(at, PP_HEADER_PROXY_AUTHORIZATION, "p2", "wonderland"));
    refuse(at, WWW("r", "3", "") PROXY("p3", "4", "")); /* of a proxy that forked */
    expect_sent(at, "REGISTER ");
    assert_true(proves(at, PP_HEADER_AUTHORIZATION, "r", "wonderland"));
    assert_true(proves(at, PP_HEADER_PROXY_AUTHORIZATION, "p3", "wonderland"));
    assert_int_equal(count_in(at, PP_HEADER_PROXY_AUTHORIZATION, "p1"), 2); /* no replay */
    assert_int_equal(count_in(at, PP_HEADER_PROXY_AUTHORIZATION, "p2"), 2);
    assert_int_equal(count_in(at, PP_HEADER_AUTHORIZATION, "r"), 1);
    grant(at, ";expires=60");
    check_events(at, "registered ");
    wait_sent(at, "REGISTER ", 60000);
    assert_int_equal(count_in(at, PP_HEADER_PROXY_AUTHORIZATION, "p1"), 3);
    assert_int_equal(count_in(at, PP_HEADER_AUTHORIZATION, "r"), 2);
    refuse(at, PROXY("p1", "1b", "")); /* only this nonce is old */
    expect_sent(at, "REGISTER ");
    assert_int_equal(count_in(at, PP_HEADER_PROXY_AUTHORIZATION, "p1"), 1);
    assert_int_equal(count_in(at, PP_HEADER_PROXY_AUTHORIZATION, "p2"), 4);
    assert_int_equal(count_in(at, PP_HEADER_AUTHORIZATION, "r"), 3);
    assert_int_equal(pp_message_count(at->last, PP_HEADER_PROXY_AUTHORIZATION), 3);
    stage_free(at);
}

static void a_changed_password_is_used_with_nonces_old_and_new(void **state)
{
    stage *at = stage_registering();

    (void)state;
    refuse(at, WWW("r", "1", ""));
    expect_sent(at, "REGISTER ");
    grant(at, ";expires=60");
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pipit_ua_set(at->ua, "password", i ? "looking-glass" : "rabbit"), 0);
        wait_sent(at, "REGISTER ", 60000);
        assert_true(proves(at, PP_HEADER_AUTHORIZATION, "r", i ? "looking-glass" : "rabbit"));
        refuse(at, i ? WWW("r", "2", ", algorithm=SHA-256, stale=true") : WWW("r", "1b", ""));
        expect_sent(at, "REGISTER ");
        assert_true(proves(at, PP_HEADER_AUTHORIZATION, "r", i ? "looking-glass" : "rabbit"));
        assert_int_equal(count_in(at, PP_HEADER_AUTHORIZATION, "r"), 1);
        grant(at, ";expires=60");
    }
    stage_free(at);
}

static void a_nonce_is_counted_over_requests_side_by_side(void **state)
{
    stage *at = stage_connected();
    pp_message *first;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
    first = pp_message_ref(expect_sent(at, "MESSAGE "));
    expect_sent(at, "MESSAGE ");
    refuse(at, PROXY("p", "same", ""));
    expect_sent(at, "MESSAGE ");
    assert_int_equal(count_in(at, PP_HEADER_PROXY_AUTHORIZATION, "p"), 1);
    pp_message_unref(at->last);
    at->last = first;
    refuse(at, PROXY("p", "same", ""));
    expect_sent(at, "MESSAGE ");
    assert_int_equal(count_in(at, PP_HEADER_PROXY_AUTHORIZATION, "p"), 2);
    stage_free(at);
}

static void only_a_proxy_is_answered_ahead_and_no_far_end(void **state)
{
    stage *at = stage_registering();

    (void)state;
    refuse(at, WWW("r", "1", "") PROXY("edge", "2", ""));
    expect_sent(at, "REGISTER ");
    grant(at, "");
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
    expect_sent(at, "MESSAGE ");
    check_header(at->last, "Authorization", NULL);
    assert_int_equal(count_in(at, PP_HEADER_PROXY_AUTHORIZATION, "edge"), 2);
    refuse(at, WWW("far", "3", ""));
    expect_sent(at, "MESSAGE ");
    assert_int_equal(count_in(at, PP_HEADER_AUTHORIZATION, "far"), 1);
    answer(at, at->last, "200 OK", "far", NULL, NULL);
    for (int i = 0; i < 2;
         i++) { /* he is not told again unasked, nor is the registrar told of him */
        if (i == 0)
            assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
        else
            assert_int_equal(pipit_ua_register(at->ua), 0);
        expect_sent(at, i ? "REGISTER " : "MESSAGE ");
        assert_null(answer_of(at, PP_HEADER_AUTHORIZATION, "far").p);
    }
    assert_int_equal(count_in(at, PP_HEADER_AUTHORIZATION, "r"), 2);
    stage_free(at);
}

static void a_password_serves_realm_after_realm(void **state)
{
    stage *at = stage_registering();

    (void)state; /* JsSIP keeps the hash of the first, and forgets the password */
    refuse(at, WWW("one", "1", ""));
    expect_sent(at, "REGISTER ");
    grant(at, ";expires=60");
    wait_sent(at, "REGISTER ", 60000);
    refuse(at, WWW("two", "2", ", algorithm=SHA-256"));
    expect_sent(at, "REGISTER ");
    assert_true(proves(at, PP_HEADER_AUTHORIZATION, "two", "wonderland"));
    stage_free(at);
}

static void what_is_remembered_has_an_end(void **state)
{
    stage *at = stage_connected();

    (void)state;
    for (unsigned i = 0; i < 3 * PP_LIMIT_REALMS; i++) {
        char lines[128];

        snprintf(lines, sizeof(lines), PROXY("p%u", "n", ""), i);
        assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
        expect_sent(at, "MESSAGE ");
        assert_int_equal(pp_message_count(at->last, PP_HEADER_PROXY_AUTHORIZATION),
                         i < PP_LIMIT_REALMS ? i : PP_LIMIT_REALMS);
        refuse(at, lines);
        expect_sent(at, "MESSAGE ");
        answer(at, at->last, "200 OK", "far", NULL, NULL);
    }
    stage_free(at);
}

/* --- with what the application gives ---------------------------------------------------------- */

static struct asked { /* what the handler was asked last, and what it does */
    unsigned times;
    char text[256];
    const pipit_credentials *give; /* NULL: nothing now */
    bool refuse, keep;
    int err; /* of the answer */
    pipit_challenge *kept;
    void (*also)(pipit_ua *ua, void *user);
} asked;

static void on_credentials(pipit_ua *ua, const pipit_credentials_event *e, void *user)
{
    asked.times++;
    snprintf(asked.text, sizeof(asked.text), "%s %s %s%s%s%s%s%s%s%s%s%s", e->method, e->scheme,
             e->realm, *e->algorithm ? " " : "", e->algorithm, *e->authz_server ? " " : "",
             e->authz_server, *e->scope ? " " : "", e->scope, *e->error ? " " : "", e->error,
             e->proxy ? " proxy" : "");
    if (e->stale)
        strcat(asked.text, " stale");
    if (e->refused)
        strcat(asked.text, " refused");
    if (asked.keep)
        asked.kept = pipit_challenge_ref(e->challenge);
    if (asked.give || asked.refuse)
        asked.err = pipit_challenge_answer(e->challenge, asked.give);
    if (asked.also)
        asked.also(ua, user);
}

static const pipit_credentials wonderland = {.password = "wonderland"};
static const pipit_credentials token_one = {.token = "t0ken.one"};
static const pipit_credentials token_two = {.token = "t0ken.two"};

/* A user agent that asks; `password` is configured. */
static stage *stage_asking(const char *password)
{
    asked = (struct asked){.times = 0};
    return stage_registering_with(
        (pipit_ua_configuration){.password = password, .credentials = on_credentials});
}

static void check_asked(unsigned times, const char *text)
{
    assert_int_equal(asked.times, times);
    assert_string_equal(asked.text, text);
}

static void the_application_is_asked_for_what_is_missing(void **state)
{
    stage *at = stage_asking(NULL);

    (void)state;
    asked.give = &wonderland;
    refuse(at, WWW("a \\\"b\\\"", "1", ", algorithm=SHA-256"));
    check_asked(1, "REGISTER Digest a \"b\" SHA-256");
    assert_int_equal(asked.err, 0);
    expect_sent(at, "REGISTER ");
    assert_true(proves(at, PP_HEADER_AUTHORIZATION, "a \\\"b\\\"", "wonderland"));
    assert_true(header_holds(at->last, "Authorization", "username=\"alice\""));
    grant(at, ";expires=60");
    check_events(at, "registered ");
    wait_sent(at, "REGISTER ", 60000);
    assert_int_equal(count_in(at, PP_HEADER_AUTHORIZATION, "a \\\"b\\\""), 2);
    refuse(at, WWW("a \\\"b\\\"", "2", ", stale=true"));
    expect_sent(at, "REGISTER ");
    check_asked(1, "REGISTER Digest a \"b\" SHA-256"); /* it is known by now */
    stage_free(at);
}

static void the_application_may_take_its_time(void **state)
{
    static const pipit_credentials bob = {.authorization_user = "bob", .password = "builder"};
    stage *at = stage_asking(NULL);

    (void)state;
    asked.keep = true;
    refuse(at, WWW("r", "1", ""));
    advance_ms(at, 100000);
    expect_silence(at);
    check_events(at, "");
    assert_int_equal(pipit_challenge_answer(asked.kept, &bob), 0);
    expect_silence(at); /* not from there */
    assert_int_equal(pipit_challenge_answer(asked.kept, &bob), PIPIT_ERR_STATE);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    assert_true(proves(at, PP_HEADER_AUTHORIZATION, "r", "builder"));
    assert_true(header_holds(at->last, "Authorization", "username=\"bob\""));
    grant(at, "");
    check_events(at, "registered ");
    assert_null(pipit_challenge_unref(asked.kept));
    stage_free(at);
}

static void the_application_may_have_none(void **state)
{
    (void)state;
    for (int how = 0; how < 4; how++) {
        stage *at = stage_asking(NULL);

        asked.refuse = how == 0;
        asked.keep = how >= 2; /* else: it does nothing */
        refuse(at, WWW("r", "1", ""));
        assert_int_equal(asked.times, 1);
        if (how == 2)
            assert_int_equal(pipit_challenge_answer(asked.kept, NULL), 0);
        if (how >= 2) {
            check_events(at, "");
            pipit_challenge_unref(asked.kept);
            advance_ms(at, 1);
        }
        expect_silence(at);
        check_events(at, "registration_failed:Authentication Error ");
        stage_free(at);
    }
}

static void a_refused_password_is_asked_for_again(void **state)
{
    stage *at = stage_asking("wrong");

    (void)state;
    refuse(at, WWW("r", "1", ""));
    expect_sent(at, "REGISTER ");
    assert_int_equal(asked.times, 0);
    asked.give = &(pipit_credentials){.password = "also wrong"};
    refuse(at, WWW("r", "2", ""));
    check_asked(1, "REGISTER Digest r refused");
    expect_sent(at, "REGISTER ");
    assert_true(proves(at, PP_HEADER_AUTHORIZATION, "r", "also wrong"));
    asked.give = &wonderland;
    refuse(at, WWW("r", "3", ""));
    check_asked(2, "REGISTER Digest r refused");
    expect_sent(at, "REGISTER ");
    assert_true(proves(at, PP_HEADER_AUTHORIZATION, "r", "wonderland"));
    refuse(at, WWW("r", "4", "")); /* there is an end to it */
    assert_int_equal(asked.times, 2);
    expect_silence(at);
    check_events(at, "registration_failed:Authentication Error ");
    stage_free(at);
}

static void each_realm_is_asked_for_by_itself(void **state)
{
    static const pipit_credentials other = {.password = "other"};
    pipit_ua_configuration c = {
        .password = "configured", .realm = "mine", .credentials = on_credentials};
    stage *at;

    (void)state;
    asked = (struct asked){.keep = true};
    at = stage_registering_with(c);
    refuse(at, PROXY("p1", "1", "") PROXY("mine", "2", "") PROXY("p2", "3", ""));
    check_asked(1, "REGISTER Digest p1 proxy");
    assert_int_equal(pipit_challenge_answer(asked.kept, &wonderland), 0);
    pipit_challenge_unref(asked.kept);
    advance_ms(at, 1);
    check_asked(2, "REGISTER Digest p2 proxy");
    expect_silence(at);
    assert_int_equal(pipit_challenge_answer(asked.kept, &other), 0);
    pipit_challenge_unref(asked.kept);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    assert_true(proves(at, PP_HEADER_PROXY_AUTHORIZATION, "p1", "wonderland"));
    assert_true(proves(at, PP_HEADER_PROXY_AUTHORIZATION, "mine", "configured"));
    assert_true(proves(at, PP_HEADER_PROXY_AUTHORIZATION, "p2", "other"));
    stage_free(at);
}

static void what_cannot_be_a_credential_is_not_taken(void **state)
{
    static const struct {
        pipit_credentials given;
        int err;
    } rows[] = {
        {{.authorization_user = "bob"}, PIPIT_ERR_ARGUMENT},
        {{.password = "x", .authorization_user = "bob\r\nX-Evil: 1"}, PIPIT_ERR_SYNTAX},
        {{.token = "a b"}, PIPIT_ERR_SYNTAX},
        {{.token = "a\r\nX-Evil: 1"}, PIPIT_ERR_SYNTAX},
        {{.token = ""}, PIPIT_ERR_SYNTAX},
        {{.token = "=="}, PIPIT_ERR_SYNTAX},
        {{.token = "a=b"}, PIPIT_ERR_SYNTAX},
        {{.ha1 = "0123"}, PIPIT_ERR_SYNTAX},
        {{.ha1_sha256 = "0123456789abcdef0123456789abcdeg"}, PIPIT_ERR_SYNTAX},
    };
    stage *at = stage_asking(NULL);

    (void)state;
    asked.keep = true;
    refuse(at, WWW("r", "1", ""));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(pipit_challenge_answer(asked.kept, &rows[i].given), rows[i].err);
    assert_int_equal(pipit_challenge_answer(NULL, &wonderland), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_challenge_answer(asked.kept, &wonderland), 0);
    pipit_challenge_unref(asked.kept);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    stage_free(at);
}

static void nobody_is_asked_for_basic(void **state)
{
    stage *at = stage_asking("wonderland");

    (void)state;
    asked.give = &wonderland;
    refuse(at, "WWW-Authenticate: Basic realm=\"r\"\r\n");
    assert_int_equal(asked.times, 0);
    expect_silence(at);
    check_events(at, "registration_failed:Authentication Error ");
    stage_free(at);
}

static stage *stage_waiting_call(void)
{
    stage *at = stage_asking(NULL);

    grant(at, "");
    check_events(at, "registered ");
    call_out(at);
    check_events(at, "new_rtc_session:local connecting sending ");
    asked.keep = true;
    refuse(at, PROXY("p", "1", ""));
    expect_sent(at, "ACK ");
    check_asked(1, "INVITE Digest p proxy");
    return at;
}

static void a_call_that_waits_for_credentials_goes_on(void **state)
{
    stage *at = stage_waiting_call();

    (void)state;
    assert_int_equal(pipit_challenge_answer(asked.kept, &wonderland), 0);
    pipit_challenge_unref(asked.kept);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_true(proves(at, PP_HEADER_PROXY_AUTHORIZATION, "p", "wonderland"));
    answer(at, at->last, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_true(header_holds(at->last, "Proxy-Authorization", "realm=\"p\""));
    check_events(at, "accepted:remote confirmed:local ");
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    assert_true(proves(at, PP_HEADER_PROXY_AUTHORIZATION, "p", "wonderland"));
    stage_free(at);
}

static void a_call_is_given_up_while_it_waits(void **state)
{
    stage *at = stage_waiting_call();

    (void)state;
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_silence(at);
    check_events(at, "failed:local:Canceled ");
    assert_int_equal(pipit_challenge_answer(asked.kept, &wonderland), PIPIT_ERR_STATE);
    pipit_challenge_unref(asked.kept);
    stage_free(at);
}

static void a_user_agent_stops_while_it_waits(void **state)
{
    stage *at = stage_asking(NULL);

    (void)state;
    asked.keep = true;
    refuse(at, WWW("r", "1", ""));
    pipit_ua_stop(at->ua);
    advance_ms(at, 2001);
    check_events(at, "registration_failed:Authentication Error disconnected stopped ");
    assert_int_equal(pipit_challenge_answer(asked.kept, &wonderland), PIPIT_ERR_STATE);
    pipit_challenge_unref(asked.kept);
    stage_free(at);
}

static void a_challenge_outlives_its_user_agent(void **state)
{
    stage *at = stage_asking(NULL);

    (void)state;
    asked.keep = true;
    refuse(at, WWW("r", "1", ""));
    stage_free(at);
    assert_int_equal(pipit_challenge_answer(asked.kept, &wonderland), PIPIT_ERR_STATE);
    pipit_challenge_unref(asked.kept);
}

static void a_connection_lost_while_it_waits_is_no_end(void **state)
{
    stage *at = stage_asking(NULL);

    (void)state;
    asked.keep = true;
    refuse(at, WWW("r", "1", ""));
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 5000);
    check_events(at, "disconnected:error connected ");
    expect_silence(at);
    assert_int_equal(pipit_challenge_answer(asked.kept, &wonderland), 0);
    pipit_challenge_unref(asked.kept);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    grant(at, "");
    check_events(at, "registered ");
    stage_free(at);
}

static void stop_it(pipit_ua *ua, void *user)
{
    (void)user;
    pipit_ua_stop(ua);
}

static void hang_up(pipit_ua *ua, void *user)
{
    pipit_ua_terminate_sessions(ua, NULL);
    ((stage *)user)->session = pipit_session_unref(((stage *)user)->session);
}

static void release_it(pipit_ua *ua, void *user)
{
    (void)ua;
    ((stage *)user)->ua = pipit_ua_unref(((stage *)user)->ua);
}

static void a_handler_may_do_anything_while_it_is_asked(void **state)
{
    static void (*const deeds[])(pipit_ua *, void *) = {stop_it, hang_up, release_it};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        stage *at = stage_asking(NULL);

        grant(at, "");
        call_out(at);
        asked.give = i >= 3 ? &wonderland : NULL;
        asked.also = deeds[i % 3];
        refuse(at, PROXY("p", "1", ""));
        expect_sent(at, "ACK ");
        advance_ms(at, 3000);
        stage_free(at);
    }
}

/* --- Bearer ----------------------------------------------------------------------------------- */

#define BEARER                                                                                     \
    "WWW-Authenticate: Bearer realm=\"r\", authz_server=\"https://as.example.com\", "              \
    "scope=\"sip\"\r\n"
#define BEARER_OVER "WWW-Authenticate: Bearer realm=\"r\", error=\"invalid_token\"\r\n"

static void a_token_is_asked_for_and_kept_for_the_registrar(void **state)
{
    stage *at = stage_asking("wonderland");

    (void)state;
    asked.give = &token_one;
    refuse(at, BEARER);
    check_asked(1, "REGISTER Bearer r https://as.example.com sip");
    expect_sent(at, "REGISTER ");
    check_header(at->last, "Authorization", "Bearer t0ken.one");
    grant(at, ";expires=60");
    check_events(at, "registered ");
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
    expect_sent(at, "MESSAGE ");
    check_header(at->last, "Authorization", NULL);
    check_events(at, "new_message:hi ");
    wait_sent(at, "REGISTER ", 60000);
    check_header(at->last, "Authorization", "Bearer t0ken.one");
    asked.give = &token_two; /* it has run out */
    refuse(at, BEARER_OVER);
    check_asked(2, "REGISTER Bearer r invalid_token refused");
    expect_sent(at, "REGISTER ");
    check_header(at->last, "Authorization", "Bearer t0ken.two");
    assert_int_equal(pp_message_count(at->last, PP_HEADER_AUTHORIZATION), 1);
    refuse(at, BEARER_OVER); /* tried again once */
    assert_int_equal(asked.times, 2);
    expect_silence(at);
    check_events(at, "registration_failed:Authentication Error "
                     "unregistered:Authentication Error ");
    stage_free(at);
}

static void a_token_of_a_proxy_goes_ahead_only_when_it_is_ours(void **state)
{
    static const char ask[] = "Proxy-Authenticate: Bearer realm=\"r\"\r\n";

    (void)state;
    for (int ours = 0; ours < 2; ours++) {
        stage *at = stage_asking(NULL);

        asked.give = &token_one;
        if (ours) {
            refuse(at, ask);
            expect_sent(at, "REGISTER ");
        }
        grant(at, "");
        for (int i = 0; i < 2; i++) {
            assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
            expect_sent(at, "MESSAGE ");
            check_header(at->last, "Proxy-Authorization", ours ? "Bearer t0ken.one" : NULL);
            if (!ours) {
                refuse(at, ask);
                expect_sent(at, "MESSAGE ");
                check_header(at->last, "Proxy-Authorization", "Bearer t0ken.one");
            }
            answer(at, at->last, "200 OK", "far", NULL, NULL);
        }
        stage_free(at);
    }
}

static void a_token_goes_nowhere_without_tls(void **state)
{
    (void)state;
    for (int allowed = 0; allowed < 2; allowed++) {
        pipit_ua_configuration c = {.uri = "sip:alice@example.com",
                                    .credentials = on_credentials,
                                    .allow_insecure_authorization = allowed};
        stage *at = stage_new_over(&c, "WS");

        asked = (struct asked){.give = &token_one};
        assert_int_equal(pipit_ua_start(at->ua), 0);
        advance_ms(at, 1);
        expect_sent(at, "REGISTER ");
        refuse(at, BEARER);
        assert_int_equal(asked.times, allowed);
        if (allowed)
            expect_sent(at, "REGISTER ");
        expect_silence(at);
        stage_free(at);
    }
}

static void a_jwt_that_ran_out_is_replaced(void **state)
{
    stage *at;

    (void)state;
    asked = (struct asked){.give = &token_two};
    at = stage_registering_with(
        (pipit_ua_configuration){.authorization_jwt = JWT, .credentials = on_credentials});
    check_header(at->last, "Authorization", JWT);
    refuse(at, BEARER_OVER);
    check_asked(1, "REGISTER Bearer r invalid_token refused");
    expect_sent(at, "REGISTER ");
    check_header(at->last, "Authorization", "Bearer t0ken.two");
    assert_int_equal(pp_message_count(at->last, PP_HEADER_AUTHORIZATION), 1);
    grant(at, "");
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "hi", NULL, NULL), 0);
    expect_sent(at, "MESSAGE ");
    check_header(at->last, "Authorization", "Bearer t0ken.two"); /* as every request */
    stage_free(at);
}

static void a_jwt_gives_way_to_a_digest(void **state)
{
    stage *at = stage_registering_with(
        (pipit_ua_configuration){.authorization_jwt = JWT, .password = "wonderland"});

    (void)state;
    refuse(at, WWW("r", "1", ""));
    expect_sent(at, "REGISTER ");
    assert_true(proves(at, PP_HEADER_AUTHORIZATION, "r", "wonderland"));
    assert_int_equal(pp_message_count(at->last, PP_HEADER_AUTHORIZATION), 1);
    stage_free(at);
}

/* --- without memory --------------------------------------------------------------------------- */

/* Any single failure ends in a registration or in an event that says why there is none, and the next attempt works. */
static void any_failing_allocation_is_survived(void **state)
{
    static const pipit_credentials given = {.authorization_user = "al", .password = "wonderland"};
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        stage *at;

        scarce_begin(0);
        at = stage_asking(NULL);
        asked.keep = true;
        scarce_fail(n);
        refuse(at, WWW("r", "1", "") PROXY("p", "2", ""));
        for (int i = 0; i < 2 && asked.kept; i++) {
            while (pipit_challenge_answer(asked.kept, &given) == PIPIT_ERR_MEMORY)
                continue;
            asked.kept = pipit_challenge_unref(asked.kept);
            advance_ms(at, 1);
        }
        if (asked.kept)
            asked.kept = pipit_challenge_unref(asked.kept);
        failed = scarce_memory.failed;
        scarce_relax();
        if (!next_sent(at)) { /* it failed, and that was told */
            advance_ms(at, 33000);
            pp_buf_char(&at->log, '\0');
            assert_true(pp_str_starts(pp_str_c(at->log.p), "registration_failed:"));
            asked = (struct asked){.give = &given};
            assert_int_equal(pipit_ua_register(at->ua), 0);
            expect_sent(at, "REGISTER ");
            refuse(at, WWW("r", "1", "") PROXY("p", "2", ""));
            expect_sent(at, "REGISTER ");
        }
        if (!proves(at, PP_HEADER_AUTHORIZATION, "r", "wonderland"))
            fail_msg("allocation %llu:\n%.*s", (unsigned long long)n, PP_STR(at->last->wire));
        stage_free(at);
        assert_int_equal(scarce_end(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jwt_goes_with_every_request),
        cmocka_unit_test(a_jwt_goes_without_tls_only_when_that_is_allowed),
        cmocka_unit_test(realms_are_answered_together_and_after_each_other),
        cmocka_unit_test(a_changed_password_is_used_with_nonces_old_and_new),
        cmocka_unit_test(a_nonce_is_counted_over_requests_side_by_side),
        cmocka_unit_test(only_a_proxy_is_answered_ahead_and_no_far_end),
        cmocka_unit_test(a_password_serves_realm_after_realm),
        cmocka_unit_test(what_is_remembered_has_an_end),
        cmocka_unit_test(the_application_is_asked_for_what_is_missing),
        cmocka_unit_test(the_application_may_take_its_time),
        cmocka_unit_test(the_application_may_have_none),
        cmocka_unit_test(a_refused_password_is_asked_for_again),
        cmocka_unit_test(each_realm_is_asked_for_by_itself),
        cmocka_unit_test(what_cannot_be_a_credential_is_not_taken),
        cmocka_unit_test(nobody_is_asked_for_basic),
        cmocka_unit_test(a_call_that_waits_for_credentials_goes_on),
        cmocka_unit_test(a_call_is_given_up_while_it_waits),
        cmocka_unit_test(a_user_agent_stops_while_it_waits),
        cmocka_unit_test(a_challenge_outlives_its_user_agent),
        cmocka_unit_test(a_connection_lost_while_it_waits_is_no_end),
        cmocka_unit_test(a_handler_may_do_anything_while_it_is_asked),
        cmocka_unit_test(a_token_is_asked_for_and_kept_for_the_registrar),
        cmocka_unit_test(a_token_of_a_proxy_goes_ahead_only_when_it_is_ours),
        cmocka_unit_test(a_token_goes_nowhere_without_tls),
        cmocka_unit_test(a_jwt_that_ran_out_is_replaced),
        cmocka_unit_test(a_jwt_gives_way_to_a_digest),
        cmocka_unit_test(any_failing_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
