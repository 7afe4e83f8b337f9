/* websocket_proxy.c - a WebSocket through an HTTP proxy, plain and with TLS inside the tunnel, in virtual time. */
#include "support/authority.h"
#include "support/scarce.h"
#include "support/sim.h"
#include "unit/transport/support/server.h"

#include "crypto/tls.h"
#include "pipit/error.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct proxy { /* one tunnel at a time, to wherever is asked for */
    pipit_loop *loop;
    pp_listener *listener;
    pp_stream *client, *server;
    const char *answer; /* instead of the tunnel; NULL: the tunnel */
    bool mute, interim; /* says nothing; says 100 first */
    unsigned asked;
    char request[1024];
} proxy;

static struct world {
    sim *s;
    pipit_loop *loop;
    server server;
    proxy proxy;
    user user;
} world;

static void drop(proxy *p)
{
    p->client = pp_stream_close(p->client);
    p->server = pp_stream_close(p->server);
}

static void on_connected(void *arg)
{
    proxy *p = arg;

    if (p->interim)
        pp_stream_send(p->client, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    pp_stream_send(p->client, "HTTP/1.1 200 Connection established\r\nVia: p\r\n\r\n", 47);
}

static void on_server_data(void *arg, const uint8_t *data, size_t size)
{
    pp_stream_send(((proxy *)arg)->client, data, size);
}

static void on_end(void *arg, int error, const char *reason)
{
    (void)error;
    (void)reason;
    drop(arg);
}

static const pp_stream_handlers to_server = {
    .connected = on_connected, .data = on_server_data, .closed = on_end};

static void on_client_data(void *arg, const uint8_t *data, size_t size)
{
    const pp_addr at = {.family = 4, .ip = {192, 0, 2, 1}, .port = 443};
    proxy *p = arg;

    if (p->server) {
        pp_stream_send(p->server, data, size);
        return;
    }
    p->asked++;
    snprintf(p->request, sizeof(p->request), "%.*s", (int)size, (const char *)data);
    if (p->answer) {
        pp_stream_send(p->client, p->answer, strlen(p->answer));
        drop(p);
    } else if (!p->mute) {
        assert_int_equal(p->loop->ops->tcp_connect(p->loop, &at, &to_server, p, &p->server), 0);
    }
}

static void on_client(void *arg)
{
    (void)arg;
}

static const pp_stream_handlers to_client = {
    .connected = on_client, .data = on_client_data, .closed = on_end};

static void on_accepted(void *arg, pp_stream *stream)
{
    proxy *p = arg;

    drop(p);
    p->client = stream;
    stream->handlers = &to_client;
    stream->arg = p;
}

static int start(void **state)
{
    pp_addr at;

    (void)state;
    memset(&world, 0, sizeof(world));
    assert_int_equal(sim_new(3, &world.s), 0);
    world.loop = world.proxy.loop = sim_loop(world.s);
    sim_add_host(world.s, "proxy.example.com",
                 "198.51.100.1"); /* the server's name is the proxy's to find */
    server_start(&world.server, world.loop, "192.0.2.1", 443);
    assert_true(pp_addr_parse(PP_LIT("198.51.100.1"), 3128, &at));
    assert_int_equal(world.loop->ops->tcp_listen(world.loop, &at, on_accepted, &world.proxy,
                                                 &world.proxy.listener),
                     0);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    user_end(&world.user);
    server_stop(&world.server);
    world.server.tls = pp_tls_context_unref(world.server.tls);
    drop(&world.proxy);
    pp_listener_close(world.proxy.listener);
    sim_advance_ms(world.s, 60000);
    sim_free(world.s);
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("http_proxy");
    unsetenv("HTTP_PROXY");
    unsetenv("no_proxy");
    return 0;
}

static void connect_user(const char *url, const pipit_websocket_options *options)
{
    user_start(&world.user, world.loop, url, options);
    sim_advance_ms(world.s, 500);
}

static void check_exchange(void)
{
    assert_string_equal(world.user.reason, "");
    assert_int_equal(world.user.connected, 1);
    assert_true(pp_socket_send(world.user.socket, "REGISTER", 8));
    sim_advance_ms(world.s, 100);
    assert_string_equal(world.server.heard, "text REGISTER");
    assert_string_equal(world.user.data, "REGISTER");
}

static void a_proxy_opens_the_way(void **state)
{
    (void)state;
    connect_user("ws://sip.example.com:443/ws",
                 &(pipit_websocket_options){.proxy = "http://proxy.example.com:3128"});
    check_exchange();
    assert_string_equal(world.proxy.request, "CONNECT sip.example.com:443 HTTP/1.1\r\n"
                                             "Host: sip.example.com:443\r\n\r\n");
    assert_non_null(strstr(world.server.request, "\r\nHost: sip.example.com:443\r\n"));
}

static void a_proxy_is_given_its_credentials(void **state)
{
    (void)state;
    world.proxy.interim = true;
    connect_user("ws://alice:a@[2001:db8::7]:443/ws",
                 &(pipit_websocket_options){.proxy = "http://me:pass@proxy.example.com:3128"});
    check_exchange();
    assert_string_equal(world.proxy.request, "CONNECT [2001:db8::7]:443 HTTP/1.1\r\n"
                                             "Host: [2001:db8::7]:443\r\n"
                                             "Proxy-Authorization: Basic bWU6cGFzcw==\r\n\r\n");
    assert_null(strstr(world.server.request, "Proxy-Authorization"));
    assert_non_null(strstr(world.server.request, "Authorization: Basic YWxpY2U6YQ=="));
}

static void tls_goes_through_the_tunnel(void **state)
{
    const pp_rng rng = pp_rng_system();
    static const char *const names[] = {"sip.example.com", NULL};
    authority a = {0};

    (void)state;
    assert_int_equal(authority_make(&a, &rng, pp_loop_wall_us(world.loop), 10, names), 0);
    assert_int_equal(pp_tls_server_context_new(a.certificate, &world.server.tls), 0);
    connect_user(
        "wss://sip.example.com/",
        &(pipit_websocket_options){.proxy = "http://proxy.example.com:3128", .ca_file = a.ca_file});
    check_exchange();
    assert_non_null(strstr(world.proxy.request, "CONNECT sip.example.com:443 "));
    authority_drop(&a);
}

static void check_failure(const char *answer, const char *reason)
{
    user_end(&world.user);
    world.user = (user){0};
    world.proxy.answer = answer;
    connect_user("ws://sip.example.com",
                 &(pipit_websocket_options){.proxy = "http://me:pass@proxy.example.com:3128"});
    assert_int_equal(world.user.disconnected, 1);
    assert_true(world.user.error);
    assert_int_equal(world.user.code, 1006);
    assert_string_equal(world.user.reason, reason);
}

static void a_refusal_of_the_proxy_is_told_with_advice(void **state)
{
    (void)state;
    check_failure(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\nno",
        "the proxy answered CONNECT with 407 Proxy Authentication Required: it wants "
        "credentials or others than those given, as http://user:password@proxy");
    check_failure(
        "HTTP/1.0 403 Forbidden\r\n\r\n",
        "the proxy answered CONNECT with 403 Forbidden: it does not let us through to this "
        "host and port");
    check_failure("HTTP/1.1 502 Bad Gateway\r\n\r\n",
                  "the proxy answered CONNECT with 502 Bad Gateway: it does not reach the server");
    check_failure("HTTP/1.1 302 Found\r\nLocation: http://login.example.com/\r\n\r\n",
                  "the proxy answered CONNECT with 302 Found: redirections are not followed, it "
                  "points to http://login.example.com/");
    check_failure("SSH-2.0-OpenSSH\r\n\r\n", "what the proxy answered is no HTTP");
    check_failure("HTTP/1.1 200 OK\r\n\r\nmore", "the proxy sent more than its answer to CONNECT");
    check_failure("", "the proxy did not open the way: the peer closed the connection");
    assert_int_equal(world.server.accepted, 0);
}

static void a_proxy_that_is_not_there_is_named(void **state)
{
    (void)state;
    world.proxy.listener = pp_listener_close(world.proxy.listener);
    check_failure(NULL, "the proxy cannot be reached: connection refused by 198.51.100.1:3128");
}

static void a_silent_proxy_times_out(void **state)
{
    (void)state;
    world.proxy.mute = true;
    connect_user("wss://sip.example.com",
                 &(pipit_websocket_options){.proxy = "http://proxy.example.com:3128",
                                            .connect_timeout_ms = 2000});
    sim_advance_ms(world.s, 1499);
    assert_int_equal(world.user.disconnected, 0);
    sim_advance_ms(world.s, 1);
    assert_string_equal(world.user.reason,
                        "the proxy proxy.example.com:3128 did not answer CONNECT within 2000 ms");
}

/* Connects to an address that is the server's, and tells whether it went through the proxy. */
static bool goes_through(const char *url, const pipit_websocket_options *options)
{
    unsigned asked = world.proxy.asked;

    world.user = (user){0};
    connect_user(url, options);
    user_end(&world.user);
    sim_advance_ms(world.s, 100);
    return world.proxy.asked > asked;
}

static void the_environment_names_a_proxy(void **state)
{
    const pipit_websocket_options blind = {.no_environment = true};

    (void)state;
    assert_false(goes_through("ws://192.0.2.1:443", NULL));
    setenv("HTTP_PROXY", "http://proxy.example.com:3128", 1); /* a server's clients can set that */
    assert_false(goes_through("ws://192.0.2.1:443", NULL));
    setenv("http_proxy", "http://proxy.example.com:3128", 1);
    assert_true(goes_through("ws://192.0.2.1:443", NULL));
    assert_false(goes_through("wss://192.0.2.1", NULL));
    assert_false(goes_through("ws://192.0.2.1:443", &blind));
    setenv("no_proxy", "example.org,192.0.2.0/24", 1);
    assert_false(goes_through("ws://192.0.2.1:443", NULL));
    assert_true(goes_through(
        "ws://192.0.2.1:443",
        &(pipit_websocket_options){.proxy = "proxy.example.com:3128"})); /* asked for by name */
    setenv("no_proxy", "", 1);
    setenv("HTTPS_PROXY", "http://proxy.example.com:3128", 1);
    assert_true(goes_through("wss://192.0.2.1", NULL));
    setenv("https_proxy", "socks5://me:secret@proxy.example.com", 1);
    assert_int_equal(pipit_websocket_new(world.loop, "wss://192.0.2.1", &world.user.socket),
                     PIPIT_ERR_NOT_SUPPORTED);
    assert_string_equal(pipit_error_message(),
                        "proxy: only one that starts with http:// is used (it "
                        "is that of https_proxy in the environment)");
}

static void a_socket_may_be_released_on_its_way_through(void **state)
{
    const pipit_websocket_options options = {.proxy = "http://proxy.example.com:3128"};

    (void)state;
    for (unsigned ms = 0; ms < 20; ms++) {
        user u = {0};

        user_start(&u, world.loop, "ws://sip.example.com", &options);
        sim_advance_ms(world.s, ms);
        user_end(&u);
        sim_advance_ms(world.s, 100);
    }
    assert_true(world.server.opened > 0);
}

/* Whatever fails, the end is told or it connects, and then a second try does. */
static void a_way_through_survives_every_failed_allocation(void **state)
{
    const pipit_websocket_options options = {.proxy = "http://me:pass@proxy.example.com:3128"};
    uint64_t n = 0;

    (void)state;
    do {
        user u = {0};

        scarce_begin(0);
        user_start(&u, world.loop, "ws://alice:a@sip.example.com", &options);
        scarce_fail(++n);
        sim_advance_ms(world.s, 20000);
        scarce_relax();
        assert_int_equal(u.connected + u.disconnected, 1);
        if (!u.connected) {
            pp_socket_connect(u.socket);
            sim_advance_ms(world.s, 20000);
        }
        assert_int_equal(u.connected, 1);
        user_end(&u);
        drop(&world.proxy);
        server_drop(&world.server);
        sim_advance_ms(world.s, 20000);
        assert_int_equal(scarce_end(), 0);
        assert_true(n < 1000);
    } while (scarce_memory.failed);
    assert_true(n > 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(a_proxy_opens_the_way),
        TEST(a_proxy_is_given_its_credentials),
        TEST(tls_goes_through_the_tunnel),
        TEST(a_refusal_of_the_proxy_is_told_with_advice),
        TEST(a_proxy_that_is_not_there_is_named),
        TEST(a_silent_proxy_times_out),
        TEST(the_environment_names_a_proxy),
        TEST(a_socket_may_be_released_on_its_way_through),
        TEST(a_way_through_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
