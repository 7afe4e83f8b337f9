/* replaces.c - the dialog that a new call takes the place of (RFC 3891) or joins (RFC 3911). */
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

static bool take_once(pp_str *slot, pp_str value)
{
    bool first = slot->p == NULL;

    *slot = value;
    return first && pp_str_is(value, PP_CHAR_TOKEN);
}

static bool read_param(pp_str name, pp_str content, pp_replaces *value)
{
    if (pp_str_ieq(name, PP_LIT("to-tag")))
        return take_once(&value->to_tag, content);
    if (pp_str_ieq(name, PP_LIT("from-tag")))
        return take_once(&value->from_tag, content);
    value->early_only |= pp_str_ieq(name, PP_LIT("early-only"));
    return true;
}

int pp_replaces_parse(pp_str text, pp_replaces *out)
{
    pp_replaces value = {.to_tag = PP_STR_NONE, .from_tag = PP_STR_NONE};
    pp_str rest, name, content;
    pp_word word;
    int err = pp_dialog_id_parse(text, &word);

    if (err)
        return err;
    value.call_id = word.word;
    value.params = rest = word.params;
    while (pp_param_next(&rest, &name, &content))
        if (!read_param(name, content, &value))
            return pp_error(PIPIT_ERR_SYNTAX, "replaces: a tag is malformed or given twice");
    if (!value.to_tag.p || !value.from_tag.p) /* section 6.1: exactly one of each */
        return pp_error(PIPIT_ERR_SYNTAX, "replaces: to-tag or from-tag is missing");
    *out = value;
    return 0;
}

int pp_replaces_print(const pp_replaces *value, pp_buf *out)
{
    static const char *const known[] = {"to-tag", "from-tag", "early-only", NULL};

    int err = pp_word_print(&(pp_word){.word = value->call_id}, out);

    if (!err)
        err = pp_param_write("to-tag", value->to_tag, out);
    if (!err)
        err = pp_param_write("from-tag", value->from_tag, out);
    if (err)
        return err;
    if (value->early_only)
        pp_buf_c(out, ";early-only");
    pp_params_print(value->params, known, out);
    return pp_buf_error(out);
}
