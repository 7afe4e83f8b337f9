/* create.c - how a dialog begins, on either side (RFC 3261 section 12.1), and how it goes. */
#include "base/error.h"
#include "dialog/parts.h"

/* As From and To say it. */
typedef struct party {
    pp_str display_name, uri;
} party;

/* What a dialog is made of, whoever made it. */
typedef struct origin {
    pp_str call_id, local_tag, remote_tag, target;
    party local, remote;
    const pp_message *message; /* theirs: it has the Contact and the Record-Route */
    bool caller;
} origin;

static void release(pp_dialog *dialog)
{
    pp_routes routes;

    routes = (pp_routes){dialog->routes, dialog->route_count};
    pp_routes_free(&routes);
    if (dialog->moved)
        pp_free(dialog->remote_target);
    pp_free(dialog);
}

pp_dialog *pp_dialog_free(pp_dialog *dialog)
{
    if (!dialog)
        return NULL;
    pp_dialog_leave(dialog);
    dialog->released = true;
    if (!dialog->shares)
        release(dialog);
    return NULL;
}

void pp_dialog_leave(pp_dialog *dialog)
{
    dialog->left = true;
    dialog->owner = (pp_dialog_owner){0};
    if (!dialog->shares)
        pp_dialogs_remove(dialog);
}

/* --- shared ----------------------------------------------------------------------------------- */

void pp_dialog_join(pp_dialog *dialog, pp_dialog_share *share, const pp_dialog_owner *user)
{
    *share = (pp_dialog_share){.next = dialog->shares, .dialog = dialog, .user = *user};
    dialog->shares = share;
}

void pp_dialog_part(pp_dialog_share *share)
{
    pp_dialog *dialog = share->dialog;
    pp_dialog_share **at;

    if (!dialog)
        return;
    for (at = &dialog->shares; *at != share; at = &(*at)->next)
        ;
    *at = share->next;
    share->dialog = NULL;
    if (!dialog->shares && dialog->left)
        pp_dialogs_remove(dialog);
    if (!dialog->shares && dialog->released)
        release(dialog);
}

const pp_dialog_owner *pp_dialog_user_of(const pp_dialog *dialog, const pp_message *request)
{
    for (const pp_dialog_share *share = dialog->shares; share; share = share->next)
        if (share->user.usage->takes(share->user.self, request))
            return &share->user;
    return &dialog->owner;
}

/* --- its names, which lie behind it ----------------------------------------------------------- */

static char *put(char **cursor, pp_str text)
{
    char *start = *cursor;

    if (text.n)
        memcpy(start, text.p, text.n);
    *cursor += text.n + 1; /* a zero is there */
    return start;
}

/* A name may hold NUL (RFC 4475 section 3.1.1.2), our strings may not. */
static bool is_named(const party *p)
{
    return !pp_str_empty(p->display_name) && pp_str_is_line(p->display_name);
}

/* `"Alice" <sip:alice@example.com>`: without the parameters, of which the tag is one. */
static const char *put_party(char **cursor, const party *p)
{
    const char *start = *cursor;

    if (is_named(p)) {
        put(cursor, p->display_name);
        (*cursor)[-1] = ' ';
    }
    *(*cursor)++ = '<';
    put(cursor, p->uri);
    (*cursor)[-1] = '>';
    (*cursor)++;
    return start;
}

static size_t names_size(const origin *from)
{
    const party *local = &from->local, *remote = &from->remote;

    return from->call_id.n + from->local_tag.n + from->remote_tag.n + local->display_name.n +
           local->uri.n + remote->display_name.n + remote->uri.n + sizeof(" <>") * 2 +
           from->target.n + 4;
}

static pp_dialog *make(const origin *from)
{
    pp_dialog *dialog = pp_zalloc(sizeof(*dialog) + names_size(from));
    char *cursor;

    if (!dialog)
        return NULL;
    cursor = dialog->text;
    dialog->call_id = put(&cursor, from->call_id);
    dialog->local_tag = put(&cursor, from->local_tag);
    dialog->remote_tag = put(&cursor, from->remote_tag);
    dialog->local = put_party(&cursor, &from->local);
    dialog->remote = put_party(&cursor, &from->remote);
    dialog->remote_target = put(&cursor, from->target);
    return dialog;
}

/* --- made ------------------------------------------------------------------------------------- */

static int copy_routes(const origin *from, pp_dialog *dialog)
{
    pp_routes routes;
    int err = pp_routes_read(from->message, from->caller, &routes);

    if (err)
        return err;
    dialog->routes = routes.routes;
    dialog->route_count = (uint16_t)routes.count;
    return 0;
}

static int create(pp_dialogs *dialogs, origin *from, const pp_dialog_owner *owner, pp_dialog **out)
{
    pp_dialog *dialog;
    int err;

    if (!pp_str_is_line(from->call_id) || !pp_str_is_line(from->local_tag) ||
        !pp_str_is_line(from->remote_tag))
        return pp_error(PIPIT_ERR_SYNTAX, "dialog: a Call-ID or tag that is no text");
    err = pp_target_of(from->message, &from->target);
    if (err)
        return err == PIPIT_ERR_NOT_FOUND ? pp_error(PIPIT_ERR_SYNTAX, "dialog: no Contact") : err;
    dialog = make(from);
    if (!dialog)
        return PIPIT_ERR_MEMORY;
    if (owner)
        dialog->owner = *owner;
    err = copy_routes(from, dialog);
    if (!err)
        err = pp_dialogs_add(dialogs, dialog);
    if (err)
        pp_dialog_free(dialog);
    else
        *out = dialog;
    return err;
}

/* From or To of a request of ours, which was looked at when it was made: only unusual ones are taken apart. */
static int read_party(pp_str text, party *out)
{
    size_t open = pp_str_find(text, '<'), close = pp_str_find(text, '>');
    pp_name_addr address;
    int err;

    if (open < close && close < text.n && pp_str_find(text, '"') == text.n) {
        *out = (party){pp_str_trim(pp_str_sub(text, 0, open)), pp_str_sub(text, open + 1, close)};
        return 0;
    }
    err = pp_name_addr_parse(text, &address);
    if (!err)
        *out = (party){address.display_name, address.uri.text};
    return err;
}

/* Our side is taken from our request, so that the far end cannot rename us. */
int pp_dialog_from_response(pp_dialogs *dialogs, const pp_outgoing *request,
                            const pp_message *response, const pp_dialog_owner *owner,
                            pp_dialog **out)
{
    pp_str ours = pp_outgoing_header(request, PP_HEADER_FROM, 0);
    origin from = {.call_id = pp_outgoing_header(request, PP_HEADER_CALL_ID, 0),
                   .remote_tag = response->to_tag,
                   .message = response,
                   .caller = true};
    pp_dialog *dialog;
    int err;

    if (response->status <= 100 || response->status >= 300 || pp_str_empty(response->to_tag))
        return pp_error(PIPIT_ERR_SYNTAX, "dialog: a %d without To tag makes none",
                        response->status);
    err = read_party(ours, &from.local);
    if (!err)
        err = read_party(pp_outgoing_header(request, PP_HEADER_TO, 0), &from.remote);
    if (err)
        return err;
    pp_name_addr_tag(ours, &from.local_tag);
    err = create(dialogs, &from, owner, &dialog);
    if (err)
        return err;
    dialog->local_cseq = pp_outgoing_cseq(request);
    dialog->confirmed = response->status >= 200;
    *out = dialog;
    return 0;
}

int pp_dialog_from_request(pp_dialogs *dialogs, const pp_message *request, const char *local_tag,
                           uint32_t local_cseq, const pp_dialog_owner *owner, pp_dialog **out)
{
    origin from = {.call_id = request->call_id,
                   .local_tag = pp_str_c(local_tag),
                   .remote_tag = request->from_tag,
                   .local = {request->to.display_name, request->to.uri.text},
                   .remote = {request->from.display_name, request->from.uri.text},
                   .message = request};
    pp_dialog *dialog;
    int err = create(dialogs, &from, owner, &dialog);

    if (err)
        return err;
    dialog->local_cseq = local_cseq;
    dialog->remote_cseq = request->cseq;
    dialog->has_remote_cseq = true;
    *out = dialog;
    return 0;
}
