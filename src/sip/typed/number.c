/* number.c - headers that are numbers: Max-Forwards, Retry-After, Session-Expires, CSeq, RAck, Timestamp. */
#include "base/error.h"
#include "base/limits.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

static size_t digits_span(pp_str text)
{
    size_t n = 0;

    while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
        n++;
    return n;
}

/* The number at the start of *rest, which is then what follows the blanks behind it. */
static bool take_number(pp_str *rest, uint32_t *out)
{
    pp_str t = pp_str_trim(*rest);
    size_t n = digits_span(t);

    if (!pp_str_to_u32(pp_str_sub(t, 0, n), 0, UINT32_MAX, out))
        return false;
    *rest = pp_str_trim(pp_str_from(t, n));
    return true;
}

int pp_delta_parse(pp_str text, pp_number *out)
{
    pp_number value = {.comment = PP_STR_NONE};
    pp_str rest = text;

    if (!take_number(&rest, &value.value))
        return pp_error(PIPIT_ERR_SYNTAX, "header: expected a number");
    value.comment = pp_str_sub(rest, 0, pp_comment_span(rest));
    value.params = pp_str_trim(pp_str_from(rest, value.comment.n));
    if (!pp_params_valid(value.params))
        return pp_error(PIPIT_ERR_SYNTAX, "header: unexpected text behind the number");
    *out = value;
    return 0;
}

int pp_number_parse(pp_str text, pp_number *out)
{
    pp_number value = {.comment = PP_STR_NONE};

    if (!pp_str_to_u32(pp_str_trim(text), 0, UINT32_MAX, &value.value))
        return pp_error(PIPIT_ERR_SYNTAX, "header: expected a number and nothing else");
    *out = value;
    return 0;
}

int pp_number_print(const pp_number *value, pp_buf *out)
{
    pp_buf_uint(out, value->value);
    if (value->comment.n) {
        pp_buf_char(out, ' ');
        pp_buf_str(out, value->comment);
    }
    pp_params_print(value->params, NULL, out);
    return pp_buf_error(out);
}

static const pp_str refreshers[] = {
    [PP_REFRESHER_NONE] = PP_LIT_INIT(""),
    [PP_REFRESHER_UAC] = PP_LIT_INIT("uac"),
    [PP_REFRESHER_UAS] = PP_LIT_INIT("uas"),
};

int pp_session_expires_parse(pp_str text, pp_session_expires *out)
{
    pp_session_expires value = {.refresher = PP_REFRESHER_NONE};
    pp_str refresher;
    pp_number number;
    int err = pp_delta_parse(text, &number);

    if (err)
        return err;
    value.seconds = number.value;
    value.params = number.params;
    if (pp_param(value.params, "refresher", &refresher)) {
        if (pp_str_ieq(refresher, refreshers[PP_REFRESHER_UAC]))
            value.refresher = PP_REFRESHER_UAC;
        else if (pp_str_ieq(refresher, refreshers[PP_REFRESHER_UAS]))
            value.refresher = PP_REFRESHER_UAS;
        else
            return pp_error(PIPIT_ERR_SYNTAX, "session-expires: the refresher is uac or uas");
    }
    *out = value;
    return 0;
}

int pp_session_expires_print(const pp_session_expires *value, pp_buf *out)
{
    static const char *const known[] = {"refresher", NULL};

    pp_buf_uint(out, value->seconds);
    if (value->refresher != PP_REFRESHER_NONE) {
        pp_buf_c(out, ";refresher=");
        pp_buf_str(out, refreshers[value->refresher]);
    }
    pp_params_print(value->params, known, out);
    return pp_buf_error(out);
}

int pp_cseq_parse(pp_str text, pp_cseq *out)
{
    pp_cseq value;
    pp_str rest = text;

    if (!take_number(&rest, &value.number) || !pp_str_is(rest, PP_CHAR_TOKEN))
        return pp_error(PIPIT_ERR_SYNTAX, "cseq: expected a number and a method");
    value.method = rest;
    *out = value;
    return 0;
}

int pp_cseq_print(const pp_cseq *value, pp_buf *out)
{
    pp_buf_uint(out, value->number);
    pp_buf_char(out, ' ');
    return pp_token_write(value->method, out);
}

int pp_rack_parse(pp_str text, pp_rack *out)
{
    pp_rack value;
    pp_str rest = text;

    if (!take_number(&rest, &value.rseq) || !take_number(&rest, &value.cseq) ||
        !pp_str_is(rest, PP_CHAR_TOKEN))
        return pp_error(PIPIT_ERR_SYNTAX, "rack: expected two numbers and a method");
    value.method = rest;
    *out = value;
    return 0;
}

int pp_rack_print(const pp_rack *value, pp_buf *out)
{
    pp_buf_uint(out, value->rseq);
    pp_buf_char(out, ' ');
    return pp_cseq_print(&(pp_cseq){value->cseq, value->method}, out);
}

/* *DIGIT [ "." *DIGIT ], with a digit at least (RFC 3261 section 20.38). */
static bool is_decimal(pp_str text)
{
    pp_str fraction = text, whole = pp_str_split(&fraction, '.');

    return whole.n + fraction.n > 0 && digits_span(whole) == whole.n &&
           digits_span(fraction) == fraction.n;
}

int pp_timestamp_parse(pp_str text, pp_timestamp *out)
{
    pp_timestamp value;
    pp_str rest = text;

    value.stamp = pp_str_word(&rest);
    value.delay = pp_str_trim(rest);
    if (!is_decimal(value.stamp) || (value.delay.n && !is_decimal(value.delay)))
        return pp_error(PIPIT_ERR_SYNTAX, "timestamp: expected one or two decimal numbers");
    *out = value;
    return 0;
}

int pp_timestamp_print(const pp_timestamp *value, pp_buf *out)
{
    pp_buf_str(out, value->stamp);
    if (value->delay.n) {
        pp_buf_char(out, ' ');
        pp_buf_str(out, value->delay);
    }
    return pp_buf_error(out);
}
