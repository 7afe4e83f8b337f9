/* sip_socket.c - the built-in socket over UDP and TCP, in virtual time. */
#include "sip_server.h"

#include "support/scarce.h"
#include "support/sim.h"

typedef struct world {
    sim *s;
    pipit_loop *loop;
    sip_server server, second;
    sip_user user;
} world;

static void open_world(world *w)
{
    *w = (world){0};
    assert_int_equal(sim_new(1, &w->s), 0);
    w->loop = sim_loop(w->s);
    sim_add_host(w->s, "a.test", "192.0.2.10");
    sim_add_host(w->s, "b.test", "192.0.2.11");
}

static void close_world(world *w)
{
    sip_user_end(&w->user);
    sip_server_stop(&w->server);
    sip_server_stop(&w->second);
    sim_free(w->s);
}

static void start(world *w, const char *uri, const pipit_sip_socket_options *options)
{
    sip_user_start(&w->user, w->loop, uri, options);
    sim_advance_ms(w->s, 100);
}

static void add_srv(world *w, const char *name, uint16_t priority, const char *target)
{
    sim_add_record(w->s, PP_RECORD_SRV, name,
                   &(pp_record){.order = priority, .port = 5060, .name = target});
}

static const char *local(world *w)
{
    static char text[80];

    assert_true(pp_socket_local_address(w->user.socket, text, sizeof(text)));
    return text;
}

/* --- messages --------------------------------------------------------------------------------- */

static void a_message_goes_and_comes_over_udp(void **state)
{
    char at[PP_ADDR_TEXT];
    static world w;

    (void)state;
    open_world(&w);
    sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
    w.server.answer = SIP_ANSWER("200 OK", "OPTIONS");
    start(&w, "sip:a.test", NULL);
    assert_int_equal(w.user.connected, 1);
    assert_string_equal(pipit_socket_via_transport(w.user.socket), "UDP");
    assert_false(pp_socket_is_reliable(w.user.socket, PP_LIT("udp")));
    assert_true(sip_user_send(&w.user, sip_request("OPTIONS", "UDP", 0)));
    sim_advance_ms(w.s, 10);
    assert_string_equal(w.server.heard, sip_request("OPTIONS", "UDP", 0));
    assert_string_equal(w.user.data, w.server.answer);
    assert_string_equal(local(&w), pp_addr_text(&w.server.from, at));
    close_world(&w);
}

static void a_message_goes_and_comes_over_tcp(void **state)
{
    char at[PP_ADDR_TEXT];
    pp_addr from, to;
    static world w;

    (void)state;
    open_world(&w);
    sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
    w.server.answer = SIP_ANSWER("200 OK", "OPTIONS") SIP_ANSWER("200 OK", "INFO");
    start(&w, "sip:a.test;transport=tcp", NULL);
    assert_int_equal(w.user.connected, 1);
    assert_string_equal(pipit_socket_via_transport(w.user.socket), "TCP");
    assert_true(pp_socket_is_reliable(w.user.socket, PP_LIT("TCP")));
    assert_true(sip_user_send(&w.user, sip_request("OPTIONS", "TCP", 3000)));
    sim_advance_ms(w.s, 10);
    assert_string_equal(w.server.heard, sip_request("OPTIONS", "TCP", 3000));
    assert_int_equal(w.user.messages, 2);
    assert_string_equal(w.user.data, SIP_ANSWER("200 OK", "INFO"));
    w.server.stream->ops->addresses(w.server.stream, &to, &from);
    assert_string_equal(local(&w), pp_addr_text(&from, at));
    close_world(&w);
}

static void an_address_of_the_other_family_is_written_in_brackets(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_bind(&w.server, w.loop, "2001:db8::10", 5080);
    start(&w, "sip:[2001:db8::10]:5080", &(pipit_sip_socket_options){.local_port = 5062});
    assert_string_equal(local(&w), "[2001:db8::1]:5062");
    assert_true(sip_user_send(&w.user, sip_request("OPTIONS", "UDP", 0)));
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.server.messages, 1);
    close_world(&w);
}

/* RFC 3261 section 18.2.2, RFC 3581: whatever the request said of itself. */
static void a_request_of_another_address_is_answered_there(void **state)
{
    static const char *const vias[] = {
        "198.51.100.7:5060;rport;branch=z9hG4bKb",
        "proxy.invalid:9999;received=203.0.113.1;rport=7;branch=z9hG4bKb",
        "192.0.2.11:5070;branch=z9hG4bKb"};
    char request[600], expected[300];
    pp_addr to;
    static world w;

    (void)state;
    open_world(&w);
    sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
    sip_server_bind(&w.second, w.loop, "192.0.2.11", 5070);
    start(&w, "sip:a.test:5060", &(pipit_sip_socket_options){.local_port = 5062});
    to = sip_server_at("192.0.2.1", 5062);
    for (size_t i = 0; i < 3; i++) {
        snprintf(request, sizeof(request),
                 "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nv: SIP/2.0/UDP %s, SIP/2.0/UDP x\r\nFrom: "
                 "<sip:b@b>;tag=b\r\nTo: <sip:a@a>\r\nCall-ID: d\r\nCSeq: 1 OPTIONS\r\n\r\n",
                 vias[i]);
        pp_udp_send(w.second.udp, &to, request, strlen(request));
        sim_advance_ms(w.s, 10);
        snprintf(expected, sizeof(expected), "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nv: SIP/2.0/UDP %s",
                 i == 0   ? "198.51.100.7:5060;rport=5070;branch=z9hG4bKb;received=192.0.2.11, SIP"
                 : i == 1 ? "proxy.invalid:9999;rport=5070;branch=z9hG4bKb;received=192.0.2.11, SIP"
                          : "192.0.2.11:5070;branch=z9hG4bKb, SIP");
        assert_int_equal(strncmp(w.user.data, expected, strlen(expected)), 0);
        /* The answer repeats that Via. */
        snprintf(request, sizeof(request), "SIP/2.0 200 OK\r\n%s", strchr(w.user.data, '\n') + 1);
        assert_true(sip_user_send(&w.user, request));
        sim_advance_ms(w.s, 10);
        assert_int_equal(w.second.messages, i + 1);
    }
    assert_int_equal(w.server.messages, 0);
    close_world(&w);
}

/* --- large requests --------------------------------------------------------------------------- */

static void a_request_too_long_for_a_datagram_goes_over_tcp(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
    sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
    w.server.answer = SIP_ANSWER("100 Trying", "INVITE");
    start(&w, "sip:a.test:5060", NULL);
    assert_string_equal(pp_socket_via_transport(w.user.socket, 1300), "UDP");
    assert_string_equal(pp_socket_via_transport(w.user.socket, 1301), "TCP");
    assert_false(pp_socket_is_reliable(w.user.socket, PP_LIT("TCP"))); /* not known yet */
    assert_true(sip_user_send(&w.user, sip_request("INVITE", "TCP", 1500)));
    assert_true(sip_user_send(&w.user, sip_request("INVITE", "TCP", 1500))); /* a repeat */
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.server.accepted, 1);
    assert_int_equal(w.server.messages, 1);
    assert_int_equal(w.server.datagrams, 0);
    assert_int_equal(w.user.messages, 1);
    assert_true(pp_socket_is_reliable(w.user.socket, PP_LIT("TCP")));
    assert_true(sip_user_send(&w.user, sip_request("OPTIONS", "UDP", 10)));
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.server.datagrams, 1);
    sip_server_drop(&w.server); /* idle: nobody minds */
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.user.disconnected, 0);
    assert_true(sip_user_send(&w.user, sip_request("INVITE", "TCP", 1500)));
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.server.accepted, 2);
    close_world(&w);
}

static void a_long_request_goes_over_udp_where_tcp_is_refused(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
    start(&w, "sip:a.test:5060", NULL);
    assert_true(sip_user_send(&w.user, sip_request("INVITE", "TCP", 1500)));
    sim_advance_ms(w.s, 10);
    assert_string_equal(w.server.heard, sip_request("INVITE", "UDP", 1500));
    assert_string_equal(pp_socket_via_transport(w.user.socket, 1301), "UDP"); /* from now on */
    assert_true(sip_user_send(&w.user, sip_request("ACK", "TCP", 1)));
    sim_advance_ms(w.s, 10);
    assert_string_equal(w.server.heard, sip_request("ACK", "UDP", 1));
    close_world(&w);
}

static void the_rule_of_long_requests_can_be_changed(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    start(&w, "sip:a.test:5060", &(pipit_sip_socket_options){.only_udp = true});
    assert_string_equal(pp_socket_via_transport(w.user.socket, 60000), "UDP");
    sip_user_end(&w.user);
    start(&w, "sip:a.test:5060", &(pipit_sip_socket_options){.datagram_max = 8000});
    assert_string_equal(pp_socket_via_transport(w.user.socket, 8000), "UDP");
    assert_string_equal(pp_socket_via_transport(w.user.socket, 8001), "TCP");
    close_world(&w);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void a_server_that_closes_is_told_apart_from_one_that_breaks(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
    start(&w, "sip:a.test;transport=tcp", NULL);
    sip_server_drop(&w.server);
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.user.disconnected, 1);
    assert_false(w.user.error);
    pp_socket_connect(w.user.socket);
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.user.connected, 2);
    sim_break_streams(w.s);
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.user.disconnected, 2);
    assert_true(w.user.error);
    assert_string_equal(w.user.reason, "the connection was reset");
    close_world(&w);
}

static void a_server_that_cannot_be_reached_is_named(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    start(&w, "sip:a.test;transport=tcp", NULL);
    assert_int_equal(w.user.disconnected, 1);
    assert_string_equal(w.user.reason, "connection refused by 192.0.2.10:5060");
    sip_user_end(&w.user);
    start(&w, "sip:c.test", NULL);
    assert_string_equal(w.user.reason, "the host name 'c.test' could not be found");
    assert_false(sip_user_send(&w.user, sip_request("OPTIONS", "UDP", 0)));
    close_world(&w);
}

static void a_server_that_speaks_no_sip_is_left(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
    w.server.answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    start(&w, "sip:a.test;transport=tcp", NULL);
    assert_true(sip_user_send(&w.user, sip_request("OPTIONS", "TCP", 0)));
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.user.disconnected, 1);
    assert_string_equal(w.user.reason, "stream: what came is no SIP: 'HTTP/1.1 400 Bad Request'");
    close_world(&w);
}

static void a_socket_may_go_while_it_is_told_of_a_message(void **state)
{
    static const char *const uris[] = {"sip:a.test:5060", "sip:a.test:5060;transport=tcp"};
    static world w;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        open_world(&w);
        sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
        sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
        w.server.answer = SIP_ANSWER("200 OK", "OPTIONS") SIP_ANSWER("200 OK", "INFO");
        start(&w, uris[i], NULL);
        w.user.release_on_data = true;
        assert_true(sip_user_send(&w.user, sip_request("OPTIONS", i ? "TCP" : "UDP", 0)));
        sim_advance_ms(w.s, 10);
        assert_int_equal(w.user.messages, 1);
        assert_null(w.user.socket);
        close_world(&w);
    }
}

/* --- one server after another ----------------------------------------------------------------- */

static void the_next_server_is_tried_when_one_refuses(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    add_srv(&w, "_sip._tcp.example.test", 1, "a.test");
    add_srv(&w, "_sip._tcp.example.test", 2, "b.test");
    sip_server_listen(&w.second, w.loop, "192.0.2.11", 5060);
    start(&w, "sip:example.test", NULL);
    assert_int_equal(w.user.connected, 1);
    assert_int_equal(w.second.accepted, 1);
    sip_server_stop(&w.second);
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.user.disconnected, 1);
    pp_socket_connect(w.user.socket);
    sim_advance_ms(w.s, 100);
    assert_int_equal(w.user.disconnected, 2);
    assert_string_equal(w.user.reason, "none of 2 servers could be reached; the last: connection "
                                       "refused by 192.0.2.10:5060"); /* which failed before */
    sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
    sip_server_listen(&w.second, w.loop, "192.0.2.11", 5060);
    sim_advance_ms(w.s, 300000);
    pp_socket_connect(w.user.socket);
    sim_advance_ms(w.s, 100);
    assert_int_equal(w.server.accepted, 1); /* the first again */
    close_world(&w);
}

static void a_server_out_of_service_is_left_for_the_next(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    add_srv(&w, "_sip._udp.example.test", 1, "a.test");
    add_srv(&w, "_sip._udp.example.test", 2, "b.test");
    sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
    sip_server_bind(&w.second, w.loop, "192.0.2.11", 5060);
    w.server.answer = SIP_ANSWER("503 Service Unavailable", "MESSAGE"); /* of the far end's */
    start(&w, "sip:example.test", NULL);
    sip_user_send(&w.user, sip_request("MESSAGE", "UDP", 0));
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.user.disconnected, 0);
    w.server.answer = SIP_ANSWER("503 Service Unavailable", "REGISTER");
    sip_user_send(&w.user, sip_request("REGISTER", "UDP", 0));
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.user.messages, 2); /* told first */
    assert_int_equal(w.user.disconnected, 1);
    pp_socket_connect(w.user.socket);
    sim_advance_ms(w.s, 10);
    w.second.answer = w.server.answer;
    sip_user_send(&w.user, sip_request("REGISTER", "UDP", 0));
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.second.messages, 1);
    close_world(&w);
}

static void a_server_that_never_answers_is_left_for_the_next(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    add_srv(&w, "_sip._udp.example.test", 1, "a.test");
    add_srv(&w, "_sip._udp.example.test", 2, "b.test");
    sip_server_bind(&w.second, w.loop, "192.0.2.11", 5060);
    start(&w, "sip:example.test", NULL);
    sip_user_send(&w.user, sip_request("REGISTER", "UDP", 0));
    sim_advance_ms(w.s, 32400);
    assert_int_equal(w.user.disconnected, 0);
    sim_advance_ms(w.s, 200);
    assert_int_equal(w.user.disconnected, 1);
    assert_string_equal(w.user.reason, "192.0.2.10 did not answer for 32 s");
    pp_socket_connect(w.user.socket);
    sim_advance_ms(w.s, 10);
    sip_user_send(&w.user, sip_request("REGISTER", "UDP", 0));
    sim_advance_ms(w.s, 10);
    assert_int_equal(w.second.messages, 1);
    close_world(&w);
}

/* --- keep-alives ------------------------------------------------------------------------------ */

static void a_stream_is_kept_alive_with_empty_lines(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
    start(&w, "sip:a.test;transport=tcp", NULL);
    sim_advance_ms(w.s, 94000);
    assert_int_equal(w.server.pings, 0);
    sim_advance_ms(w.s, 27000);
    assert_int_equal(w.server.pings, 1);
    sim_advance_ms(w.s, 600000); /* it never answers, and has never promised to */
    assert_int_equal(w.user.disconnected, 0);
    pp_socket_flow_timer(w.user.socket, 20);
    w.server.pings = 0;
    w.server.pongs = true;
    sim_advance_ms(w.s, 15900);
    assert_int_equal(w.server.pings, 0);
    sim_advance_ms(w.s, 4200);
    assert_int_equal(w.server.pings, 1);
    pp_stream_send(w.server.stream, "\r\n\r\n", 4); /* theirs is answered */
    sim_advance_ms(w.s, 100);
    assert_int_equal(w.user.disconnected, 0);
    close_world(&w);
}

static void a_frozen_server_is_noticed_by_its_silence(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
    w.server.pongs = true;
    start(&w, "sip:a.test;transport=tcp",
          &(pipit_sip_socket_options){.keep_alive_interval_ms = 30000});
    sim_advance_ms(w.s, 31000);
    assert_int_equal(w.server.pings, 1);
    sim_freeze_streams(w.s, true);
    sim_advance_ms(w.s, 38000);
    assert_int_equal(w.user.disconnected, 0);
    sim_advance_ms(w.s, 1500);
    assert_int_equal(w.user.disconnected, 1);
    assert_true(w.user.error);
    assert_string_equal(w.user.reason, "the server did not answer a keep-alive within 10000 ms");
    close_world(&w);
}

static void a_server_has_as_long_to_answer_as_it_is_given(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
    w.server.pongs = true;
    start(&w, "sip:a.test;transport=tcp",
          &(pipit_sip_socket_options){.keep_alive_interval_ms = 30000, .pong_timeout_ms = 2500});
    sim_advance_ms(w.s, 31000);
    sim_freeze_streams(w.s, true);
    sim_advance_ms(w.s, 31000); /* the next keep-alive went two seconds ago */
    assert_int_equal(w.user.disconnected, 0);
    sim_advance_ms(w.s, 1000);
    assert_int_equal(w.user.disconnected, 1);
    assert_string_equal(w.user.reason, "the server did not answer a keep-alive within 2500 ms");
    close_world(&w);
}

static void a_flow_over_udp_is_kept_alive_with_stun(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
    w.server.stun = true;
    start(&w, "sip:a.test:5060", NULL);
    sim_advance_ms(w.s, 23800);
    assert_int_equal(w.server.bindings, 0);
    sim_advance_ms(w.s, 6000);
    assert_int_equal(w.server.bindings, 1);
    sim_advance_ms(w.s, 290000);
    assert_in_range(w.server.bindings, 10, 13);
    assert_int_equal(w.user.disconnected, 0);
    w.server.mapped_port = 4711; /* another NAT binding: nobody reaches us by the old one */
    sim_advance_ms(w.s, 30000);
    assert_int_equal(w.user.disconnected, 1);
    assert_non_null(strstr(w.user.reason, "sees us at 192.0.2.1:4711 now"));
    close_world(&w);
}

static void a_server_that_stops_to_answer_stun_has_failed(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
    w.server.stun = true;
    start(&w, "sip:a.test:5060", NULL);
    sim_advance_ms(w.s, 30000);
    w.server.stun = false;
    w.server.bindings = 0;
    sim_advance_ms(w.s, 50000);
    assert_int_equal(w.server.bindings, 5);
    assert_int_equal(w.user.disconnected, 1);
    assert_string_equal(w.user.reason, "192.0.2.10:5060 did not answer a keep-alive");
    close_world(&w);
}

static void a_server_without_stun_gets_empty_lines(void **state)
{
    static world w;

    (void)state;
    open_world(&w);
    sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
    start(&w, "sip:a.test:5060", &(pipit_sip_socket_options){.keep_alive_interval_ms = 20000});
    sim_advance_ms(w.s, 110000);
    assert_int_equal(w.server.bindings, 5); /* one keep-alive, and its repeats */
    assert_in_range(w.server.lines, 3, 4);
    assert_int_equal(w.user.disconnected, 0);
    close_world(&w);
}

/* --- without memory --------------------------------------------------------------------------- */

static int lifetime(void)
{
    pipit_socket *socket = NULL;
    static world w;
    int err;

    scarce_pause();
    open_world(&w);
    add_srv(&w, "_sip._udp.example.test", 1, "a.test");
    add_srv(&w, "_sip._tcp.example.test", 1, "b.test"); /* refused */
    sip_server_bind(&w.server, w.loop, "192.0.2.10", 5060);
    sip_server_listen(&w.server, w.loop, "192.0.2.10", 5060);
    w.server.stun = true;
    w.server.answer = SIP_ANSWER("200 OK", "OPTIONS");
    scarce_resume();
    err = pipit_sip_socket_new(w.loop, "sip:example.test", &socket);
    if (!err) {
        w.user.socket = socket;
        assert_int_equal(pp_socket_attach(socket, &sip_user_handlers, &w.user), 0);
        for (unsigned i = 0; i < 3; i++) {
            pp_socket_connect(socket);
            sim_advance_ms(w.s, 100);
            pp_socket_send(socket, sip_request("OPTIONS", "UDP", 0), 300);
            pp_socket_send(socket, sip_request("INVITE", "TCP", 1500),
                           strlen(sip_request("INVITE", "TCP", 1500)));
            sim_advance_ms(w.s, 30000);
        }
        err = scarce_memory.failed ? PIPIT_ERR_MEMORY : 0;
    }
    scarce_pause();
    close_world(&w);
    scarce_resume();
    return err;
}

static void a_socket_without_memory_stays_usable(void **state)
{
    (void)state;
    assert_true(scarce_sweep(lifetime, false) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_goes_and_comes_over_udp),
        cmocka_unit_test(a_message_goes_and_comes_over_tcp),
        cmocka_unit_test(an_address_of_the_other_family_is_written_in_brackets),
        cmocka_unit_test(a_request_of_another_address_is_answered_there),
        cmocka_unit_test(a_request_too_long_for_a_datagram_goes_over_tcp),
        cmocka_unit_test(a_long_request_goes_over_udp_where_tcp_is_refused),
        cmocka_unit_test(the_rule_of_long_requests_can_be_changed),
        cmocka_unit_test(a_server_that_closes_is_told_apart_from_one_that_breaks),
        cmocka_unit_test(a_server_that_cannot_be_reached_is_named),
        cmocka_unit_test(a_server_that_speaks_no_sip_is_left),
        cmocka_unit_test(a_socket_may_go_while_it_is_told_of_a_message),
        cmocka_unit_test(the_next_server_is_tried_when_one_refuses),
        cmocka_unit_test(a_server_out_of_service_is_left_for_the_next),
        cmocka_unit_test(a_server_that_never_answers_is_left_for_the_next),
        cmocka_unit_test(a_stream_is_kept_alive_with_empty_lines),
        cmocka_unit_test(a_frozen_server_is_noticed_by_its_silence),
        cmocka_unit_test(a_server_has_as_long_to_answer_as_it_is_given),
        cmocka_unit_test(a_flow_over_udp_is_kept_alive_with_stun),
        cmocka_unit_test(a_server_that_stops_to_answer_stun_has_failed),
        cmocka_unit_test(a_server_without_stun_gets_empty_lines),
        cmocka_unit_test(a_socket_without_memory_stays_usable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
