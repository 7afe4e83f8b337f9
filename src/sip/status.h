/* status.h - status codes: their phrases and JsSIP's cause for each. */
#ifndef PP_SIP_STATUS_H
#define PP_SIP_STATUS_H

#include "pipit/types.h"

const char *pp_status_phrase(int status); /* "Busy Here"; "" for an unknown code */
pipit_cause pp_status_cause(int status);  /* of 300 and above: JsSIP's SIP_ERROR_CAUSES */

#endif
