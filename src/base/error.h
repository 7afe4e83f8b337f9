/* error.h - the sentence behind an error number, kept per thread. */
#ifndef PP_BASE_ERROR_H
#define PP_BASE_ERROR_H

#include "pipit/error.h"

/* Remembers the sentence and returns `code`, so that a failure is one line: return
 * pp_error(PIPIT_ERR_SYNTAX, …). Form of the sentence: "subject: what is wrong", without a full
 * stop. Never put a secret into it. */
int pp_error(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
