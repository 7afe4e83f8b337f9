/* utf8.c - UTF-8 checked as it comes (RFC 3629 section 4). */
#include "base/utf8.h"

#include "base/str.h"

/* The first octet of a character: how many follow, and what the second may be. */
static bool start_character(pp_utf8 *state, uint8_t first)
{
    if (first < 0xC2 || first > 0xF4)
        return false;
    state->missing = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    state->low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;  /* no longer than needed */
    state->high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF; /* surrogates, U+10FFFF */
    return true;
}

static bool continue_character(pp_utf8 *state, uint8_t octet)
{
    if (octet < state->low || octet > state->high)
        return false;
    state->missing--;
    state->low = 0x80;
    state->high = 0xBF;
    return true;
}

bool pp_utf8_feed(pp_utf8 *state, const uint8_t *data, size_t size)
{
    size_t i = 0;

    while (i < size) {
        if (state->missing) {
            if (!continue_character(state, data[i]))
                return false;
            i++;
            continue;
        }
        i += pp_str_ascii(pp_str_n(data + i, size - i));
        if (i < size && !start_character(state, data[i++]))
            return false;
    }
    return true;
}
