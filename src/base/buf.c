/* buf.c - the one writer. */
#include "base/buf.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

#include <stdarg.h>
#include <stdio.h>

static size_t limit(const pp_buf *buf)
{
    return buf->max ? buf->max : PP_LIMIT_BUF;
}

static bool grow(pp_buf *buf, size_t size)
{
    size_t capacity = buf->capacity ? buf->capacity : 64;
    char *grown;

    if (buf->error)
        return false;
    if (size > limit(buf) || buf->n > limit(buf) - size) {
        buf->error = pp_error(PIPIT_ERR_LIMIT, "buffer: more than %zu octets", limit(buf));
        return false;
    }
    while (capacity < buf->n + size + 1)
        capacity *= 2;
    grown = pp_realloc(buf->p, capacity);
    if (!grown) {
        buf->error = PIPIT_ERR_MEMORY;
        return false;
    }
    buf->p = grown;
    buf->capacity = capacity;
    return true;
}

/* Makes room for `size` more octets and a NUL behind them. */
static inline bool reserve(pp_buf *buf, size_t size)
{
    bool fits = size < buf->capacity && buf->n < buf->capacity - size;

    return (fits && !buf->error && buf->n + size <= limit(buf)) || grow(buf, size);
}

uint8_t *pp_buf_room(pp_buf *buf, size_t size)
{
    uint8_t *room;

    if (!reserve(buf, size))
        return NULL;
    room = (uint8_t *)buf->p + buf->n;
    buf->n += size;
    return room;
}

void pp_buf_add(pp_buf *buf, const void *data, size_t size)
{
    if (!size || !reserve(buf, size))
        return;
    memcpy(buf->p + buf->n, data, size);
    buf->n += size;
}

void pp_buf_str(pp_buf *buf, pp_str s)
{
    pp_buf_add(buf, s.p, s.n);
}

void pp_buf_c(pp_buf *buf, const char *text)
{
    pp_buf_str(buf, pp_str_c(text));
}

void pp_buf_char(pp_buf *buf, char c)
{
    pp_buf_add(buf, &c, 1);
}

static void add_big_endian(pp_buf *buf, uint64_t value, unsigned octets)
{
    uint8_t *room = pp_buf_room(buf, octets);

    for (unsigned i = 0; room && i < octets; i++)
        room[i] = (uint8_t)(value >> (8 * (octets - 1 - i)));
}

void pp_buf_u8(pp_buf *buf, unsigned value)
{
    add_big_endian(buf, value, 1);
}

void pp_buf_u16(pp_buf *buf, unsigned value)
{
    add_big_endian(buf, value, 2);
}

void pp_buf_u32(pp_buf *buf, uint32_t value)
{
    add_big_endian(buf, value, 4);
}

void pp_buf_u64(pp_buf *buf, uint64_t value)
{
    add_big_endian(buf, value, 8);
}

void pp_buf_uint(pp_buf *buf, uint64_t value)
{
    char room[PP_DIGITS];

    pp_buf_str(buf, pp_digits(value, room));
}

void pp_buf_hex(pp_buf *buf, const uint8_t *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        pp_buf_char(buf, digits[data[i] >> 4]);
        pp_buf_char(buf, digits[data[i] & 15]);
    }
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void pp_buf_base64(pp_buf *buf, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t have = size - i < 3 ? size - i : 3;
        uint32_t bits = (uint32_t)data[i] << 16;
        char quad[4];

        if (have > 1)
            bits |= (uint32_t)data[i + 1] << 8;
        if (have > 2)
            bits |= data[i + 2];
        for (unsigned k = 0; k < 4; k++)
            quad[k] = k <= have ? base64_digits[bits >> (18 - 6 * k) & 63] : '=';
        pp_buf_add(buf, quad, sizeof(quad));
    }
}

int pp_base64_decode(pp_str text, pp_buf *out)
{
    uint32_t bits = 0;
    size_t padding = 0;

    if (text.n % 4)
        return pp_error(PIPIT_ERR_SYNTAX, "base64: %zu characters are no multiple of four", text.n);
    for (size_t i = 0; i < text.n; i++) {
        const char *at = memchr(base64_digits, text.p[i], 64);

        if (text.p[i] == '=' && i + 2 >= text.n)
            padding++;
        else if (!at || padding)
            return pp_error(PIPIT_ERR_SYNTAX, "base64: unexpected character at byte %zu", i);
        bits = bits << 6 | (uint32_t)(at ? at - base64_digits : 0);
        if (i % 4 == 3) {
            for (size_t k = 0; k < 3 - padding; k++)
                pp_buf_u8(out, bits >> (16 - 8 * k) & 255);
            bits = 0;
        }
    }
    return pp_buf_error(out);
}

/* Mostly it fits into a small room, and is not printed twice to find out how long it is. */
void pp_buf_format(pp_buf *buf, const char *format, ...)
{
    char small[256];
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (size <= 0 || !reserve(buf, (size_t)size))
        return;
    if ((size_t)size < sizeof(small)) {
        memcpy(buf->p + buf->n, small, (size_t)size + 1);
    } else {
        va_start(args, format);
        vsnprintf(buf->p + buf->n, (size_t)size + 1, format, args);
        va_end(args);
    }
    buf->n += (size_t)size;
}

void pp_buf_set_u16(pp_buf *buf, size_t at, unsigned value)
{
    if (buf->error || at + 2 > buf->n)
        return;
    buf->p[at] = (char)(value >> 8);
    buf->p[at + 1] = (char)value;
}

void pp_buf_consume(pp_buf *buf, size_t size)
{
    if (size > buf->n)
        size = buf->n;
    buf->n -= size;
    if (buf->n)
        memmove(buf->p, buf->p + size, buf->n);
}

void pp_buf_clear(pp_buf *buf)
{
    buf->n = 0;
    buf->error = 0;
}

void pp_buf_free(pp_buf *buf)
{
    pp_free(buf->p);
    *buf = (pp_buf){.max = buf->max};
}

int pp_buf_error(const pp_buf *buf)
{
    return buf->error;
}

/* What is taken is mostly kept for long: room that it does not need is given back. */
static void fit(pp_buf *buf)
{
    char *fitting = buf->capacity - buf->n < 16 ? buf->p : pp_realloc(buf->p, buf->n);

    if (fitting)
        buf->p = fitting;
    else
        buf->error = PIPIT_ERR_MEMORY;
}

int pp_buf_take(pp_buf *buf, char **out)
{
    pp_buf_char(buf, '\0');
    if (!buf->error)
        fit(buf);
    if (buf->error) {
        int error = buf->error;
        pp_buf_free(buf);
        return error;
    }
    *out = buf->p;
    *buf = (pp_buf){.max = buf->max};
    return 0;
}
