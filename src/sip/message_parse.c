/* message_parse.c - octets to a message (RFC 3261 section 7): struct, header table and a copy of the wire in one block.
 *
 * Generous where the meaning is clear, exact where two readers could see two messages: only CRLF ends a line, what must be there once
 * is there once, and the body is no longer than what came. What is wrong with a request but leaves it answerable is
 * its `defect`; a response like that is refused, for nobody can be told. */
#include "base/error.h"
#include "base/limits.h"
#include "sip/message_head.h"
#include "sip/message_pool.h"
#include "sip/quick.h"

#define PADDING 8 /* NULs behind the wire's copy, so that eight octets may be read at once */

typedef struct parser {
    pp_message *m;
    pp_head head;
    size_t capacity; /* header fields that there is room for */
    pp_str length;   /* Content-Length; p == NULL while unseen, as those below */
    pp_str from, to, call_id, cseq;
    pp_str via; /* the first member; p == NULL too when it was read at once */
} parser;

/* Where a value starts, for the readers that go by marks. */
static size_t place(const parser *p, pp_str value)
{
    return (size_t)(value.p - p->head.text);
}

static bool ends_at(const parser *p, size_t at, pp_str value)
{
    return at == place(p, value) + value.n;
}

static pp_quick quick(const parser *p)
{
    return (pp_quick){p->head.text, &p->head.marks};
}

static void defect(parser *p, int status, const char *phrase)
{
    if (p->m->defect)
        return;
    p->m->defect = status;
    p->m->defect_phrase = phrase;
}

static void bad_request(parser *p, bool fine, const char *phrase)
{
    if (!fine)
        defect(p, 400, phrase);
}

/* --- the start line --------------------------------------------------------------------------- */

/* RFC 4475 section 3.1.1.2: NUL may stand in a quoted pair, and nowhere else. */
static bool has_nul(pp_str head_text)
{
    for (size_t i = pp_str_find(head_text, '\0'); i < head_text.n;
         i += 1 + pp_str_find(pp_str_from(head_text, i + 1), '\0'))
        if (i == 0 || head_text.p[i - 1] != '\\')
            return true;
    return false;
}

/* "SIP/2.0" is 0, another version of SIP 505, anything else 400. */
static int check_version(pp_str version)
{
    pp_str number = version, major;

    if (pp_str_eq(version, PP_LIT("SIP/2.0")) || pp_str_ieq(version, PP_LIT("SIP/2.0")))
        return 0;
    if (!pp_str_istarts(version, "SIP/"))
        return 400;
    number = pp_str_from(number, 4);
    major = pp_str_split(&number, '.');
    return pp_str_is(major, PP_CHAR_TOKEN) && pp_str_is(number, PP_CHAR_TOKEN) ? 505 : 400;
}

static int parse_status_line(parser *p, pp_str line)
{
    uint32_t status;

    if (check_version(pp_str_split(&line, ' ')))
        return pp_error(PIPIT_ERR_SYNTAX, "message: a response of another version than SIP/2.0");
    if (!pp_str_to_u32(pp_str_sub(line, 0, 3), 100, 699, &status) ||
        (line.n > 3 && line.p[3] != ' '))
        return pp_error(PIPIT_ERR_SYNTAX,
                        "message: a response without a status code from 100 to 699");
    p->m->status = (int)status;
    p->m->reason = pp_str_from(line, 4);
    return 0;
}

/* Section 19.1.1: no headers in a Request-URI; they would be somebody's idea of ours. */
static void read_ruri(parser *p)
{
    pp_message *m = p->m;
    pp_quick q = quick(p);

    if (p->head.marked && m->ruri_text.n &&
        ends_at(p, pp_quick_uri(&q, place(p, m->ruri_text), &m->ruri), m->ruri_text))
        return;
    m->ruri = (pp_uri){.port = 0};
    bad_request(p, pp_uri_parse(m->ruri_text, &m->ruri) == 0 && !m->ruri.headers.n,
                "Bad Request-URI");
}

static int parse_request_line(parser *p, pp_str line)
{
    pp_message *m = p->m;
    pp_str version = line;
    int wrong;

    m->is_request = true;
    m->method_name = pp_str_split(&version, ' ');
    if (!pp_str_is(m->method_name, PP_CHAR_TOKEN) || version.p == NULL)
        return pp_error(PIPIT_ERR_SYNTAX,
                        "message: the first line is neither a request's nor a response's");
    m->method = pp_method_of(m->method_name);
    m->ruri_text = pp_str_split(&version, ' ');
    wrong = check_version(version);
    if (wrong == 505)
        defect(p, 505, "Version Not Supported");
    else if (wrong)
        defect(p, 400, "Bad Request Line");
    read_ruri(p);
    return 0;
}

/* --- header fields ---------------------------------------------------------------------------- */

static void once(parser *p, pp_str *slot, pp_str value, const char *phrase)
{
    bad_request(p, slot->p == NULL, phrase);
    if (!slot->p)
        *slot = value;
}

static void count_vias(parser *p, pp_str value)
{
    pp_str member;

    while (pp_list_next(&value, &member)) {
        if (!p->m->via_count)
            p->via = member;
        p->m->via_count++;
    }
}

static void note_via(parser *p, pp_str value)
{
    pp_message *m = p->m;
    pp_quick q = quick(p);

    if (p->head.marked && !m->via_count) {
        if (ends_at(p, pp_quick_via(&q, place(p, value), &m->via), value)) {
            m->via_count = 1;
            return;
        }
        m->via = (pp_via){.port = 0};
    }
    count_vias(p, value);
}

/* RFC 4475 section 3.3.9: two lengths are two messages, unless they agree. */
static void note_length(parser *p, pp_str value)
{
    bad_request(p, !p->length.p || pp_str_eq(p->length, value), "Different Content-Length");
    if (!p->length.p)
        p->length = value;
}

static void note(parser *p, const pp_header *header)
{
    switch (header->id) {
    case PP_HEADER_VIA:
        note_via(p, header->value);
        break;
    case PP_HEADER_FROM:
        once(p, &p->from, header->value, "Multiple From");
        break;
    case PP_HEADER_TO:
        once(p, &p->to, header->value, "Multiple To");
        break;
    case PP_HEADER_CALL_ID:
        once(p, &p->call_id, header->value, "Multiple Call-ID");
        break;
    case PP_HEADER_CSEQ:
        once(p, &p->cseq, header->value, "Multiple CSeq");
        break;
    case PP_HEADER_CONTENT_LENGTH:
        note_length(p, header->value);
        break;
    case PP_HEADER_CONTENT_TYPE:
        if (!p->m->content_type.p)
            p->m->content_type = header->value;
        break;
    default:
        break;
    }
}

/* Cuts a line at its colon; false when it is no header field. */
static bool split(const parser *p, pp_str line, pp_header *out)
{
    pp_str value = line;

    if (p->head.marked) {
        size_t start = place(p, line), end = pp_marks_next(&p->head.marks, start);
        if (p->head.text[end] == ':' && end > start) {
            out->name = pp_str_sub(line, 0, end - start);
            out->value = pp_str_trim(pp_str_from(line, end - start + 1));
            return true;
        }
    }
    out->name = pp_str_trim(pp_str_split(&value, ':'));
    out->value = pp_str_trim(value);
    return value.p && pp_str_is(out->name, PP_CHAR_TOKEN);
}

static void parse_headers(parser *p)
{
    pp_message *m = p->m;
    pp_str line;

    for (size_t left = p->capacity; left && pp_head_next(&p->head, &line); left--) {
        pp_header header;
        bad_request(p, line.n <= PP_LIMIT_SIP_HEADER, "Header Field Too Long");
        if (!split(p, line, &header)) {
            /* A line that is no header field: a request is told, in a response it is passed over. */
            if (m->is_request)
                defect(p, 400, "Bad Header Field");
            continue;
        }
        header.id = pp_header_id_of(header.name);
        m->headers[m->header_count++] = header;
        if (!m->first[header.id])
            m->first[header.id] = (uint16_t)m->header_count;
        note(p, &header);
    }
}

/* --- what every message must say -------------------------------------------------------------- */

static void read_address(parser *p, pp_str value, pp_name_addr *out, pp_str *tag,
                         const char *phrase)
{
    pp_quick q = quick(p);

    if (p->head.marked && ends_at(p, pp_quick_address(&q, place(p, value), out, tag), value))
        return;
    *out = (pp_name_addr){.display_name = PP_STR_NONE};
    bad_request(p, pp_name_addr_parse(value, out) == 0, phrase);
    if (pp_param(out->params, "tag", tag))
        bad_request(p, tag->n > 0, phrase);
    else
        *tag = PP_STR_NONE;
}

static void read_cseq(parser *p)
{
    pp_message *m = p->m;
    pp_str rest = p->cseq;
    pp_str number = pp_str_word(&rest), method = pp_str_trim(rest);

    if (!pp_str_to_u32(number, 0, UINT32_MAX, &m->cseq) || !pp_str_is(method, PP_CHAR_TOKEN)) {
        defect(p, 400, "Bad CSeq");
    } else if (m->is_request) {
        bad_request(p, pp_str_eq(method, m->method_name), "CSeq Method Mismatch");
    } else {
        m->method_name = method;
        m->method = pp_method_of(method);
    }
}

static void read_call_id(parser *p)
{
    pp_str rest = p->call_id;

    p->m->call_id = pp_str_word(&rest);
    bad_request(p, p->m->call_id.n && pp_str_empty(pp_str_trim(rest)), "Bad Call-ID");
}

static void read_vias(parser *p)
{
    if (p->via.p)
        bad_request(p, pp_via_parse(p->via, &p->m->via) == 0, "Bad Via");
    bad_request(p, p->m->via_count <= PP_LIMIT_SIP_LIST, "Too Many Via");
}

/* The members of one field, to its end; false when the full grammar has to look at it. */
static bool read_contacts_quickly(parser *p, pp_str value, bool first)
{
    pp_quick q = quick(p);
    size_t at = place(p, value);
    pp_name_addr contact;
    pp_str tag;

    for (;;) {
        at = pp_quick_address(&q, at, &contact, &tag);
        if (!at)
            return false;
        if (first)
            p->m->contact = contact;
        first = false;
        if (ends_at(p, at, value))
            return true;
        if (q.text[at] != ',')
            return false;
        at++;
        while (pp_char_is_blank(q.text[at]))
            at++;
    }
}

static void read_contacts_plainly(parser *p, pp_str value, bool first)
{
    pp_name_addr contact;
    pp_str member;

    while (pp_list_next(&value, &member)) {
        bool good = pp_name_addr_parse(member, &contact) == 0;
        if (p->m->is_request && !pp_str_eq(member, PP_LIT("*")))
            bad_request(p, good, "Bad Contact");
        if (first)
            p->m->contact = good ? contact : (pp_name_addr){.display_name = PP_STR_NONE};
        first = false;
    }
}

/* Dialogs are built from it, so a request with a bad one is refused at the door (RFC 4475 section 3.1.2.13). */
static void read_contacts(parser *p)
{
    pp_message *m = p->m;
    size_t first = m->first[PP_HEADER_CONTACT];

    for (size_t i = first; i && i <= m->header_count; i++) {
        const pp_header *header = &m->headers[i - 1];
        if (header->id == PP_HEADER_CONTACT &&
            !(p->head.marked && read_contacts_quickly(p, header->value, i == first)))
            read_contacts_plainly(p, header->value, i == first);
    }
}

/* On WebSocket the frame tells where the message ends, so a missing length means all of it (RFC 7118 section 5). */
static void read_body(parser *p, pp_str behind)
{
    uint32_t length;

    p->m->body = behind;
    if (!p->length.p)
        return;
    if (!pp_str_to_u32(p->length, 0, UINT32_MAX, &length))
        defect(p, 400, "Bad Content-Length");
    else if (length > behind.n)
        defect(p, 400, "Content-Length Larger Than Body");
    else
        p->m->body = pp_str_sub(behind, 0, length);
}

static int read_fields(parser *p, pp_str behind)
{
    pp_message *m = p->m;

    if (!m->via_count || !p->from.p || !p->to.p || !p->call_id.p || !p->cseq.p)
        return pp_error(PIPIT_ERR_SYNTAX, "message: Via, From, To, Call-ID or CSeq is missing");
    read_body(p, behind);
    read_vias(p);
    read_address(p, p->from, &m->from, &m->from_tag, "Bad From");
    read_address(p, p->to, &m->to, &m->to_tag, "Bad To");
    read_call_id(p);
    read_cseq(p);
    read_contacts(p);
    if (!m->is_request && m->defect)
        return pp_error(PIPIT_ERR_SYNTAX, "message: a response with a fault: %s", m->defect_phrase);
    return 0;
}

/* --- all together ----------------------------------------------------------------------------- */

/* The message, its table and its copy of the wire, in one block. */
static int allocate(parser *p, pp_message_pool *pool, pp_str wire)
{
    size_t table = sizeof(pp_header) * p->capacity;
    pp_message *m = pp_message_pool_take(pool, table + wire.n + PADDING);
    char *copy;

    if (!m)
        return PIPIT_ERR_MEMORY;
    copy = (char *)(m + 1) + table;
    memset(m, 0, sizeof(*m));
    m->references = 1;
    m->headers = (pp_header *)(void *)(m + 1);
    m->wire = pp_str_n(copy, wire.n);
    memcpy(copy, wire.p, wire.n);
    memset(copy + wire.n, 0, PADDING);
    pp_head_begin(&p->head, copy);
    p->m = m;
    return 0;
}

static int parse(parser *p)
{
    const pp_head *head = &p->head;
    pp_str line;
    int err;

    bad_request(p, !head->stray, "CR or LF Alone");
    if (head->nul)
        bad_request(p, !has_nul(pp_str_sub(p->m->wire, 0, head->end)), "NUL Outside Quotes");
    pp_head_next(&p->head, &line);
    err = pp_str_istarts(line, "SIP/") ? parse_status_line(p, line) : parse_request_line(p, line);
    if (err)
        return err;
    bad_request(p, head->lines - 1 <= PP_LIMIT_SIP_HEADERS, "Too Many Header Fields");
    parse_headers(p);
    return read_fields(p, pp_str_from(p->m->wire, head->size));
}

/* CRLFs before the start line are noise (section 7.5). */
static pp_str without_leading_crlf(pp_str wire)
{
    while (wire.n >= 2 && wire.p[0] == '\r' && wire.p[1] == '\n')
        wire = pp_str_from(wire, 2);
    return wire;
}

int pp_message_parse_with(pp_marks_finder *find, pp_message_pool *pool, pp_str wire,
                          pp_message **out)
{
    bool too_large = wire.n > PP_LIMIT_SIP_MESSAGE;
    parser p;
    int err;

    wire = without_leading_crlf(pp_str_sub(wire, 0, PP_LIMIT_SIP_MESSAGE));
    if (!pp_head_find(wire, find, &p.head))
        return pp_error(PIPIT_ERR_SYNTAX, "message: no empty line ends the header fields");
    p.capacity = p.head.lines - 1 < PP_LIMIT_SIP_HEADERS ? p.head.lines - 1 : PP_LIMIT_SIP_HEADERS;
    p.length = p.from = p.to = p.call_id = p.cseq = p.via = PP_STR_NONE;
    err = allocate(&p, pool, wire);
    if (err)
        return err;
    if (too_large)
        defect(&p, 513, "Message Too Large");
    err = parse(&p);
    if (err) {
        pp_message_unref(p.m);
        return err;
    }
    *out = p.m;
    return 0;
}

int pp_message_parse_pooled(pp_message_pool *pool, pp_str wire, pp_message **out)
{
    return pp_message_parse_with(pp_marks_find, pool, wire, out);
}

int pp_message_parse(pp_str wire, pp_message **out)
{
    return pp_message_parse_with(pp_marks_find, NULL, wire, out);
}
