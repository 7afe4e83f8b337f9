/* network.c - making a network namespace with one device, one address and a route. */
#include "interop/nets/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/route.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICE "net0"

/* --- what is asked for ------------------------------------------------------------------------ */

/* "name=" and a number that is not negative. */
static bool read_number(const char *word, const char *name, double *out)
{
    size_t n = strlen(name);
    char *end;

    if (strncmp(word, name, n) != 0 || word[n] != '=')
        return false;
    *out = strtod(word + n + 1, &end);
    return end > word + n + 1 && !*end && *out >= 0 && *out <= 10000;
}

static bool read_word(network *n, const char *word)
{
    double number;

    if (read_number(word, "loss", &number) && number <= 100)
        n->loss = number / 100;
    else if (read_number(word, "delay", &number))
        n->delay_us = (uint64_t)(number * 1000);
    else if (read_number(word, "jitter", &number))
        n->jitter_us = (uint64_t)(number * 1000);
    else
        return false;
    return true;
}

bool network_read(network *n, char *argument, unsigned number)
{
    char *rest = argument, *name = strsep(&rest, "="), *kind = strsep(&rest, ","), *word;
    pp_addr inside = {.family = 4, .ip = {192, 168, 1, 10}};
    pp_addr outside = {.family = 4, .ip = {198, 51, 100, (uint8_t)(number + 1)}};
    nat_kind found = kind ? nat_find(kind) : NAT_KINDS;

    *n = (network){.name = name, .space = -1, .device = -1};
    if (!*name || found == NAT_KINDS || number > 250)
        return false;
    if (found == NAT_NONE)
        inside = outside;
    nat_begin(&n->udp, found, &inside, &outside);
    nat_begin(&n->tcp, found == NAT_NO_UDP ? NAT_PORT_RESTRICTED : found, &inside, &outside);
    while ((word = strsep(&rest, ",")))
        if (!read_word(n, word))
            return false;
    return true;
}

/* --- the kernel's part ------------------------------------------------------------------------ */

static void write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);

    if (file < 0)
        return; /* a kernel without it needs it not */
    if (write(file, text, strlen(text)) < 0)
        fprintf(stderr, "nets: %s: %s\n", path, strerror(errno));
    close(file);
}

/* Who is not root may be it in a namespace of users. */
static int leave(bool *mapped)
{
    char map[64];
    unsigned user = getuid(), group = getgid();

    if (unshare(CLONE_NEWNET) == 0)
        return 0;
    if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return errno;
    *mapped = true;
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof(map), "0 %u 1", user);
    write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof(map), "0 %u 1", group);
    write_file("/proc/self/gid_map", map);
    return 0;
}

static int open_device(int *out)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (device < 0)
        return errno;
    memcpy(request.ifr_name, DEVICE, sizeof(DEVICE));
    if (ioctl(device, TUNSETIFF, &request) < 0) {
        int err = errno;

        close(device);
        return err;
    }
    *out = device;
    return 0;
}

static void set_address(struct sockaddr *out, const pp_addr *address)
{
    struct sockaddr_storage storage;

    pp_addr_to_sockaddr(address, &storage);
    memcpy(out, &storage, sizeof(*out));
}

static bool raise_interface(int control, const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};

    memcpy(request.ifr_name, name, strlen(name) + 1);
    return ioctl(control, SIOCSIFFLAGS, &request) == 0;
}

static bool set_up(int control, const pp_addr *inside)
{
    const pp_addr any = {.family = 4}, mask = {.family = 4, .ip = {255, 255, 255, 0}};
    struct ifreq request = {.ifr_name = DEVICE};
    char device[] = DEVICE;
    struct rtentry route = {.rt_dev = device, .rt_flags = RTF_UP};

    set_address(&request.ifr_addr, inside);
    if (ioctl(control, SIOCSIFADDR, &request) < 0)
        return false;
    set_address(&request.ifr_netmask, &mask);
    if (ioctl(control, SIOCSIFNETMASK, &request) < 0)
        return false;
    if (!raise_interface(control, "lo") || !raise_interface(control, DEVICE))
        return false;
    set_address(&route.rt_dst, &any);
    set_address(&route.rt_genmask, &any);
    return ioctl(control, SIOCADDRT, &route) == 0;
}

int network_open(network *n)
{
    int err = leave(&n->mapped), control;

    if (!err)
        err = open_device(&n->device);
    if (err)
        return err;
    write_file("/proc/sys/net/ipv6/conf/" DEVICE "/disable_ipv6", "1");
    n->space = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (n->space < 0 || control < 0 || !set_up(control, &n->udp.inside))
        err = errno;
    if (control >= 0)
        close(control);
    return err;
}
