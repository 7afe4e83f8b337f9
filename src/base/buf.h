/* buf.h - the one writer: a buffer that grows, fails once and stays failed, and never overruns.
 * A chain of adds needs one check at the end: pp_buf_error(). */
#ifndef PP_BASE_BUF_H
#define PP_BASE_BUF_H

#include "base/str.h"

typedef struct pp_buf {
    char *p;
    size_t n;
    size_t capacity;
    size_t max; /* 0: PP_LIMIT_BUF */
    int error;  /* the first failure, PIPIT_ERR_MEMORY or PIPIT_ERR_LIMIT */
} pp_buf;

void pp_buf_add(pp_buf *buf, const void *data, size_t size);
void pp_buf_str(pp_buf *buf, pp_str s);
void pp_buf_c(pp_buf *buf, const char *text);
void pp_buf_char(pp_buf *buf, char c);
void pp_buf_u8(pp_buf *buf, unsigned value);
void pp_buf_u16(pp_buf *buf, unsigned value); /* big endian, as all of them */
void pp_buf_u32(pp_buf *buf, uint32_t value);
void pp_buf_u64(pp_buf *buf, uint64_t value);
void pp_buf_uint(pp_buf *buf, uint64_t value);                  /* decimal */
void pp_buf_hex(pp_buf *buf, const uint8_t *data, size_t size); /* lower case */
void pp_buf_base64(pp_buf *buf, const uint8_t *data, size_t size);
void pp_buf_format(pp_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for `size` octets at the end, counted as written; NULL when the buffer has failed. */
uint8_t *pp_buf_room(pp_buf *buf, size_t size);
void pp_buf_set_u16(pp_buf *buf, size_t at,
                    unsigned value);           /* overwrites two octets already written */
void pp_buf_consume(pp_buf *buf, size_t size); /* drops octets from the front */
void pp_buf_clear(pp_buf *buf);                /* empty and not failed, memory kept */
void pp_buf_free(pp_buf *buf);
int pp_buf_error(const pp_buf *buf);
/* Gives the text away as a C string (pp_free) and leaves the buffer empty. */
int pp_buf_take(pp_buf *buf, char **out);

static inline pp_str pp_buf_text(const pp_buf *buf)
{
    return (pp_str){buf->p, buf->n};
}

/* Decodes base64 with padding, no white space. */
int pp_base64_decode(pp_str text, pp_buf *out);

#endif
