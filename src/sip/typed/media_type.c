/* media_type.c - Content-Type and the ranges of Accept (RFC 3261 section 20.1, RFC 2045 section 5.1). */
#include "base/error.h"
#include "base/limits.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

int pp_media_type_parse(pp_str text, pp_media_type *out)
{
    pp_media_type value;
    pp_str rest = pp_str_trim(text);

    value.type = pp_str_sub(rest, 0, pp_str_span(rest, PP_CHAR_TOKEN));
    rest = pp_str_trim(pp_str_from(rest, value.type.n));
    if (pp_str_empty(value.type) || pp_str_empty(rest) || rest.p[0] != '/')
        return pp_error(PIPIT_ERR_SYNTAX, "media type: expected type/subtype");
    rest = pp_str_trim(pp_str_from(rest, 1));
    value.subtype = pp_str_sub(rest, 0, pp_str_span(rest, PP_CHAR_TOKEN));
    value.params = pp_str_trim(pp_str_from(rest, value.subtype.n));
    if (pp_str_empty(value.subtype) || !pp_params_valid(value.params))
        return pp_error(PIPIT_ERR_SYNTAX, "media type: expected a subtype and parameters");
    *out = value;
    return 0;
}

int pp_media_type_print(const pp_media_type *value, pp_buf *out)
{
    int err = pp_token_write(value->type, out);

    pp_buf_char(out, '/');
    if (!err)
        err = pp_token_write(value->subtype, out);
    if (err)
        return err;
    pp_params_print(value->params, NULL, out);
    return pp_buf_error(out);
}

/* The octet at *i of a value, quotes and backslashes passed over; -1 at the end. */
static int octet_at(pp_str value, bool quoted, size_t *i)
{
    size_t end = value.n - quoted;

    if (quoted && *i == 0)
        *i = 1;
    if (quoted && *i + 1 < end && value.p[*i] == '\\')
        *i += 1;
    return *i < end ? (unsigned char)value.p[(*i)++] : -1;
}

/* A token means the same in any case; between quotes case counts. */
static bool same_value(pp_str a, pp_str b)
{
    bool quoted_a = a.n && a.p[0] == '"', quoted_b = b.n && b.p[0] == '"';
    size_t i = 0, k = 0;

    if ((a.p == NULL) != (b.p == NULL))
        return false;
    if (!quoted_a && !quoted_b)
        return pp_str_ieq(a, b);
    for (;;) {
        int x = octet_at(a, quoted_a, &i), y = octet_at(b, quoted_b, &k);
        if (x != y)
            return false;
        if (x < 0)
            return true;
    }
}

static size_t count_params(pp_str params)
{
    pp_str name, value;
    size_t count = 0;

    while (pp_param_next(&params, &name, &value))
        count++;
    return count;
}

/* Each is looked for among the others, so nobody may send thousands. */
static bool all_in(pp_str params, pp_str others)
{
    pp_str name, value;

    while (pp_param_next(&params, &name, &value)) {
        pp_str rest = others, other_name, other;
        bool found = false;
        while (!found && pp_param_next(&rest, &other_name, &other))
            found = pp_str_ieq(name, other_name) && same_value(value, other);
        if (!found)
            return false;
    }
    return true;
}

static bool same_params(pp_str a, pp_str b)
{
    size_t count = count_params(a);

    if (count != count_params(b))
        return false;
    if (count > PP_LIMIT_SIP_LIST)
        return pp_str_eq(a, b);
    return all_in(a, b) && all_in(b, a);
}

bool pp_media_type_equal(const pp_media_type *a, const pp_media_type *b)
{
    return pp_str_ieq(a->type, b->type) && pp_str_ieq(a->subtype, b->subtype) &&
           same_params(a->params, b->params);
}

static bool is_any(pp_str word)
{
    return pp_str_eq(word, PP_LIT("*"));
}

/* RFC 9110 section 12.5.1: `q` parts the media type's parameters from those of the range. */
static pp_str params_before_q(pp_str params)
{
    pp_str rest = params, name, value;
    const char *end = params.p;

    while (pp_param_next(&rest, &name, &value) && !pp_str_ieq(name, PP_LIT("q")))
        end = rest.p;
    return pp_str_n(params.p, params.p ? (size_t)(end - params.p) : 0);
}

bool pp_media_range_takes(const pp_media_type *range, const pp_media_type *type)
{
    pp_str params = params_before_q(range->params);

    if (is_any(range->type))
        return is_any(range->subtype);
    return pp_str_ieq(range->type, type->type) &&
           (is_any(range->subtype) || pp_str_ieq(range->subtype, type->subtype)) &&
           count_params(params) <= PP_LIMIT_SIP_LIST && all_in(params, type->params);
}
