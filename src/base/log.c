/* log.c - which components talk, and to whom. The only global state besides the allocator. */
#include "base/log.h"

#include "base/error.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

bool pp_log_any;
static char enabled[256];
static pipit_log_sink *sink;
static void *sink_arg;

int pipit_log_enable(const char *components)
{
    pp_str list = pp_str_c(components);

    if (list.n >= sizeof(enabled))
        return pp_error(PIPIT_ERR_LIMIT, "log: a list of components has at most %zu octets",
                        sizeof(enabled) - 1);
    if (list.n)
        memcpy(enabled, list.p, list.n);
    enabled[list.n] = '\0';
    pp_log_any = list.n > 0;
    return 0;
}

void pipit_log_set_sink(pipit_log_sink *function, void *arg)
{
    sink = function;
    sink_arg = arg;
}

bool pp_log_on(const char *component)
{
    pp_str list = pp_str_c(enabled);

    while (list.p && list.n) {
        pp_str name = pp_str_trim(pp_str_split(&list, ','));
        if (pp_str_eq_c(name, "*") || pp_str_ieq_c(name, component))
            return true;
    }
    return false;
}

void pp_log_write(pipit_log_level level, const char *component, const char *format, ...)
{
    static const char *const names[] = {"error", "warn", "debug"};
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (sink)
        sink(sink_arg, level, component, text);
    else
        fprintf(stderr, "pipit:%s %s: %s\n", component, names[level], text);
}
