/* sim_net.c - the simulated network: streams, datagrams and names. Whatever is under way is a timer
 * on the loop itself. */
#include "support/sim_net.h"

#include "base/error.h"
#include "base/network.h"
#include "support/dice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_ADDRESSES 8u /* of one name */

typedef struct endpoint endpoint;
typedef struct sim_lookup sim_lookup;
typedef struct flight flight;

struct endpoint { /* one end of a TCP connection */
    pp_stream stream;
    link_pair *link;
    bool open; /* the owner has not closed it */
    pp_addr local;
};

struct link {
    sim *s;
    uint64_t number;
    endpoint ends[2];            /* who connected, who listened */
    uint64_t last_arrival_us[2]; /* order is kept whatever the jitter */
    unsigned in_flight;
    bool broken;
    link_pair *next;
};

struct sim_listener {
    pp_listener listener;
    sim *s;
    pp_accept_function *accepted;
    void *arg;
    sim_listener *next;
};

struct sim_udp {
    pp_udp udp;
    sim *s;
    pp_udp_function *received;
    void *arg;
    sim_udp *next;
};

struct sim_lookup {
    pp_lookup lookup;
    sim *s;
    pp_timer timer;
    pp_lookup_function *found;
    void *arg;
    pp_addr addresses[SIM_ADDRESSES];
    size_t count;
};

struct host {
    char *name;
    pp_addr address;
    host *next;
};

struct sim_record {
    pp_record_kind kind;
    const char *name;
    pp_record record;
    sim_record *next;
};

typedef struct sim_query {
    pp_lookup lookup;
    sim *s;
    pp_timer timer;
    pp_record_question question;
} sim_query;

typedef enum flight_kind {
    FLIGHT_CONNECT,
    FLIGHT_CONNECTED,
    FLIGHT_REFUSED,
    FLIGHT_DATA,
    FLIGHT_CLOSE,
    FLIGHT_RESET,
    FLIGHT_DATAGRAM
} flight_kind;

struct flight { /* something on the wire */
    pp_timer timer;
    sim *s;
    flight_kind kind;
    link_pair *link;
    unsigned to_end; /* the end of the link it goes to */
    pp_addr from, to;
    size_t size;
    uint8_t data[];
};

static bool happens(sim *s, unsigned per_mille)
{
    return per_mille && dice_u64(&s->random) % 1000 < per_mille;
}

static uint64_t one_way_us(sim *s)
{
    return s->delay_us + (s->jitter_us ? dice_u64(&s->random) % s->jitter_us : 0);
}

/* --- what is on the wire ---------------------------------------------------------------------- */

static void arrive(void *arg);

static flight *launch(sim *s, flight_kind kind, uint64_t at_us, const void *data, size_t size)
{
    flight *f = calloc(1, sizeof(*f) + size);

    if (!f)
        abort();
    f->s = s;
    f->kind = kind;
    f->size = size;
    if (size)
        memcpy(f->data, data, size);
    s->flights++;
    pp_timers_start(&s->loop.timers, &f->timer, at_us, arrive, f);
    return f;
}

static void launch_to_end(link_pair *link, unsigned to_end, flight_kind kind, const void *data,
                          size_t size)
{
    sim *s = link->s;
    uint64_t at = s->now_us + one_way_us(s);
    flight *f;

    if (at < link->last_arrival_us[to_end])
        at = link->last_arrival_us[to_end];
    link->last_arrival_us[to_end] = at;
    f = launch(s, kind, at, data, size);
    f->link = link;
    f->to_end = to_end;
    link->in_flight++;
}

static void release_link(link_pair *link)
{
    link_pair **at = &link->s->links;

    if (link->in_flight || link->ends[0].open || link->ends[1].open)
        return;
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    free(link);
}

static sim_listener *find_listener(sim *s, const pp_addr *at)
{
    for (sim_listener *l = s->listeners; l; l = l->next)
        if (pp_addr_eq(&l->listener.local, at) ||
            (pp_addr_is_any(&l->listener.local) && l->listener.local.port == at->port))
            return l;
    return NULL;
}

static void arrive_connect(flight *f)
{
    endpoint *server = &f->link->ends[1];
    sim_listener *listener = find_listener(f->s, &server->local);

    if (!f->link->ends[0].open)
        return;
    if (!listener) {
        launch_to_end(f->link, 0, FLIGHT_REFUSED, NULL, 0);
        return;
    }
    server->open = true;
    launch_to_end(f->link, 0, FLIGHT_CONNECTED, NULL, 0);
    listener->accepted(listener->arg, &server->stream);
}

static void arrive_datagram(flight *f)
{
    for (sim_udp *u = f->s->sockets; u; u = u->next)
        if (pp_addr_eq(&u->udp.local, &f->to)) {
            u->received(u->arg, &f->from, f->data, f->size);
            return;
        }
}

static void tell_end(flight *f)
{
    endpoint *end = &f->link->ends[f->to_end];
    const pp_stream_handlers *handlers = end->stream.handlers;
    char where[PP_ADDR_TEXT], sentence[128];

    if (!end->open || !handlers)
        return;
    switch (f->kind) {
    case FLIGHT_CONNECTED:
        if (handlers->connected)
            handlers->connected(end->stream.arg);
        break;
    case FLIGHT_DATA:
        handlers->data(end->stream.arg, f->data, f->size);
        break;
    case FLIGHT_REFUSED:
        snprintf(sentence, sizeof(sentence), "connection refused by %s",
                 pp_addr_text(&f->link->ends[1].local, where));
        handlers->closed(end->stream.arg, PIPIT_ERR_CONNECTION, sentence);
        break;
    case FLIGHT_RESET:
        handlers->closed(end->stream.arg, PIPIT_ERR_CONNECTION, "the connection was reset");
        break;
    default:
        handlers->closed(end->stream.arg, 0, "the peer closed the connection");
        break;
    }
}

static void arrive(void *arg)
{
    flight *f = arg;

    if (f->kind == FLIGHT_DATAGRAM)
        arrive_datagram(f);
    else if (f->kind == FLIGHT_CONNECT)
        arrive_connect(f);
    else
        tell_end(f);
    if (f->link) {
        f->link->in_flight--;
        release_link(f->link);
    }
    f->s->flights--;
    free(f);
}

/* --- streams ---------------------------------------------------------------------------------- */

static unsigned other_end(const endpoint *end)
{
    return end == &end->link->ends[0] ? 1 : 0;
}

static int stream_send(pp_stream *stream, const void *data, size_t size)
{
    endpoint *end = (endpoint *)stream;

    if (end->link->broken)
        return pp_error(PIPIT_ERR_CONNECTION, "connection: it was lost");
    end->link->s->counts.stream_octets += size;
    if (end->link->s->tap)
        end->link->s->tap(end->link->s->tap_arg, end->link->number, other_end(end) == 1, data,
                          size);
    if (!end->link->s->frozen && size)
        launch_to_end(end->link, other_end(end), FLIGHT_DATA, data, size);
    return 0;
}

static size_t stream_queued(const pp_stream *stream)
{
    (void)stream;
    return 0;
}

static void stream_close(pp_stream *stream)
{
    endpoint *end = (endpoint *)stream;
    link_pair *link = end->link;

    end->open = false;
    if (link->ends[other_end(end)].open && !link->broken && !link->s->frozen)
        launch_to_end(link, other_end(end), FLIGHT_CLOSE, NULL, 0);
    release_link(link);
}

static void stream_addresses(const pp_stream *stream, pp_addr *local, pp_addr *remote)
{
    const endpoint *end = (const endpoint *)stream;

    if (local)
        *local = end->local;
    if (remote)
        *remote = end->link->ends[other_end(end)].local;
}

static const pp_stream_ops stream_ops = {stream_send, stream_queued, stream_close,
                                         stream_addresses};

/* The first that the machine has; before there are any, and of a family it lacks, one that stands for them. */
static pp_addr own_address(const sim *s, unsigned family)
{
    pp_addr address;

    for (size_t i = 0; i < s->address_count; i++)
        if (s->addresses[i].family == family)
            return s->addresses[i];
    pp_addr_parse(family == 6 ? PP_LIT("2001:db8::1") : PP_LIT("192.0.2.1"), 0, &address);
    return address;
}

int sim_tcp_connect(pipit_loop *loop, const pp_addr *to, const pp_stream_handlers *handlers,
                    void *arg, pp_stream **out)
{
    sim *s = sim_of(loop);
    link_pair *link = calloc(1, sizeof(*link));

    if (!link)
        abort();
    link->s = s;
    for (unsigned i = 0; i < 2; i++) {
        link->ends[i].link = link;
        link->ends[i].stream.ops = &stream_ops;
    }
    link->ends[0].open = true;
    link->ends[0].stream.handlers = handlers;
    link->ends[0].stream.arg = arg;
    link->ends[0].local = own_address(s, to->family);
    link->ends[0].local.port = s->next_port++;
    link->ends[1].local = *to;
    link->number = ++s->last_link;
    link->next = s->links;
    s->links = link;
    if (!s->frozen)
        launch_to_end(link, 1, FLIGHT_CONNECT, NULL, 0);
    *out = &link->ends[0].stream;
    return 0;
}

static void listener_close(pp_listener *listener)
{
    sim_listener *l = (sim_listener *)listener;
    sim_listener **at = &l->s->listeners;

    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    free(l);
}

int sim_tcp_listen(pipit_loop *loop, const pp_addr *at, pp_accept_function *accepted, void *arg,
                   pp_listener **out)
{
    sim *s = sim_of(loop);
    sim_listener *l;

    if (at->port && find_listener(s, at))
        return pp_error(PIPIT_ERR_IO, "listen: the port is taken");
    l = calloc(1, sizeof(*l));
    if (!l)
        abort();
    *l = (sim_listener){.listener = {listener_close, *at},
                        .s = s,
                        .accepted = accepted,
                        .arg = arg,
                        .next = s->listeners};
    if (!l->listener.local.port)
        l->listener.local.port = s->next_port++;
    s->listeners = l;
    *out = &l->listener;
    return 0;
}

/* --- datagrams -------------------------------------------------------------------------------- */

void sim_inject_datagram(sim *s, const pp_addr *from, const pp_addr *to, const void *data,
                         size_t size)
{
    unsigned copies = happens(s, s->twice) ? 2 : 1;

    s->counts.datagrams++;
    if (happens(s, s->lost) || sim_is_gone(s, from) || sim_is_gone(s, to) ||
        (s->pass && !s->pass(s->pass_arg, from, to, data, size))) {
        s->counts.datagrams_lost++;
        return;
    }
    while (copies--) {
        flight *f = launch(s, FLIGHT_DATAGRAM, s->now_us + one_way_us(s), data, size);

        f->from = *from;
        f->to = *to;
    }
}

static int udp_send(pp_udp *udp, const pp_addr *to, const void *data, size_t size)
{
    sim_inject_datagram(((sim_udp *)udp)->s, &udp->local, to, data, size);
    return 0;
}

static void udp_close(pp_udp *udp)
{
    sim_udp *u = (sim_udp *)udp;
    sim_udp **at = &u->s->sockets;

    while (*at != u)
        at = &(*at)->next;
    *at = u->next;
    free(u);
}

int sim_udp_open(pipit_loop *loop, const pp_addr *at, pp_udp_function *received, void *arg,
                 pp_udp **out)
{
    sim *s = sim_of(loop);
    sim_udp *u;

    for (u = s->sockets; u; u = u->next)
        if (pp_addr_eq(&u->udp.local, at))
            return pp_error(PIPIT_ERR_IO, "bind: the port is taken");
    u = calloc(1, sizeof(*u));
    if (!u)
        abort();
    *u = (sim_udp){.udp = {udp_send, udp_close, *at},
                   .s = s,
                   .received = received,
                   .arg = arg,
                   .next = s->sockets};
    if (!u->udp.local.port)
        u->udp.local.port = s->next_port++;
    s->sockets = u;
    *out = &u->udp;
    return 0;
}

/* --- names ------------------------------------------------------------------------------------ */

static void lookup_done(void *arg)
{
    sim_lookup *l = arg;
    sim_lookup done = *l;

    done.s->lookups--;
    free(l);
    if (done.count)
        done.found(done.arg, 0, done.addresses, done.count);
    else
        done.found(done.arg, pp_error(PIPIT_ERR_NOT_FOUND, "the host name could not be found"),
                   NULL, 0);
}

static void lookup_cancel(pp_lookup *lookup)
{
    sim_lookup *l = (sim_lookup *)lookup;

    pp_timers_stop(&l->s->loop.timers, &l->timer);
    l->s->lookups--;
    free(l);
}

int sim_look_up(pipit_loop *loop, const char *name, pp_lookup_function *found, void *arg,
                pp_lookup **out)
{
    sim *s = sim_of(loop);
    sim_lookup *l = calloc(1, sizeof(*l));

    if (!l)
        abort();
    *l = (sim_lookup){.lookup = {lookup_cancel}, .s = s, .found = found, .arg = arg};
    l->count = pp_addr_parse(pp_str_c(name), 0, &l->addresses[0]) ? 1 : 0;
    for (host *h = s->hosts; h && l->count < SIM_ADDRESSES; h = h->next)
        if (pp_str_ieq_c(pp_str_c(name), h->name))
            l->addresses[l->count++] = h->address;
    s->lookups++;
    pp_timers_start(&loop->timers, &l->timer, s->now_us + one_way_us(s), lookup_done, l);
    *out = &l->lookup;
    return 0;
}

void sim_add_host(sim *s, const char *name, const char *ip)
{
    host *h = calloc(1, sizeof(*h)), **at = &s->hosts;

    if (!h || !pp_addr_parse(pp_str_c(ip), 0, &h->address))
        abort();
    h->name = strdup(name);
    while (*at)
        at = &(*at)->next;
    *at = h;
}

void sim_move_host(sim *s, const char *name, const char *ip)
{
    for (host *h = s->hosts; h; h = h->next)
        if (pp_str_ieq_c(pp_str_c(name), h->name) && !pp_addr_parse(pp_str_c(ip), 0, &h->address))
            abort();
}

static void query_done(void *arg)
{
    sim_query *q = arg;
    pp_record_question question = q->question;
    pp_record found[32];
    size_t count = 0;

    for (const sim_record *r = q->s->records; r && count < 32; r = r->next)
        if (r->kind == question.kind && pp_str_ieq_c(pp_str_c(question.name), r->name))
            found[count++] = r->record;
    q->s->lookups--;
    free((char *)(uintptr_t)question.name);
    free(q);
    question.found(question.arg, count ? 0 : PIPIT_ERR_NOT_FOUND, count ? found : NULL, count);
}

static void query_cancel(pp_lookup *lookup)
{
    sim_query *q = (sim_query *)lookup;

    pp_timers_stop(&q->s->loop.timers, &q->timer);
    q->s->lookups--;
    free((char *)(uintptr_t)q->question.name);
    free(q);
}

int sim_records(pipit_loop *loop, const pp_record_question *question, pp_lookup **out)
{
    sim *s = sim_of(loop);
    sim_query *q = calloc(1, sizeof(*q));

    if (!q)
        abort();
    *q = (sim_query){.lookup = {query_cancel}, .s = s, .question = *question};
    q->question.name = strdup(question->name);
    s->lookups++;
    pp_timers_start(&loop->timers, &q->timer, s->now_us + one_way_us(s), query_done, q);
    *out = &q->lookup;
    return 0;
}

void sim_add_record(sim *s, pp_record_kind kind, const char *name, const pp_record *record)
{
    sim_record *r = calloc(1, sizeof(*r));

    if (!r)
        abort();
    *r = (sim_record){kind, name, *record, s->records};
    s->records = r;
}

int sim_route(pipit_loop *loop, const pp_addr *to, pp_addr *out)
{
    *out = own_address(sim_of(loop), to->family);
    return 0;
}

void sim_forget_hosts(sim *s)
{
    while (s->records) {
        sim_record *next = s->records->next;

        free(s->records);
        s->records = next;
    }
    while (s->hosts) {
        host *next = s->hosts->next;

        free(s->hosts->name);
        free(s->hosts);
        s->hosts = next;
    }
}

size_t sim_local_addresses(pipit_loop *loop, pp_local_address *out, size_t max)
{
    const sim *s = sim_of(loop);
    size_t count = s->address_count < max ? s->address_count : max;

    for (size_t i = 0; i < count; i++) {
        out[i].address = s->addresses[i];
        snprintf(out[i].interface, sizeof(out[i].interface), "sim%u", (unsigned)i & 7u);
    }
    return count;
}

/* --- weather ---------------------------------------------------------------------------------- */

static bool is_one_of(const pp_addr *list, size_t count, const pp_addr *address)
{
    for (size_t i = 0; i < count; i++)
        if (pp_addr_same_ip(&list[i], address))
            return true;
    return false;
}

static void put(pp_addr *list, size_t *count, size_t max, const char *ip)
{
    if (*count == max || !pp_addr_parse(pp_str_c(ip), 0, &list[*count]))
        abort();
    (*count)++;
}

static void take(pp_addr *list, size_t *count, const char *ip)
{
    pp_addr address;

    if (!pp_addr_parse(pp_str_c(ip), 0, &address))
        abort();
    for (size_t i = *count; i-- > 0;)
        if (pp_addr_same_ip(&list[i], &address))
            list[i] = list[--*count];
}

void sim_add_address(sim *s, const char *ip)
{
    put(s->addresses, &s->address_count, 4, ip);
    take(s->gone, &s->gone_count, ip);
    pp_loop_network_moved(sim_loop(s));
}

void sim_remove_address(sim *s, const char *ip)
{
    take(s->addresses, &s->address_count, ip);
    put(s->gone, &s->gone_count, 4, ip);
    pp_loop_network_moved(sim_loop(s));
}

bool sim_is_gone(const sim *s, const pp_addr *address)
{
    return is_one_of(s->gone, s->gone_count, address);
}

void sim_set_delay(sim *s, unsigned delay_us, unsigned jitter_us)
{
    s->delay_us = delay_us;
    s->jitter_us = jitter_us;
}

void sim_set_loss(sim *s, unsigned per_mille_lost, unsigned per_mille_twice)
{
    s->lost = per_mille_lost;
    s->twice = per_mille_twice;
}

static void break_link(link_pair *link)
{
    link->broken = true;
    for (unsigned end = 0; end < 2; end++)
        if (link->ends[end].open)
            launch_to_end(link, end, FLIGHT_RESET, NULL, 0);
}

void sim_break_streams(sim *s)
{
    for (link_pair *link = s->links; link; link = link->next)
        break_link(link);
}

void sim_break_stream(sim *s, uint64_t number)
{
    for (link_pair *link = s->links; link; link = link->next)
        if (link->number == number)
            break_link(link);
}

void sim_freeze_streams(sim *s, bool frozen)
{
    s->frozen = frozen;
}

void sim_tap_streams(sim *s,
                     void (*tap)(void *arg, uint64_t stream, bool to_server, const void *data,
                                 size_t size),
                     void *arg)
{
    s->tap = tap;
    s->tap_arg = arg;
}

void sim_filter_datagrams(sim *s,
                          bool (*pass)(void *arg, const pp_addr *from, const pp_addr *to,
                                       const uint8_t *data, size_t size),
                          void *arg)
{
    s->pass = pass;
    s->pass_arg = arg;
}
