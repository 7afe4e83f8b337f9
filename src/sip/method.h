/* method.h - request methods (RFC 3261 and extensions). */
#ifndef PP_SIP_METHOD_H
#define PP_SIP_METHOD_H

#include "base/str.h"

typedef enum pp_method {
    PP_METHOD_OTHER, /* a token we do not know */
    PP_INVITE,
    PP_ACK,
    PP_BYE,
    PP_CANCEL,
    PP_OPTIONS,
    PP_REGISTER,
    PP_MESSAGE,
    PP_INFO,
    PP_UPDATE,
    PP_PRACK,
    PP_REFER,
    PP_SUBSCRIBE,
    PP_NOTIFY,
    PP_PUBLISH,
    PP_METHOD_COUNT
} pp_method;

pp_method pp_method_of(pp_str name);          /* case matters (RFC 3261 section 7.1) */
const char *pp_method_name(pp_method method); /* "" for PP_METHOD_OTHER */

#endif
