/* still_loop.h - a loop in which no time passes and no datagram arrives, for fuzz targets of what lives on one. */
#ifndef PP_FUZZ_STILL_LOOP_H
#define PP_FUZZ_STILL_LOOP_H

#include "base/loop.h"

static uint64_t time_us(const pipit_loop *loop)
{
    (void)loop;
    return 1000000;
}

static void wake(pipit_loop *loop)
{
    (void)loop;
}

static size_t one_address(pipit_loop *loop, pp_local_address *out, size_t max)
{
    (void)loop;
    (void)max;
    *out = (pp_local_address){.interface = "eth0"};
    pp_addr_parse(PP_LIT("192.0.2.1"), 0, &out->address);
    return 1;
}

static int send_nowhere(pp_udp *udp, const pp_addr *to, const void *data, size_t size)
{
    (void)udp;
    (void)to;
    (void)data;
    (void)size;
    return 0;
}

static void close_nothing(pp_udp *udp)
{
    (void)udp;
}

static int open_nothing(pipit_loop *loop, const pp_addr *at, pp_udp_function *received, void *arg,
                        pp_udp **out)
{
    static pp_udp udp = {.send = send_nowhere, .close = close_nothing};

    (void)loop;
    (void)received;
    (void)arg;
    udp.local = *at;
    udp.local.port = 4000;
    *out = &udp;
    return 0;
}

static const pp_loop_ops still_ops = {.now_us = time_us,
                                      .wall_us = time_us,
                                      .wake = wake,
                                      .udp_open = open_nothing,
                                      .local_addresses = one_address};

static void count_up(void *arg, void *out, size_t size)
{
    static uint8_t next;

    (void)arg;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = next++;
}

static inline void still_loop_init(pipit_loop *loop)
{
    *loop = (pipit_loop){0};
    pp_loop_init(loop, &still_ops, (pp_rng){count_up, NULL});
}

#endif
