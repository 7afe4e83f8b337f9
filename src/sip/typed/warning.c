/* warning.c - code, who says it, and text (RFC 3261 section 20.43). */
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

int pp_warning_parse(pp_str text, pp_warning *out)
{
    pp_warning value;
    pp_str rest = text;
    pp_str code = pp_str_word(&rest);

    value.agent = pp_str_word(&rest);
    value.text = pp_str_trim(rest);
    if (code.n != 3 || !pp_str_to_u32(code, 100, 999, &value.code))
        return pp_error(PIPIT_ERR_SYNTAX, "warning: expected a code of three digits");
    if (pp_str_empty(value.agent) || pp_str_span(value.agent, PP_CHAR_URI) < value.agent.n)
        return pp_error(PIPIT_ERR_SYNTAX, "warning: expected a host or a name behind the code");
    if (pp_str_empty(value.text) || pp_quoted_span(value.text) != value.text.n)
        return pp_error(PIPIT_ERR_SYNTAX, "warning: expected a quoted text");
    *out = value;
    return 0;
}

int pp_warning_print(const pp_warning *value, pp_buf *out)
{
    pp_buf_uint(out, value->code);
    pp_buf_char(out, ' ');
    pp_buf_str(out, value->agent);
    pp_buf_char(out, ' ');
    pp_buf_str(out, value->text);
    return pp_buf_error(out);
}
