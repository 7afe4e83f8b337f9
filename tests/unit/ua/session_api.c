/* session_api.c - what an application asks of a call, and may change: descriptions, listeners, identities, how it is ended. */
#include "unit/ua/support/stage.h"

/* --- descriptions ----------------------------------------------------------------------------- */

static void change(pipit_session *session, const pipit_sdp_event *event, void *user)
{
    char text[128];

    (void)user;
    snprintf(text, sizeof(text), "%s changed %s", event->sdp,
             event->originator == PIPIT_LOCAL ? "here" : "there");
    assert_int_equal(pipit_session_change_sdp(session, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_change_sdp(session, "v=0 first thought"), 0);
    assert_int_equal(pipit_session_change_sdp(session, text), 0);
}

static const pipit_session_handlers changing = {.sdp = change};

static bool body_ends(const pp_message *m, const char *end)
{
    size_t n = strlen(end);

    return m->body.n >= n && memcmp(m->body.p + m->body.n - n, end, n) == 0;
}

static void descriptions_of_a_call_out_can_be_changed(void **state)
{
    stage *at = stage_connected();
    pipit_call_options options = {.handlers = &changing};
    pipit_session *session = NULL;

    (void)state;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, &session), 0);
    assert_int_equal(pipit_session_change_sdp(session, "v=0"), PIPIT_ERR_STATE);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_true(body_ends(at->last, " changed here"));
    at->invite = pp_message_ref(at->last);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    assert_string_equal(at->remotes.p, "answer:" ANSWER " changed there ");
    expect_sent(at, "ACK ");
    assert_int_equal(pipit_session_renegotiate(session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_true(body_ends(at->last, " changed here"));
    pipit_session_unref(session);
    stage_free(at);
}

static void add_changing(stage *at, pipit_session *session)
{
    assert_int_equal(pipit_session_add_handlers(session, &changing, at), 0);
}

static void descriptions_of_a_call_in_can_be_changed(void **state)
{
    stage *at = stage_connected();

    (void)state;
    at->on_new_session = add_changing;
    call_in(at, NULL, OFFER);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(body_ends(at->last, " changed here"));
    assert_string_equal(at->remotes.p, "offer:" OFFER " changed there ");
    stage_free(at);
}

/* --- listeners -------------------------------------------------------------------------------- */

typedef struct hearing {
    char names[512];
    pipit_session_handlers *once; /* removed when it hears `confirmed` */
    unsigned confirmed;
} hearing;

static void hear_any(pipit_session *session, const char *name, const void *event, void *user)
{
    hearing *h = user;
    size_t n = strlen(h->names);

    (void)session;
    assert_non_null(event);
    snprintf(h->names + n, sizeof(h->names) - n, "%s ", name);
}

static void hear_confirmed(pipit_session *session, const pipit_confirmed_event *event, void *user)
{
    hearing *h = user;

    (void)event;
    h->confirmed++;
    if (h->once)
        assert_int_equal(pipit_session_remove_handlers(session, h->once, h), 0);
}

static hearing heard;
static const pipit_session_handlers all = {.any = hear_any, .confirmed = hear_confirmed};

static void listen_too(stage *at, pipit_session *session)
{
    (void)at;
    assert_int_equal(pipit_session_add_handlers(session, &all, &heard), 0);
    assert_int_equal(pipit_session_add_handlers(session, NULL, &heard), PIPIT_ERR_ARGUMENT);
}

static void a_call_has_several_listeners_and_one_that_sees_all(void **state)
{
    stage *at = stage_connected();

    (void)state;
    heard = (hearing){.names = ""};
    at->on_new_session = listen_too;
    call_in(at, NULL, OFFER);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    acknowledge(at, NULL);
    pipit_session_send_dtmf(at->session, "1", &(pipit_dtmf_options){.info = true});
    pipit_session_remove_handlers(at->session, &all, &heard);
    assert_int_equal(pipit_session_remove_handlers(at->session, &all, &heard), PIPIT_ERR_NOT_FOUND);
    pipit_session_terminate(at->session, NULL);
    assert_string_equal(heard.names,
                        "progress peerconnection sdp connecting sdp accepted confirmed newDTMF ");
    assert_int_equal(heard.confirmed, 1);
    check_events(at, "new_rtc_session:remote progress:local connecting accepted:local "
                     "confirmed:remote dtmf:local:1:100:info ended:local:Terminated ");
    stage_free(at);
}

static void a_listener_may_remove_itself(void **state)
{
    static pipit_session_handlers once = {.confirmed = hear_confirmed};
    stage *at = stage_connected();
    hearing h = {.once = &once}, other = {.names = ""};

    (void)state;
    call_in(at, NULL, OFFER);
    assert_int_equal(pipit_session_add_handlers(at->session, &once, &h), 0);
    assert_int_equal(pipit_session_add_handlers(at->session, &all, &other), 0);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    acknowledge(at, NULL);
    assert_int_equal(h.confirmed, 1);
    assert_int_equal(other.confirmed, 1);
    assert_int_equal(pipit_session_remove_handlers(at->session, &once, &h), PIPIT_ERR_NOT_FOUND);
    stage_free(at);
}

/* --- who and where ---------------------------------------------------------------------------- */

static void check_identity(int (*get)(const pipit_session *session, pipit_name_addr **out),
                           const pipit_session *session, const char *expected)
{
    pipit_name_addr *identity = NULL;
    char *text = NULL;

    assert_int_equal(get(session, &identity), 0);
    assert_int_equal(pipit_name_addr_to_string(identity, &text), 0);
    assert_true(strncmp(text, expected, strlen(expected)) == 0);
    pipit_free(text);
    pipit_name_addr_unref(identity);
}

static void a_call_knows_both_sides_and_its_contact(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    check_identity(pipit_session_local_identity, at->session, "<sip:alice@example.com>");
    check_identity(pipit_session_remote_identity, at->session, "\"Bob\" <sip:bob@example.com>");
    assert_true(header_holds(at->last, "Contact", pipit_session_contact(at->session)));
    stage_free(at);

    at = stage_calling();
    check_identity(pipit_session_local_identity, at->session, "<sip:alice@example.com>");
    check_identity(pipit_session_remote_identity, at->session, "<sip:bob@example.com>");
    check_header(at->invite, "Contact", pipit_session_contact(at->session));
    stage_free(at);
}

/* The INVITE is given back when the call stands, the dialog when it ends. */
static void a_call_knows_both_sides_to_its_end_and_behind(void **state)
{
    stage *at = stage_connected();
    pipit_session *session;

    (void)state;
    come(at,
         &(coming){.method = "INVITE", .from_tag = "far;of=old", .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 180 Ringing");
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    acknowledge(at, NULL);
    session = pipit_session_ref(at->session);
    for (unsigned i = 0; i < 2; i++) {
        check_identity(pipit_session_local_identity, session, "<sip:alice@example.com>");
        check_identity(pipit_session_remote_identity, session,
                       "\"Bob\" <sip:bob@example.com>;tag=far;of=old");
        pipit_session_terminate(session, NULL);
    }
    assert_string_equal(pipit_session_id(session), "call-1far");
    assert_string_equal(pipit_session_remote_display_name(session), "Bob");
    assert_string_equal(pipit_session_local_uri(session), "sip:alice@example.com");
    pipit_session_unref(session);
    stage_free(at);
}

static void calls_with_the_same_contact_share_it(void **state)
{
    static const pipit_call_options as[] = {{0}, {.anonymous = true}, {.anonymous = true}, {0}};
    stage *at = stage_connected();
    pipit_session *calls[4];
    const char *contacts[4];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(pipit_ua_call(at->ua, "bob", &as[i], &calls[i]), 0);
        contacts[i] = pipit_session_contact(calls[i]);
    }
    assert_ptr_equal(contacts[1], contacts[2]);
    assert_string_equal(contacts[0], contacts[3]);
    assert_string_not_equal(contacts[0], contacts[1]);
    stage_free(at);
    assert_string_equal(contacts[0], pipit_session_contact(calls[3])); /* without a user agent */
    for (unsigned i = 0; i < 4; i++)
        pipit_session_unref(calls[i]);
}

static void a_call_carries_the_applications_pointer(void **state)
{
    stage *at = stage_connected();
    pipit_session *session = NULL;
    int mine;

    (void)state;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &(pipit_call_options){.data = &mine}, &session),
                     0);
    assert_ptr_equal(pipit_session_data(session), &mine);
    pipit_session_unref(session);
    stage_free(at);

    at = stage_ringing();
    pipit_session_set_data(at->session, at);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    assert_ptr_equal(pipit_session_data(at->session), at);
    stage_free(at);
}

/* --- ended ------------------------------------------------------------------------------------ */

static void a_call_is_ended_with_a_body_and_a_sentence(void **state)
{
    static const pipit_terminate_options options = {
        .content_type = "application/x-why", .body = "lunch", .cause = "the lunch is ready"};
    stage *at = stage_in_call();

    (void)state;
    assert_int_equal(
        pipit_session_terminate(
            at->session, &(pipit_terminate_options){.content_type = "a\r\nb: c", .body = "x"}),
        PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_session_terminate(at->session, &options), 0);
    expect_sent(at, "BYE ");
    check_header(at->last, "Content-Type", "application/x-why");
    assert_true(pp_str_eq_c(at->last->body, "lunch"));
    assert_string_equal(at->reason, "the lunch is ready");
    stage_free(at);

    at = stage_ringing();
    assert_int_equal(pipit_session_terminate(at->session, &options), 0);
    expect_sent(at, "SIP/2.0 480 ");
    assert_true(pp_str_eq_c(at->last->body, "lunch"));
    stage_free(at);
}

static void local_media_is_reset(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    assert_int_equal(pipit_session_mute(at->session, NULL), 0);
    assert_int_equal(pipit_session_hold(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    pp_buf_clear(&at->log);
    assert_int_equal(pipit_session_reset_local_media(at->session), 0);
    check_events(at, "unmuted unhold:local ");
    assert_false(pipit_session_is_muted(at->session).audio);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    pp_buf_clear(&at->log);
    assert_int_equal(pipit_session_reset_local_media(at->session), 0);
    check_events(at, "");
    expect_silence(at);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptions_of_a_call_out_can_be_changed),
        cmocka_unit_test(descriptions_of_a_call_in_can_be_changed),
        cmocka_unit_test(a_call_has_several_listeners_and_one_that_sees_all),
        cmocka_unit_test(a_listener_may_remove_itself),
        cmocka_unit_test(a_call_knows_both_sides_and_its_contact),
        cmocka_unit_test(a_call_knows_both_sides_to_its_end_and_behind),
        cmocka_unit_test(calls_with_the_same_contact_share_it),
        cmocka_unit_test(a_call_carries_the_applications_pointer),
        cmocka_unit_test(a_call_is_ended_with_a_body_and_a_sentence),
        cmocka_unit_test(local_media_is_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
