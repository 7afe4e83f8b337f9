/* status.c - phrases and causes of status codes (the IANA registry, and what is seen beyond it). */
#include "sip/status.h"

#include "pipit/request.h"

static const struct phrase {
    int status;
    const char *text;
} phrases[] = {
    {100, "Trying"},
    {180, "Ringing"},
    {181, "Call Is Being Forwarded"},
    {182, "Queued"},
    {183, "Session Progress"},
    {199, "Early Dialog Terminated"},
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Notification"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Moved Temporarily"},
    {305, "Use Proxy"},
    {380, "Alternative Service"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {410, "Gone"},
    {412, "Conditional Request Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Unsupported URI Scheme"},
    {417, "Unknown Resource-Priority"},
    {420, "Bad Extension"},
    {421, "Extension Required"},
    {422, "Session Interval Too Small"},
    {423, "Interval Too Brief"},
    {424, "Bad Location Information"},
    {428, "Use Identity Header"},
    {429, "Provide Referrer Identity"},
    {430, "Flow Failed"},
    {433, "Anonymity Disallowed"},
    {436, "Bad Identity-Info"},
    {437, "Unsupported Certificate"},
    {438, "Invalid Identity Header"},
    {439, "First Hop Lacks Outbound Support"},
    {440, "Max-Breadth Exceeded"},
    {469, "Bad Info Package"},
    {470, "Consent Needed"},
    {478, "Unresolvable Destination"},
    {480, "Temporarily Unavailable"},
    {481, "Call/Transaction Does Not Exist"},
    {482, "Loop Detected"},
    {483, "Too Many Hops"},
    {484, "Address Incomplete"},
    {485, "Ambiguous"},
    {486, "Busy Here"},
    {487, "Request Terminated"},
    {488, "Not Acceptable Here"},
    {489, "Bad Event"},
    {491, "Request Pending"},
    {493, "Undecipherable"},
    {494, "Security Agreement Required"},
    {500, "Server Internal Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Server Time-out"},
    {505, "Version Not Supported"},
    {513, "Message Too Large"},
    {580, "Precondition Failure"},
    {600, "Busy Everywhere"},
    {603, "Decline"},
    {604, "Does Not Exist Anywhere"},
    {606, "Not Acceptable"},
    {607, "Unwanted"},
};

const char *pp_status_phrase(int status)
{
    for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
        if (phrases[i].status == status)
            return phrases[i].text;
    return "";
}

pipit_cause pp_status_cause(int status)
{
    switch (status) {
    case 300:
    case 301:
    case 302:
    case 305:
    case 380:
        return PIPIT_CAUSE_REDIRECTED;
    case 486:
    case 600:
        return PIPIT_CAUSE_BUSY;
    case 403:
    case 603:
        return PIPIT_CAUSE_REJECTED;
    case 404:
    case 604:
        return PIPIT_CAUSE_NOT_FOUND;
    case 408:
    case 410:
    case 430:
    case 480:
        return PIPIT_CAUSE_UNAVAILABLE;
    case 424:
    case 484:
        return PIPIT_CAUSE_ADDRESS_INCOMPLETE;
    case 488:
    case 606:
        return PIPIT_CAUSE_INCOMPATIBLE_SDP;
    case 401:
    case 407:
        return PIPIT_CAUSE_AUTHENTICATION_ERROR;
    default:
        return PIPIT_CAUSE_SIP_FAILURE_CODE;
    }
}

const char *pipit_reason_phrase(int status_code)
{
    return pp_status_phrase(status_code);
}

pipit_cause pipit_status_cause(int status_code)
{
    return status_code < 300 ? PIPIT_CAUSE_NONE : pp_status_cause(status_code);
}
