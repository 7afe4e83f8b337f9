/* table.c - the dialogs of one user agent by Call-ID and tags. */
#include "dialog/parts.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/map.h"

#include <assert.h>

int pp_dialogs_new(pp_dialogs **out)
{
    pp_dialogs *dialogs = PP_NEW(pp_dialogs);

    if (!dialogs)
        return PIPIT_ERR_MEMORY;
    dialogs->max = PP_LIMIT_DIALOGS;
    *out = dialogs;
    return 0;
}

void pp_dialogs_use_pool(pp_dialogs *dialogs, pp_message_pool *pool)
{
    dialogs->pool = pool;
}

void pp_dialogs_expect(pp_dialogs *dialogs, unsigned calls)
{
    if (dialogs->max < PP_DIALOGS_A_CALL * calls)
        dialogs->max = PP_DIALOGS_A_CALL * calls;
}

pp_dialogs *pp_dialogs_free(pp_dialogs *dialogs)
{
    if (dialogs)
        assert(pp_dialogs_count(dialogs) == 0);
    pp_free(dialogs);
    return NULL;
}

size_t pp_dialogs_count(const pp_dialogs *dialogs)
{
    return dialogs->index.count;
}

typedef struct key {
    pp_str call_id, local_tag, remote_tag;
} key;

static bool has_key(const void *item, const void *wanted)
{
    const pp_dialog *dialog = item;
    const key *k = wanted;

    return pp_str_eq_c(k->local_tag, dialog->local_tag) &&
           pp_str_eq_c(k->remote_tag, dialog->remote_tag) &&
           pp_str_eq_c(k->call_id, dialog->call_id);
}

/* What is in the table was drawn by us, so no peer can crowd a place. */
static unsigned hash_of(pp_str local_tag)
{
    return (unsigned)pp_mix(0, local_tag.p, local_tag.n);
}

pp_dialog *pp_dialogs_find_tags(const pp_dialogs *dialogs, pp_str call_id, pp_str local_tag,
                                pp_str remote_tag)
{
    const key k = {call_id, local_tag, remote_tag};

    return pp_index_find(&dialogs->index, hash_of(local_tag), &k, has_key);
}

static bool is_there(const pp_dialogs *dialogs, const pp_dialog *dialog)
{
    const key k = {pp_str_c(dialog->call_id), pp_str_c(dialog->local_tag),
                   pp_str_c(dialog->remote_tag)};

    return pp_index_find(&dialogs->index, dialog->hash, &k, has_key) != NULL;
}

pp_dialog *pp_dialogs_find(const pp_dialogs *dialogs, const pp_message *request)
{
    return pp_dialogs_find_tags(dialogs, request->call_id, request->to_tag, request->from_tag);
}

int pp_dialogs_add(pp_dialogs *dialogs, pp_dialog *dialog)
{
    int err;

    if (pp_dialogs_count(dialogs) >= dialogs->max)
        return pp_error(PIPIT_ERR_LIMIT, "dialog: there are %u already", dialogs->max);
    dialog->hash = hash_of(pp_str_c(dialog->local_tag));
    if (is_there(dialogs, dialog))
        return pp_error(PIPIT_ERR_STATE, "dialog: it exists already");
    err = pp_index_add(&dialogs->index, dialog->hash, dialog);
    if (!err)
        dialog->table = dialogs;
    return err;
}

void pp_dialogs_remove(pp_dialog *dialog)
{
    if (dialog->table)
        pp_index_remove(&dialog->table->index, dialog->hash, dialog);
    dialog->table = NULL;
}
