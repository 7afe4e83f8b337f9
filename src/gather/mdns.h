/* mdns.h - names that end in ".local" (RFC 6762): browsers have them in the place of addresses. One-shot queries (section 5.1) by
 * multicast over IPv4; answers to us alone and those to everybody are taken. */
#ifndef PP_GATHER_MDNS_H
#define PP_GATHER_MDNS_H

#include "base/buf.h"
#include "base/loop.h"

/* "….local", of labels of letters, digits and '-', at most 253 octets. */
bool pp_mdns_is_name(pp_str name);
/* A question for A and AAAA records of the name, which is one. */
void pp_mdns_write_query(pp_str name, pp_buf *out);
/* How many addresses of that name the packet has, at most `max`; port 0. 0 also for what is no answer. */
size_t pp_mdns_read_answer(pp_str packet, pp_str name, pp_addr *out, size_t max);

typedef struct pp_mdns pp_mdns;
/* Exactly once, never from inside start: error 0 and an address, port 0. The search is over and released. */
typedef void pp_mdns_function(void *arg, int error, const pp_addr *address);

typedef struct pp_mdns_question {
    pp_str name;
    const pp_addr *from; /* our addresses; those of IPv4 ask */
    size_t from_count;
} pp_mdns_question;

/* Asked three times within 3 s. PIPIT_ERR_ARGUMENT for what is no name, PIPIT_ERR_IO where nobody can be asked. */
int pp_mdns_start(pipit_loop *loop, const pp_mdns_question *question, pp_mdns_function *found,
                  void *arg, pp_mdns **out);
pp_mdns *pp_mdns_cancel(pp_mdns *mdns); /* NULL is fine; returns NULL */

#endif
