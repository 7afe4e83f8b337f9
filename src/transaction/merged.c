/* merged.c - requests that were forked and met again here (RFC 3261 section 8.2.2.2): server
 * transactions in groups of the same From tag, Call-ID and CSeq. */
#include "base/error.h"
#include "transaction/machine.h"

#include <utlist.h>

struct pp_merged {
    pp_buf key;
    pp_server_transaction *members;
    UT_hash_handle hh;
};

static void free_group(pp_merged *group)
{
    pp_buf_free(&group->key);
    pp_free(group);
}

/* Takes the key. */
static pp_merged *new_group(pp_transactions *table, pp_buf *key)
{
    pp_merged *group = PP_NEW(pp_merged);
    bool added;

    if (!group)
        return NULL;
    group->key = *key;
    *key = (pp_buf){0};
    PP_MAP_ADD(table->merged, group->key.p, group->key.n, group, added);
    if (added)
        return group;
    free_group(group);
    return NULL;
}

int pp_merged_add(pp_server_transaction *t)
{
    pp_merged *group = NULL;
    pp_buf key = {0};

    if (!pp_str_empty(t->request->to_tag))
        return 0;
    pp_merged_key(&key, t->request);
    if (!pp_buf_error(&key)) {
        HASH_FIND(hh, t->table->merged, key.p, key.n, group);
        if (!group)
            group = new_group(t->table, &key);
    }
    pp_buf_free(&key);
    if (!group)
        return PIPIT_ERR_MEMORY;
    t->merged = group;
    DL_APPEND2(group->members, t, merged_prev, merged_next);
    return 0;
}

void pp_merged_remove(pp_server_transaction *t)
{
    pp_merged *group = t->merged;

    if (!group)
        return;
    t->merged = NULL;
    DL_DELETE2(group->members, t, merged_prev, merged_next);
    if (group->members)
        return;
    HASH_DEL(t->table->merged, group);
    free_group(group);
}

static bool has_other(const pp_merged *group, const pp_message *request)
{
    const pp_server_transaction *t;
    pp_buf own = {0};
    bool found = false;

    pp_server_key(&own, NULL, request, request->method_name, request->to_tag);
    if (!pp_buf_error(&own))
        DL_FOREACH2(group->members, t, merged_next)
    found = found || !pp_str_eq(pp_key_without_flow(&t->key), pp_key_without_flow(&own));
    pp_buf_free(&own);
    return found;
}

bool pp_transactions_is_merged(pp_transactions *table, const pp_message *request)
{
    pp_merged *group = NULL;
    pp_buf key = {0};

    if (!pp_str_empty(request->to_tag))
        return false;
    pp_merged_key(&key, request);
    if (!pp_buf_error(&key))
        HASH_FIND(hh, table->merged, key.p, key.n, group);
    pp_buf_free(&key);
    return group && has_other(group, request);
}
