/* interfaces.c - the addresses of the machine. */
#include "io/real_loop.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>

size_t pp_io_local_addresses(pipit_loop *loop, pp_local_address *out, size_t max)
{
    struct ifaddrs *all = NULL;
    size_t count = 0;

    (void)loop;
    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *one = all; one && count < max; one = one->ifa_next) {
        if (!(one->ifa_flags & IFF_UP) || !one->ifa_addr)
            continue;
        if (!pp_addr_from_sockaddr(one->ifa_addr, &out[count].address))
            continue;
        snprintf(out[count].interface, sizeof(out[count].interface), "%s", one->ifa_name);
        count++;
    }
    freeifaddrs(all);
    return count;
}
