/* addr.c - IP addresses and ports. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>

static size_t ip_size(const pp_addr *a)
{
    return a->family == 6 ? 16 : 4;
}

/* ::ffff:a.b.c.d is the IPv4 address it maps, wherever it came from: classified once, the same
 * everywhere. */
static void normalise(pp_addr *a)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

    if (a->family != 6 || memcmp(a->ip, mapped, sizeof(mapped)) != 0)
        return;
    memmove(a->ip, a->ip + 12, 4);
    memset(a->ip + 4, 0, 12);
    a->family = 4;
    a->scope = 0;
}

static inline unsigned digit(char c)
{
    return (unsigned char)(c - '0'); /* above 9: it is none */
}

/* A number up to 255 without zeros in front; what is behind it, or NULL. */
static inline const char *read_number(const char *at, const char *end, uint8_t *out)
{
    unsigned number;

    if (at == end || (number = digit(*at++)) > 9)
        return NULL;
    if (number && at < end && digit(*at) <= 9) {
        number = number * 10 + digit(*at++);
        if (at < end && digit(*at) <= 9)
            number = number * 10 + digit(*at++);
    }
    *out = (uint8_t)number;
    return number <= 255 ? at : NULL;
}

bool pp_addr_parse_v4(pp_str text, uint8_t ip[4])
{
    const char *at = text.p, *end = text.p + text.n;
    uint8_t numbers[4];

    for (unsigned i = 0; i < 4; i++) {
        if (i && (at == end || *at++ != '.'))
            return false;
        at = read_number(at, end, &numbers[i]);
        if (!at)
            return false;
    }
    if (at < end)
        return false;
    memcpy(ip, numbers, sizeof(numbers));
    return true;
}

static bool parse_v6(pp_str text, uint8_t ip[16])
{
    char copy[INET6_ADDRSTRLEN + 1];

    if (text.n >= sizeof(copy) || !memchr(text.p, ':', text.n) || memchr(text.p, '\0', text.n))
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    return inet_pton(AF_INET6, copy, ip) == 1;
}

bool pp_addr_parse(pp_str text, uint16_t port, pp_addr *out)
{
    pp_addr a = {.port = port};

    if (text.n == 0)
        return false;
    if (pp_addr_parse_v4(text, a.ip)) {
        a.family = 4;
    } else {
        if (!parse_v6(text, a.ip))
            return false;
        a.family = 6;
    }
    normalise(&a);
    *out = a;
    return true;
}

bool pp_addr_same_ip(const pp_addr *a, const pp_addr *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, ip_size(a)) == 0;
}

bool pp_addr_eq(const pp_addr *a, const pp_addr *b)
{
    return a->port == b->port && pp_addr_same_ip(a, b);
}

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

bool pp_addr_is_any(const pp_addr *a)
{
    return all_zero(a->ip, ip_size(a));
}

bool pp_addr_is_loopback(const pp_addr *a)
{
    return a->family == 6 ? all_zero(a->ip, 15) && a->ip[15] == 1 : a->ip[0] == 127;
}

bool pp_addr_is_link_local(const pp_addr *a)
{
    return a->family == 6 ? a->ip[0] == 0xFE && (a->ip[1] & 0xC0) == 0x80
                          : a->ip[0] == 169 && a->ip[1] == 254;
}

bool pp_addr_is_unicast(const pp_addr *a)
{
    if (a->family != 4 && a->family != 6)
        return false;
    if (pp_addr_is_any(a))
        return false;
    return a->family == 6 ? a->ip[0] != 0xFF : a->ip[0] != 0 && a->ip[0] < 224;
}

char *pp_addr_ip_text(const pp_addr *a, char *out)
{
    if (!inet_ntop(a->family == 6 ? AF_INET6 : AF_INET, a->ip, out, PP_ADDR_TEXT))
        out[0] = '\0';
    return out;
}

char *pp_addr_text(const pp_addr *a, char *out)
{
    char ip[PP_ADDR_TEXT];

    snprintf(out, PP_ADDR_TEXT, a->family == 6 ? "[%.45s]:%u" : "%.45s:%u", pp_addr_ip_text(a, ip),
             (unsigned)a->port);
    return out;
}

socklen_t pp_addr_to_sockaddr(const pp_addr *a, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof(*out));
    if (a->family == 6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(a->port);
        in6->sin6_scope_id = a->scope;
        memcpy(&in6->sin6_addr, a->ip, 16);
        return sizeof(*in6);
    }
    struct sockaddr_in *in = (struct sockaddr_in *)out;

    in->sin_family = AF_INET;
    in->sin_port = htons(a->port);
    memcpy(&in->sin_addr, a->ip, 4);
    return sizeof(*in);
}

bool pp_addr_from_sockaddr(const struct sockaddr *in, pp_addr *out)
{
    pp_addr a = {0};

    if (in->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)in;

        a.family = 4;
        a.port = ntohs(v4->sin_port);
        memcpy(a.ip, &v4->sin_addr, 4);
    } else if (in->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)in;

        a.family = 6;
        a.port = ntohs(v6->sin6_port);
        a.scope = v6->sin6_scope_id;
        memcpy(a.ip, &v6->sin6_addr, 16);
        normalise(&a);
    } else {
        return false;
    }
    *out = a;
    return true;
}
