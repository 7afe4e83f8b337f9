/* rules.c - what this user agent does and what it refuses: its rules for the table of checks (sip/sanity.h). */
#include "base/limits.h"
#include "pipit/options.h"
#include "ua/ua.h"

const char pp_accept[] = "application/sdp, application/dtmf-relay";

static const char *const options[] = {"timer", "ice", "outbound", "gruu", "path", NULL};

static const pp_sanity_body bodies[] = {
    {PP_INVITE, "application/sdp", PP_LIMIT_SDP},
    {PP_UPDATE, "application/sdp", PP_LIMIT_SDP},
    {PP_INFO, NULL, 0},
    {0},
};

/* These mean something inside of a dialog or subscription only. */
#define DIALOG_METHODS                                                                             \
    (PP_METHOD_BIT(PP_BYE) | PP_METHOD_BIT(PP_INFO) | PP_METHOD_BIT(PP_UPDATE) |                   \
     PP_METHOD_BIT(PP_NOTIFY))

/* Calls and messages are done when the application listens for them. */
static unsigned methods(const pipit_ua *ua, bool inside)
{
    unsigned set = PP_METHOD_BIT(PP_OPTIONS) | DIALOG_METHODS;

    if (PP_UA_LISTENS(ua, new_rtc_session))
        set |= PP_METHOD_BIT(PP_INVITE);
    if (PP_UA_LISTENS(ua, new_message))
        set |= PP_METHOD_BIT(PP_MESSAGE);
    if (inside)
        set |= PP_METHOD_BIT(PP_INVITE) | PP_METHOD_BIT(PP_REFER);
    return set;
}

const char *pipit_allowed_methods(void)
{
    return "INVITE, ACK, CANCEL, BYE, UPDATE, MESSAGE, OPTIONS, INFO";
}

const char *pp_ua_allow(const pipit_ua *ua)
{
    (void)ua;
    return pipit_allowed_methods();
}

pp_sanity_rules pp_ua_rules(const pipit_ua *ua, const pp_message *request)
{
    return (pp_sanity_rules){
        .size_max = ua->settings.message_size_max,
        .methods = methods(ua, request->to_tag.n > 0),
        .dialog_methods = DIALOG_METHODS,
        .allow = pp_ua_allow(ua),
        .accept = pp_accept,
        .options = options,
        .bodies = bodies,
    };
}
