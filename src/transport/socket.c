/* socket.c - the socket that a program or the built-in WebSocket implements, and its one user, the transport. */
#include "transport/socket.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sip/uri.h"

struct pipit_socket {
    unsigned references;
    const pipit_socket_interface *functions;
    void *self;
    char *via_transport, *url, *sip_uri;
    const pp_socket_handlers *handlers; /* NULL: nobody uses it */
    void *arg;
    bool listening; /* from connect to disconnect: what is reported is heard */
    bool connected;
};

/* --- made and released ------------------------------------------------------------------------ */

static bool is_token(pp_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (!letter && (c == '\0' || !strchr("-.!%*_+`'~", c))) /* RFC 3261 section 25.1 */
            return false;
    }
    return s.n > 0;
}

static int check(const pipit_socket_interface *functions, const char *via_transport,
                 const char *url, const char *sip_uri)
{
    pp_uri uri;
    int err;

    if (!functions || !functions->connect || !functions->disconnect || !functions->send)
        return pp_error(PIPIT_ERR_ARGUMENT, "socket: connect, disconnect and send are needed");
    if (!is_token(pp_str_c(via_transport)))
        return pp_error(PIPIT_ERR_ARGUMENT, "socket: the Via transport is missing or no token");
    if (!url || !pp_str_is_line(pp_str_c(url)))
        return pp_error(PIPIT_ERR_ARGUMENT, "socket: the url is missing or has a line end");
    err = pp_uri_parse(pp_str_c(sip_uri), &uri);
    if (!err && uri.scheme != PP_SCHEME_SIP && uri.scheme != PP_SCHEME_SIPS)
        err = pp_error(PIPIT_ERR_SYNTAX, "socket: '%s' is no SIP URI", sip_uri);
    return err;
}

static void free_socket(pipit_socket *socket)
{
    pp_free(socket->via_transport);
    pp_free(socket->url);
    pp_free(socket->sip_uri);
    pp_free(socket);
}

int pipit_socket_new(const pipit_socket_interface *functions, void *self, const char *via_transport,
                     const char *url, const char *sip_uri, pipit_socket **out)
{
    int err = check(functions, via_transport, url, sip_uri);
    pipit_socket *socket;

    if (err)
        return err;
    socket = PP_NEW(pipit_socket);
    if (!socket)
        return PIPIT_ERR_MEMORY;
    socket->references = 1;
    socket->functions = functions;
    socket->self = self;
    socket->via_transport = pp_strdup(via_transport);
    socket->url = pp_strdup(url);
    socket->sip_uri = pp_strdup(sip_uri);
    if (!socket->via_transport || !socket->url || !socket->sip_uri) {
        free_socket(socket);
        return PIPIT_ERR_MEMORY;
    }
    *out = socket;
    return 0;
}

pipit_socket *pipit_socket_ref(pipit_socket *socket)
{
    socket->references++;
    return socket;
}

pipit_socket *pipit_socket_unref(pipit_socket *socket)
{
    if (!socket || --socket->references > 0)
        return NULL;
    if (socket->functions->release)
        socket->functions->release(socket->self);
    free_socket(socket);
    return NULL;
}

size_t pipit_socket_buffered_amount(const pipit_socket *socket)
{
    return socket->functions->buffered_amount ? socket->functions->buffered_amount(socket->self)
                                              : 0;
}

const char *pipit_socket_url(const pipit_socket *socket)
{
    return socket->url;
}

const char *pipit_socket_sip_uri(const pipit_socket *socket)
{
    return socket->sip_uri;
}

const char *pipit_socket_via_transport(const pipit_socket *socket)
{
    return pp_socket_via_transport(socket, 0);
}

/* --- what its owner reports ------------------------------------------------------------------- */

void pipit_socket_connected(pipit_socket *socket)
{
    if (!socket->listening || socket->connected)
        return;
    socket->connected = true;
    pipit_socket_ref(socket);
    socket->handlers->connected(socket->arg);
    pipit_socket_unref(socket);
}

void pipit_socket_disconnected(pipit_socket *socket, bool error, int code, const char *reason)
{
    if (!socket->listening)
        return;
    socket->connected = false;
    pipit_socket_ref(socket);
    socket->handlers->disconnected(socket->arg, error, code, reason ? reason : "");
    pipit_socket_unref(socket);
}

void pp_socket_take(pipit_socket *socket, const pp_wire *wire)
{
    if (!socket->listening || !socket->connected)
        return;
    pipit_socket_ref(socket);
    socket->handlers->data(socket->arg, wire);
    pipit_socket_unref(socket);
}

void pipit_socket_data(pipit_socket *socket, const char *data, size_t size)
{
    pp_socket_take(socket, &(pp_wire){.text = pp_str_n(data, size)});
}

/* --- what its user asks ----------------------------------------------------------------------- */

int pp_socket_attach(pipit_socket *socket, const pp_socket_handlers *handlers, void *arg)
{
    if (socket->handlers)
        return pp_error(PIPIT_ERR_STATE, "socket: %s is used by another user agent", socket->url);
    socket->handlers = handlers;
    socket->arg = arg;
    return 0;
}

void pp_socket_detach(pipit_socket *socket)
{
    pp_socket_disconnect(socket);
    socket->handlers = NULL;
    socket->arg = NULL;
}

void pp_socket_connect(pipit_socket *socket)
{
    socket->listening = true;
    pipit_socket_ref(socket);
    socket->functions->connect(socket->self);
    pipit_socket_unref(socket);
}

void pp_socket_disconnect(pipit_socket *socket)
{
    if (!socket->listening)
        return;
    socket->listening = socket->connected = false;
    socket->functions->disconnect(socket->self);
}

bool pp_socket_send(pipit_socket *socket, const char *data, size_t size)
{
    return socket->connected && socket->functions->send(socket->self, data, size);
}

bool pp_socket_is_stranded(const pipit_socket *socket)
{
    return socket->connected && socket->functions->is_stranded &&
           socket->functions->is_stranded(socket->self);
}

bool pp_socket_is_connected(const pipit_socket *socket)
{
    return socket->connected;
}

/* --- how it is named in messages -------------------------------------------------------------- */

bool pp_socket_local_address(const pipit_socket *socket, char *out, size_t size)
{
    return socket->connected && socket->functions->local_address &&
           socket->functions->local_address(socket->self, out, size);
}

const char *pp_socket_via_transport(const pipit_socket *socket, size_t size)
{
    return socket->functions->via_transport ? socket->functions->via_transport(socket->self, size)
                                            : socket->via_transport;
}

bool pp_socket_is_reliable(const pipit_socket *socket, pp_str via_transport)
{
    char name[16] = "";

    if (!socket->functions->is_reliable)
        return !pp_str_ieq(via_transport, PP_LIT("UDP"));
    for (size_t i = 0; i < via_transport.n && i + 1 < sizeof(name); i++) {
        char c = via_transport.p[i];

        name[i] = c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
        name[i + 1] = '\0';
    }
    return socket->functions->is_reliable(socket->self, name);
}

void pp_socket_flow_timer(pipit_socket *socket, unsigned seconds)
{
    if (socket->connected && socket->functions->flow_timer)
        socket->functions->flow_timer(socket->self, seconds);
}
