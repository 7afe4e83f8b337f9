/* marks.c - finding marks with AVX2, with SSE2 and without either. */
#include "sip/marks.h"

#include "sip/lexer.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* What is found in 64 octets. */
typedef struct block {
    uint64_t special, cr;
    uint64_t before_lf; /* those that LF follows: one octet more is looked at */
    uint64_t nul;       /* not 0: there is one */
} block;

/* What is carried from one to the next. */
typedef struct state {
    uint64_t two_after_cr; /* the CRs among the last two, as the bits two octets on */
    uint64_t nul;
    size_t lines;
} state;

enum { MORE, FOUND, ODD };

/* The last octets, up to the empty line or to something odd. */
static int take_last(block *b, uint64_t empty, uint64_t odd, size_t word, pp_marks *out)
{
    if (empty) {
        uint64_t before = (empty & -empty) - 1;
        b->cr &= before;
        out->head = word * 64 + (size_t)__builtin_ctzll(empty) + 2;
        odd &= before;
    }
    return odd ? ODD : FOUND;
}

/* Takes in the next 64 octets. Every LF must stand behind a CR, and every CR before an LF. */
static inline __attribute__((always_inline)) int take(block *b, size_t word, state *s,
                                                      pp_marks *out)
{
    uint64_t odd = b->cr ^ b->before_lf;
    uint64_t empty = b->cr & (b->cr << 2 | s->two_after_cr); /* the CRs of empty lines */
    int end = MORE;

    out->special[word] = b->special;
    s->nul |= b->nul;
    s->two_after_cr = b->cr >> 62;
    if (empty | odd)
        end = take_last(b, empty, odd, word, out);
    if (s->lines > PP_MARKS_LINES - 32) /* so many may end in 64 octets */
        return ODD;
    for (uint64_t bits = b->cr; bits; bits &= bits - 1)
        out->ends[s->lines++] = (uint16_t)(word * 64 + (size_t)__builtin_ctzll(bits));
    return end;
}

/* The body of each finder; `look` is inlined into it, compiled for its processor. The last octets are looked at in a
 * copy, so that nothing behind them is read. */
#define FIND(look)                                                                                 \
    state s = {0};                                                                                 \
    size_t word = 0, left = text.n < PP_MARKS_HEAD ? text.n : PP_MARKS_HEAD;                       \
    int end = MORE;                                                                                \
                                                                                                   \
    if (left && text.p[0] == '\n')                                                                 \
        return false;                                                                              \
    for (const char *at = text.p; end == MORE && left > 64; at += 64, left -= 64) {                \
        block b = look(at);                                                                        \
        end = take(&b, word++, &s, out);                                                           \
    }                                                                                              \
    if (end == MORE && left) {                                                                     \
        char last[65];                                                                             \
        block b;                                                                                   \
        memset(last, 'a', sizeof(last));                                                           \
        b = look(memcpy(last, text.p + word * 64, left));                                          \
        end = take(&b, word, &s, out);                                                             \
    }                                                                                              \
    out->lines = s.lines;                                                                          \
    out->nul = s.nul != 0;                                                                         \
    return end == FOUND && out->head <= text.n && text.p[out->head - 1] == '\n';

static block look_scalar(const char *at)
{
    block b = {0};

    for (unsigned i = 0; i < 64; i++) {
        uint64_t bit = UINT64_C(1) << i;
        if (!pp_char_is(at[i], PP_CHAR_HOST))
            b.special |= bit;
        if (at[i] == '\r')
            b.cr |= bit;
        if (at[i + 1] == '\n')
            b.before_lf |= bit;
        b.nul |= at[i] == '\0';
    }
    return b;
}

static bool find_scalar(pp_str text, pp_marks *out){FIND(look_scalar)}

pp_marks_finder *pp_marks_scalar(void)
{
    return find_scalar;
}

#ifdef __x86_64__

static inline uint64_t bits_sse2(__m128i octets, unsigned shift)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(octets) << shift;
}

/* Unsigned octets from `low` to `high`: all ones. */
static inline __m128i between(__m128i v, char low, char high)
{
    __m128i moved = _mm_sub_epi8(v, _mm_set1_epi8(low));

    return _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8((char)(high - low))), moved);
}

static inline block look_sse2(const char *at)
{
    block b = {0};

    for (unsigned i = 0; i < 64; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(at + i + 1));
        __m128i plain =
            _mm_or_si128(between(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z'),
                         _mm_or_si128(between(v, '0', '9'),
                                      _mm_or_si128(between(v, '-', '.'),
                                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('_')))));
        b.special |= bits_sse2(plain, i);
        b.cr |= bits_sse2(_mm_cmpeq_epi8(v, _mm_set1_epi8('\r')), i);
        b.before_lf |= bits_sse2(_mm_cmpeq_epi8(next, _mm_set1_epi8('\n')), i);
        b.nul |= bits_sse2(_mm_cmpeq_epi8(v, _mm_setzero_si128()), 0);
    }
    b.special = ~b.special;
    return b;
}

static bool find_sse2(pp_str text, pp_marks *out){FIND(look_sse2)}

pp_marks_finder *pp_marks_sse2(void)
{
    return find_sse2;
}

#define AVX2 __attribute__((target("avx2,popcnt,bmi")))

/* A row for the upper half of an octet, a column for the lower: an octet is plain where the two have a bit in common, and CR alone
 * has the sign in common. Above 0x7F the shuffle gives zero. */
#define CR   -128
#define ROWS CR, 0, 1, 2, 4, 8 | 16, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0 /* -.  0-9  A-O  P-Z_  a-o  p-z */
#define COLUMNS                                                                                    \
    2 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, \
        2 | 4 | 8, 4 | 8, 4, 4, CR | 1 | 4, 1 | 4, 4 | 16

AVX2 static inline uint64_t bits_avx2(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}

AVX2 static inline __m256i load_avx2(const char *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

/* Above zero where an octet is plain, below zero where it is CR. */
AVX2 static inline __m256i sort_avx2(__m256i v)
{
    const __m256i rows = _mm256_setr_epi8(ROWS, ROWS), columns = _mm256_setr_epi8(COLUMNS, COLUMNS);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));

    return _mm256_and_si256(_mm256_shuffle_epi8(rows, upper), _mm256_shuffle_epi8(columns, v));
}

AVX2 static inline block look_avx2(const char *at)
{
    const __m256i zero = _mm256_setzero_si256(), lf = _mm256_set1_epi8('\n');
    __m256i low = load_avx2(at), high = load_avx2(at + 32);
    __m256i low_sort = sort_avx2(low), high_sort = sort_avx2(high);
    __m256i nul = _mm256_cmpeq_epi8(_mm256_min_epu8(low, high), zero);

    return (block){
        .special =
            ~bits_avx2(_mm256_cmpgt_epi8(low_sort, zero), _mm256_cmpgt_epi8(high_sort, zero)),
        .cr = bits_avx2(low_sort, high_sort), /* the signs */
        .before_lf = bits_avx2(_mm256_cmpeq_epi8(load_avx2(at + 1), lf),
                               _mm256_cmpeq_epi8(load_avx2(at + 33), lf)),
        .nul = (uint32_t)_mm256_movemask_epi8(nul),
    };
}

AVX2 static bool find_avx2(pp_str text, pp_marks *out){FIND(look_avx2)}

pp_marks_finder *pp_marks_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
                   __builtin_cpu_supports("bmi")
               ? find_avx2
               : NULL;
}

bool pp_marks_find(pp_str text, pp_marks *out)
{
    return pp_marks_avx2() ? find_avx2(text, out) : find_sse2(text, out);
}

#else

pp_marks_finder *pp_marks_sse2(void)
{
    return NULL;
}

pp_marks_finder *pp_marks_avx2(void)
{
    return NULL;
}

bool pp_marks_find(pp_str text, pp_marks *out)
{
    return find_scalar(text, out);
}

#endif
