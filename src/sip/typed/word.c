/* word.c - headers that are a word, with or without parameters: Supported, Privacy, Call-ID, User-to-User. */
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

/* The first `n` octets and the parameters behind them. */
static int split(pp_str text, size_t n, pp_word *out)
{
    pp_word value = {.word = pp_str_sub(text, 0, n)};

    value.params = pp_str_trim(pp_str_from(text, n));
    if (n == 0)
        return pp_error(PIPIT_ERR_SYNTAX, "header: expected a word");
    if (!pp_params_valid(value.params))
        return pp_error(PIPIT_ERR_SYNTAX, "header: the parameters are malformed");
    *out = value;
    return 0;
}

static int without_params(int err, const pp_word *value)
{
    if (!err && value->params.n)
        err = pp_error(PIPIT_ERR_SYNTAX, "header: unexpected text behind the word");
    return err;
}

int pp_token_params_parse(pp_str text, pp_word *out)
{
    pp_str t = pp_str_trim(text);

    return split(t, pp_str_span(t, PP_CHAR_TOKEN), out);
}

int pp_token_parse(pp_str text, pp_word *out)
{
    pp_word value;
    int err = without_params(pp_token_params_parse(text, &value), &value);

    if (!err)
        *out = value;
    return err;
}

/* callid = word [ "@" word ] */
static size_t call_id_span(pp_str text)
{
    size_t n = pp_word_span(text), behind;

    if (n == 0 || n == text.n || text.p[n] != '@')
        return n;
    behind = pp_word_span(pp_str_from(text, n + 1));
    return behind ? n + 1 + behind : 0;
}

int pp_dialog_id_parse(pp_str text, pp_word *out)
{
    pp_str t = pp_str_trim(text);

    return split(t, call_id_span(t), out);
}

int pp_call_id_parse(pp_str text, pp_word *out)
{
    pp_word value;
    int err = without_params(pp_dialog_id_parse(text, &value), &value);

    if (!err)
        *out = value;
    return err;
}

int pp_uui_parse(pp_str text, pp_word *out)
{
    pp_str t = pp_str_trim(text);
    size_t n = pp_quoted_span(t);

    return split(t, n ? n : pp_str_span(t, PP_CHAR_TOKEN), out);
}

/* The whole word is one that may stand there. */
static int check(pp_str word)
{
    if (pp_str_is(word, PP_CHAR_TOKEN) || (word.n && pp_quoted_span(word) == word.n) ||
        (word.n && call_id_span(word) == word.n))
        return 0;
    return pp_error(PIPIT_ERR_SYNTAX, "header: '%.*s' is no word", PP_STR(word));
}

int pp_word_print(const pp_word *value, pp_buf *out)
{
    int err = check(value->word);

    if (err)
        return err;
    pp_buf_str(out, value->word);
    pp_params_print(value->params, NULL, out);
    return pp_buf_error(out);
}

int pp_token_print(const pp_word *value, pp_buf *out)
{
    int err = check(value->word);

    if (!err)
        pp_buf_str(out, value->word);
    return err ? err : pp_buf_error(out);
}
