/* identity.c - a signed identity: digest;info=<URI>;parameters (RFC 8224 section 4), or the digest alone in quotes (RFC 4474). */
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

/* base64 of both alphabets, and the dots of a compact token. */
static bool is_digest(pp_str text)
{
    if (pp_quoted_span(text) == text.n && text.n)
        return true;
    for (size_t i = 0; i < text.n; i++)
        if (!pp_char_is(text.p[i], PP_CHAR_SCHEME) && !(text.p[i] && strchr("/=_", text.p[i])))
            return false;
    return text.n > 0;
}

/* ";info=<URI>" at the start of *rest; its brackets keep a ';' of the URI from starting a parameter. */
static bool take_info(pp_str *rest, pp_str *info)
{
    pp_str s = pp_str_trim(pp_str_from(*rest, 1)), uri;
    size_t n = pp_str_find(s, '=');

    if (!pp_str_ieq(pp_str_trim(pp_str_sub(s, 0, n)), PP_LIT("info")))
        return false;
    s = pp_str_trim(pp_str_from(s, n + 1));
    n = pp_str_find(s, '>');
    if (n == s.n || s.p[0] != '<')
        return false;
    uri = pp_str_sub(s, 1, n);
    if (!pp_str_is(uri, PP_CHAR_URI))
        return false;
    *info = uri;
    *rest = pp_str_trim(pp_str_from(s, n + 1));
    return true;
}

int pp_identity_parse(pp_str text, pp_identity *out)
{
    pp_identity value = {.info = PP_STR_NONE};
    pp_str rest = pp_str_trim(text);
    size_t n = pp_quoted_span(rest);

    n = n ? n : pp_str_find(rest, ';');
    value.digest = pp_str_trim(pp_str_sub(rest, 0, n));
    rest = pp_str_trim(pp_str_from(rest, n));
    if (!is_digest(value.digest))
        return pp_error(PIPIT_ERR_SYNTAX, "identity: expected a signature");
    if (rest.n && !take_info(&rest, &value.info))
        return pp_error(PIPIT_ERR_SYNTAX, "identity: expected ;info=<URI> behind the signature");
    if (!pp_params_valid(rest))
        return pp_error(PIPIT_ERR_SYNTAX, "identity: the parameters are malformed");
    value.params = rest;
    *out = value;
    return 0;
}

int pp_identity_print(const pp_identity *value, pp_buf *out)
{
    pp_buf_str(out, value->digest);
    if (value->info.p) {
        pp_buf_c(out, ";info=<");
        pp_buf_str(out, value->info);
        pp_buf_char(out, '>');
    }
    pp_params_print(value->params, NULL, out);
    return pp_buf_error(out);
}
