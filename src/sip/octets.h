/* octets.h - a few octets at once, as numbers: for short words, where calling memcmp() costs more than comparing. */
#ifndef PP_SIP_OCTETS_H
#define PP_SIP_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t pp_load8(const char *p)
{
    uint64_t octets;

    memcpy(&octets, p, sizeof(octets));
    return octets;
}

static inline uint32_t pp_load4(const char *p)
{
    uint32_t octets;

    memcpy(&octets, p, sizeof(octets));
    return octets;
}

static inline uint16_t pp_load2(const char *p)
{
    uint16_t octets;

    memcpy(&octets, p, sizeof(octets));
    return octets;
}

#define PP_OCTETS_MAX 24

/* Whether two words of `n` octets, 2 to PP_OCTETS_MAX, are the same: their first octets and their last, which overlap, and what
 * is between them in long ones. */
static inline bool pp_octets_same(const char *a, const char *b, size_t n)
{
    if (n >= 8)
        return pp_load8(a) == pp_load8(b) && pp_load8(a + n - 8) == pp_load8(b + n - 8) &&
               (n <= 16 || pp_load8(a + 8) == pp_load8(b + 8));
    if (n >= 4)
        return pp_load4(a) == pp_load4(b) && pp_load4(a + n - 4) == pp_load4(b + n - 4);
    return pp_load2(a) == pp_load2(b) && pp_load2(a + n - 2) == pp_load2(b + n - 2);
}

#endif
