/* request.h - the public view of a message that came or goes: everything a C string, in one block of its own, which is made
 * when somebody looks. */
#ifndef PP_SIP_REQUEST_H
#define PP_SIP_REQUEST_H

#include "pipit/request.h"
#include "sip/outgoing.h"

/* Keeps a reference. */
int pp_request_of_message(const pp_message *message, pipit_request **out);
/* Whether somebody besides the caller holds a reference. */
bool pp_request_is_shared(const pipit_request *request);
int pp_request_of_outgoing(const pp_outgoing *message, pipit_request **out);
/* And back: as it is now. */
int pp_outgoing_of_request(pipit_request *request, pp_outgoing **out);
/* Whether a header field or the body was set since it was made. */
bool pp_request_was_changed(const pipit_request *request);

#endif
