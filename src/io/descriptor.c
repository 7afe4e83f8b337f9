/* descriptor.c - making sockets, and what their errors mean to people. */
#include "io/descriptor.h"

#include "base/error.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>
#include <uv.h>

static int refuse(const char *action, const pp_addr *address, int system_error)
{
    char text[PP_ADDR_TEXT], why[64];

    uv_strerror_r(uv_translate_sys_error(system_error), why, sizeof(why));
    return pp_error(PIPIT_ERR_IO, "%s: %s: %s", action, pp_addr_text(address, text), why);
}

int pp_io_socket(const pp_addr *address, int type, int *out)
{
    int family = address->family == 6 ? AF_INET6 : AF_INET;
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        return refuse("socket", address, errno);
    if (family == AF_INET6) /* each family has a socket of its own: no mapped addresses */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    *out = fd;
    return 0;
}

bool pp_io_is_group(const pp_addr *at)
{
    return at->family == 4 && at->ip[0] >> 4 == 14;
}

int pp_io_bound_socket(const pp_addr *at, int type, int *out, pp_addr *local)
{
    struct sockaddr_storage address;
    socklen_t size = pp_addr_to_sockaddr(at, &address);
    bool is_group = pp_io_is_group(at);
    int on = 1, fd = -1;
    int err = pp_io_socket(at, type, &fd);

    if (err)
        return err;
    if (type == SOCK_STREAM || is_group)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (is_group) /* RFC 6762 section 15.1: shared with whoever else hears it */
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, size) != 0) {
        err = refuse("bind", at, errno);
        goto out;
    }
    size = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
        !pp_addr_from_sockaddr((struct sockaddr *)&address, local)) {
        err = refuse("getsockname", at, errno);
        goto out;
    }
    *out = fd;
out:
    if (err)
        close(fd);
    return err;
}

/* What an error of a connection is to people, with the peer's name behind it; NULL for one that is not usual. */
static const char *what_happened(int system_error)
{
    switch (system_error) {
    case 0:
        return "connection closed by";
    case ECONNREFUSED:
        return "connection refused by";
    case ECONNRESET:
    case EPIPE:
        return "connection reset by";
    case ETIMEDOUT:
        return "no answer from";
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EADDRNOTAVAIL:
        return "no route to";
    default:
        return NULL;
    }
}

char *pp_io_sentence(int system_error, const pp_addr *peer, char *out)
{
    const char *what = what_happened(system_error);
    char text[PP_ADDR_TEXT], why[64];

    pp_addr_text(peer, text);
    if (what) {
        snprintf(out, PP_IO_SENTENCE, "%s %s", what, text);
    } else {
        uv_strerror_r(uv_translate_sys_error(system_error), why, sizeof(why));
        snprintf(out, PP_IO_SENTENCE, "connection to %s failed: %s", text, why);
    }
    return out;
}

int pp_io_error_code(int system_error)
{
    if (system_error == 0)
        return 0;
    return system_error == ETIMEDOUT ? PIPIT_ERR_TIMEOUT : PIPIT_ERR_CONNECTION;
}
