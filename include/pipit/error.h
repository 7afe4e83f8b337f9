/** @file error.h  Errors: a negative number to act on, and a sentence to show. */
#ifndef PIPIT_ERROR_H
#define PIPIT_ERROR_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What functions return: 0, or one of these. Outputs are untouched on failure. */
enum pipit_error {
    PIPIT_ERR_MEMORY = -1,          /**< an allocation failed */
    PIPIT_ERR_ARGUMENT = -2,        /**< an argument is missing or out of range */
    PIPIT_ERR_STATE = -3,           /**< not possible in this state */
    PIPIT_ERR_SYNTAX = -4,          /**< a text does not follow its grammar */
    PIPIT_ERR_LIMIT = -5,           /**< a named limit was reached */
    PIPIT_ERR_NOT_FOUND = -6,       /**< no such file, host, header, codec */
    PIPIT_ERR_IO = -7,              /**< the operating system refused a file or socket */
    PIPIT_ERR_CONNECTION = -8,      /**< not connected, refused, reset or lost */
    PIPIT_ERR_TLS = -9,             /**< TLS or DTLS failed, a certificate among them */
    PIPIT_ERR_TIMEOUT = -10,        /**< nobody answered in time */
    PIPIT_ERR_NOT_SUPPORTED = -11,  /**< valid, but not something we do */
    PIPIT_ERR_CONFIGURATION = -12,  /**< a configuration parameter is missing or wrong */
    PIPIT_ERR_AUTHENTICATION = -13, /**< credentials are missing or were refused */
    PIPIT_ERR_MEDIA = -14,          /**< a codec, a media file or a description cannot be used */
    PIPIT_ERR_CANCELED = -15,       /**< stopped by the caller */
    PIPIT_ERR_THREAD = -16          /**< called from a thread other than the loop's */
};

/** @return the sentence of this thread's last failure, for example
 *  "uri: expected ':' after the scheme at byte 3". Never NULL; valid until the next failure on this thread. */
PIPIT_API const char *pipit_error_message(void);

/** @return the name of an error number, for example "PIPIT_ERR_SYNTAX". Never NULL. */
PIPIT_API const char *pipit_error_name(int error);

#ifdef __cplusplus
}
#endif
#endif
