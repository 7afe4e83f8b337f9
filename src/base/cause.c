/* cause.c - JsSIP's texts for why something ended. */
#include "pipit/types.h"

const char *pipit_cause_name(pipit_cause cause)
{
    static const char *const names[PIPIT_CAUSE_COUNT] = {
        [PIPIT_CAUSE_NONE] = "",
        [PIPIT_CAUSE_CONNECTION_ERROR] = "Connection Error",
        [PIPIT_CAUSE_REQUEST_TIMEOUT] = "Request Timeout",
        [PIPIT_CAUSE_SIP_FAILURE_CODE] = "SIP Failure Code",
        [PIPIT_CAUSE_INTERNAL_ERROR] = "Internal Error",
        [PIPIT_CAUSE_BUSY] = "Busy",
        [PIPIT_CAUSE_REJECTED] = "Rejected",
        [PIPIT_CAUSE_REDIRECTED] = "Redirected",
        [PIPIT_CAUSE_UNAVAILABLE] = "Unavailable",
        [PIPIT_CAUSE_NOT_FOUND] = "Not Found",
        [PIPIT_CAUSE_ADDRESS_INCOMPLETE] = "Address Incomplete",
        [PIPIT_CAUSE_INCOMPATIBLE_SDP] = "Incompatible SDP",
        [PIPIT_CAUSE_MISSING_SDP] = "Missing SDP",
        [PIPIT_CAUSE_AUTHENTICATION_ERROR] = "Authentication Error",
        [PIPIT_CAUSE_BYE] = "Terminated",
        [PIPIT_CAUSE_WEBRTC_ERROR] = "WebRTC Error",
        [PIPIT_CAUSE_CANCELED] = "Canceled",
        [PIPIT_CAUSE_NO_ANSWER] = "No Answer",
        [PIPIT_CAUSE_EXPIRES] = "Expires",
        [PIPIT_CAUSE_NO_ACK] = "No ACK",
        [PIPIT_CAUSE_DIALOG_ERROR] = "Dialog Error",
        [PIPIT_CAUSE_USER_DENIED_MEDIA_ACCESS] = "User Denied Media Access",
        [PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION] = "Bad Media Description",
        [PIPIT_CAUSE_RTP_TIMEOUT] = "RTP Timeout",
    };

    return (unsigned)cause < PIPIT_CAUSE_COUNT ? names[cause] : "";
}
