/* outgoing_lines.c - header fields that many messages have alike: one copy of their text instead of one for each. */
#include "base/alloc.h"
#include "base/error.h"
#include "sip/outgoing_inside.h"

/* A field of the text: "name: value" and CRLF, one behind the other. */
typedef struct place {
    pp_header_id id;
    uint32_t name, value; /* octets */
} place;

struct pp_outgoing_lines {
    size_t count;
    pp_str text;
    place places[];
};

static size_t size_of(const place *p)
{
    return (size_t)p->name + 2 + p->value + 2;
}

static char *copy_lines(const pp_header *field, pp_outgoing_lines *lines, char *at)
{
    for (place *p = lines->places; p < lines->places + lines->count; p++, field++) {
        *p = (place){field->id, (uint32_t)field->name.n, (uint32_t)field->value.n};
        at = pp_outgoing_copy(at, pp_outgoing_line(field));
    }
    return at;
}

int pp_outgoing_lines_of(const pp_outgoing *message, size_t first, pp_outgoing_lines **out)
{
    const pp_header *fields = message->headers + first;
    size_t count = message->header_count - first, text = 0;
    pp_outgoing_lines *lines;
    char *start;

    for (size_t i = 0; i < count; i++)
        text += pp_outgoing_line(&fields[i]).n;
    lines = pp_alloc(sizeof(*lines) + count * sizeof(place) + text);
    if (!lines)
        return PIPIT_ERR_MEMORY;
    start = (char *)(lines->places + count);
    lines->count = count;
    lines->text = pp_str_n(start, (size_t)(copy_lines(fields, lines, start) - start));
    *out = lines;
    return 0;
}

void pp_outgoing_add_lines(pp_outgoing *message, const pp_outgoing_lines *lines)
{
    pp_header *field;
    char *at;

    if (!pp_outgoing_make_room(message, lines->count))
        return;
    at = pp_outgoing_room(message, lines->text.n);
    if (!at)
        return;
    memcpy(at, lines->text.p, lines->text.n);
    field = message->headers + message->header_count;
    for (const place *p = lines->places; p < lines->places + lines->count; p++, field++) {
        field->id = p->id;
        field->next = 0;
        field->name = pp_str_n(at, p->name);
        field->value = pp_str_n(at + p->name + 2, p->value);
        at += size_of(p);
    }
    message->header_count += lines->count;
}

pp_outgoing_lines *pp_outgoing_lines_free(pp_outgoing_lines *lines)
{
    pp_free(lines);
    return NULL;
}
