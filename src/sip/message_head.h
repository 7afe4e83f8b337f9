/* message_head.h - the head of a message, line by line: by its marks when it has them, else by looking at each octet. */
#ifndef PP_SIP_MESSAGE_HEAD_H
#define PP_SIP_MESSAGE_HEAD_H

#include "sip/lexer.h"
#include "sip/marks.h"

typedef struct pp_head {
    size_t size; /* through the empty line */
    size_t
        lines; /* start line and header fields; with marks no fewer than that, for they count folds */
    bool marked;
    bool uneven; /* without marks: folds, or a CR or LF that is no line end */
    bool stray;  /* the latter */
    bool nul;    /* there may be a NUL */
    char *text;  /* set by pp_head_begin() */
    size_t at, end;
    size_t word; /* of the CRs that were not passed yet */
    uint64_t crs;
    pp_marks marks;
} pp_head;

/* Finds the empty line; `find` NULL: without marks. Only CRLF ends a line, so a lone CR or LF stands within its own. False when
 * there is no empty line. */
bool pp_head_find(pp_str wire, pp_marks_finder *find, pp_head *out);
/* From here on the lines are those of `copy`, which holds the same octets. */
void pp_head_begin(pp_head *head, char *copy);
bool pp_head_next_plainly(pp_head *head, pp_str *line);

/* The next line without its CRLF; false at the empty one. Its folds become blanks, as section 7.3.1 of RFC 3261 wants. */
static inline bool pp_head_next(pp_head *head, pp_str *line)
{
    size_t start = head->at, cr;

    if (!head->marked)
        return pp_head_next_plainly(head, line);
    if (start >= head->end)
        return false;
    for (;;) {
        while (!head->crs)
            head->crs = head->marks.cr[++head->word];
        cr = head->word * 64 + (size_t)__builtin_ctzll(head->crs);
        head->crs &= head->crs - 1;
        if (!pp_char_is_blank(head->text[cr + 2]))
            break;
        head->text[cr] = head->text[cr + 1] = ' ';
    }
    *line = pp_str_n(head->text + start, cr - start);
    head->at = cr + 2;
    return true;
}

#endif
