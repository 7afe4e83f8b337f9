/* body.c - what a message carries, alone or as one of several parts (RFC 5621). */
#include "base/limits.h"
#include "sip/message.h"
#include "sip/multipart.h"

/* Blanks may stand around the slash (RFC 3261 section 25.1, SLASH). */
static bool is_type(pp_str content_type, const char *type)
{
    pp_str wanted = pp_str_c(type), before, wanted_main, main;

    if (pp_str_eq(content_type, wanted)) /* as nearly all write it */
        return true;
    before = pp_str_trim(pp_str_split(&content_type, ';'));
    wanted_main = pp_str_split(&wanted, '/');
    main = pp_str_trim(pp_str_split(&before, '/'));
    return pp_str_ieq(main, wanted_main) && pp_str_ieq(pp_str_trim(before), wanted);
}

bool pp_message_content_is(const pp_message *message, const char *type)
{
    return is_type(message->content_type, type);
}

/* RFC 3261 section 20.11: what is said of the session, as it is when nothing is said. Another use of the type is another's:
 * "early-session" of RFC 3959. */
static bool is_of_session(pp_str disposition)
{
    pp_str kind = pp_str_trim(pp_str_split(&disposition, ';'));

    return !kind.n || pp_str_ieq_c(kind, "session");
}

pp_str pp_message_body_of(const pp_message *message, const char *type)
{
    pp_multipart levels[PP_LIMIT_SIP_NESTING];
    pp_part part;
    size_t depth;

    if (is_type(message->content_type, type))
        return message->body;
    depth = pp_multipart_begin(message->content_type, message->body, &levels[0]) ? 1 : 0;
    while (depth) {
        if (!pp_multipart_next(&levels[depth - 1], &part))
            depth--;
        else if (is_type(part.content_type, type) && is_of_session(part.disposition))
            return part.body;
        else if (depth < PP_LIMIT_SIP_NESTING &&
                 pp_multipart_begin(part.content_type, part.body, &levels[depth]))
            depth++;
    }
    return PP_STR_NONE;
}
