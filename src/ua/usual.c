/* usual.c - the header fields that our messages have alike: of requests and responses, of INVITEs and others. The first of a kind puts
 * them together, the next ones have them from there. */
#include "ua/ua.h"

/* Where those of such a message are kept; NULL: they are too rare for that. */
static pp_outgoing_lines **place_of(pipit_ua *ua, pp_method as, bool is_request)
{
    switch (as) {
    case PP_INVITE:
        return &ua->usual.lines[is_request][true];
    case PP_UPDATE:
    case PP_REGISTER:
    case PP_REFER:
        return NULL;
    default:
        return &ua->usual.lines[is_request][false];
    }
}

void pp_ua_forget_usual(pipit_ua *ua)
{
    pp_outgoing_lines **lines = &ua->usual.lines[0][0];

    for (size_t i = 0; i < sizeof(ua->usual.lines) / sizeof(*lines); i++)
        lines[i] = pp_outgoing_lines_free(lines[i]);
}

/* They say what is listened for and whether there is a GRUU. */
static void keep_true(pipit_ua *ua)
{
    const char *allow = pp_ua_allow(ua);
    bool gruu = ua->contact.pub_gruu != NULL;

    if (allow == ua->usual.allow && gruu == ua->usual.gruu)
        return;
    pp_ua_forget_usual(ua);
    ua->usual.allow = allow;
    ua->usual.gruu = gruu;
}

static void put(const pipit_ua *ua, pp_method as, pp_outgoing *message)
{
    bool is_request = pp_outgoing_is_request(message);

    pp_add_lines(message, (const char *const *)ua->settings.extra_headers);
    if (is_request)
        pp_outgoing_add_c(message, PP_HEADER_ALLOW, pp_ua_allow(ua));
    pp_ua_add_supported(ua, as, message);
    if (is_request)
        pp_outgoing_add_c(message, PP_HEADER_USER_AGENT, ua->settings.user_agent);
}

void pp_ua_add_usual(pipit_ua *ua, pp_method as, pp_outgoing *message)
{
    pp_outgoing_lines **lines = place_of(ua, as, pp_outgoing_is_request(message));
    size_t before = pp_outgoing_header_count(message);

    keep_true(ua);
    if (lines && *lines) {
        pp_outgoing_add_lines(message, *lines);
        return;
    }
    put(ua, as, message);
    if (lines && !pp_outgoing_error(message))
        (void)pp_outgoing_lines_from(message, before, lines); /* else the next one keeps them */
}
