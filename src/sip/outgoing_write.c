/* outgoing_write.c - a message to its wire form. Its lines are written already: what stands together in memory is copied together. */
#include "base/error.h"
#include "base/limits.h"
#include "sip/outgoing_inside.h"

#define CONTENT_LENGTH PP_LIT("Content-Length: ")
#define END            PP_LIT("\r\n\r\n")
#define RUNS           16 /* copied together: a message that is not edited much has two or three */

/* The first lines of a message as runs of octets, and how many lines there are behind the last run. */
typedef struct plan {
    pp_str runs[RUNS];
    size_t count;
    size_t covered; /* header fields */
    size_t size;    /* octets of all header fields and the first line */
} plan;

static pp_str line_of(const pp_header *field)
{
    return pp_str_n(field->name.p, (size_t)(field->value.p - field->name.p) + field->value.n + 2);
}

static void make_plan(const pp_outgoing *message, plan *out)
{
    const pp_header *field = message->headers, *end = field + message->header_count;
    pp_str *run = out->runs;

    *run = message->start;
    for (; field < end; field++) {
        pp_str line = line_of(field);
        if (line.p == run->p + run->n)
            run->n += line.n;
        else if (run < out->runs + RUNS - 1)
            *++run = line;
        else
            break;
    }
    out->count = (size_t)(run - out->runs) + 1;
    out->covered = (size_t)(field - message->headers);
    out->size = 0;
    for (size_t i = 0; i < out->count; i++)
        out->size += out->runs[i].n;
    for (; field < end; field++)
        out->size += line_of(field).n;
}

static char *put(char *at, pp_str s)
{
    if (s.n)
        memcpy(at, s.p, s.n);
    return at + s.n;
}

static char *put_lines(char *at, const pp_outgoing *message, const plan *p)
{
    for (size_t i = 0; i < p->count; i++)
        at = put(at, p->runs[i]);
    for (size_t i = p->covered; i < message->header_count; i++)
        at = put(at, line_of(&message->headers[i]));
    return at;
}

int pp_outgoing_write(const pp_outgoing *message, pp_buf *out)
{
    size_t size_max = message->size_max ? message->size_max : PP_LIMIT_SIP_MESSAGE, size;
    char room[PP_DIGITS], *at;
    pp_str length = pp_digits(message->body.n, room);
    plan p;

    if (message->error)
        return pp_error(message->error, "message: %s", message->why);
    make_plan(message, &p);
    size = p.size + CONTENT_LENGTH.n + length.n + END.n + message->body.n;
    if (size > size_max)
        return pp_error(PIPIT_ERR_LIMIT, "message: its %zu octets are more than %zu", size,
                        size_max);
    at = (char *)pp_buf_room(out, size);
    if (!at)
        return pp_buf_error(out);
    at = put_lines(at, message, &p);
    put(put(put(put(at, CONTENT_LENGTH), length), END), message->body);
    return 0;
}
