/* receive.c - what happens to a message that came (RFC 3261 section 8.2, jssip-behaviour section 3.2). */
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "transport/socket.h"
#include "ua/session/session.h"
#include "ua/trace.h"
#include "ua/ua.h"

/* --- requests outside of dialogs -------------------------------------------------------------- */

/* Request-URIs that mean us: the account's user, with letter case as RFC 3261 section 19.1.4 has it, or a Contact we gave out.
 * A server that asks whether we are alive may leave the user out. */
static bool is_for_us(const pipit_ua *ua, const pp_message *request)
{
    pp_buf ours = {0}, theirs = {0};
    bool same;

    if (request->method == PP_OPTIONS && pp_str_empty(request->ruri.user))
        return true;
    if (pp_str_eq_c(request->ruri.user, ua->settings.user)) /* escapes and all */
        return true;
    if (pp_contact_means_us(&ua->contact, &request->ruri))
        return true;
    pp_uri_unescape(pp_str_c(ua->settings.user), &ours);
    pp_uri_unescape(request->ruri.user, &theirs);
    same = !pp_buf_error(&ours) && !pp_buf_error(&theirs) &&
           pp_str_eq(pp_buf_text(&ours), pp_buf_text(&theirs));
    pp_buf_free(&ours);
    pp_buf_free(&theirs);
    return same;
}

static void dispatch(pipit_ua *ua, pp_server_transaction *transaction, const pp_message *request)
{
    switch (request->method) {
    case PP_INVITE:
        pp_session_receive_invite(ua, transaction);
        break;
    case PP_MESSAGE:
        pp_message_receive(ua, transaction);
        break;
    case PP_SUBSCRIBE:
        pp_subscribe_receive(ua, NULL, transaction);
        break;
    case PP_NOTIFY:
        pp_notify_receive(ua, transaction);
        break;
    case PP_REFER:
        pp_refer_receive_outside(ua, transaction);
        break;
    default: /* the rules let nothing else through */
        pp_options_receive(ua, transaction);
    }
}

/* Asks the table of checks; true when the request was answered. */
static bool was_refused(pipit_ua *ua, pp_server_transaction *transaction, const pp_message *request,
                        const pp_sanity_facts *facts)
{
    const pp_sanity_rules rules = pp_ua_rules(ua, request);
    pp_sanity_fault fault;

    if (pp_sanity_request(request, &rules, facts, &fault))
        return false;
    pp_log_debug("UA", "%.*s was refused with %d: %s", PP_STR(request->method_name), fault.status,
                 fault.check);
    pp_ua_answer(ua, transaction, fault.status, fault.phrase, PP_HEADER_OTHER, NULL);
    return true;
}

static void receive_outside(pipit_ua *ua, pp_server_transaction *transaction,
                            const pp_message *request)
{
    const pp_sanity_facts facts = {
        .stranger = !is_for_us(ua, request),
        .looped = pp_str_starts(request->call_id, ua->settings.call_id_prefix),
        .merged = pp_server_is_merged(transaction),
        .closing = ua->stopping,
    };

    if (!was_refused(ua, transaction, request, &facts))
        dispatch(ua, transaction, request);
}

/* --- requests inside of dialogs --------------------------------------------------------------- */

static void receive_inside(pipit_ua *ua, pp_server_transaction *transaction,
                           const pp_message *request)
{
    pp_dialog *dialog = pp_dialogs_find(ua->dialogs, request);
    pp_sanity_facts facts = {.dialog = 481};
    const pp_dialog_owner *user;

    if (!transaction) { /* the ACK of a 2xx */
        if (dialog && dialog->owner.usage && dialog->owner.usage->ack)
            dialog->owner.usage->ack(dialog->owner.self, request);
        return;
    }
    if (!dialog)
        dialog = pp_subscribers_adopt(ua, request);
    if (!dialog)
        dialog = pp_refers_adopt(ua, request);
    user = dialog ? pp_dialog_user_of(dialog, request) : NULL;
    if (user && user->usage)
        facts.dialog = pp_dialog_check_cseq(dialog, request);
    if (!was_refused(ua, transaction, request, &facts))
        user->usage->request(user->self, dialog, transaction);
}

static void on_request(void *arg, void *flow, pp_server_transaction *transaction,
                       const pp_message *request)
{
    (void)flow;
    if (request->to_tag.n)
        receive_inside(arg, transaction, request);
    else if (transaction)
        receive_outside(arg, transaction, request);
}

/* --- what belongs to nothing any more --------------------------------------------------------- */

static int stray_dialog(pipit_ua *ua, const pp_message *response, pp_dialog **out)
{
    pp_outgoing *invite = NULL;
    int err = pp_outgoing_request(PP_INVITE, PP_LIT("sip:stray.invalid"), &invite);

    if (err)
        return err;
    pp_outgoing_add(invite, PP_HEADER_FROM, pp_message_header(response, PP_HEADER_FROM, 0));
    pp_outgoing_add(invite, PP_HEADER_TO, pp_message_header(response, PP_HEADER_TO, 0));
    pp_outgoing_add(invite, PP_HEADER_CALL_ID, response->call_id);
    pp_outgoing_add_format(invite, PP_HEADER_CSEQ, "%lu INVITE", (unsigned long)response->cseq);
    err = pp_outgoing_error(invite);
    if (!err)
        err = pp_dialog_from_response(ua->dialogs, invite, response, NULL, out);
    pp_outgoing_unref(invite);
    return err;
}

void pp_ua_hang_up(pipit_ua *ua, const pp_message *response)
{
    pp_dialog *dialog = NULL;
    pp_outgoing *ack = NULL;
    int err = stray_dialog(ua, response, &dialog);

    if (!err)
        err = pp_dialog_request(dialog, PP_ACK, response->cseq, &ack);
    if (!err)
        err = pp_ua_set_via(ua, ack);
    if (!err)
        err = pp_ua_send_plain(ua, ack);
    if (!err)
        err = pp_ua_send_bye(ua, dialog);
    if (err)
        pp_log_warn("UA", "a stray 2xx was not hung up: %s", pipit_error_message());
    pp_outgoing_unref(ack);
    pp_dialog_free(dialog);
}

/* A 2xx for an INVITE of ours that nobody waits for any more: the far end believes in a call, and must be told. Unless it is
 * one that came late for a call that goes on: then its ACK was lost. */
static void on_stray_response(void *arg, void *flow, const pp_message *response)
{
    pipit_ua *ua = arg;
    pp_dialog *dialog =
        pp_dialogs_find_tags(ua->dialogs, response->call_id, response->from_tag, response->to_tag);

    (void)flow;
    if (response->method != PP_INVITE || response->status < 200 || response->status >= 300 ||
        !pp_str_starts(response->call_id, ua->settings.call_id_prefix))
        return;
    if (dialog && dialog->owner.usage && dialog->owner.usage->accepted_again)
        dialog->owner.usage->accepted_again(dialog->owner.self, response);
    else if (pp_transactions_count(ua->transactions) >= PP_LIMIT_TRANSACTIONS)
        pp_log_warn("UA", "a stray 2xx was dropped: there are too many transactions");
    else
        pp_ua_hang_up(ua, response);
}

static bool on_send(void *arg, void *flow, pp_str wire)
{
    pipit_ua *ua = arg;

    (void)flow;
    if (!pp_transport_send(ua->transport, wire.p, wire.n))
        return false;
    pp_ua_trace_message(ua, PIPIT_TRACE_SIP_OUT, wire);
    return true;
}

static bool on_loses(void *arg, void *flow, pp_str transport)
{
    const pipit_ua *ua = arg;

    (void)flow;
    return !pp_socket_is_reliable(pp_transport_socket(ua->transport), transport);
}

const pp_transactions_owner pp_ua_transactions_owner = {
    .send = on_send,
    .request = on_request,
    .stray_response = on_stray_response,
    .loses = on_loses,
    .changed = pp_ua_transaction_changed,
};

/* --- from octets to a transaction ------------------------------------------------------------- */

void pp_ua_receive(pipit_ua *ua, const pp_wire *wire)
{
    const pp_sanity_rules rules = {.size_max = ua->settings.message_size_max};
    pp_message *message = NULL;
    pp_sanity_fault fault;

    pp_ua_trace_message(ua, PIPIT_TRACE_SIP_IN, wire->text);
    if (pp_message_parse_pooled(ua->pool, wire, &message) < 0) {
        pp_log_warn("UA", "a message was dropped: %s", pipit_error_message());
        return;
    }
    if (pp_sanity_message(message, &rules, &fault))
        pp_transactions_receive(ua->transactions, NULL, message);
    else if (message->is_request && message->method != PP_ACK)
        pp_ua_answer_plain(ua, message, fault.status, fault.phrase);
    else
        pp_log_warn("UA", "%s was dropped: %s: %s", message->is_request ? "an ACK" : "a response",
                    fault.check, fault.phrase);
    pp_message_unref(message);
}
