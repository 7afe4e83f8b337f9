/* table.c - the parser and the printer of each header (header_table.h). */
#include "base/error.h"
#include "base/limits.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

static const pp_header_info infos[PP_HEADER_COUNT] = {
    [PP_HEADER_OTHER] = {PP_HEADER_OTHER, "", '\0', false, PP_SHAPE_TEXT},
/* clang-format off */
#define LIST true
#define SINGLE false
#define INFO(id, name, compact, list, shape)                                                       \
    [PP_HEADER_##id] = {PP_HEADER_##id, name, compact, list, PP_SHAPE_##shape},
    PP_HEADER_TABLE(INFO)
#undef INFO
#undef SINGLE
#undef LIST
    /* clang-format on */
};

const pp_header_info *pp_header_info_of(pp_header_id id)
{
    return &infos[(unsigned)id < PP_HEADER_COUNT ? id : PP_HEADER_OTHER];
}

static int parse_text(pp_str text, pp_str *out)
{
    *out = pp_str_trim(text);
    return 0;
}

static int print_text(const pp_str *text, pp_buf *out)
{
    pp_buf_str(out, *text);
    return pp_buf_error(out);
}

/* A row of the table below for a member of the union. */
#define ADAPT(name, member, parser, printer)                                                       \
    static int parse_##name(pp_str text, pp_typed *out)                                            \
    {                                                                                              \
        return parser(text, &out->as.member);                                                      \
    }                                                                                              \
    static int print_##name(const pp_typed *value, pp_buf *out)                                    \
    {                                                                                              \
        return printer(&value->as.member, out);                                                    \
    }
#define SHAPES(X)                                                                                  \
    X(TEXT, text, parse_text, print_text)                                                          \
    X(TOKEN, word, pp_token_parse, pp_token_print)                                                 \
    X(PARAMS, word, pp_token_params_parse, pp_word_print)                                          \
    X(WORD, word, pp_call_id_parse, pp_token_print)                                                \
    X(DIALOG, word, pp_dialog_id_parse, pp_word_print)                                             \
    X(UUI, word, pp_uui_parse, pp_word_print)                                                      \
    X(NUMBER, number, pp_number_parse, pp_number_print)                                            \
    X(DELTA, number, pp_delta_parse, pp_number_print)                                              \
    X(SESSION_EXPIRES, session_expires, pp_session_expires_parse, pp_session_expires_print)        \
    X(CSEQ, cseq, pp_cseq_parse, pp_cseq_print)                                                    \
    X(RACK, rack, pp_rack_parse, pp_rack_print)                                                    \
    X(TIMESTAMP, timestamp, pp_timestamp_parse, pp_timestamp_print)                                \
    X(DATE, date, pp_date_parse, pp_date_print)                                                    \
    X(ADDRESS, address, pp_name_addr_parse, pp_address_print)                                      \
    X(CONTACT, contact, pp_contact_parse, pp_contact_print)                                        \
    X(VIA, via, pp_via_parse, pp_via_print)                                                        \
    X(MEDIA_TYPE, media_type, pp_media_type_parse, pp_media_type_print)                            \
    X(WARNING, warning, pp_warning_parse, pp_warning_print)                                        \
    X(AUTH, auth, pp_auth_parse, pp_auth_print)                                                    \
    X(AUTH_INFO, auth, pp_auth_info_parse, pp_auth_print)                                          \
    X(EVENT, event, pp_event_parse, pp_event_print)                                                \
    X(SUBSCRIPTION_STATE, subscription_state, pp_subscription_state_parse,                         \
      pp_subscription_state_print)                                                                 \
    X(REASON, reason, pp_reason_parse, pp_reason_print)                                            \
    X(REPLACES, replaces, pp_replaces_parse, pp_replaces_print)                                    \
    X(IDENTITY, identity, pp_identity_parse, pp_identity_print)
SHAPES(ADAPT)

static const struct {
    int (*parse)(pp_str text, pp_typed *out);
    int (*print)(const pp_typed *value, pp_buf *out);
} shapes[PP_SHAPE_COUNT] = {
#define SHAPE(name, member, parser, printer) [PP_SHAPE_##name] = {parse_##name, print_##name},
    SHAPES(SHAPE)
#undef SHAPE
};

int pp_shape_parse(pp_shape shape, pp_str text, pp_typed *out)
{
    pp_typed value = {.shape = shape};
    int err;

    if (!pp_str_is_line(text))
        return pp_error(PIPIT_ERR_SYNTAX, "header: the value holds CR, LF or NUL");
    err = shapes[shape].parse(text, &value);
    if (!err)
        *out = value;
    return err;
}

int pp_typed_parse(pp_header_id id, pp_str text, pp_typed *out)
{
    return pp_shape_parse(pp_header_info_of(id)->shape, text, out);
}

/* Whether the text is one member of that header, all of it. */
static bool is_one(const pp_header_info *info, pp_str text)
{
    pp_str rest = text, member;
    pp_typed back;

    if (info->list && (!pp_list_next(&rest, &member) || member.n != text.n))
        return false;
    return pp_shape_parse(info->shape, text, &back) == 0;
}

int pp_typed_print(pp_header_id id, const pp_typed *value, pp_buf *out)
{
    const pp_header_info *info = pp_header_info_of(id);
    size_t before = out->n;
    int err = 0;

    if (value->shape != info->shape)
        return pp_error(PIPIT_ERR_ARGUMENT, "header: %s has another kind of value", info->name);
    err = shapes[info->shape].print(value, out);
    if (!err && !is_one(info, pp_str_from(pp_buf_text(out), before)))
        err = pp_error(PIPIT_ERR_SYNTAX, "header: this is no value of %s", info->name);
    if (err)
        out->n = before;
    return err;
}
