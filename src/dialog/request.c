/* request.c - a request inside a dialog (RFC 3261 section 12.2.1.1). */
#include "base/error.h"
#include "dialog/parts.h"

#define MAX_FORWARDS 69          /* as JsSIP */
#define CSEQ_MAX     2147483647u /* section 8.1.1.5: less than 2^31 */

static void add_party(pp_outgoing *request, pp_header_id id, const char *party, const char *tag)
{
    if (*tag)
        pp_outgoing_add_format(request, id, "%s;tag=%s", party, tag);
    else
        pp_outgoing_add_c(request, id, party);
}

static void add_rest(const pp_dialog *dialog, pp_method method, uint32_t cseq, pp_outgoing *request)
{
    add_party(request, PP_HEADER_TO, dialog->remote, dialog->remote_tag);
    add_party(request, PP_HEADER_FROM, dialog->local, dialog->local_tag);
    pp_outgoing_add_c(request, PP_HEADER_CALL_ID, dialog->call_id);
    pp_outgoing_add_format(request, PP_HEADER_CSEQ, "%u %s", cseq, pp_method_name(method));
    pp_outgoing_add_format(request, PP_HEADER_MAX_FORWARDS, "%d", MAX_FORWARDS);
}

static int begin_loose(const pp_dialog *dialog, pp_method method, pp_outgoing **out)
{
    int err = pp_outgoing_request(method, pp_str_c(dialog->remote_target), out);

    for (size_t i = 0; !err && i < dialog->route_count; i++)
        pp_outgoing_add_c(*out, PP_HEADER_ROUTE, dialog->routes[i]);
    return err;
}

/* A strict router takes the Request-URI for itself, and finds the target at the end of the
 * route. */
static int begin_strict(const pp_dialog *dialog, pp_method method, pp_outgoing **out)
{
    char *first;
    int err = pp_target_read(pp_str_c(dialog->routes[0]), &first);

    if (err)
        return err;
    err = pp_outgoing_request(method, pp_str_c(first), out);
    pp_free(first);
    if (err)
        return err;
    for (size_t i = 1; i < dialog->route_count; i++)
        pp_outgoing_add_c(*out, PP_HEADER_ROUTE, dialog->routes[i]);
    pp_outgoing_add_format(*out, PP_HEADER_ROUTE, "<%s>", dialog->remote_target);
    return 0;
}

int pp_dialog_request(pp_dialog *dialog, pp_method method, uint32_t cseq, pp_outgoing **out)
{
    bool strict = dialog->route_count && pp_route_is_strict(pp_str_c(dialog->routes[0]));
    pp_outgoing *request;
    int err;

    if (!cseq && dialog->local_cseq >= CSEQ_MAX)
        return pp_error(PIPIT_ERR_LIMIT, "dialog: the CSeq numbers are used up");
    err = strict ? begin_strict(dialog, method, &request) : begin_loose(dialog, method, &request);
    if (err)
        return err;
    add_rest(dialog, method, cseq ? cseq : dialog->local_cseq + 1, request);
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
