/* message_fields.c - the lines of a head into the message's table of header fields. */
#include "base/limits.h"
#include "sip/header_find.h"
#include "sip/message_inside.h"

/* A field of a kind that was there already. */
static void check_another(pp_parser *p, const pp_header *header)
{
    switch (header->id) {
    case PP_HEADER_VIA:
        p->more_vias = true;
        break;
    case PP_HEADER_FROM:
        pp_parser_defect(p, 400, "Multiple From");
        break;
    case PP_HEADER_TO:
        pp_parser_defect(p, 400, "Multiple To");
        break;
    case PP_HEADER_CALL_ID:
        pp_parser_defect(p, 400, "Multiple Call-ID");
        break;
    case PP_HEADER_CSEQ:
        pp_parser_defect(p, 400, "Multiple CSeq");
        break;
    case PP_HEADER_CONTENT_LENGTH:
        /* RFC 4475 section 3.3.9: two lengths are two messages, unless they agree. */
        pp_parser_check(p, pp_str_eq(header->value, pp_parser_first(p, PP_HEADER_CONTENT_LENGTH)),
                        "Different Content-Length");
        break;
    default:
        break;
    }
}

/* Behind the others of its kind. `last` is not set while there is one only, for that is how it mostly stays. */
static __attribute__((noinline)) void chain(pp_parser *p, const pp_header *header, size_t number)
{
    pp_header *headers = p->m->headers;
    size_t first = p->m->first[header->id];
    size_t last = headers[first - 1].next ? p->last[header->id] : first;

    p->m->has_lists = true;
    headers[last - 1].next = (uint16_t)number;
    p->last[header->id] = (uint16_t)number;
    check_another(p, header);
}

/* Gives each field its number and its place among its kind. */
static void sort(pp_parser *p)
{
    pp_message *m = p->m;
    pp_header *header = m->headers, *end = header + m->header_count;

    for (size_t number = 1; header < end; header++, number++) {
        pp_header_id id;
        if (!pp_header_find(header->name.p, header->name.n, &id))
            id = pp_header_id_of(header->name);
        header->id = id;
        header->next = 0;
        if (header->value.n >= PP_MESSAGE_LIST)
            m->has_lists = true;
        if (m->first[id])
            chain(p, header, number);
        else
            m->first[id] = (uint16_t)number;
    }
}

/* Any line. One that is no header field is passed over in a response; a request is told. False for such a one. */
static __attribute__((noinline)) bool split(pp_parser *p, pp_str line, pp_header *header)
{
    pp_str value = line, name = pp_str_trim(pp_str_split(&value, ':'));

    pp_parser_check(p, line.n <= PP_LIMIT_SIP_HEADER, "Header Field Too Long");
    if (!value.p || !pp_str_is(name, PP_CHAR_TOKEN)) {
        pp_parser_check(p, !p->m->is_request, "Bad Header Field");
        return false;
    }
    header->name = name;
    header->value = pp_str_trim(value);
    return true;
}

static size_t split_plainly(pp_parser *p, pp_lines *lines)
{
    size_t count = 0;
    pp_str line;

    for (size_t left = p->capacity; left && pp_lines_next_plainly(lines, &line); left--)
        count += split(p, line, &p->m->headers[count]);
    return count;
}

_Static_assert(PP_MARKS_HEAD <= PP_LIMIT_SIP_HEADER, "with marks no line is too long");

/* A name without special octets, a colon and one blank, and no blank at either end of the value: nothing else is to be looked at. */
static size_t split_by_marks(pp_parser *p, pp_lines lines)
{
    const uint64_t *special = p->quick.special;
    pp_header *header = p->m->headers;

    while (lines.at < lines.end) {
        size_t at = lines.at;
        const char *start = lines.text + at, *colon = lines.text + pp_marks_next(special, at);
        const char *end = lines.text + pp_lines_end(&lines);
        if (pp_load2(colon) != pp_load2(": ") || colon == start || (unsigned char)colon[2] <= ' ' ||
            (unsigned char)end[-1] <= ' ') {
            header += split(p, pp_str_n(start, (size_t)(end - start)), header);
            continue;
        }
        header->name = pp_str_n(start, (size_t)(colon - start));
        header->value = pp_str_n(colon + 2, (size_t)(end - colon) - 2);
        header++;
    }
    return (size_t)(header - p->m->headers);
}

void pp_parser_read_fields(pp_parser *p, pp_lines *lines)
{
    p->m->header_count = p->quick.special ? split_by_marks(p, *lines) : split_plainly(p, lines);
    sort(p);
}
