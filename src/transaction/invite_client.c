/* invite_client.c - the INVITE client machine (RFC 3261 section 17.1.1, RFC 6026 section 7.2). */
#include "transaction/machine.h"

static void start(pp_client_transaction *t)
{
    pp_client_end_in(t, PP_64T1_MS); /* Timer B */
    if (!t->reliable)
        pp_client_send_again_in(t, PP_T1_MS); /* Timer A */
    pp_client_send(t);
}

static void repeat(pp_client_transaction *t, const pp_message *response)
{
    (void)response;
    pp_client_send_again_in(t, 2 * t->again_ms);
    pp_client_send(t);
}

static void ring(pp_client_transaction *t, const pp_message *response)
{
    if (t->state == PP_CLIENT_CALLING) {
        pp_client_become(t, PP_CLIENT_PROCEEDING);
        pp_loop_stop_timer(t->table->loop, &t->again);
        if (t->handlers)
            pp_loop_stop_timer(t->table->loop, &t->end);
        else
            pp_client_end_in(t, PP_64T1_MS); /* nobody waits, and nobody can cancel */
    }
    pp_client_send_cancel(t);
    pp_client_report(t, response);
}

/* Somebody must acknowledge a 2xx, even when whoever sent the INVITE lost interest in it. */
static void pass_success(pp_client_transaction *t, const pp_message *response)
{
    if (t->handlers)
        pp_client_report(t, response);
    else
        pp_transactions_pass_stray(t->table, t->flow, response);
}

static void succeed(pp_client_transaction *t, const pp_message *response)
{
    pp_client_become(t, PP_CLIENT_ACCEPTED);
    t->cancel = pp_outgoing_unref(t->cancel);
    pp_client_end_in(t, PP_64T1_MS); /* Timer M */
    pass_success(t, response);
}

/* Section 17.1.1.3. When memory is short the ACK is left out; the refusal comes again and is
 * acknowledged then. */
static void acknowledge(pp_client_transaction *t, const pp_message *response)
{
    pp_outgoing *ack = NULL;
    pp_str wire;

    if (!t->lost && !pp_outgoing_ack(t->request, response, &ack) && !pp_outgoing_wire(ack, &wire) &&
        !pp_transactions_send(t->table, t->flow, wire))
        pp_client_post(t, PP_CLIENT_UNSENT);
    pp_outgoing_unref(ack);
}

static void refuse(pp_client_transaction *t, const pp_message *response)
{
    pp_client_become(t, PP_CLIENT_COMPLETED);
    t->cancel = pp_outgoing_unref(t->cancel);
    pp_client_end_in(t, t->reliable ? 0 : PP_64T1_MS); /* Timer D */
    acknowledge(t, response);
    pp_client_report_last(t, response);
}

/* Forks that a proxy did not settle: refused by one, accepted by another. */
static void pass_stray(pp_client_transaction *t, const pp_message *response)
{
    pp_transactions_pass_stray(t->table, t->flow, response);
}

/* Accepted stays when the flow is lost: nothing more is sent from here, and a 2xx may come again
 * on the next. */
const pp_client_machine pp_invite_client = {
    "InviteClientTransaction",
    start,
    {
        [PP_CLIENT_CALLING] = {[PP_CLIENT_1XX] = ring,
                               [PP_CLIENT_2XX] = succeed,
                               [PP_CLIENT_3XX] = refuse,
                               [PP_CLIENT_AGAIN] = repeat,
                               [PP_CLIENT_END] = pp_client_time_out,
                               [PP_CLIENT_UNSENT] = pp_client_fail},
        [PP_CLIENT_PROCEEDING] = {[PP_CLIENT_1XX] = ring,
                                  [PP_CLIENT_2XX] = succeed,
                                  [PP_CLIENT_3XX] = refuse,
                                  [PP_CLIENT_END] = pp_client_time_out,
                                  [PP_CLIENT_UNSENT] = pp_client_fail},
        [PP_CLIENT_COMPLETED] = {[PP_CLIENT_2XX] = pass_stray,
                                 [PP_CLIENT_3XX] = acknowledge,
                                 [PP_CLIENT_END] = pp_client_terminate,
                                 [PP_CLIENT_UNSENT] = pp_client_terminate},
        [PP_CLIENT_ACCEPTED] =
            {[PP_CLIENT_2XX] = pass_success, [PP_CLIENT_END] = pp_client_terminate},
    },
};
