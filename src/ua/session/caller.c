/* caller.c - what a call that comes in says of its caller, and of how it wants to be answered. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "sip/typed/typed.h"
#include "ua/session/session.h"

#define ANSWER_AFTER_MAX_S 3600u

/* --- who it is -------------------------------------------------------------------------------- */

int pipit_session_asserted_identity(const pipit_session *session, size_t index,
                                    pipit_name_addr **out)
{
    pp_member at = {0};
    pp_str value;
    char *text;
    int err;

    if (!session || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "identity: the call or the place for it is missing");
    if (!session->request)
        return pp_error(PIPIT_ERR_NOT_FOUND, "identity: the call did not come in");
    do
        if (!pp_message_next(session->request, PP_HEADER_P_ASSERTED_IDENTITY, &at, &value))
            return pp_error(PIPIT_ERR_NOT_FOUND, "identity: nobody has asserted one");
    while (index--);
    text = pp_str_dup(value);
    if (!text)
        return PIPIT_ERR_MEMORY;
    err = pipit_name_addr_parse(text, out);
    pp_free(text);
    return err;
}

/* --- answering by itself ---------------------------------------------------------------------- */

/* RFC 5373: "Auto", whatever its parameters are. */
static bool has_mode(const pp_message *invite, pp_header_id id)
{
    pp_word mode;

    return pp_token_params_parse(pp_message_header(invite, id, 0), &mode) == 0 &&
           pp_str_ieq_c(mode.word, "Auto");
}

/* Of Alert-Info or Call-Info: ";answer-after=0", or ";info=alert-autoanswer" as other phones have it. -1: neither. */
static int read_info(const pp_message *invite, pp_header_id id)
{
    pp_member at = {0};
    pp_name_addr info;
    pp_str value;
    uint32_t seconds;
    int found;

    while (found = pp_message_next_address(invite, id, &at, &info), found > 0) {
        if (pp_param(info.params, "answer-after", &value) &&
            pp_str_to_u32(value, 0, ANSWER_AFTER_MAX_S, &seconds))
            return (int)seconds;
        if (pp_param(info.params, "info", &value) && pp_str_ieq_c(value, "alert-autoanswer"))
            return 0;
    }
    return -1;
}

int pipit_session_auto_answer_after(const pipit_session *session)
{
    const pp_message *invite = session ? session->request : NULL;
    int seconds;

    if (!invite)
        return -1;
    if (has_mode(invite, PP_HEADER_PRIV_ANSWER_MODE) || has_mode(invite, PP_HEADER_ANSWER_MODE))
        return 0;
    seconds = read_info(invite, PP_HEADER_CALL_INFO);
    return seconds >= 0 ? seconds : read_info(invite, PP_HEADER_ALERT_INFO);
}

static void on_due(void *arg)
{
    pipit_session *session = arg;

    if (session->status == PIPIT_SESSION_WAITING_FOR_ANSWER &&
        pipit_session_answer(session, NULL) < 0)
        pp_log_warn("RTCSession", "a call was not answered by itself: %s", pipit_error_message());
}

void pp_auto_answer_start(pipit_session *session)
{
    int seconds = session->ua->settings.auto_answer ? pipit_session_auto_answer_after(session) : -1;

    if (seconds >= 0)
        pp_loop_start_timer(session->ua->loop, &session->setup->auto_answer,
                            (uint64_t)seconds * 1000, on_due, session);
}
