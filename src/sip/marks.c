/* marks.c - finding marks with AVX2, with SSE2 and without either. */
#include "sip/marks.h"

#include "sip/lexer.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* What is found in 64 octets. */
typedef struct block {
    uint64_t special, cr, lf;
    bool nul;
} block;

/* What is carried from one to the next. */
typedef struct state {
    uint64_t after_cr;     /* 1: the last octet was a CR */
    uint64_t two_after_cr; /* the CRs among the last two, as the bits two octets on */
    size_t lines;
    bool nul;
} state;

enum { MORE, FOUND, ODD };

/* Takes in the next 64 octets. Every LF must stand behind a CR, and every CR before an LF. */
static inline int take(const block *b, size_t word, state *s, pp_marks *out)
{
    uint64_t behind_cr = b->cr << 1 | s->after_cr;
    uint64_t empty = b->cr & (b->cr << 2 | s->two_after_cr); /* the CRs of empty lines */
    uint64_t odd = b->lf ^ behind_cr;

    out->special[word] = b->special;
    out->cr[word] = b->cr;
    s->nul |= b->nul;
    s->after_cr = b->cr >> 63;
    s->two_after_cr = b->cr >> 62;
    if (empty) {
        uint64_t before = (empty & -empty) - 1;
        out->cr[word] &= before;
        out->head = word * 64 + (size_t)__builtin_ctzll(empty) + 2;
        odd &= before;
    }
    s->lines += (size_t)__builtin_popcountll(out->cr[word]);
    return odd ? ODD : empty ? FOUND : MORE;
}

/* The body of each finder; `look` is inlined into it, compiled for its processor. The last octets are looked at in a
 * copy, so that nothing behind them is read. */
#define FIND(look)                                                                                 \
    state s = {0};                                                                                 \
    char last[64];                                                                                 \
    size_t word = 0, left = text.n;                                                                \
    int end = MORE;                                                                                \
                                                                                                   \
    for (; end == MORE && left && word < PP_MARKS_WORDS; word++) {                                 \
        const char *at = text.p + word * 64;                                                       \
        block b;                                                                                   \
        if (left < 64) {                                                                           \
            memset(last, 'a', sizeof(last));                                                       \
            at = memcpy(last, at, left);                                                           \
        }                                                                                          \
        left -= left < 64 ? left : 64;                                                             \
        look(at, &b);                                                                              \
        end = take(&b, word, &s, out);                                                             \
    }                                                                                              \
    out->lines = s.lines;                                                                          \
    out->nul = s.nul;                                                                              \
    return end == FOUND && out->head <= text.n && text.p[out->head - 1] == '\n';

static void look_scalar(const char *at, block *b)
{
    *b = (block){0};
    for (unsigned i = 0; i < 64; i++) {
        uint64_t bit = UINT64_C(1) << i;
        if (!pp_char_is(at[i], PP_CHAR_HOST))
            b->special |= bit;
        if (at[i] == '\r')
            b->cr |= bit;
        if (at[i] == '\n')
            b->lf |= bit;
        b->nul |= at[i] == '\0';
    }
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

static inline void look_sse2(const char *at, block *b)
{
    *b = (block){0};
    for (unsigned i = 0; i < 64; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        __m128i plain =
            _mm_or_si128(between(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z'),
                         _mm_or_si128(between(v, '0', '9'),
                                      _mm_or_si128(between(v, '-', '.'),
                                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('_')))));
        b->special |= bits_sse2(plain, i);
        b->cr |= bits_sse2(_mm_cmpeq_epi8(v, _mm_set1_epi8('\r')), i);
        b->lf |= bits_sse2(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), i);
        b->nul |= bits_sse2(_mm_cmpeq_epi8(v, _mm_setzero_si128()), 0) != 0;
    }
    b->special = ~b->special;
}

static bool find_sse2(pp_str text, pp_marks *out){FIND(look_sse2)}

pp_marks_finder *pp_marks_sse2(void)
{
    return find_sse2;
}

#define AVX2 __attribute__((target("avx2,popcnt,bmi")))

/* A row for the upper half of an octet, a column for the lower: plain where the two have a bit in common. Above 0x7F the shuffle
 * gives zero. */
#define ROWS 0, 0, 1, 2, 4, 8 | 16, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0 /* -.  0-9  A-O  P-Z_  a-o  p-z */
#define COLUMNS                                                                                    \
    2 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, 2 | 4 | 8, \
        2 | 4 | 8, 4 | 8, 4, 4, 1 | 4, 1 | 4, 4 | 16

AVX2 static inline uint64_t bits_avx2(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}

AVX2 static inline __m256i special_avx2(__m256i v)
{
    const __m256i rows = _mm256_setr_epi8(ROWS, ROWS), columns = _mm256_setr_epi8(COLUMNS, COLUMNS);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));
    __m256i common =
        _mm256_and_si256(_mm256_shuffle_epi8(rows, upper), _mm256_shuffle_epi8(columns, v));

    return _mm256_cmpeq_epi8(common, _mm256_setzero_si256());
}

AVX2 static inline void look_avx2(const char *at, block *b)
{
    const __m256i cr = _mm256_set1_epi8('\r'), lf = _mm256_set1_epi8('\n');
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32));

    b->special = bits_avx2(special_avx2(low), special_avx2(high));
    b->cr = bits_avx2(_mm256_cmpeq_epi8(low, cr), _mm256_cmpeq_epi8(high, cr));
    b->lf = bits_avx2(_mm256_cmpeq_epi8(low, lf), _mm256_cmpeq_epi8(high, lf));
    b->nul = _mm256_movemask_epi8(
                 _mm256_cmpeq_epi8(_mm256_min_epu8(low, high), _mm256_setzero_si256())) != 0;
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
