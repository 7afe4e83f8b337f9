/* message.h - a SIP message that came: parsed once, slices into one copy of the wire, never changed. */
#ifndef PP_SIP_MESSAGE_H
#define PP_SIP_MESSAGE_H

#include "base/limits.h"
#include "sip/header.h"
#include "sip/method.h"
#include "sip/name_addr.h"

typedef struct pp_header {
    pp_header_id id;
    uint16_t
        next; /* in a message that came: the next of its kind, counted from 1; 0: there is none */
    pp_str name;  /* as written */
    pp_str value; /* trimmed; folds replaced by blanks */
} pp_header;

typedef struct pp_via {
    pp_str transport; /* "WSS" */
    pp_str host;
    uint16_t port; /* 0: none */
    pp_str params;
    pp_str branch;
} pp_via;

/* One member of a Via header field. */
int pp_via_parse(pp_str text, pp_via *out);

typedef struct pp_message pp_message;

/* A message as an application sees it (request.c). */
struct pipit_request {
    unsigned references;
    bool changed;        /* since it was made */
    bool came;           /* its text is what was on the wire, whatever was set since */
    pp_message *message; /* the one it shows, or lies in; NULL: it is of the block alone */
    struct pp_request_block *block; /* NULL until somebody looks into the message */
};

/* Each member of a list but the last takes two octets at least: in less than this there are not too many. */
#define PP_MESSAGE_LIST (2 * PP_LIMIT_SIP_LIST)

struct pp_message {
    unsigned references;
    bool is_request;
    pp_str wire; /* the copy, NULs behind it; folds are blanks in it, and leading CRLFs are gone */
    pp_method method; /* of a response: its CSeq's */
    int status;       /* response */
    pp_str method_name;
    pp_str reason;
    const uint64_t *special; /* the marks of the head (marks.h); NULL: it has none */
    pp_header *headers;      /* in order, every field one entry, lists not split */
    size_t header_count;
    bool has_lists;   /* a value of PP_MESSAGE_LIST octets or more, or two fields of a kind */
    size_t via_count; /* list members in all Via fields */
    pp_str call_id;
    pp_str content_type; /* value of the header, empty when none */
    pp_str body;         /* Content-Length octets; all that is left when the header is missing */
    uint32_t cseq;
    /* What is wrong with it, for an answer: 0, or 400, 505 … and a phrase of ours ("Bad CSeq"). Via, From, To, Call-ID and
     * CSeq are good enough to build that answer. */
    int defect;
    const char *defect_phrase;
    uint16_t first[PP_HEADER_COUNT]; /* field of each kind, counted from 1; 0: there is none */
    pp_str ruri_text;                /* request */
    pp_uri ruri;
    pp_via via; /* the topmost */
    pp_name_addr from, to;
    pp_str from_tag, to_tag;    /* empty when none */
    pp_name_addr contact;       /* the first; uri.text.n == 0: none, or "*", or malformed */
    struct pipit_request shown; /* for the first who is shown it */
};

/* Only CRLF ends a line. A response with a defect is refused, for nobody can be told.
 * PIPIT_ERR_SYNTAX when not even an answer can be built (then it is dropped); with a `defect` when one can. */
int pp_message_parse(pp_str wire, pp_message **out);
pp_message *pp_message_ref(const pp_message *message);
pp_message *pp_message_unref(const pp_message *message); /* NULL is fine; returns NULL */

size_t pp_message_count(const pp_message *message, pp_header_id id); /* fields */
/* The value of the `index`-th field; p == NULL when there is none. */
static inline pp_str pp_message_header(const pp_message *message, pp_header_id id, size_t index)
{
    size_t at = message->first[id];

    for (; at && index; index--)
        at = message->headers[at - 1].next;
    return at ? message->headers[at - 1].value : PP_STR_NONE;
}

pp_str pp_message_header_named(const pp_message *message, pp_str name,
                               size_t index); /* any header, compact names too */

/* All members of all fields of one kind, in order:
 *     pp_member at = {0}; pp_str value; while (pp_message_next(message, PP_HEADER_CONTACT, &at, &value)) … */
typedef struct pp_member {
    bool begun;
    size_t next; /* field to go on with, counted from 1; 0: there is none */
    pp_str rest; /* of the field before it */
} pp_member;
bool pp_message_next_of_some(const pp_message *message, pp_header_id id, pp_member *at,
                             pp_str *value);
static inline bool pp_message_next(const pp_message *message, pp_header_id id, pp_member *at,
                                   pp_str *value)
{
    return message->first[id] && pp_message_next_of_some(message, id, at, value);
}
/* The same taken apart, of headers with addresses. 1, 0 at the end, PIPIT_ERR_SYNTAX for a member that is malformed. */
int pp_message_next_address_of_some(const pp_message *message, pp_header_id id, pp_member *at,
                                    pp_name_addr *out);
static inline int pp_message_next_address(const pp_message *message, pp_header_id id, pp_member *at,
                                          pp_name_addr *out)
{
    return message->first[id] ? pp_message_next_address_of_some(message, id, at, out) : 0;
}
int pp_message_next_via(const pp_message *message, pp_member *at, pp_via *out);
/* Whether a comma-separated header names a token, without regard to case (Require, Supported, Allow). */
bool pp_message_lists(const pp_message *message, pp_header_id id, const char *token);
/* A header that is one number; false when missing or malformed. */
bool pp_message_number(const pp_message *message, pp_header_id id, uint32_t *out);
/* Whether the media type before any ';' is that one ("application/sdp"), without regard to case. */
bool pp_message_content_is(const pp_message *message, const char *type);
/* The body of that type, or the first part that has it and says something of the session (RFC 5621); empty when there is none. */
pp_str pp_message_body_of(const pp_message *message, const char *type);

#endif
