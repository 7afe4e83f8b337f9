/* marks.h - where the octets of a head stand that mean something, found in one pass, 64 at a time. */
#ifndef PP_SIP_MARKS_H
#define PP_SIP_MARKS_H

#include "base/str.h"

#define PP_MARKS_WORDS 64u                    /* in a word a bit for each octet */
#define PP_MARKS_LINES 256u                   /* of a head that has marks: start line and fields */
#define PP_MARKS_HEAD  (64u * PP_MARKS_WORDS) /* octets of the longest head that has marks: 4 KiB */

typedef struct pp_marks {
    size_t head;  /* octets from the start line through the empty line */
    size_t lines; /* those that CRLF ends, the empty one not counted: folds are lines here */
    bool nul;     /* there is a NUL in the head, or shortly behind it */
    uint64_t special[PP_MARKS_WORDS]; /* all but letters, digits, '-', '.' and '_' */
    uint16_t ends[PP_MARKS_LINES];    /* of each line the CR that ends it */
} pp_marks;

/* False when there is no empty line within PP_MARKS_HEAD octets, when there are about PP_MARKS_LINES lines or more, and when a CR or LF
 * stands in the head that is not part of CRLF. Behind `head` the marks mean nothing. */
bool pp_marks_find(pp_str text, pp_marks *out);
/* The same, each for a kind of processor; pp_marks_find() takes the best there is. NULL where it cannot run. */
typedef bool pp_marks_finder(pp_str text, pp_marks *out);
pp_marks_finder *pp_marks_scalar(void);
pp_marks_finder *pp_marks_sse2(void);
pp_marks_finder *pp_marks_avx2(void);

/* What came, and the marks of the head it begins with where somebody has found them already. */
typedef struct pp_wire {
    pp_str text;
    const pp_marks *marks; /* NULL: nobody has */
} pp_wire;

/* The first special octet at or behind `at`, which is not behind the head's last CRLF. */
static inline size_t pp_marks_next(const uint64_t *special, size_t at)
{
    size_t word = at / 64;
    uint64_t bits = special[word] >> (at % 64);

    if (__builtin_expect(bits != 0, 1))
        return (uint32_t)at + (uint32_t)__builtin_ctzll(
                                  bits); /* 32 bits, for the sake of a sign extension that is not */
    do {
        bits = special[++word];
    } while (!bits);
    return (uint32_t)word * 64 + (uint32_t)__builtin_ctzll(bits);
}

#endif
