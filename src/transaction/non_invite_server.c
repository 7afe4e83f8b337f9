/* non_invite_server.c - the server machine of every request but INVITE and ACK (RFC 3261 section
 * 17.2.2). */
#include "transaction/machine.h"

/* An answer later than 64*T1 finds nobody any more (RFC 4320 section 4.2), so one that never
 * comes ends here too. */
static void start(pp_server_transaction *t)
{
    pp_server_end_in(t, PP_64T1_MS);
}

static void progress(pp_server_transaction *t, const pp_message *request)
{
    (void)request;
    if (t->state == PP_SERVER_TRYING)
        pp_server_become(t, PP_SERVER_PROCEEDING);
    pp_server_send(t);
}

static void complete(pp_server_transaction *t, const pp_message *request)
{
    (void)request;
    pp_server_become(t, PP_SERVER_COMPLETED);
    pp_server_end_in(t, t->reliable ? 0 : PP_64T1_MS); /* Timer J */
    pp_server_send(t);
}

const pp_server_machine pp_non_invite_server = {
    "NonInviteServerTransaction",
    PP_SERVER_TRYING,
    start,
    {
        [PP_SERVER_TRYING] = {[PP_SERVER_1XX] = progress,
                              [PP_SERVER_2XX] = complete,
                              [PP_SERVER_3XX] = complete,
                              [PP_SERVER_END] = pp_server_terminate,
                              [PP_SERVER_UNSENT] = pp_server_terminate},
        [PP_SERVER_PROCEEDING] = {[PP_SERVER_REPEAT] = pp_server_send_last,
                                  [PP_SERVER_1XX] = progress,
                                  [PP_SERVER_2XX] = complete,
                                  [PP_SERVER_3XX] = complete,
                                  [PP_SERVER_END] = pp_server_terminate,
                                  [PP_SERVER_UNSENT] = pp_server_terminate},
        [PP_SERVER_COMPLETED] = {[PP_SERVER_REPEAT] = pp_server_send_last,
                                 [PP_SERVER_END] = pp_server_terminate,
                                 [PP_SERVER_UNSENT] = pp_server_terminate},
    },
};
