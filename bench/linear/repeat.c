/* repeat.c - the form of nearly all worst shapes: the same again and again. */
#include "shapes.h"

void bench_repeat(pp_buf *out, const char *head, const char *unit, const char *tail, size_t size)
{
    size_t n = strlen(unit);

    pp_buf_c(out, head);
    for (size_t at = 0; at + n <= size; at += n)
        pp_buf_add(out, unit, n);
    pp_buf_c(out, tail);
}
