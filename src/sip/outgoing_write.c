/* outgoing_write.c - a message to its wire form. Its lines are written already: mostly they stand one behind the other, with the body
 * behind them, and are sent from there; else what stands together in memory is copied together. */
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

static void make_plan(const pp_outgoing *message, plan *out)
{
    const pp_header *field = message->headers, *end = field + message->header_count;
    pp_str *run = out->runs;

    *run = message->start;
    for (; field < end; field++) {
        pp_str line = pp_outgoing_line(field);
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
        out->size += pp_outgoing_line(field).n;
}

static char *put_lines(char *at, const pp_outgoing *message, const plan *p)
{
    for (size_t i = 0; i < p->count; i++)
        at = pp_outgoing_copy(at, p->runs[i]);
    for (size_t i = p->covered; i < message->header_count; i++)
        at = pp_outgoing_copy(at, pp_outgoing_line(&message->headers[i]));
    return at;
}

/* --- the end of it ---------------------------------------------------------------------------- */

static char *put_end(char *at, pp_str length, pp_str body)
{
    at = pp_outgoing_copy(pp_outgoing_copy(at, CONTENT_LENGTH), length);
    return pp_outgoing_copy(pp_outgoing_copy(at, END), body);
}

void pp_outgoing_put_tail(pp_outgoing *message, pp_str body)
{
    char digits[PP_DIGITS];
    pp_str length = pp_digits(body.n, digits);
    size_t size = CONTENT_LENGTH.n + length.n + END.n + body.n;
    char *at;

    if (body.n > PP_LIMIT_SIP_MESSAGE)
        pp_outgoing_fail(message, PIPIT_ERR_LIMIT, "its body is too large");
    at = pp_outgoing_room(message, size);
    if (!at)
        return;
    put_end(at, length, body);
    message->tail = pp_str_n(at, size);
    message->body = pp_str_n(at + size - body.n, body.n);
}

/* --- all of it -------------------------------------------------------------------------------- */

static int check(const pp_outgoing *message, size_t size)
{
    size_t size_max = message->size_max ? message->size_max : PP_LIMIT_SIP_MESSAGE;

    if (size <= size_max)
        return 0;
    return pp_error(PIPIT_ERR_LIMIT, "message: its %zu octets are more than %zu", size, size_max);
}

static int failure(const pp_outgoing *message)
{
    return pp_error(message->error, "message: %s", message->why);
}

int pp_outgoing_write(const pp_outgoing *message, pp_buf *out)
{
    char room[PP_DIGITS], *at;
    pp_str length = pp_digits(message->body.n, room);
    size_t size;
    plan p;
    int err;

    if (message->error)
        return failure(message);
    make_plan(message, &p);
    size = p.size + CONTENT_LENGTH.n + length.n + END.n + message->body.n;
    err = check(message, size);
    if (err)
        return err;
    at = (char *)pp_buf_room(out, size);
    if (!at)
        return pp_buf_error(out);
    put_end(put_lines(at, message, &p), length, message->body);
    return 0;
}

/* --- in its own memory ------------------------------------------------------------------------ */

/* Whether all of it stands in order, one octet behind the other; and how many these are. */
static bool is_in_order(const pp_outgoing *message, size_t *size)
{
    const pp_header *field = message->headers, *end = field + message->header_count;
    const char *next = message->start.p + message->start.n;
    bool in_order = true;

    *size = message->start.n + message->tail.n;
    for (; field < end; field++) {
        pp_str line = pp_outgoing_line(field);
        in_order = in_order && line.p == next;
        next = line.p + line.n;
        *size += line.n;
    }
    return in_order && message->tail.p == next;
}

/* Puts all of it in order, as it is to be sent. What was handed out of it stays where it is. */
static void put_in_order(pp_outgoing *message, size_t size)
{
    char *at = pp_outgoing_room(message, size), *next;

    if (!at)
        return;
    next = pp_outgoing_copy(at, message->start);
    message->start.p = at;
    for (size_t i = 0; i < message->header_count; i++) {
        pp_header *field = &message->headers[i];
        pp_str line = pp_outgoing_line(field);

        pp_outgoing_copy(next, line);
        field->value.p = next + (field->value.p - line.p);
        field->name.p = next;
        next += line.n;
    }
    pp_outgoing_copy(next, message->tail);
    message->tail.p = next;
    message->body.p = next + message->tail.n - message->body.n;
}

/* Where memory is short the message is as good as it was, and may be sent later. */
static int give_up(pp_outgoing *message)
{
    int err = message->error;

    message->error = 0;
    return err;
}

int pp_outgoing_wire(pp_outgoing *message, pp_str *out)
{
    size_t size;
    bool in_order;
    int err;

    if (message->error)
        return failure(message);
    if (!message->tail.p)
        pp_outgoing_put_tail(message, PP_STR_NONE);
    if (message->error)
        return give_up(message);
    in_order = is_in_order(message, &size);
    err = check(message, size);
    if (err)
        return err;
    if (!in_order)
        put_in_order(message, size);
    if (message->error)
        return give_up(message);
    *out = pp_str_n(message->start.p, size);
    return 0;
}
