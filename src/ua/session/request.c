/* request.c - requests of ours inside of a call, and answers that end it. */
#include "base/error.h"
#include "ua/session/session.h"

int pp_session_request(pipit_session *session, pp_method method, pp_outgoing **out)
{
    return pp_dialog_request(session->fork->dialog, method, 0, out);
}

uint32_t pp_session_next_cseq(pipit_session *session)
{
    return session->fork ? pp_dialog_next_cseq(session->fork->dialog) : 1;
}

/* RFC 3261 section 12.2.1.2: 481 and 408, or no answer at all, end a dialog. */
bool pp_session_check_answer(pipit_session *session, const pp_message *response)
{
    pp_ending ending = {.originator = response ? PIPIT_REMOTE : PIPIT_SYSTEM,
                        .cause = PIPIT_CAUSE_DIALOG_ERROR,
                        .message = response};

    if (!pp_session_alive(session))
        return true;
    if (response && response->status != 481 && response->status != 408)
        return false;
    if (!response || response->status == 408)
        ending.cause = PIPIT_CAUSE_REQUEST_TIMEOUT;
    if (response && response->status == 481) /* there is nobody a BYE would reach */
        pp_session_end(session, &ending);
    else
        pp_session_give_up(session, 408, NULL, &ending);
    return true;
}
