/* uri_write.c - escaping, addresses of record, and making a URI of what a person typed. */
#include "base/error.h"
#include "pipit/uri.h"
#include "sip/lexer.h"
#include "sip/uri.h"

static void escape_octet(unsigned char c, pp_buf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    const char escaped[] = {'%', digits[c >> 4], digits[c & 15]};

    pp_buf_add(out, escaped, sizeof(escaped));
}

static void escape(pp_str raw, bool colon_too, pp_buf *out)
{
    while (raw.n) {
        size_t plain = pp_str_span(raw, PP_CHAR_USER);

        if (colon_too)
            plain = pp_str_find(pp_str_sub(raw, 0, plain), ':');
        pp_buf_str(out, pp_str_sub(raw, 0, plain));
        if (plain < raw.n)
            escape_octet((unsigned char)raw.p[plain++], out);
        raw = pp_str_from(raw, plain);
    }
}

void pp_uri_escape_user(pp_str raw, pp_buf *out)
{
    escape(raw, false, out);
}

static bool is_escape(pp_str text)
{
    return text.n >= 3 && text.p[0] == '%' && pp_char_is(text.p[1], PP_CHAR_HEX) &&
           pp_char_is(text.p[2], PP_CHAR_HEX);
}

void pp_uri_unescape(pp_str escaped, pp_buf *out)
{
    while (escaped.n) {
        size_t run = pp_str_find(escaped, '%');

        if (is_escape(escaped)) {
            pp_buf_u8(out, pp_hex_value(escaped.p[1]) << 4 | pp_hex_value(escaped.p[2]));
            run = 3;
        } else {
            run += run == 0; /* a '%' that escapes nothing is itself */
            pp_buf_str(out, pp_str_sub(escaped, 0, run));
        }
        escaped = pp_str_from(escaped, run);
    }
}

static void write_lower(pp_str s, pp_buf *out)
{
    char *room = (char *)pp_buf_room(out, s.n);

    for (size_t i = 0; room && i < s.n; i++)
        room[i] = pp_lower(s.p[i]);
}

static void write_plainly(pp_str text, bool colon_too, pp_buf *out)
{
    pp_buf plain = {0};

    if (pp_str_find(text, '%') == text.n) {
        escape(text, colon_too, out);
        return;
    }
    pp_uri_unescape(text, &plain);
    escape(pp_buf_text(&plain), colon_too, out);
    if (pp_buf_error(&plain) && !out->error)
        out->error = pp_buf_error(&plain);
    pp_buf_free(&plain);
}

void pp_uri_write_user(pp_str user, pp_buf *out)
{
    pp_str password = user;

    write_plainly(pp_str_split(&password, ':'), true, out);
    if (password.p) {
        pp_buf_char(out, ':');
        write_plainly(password, false, out);
    }
}

static void write_host_port(const pp_uri *uri, pp_buf *out)
{
    write_lower(uri->host, out);
    if (uri->port) {
        pp_buf_char(out, ':');
        pp_buf_uint(out, uri->port);
    }
}

void pp_uri_write_aor(const pp_uri *uri, pp_buf *out)
{
    write_lower(uri->scheme_name, out);
    pp_buf_char(out, ':');
    if (uri->scheme != PP_SCHEME_SIP && uri->scheme != PP_SCHEME_SIPS) {
        pp_buf_str(out, uri->opaque);
        return;
    }
    if (uri->user.p) {
        pp_uri_write_user(uri->user, out);
        pp_buf_char(out, '@');
    }
    write_host_port(uri, out);
}

static bool is_separator(char c)
{
    return c == '-' || c == '.' || c == '(' || c == ')' || pp_char_is_blank(c);
}

/* A telephone number as people write it: digits, one '+' before them, visual separators between (RFC 3966 section 5.1.1). */
static bool is_phone_number(pp_str user)
{
    size_t digits = 0, plus = 0;

    for (size_t i = 0; i < user.n; i++) {
        if (user.p[i] >= '0' && user.p[i] <= '9')
            digits++;
        else if (user.p[i] == '+' && !digits && !plus)
            plus = 1;
        else if (!is_separator(user.p[i]))
            return false;
    }
    return digits > 0;
}

static void write_typed_user(pp_str user, pp_buf *out)
{
    if (!is_phone_number(user)) {
        pp_uri_write_user(user, out);
        return;
    }
    for (size_t i = 0; i < user.n; i++)
        if (!is_separator(user.p[i]))
            pp_buf_char(out, user.p[i]);
}

static pp_str without_scheme(pp_str target)
{
    static const char *const schemes[] = {"sip:", "sips:", "tel:"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
        if (pp_str_istarts(target, schemes[i]))
            return pp_str_from(target, strlen(schemes[i]));
    return target;
}

/* Checks what was put together, and writes it with the host in lower case. */
static int write_checked(pp_str text, bool headers, pp_buf *out)
{
    pp_uri uri;
    int err = pp_uri_parse(text, &uri);

    if (err)
        return err;
    pp_buf_str(out, PP_LIT("sip:"));
    pp_buf_str(out, uri.user);
    pp_buf_char(out, '@');
    write_host_port(&uri, out);
    pp_buf_str(out, uri.params);
    if (headers && uri.headers.n) {
        pp_buf_char(out, '?');
        pp_buf_str(out, uri.headers);
    }
    return pp_buf_error(out);
}

/* JsSIP's Utils.normalizeTarget(): the host is behind the last '@'; what is before is a user, escaped or not. */
static int normalize(pp_str target, pp_str domain, bool headers, pp_buf *out)
{
    pp_str typed = pp_str_trim(target), user;
    size_t at = typed.n;
    pp_buf text = {0};
    int err;

    while (at && typed.p[at - 1] != '@')
        at--;
    if (at)
        domain = pp_str_from(typed, at);
    user = without_scheme(at ? pp_str_sub(typed, 0, at - 1) : typed);
    if (pp_str_empty(user))
        return pp_error(PIPIT_ERR_SYNTAX, "target: nobody is named");
    if (pp_str_empty(domain))
        return pp_error(PIPIT_ERR_SYNTAX, "target: no host is named and there is no default");
    pp_buf_str(&text, PP_LIT("sip:"));
    write_typed_user(user, &text);
    pp_buf_char(&text, '@');
    pp_buf_str(&text, domain);
    err = pp_buf_error(&text);
    if (!err)
        err = write_checked(pp_buf_text(&text), headers, out);
    pp_buf_free(&text);
    return err;
}

int pp_normalize_target(pp_str target, pp_str domain, pp_buf *out)
{
    return normalize(target, domain, true, out);
}

int pp_normalize_ruri(pp_str target, pp_str domain, pp_buf *out)
{
    return normalize(target, domain, false, out);
}

int pipit_normalize_target(const char *target, const char *domain, char **out)
{
    pp_buf text = {0};
    int err;

    if (!target || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "target: %s is missing",
                        target ? "the place for the result" : "the text");
    err = pp_normalize_target(pp_str_c(target), pp_str_c(domain), &text);
    if (err) {
        pp_buf_free(&text);
        return err;
    }
    return pp_buf_take(&text, out);
}
