/* linear.c - whether each parser takes twice the time, and no more, for twice the octets, on the worst
 * inputs we can think of: CPU time, the median of several, at a quarter, a half and all of the size. */
#include "linear/shapes.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS    7
#define ROUND_NS  2e6 /* a round lasts at least so long */
#define RATIO_MAX 2.5
#define TRIES     4 /* the machine does other things as well */
#define SIZES     3

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void cool(void)
{
    static volatile char other[32 << 20];

    for (size_t i = 0; i < sizeof(other); i += 64)
        other[i]++;
}

static double time_of(const bench_shape *shape, pp_str text)
{
    double rounds[ROUNDS];

    for (unsigned i = 0; i < ROUNDS; i++) {
        double start, took;
        unsigned runs = 0;

        if (shape->cold)
            cool();
        start = cpu_ns();
        do {
            shape->run(text);
            runs++;
            took = cpu_ns() - start;
        } while (took < ROUND_NS && !shape->cold);
        rounds[i] = took / runs;
    }
    qsort(rounds, ROUNDS, sizeof(*rounds), by_value);
    return rounds[ROUNDS / 2];
}

typedef struct figures {
    size_t size;
    double ns, ratio; /* of the longest; the worse of the two doublings */
} figures;

static figures measure(const bench_shape *shape)
{
    figures f = {0};
    double before = 0;

    for (unsigned i = 0; i < SIZES; i++) {
        pp_buf text = {0};
        double ns;

        shape->fill(&text, shape->max >> (SIZES - 1 - i));
        if (pp_buf_error(&text))
            exit(EXIT_FAILURE);
        ns = time_of(shape, pp_buf_text(&text));
        if (before > 0 && ns / before > f.ratio)
            f.ratio = ns / before;
        before = f.ns = ns;
        f.size = text.n;
        pp_buf_free(&text);
    }
    return f;
}

/* Returns the worst ratio. */
static double print_all(const bench_shape *shapes)
{
    double worst = 0;

    for (; shapes->parser; shapes++) {
        figures f = measure(shapes);

        for (unsigned i = 1; i < TRIES && f.ratio > RATIO_MAX; i++) {
            figures again = measure(shapes);
            if (again.ratio < f.ratio)
                f = again;
        }
        printf("%-12s  %-28s  %8zu  %10.1f  %6.2f  %5.2f%s\n", shapes->parser, shapes->what, f.size,
               f.ns / 1e3, f.ns / (double)f.size, f.ratio, f.ratio > RATIO_MAX ? "  !" : "");
        if (f.ratio > worst)
            worst = f.ratio;
    }
    return worst;
}

int main(void)
{
    double sip, others, worst;

    /* Large blocks stay on the heap: new pages for each would be the kernel's time, not ours. */
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    printf("%-12s  %-28s  %8s  %10s  %6s  %s\n", "parser", "worst shape", "octets", "us", "ns/oct",
           "t(2n)/t(n)");
    sip = print_all(bench_sip_shapes);
    others = print_all(bench_other_shapes);
    worst = sip > others ? sip : others;
    printf("figure: twice the octets take at most %.2f times the time, %.1f are allowed\n", worst,
           RATIO_MAX);
    return worst > RATIO_MAX ? EXIT_FAILURE : EXIT_SUCCESS;
}
