/* place.c - a user agent over UDP and TCP: its Via and Contact, and a registrar behind whose NAT it is. */
#include "base/buf.h"
#include "base/error.h"
#include "pipit/pipit.h"
#include "sip/outgoing.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sim.h"
#include "transport/framing.h"
#include "transport/source.h"
#include "ua/ua.h"

#include <stdio.h>

typedef struct world {
    sim *s;
    pipit_loop *loop;
    pipit_ua *ua;
    pp_udp *udp;
    pp_listener *listener;
    pp_stream *stream;
    pp_framing framing;
    const char *lines;  /* more of the answers */
    const char *seen;   /* the address we show; NULL: the true one */
    uint16_t seen_port; /* of it; 0: the true one */
    bool restless;      /* another port with each answer */
    unsigned requests, bindings;
    pp_message *last;
    pp_addr from;
    unsigned registered, failed;
    unsigned messages;
} world;

/* --- the registrar ---------------------------------------------------------------------------- */

static void answer(world *w, const pp_message *request, pp_buf *out)
{
    pp_outgoing *response = NULL;
    pp_str contact;

    assert_int_equal(pp_outgoing_response(request, 200, NULL, "registrar", &response), 0);
    for (size_t i = 0; contact = pp_message_header(request, PP_HEADER_CONTACT, i), contact.p; i++)
        pp_outgoing_add(response, PP_HEADER_CONTACT, contact);
    if (w->lines)
        pp_outgoing_add_line(response, w->lines);
    assert_int_equal(pp_outgoing_write(response, out), 0);
    pp_outgoing_unref(response);
}

/* The answer to a message, with what we see in its Via; nothing for an answer of theirs. */
static void take(world *w, const pp_addr *from, pp_str text, pp_buf *out)
{
    pp_addr seen = *from;
    pp_buf marked = {0};

    w->from = *from;
    pp_message_unref(w->last);
    if (w->seen)
        assert_true(pp_addr_parse(pp_str_c(w->seen), from->port, &seen));
    if (w->seen_port)
        seen.port = w->restless ? w->seen_port++ : w->seen_port;
    assert_int_equal(pp_source_mark(text, &seen, &marked), 0);
    assert_int_equal(pp_message_parse(marked.n ? pp_buf_text(&marked) : text, &w->last), 0);
    pp_buf_free(&marked);
    assert_int_equal(w->last->defect, 0);
    if (!w->last->is_request)
        return;
    w->requests++;
    answer(w, w->last, out);
}

static void on_datagram(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    world *w = arg;
    pp_buf out = {0};

    if (data[0] < 4) { /* STUN */
        w->bindings++;
        return;
    }
    if (data[0] == '\r') /* empty lines, where STUN is not answered */
        return;
    scarce_pause();
    take(w, from, pp_str_n(data, size), &out);
    if (out.n)
        pp_udp_send(w->udp, from, out.p, out.n);
    pp_buf_free(&out);
    scarce_resume();
}

static void on_stream_data(void *arg, const uint8_t *data, size_t size)
{
    world *w = arg;
    pp_buf out = {0};
    pp_frame frame;
    pp_addr local, remote;

    scarce_pause();
    w->stream->ops->addresses(w->stream, &local, &remote);
    assert_int_equal(pp_framing_add(&w->framing, data, size), 0);
    while (pp_framing_next(&w->framing, &frame) == 0 && frame.kind)
        if (frame.kind == PP_FRAME_MESSAGE)
            take(w, &remote, frame.message, &out);
    if (out.n)
        pp_stream_send(w->stream, out.p, out.n);
    pp_buf_free(&out);
    scarce_resume();
}

static void on_stream_connected(void *arg)
{
    (void)arg;
}

static void on_stream_closed(void *arg, int error, const char *reason)
{
    world *w = arg;

    (void)error;
    (void)reason;
    w->stream = pp_stream_close(w->stream);
    pp_framing_free(&w->framing);
}

static const pp_stream_handlers stream_handlers = {
    .connected = on_stream_connected, .data = on_stream_data, .closed = on_stream_closed};

static void on_accepted(void *arg, pp_stream *stream)
{
    world *w = arg;

    stream->handlers = &stream_handlers;
    stream->arg = w;
    w->stream = stream;
}

/* --- the user agent --------------------------------------------------------------------------- */

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    (void)ua;
    (void)event;
    ((world *)user)->registered++;
}

static void on_failed(pipit_ua *ua, const pipit_unregistered_event *event, void *user)
{
    (void)ua;
    (void)event;
    ((world *)user)->failed++;
}

static void on_new_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    (void)ua;
    if (event->originator == PIPIT_REMOTE)
        ((world *)user)->messages++;
}

static const pipit_ua_handlers handlers = {
    .registered = on_registered, .registration_failed = on_failed, .new_message = on_new_message};

static int make_agent(world *w, const char *server, const char *contact_uri)
{
    const pipit_sip_socket_options options = {.local_port = 5066};
    pipit_ua_configuration c = {.uri = "sip:alice@example.com",
                                .contact_uri = contact_uri,
                                .register_expires = 3600,
                                .handlers = &handlers,
                                .user = w};
    int err = pipit_sip_socket_new_with(w->loop, server, &options, &c.sockets[0].socket);

    if (!err)
        err = pipit_ua_new(w->loop, &c, &w->ua);
    pipit_socket_unref(c.sockets[0].socket);
    return err ? err : pipit_ua_start(w->ua);
}

static void open_registrar(world *w)
{
    pp_addr at;

    assert_int_equal(sim_new(1, &w->s), 0);
    w->loop = sim_loop(w->s);
    assert_true(pp_addr_parse(PP_LIT("192.0.2.10"), 5060, &at));
    assert_int_equal(w->loop->ops->udp_open(w->loop, &at, on_datagram, w, &w->udp), 0);
    assert_int_equal(w->loop->ops->tcp_listen(w->loop, &at, on_accepted, w, &w->listener), 0);
}

static void open_world(world *w, const char *server, const char *contact_uri)
{
    open_registrar(w);
    assert_int_equal(make_agent(w, server, contact_uri), 0);
    sim_advance_ms(w->s, 1000);
}

static void close_world(world *w)
{
    if (w->ua)
        pipit_ua_stop(w->ua);
    sim_advance_ms(w->s, 40000);
    pipit_ua_unref(w->ua);
    scarce_pause();
    pp_message_unref(w->last);
    pp_udp_close(w->udp);
    pp_listener_close(w->listener);
    pp_stream_close(w->stream);
    pp_framing_free(&w->framing);
    sim_free(w->s);
    scarce_resume();
}

/* The whole text of its Contact, without what is behind the URI when `uri_only`. */
static void check_contact(const world *w, const char *address, const char *more)
{
    pp_str value = pp_message_header(w->last, PP_HEADER_CONTACT, 0);
    char expected[128];

    snprintf(expected, sizeof(expected), "%s>;", address);
    assert_true(pp_str_starts(value, "<sip:"));
    assert_true(pp_str_starts(pp_str_sub(value, pp_str_find(value, '@') + 1, value.n), expected));
    if (more)
        assert_non_null(memmem(value.p, value.n, more, strlen(more)));
    else
        assert_null(memmem(value.p, value.n, ", <", 3));
}

#define UDP_SERVER "sip:192.0.2.10"
#define TCP_SERVER "sip:192.0.2.10;transport=tcp"

/* --- via and contact -------------------------------------------------------------------------- */

static void an_address_is_shown_in_via_and_contact(void **state)
{
    world w = {0};

    (void)state;
    open_world(&w, UDP_SERVER, NULL);
    assert_int_equal(w.registered, 1);
    assert_int_equal(w.requests, 1);
    check_contact(&w, "192.0.2.1:5066", NULL);
    assert_true(pp_str_eq_c(w.last->via.transport, "UDP"));
    assert_true(pp_str_eq_c(w.last->via.host, "192.0.2.1"));
    assert_int_equal(w.last->via.port, 5066);
    assert_true(pp_param(w.last->via.params, "rport", NULL));
    assert_non_null(strstr(pipit_ua_contact(w.ua), "@192.0.2.1:5066"));
    close_world(&w);
}

static void a_contact_over_tcp_says_so(void **state)
{
    char address[80];
    world w = {0};

    (void)state;
    open_world(&w, TCP_SERVER, NULL);
    assert_int_equal(w.registered, 1);
    snprintf(address, sizeof(address), "192.0.2.1:%u;transport=tcp", w.from.port);
    check_contact(&w, address, NULL);
    assert_true(pp_str_eq_c(w.last->via.transport, "TCP"));
    close_world(&w);
}

static void a_contact_that_was_given_stays(void **state)
{
    world w = {.seen = "203.0.113.9"};

    (void)state;
    open_world(&w, UDP_SERVER, "sip:alice@phone.example.com");
    assert_int_equal(w.requests, 1);
    check_contact(&w, "phone.example.com", NULL);
    assert_true(pp_str_eq_c(w.last->via.host, "192.0.2.1"));
    close_world(&w);
}

static void an_anonymous_contact_can_be_reached_too(void **state)
{
    char *text = NULL;
    world w = {0};

    (void)state;
    open_world(&w, UDP_SERVER, NULL);
    assert_int_equal(pipit_ua_contact_to_string(w.ua, true, false, &text), 0);
    assert_string_equal(text, "<sip:anonymous@192.0.2.1:5066>");
    pipit_free(text);
    close_world(&w);
}

/* --- behind a NAT ----------------------------------------------------------------------------- */

static void the_address_that_the_registrar_sees_is_registered(void **state)
{
    char old[128];
    world w = {.seen = "203.0.113.9", .seen_port = 40000};

    (void)state;
    open_world(&w, UDP_SERVER, NULL);
    assert_int_equal(w.registered, 1); /* told once */
    assert_int_equal(w.requests, 2);
    snprintf(old, sizeof(old), ", <sip:%.*s@192.0.2.1:5066>;expires=0",
             (int)strcspn(pipit_ua_contact(w.ua) + 4, "@"), pipit_ua_contact(w.ua) + 4);
    check_contact(&w, "203.0.113.9:40000", old);
    assert_true(pipit_ua_is_registered(w.ua));
    assert_int_equal(pipit_ua_register(w.ua), 0); /* the next refresh: nothing left to remove */
    sim_advance_ms(w.s, 1000);
    assert_int_equal(w.requests, 3);
    check_contact(&w, "203.0.113.9:40000", NULL);
    assert_true(pp_str_eq_c(w.last->via.host, "192.0.2.1")); /* for the Via it is no matter */
    close_world(&w);
}

static void the_port_that_the_registrar_sees_is_registered_over_tcp(void **state)
{
    world w = {.seen_port = 50000};

    (void)state;
    open_world(&w, TCP_SERVER, NULL);
    assert_int_equal(w.requests, 2);
    check_contact(&w, "192.0.2.1:50000;transport=tcp", ";expires=0");
    close_world(&w);
}

static void a_nat_that_never_settles_is_followed_for_a_while_only(void **state)
{
    world w = {.seen = "203.0.113.9", .seen_port = 40000, .restless = true};

    (void)state;
    open_world(&w, UDP_SERVER, NULL);
    sim_advance_ms(w.s, 10000);
    assert_int_equal(w.requests, 5);
    assert_int_equal(w.failed, 0);
    close_world(&w);
}

/* --- what else the registrar says ------------------------------------------------------------- */

static void a_flow_timer_sets_the_time_between_keep_alives(void **state)
{
    world w = {.lines = "Flow-Timer: 100"};

    (void)state;
    open_world(&w, UDP_SERVER, NULL);
    sim_advance_ms(w.s, 78000);
    assert_int_equal(w.bindings, 0);
    sim_advance_ms(w.s, 23000);
    assert_true(w.bindings > 0);
    close_world(&w);
}

/* --- messages --------------------------------------------------------------------------------- */

static void a_long_message_says_tcp_in_its_via(void **state)
{
    char body[2000];
    world w = {0};

    (void)state;
    memset(body, 'x', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    open_world(&w, UDP_SERVER, NULL);
    assert_int_equal(pipit_ua_send_message(w.ua, "bob", body, NULL, NULL), 0);
    sim_advance_ms(w.s, 100);
    assert_int_equal(w.last->method, PP_MESSAGE);
    assert_true(pp_str_eq_c(w.last->via.transport, "TCP"));
    assert_non_null(w.stream);
    assert_int_equal(pipit_ua_send_message(w.ua, "bob", "short", NULL, NULL), 0);
    sim_advance_ms(w.s, 100);
    assert_true(pp_str_eq_c(w.last->via.transport, "UDP"));
    close_world(&w);
}

static void a_request_is_repeated_until_its_answer_comes(void **state)
{
    world w = {0};

    (void)state;
    open_world(&w, UDP_SERVER, NULL);
    sim_set_loss(w.s, 600, 0);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(pipit_ua_send_message(w.ua, "bob", "hello", NULL, NULL), 0);
    sim_advance_ms(w.s, 31000);
    assert_true(w.requests > 6);
    sim_set_loss(w.s, 0, 0);
    sim_advance_ms(w.s, 10000);
    assert_int_equal(pp_transactions_count(w.ua->transactions), 0); /* all answered, Timer K over */
    close_world(&w);
}

static void a_message_that_comes_twice_is_told_once(void **state)
{
    char text[600];
    pp_addr to;
    world w = {0};

    (void)state;
    open_world(&w, UDP_SERVER, NULL);
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 5066, &to));
    snprintf(text, sizeof(text),
             "MESSAGE %s SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKm\r\nFrom: "
             "<sip:b@b>;tag=b\r\nTo: <sip:alice@example.com>\r\nCall-ID: m\r\nCSeq: 1 MESSAGE\r\n"
             "Max-Forwards: 70\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi",
             pipit_ua_contact(w.ua));
    for (unsigned i = 0; i < 3; i++) {
        pp_udp_send(w.udp, &to, text, strlen(text));
        sim_advance_ms(w.s, 5000); /* Timer J: 32 s */
        assert_int_equal(w.last->status, 200);
        w.last->status = 0;
    }
    assert_int_equal(w.messages, 1);
    sim_advance_ms(w.s, 33000);
    close_world(&w);
}

/* --- without memory --------------------------------------------------------------------------- */

/* Registered, moved, and a long message: whatever fails of it, the user agent goes on and ends in order. */
static int lifetime(void)
{
    char body[1500];
    world w = {.seen = "203.0.113.9", .seen_port = 40000, .lines = "Flow-Timer: 30"};
    int err;

    memset(body, 'x', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    scarce_pause();
    open_registrar(&w);
    scarce_resume();
    err = make_agent(&w, UDP_SERVER, NULL);
    if (!err) {
        sim_advance_ms(w.s, 5000);
        (void)pipit_ua_send_message(w.ua, "bob", body, NULL, NULL);
        sim_advance_ms(w.s, 60000);
    }
    close_world(&w);
    return !err && scarce_memory.failed ? PIPIT_ERR_MEMORY : err;
}

static void a_user_agent_over_udp_without_memory_stays_usable(void **state)
{
    (void)state;
    assert_true(scarce_sweep(lifetime, false) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_shown_in_via_and_contact),
        cmocka_unit_test(a_contact_over_tcp_says_so),
        cmocka_unit_test(a_contact_that_was_given_stays),
        cmocka_unit_test(an_anonymous_contact_can_be_reached_too),
        cmocka_unit_test(the_address_that_the_registrar_sees_is_registered),
        cmocka_unit_test(the_port_that_the_registrar_sees_is_registered_over_tcp),
        cmocka_unit_test(a_nat_that_never_settles_is_followed_for_a_while_only),
        cmocka_unit_test(a_flow_timer_sets_the_time_between_keep_alives),
        cmocka_unit_test(a_long_message_says_tcp_in_its_via),
        cmocka_unit_test(a_request_is_repeated_until_its_answer_comes),
        cmocka_unit_test(a_message_that_comes_twice_is_told_once),
        cmocka_unit_test(a_user_agent_over_udp_without_memory_stays_usable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
