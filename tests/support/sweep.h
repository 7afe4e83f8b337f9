/* sweep.h - every small damage to a piece of input: each of its prefixes, each of its bits turned. A
 * damaged input is a block of exactly its size, so that a sanitizer sees the first octet read beyond. */
#ifndef PP_TESTS_SWEEP_H
#define PP_TESTS_SWEEP_H

#include "base/str.h"

typedef void sweep_function(const uint8_t *data, size_t size, void *arg);

typedef struct sweep {
    sweep_function *function; /* must take anything without harm */
    void *arg;
    unsigned stride; /* 0 and 1: every one; n: every n-th, another n-th for each file */
    unsigned files;
    uint64_t inputs;
} sweep;

void sweep_prefixes(sweep *s, pp_str content); /* and the whole */
void sweep_bits(sweep *s, pp_str content);
/* The same for each_corpus_file(); `arg` is a sweep. */
void sweep_file_prefixes(const char *name, pp_str content, void *arg);
void sweep_file_bits(const char *name, pp_str content, void *arg);
/* "sweep: 1234 prefixes of 49 torture messages (one in 3): no crash" */
void sweep_report(const sweep *s, const char *what, const char *of);

#endif
