/* files.h - reading test data: files of the tree and of the corpora outside it. */
#ifndef PP_TESTS_FILES_H
#define PP_TESTS_FILES_H

#include "base/str.h"

/* cmocka wants these four before its own header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The whole file, NUL behind it; free with free(). p == NULL when it cannot be read. */
pp_str read_file(const char *path);
/* A file below PIPIT_CORPORA. Skips the running test when the corpora are absent; fails it when
 * only the file is. */
pp_str read_corpus(const char *name);
/* A seed of a fuzz target, fuzz/corpus/<target>/<name> of the tree; fails the test when it is not there. */
pp_str read_seed(const char *target, const char *name);
/* The path of a file below PIPIT_CORPORA, in a static buffer; skips the running test when the
 * corpora are absent. */
const char *corpus_path(const char *name);
/* Calls `each` with every regular file below a folder of the corpora (one level), in no order. */
void each_corpus_file(const char *folder, void (*each)(const char *name, pp_str content, void *arg),
                      void *arg);

#endif
