/* usual.c - the header fields that our messages have alike: of requests and responses, of INVITEs and others. The first of a kind puts
 * them together, the next ones have them from there. */
#include "base/alloc.h"
#include "ua/ua.h"

struct pp_usual {
    pp_outgoing_lines *lines[2][2]; /* of requests, of INVITEs; NULL until the first of a kind */
    const char *allow;              /* what they say */
    bool gruu;
};

void pp_ua_forget_usual(pipit_ua *ua)
{
    pp_usual *usual = ua->usual;

    if (!usual)
        return;
    for (size_t i = 0; i < 4; i++)
        pp_outgoing_lines_free(usual->lines[i / 2][i % 2]);
    pp_free(usual);
    ua->usual = NULL;
}

/* With what is listened for, and whether there is a GRUU, in it. */
static pp_usual *true_usual(pipit_ua *ua)
{
    const char *allow = pp_ua_allow(ua);
    bool gruu = ua->contact.pub_gruu != NULL;

    if (ua->usual && (allow != ua->usual->allow || gruu != ua->usual->gruu))
        pp_ua_forget_usual(ua);
    if (!ua->usual)
        ua->usual = PP_NEW(pp_usual);
    if (ua->usual) {
        ua->usual->allow = allow;
        ua->usual->gruu = gruu;
    }
    return ua->usual;
}

/* Where those of such a message are kept; NULL: they are too rare for that, or there is no memory. */
static pp_outgoing_lines **place_of(pipit_ua *ua, pp_method as, bool is_request)
{
    pp_usual *usual;

    if (as == PP_UPDATE || as == PP_REGISTER || as == PP_REFER)
        return NULL;
    usual = true_usual(ua);
    return usual ? &usual->lines[is_request][as == PP_INVITE] : NULL;
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

    if (lines && *lines) {
        pp_outgoing_add_lines(message, *lines);
        return;
    }
    put(ua, as, message);
    if (lines && !pp_outgoing_error(message))
        (void)pp_outgoing_lines_of(message, before, lines); /* else the next one keeps them */
}
