/* lone.c - a user agent alone on a socket of the test's own. */
#include "support/cast/lone.h"

#include <stdio.h>
#include <stdlib.h>

static void *copy(pp_str text)
{
    void *octets =
        malloc(text.n ? text.n : 1); /* the sanitizer sees the first octet read too far */

    assert_non_null(octets);
    if (text.n)
        memcpy(octets, text.p, text.n);
    return octets;
}

static void forget_answer(lone *l)
{
    free((void *)(uintptr_t)l->answer.p);
    l->answer = PP_STR_NONE;
    l->status = 0;
}

/* --- its socket ------------------------------------------------------------------------------- */

static void on_up(void *arg)
{
    pipit_socket_connected(((lone *)arg)->socket);
}

static void socket_connect(void *self)
{
    lone *l = self;

    pp_loop_post(sim_loop(l->s), &l->connecting, on_up, l);
}

static void socket_disconnect(void *self)
{
    lone *l = self;

    pp_loop_unpost(sim_loop(l->s), &l->connecting);
}

/* Answers are not parsed: one to nonsense may hold nonsense. */
static bool socket_send(void *self, const char *data, size_t size)
{
    lone *l = self;
    pp_str text = pp_str_n(data, size);
    uint32_t status;

    l->sent++;
    if (!pp_str_starts(text, "SIP/2.0 ") ||
        !pp_str_to_u32(pp_str_sub(text, 8, 11), 101, 699, &status) || l->status)
        return true;
    l->status = (int)status;
    l->answer = pp_str_n(copy(text), size);
    return true;
}

static const pipit_socket_interface socket_functions = {
    .connect = socket_connect, .disconnect = socket_disconnect, .send = socket_send};

/* --- its application -------------------------------------------------------------------------- */

static void on_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    lone *l = user;

    (void)ua;
    l->calls++;
    pipit_session_unref(l->session);
    l->session = pipit_session_ref(event->session);
}

/* Not kept, and so answered 200. */
static void on_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    lone *l = user;

    (void)ua;
    (void)event;
    l->messages++;
}

static const pipit_ua_handlers handlers = {.new_rtc_session = on_session,
                                           .new_message = on_message};

/* --- the stage -------------------------------------------------------------------------------- */

lone *lone_new(const char *uri, unsigned max_message_size)
{
    lone *l = calloc(1, sizeof(*l));
    pipit_ua_configuration c = {.uri = uri,
                                .no_register = true,
                                .handlers = &handlers,
                                .user = l,
                                .max_message_size = max_message_size};

    assert_non_null(l);
    assert_int_equal(sim_new(1, &l->s), 0);
    assert_int_equal(pipit_socket_new(&socket_functions, l, "WSS", "wss://sip.example.com",
                                      "sip:sip.example.com;transport=ws", &l->socket),
                     0);
    c.sockets[0].socket = l->socket;
    if (pipit_ua_new(sim_loop(l->s), &c, &l->ua))
        fail_msg("%s: %s", uri, pipit_error_message());
    assert_int_equal(pipit_ua_start(l->ua), 0);
    sim_advance_ms(l->s, 1);
    assert_true(pipit_ua_is_connected(l->ua));
    return l;
}

void lone_free(lone *l)
{
    pipit_ua_stop(l->ua);
    sim_advance_ms(l->s, 40000); /* Timers H and L are over, too */
    pipit_session_unref(l->session);
    pipit_ua_unref(l->ua);
    pipit_socket_unref(l->socket);
    sim_free(l->s);
    forget_answer(l);
    free(l);
}

int lone_receive(lone *l, pp_str wire)
{
    void *exact = copy(wire);

    forget_answer(l);
    pipit_socket_data(l->socket, exact, wire.n);
    free(exact);
    sim_advance_ms(l->s, 10);
    return l->status;
}

bool lone_answered(const lone *l, const char *line)
{
    pp_str rest = l->answer;

    while (rest.p) {
        pp_str found = pp_str_split(&rest, '\n');
        if (pp_str_starts(found, line))
            return true;
    }
    return false;
}

bool lone_works(lone *l)
{
    char text[512];
    unsigned n = ++l->asked;

    snprintf(text, sizeof(text),
             "OPTIONS %s SIP/2.0\r\nVia: SIP/2.0/WSS honest.invalid;branch=z9hG4bKhonest%u\r\n"
             "Max-Forwards: 70\r\nFrom: <sip:bob@example.com>;tag=honest\r\n"
             "To: <sip:alice@example.com>\r\nCall-ID: honest%u\r\nCSeq: 1 OPTIONS\r\n"
             "Content-Length: 0\r\n\r\n",
             pipit_ua_contact(l->ua), n, n);
    return lone_receive(l, pp_str_c(text)) == 200;
}
