/* error.c - error numbers, their names, and the sentence of the last failure. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char sentence[512];

int pp_error(int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    return code;
}

const char *pipit_error_message(void)
{
    return sentence;
}

const char *pipit_error_name(int error)
{
    static const char *const names[] = {
        "PIPIT_OK",
        "PIPIT_ERR_MEMORY",
        "PIPIT_ERR_ARGUMENT",
        "PIPIT_ERR_STATE",
        "PIPIT_ERR_SYNTAX",
        "PIPIT_ERR_LIMIT",
        "PIPIT_ERR_NOT_FOUND",
        "PIPIT_ERR_IO",
        "PIPIT_ERR_CONNECTION",
        "PIPIT_ERR_TLS",
        "PIPIT_ERR_TIMEOUT",
        "PIPIT_ERR_NOT_SUPPORTED",
        "PIPIT_ERR_CONFIGURATION",
        "PIPIT_ERR_AUTHENTICATION",
        "PIPIT_ERR_MEDIA",
        "PIPIT_ERR_CANCELED",
        "PIPIT_ERR_THREAD",
    };

    if (error > 0 || error <= -(int)(sizeof(names) / sizeof(names[0])))
        return "PIPIT_ERR_UNKNOWN";
    return names[-error];
}
