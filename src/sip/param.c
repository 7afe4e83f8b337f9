/* param.c - parameter lists of URIs and header fields: *(";" name ["=" value]) (RFC 3261 section 25.1). */
#include "sip/lexer.h"
#include "sip/uri.h"

static pp_str skip_blanks(pp_str s)
{
    size_t n = 0;

    while (n < s.n && pp_char_is_blank(s.p[n]))
        n++;
    return pp_str_from(s, n);
}

size_t pp_quoted_span(pp_str text)
{
    if (pp_str_empty(text) || text.p[0] != '"')
        return 0;
    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i] == '"')
            return i + 1;
        if (text.p[i] == '\\')
            i++; /* a quoted pair; at the very end it leaves the string open */
    }
    return 0;
}

/* The value at the start of `s`: a quoted string, or octets up to a blank or ';'. 0 when there is none such. */
static size_t value_span(pp_str s)
{
    size_t n = 0;

    if (s.n && s.p[0] == '"')
        return pp_quoted_span(s);
    while (n < s.n && s.p[n] != ';' && s.p[n] != '"' && (unsigned char)s.p[n] > ' ' &&
           s.p[n] != 0x7F)
        n++;
    return n;
}

bool pp_param_next(pp_str *rest, pp_str *name, pp_str *value)
{
    pp_str s = skip_blanks(*rest), key, content = PP_STR_NONE;

    if (pp_str_empty(s) || s.p[0] != ';')
        return false;
    s = skip_blanks(pp_str_from(s, 1));
    key = pp_str_sub(s, 0, 0);
    while (key.n < s.n && s.p[key.n] != ';' && s.p[key.n] != '=' && s.p[key.n] != '"' &&
           (unsigned char)s.p[key.n] > ' ')
        key.n++;
    if (key.n == 0)
        return false;
    s = skip_blanks(pp_str_from(s, key.n));
    if (s.n && s.p[0] == '=') {
        s = skip_blanks(pp_str_from(s, 1));
        content = pp_str_sub(s, 0, value_span(s));
        if (content.n == 0 && s.n && s.p[0] != ';')
            return false;
        s = skip_blanks(pp_str_from(s, content.n));
    }
    if (s.n && s.p[0] != ';')
        return false;
    *rest = s;
    *name = key;
    *value = content;
    return true;
}

bool pp_params_valid(pp_str params)
{
    pp_str rest = params, name, value;

    while (pp_param_next(&rest, &name, &value))
        if (!pp_str_is(name, PP_CHAR_TOKEN))
            return false;
    return pp_str_empty(skip_blanks(rest));
}

/* Where the next parameter begins: at a ';' outside of quotes, or at the end. */
static pp_str skip_param(pp_str s)
{
    s = pp_str_from(s, 1);
    for (;;) {
        size_t end = pp_str_find(s, ';'), quote = pp_str_find(pp_str_sub(s, 0, end), '"');
        size_t span = quote < end ? pp_quoted_span(pp_str_from(s, quote)) : 0;

        if (!span)
            return pp_str_from(s, end);
        s = pp_str_from(s, quote + span);
    }
}

/* Takes apart only what may be the wanted one: the list is well-formed, as a rule. */
bool pp_param(pp_str params, const char *name, pp_str *value)
{
    pp_str wanted = pp_str_c(name), key, content;

    params = skip_blanks(params);
    if (params.n && params.p[0] != ';')
        return false;
    for (; params.n; params = skip_param(params)) {
        pp_str rest = params;

        key = skip_blanks(pp_str_from(params, 1));
        if (key.n < wanted.n || pp_lower(key.p[0]) != pp_lower(wanted.p[0]) ||
            !pp_str_ieq(pp_str_sub(key, 0, wanted.n), wanted))
            continue;
        if (!pp_param_next(&rest, &key, &content))
            return false;
        if (key.n != wanted.n)
            continue;
        if (value)
            *value = content;
        return true;
    }
    return false;
}
