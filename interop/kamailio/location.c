/* location.c - the bindings a registrar holds, by `kamcmd ul.lookup`. */
#include "interop/kamailio/location.h"

#include <string.h>

static int count(const char *text, const char *word)
{
    int n = 0;

    for (const char *at = text; (at = strstr(at, word)); at++)
        n++;
    return n;
}

int location_bindings(stage *s, const server *of, const char *user)
{
    const char *const question[] = {"ul.lookup", "location", user, NULL};

    if (stage_ask(s, of, question))
        return count(s->answer, "Address: ");
    return strstr(s->answer, "AOR not found") ? 0 : -1;
}

void location_clear(stage *s, const server *of)
{
    static const char *const users[] = {"alice", "bob", "carol", "dave", "erin"};

    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        const char *const question[] = {"ul.rm", "location", users[i], NULL};

        stage_ask(s, of, question);
    }
}

bool location_field(const stage *s, const char *name, char value[LOCATION_VALUE_MAX])
{
    char start[64];
    const char *at;

    snprintf(start, sizeof(start), "%s: ", name);
    at = strstr(s->answer, start);
    if (!at)
        return false;
    at += strlen(start);
    snprintf(value, LOCATION_VALUE_MAX, "%.*s", (int)strcspn(at, "\n"), at);
    return true;
}
