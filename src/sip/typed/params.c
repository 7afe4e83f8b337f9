/* params.c - printing parameters, and the words and comments of the grammar (RFC 3261 section 25.1). */
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

static bool is_known(pp_str name, const char *const *known)
{
    for (; known && *known; known++)
        if (pp_str_ieq_c(name, *known))
            return true;
    return false;
}

void pp_params_print(pp_str params, const char *const *known, pp_buf *out)
{
    pp_str name, value;

    while (pp_param_next(&params, &name, &value)) {
        if (is_known(name, known))
            continue;
        pp_buf_char(out, ';');
        pp_buf_str(out, name);
        if (value.p) {
            pp_buf_char(out, '=');
            pp_buf_str(out, value);
        }
    }
}

int pp_token_write(pp_str token, pp_buf *out)
{
    if (!pp_str_is(token, PP_CHAR_TOKEN))
        return pp_error(PIPIT_ERR_SYNTAX, "header: '%.*s' is no token", PP_STR(token));
    pp_buf_str(out, token);
    return pp_buf_error(out);
}

int pp_param_write(const char *name, pp_str value, pp_buf *out)
{
    size_t before = out->n;
    pp_str written, key, back;

    if (!value.p)
        return 0;
    pp_buf_char(out, ';');
    pp_buf_c(out, name);
    pp_buf_char(out, '=');
    pp_buf_str(out, value);
    written = pp_str_from(pp_buf_text(out), before);
    if (!pp_buf_error(out) && (!pp_param_next(&written, &key, &back) || back.n != value.n))
        return pp_error(PIPIT_ERR_SYNTAX, "header: %s cannot be '%.*s'", name, PP_STR(value));
    return pp_buf_error(out);
}

bool pp_param_value_valid(pp_str value)
{
    return pp_str_is(value, PP_CHAR_TOKEN) || pp_host_valid(value) ||
           (value.n && pp_quoted_span(value) == value.n && pp_str_is_line(value));
}

int pp_param_add(pp_buf *params, pp_str name, pp_str value)
{
    if (!pp_str_is(name, PP_CHAR_TOKEN))
        return pp_error(PIPIT_ERR_SYNTAX, "parameter: its name is no token");
    if (!pp_str_is_line(value))
        return pp_error(PIPIT_ERR_SYNTAX, "parameter: its value holds CR, LF or NUL");
    pp_buf_char(params, ';');
    pp_buf_str(params, name);
    if (value.p) {
        pp_buf_char(params, '=');
        if (pp_param_value_valid(value))
            pp_buf_str(params, value);
        else
            pp_write_quoted(value, params);
    }
    return pp_buf_error(params);
}

size_t pp_comment_span(pp_str text)
{
    size_t depth = 0;

    if (pp_str_empty(text) || text.p[0] != '(')
        return 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\\')
            i++;
        else if (text.p[i] == '(')
            depth++;
        else if (text.p[i] == ')' && --depth == 0)
            return i + 1;
    }
    return 0;
}

size_t pp_word_span(pp_str text)
{
    size_t n = 0;

    while (n < text.n && (pp_char_is(text.p[n], PP_CHAR_TOKEN) ||
                          (text.p[n] && strchr("()<>:\\\"/[]?{}", text.p[n]))))
        n++;
    return n;
}
