/* streams.c - user agents over TCP and over a WebSocket at one switchboard, in virtual time. */
#include "support/cast/cast.h"

#include <stdio.h>
#include <string.h>

typedef struct tcp_phone {
    pipit_ua *ua;
    char text[64];
    unsigned registered;
} tcp_phone;

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    (void)ua;
    (void)event;
    ((tcp_phone *)user)->registered++;
}

static void on_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    tcp_phone *p = user;

    (void)ua;
    if (event->originator == PIPIT_REMOTE)
        snprintf(p->text, sizeof(p->text), "%s", pipit_message_body(event->message, NULL));
}

static const pipit_ua_handlers handlers = {.registered = on_registered, .new_message = on_message};

/* Bob a second time, at the port of the WebSockets. */
static void start(tcp_phone *p, cast *c)
{
    pipit_ua_configuration configuration = {
        .uri = "sip:bob@example.com", .password = "builder", .handlers = &handlers, .user = p};
    char uri[80];

    snprintf(uri, sizeof(uri), "sip:sip.example.com:%u;transport=tcp",
             switchboard_ws_port(c->board));
    assert_int_equal(pipit_sip_socket_new(sim_loop(c->s), uri, &configuration.sockets[0].socket),
                     0);
    assert_int_equal(pipit_ua_new(sim_loop(c->s), &configuration, &p->ua), 0);
    pipit_socket_unref(configuration.sockets[0].socket);
    assert_int_equal(pipit_ua_start(p->ua), 0);
    sim_advance_ms(c->s, 3000);
}

static void a_phone_over_tcp_is_served_beside_the_others(void **state)
{
    tcp_phone bob = {0};
    cast *c = NULL;

    (void)state;
    assert_int_equal(cast_new(&(cast_options){.seed = 1}, &c), 0);
    assert_int_equal(pipit_ua_start(c->alice.ua), 0);
    start(&bob, c);
    assert_int_equal(bob.registered, 1);
    assert_int_equal(switchboard_bindings(c->board, "bob"), 1);
    assert_int_equal(cast_message(&c->alice, "bob", "over TCP"), 0);
    sim_advance_ms(c->s, 1000);
    assert_int_equal(c->alice.message_status, 200);
    assert_string_equal(bob.text, "over TCP");
    assert_int_equal(pipit_ua_send_message(bob.ua, "alice", "and back", NULL, NULL), 0);
    sim_advance_ms(c->s, 1000);
    assert_string_equal(c->alice.text, "and back");
    sim_advance_ms(c->s, 400000); /* kept alive */
    assert_true(pipit_ua_is_registered(bob.ua));
    assert_int_equal(bob.registered, 1);
    pipit_ua_stop(bob.ua);
    sim_advance_ms(c->s, 3000);
    assert_int_equal(switchboard_bindings(c->board, "bob"), 0);
    pipit_ua_unref(bob.ua);
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phone_over_tcp_is_served_beside_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
