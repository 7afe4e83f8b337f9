/* pairs.h - named texts in order: the parameters and headers of the public objects, the fields of a public value. */
#ifndef PP_SIP_PUBLIC_PAIRS_H
#define PP_SIP_PUBLIC_PAIRS_H

#include "base/buf.h"

typedef struct pp_pair {
    char *name;        /* the value stands in the same block */
    const char *value; /* NULL: none */
} pp_pair;

typedef struct pp_pairs {
    pp_pair *list;
    size_t count, capacity;
} pp_pairs;

/* All find names without regard to case. `value.p` NULL is a name without a value. A failure changes nothing.
 * PIPIT_ERR_LIMIT beyond PP_LIMIT_SIP_LIST pairs. */
int pp_pairs_add(pp_pairs *pairs, pp_str name,
                 pp_str value); /* behind the last of that name, or at the end */
int pp_pairs_set(pp_pairs *pairs, pp_str name, pp_str value); /* in place of all of that name */
bool pp_pairs_delete(pp_pairs *pairs, const char *name);
void pp_pairs_clear(pp_pairs *pairs);
int pp_pairs_copy(const pp_pairs *from, pp_pairs *out);
/* The `index`-th of that name; NULL when there is none. */
const pp_pair *pp_pairs_find(const pp_pairs *pairs, const char *name, size_t index);
/* Its value, "" when it has none; NULL when there is no such pair. */
const char *pp_pairs_value(const pp_pairs *pairs, const char *name, size_t index);
size_t pp_pairs_count(const pp_pairs *pairs, const char *name);

#endif
