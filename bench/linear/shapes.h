/* shapes.h - the worst inputs we can think of for each parser, in any size: for the clock of bench/linear.c
 * and for the counter of tests/counted/linear.c. */
#ifndef PP_BENCH_LINEAR_SHAPES_H
#define PP_BENCH_LINEAR_SHAPES_H

#include "base/buf.h"

typedef struct bench_shape {
    const char *parser, *what;
    size_t max; /* octets: 1 MiB, or where a limit of the parser's own ends it */
    void (*fill)(pp_buf *out, size_t size);
    void (*run)(pp_str text);
    bool cold; /* copied more than looked at: timed with cold caches, whose size it would show */
} bench_shape;

extern const bench_shape bench_sip_shapes[], bench_other_shapes[]; /* ended by parser == NULL */

/* `head`, then `unit` as often as it fits, then `tail`: `size` octets and a few. */
void bench_repeat(pp_buf *out, const char *head, const char *unit, const char *tail, size_t size);

#define BENCH_MIB (1u << 20)
/* static void name(pp_buf *out, size_t size): a filler of that form. */
#define BENCH_FILL(name, head, unit, tail)                                                         \
    static void name(pp_buf *out, size_t size)                                                     \
    {                                                                                              \
        bench_repeat(out, head, unit, tail, size);                                                 \
    }

#endif
