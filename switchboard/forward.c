/* forward.c - what a proxy changes in a message that passes (RFC 3261 sections 16.6 and 16.7). */
#include "switchboard/board.h"

#include "base/limits.h"

#include <stdio.h>

#define MAX_FORWARDS 70u /* RFC 3261 section 16.6: for a request without any */

/* Puts `text` in the place of the first member of a list header; empty text takes that member away.
 * Members may stand in one field or in several. */
static int replace_first(pp_outgoing *message, pp_header_id id, pp_str text)
{
    pp_str rest = pp_outgoing_header(message, id, 0), first;
    pp_buf field = {0};
    int err;

    if (!pp_list_next(&rest, &first))
        return 0;
    rest = pp_str_trim(rest);
    pp_buf_str(&field, text);
    if (text.n && rest.n)
        pp_buf_c(&field, ", ");
    pp_buf_str(&field, rest);
    err = pp_buf_error(&field);
    if (!err) {
        pp_outgoing_remove_first(message, id);
        if (field.n)
            pp_outgoing_add_first(message, id, pp_buf_text(&field));
    }
    pp_buf_free(&field);
    return err;
}

/* RFC 3261 section 18.2.1 and RFC 3581: notes in the sender's Via where it really came from. */
static void write_received(const board_connection *from, pp_str via, pp_buf *out)
{
    pp_str rest = via;
    char ip[PP_ADDR_TEXT];

    pp_buf_str(out, pp_str_split(&rest, ';'));
    while (rest.p) {
        pp_str param = pp_str_trim(pp_str_split(&rest, ';'));

        if (pp_str_istarts(param, "received"))
            continue;
        pp_buf_char(out, ';');
        pp_buf_str(out, param);
        if (pp_str_ieq_c(param, "rport"))
            pp_buf_format(out, "=%u", from->remote.port);
    }
    pp_buf_format(out, ";received=%s", pp_addr_ip_text(&from->remote, ip));
}

static int mark_via(const board_connection *from, pp_outgoing *message)
{
    pp_str rest = pp_outgoing_header(message, PP_HEADER_VIA, 0), first;
    pp_buf marked = {0};
    int err;

    if (!pp_list_next(&rest, &first))
        return 0;
    write_received(from, first, &marked);
    err = pp_buf_error(&marked);
    if (!err)
        err = replace_first(message, PP_HEADER_VIA, pp_buf_text(&marked));
    pp_buf_free(&marked);
    return err;
}

/* What a request that came round again would have the same (RFC 3261 section 16.6 item 8): without
 * a Via, so that a change made elsewhere on the way does not hide the loop (RFC 5393 section 4.2).
 */
static int loop_mark(board_connection *from, const pp_message *request, char out[BOARD_MAC])
{
    char cseq[16];
    pp_str pieces[] = {PP_LIT_INIT("loop "), request->call_id, PP_LIT_INIT(" "), request->from_tag,
                       PP_LIT_INIT(" "),     request->to_tag,  PP_LIT_INIT(" "), request->ruri_text,
                       PP_LIT_INIT(" "),     {cseq, 0}};
    size_t count = sizeof(pieces) / sizeof(*pieces);

    pieces[count - 1].n = (size_t)snprintf(cseq, sizeof(cseq), "%u", request->cseq);
    return board_mac(from->board, pieces, count, out);
}

bool board_forward_is_loop(board_connection *from, const pp_message *request)
{
    pp_member at = {0};
    pp_str via, branch;
    char mark[BOARD_MAC];

    if (loop_mark(from, request, mark))
        return false;
    while (pp_message_next(request, PP_HEADER_VIA, &at, &via)) {
        pp_str params = pp_str_sub(via, pp_str_find(via, ';'), via.n);

        if (pp_param(params, "branch", &branch) && branch.n > BOARD_MAC &&
            pp_str_eq_c(pp_str_sub(branch, branch.n - (BOARD_MAC - 1), branch.n), mark))
            return true;
    }
    return false;
}

static int add_via(board_connection *from, board_connection *to, const pp_message *request,
                   pp_outgoing *message)
{
    char branch[PP_BRANCH_SIZE], mark[BOARD_MAC], address[PP_ADDR_TEXT], via[256];
    int err = loop_mark(from, request, mark);

    if (err)
        return err;
    pp_branch_new(&from->board->loop->rng, branch);
    snprintf(via, sizeof(via), "SIP/2.0/%s %s;branch=%s.%s", board_connection_transport(to),
             pp_addr_text(&to->local, address), branch, mark);
    pp_outgoing_add_first(message, PP_HEADER_VIA, pp_str_c(via));
    return 0;
}

static int add_record_route(board_connection *from, board_connection *to, pp_outgoing *message)
{
    char token[BOARD_FLOW_SIZE], address[PP_ADDR_TEXT], route[256];
    int err = board_flow_write(from, to, token);

    if (err)
        return err;
    snprintf(route, sizeof(route), "<sip:%s@%s;transport=%s;lr>", token,
             pp_addr_text(&to->local, address),
             !to->plain   ? "ws"
             : to->secure ? "tls"
                          : "tcp");
    pp_outgoing_add_first(message, PP_HEADER_RECORD_ROUTE, pp_str_c(route));
    return 0;
}

static void lower_max_forwards(const pp_message *request, pp_outgoing *message)
{
    char number[16];
    uint32_t hops = MAX_FORWARDS + 1;

    if (!pp_message_number(request, PP_HEADER_MAX_FORWARDS, &hops) || hops > MAX_FORWARDS + 1)
        hops = MAX_FORWARDS + 1;
    snprintf(number, sizeof(number), "%u", hops ? hops - 1 : 0);
    pp_outgoing_set(message, PP_HEADER_MAX_FORWARDS, pp_str_c(number));
}

int board_forward_request(board_connection *from, board_connection *to, const pp_message *request,
                          pp_str uri, bool new_dialog, pp_outgoing **out)
{
    pp_outgoing *message;
    int err = pp_outgoing_from_message(request, &message);

    if (err)
        return err;
    pp_outgoing_set_ruri(message, uri);
    lower_max_forwards(request, message);
    pp_outgoing_remove(message, PP_HEADER_PROXY_AUTHORIZATION); /* it was for us */
    err =
        replace_first(message, PP_HEADER_ROUTE,
                      PP_STR_NONE); /* the first one names us: nobody else is behind this socket */
    if (!err)
        err = mark_via(from, message);
    if (!err && new_dialog)
        err = add_record_route(from, to, message);
    if (!err)
        err = add_via(from, to, request, message);
    if (!err)
        err = pp_outgoing_error(message);
    if (err) {
        pp_outgoing_unref(message);
        return err;
    }
    *out = message;
    return 0;
}

int board_forward_response(const pp_message *response, pp_outgoing **out)
{
    pp_outgoing *message;
    int err = pp_outgoing_from_message(response, &message);

    if (err)
        return err;
    err = replace_first(message, PP_HEADER_VIA, PP_STR_NONE);
    if (!err)
        err = pp_outgoing_error(message);
    if (err) {
        pp_outgoing_unref(message);
        return err;
    }
    *out = message;
    return 0;
}

bool board_forward_route(const pp_message *request, pp_uri *out)
{
    pp_member at = {0};
    pp_str value;
    pp_name_addr route;

    if (!pp_message_next(request, PP_HEADER_ROUTE, &at, &value) ||
        pp_name_addr_parse(value, &route))
        return false;
    *out = route.uri;
    return true;
}
