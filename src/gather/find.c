/* find.c - where an ICE server is. Records of services are few here and slow where a network does not know them, so they
 * get their time, and the name itself is looked up when that is over. */
#include "gather/find.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/records.h"

#include <stdio.h>

#define RECORDS_MS 1000u /* for SRV */
#define TARGETS    4u    /* of a name, the first ones */
#define ADDRESSES  8u

typedef struct target {
    char *name;
    uint16_t port;
} target;

struct pp_ice_find {
    pipit_loop *loop;
    pp_ice_find_function *found;
    void *arg;
    char *host;
    uint16_t port;
    pp_lookup *lookup;
    pp_timer patience;
    pp_post post;
    target targets[TARGETS];
    size_t target_count, next;
    pp_addr addresses[ADDRESSES];
    size_t count;
};

static void release(pp_ice_find *f)
{
    pp_lookup_cancel(f->lookup);
    pp_loop_stop_timer(f->loop, &f->patience);
    pp_loop_unpost(f->loop, &f->post);
    for (size_t i = 0; i < f->target_count; i++)
        pp_free(f->targets[i].name);
    pp_free(f->host);
    pipit_loop_unref(f->loop);
    pp_free(f);
}

static void finish(void *arg)
{
    pp_ice_find *f = arg;
    pp_ice_find_function *found = f->found;
    pp_addr addresses[ADDRESSES];
    size_t count = f->count;

    memcpy(addresses, f->addresses, sizeof(addresses));
    arg = f->arg;
    release(f);
    found(arg, count ? 0 : PIPIT_ERR_NOT_FOUND, addresses, count);
}

/* At the end of the turn: nobody is called from inside start. */
static void look_at_next(pp_ice_find *f);

static void on_addresses(void *arg, int error, const pp_addr *addresses, size_t count)
{
    pp_ice_find *f = arg;
    uint16_t port = f->targets[f->next - 1].port;

    f->lookup = NULL;
    for (size_t i = 0; !error && i < count && f->count < ADDRESSES; i++) {
        f->addresses[f->count] = addresses[i];
        f->addresses[f->count++].port = port;
    }
    look_at_next(f);
}

static void look_at_next(pp_ice_find *f)
{
    while (f->next < f->target_count && f->count < ADDRESSES) {
        const char *name = f->targets[f->next++].name;

        if (f->loop->ops->lookup(f->loop, name, on_addresses, f, &f->lookup) == 0)
            return;
    }
    pp_loop_post(f->loop, &f->post, finish, f);
}

static void add_target(pp_ice_find *f, const char *name, uint16_t port)
{
    target t = {.port = port};

    if (f->target_count == TARGETS)
        return;
    t.name = pp_strdup(name);
    if (t.name)
        f->targets[f->target_count++] = t;
}

static void on_records(void *arg, int error, const pp_record *records, size_t count)
{
    pp_record sorted[PP_LIMIT_RECORDS];
    pp_ice_find *f = arg;

    f->lookup = NULL;
    pp_loop_stop_timer(f->loop, &f->patience);
    if (error || count > PP_LIMIT_RECORDS)
        count = 0;
    if (count) {
        memcpy(sorted, records, count * sizeof(*records));
        pp_records_order_srv(sorted, count, &f->loop->rng);
    }
    for (size_t i = 0; i < count; i++)
        if (sorted[i].name && sorted[i].name[0] && strcmp(sorted[i].name, ".") != 0 &&
            sorted[i].port)
            add_target(f, sorted[i].name, sorted[i].port);
    if (!f->target_count)
        add_target(f, f->host, f->port);
    look_at_next(f);
}

static void on_impatience(void *arg)
{
    pp_ice_find *f = arg;

    f->lookup = pp_lookup_cancel(f->lookup);
    on_records(f, PIPIT_ERR_NOT_FOUND, NULL, 0);
}

static int ask_records(pp_ice_find *f, const pp_ice_uri *uri)
{
    const char *scheme = !uri->turn ? "stun" : uri->path == PP_RELAY_TLS ? "turns" : "turn";
    char name[300];
    const pp_record_question question = {
        .kind = PP_RECORD_SRV, .name = name, .found = on_records, .arg = f};

    snprintf(name, sizeof(name), "_%s._%s.%s", scheme, uri->path == PP_RELAY_UDP ? "udp" : "tcp",
             f->host);
    pp_loop_start_timer(f->loop, &f->patience, RECORDS_MS, on_impatience, f);
    return f->loop->ops->records(f->loop, &question, &f->lookup);
}

/* What cannot be asked for is not found. */
static void begin(pp_ice_find *f, const pp_ice_uri *uri)
{
    if (uri->literal.family) {
        f->addresses[0] = uri->literal;
        f->addresses[0].port = f->port;
        f->count = 1;
    } else if (uri->port) {
        add_target(f, f->host, f->port);
    } else if (ask_records(f, uri) == 0) {
        return;
    }
    look_at_next(f);
}

int pp_ice_find_start(pipit_loop *loop, const pp_ice_uri *uri, pp_ice_find_function *found,
                      void *arg, pp_ice_find **out)
{
    pp_ice_find *f = PP_NEW(pp_ice_find);

    if (!f)
        return PIPIT_ERR_MEMORY;
    f->loop = pipit_loop_ref(loop);
    f->found = found;
    f->arg = arg;
    f->port = pp_ice_uri_port(uri);
    f->host = pp_str_dup(uri->host);
    if (!f->host) {
        release(f);
        return PIPIT_ERR_MEMORY;
    }
    begin(f, uri);
    *out = f;
    return 0;
}

pp_ice_find *pp_ice_find_cancel(pp_ice_find *find)
{
    if (find)
        release(find);
    return NULL;
}
