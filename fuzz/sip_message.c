/* sip_message.c - a SIP message is parsed, walked, answered, and passed on: what comes out means the same. A strict judge
 * that knows nothing of our parser says what is right by the letter: that must be taken, and what is made of it is right. */
/* FUZZ: sip abnf */
#include "base/limits.h"
#include "pipit/error.h"
#include "sip/request.h"
#include "sip/typed/typed.h"
#include "support/abnf/abnf.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_right(pp_str wire)
{
    char why[600];

    return abnf_sip_message(wire.p, wire.n, why, sizeof(why));
}

static void check_right(pp_str wire)
{
    char why[600];

    if (abnf_sip_message(wire.p, wire.n, why, sizeof(why)))
        return;
    fprintf(stderr, "%s\n", why);
    abort();
}

static void check_inside(const pp_message *m, pp_str s)
{
    CHECK(s.p == NULL || (s.p >= m->wire.p && s.p + s.n <= m->wire.p + m->wire.n));
}

/* A right value is read, and what is printed of it is right. */
static void check_typed(pp_header_id id, pp_str member)
{
    const char *rule = pp_header_name(id);
    pp_buf printed = {0};
    pp_typed value;
    char why[600];

    /* A NUL may be quoted in what comes (RFC 4475 section 3.1.1.2), but no value of ours has one. */
    if (memchr(member.p, '\0', member.n) || !abnf_has_rule(rule) ||
        !abnf_matches(rule, member.p, member.n, why, sizeof(why)))
        return;
    if (pp_typed_parse(id, member, &value)) {
        fprintf(stderr, "%s: '%.*s': %s\n", rule, PP_STR(member), pipit_error_message());
        abort();
    }
    CHECK(pp_typed_print(id, &value, &printed) == 0);
    if (!abnf_matches(rule, printed.p ? printed.p : "", printed.n, why, sizeof(why))) {
        fprintf(stderr, "%s of '%.*s'\n", why, PP_STR(member));
        abort();
    }
    pp_buf_free(&printed);
}

static void walk(const pp_message *m)
{
    size_t vias = 0;

    for (size_t i = 0; i < m->header_count; i++) {
        pp_member at = {0};
        pp_str value;
        check_inside(m, m->headers[i].name);
        check_inside(m, m->headers[i].value);
        CHECK(m->defect || !memchr(m->headers[i].value.p, '\n', m->headers[i].value.n));
        while (pp_message_next(m, m->headers[i].id, &at, &value)) {
            check_inside(m, value);
            if (m->wire.n <= 4096)
                check_typed(m->headers[i].id, value);
        }
        CHECK(pp_message_header_named(m, m->headers[i].name, 0).p != NULL);
    }
    for (pp_member at = {0}; pp_message_next(m, PP_HEADER_VIA, &at, &(pp_str){0});)
        vias++;
    CHECK(vias == m->via_count);
    check_inside(m, m->body);
    check_inside(m, m->from_tag);
    check_inside(m, m->to_tag);
    check_inside(m, m->via.branch);
    check_inside(m, m->ruri.host);
}

static void check_same(const pp_message *a, const pp_message *b)
{
    size_t k = 0;

    CHECK(a->status == b->status && a->method == b->method && a->cseq == b->cseq &&
          a->via_count == b->via_count);
    CHECK(pp_str_eq(a->ruri_text, b->ruri_text) && pp_str_eq(a->reason, b->reason) &&
          pp_str_eq(a->body, b->body));
    CHECK(pp_str_eq(a->from_tag, b->from_tag) && pp_str_eq(a->to_tag, b->to_tag));
    CHECK(pp_str_eq(a->call_id, b->call_id) && pp_str_eq(a->via.branch, b->via.branch));
    for (size_t i = 0; i < a->header_count; i++) {
        if (a->headers[i].id == PP_HEADER_CONTENT_LENGTH)
            continue;
        CHECK(k < b->header_count && a->headers[i].id == b->headers[k].id);
        CHECK(pp_str_eq(a->headers[i].value, b->headers[k].value));
        k++;
    }
    CHECK(k + 1 == b->header_count);
}

static void pass_on(const pp_message *m, bool right)
{
    pp_outgoing *copy = NULL;
    pp_message *again = NULL;
    pp_buf wire = {0};

    CHECK(pp_outgoing_from_message(m, &copy) == 0);
    CHECK(pp_outgoing_write(copy, &wire) == 0);
    if (right)
        check_right(pp_buf_text(&wire));
    CHECK(pp_message_parse(pp_buf_text(&wire), &again) == 0 && !again->defect);
    check_same(m, again);
    pp_message_unref(again);
    pp_outgoing_unref(copy);
    pp_buf_free(&wire);
}

static void answer(const pp_message *m, bool right)
{
    pp_outgoing *response = NULL;
    pp_message *read = NULL;
    pp_buf wire = {0};

    CHECK(pp_outgoing_response(m, 400, m->defect_phrase, "t", &response) == 0);
    CHECK(pp_outgoing_write(response, &wire) == 0);
    if (right)
        check_right(pp_buf_text(&wire));
    if (!m->defect) {
        CHECK(pp_message_parse(pp_buf_text(&wire), &read) == 0);
        CHECK(read->status == 400 && read->cseq == m->cseq && pp_str_eq(read->call_id, m->call_id));
        CHECK(pp_str_eq(read->to_tag, m->to_tag.n ? m->to_tag : PP_LIT("t")));
    }
    pp_message_unref(read);
    pp_outgoing_unref(response);
    pp_buf_free(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_message *m = NULL;
    pipit_request *view = NULL;
    bool right = size <= 4096 && is_right(pp_str_n(data, size));
    int err;

    if (size > PP_LIMIT_SIP_HEADER / 2)
        return 0; /* longer ones may grow beyond a limit when compact names are written out */
    err = pp_message_parse(pp_str_n(data, size), &m);
    if (right && ((err && err != PIPIT_ERR_LIMIT) || (m && m->defect))) {
        fprintf(stderr, "refused: %s\n", m ? m->defect_phrase : pipit_error_message());
        abort();
    }
    if (err)
        return 0;
    walk(m);
    CHECK(pp_request_of_message(m, &view) == 0);
    CHECK(pipit_request_count_header(view, "Via") == pp_message_count(m, PP_HEADER_VIA));
    pipit_request_unref(view);
    if (m->is_request)
        answer(m, right);
    if (!m->defect && m->header_count < PP_LIMIT_SIP_HEADERS)
        pass_on(m, right);
    pp_message_unref(m);
    return 0;
}
