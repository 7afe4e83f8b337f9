/* message_inside.h - what the parts of reading a message share. For message_parse.c, message_fields.c and message_values.c. */
#ifndef PP_SIP_MESSAGE_INSIDE_H
#define PP_SIP_MESSAGE_INSIDE_H

#include "sip/message_head.h"
#include "sip/quick.h"

typedef struct pp_parser {
    pp_message *m;
    pp_quick quick;  /* the copy of the wire, and the marks when there are any */
    size_t capacity; /* header fields that there is room for */
    bool more_vias;  /* there are several Via fields */
    uint16_t
        last[PP_HEADER_COUNT]; /* of a kind of which there are several: the last, counted from 1 */
    pp_head head;
} pp_parser;

/* Only the first one is told. */
static inline void pp_parser_defect(pp_parser *p, int status, const char *phrase)
{
    if (p->m->defect)
        return;
    p->m->defect = status;
    p->m->defect_phrase = phrase;
}

static inline void pp_parser_check(pp_parser *p, bool fine, const char *phrase)
{
    if (!fine)
        pp_parser_defect(p, 400, phrase);
}

/* The first field of a kind; p == NULL when there is none. */
static inline pp_str pp_parser_first(const pp_parser *p, pp_header_id id)
{
    size_t at = p->m->first[id];

    return at ? p->m->headers[at - 1].value : PP_STR_NONE;
}

/* Where a slice of the copy starts, for the readers that go by marks. */
static inline size_t pp_parser_place(const pp_parser *p, pp_str slice)
{
    return (size_t)(slice.p - p->quick.text);
}

/* All fields behind the start line into the message's table. */
void pp_parser_read_fields(pp_parser *p, pp_lines *lines);
/* What every message must say, and the body that starts at `behind`. PIPIT_ERR_SYNTAX when too little of it is there. */
int pp_parser_read_values(pp_parser *p, pp_str behind);

#endif
