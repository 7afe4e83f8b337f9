/* served.c - the requests that came and are not forgotten yet: found by what identifies them, and by what their copies on other
 * ways have in common (RFC 3261 section 8.2.2.2). */
#include "transaction/machine.h"

static unsigned hash_of(const void *flow, uint64_t key)
{
    return (unsigned)((key ^ (uint64_t)(uintptr_t)flow * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}

static unsigned merged_hash(uint64_t merged)
{
    return (unsigned)merged;
}

typedef struct wanted {
    const void *flow;
    uint64_t key, merged;
} wanted;

static bool is_it(const void *item, const void *key)
{
    const pp_served *served = item;
    const wanted *w = key;

    return served->key == w->key && served->flow == w->flow;
}

static bool is_a_copy(const void *item, const void *key)
{
    const pp_served *served = item;
    const wanted *w = key;

    return served->merged == w->merged && served->key != w->key;
}

int pp_served_add(pp_transactions *table, pp_served *served)
{
    int err = pp_index_add(&table->served, hash_of(served->flow, served->key), served);

    if (err || !served->outside)
        return err;
    err = pp_index_add(&table->merged, merged_hash(served->merged), served);
    if (err)
        pp_index_remove(&table->served, hash_of(served->flow, served->key), served);
    return err;
}

void pp_served_remove(pp_transactions *table, const pp_served *served)
{
    pp_index_remove(&table->served, hash_of(served->flow, served->key), served);
    if (served->outside)
        pp_index_remove(&table->merged, merged_hash(served->merged), served);
}

void pp_served_replace(pp_transactions *table, const pp_served *old, pp_served *served)
{
    pp_index_replace(&table->served, hash_of(old->flow, old->key), old, served);
    if (old->outside)
        pp_index_replace(&table->merged, merged_hash(old->merged), old, served);
}

static pp_served *find(const pp_transactions *table, const void *flow, uint64_t key)
{
    const wanted w = {.flow = flow, .key = key};

    return pp_index_find(&table->served, hash_of(flow, key), &w, is_it);
}

pp_served *pp_served_find(const pp_transactions *table, const void *flow, const pp_message *request,
                          uint64_t key)
{
    pp_served *found = find(table, flow, key);

    if (found || request->method != PP_ACK || pp_branch_is_rfc3261(request->via.branch))
        return found;
    /* RFC 2543: the INVITE had no To tag yet, its ACK has the one we answered with. */
    found = find(table, flow, pp_server_key(request, PP_INVITE, PP_STR_NONE));
    return found && !found->spent && !pp_str_eq(pp_server_tag(pp_server_of(found)), request->to_tag)
               ? NULL
               : found;
}

bool pp_server_is_merged(const pp_server_transaction *t)
{
    const pp_served *own = &t->served;
    const wanted w = {.key = own->key, .merged = own->merged};

    return own->outside &&
           pp_index_find(&t->table->merged, merged_hash(w.merged), &w, is_a_copy) != NULL;
}
