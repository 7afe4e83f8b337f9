/* json.h - events for programs: one JSON object a line on stdout. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* {"event":…,"time":seconds since 1970,"agent":…}; NULL when memory is short. */
cJSON *json_event(const char *event, const char *agent);
/* A text that may not be UTF-8 or end with NUL: what is none is replaced. NULL `object` is fine. */
void json_text(cJSON *object, const char *name, const char *text, size_t size);
void json_string(cJSON *object, const char *name, const char *text);
void json_number(cJSON *object, const char *name, double number);
/* Writes the line and deletes the object; NULL is fine. */
void json_end(cJSON *object);

#endif
