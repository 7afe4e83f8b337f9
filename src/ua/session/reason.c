/* reason.c - why the far end has ended a call, as its Reason header has it (RFC 3326; Q.850 in answers: RFC 6432). */
#include "sip/status.h"
#include "sip/typed/typed.h"
#include "ua/session/session.h"

static bool find(const pp_message *message, pp_reason *out)
{
    pp_member at = {0};
    pp_str member;

    while (pp_message_next(message, PP_HEADER_REASON, &at, &member))
        if (pp_reason_parse(member, out) == 0)
            return true;
    return false;
}

/* "SIP 200: Call completed elsewhere", "Q.850 17" */
static void write(const pp_reason *reason, pp_buf *out)
{
    const char *phrase = "";

    pp_buf_str(out, reason->protocol);
    if (reason->has_cause) {
        pp_buf_format(out, " %lu", (unsigned long)reason->cause);
        if (pp_str_ieq_c(reason->protocol, "SIP") && reason->cause >= 100 && reason->cause < 700)
            phrase = pp_status_phrase((int)reason->cause);
    }
    if (reason->text.n || *phrase)
        pp_buf_c(out, ": ");
    if (reason->text.n)
        pp_write_unquoted(reason->text, out);
    else
        pp_buf_c(out, phrase);
}

bool pp_reason_write(const pp_message *message, pp_buf *out)
{
    pp_reason reason;

    if (!find(message, &reason))
        return false;
    write(&reason, out);
    return !pp_buf_error(out);
}
