/* sim.h - a loop in virtual time with a network of its own: TCP, UDP and names, latency and loss
 * from a seed. Everything of one simulation runs on its one loop. Its own memory is the C
 * library's, so that an allocator under test sees the library's only. */
#ifndef PP_TESTS_SIM_H
#define PP_TESTS_SIM_H

#include "base/loop.h"

typedef struct sim sim;

int sim_new(uint64_t seed, sim **out);
/* Fails the test (cmocka) when a stream, listener, socket, look-up, timer, post or work is left. */
void sim_free(sim *s);
pipit_loop *sim_loop(sim *s); /* borrowed */

/* Runs all that is due in the next `ms` milliseconds of virtual time. */
void sim_advance_ms(sim *s, uint64_t ms);
/* Runs until `done(arg)`, at most `ms` milliseconds; returns whether it was done. */
bool sim_run_until(sim *s, bool (*done)(void *arg), void *arg, uint64_t ms);
uint64_t sim_now_us(const sim *s);

/* Encoding and decoding takes so long, as if it were done by threads; 0: it is done at once. At the start it is what the environment
 * says in PIPIT_SIM_WORK_US, or 0. */
void sim_set_work_delay(sim *s, unsigned delay_us);

/* The network: as soon as set. Loss and duplication are for datagrams only, of 1,000. */
void sim_set_delay(sim *s, unsigned delay_us,
                   unsigned jitter_us); /* one way; 1,000 and 0 at the start */
void sim_set_loss(sim *s, unsigned per_mille_lost, unsigned per_mille_twice);
void sim_add_host(sim *s, const char *name, const char *ip);  /* a name that can be looked up */
void sim_move_host(sim *s, const char *name, const char *ip); /* it has that address now */
/* A record of a name; what it points at (SRV: the target, NAPTR: the replacement) is in record->name. Texts must outlive
 * the simulation. */
void sim_add_record(sim *s, pp_record_kind kind, const char *name, const pp_record *record);
/* Resets every stream that is connected now: both ends hear of it. */
void sim_break_streams(sim *s);
void sim_break_stream(sim *s, uint64_t number); /* that one alone; they count from 1 on */
/* true: streams carry nothing any more in either direction, and nobody is told (a half-open
 * connection). */
void sim_freeze_streams(sim *s, bool frozen);
/* Sees what is put on a stream: its number from 1 on, and whether it goes to the end that listened.
 * NULL: nobody does. */
void sim_tap_streams(sim *s,
                     void (*tap)(void *arg, uint64_t stream, bool to_server, const void *data,
                                 size_t size),
                     void *arg);
/* The machine's addresses: 192.0.2.1 alone at the start. Datagrams from and to one that is gone are lost; streams go on. */
void sim_add_address(sim *s, const char *ip);
void sim_remove_address(sim *s, const char *ip);
/* Sees every datagram before it is delivered; false drops it. NULL: none. */
void sim_filter_datagrams(sim *s,
                          bool (*pass)(void *arg, const pp_addr *from, const pp_addr *to,
                                       const uint8_t *data, size_t size),
                          void *arg);
/* Puts a datagram of a stranger on the wire. */
void sim_inject_datagram(sim *s, const pp_addr *from, const pp_addr *to, const void *data,
                         size_t size);

typedef struct sim_counts {
    uint64_t datagrams, datagrams_lost, stream_octets, turns;
} sim_counts;
sim_counts sim_get_counts(const sim *s);

#endif
