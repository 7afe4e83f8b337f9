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
    pp_str start; /* the first line with its CRLF, in which ruri or phrase are slices */
    /* The name and value of each are slices of a line as it is written, "Name: value" and CRLF: made by pp_outgoing_add_trusted() alone,
     * and moved and removed as wanted. */
    pp_header *headers;
    size_t header_count, header_capacity; /* at first those that come with the message */
    pp_str new_tag;                       /* of a response: on To, where the request had none */
    pp_str body;
    pp_str tail;           /* Content-Length, the empty line and the body, as they are written */
    char *gap;             /* in front of the fields of a request: for its first line and the Via */
    size_t gap_size;       /* 0: there is none any more */
    char *line;            /* of the field that is being put together */
    pp_header_id field;    /* which it is */
    const char *via_text;  /* the value of the last Via of ours */
    pp_via_parts via;      /* its parts */
    const char *cseq_text; /* the value of the last CSeq of ours */
    uint32_t cseq;         /* its number */
    size_t size_max;       /* octets on the wire; 0: PP_LIMIT_SIP_MESSAGE */
    pp_outgoing_piece
        *pieces;     /* the one that is written to first; the last comes with the message */
    int error;       /* the first failure */
    const char *why; /* its sentence */
};

/* An empty message in the memory of a pool, with room for `text_size` octets to begin with. */
int pp_outgoing_new(pp_message_pool *pool, size_t text_size, pp_outgoing **out);
/* Remembers the first failure. */
void pp_outgoing_fail(pp_outgoing *message, int error, const char *why);
/* A copy in the message's memory; PP_STR_NONE when it has failed. */
pp_str pp_outgoing_keep(pp_outgoing *message, pp_str text);
/* For the two below: another piece of text, and a larger table. */
char *pp_outgoing_more_room(pp_outgoing *message, size_t size);
bool pp_outgoing_more_fields(pp_outgoing *message, size_t fields);

/* Memory for `size` octets, and for as many more fields; NULL or false when the message has failed. */
static inline char *pp_outgoing_room(pp_outgoing *message, size_t size)
{
    pp_outgoing_piece *piece = message->pieces;
    char *at = piece->text + piece->used;

    if (message->error || piece->size - piece->used < size)
        return pp_outgoing_more_room(message, size);
    piece->used += size;
    return at;
}

static inline bool pp_outgoing_make_room(pp_outgoing *message, size_t fields)
{
    return (!message->error && message->header_count + fields <= message->header_capacity) ||
           pp_outgoing_more_fields(message, fields);
}

/* Octets to where there is room for them; gives the place behind. */
static inline char *pp_outgoing_copy(char *at, pp_str text)
{
    if (text.n)
        memcpy(at, text.p, text.n);
    return at + text.n;
}

/* The line of a field, with its CRLF. */
static inline pp_str pp_outgoing_line(const pp_header *field)
{
    return pp_str_n(field->name.p, (size_t)(field->value.p - field->name.p) + field->value.n + 2);
}

/* A field as it is written, in the message's memory. */
static inline bool pp_outgoing_make_line(pp_outgoing *message, pp_header_id id, pp_str name,
                                         pp_str value, pp_header *field)
{
    char *line = pp_outgoing_room(message, name.n + value.n + 4), *start;

    if (!line)
        return false;
    start = pp_outgoing_copy(pp_outgoing_copy(line, name), PP_LIT(": "));
    pp_outgoing_copy(pp_outgoing_copy(start, value), PP_LIT("\r\n"));
    field->id = id;
    field->next = 0;
    field->name = pp_str_n(line, name.n);
    field->value = pp_str_n(start, value.n);
    return true;
}

/* Adds it; its text is not looked at. */
static inline void pp_outgoing_put_field(pp_outgoing *message, pp_header_id id, pp_str name,
                                         pp_str value)
{
    if (pp_outgoing_make_room(message, 1) &&
        pp_outgoing_make_line(message, id, name, value, &message->headers[message->header_count]))
        message->header_count++;
}

/* Puts a field before all others. */
void pp_outgoing_push(pp_outgoing *message, const pp_header *field);
/* Makes the body, behind its length. */
void pp_outgoing_put_tail(pp_outgoing *message, pp_str body);
/* Whether a text may be a value; the message has failed when it may not. */
bool pp_outgoing_may_stand(pp_outgoing *message, pp_str value);
/* Makes the first line, whose parts then are those given. */
void pp_outgoing_start_request(pp_outgoing *message, pp_str ruri);
void pp_outgoing_start_response(pp_outgoing *message, int status, pp_str phrase);
/* Adds a field without looking at its text: for what was checked when it came. */
void pp_outgoing_add_trusted(pp_outgoing *message, pp_header_id id, pp_str name, pp_str value);

#endif
