/* request_inside.h - what the files of the public message share. */
#ifndef PP_SIP_REQUEST_INSIDE_H
#define PP_SIP_REQUEST_INSIDE_H

#include "sip/request.h"

typedef struct pp_request_field {
    pp_header_id id;
    const char *name;
    const char *value;
} pp_request_field;

/* Everything a message says, a C string each, in one block that is never changed but replaced. */
typedef struct pp_request_block {
    int status;
    uint32_t cseq;
    const char *method, *ruri, *reason, *text, *body, *call_id, *from_tag, *to_tag, *branch;
    size_t text_size, body_size;
    size_t field_count;
    pp_request_field fields[];
} pp_request_block;

/* What a block is made of. The body is the end of the text. */
typedef struct pp_request_source {
    pp_str method, ruri, reason, text;
    int status;
    size_t body_size;
    const pp_header *headers;
    size_t header_count;
} pp_request_source;

int pp_request_build(const pp_request_source *source, pp_request_block **out);
/* A new message of that block, which it takes; the block is freed when it fails. */
int pp_request_of_block(pp_request_block *block, bool came, pipit_request **out);
/* Makes the block, where there is none yet. */
int pp_request_open(pipit_request *request);
/* The `index`-th field of that name; field_count when there is none. */
size_t pp_request_find(const pp_request_block *block, const char *name, size_t index);

#endif
