/* quick.h - the values every message has, read by their marks: the shapes that nearly all of them have, with the checks of the full
 * grammar. What looks any different is refused, and the full grammar decides. */
#ifndef PP_SIP_QUICK_H
#define PP_SIP_QUICK_H

#include "sip/marks.h"
#include "sip/message.h"

typedef struct pp_quick {
    const char *text;        /* the head */
    const uint64_t *special; /* its marks */
} pp_quick;

/* Each reads what starts at `at` and gives the index behind it, or 0 when the full grammar has to look. */
size_t pp_quick_uri(const pp_quick *q, size_t at, pp_uri *out);
/* One member: ends at a comma or at the CR. `tag` has p == NULL when there is none. */
size_t pp_quick_address(const pp_quick *q, size_t at, pp_name_addr *out, pp_str *tag);
size_t pp_quick_via(const pp_quick *q, size_t at, pp_via *out);
/* Of a list from `at` to `end`: where its first member ends, at a comma or at `end`. What pp_list_next() finds. */
size_t pp_quick_member(const pp_quick *q, size_t at, size_t end);

#endif
