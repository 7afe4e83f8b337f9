/* message_parse.c - octets to a message (RFC 3261 section 7): struct, header table and a copy of the wire in one block.
 *
 * Generous where the meaning is clear, exact where two readers could see two messages: only CRLF ends a line, what must be there once
 * is there once, and the body is no longer than what came. What is wrong with a request but leaves it answerable is
 * its `defect`; a response like that is refused, for nobody can be told. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "sip/lexer.h"
#include "sip/message.h"

/* What the first look at the octets tells. */
typedef struct head {
    pp_str text;  /* from the start line through the empty line */
    size_t lines; /* start line and header fields, folds not counted */
    bool uneven;  /* folds, or a CR or LF that is no line end */
    bool stray;   /* the latter */
} head;

typedef struct parser {
    pp_message *m;
    pp_str rest;   /* of the head */
    pp_str length; /* Content-Length; p == NULL while unseen, as those below */
    pp_str from, to, call_id, cseq;
    pp_str via;
} parser;

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

/* --- the head as a whole ---------------------------------------------------------------------- */

/* Finds the empty line. Only CRLF is a line end, so a lone CR or LF stands within its line. */
static bool measure(pp_str wire, head *out)
{
    head h = {.lines = 0};
    size_t start = 0; /* of the line */

    for (size_t at = pp_str_find(wire, '\r'); at + 1 < wire.n;
         at += 1 + pp_str_find(pp_str_from(wire, at + 1), '\r')) {
        if (wire.p[at + 1] != '\n') {
            h.stray = true;
            continue;
        }
        if (at == start) {
            h.text = pp_str_sub(wire, 0, at + 2);
            h.uneven |= h.stray;
            *out = h;
            return true;
        }
        if (memchr(wire.p + start, '\n', at - start))
            h.stray = true;
        start = at + 2;
        if (start < wire.n && pp_char_is_blank(wire.p[start]))
            h.uneven = true;
        else
            h.lines++;
    }
    return false;
}

/* Folds become blanks, as section 7.3.1 wants, and so do a CR and an LF that are no line end. Nothing moves. */
static void smooth(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool end = text[i] == '\r' && i + 1 < size && text[i + 1] == '\n';
        bool fold = end && i + 2 < size && pp_char_is_blank(text[i + 2]);
        if (fold)
            text[i + 1] = ' ';
        if (fold || (!end && (text[i] == '\r' || text[i] == '\n')))
            text[i] = ' ';
        else if (end)
            i++;
    }
}

/* RFC 4475 section 3.1.1.2: NUL may stand in a quoted pair, and nowhere else. */
static bool has_nul(pp_str head_text)
{
    for (size_t i = pp_str_find(head_text, '\0'); i < head_text.n;
         i += 1 + pp_str_find(pp_str_from(head_text, i + 1), '\0'))
        if (i == 0 || head_text.p[i - 1] != '\\')
            return true;
    return false;
}

/* --- the start line --------------------------------------------------------------------------- */

/* "SIP/2.0" is 0, another version of SIP 505, anything else 400. */
static int check_version(pp_str version)
{
    pp_str number = version, major;

    if (pp_str_ieq(version, PP_LIT("SIP/2.0")))
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
    /* Section 19.1.1: no headers in a Request-URI; they would be somebody's idea of ours. */
    if (pp_uri_parse(m->ruri_text, &m->ruri) || m->ruri.headers.n)
        defect(p, 400, "Bad Request-URI");
    return 0;
}

/* The next line, without its CRLF. */
static pp_str next_line(parser *p)
{
    pp_str line = pp_str_split(&p->rest, '\n');

    return pp_str_sub(line, 0, line.n ? line.n - 1 : 0);
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
        if (!p->via.p)
            p->via = member;
        p->m->via_count++;
    }
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
        count_vias(p, header->value);
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

static void parse_headers(parser *p, size_t capacity)
{
    pp_message *m = p->m;

    while (m->header_count < capacity) {
        pp_str value = next_line(p);
        pp_header header;
        bad_request(p, value.n <= PP_LIMIT_SIP_HEADER, "Header Field Too Long");
        header.name = pp_str_trim(pp_str_split(&value, ':'));
        if (!value.p || !pp_str_is(header.name, PP_CHAR_TOKEN)) {
            /* A line that is no header field: a request is told, in a response it is passed over. */
            if (m->is_request)
                defect(p, 400, "Bad Header Field");
            capacity--;
            continue;
        }
        header.value = pp_str_trim(value);
        header.id = pp_header_id_of(header.name);
        m->headers[m->header_count++] = header;
        note(p, &header);
    }
}

/* --- what every message must say -------------------------------------------------------------- */

static void read_address(parser *p, pp_str value, pp_name_addr *out, pp_str *tag,
                         const char *phrase)
{
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
    bad_request(p, pp_via_parse(p->via, &p->m->via) == 0, "Bad Via");
    bad_request(p, p->m->via_count <= PP_LIMIT_SIP_LIST, "Too Many Via");
}

/* Dialogs are built from it, so a request with a bad one is refused at the door (RFC 4475 section 3.1.2.13). */
static void check_contacts(parser *p)
{
    pp_member at = {0};
    pp_name_addr contact;
    pp_str value;

    while (pp_message_next(p->m, PP_HEADER_CONTACT, &at, &value))
        if (!pp_str_eq(value, PP_LIT("*")))
            bad_request(p, pp_name_addr_parse(value, &contact) == 0, "Bad Contact");
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

    if (!p->via.p || !p->from.p || !p->to.p || !p->call_id.p || !p->cseq.p)
        return pp_error(PIPIT_ERR_SYNTAX, "message: Via, From, To, Call-ID or CSeq is missing");
    read_body(p, behind);
    read_vias(p);
    read_address(p, p->from, &m->from, &m->from_tag, "Bad From");
    read_address(p, p->to, &m->to, &m->to_tag, "Bad To");
    read_call_id(p);
    read_cseq(p);
    if (m->is_request)
        check_contacts(p);
    else if (m->defect)
        return pp_error(PIPIT_ERR_SYNTAX, "message: a response with a fault: %s", m->defect_phrase);
    return 0;
}

/* --- all together ----------------------------------------------------------------------------- */

static int allocate(const head *h, pp_str wire, size_t capacity, pp_message **out)
{
    size_t table = sizeof(pp_header) * capacity;
    char *block = pp_alloc(sizeof(pp_message) + table + wire.n + 1);
    pp_message *m = (pp_message *)(void *)block;
    char *copy;

    if (!block)
        return PIPIT_ERR_MEMORY;
    copy = block + sizeof(pp_message) + table;
    *m = (pp_message){.references = 1, .wire = {copy, wire.n}};
    m->headers = (pp_header *)(void *)(block + sizeof(pp_message));
    memcpy(copy, wire.p, wire.n);
    copy[wire.n] = '\0';
    if (h->uneven)
        smooth(copy, h->text.n);
    *out = m;
    return 0;
}

static int parse(parser *p, const head *h, size_t capacity)
{
    pp_str line;
    int err;

    p->rest = pp_str_sub(p->m->wire, 0, h->text.n - 2);
    bad_request(p, !h->stray, "CR or LF Alone");
    bad_request(p, !has_nul(p->rest), "NUL Outside Quotes");
    line = next_line(p);
    err = pp_str_istarts(line, "SIP/") ? parse_status_line(p, line) : parse_request_line(p, line);
    if (err)
        return err;
    bad_request(p, h->lines - 1 <= PP_LIMIT_SIP_HEADERS, "Too Many Header Fields");
    parse_headers(p, capacity);
    return read_fields(p, pp_str_from(p->m->wire, h->text.n));
}

/* CRLFs before the start line are noise (section 7.5). */
static pp_str without_leading_crlf(pp_str wire)
{
    while (wire.n >= 2 && wire.p[0] == '\r' && wire.p[1] == '\n')
        wire = pp_str_from(wire, 2);
    return wire;
}

int pp_message_parse(pp_str wire, pp_message **out)
{
    bool too_large = wire.n > PP_LIMIT_SIP_MESSAGE;
    parser p = {.m = NULL};
    size_t capacity;
    head h;
    int err;

    wire = without_leading_crlf(pp_str_sub(wire, 0, PP_LIMIT_SIP_MESSAGE));
    if (!measure(wire, &h))
        return pp_error(PIPIT_ERR_SYNTAX, "message: no empty line ends the header fields");
    capacity = h.lines - 1 < PP_LIMIT_SIP_HEADERS ? h.lines - 1 : PP_LIMIT_SIP_HEADERS;
    err = allocate(&h, wire, capacity, &p.m);
    if (err)
        return err;
    if (too_large)
        defect(&p, 513, "Message Too Large");
    err = parse(&p, &h, capacity);
    if (err) {
        pp_message_unref(p.m);
        return err;
    }
    *out = p.m;
    return 0;
}
