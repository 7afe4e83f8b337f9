/* message.c - looking into a message that came. */
#include "sip/message.h"

#include "base/error.h"
#include "sip/lexer.h"
#include "sip/message_pool.h"
#include "sip/quick.h"

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

static pp_quick quick(const pp_message *message)
{
    return (pp_quick){message->wire.p, message->special};
}

/* Puts at->rest to where the next member starts. False at the end of the last field. */
static inline bool find_member(const pp_message *message, pp_header_id id, pp_member *at)
{
    if (!at->begun)
        *at = (pp_member){.begun = true, .next = message->first[id]};
    for (;;) {
        while (at->rest.n && (pp_str_is_space(at->rest.p[0]) || at->rest.p[0] == ','))
            at->rest = pp_str_n(at->rest.p + 1, at->rest.n - 1);
        if (at->rest.n)
            return true;
        if (!at->next)
            return false;
        at->rest = message->headers[at->next - 1].value;
        at->next = message->headers[at->next - 1].next;
    }
}

/* What follows the member that ends before `end`, an index into the wire. */
static inline void pass(const pp_message *message, pp_member *at, size_t end)
{
    size_t n = end - (size_t)(at->rest.p - message->wire.p);

    at->rest = n < at->rest.n ? pp_str_n(at->rest.p + n, at->rest.n - n) : PP_STR_NONE;
}

/* Any member of any field. */
static __attribute__((noinline)) bool next_member(const pp_message *message, pp_header_id id,
                                                  pp_member *at, pp_str *value)
{
    pp_quick q = quick(message);
    size_t start, end;

    if (!find_member(message, id, at))
        return false;
    if (!memchr(at->rest.p, ',', at->rest.n)) {
        *value = pp_str_trim(at->rest);
        at->rest = PP_STR_NONE;
        return true;
    }
    if (!q.special)
        return pp_list_next(&at->rest, value);
    start = (size_t)(at->rest.p - q.text);
    end = pp_quick_member(&q, start, start + at->rest.n);
    *value = pp_str_trim(pp_str_n(at->rest.p, end - start));
    pass(message, at, end);
    return true;
}

/* One without special octets ends at the first one, which is a comma or the end. */
bool pp_message_next_of_some(const pp_message *message, pp_header_id id, pp_member *at,
                             pp_str *value)
{
    const char *text = message->wire.p;
    size_t start, end, next;

    if (!at->begun)
        *at = (pp_member){.begun = true, .next = message->first[id]};
    if (!at->rest.n) {
        if (!at->next)
            return false;
        at->rest = message->headers[at->next - 1].value;
        at->next = message->headers[at->next - 1].next;
    }
    if (!at->rest.n || !message->special)
        return next_member(message, id, at, value);
    start = (size_t)(at->rest.p - text);
    end = start + at->rest.n;
    start += text[start] == ' ';
    next = pp_marks_next(message->special, start);
    if (next == start || (next < end && text[next] != ','))
        return next_member(message, id, at, value);
    *value = pp_str_n(text + start, next - start);
    at->rest = next + 1 < end ? pp_str_n(text + next + 1, end - next - 1) : PP_STR_NONE;
    return true;
}

/* The first member was taken apart when the message came: `params` are the last of it. False when that was malformed. */
static bool was_read(const pp_message *message, pp_header_id id, pp_str params, pp_member *at)
{
    const pp_header *header = &message->headers[message->first[id] - 1];
    const char *end, *field_end = header->value.p + header->value.n;

    if (at->begun || !params.p)
        return false;
    end = params.p + params.n;
    if (params.p < header->value.p ||
        end > field_end) /* of another field, when the first is empty */
        return false;
    *at = (pp_member){true, header->next, pp_str_n(end, (size_t)(field_end - end))};
    return true;
}

int pp_message_next_address_of_some(const pp_message *message, pp_header_id id, pp_member *at,
                                    pp_name_addr *out)
{
    pp_quick q = quick(message);
    pp_str member, tag;
    size_t end = 0;

    if (id == PP_HEADER_CONTACT && was_read(message, id, message->contact.params, at)) {
        *out = message->contact;
        return 1;
    }
    if (!find_member(message, id, at))
        return 0;
    if (q.special)
        end = pp_quick_address(&q, (size_t)(at->rest.p - q.text), out, &tag);
    if (end) {
        pass(message, at, end);
        return 1;
    }
    pp_list_next(&at->rest, &member);
    return pp_name_addr_parse(member, out) ? PIPIT_ERR_SYNTAX : 1;
}

int pp_message_next_via(const pp_message *message, pp_member *at, pp_via *out)
{
    pp_quick q = quick(message);
    pp_str member;
    size_t end = 0;

    if (was_read(message, PP_HEADER_VIA, message->via.params, at)) {
        *out = message->via;
        return 1;
    }
    if (!find_member(message, PP_HEADER_VIA, at))
        return 0;
    if (q.special)
        end = pp_quick_via(&q, (size_t)(at->rest.p - q.text), out);
    if (end) {
        pass(message, at, end);
        return 1;
    }
    pp_list_next(&at->rest, &member);
    return pp_via_parse(member, out) ? PIPIT_ERR_SYNTAX : 1;
}

static bool ends_token(char c)
{
    return c == ',' || pp_char_is_blank(c);
}

/* A token between commas, blanks and ends, where no quotes make them mean something else. */
static bool stands_in(pp_str list, pp_str token)
{
    const char *end = list.p + list.n, *at = list.p;

    for (; (at = memchr(at, token.p[0], (size_t)(end - at))) && (size_t)(end - at) >= token.n; at++)
        if (memcmp(at, token.p, token.n) == 0 && (at == list.p || ends_token(at[-1])) &&
            (at + token.n == end || ends_token(at[token.n])))
            return !memchr(at, ',', token.n) && !memchr(list.p, '"', list.n);
    return false;
}

/* Lists of tokens are mostly written as they are asked for: members are taken apart when that does not find it. */
bool pp_message_lists(const pp_message *message, pp_header_id id, const char *token)
{
    pp_str wanted = pp_str_c(token), value;
    pp_member at = {0};

    for (size_t i = message->first[id]; i; i = message->headers[i - 1].next)
        if (stands_in(message->headers[i - 1].value, wanted))
            return true;
    while (pp_message_next(message, id, &at, &value))
        if (pp_str_ieq(value, wanted))
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
