/* outgoing_inside.h - what the files of pp_outgoing share. */
#ifndef PP_SIP_OUTGOING_INSIDE_H
#define PP_SIP_OUTGOING_INSIDE_H

#include "sip/outgoing.h"

/* Text is kept in pieces that never move, so that a slice handed out lives as long as the message. */
typedef struct pp_outgoing_piece {
    struct pp_outgoing_piece *next;
    size_t used, size;
    char text[];
} pp_outgoing_piece;

struct pp_outgoing {
    unsigned references;
    pp_method method;
    pp_str method_name;
    pp_str ruri; /* of a request */
    int status;  /* 0: a request */
    pp_str phrase;
    pp_header *headers;
    size_t header_count, header_capacity;
    pp_str body;
    size_t size_max;           /* octets on the wire; 0: PP_LIMIT_SIP_MESSAGE */
    pp_outgoing_piece *pieces; /* the one that is written to first */
    int error;                 /* the first failure */
    const char *why;           /* its sentence */
};

/* An empty message, with room for `text_size` octets to begin with. */
int pp_outgoing_new(size_t text_size, pp_outgoing **out);
/* Remembers the first failure. */
void pp_outgoing_fail(pp_outgoing *message, int error, const char *why);
/* A copy in the message's memory; PP_STR_NONE when it has failed. */
pp_str pp_outgoing_keep(pp_outgoing *message, pp_str text);
/* Adds a field without looking at its text: for what was checked when it came. */
void pp_outgoing_add_trusted(pp_outgoing *message, pp_header_id id, pp_str name, pp_str value);

#endif
