/* stage.c - a user agent whose far end is the test itself. */
#include "support/cast/stage.h"

#include <stdio.h>
#include <stdlib.h>

void stage_keep(stage_message *m, const char *text, size_t size)
{
    assert_true(size < sizeof(m->text));
    memcpy(m->text, text, size);
    m->text[size] = '\0';
    m->size = size;
}

static void on_up(void *arg)
{
    pipit_socket_connected(((stage *)arg)->socket);
}

static void socket_connect(void *self)
{
    stage *at = self;

    pp_loop_post(sim_loop(at->s), &at->connecting, on_up, at);
}

static void socket_disconnect(void *self)
{
    stage *at = self;

    pp_loop_unpost(sim_loop(at->s), &at->connecting);
}

static bool socket_send(void *self, const char *data, size_t size)
{
    stage *at = self;

    if (strncmp(data, "ACK", 3) != 0 && strncmp(data, "SIP/2.0 100", 11) != 0 &&
        strncmp(data, "SIP/2.0 180", 11) != 0)
        stage_keep(&at->sent, data, size);
    return true;
}

static const pipit_socket_interface socket_functions = {
    .connect = socket_connect, .disconnect = socket_disconnect, .send = socket_send};

static void on_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    stage *at = user;

    (void)ua;
    pipit_session_unref(at->session);
    at->session = pipit_session_ref(event->session);
}

static void on_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    stage *at = user;

    (void)ua;
    if (event->originator == PIPIT_REMOTE && at->reply)
        at->reply_err = pipit_message_reject(event->message, at->reply);
}

static const pipit_ua_handlers handlers = {.new_rtc_session = on_session,
                                           .new_message = on_message};

void stage_free(stage *at)
{
    if (at->ua) {
        pipit_ua_stop(at->ua);
        sim_advance_ms(at->s, 40000);
    }
    pipit_session_unref(at->session);
    pipit_ua_unref(at->ua);
    pipit_socket_unref(at->socket);
    sim_free(at->s);
    free(at);
}

int stage_new(pipit_ua_configuration c, stage_socket texts, stage **out)
{
    stage *at = calloc(1, sizeof(*at));
    int err;

    assert_non_null(at);
    assert_int_equal(sim_new(1, &at->s), 0);
    err = pipit_socket_new(&socket_functions, at, texts.transport, "wss://sip.example.com",
                           texts.sip_uri, &at->socket);
    c.sockets[0].socket = at->socket;
    c.handlers = &handlers;
    c.user = at;
    if (!c.uri)
        c.uri = "sip:alice@example.com";
    if (!err)
        err = pipit_ua_new(sim_loop(at->s), &c, &at->ua);
    if (!err)
        err = pipit_ua_start(at->ua);
    if (err) {
        stage_free(at);
        return err;
    }
    sim_advance_ms(at->s, 1);
    *out = at;
    return 0;
}

const stage_socket stage_honest_socket = {"WSS", "sip:sip.example.com;transport=ws"};

void stage_answer(stage *at, const char *status, const char *more)
{
    static const char *const copied[] = {"Via", "From", "Call-ID", "CSeq"};
    pipit_request *request = NULL;
    char text[4096];
    int n = snprintf(text, sizeof(text), "SIP/2.0 %s\r\n", status);

    if (pipit_request_parse(at->sent.text, at->sent.size, &request))
        fail_msg("%s:\n%s", pipit_error_message(), at->sent.text);
    for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "%s: %s\r\n", copied[i],
                      pipit_request_header(request, copied[i], 0));
    n += snprintf(text + n, sizeof(text) - (size_t)n, "To: %s%s\r\n%sContent-Length: 0\r\n\r\n",
                  pipit_request_header(request, "To", 0),
                  *pipit_request_to_tag(request) ? "" : ";tag=t", more);
    assert_true(n > 0 && (size_t)n < sizeof(text));
    pipit_request_unref(request);
    pipit_socket_data(at->socket, text, (size_t)n);
    sim_advance_ms(at->s, 10);
}

void stage_ask(stage *at, const char *method)
{
    static unsigned number;
    char text[1024];
    int n = snprintf(text, sizeof(text),
                     "%s %s SIP/2.0\r\nVia: SIP/2.0/WSS b.invalid;branch=z9hG4bKb%u\r\n"
                     "Max-Forwards: 70\r\nFrom: <sip:bob@example.com>;tag=b\r\n"
                     "To: <sip:alice@example.com>\r\nCall-ID: b%u\r\nCSeq: 1 %s\r\n"
                     "Contact: <sip:bob@b.invalid;transport=ws>\r\nContent-Length: 0\r\n\r\n",
                     method, pipit_ua_contact(at->ua), number, number, method);

    number++;
    pipit_socket_data(at->socket, text, (size_t)n);
    sim_advance_ms(at->s, 10);
}
