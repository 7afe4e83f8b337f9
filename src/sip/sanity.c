/* sanity.c - the table of checks a message must pass, and what a refusal says besides its status. */
#include "sip/sanity.h"

#include "base/limits.h"
#include "sip/multipart.h"
#include "sip/outgoing_inside.h"
#include "sip/status.h"
#include "sip/typed/typed.h"

/* When a row is looked at. */
enum {
    REQUEST = 1, /* before a request may touch a transaction */
    FINAL = 2,   /* before a response may, at the user agent it is for */
    TRANSIT = 4, /* and on its way there */
    RESPONSE = FINAL | TRANSIT,
    OUTSIDE = 8, /* a request to a user agent, without a To tag */
    INSIDE = 16, /* and with one */
    SERVER = OUTSIDE | INSIDE,
    PROXY = 32
};

typedef struct question {
    const pp_message *message;
    const pp_sanity_rules *rules;
    const pp_sanity_facts *facts;
} question;

/* --- the message alone ------------------------------------------------------------------------ */

static bool is_too_large(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->message->wire.n > q->rules->size_max;
}

/* What the parser found: "Bad CSeq", "Multiple From", another version of SIP. */
static bool has_defect(const question *q, pp_sanity_fault *fault)
{
    if (!q->message->defect)
        return false;
    fault->status = q->message->defect;
    fault->phrase = q->message->defect_phrase;
    return true;
}

static bool has_long_uri(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->message->ruri_text.n > PP_LIMIT_SIP_URI;
}

#define LIST                                    true
#define SINGLE                                  false
#define IS_LIST(id, name, compact, list, shape) [PP_HEADER_##id] = list,
static const bool is_list[PP_HEADER_COUNT] = {PP_HEADER_TABLE(IS_LIST)};
#undef IS_LIST
#undef LIST
#undef SINGLE

/* In all fields of the kind, of which this is the first. */
static bool is_long_list(const pp_message *message, const pp_header *first)
{
    size_t octets = first->value.n, count = 0;
    pp_member at = {0};
    pp_str member;

    for (size_t next = first->next; next; next = message->headers[next - 1].next)
        octets += message->headers[next - 1].value.n + 1;
    if (octets < PP_MESSAGE_LIST)
        return false;
    while (pp_message_next(message, first->id, &at, &member))
        if (++count > PP_LIMIT_SIP_LIST)
            return true;
    return false;
}

static bool has_long_list(const question *q, pp_sanity_fault *fault)
{
    const pp_message *message = q->message;

    (void)fault;
    for (size_t i = 0; message->has_lists && i < message->header_count; i++) {
        const pp_header *header = &message->headers[i];

        if (is_list[header->id] && message->first[header->id] == i + 1 &&
            is_long_list(message, header))
            return true;
    }
    return false;
}

static bool is_nested(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->message->body.n &&
           pp_multipart_is_too_deep(q->message->content_type, q->message->body);
}

/* Section 8.1.3.3: it was meant for somebody behind us, and nobody is. */
static bool has_more_via(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->message->via_count != 1;
}

/* --- what the request asks for ---------------------------------------------------------------- */

static bool is_unknown(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->message->method == PP_METHOD_OTHER;
}

static bool is_not_done(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return !(q->rules->methods & PP_METHOD_BIT(q->message->method));
}

static bool has_other_scheme(const question *q, pp_sanity_fault *fault)
{
    pp_scheme scheme = q->message->ruri.scheme;

    (void)fault;
    return scheme != PP_SCHEME_SIP && !(q->rules->sips && scheme == PP_SCHEME_SIPS);
}

static bool is_a_strangers(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->facts->stranger;
}

static bool has_no_hops_left(const question *q, pp_sanity_fault *fault)
{
    uint32_t hops;

    (void)fault;
    return pp_message_number(q->message, PP_HEADER_MAX_FORWARDS, &hops) && hops == 0;
}

static bool is_looped(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->facts->looped;
}

static bool is_merged(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->facts->merged;
}

static bool lacks_its_dialog(const question *q, pp_sanity_fault *fault)
{
    if (q->facts->dialog)
        fault->status = q->facts->dialog;
    return q->facts->dialog || (pp_str_empty(q->message->to_tag) &&
                                (q->rules->dialog_methods & PP_METHOD_BIT(q->message->method)));
}

static bool is_too_late(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->facts->closing;
}

/* --- extensions ------------------------------------------------------------------------------- */

static bool is_supported(const pp_sanity_rules *rules, pp_str option)
{
    for (const char *const *o = rules->options; o && *o; o++)
        if (pp_str_ieq_c(option, *o))
            return true;
    return false;
}

static bool next_unsupported(const pp_message *request, const pp_sanity_rules *rules, pp_member *at,
                             pp_str *option)
{
    pp_header_id id = rules->proxy ? PP_HEADER_PROXY_REQUIRE : PP_HEADER_REQUIRE;

    while (pp_message_next(request, id, at, option))
        if (!is_supported(rules, *option))
            return true;
    return false;
}

static bool requires_too_much(const question *q, pp_sanity_fault *fault)
{
    pp_member at = {0};
    pp_str option;

    (void)fault;
    return next_unsupported(q->message, q->rules, &at, &option);
}

/* --- bodies ----------------------------------------------------------------------------------- */

static const pp_sanity_body *body_rule(const question *q)
{
    static const pp_sanity_body none = {0};
    const pp_sanity_body *rule = q->rules->bodies;

    while (rule && rule->method && rule->method != q->message->method)
        rule++;
    return rule && rule->method ? rule : &none;
}

/* Nothing is unpacked here. */
static bool is_encoded(const pp_message *message)
{
    pp_member at = {0};
    pp_str coding;

    while (pp_message_next(message, PP_HEADER_CONTENT_ENCODING, &at, &coding))
        if (!pp_str_ieq_c(coding, "identity"))
            return true;
    return false;
}

static bool has_encoded_body(const question *q, pp_sanity_fault *fault)
{
    (void)fault;
    return q->message->body.n && is_encoded(q->message);
}

static bool has_other_body(const question *q, pp_sanity_fault *fault)
{
    const pp_sanity_body *rule = body_rule(q);

    (void)fault;
    if (!rule->method || !q->message->body.n)
        return false;
    return rule->type ? !pp_message_content_is(q->message, rule->type) &&
                            !pp_message_body_of(q->message, rule->type).n
                      : pp_str_empty(q->message->content_type);
}

static bool has_large_body(const question *q, pp_sanity_fault *fault)
{
    const pp_sanity_body *rule = body_rule(q);

    (void)fault;
    return rule->size_max && q->message->body.n > rule->size_max;
}

/* Whatever parameters are wished: our description has none (the example of section 20.1 has "level=1"). */
static bool is_in_range(pp_str text, pp_str type)
{
    pp_media_type range, wanted;

    if (pp_media_type_parse(text, &range) || pp_media_type_parse(type, &wanted))
        return false;
    range.params = PP_STR_NONE;
    return pp_media_range_takes(&range, &wanted);
}

/* Section 20.1: without an Accept a description is expected; an empty one takes nothing. */
static bool takes_no_answer(const question *q, pp_sanity_fault *fault)
{
    const char *type;
    pp_member at = {0};
    pp_str range;

    (void)fault;
    if (!pp_message_count(q->message, PP_HEADER_ACCEPT))
        return false;
    type = body_rule(q)->type;
    if (!type)
        return false;
    while (pp_message_next(q->message, PP_HEADER_ACCEPT, &at, &range))
        if (is_in_range(range, pp_str_c(type)))
            return false;
    return true;
}

/* Section 8.1.1.8: an INVITE has one, with one URI. */
static bool has_no_contact(const question *q, pp_sanity_fault *fault)
{
    pp_member at = {0};
    pp_name_addr contact;

    if (q->message->method != PP_INVITE)
        return false;
    if (!pp_message_next_address(q->message, PP_HEADER_CONTACT, &at, &contact))
        return true;
    if (!pp_message_next_address(q->message, PP_HEADER_CONTACT, &at, &contact))
        return false;
    fault->phrase = "Multiple Contact";
    return true;
}

/* --- the table -------------------------------------------------------------------------------- */

/* A phrase of NULL is the standard one. A check that fails may put another status or phrase. */
static const struct check {
    const char *name;
    unsigned when;
    int status;
    const char *phrase;
    bool (*fails)(const question *q, pp_sanity_fault *fault);
} checks[] = {
    {"message size", REQUEST | RESPONSE, 513, NULL, is_too_large},
    {"form", REQUEST | RESPONSE, 400, NULL, has_defect},
    {"Request-URI length", REQUEST, 414, NULL, has_long_uri},
    {"list members", REQUEST | RESPONSE, 400, "Too Many List Members", has_long_list},
    {"nesting", REQUEST | RESPONSE, 400, "Body Nested Too Deep", is_nested},
    {"one Via", FINAL, 400, "Another's Via", has_more_via},
#define MESSAGE_CHECKS 6 /* those are all that look at the message alone */
    {"known method", SERVER, 501, NULL, is_unknown},
    {"allowed method", SERVER, 405, NULL, is_not_done},
    {"URI scheme", OUTSIDE | PROXY, 416, NULL, has_other_scheme},
    {"recipient", OUTSIDE, 404, NULL, is_a_strangers},
    {"hops", PROXY, 483, NULL, has_no_hops_left},
    {"loop", OUTSIDE | PROXY, 482, NULL, is_looped},
    {"merged request", OUTSIDE, 482, "Merged Request", is_merged},
    {"dialog", SERVER, 481, NULL, lacks_its_dialog},
    {"closing", OUTSIDE, 480, NULL, is_too_late},
    {"extensions", SERVER | PROXY, 420, NULL, requires_too_much},
    {"body encoding", SERVER, 415, NULL, has_encoded_body},
    {"body type", SERVER, 415, NULL, has_other_body},
    {"body size", SERVER, 413, NULL, has_large_body},
    {"acceptable answer", SERVER, 406, NULL, takes_no_answer},
    {"Contact", OUTSIDE, 400, "Missing Contact", has_no_contact},
};

static bool passes(const question *q, unsigned when, pp_sanity_fault *out)
{
    const struct check *all = checks + sizeof(checks) / sizeof(*checks);
    const struct check *asked = checks + MESSAGE_CHECKS;
    bool alone = when & (REQUEST | RESPONSE);
    pp_sanity_fault fault = {0};

    for (const struct check *check = alone ? checks : asked; check < (alone ? asked : all);
         check++) {
        if (!(check->when & when) || !check->fails(q, &fault))
            continue;
        out->check = check->name;
        out->status = fault.status ? fault.status : check->status;
        out->phrase = fault.phrase    ? fault.phrase
                      : check->phrase ? check->phrase
                                      : pp_status_phrase(out->status);
        return false;
    }
    return true;
}

bool pp_sanity_message(const pp_message *message, const pp_sanity_rules *rules,
                       pp_sanity_fault *fault)
{
    const question q = {.message = message, .rules = rules};

    if (message->is_request)
        return passes(&q, REQUEST, fault);
    return passes(&q, rules->proxy ? TRANSIT : FINAL, fault);
}

bool pp_sanity_request(const pp_message *request, const pp_sanity_rules *rules,
                       const pp_sanity_facts *facts, pp_sanity_fault *fault)
{
    const question q = {.message = request, .rules = rules, .facts = facts};

    return passes(&q, rules->proxy ? PROXY : request->to_tag.n ? INSIDE : OUTSIDE, fault);
}

const char *pp_sanity_name(size_t index)
{
    return index < sizeof(checks) / sizeof(*checks) ? checks[index].name : NULL;
}

/* --- what a refusal says besides -------------------------------------------------------------- */

static void flush_unsupported(pp_outgoing *response, pp_buf *list)
{
    if (pp_buf_error(list))
        pp_outgoing_fail(response, pp_buf_error(list), "no memory for a header field");
    else if (list->n)
        pp_outgoing_add(response, PP_HEADER_UNSUPPORTED, pp_buf_text(list));
    pp_buf_clear(list);
}

/* In one field, unless that grew too long. */
static void add_unsupported(const pp_message *request, const pp_sanity_rules *rules,
                            pp_outgoing *response)
{
    pp_buf list = {0};
    pp_member at = {0};
    pp_str option;

    while (next_unsupported(request, rules, &at, &option)) {
        if (list.n + 2 + option.n > PP_LIMIT_SIP_HEADER)
            flush_unsupported(response, &list);
        if (list.n)
            pp_buf_c(&list, ", ");
        pp_buf_str(&list, option);
    }
    flush_unsupported(response, &list);
    pp_buf_free(&list);
}

void pp_sanity_explain(const pp_message *request, const pp_sanity_rules *rules,
                       pp_outgoing *response)
{
    switch (pp_outgoing_status(response)) {
    case 405:
    case 501:
        if (rules->allow)
            pp_outgoing_add_c(response, PP_HEADER_ALLOW, rules->allow);
        break;
    case 415: /* section 8.2.3 */
        if (rules->accept)
            pp_outgoing_add_c(response, PP_HEADER_ACCEPT, rules->accept);
        if (is_encoded(request))
            pp_outgoing_add_c(response, PP_HEADER_ACCEPT_ENCODING, "identity");
        break;
    case 420:
        add_unsupported(request, rules, response);
        break;
    default:
        break;
    }
}
