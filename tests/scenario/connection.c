/* connection.c - a call's peer connection, as it is asked from outside: what it says of descriptions, states and statistics, and what
 * belongs to the call. */
#include "support/cast/cast.h"

#include <stdio.h>

typedef struct watch {
    pipit_peer *given;
    char story[256];
} watch;

static void on_state(pipit_peer *peer, const pipit_connection_state_event *event, void *user)
{
    watch *w = user;
    size_t n = strlen(w->story);

    (void)peer;
    snprintf(w->story + n, sizeof(w->story) - n, "%s ", pipit_connection_state_name(event->state));
}

static const pipit_peer_handlers peer_handlers = {.connection_state_change = on_state};

static void on_peerconnection(pipit_session *session, const pipit_peerconnection_event *event,
                              void *user)
{
    watch *w = user;

    assert_false(event->own_media);
    assert_ptr_equal(event->peerconnection, pipit_session_connection(session));
    w->given = pipit_peer_ref(event->peerconnection);
    assert_int_equal(pipit_peer_add_handlers(w->given, &peer_handlers, w), 0);
}

static const pipit_session_handlers session_handlers = {.peerconnection = on_peerconnection};

static void on_new_rtc_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    (void)ua;
    if (event->originator == PIPIT_REMOTE)
        assert_int_equal(pipit_session_add_handlers(event->session, &session_handlers, user), 0);
}

static const pipit_ua_handlers ua_handlers = {.new_rtc_session = on_new_rtc_session};

static void a_calls_connection_answers_questions(void **state)
{
    pipit_description description;
    pipit_stats_report *report = NULL;
    pipit_peer *connection;
    watch w = {0};
    char *text = NULL;
    cast *c = NULL;

    (void)state;
    assert_int_equal(cast_new(&(cast_options){.seed = 1}, &c), 0);
    assert_int_equal(pipit_ua_add_handlers(c->bob.ua, &ua_handlers, &w), 0);
    cast_start(c);
    assert_int_equal(cast_call(&c->alice, "bob"), 0);
    assert_true(cast_wait(c, &c->alice.confirmed, 5000));
    sim_advance_ms(c->s, 2000);

    connection = pipit_session_connection(c->alice.session);
    assert_int_equal(pipit_peer_signaling_state(connection), PIPIT_SIGNALING_STABLE);
    assert_int_equal(pipit_peer_connection_state(connection), PIPIT_CONNECTION_CONNECTED);
    assert_int_equal(pipit_peer_ice_connection_state(connection), PIPIT_ICE_CONNECTION_CONNECTED);
    assert_int_equal(pipit_peer_ice_gathering_state(connection), PIPIT_ICE_GATHERING_COMPLETE);
    assert_true(pipit_peer_current_local_description(connection, &description));
    assert_int_equal(description.type, PIPIT_DESCRIPTION_OFFER);
    assert_true(pipit_peer_current_remote_description(connection, &description));
    assert_int_equal(description.type, PIPIT_DESCRIPTION_ANSWER);
    assert_int_equal(pipit_transceiver_current_direction(pipit_peer_transceiver(connection, 0)),
                     PIPIT_DIRECTION_SENDRECV);
    assert_int_equal(pipit_peer_get_stats(connection, &report), 0);
    assert_non_null(pipit_stats_report_find(report, "I0"));
    assert_non_null(pipit_stats_report_find(report, "O0"));
    pipit_stats_report_unref(report);
    /* What changes the negotiation is the call's own. */
    assert_int_equal(pipit_peer_create_offer(connection, &text), PIPIT_ERR_STATE);
    assert_int_equal(pipit_peer_set_local_description(connection, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pipit_peer_close(connection), PIPIT_ERR_STATE);
    assert_int_equal(pipit_peer_add_transceiver(connection, PIPIT_MEDIA_AUDIO, NULL, NULL),
                     PIPIT_ERR_STATE);

    assert_string_equal(w.story, "connecting connected ");
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 1000);
    assert_null(pipit_session_connection(c->alice.session));
    assert_int_equal(pipit_peer_connection_state(w.given), PIPIT_CONNECTION_CLOSED);
    assert_true(pipit_peer_remote_description(w.given, &description));
    assert_int_equal(pipit_peer_remove_handlers(w.given, &peer_handlers, &w), 0);
    pipit_peer_unref(w.given);
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_calls_connection_answers_questions)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
