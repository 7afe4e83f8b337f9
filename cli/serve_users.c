/* serve_users.c - who may register at the switchboard. */
#include "cli/output.h"
#include "cli/serving.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* "name:password" */
static int add_user(serving *s, const char *text, const char *where)
{
    const char *colon = strchr(text, ':');
    char *name, *password;

    if (!colon || colon == text || !colon[1]) {
        output_error("%s: a user is NAME:PASSWORD.", where);
        return STATUS_USAGE;
    }
    if (s->user_count == SERVING_USERS_MAX) {
        output_error("%s: %d users are the most.", where, SERVING_USERS_MAX);
        return STATUS_USAGE;
    }
    name = strndup(text, (size_t)(colon - text));
    password = strdup(colon + 1);
    if (!name || !password) {
        free(name);
        free(password);
        return STATUS_INTERNAL;
    }
    s->users[s->user_count++] = (switchboard_user){name, password};
    return STATUS_OK;
}

void serving_free_users(serving *s)
{
    while (s->user_count) {
        switchboard_user *user = &s->users[--s->user_count];

        free((char *)(uintptr_t)user->name);
        free((char *)(uintptr_t)user->password);
    }
}

static int read_users(serving *s)
{
    FILE *file = fopen(s->users_file, "r");
    char *line = NULL, where[PATH_MAX + 32];
    size_t size = 0;
    unsigned number = 0;
    int status = STATUS_OK;

    if (!file) {
        output_error("cannot read the users' file %s: %s.", s->users_file, strerror(errno));
        return STATUS_USAGE;
    }
    while (status == STATUS_OK && getline(&line, &size, file) >= 0) {
        number++;
        line[strcspn(line, "\r\n")] = '\0';
        snprintf(where, sizeof(where), "%s, line %u", s->users_file, number);
        if (line[0] && line[0] != '#')
            status = add_user(s, line, where);
    }
    free(line);
    fclose(file);
    return status;
}

static int make_up_users(serving *s)
{
    static const char *const names[] = {"alice", "bob"};
    const pp_rng rng = pp_rng_system();
    char text[32], password[9];
    int status = STATUS_OK;

    s->made_up = true;
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        pp_rng_token(&rng, password, sizeof(password) - 1);
        snprintf(text, sizeof(text), "%s:%s", names[i], password);
        status = add_user(s, text, "users");
    }
    return status;
}

int serving_find_users(serving *s)
{
    int status = s->users_file ? read_users(s) : STATUS_OK;

    for (size_t i = 0; i < s->user_options.count && status == STATUS_OK; i++)
        status = add_user(s, s->user_options.values[i], "--user");
    if (status == STATUS_OK && !s->user_count)
        status = make_up_users(s);
    s->board_options.users = s->users;
    s->board_options.user_count = s->user_count;
    return status;
}
