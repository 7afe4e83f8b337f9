/* cancel.c - CANCEL, sent and received (RFC 3261 section 9). It is a transaction of its own with
 * the branch of its INVITE. */
#include "base/error.h"
#include "transaction/machine.h"

int pp_client_cancel(pp_client_transaction *t, const char *reason)
{
    pp_outgoing *cancel;
    int err;

    if (t->machine != &pp_invite_client || t->state > PP_CLIENT_PROCEEDING)
        return pp_error(PIPIT_ERR_STATE,
                        "transaction: only an INVITE without a final answer can be cancelled");
    if (t->cancelled)
        return 0;
    err = pp_outgoing_cancel(t->request, &cancel);
    if (err)
        return err;
    if (reason)
        pp_outgoing_add_c(cancel, PP_HEADER_REASON, reason);
    err = pp_outgoing_error(cancel);
    if (err) {
        pp_outgoing_unref(cancel);
        return err;
    }
    t->cancel = cancel;
    t->cancelled = true;
    pp_transactions_enter(t->table);
    if (t->state == PP_CLIENT_PROCEEDING)
        pp_client_send_cancel(t);
    pp_transactions_leave(t->table);
    return 0;
}

/* Section 9.1: without a final answer 64*T1 after the CANCEL the INVITE is over. When memory is
 * short for the CANCEL, the next provisional response tries again. */
void pp_client_send_cancel(pp_client_transaction *t)
{
    if (!t->cancel || t->lost)
        return;
    if (!t->end.armed)
        pp_client_end_in(t, PP_64T1_MS);
    if (!pp_client_start(t->table, t->flow, t->cancel, NULL, NULL, NULL))
        t->cancel = pp_outgoing_unref(t->cancel);
}

pp_server_transaction *pp_transactions_cancelled(pp_transactions *table, const pp_message *cancel)
{
    uint64_t key = pp_server_key(cancel, PP_INVITE, cancel->to_tag);
    pp_server_transaction *t = table->live_servers;

    /* The flow the CANCEL came from is not known here: no look-up, but a walk. */
    while (t && t->served.key != key)
        t = t->next;
    return t;
}

static void cancel_invite(pp_server_transaction *invite, const pp_message *cancel)
{
    if (pp_server_has_final(invite))
        return;
    if (invite->handlers && invite->handlers->cancelled)
        invite->handlers->cancelled(invite->arg, cancel);
    else
        pp_server_answer(invite, 487, NULL, NULL);
}

/* Section 9.2. A CANCEL that means one of our INVITEs is let in even when the table is full: it
 * helps to empty it, and there is one for each INVITE at the most. */
void pp_transactions_receive_cancel(pp_transactions *table, void *flow, const pp_message *cancel,
                                    uint64_t key)
{
    uint64_t invites = pp_server_key(cancel, PP_INVITE, cancel->to_tag);
    pp_served *meant = pp_served_find(table, flow, cancel, invites);
    pp_server_transaction *invite = meant && !meant->spent ? pp_server_of(meant) : NULL, *t;

    if ((!meant && pp_transactions_full(table, cancel)) ||
        pp_server_new(table, flow, cancel, key, &t)) {
        pp_transactions_refuse(table, flow, cancel, 503);
    } else {
        t->machine->start(t);
        pp_server_answer_as(t, meant ? 200 : 481, NULL, invite ? invite : t);
    }
    if (invite && !table->closed)
        cancel_invite(invite, cancel);
}
