/* proxy.c - an HTTP proxy's URL, and the list of those who are reached without it, read as curl reads them. */
#include "transport/proxy.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/error.h"
#include "transport/authority.h"

#define DEFAULT_PORT 1080

static int refuse(const char *what)
{
    return pp_error(PIPIT_ERR_SYNTAX, "proxy: %s", what);
}

static int take_scheme(pp_str *text)
{
    size_t at = pp_str_find(*text, ':');

    if (pp_str_istarts(*text, "http://")) {
        *text = pp_str_sub(*text, 7, text->n);
        return 0;
    }
    return pp_str_starts(pp_str_sub(*text, at, text->n), "://")
               ? pp_error(PIPIT_ERR_NOT_SUPPORTED,
                          "proxy: only one that starts with http:// is used")
               : 0;
}

int pp_proxy_parse(pp_str text, pp_proxy *out)
{
    pp_authority parts = {.number = DEFAULT_PORT};
    pp_proxy proxy = {0};
    const char *wrong;
    int err = take_scheme(&text);

    if (err)
        return err;
    if (text.n && text.p[text.n - 1] == '/')
        text.n--;
    wrong = pp_authority_parse(text, &parts);
    if (wrong)
        return refuse(wrong);
    if (parts.user_info.p)
        err = pp_authority_basic(parts.user_info, &proxy.authorization);
    if (err)
        return err;
    proxy.port = parts.number;
    proxy.host = pp_str_dup(parts.host);
    if (!proxy.host) {
        pp_proxy_free(&proxy);
        return PIPIT_ERR_MEMORY;
    }
    *out = proxy;
    return 0;
}

void pp_proxy_free(pp_proxy *proxy)
{
    pp_free(proxy->host);
    pp_free_secret(proxy->authorization);
    *proxy = (pp_proxy){0};
}

/* --- who is exempt ---------------------------------------------------------------------------- */

/* "example.com" and ".example.com" are for it and all that ends in ".example.com". */
static bool is_below(pp_str host, pp_str domain)
{
    pp_str end;

    while (domain.n && domain.p[0] == '.')
        domain = pp_str_sub(domain, 1, domain.n);
    while (domain.n && domain.p[domain.n - 1] == '.')
        domain.n--;
    if (domain.n == 0 || host.n < domain.n)
        return false;
    end = pp_str_sub(host, host.n - domain.n, host.n);
    return pp_str_ieq(end, domain) && (host.n == domain.n || host.p[host.n - domain.n - 1] == '.');
}

static bool same_bits(const pp_addr *a, const pp_addr *b, uint32_t bits)
{
    size_t octets = bits / 8;
    unsigned mask = 0xFF00u >> bits % 8 & 0xFF;

    return memcmp(a->ip, b->ip, octets) == 0 &&
           (bits % 8 == 0 || ((a->ip[octets] ^ b->ip[octets]) & mask) == 0);
}

/* "192.0.2.1", "[2001:db8::1]" or "10.0.0.0/8" */
static bool has_address(const pp_addr *host, pp_str entry)
{
    uint32_t bits = host->family == 6 ? 128 : 32;
    pp_addr network;
    pp_str length = entry, ip = pp_str_split(&length, '/');

    if (ip.n > 1 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']')
        ip = pp_str_sub(ip, 1, ip.n - 1);
    if (length.p && !pp_str_to_u32(length, 0, bits, &bits))
        return false;
    return pp_addr_parse(ip, 0, &network) && network.family == host->family &&
           same_bits(host, &network, bits);
}

static pp_str next_entry(pp_str *list)
{
    size_t n = 0;
    pp_str entry;

    while (list->n && (list->p[0] == ',' || pp_str_is_space(list->p[0])))
        *list = pp_str_sub(*list, 1, list->n);
    while (n < list->n && list->p[n] != ',' && !pp_str_is_space(list->p[n]))
        n++;
    entry = pp_str_sub(*list, 0, n);
    *list = pp_str_sub(*list, n, list->n);
    return entry;
}

bool pp_proxy_is_exempt(pp_str list, const char *host)
{
    pp_str name = pp_str_c(host), entry;
    pp_addr address;
    bool literal = pp_addr_parse(name, 0, &address);

    while (name.n && name.p[name.n - 1] == '.')
        name.n--;
    if (literal ? pp_addr_is_loopback(&address) : is_below(name, PP_LIT("localhost")))
        return true;
    if (pp_str_eq_c(pp_str_trim(list), "*"))
        return true;
    while ((entry = next_entry(&list)).n)
        if (literal ? has_address(&address, entry) : is_below(name, entry))
            return true;
    return false;
}
