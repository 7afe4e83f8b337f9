/* loop.c - tests of what all loops share, and of the simulated one. */
#include "support/files.h"
#include "support/sim.h"

struct talk {
    sim *s;
    pp_post posts[3];
    pp_timer timer;
    char said[32];
    size_t n;
    pp_stream *server;
};

static void say(struct talk *talk, char c)
{
    talk->said[talk->n++] = c;
}

static void post_1(void *arg)
{
    struct talk *talk = arg;

    say(talk, '1');
    pp_loop_post(sim_loop(talk->s), &talk->posts[0], post_1, talk); /* the next turn's */
    pp_loop_unpost(sim_loop(talk->s), &talk->posts[1]);
    if (talk->n >= 3)
        pp_loop_unpost(sim_loop(talk->s), &talk->posts[0]);
}

static void post_2(void *arg)
{
    say(arg, '2');
}

static void post_3(void *arg)
{
    say(arg, '3');
}

static void a_post_runs_once_in_order_and_can_be_taken_back(void **state)
{
    struct talk talk = {0};

    (void)state;
    assert_int_equal(sim_new(1, &talk.s), 0);
    pp_loop_post(sim_loop(talk.s), &talk.posts[0], post_1, &talk);
    pp_loop_post(sim_loop(talk.s), &talk.posts[1], post_2, &talk);
    pp_loop_post(sim_loop(talk.s), &talk.posts[2], post_3, &talk);
    pp_loop_post(sim_loop(talk.s), &talk.posts[2], post_3, &talk);
    sim_advance_ms(talk.s, 1);
    assert_string_equal(talk.said, "131");
    sim_free(talk.s);
}

static void due(void *arg)
{
    say(arg, 't');
}

static void a_timer_waits_for_virtual_time(void **state)
{
    struct talk talk = {0};

    (void)state;
    assert_int_equal(sim_new(1, &talk.s), 0);
    pp_loop_start_timer(sim_loop(talk.s), &talk.timer, 32000, due, &talk);
    assert_int_equal(pipit_loop_after(sim_loop(talk.s), 40000, due, &talk), 0);
    sim_advance_ms(talk.s, 31999);
    assert_int_equal(talk.n, 0);
    sim_advance_ms(talk.s, 1);
    assert_int_equal(talk.n, 1);
    sim_advance_ms(talk.s, 8000);
    assert_int_equal(talk.n, 2);
    sim_free(talk.s);
}

static void connected(void *arg)
{
    say(arg, 'c');
}

static void data(void *arg, const uint8_t *octets, size_t size)
{
    for (size_t i = 0; i < size; i++)
        say(arg, (char)octets[i]);
}

static void closed(void *arg, int error, const char *reason)
{
    (void)reason;
    say(arg, error ? 'E' : 'e');
}

static const pp_stream_handlers handlers = {.connected = connected, .data = data, .closed = closed};

static void accepted(void *arg, pp_stream *stream)
{
    struct talk *talk = arg;

    stream->handlers = &handlers;
    stream->arg = talk;
    talk->server = stream;
    pp_stream_send(stream, "hi", 2);
}

static void a_simulated_stream_connects_talks_and_closes(void **state)
{
    struct talk server = {0}, client = {0};
    pp_listener *listener;
    pp_stream *stream;
    pp_addr at;

    (void)state;
    assert_int_equal(sim_new(1, &client.s), 0);
    assert_true(pp_addr_parse(PP_LIT("192.0.2.9"), 80, &at));
    assert_int_equal(
        sim_loop(client.s)->ops->tcp_connect(sim_loop(client.s), &at, &handlers, &client, &stream),
        0);
    sim_advance_ms(client.s, 10);
    assert_string_equal(client.said, "E"); /* nobody listens */
    pp_stream_close(stream);
    assert_int_equal(
        sim_loop(client.s)->ops->tcp_listen(sim_loop(client.s), &at, accepted, &server, &listener),
        0);
    assert_int_equal(
        sim_loop(client.s)->ops->tcp_connect(sim_loop(client.s), &at, &handlers, &client, &stream),
        0);
    sim_advance_ms(client.s, 10);
    pp_stream_send(stream, "yo", 2);
    pp_stream_close(stream);
    sim_advance_ms(client.s, 10);
    assert_string_equal(client.said, "Echi");
    assert_string_equal(server.said, "yoe");
    pp_stream_close(server.server);
    pp_listener_close(listener);
    sim_free(client.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_runs_once_in_order_and_can_be_taken_back),
        cmocka_unit_test(a_timer_waits_for_virtual_time),
        cmocka_unit_test(a_simulated_stream_connects_talks_and_closes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
