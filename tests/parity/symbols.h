/* symbols.h - what symbols.awk makes of the names in the table. */
#ifndef PP_TESTS_PARITY_SYMBOLS_H
#define PP_TESTS_PARITY_SYMBOLS_H

#include <stddef.h>

extern void (*const parity_functions[])(void); /* NULL at the end */
extern const size_t parity_places[];           /* offsets of fields, sizes of types and constants */
extern const size_t parity_symbol_count;       /* of both */

#endif
