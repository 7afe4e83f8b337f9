/* header_find.h - a header name as it is usually written, found while a message is read. */
#ifndef PP_SIP_HEADER_FIND_H
#define PP_SIP_HEADER_FIND_H

#include "sip/header.h"
#include "sip/octets.h"

#define PP_HEADER_LONGEST 20 /* P-Preferred-Identity */

#pragma GCC visibility push(hidden) /* reached without a table of addresses */
/* No name has the length of PP_HEADER_OTHER's. */
extern const pp_str pp_header_names[PP_HEADER_COUNT];
/* Each name in a slot of its own (tests/unit/sip/names.c tells which, and that they differ). On a processor that has the highest
 * octet of a number first, the slots are wrong ones, and names are found the long way. */
extern const uint8_t pp_header_slots[256];
#pragma GCC visibility pop

/* By the first four octets and the last four of "Name: ", which stands behind other text. */
static inline uint8_t pp_header_slot(const char *name, size_t n)
{
    return (uint8_t)((pp_load4(name) + pp_load4(name + n - 2) * 8) * 0xC029A611u >> 24);
}

_Static_assert(PP_HEADER_LONGEST <= PP_OCTETS_MAX, "names are compared as octets");

/* The name that ": " follows and other text precedes; false when it is compact, unknown or in another letter case. */
static inline bool pp_header_find(const char *name, size_t n, pp_header_id *out)
{
    uint8_t id = pp_header_slots[pp_header_slot(name, n)];
    const pp_str *known = &pp_header_names[id];

    *out = (pp_header_id)id;
    return known->n == n && pp_octets_same(known->p, name, n);
}

#endif
