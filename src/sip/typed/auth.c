/* auth.c - challenges and credentials of any scheme: Digest, Bearer (RFC 8898), and those to come. digest.h has what they mean. */
#include "base/error.h"
#include "sip/auth_param.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

/* RFC 7235 section 2.1: a token68, "eyJhbGciOi…==". */
static bool is_token68(pp_str text)
{
    size_t n = 0;

    while (n < text.n && (pp_char_is(text.p[n], PP_CHAR_SCHEME) || strchr("_~/", text.p[n])))
        n++;
    if (n == 0)
        return false;
    while (n < text.n && text.p[n] == '=')
        n++;
    return n == text.n;
}

/* The next "name=value" of a list; every member must be one. */
static bool next_param(pp_str *rest, pp_str *name, pp_str *value)
{
    if (!pp_list_next(rest, value))
        return false;
    *name = pp_str_trim(pp_str_split(value, '='));
    *value = value->p ? pp_str_trim(*value) : PP_STR_NONE;
    return true;
}

static bool is_valid(pp_str name, pp_str value)
{
    if (!pp_str_is(name, PP_CHAR_TOKEN) || pp_str_empty(value))
        return false;
    return pp_quoted_span(value) == value.n ||
           (value.p[0] != '"' && value.p[0] != '=' && pp_str_span(value, PP_CHAR_URI) == value.n);
}

static int parse_params(pp_str text, pp_auth *out)
{
    pp_auth value = *out;
    pp_str rest = text, name, content;
    size_t count = 0;

    for (; next_param(&rest, &name, &content); count++)
        if (!is_valid(name, content))
            return pp_error(PIPIT_ERR_SYNTAX, "authentication: a parameter is malformed");
    if (count == 0)
        return pp_error(PIPIT_ERR_SYNTAX, "authentication: expected parameters");
    value.params = text;
    *out = value;
    return 0;
}

int pp_auth_parse(pp_str text, pp_auth *out)
{
    pp_auth value = {.token = PP_STR_NONE};
    pp_str rest = text;
    int err = 0;

    value.scheme = pp_str_word(&rest);
    rest = pp_str_trim(rest);
    if (!pp_str_is(value.scheme, PP_CHAR_TOKEN))
        return pp_error(PIPIT_ERR_SYNTAX, "authentication: expected a scheme");
    if (is_token68(rest))
        value.token = rest;
    else if (rest.n)
        err = parse_params(rest, &value);
    if (!err)
        *out = value;
    return err;
}

int pp_auth_info_parse(pp_str text, pp_auth *out)
{
    pp_auth value = {.token = PP_STR_NONE};
    int err = parse_params(pp_str_trim(text), &value);

    if (!err)
        *out = value;
    return err;
}

int pp_auth_print(const pp_auth *value, pp_buf *out)
{
    pp_str rest = value->params, name, content;
    const char *before = value->scheme.n ? " " : "";

    pp_buf_str(out, value->scheme);
    if (value->token.n) {
        pp_buf_char(out, ' ');
        pp_buf_str(out, value->token);
        return pp_buf_error(out);
    }
    while (next_param(&rest, &name, &content)) {
        pp_buf_c(out, before);
        pp_buf_str(out, name);
        pp_buf_char(out, '=');
        pp_buf_str(out, content);
        before = ", ";
    }
    return pp_buf_error(out);
}
