/* gather.c - all ICE servers at once: the names of STUN servers are looked up, and each TURN URL becomes a relay. A TURN server
 * over UDP is asked as a STUN server too. */
#include "gather/gather.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "gather/find.h"
#include "gather/relay.h"

#include <stdio.h>

typedef struct entry { /* one URL */
    pp_gather *gather;
    unsigned number;
    pp_ice_find *find; /* of a STUN server */
    pp_relay *relay;
    bool pending, ready;
} entry;

struct pp_gather {
    unsigned references; /* its owner's, and one for each call under way */
    pipit_loop *loop;
    const pp_gather_handlers *handlers;
    void *arg;
    pp_ice_servers *servers;
    bool relays_only, closed, done;
    pp_post post; /* tells that all is done */
    pp_addr told[PP_LIMIT_ICE_SERVERS];
    size_t told_count;
    char reason[256]; /* the last relay was given up for */
    unsigned count;
    entry entries[];
};

static void release(pp_gather *g)
{
    if (--g->references)
        return;
    pp_ice_servers_unref(g->servers);
    pipit_loop_unref(g->loop);
    pp_free(g);
}

static void tell_done(void *arg)
{
    pp_gather *g = arg;

    g->handlers->done(g->arg);
}

static void check_done(pp_gather *g)
{
    if (g->closed || g->done)
        return;
    for (unsigned i = 0; i < g->count; i++)
        if (g->entries[i].pending)
            return;
    g->done = true;
    pp_loop_post(g->loop, &g->post, tell_done, g);
}

static void settle(entry *e)
{
    e->pending = false;
    check_done(e->gather);
}

/* Each once, whatever number of URLs lead to it. */
static void tell_server(pp_gather *g, const pp_addr *server)
{
    if (g->relays_only || !g->handlers->stun_server || g->told_count == PP_LIMIT_ICE_SERVERS)
        return;
    for (size_t i = 0; i < g->told_count; i++)
        if (pp_addr_eq(&g->told[i], server))
            return;
    g->told[g->told_count++] = *server;
    g->handlers->stun_server(g->arg, server);
}

/* --- STUN ------------------------------------------------------------------------------------- */

/* The first of each family. */
static void on_found(void *arg, int error, const pp_addr *addresses, size_t count)
{
    entry *e = arg;
    pp_gather *g = e->gather;
    bool told[2] = {false, false};

    e->find = NULL;
    g->references++;
    if (error)
        pp_log_debug("ICE", "%s could not be found", g->servers->items[e->number].text);
    for (size_t i = 0; i < count && !error && !g->closed; i++) {
        bool *one = &told[addresses[i].family == 6];

        if (!*one)
            tell_server(g, &addresses[i]);
        *one = true;
    }
    settle(e);
    release(g);
}

/* --- relays ----------------------------------------------------------------------------------- */

static void on_ready(void *arg)
{
    entry *e = arg;
    pp_gather *g = e->gather;
    pp_ice_relay relay;

    g->references++;
    e->ready = true;
    if (g->servers->items[e->number].uri.path == PP_RELAY_UDP &&
        pp_relay_describe(e->relay, 4, &relay))
        tell_server(g, &relay.server);
    if (!g->closed)
        g->handlers->relayed(g->arg, e->number);
    settle(e);
    release(g);
}

static void on_received(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    entry *e = arg;

    e->gather->handlers->received(e->gather->arg, e->number, from, data, size);
}

static void on_over(void *arg, const char *reason)
{
    entry *e = arg;
    pp_gather *g = e->gather;
    bool was_ready = e->ready;

    pp_log_warn("TURN", "%s gives no relay: %s", g->servers->items[e->number].text, reason);
    g->references++;
    e->ready = false;
    snprintf(g->reason, sizeof(g->reason), "%s", reason);
    if (was_ready)
        g->handlers->lost(g->arg, e->number, reason);
    settle(e);
    release(g);
}

static const pp_relay_handlers relay_handlers = {on_ready, on_received, on_over};

/* --- all of them ------------------------------------------------------------------------------ */

static int begin(pp_gather *g, unsigned number, const pp_gather_options *options)
{
    entry *e = &g->entries[number];
    const pp_ice_uri *uri = &g->servers->items[number].uri;
    const pp_relay_options relay = {g->servers, number, options->also_ipv6, options->from,
                                    options->from_count};
    int err = 0;

    *e = (entry){.gather = g, .number = number};
    if (uri->turn)
        err = pp_relay_new(g->loop, &relay, &relay_handlers, e, &e->relay);
    else if (!g->relays_only)
        err = pp_ice_find_start(g->loop, uri, on_found, e, &e->find);
    e->pending = e->relay || e->find;
    return err;
}

int pp_gather_new(pipit_loop *loop, const pp_gather_options *options,
                  const pp_gather_handlers *handlers, void *arg, pp_gather **out)
{
    size_t count = options->servers->count;
    pp_gather *g = pp_zalloc(sizeof(*g) + count * sizeof(g->entries[0]));
    int err = 0;

    if (!g)
        return PIPIT_ERR_MEMORY;
    g->references = 1;
    g->loop = pipit_loop_ref(loop);
    g->handlers = handlers;
    g->arg = arg;
    g->servers = pp_ice_servers_ref(options->servers);
    g->relays_only = options->relays_only;
    for (g->count = 0; !err && g->count < count; g->count++)
        err = begin(g, g->count, options);
    if (err) {
        pp_gather_free(g);
        return err;
    }
    check_done(g);
    *out = g;
    return 0;
}

pp_gather *pp_gather_free(pp_gather *g)
{
    if (!g)
        return NULL;
    g->closed = true;
    pp_loop_unpost(g->loop, &g->post);
    for (unsigned i = 0; i < g->count; i++) {
        g->entries[i].find = pp_ice_find_cancel(g->entries[i].find);
        g->entries[i].relay = pp_relay_free(g->entries[i].relay);
    }
    release(g);
    return NULL;
}

const char *pp_gather_reason(const pp_gather *g)
{
    return g->reason;
}

bool pp_gather_is_done(const pp_gather *g)
{
    return g->done;
}

unsigned pp_gather_relay_count(const pp_gather *g)
{
    return g->count;
}

bool pp_gather_relay(const pp_gather *g, unsigned relay, unsigned family, pp_ice_relay *out)
{
    return relay < g->count && g->entries[relay].ready &&
           pp_relay_describe(g->entries[relay].relay, family, out);
}

bool pp_gather_is_stranded(const pp_gather *g, unsigned relay)
{
    return relay < g->count && g->entries[relay].ready &&
           pp_relay_is_stranded(g->entries[relay].relay);
}

void pp_gather_send(pp_gather *g, unsigned relay, const pp_addr *to, const uint8_t *data,
                    size_t size)
{
    if (relay < g->count && g->entries[relay].ready)
        pp_relay_send(g->entries[relay].relay, to, data, size);
}
