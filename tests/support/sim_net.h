/* sim_net.h - what the simulated network and virtual time share; private to sim.c and sim_net.c. */
#ifndef PP_TESTS_SIM_NET_H
#define PP_TESTS_SIM_NET_H

#include "support/sim.h"

typedef struct link link_pair; /* a TCP connection */
typedef struct sim_listener sim_listener;
typedef struct sim_udp sim_udp;
typedef struct host host;
typedef struct sim_record sim_record;

struct sim {
    pipit_loop loop;
    uint64_t now_us, random;
    unsigned delay_us, jitter_us, lost, twice;
    bool frozen;
    pp_addr addresses[4], gone[4]; /* of this machine, and no more */
    size_t address_count, gone_count;
    uint16_t next_port;
    link_pair *links;
    sim_listener *listeners;
    sim_udp *sockets;
    host *hosts;
    sim_record *records;
    unsigned lookups, flights, errands;
    unsigned work_us;
    bool (*pass)(void *arg, const pp_addr *from, const pp_addr *to, const uint8_t *data,
                 size_t size);
    void *pass_arg;
    void (*tap)(void *arg, uint64_t stream, bool to_server, const void *data, size_t size);
    void *tap_arg;
    uint64_t last_link;
    sim_counts counts;
};

/* The simulation a loop is part of. */
static inline sim *sim_of(const pipit_loop *loop)
{
    return (sim *)(uintptr_t)loop;
}

/* The operations of the loop that are the network's. */
int sim_tcp_connect(pipit_loop *loop, const pp_addr *to, const pp_stream_handlers *handlers,
                    void *arg, pp_stream **out);
int sim_tcp_listen(pipit_loop *loop, const pp_addr *at, pp_accept_function *accepted, void *arg,
                   pp_listener **out);
int sim_udp_open(pipit_loop *loop, const pp_addr *at, pp_udp_function *received, void *arg,
                 pp_udp **out);
int sim_look_up(pipit_loop *loop, const char *name, pp_lookup_function *found, void *arg,
                pp_lookup **out);
int sim_records(pipit_loop *loop, const pp_record_question *question, pp_lookup **out);
int sim_route(pipit_loop *loop, const pp_addr *to, pp_addr *out);
size_t sim_local_addresses(pipit_loop *loop, pp_local_address *out, size_t max);
void sim_forget_hosts(sim *s);
bool sim_is_gone(const sim *s, const pp_addr *address);

#endif
