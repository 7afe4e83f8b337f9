/* transport.c - which socket is used, recovery and keep-alives, with sockets that the test plays, in virtual time. */
#include "transport/transport.h"

#include "support/files.h"
#include "support/sim.h"
#include "transport/socket.h"

#include "base/buf.h"
#include "pipit/error.h"

#include <stdio.h>

#define SOCKETS 3

typedef struct played { /* a socket of the test's own */
    pipit_socket *socket;
    char name;
    unsigned connects, disconnects, released;
    bool refuses; /* every attempt fails at once */
    char sent[64];
} played;

static struct world {
    sim *s;
    pipit_loop *loop;
    played sockets[SOCKETS];
    pp_transport *transport;
    char said[1024];
    size_t said_n;
    bool free_at_connecting, free_at_data, disconnect_at_connecting, reconnect_at_connecting;
} world;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    world.said_n += (size_t)vsnprintf(world.said + world.said_n, sizeof(world.said) - world.said_n,
                                      format, args);
    va_end(args);
    assert_true(world.said_n < sizeof(world.said));
}

static const char *said(void)
{
    static char copy[sizeof(world.said)];

    memcpy(copy, world.said, sizeof(copy));
    world.said[0] = '\0';
    world.said_n = 0;
    return copy;
}

static void played_connect(void *self)
{
    played *p = self;

    p->connects++;
    if (p->refuses)
        pipit_socket_disconnected(p->socket, true, 1006, "refused");
}

static void played_disconnect(void *self)
{
    ((played *)self)->disconnects++;
}

static bool played_send(void *self, const char *data, size_t size)
{
    played *p = self;

    snprintf(p->sent, sizeof(p->sent), "%.*s", (int)size, data);
    return true;
}

static void played_release(void *self)
{
    ((played *)self)->released++;
}

static const pipit_socket_interface played_functions = {played_connect, played_disconnect,
                                                        played_send, played_release};

static char name_of(const pipit_socket *socket)
{
    return pipit_socket_url(socket)[0];
}

static void on_connecting(void *arg, pipit_socket *socket, unsigned attempts)
{
    (void)arg;
    say("connecting %c %u\n", name_of(socket), attempts);
    if (world.free_at_connecting)
        world.transport = pp_transport_free(world.transport);
    if (world.disconnect_at_connecting)
        pp_transport_disconnect(world.transport);
    if (world.reconnect_at_connecting) {
        world.reconnect_at_connecting = false;
        pp_transport_disconnect(world.transport);
        pp_transport_connect(world.transport);
    }
}

static void on_connected(void *arg, pipit_socket *socket)
{
    (void)arg;
    say("connected %c\n", name_of(socket));
}

static void on_disconnected(void *arg, pipit_socket *socket, bool error, int code,
                            const char *reason)
{
    (void)arg;
    say("disconnected %c %d %d %s\n", name_of(socket), error, code, reason);
}

static void on_data(void *arg, const char *data, size_t size)
{
    (void)arg;
    say("data %.*s\n", (int)size, data);
    if (world.free_at_data)
        world.transport = pp_transport_free(world.transport);
}

static const pp_transport_handlers handlers = {on_connecting, on_connected, on_disconnected,
                                               on_data};

static int start(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    assert_int_equal(sim_new(7, &world.s), 0);
    world.loop = sim_loop(world.s);
    for (unsigned i = 0; i < SOCKETS; i++) {
        const char name[] = {(char)('a' + i), '\0'};

        world.sockets[i].name = name[0];
        assert_int_equal(pipit_socket_new(&played_functions, &world.sockets[i], "WS", name,
                                          "sip:h;transport=ws", &world.sockets[i].socket),
                         0);
    }
    return 0;
}

static int finish(void **state)
{
    (void)state;
    world.transport = pp_transport_free(world.transport);
    for (unsigned i = 0; i < SOCKETS; i++) {
        world.sockets[i].socket = pipit_socket_unref(world.sockets[i].socket);
        assert_int_equal(world.sockets[i].released, 1);
    }
    sim_free(world.s);
    return 0;
}

static void make(const unsigned *weights, size_t count, unsigned min_s, unsigned max_s)
{
    pp_weighted_socket sockets[SOCKETS];

    for (size_t i = 0; i < count; i++)
        sockets[i] = (pp_weighted_socket){world.sockets[i].socket, weights[i]};
    assert_int_equal(pp_transport_new(world.loop, sockets, count, min_s, max_s, &handlers, NULL,
                                      &world.transport),
                     0);
}

static void make_one(void)
{
    make((unsigned[]){0}, 1, 0, 0);
}

static void connect_one(void)
{
    make_one();
    pp_transport_connect(world.transport);
    pipit_socket_connected(world.sockets[0].socket);
    assert_string_equal(said(), "connecting a 0\nconnected a\n");
}

static void a_transport_connects(void **state)
{
    (void)state;
    make_one();
    assert_false(pp_transport_is_connected(world.transport));
    assert_false(pp_transport_send(world.transport, "x", 1));
    pp_transport_connect(world.transport);
    pp_transport_connect(world.transport);
    assert_int_equal(world.sockets[0].connects, 1);
    pipit_socket_connected(world.sockets[0].socket);
    pipit_socket_connected(world.sockets[0].socket);
    assert_string_equal(said(), "connecting a 0\nconnected a\n");
    assert_true(pp_transport_is_connected(world.transport));
    assert_true(pp_transport_send(world.transport, "hello", 5));
    assert_string_equal(world.sockets[0].sent, "hello");
    assert_ptr_equal(pp_transport_socket(world.transport), world.sockets[0].socket);
}

static void a_disconnect_of_ours_is_reported_and_final(void **state)
{
    (void)state;
    connect_one();
    pp_transport_disconnect(world.transport);
    assert_string_equal(said(), "disconnected a 0 0 \n");
    assert_int_equal(world.sockets[0].disconnects, 1);
    pipit_socket_disconnected(world.sockets[0].socket, true, 1006, "late");
    pipit_socket_connected(world.sockets[0].socket);
    pipit_socket_data(world.sockets[0].socket, "x", 1);
    sim_advance_ms(world.s, 100000);
    assert_string_equal(said(), "");
    pp_transport_disconnect(world.transport);
    assert_string_equal(said(), "");
    pp_transport_connect(world.transport);
    assert_string_equal(said(), "connecting a 0\n");
}

static void a_loss_is_recovered_from(void **state)
{
    (void)state;
    connect_one();
    pipit_socket_disconnected(world.sockets[0].socket, false, 1001, "going away");
    assert_string_equal(said(), "disconnected a 0 1001 going away\n");
    assert_false(pp_transport_is_connected(world.transport));
    assert_false(pp_transport_send(world.transport, "x", 1));
    sim_advance_ms(world.s, 1999);
    assert_string_equal(said(), "");
    sim_advance_ms(world.s, 1001);
    assert_string_equal(said(), "connecting a 1\n");
    pipit_socket_connected(world.sockets[0].socket);
    assert_string_equal(said(), "connected a\n");
    pipit_socket_disconnected(world.sockets[0].socket, true, 1006, "");
    sim_advance_ms(world.s, 3000);
    assert_string_equal(said(),
                        "disconnected a 1 1006 \nconnecting a 1\n"); /* the counter was reset */
}

static void the_intervals_grow_and_stay_within_their_bounds(void **state)
{
    bool long_one = false;

    (void)state;
    make_one();
    world.sockets[0].refuses = true;
    pp_transport_connect(world.transport);
    for (unsigned attempt = 1; attempt < 300; attempt++) {
        unsigned before = world.sockets[0].connects, ms = 0;
        unsigned most = attempt < 5 ? (1u << attempt) * 1000 + 1000 : 30000;

        said();
        while (world.sockets[0].connects == before) {
            sim_advance_ms(world.s, 1);
            ms++;
            assert_true(ms <= 30000);
        }
        assert_true(ms >= 2000);
        assert_true(ms <= (most > 3000 ? most : 3000));
        long_one = long_one || ms > 20000;
    }
    assert_true(long_one);
}

/* A thousand clients that lose their server in the same moment must not come back in the same one. */
static void clients_at_the_longest_interval_are_spread(void **state)
{
    unsigned in_second[31] = {0};

    (void)state;
    make((unsigned[]){0}, 1, 2, 30);
    world.sockets[0].refuses = true;
    pp_transport_connect(world.transport);
    for (unsigned i = 0; i < 12; i++)
        sim_advance_ms(world.s, 30000);
    for (unsigned attempt = 0; attempt < 300; attempt++) {
        unsigned before = world.sockets[0].connects, ms = 0;

        said();
        for (; world.sockets[0].connects == before; ms += 10)
            sim_advance_ms(world.s, 10);
        in_second[ms / 1000 < 30 ? ms / 1000 : 30]++;
    }
    for (unsigned i = 0; i < 31; i++)
        assert_true(in_second[i] < 100);
}

static void the_heaviest_that_works_is_used(void **state)
{
    (void)state;
    make((unsigned[]){5, 10, 5}, 3, 0, 0);
    for (unsigned i = 0; i < SOCKETS; i++)
        world.sockets[i].refuses = true;
    pp_transport_connect(world.transport);
    for (unsigned i = 0; i < 40; i++)
        sim_advance_ms(world.s, 1000);
    assert_true(world.sockets[0].connects >= 1);
    assert_true(world.sockets[2].connects >= 1);
    assert_non_null(strstr(said(), "connecting b 0\n")); /* first the heaviest */
    for (unsigned i = 0; i < SOCKETS; i++)
        assert_true(world.sockets[i].connects <=
                    world.sockets[1].connects); /* each round begins with it */
}

static void a_lost_substitute_leads_back_to_the_heaviest(void **state)
{
    (void)state;
    make((unsigned[]){10, 5}, 2, 0, 0);
    world.sockets[0].refuses = true;
    pp_transport_connect(world.transport);
    sim_advance_ms(world.s, 3000);
    pipit_socket_connected(world.sockets[1].socket);
    assert_string_equal(
        said(), "connecting a 0\ndisconnected a 1 1006 refused\nconnecting b 1\nconnected b\n");
    world.sockets[0].refuses = false;
    pipit_socket_disconnected(world.sockets[1].socket, true, 1006, "");
    sim_advance_ms(world.s, 3000);
    assert_string_equal(said(), "disconnected b 1 1006 \nconnecting a 1\n");
}

static void equal_weights_share_by_chance(void **state)
{
    unsigned chosen[SOCKETS] = {0};

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        make((unsigned[]){1, 1, 1}, 3, 0, 0);
        chosen[name_of(pp_transport_socket(world.transport)) - 'a']++;
        world.transport = pp_transport_free(world.transport);
    }
    for (unsigned i = 0; i < SOCKETS; i++)
        assert_true(chosen[i] > 60);
}

static void a_socket_that_returns_by_itself_is_used(void **state)
{
    (void)state;
    connect_one();
    pipit_socket_disconnected(world.sockets[0].socket, true, 1006, "");
    pipit_socket_connected(world.sockets[0].socket);
    assert_string_equal(said(), "disconnected a 1 1006 \nconnected a\n");
    sim_advance_ms(world.s, 60000);
    assert_string_equal(said(), "");
    assert_int_equal(world.sockets[0].connects, 1);
}

static void a_double_crlf_is_answered_and_a_single_ignored(void **state)
{
    (void)state;
    connect_one();
    pipit_socket_data(world.sockets[0].socket, "\r\n\r\n", 4);
    assert_string_equal(world.sockets[0].sent, "\r\n");
    pipit_socket_data(world.sockets[0].socket, "\r\n", 2);
    assert_string_equal(said(), "");
    pipit_socket_data(world.sockets[0].socket, "SIP", 3);
    assert_string_equal(said(), "data SIP\n");
}

static void a_handler_may_release_or_stop_the_transport(void **state)
{
    (void)state;
    make_one();
    world.disconnect_at_connecting = true;
    pp_transport_connect(world.transport);
    assert_int_equal(world.sockets[0].connects, 0);
    world.disconnect_at_connecting = false;
    world.reconnect_at_connecting = true;
    pp_transport_connect(world.transport);
    assert_int_equal(world.sockets[0].connects, 1);
    pp_transport_disconnect(world.transport);
    world.free_at_connecting = true;
    pp_transport_connect(world.transport);
    assert_null(world.transport);
    assert_int_equal(world.sockets[0].connects, 1);
    world.free_at_connecting = false;
    world.free_at_data = true;
    said();
    connect_one();
    pipit_socket_data(world.sockets[0].socket, "x", 1);
    assert_null(world.transport);
}

static void a_socket_has_one_user(void **state)
{
    pp_transport *second = NULL;
    const pp_weighted_socket sockets[] = {{world.sockets[1].socket, 0},
                                          {world.sockets[0].socket, 0}};

    (void)state;
    make_one();
    assert_int_equal(pp_transport_new(world.loop, sockets, 2, 0, 0, &handlers, NULL, &second),
                     PIPIT_ERR_STATE);
    assert_int_equal(pp_transport_new(world.loop, sockets, 0, 0, 0, &handlers, NULL, &second),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_transport_new(world.loop, sockets, 1, 0, 0, &handlers, NULL, &second), 0);
    pp_transport_free(second);
}

static void a_socket_is_checked_when_it_is_made(void **state)
{
    pipit_socket_interface partial = played_functions;
    pipit_socket *socket = NULL;

    (void)state;
#define MAKE(functions, via, url, uri) pipit_socket_new(functions, NULL, via, url, uri, &socket)
    assert_int_equal(MAKE(NULL, "WS", "u", "sip:h"), PIPIT_ERR_ARGUMENT);
    assert_int_equal(MAKE(&played_functions, NULL, "u", "sip:h"), PIPIT_ERR_ARGUMENT);
    assert_int_equal(MAKE(&played_functions, "W S", "u", "sip:h"), PIPIT_ERR_ARGUMENT);
    assert_int_equal(MAKE(&played_functions, "WS", NULL, "sip:h"), PIPIT_ERR_ARGUMENT);
    assert_int_equal(MAKE(&played_functions, "WS", "u\n", "sip:h"), PIPIT_ERR_ARGUMENT);
    assert_int_equal(MAKE(&played_functions, "WS", "u", NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(MAKE(&played_functions, "WS", "u", "http://h"), PIPIT_ERR_SYNTAX);
    partial.send = NULL;
    assert_int_equal(MAKE(&partial, "WS", "u", "sip:h"), PIPIT_ERR_ARGUMENT);
    assert_null(socket);
    partial = (pipit_socket_interface){played_connect, played_disconnect, played_send, NULL};
    assert_int_equal(MAKE(&partial, "TCP", "u", "sips:h"), 0);
    assert_string_equal(pipit_socket_via_transport(socket), "TCP");
    assert_string_equal(pipit_socket_sip_uri(socket), "sips:h");
    socket = pipit_socket_ref(socket);
    pipit_socket_unref(socket);
    assert_null(pipit_socket_unref(socket));
    assert_null(pipit_socket_unref(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(a_transport_connects),
        TEST(a_disconnect_of_ours_is_reported_and_final),
        TEST(a_loss_is_recovered_from),
        TEST(the_intervals_grow_and_stay_within_their_bounds),
        TEST(clients_at_the_longest_interval_are_spread),
        TEST(the_heaviest_that_works_is_used),
        TEST(a_lost_substitute_leads_back_to_the_heaviest),
        TEST(equal_weights_share_by_chance),
        TEST(a_socket_that_returns_by_itself_is_used),
        TEST(a_double_crlf_is_answered_and_a_single_ignored),
        TEST(a_handler_may_release_or_stop_the_transport),
        TEST(a_socket_has_one_user),
        TEST(a_socket_is_checked_when_it_is_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
