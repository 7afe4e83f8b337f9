/* message_values.c - what every message must say: by marks where that will do, by the full grammar where it will not. */
#include "base/error.h"
#include "base/limits.h"
#include "sip/message_inside.h"

static bool ends_at(const pp_parser *p, size_t at, pp_str value)
{
    return at == pp_parser_place(p, value) + value.n;
}

static __attribute__((noinline)) void read_address_plainly(pp_parser *p, pp_header_id id,
                                                           pp_name_addr *out, pp_str *tag)
{
    const char *phrase = id == PP_HEADER_FROM ? "Bad From" : "Bad To";

    *out = (pp_name_addr){.display_name = PP_STR_NONE};
    pp_parser_check(p, pp_name_addr_parse(pp_parser_first(p, id), out) == 0, phrase);
    if (pp_param(out->params, "tag", tag))
        pp_parser_check(p, tag->n > 0, phrase);
    else
        *tag = PP_STR_NONE;
}

static inline void read_address(pp_parser *p, pp_header_id id, pp_name_addr *out, pp_str *tag)
{
    pp_str value = pp_parser_first(p, id);

    if (!p->quick.special ||
        !ends_at(p, pp_quick_address(&p->quick, pp_parser_place(p, value), out, tag), value))
        read_address_plainly(p, id, out, tag);
}

/* The digits at the start, whose number goes to *out; 0 when there are none or they are too large. */
static size_t read_number(pp_str text, uint32_t *out)
{
    uint64_t number = 0;
    size_t n = 0;

    while (n < text.n && (unsigned char)(text.p[n] - '0') < 10) {
        number = number * 10 + (unsigned char)(text.p[n++] - '0');
        if (number > UINT32_MAX)
            return 0;
    }
    *out = (uint32_t)number;
    return n;
}

static void read_cseq(pp_parser *p)
{
    pp_message *m = p->m;
    pp_str value = pp_parser_first(p, PP_HEADER_CSEQ);
    size_t n = read_number(value, &m->cseq);
    pp_str method = pp_str_trim(pp_str_from(value, n));
    bool apart = n && n + method.n < value.n;

    if (apart && m->is_request && pp_str_eq(method, m->method_name))
        return;
    if (!apart || !pp_str_is(method, PP_CHAR_TOKEN)) {
        m->cseq = 0;
        pp_parser_defect(p, 400, "Bad CSeq");
    } else if (m->is_request) {
        pp_parser_defect(p, 400, "CSeq Method Mismatch");
    } else {
        m->method_name = method;
        m->method = pp_method_of(method);
    }
}

/* Any octets but blanks. */
static void read_call_id(pp_parser *p)
{
    pp_str value = pp_parser_first(p, PP_HEADER_CALL_ID);
    size_t n = 0, marked = 0;

    if (p->quick.special)
        marked =
            pp_marks_next(p->quick.special, pp_parser_place(p, value)) - pp_parser_place(p, value);
    for (n = marked; n < value.n && !pp_str_is_space(value.p[n]);)
        n++;
    p->m->call_id = pp_str_sub(value, 0, n);
    pp_parser_check(p, n && n == value.n, "Bad Call-ID");
}

static void read_via(pp_parser *p, pp_str member)
{
    p->m->via = (pp_via){.port = 0};
    pp_parser_check(p, pp_via_parse(member, &p->m->via) == 0, "Bad Via");
}

static bool read_via_quickly(pp_parser *p, pp_str value)
{
    size_t at = value.n ? pp_parser_place(p, value) : 0;

    return at && p->quick.special && ends_at(p, pp_quick_via(&p->quick, at, &p->m->via), value);
}

/* The first Via is the one that counts; of the others, only how many there are. */
static bool read_vias(pp_parser *p)
{
    pp_message *m = p->m;
    pp_str value = pp_parser_first(p, PP_HEADER_VIA), member, topmost = PP_STR_NONE;
    bool done = read_via_quickly(p, value);

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
    pp_parser_check(p, m->via_count <= PP_LIMIT_SIP_LIST, "Too Many Via");
    return m->via_count > 0;
}

/* The members of one field, to its end; false when the full grammar has to look at it. */
static bool read_contacts_quickly(pp_parser *p, pp_str value, bool is_first)
{
    const char *text = p->quick.text;
    size_t at = pp_parser_place(p, value);
    pp_name_addr another;
    pp_str tag;

    for (;; is_first = false) {
        at = pp_quick_address(&p->quick, at, is_first ? &p->m->contact : &another, &tag);
        if (!at)
            return false;
        if (ends_at(p, at, value))
            return true;
        if (text[at] != ',')
            return false;
        at++;
        while (pp_char_is_blank(text[at]))
            at++;
    }
}

static void read_contacts_plainly(pp_parser *p, pp_str value, bool is_first)
{
    pp_name_addr contact;
    pp_str member;

    if (is_first)
        p->m->contact = (pp_name_addr){.display_name = PP_STR_NONE};

    while (pp_list_next(&value, &member)) {
        bool good = pp_name_addr_parse(member, &contact) == 0;
        if (p->m->is_request && !pp_str_eq(member, PP_LIT("*")))
            pp_parser_check(p, good, "Bad Contact");
        if (is_first && good)
            p->m->contact = contact;
        is_first = false;
    }
}

/* Dialogs are built from it, so a request with a bad one is refused at the door (RFC 4475 section 3.1.2.13). */
static void read_contacts(pp_parser *p)
{
    pp_message *m = p->m;
    size_t start = m->first[PP_HEADER_CONTACT];

    if (!start)
        m->contact = (pp_name_addr){.display_name = PP_STR_NONE};
    for (size_t at = start; at; at = m->headers[at - 1].next) {
        pp_str value = m->headers[at - 1].value;
        if (!p->quick.special || !read_contacts_quickly(p, value, at == start))
            read_contacts_plainly(p, value, at == start);
    }
}

/* On WebSocket the frame tells where the message ends, so a missing length means all of it (RFC 7118 section 5). */
static void read_body(pp_parser *p, pp_str behind)
{
    pp_str value = pp_parser_first(p, PP_HEADER_CONTENT_LENGTH);
    uint32_t length = 0;

    p->m->body = behind;
    if (!value.p)
        return;
    if (pp_str_empty(value) || read_number(value, &length) != value.n)
        pp_parser_defect(p, 400, "Bad Content-Length");
    else if (length > behind.n)
        pp_parser_defect(p, 400, "Content-Length Larger Than Body");
    else
        p->m->body = pp_str_n(behind.p, length);
}

int pp_parser_read_values(pp_parser *p, pp_str behind)
{
    pp_message *m = p->m;

    if (!m->first[PP_HEADER_VIA] || !m->first[PP_HEADER_FROM] || !m->first[PP_HEADER_TO] ||
        !m->first[PP_HEADER_CALL_ID] || !m->first[PP_HEADER_CSEQ])
        return pp_error(PIPIT_ERR_SYNTAX, "message: Via, From, To, Call-ID or CSeq is missing");
    m->content_type = pp_parser_first(p, PP_HEADER_CONTENT_TYPE);
    read_body(p, behind);
    if (!read_vias(p))
        return pp_error(PIPIT_ERR_SYNTAX, "message: Via is empty");
    read_address(p, PP_HEADER_FROM, &m->from, &m->from_tag);
    read_address(p, PP_HEADER_TO, &m->to, &m->to_tag);
    read_call_id(p);
    read_cseq(p);
    read_contacts(p);
    if (!m->is_request && m->defect)
        return pp_error(PIPIT_ERR_SYNTAX, "message: a response with a fault: %s", m->defect_phrase);
    return 0;
}
