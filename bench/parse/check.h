/* check.h - whether two parsers read the same from a message. */
#ifndef BENCH_PARSE_CHECK_H
#define BENCH_PARSE_CHECK_H

#include "compare.h"

/* False, and a line on stderr for each difference, when they do not. `what` names the message. */
bool bench_same_needed(const char *what, const bench_peer *one, const bench_needed *a,
                       const bench_peer *other, const bench_needed *b);
bool bench_same_typed(const char *what, const bench_peer *one, const bench_typed *a,
                      const bench_peer *other, const bench_typed *b);

#endif
