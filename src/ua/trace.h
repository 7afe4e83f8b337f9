/* trace.h - what went over the wire, as records without secrets. */
#ifndef PP_UA_TRACE_H
#define PP_UA_TRACE_H

#include "base/buf.h"
#include "ua/ua.h"

/* Writes a SIP message with the values of Authorization and Proxy-Authorization and of a=ice-pwd, a=crypto and k= lines
 * replaced by "***". */
void pp_redact(pp_str text, pp_buf *out);

/* Nothing when nobody traces. */
void pp_ua_trace_message(pipit_ua *ua, pipit_trace_kind kind, pp_str wire);
void pp_ua_trace_state(pipit_ua *ua, const char *object, const char *state);

#endif
