/* many.c - two hundred accounts in one process and on one loop: they register, call each other, lose all connections in one
 * moment, and none gets into another's way. Media is a stub: it is the signalling that is many. */
#include "base/alloc.h"
#include "support/files.h"
#include "support/sim.h"
#include "switchboard/switchboard.h"
#include "ua/ua.h"

#include <stdio.h>
#include <stdlib.h>

#define PHONES 200u
#define PAIRS  (PHONES / 2u)

typedef struct phone {
    char name[8];
    pipit_ua *ua;
    pipit_socket *socket;
    pipit_session *session; /* the last, held */
    unsigned connected, disconnected, registered, unregistered, failed, calls, confirmed, ended;
    unsigned stopped, messages;
} phone;

static struct crowd {
    sim *s;
    switchboard *board;
    phone phones[PHONES];
} crowd;

/* --- media that is none ----------------------------------------------------------------------- */

typedef struct stub {
    pp_media_session head;
    pipit_loop *loop;
    const pp_media_session_handlers *handlers;
    void *arg;
    pp_post post;
} stub;

static void describe(void *arg)
{
    stub *m = arg;

    m->handlers->description(m->arg, 0, PP_LIT("v=0\r\n"));
}

static int stub_create(pp_media_session *session)
{
    stub *m = (stub *)(void *)session;

    pp_loop_post(m->loop, &m->post, describe, m);
    return 0;
}

static int stub_set_remote(pp_media_session *session, bool is_offer, pp_str sdp)
{
    (void)session;
    (void)is_offer;
    (void)sdp;
    return 0;
}

static void stub_rollback(pp_media_session *session)
{
    (void)session;
}

static bool stub_remote_holds(const pp_media_session *session)
{
    (void)session;
    return false;
}

static void stub_stats(const pp_media_session *session, pipit_stats *out)
{
    (void)session;
    *out = (pipit_stats){.codec = "none"};
}

static void stub_close(pp_media_session *session)
{
    stub *m = (stub *)(void *)session;

    pp_loop_unpost(m->loop, &m->post);
    pp_free(m);
}

static const pp_media_session_ops stub_ops = {.create_offer = stub_create,
                                              .create_answer = stub_create,
                                              .set_remote = stub_set_remote,
                                              .rollback = stub_rollback,
                                              .remote_holds = stub_remote_holds,
                                              .stats = stub_stats,
                                              .close = stub_close};

static int stub_new(pipit_loop *loop, const pp_media_session_options *options,
                    const pp_media_session_handlers *handlers, void *arg, pp_media_session **out)
{
    stub *m = PP_NEW(stub);

    (void)options;
    assert_non_null(m);
    m->head.ops = &stub_ops;
    m->loop = loop;
    m->handlers = handlers;
    m->arg = arg;
    *out = &m->head;
    return 0;
}

/* --- a phone ---------------------------------------------------------------------------------- */

static void on_connected(pipit_ua *ua, const pipit_connected_event *event, void *user)
{
    phone *p = user;

    assert_ptr_equal(ua, p->ua);
    assert_ptr_equal(event->socket, p->socket);
    p->connected++;
}

static void on_disconnected(pipit_ua *ua, const pipit_disconnected_event *event, void *user)
{
    phone *p = user;

    assert_ptr_equal(ua, p->ua);
    assert_ptr_equal(event->socket, p->socket);
    p->disconnected++;
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    (void)event;
    assert_ptr_equal(ua, ((phone *)user)->ua);
    ((phone *)user)->registered++;
}

static void on_unregistered(pipit_ua *ua, const pipit_unregistered_event *event, void *user)
{
    (void)ua;
    (void)event;
    ((phone *)user)->unregistered++;
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *event, void *user)
{
    (void)ua;
    (void)event;
    ((phone *)user)->failed++;
}

static void on_confirmed(pipit_session *session, const pipit_confirmed_event *event, void *user)
{
    (void)event;
    assert_ptr_equal(session, ((phone *)user)->session);
    ((phone *)user)->confirmed++;
}

static void on_ended(pipit_session *session, const pipit_end_event *event, void *user)
{
    phone *p = user;

    assert_ptr_equal(session, p->session);
    assert_int_equal(event->cause, PIPIT_CAUSE_BYE);
    p->ended++;
}

static void on_failed(pipit_session *session, const pipit_end_event *event, void *user)
{
    (void)session;
    fail_msg("%s: a call failed: %s", ((phone *)user)->name, event->reason);
}

static const pipit_session_handlers call_handlers = {
    .confirmed = on_confirmed, .ended = on_ended, .failed = on_failed};

static void on_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    phone *p = user;

    assert_ptr_equal(ua, p->ua);
    p->calls++;
    pipit_session_unref(p->session);
    p->session = pipit_session_ref(event->session);
    if (event->originator == PIPIT_LOCAL)
        return;
    pipit_session_set_handlers(event->session, &call_handlers, p);
    assert_int_equal(pipit_session_answer(event->session, NULL), 0);
}

static void on_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    phone *p = user;

    assert_ptr_equal(ua, p->ua);
    if (event->originator == PIPIT_LOCAL)
        return;
    assert_string_equal(pipit_message_body(event->message, NULL), p->name); /* it was for us */
    p->messages++;
}

static void on_stopped(pipit_ua *ua, void *user)
{
    (void)ua;
    ((phone *)user)->stopped++;
}

static const pipit_ua_handlers handlers = {.connected = on_connected,
                                           .disconnected = on_disconnected,
                                           .registered = on_registered,
                                           .unregistered = on_unregistered,
                                           .registration_failed = on_registration_failed,
                                           .new_rtc_session = on_session,
                                           .new_message = on_message,
                                           .stopped = on_stopped};

/* --- the crowd -------------------------------------------------------------------------------- */

static void make_phone(phone *p)
{
    pipit_ua_configuration c = {.handlers = &handlers, .user = p, .password = "secret"};
    char uri[64];

    snprintf(uri, sizeof(uri), "sip:%s@example.com", p->name);
    assert_int_equal(
        pipit_websocket_new(sim_loop(crowd.s), "ws://sip.example.com:8080", &p->socket), 0);
    c.uri = uri;
    c.sockets[0].socket = p->socket;
    assert_int_equal(pp_ua_new(sim_loop(crowd.s), &c, stub_new, &p->ua), 0);
    assert_int_equal(pipit_ua_start(p->ua), 0);
}

static int gather(void **state)
{
    static switchboard_user users[PHONES];
    switchboard_options board = {.domain = "example.com", .users = users, .user_count = PHONES};

    (void)state;
    memset(&crowd, 0, sizeof(crowd));
    assert_int_equal(sim_new(11, &crowd.s), 0);
    sim_add_host(crowd.s, "sip.example.com", "192.0.2.1");
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 8080, &board.ws));
    for (unsigned i = 0; i < PHONES; i++) {
        snprintf(crowd.phones[i].name, sizeof(crowd.phones[i].name), "u%u", i);
        users[i] = (switchboard_user){crowd.phones[i].name, "secret"};
    }
    assert_int_equal(switchboard_new(sim_loop(crowd.s), &board, &crowd.board), 0);
    for (unsigned i = 0; i < PHONES; i++)
        make_phone(&crowd.phones[i]);
    sim_advance_ms(crowd.s, 1000);
    return 0;
}

static int part(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PHONES; i++) {
        phone *p = &crowd.phones[i];

        pipit_session_unref(p->session);
        pipit_ua_unref(p->ua);
        pipit_socket_unref(p->socket);
    }
    sim_advance_ms(crowd.s, 100);
    switchboard_free(crowd.board);
    sim_free(crowd.s);
    return 0;
}

#define CHECK_ALL(field, expected)                                                                 \
    do {                                                                                           \
        for (unsigned all_ = 0; all_ < PHONES; all_++)                                             \
            if (crowd.phones[all_].field != (expected))                                            \
                fail_msg("%s: " #field " is %u", crowd.phones[all_].name,                          \
                         crowd.phones[all_].field);                                                \
    } while (0)

/* --- the tests -------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* JsSIP gives all user agents of a process one name. */
static void every_account_has_a_name_of_its_own_in_via(void **state)
{
    const char *hosts[PHONES], *contacts[PHONES], *instances[PHONES];

    (void)state;
    CHECK_ALL(registered, 1);
    for (unsigned i = 0; i < PHONES; i++) {
        hosts[i] = crowd.phones[i].ua->settings.via_host;
        contacts[i] = pipit_ua_contact(crowd.phones[i].ua);
        instances[i] = crowd.phones[i].ua->settings.instance_id;
    }
    qsort(hosts, PHONES, sizeof(*hosts), by_text);
    qsort(contacts, PHONES, sizeof(*contacts), by_text);
    qsort(instances, PHONES, sizeof(*instances), by_text);
    for (unsigned i = 1; i < PHONES; i++) {
        assert_string_not_equal(hosts[i - 1], hosts[i]);
        assert_string_not_equal(contacts[i - 1], contacts[i]);
        assert_string_not_equal(instances[i - 1], instances[i]);
    }
}

static void all_call(void)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        phone *caller = &crowd.phones[2 * i];
        const pipit_call_options options = {.handlers = &call_handlers, .user = caller};

        assert_int_equal(pipit_ua_call(caller->ua, crowd.phones[2 * i + 1].name, &options, NULL),
                         0);
    }
    sim_advance_ms(crowd.s, 2000);
    CHECK_ALL(calls, 1);
    CHECK_ALL(confirmed, 1);
}

static void every_account_survives_the_loss_of_all_connections(void **state)
{
    (void)state;
    all_call();
    sim_break_streams(crowd.s);
    sim_advance_ms(crowd.s, 100);
    CHECK_ALL(disconnected, 1);
    CHECK_ALL(unregistered, 1);
    sim_advance_ms(crowd.s, 35000);
    CHECK_ALL(connected, 2);
    CHECK_ALL(registered, 2);
    CHECK_ALL(failed, 0);
    CHECK_ALL(ended, 0);
    for (unsigned i = 0; i < PAIRS; i++) /* the dialogs are still there */
        assert_int_equal(pipit_session_terminate(crowd.phones[2 * i].session, NULL), 0);
    sim_advance_ms(crowd.s, 2000);
    CHECK_ALL(ended, 1);
    CHECK_ALL(calls, 1);
}

static void every_message_finds_its_account(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PHONES; i++) {
        const char *to = crowd.phones[(i + 77) % PHONES].name;

        assert_int_equal(pipit_ua_send_message(crowd.phones[i].ua, to, to, NULL, NULL), 0);
    }
    sim_advance_ms(crowd.s, 2000);
    CHECK_ALL(messages, 1);
}

static void every_account_stops(void **state)
{
    (void)state;
    all_call();
    for (unsigned i = 0; i < PHONES; i++)
        pipit_ua_stop(crowd.phones[i].ua);
    sim_advance_ms(crowd.s, 3000);
    CHECK_ALL(ended, 1);
    CHECK_ALL(unregistered, 1);
    CHECK_ALL(stopped, 1);
    CHECK_ALL(disconnected, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, gather, part)
    const struct CMUnitTest tests[] = {
        TEST(every_account_has_a_name_of_its_own_in_via),
        TEST(every_account_survives_the_loss_of_all_connections),
        TEST(every_message_finds_its_account),
        TEST(every_account_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
