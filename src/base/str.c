/* str.c - slices of text. */
#include "base/str.h"

#include "base/alloc.h"
#include "base/utf8.h"

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Mostly the case is the same, too. */
bool pp_str_alike(const char *a, const char *b, size_t n)
{
    size_t i = 0;

    while (i + 8 <= n && memcmp(a + i, b + i, 8) == 0)
        i += 8;
    if (i + 4 <= n && memcmp(a + i, b + i, 4) == 0)
        i += 4;
    for (; i < n; i++)
        if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

size_t pp_str_find(pp_str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

    return at ? (size_t)(at - s.p) : s.n;
}

pp_str pp_str_split(pp_str *rest, char c)
{
    pp_str all = *rest;
    size_t at = pp_str_find(all, c);

    *rest = at < all.n ? pp_str_sub(all, at + 1, all.n) : PP_STR_NONE;
    return pp_str_sub(all, 0, at);
}

pp_str pp_str_word(pp_str *rest)
{
    pp_str s = pp_str_trim(*rest);
    size_t n = 0;

    while (n < s.n && !pp_str_is_space(s.p[n]))
        n++;
    *rest = pp_str_sub(s, n, s.n);
    return pp_str_sub(s, 0, n);
}

bool pp_str_to_u64(pp_str s, uint64_t min, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

bool pp_str_to_u32(pp_str s, uint32_t min, uint32_t max, uint32_t *out)
{
    uint64_t value;

    if (!pp_str_to_u64(s, min, max, &value))
        return false;
    *out = (uint32_t)value;
    return true;
}

pp_str pp_digits(uint64_t number, char room[PP_DIGITS])
{
    size_t n = PP_DIGITS;

    do {
        room[--n] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return pp_str_n(room + n, PP_DIGITS - n);
}

char *pp_str_dup(pp_str s)
{
    return pp_memdup(s.p, s.n);
}

/* Eight octets at a time: the high bit of each octet of the result says that it was zero. May say so too of an octet above one
 * that was, which is all the same here (Warren, Hacker's Delight, section 6-1). */
static uint64_t zeros(uint64_t word)
{
    return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

/* The same for octets below 16: control characters, which a line hardly has. */
static uint64_t below_16(uint64_t word)
{
    return (word - UINT64_C(0x1010101010101010)) & ~word & UINT64_C(0x8080808080808080);
}

#define WORDS 4 /* looked at together */

static uint64_t word_at(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

static bool none_below_16(const char *p)
{
    return !(below_16(word_at(p)) | below_16(word_at(p + 8)) | below_16(word_at(p + 16)) |
             below_16(word_at(p + 24)));
}

static bool is_line_word(const char *p)
{
    uint64_t word = word_at(p);

    return !below_16(word) || !(zeros(word) || zeros(word ^ UINT64_C(0x0D0D0D0D0D0D0D0D)) ||
                                zeros(word ^ UINT64_C(0x0A0A0A0A0A0A0A0A)));
}

static bool is_short_line(pp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
            return false;
    return true;
}

/* What is left at the end is looked at with octets before it that were seen already. */
bool pp_str_is_line(pp_str s)
{
    size_t i = 0;

    if (s.n < 8)
        return is_short_line(s);
    while (s.n - i >= 8 * WORDS && none_below_16(s.p + i))
        i += 8 * WORDS;
    for (; s.n - i >= 8; i += 8)
        if (!is_line_word(s.p + i))
            return false;
    return i == s.n || is_line_word(s.p + s.n - 8);
}

#define HIGH_BITS UINT64_C(0x8080808080808080)

size_t pp_str_ascii(pp_str s)
{
    size_t i = 0;

    while (s.n - i >= 8 * WORDS && !((word_at(s.p + i) | word_at(s.p + i + 8) |
                                      word_at(s.p + i + 16) | word_at(s.p + i + 24)) &
                                     HIGH_BITS))
        i += 8 * WORDS;
    while (s.n - i >= 8 && !(word_at(s.p + i) & HIGH_BITS))
        i += 8;
    while (i < s.n && (unsigned char)s.p[i] < 0x80)
        i++;
    return i;
}

bool pp_str_is_utf8(pp_str s)
{
    pp_utf8 state = {0};

    return pp_utf8_feed(&state, (const uint8_t *)s.p, s.n) && pp_utf8_complete(&state);
}
