/* network.c - what changes of the machine's addresses come to, a second after the first of them. */
#include "base/network.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

#include <utlist.h>

#define SETTLE_MS 1000u /* an interface that comes up has its addresses one after another */

struct pp_network { /* of a loop, as long as somebody listens */
    pipit_loop *loop;
    pp_network_ear *ears;
    pp_network_ear *next; /* to be told; an ear that goes meanwhile is passed over */
    pp_timer settle;
    pp_local_address known[PP_LIMIT_LOCAL_ADDRESSES];
    size_t count;
};

static bool counts(const pp_addr *address)
{
    return !pp_addr_is_loopback(address) && !pp_addr_is_link_local(address);
}

/* A loop that was made for less than a network knows none. */
static size_t all_addresses(pipit_loop *loop, pp_local_address *out)
{
    return loop->ops->local_addresses
               ? loop->ops->local_addresses(loop, out, PP_LIMIT_LOCAL_ADDRESSES)
               : 0;
}

static size_t look(pipit_loop *loop, pp_local_address *out)
{
    size_t count = all_addresses(loop, out), kept = 0;

    for (size_t i = 0; i < count; i++)
        if (counts(&out[i].address))
            out[kept++] = out[i];
    return kept;
}

static bool has(const pp_local_address *list, size_t count, const pp_addr *address)
{
    for (size_t i = 0; i < count; i++)
        if (pp_addr_same_ip(&list[i].address, address))
            return true;
    return false;
}

static bool has_more(const pp_local_address *a, size_t a_count, const pp_local_address *b,
                     size_t b_count)
{
    for (size_t i = 0; i < a_count; i++)
        if (!has(b, b_count, &a[i].address))
            return true;
    return false;
}

static void tell(struct pp_network *n, pp_network_change change)
{
    pipit_loop *loop = pipit_loop_ref(n->loop);

    n->next = n->ears;
    while (loop->network && n->next) {
        pp_network_ear *ear = n->next;

        n->next = ear->next;
        ear->changed(ear->arg, change);
    }
    pipit_loop_unref(loop);
}

static void on_settled(void *arg)
{
    struct pp_network *n = arg;
    pp_local_address now[PP_LIMIT_LOCAL_ADDRESSES];
    size_t count = look(n->loop, now);
    pp_network_change change = {.came = has_more(now, count, n->known, n->count),
                                .went = has_more(n->known, n->count, now, count)};

    memcpy(n->known, now, count * sizeof(now[0]));
    n->count = count;
    if (change.came || change.went)
        tell(n, change);
}

void pp_loop_network_moved(pipit_loop *loop)
{
    struct pp_network *n = loop->network;

    if (n && !n->settle.armed)
        pp_loop_start_timer(loop, &n->settle, SETTLE_MS, on_settled, n);
}

int pp_loop_hear_network(pipit_loop *loop, pp_network_ear *ear,
                         void (*changed)(void *arg, pp_network_change change), void *arg)
{
    if (!loop->network) {
        struct pp_network *n = PP_NEW(struct pp_network);

        if (!n)
            return PIPIT_ERR_MEMORY;
        n->loop = loop;
        n->count = look(loop, n->known);
        loop->network = n;
        if (loop->ops->watch_network)
            loop->ops->watch_network(loop, true);
    }
    ear->changed = changed;
    ear->arg = arg;
    DL_APPEND(loop->network->ears, ear);
    return 0;
}

void pp_loop_unhear_network(pipit_loop *loop, pp_network_ear *ear)
{
    struct pp_network *n = loop->network;

    if (!ear->changed)
        return;
    if (n->next == ear)
        n->next = ear->next;
    DL_DELETE(n->ears, ear);
    ear->changed = NULL;
    if (n->ears)
        return;
    if (loop->ops->watch_network)
        loop->ops->watch_network(loop, false);
    pp_loop_stop_timer(loop, &n->settle);
    pp_free(n);
    loop->network = NULL;
}

bool pp_loop_has_address(pipit_loop *loop, const pp_addr *address)
{
    pp_local_address all[PP_LIMIT_LOCAL_ADDRESSES];
    size_t count = all_addresses(loop, all);

    return !count || count == PP_LIMIT_LOCAL_ADDRESSES || has(all, count, address);
}
