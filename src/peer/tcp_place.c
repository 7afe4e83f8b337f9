/* tcp_place.c - candidates over TCP, and the listening sockets of a loop. */
#include "peer/tcp_place.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "peer/framed.h"
#include "stun/stun.h"

#include <utlist.h>

#define STRANGER_MS 5000u /* for a first packet */
#define DISCARD     9u

typedef struct pp_tcp_port tcp_port;

typedef struct link { /* a stream */
    pp_framed *framed;
    pp_tcp_place *place; /* NULL: it has not said whose it is */
    tcp_port *port;      /* then this is it */
    pp_timer patience;
    struct link *prev, *next;
} link;

typedef struct name {
    struct name *next;
    char ufrag[];
} name;

struct pp_tcp_place {
    pipit_loop *loop;
    tcp_port *port; /* NULL: it connects */
    pp_addr local;
    pp_udp_function *received;
    void *arg;
    link *links;
    size_t link_count;
    name *names;
    unsigned depth;
    bool closed;
    pp_tcp_place *prev, *next; /* of the port */
};

struct pp_tcp_port {
    pipit_loop *loop;
    pp_listener *listener;
    pp_tcp_place *places;
    link *strangers;
    size_t stranger_count;
    tcp_port *next;
};

/* --- streams ---------------------------------------------------------------------------------- */

static void free_link(link *l)
{
    if (l->place) {
        DL_DELETE(l->place->links, l);
        l->place->link_count--;
    } else {
        DL_DELETE(l->port->strangers, l);
        l->port->stranger_count--;
        pp_loop_stop_timer(l->port->loop, &l->patience);
    }
    pp_framed_free(l->framed);
    pp_free(l);
}

static void leave(pp_tcp_place *place)
{
    if (--place->depth || !place->closed)
        return;
    while (place->links)
        free_link(place->links);
    pipit_loop_unref(place->loop);
    pp_free(place);
}

static void deliver(pp_tcp_place *place, const pp_addr *from, const uint8_t *data, size_t size)
{
    place->depth++;
    if (!place->closed)
        place->received(place->arg, from, data, size);
    leave(place);
}

static void on_packet(void *arg, pp_framed *framed, const uint8_t *data, size_t size)
{
    const pp_addr from = *pp_framed_remote(framed);

    deliver(((link *)arg)->place, &from, data, size);
}

static void on_closed(void *arg, pp_framed *framed)
{
    (void)framed;
    free_link(arg);
}

static const pp_framed_handlers link_handlers = {on_packet, on_closed};

static link *link_to(const pp_tcp_place *place, const pp_addr *remote)
{
    for (link *l = place->links; l; l = l->next)
        if (pp_addr_eq(pp_framed_remote(l->framed), remote))
            return l;
    return NULL;
}

static void add_link(pp_tcp_place *place, link *l)
{
    l->place = place;
    DL_APPEND(place->links, l);
    place->link_count++;
}

/* NULL when there are too many, or no memory for it. */
static link *connect_to(pp_tcp_place *place, const pp_addr *to)
{
    link *l = place->link_count < PP_LIMIT_TCP_LINKS ? PP_NEW(link) : NULL;

    if (l && pp_framed_connect(place->loop, to, &link_handlers, l, &l->framed) < 0) {
        pp_free(l);
        return NULL;
    }
    if (l)
        add_link(place, l);
    return l;
}

void pp_tcp_place_send(pp_tcp_place *place, const pp_addr *to, const uint8_t *data, size_t size)
{
    link *l = link_to(place, to);

    if (!l && !place->port)
        l = connect_to(place, to);
    if (l)
        pp_framed_send(l->framed, data, size);
}

/* --- who comes -------------------------------------------------------------------------------- */

static bool has_name(const pp_tcp_place *place, pp_str ufrag)
{
    for (const name *n = place->names; n; n = n->next)
        if (pp_str_eq_c(ufrag, n->ufrag))
            return true;
    return false;
}

/* Whose a first packet is; NULL: nobody's. */
static pp_tcp_place *place_for(const tcp_port *port, const uint8_t *data, size_t size)
{
    pp_stun_tag tag;
    pp_str ufrag;

    if (!pp_stun_peek(data, size, &tag) || tag.kind != PP_STUN_REQUEST || !tag.username.p)
        return NULL;
    ufrag = pp_str_split(&tag.username, ':');
    for (pp_tcp_place *place = port->places; place; place = place->next)
        if (has_name(place, ufrag))
            return place;
    return NULL;
}

static void on_first_packet(void *arg, pp_framed *framed, const uint8_t *data, size_t size)
{
    link *l = arg;
    tcp_port *port = l->port;
    pp_tcp_place *place = place_for(port, data, size);

    if (!place || place->link_count >= PP_LIMIT_TCP_LINKS) {
        free_link(l);
        return;
    }
    pp_loop_stop_timer(port->loop, &l->patience);
    DL_DELETE(port->strangers, l);
    port->stranger_count--;
    add_link(place, l);
    pp_framed_hand_over(framed, &link_handlers, l);
    on_packet(l, framed, data, size);
}

static const pp_framed_handlers stranger_handlers = {on_first_packet, on_closed};

static void on_silence(void *arg)
{
    free_link(arg);
}

static void on_accepted(void *arg, pp_stream *stream)
{
    tcp_port *port = arg;
    link *l = port->stranger_count < PP_LIMIT_TCP_STRANGERS ? PP_NEW(link) : NULL;

    if (!l) {
        pp_stream_close(stream);
        return;
    }
    if (pp_framed_accept(stream, &stranger_handlers, l, &l->framed) < 0) {
        pp_free(l);
        return;
    }
    l->port = port;
    DL_APPEND(port->strangers, l);
    port->stranger_count++;
    pp_loop_start_timer(port->loop, &l->patience, STRANGER_MS, on_silence, l);
}

/* --- listening -------------------------------------------------------------------------------- */

static int find_port(pipit_loop *loop, const pp_addr *at, tcp_port **out)
{
    tcp_port *port = loop->tcp_ports;
    int err;

    while (port && !pp_addr_same_ip(&port->listener->local, at))
        port = port->next;
    if (!port) {
        port = PP_NEW(tcp_port);
        if (!port)
            return PIPIT_ERR_MEMORY;
        port->loop = loop;
        err = loop->ops->tcp_listen(loop, at, on_accepted, port, &port->listener);
        if (err) {
            pp_free(port);
            return err;
        }
        port->next = loop->tcp_ports;
        loop->tcp_ports = port;
    }
    *out = port;
    return 0;
}

static void leave_port(pp_tcp_place *place)
{
    tcp_port *port = place->port, **at = &place->loop->tcp_ports;

    DL_DELETE(port->places, place);
    if (port->places)
        return;
    while (*at != port)
        at = &(*at)->next;
    *at = port->next;
    pp_listener_close(port->listener);
    while (port->strangers)
        free_link(port->strangers);
    pp_free(port);
}

/* --- life ------------------------------------------------------------------------------------- */

int pp_tcp_place_open(pipit_loop *loop, const pp_addr *at, bool passive, pp_udp_function *received,
                      void *arg, pp_tcp_place **out)
{
    pp_tcp_place *place = PP_NEW(pp_tcp_place);
    int err;

    if (!place)
        return PIPIT_ERR_MEMORY;
    place->local = *at;
    place->local.port = passive ? 0 : DISCARD;
    err = passive ? find_port(loop, &place->local, &place->port) : 0;
    if (err) {
        pp_free(place);
        return err;
    }
    if (passive) {
        place->local = place->port->listener->local;
        DL_APPEND(place->port->places, place);
    }
    place->loop = pipit_loop_ref(loop);
    place->received = received;
    place->arg = arg;
    *out = place;
    return 0;
}

const pp_addr *pp_tcp_place_local(const pp_tcp_place *place)
{
    return &place->local;
}

int pp_tcp_place_add_name(pp_tcp_place *place, const char *ufrag)
{
    size_t size = strlen(ufrag) + 1;
    name *n = has_name(place, pp_str_c(ufrag)) ? place->names : NULL;

    if (n)
        return 0;
    n = pp_alloc(sizeof(*n) + size);
    if (!n)
        return PIPIT_ERR_MEMORY;
    memcpy(n->ufrag, ufrag, size);
    n->next = place->names;
    place->names = n;
    return 0;
}

static bool wants_none(void *arg, const char *ufrag)
{
    (void)arg;
    (void)ufrag;
    return false;
}

void pp_tcp_place_keep_names(pp_tcp_place *place, bool (*wanted)(void *arg, const char *ufrag),
                             void *arg)
{
    name **at = &place->names;

    while (*at) {
        name *n = *at;

        if (wanted(arg, n->ufrag)) {
            at = &n->next;
            continue;
        }
        *at = n->next;
        pp_free(n);
    }
}

pp_tcp_place *pp_tcp_place_close(pp_tcp_place *place)
{
    if (!place)
        return NULL;
    pp_tcp_place_keep_names(place, wants_none, NULL);
    if (place->port)
        leave_port(place);
    place->depth++;
    place->closed = true;
    leave(place);
    return NULL;
}
