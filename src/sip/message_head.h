/* message_head.h - the head of a message, line by line: by its marks when it has them, else by looking at each octet. */
#ifndef PP_SIP_MESSAGE_HEAD_H
#define PP_SIP_MESSAGE_HEAD_H

#include "sip/lexer.h"
#include "sip/marks.h"

typedef struct pp_head {
    size_t size; /* through the empty line */
    size_t
        lines; /* start line and header fields; with marks no fewer than that, for they count folds */
    bool uneven;           /* without marks: folds, or a CR or LF that is no line end */
    bool stray;            /* the latter */
    bool nul;              /* there may be a NUL */
    const pp_marks *marks; /* borrowed; NULL: without */
} pp_head;

/* By the marks that were found. */
pp_head pp_head_of(const pp_marks *marks);
/* Finds the empty line without marks. Only CRLF ends a line, so a lone CR or LF stands within its own. False when there is none. */
bool pp_head_measure(pp_str wire, pp_head *out);

/* A walk along the lines of a head. Their folds become blanks, as section 7.3.1 of RFC 3261 wants. */
typedef struct pp_lines {
    char *text;
    size_t at, end;       /* the next line, and the empty one */
    const uint16_t *ends; /* of the next line and all behind it; NULL without marks */
} pp_lines;

/* `copy` holds what the head was found in, and is written to. */
pp_lines pp_head_lines(const pp_head *head, char *copy);
/* The next line without its CRLF; false at the empty one. */
bool pp_lines_next_plainly(pp_lines *lines, pp_str *line);

/* The same with marks, when `at` is not yet `end`: the index of the CR. */
static inline size_t pp_lines_end(pp_lines *lines)
{
    for (;;) {
        size_t cr = *lines->ends++;
        if (!pp_char_is_blank(lines->text[cr + 2])) {
            lines->at = cr + 2;
            return cr;
        }
        lines->text[cr] = lines->text[cr + 1] = ' ';
    }
}

static inline bool pp_lines_next(pp_lines *lines, pp_str *line)
{
    size_t start = lines->at;

    if (!lines->ends)
        return pp_lines_next_plainly(lines, line);
    if (start == lines->end)
        return false;
    *line = pp_str_n(lines->text + start, pp_lines_end(lines) - start);
    return true;
}

#endif
