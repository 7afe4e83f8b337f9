/* tcp.c - streams over real sockets on loopback. */
#include "unit/io/pair.h"

#include "base/limits.h"
#include "io/real_loop.h"
#include "pipit/error.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

struct net {
    pipit_loop *loop;
    pp_listener *listener;
    side client, server;
    bool refuse_it;
};

static void on_accepted(void *arg, pp_stream *stream)
{
    struct net *net = arg;

    net->listener =
        pp_listener_close(net->listener); /* one is enough, and the loop shall end by itself */
    if (net->refuse_it) {
        pp_stream_close(stream);
        return;
    }
    net->server.stream = stream;
    stream->handlers = &side_handlers;
    stream->arg = &net->server;
}

static void net_start(struct net *net)
{
    pp_addr at = loopback(0);

    if (!net->loop)
        assert_int_equal(pipit_loop_new(&net->loop), 0);
    net->client.loop = net->server.loop = net->loop;
    assert_int_equal(net->loop->ops->tcp_listen(net->loop, &at, on_accepted, net, &net->listener),
                     0);
    assert_int_not_equal(net->listener->local.port, 0);
    at = net->listener->local;
    assert_int_equal(net->loop->ops->tcp_connect(net->loop, &at, &side_handlers, &net->client,
                                                 &net->client.stream),
                     0);
    assert_int_equal(net->client.connected, 0);
}

static void run(struct net *net)
{
    assert_int_equal(pipit_loop_run(net->loop), 0);
}

static void net_end(struct net *net)
{
    side_free(&net->client);
    side_free(&net->server);
    pp_listener_close(net->listener);
    pipit_loop_unref(net->loop);
}

static void until_connected(struct net *net)
{
    while (!net->client.connected || !net->server.stream)
        pipit_loop_run_once(net->loop);
}

static void stop(void *arg)
{
    pipit_loop_stop(arg);
}

static void a_stream_carries_octets_both_ways(void **state)
{
    struct net net = {0};
    pp_addr local, remote, peer_local, peer_remote;

    (void)state;
    net_start(&net);
    until_connected(&net);
    net.client.stream->ops->addresses(net.client.stream, &local, &remote);
    net.server.stream->ops->addresses(net.server.stream, &peer_local, &peer_remote);
    assert_true(pp_addr_eq(&local, &peer_remote));
    assert_true(pp_addr_eq(&remote, &peer_local));
    net.server.stop_at = net.client.stop_at = 5;
    assert_int_equal(pp_stream_send(net.client.stream, "hello", 5), 0);
    run(&net);
    assert_int_equal(pp_stream_send(net.server.stream, "world", 5), 0);
    run(&net);
    assert_memory_equal(net.server.in.p, "hello", 5);
    assert_memory_equal(net.client.in.p, "world", 5);
    net_end(&net);
}

static void what_one_turn_says_leaves_in_one_send(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net);
    until_connected(&net);
    net.server.stop_at = 300;
    for (unsigned i = 0; i < 300; i++)
        assert_int_equal(pp_stream_send(net.client.stream, "x", 1), 0);
    assert_int_equal(pp_stream_queued(net.client.stream), 300);
    assert_int_equal(pipit_loop_timeout_ms(net.loop), 0); /* a foreign loop must not wait now */
    run(&net);
    assert_int_equal(net.server.pieces, 1);
    assert_int_equal(net.client.drained, 1);
    assert_int_equal(pp_stream_queued(net.client.stream), 0);
    net_end(&net);
}

static void what_was_kept_for_output_is_given_back_when_nobody_talks(void **state)
{
    struct net net = {0};
    pp_timer later = {0};

    (void)state;
    net_start(&net);
    until_connected(&net);
    net.server.stop_at = 1;
    assert_int_equal(pp_stream_send(net.client.stream, "x", 1), 0);
    run(&net);
    assert_int_equal(pp_real(net.loop)->output_count, 1);
    pp_loop_start_timer(net.loop, &later, 150, stop, net.loop);
    run(&net);
    assert_int_equal(pp_real(net.loop)->output_count, 0);
    net.server.stop_at = 2;
    assert_int_equal(pp_stream_send(net.client.stream, "y", 1), 0);
    run(&net);
    assert_memory_equal(net.server.in.p, "xy", 2);
    net_end(&net);
}

/* Says something at once, and more from a post that a post has made. */
typedef struct talker {
    side *side;
    pp_post first, second;
} talker;

static void say_more(void *arg)
{
    const talker *t = arg;

    assert_int_equal(pp_stream_send(t->side->stream, "more", 4), 0);
}

static void say_more_later(void *arg)
{
    talker *t = arg;

    pp_loop_post(t->side->loop, &t->second, say_more, t);
}

static void talk(void *arg, const uint8_t *data, size_t size)
{
    talker *t = arg;

    (void)data;
    (void)size;
    assert_int_equal(pp_stream_send(t->side->stream, "some", 4), 0);
    pp_loop_post(t->side->loop, &t->first, say_more_later, t);
}

static void talker_drained(void *arg)
{
    side_drained(((talker *)arg)->side);
}

static const pp_stream_handlers talker_handlers = {.data = talk, .drained = talker_drained};

static void what_posts_of_posts_say_leaves_with_the_rest(void **state)
{
    struct net net = {0};
    talker server = {.side = &net.server};

    (void)state;
    net_start(&net);
    until_connected(&net);
    net.server.stream->handlers = &talker_handlers;
    net.server.stream->arg = &server;
    net.client.stop_at = 8;
    assert_int_equal(pp_stream_send(net.client.stream, "?", 1), 0);
    run(&net);
    assert_int_equal(net.server.drained, 1);
    assert_memory_equal(net.client.in.p, "somemore", 8);
    net.server.stream->arg = &net.server;
    net.server.stream->handlers = &side_handlers;
    net_end(&net);
}

/* Looks at the time, and again a little later. */
typedef struct watcher {
    pipit_loop *loop;
    uint64_t heard_us, later_us;
    side *side;
} watcher;

static void watch(void *arg, const uint8_t *data, size_t size)
{
    watcher *w = arg;

    (void)data;
    (void)size;
    w->heard_us = pp_loop_now_us(w->loop);
    usleep(2000);
    w->later_us = pp_loop_now_us(w->loop);
    pipit_loop_stop(w->loop);
}

static void watcher_drained(void *arg)
{
    side_drained(((watcher *)arg)->side);
}

static const pp_stream_handlers watcher_handlers = {.data = watch, .drained = watcher_drained};

static void the_time_stands_still_while_input_is_looked_at(void **state)
{
    struct net net = {0};
    watcher server = {.side = &net.server};
    uint64_t before_us;

    (void)state;
    net_start(&net);
    until_connected(&net);
    server.loop = net.loop;
    net.server.stream->handlers = &watcher_handlers;
    net.server.stream->arg = &server;
    before_us = pp_loop_now_us(net.loop);
    assert_int_equal(pp_stream_send(net.client.stream, "?", 1), 0);
    run(&net);
    assert_true(server.heard_us >= before_us);
    assert_int_equal(server.later_us, server.heard_us);
    assert_true(pp_loop_now_us(net.loop) >= server.heard_us + 2000);
    net.server.stream->arg = &net.server;
    net.server.stream->handlers = &side_handlers;
    net_end(&net);
}

static void octets_sent_before_the_connection_wait_for_it(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net);
    net.server.stop_at = 5;
    assert_int_equal(pp_stream_send(net.client.stream, "early", 5), 0);
    run(&net);
    assert_int_equal(net.server.in.n, 5);
    net_end(&net);
}

static void a_close_is_heard_and_lets_the_loop_end(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net);
    until_connected(&net);
    net.client.stream = pp_stream_close(net.client.stream);
    run(&net);
    assert_int_equal(net.server.closed, 1);
    assert_int_equal(net.server.error, 0);
    assert_non_null(strstr(net.server.reason, "connection closed by 127.0.0.1:"));
    assert_int_equal(net.client.closed, 0);
    net_end(&net);
}

static void a_closed_stream_sends_the_rest(void **state)
{
    struct net net = {0};
    size_t size = PP_LIMIT_SEND_QUEUE;
    char *data = calloc(1, size);

    (void)state;
    net_start(&net);
    until_connected(&net);
    assert_int_equal(pp_stream_send(net.client.stream, data, size), 0);
    net.client.stream = pp_stream_close(net.client.stream);
    run(&net);
    assert_int_equal(net.server.in.n, size);
    assert_int_equal(net.server.closed, 1);
    assert_int_equal(net.server.error, 0);
    free(data);
    net_end(&net);
}

static void a_queue_has_a_limit(void **state)
{
    struct net net = {0};
    char *data = calloc(1, PP_LIMIT_SEND_QUEUE);

    (void)state;
    net_start(&net);
    until_connected(&net);
    assert_int_equal(pp_stream_send(net.client.stream, data, PP_LIMIT_SEND_QUEUE - 10), 0);
    assert_int_equal(pp_stream_send(net.client.stream, data, 11), PIPIT_ERR_LIMIT);
    assert_int_equal(pp_stream_queued(net.client.stream), PP_LIMIT_SEND_QUEUE - 10);
    assert_int_equal(pp_stream_send(net.client.stream, data, 10), 0);
    assert_int_equal(pp_stream_send(net.client.stream, data, 1), PIPIT_ERR_LIMIT);
    net.server.stop_at = PP_LIMIT_SEND_QUEUE;
    run(&net);
    assert_int_equal(net.server.in.n, PP_LIMIT_SEND_QUEUE);
    assert_int_equal(pp_stream_send(net.client.stream, data, 1), 0);
    free(data);
    net_end(&net);
}

static void a_refused_connection_is_named(void **state)
{
    struct net net = {0};
    pp_addr at = loopback(0);
    char expected[128], text[PP_ADDR_TEXT];

    (void)state;
    net_start(&net);
    until_connected(&net);
    net.server.stream->ops->addresses(net.server.stream, &at, &(pp_addr){0});
    side_free(&net.client);
    side_free(&net.server);
    run(&net);
    net.client = (side){.loop = net.loop};
    assert_int_equal(
        net.loop->ops->tcp_connect(net.loop, &at, &side_handlers, &net.client, &net.client.stream),
        0);
    run(&net);
    assert_int_equal(net.client.closed, 1);
    assert_int_equal(net.client.error, PIPIT_ERR_CONNECTION);
    snprintf(expected, sizeof(expected), "connection refused by %s", pp_addr_text(&at, text));
    assert_string_equal(net.client.reason, expected);
    net_end(&net);
}

static void a_reset_is_an_error_and_no_signal(void **state)
{
    struct net net = {0};
    int raw;
    struct sockaddr_storage address;
    struct linger at_once = {.l_onoff = 1};
    socklen_t size;

    (void)state;
    assert_int_equal(pipit_loop_new(&net.loop), 0);
    net.server.loop = net.loop;
    net.listener = NULL;
    assert_int_equal(net.loop->ops->tcp_listen(net.loop,
                                               &(pp_addr){.family = 4, .ip = {127, 0, 0, 1}},
                                               on_accepted, &net, &net.listener),
                     0);
    raw = socket(AF_INET, SOCK_STREAM, 0);
    size = pp_addr_to_sockaddr(&net.listener->local, &address);
    assert_int_equal(connect(raw, (struct sockaddr *)&address, size), 0);
    while (!net.server.stream)
        pipit_loop_run_once(net.loop);
    setsockopt(raw, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(raw);
    for (unsigned i = 0; i < 3 && net.server.stream; i++) /* SIGPIPE would end this program */
        pp_stream_send(net.server.stream, "x", 1);
    run(&net);
    assert_int_equal(net.server.closed, 1);
    assert_int_equal(net.server.error, PIPIT_ERR_CONNECTION);
    assert_non_null(strstr(net.server.reason, "connection reset by 127.0.0.1:"));
    net_end(&net);
}

static void a_stream_may_be_closed_by_its_data(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net);
    until_connected(&net);
    net.server.close_at_data = true;
    assert_int_equal(pp_stream_send(net.client.stream, "x", 1), 0);
    run(&net);
    assert_null(net.server.stream);
    assert_int_equal(net.server.closed, 0);
    assert_int_equal(net.client.closed, 1);
    net_end(&net);
}

static void an_accepted_stream_may_be_refused(void **state)
{
    struct net net = {.refuse_it = true};

    (void)state;
    net_start(&net);
    run(&net);
    assert_int_equal(net.client.closed, 1);
    net_end(&net);
}

static void a_connecting_stream_may_be_closed(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net);
    net.client.stream = pp_stream_close(net.client.stream);
    net.listener = pp_listener_close(net.listener);
    run(&net);
    assert_int_equal(net.client.connected + net.client.closed, 0);
    net_end(&net);
}

static void a_taken_port_cannot_be_listened_at(void **state)
{
    struct net net = {0};
    pp_listener *second = NULL;

    (void)state;
    net_start(&net);
    assert_int_equal(
        net.loop->ops->tcp_listen(net.loop, &net.listener->local, on_accepted, &net, &second),
        PIPIT_ERR_IO);
    assert_null(second);
    assert_non_null(strstr(pipit_error_message(), "address already in use"));
    net_end(&net);
}

static void a_loop_with_open_streams_can_be_driven_to_its_end(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net);
    until_connected(&net);
    assert_int_equal(pp_stream_send(net.client.stream, "x", 1), 0);
    net_end(&net); /* the octet lingers: cut off when the loop goes */
}

static long cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

static void a_waiting_loop_sleeps(void **state)
{
    struct net net = {0};
    long before;

    (void)state;
    net_start(&net);
    until_connected(&net);
    pp_stream_send(net.client.stream, "x", 1);
    pipit_loop_after(net.loop, 300, stop, net.loop);
    before = cpu_us();
    run(&net);
    assert_true(cpu_us() - before < 60000);
    net_end(&net);
}

static void a_wrapped_loop_goes_with_what_still_lingers(void **state)
{
    struct net net = {0};
    uv_loop_t uv;

    (void)state;
    assert_int_equal(uv_loop_init(&uv), 0);
    assert_int_equal(pipit_loop_wrap(&uv, &net.loop), 0);
    net_start(&net);
    while (!net.client.connected || !net.server.stream)
        uv_run(&uv, UV_RUN_ONCE);
    assert_int_equal(pp_stream_send(net.client.stream, "x", 1), 0);
    net_end(&net);
    uv_run(&uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&uv), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_carries_octets_both_ways),
        cmocka_unit_test(what_one_turn_says_leaves_in_one_send),
        cmocka_unit_test(what_was_kept_for_output_is_given_back_when_nobody_talks),
        cmocka_unit_test(what_posts_of_posts_say_leaves_with_the_rest),
        cmocka_unit_test(the_time_stands_still_while_input_is_looked_at),
        cmocka_unit_test(octets_sent_before_the_connection_wait_for_it),
        cmocka_unit_test(a_close_is_heard_and_lets_the_loop_end),
        cmocka_unit_test(a_closed_stream_sends_the_rest),
        cmocka_unit_test(a_queue_has_a_limit),
        cmocka_unit_test(a_refused_connection_is_named),
        cmocka_unit_test(a_reset_is_an_error_and_no_signal),
        cmocka_unit_test(a_stream_may_be_closed_by_its_data),
        cmocka_unit_test(an_accepted_stream_may_be_refused),
        cmocka_unit_test(a_connecting_stream_may_be_closed),
        cmocka_unit_test(a_taken_port_cannot_be_listened_at),
        cmocka_unit_test(a_waiting_loop_sleeps),
        cmocka_unit_test(a_wrapped_loop_goes_with_what_still_lingers),
        cmocka_unit_test(a_loop_with_open_streams_can_be_driven_to_its_end),
    };

    signal(SIGPIPE, SIG_DFL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
