/* linear.c - linear time without a clock: the parsers are compiled so that each block of their code
 * counts itself when it is run, and what they ask of the C library counts by its octets. Twice the
 * octets may run at most 2.5 times the blocks, on the worst shapes of bench/linear. */
#include "bench/linear/shapes.h"
#include "support/files.h"

#include <stdio.h>
#include <string.h>

#define SIZE_MAX_COUNTED (128u << 10)
#define OCTETS_A_BLOCK   16 /* what the C library does at once */

void __sanitizer_cov_trace_pc(void);
void *__real_memchr(const void *s, int c, size_t n);
void *__wrap_memchr(const void *s, int c, size_t n);
int __real_memcmp(const void *a, const void *b, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n);
void *__real_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);
size_t __real_strlen(const char *s);
size_t __wrap_strlen(const char *s);

static uint64_t blocks;

void __sanitizer_cov_trace_pc(void)
{
    blocks++;
}

void *__wrap_memchr(const void *s, int c, size_t n)
{
    const char *at = __real_memchr(s, c, n);

    blocks += (at ? (size_t)(at - (const char *)s) : n) / OCTETS_A_BLOCK;
    return (void *)(uintptr_t)at;
}

int __wrap_memcmp(const void *a, const void *b, size_t n)
{
    blocks += n / OCTETS_A_BLOCK;
    return __real_memcmp(a, b, n);
}

void *__wrap_memcpy(void *to, const void *from, size_t n)
{
    blocks += n / OCTETS_A_BLOCK;
    return __real_memcpy(to, from, n);
}

void *__wrap_memmove(void *to, const void *from, size_t n)
{
    blocks += n / OCTETS_A_BLOCK;
    return __real_memmove(to, from, n);
}

size_t __wrap_strlen(const char *s)
{
    size_t n = __real_strlen(s);

    blocks += n / OCTETS_A_BLOCK;
    return n;
}

static uint64_t count(const bench_shape *shape, size_t size)
{
    pp_buf text = {0};

    shape->fill(&text, size);
    assert_int_equal(pp_buf_error(&text), 0);
    shape->run(pp_buf_text(&text)); /* what is kept for the next is there */
    blocks = 0;
    shape->run(pp_buf_text(&text));
    pp_buf_free(&text);
    return blocks;
}

static double check_all(const bench_shape *shapes, unsigned *checked)
{
    double worst = 0;

    for (; shapes->parser; shapes++, ++*checked) {
        size_t size = shapes->max < SIZE_MAX_COUNTED ? shapes->max : SIZE_MAX_COUNTED;
        uint64_t quarter = count(shapes, size / 4), half = count(shapes, size / 2);
        uint64_t whole = count(shapes, size);
        double ratio = (double)whole / (double)half, other = (double)half / (double)quarter;

        assert_true(quarter > 0);
        if (ratio > 2.5 || other > 2.5)
            fail_msg("%s, %s: %llu, %llu and %llu blocks at %zu octets", shapes->parser,
                     shapes->what, (unsigned long long)quarter, (unsigned long long)half,
                     (unsigned long long)whole, size);
        worst = ratio > worst ? ratio : worst;
        worst = other > worst ? other : worst;
    }
    return worst;
}

static void a_parser_does_twice_the_work_for_twice_the_octets(void **state)
{
    unsigned checked = 0;
    double sip = check_all(bench_sip_shapes, &checked);
    double others = check_all(bench_other_shapes, &checked);

    (void)state;
    printf("figure: %u worst shapes, counted work for twice the octets: at most %.2f times\n",
           checked, sip > others ? sip : others);
    assert_true(checked > 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parser_does_twice_the_work_for_twice_the_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
