/* sweep.c - every small damage to a piece of input. */
#include "support/sweep.h"

#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>

static void run(sweep *s, const uint8_t *data, size_t size, size_t bit)
{
    uint8_t *copy = malloc(size ? size : 1);

    assert_non_null(copy);
    if (size)
        memcpy(copy, data, size);
    if (bit < size * 8)
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    s->function(copy, size, s->arg);
    free(copy);
    s->inputs++;
}

static size_t first(sweep *s, size_t *step)
{
    *step = s->stride > 1 ? s->stride : 1;
    return s->files++ % *step;
}

void sweep_prefixes(sweep *s, pp_str content)
{
    size_t step, at = first(s, &step);

    for (; at < content.n; at += step)
        run(s, (const uint8_t *)content.p, at, SIZE_MAX);
    run(s, (const uint8_t *)content.p, content.n, SIZE_MAX);
}

void sweep_bits(sweep *s, pp_str content)
{
    size_t step, at = first(s, &step);

    for (; at < content.n * 8; at += step)
        run(s, (const uint8_t *)content.p, content.n, at);
}

void sweep_file_prefixes(const char *name, pp_str content, void *arg)
{
    (void)name;
    sweep_prefixes(arg, content);
}

void sweep_file_bits(const char *name, pp_str content, void *arg)
{
    (void)name;
    sweep_bits(arg, content);
}

void sweep_report(const sweep *s, const char *what, const char *of)
{
    char every[32] = "";

    if (s->stride > 1)
        snprintf(every, sizeof(every), " (one in %u)", s->stride);
    printf("sweep: %llu %s of %u %s%s: no crash, no leak\n", (unsigned long long)s->inputs, what,
           s->files, of, every);
}
