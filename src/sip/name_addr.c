/* name_addr.c - addresses with a display name, quoted strings, and comma-separated lists. */
#include "sip/name_addr.h"

#include "base/error.h"
#include "sip/lexer.h"

/* Octets of an unquoted display name. The grammar has tokens only; what people write is taken (UTF-8, "Bell (Bob)") as long
 * as it cannot be mistaken for an address or the next member of a list. */
static size_t display_span(pp_str text)
{
    size_t n = 0;

    while (n < text.n && !strchr("\":;,<>@", text.p[n] ? text.p[n] : ':') &&
           ((unsigned char)text.p[n] >= ' ' || text.p[n] == '\t') && text.p[n] != 0x7F)
        n++;
    return n;
}

/* "<URI>" and parameters. */
static int parse_bracketed(pp_str text, pp_name_addr *name_addr)
{
    size_t end = pp_str_find(text, '>');

    if (end == text.n)
        return pp_error(PIPIT_ERR_SYNTAX, "address: '<' is not closed");
    name_addr->params = pp_str_trim(pp_str_from(text, end + 1));
    return pp_uri_parse(pp_str_sub(text, 1, end), &name_addr->uri);
}

/* RFC 3261 section 20: without brackets the first ';' starts the header's parameters, and neither ',' nor '?' may stand in it. */
static int parse_bare(pp_str text, pp_name_addr *name_addr)
{
    size_t end = pp_str_find(text, ';');
    pp_str uri = pp_str_trim(pp_str_sub(text, 0, end));

    if (pp_str_find(uri, ',') < uri.n || pp_str_find(uri, '?') < uri.n)
        return pp_error(PIPIT_ERR_SYNTAX, "address: a URI with ',' or '?' must stand in brackets");
    name_addr->params = pp_str_from(text, end);
    return pp_uri_parse(uri, &name_addr->uri);
}

int pp_name_addr_parse(pp_str text, pp_name_addr *out)
{
    pp_name_addr name_addr = {.display_name = PP_STR_NONE};
    pp_str trimmed = pp_str_trim(text), rest;
    bool quoted = trimmed.n && trimmed.p[0] == '"';
    size_t n = quoted ? pp_quoted_span(trimmed) : display_span(trimmed);
    int err;

    if (quoted && n == 0)
        return pp_error(PIPIT_ERR_SYNTAX, "address: the quoted display name is not closed");
    rest = pp_str_trim(pp_str_from(trimmed, n));
    if (rest.n && rest.p[0] == '<') {
        name_addr.display_name = pp_str_trim(pp_str_sub(trimmed, 0, n));
        err = parse_bracketed(rest, &name_addr);
    } else if (quoted) {
        err = pp_error(PIPIT_ERR_SYNTAX, "address: expected '<' after the display name");
    } else {
        err = parse_bare(trimmed, &name_addr);
    }
    if (!err && !pp_params_valid(name_addr.params))
        err = pp_error(PIPIT_ERR_SYNTAX, "address: the parameters are malformed");
    if (!err)
        *out = name_addr;
    return err;
}

/* Mostly it is the only one. */
static bool is_tag_alone(pp_str params, pp_str *tag)
{
    pp_str value = pp_str_from(params, strlen(";tag="));

    if (!pp_str_starts(params, ";tag=") || !pp_str_is(value, PP_CHAR_TOKEN))
        return false;
    *tag = value;
    return true;
}

bool pp_name_addr_tag(pp_str text, pp_str *tag)
{
    pp_name_addr address;
    size_t end = pp_str_find(text, '>');

    if (end < text.n && pp_str_find(text, '"') == text.n) { /* the first '>' ends the URI */
        pp_str params = pp_str_trim(pp_str_from(text, end + 1));

        return is_tag_alone(params, tag) || pp_param(params, "tag", tag);
    }
    return pp_name_addr_parse(text, &address) == 0 && pp_param(address.params, "tag", tag);
}

void pp_unescape_quoted(pp_str inside, pp_buf *out)
{
    for (size_t i = 0; i < inside.n; i++) {
        if (inside.p[i] == '\\' && i + 1 < inside.n)
            i++;
        pp_buf_char(out, inside.p[i]);
    }
}

void pp_write_unquoted(pp_str text, pp_buf *out)
{
    if (text.n >= 2 && text.p[0] == '"')
        pp_unescape_quoted(pp_str_sub(text, 1, text.n - 1), out);
    else
        pp_buf_str(out, text);
}

void pp_name_addr_write_display_name(const pp_name_addr *name_addr, pp_buf *out)
{
    pp_str rest = name_addr->display_name, word;
    const char *blank = "";

    if (rest.n && rest.p[0] == '"') {
        pp_write_unquoted(rest, out);
        return;
    }
    /* Tokens, however far apart they stand. */
    while (word = pp_str_word(&rest), word.n) {
        pp_buf_c(out, blank);
        pp_buf_str(out, word);
        blank = " ";
    }
}

void pp_write_quoted(pp_str text, pp_buf *out)
{
    pp_buf_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            pp_buf_char(out, '\\');
        pp_buf_char(out, text.p[i]);
    }
    pp_buf_char(out, '"');
}

/* Where the first member ends: at a comma outside quotes and brackets. An open quote or bracket runs to the end. */
static size_t member_span(pp_str list)
{
    size_t n = 0;

    if (!memchr(list.p, ',', list.n))
        return list.n;
    while (n < list.n && list.p[n] != ',') {
        size_t skip = 1;
        if (list.p[n] == '"') {
            skip = pp_quoted_span(pp_str_from(list, n));
            if (skip == 0)
                return list.n;
        } else if (list.p[n] == '<') {
            skip = 1 + pp_str_find(pp_str_from(list, n), '>');
        }
        n += skip;
    }
    return n < list.n ? n : list.n;
}

bool pp_list_next(pp_str *rest, pp_str *item)
{
    while (rest->n) {
        size_t n = member_span(*rest);
        pp_str member = pp_str_trim(pp_str_sub(*rest, 0, n));
        *rest = pp_str_from(*rest, n + 1);
        if (member.n) {
            *item = member;
            return true;
        }
    }
    return false;
}
