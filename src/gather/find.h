/* find.h - from an ICE server's URL to addresses: SRV where no port is given, then A and AAAA (RFC 5389 section 9, RFC 5928). */
#ifndef PP_GATHER_FIND_H
#define PP_GATHER_FIND_H

#include "base/loop.h"
#include "gather/uri.h"

typedef struct pp_ice_find pp_ice_find;
/* Exactly once, never from inside start: error 0 and at least one address with its port, best first. The search is over
 * and released. */
typedef void pp_ice_find_function(void *arg, int error, const pp_addr *addresses, size_t count);

int pp_ice_find_start(pipit_loop *loop, const pp_ice_uri *uri, pp_ice_find_function *found,
                      void *arg, pp_ice_find **out);
pp_ice_find *pp_ice_find_cancel(pp_ice_find *find); /* NULL is fine; returns NULL */

#endif
