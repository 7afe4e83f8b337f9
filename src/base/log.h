/* log.h - one line, past tense, with the object and no secrets. Costs a load and a branch while
 * off. */
#ifndef PP_BASE_LOG_H
#define PP_BASE_LOG_H

#include "pipit/log.h"

extern bool pp_log_any; /* some component talks: only then it is looked which */
bool pp_log_on(const char *component);
void pp_log_write(pipit_log_level level, const char *component, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define PP_LOG(level, component, ...)                                                              \
    do {                                                                                           \
        if (pp_log_any && pp_log_on(component))                                                    \
            pp_log_write(level, component, __VA_ARGS__);                                           \
    } while (0)
#define pp_log_debug(component, ...) PP_LOG(PIPIT_LOG_DEBUG, component, __VA_ARGS__)
#define pp_log_warn(component, ...)  PP_LOG(PIPIT_LOG_WARN, component, __VA_ARGS__)
#define pp_log_error(component, ...) PP_LOG(PIPIT_LOG_ERROR, component, __VA_ARGS__)

#endif
