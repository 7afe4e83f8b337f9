/* config.c - the configuration file. */
#include "cli/config.h"

#include "cli/output.h"
#include "cli/status.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char *config_path(const char *name)
{
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int size = -1;

    if (folder && *folder)
        size = asprintf(&path, "%s/pipit/%s", folder, name);
    else if (home && *home)
        size = asprintf(&path, "%s/.config/pipit/%s", home, name);
    return size < 0 ? NULL : path;
}

static char *trim(char *text)
{
    char *end;

    while (isspace((unsigned char)*text))
        text++;
    end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return text;
}

/* A password that others can read is worth a word. */
static void warn_when_open(FILE *file, const char *path)
{
    struct stat status;

    if (fstat(fileno(file), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) &&
        S_ISREG(status.st_mode))
        output_error("others can read the password in %s: chmod 600 it.", path);
}

typedef struct reading {
    const char *path, *account;
    config_function *each;
    void *arg;
    FILE *file;
    unsigned line;
    bool counts, found, warned;
} reading;

static int bad_line(const reading *r, const char *what)
{
    output_error("%s, line %u: %s.", r->path, r->line, what);
    return STATUS_USAGE;
}

static int read_section(reading *r, char *text)
{
    char *end = strchr(text, ']');

    if (!end || end[1])
        return bad_line(r, "a section looks like [name]");
    *end = '\0';
    r->counts = r->account && strcmp(trim(text + 1), r->account) == 0;
    r->found = r->found || r->counts;
    return 0;
}

static int read_line(reading *r, char *line)
{
    char *text = trim(line), *equals = strchr(text, '='), *key;

    if (*text == '\0' || *text == '#' || *text == ';')
        return 0;
    if (*text == '[')
        return read_section(r, text);
    if (!equals)
        return bad_line(r, "a setting looks like 'key = value'");
    if (!r->counts)
        return 0;
    *equals = '\0';
    key = trim(text);
    if (strcmp(key, "password") == 0 && !r->warned) {
        r->warned = true;
        warn_when_open(r->file, r->path);
    }
    return r->each(r->arg, key, trim(equals + 1))
               ? bad_line(r, "this key is not known or has a bad value")
               : 0;
}

int config_read(const char *path, bool required, const char *account, config_function *each,
                void *arg, bool *found)
{
    reading r = {.path = path, .account = account, .each = each, .arg = arg, .counts = true};
    char *line = NULL;
    size_t size = 0;
    int status = STATUS_OK;

    r.file = fopen(path, "r");
    if (!r.file && (required || errno != ENOENT)) {
        output_error("cannot read %s: %s.", path, strerror(errno));
        return STATUS_USAGE;
    }
    while (r.file && status == STATUS_OK && getline(&line, &size, r.file) >= 0) {
        r.line++;
        status = read_line(&r, line);
    }
    if (line)
        explicit_bzero(line, size);
    free(line);
    if (r.file)
        fclose(r.file);
    *found = r.found;
    return status;
}
