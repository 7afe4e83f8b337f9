/* json.c - events for programs. */
#include "cli/json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    return (double)at.tv_sec + (double)(at.tv_nsec / 1000) / 1e6;
}

cJSON *json_event(const char *event, const char *agent)
{
    cJSON *object = cJSON_CreateObject();

    json_string(object, "event", event);
    json_number(object, "time", now());
    if (agent)
        json_string(object, "agent", agent);
    return object;
}

/* How many of the octets at `p` are one UTF-8 character; 0 when they are none. */
static size_t character(const unsigned char *p, size_t n)
{
    size_t length = p[0] < 0x80                   ? 1
                    : p[0] >= 0xC2 && p[0] < 0xE0 ? 2
                    : p[0] >> 4 == 14             ? 3
                    : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
                                                  : 0;

    if (length == 0 || length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (p[i] >> 6 != 2)
            return 0;
    return length;
}

void json_text(cJSON *object, const char *name, const char *text, size_t size)
{
    char *clean = object ? malloc(size + 1) : NULL;
    size_t length = 0;

    if (!clean)
        return;
    for (size_t i = 0; i < size;) {
        size_t n = text[i] ? character((const unsigned char *)text + i, size - i) : 0;

        if (n)
            memcpy(clean + length, text + i, n);
        else
            clean[length] = '?';
        length += n ? n : 1;
        i += n ? n : 1;
    }
    clean[length] = '\0';
    cJSON_AddStringToObject(object, name, clean);
    free(clean);
}

void json_string(cJSON *object, const char *name, const char *text)
{
    if (text)
        json_text(object, name, text, strlen(text));
}

void json_number(cJSON *object, const char *name, double number)
{
    if (object)
        cJSON_AddNumberToObject(object, name, number);
}

void json_end(cJSON *object)
{
    char *line = object ? cJSON_PrintUnformatted(object) : NULL;

    if (line) {
        puts(line);
        fflush(stdout);
    }
    cJSON_free(line);
    cJSON_Delete(object);
}
