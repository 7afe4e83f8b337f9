/* own_socket.c - a transport of the program's own (JsSIP: the Socket interface): SIP over a plain stream, each message behind
 * its length, to a registrar that lives in the same program. What matters is pipit_socket_interface: connect, disconnect, send;
 * and the three calls back: connected, data, disconnected.
 *
 *     example_own_socket
 *
 * Exits with 0 when the registration went over this transport and back. */
#include <pipit/pipit.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX 65536u

typedef struct wire { /* one end of the connection */
    int fd;           /* -1: closed */
    size_t have;
    char in[4 + MESSAGE_MAX];
} wire;

typedef struct own_socket {
    pipit_socket *socket;
    pipit_loop *loop;
    wire near, far; /* ours, and the registrar's */
    bool registered, stopped;
} own_socket;

/* --- messages on a stream: four octets of length, then the text ------------------------------------------------- */

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static bool write_message(wire *w, const char *data, size_t size)
{
    unsigned char head[4] = {(unsigned char)(size >> 24), (unsigned char)(size >> 16),
                             (unsigned char)(size >> 8), (unsigned char)size};

    return w->fd >= 0 && size <= MESSAGE_MAX && write_all(w->fd, (const char *)head, 4) &&
           write_all(w->fd, data, size);
}

static size_t next_size(const wire *w)
{
    const unsigned char *head = (const unsigned char *)w->in;

    return (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
}

/* Reads what is there. False when the connection is over, or the other end speaks something else. */
static bool read_some(wire *w)
{
    ssize_t n = recv(w->fd, w->in + w->have, sizeof(w->in) - w->have, MSG_DONTWAIT);

    if (n <= 0)
        return false;
    w->have += (size_t)n;
    return w->have < 4 || next_size(w) <= MESSAGE_MAX;
}

/* Takes a whole message out; its size, 0 when there is none yet. */
static size_t take_message(wire *w, char *out)
{
    size_t size = w->have < 4 ? 0 : next_size(w);

    if (size == 0 || w->have < 4 + size)
        return 0;
    memcpy(out, w->in + 4, size);
    w->have -= 4 + size;
    memmove(w->in, w->in + 4 + size, w->have);
    return size;
}

static void close_wire(wire *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    w->have = 0;
}

/* --- the socket as the user agent sees it --------------------------------------------------------------------------- */

static void tell_connected(void *self)
{
    own_socket *s = self;

    if (s->near.fd >= 0)
        pipit_socket_connected(s->socket);
    else
        pipit_socket_disconnected(s->socket, true, 0, "no connection");
}

/* The answer comes later, never from in here. */
static void own_connect(void *self)
{
    own_socket *s = self;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0) {
        s->near.fd = pair[0];
        s->far.fd = pair[1];
    }
    if (pipit_loop_post(s->loop, tell_connected, s) < 0)
        fprintf(stderr, "%s\n", pipit_error_message());
}

static void own_disconnect(void *self)
{
    own_socket *s = self;

    close_wire(&s->near);
    close_wire(&s->far);
}

static bool own_send(void *self, const char *data, size_t size)
{
    return write_message(&((own_socket *)self)->near, data, size);
}

static const pipit_socket_interface functions = {
    .connect = own_connect, .disconnect = own_disconnect, .send = own_send};

/* --- a registrar of thirty lines ------------------------------------------------------------------------------------- */

/* The header line that begins so, with its CRLF; "" when there is none. */
static int header(const char *request, const char *name, const char **at)
{
    const char *line = strstr(request, name), *end = line ? strstr(line, "\r\n") : NULL;

    *at = end ? line : "";
    return end ? (int)(end + 2 - line) : 0;
}

static void register_everybody(wire *w, const char *request)
{
    static const char *const copied[] = {
        "Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: ", "Contact: "};
    static char response[MESSAGE_MAX];
    size_t n = (size_t)snprintf(response, sizeof(response), "SIP/2.0 200 OK\r\n");

    for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
        const char *line;
        int size = header(request, copied[i], &line);

        n += (size_t)snprintf(response + n, sizeof(response) - n, "%.*s", size, line);
        if (n >= sizeof(response))
            return;
    }
    n += (size_t)snprintf(response + n, sizeof(response) - n, "Content-Length: 0\r\n\r\n");
    if (n < sizeof(response))
        write_message(w, response, n);
}

/* --- both ends in one poll ----------------------------------------------------------------------------------------------- */

static void serve_far(own_socket *s)
{
    static char message[MESSAGE_MAX + 1];
    size_t size;

    if (!read_some(&s->far)) {
        close_wire(&s->far);
        return;
    }
    while (s->far.fd >= 0 && (size = take_message(&s->far, message))) {
        message[size] = '\0';
        printf("registrar: %.*s\n", (int)strcspn(message, "\r"), message);
        register_everybody(&s->far, message);
    }
}

static void serve_near(own_socket *s)
{
    static char message[MESSAGE_MAX];
    size_t size;

    if (!read_some(&s->near)) {
        own_disconnect(s);
        pipit_socket_disconnected(s->socket, true, 0, "the connection is over");
        return;
    }
    while (s->near.fd >= 0 && (size = take_message(&s->near, message)))
        pipit_socket_data(s->socket, message, size);
}

static int run(own_socket *s)
{
    int err = 0;

    while (!err && !s->stopped) {
        struct pollfd watched[3] = {{.fd = pipit_loop_fd(s->loop), .events = POLLIN},
                                    {.fd = s->near.fd, .events = POLLIN},
                                    {.fd = s->far.fd, .events = POLLIN}};

        if (poll(watched, 3, pipit_loop_timeout_ms(s->loop)) < 0)
            return PIPIT_ERR_IO;
        if (watched[2].revents)
            serve_far(s);
        if (watched[1].revents && s->near.fd >= 0)
            serve_near(s);
        err = pipit_loop_run_once(s->loop);
    }
    return err;
}

/* --- the user agent ----------------------------------------------------------------------------------------------------------- */

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    own_socket *s = user;

    (void)e;
    printf("registered by way of %s\n", pipit_socket_url(s->socket));
    s->registered = true;
    pipit_ua_stop(ua);
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)user;
    fprintf(stderr, "not registered: %s\n", pipit_cause_name(e->cause));
    pipit_ua_stop(ua);
}

static void on_stopped(pipit_ua *ua, void *user)
{
    (void)ua;
    ((own_socket *)user)->stopped = true;
}

int main(void)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed,
                                               .stopped = on_stopped};
    static own_socket s = {.near = {.fd = -1}, .far = {.fd = -1}};
    pipit_ua_configuration configuration = {
        .uri = "sip:alice@example.com", .handlers = &handlers, .user = &s};
    pipit_ua *ua = NULL;
    int err = pipit_loop_new(&s.loop);

    if (!err)
        err = pipit_socket_new(&functions, &s, "TCP", "own://in-process",
                               "sip:example.com;transport=tcp", &s.socket);
    configuration.sockets[0].socket = s.socket;
    if (!err)
        err = pipit_ua_new(s.loop, &configuration, &ua);
    if (!err)
        err = pipit_ua_start(ua);
    if (!err)
        err = run(&s);
    if (err)
        fprintf(stderr, "%s\n", pipit_error_message());
    pipit_ua_unref(ua);
    pipit_socket_unref(s.socket);
    pipit_loop_unref(s.loop);
    return !err && s.registered ? EXIT_SUCCESS : EXIT_FAILURE;
}
