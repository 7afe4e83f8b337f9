/* output.c - writing for people. */
#include "cli/output.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The length of the UTF-8 character at `p`, and its number; 0 when it is none. */
static size_t decode(const unsigned char *p, size_t n, uint32_t *out)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = p[0] < 0x80       ? 1
                    : p[0] >> 5 == 6  ? 2
                    : p[0] >> 4 == 14 ? 3
                    : p[0] >> 3 == 30 ? 4
                                      : 0;
    uint32_t c = length == 1 ? p[0] : p[0] & (0x7Fu >> length);

    if (length == 0 || length > n)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (c < lowest[length] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0;
    *out = c;
    return length;
}

/* Moves the cursor, changes the terminal, or makes text read other than it is. */
static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0x200E ||
           c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
           c == 0xFEFF;
}

void output_safe(FILE *file, const char *text, size_t size, bool lines)
{
    const unsigned char *p = (const unsigned char *)text;

    while (size) {
        uint32_t c = 0;
        size_t length = decode(p, size, &c);
        bool escaped = length == 0 || is_unsafe(c);

        if (length == 0)
            length = 1;
        if (lines && (c == '\n' || c == '\t'))
            fputc((int)c, file);
        else if (!escaped)
            fwrite(p, 1, length, file);
        else if (!lines || c != '\r')
            for (size_t i = 0; i < length; i++)
                fprintf(file, "\\x%02x", p[i]);
        p += length;
        size -= length;
    }
}

static void write_line(FILE *file, const char *prefix, const char *format, va_list args)
{
    char *text = NULL;
    int size = vasprintf(&text, format, args);

    fputs(prefix, file);
    if (size >= 0)
        output_safe(file, text, (size_t)size, false);
    fputc('\n', file);
    fflush(file);
    if (size >= 0)
        free(text);
}

void output_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(stderr, "pipit: ", format, args);
    va_end(args);
}

void output_line(FILE *file, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(file, "", format, args);
    va_end(args);
}
