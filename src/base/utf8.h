/* utf8.h - UTF-8 checked as it comes, in pieces of any size (RFC 3629 section 4). */
#ifndef PP_BASE_UTF8_H
#define PP_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_utf8 {
    uint8_t missing;   /* octets the current character still needs */
    uint8_t low, high; /* the range the next of them must be in */
} pp_utf8;

/* False at the first octet that no text can continue with. A zeroed pp_utf8 is the start of a text.
 */
bool pp_utf8_feed(pp_utf8 *state, const uint8_t *data, size_t size);

static inline bool pp_utf8_complete(const pp_utf8 *state)
{
    return state->missing == 0;
}

#endif
