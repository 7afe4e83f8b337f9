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

size_t pp_message_count(const pp_message *message, pp_header_id id)
{
    size_t count = 0;

    for (size_t at = message->first[id]; at; at = message->headers[at - 1].next)
        count++;
    return count;
}

pp_str pp_message_header(const pp_message *message, pp_header_id id, size_t index)
{
    size_t at = message->first[id];

    for (; at && index; index--)
        at = message->headers[at - 1].next;
    return at ? message->headers[at - 1].value : PP_STR_NONE;
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

bool pp_message_next_of_some(const pp_message *message, pp_header_id id, pp_member *at,
                             pp_str *value)
{
    if (!at->begun)
        *at = (pp_member){.begun = true, .next = message->first[id]};
    while (!at->rest.n || !pp_list_next(&at->rest, value)) {
        if (!at->next)
            return false;
        at->rest = message->headers[at->next - 1].value;
        at->next = message->headers[at->next - 1].next;
    }
    return true;
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

/* Parameters and a comment may follow: "120 (in a meeting);duration=60" (RFC 3261 section 20.33). */
bool pp_message_number(const pp_message *message, pp_header_id id, uint32_t *out)
{
    pp_str value = pp_message_header(message, id, 0);
    uint64_t number = 0;
    size_t n = 0;

    while (n < value.n && value.p[n] >= '0' && value.p[n] <= '9' && number <= UINT32_MAX)
        number = number * 10 + (uint64_t)(value.p[n++] - '0');
    if (n == 0 || number > UINT32_MAX)
        return false;
    if (n < value.n && !pp_char_is_blank(value.p[n]) && value.p[n] != ';' && value.p[n] != '(')
        return false;
    *out = (uint32_t)number;
    return true;
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
