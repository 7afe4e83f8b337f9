/* str.h - slices of text: a pointer and a length, borrowed from whoever owns the octets. */
#ifndef PP_BASE_STR_H
#define PP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct pp_str {
    const char *p;
    size_t n;
} pp_str;

#define PP_LIT(literal) ((pp_str){"" literal, sizeof(literal) - 1}) /* a string literal */
#define PP_LIT_INIT(literal)                                                                       \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }                                 /* the same in a static table */
#define PP_STR(s)   (int)(s).n, (s).p /* for "%.*s" */
#define PP_STR_NONE ((pp_str){NULL, 0})

static inline pp_str pp_str_c(const char *text) /* NULL gives an empty slice */
{
    return (pp_str){text, text ? strlen(text) : 0};
}

static inline pp_str pp_str_n(const void *p, size_t n)
{
    return (pp_str){(const char *)p, n};
}

static inline bool pp_str_empty(pp_str s)
{
    return s.n == 0;
}

static inline bool pp_str_eq(pp_str a, pp_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* `n` octets of each: ASCII letters without regard to case, no locale. */
bool pp_str_alike(const char *a, const char *b, size_t n);

static inline bool pp_str_ieq(pp_str a, pp_str b)
{
    return a.n == b.n && pp_str_alike(a.p, b.p, a.n);
}

/* These are inline because the other side is mostly a literal, whose length the compiler knows. */
static inline bool pp_str_eq_c(pp_str a, const char *b)
{
    return pp_str_eq(a, pp_str_c(b));
}

static inline bool pp_str_ieq_c(pp_str a, const char *b)
{
    return pp_str_ieq(a, pp_str_c(b));
}

static inline bool pp_str_starts(pp_str s, const char *prefix)
{
    pp_str start = pp_str_c(prefix);

    return s.n >= start.n && pp_str_eq(pp_str_n(s.p, start.n), start);
}

static inline bool pp_str_istarts(pp_str s, const char *prefix)
{
    pp_str start = pp_str_c(prefix);

    return s.n >= start.n && pp_str_alike(s.p, start.p, start.n);
}

static inline pp_str pp_str_sub(pp_str s, size_t from, size_t to) /* clamped to the slice */
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return (pp_str){s.p ? s.p + from : NULL, to - from};
}

static inline bool pp_str_is_space(char c) /* SP, HTAB, CR, LF */
{
    return (unsigned char)c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

static inline pp_str pp_str_trim(pp_str s) /* spaces off both ends */
{
    while (s.n && pp_str_is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && pp_str_is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* The index of `c`, or s.n when it is not there. */
size_t pp_str_find(pp_str s, char c);
/* Cuts at the first `c`: returns what is before and leaves in *rest what is behind. Without a `c`
 * the whole slice is returned and *rest is empty with p == NULL. */
pp_str pp_str_split(pp_str *rest, char c);
/* The same, but the pieces are trimmed and end at runs of SP and HTAB. Empty when nothing is left.
 */
pp_str pp_str_word(pp_str *rest);

/* Whole slice, decimal digits only, within [min, max]. Outputs untouched when false. */
bool pp_str_to_u32(pp_str s, uint32_t min, uint32_t max, uint32_t *out);
bool pp_str_to_u64(pp_str s, uint64_t min, uint64_t max, uint64_t *out);

/* A number's digits, at the end of `room`. */
#define PP_DIGITS 20
pp_str pp_digits(uint64_t number, char room[PP_DIGITS]);

char *pp_str_dup(pp_str s); /* a C string on the heap, NULL when memory is short */
/* Holds no CR, LF or NUL: may stand in a header (RFC 3261 section 25.1). */
bool pp_str_is_line(pp_str s);
bool pp_str_is_utf8(pp_str s);
size_t pp_str_ascii(pp_str s); /* octets at its start that are ASCII */

#endif
