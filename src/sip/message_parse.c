/* message_parse.c - octets to a message (RFC 3261 section 7): struct, header table and a copy of the wire in one block.
 *
 * Generous where the meaning is clear, exact where two readers could see two messages: only CRLF ends a line, what must be there once
 * is there once, and the body is no longer than what came. What is wrong with a request but leaves it answerable is
 * its `defect`; a response like that is refused, for nobody can be told. */
#include "base/error.h"
#include "base/limits.h"
#include "sip/message_inside.h"
#include "sip/message_pool.h"

#define PADDING 16 /* NULs behind the wire's copy, so that sixteen octets may be read at once */

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

static void set_status(pp_parser *p, uint32_t status, pp_str reason)
{
    p->m->ruri_text = PP_STR_NONE;
    p->m->ruri = (pp_uri){.port = 0};
    p->m->status = (int)status;
    p->m->reason = reason;
}

static int parse_status_line(pp_parser *p, pp_str line)
{
    uint32_t status;

    if (check_version(pp_str_split(&line, ' ')))
        return pp_error(PIPIT_ERR_SYNTAX, "message: a response of another version than SIP/2.0");
    if (!pp_str_to_u32(pp_str_sub(line, 0, 3), 100, 699, &status) ||
        (line.n > 3 && line.p[3] != ' '))
        return pp_error(PIPIT_ERR_SYNTAX,
                        "message: a response without a status code from 100 to 699");
    set_status(p, status, pp_str_from(line, 4));
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "SIP/2.0 200 OK"; false when the line must be looked at. */
static bool parse_usual_status_line(pp_parser *p, pp_str line)
{
    const char *code = line.p + strlen("SIP/2.0 ");

    if (line.n <= strlen("SIP/2.0 200 ") || memcmp(line.p, "SIP/2.0 ", strlen("SIP/2.0 ")) != 0 ||
        code[0] < '1' || code[0] > '6' || !is_digit(code[1]) || !is_digit(code[2]) ||
        code[3] != ' ')
        return false;
    set_status(p, (uint32_t)((code[0] - '0') * 100 + (code[1] - '0') * 10 + code[2] - '0'),
               pp_str_from(line, strlen("SIP/2.0 200 ")));
    return true;
}

/* Section 19.1.1: no headers in a Request-URI; they would be somebody's idea of ours. */
static void read_ruri(pp_parser *p)
{
    pp_message *m = p->m;

    m->ruri = (pp_uri){.port = 0};
    pp_parser_check(p, pp_uri_parse(m->ruri_text, &m->ruri) == 0 && !m->ruri.headers.n,
                    "Bad Request-URI");
}

static int parse_request_line(pp_parser *p, pp_str line)
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
        pp_parser_defect(p, 505, "Version Not Supported");
    else if (wrong)
        pp_parser_defect(p, 400, "Bad Request Line");
    read_ruri(p);
    return 0;
}

/* A known method, a Request-URI of the usual shape and this version of SIP, by marks; false when the line must be looked at. */
static bool parse_usual_request_line(pp_parser *p, pp_str line)
{
    pp_message *m = p->m;
    const char *text = p->quick.text;
    size_t start = pp_marks_next(p->quick.special, 0) + 1, end;
    pp_method method = pp_method_of(pp_str_n(text, start - 1));

    if (method == PP_METHOD_OTHER || text[start - 1] != ' ')
        return false;
    end = pp_quick_uri(&p->quick, start, &m->ruri);
    if (end == 0 || end + strlen(" SIP/2.0") != line.n ||
        memcmp(text + end, " SIP/2.0", strlen(" SIP/2.0")) != 0)
        return false;
    m->is_request = true;
    m->method = method;
    m->method_name = pp_str_n(text, start - 1);
    m->ruri_text = m->ruri.text;
    return true;
}

static int parse_start_line(pp_parser *p, pp_str line)
{
    if (parse_usual_status_line(p, line))
        return 0;
    if (is_status_line(line))
        return parse_status_line(p, line);
    if (p->quick.special && parse_usual_request_line(p, line))
        return 0;
    return parse_request_line(p, line);
}

/* --- all together ----------------------------------------------------------------------------- */

/* The message, its table and its copy of the wire, in one block. */
static int allocate(pp_parser *p, pp_message_pool *pool, pp_str wire)
{
    size_t table = sizeof(pp_header) * p->capacity;
    size_t marks = p->head.marks ? (p->head.size + 63) / 64 * sizeof(uint64_t) : 0;
    pp_message *m = pp_message_pool_take(pool, sizeof(*m) + table + marks + wire.n + PADDING);
    char *copy;

    if (!m)
        return PIPIT_ERR_MEMORY;
    copy = (char *)(m + 1) + table + marks;
    m->references = 1;
    m->shown.references = 0;
    m->is_request = false;
    m->has_lists = false;
    m->status = 0;
    m->reason = PP_STR_NONE;
    m->defect = 0;
    m->defect_phrase = NULL;
    memset(m->first, 0, sizeof(m->first)); /* all else is set in any case */
    m->headers = (pp_header *)(void *)(m + 1);
    m->special = NULL;
    if (marks)
        m->special = memcpy(m->headers + p->capacity, p->head.marks->special, marks);
    m->wire = pp_str_n(copy, wire.n);
    memcpy(copy, wire.p, wire.n);
    memset(copy + wire.n, 0, PADDING);
    p->quick = (pp_quick){copy, m->special};
    p->m = m;
    return 0;
}

static int parse(pp_parser *p, char *copy)
{
    const pp_head *head = &p->head;
    pp_lines lines = pp_head_lines(head, copy);
    pp_str line = PP_STR_NONE;
    int err;

    pp_parser_check(p, !head->stray, "CR or LF Alone");
    if (head->nul)
        pp_parser_check(p, !has_nul(pp_str_sub(p->m->wire, 0, lines.end)), "NUL Outside Quotes");
    pp_lines_next(&lines, &line);
    err = parse_start_line(p, line);
    if (err)
        return err;
    pp_parser_check(p, head->lines - 1 <= PP_LIMIT_SIP_HEADERS, "Too Many Header Fields");
    pp_parser_read_fields(p, &lines);
    return pp_parser_read_values(p, pp_str_from(p->m->wire, head->size));
}

/* CRLFs before the start line are noise (section 7.5). */
static pp_str without_leading_crlf(pp_str wire)
{
    while (wire.n >= 2 && wire.p[0] == '\r' && wire.p[1] == '\n')
        wire = pp_str_from(wire, 2);
    return wire;
}

/* The head is known: the rest. */
static int make(pp_parser *p, pp_message_pool *pool, pp_str wire, pp_message **out)
{
    int err;

    p->capacity =
        p->head.lines - 1 < PP_LIMIT_SIP_HEADERS ? p->head.lines - 1 : PP_LIMIT_SIP_HEADERS;
    p->more_vias = false;
    err = allocate(p, pool, pp_str_sub(wire, 0, PP_LIMIT_SIP_MESSAGE));
    if (err)
        return err;
    if (wire.n > PP_LIMIT_SIP_MESSAGE)
        pp_parser_defect(p, 513, "Message Too Large");
    err = parse(p, (char *)(uintptr_t)p->quick.text);
    if (err) {
        pp_message_unref(p->m);
        return err;
    }
    *out = p->m;
    return 0;
}

int pp_message_parse_with(pp_marks_finder *find, pp_message_pool *pool, pp_str wire,
                          pp_message **out)
{
    pp_marks marks;
    pp_parser p;

    wire = without_leading_crlf(wire);
    if (find && find(wire, &marks))
        p.head = pp_head_of(&marks);
    else if (!pp_head_measure(pp_str_sub(wire, 0, PP_LIMIT_SIP_MESSAGE), &p.head))
        return pp_error(PIPIT_ERR_SYNTAX, "message: no empty line ends the header fields");
    return make(&p, pool, wire, out);
}

int pp_message_parse_pooled(pp_message_pool *pool, const pp_wire *wire, pp_message **out)
{
    pp_parser p;

    if (!wire->marks)
        return pp_message_parse_with(pp_marks_find, pool, wire->text, out);
    p.head = pp_head_of(wire->marks);
    return make(&p, pool, wire->text, out);
}

int pp_message_parse(pp_str wire, pp_message **out)
{
    return pp_message_parse_with(pp_marks_find, NULL, wire, out);
}
