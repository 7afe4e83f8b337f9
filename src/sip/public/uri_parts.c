/* uri_parts.c - the parts of a public URI, read and changed. */
#include "base/alloc.h"
#include "base/error.h"
#include "pipit/uri.h"
#include "sip/header.h"
#include "sip/lexer.h"
#include "sip/public/objects.h"

static bool is_sip(const pipit_uri *uri)
{
    return uri->kind == PP_SCHEME_SIP || uri->kind == PP_SCHEME_SIPS;
}

static int not_of(const pipit_uri *uri, const char *part)
{
    return pp_error(PIPIT_ERR_NOT_SUPPORTED, "uri: a %s URI has no %s", uri->scheme, part);
}

static int check_line(const char *what, const char *text)
{
    if (pp_str_is_line(pp_str_c(text)))
        return 0;
    return pp_error(PIPIT_ERR_SYNTAX, "uri: %s holds CR or LF", what);
}

/* Replaces an owned text. */
static void put(char **slot, char *text)
{
    pp_free(*slot);
    *slot = text;
}

/* --- scheme, user, host, port -------------------------------------------------------------------- */

const char *pipit_uri_scheme(const pipit_uri *uri)
{
    return uri->scheme;
}

int pipit_uri_set_scheme(pipit_uri *uri, const char *scheme)
{
    pp_str name = pp_str_c(scheme);
    bool sips = pp_str_ieq(name, PP_LIT("sips"));
    char *copy;

    if (!pp_str_is(name, PP_CHAR_SCHEME))
        return pp_error(PIPIT_ERR_SYNTAX, "uri: this is no scheme");
    if (pp_str_ieq_c(name, uri->scheme))
        return 0;
    if (!is_sip(uri) || (!sips && !pp_str_ieq(name, PP_LIT("sip"))))
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "uri: a %s URI cannot become another",
                        uri->scheme);
    copy = pp_strdup(sips ? "sips" : "sip");
    if (!copy)
        return PIPIT_ERR_MEMORY;
    put(&uri->scheme, copy);
    uri->kind = sips ? PP_SCHEME_SIPS : PP_SCHEME_SIP;
    return 0;
}

const char *pipit_uri_user(const pipit_uri *uri)
{
    return uri->plain_user;
}

/* Escapes resolved, but for those of control characters: whoever uses the text shall not be surprised by them. */
static void write_plain(pp_str escaped, pp_buf *out)
{
    for (size_t i = 0; i < escaped.n; i++) {
        bool escape =
            escaped.p[i] == '%' && escaped.n - i >= 3; /* pp_uri_write_user() leaves no other '%' */
        unsigned octet = escape
                             ? pp_hex_value(escaped.p[i + 1]) << 4 | pp_hex_value(escaped.p[i + 2])
                             : (unsigned char)escaped.p[i];
        if (octet < ' ' || octet == 0x7F) {
            pp_buf_str(out, pp_str_sub(escaped, i, i + 3));
        } else {
            pp_buf_u8(out, octet);
        }
        i += escape ? 2 : 0;
    }
}

int pp_uri_store_user(pipit_uri *uri, pp_str user)
{
    pp_buf written = {0}, plain = {0};
    char *escaped = NULL, *readable = NULL;
    int err;

    pp_uri_write_user(user, &written);
    write_plain(pp_buf_text(&written), &plain);
    err = pp_buf_take(&written, &escaped);
    if (!err)
        err = pp_buf_take(&plain, &readable);
    if (!err) {
        put(&uri->user, escaped);
        put(&uri->plain_user, readable);
        return 0;
    }
    pp_free(escaped);
    pp_buf_free(&written);
    pp_buf_free(&plain);
    return err;
}

/* RFC 3966 section 3: a global or a local number, with visual separators. */
bool pp_is_phone_number(pp_str number)
{
    size_t digits = 0;

    for (size_t i = 0; i < number.n; i++) {
        if (pp_char_is(number.p[i], PP_CHAR_HEX) || strchr("*#", number.p[i] ? number.p[i] : 'x'))
            digits++;
        else if (!strchr("-.()", number.p[i] ? number.p[i] : 'x') &&
                 !(number.p[i] == '+' && i == 0))
            return false;
    }
    return digits > 0;
}

static int store_number(pipit_uri *uri, pp_str number)
{
    char *first, *second;

    if (!pp_is_phone_number(number))
        return pp_error(PIPIT_ERR_SYNTAX, "uri: this is no telephone number");
    first = pp_str_dup(number);
    second = pp_str_dup(number);
    if (!first || !second) {
        pp_free(first);
        pp_free(second);
        return PIPIT_ERR_MEMORY;
    }
    put(&uri->user, first);
    put(&uri->plain_user, second);
    return 0;
}

int pipit_uri_set_user(pipit_uri *uri, const char *user)
{
    int err = check_line("the user", user);

    if (err)
        return err;
    if (uri->kind == PP_SCHEME_TEL)
        return store_number(uri, pp_str_c(user));
    if (!is_sip(uri))
        return not_of(uri, "user");
    if (user && *user == ':')
        return pp_error(PIPIT_ERR_SYNTAX, "uri: a password without a user");
    if (user && *user)
        return pp_uri_store_user(uri, pp_str_c(user));
    put(&uri->user, NULL);
    put(&uri->plain_user, NULL);
    return 0;
}

const char *pipit_uri_host(const pipit_uri *uri)
{
    return uri->host;
}

int pipit_uri_set_host(pipit_uri *uri, const char *host)
{
    pp_str text = pp_str_c(host);
    char *copy;

    if (!is_sip(uri))
        return not_of(uri, "host");
    if (!pp_host_valid(text))
        return pp_error(PIPIT_ERR_SYNTAX, "uri: expected a host name or an address");
    copy = pp_str_dup(text);
    if (!copy)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; i < text.n; i++)
        copy[i] = pp_lower(copy[i]);
    put(&uri->host, copy);
    return 0;
}

unsigned pipit_uri_port(const pipit_uri *uri)
{
    return uri->port;
}

int pipit_uri_set_port(pipit_uri *uri, unsigned port)
{
    if (!is_sip(uri))
        return not_of(uri, "port");
    if (port > 65535)
        return pp_error(PIPIT_ERR_ARGUMENT, "uri: %u is no port", port);
    uri->port = port;
    return 0;
}

const char *pipit_uri_opaque(const pipit_uri *uri)
{
    return uri->opaque;
}

/* --- parameters ----------------------------------------------------------------------------------- */

static int check_pair(const char *name, const char *value)
{
    int err = check_line("a name", name);

    if (!err && (!name || !*name))
        err = pp_error(PIPIT_ERR_SYNTAX, "uri: a parameter or header has no name");
    return err ? err : check_line("a value", value);
}

int pipit_uri_set_param(pipit_uri *uri, const char *name, const char *value)
{
    char *low;
    int err = check_pair(name, value);

    if (err)
        return err;
    if (uri->kind == PP_SCHEME_OTHER)
        return not_of(uri, "parameters that are known");
    low = pp_strdup(name);
    if (!low)
        return PIPIT_ERR_MEMORY;
    for (char *c = low; *c; c++)
        *c = pp_lower(*c);
    err = pp_pairs_set(&uri->params, pp_str_c(low), pp_str_c(value));
    pp_free(low);
    return err;
}

const char *pipit_uri_get_param(const pipit_uri *uri, const char *name)
{
    return pp_pairs_value(&uri->params, name, 0);
}

bool pipit_uri_has_param(const pipit_uri *uri, const char *name)
{
    return pp_pairs_count(&uri->params, name) > 0;
}

bool pipit_uri_delete_param(pipit_uri *uri, const char *name)
{
    return pp_pairs_delete(&uri->params, name);
}

void pipit_uri_clear_params(pipit_uri *uri)
{
    pp_pairs_clear(&uri->params);
}

/* --- headers -------------------------------------------------------------------------------------- */

/* "x-header_1" is "X-Header-1", "call-id" is "Call-ID". */
static char *header_case(const char *name)
{
    char *text = pp_strdup(name);
    pp_header_id id;

    if (!text)
        return NULL;
    for (char *c = text; *c; c++) {
        bool first = c == text || c[-1] == '-';
        *c = *c == '_' ? '-' : pp_lower(*c);
        if (first && *c >= 'a' && *c <= 'z')
            *c = (char)(*c - 32);
    }
    id = strlen(text) > 1 ? pp_header_id_of(pp_str_c(text)) : PP_HEADER_OTHER;
    if (id != PP_HEADER_OTHER)
        memcpy(text, pp_header_name(id), strlen(text));
    return text;
}

static int put_header(pipit_uri *uri, const char *name, const char *value,
                      int (*put_pair)(pp_pairs *pairs, pp_str name, pp_str value))
{
    char *spelt;
    int err = check_pair(name, value);

    if (err)
        return err;
    if (!is_sip(uri))
        return not_of(uri, "headers");
    spelt = header_case(name);
    if (!spelt)
        return PIPIT_ERR_MEMORY;
    err = put_pair(&uri->headers, pp_str_c(spelt), pp_str_c(value ? value : ""));
    pp_free(spelt);
    return err;
}

int pp_uri_store_header(pipit_uri *uri, pp_str name, pp_str value)
{
    char *text = pp_str_dup(name), *content = pp_str_dup(value);
    int err = text && content ? put_header(uri, text, content, pp_pairs_add) : PIPIT_ERR_MEMORY;

    pp_free(text);
    pp_free(content);
    return err;
}

int pipit_uri_set_header(pipit_uri *uri, const char *name, const char *value)
{
    return put_header(uri, name, value, pp_pairs_set);
}

int pipit_uri_add_header(pipit_uri *uri, const char *name, const char *value)
{
    return put_header(uri, name, value, pp_pairs_add);
}

/* Names are found with '_' for '-' too, as they can be set. */
static bool same_name(const char *stored, const char *name)
{
    for (; *stored && *name; stored++, name++)
        if (pp_lower(*stored) != pp_lower(*name) && !(*stored == '-' && *name == '_'))
            return false;
    return !*stored && !*name;
}

static const char *stored_name(const pipit_uri *uri, const char *name)
{
    for (size_t i = 0; name && i < uri->headers.count; i++)
        if (same_name(uri->headers.list[i].name, name))
            return uri->headers.list[i].name;
    return NULL;
}

const char *pipit_uri_get_header(const pipit_uri *uri, const char *name, size_t index)
{
    return pp_pairs_value(&uri->headers, stored_name(uri, name), index);
}

size_t pipit_uri_count_header(const pipit_uri *uri, const char *name)
{
    return pp_pairs_count(&uri->headers, stored_name(uri, name));
}

bool pipit_uri_has_header(const pipit_uri *uri, const char *name)
{
    return stored_name(uri, name) != NULL;
}

bool pipit_uri_delete_header(pipit_uri *uri, const char *name)
{
    pp_pairs *headers = &uri->headers;
    size_t kept = 0, before = headers->count;

    for (size_t i = 0; name && i < before; i++) {
        if (same_name(headers->list[i].name, name))
            pp_free(headers->list[i].name);
        else
            headers->list[kept++] = headers->list[i];
    }
    if (name)
        headers->count = kept;
    return headers->count < before;
}

void pipit_uri_clear_headers(pipit_uri *uri)
{
    pp_pairs_clear(&uri->headers);
}
