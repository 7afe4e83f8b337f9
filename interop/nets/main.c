/* main.c - usage: interop_nets [SEED] NAME=KIND[,loss=PERCENT][,delay=MS][,jitter=MS]...: an internet of network namespaces. Each NAME is a
 * network with one machine, behind a router of that KIND: public, full-cone, address-restricted, port-restricted, symmetric or
 * udp-blocked. Only UDP and TCP over IPv4 pass; to private addresses nothing does. A line of JSON tells how to start programs
 * in them; it ends, and all of it is gone, when standard input ends, after a line with what has passed. Exit status 77 where
 * namespaces are not allowed. */
#include "interop/nets/line.h"
#include "support/dice.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NETWORKS_MAX 64u
#define AT_ONCE      64 /* packets of a network before the next has its turn */

typedef struct internet {
    network networks[NETWORKS_MAX];
    size_t count;
    line line;
    uint64_t chance;
} internet;

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* --- from network to network ------------------------------------------------------------------ */

/* From 0 up to 1. */
static double dice(internet *i)
{
    return (double)(dice_u64(&i->chance) >> 11) / 9007199254740992.0;
}

static network *network_at(internet *i, const pp_addr *outside)
{
    for (size_t k = 0; k < i->count; k++)
        if (pp_addr_same_ip(&i->networks[k].udp.outside, outside))
            return &i->networks[k];
    return NULL;
}

static uint64_t delay_us(internet *i, const network *n)
{
    return n->delay_us + (uint64_t)(dice(i) * (double)n->jitter_us);
}

static void travel(internet *i, network *from, network *to, const packet *p)
{
    uint64_t due_us = now_us() + delay_us(i, from) + delay_us(i, to);

    if (dice(i) < from->loss)
        from->lost++;
    else if (dice(i) < to->loss || !line_put(&i->line, p, to, due_us))
        to->lost++;
}

static void forward(internet *i, network *from, packet *p)
{
    nat *router = p->tcp ? &from->tcp : &from->udp;
    network *to = network_at(i, &p->to);
    const pp_addr *end;
    pp_addr source;

    from->out++;
    if (router->kind == NAT_NO_UDP || !pp_addr_same_ip(&p->from, &router->inside)) {
        from->refused++;
        return;
    }
    source = nat_go_out(router, &p->from, &p->to);
    end = to ? nat_come_in(p->tcp ? &to->tcp : &to->udp, &p->to, &source) : NULL;
    if (!end) {
        if (to)
            to->refused++;
        return;
    }
    packet_readdress(p, &source, end);
    travel(i, from, to, p);
}

static void take_from(internet *i, network *n)
{
    for (unsigned k = 0; k < AT_ONCE; k++) {
        uint8_t data[PACKET_MAX];
        ssize_t size = read(n->device, data, sizeof(data));
        packet p;

        if (size <= 0)
            return;
        if (packet_read(&p, data, (size_t)size))
            forward(i, n, &p);
    }
}

static void deliver(internet *i)
{
    travelling *one;

    while ((one = line_take(&i->line, now_us()))) {
        if (write(one->to->device, one->data, one->size) < 0)
            one->to->lost++;
        else
            one->to->in++;
        free(one);
    }
}

/* Until standard input ends. */
static void run(internet *i)
{
    struct pollfd polled[NETWORKS_MAX + 1] = {{.fd = STDIN_FILENO, .events = POLLIN}};
    char ignored[64];

    for (size_t k = 0; k < i->count; k++)
        polled[k + 1] = (struct pollfd){.fd = i->networks[k].device, .events = POLLIN};
    for (;;) {
        uint64_t now = now_us(), due = i->line.first ? i->line.first->due_us : UINT64_MAX;
        uint64_t left = due == UINT64_MAX ? 1000000 : due > now ? due - now : 0;
        struct timespec limit = {(time_t)(left / 1000000), (long)(left % 1000000) * 1000};

        if (ppoll(polled, i->count + 1, &limit, NULL) < 0 && errno != EINTR)
            return;
        if (polled[0].revents && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
            return;
        for (size_t k = 0; k < i->count; k++)
            if (polled[k + 1].revents & POLLIN)
                take_from(i, &i->networks[k]);
        deliver(i);
    }
}

/* --- what it says ----------------------------------------------------------------------------- */

static void tell_network(const network *n, bool mapped)
{
    char address[PP_ADDR_TEXT], outside[PP_ADDR_TEXT];

    printf("\"%s\":{\"enter\":[\"nsenter\",", n->name);
    if (mapped)
        printf("\"--user=/proc/%d/ns/user\",\"--preserve-credentials\",", (int)getpid());
    printf("\"--net=/proc/%d/fd/%d\",\"--\"],\"address\":\"%s\",\"outside\":\"%s\"}", (int)getpid(),
           n->space, pp_addr_ip_text(&n->udp.inside, address),
           pp_addr_ip_text(&n->udp.outside, outside));
}

static void tell_ready(const internet *i)
{
    bool mapped = i->networks[0].mapped; /* and all the others after it */

    printf("{\"event\":\"ready\",\"networks\":{");
    for (size_t k = 0; k < i->count; k++) {
        printf("%s", k ? "," : "");
        tell_network(&i->networks[k], mapped);
    }
    printf("}}\n");
    fflush(stdout);
}

static void tell_end(const internet *i)
{
    printf("{\"event\":\"end\",\"networks\":{");
    for (size_t k = 0; k < i->count; k++) {
        const network *n = &i->networks[k];

        printf("%s\"%s\":{\"out\":%llu,\"in\":%llu,\"refused\":%llu,\"lost\":%llu}", k ? "," : "",
               n->name, (unsigned long long)n->out, (unsigned long long)n->in,
               (unsigned long long)n->refused, (unsigned long long)n->lost);
    }
    printf("}}\n");
}

int main(int argc, char **argv)
{
    static internet i = {.chance = 1};
    char *end = argv[1];
    int at = 1, err = 0;

    if (argc > 1)
        i.chance = strtoull(argv[1], &end, 10);
    at += end && !*end;
    for (; at < argc && i.count < NETWORKS_MAX; at++, i.count++)
        if (!network_read(&i.networks[i.count], argv[at], (unsigned)i.count))
            break;
    if (at < argc || !i.count) {
        fprintf(stderr,
                "usage: interop_nets [SEED] NAME=KIND[,loss=PERCENT][,delay=MS][,jitter=MS]...\n");
        return EXIT_FAILURE;
    }
    for (size_t k = 0; k < i.count && !err; k++)
        err = network_open(&i.networks[k]);
    if (err) {
        fprintf(stderr, "nets: no network namespaces with a TUN device here: %s\n", strerror(err));
        return 77;
    }
    tell_ready(&i);
    run(&i);
    tell_end(&i);
    return EXIT_SUCCESS;
}
