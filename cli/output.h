/* output.h - writing for people. What a peer sent is never trusted with the terminal: control characters are escaped. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Writes text with control characters, direction overrides and broken UTF-8 as \xNN. `lines`: line ends pass, CRs are left out. */
void output_safe(FILE *file, const char *text, size_t size, bool lines);
/* "pipit: …" and a line end on stderr, escaped; the one sentence of a failure. */
void output_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A formatted line on a file, escaped. */
void output_line(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
