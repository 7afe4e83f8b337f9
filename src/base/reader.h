/* reader.h - the one reader of binary input: every read is checked, a failed reader stays failed
 * and gives zeros. Anything with a length in front is read through pp_reader_sub(), which cannot
 * leave its part. */
#ifndef PP_BASE_READER_H
#define PP_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_reader {
    const uint8_t *p;
    size_t n; /* octets left */
    bool failed;
} pp_reader;

static inline pp_reader pp_reader_of(const void *data, size_t size)
{
    return (pp_reader){(const uint8_t *)data, size, false};
}

/* `size` octets, or NULL (and the reader has failed) when fewer are left. */
static inline const uint8_t *pp_reader_bytes(pp_reader *r, size_t size)
{
    const uint8_t *at = r->p;

    if (r->failed || size > r->n) {
        r->failed = true;
        r->n = 0;
        return NULL;
    }
    if (size) {
        r->p += size;
        r->n -= size;
    }
    return at;
}

static inline uint64_t pp_reader_big_endian(pp_reader *r, unsigned octets)
{
    const uint8_t *at = pp_reader_bytes(r, octets);
    uint64_t value = 0;

    for (unsigned i = 0; at && i < octets; i++)
        value = value << 8 | at[i];
    return value;
}

static inline uint8_t pp_reader_u8(pp_reader *r)
{
    return (uint8_t)pp_reader_big_endian(r, 1);
}

static inline uint16_t pp_reader_u16(pp_reader *r)
{
    return (uint16_t)pp_reader_big_endian(r, 2);
}

static inline uint32_t pp_reader_u32(pp_reader *r)
{
    return (uint32_t)pp_reader_big_endian(r, 4);
}

static inline uint64_t pp_reader_u64(pp_reader *r)
{
    return pp_reader_big_endian(r, 8);
}

/* A reader for the next `size` octets; failed when they are not all there. */
static inline pp_reader pp_reader_sub(pp_reader *r, size_t size)
{
    const uint8_t *at = pp_reader_bytes(r, size);

    return (pp_reader){at, at ? size : 0, at == NULL};
}

#endif
