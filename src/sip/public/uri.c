/* uri.c - the public URI: made, copied, taken from text, given to text. uri_parts.c reads and changes its parts. */
#include "pipit/uri.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/public/objects.h"

/* --- reading ----------------------------------------------------------------------------------- */

static int lower_dup(pp_str text, char **out)
{
    char *copy = pp_str_dup(text);

    if (!copy)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; i < text.n; i++)
        copy[i] = pp_lower(copy[i]);
    *out = copy;
    return 0;
}

static int dup_unless_none(pp_str text, char **out)
{
    if (!text.p)
        return 0;
    *out = pp_str_dup(text);
    return *out ? 0 : PIPIT_ERR_MEMORY;
}

/* JsSIP lowers the values of these two as it reads. */
static bool has_lower_value(pp_str name)
{
    return pp_str_ieq(name, PP_LIT("transport")) || pp_str_ieq(name, PP_LIT("user"));
}

static int add_param(pp_pairs *params, pp_str name, pp_str value)
{
    char *low_name = NULL, *low_value = NULL;
    int err = lower_dup(name, &low_name);

    if (!err && value.p && has_lower_value(name))
        err = lower_dup(value, &low_value);
    if (!err)
        err = pp_pairs_add(params, pp_str_c(low_name), low_value ? pp_str_c(low_value) : value);
    pp_free(low_name);
    pp_free(low_value);
    return err;
}

static int read_params(pp_str text, pp_pairs *out)
{
    pp_str rest = pp_str_from(text, 1);
    int err = 0;

    while (!err && rest.n) {
        pp_str value = pp_str_split(&rest, ';');
        pp_str name = pp_str_split(&value, '=');
        if (name.n) /* pp_uri_parse() refuses it in a SIP URI and passes over it in others */
            err = add_param(out, name, value);
    }
    return err;
}

static int read_headers(pp_str rest, pipit_uri *out)
{
    int err = 0;

    while (!err && rest.n) {
        pp_str value = pp_str_split(&rest, '&');
        pp_str name = pp_str_split(&value, '=');
        if (name.n)
            err = pp_uri_store_header(out, name, value.p ? value : PP_LIT(""));
    }
    return err;
}

static int read_tel(const pp_uri *from, pipit_uri *uri)
{
    pp_str rest = from->opaque, number = pp_str_split(&rest, ';');
    int err = dup_unless_none(number, &uri->user);

    if (!err)
        err = dup_unless_none(number, &uri->plain_user);
    if (!err)
        err = read_params(from->params, &uri->params);
    return err;
}

static int read_sip(const pp_uri *from, pipit_uri *uri)
{
    int err = from->user.p ? pp_uri_store_user(uri, from->user) : 0;

    uri->port = from->port;
    if (!err)
        err = lower_dup(from->host, &uri->host);
    if (!err)
        err = read_params(from->params, &uri->params);
    if (!err)
        err = read_headers(from->headers, uri);
    return err;
}

/* A tel URI without a number is kept as it came, like those of schemes we do not know. */
static pp_scheme kind_of(const pp_uri *from)
{
    pp_str rest = from->opaque;

    if (from->scheme == PP_SCHEME_TEL && !pp_is_phone_number(pp_str_split(&rest, ';')))
        return PP_SCHEME_OTHER;
    return from->scheme;
}

int pp_uri_public(const pp_uri *from, pipit_uri **out)
{
    pipit_uri *uri = PP_NEW(pipit_uri);
    int err;

    if (!uri)
        return PIPIT_ERR_MEMORY;
    uri->references = 1;
    uri->kind = kind_of(from);
    err = lower_dup(from->scheme_name, &uri->scheme);
    if (!err && uri->kind == PP_SCHEME_OTHER)
        err = dup_unless_none(from->opaque, &uri->opaque);
    else if (!err)
        err = uri->kind == PP_SCHEME_TEL ? read_tel(from, uri) : read_sip(from, uri);
    if (err)
        pipit_uri_unref(uri);
    else
        *out = uri;
    return err;
}

int pipit_uri_parse(const char *text, pipit_uri **out)
{
    pp_uri uri;
    int err;

    if (!text || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "uri: the text or the place for the result is missing");
    err = pp_uri_parse(pp_str_c(text), &uri);
    return err ? err : pp_uri_public(&uri, out);
}

/* --- making ------------------------------------------------------------------------------------ */

static int check_scheme(const char *scheme, pp_scheme *out)
{
    pp_str name = pp_str_c(scheme ? scheme : "sip");

    if (pp_str_ieq(name, PP_LIT("sip")))
        *out = PP_SCHEME_SIP;
    else if (pp_str_ieq(name, PP_LIT("sips")))
        *out = PP_SCHEME_SIPS;
    else if (pp_str_ieq(name, PP_LIT("tel")))
        *out = PP_SCHEME_TEL;
    else
        return pp_error(PIPIT_ERR_SYNTAX, "uri: the scheme is sip, sips or tel");
    return 0;
}

static int fill(pipit_uri *uri, const char *user, const char *host, unsigned port)
{
    int err = pipit_uri_set_user(uri, user);

    if (!err && uri->kind == PP_SCHEME_TEL)
        return 0;
    if (!err)
        err = pipit_uri_set_host(uri, host);
    if (!err)
        err = pipit_uri_set_port(uri, port);
    return err;
}

int pipit_uri_new(const char *scheme, const char *user, const char *host, unsigned port,
                  pipit_uri **out)
{
    pp_scheme kind = PP_SCHEME_OTHER;
    pipit_uri *uri;
    int err = check_scheme(scheme, &kind);

    if (err)
        return err;
    if (!out || (kind != PP_SCHEME_TEL && !host))
        return pp_error(PIPIT_ERR_ARGUMENT, "uri: the host or the place for the result is missing");
    uri = PP_NEW(pipit_uri);
    if (!uri)
        return PIPIT_ERR_MEMORY;
    uri->references = 1;
    uri->kind = kind;
    err = lower_dup(pp_str_c(scheme ? scheme : "sip"), &uri->scheme);
    if (!err)
        err = fill(uri, user, host, port);
    if (err)
        pipit_uri_unref(uri);
    else
        *out = uri;
    return err;
}

static int copy_texts(const pipit_uri *from, pipit_uri *to)
{
    const char *const texts[] = {from->scheme, from->user, from->plain_user, from->host,
                                 from->opaque};
    char **const copies[] = {&to->scheme, &to->user, &to->plain_user, &to->host, &to->opaque};

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        *copies[i] = pp_strdup(texts[i]);
        if (texts[i] && !*copies[i])
            return PIPIT_ERR_MEMORY;
    }
    return 0;
}

int pipit_uri_clone(const pipit_uri *from, pipit_uri **out)
{
    pipit_uri *uri = PP_NEW(pipit_uri);
    int err;

    if (!uri)
        return PIPIT_ERR_MEMORY;
    uri->references = 1;
    uri->kind = from->kind;
    uri->port = from->port;
    err = copy_texts(from, uri);
    if (!err)
        err = pp_pairs_copy(&from->params, &uri->params);
    if (!err)
        err = pp_pairs_copy(&from->headers, &uri->headers);
    if (err)
        pipit_uri_unref(uri);
    else
        *out = uri;
    return err;
}

/* --- writing ----------------------------------------------------------------------------------- */

/* What stands unescaped in a parameter and in a header besides letters and digits (RFC 3261 section 25.1: unreserved with
 * param-unreserved, and with hnv-unreserved). A '%' does where it is an escape. */
#define PARAM_MARKS  "-_.!~*'()[]/:&+$"
#define HEADER_MARKS "-_.!~*'()[]/?:+$"

static void write_escape(unsigned octet, pp_buf *out)
{
    static const char digits[] = "0123456789ABCDEF";

    pp_buf_char(out, '%');
    pp_buf_char(out, digits[octet >> 4]);
    pp_buf_char(out, digits[octet & 15]);
}

static bool is_alphanum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void write_escaped(const char *text, const char *marks, pp_buf *out)
{
    pp_str s = pp_str_c(text);

    for (size_t i = 0; i < s.n; i++) {
        bool escape = s.p[i] == '%' && s.n - i >= 3 && pp_char_is(s.p[i + 1], PP_CHAR_HEX) &&
                      pp_char_is(s.p[i + 2], PP_CHAR_HEX);
        if (escape) { /* in capitals, as ours: two spellings of a name are one */
            write_escape(pp_hex_value(s.p[i + 1]) << 4 | pp_hex_value(s.p[i + 2]), out);
            i += 2;
        } else if (is_alphanum((unsigned char)s.p[i]) || strchr(marks, s.p[i])) {
            pp_buf_char(out, s.p[i]);
        } else {
            write_escape((unsigned char)s.p[i], out);
        }
    }
}

static void write_params(const pp_pairs *params, pp_buf *out)
{
    for (size_t i = 0; i < params->count; i++) {
        pp_buf_char(out, ';');
        write_escaped(params->list[i].name, PARAM_MARKS, out);
        if (!params->list[i].value)
            continue;
        pp_buf_char(out, '=');
        write_escaped(params->list[i].value, PARAM_MARKS, out);
    }
}

static void write_headers(const pp_pairs *headers, pp_buf *out)
{
    for (size_t i = 0; i < headers->count; i++) {
        pp_buf_char(out, i ? '&' : '?');
        write_escaped(headers->list[i].name, HEADER_MARKS, out);
        pp_buf_char(out, '=');
        write_escaped(headers->list[i].value, HEADER_MARKS, out);
    }
}

static void write_address(const pipit_uri *uri, bool show_port, pp_buf *out)
{
    pp_buf_c(out, uri->scheme);
    pp_buf_char(out, ':');
    if (uri->opaque) {
        pp_buf_c(out, uri->opaque);
        return;
    }
    if (uri->user)
        pp_buf_c(out, uri->user);
    if (uri->kind == PP_SCHEME_TEL)
        return;
    if (uri->user)
        pp_buf_char(out, '@');
    pp_buf_c(out, uri->host);
    if (show_port && uri->port) {
        pp_buf_char(out, ':');
        pp_buf_uint(out, uri->port);
    }
}

void pp_uri_write_public(const pipit_uri *uri, pp_buf *out)
{
    write_address(uri, true, out);
    write_params(&uri->params, out);
    write_headers(&uri->headers, out);
}

int pipit_uri_to_string(const pipit_uri *uri, char **out)
{
    pp_buf text = {0};

    pp_uri_write_public(uri, &text);
    return pp_buf_take(&text, out);
}

int pipit_uri_to_aor(const pipit_uri *uri, bool show_port, char **out)
{
    pp_buf text = {0};

    write_address(uri, show_port, &text);
    return pp_buf_take(&text, out);
}

pipit_uri *pipit_uri_ref(pipit_uri *uri)
{
    uri->references++;
    return uri;
}

pipit_uri *pipit_uri_unref(pipit_uri *uri)
{
    if (!uri || --uri->references)
        return NULL;
    pp_free(uri->scheme);
    pp_free(uri->user);
    pp_free(uri->plain_user);
    pp_free(uri->host);
    pp_free(uri->opaque);
    pp_pairs_clear(&uri->params);
    pp_pairs_clear(&uri->headers);
    pp_free(uri);
    return NULL;
}
