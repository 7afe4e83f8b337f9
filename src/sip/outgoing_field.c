/* outgoing_field.c - a header field that is put together piece by piece in the memory of its message, and the Via of a request. */
#include "sip/header_find.h"
#include "sip/lexer.h"
#include "sip/outgoing_inside.h"

/* --- the line --------------------------------------------------------------------------------- */

/* It always ends where the memory that is used ends. */
static pp_str line_of(const pp_outgoing *message)
{
    const pp_outgoing_piece *piece = message->pieces;

    return pp_str_n(message->line, (size_t)(piece->text + piece->used - message->line));
}

/* The line moves to a piece of its own, with as much again to grow into. */
static char *move(pp_outgoing *message, size_t size)
{
    pp_str begun = line_of(message);
    char *line = pp_outgoing_room(message, 2 * begun.n + size);

    if (!line)
        return NULL;
    message->pieces->used -= begun.n;
    memcpy(line, begun.p, begun.n);
    message->line = line;
    return line + begun.n;
}

static inline char *more(pp_outgoing *message, size_t size)
{
    pp_outgoing_piece *piece = message->pieces;
    char *at = piece->text + piece->used;

    if (message->error)
        return NULL;
    if (piece->size - piece->used < size)
        return move(message, size);
    piece->used += size;
    return at;
}

/* --- the field -------------------------------------------------------------------------------- */

static char *start_line(pp_outgoing *message, pp_header_id id, size_t size)
{
    message->line = message->pieces->text + message->pieces->used;
    message->field = id;
    return more(message, size);
}

void pp_outgoing_begin(pp_outgoing *message, pp_header_id id)
{
    pp_str name = pp_header_names[id];
    char *at = start_line(message, id, name.n + 2);

    if (at)
        pp_outgoing_copy(pp_outgoing_copy(at, name), PP_LIT(": "));
}

void pp_outgoing_put(pp_outgoing *message, pp_str text)
{
    char *at = text.n ? more(message, text.n) : NULL;

    if (at)
        pp_outgoing_copy(at, text);
}

void pp_outgoing_put_all(pp_outgoing *message, const pp_str *pieces, size_t count)
{
    size_t size = 0;
    char *at;

    for (size_t i = 0; i < count; i++)
        size += pieces[i].n;
    at = more(message, size);
    for (size_t i = 0; at && i < count; i++)
        at = pp_outgoing_copy(at, pieces[i]);
}

void pp_outgoing_put_c(pp_outgoing *message, const char *text)
{
    pp_outgoing_put(message, pp_str_c(text));
}

void pp_outgoing_put_uint(pp_outgoing *message, uint64_t value)
{
    char room[PP_DIGITS];

    pp_outgoing_put(message, pp_digits(value, room));
}

static bool is_escaped(char c)
{
    return c == '"' || c == '\\';
}

void pp_outgoing_put_quoted(pp_outgoing *message, pp_str text)
{
    pp_outgoing_put(message, PP_LIT("\""));
    while (text.n) {
        size_t run = 1;

        if (is_escaped(text.p[0]))
            pp_outgoing_put(message, PP_LIT("\\"));
        while (run < text.n && !is_escaped(text.p[run]))
            run++;
        pp_outgoing_put(message, pp_str_sub(text, 0, run));
        text = pp_str_from(text, run);
    }
    pp_outgoing_put(message, PP_LIT("\""));
}

/* Takes blanks off both ends of the value, which memory ends behind but for a line end. */
static pp_str trim(pp_outgoing *message, char *start, pp_str value)
{
    pp_str trimmed = pp_str_trim(value);

    if (trimmed.n && trimmed.p != start)
        memmove(start, trimmed.p, trimmed.n);
    message->pieces->used -= value.n - trimmed.n;
    return pp_str_n(start, trimmed.n);
}

/* The line is "Name: value" so far; room for its end is behind it. All of the value is checked here, unless it came from the far end:
 * quoted strings may hold what we would not write (RFC 4475 section 3.1.1.2 has a NUL). */
static void finish(pp_outgoing *message, pp_header_id id, char *line, const char *end, bool came)
{
    size_t name = pp_header_names[id].n;
    char *start = line + name + 2;
    pp_str value = pp_str_n(start, (size_t)(end - start));
    pp_header *field;

    if ((!came && !pp_outgoing_may_stand(message, value)) || !pp_outgoing_make_room(message, 1))
        return;
    if (value.n && (pp_str_is_space(value.p[0]) || pp_str_is_space(value.p[value.n - 1])))
        value = trim(message, start, value);
    memcpy(start + value.n, "\r\n", 2);
    field = &message->headers[message->header_count++];
    field->id = id;
    field->next = 0;
    field->name = pp_str_n(line, name);
    field->value = value;
}

static void end_line(pp_outgoing *message, bool came)
{
    char *end = more(message, 2);

    if (end)
        finish(message, message->field, message->line, end, came);
}

void pp_outgoing_end(pp_outgoing *message)
{
    end_line(message, false);
}

void pp_outgoing_end_trusted(pp_outgoing *message)
{
    end_line(message, true);
}

void pp_outgoing_add_all(pp_outgoing *message, pp_header_id id, const pp_str *pieces, size_t count)
{
    pp_str name = pp_header_names[id];
    size_t size = name.n + 4;
    char *at;

    for (size_t i = 0; i < count; i++)
        size += pieces[i].n;
    at = start_line(message, id, size);
    if (!at)
        return;
    at = pp_outgoing_copy(pp_outgoing_copy(at, name), PP_LIT(": "));
    for (size_t i = 0; i < count; i++)
        at = pp_outgoing_copy(at, pieces[i]);
    finish(message, id, message->line, at, false);
}

/* --- Via -------------------------------------------------------------------------------------- */

/* Where its line is to be: between the first line, which comes to stand in front of it, and the other fields, where that place is free. */
static char *via_room(pp_outgoing *message, size_t size)
{
    char *line;

    if (message->gap_size < message->start.n + size)
        return pp_outgoing_room(message, size);
    line = message->gap + message->gap_size - size;
    message->gap_size = 0;
    memcpy(line - message->start.n, message->start.p, message->start.n);
    message->start.p = line - message->start.n;
    return line;
}

#define VIA PP_LIT("Via: SIP/2.0/")

/* Without its line end; and where its parts came to stand. */
static char *write_via(char *at, const pp_via_parts *parts, pp_via_parts *out)
{
    at = pp_outgoing_copy(at, VIA);
    out->transport = pp_str_n(at, parts->transport.n);
    at = pp_outgoing_copy(at, parts->transport);
    *at++ = ' ';
    out->sent_by = pp_str_n(at, parts->sent_by.n);
    at = pp_outgoing_copy(at, parts->sent_by);
    if (parts->rport)
        at = pp_outgoing_copy(at, PP_LIT(";rport"));
    out->rport = parts->rport;
    at = pp_outgoing_copy(at, PP_LIT(";branch="));
    out->branch = pp_str_n(at, parts->branch.n);
    return pp_outgoing_copy(at, parts->branch);
}

void pp_outgoing_set_via(pp_outgoing *message, const pp_via_parts *parts)
{
    size_t size = VIA.n + parts->transport.n + 1 + parts->sent_by.n +
                  (parts->rport ? PP_LIT(";rport").n : 0) + PP_LIT(";branch=").n + parts->branch.n +
                  2;
    size_t name = pp_header_names[PP_HEADER_VIA].n;
    pp_header via = {.id = PP_HEADER_VIA};
    pp_via_parts written;
    char *line;

    pp_outgoing_remove(message, PP_HEADER_VIA);
    line = message->error ? NULL : via_room(message, size);
    if (!line)
        return;
    pp_outgoing_copy(write_via(line, parts, &written), PP_LIT("\r\n"));
    via.name = pp_str_n(line, name);
    via.value = pp_str_n(line + name + 2, size - name - 4);
    if (!pp_outgoing_may_stand(message, via.value))
        return;
    pp_outgoing_push(message, &via);
    message->via_text = via.value.p;
    message->via = written;
}

static pp_via_parts parse_parts(pp_str field)
{
    pp_str topmost;
    pp_via via;

    if (!pp_list_next(&field, &topmost) || pp_via_parse(topmost, &via))
        return (pp_via_parts){.rport = false};
    return (pp_via_parts){.transport = via.transport, .sent_by = via.host, .branch = via.branch};
}

/* The parts that are known must be those of the topmost one. */
pp_via_parts pp_outgoing_via(const pp_outgoing *message)
{
    pp_str field = pp_outgoing_header(message, PP_HEADER_VIA, 0);

    return field.p && field.p == message->via_text ? message->via : parse_parts(field);
}
