/* authority.c - "user:password@host:port" taken apart, and the credentials in it as HTTP wants them. */
#include "transport/authority.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"

#define HOST_MAX      253u /* RFC 1035 section 2.3.4, as text */
#define USER_INFO_MAX 1024u

static bool is_host_name(pp_str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (!letter && c != '-' && c != '.' && c != '_')
            return false;
    }
    return host.n > 0 && host.n <= HOST_MAX && host.p[0] != '.';
}

static const char *split_ipv6(pp_str text, pp_authority *out)
{
    size_t end = pp_str_find(text, ']');
    pp_str behind = pp_str_sub(text, end + 1, text.n);
    pp_addr address;

    out->is_ipv6 = true;
    out->host = pp_str_sub(text, 1, end);
    out->port = pp_str_sub(behind, 1, behind.n);
    if (end == text.n || pp_str_find(out->host, ':') == out->host.n ||
        !pp_addr_parse(out->host, 0, &address))
        return "there is no IPv6 address in the brackets";
    return behind.n && behind.p[0] != ':' ? "a port is expected behind the brackets" : NULL;
}

static const char *split_name(pp_str text, pp_authority *out)
{
    out->port = text;
    out->host = pp_str_split(&out->port, ':');
    return is_host_name(out->host) ? NULL : "the host is missing or malformed";
}

/* At the last '@', as browsers do: a password may have one that nobody escaped. */
static void split_user_info(pp_str *text, pp_authority *out)
{
    size_t at = text->n;

    while (at > 0 && text->p[at - 1] != '@')
        at--;
    if (at == 0)
        return;
    out->user_info = pp_str_sub(*text, 0, at - 1);
    *text = pp_str_sub(*text, at, text->n);
}

const char *pp_authority_parse(pp_str text, pp_authority *out)
{
    pp_authority parts = {.number = out->number};
    uint32_t number = parts.number;
    const char *wrong;

    split_user_info(&text, &parts);
    if (parts.user_info.p && parts.user_info.n == 0)
        return "there is no user name before the '@'";
    wrong = pp_str_starts(text, "[") ? split_ipv6(text, &parts) : split_name(text, &parts);
    if (wrong)
        return wrong;
    if (parts.port.n && !pp_str_to_u32(parts.port, 1, 65535, &number))
        return "the port is not a number from 1 to 65535";
    parts.number = (uint16_t)number;
    *out = parts;
    return NULL;
}

/* --- credentials ------------------------------------------------------------------------------ */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* Undoes percent-encoding into `out`, which has room for all. Returns how many octets there are; -1 for a bad one. */
static int decode(pp_str text, uint8_t *out)
{
    int n = 0;

    for (size_t i = 0; i < text.n; i++) {
        int octet = (uint8_t)text.p[i];

        if (octet == '%') {
            int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text.p[i + 2]) : -1;

            if (low < 0)
                return -1;
            octet = high << 4 | low;
            i += 2;
        }
        if (octet < 0x20 || octet == 0x7F) /* RFC 7617 section 2 */
            return -1;
        out[n++] = (uint8_t)octet;
    }
    return n;
}

/* User name, colon, password; both are there in the octets that are encoded. */
static int join(pp_str user_info, uint8_t out[USER_INFO_MAX + 1])
{
    pp_str password = user_info, user = pp_str_split(&password, ':');
    int size = decode(user, out), more;

    if (size < 0 || memchr(out, ':', (size_t)size)) /* it would end the name */
        return -1;
    out[size++] = ':';
    more = decode(password, out + size);
    return more < 0 ? -1 : size + more;
}

int pp_authority_basic(pp_str user_info, char **out)
{
    uint8_t plain[USER_INFO_MAX + 1];
    pp_buf text = {0};
    int size = user_info.n < USER_INFO_MAX ? join(user_info, plain) : -1;

    if (size < 0) {
        explicit_bzero(plain, sizeof(plain));
        return pp_error(PIPIT_ERR_SYNTAX, "url: the user name or password is too long, or has "
                                          "characters that credentials cannot have");
    }
    /* At once, so that no half of it is left behind where the buffer grew. */
    if (pp_buf_room(&text, 6 + ((size_t)size + 2) / 3 * 4 + 1))
        text.n = 0;
    pp_buf_c(&text, "Basic ");
    pp_buf_base64(&text, plain, (size_t)size);
    explicit_bzero(plain, sizeof(plain));
    return pp_buf_take(&text, out);
}
