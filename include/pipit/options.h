/** @file options.h  OPTIONS (RFC 3261 section 11): asked from outside, it is answered by the user agent itself with
 *  Allow, Accept and Supported. */
#ifndef PIPIT_OPTIONS_H
#define PIPIT_OPTIONS_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @return the methods this library handles, as in an Allow header */
PIPIT_API const char *pipit_allowed_methods(void);

#ifdef __cplusplus
}
#endif
#endif
