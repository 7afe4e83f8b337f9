/* non_invite_client.c - the client machine of every request but INVITE and ACK (RFC 3261 section
 * 17.1.2). */
#include "transaction/machine.h"

static void start(pp_client_transaction *t)
{
    pp_client_end_in(t, PP_64T1_MS); /* Timer F */
    if (!t->reliable)
        pp_client_send_again_in(t, PP_T1_MS); /* Timer E */
    pp_client_send(t);
}

static void repeat(pp_client_transaction *t, const pp_message *response)
{
    uint64_t twice = 2 * t->again_ms;

    (void)response;
    pp_client_send_again_in(t, t->state == PP_CLIENT_PROCEEDING || twice > PP_T2_MS ? PP_T2_MS
                                                                                    : twice);
    pp_client_send(t);
}

static void progress(pp_client_transaction *t, const pp_message *response)
{
    if (t->state == PP_CLIENT_CALLING)
        pp_client_become(t, PP_CLIENT_PROCEEDING);
    pp_client_report(t, response);
}

static void complete(pp_client_transaction *t, const pp_message *response)
{
    pp_client_become(t, PP_CLIENT_COMPLETED);
    pp_client_end_in(t, t->reliable ? 0 : PP_T4_MS); /* Timer K */
    pp_client_report_last(t, response);
}

const pp_client_machine pp_non_invite_client = {
    "NonInviteClientTransaction",
    start,
    {
        [PP_CLIENT_CALLING] = {[PP_CLIENT_1XX] = progress,
                               [PP_CLIENT_2XX] = complete,
                               [PP_CLIENT_3XX] = complete,
                               [PP_CLIENT_AGAIN] = repeat,
                               [PP_CLIENT_END] = pp_client_time_out,
                               [PP_CLIENT_UNSENT] = pp_client_fail},
        [PP_CLIENT_PROCEEDING] = {[PP_CLIENT_1XX] = progress,
                                  [PP_CLIENT_2XX] = complete,
                                  [PP_CLIENT_3XX] = complete,
                                  [PP_CLIENT_AGAIN] = repeat,
                                  [PP_CLIENT_END] = pp_client_time_out,
                                  [PP_CLIENT_UNSENT] = pp_client_fail},
        [PP_CLIENT_COMPLETED] =
            {[PP_CLIENT_END] = pp_client_terminate, [PP_CLIENT_UNSENT] = pp_client_terminate},
    },
};
