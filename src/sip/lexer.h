/* lexer.h - sets of characters (RFC 3261 section 25.1), looked up by octet. */
#ifndef PP_SIP_LEXER_H
#define PP_SIP_LEXER_H

#include "base/str.h"

enum {
    PP_CHAR_TOKEN = 1,
    PP_CHAR_HEX = 2,
    PP_CHAR_HOST = 4, /* of a name; '_' is no host character but is out there */
    PP_CHAR_SCHEME = 8,
    PP_CHAR_URI = 16,  /* what we read in a URI: all but controls, blank, '"', '<' and '>' */
    PP_CHAR_USER = 32, /* what we write unescaped in a user part, ':' of a password with it */
    PP_CHAR_URI_PARAM =
        64, /* what means nothing in the parameters of a URI: of PP_CHAR_URI all but ";@?%" */
    PP_CHAR_VALUE =
        128 /* what means nothing in the value of a header's parameter: all but controls, blank, and "\"<,;" */
};

extern const uint8_t pp_char_table[256];

static inline bool pp_char_is(char c, unsigned set)
{
    return pp_char_table[(unsigned char)c] & set;
}

static inline bool pp_char_is_blank(char c)
{
    return (unsigned char)c <= ' ' && (c == ' ' || c == '\t'); /* mostly it is neither */
}

/* How many octets at the start belong to the set. */
static inline size_t pp_str_span(pp_str s, unsigned set)
{
    size_t n = 0;

    while (n < s.n && pp_char_is(s.p[n], set))
        n++;
    return n;
}

/* Not empty, and all of it belongs to the set, which is one of the above. */
static inline bool pp_str_is(pp_str s, unsigned set)
{
    const unsigned char *at = (const unsigned char *)s.p;
    size_t left = s.n;

    for (; left >= 4; left -= 4, at += 4)
        set &= pp_char_table[at[0]] & pp_char_table[at[1]] & pp_char_table[at[2]] &
               pp_char_table[at[3]];
    for (; left; left--, at++)
        set &= pp_char_table[*at];
    return s.n > 0 && set;
}

static inline pp_str pp_str_from(pp_str s, size_t from) /* what is behind the first `from` octets */
{
    if (from > s.n)
        from = s.n;
    return s.p ? pp_str_n(s.p + from, s.n - from) : s;
}

static inline char pp_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static inline unsigned pp_hex_value(char c) /* of a PP_CHAR_HEX */
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

#endif
