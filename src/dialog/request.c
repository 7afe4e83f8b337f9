/* request.c - a request inside a dialog (RFC 3261 section 12.2.1.1). */
#include "base/error.h"
#include "dialog/parts.h"

#define MAX_FORWARDS PP_LIT("69") /* as JsSIP */
#define CSEQ_MAX     2147483647u  /* section 8.1.1.5: less than 2^31 */

static void add_party(pp_outgoing *request, pp_header_id id, const char *party, const char *tag)
{
    const pp_str pieces[] = {pp_str_c(party), PP_LIT(";tag="), pp_str_c(tag)};

    pp_outgoing_add_all(request, id, pieces, *tag ? 3 : 1);
}

/* A strict router takes the Request-URI for itself, and finds the target at the end of the
 * route. */
static void add_routes(const pp_dialog *dialog, bool strict, pp_outgoing *request)
{
    for (size_t i = strict; i < dialog->route_count; i++)
        pp_outgoing_add_c(request, PP_HEADER_ROUTE, dialog->routes[i]);
    if (strict)
        pp_outgoing_add_format(request, PP_HEADER_ROUTE, "<%s>", dialog->remote_target);
}

static int begin(const pp_dialog *dialog, bool strict, pp_method method, pp_outgoing **out)
{
    pp_message_pool *pool = dialog->table ? dialog->table->pool : NULL;
    pp_str target = pp_str_c(dialog->remote_target);
    int err = strict ? pp_target_read(pp_str_c(dialog->routes[0]), &target) : 0;

    return err ? err : pp_outgoing_request_in(pool, method, target, out);
}

int pp_dialog_request(pp_dialog *dialog, pp_method method, uint32_t cseq, pp_outgoing **out)
{
    bool strict = dialog->route_count && pp_route_is_strict(pp_str_c(dialog->routes[0]));
    pp_outgoing *request;
    int err;

    if (!cseq && dialog->local_cseq >= CSEQ_MAX)
        return pp_error(PIPIT_ERR_LIMIT, "dialog: the CSeq numbers are used up");
    err = begin(dialog, strict, method, &request);
    if (err)
        return err;
    add_routes(dialog, strict, request);
    add_party(request, PP_HEADER_TO, dialog->remote, dialog->remote_tag);
    add_party(request, PP_HEADER_FROM, dialog->local, dialog->local_tag);
    pp_outgoing_add_c(request, PP_HEADER_CALL_ID, dialog->call_id);
    pp_outgoing_add_cseq(request, cseq ? cseq : dialog->local_cseq + 1);
    pp_outgoing_add_ours(request, PP_HEADER_MAX_FORWARDS, MAX_FORWARDS);
    err = pp_outgoing_error(request);
    if (err) {
        pp_outgoing_unref(request);
        return err;
    }
    if (!cseq)
        dialog->local_cseq++;
    *out = request;
    return 0;
}

uint32_t pp_dialog_next_cseq(pp_dialog *dialog)
{
    return dialog->local_cseq < CSEQ_MAX ? ++dialog->local_cseq : CSEQ_MAX;
}
