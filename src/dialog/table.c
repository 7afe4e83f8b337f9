/* table.c - the dialogs of one user agent by Call-ID and tags. */
#include "dialog/parts.h"

#include "base/error.h"
#include "base/limits.h"

#include <assert.h>

int pp_dialogs_new(pp_dialogs **out)
{
    pp_dialogs *dialogs = PP_NEW(pp_dialogs);

    if (!dialogs)
        return PIPIT_ERR_MEMORY;
    *out = dialogs;
    return 0;
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
    return HASH_COUNT(dialogs->first);
}

/* The parts of a dialog hold no LF, so they cannot run into each other. */
static int write_key(pp_str call_id, pp_str local_tag, pp_str remote_tag, pp_buf *key)
{
    pp_buf_str(key, call_id);
    pp_buf_char(key, '\n');
    pp_buf_str(key, local_tag);
    pp_buf_char(key, '\n');
    pp_buf_str(key, remote_tag);
    return pp_buf_error(key);
}

pp_dialog *pp_dialogs_find_tags(const pp_dialogs *dialogs, pp_str call_id, pp_str local_tag,
                                pp_str remote_tag)
{
    pp_dialog *dialog = NULL;
    pp_buf key = {0};

    if (!write_key(call_id, local_tag, remote_tag, &key))
        HASH_FIND(hh, dialogs->first, key.p, key.n, dialog);
    pp_buf_free(&key);
    return dialog;
}

pp_dialog *pp_dialogs_find(const pp_dialogs *dialogs, const pp_message *request)
{
    return pp_dialogs_find_tags(dialogs, request->call_id, request->to_tag, request->from_tag);
}

int pp_dialogs_add(pp_dialogs *dialogs, pp_dialog *dialog)
{
    pp_dialog *other = NULL;
    pp_buf key = {0};
    bool added;
    int err;

    if (pp_dialogs_count(dialogs) >= PP_LIMIT_DIALOGS)
        return pp_error(PIPIT_ERR_LIMIT, "dialog: there are %u already", PP_LIMIT_DIALOGS);
    err = write_key(pp_str_c(dialog->call_id), pp_str_c(dialog->local_tag),
                    pp_str_c(dialog->remote_tag), &key);
    if (!err)
        err = pp_buf_take(&key, &dialog->key);
    pp_buf_free(&key);
    if (err)
        return err;
    HASH_FIND_STR(dialogs->first, dialog->key, other);
    if (other)
        return pp_error(PIPIT_ERR_STATE, "dialog: it exists already");
    PP_MAP_ADD(dialogs->first, dialog->key, strlen(dialog->key), dialog, added);
    if (!added)
        return PIPIT_ERR_MEMORY;
    dialog->table = dialogs;
    return 0;
}

void pp_dialogs_remove(pp_dialog *dialog)
{
    if (dialog->table)
        HASH_DEL(dialog->table->first, dialog);
    dialog->table = NULL;
}
