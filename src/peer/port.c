/* port.c - sockets with places for many: who is where, and whose a datagram is. */
#include "peer/port.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "stun/stun.h"

#define ASKED_US 40000000u /* an answer that comes later is none: ICE gives up before */

typedef struct pp_port port;
typedef struct place place;
typedef struct name name;
typedef struct known known;
typedef struct asked asked;

struct name { /* a user name of ours */
    UT_hash_handle hh;
    place *place;
    name *next; /* of the place */
    size_t size;
    char ufrag[];
};

typedef struct address_key { /* without the holes of a pp_addr */
    uint8_t ip[16];
    uint32_t scope;
    uint16_t port;
    uint16_t family;
} address_key;

struct known { /* a far address */
    UT_hash_handle hh;
    place *place;
    known *next; /* of the place, the newest first */
    bool verified;
    address_key key;
};

struct asked { /* a STUN request that left and was not answered yet */
    UT_hash_handle hh;
    place *place;
    asked *next, *previous;
    uint64_t at_us;
    uint8_t id[12];
};

struct place {
    pp_udp udp; /* what its owner sees */
    port *port;
    place *next;
    pp_udp_function *received;
    void *arg;
    name *names;
    known *addresses;
    size_t address_count;
};

struct pp_port {
    pipit_loop *loop;
    pp_udp *udp;
    bool own;
    place *places;
    name *names;      /* a map */
    known *addresses; /* a map */
    asked *requests;  /* a map */
    asked *oldest, *newest;
    uint64_t discarded;
    port *next;
};

static place *place_of(const pp_udp *udp)
{
    return (place *)(uintptr_t)udp;
}

static address_key key_of(const pp_addr *a)
{
    address_key key = {.scope = a->scope, .port = a->port, .family = a->family};

    memcpy(key.ip, a->ip, a->family == 4 ? 4 : 16);
    return key;
}

/* --- far addresses ---------------------------------------------------------------------------- */

static known *find_address(const port *p, const pp_addr *remote)
{
    address_key key = key_of(remote);
    known *found;

    HASH_FIND(hh, p->addresses, &key, sizeof(key), found);
    return found;
}

static void drop_address(known **at)
{
    known *gone = *at;

    *at = gone->next;
    gone->place->address_count--;
    HASH_DELETE(hh, gone->place->port->addresses, gone);
    pp_free(gone);
}

/* Room for one more: the oldest goes, rather one that was only claimed. */
static void make_room(place *pl)
{
    known **oldest = NULL, **claimed = NULL;

    for (known **at = &pl->addresses; *at; at = &(*at)->next) {
        oldest = at;
        if (!(*at)->verified)
            claimed = at;
    }
    drop_address(claimed ? claimed : oldest);
}

/* Best effort: without memory it comes again, or nobody is warned. */
static void add_address(place *pl, const pp_addr *remote, bool verified)
{
    known *made = PP_NEW(known);
    bool ok;

    if (!made)
        return;
    made->key = key_of(remote);
    made->place = pl;
    PP_MAP_ADD(pl->port->addresses, &made->key, sizeof(made->key), made, ok);
    if (!ok) {
        pp_free(made);
        return;
    }
    made->verified = verified;
    made->next = pl->addresses;
    pl->addresses = made;
    if (++pl->address_count > PP_LIMIT_PORT_ADDRESSES)
        make_room(pl);
}

void pp_port_verified(pp_udp *udp, const pp_addr *remote)
{
    place *pl = place_of(udp);
    known *found = find_address(pl->port, remote);
    char text[PP_ADDR_TEXT];

    if (found && found->place != pl &&
        !found->verified) { /* who is there counts, not who says so */
        known **at = &found->place->addresses;

        while (*at != found)
            at = &(*at)->next;
        drop_address(at);
        found = NULL;
    }
    if (!found)
        add_address(pl, remote, true);
    else if (found->place == pl)
        found->verified = true;
    else
        pp_log_warn("Peer", "two calls on one port have the far end at %s: only the first is heard",
                    pp_addr_text(remote, text));
}

void pp_port_claim(pp_udp *udp, const pp_addr *remote)
{
    place *pl = place_of(udp);

    if (!find_address(pl->port, remote) && pl->address_count < PP_LIMIT_PORT_ADDRESSES)
        add_address(pl, remote, false);
}

static bool has(const port *p, const pp_addr *remote, const place *but)
{
    const known *found = find_address(p, remote);

    return pp_addr_eq(&p->udp->local, remote) || (found && found->place != but);
}

bool pp_port_is_taken(const pp_udp *udp, const pp_addr *remote)
{
    return has(place_of(udp)->port, remote, place_of(udp));
}

/* --- user names ------------------------------------------------------------------------------- */

static name *find_name(const port *p, const char *ufrag, size_t size)
{
    name *found;

    HASH_FIND(hh, p->names, ufrag, size, found);
    return found;
}

int pp_port_add_name(pp_udp *udp, const char *ufrag)
{
    place *pl = place_of(udp);
    size_t size = strlen(ufrag);
    name *made = find_name(pl->port, ufrag, size);
    bool ok;

    if (made)
        return made->place == pl ? 0
                                 : pp_error(PIPIT_ERR_STATE, "media: a user name was drawn twice");
    made = pp_zalloc(sizeof(*made) + size + 1);
    if (!made)
        return PIPIT_ERR_MEMORY;
    memcpy(made->ufrag, ufrag, size);
    made->size = size;
    made->place = pl;
    PP_MAP_ADD(pl->port->names, made->ufrag, size, made, ok);
    if (!ok) {
        pp_free(made);
        return PIPIT_ERR_MEMORY;
    }
    made->next = pl->names;
    pl->names = made;
    return 0;
}

void pp_port_keep_names(pp_udp *udp, bool (*wanted)(void *arg, const char *ufrag), void *arg)
{
    place *pl = place_of(udp);
    name **at = &pl->names;

    while (*at) {
        name *one = *at;

        if (wanted && wanted(arg, one->ufrag)) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        HASH_DELETE(hh, pl->port->names, one);
        pp_free(one);
    }
}

/* --- requests of ours ------------------------------------------------------------------------- */

static void forget_request(port *p, asked *one)
{
    if (one->previous)
        one->previous->next = one->next;
    else
        p->oldest = one->next;
    if (one->next)
        one->next->previous = one->previous;
    else
        p->newest = one->previous;
    HASH_DELETE(hh, p->requests, one);
    pp_free(one);
}

static asked *find_request(const port *p, const uint8_t *id)
{
    asked *found;

    HASH_FIND(hh, p->requests, id, sizeof(found->id), found);
    return found;
}

/* False without memory: the answer would be nobody's, so the request may as well stay here. */
static bool note_request(place *pl, const uint8_t *id)
{
    port *p = pl->port;
    uint64_t now = pp_loop_now_us(p->loop);
    asked *made;
    bool ok;

    while (p->oldest && now - p->oldest->at_us > ASKED_US)
        forget_request(p, p->oldest);
    if (find_request(p, id)) /* sent again */
        return true;
    made = PP_NEW(asked);
    if (!made)
        return false;
    made->place = pl;
    made->at_us = now;
    memcpy(made->id, id, sizeof(made->id));
    PP_MAP_ADD(p->requests, made->id, sizeof(made->id), made, ok);
    if (!ok) {
        pp_free(made);
        return false;
    }
    made->previous = p->newest;
    if (p->newest)
        p->newest->next = made;
    else
        p->oldest = made;
    p->newest = made;
    return true;
}

/* --- datagrams -------------------------------------------------------------------------------- */

static place *find_by_address(const port *p, const pp_addr *from)
{
    const known *found = find_address(p, from);

    return found && found->verified ? found->place : NULL;
}

static place *find_by_stun(port *p, const pp_addr *from, const uint8_t *data, size_t size)
{
    pp_stun_tag tag;
    const name *called;
    asked *answered;

    if (!pp_stun_peek(data, size, &tag))
        return NULL;
    if (tag.kind == PP_STUN_REQUEST) {
        pp_str ours = pp_str_split(&tag.username, ':');

        called = ours.n ? find_name(p, ours.p, ours.n) : NULL;
        return called ? called->place : NULL;
    }
    if (tag.kind == PP_STUN_INDICATION)
        return p->own ? p->places : find_by_address(p, from);
    answered = find_request(p, tag.transaction);
    return answered ? answered->place : NULL;
}

static void on_datagram(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    port *p = arg;
    place *pl;

    if (size && data[0] < 4)
        pl = find_by_stun(p, from, data, size);
    else
        pl = p->own ? p->places : find_by_address(p, from);
    if (pl)
        pl->received(pl->arg, from, data, size); /* may close it, and the port */
    else
        p->discarded++;
}

static int place_send(pp_udp *udp, const pp_addr *to, const void *data, size_t size)
{
    place *pl = place_of(udp);
    const uint8_t *octets = data;
    pp_stun_tag tag;

    if (size && octets[0] < 4 && pp_stun_peek(octets, size, &tag) && tag.kind == PP_STUN_REQUEST &&
        !note_request(pl, tag.transaction))
        return PIPIT_ERR_MEMORY;
    return pp_udp_send(pl->port->udp, to, data, size);
}

uint64_t pp_port_discarded(const pp_udp *udp)
{
    return place_of(udp)->port->discarded;
}

/* --- sockets and places ----------------------------------------------------------------------- */

static void close_port(port *p)
{
    port **at = &p->loop->ports;

    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    pp_udp_close(p->udp);
    pp_free(p);
}

static void place_close(pp_udp *udp)
{
    place *pl = place_of(udp), **at = &pl->port->places;
    port *p = pl->port;

    pp_port_keep_names(udp, NULL, NULL);
    while (pl->addresses)
        drop_address(&pl->addresses);
    for (asked *one = p->oldest, *next; one; one = next) {
        next = one->next;
        if (one->place == pl)
            forget_request(p, one);
    }
    while (*at != pl)
        at = &(*at)->next;
    *at = pl->next;
    pp_free(pl);
    if (!p->places)
        close_port(p);
}

static bool suits(const port *p, const pp_addr *at, const pp_port_wish *wish)
{
    uint16_t number = p->udp->local.port;

    if (p->own || !pp_addr_same_ip(&p->udp->local, at) ||
        (wish->first && (number < wish->first || number > wish->last)))
        return false;
    for (size_t i = 0; i < wish->avoided_count; i++)
        if (has(p, &wish->avoided[i], NULL))
            return false;
    return true;
}

static port *find_port(const pipit_loop *loop, const pp_addr *at, const pp_port_wish *wish)
{
    port *p = wish->own ? NULL : loop->ports;

    while (p && !suits(p, at, wish))
        p = p->next;
    return p;
}

static int bind_port(port *p, const pp_addr *at, const pp_port_wish *wish)
{
    pp_addr address = *at;
    unsigned number = wish->first;
    int err;

    do {
        address.port = (uint16_t)number;
        err = p->loop->ops->udp_open(p->loop, &address, on_datagram, p, &p->udp);
    } while (err == PIPIT_ERR_IO && ++number <= wish->last);
    return err;
}

/* Behind the others: who has no wish of his own shares the first. */
static void append(pipit_loop *loop, port *p)
{
    port **at = &loop->ports;

    while (*at)
        at = &(*at)->next;
    *at = p;
}

static int new_port(pipit_loop *loop, const pp_addr *at, const pp_port_wish *wish, port **out)
{
    port *p = PP_NEW(port);
    int err;

    if (!p)
        return PIPIT_ERR_MEMORY;
    p->loop = loop;
    p->own = wish->own;
    err = bind_port(p, at, wish);
    if (err) {
        pp_free(p);
        return err;
    }
    append(loop, p);
    *out = p;
    return 0;
}

int pp_port_open(pipit_loop *loop, const pp_addr *at, const pp_port_wish *wish,
                 pp_udp_function *received, void *arg, pp_udp **out)
{
    place *made = PP_NEW(place);
    port *p = find_port(loop, at, wish);
    int err = made ? 0 : PIPIT_ERR_MEMORY;

    if (!err && !p)
        err = new_port(loop, at, wish, &p);
    if (err) {
        pp_free(made);
        return err;
    }
    *made = (place){.udp = {place_send, place_close, p->udp->local, p->udp->largest},
                    .port = p,
                    .next = p->places,
                    .received = received,
                    .arg = arg};
    p->places = made;
    *out = &made->udp;
    return 0;
}
