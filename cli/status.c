/* status.c - which exit status a failure has. */
#include "cli/status.h"

enum status status_of_cause(pipit_cause cause)
{
    switch (cause) {
    case PIPIT_CAUSE_NONE:
    case PIPIT_CAUSE_BYE:
        return STATUS_OK;
    case PIPIT_CAUSE_AUTHENTICATION_ERROR:
        return STATUS_AUTHENTICATION;
    case PIPIT_CAUSE_CONNECTION_ERROR:
        return STATUS_CONNECTION;
    case PIPIT_CAUSE_INCOMPATIBLE_SDP:
    case PIPIT_CAUSE_MISSING_SDP:
    case PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION:
    case PIPIT_CAUSE_WEBRTC_ERROR:
    case PIPIT_CAUSE_USER_DENIED_MEDIA_ACCESS:
    case PIPIT_CAUSE_RTP_TIMEOUT:
        return STATUS_MEDIA;
    case PIPIT_CAUSE_REQUEST_TIMEOUT:
    case PIPIT_CAUSE_NO_ANSWER:
    case PIPIT_CAUSE_EXPIRES:
    case PIPIT_CAUSE_NO_ACK:
        return STATUS_TIMEOUT;
    case PIPIT_CAUSE_INTERNAL_ERROR:
    case PIPIT_CAUSE_DIALOG_ERROR:
        return STATUS_INTERNAL;
    default:
        return STATUS_REFUSED;
    }
}

enum status status_of_error(int error)
{
    switch (error) {
    case 0:
        return STATUS_OK;
    case PIPIT_ERR_ARGUMENT:
    case PIPIT_ERR_SYNTAX:
    case PIPIT_ERR_CONFIGURATION:
        return STATUS_USAGE;
    case PIPIT_ERR_AUTHENTICATION:
        return STATUS_AUTHENTICATION;
    case PIPIT_ERR_CONNECTION:
    case PIPIT_ERR_TLS:
        return STATUS_CONNECTION;
    case PIPIT_ERR_NOT_FOUND:
    case PIPIT_ERR_IO:
    case PIPIT_ERR_MEDIA:
    case PIPIT_ERR_NOT_SUPPORTED:
        return STATUS_MEDIA;
    case PIPIT_ERR_TIMEOUT:
        return STATUS_TIMEOUT;
    default:
        return STATUS_INTERNAL;
    }
}
