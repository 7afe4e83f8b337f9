/* multipart.h - bodies of several parts as slices of the message (RFC 2046 section 5.1, RFC 5621). */
#ifndef PP_SIP_MULTIPART_H
#define PP_SIP_MULTIPART_H

#include "base/buf.h"

typedef struct pp_part {
    pp_str headers;      /* lines with their CRLFs; empty when none */
    pp_str content_type; /* as written, folds in it; empty when none: text/plain */
    pp_str disposition;  /* Content-Disposition, the same way; empty when none */
    pp_str body;
} pp_part;

/* All parts in order: pp_multipart m; if (pp_multipart_begin(type, body, &m)) while (pp_multipart_next(&m, &part)) … */
typedef struct pp_multipart {
    pp_str boundary;
    pp_str rest; /* behind a delimiter; p == NULL when nothing more comes */
} pp_multipart;

/* False when the Content-Type is none of several parts, or has no boundary of 1 to 70 characters. */
bool pp_multipart_begin(pp_str content_type, pp_str body, pp_multipart *out);
/* A last part that is not closed ends with the body. */
bool pp_multipart_next(pp_multipart *m, pp_part *out);
/* Appends a body of `count` parts, one at least. Where a part has no `headers`, its `content_type` becomes one.
 * PIPIT_ERR_SYNTAX, and nothing is written, when it would not be read as these parts again: a boundary that is none or stands in
 * a part, header lines that are none. Who takes the boundary from pp_rng_token() need not fear the former. */
int pp_multipart_write(pp_str boundary, const pp_part *parts, size_t count, pp_buf *out);
/* Whether it holds parts within parts, more than PP_LIMIT_SIP_NESTING of them in each other. */
bool pp_multipart_is_too_deep(pp_str content_type, pp_str body);

#endif
