/* options.h - the command line: long options with values, and what is left. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum option_kind {
    OPTION_FLAG,    /* bool *: set */
    OPTION_TEXT,    /* const char **: the value */
    OPTION_NUMBER,  /* unsigned *: decimal, at most 1,000,000 */
    OPTION_SECONDS, /* double *: 0 to 1,000,000 with a fraction */
    OPTION_LIST,    /* option_list *: may be given several times */
    OPTION_OPTIONAL /* const char **: the value, "" when the next argument is another option or none */
} option_kind;

#define OPTION_LIST_MAX 64
typedef struct option_list {
    const char *values[OPTION_LIST_MAX];
    size_t count;
} option_list;

typedef struct option {
    const char *name; /* without the dashes; NULL ends a table */
    option_kind kind;
    void *to;
} option;

typedef struct option_set {
    const char *command;         /* "pipit call", for sentences */
    const char *help;            /* printed for --help and -h */
    const option *const *tables; /* NULL at the end */
    const char **arguments;      /* what is no option, at most argument_max */
    const char *needs;           /* "TARGET": said when fewer than argument_min are there */
    size_t argument_min, argument_max;
    size_t argument_count; /* filled */
} option_set;

/* 0 to go on; else the command is over with status *status (help was printed, or a sentence said what is wrong). */
int options_parse(option_set *set, int argc, char **argv, int *status);

#endif
