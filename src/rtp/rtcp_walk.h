/* rtcp_walk.h - between the files that read RTCP. Each function is given one packet's body, and is false for a malformed one. */
#ifndef PP_RTP_RTCP_WALK_H
#define PP_RTP_RTCP_WALK_H

#include "base/reader.h"
#include "rtp/rtcp.h"

typedef struct pp_rtcp_walk {
    const pp_rtcp_handlers *handlers;
    void *arg;
} pp_rtcp_walk;

/* feedback_parse.c; `format` is the FMT of RFC 4585 section 6.1. */
bool pp_rtcp_walk_transport_feedback(const pp_rtcp_walk *walk, unsigned format, pp_reader *r);
bool pp_rtcp_walk_payload_feedback(const pp_rtcp_walk *walk, unsigned format, pp_reader *r);
bool pp_rtcp_walk_extended_report(const pp_rtcp_walk *walk, pp_reader *r);

#endif
