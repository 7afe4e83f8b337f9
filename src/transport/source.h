/* source.h - where a request over UDP came from, noted in its Via, and where its answer goes by that (RFC 3261 sections
 * 18.2.1 and 18.2.2, RFC 3581 section 4). */
#ifndef PP_TRANSPORT_SOURCE_H
#define PP_TRANSPORT_SOURCE_H

#include "base/addr.h"
#include "base/buf.h"

/* The request with `received` and the value of `rport` in its topmost Via where they belong; `out` stays empty for a response
 * and for a Via that cannot be read. 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY. */
int pp_source_mark(pp_str message, const pp_addr *from, pp_buf *out);
/* PIPIT_ERR_NOT_FOUND when the Via names a host that is no address. */
int pp_source_of_response(pp_str response, pp_addr *out);

#endif
