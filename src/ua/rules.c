/* rules.c - what this user agent does and what it refuses: its rules for the table of checks (sip/sanity.h). */
#include "base/limits.h"
#include "pipit/options.h"
#include "ua/ua.h"

const char pp_accept[] = "application/sdp, application/dtmf-relay";

/* The first is left out where it is not wanted. */
static const char *const options[] = {"100rel", "timer",    "ice",        "outbound", "gruu",
                                      "path",   "replaces", "norefersub", "tdialog",  NULL};

static void put_where(bool wanted, const char *option, pp_outgoing *message)
{
    if (wanted)
        pp_outgoing_put_c(message, option);
}

void pp_ua_add_supported(const pipit_ua *ua, pp_method method, pp_outgoing *message)
{
    const pp_settings *settings = &ua->settings;

    switch (method) {
    case PP_INVITE:
        pp_outgoing_begin(message, PP_HEADER_SUPPORTED);
        put_where(settings->reliable != PIPIT_RELIABLE_NONE, "100rel,", message);
        put_where(settings->session_timers, "timer,", message);
        put_where(ua->contact.pub_gruu, "gruu,", message);
        pp_outgoing_put_c(message, "ice,replaces,norefersub,tdialog,outbound");
        pp_outgoing_end(message);
        break;
    case PP_UPDATE:
        pp_outgoing_begin(message, PP_HEADER_SUPPORTED);
        put_where(settings->session_timers, "timer,", message);
        pp_outgoing_put_c(message, "ice,outbound");
        pp_outgoing_end(message);
        break;
    case PP_REGISTER:
        pp_outgoing_add_c(message, PP_HEADER_SUPPORTED, "path,gruu,outbound");
        break;
    case PP_REFER:
        pp_outgoing_add_c(message, PP_HEADER_SUPPORTED, "norefersub,tdialog,outbound");
        break;
    default:
        pp_outgoing_add_c(message, PP_HEADER_SUPPORTED, "outbound");
    }
}

static const pp_sanity_body bodies[] = {
    {PP_INVITE, "application/sdp", PP_LIMIT_SDP},
    {PP_UPDATE, "application/sdp", PP_LIMIT_SDP},
    {PP_PRACK, "application/sdp", PP_LIMIT_SDP},
    {PP_INFO, NULL, 0},
    {0},
};

/* These mean something inside of a dialog or subscription only; a NOTIFY outside when the application listens for it. */
#define DIALOG_METHODS                                                                             \
    (PP_METHOD_BIT(PP_BYE) | PP_METHOD_BIT(PP_INFO) | PP_METHOD_BIT(PP_UPDATE) |                   \
     PP_METHOD_BIT(PP_PRACK) | PP_METHOD_BIT(PP_NOTIFY))

static unsigned dialog_methods(const pipit_ua *ua)
{
    return PP_UA_LISTENS(ua, sip_event) ? DIALOG_METHODS & ~PP_METHOD_BIT(PP_NOTIFY)
                                        : DIALOG_METHODS;
}

/* What the application listens for is done. */
static unsigned methods(const pipit_ua *ua, bool inside)
{
    unsigned set = PP_METHOD_BIT(PP_OPTIONS) | PP_METHOD_BIT(PP_REFER) | DIALOG_METHODS;

    if (PP_UA_LISTENS(ua, new_rtc_session))
        set |= PP_METHOD_BIT(PP_INVITE);
    if (PP_UA_LISTENS(ua, new_message))
        set |= PP_METHOD_BIT(PP_MESSAGE);
    if (PP_UA_LISTENS(ua, new_subscribe))
        set |= PP_METHOD_BIT(PP_SUBSCRIBE);
    if (inside)
        set |= PP_METHOD_BIT(PP_INVITE) | PP_METHOD_BIT(PP_SUBSCRIBE);
    return set;
}

#define ALWAYS "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, MESSAGE, OPTIONS, INFO, REFER, NOTIFY"

const char *pipit_allowed_methods(void)
{
    return ALWAYS ", SUBSCRIBE";
}

const char *pp_ua_allow(const pipit_ua *ua)
{
    return PP_UA_LISTENS(ua, new_subscribe) ? pipit_allowed_methods() : ALWAYS;
}

pp_sanity_rules pp_ua_rules(const pipit_ua *ua, const pp_message *request)
{
    return (pp_sanity_rules){
        .size_max = ua->settings.message_size_max,
        .methods = methods(ua, request->to_tag.n > 0),
        .dialog_methods = dialog_methods(ua),
        .allow = pp_ua_allow(ua),
        .accept = pp_accept,
        .options = ua->settings.reliable == PIPIT_RELIABLE_NONE ? options + 1 : options,
        .bodies = bodies,
    };
}
