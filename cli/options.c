/* options.c - reading the command line by tables. */
#include "cli/options.h"

#include "cli/output.h"
#include "cli/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 1000000

typedef struct cursor {
    option_set *set;
    int argc;
    char **argv;
    int at;
} cursor;

static int wrong(const option_set *set, const char *what, const char *text)
{
    output_error("%s '%s'. See '%s --help'.", what, text, set->command);
    return STATUS_USAGE;
}

static const option *find_option(const option_set *set, const char *name, size_t size)
{
    for (const option *const *table = set->tables; *table; table++)
        for (const option *o = *table; o->name; o++)
            if (strlen(o->name) == size && strncmp(o->name, name, size) == 0)
                return o;
    return NULL;
}

static int read_number(const option_set *set, const char *value, double *out)
{
    char *end = NULL;

    errno = 0;
    *out = strtod(value, &end);
    if (errno || end == value || *end || !(*out >= 0 && *out <= NUMBER_MAX) || value[0] == ' ' ||
        value[0] == '+' || strpbrk(value, "xXnN"))
        return wrong(set, "this is no number in range:", value);
    return 0;
}

static int store_number(const option_set *set, const option *o, const char *value)
{
    double number;
    int err = read_number(set, value, &number);

    if (err)
        return err;
    if (o->kind == OPTION_SECONDS)
        *(double *)o->to = number;
    else if (strspn(value, "0123456789") != strlen(value))
        return wrong(set, "this is no whole number:", value);
    else
        *(unsigned *)o->to = (unsigned)number;
    return 0;
}

static int store(const option_set *set, const option *o, const char *value)
{
    option_list *list = o->to;

    switch (o->kind) {
    case OPTION_TEXT:
    case OPTION_OPTIONAL:
        *(const char **)o->to = value;
        return 0;
    case OPTION_LIST:
        if (list->count == OPTION_LIST_MAX)
            return wrong(set, "too often:", o->name);
        list->values[list->count++] = value;
        return 0;
    default:
        return store_number(set, o, value);
    }
}

static int take_option(cursor *c)
{
    const char *name = c->argv[c->at++] + 2, *equals = strchr(name, '=');
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const option *o = find_option(c->set, name, size);

    if (!o)
        return wrong(c->set, "there is no option", name - 2);
    if (o->kind == OPTION_FLAG) {
        if (equals)
            return wrong(c->set, "this option takes no value:", name - 2);
        *(bool *)o->to = true;
        return 0;
    }
    if (equals)
        return store(c->set, o, equals + 1);
    if (o->kind == OPTION_OPTIONAL && (c->at == c->argc || c->argv[c->at][0] == '-'))
        return store(c->set, o, "");
    if (c->at == c->argc)
        return wrong(c->set, "a value is missing behind", name - 2);
    return store(c->set, o, c->argv[c->at++]);
}

static int take_argument(cursor *c, const char *argument)
{
    if (c->set->argument_count == c->set->argument_max)
        return wrong(c->set, "one argument too many:", argument);
    c->set->arguments[c->set->argument_count++] = argument;
    return 0;
}

static int take_all(cursor *c)
{
    bool options_over = false;
    int err = 0;

    while (c->at < c->argc && !err) {
        const char *argument = c->argv[c->at];

        if (options_over || argument[0] != '-' || argument[1] == '\0') {
            c->at++;
            err = take_argument(c, argument);
        } else if (strcmp(argument, "--") == 0) {
            c->at++;
            options_over = true;
        } else if (argument[1] != '-') {
            err = wrong(c->set, "there is no option", argument);
        } else {
            err = take_option(c);
        }
    }
    return err;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int options_parse(option_set *set, int argc, char **argv, int *status)
{
    cursor c = {set, argc, argv, 0};

    set->argument_count = 0;
    *status = STATUS_OK;
    if (asks_for_help(argc, argv)) {
        fputs(set->help, stdout);
        return 1;
    }
    *status = take_all(&c);
    if (*status == STATUS_OK && set->argument_count < set->argument_min) {
        output_error("%s is missing. See '%s --help'.", set->needs, set->command);
        *status = STATUS_USAGE;
    }
    return *status != STATUS_OK;
}
