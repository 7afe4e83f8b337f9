/* event.c - Event and Subscription-State (RFC 6665 section 8.4). */
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

int pp_event_parse(pp_str text, pp_event *out)
{
    pp_word word;
    int err = pp_token_params_parse(text, &word);

    if (err)
        return err;
    *out = (pp_event){.package = word.word, .params = word.params};
    pp_param(word.params, "id", &out->id);
    return 0;
}

int pp_event_print(const pp_event *value, pp_buf *out)
{
    static const char *const known[] = {"id", NULL};

    int err = pp_token_write(value->package, out);

    if (!err)
        err = pp_param_write("id", value->id, out);
    if (err)
        return err;
    pp_params_print(value->params, known, out);
    return pp_buf_error(out);
}

/* A parameter that is a number of seconds; one that is none is as if it were not there. */
static bool read_seconds(pp_str params, const char *name, uint32_t *out)
{
    pp_str value;

    return pp_param(params, name, &value) && pp_str_to_u32(value, 0, UINT32_MAX, out);
}

int pp_subscription_state_parse(pp_str text, pp_subscription_state *out)
{
    pp_subscription_state value = {.reason = PP_STR_NONE};
    pp_word word;
    int err = pp_token_params_parse(text, &word);

    if (err)
        return err;
    value.state = word.word;
    value.params = word.params;
    pp_param(word.params, "reason", &value.reason);
    value.has_expires = read_seconds(word.params, "expires", &value.expires);
    value.has_retry_after = read_seconds(word.params, "retry-after", &value.retry_after);
    *out = value;
    return 0;
}

int pp_subscription_state_print(const pp_subscription_state *value, pp_buf *out)
{
    static const char *const known[] = {"reason", "expires", "retry-after", NULL};

    int err = pp_token_write(value->state, out);

    if (!err)
        err = pp_param_write("reason", value->reason, out);
    if (err)
        return err;
    if (value->has_expires)
        pp_buf_format(out, ";expires=%u", (unsigned)value->expires);
    if (value->has_retry_after)
        pp_buf_format(out, ";retry-after=%u", (unsigned)value->retry_after);
    pp_params_print(value->params, known, out);
    return pp_buf_error(out);
}
