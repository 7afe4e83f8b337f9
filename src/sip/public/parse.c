/* parse.c - pipit_parse(): a rule by name (JsSIP's Grammar.parse). */
#include "base/error.h"
#include "base/limits.h"
#include "pipit/request.h"
#include "sip/lexer.h"
#include "sip/public/objects.h"

/* --- what is no header ---------------------------------------------------------------------------- */

static int wrong(const char *rule)
{
    return pp_error(PIPIT_ERR_SYNTAX, "parse: this is no %s", rule);
}

/* A value of one member. */
static int one(pipit_value_kind kind, pipit_value **value, pp_value_member **member)
{
    int err = pp_value_new(kind, value);

    return err ? err : pp_value_add(*value, member);
}

static int parse_uri(pp_str text, bool any_scheme, pipit_value **out)
{
    pp_value_member *member;
    pp_uri uri;
    int err = pp_uri_parse(pp_str_trim(text), &uri);

    if (!err && !any_scheme && uri.scheme != PP_SCHEME_SIP && uri.scheme != PP_SCHEME_SIPS)
        err = wrong("SIP URI");
    if (!err)
        err = one(PIPIT_VALUE_URI, out, &member);
    return err ? err : pp_uri_public(&uri, &member->uri);
}

static int parse_sip_uri(pp_str text, pipit_value **out)
{
    return parse_uri(text, false, out);
}

static int parse_any_uri(pp_str text, pipit_value **out)
{
    return parse_uri(text, true, out);
}

static int parse_host(pp_str text, pipit_value **out)
{
    pp_value_member *member;
    int err = pp_host_valid(text) ? one(PIPIT_VALUE_FIELDS, out, &member) : wrong("host");

    return err ? err : pp_host_fields(text, member);
}

static int parse_quoted_string(pp_str text, pipit_value **out)
{
    pp_str quoted = pp_str_trim(text);
    pp_value_member *member;
    int err = quoted.n && pp_quoted_span(quoted) == quoted.n ? one(PIPIT_VALUE_FIELDS, out, &member)
                                                             : wrong("quoted string");

    return err ? err : pp_field_unquoted(member, "value", quoted);
}

static bool is_uuid(pp_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.p[i] != '-' : !pp_char_is(text.p[i], PP_CHAR_HEX))
            return false;
    }
    return text.n == 36;
}

static int parse_uuid(pp_str text, pipit_value **out)
{
    pp_value_member *member;
    int err = is_uuid(text) ? one(PIPIT_VALUE_FIELDS, out, &member) : wrong("UUID");

    return err ? err : pp_field(member, "value", text);
}

/* --- start lines ---------------------------------------------------------------------------------- */

static int parse_status_line(pp_str text, pipit_value **out)
{
    pp_str reason = text;
    pp_str version = pp_str_split(&reason, ' '), code = pp_str_split(&reason, ' ');
    pp_value_member *member;
    uint32_t status;
    int err = 0;

    if (!pp_str_ieq(version, PP_LIT("SIP/2.0")) || code.n != 3 ||
        !pp_str_to_u32(code, 100, 699, &status))
        return wrong("status line");
    err = one(PIPIT_VALUE_FIELDS, out, &member);
    if (!err)
        err = pp_field(member, "sip_version", version);
    if (!err)
        err = pp_field(member, "status_code", code);
    return err ? err : pp_field(member, "reason_phrase", reason.p ? reason : PP_LIT(""));
}

static int parse_request_line(pp_str text, pipit_value **out)
{
    pp_str version = text;
    pp_str method = pp_str_split(&version, ' '), ruri = pp_str_split(&version, ' ');
    pp_value_member *member;
    pp_uri uri;
    int err = pp_str_is(method, PP_CHAR_TOKEN) && pp_str_ieq(version, PP_LIT("SIP/2.0"))
                  ? pp_uri_parse(ruri, &uri)
                  : wrong("request line");

    if (!err)
        err = one(PIPIT_VALUE_FIELDS, out, &member);
    if (!err)
        err = pp_uri_public(&uri, &member->uri);
    if (!err)
        err = pp_field(member, "method", method);
    if (!err)
        err = pp_field(member, "ruri", ruri);
    return err ? err : pp_field(member, "sip_version", version);
}

static int parse_start_line(pp_str text, pipit_value **out)
{
    return pp_str_istarts(text, "SIP/") ? parse_status_line(text, out)
                                        : parse_request_line(text, out);
}

/* --- headers -------------------------------------------------------------------------------------- */

static int add_typed(pipit_value *value, pp_shape shape, pp_str text)
{
    pp_value_member *member;
    pp_typed typed;
    int err = pp_shape_parse(shape, text, &typed);

    if (!err)
        err = pp_value_add(value, &member);
    return err ? err : pp_member_of(&typed, member);
}

/* "#token": a list of such may be empty (RFC 3261 section 25.1: Accept, Allow, Supported). */
static bool may_be_empty(pp_shape shape)
{
    return shape == PP_SHAPE_TOKEN || shape == PP_SHAPE_PARAMS || shape == PP_SHAPE_MEDIA_TYPE;
}

static int add_list(pipit_value *value, pp_shape shape, pp_str list)
{
    pp_str member;
    int err = 0;

    while (!err && pp_list_next(&list, &member))
        err = add_typed(value, shape, member);
    if (!err && value->count == 0 && !may_be_empty(shape))
        err = pp_error(PIPIT_ERR_SYNTAX, "parse: the list has no members");
    return err;
}

static int parse_shape(pp_shape shape, bool list, pp_str text, pipit_value **out)
{
    bool address = shape == PP_SHAPE_ADDRESS || shape == PP_SHAPE_CONTACT;
    int err = pp_value_new(address ? PIPIT_VALUE_NAME_ADDR : PIPIT_VALUE_FIELDS, out);

    if (err)
        return err;
    return list ? add_list(*out, shape, text) : add_typed(*out, shape, text);
}

static int parse_name_addr(pp_str text, pipit_value **out)
{
    return parse_shape(PP_SHAPE_ADDRESS, false, text, out);
}

static int parse_challenge(pp_str text, pipit_value **out)
{
    return parse_shape(PP_SHAPE_AUTH, false, text, out);
}

static const struct {
    pp_str name;
    int (*parse)(pp_str text,
                 pipit_value **out); /* a value in *out is the caller's after a failure too */
} rules[] = {
    {PP_LIT_INIT("SIP-URI"), parse_sip_uri},
    {PP_LIT_INIT("URI"), parse_any_uri},
    {PP_LIT_INIT("absoluteURI"), parse_any_uri},
    {PP_LIT_INIT("host"), parse_host},
    {PP_LIT_INIT("quoted-string"), parse_quoted_string},
    {PP_LIT_INIT("uuid"), parse_uuid},
    {PP_LIT_INIT("challenge"), parse_challenge},
    {PP_LIT_INIT("credentials"), parse_challenge},
    {PP_LIT_INIT("Name-Addr-Header"), parse_name_addr},
    {PP_LIT_INIT("NameAddrHeader"), parse_name_addr},
    {PP_LIT_INIT("Status-Line"), parse_status_line},
    {PP_LIT_INIT("Request-Line"), parse_request_line},
    {PP_LIT_INIT("Request-Response"), parse_start_line},
};

/* By rule first, then by header; one that is not known is any text. */
static int parse_by_name(pp_str name, pp_str text, pipit_value **out)
{
    const pp_header_info *info = pp_header_info_of(pp_header_id_of(name));

    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
        if (pp_str_ieq(rules[i].name, name))
            return rules[i].parse(text, out);
    if (!pp_str_is(name, PP_CHAR_TOKEN))
        return pp_error(PIPIT_ERR_SYNTAX, "parse: the name is that of no rule and no header");
    return parse_shape(info->shape, info->list, text, out);
}

/* --- the text ------------------------------------------------------------------------------------- */

/* Folds become blanks (RFC 3261 section 7.3.1). */
static void unfold(pp_str text, pp_buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        bool fold = text.p[i] == '\r' && text.n - i > 2 && text.p[i + 1] == '\n' &&
                    pp_char_is_blank(text.p[i + 2]);
        pp_buf_char(out, fold ? ' ' : text.p[i]);
        i += fold;
    }
}

static int parse_line(const char *rule, pp_str folded, pipit_value **out)
{
    pp_buf text = {0}, name = {0};
    int err;

    unfold(folded, &text);
    for (const char *c = rule; *c; c++)
        pp_buf_char(&name, *c == '_' ? '-' : *c);
    err = pp_buf_error(&text) ? pp_buf_error(&text) : pp_buf_error(&name);
    if (!err && !pp_str_is_line(pp_buf_text(&text)))
        err = pp_error(PIPIT_ERR_SYNTAX, "parse: the text holds CR or LF");
    if (!err)
        err = parse_by_name(pp_buf_text(&name), pp_buf_text(&text), out);
    pp_buf_free(&text);
    pp_buf_free(&name);
    return err;
}

static int parse_message(pp_str text, pipit_value **out)
{
    int err = pp_value_new(PIPIT_VALUE_MESSAGE, out);

    if (!err)
        err = pipit_request_parse(text.p, text.n, &(*out)->request);
    return err;
}

int pipit_parse(const char *rule, const char *text, pipit_value **out)
{
    pipit_value *value = NULL;
    pp_str all = pp_str_c(text);
    int err;

    if (!rule || !text || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "parse: the rule, the text or the place for the result is missing");
    if (all.n > PP_LIMIT_SIP_MESSAGE)
        return pp_error(PIPIT_ERR_LIMIT, "parse: the text is longer than a message");
    err = pp_str_ieq_c(PP_LIT("message"), rule) ? parse_message(all, &value)
                                                : parse_line(rule, all, &value);
    if (err)
        pipit_value_unref(value);
    else
        *out = value;
    return err;
}
