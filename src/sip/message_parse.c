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

#define PADDING 16 /* NULs behind the wire's copy, so that sixteen octets may be read at once */

typedef struct parser {
    pp_message *m;
    char *text; /* the copy of the wire, which starts with the head */
    pp_head head;
    size_t capacity;                /* header fields that there is room for */
    bool more_vias;                 /* there are several Via fields */
    uint16_t last[PP_HEADER_COUNT]; /* of each kind that `first` knows, counted from 0 */
} parser;

/* Where a value starts, for the readers that go by marks. */
static size_t place(const parser *p, pp_str value)
{
    return (size_t)(value.p - p->text);
}

static bool ends_at(const parser *p, size_t at, pp_str value)
{
    return at == place(p, value) + value.n;
}

static pp_quick quick(const parser *p)
{
    return (pp_quick){p->text, &p->head.marks};
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

    if (version.n == 7 && memcmp(version.p, "SIP/2.0", 7) == 0)
        return 0;
    if (pp_str_ieq(version, PP_LIT("SIP/2.0")))
        return 0;
    if (!pp_str_istarts(version, "SIP/"))
        return 400;
    number = pp_str_from(number, 4);
    major = pp_str_split(&number, '.');
    return pp_str_is(major, PP_CHAR_TOKEN) && pp_str_is(number, PP_CHAR_TOKEN) ? 505 : 400;
}

static bool is_status_line(pp_str line)
{
    return line.n >= 4 && (line.p[0] | 0x20) == 's' && pp_str_istarts(line, "SIP/");
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
    p->m->ruri_text = PP_STR_NONE;
    p->m->ruri = (pp_uri){.port = 0};
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

/* The first field of a kind; p == NULL when there is none. */
static pp_str first(const parser *p, pp_header_id id)
{
    size_t at = p->m->first[id];

    return at ? p->m->headers[at - 1].value : PP_STR_NONE;
}

/* A field of a kind that was there already. */
static void note_another(parser *p, const pp_header *header)
{
    switch (header->id) {
    case PP_HEADER_VIA:
        p->more_vias = true;
        break;
    case PP_HEADER_FROM:
        defect(p, 400, "Multiple From");
        break;
    case PP_HEADER_TO:
        defect(p, 400, "Multiple To");
        break;
    case PP_HEADER_CALL_ID:
        defect(p, 400, "Multiple Call-ID");
        break;
    case PP_HEADER_CSEQ:
        defect(p, 400, "Multiple CSeq");
        break;
    case PP_HEADER_CONTENT_LENGTH:
        /* RFC 4475 section 3.3.9: two lengths are two messages, unless they agree. */
        bad_request(p, pp_str_eq(header->value, first(p, PP_HEADER_CONTENT_LENGTH)),
                    "Different Content-Length");
        break;
    default:
        break;
    }
}

/* The field number `index`, counted from 0, whose name and value are there. */
static inline void add_header(parser *p, pp_header *header, size_t index)
{
    pp_message *m = p->m;
    pp_header_id id = pp_header_id_of(header->name);

    header->id = id;
    header->next = 0;
    if (!m->first[id]) {
        m->first[id] = (uint16_t)(index + 1);
    } else {
        m->headers[p->last[id]].next = (uint16_t)(index + 1);
        note_another(p, header);
    }
    p->last[id] = (uint16_t)index;
}

/* Any line. One that is no header field is passed over in a response; a request is told. False for such a one. */
static bool parse_header(parser *p, pp_str line, size_t index)
{
    pp_header *header = &p->m->headers[index];
    pp_str value = line, name = pp_str_trim(pp_str_split(&value, ':'));

    bad_request(p, line.n <= PP_LIMIT_SIP_HEADER, "Header Field Too Long");
    if (!value.p || !pp_str_is(name, PP_CHAR_TOKEN)) {
        bad_request(p, !p->m->is_request, "Bad Header Field");
        return false;
    }
    header->name = name;
    header->value = pp_str_trim(value);
    add_header(p, header, index);
    return true;
}

static void parse_plain_headers(parser *p, pp_lines lines)
{
    pp_message *m = p->m;
    pp_str line;

    for (size_t left = p->capacity; left && pp_lines_next_plainly(&lines, &line); left--)
        m->header_count += parse_header(p, line, m->header_count);
}

/* By marks: a name of letters, digits and '-', a colon behind it, one blank or none before the value and none after it is a header
 * field, whatever the value is. */
static void parse_marked_headers(parser *p, pp_lines lines)
{
    const pp_marks *marks = &p->head.marks;
    pp_header *header = p->m->headers;
    size_t index = 0;

    while (lines.at < lines.end) {
        size_t start = lines.at, cr = pp_lines_end(&lines), colon = pp_marks_next(marks, start);
        size_t value = colon + 1;
        value += lines.text[value] == ' ';
        if (lines.text[colon] != ':' || colon == start || (unsigned char)lines.text[value] <= ' ' ||
            (unsigned char)lines.text[cr - 1] <= ' ' || cr - start > PP_LIMIT_SIP_HEADER) {
            bool good = parse_header(p, pp_str_n(lines.text + start, cr - start), index);
            index += good;
            header += good;
            continue;
        }
        header->name = pp_str_n(lines.text + start, colon - start);
        header->value = pp_str_n(lines.text + value, cr - value);
        add_header(p, header++, index++);
    }
    p->m->header_count = index;
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

/* The digits at the start, whose number goes to *out; 0 when there are none or they are too large. */
static size_t read_number(pp_str text, uint32_t *out)
{
    uint64_t number = 0;
    size_t n = 0;

    while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9' && number <= UINT32_MAX)
        number = number * 10 + (uint64_t)(text.p[n++] - '0');
    if (number > UINT32_MAX)
        return 0;
    *out = (uint32_t)number;
    return n;
}

static void read_cseq(parser *p)
{
    pp_message *m = p->m;
    pp_str value = first(p, PP_HEADER_CSEQ);
    size_t n = read_number(value, &m->cseq);
    pp_str method = pp_str_trim(pp_str_from(value, n));
    bool apart = n && n + method.n < value.n;

    if (apart && m->is_request && pp_str_eq(method, m->method_name))
        return;
    if (!apart || !pp_str_is(method, PP_CHAR_TOKEN)) {
        m->cseq = 0;
        defect(p, 400, "Bad CSeq");
    } else if (m->is_request) {
        defect(p, 400, "CSeq Method Mismatch");
    } else {
        m->method_name = method;
        m->method = pp_method_of(method);
    }
}

static void read_call_id(parser *p)
{
    pp_str value = first(p, PP_HEADER_CALL_ID);
    size_t n =
        p->head.marked ? pp_marks_next(&p->head.marks, place(p, value)) - place(p, value) : 0;

    while (n < value.n && !pp_str_is_space(value.p[n]))
        n++;
    p->m->call_id = pp_str_sub(value, 0, n);
    bad_request(p, n && n == value.n, "Bad Call-ID");
}

static void read_via(parser *p, pp_str member)
{
    p->m->via = (pp_via){.port = 0};
    bad_request(p, pp_via_parse(member, &p->m->via) == 0, "Bad Via");
}

/* The first Via is the one that counts; of the others, only how many there are. */
static bool read_vias(parser *p)
{
    pp_message *m = p->m;
    pp_quick q = quick(p);
    pp_str value = first(p, PP_HEADER_VIA), member, topmost = PP_STR_NONE;
    bool done =
        p->head.marked && value.n && ends_at(p, pp_quick_via(&q, place(p, value), &m->via), value);

    m->via_count = done;
    if (done && !p->more_vias)
        return true;
    for (size_t at = m->first[PP_HEADER_VIA]; at; at = m->headers[at - 1].next) {
        if (done && at == m->first[PP_HEADER_VIA])
            continue;
        for (value = m->headers[at - 1].value; pp_list_next(&value, &member); m->via_count++)
            if (!m->via_count)
                topmost = member;
    }
    if (!done)
        read_via(p, topmost);
    bad_request(p, m->via_count <= PP_LIMIT_SIP_LIST, "Too Many Via");
    return m->via_count > 0;
}

/* The members of one field, to its end; false when the full grammar has to look at it. */
static bool read_contacts_quickly(parser *p, pp_str value, bool is_first)
{
    pp_quick q = quick(p);
    size_t at = place(p, value);
    pp_name_addr contact;
    pp_str tag;

    for (;;) {
        at = pp_quick_address(&q, at, &contact, &tag);
        if (!at)
            return false;
        if (is_first)
            p->m->contact = contact;
        is_first = false;
        if (ends_at(p, at, value))
            return true;
        if (q.text[at] != ',')
            return false;
        at++;
        while (pp_char_is_blank(q.text[at]))
            at++;
    }
}

static void read_contacts_plainly(parser *p, pp_str value, bool is_first)
{
    pp_name_addr contact;
    pp_str member;

    if (is_first)
        p->m->contact = (pp_name_addr){.display_name = PP_STR_NONE};

    while (pp_list_next(&value, &member)) {
        bool good = pp_name_addr_parse(member, &contact) == 0;
        if (p->m->is_request && !pp_str_eq(member, PP_LIT("*")))
            bad_request(p, good, "Bad Contact");
        if (is_first && good)
            p->m->contact = contact;
        is_first = false;
    }
}

/* Dialogs are built from it, so a request with a bad one is refused at the door (RFC 4475 section 3.1.2.13). */
static void read_contacts(parser *p)
{
    pp_message *m = p->m;
    size_t start = m->first[PP_HEADER_CONTACT];

    if (!start)
        m->contact = (pp_name_addr){.display_name = PP_STR_NONE};
    for (size_t at = start; at; at = m->headers[at - 1].next) {
        pp_str value = m->headers[at - 1].value;
        if (!p->head.marked || !read_contacts_quickly(p, value, at == start))
            read_contacts_plainly(p, value, at == start);
    }
}

/* On WebSocket the frame tells where the message ends, so a missing length means all of it (RFC 7118 section 5). */
static void read_body(parser *p, pp_str behind)
{
    pp_str value = first(p, PP_HEADER_CONTENT_LENGTH);
    uint32_t length = 0;

    p->m->body = behind;
    if (!value.p)
        return;
    if (pp_str_empty(value) || read_number(value, &length) != value.n)
        defect(p, 400, "Bad Content-Length");
    else if (length > behind.n)
        defect(p, 400, "Content-Length Larger Than Body");
    else
        p->m->body = pp_str_n(behind.p, length);
}

static int read_fields(parser *p, pp_str behind)
{
    pp_message *m = p->m;

    if (!m->first[PP_HEADER_VIA] || !m->first[PP_HEADER_FROM] || !m->first[PP_HEADER_TO] ||
        !m->first[PP_HEADER_CALL_ID] || !m->first[PP_HEADER_CSEQ])
        return pp_error(PIPIT_ERR_SYNTAX, "message: Via, From, To, Call-ID or CSeq is missing");
    m->content_type = first(p, PP_HEADER_CONTENT_TYPE);
    read_body(p, behind);
    if (!read_vias(p))
        return pp_error(PIPIT_ERR_SYNTAX, "message: Via is empty");
    read_address(p, first(p, PP_HEADER_FROM), &m->from, &m->from_tag, "Bad From");
    read_address(p, first(p, PP_HEADER_TO), &m->to, &m->to_tag, "Bad To");
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
    memset(m, 0, offsetof(pp_message, ruri_text)); /* what comes after is set in any case */
    m->references = 1;
    m->headers = (pp_header *)(void *)(m + 1);
    m->wire = pp_str_n(copy, wire.n);
    memcpy(copy, wire.p, wire.n);
    memset(copy + wire.n, 0, PADDING);
    p->text = copy;
    p->m = m;
    return 0;
}

static int parse(parser *p)
{
    const pp_head *head = &p->head;
    pp_lines lines = pp_head_lines(head, p->text);
    pp_str line = PP_STR_NONE;
    int err;

    bad_request(p, !head->stray, "CR or LF Alone");
    if (head->nul)
        bad_request(p, !has_nul(pp_str_sub(p->m->wire, 0, lines.end)), "NUL Outside Quotes");
    pp_lines_next(&lines, &line);
    err = is_status_line(line) ? parse_status_line(p, line) : parse_request_line(p, line);
    if (err)
        return err;
    bad_request(p, head->lines - 1 <= PP_LIMIT_SIP_HEADERS, "Too Many Header Fields");
    if (head->marked)
        parse_marked_headers(p, lines);
    else
        parse_plain_headers(p, lines);
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
    p.more_vias = false;
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
