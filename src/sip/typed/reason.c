/* reason.c - why a request was sent (RFC 3326). */
#include "base/error.h"
#include "sip/typed/typed.h"

int pp_reason_parse(pp_str text, pp_reason *out)
{
    pp_reason value = {.text = PP_STR_NONE};
    pp_str cause;
    pp_word word;
    int err = pp_token_params_parse(text, &word);

    if (err)
        return err;
    value.protocol = word.word;
    value.params = word.params;
    value.has_cause =
        pp_param(word.params, "cause", &cause) && pp_str_to_u32(cause, 0, UINT32_MAX, &value.cause);
    pp_param(word.params, "text", &value.text);
    *out = value;
    return 0;
}

int pp_reason_print(const pp_reason *value, pp_buf *out)
{
    static const char *const known[] = {"cause", "text", NULL};

    int err = pp_token_write(value->protocol, out);

    if (err)
        return err;
    if (value->has_cause)
        pp_buf_format(out, ";cause=%u", (unsigned)value->cause);
    err = pp_param_write("text", value->text, out);
    if (err)
        return err;
    pp_params_print(value->params, known, out);
    return pp_buf_error(out);
}
