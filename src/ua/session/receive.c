/* receive.c - requests that come inside of a call (jssip-behaviour section 3.4). */
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

static void answer(pipit_session *session, pp_server_transaction *transaction, int status)
{
    pp_ua_answer(session->ua, transaction, status, NULL, PP_HEADER_OTHER, NULL);
}

static void receive_bye(pipit_session *session, pp_server_transaction *transaction)
{
    pp_message *bye = pp_message_ref(pp_server_request(transaction));
    pp_ending ending = {.originator = PIPIT_REMOTE, .cause = PIPIT_CAUSE_BYE, .message = bye};

    answer(session, transaction, 200);
    if (session->direction == PIPIT_REMOTE && session->transaction &&
        pp_session_refuse(session, &(pp_leaving){.status = 487}) < 0)
        pp_log_warn("RTCSession", "the INVITE was not ended: %s", pipit_error_message());
    /* A far end that has not accepted yet must not send BYE (RFC 3261 section 15); its final answer is still to come. */
    if (session->dialog) {
        pp_ack_wait_stop(session);
        pp_session_end(session, &ending);
    }
    pp_message_unref(bye);
}

/* To one of its REFERs, or to something the application may tell of (RFC 5057 section 5.2). */
static void receive_subscribe(pipit_session *session, pp_server_transaction *transaction)
{
    pipit_ua *ua = session->ua;

    if (pp_refer_receive_subscribe(session, transaction))
        return;
    if (PP_UA_LISTENS(ua, new_subscribe) && !ua->stopping)
        pp_subscribe_receive(ua, session, transaction);
    else
        pp_refer_answer_other(ua, transaction);
}

static void dispatch(pipit_session *session, pp_server_transaction *transaction)
{
    switch (pp_server_request(transaction)->method) {
    case PP_BYE:
        receive_bye(session, transaction);
        break;
    case PP_INVITE:
    case PP_UPDATE:
        pp_session_reoffer(session, transaction);
        break;
    case PP_PRACK:
        pp_prack_receive(session, transaction);
        break;
    case PP_INFO:
        pp_info_receive(session, transaction);
        break;
    case PP_MESSAGE:
        pp_message_receive(session->ua, transaction);
        break;
    case PP_OPTIONS:
        pp_options_receive(session->ua, transaction);
        break;
    case PP_NOTIFY:
        pp_refer_receive_notify(session, transaction);
        break;
    case PP_REFER:
        pp_refer_receive(session, transaction);
        break;
    case PP_SUBSCRIBE:
        receive_subscribe(session, transaction);
        break;
    default: /* the rules let no other through */
        answer(session, transaction, 405);
    }
}

static void receive(void *self, pp_dialog *dialog, pp_server_transaction *transaction)
{
    pipit_session *session = self;
    bool over = !pp_session_alive(session) || (session->dialog && session->dialog != dialog);

    pipit_session_ref(session);
    if (!over)
        pp_trickle_reached(session);
    if (!over)
        dispatch(session, transaction);
    else /* a fork that was hung up, or a call that only waits for its ACK: BYEs may cross */
        answer(session, transaction, pp_server_request(transaction)->method == PP_BYE ? 200 : 481);
    pipit_session_unref(session);
}

const pp_dialog_usage pp_session_usage = {
    .request = receive,
    .ack = pp_session_receive_ack,
    .accepted_again = pp_session_acknowledge_again,
};
