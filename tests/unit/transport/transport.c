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
    bool recovering; /* as the last loss had it */
    bool busy, disconnect_at_disconnected;
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

static const pipit_socket_interface played_functions = {.connect = played_connect,
                                                        .disconnect = played_disconnect,
                                                        .send = played_send,
                                                        .release = played_release};

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

static void on_disconnected(void *arg, const pp_transport_loss *loss)
{
    (void)arg;
    world.recovering = loss->recovering;
    say("disconnected %c %d %d %s\n", name_of(loss->socket), loss->error, loss->code, loss->reason);
    if (world.disconnect_at_disconnected)
        pp_transport_disconnect(world.transport);
}

static void on_data(void *arg, const pp_wire *wire)
{
    (void)arg;
    say("data %.*s\n", PP_STR(wire->text));
    if (world.free_at_data)
        world.transport = pp_transport_free(world.transport);
}

static bool is_idle(void *arg)
{
    (void)arg;
    return !world.busy;
}

static const pp_transport_handlers handlers = {on_connecting, on_connected, on_disconnected,
                                               on_data, is_idle};

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

static int make_sockets(size_t count, const unsigned *weights, pp_transport_options *options)
{
    pp_weighted_socket sockets[SOCKETS];

    for (size_t i = 0; i < count; i++)
        sockets[i] = (pp_weighted_socket){world.sockets[i].socket, weights[i]};
    options->sockets = sockets;
    options->count = count;
    options->handlers = &handlers;
    return pp_transport_new(world.loop, options, &world.transport);
}

static void make(const unsigned *weights, size_t count, unsigned min_s, unsigned max_s)
{
    pp_transport_options options = {.recovery_min_s = min_s, .recovery_max_s = max_s};

    assert_int_equal(make_sockets(count, weights, &options), 0);
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

/* --- an end of it ----------------------------------------------------------------------------- */

static void a_transport_gives_up_after_so_many_attempts(void **state)
{
    pp_transport_options options = {.recovery_max_attempts = 2};

    (void)state;
    assert_int_equal(make_sockets(2, (unsigned[]){9, 1}, &options), 0);
    world.sockets[0].refuses = world.sockets[1].refuses = true;
    pp_transport_connect(world.transport);
    assert_true(world.recovering);
    sim_advance_ms(world.s, 3000);
    assert_true(world.recovering);
    assert_int_equal(pp_transport_attempts(world.transport), 2);
    sim_advance_ms(world.s, 100000);
    assert_string_equal(said(), "connecting a 0\ndisconnected a 1 1006 refused\n"
                                "connecting b 1\ndisconnected b 1 1006 refused\n"
                                "connecting a 2\ndisconnected a 1 1006 refused\n");
    assert_false(world.recovering);
    assert_true(pp_transport_is_idle(world.transport));
    assert_int_equal(pp_transport_attempts(world.transport), 2);
    pp_transport_connect(world.transport);
    assert_string_equal(said(), "connecting b 0\ndisconnected b 1 1006 refused\n");
    assert_true(world.recovering);
}

static void a_connection_gives_all_attempts_back(void **state)
{
    pp_transport_options options = {.recovery_max_attempts = 1};

    (void)state;
    assert_int_equal(make_sockets(1, (unsigned[]){0}, &options), 0);
    pp_transport_connect(world.transport);
    for (unsigned i = 0; i < 3; i++) {
        pipit_socket_connected(world.sockets[0].socket);
        pipit_socket_disconnected(world.sockets[0].socket, true, 1006, "");
        assert_true(world.recovering);
        sim_advance_ms(world.s, 3000);
    }
    assert_int_equal(world.sockets[0].connects, 4);
}

static void a_transport_does_not_recover_when_told_so(void **state)
{
    pp_transport_options options = {.no_recovery = true};

    (void)state;
    assert_int_equal(make_sockets(1, (unsigned[]){0}, &options), 0);
    pp_transport_connect(world.transport);
    pipit_socket_connected(world.sockets[0].socket);
    pipit_socket_disconnected(world.sockets[0].socket, true, 1006, "");
    assert_false(world.recovering);
    sim_advance_ms(world.s, 100000);
    assert_int_equal(world.sockets[0].connects, 1);
    pp_transport_connect(world.transport);
    pipit_socket_connected(world.sockets[0].socket);
    assert_true(pp_transport_is_connected(world.transport));
}

static void a_socket_that_says_nothing_does_not_connect_for_ever(void **state)
{
    pp_transport_options options = {.connect_timeout_s = 5};

    (void)state;
    assert_int_equal(make_sockets(1, (unsigned[]){0}, &options), 0);
    pp_transport_connect(world.transport);
    sim_advance_ms(world.s, 4999);
    assert_string_equal(said(), "connecting a 0\n");
    sim_advance_ms(world.s, 1);
    assert_string_equal(said(), "disconnected a 1 0 the socket did not connect in time\n");
    assert_int_equal(world.sockets[0].disconnects, 1);
    pipit_socket_connected(world.sockets[0].socket); /* too late */
    assert_false(pp_transport_is_connected(world.transport));
    sim_advance_ms(world.s, 3000);
    assert_string_equal(said(), "connecting a 1\n");
    pipit_socket_connected(world.sockets[0].socket);
    sim_advance_ms(world.s, 100000);
    assert_string_equal(said(), "connected a\n");
}

/* --- back to a preferred server --------------------------------------------------------------- */

/* a weighs 9, b 5, c 1; the lightest is in use, for the others failed. */
static void use_the_lightest(void)
{
    pp_transport_options options = {.return_s = 100, .connect_timeout_s = 10};

    assert_int_equal(make_sockets(3, (unsigned[]){9, 5, 1}, &options), 0);
    world.sockets[0].refuses = world.sockets[1].refuses = true;
    pp_transport_connect(world.transport);
    sim_advance_ms(world.s, 8000);
    world.sockets[0].refuses = world.sockets[1].refuses = false;
    pipit_socket_connected(world.sockets[2].socket);
    said();
    for (unsigned i = 0; i < SOCKETS; i++)
        world.sockets[i].connects = world.sockets[i].disconnects = 0;
}

/* Until the socket is tried beside the one in use; returns after how many ms. */
static unsigned wait_for_try(unsigned which)
{
    unsigned before = world.sockets[which].connects, ms = 0;

    for (; world.sockets[which].connects == before; ms += 100) {
        assert_true(ms < 200000);
        sim_advance_ms(world.s, 100);
    }
    return ms;
}

static void the_preferred_socket_takes_over_again(void **state)
{
    (void)state;
    use_the_lightest();
    assert_in_range(wait_for_try(0), 75000, 125000);
    assert_string_equal(said(), "");
    assert_true(pp_transport_send(world.transport, "meanwhile", 9));
    assert_string_equal(world.sockets[2].sent, "meanwhile");
    pipit_socket_connected(world.sockets[0].socket);
    assert_string_equal(said(), "disconnected c 0 0 returning to a preferred server\n"
                                "connecting a 0\nconnected a\n");
    assert_true(world.recovering);
    assert_int_equal(world.sockets[2].disconnects, 1);
    assert_true(pp_transport_send(world.transport, "now", 3));
    assert_string_equal(world.sockets[0].sent, "now");
    sim_advance_ms(world.s, 1000000); /* there is none better */
    assert_string_equal(said(), "");
    assert_int_equal(world.sockets[1].connects, 0);
}

static void a_better_socket_that_fails_leaves_the_one_in_use_alone(void **state)
{
    (void)state;
    use_the_lightest();
    world.sockets[0].refuses = true;
    wait_for_try(0);
    wait_for_try(1); /* then the second best, which says nothing */
    sim_advance_ms(world.s, 9000);
    assert_int_equal(world.sockets[1].disconnects, 0);
    sim_advance_ms(world.s, 1000);
    assert_int_equal(world.sockets[1].disconnects, 1);
    wait_for_try(0); /* both failed: from the best again */
    assert_int_equal(world.sockets[1].connects, 1);
    assert_true(pp_transport_is_connected(world.transport));
    assert_string_equal(said(), "");
}

static void a_busy_connection_is_not_exchanged(void **state)
{
    (void)state;
    use_the_lightest();
    world.busy = true;
    sim_advance_ms(world.s, 500000);
    assert_int_equal(world.sockets[0].connects, 0);
    world.busy = false;
    wait_for_try(0);
    world.busy = true; /* since it was begun */
    pipit_socket_connected(world.sockets[0].socket);
    assert_string_equal(said(), "");
    assert_ptr_equal(pp_transport_socket(world.transport), world.sockets[2].socket);
}

static void a_loss_while_a_better_socket_is_tried_is_a_loss(void **state)
{
    (void)state;
    use_the_lightest();
    wait_for_try(0);
    pipit_socket_disconnected(world.sockets[2].socket, true, 1006, "");
    pipit_socket_connected(world.sockets[0].socket); /* nobody listens any more */
    assert_string_equal(said(), "disconnected c 1 1006 \n");
    sim_advance_ms(world.s, 3000);
    assert_string_equal(said(), "connecting a 1\n");
    pipit_socket_connected(world.sockets[0].socket);
    assert_string_equal(said(), "connected a\n");
}

static void a_handler_may_stop_a_return(void **state)
{
    (void)state;
    use_the_lightest();
    wait_for_try(0);
    world.disconnect_at_disconnected = true;
    pipit_socket_connected(world.sockets[0].socket);
    world.disconnect_at_disconnected = false;
    assert_string_equal(said(), "disconnected c 0 0 returning to a preferred server\n");
    sim_advance_ms(world.s, 1000000);
    assert_string_equal(said(), "");
    pp_transport_connect(world.transport);
    pipit_socket_connected(world.sockets[0].socket);
    assert_string_equal(said(), "connecting a 0\nconnected a\n");
}

static void a_transport_may_go_while_a_better_socket_is_tried(void **state)
{
    (void)state;
    use_the_lightest();
    wait_for_try(0);
    world.transport = pp_transport_free(world.transport);
    assert_int_equal(world.sockets[0].disconnects, 1);
    pipit_socket_connected(world.sockets[0].socket);
    assert_string_equal(said(), "");
}

/* --- sockets ---------------------------------------------------------------------------------- */

static void a_socket_has_one_user(void **state)
{
    pp_transport *second = NULL;
    const pp_weighted_socket sockets[] = {{world.sockets[1].socket, 0},
                                          {world.sockets[0].socket, 0}};
    pp_transport_options options = {.sockets = sockets, .count = 2, .handlers = &handlers};

    (void)state;
    make_one();
    assert_int_equal(pp_transport_new(world.loop, &options, &second), PIPIT_ERR_STATE);
    options.count = 0;
    assert_int_equal(pp_transport_new(world.loop, &options, &second), PIPIT_ERR_ARGUMENT);
    options.count = 1;
    assert_int_equal(pp_transport_new(world.loop, &options, &second), 0);
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
    partial = (pipit_socket_interface){
        .connect = played_connect, .disconnect = played_disconnect, .send = played_send};
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
        TEST(a_transport_gives_up_after_so_many_attempts),
        TEST(a_connection_gives_all_attempts_back),
        TEST(a_transport_does_not_recover_when_told_so),
        TEST(a_socket_that_says_nothing_does_not_connect_for_ever),
        TEST(the_preferred_socket_takes_over_again),
        TEST(a_better_socket_that_fails_leaves_the_one_in_use_alone),
        TEST(a_busy_connection_is_not_exchanged),
        TEST(a_loss_while_a_better_socket_is_tried_is_a_loss),
        TEST(a_handler_may_stop_a_return),
        TEST(a_transport_may_go_while_a_better_socket_is_tried),
        TEST(a_socket_has_one_user),
        TEST(a_socket_is_checked_when_it_is_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
