/* connect.c - happy eyeballs in virtual time over a network that the test plays, and over real sockets. */
#include "io/connect.h"

#include "support/sim.h"
#include "unit/io/pair.h"

#include "pipit/error.h"

/* What becomes of an attempt at an address, by its last octet: */
enum fate { SILENT = 1, REFUSED = 2, OPEN = 3, BROKEN = 4 };

typedef struct fake_stream {
    pp_stream stream;
    unsigned number;
    pp_timer timer;
    bool closed;
} fake_stream;

static struct world {
    sim *s;
    pipit_loop *loop;
    pp_loop_ops ops;
    pp_addr found[8];
    size_t count;
    int lookup_error;
    bool lookup_hangs;
    pp_timer lookup_timer;
    pp_lookup lookup;
    pp_lookup_function *tell;
    void *tell_arg;
    fake_stream streams[16];
    char started[16][PP_ADDR_TEXT];
    uint64_t started_ms[16];
    unsigned attempts;
    unsigned done;
    int error;
    char reason[320];
    pp_stream *stream;
    uint64_t done_ms;
} world;

static void fake_close(pp_stream *stream)
{
    fake_stream *f = (fake_stream *)stream;

    assert_false(f->closed);
    f->closed = true;
    pp_loop_stop_timer(world.loop, &f->timer);
}

static const pp_stream_ops fake_ops = {.close = fake_close};

static void fake_connected(void *arg)
{
    fake_stream *f = arg;

    f->stream.handlers->connected(f->stream.arg);
}

static void fake_refused(void *arg)
{
    fake_stream *f = arg;

    f->stream.handlers->closed(f->stream.arg, PIPIT_ERR_CONNECTION, world.started[f->number]);
}

static int fake_connect(pipit_loop *loop, const pp_addr *to, const pp_stream_handlers *handlers,
                        void *arg, pp_stream **out)
{
    fake_stream *f = &world.streams[world.attempts];

    world.started_ms[world.attempts] = pp_loop_now_ms(loop);
    pp_addr_text(to, world.started[world.attempts]);
    *f = (fake_stream){.stream = {&fake_ops, handlers, arg}, .number = world.attempts++};
    switch (to->ip[to->family == 6 ? 15 : 3]) {
    case REFUSED:
        pp_loop_start_timer(loop, &f->timer, 10, fake_refused, f);
        break;
    case OPEN:
        pp_loop_start_timer(loop, &f->timer, 30, fake_connected, f);
        break;
    case BROKEN:
        f->closed = true;
        return PIPIT_ERR_IO;
    default:
        break;
    }
    *out = &f->stream;
    return 0;
}

static void fake_found(void *arg)
{
    (void)arg;
    world.tell(world.tell_arg, world.lookup_error, world.found, world.count);
}

static void fake_cancel(pp_lookup *lookup)
{
    (void)lookup;
    pp_loop_stop_timer(world.loop, &world.lookup_timer);
}

static int fake_lookup(pipit_loop *loop, const char *name, pp_lookup_function *found, void *arg,
                       pp_lookup **out)
{
    (void)name;
    world.tell = found;
    world.tell_arg = arg;
    world.lookup.cancel = fake_cancel;
    if (!world.lookup_hangs)
        pp_loop_start_timer(loop, &world.lookup_timer, 5, fake_found, NULL);
    *out = &world.lookup;
    return 0;
}

static void on_done(void *arg, int error, const char *reason, pp_stream *stream)
{
    (void)arg;
    world.done++;
    world.error = error;
    world.stream = stream;
    world.done_ms = pp_loop_now_ms(world.loop);
    snprintf(world.reason, sizeof(world.reason), "%s", reason);
}

static const pp_loop_ops *real_ops;

static void start_world(const char *const *addresses)
{
    memset(&world, 0, sizeof(world));
    assert_int_equal(sim_new(1, &world.s), 0);
    world.loop = sim_loop(world.s);
    real_ops = world.loop->ops;
    world.ops = *real_ops;
    world.ops.lookup = fake_lookup;
    world.ops.tcp_connect = fake_connect;
    world.loop->ops = &world.ops;
    for (; addresses && *addresses; addresses++)
        assert_true(pp_addr_parse(pp_str_c(*addresses), 0, &world.found[world.count++]));
}

static uint64_t run_connect(const char *const *addresses)
{
    pp_connect *connect = NULL;
    uint64_t start;

    start_world(addresses);
    start = pp_loop_now_ms(world.loop);
    assert_int_equal(
        pp_connect_start(world.loop, "sip.example.com", 443, 10000, on_done, NULL, &connect), 0);
    sim_advance_ms(world.s, 20000);
    assert_int_equal(world.done, 1);
    for (unsigned i = 0; i < world.attempts; i++)
        assert_true(world.streams[i].closed != (&world.streams[i].stream == world.stream));
    for (unsigned i = 0; i < world.attempts; i++)
        world.started_ms[i] -= start;
    return world.done_ms - start;
}

static void end_world(void)
{
    world.loop->ops = real_ops;
    sim_free(world.s);
}

#define ADDRESSES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void a_connection_is_made_with_the_first_address(void **state)
{
    (void)state;
    assert_int_equal(run_connect(ADDRESSES("10.0.0.3", "10.1.0.3")), 35);
    assert_int_equal(world.error, 0);
    assert_int_equal(world.attempts, 1);
    assert_string_equal(world.started[0], "10.0.0.3:443");
    end_world();
}

static void a_silent_address_delays_by_250_ms(void **state)
{
    (void)state;
    assert_int_equal(run_connect(ADDRESSES("2001:db8::1", "10.0.0.3")), 5 + 250 + 30);
    assert_int_equal(world.error, 0);
    assert_int_equal(world.started_ms[1], 255);
    end_world();
}

static void a_refused_address_does_not_delay(void **state)
{
    (void)state;
    assert_int_equal(run_connect(ADDRESSES("::2", "10.0.0.3")), 5 + 10 + 30);
    assert_int_equal(world.error, 0);
    end_world();
}

static void the_families_take_turns(void **state)
{
    (void)state;
    run_connect(ADDRESSES("2001:db8::1", "2001:db9::1", "10.0.0.1", "10.1.0.1", "2001:dba::1"));
    assert_string_equal(world.started[0], "[2001:db8::1]:443");
    assert_string_equal(world.started[1], "10.0.0.1:443");
    assert_string_equal(world.started[2], "[2001:db9::1]:443");
    assert_string_equal(world.started[3], "10.1.0.1:443");
    assert_string_equal(world.started[4], "[2001:dba::1]:443");
    assert_int_equal(world.started_ms[4], 5 + 4 * 250);
    end_world();
}

static void one_deadline_holds_for_all(void **state)
{
    (void)state;
    assert_int_equal(run_connect(ADDRESSES("10.0.0.1", "10.1.0.1")), 10000);
    assert_int_equal(world.error, PIPIT_ERR_TIMEOUT);
    assert_string_equal(world.reason, "no answer from sip.example.com:443 within 10000 ms");
    end_world();
}

static void a_failure_is_that_of_the_first_address(void **state)
{
    (void)state;
    run_connect(ADDRESSES("10.0.0.2", "10.1.0.2"));
    assert_int_equal(world.error, PIPIT_ERR_CONNECTION);
    assert_string_equal(world.reason, "10.0.0.2:443");
    end_world();
    run_connect(ADDRESSES("10.0.0.4", "10.0.1.4"));
    assert_int_equal(world.error, PIPIT_ERR_IO);
    assert_int_equal(world.attempts, 2);
    end_world();
}

static void an_unknown_host_is_named(void **state)
{
    pp_connect *connect = NULL;

    (void)state;
    start_world(NULL);
    world.lookup_error = PIPIT_ERR_NOT_FOUND;
    assert_int_equal(
        pp_connect_start(world.loop, "nowhere.example", 80, 1000, on_done, NULL, &connect), 0);
    sim_advance_ms(world.s, 2000);
    assert_int_equal(world.error, PIPIT_ERR_NOT_FOUND);
    assert_string_equal(world.reason, "the host name 'nowhere.example' could not be found");
    end_world();
}

static void a_slow_look_up_meets_the_deadline(void **state)
{
    pp_connect *connect = NULL;

    (void)state;
    start_world(NULL);
    world.lookup_hangs = true;
    assert_int_equal(
        pp_connect_start(world.loop, "slow.example", 80, 1000, on_done, NULL, &connect), 0);
    sim_advance_ms(world.s, 2000);
    assert_int_equal(world.error, PIPIT_ERR_TIMEOUT);
    assert_string_equal(world.reason, "the host name 'slow.example' was not found within 1000 ms");
    end_world();
}

static void a_cancelled_connection_is_silent(void **state)
{
    (void)state;
    for (uint64_t ms = 0; ms < 300; ms += 7) {
        pp_connect *connect = NULL;

        start_world(ADDRESSES("10.0.0.1", "10.0.1.1"));
        assert_int_equal(
            pp_connect_start(world.loop, "a.example", 80, 1000, on_done, NULL, &connect), 0);
        sim_advance_ms(world.s, ms);
        connect = pp_connect_cancel(connect);
        sim_advance_ms(world.s, 5000);
        assert_int_equal(world.done, 0);
        for (unsigned i = 0; i < world.attempts; i++)
            assert_true(world.streams[i].closed);
        end_world();
    }
}

struct real {
    pipit_loop *loop;
    side client, server;
    pp_listener *listener;
    int error;
    char reason[320];
};

static void real_done(void *arg, int error, const char *reason, pp_stream *stream)
{
    struct real *r = arg;

    r->error = error;
    snprintf(r->reason, sizeof(r->reason), "%s", reason);
    r->client.stream = stream;
    if (stream) {
        stream->handlers = &side_handlers;
        stream->arg = &r->client;
        pp_stream_send(stream, "hello", 5);
    }
}

static void real_accepted(void *arg, pp_stream *stream)
{
    struct real *r = arg;

    r->listener = pp_listener_close(r->listener);
    r->server.stream = stream;
    stream->handlers = &side_handlers;
    stream->arg = &r->server;
}

static void localhost_is_reached_by_ipv6_when_ipv4_refuses(void **state)
{
    struct real r = {0};
    pp_addr at = {.family = 6};
    pp_connect *connect = NULL;
    uint64_t start;

    (void)state;
    at.ip[15] = 1;
    assert_int_equal(pipit_loop_new(&r.loop), 0);
    if (r.loop->ops->tcp_listen(r.loop, &at, real_accepted, &r, &r.listener)) {
        pipit_loop_unref(r.loop);
        skip(); /* no IPv6 here */
    }
    r.server.loop = r.client.loop = r.loop;
    r.server.stop_at = 5;
    start = pipit_loop_now_ms(r.loop);
    assert_int_equal(pp_connect_start(r.loop, "localhost", r.listener->local.port, 5000, real_done,
                                      &r, &connect),
                     0);
    assert_int_equal(pipit_loop_run(r.loop), 0);
    assert_int_equal(r.server.in.n, 5);
    assert_true(pipit_loop_now_ms(r.loop) - start < 240);
    side_free(&r.client);
    side_free(&r.server);
    pipit_loop_unref(r.loop);
}

static void a_port_without_a_listener_refuses(void **state)
{
    struct real r = {0};
    pp_addr at = loopback(0);
    pp_connect *connect = NULL;
    char expected[128];

    (void)state;
    assert_int_equal(pipit_loop_new(&r.loop), 0);
    assert_int_equal(r.loop->ops->tcp_listen(r.loop, &at, real_accepted, &r, &r.listener), 0);
    snprintf(expected, sizeof(expected), "connection refused by 127.0.0.1:%u",
             (unsigned)r.listener->local.port);
    at = r.listener->local;
    r.listener = pp_listener_close(r.listener);
    assert_int_equal(pp_connect_start(r.loop, "127.0.0.1", at.port, 5000, real_done, &r, &connect),
                     0);
    assert_int_equal(pipit_loop_run(r.loop), 0);
    assert_int_equal(r.error, PIPIT_ERR_CONNECTION);
    assert_string_equal(r.reason, expected);
    pipit_loop_unref(r.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_made_with_the_first_address),
        cmocka_unit_test(a_silent_address_delays_by_250_ms),
        cmocka_unit_test(a_refused_address_does_not_delay),
        cmocka_unit_test(the_families_take_turns),
        cmocka_unit_test(one_deadline_holds_for_all),
        cmocka_unit_test(a_failure_is_that_of_the_first_address),
        cmocka_unit_test(an_unknown_host_is_named),
        cmocka_unit_test(a_slow_look_up_meets_the_deadline),
        cmocka_unit_test(a_cancelled_connection_is_silent),
        cmocka_unit_test(localhost_is_reached_by_ipv6_when_ipv4_refuses),
        cmocka_unit_test(a_port_without_a_listener_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
