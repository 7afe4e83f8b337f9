/* receive.c - what a message that came is for: the registrar, the switchboard itself, a user, the
 * far end of a dialog. */
#include "switchboard/board.h"

#include "base/limits.h"
#include "sip/sanity.h"

#define ALLOWED                                                                                    \
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE, INFO, UPDATE, PRACK, REFER, "           \
    "SUBSCRIBE, NOTIFY"

bool board_is_ours(const board_connection *connection, const pp_uri *uri)
{
    pp_str host = uri->host;
    pp_addr address;

    if (pp_str_ieq_c(host, connection->board->domain) || pp_str_ieq_c(host, "localhost"))
        return true;
    if (host.n > 2 && host.p[0] == '[')
        host = pp_str_sub(host, 1, host.n - 1);
    return pp_addr_parse(host, 0, &address) && pp_addr_same_ip(&address, &connection->local);
}

/* --- answers of our own ----------------------------------------------------------------------- */

static void answer_with(pp_server_transaction *transaction, int status, const char *phrase,
                        pp_header_id id, pp_str value)
{
    pp_outgoing *reply = NULL;
    int err = board_reply_new(pp_server_flow(transaction), pp_server_request(transaction), status,
                              phrase, &reply);

    if (!err)
        pp_outgoing_add(reply, id, value);
    board_reply_send(transaction, err, reply);
}

/* A request to the switchboard, not to one of its users. */
static void answer_self(pp_server_transaction *transaction)
{
    const pp_message *request = pp_server_request(transaction);

    if (request->method == PP_OPTIONS)
        answer_with(transaction, 200, NULL, PP_HEADER_ALLOW, PP_LIT(ALLOWED));
    else if (request->method == PP_METHOD_OTHER)
        answer_with(transaction, 501, NULL, PP_HEADER_ALLOW, PP_LIT(ALLOWED));
    else
        answer_with(transaction, 405, NULL, PP_HEADER_ALLOW, PP_LIT("OPTIONS, REGISTER"));
}

/* --- checks (RFC 3261 section 16.3) ----------------------------------------------------------- */

static const pp_sanity_rules rules = {
    .proxy = true, .size_max = PP_LIMIT_SIP_MESSAGE_DEFAULT, .sips = true};

static int make_refusal(board_connection *connection, const pp_message *request,
                        const pp_sanity_fault *fault, pp_outgoing **out)
{
    int err = board_reply_new(connection, request, fault->status, fault->phrase, out);

    if (!err)
        pp_sanity_explain(request, &rules, *out);
    return err;
}

/* True when it was answered. */
static bool was_refused(board_connection *connection, pp_server_transaction *transaction,
                        const pp_message *request)
{
    const pp_sanity_facts facts = {.looped = board_forward_is_loop(connection, request)};
    pp_outgoing *reply = NULL;
    pp_sanity_fault fault;
    int err;

    if (pp_sanity_request(request, &rules, &facts, &fault))
        return false;
    err = make_refusal(connection, request, &fault, &reply);
    board_reply_send(transaction, err, reply);
    return true;
}

/* Whoever authenticated may speak in his own name or in none (RFC 3323), not in another's. */
static bool is_sender(const board_connection *connection, const board_user *user,
                      const pp_message *request)
{
    const pp_uri *from = &request->from.uri;

    if (pp_str_ieq_c(from->host, "anonymous.invalid"))
        return true;
    return board_is_ours(connection, from) && board_users_of_uri(connection->board, from) == user;
}

/* --- a request of a dialog -------------------------------------------------------------------- */

/* Whether it carries a flow token of ours. */
static bool has_flow(const board_connection *connection, const pp_message *request,
                     uint64_t ends[2])
{
    pp_uri route;

    return request->to_tag.n && board_forward_route(request, &route) &&
           board_flow_read(connection->board, route.user, ends);
}

/* The other end of the dialog. A phone that has lost its connection and registered again is found by its Contact: the old one may
 * look well for long, when the phone has left its network without a word. */
static board_connection *other_end(const board_connection *connection, const pp_message *request,
                                   const uint64_t ends[2])
{
    bool is_end = connection->id == ends[0] || connection->id == ends[1];
    board_connection *other = NULL;
    board_binding *binding;

    if (is_end)
        other =
            board_connection_find(connection->board, connection->id == ends[0] ? ends[1] : ends[0]);
    if (!is_end && !connection->user)
        return NULL;
    binding = board_location_of_contact(connection->board, &request->ruri);
    return binding && !binding->connection->dropped ? binding->connection : other;
}

static void forward_in_dialog(board_connection *connection, pp_server_transaction *transaction,
                              const pp_message *request, const uint64_t ends[2])
{
    board_target target = {other_end(connection, request, ends), request->ruri_text};

    if (target.connection)
        board_proxy(transaction, &target, 1, false);
    else
        board_reply(transaction, 480, NULL);
}

/* An ACK for a 2xx is no transaction: it goes on by itself, or nowhere. */
static void forward_ack(board_connection *connection, const pp_message *request)
{
    uint64_t ends[2];
    uint32_t hops;
    board_connection *to;
    pp_outgoing *ack;
    pp_str wire;

    if (!has_flow(connection, request, ends) ||
        (pp_message_number(request, PP_HEADER_MAX_FORWARDS, &hops) && hops == 0))
        return;
    to = other_end(connection, request, ends);
    if (!to || board_forward_request(connection, to, request, request->ruri_text, false, &ack))
        return;
    if (pp_outgoing_wire(ack, &wire) == 0)
        board_connection_send(to, wire);
    pp_outgoing_unref(ack);
}

/* --- a request to a user ---------------------------------------------------------------------- */

static bool may_start_dialog(pp_method method)
{
    return method == PP_INVITE || method == PP_SUBSCRIBE || method == PP_REFER ||
           method == PP_NOTIFY;
}

static void forward_to_user(pp_server_transaction *transaction, const pp_message *request,
                            const board_user *callee)
{
    board_target targets[PP_LIMIT_BINDINGS];
    size_t count = 0;

    for (const board_binding *b = callee->bindings; b && count < PP_LIMIT_BINDINGS; b = b->next)
        if (!b->connection->dropped)
            targets[count++] = (board_target){b->connection, pp_str_c(b->contact)};
    if (count)
        board_proxy(transaction, targets, count,
                    may_start_dialog(request->method) && !request->to_tag.n);
    else
        board_reply(transaction, 480, NULL);
}

static void forward_to_contact(pp_server_transaction *transaction, const pp_message *request)
{
    const board_connection *connection = pp_server_flow(transaction);
    board_binding *binding = board_location_of_contact(connection->board, &request->ruri);

    if (binding && !binding->connection->dropped) {
        board_target target = {binding->connection, request->ruri_text};
        board_proxy(transaction, &target, 1,
                    may_start_dialog(request->method) && !request->to_tag.n);
    } else {
        board_reply_foreign(transaction);
    }
}

static void forward_new(board_connection *connection, pp_server_transaction *transaction,
                        const pp_message *request)
{
    const board_user *caller = board_authenticate(transaction, true);
    const board_user *callee;

    if (!caller)
        return;
    if (!is_sender(connection, caller, request)) {
        board_reply(transaction, 403, "Forbidden, From must be your own address");
        return;
    }
    if (!board_is_ours(connection, &request->ruri)) {
        forward_to_contact(transaction, request);
        return;
    }
    callee = board_users_of_uri(connection->board, &request->ruri);
    if (!callee)
        board_reply(transaction, 404, NULL);
    else if (request->method == PP_PUBLISH) /* there is no presence server here */
        answer_with(transaction, 405, NULL, PP_HEADER_ALLOW, PP_LIT(ALLOWED));
    else
        forward_to_user(transaction, request, callee);
}

/* --- the way in ------------------------------------------------------------------------------- */

static void request_terminated(void *arg)
{
    board_connection_request_over(arg);
}

/* It has been answered when this could be called. */
static void request_cancelled(void *arg, const pp_message *cancel)
{
    (void)arg;
    (void)cancel;
}

/* Counts the requests of a connection; one with too many of them at once loses it. */
static void count_request(board_connection *connection, pp_server_transaction *transaction)
{
    static const pp_server_handlers handlers = {.cancelled = request_cancelled,
                                                .terminated = request_terminated};

    pp_server_listen(transaction, &handlers, connection);
    if (++connection->requests >
        (connection->user ? PP_LIMIT_REQUESTS_OF_USER : PP_LIMIT_REQUESTS_OF_STRANGER))
        board_connection_drop(connection, "too many requests at once");
}

static void serve(board_connection *connection, pp_server_transaction *transaction,
                  const pp_message *request)
{
    uint64_t ends[2];

    if (was_refused(connection, transaction, request))
        return;
    if (has_flow(connection, request, ends))
        forward_in_dialog(connection, transaction, request, ends);
    else if (request->method == PP_REGISTER)
        board_register(transaction);
    else if (!request->ruri.user.p && board_is_ours(connection, &request->ruri))
        answer_self(transaction);
    else
        forward_new(connection, transaction, request);
}

void board_request(void *arg, void *flow, pp_server_transaction *transaction,
                   const pp_message *request)
{
    board_connection *connection = flow;

    (void)arg;
    if (!transaction) {
        forward_ack(connection, request);
        return;
    }
    count_request(connection, transaction);
    if (!connection->dropped)
        serve(connection, transaction, request);
}

/* What can be understood well enough is told what is wrong with it. */
static void refuse(board_connection *connection, const pp_message *request,
                   const pp_sanity_fault *fault)
{
    pp_outgoing *reply;
    pp_str wire;

    if (make_refusal(connection, request, fault, &reply))
        return;
    if (pp_outgoing_wire(reply, &wire) == 0)
        board_connection_send(connection, wire);
    pp_outgoing_unref(reply);
}

void board_receive(board_connection *connection, const pp_wire *wire)
{
    pp_message *message;
    pp_sanity_fault fault;

    /* RFC 5626 section 4.4.1: a double CRLF asks for a single one; a single one is nobody's
     * question. */
    if (pp_str_trim(wire->text).n == 0) {
        if (wire->text.n >= 4)
            board_connection_send(connection, PP_LIT("\r\n"));
        return;
    }
    board_trace(connection, SWITCHBOARD_SIP_IN, wire->text);
    if (pp_message_parse_pooled(connection->board->pool, wire, &message)) {
        board_tell(connection, SWITCHBOARD_REFUSED, pp_str_c(pipit_error_message()), 0);
        return;
    }
    if (pp_sanity_message(message, &rules, &fault)) {
        pp_transactions_receive(connection->board->transactions, connection, message);
    } else {
        board_tell(connection, SWITCHBOARD_REFUSED, pp_str_c(fault.phrase), 0);
        if (message->is_request && message->method != PP_ACK)
            refuse(connection, message, &fault);
    }
    pp_message_unref(message);
}
