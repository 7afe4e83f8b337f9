/** @file log.h  Log lines, off by default. Components have JsSIP's names: UA, Transport, RTCSession, … */
#ifndef PIPIT_LOG_H
#define PIPIT_LOG_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How much a line matters. */
typedef enum pipit_log_level { PIPIT_LOG_ERROR, PIPIT_LOG_WARN, PIPIT_LOG_DEBUG } pipit_log_level;

/** Takes one line without its end. `text` is valid until the function returns; it never holds a secret. */
typedef void pipit_log_sink(void *arg, pipit_log_level level, const char *component,
                            const char *text);

/** Switches components on, as JsSIP's debug.enable() does.
 *  @param components  a list as in "UA,Transport", "*" for all, NULL or "" for none; copied (255 octets at most)
 *  @return 0, PIPIT_ERR_LIMIT when the list is too long */
PIPIT_API int pipit_log_enable(const char *components);

/** Sends lines elsewhere than to stderr.
 *  @param sink  called on the thread that logs; NULL restores stderr */
PIPIT_API void pipit_log_set_sink(pipit_log_sink *sink, void *arg);

#ifdef __cplusplus
}
#endif
#endif
