/* message.c - looking into a message that came. */
#include "sip/message.h"

#include "sip/lexer.h"
#include "sip/message_pool.h"

pp_message *pp_message_ref(const pp_message *message)
{
    pp_message *m = (pp_message *)(uintptr_t)message; /* the count is the one thing that changes */

    m->references++;
    return m;
}

pp_message *pp_message_unref(const pp_message *message)
{
    pp_message *m = (pp_message *)(uintptr_t)message;

    if (m && --m->references == 0)
        pp_message_pool_give(m);
    return NULL;
}

/* Where the first field of that kind is, or behind the last of all. */
static size_t start_of(const pp_message *message, pp_header_id id)
{
    return message->first[id] ? message->first[id] - 1u : message->header_count;
}

size_t pp_message_count(const pp_message *message, pp_header_id id)
{
    size_t count = 0;

    for (size_t i = start_of(message, id); i < message->header_count; i++)
        count += message->headers[i].id == id;
    return count;
}

pp_str pp_message_header(const pp_message *message, pp_header_id id, size_t index)
{
    for (size_t i = start_of(message, id); i < message->header_count; i++)
        if (message->headers[i].id == id && index-- == 0)
            return message->headers[i].value;
    return PP_STR_NONE;
}

pp_str pp_message_header_named(const pp_message *message, pp_str name, size_t index)
{
    pp_header_id id = pp_header_id_of(name);

    if (id != PP_HEADER_OTHER)
        return pp_message_header(message, id, index);
    for (size_t i = 0; i < message->header_count; i++) {
        const pp_header *header = &message->headers[i];
        if (header->id == PP_HEADER_OTHER && pp_str_ieq(header->name, name) && index-- == 0)
            return header->value;
    }
    return PP_STR_NONE;
}

bool pp_message_next(const pp_message *message, pp_header_id id, pp_member *at, pp_str *value)
{
    for (;;) {
        if (at->inside && pp_list_next(&at->rest, value))
            return true;
        at->inside = false;
        if (at->field == 0)
            at->field = start_of(message, id);
        while (at->field < message->header_count && message->headers[at->field].id != id)
            at->field++;
        if (at->field == message->header_count)
            return false;
        at->rest = message->headers[at->field++].value;
        at->inside = true;
    }
}

bool pp_message_lists(const pp_message *message, pp_header_id id, const char *token)
{
    pp_member at = {0};
    pp_str value;

    while (pp_message_next(message, id, &at, &value))
        if (pp_str_ieq_c(value, token))
            return true;
    return false;
}

bool pp_message_number(const pp_message *message, pp_header_id id, uint32_t *out)
{
    pp_str value = pp_message_header(message, id, 0);
    size_t n = 0;

    /* Parameters and a comment may follow: "120 (in a meeting);duration=60" (RFC 3261 section 20.33). */
    while (n < value.n && value.p[n] >= '0' && value.p[n] <= '9')
        n++;
    if (n < value.n && !pp_char_is_blank(value.p[n]) && value.p[n] != ';' && value.p[n] != '(')
        return false;
    return pp_str_to_u32(pp_str_sub(value, 0, n), 0, UINT32_MAX, out);
}

bool pp_message_content_is(const pp_message *message, const char *type)
{
    pp_str value = message->content_type;
    pp_str before = pp_str_trim(pp_str_split(&value, ';'));
    pp_str wanted = pp_str_c(type);
    pp_str wanted_main = pp_str_split(&wanted, '/');
    pp_str main = pp_str_trim(pp_str_split(&before, '/'));

    /* Blanks may stand around the slash (RFC 3261 section 25.1, SLASH). */
    return pp_str_ieq(main, wanted_main) && pp_str_ieq(pp_str_trim(before), wanted);
}
