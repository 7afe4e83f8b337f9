/* emit.c - what the application hears of its registration. */
#include "pipit/request.h"
#include "sip/status.h"
#include "ua/trace.h"
#include "ua/ua.h"

#include <stdio.h>

#define REASON_SIZE 160u

void pp_registrator_emit_registered(pipit_ua *ua, const pp_message *response)
{
    pipit_registered_event event = {.response = pp_ua_show(response)};

    pp_ua_trace_state(ua, "registration", "registered");
    PP_UA_EMIT(ua, registered, &event);
    pipit_request_unref(event.response);
}

static const char *reason_of(const pp_registration_end *end, char out[REASON_SIZE])
{
    if (end->reason)
        return end->reason;
    if (!end->response)
        return pipit_cause_name(end->cause);
    snprintf(out, REASON_SIZE, "the registrar answered %d %s", end->response->status,
             pp_status_phrase(end->response->status));
    return out;
}

void pp_registrator_emit_unregistered(pipit_ua *ua, const pp_registration_end *end)
{
    char reason[REASON_SIZE];
    pipit_unregistered_event event = {.response = pp_ua_show(end->response),
                                      .cause = end->cause,
                                      .reason = reason_of(end, reason),
                                      .retry_in = end->retry_in_s};

    pp_ua_trace_state(ua, "registration", "unregistered");
    PP_UA_EMIT(ua, unregistered, &event);
    pipit_request_unref(event.response);
}

void pp_registrator_emit_failed(pipit_ua *ua, const pp_registration_end *end)
{
    char reason[REASON_SIZE];
    pipit_unregistered_event event = {.response = pp_ua_show(end->response),
                                      .cause = end->cause,
                                      .reason = reason_of(end, reason),
                                      .retry_in = end->retry_in_s};

    pp_ua_trace_state(ua, "registration", "failed");
    PP_UA_EMIT(ua, registration_failed, &event);
    pipit_request_unref(event.response);
}
