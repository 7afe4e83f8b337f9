/* resolver.h - the channel of c-ares on a loop, for those who ask something of it; and which servers it asks. */
#ifndef PP_IO_RESOLVER_H
#define PP_IO_RESOLVER_H

#include "io/real_loop.h"

#include <ares.h>

/* The loop's channel, open until all that was asked is answered or given up. */
int pp_resolver_open(pp_real_loop *loop, pp_resolver **out);
ares_channel pp_resolver_channel(const pp_resolver *resolver);
/* Around every query: before it is given to the channel and right after; and when nobody waits for it any more, answered or not. */
void pp_resolver_ask(pp_resolver *resolver);
void pp_resolver_asked(pp_resolver *resolver);
void pp_resolver_done(pp_resolver *resolver);
int pp_resolver_error(int status); /* of c-ares, as an error of ours */

/* Other servers than the system's: "127.0.0.1:5300,[::1]:53", NULL for the system's. For the next query that opens the channel. */
int pp_io_use_name_servers(pipit_loop *loop, const char *servers);

#endif
