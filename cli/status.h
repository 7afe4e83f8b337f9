/* status.h - exit statuses: programs tell success, refusal and failure apart by them. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "pipit/pipit.h"

enum status {
    STATUS_OK = 0,
    STATUS_REFUSED = 1,        /* by the far end: busy, rejected, not found */
    STATUS_USAGE = 2,          /* the command line or the configuration is wrong */
    STATUS_AUTHENTICATION = 3, /* user name or password */
    STATUS_CONNECTION = 4,     /* unknown host, connection refused, TLS, connection lost */
    STATUS_MEDIA = 5,    /* missing file, unknown codec, no codec in common, no path for sound */
    STATUS_TIMEOUT = 6,  /* nobody answered */
    STATUS_INTERNAL = 7, /* out of memory and the like */
    STATUS_INTERRUPTED = 130 /* Ctrl-C or SIGTERM */
};

#define STATUS_HELP                                                                                \
    "Exit status\n"                                                                                \
    "  0  success             4  connection: host, port, TLS\n"                                    \
    "  1  refused by the      5  media: file, codec, no sound\n"                                   \
    "     far end             6  no answer in time\n"                                              \
    "  2  wrong usage         7  internal error\n"                                                 \
    "  3  authentication      130  interrupted\n"

enum status status_of_cause(pipit_cause cause); /* of a call, message or registration that failed */
enum status status_of_error(int error);         /* of a PIPIT_ERR_* */

#endif
