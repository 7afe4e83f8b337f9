/* avoid.c - servers that are tried last. */
#include "transport/avoid.h"

#include "base/alloc.h"
#include "base/limits.h"

#define AVOIDED_MS 300000u /* five minutes: then it may be back */

static void drop(pp_avoid *a, size_t i)
{
    pp_free(a->items[i].hop.host);
    a->count--;
    memmove(a->items + i, a->items + i + 1, (a->count - i) * sizeof(*a->items));
}

void pp_avoid_free(pp_avoid *a)
{
    while (a->count)
        drop(a, a->count - 1);
    pp_free(a->items);
    *a = (pp_avoid){0};
}

static bool same(const pp_hop *a, const pp_hop *b)
{
    return a->way == b->way && a->port == b->port &&
           pp_str_ieq(pp_str_c(a->host), pp_str_c(b->host));
}

static bool has(const pp_avoid *a, const pp_hop *hop, uint64_t now_ms)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->items[i].until_ms > now_ms && same(&a->items[i].hop, hop))
            return true;
    return false;
}

void pp_avoid_add(pp_avoid *a, const pp_hop *hop, uint64_t now_ms)
{
    pp_avoided *items;
    char *host;

    for (size_t i = a->count; i-- > 0;)
        if (a->items[i].until_ms <= now_ms || same(&a->items[i].hop, hop))
            drop(a, i);
    if (a->count >= PP_LIMIT_HOPS)
        drop(a, 0);
    host = pp_strdup(hop->host);
    items = host ? pp_realloc(a->items, (a->count + 1) * sizeof(*items)) : NULL;
    if (!items) {
        pp_free(host);
        return;
    }
    a->items = items;
    items[a->count++] = (pp_avoided){{hop->way, host, hop->port}, now_ms + AVOIDED_MS};
}

void pp_avoid_arrange(pp_avoid *a, pp_hops *hops, uint64_t now_ms)
{
    size_t good = 0;

    for (size_t i = 0; i < hops->count; i++) {
        pp_hop hop = hops->items[i];

        if (has(a, &hop, now_ms))
            continue;
        memmove(hops->items + good + 1, hops->items + good, (i - good) * sizeof(hop));
        hops->items[good++] = hop;
    }
}
