/* message_head.c - finding the head of a message, and reading it where it has no marks. */
#include "sip/message_head.h"

#include "base/limits.h"

_Static_assert(PP_MARKS_LINES <= PP_LIMIT_SIP_HEADERS, "with marks no field is one too many");

pp_head pp_head_of(const pp_marks *marks)
{
    return (pp_head){.size = marks->head, .lines = marks->lines, .nul = marks->nul, .marks = marks};
}

bool pp_head_measure(pp_str wire, pp_head *out)
{
    pp_head h = {.nul = true};
    size_t start = 0; /* of the line */

    for (size_t at = pp_str_find(wire, '\r'); at + 1 < wire.n;
         at += 1 + pp_str_find(pp_str_from(wire, at + 1), '\r')) {
        if (wire.p[at + 1] != '\n') {
            h.stray = true;
            continue;
        }
        if (at == start) {
            h.size = at + 2;
            h.uneven |= h.stray;
            *out = h;
            return true;
        }
        if (memchr(wire.p + start, '\n', at - start))
            h.stray = true;
        start = at + 2;
        if (start < wire.n && pp_char_is_blank(wire.p[start]))
            h.uneven = true;
        else
            h.lines++;
    }
    return false;
}

/* Folds become blanks, and so do a CR and an LF that are no line end. Nothing moves. */
static void smooth(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool end = text[i] == '\r' && i + 1 < size && text[i + 1] == '\n';
        bool fold = end && i + 2 < size && pp_char_is_blank(text[i + 2]);
        if (fold)
            text[i + 1] = ' ';
        if (fold || (!end && (text[i] == '\r' || text[i] == '\n')))
            text[i] = ' ';
        else if (end)
            i++;
    }
}

pp_lines pp_head_lines(const pp_head *head, char *copy)
{
    pp_lines lines = {.text = copy, .end = head->size - 2};

    if (head->marks)
        lines.ends = head->marks->ends;
    else if (head->uneven)
        smooth(copy, head->size);
    return lines;
}

bool pp_lines_next_plainly(pp_lines *lines, pp_str *line)
{
    pp_str rest = pp_str_n(lines->text + lines->at, lines->end - lines->at);

    if (pp_str_empty(rest))
        return false;
    *line = pp_str_split(&rest, '\n');
    lines->at += line->n + 1;
    line->n--; /* the CR */
    return true;
}
