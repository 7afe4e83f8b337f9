/* locate.c - RFC 3263 section 4 as a machine: NAPTR says which services there are, SRV where each of them is, and A or AAAA
 * of what goes over UDP; of streams the addresses are found and raced when they are connected (io/connect.h).
 *
 * Each step that answers adds steps or hops; they are done one after another, so that the order of the list is theirs. */
#include "transport/locate.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/records.h"

#include <stdio.h>

#define SENTENCE 320

typedef struct step {
    pp_way way;
    bool is_srv; /* else a place */
    char *name;
    uint16_t port;
} step;

struct pp_locate {
    pipit_loop *loop;
    char *host;
    pp_way way;
    uint16_t port;
    bool secure, fell_back;
    pp_locate_function *done;
    void *arg;
    pp_lookup *lookup;
    pp_post post;
    step *steps; /* from `at` on still to do */
    size_t at, count;
    pp_hops hops;
    int error;
};

void pp_hops_free(pp_hops *hops)
{
    for (size_t i = 0; i < hops->count; i++)
        pp_free(hops->items[i].host);
    pp_free(hops->items);
    *hops = (pp_hops){0};
}

static void release(pp_locate *l)
{
    pp_lookup_cancel(l->lookup);
    pp_loop_unpost(l->loop, &l->post);
    for (size_t i = 0; i < l->count; i++)
        pp_free(l->steps[i].name);
    pp_free(l->steps);
    pp_hops_free(&l->hops);
    pp_free(l->host);
    pp_free(l);
}

pp_locate *pp_locate_cancel(pp_locate *l)
{
    if (l)
        release(l);
    return NULL;
}

/* --- the two lists ---------------------------------------------------------------------------- */

/* What does not fit is left out: nobody tries that many. */
static void add_hop(pp_locate *l, pp_way way, const char *host, uint16_t port)
{
    pp_hop *items;
    char *copy;

    if (l->error || l->hops.count >= PP_LIMIT_HOPS)
        return;
    copy = pp_strdup(host);
    items = copy ? pp_realloc(l->hops.items, (l->hops.count + 1) * sizeof(*items)) : NULL;
    if (!items) {
        pp_free(copy);
        l->error = PIPIT_ERR_MEMORY;
        return;
    }
    items[l->hops.count++] = (pp_hop){way, copy, port};
    l->hops.items = items;
}

/* In front of those still to do, at `offset` among the new ones. */
static void add_step(pp_locate *l, size_t offset, step s)
{
    step *steps;
    size_t place = l->at + offset;

    if (l->error || l->count - l->at >= PP_LIMIT_HOPS)
        return;
    s.name = pp_strdup(s.name);
    steps = s.name ? pp_realloc(l->steps, (l->count + 1) * sizeof(*steps)) : NULL;
    if (!steps) {
        pp_free(s.name);
        l->error = PIPIT_ERR_MEMORY;
        return;
    }
    l->steps = steps;
    if (place > l->count)
        place = l->count;
    memmove(steps + place + 1, steps + place, (l->count - place) * sizeof(*steps));
    steps[place] = s;
    l->count++;
}

static char *as_name(const char *name)
{
    return (char *)(uintptr_t)name; /* add_step() makes its own copy */
}

/* A place that was found. */
static void add_place(pp_locate *l, size_t offset, pp_way way, const char *name, uint16_t port)
{
    add_step(l, offset, (step){way, false, as_name(name), port});
}

static void add_service(pp_locate *l, size_t offset, pp_way way)
{
    static const char *const services[] = {
        [PP_WAY_UDP] = "_sip._udp.", [PP_WAY_TCP] = "_sip._tcp.", [PP_WAY_TLS] = "_sips._tcp."};
    pp_buf name = {0};
    char *text = NULL;

    pp_buf_c(&name, services[way]);
    pp_buf_c(&name, l->host);
    if (pp_buf_take(&name, &text)) {
        l->error = PIPIT_ERR_MEMORY;
        return;
    }
    add_step(l, offset, (step){way, true, text, 0});
    pp_free(text);
}

/* --- the answers ------------------------------------------------------------------------------ */

static void proceed(pp_locate *l);

/* The services we speak; with sips none but the secure one (RFC 3263 section 4.1). */
static pp_way way_of(const pp_locate *l, const char *service)
{
    if (pp_str_ieq_c(pp_str_c(service), "SIPS+D2T"))
        return PP_WAY_TLS;
    if (l->secure)
        return PP_WAY_ANY;
    if (pp_str_ieq_c(pp_str_c(service), "SIP+D2T"))
        return PP_WAY_TCP;
    return pp_str_ieq_c(pp_str_c(service), "SIP+D2U") ? PP_WAY_UDP : PP_WAY_ANY;
}

static void take_naptr(pp_locate *l, const pp_record *record, size_t offset)
{
    pp_way way = way_of(l, record->service);

    if (pp_str_ieq_c(pp_str_c(record->flags), "s"))
        add_step(l, offset, (step){way, true, as_name(record->name), 0});
    else if (pp_str_ieq_c(pp_str_c(record->flags), "a"))
        add_place(l, offset, way, record->name, pp_way_port(way));
}

static void add_all_services(pp_locate *l)
{
    if (!l->secure) {
        add_service(l, 0, PP_WAY_UDP);
        add_service(l, 0, PP_WAY_TCP);
    }
    add_service(l, 0, PP_WAY_TLS); /* the safest first, when nobody says what is preferred */
}

/* A copy in order; NULL when there is none, or no memory. */
static pp_record *sorted(pp_locate *l, const pp_record *records, size_t count, pp_record_kind kind)
{
    pp_record *copy = count ? pp_array(count, sizeof(*copy)) : NULL;

    if (!copy) {
        l->error = count ? PIPIT_ERR_MEMORY : l->error;
        return NULL;
    }
    memcpy(copy, records, count * sizeof(*copy));
    if (kind == PP_RECORD_NAPTR)
        pp_records_order_naptr(copy, count);
    else
        pp_records_order_srv(copy, count, &l->loop->rng);
    return copy;
}

static void on_naptr(void *arg, int error, const pp_record *records, size_t count)
{
    pp_locate *l = arg;
    pp_record *order = sorted(l, records, error ? 0 : count, PP_RECORD_NAPTR);

    l->lookup = NULL;
    for (size_t i = 0; order && i < count; i++)
        if (way_of(l, order[i].service) != PP_WAY_ANY)
            take_naptr(l, &order[i], l->count - l->at);
    pp_free(order);
    if (l->count == 0)
        add_all_services(l);
    proceed(l);
}

/* RFC 2782: a target "." says that there is no such service here. */
static void on_srv(void *arg, int error, const pp_record *records, size_t count)
{
    pp_locate *l = arg;
    pp_record *order = sorted(l, records, error ? 0 : count, PP_RECORD_SRV);
    pp_way way = l->steps[l->at - 1].way;

    l->lookup = NULL;
    for (size_t i = 0; order && i < count; i++)
        if (order[i].name && order[i].name[0] && strcmp(order[i].name, ".") != 0)
            add_place(l, i, way, order[i].name, order[i].port);
    pp_free(order);
    proceed(l);
}

static void on_addresses(void *arg, int error, const pp_addr *addresses, size_t count)
{
    pp_locate *l = arg;
    const step *s = &l->steps[l->at - 1];
    char text[PP_ADDR_TEXT];

    l->lookup = NULL;
    for (size_t i = 0; !error && i < count; i++)
        add_hop(l, s->way, pp_addr_ip_text(&addresses[i], text), s->port);
    proceed(l);
}

/* --- one step after the other ----------------------------------------------------------------- */

static int ask_records(pp_locate *l, pp_record_kind kind, const char *name)
{
    const pp_record_question question = {
        .kind = kind,
        .name = name,
        .found = kind == PP_RECORD_SRV ? on_srv : on_naptr,
        .arg = l,
    };

    return l->loop->ops->records(l->loop, &question, &l->lookup);
}

static void finish(void *arg)
{
    pp_locate *l = arg;
    pp_locate_function *done = l->done;
    pp_hops hops = l->hops;
    char reason[SENTENCE];
    int error = l->error;

    if (!error && hops.count == 0)
        error = PIPIT_ERR_NOT_FOUND;
    if (error == PIPIT_ERR_MEMORY)
        snprintf(reason, sizeof(reason), "there is no memory to look for the server");
    else
        snprintf(reason, sizeof(reason), "the host name '%.200s' could not be found", l->host);
    arg = l->arg;
    if (!error)
        l->hops = (pp_hops){0};
    else
        hops = (pp_hops){0};
    release(l);
    done(arg, error, error ? reason : "", &hops);
}

/* Whether the step waits for an answer. */
static bool begin(pp_locate *l, const step *s)
{
    if (s->is_srv)
        l->error = ask_records(l, PP_RECORD_SRV, s->name);
    else if (s->way == PP_WAY_UDP)
        l->error = l->loop->ops->lookup(l->loop, s->name, on_addresses, l, &l->lookup);
    else
        add_hop(l, s->way, s->name, s->port);
    return l->lookup != NULL;
}

/* RFC 3263 section 4.1: without any record it is UDP at the host itself, with sips TLS. */
static void fall_back(pp_locate *l)
{
    pp_way way = l->way != PP_WAY_ANY ? l->way : l->secure ? PP_WAY_TLS : PP_WAY_UDP;

    l->fell_back = true;
    add_place(l, 0, way, l->host, l->port ? l->port : pp_way_port(way));
}

static void proceed(pp_locate *l)
{
    while (!l->error) {
        if (l->at == l->count && l->hops.count == 0 && !l->fell_back)
            fall_back(l);
        if (l->error || l->at == l->count)
            break;
        l->at++;
        if (begin(l, &l->steps[l->at - 1]))
            return;
    }
    if (l->hops.count && l->error != PIPIT_ERR_MEMORY)
        l->error = 0;
    finish(l);
}

static void on_start(void *arg)
{
    proceed(arg);
}

/* An address, or a port, says where it is (section 4.2): then nothing is asked but addresses. */
static int start(pp_locate *l)
{
    pp_addr literal;

    if (pp_addr_parse(pp_str_c(l->host), 0, &literal) || l->port) {
        fall_back(l);
    } else if (l->way == PP_WAY_ANY) {
        return ask_records(l, PP_RECORD_NAPTR, l->host);
    } else {
        add_service(l, 0, l->way);
    }
    if (!l->error)
        pp_loop_post(l->loop, &l->post, on_start, l);
    return l->error;
}

int pp_locate_start(pipit_loop *loop, const pp_server_uri *server, pp_locate_function *done,
                    void *arg, pp_locate **out)
{
    pp_locate *l = PP_NEW(pp_locate);
    int err;

    if (!l)
        return PIPIT_ERR_MEMORY;
    l->loop = loop;
    l->way = server->way;
    l->port = server->port;
    l->secure = server->secure;
    l->done = done;
    l->arg = arg;
    l->host = pp_strdup(server->host);
    err = l->host ? start(l) : PIPIT_ERR_MEMORY;
    if (err)
        release(l);
    else
        *out = l;
    return err;
}
