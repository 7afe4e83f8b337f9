/* dcep.h - the messages that open a data channel (RFC 8832 section 5). */
#ifndef PP_SCTP_DCEP_H
#define PP_SCTP_DCEP_H

#include "base/buf.h"
#include "sctp/association.h"

enum { /* payload protocol identifiers (RFC 8831 section 8) */
       PP_PPID_DCEP = 50,
       PP_PPID_STRING = 51,
       PP_PPID_BINARY_PART = 52, /* deprecated: part of a message that ends with PP_PPID_BINARY */
       PP_PPID_BINARY = 53,
       PP_PPID_STRING_PART = 54,
       PP_PPID_STRING_EMPTY = 56, /* SCTP has no empty messages: one octet stands for none */
       PP_PPID_BINARY_EMPTY = 57
};

#define PP_DCEP_PRIORITY 256u /* "normal", RFC 8831 section 6.4 */

typedef struct pp_dcep_open { /* DATA_CHANNEL_OPEN; the texts are borrowed */
    bool unordered;
    pp_sctp_policy policy;
    uint16_t limit; /* of the policy; more than fits is as much as fits */
    uint16_t priority;
    pp_str label, protocol;
} pp_dcep_open;

bool pp_dcep_is_ack(pp_str message);
/* PIPIT_ERR_SYNTAX for anything but a whole DATA_CHANNEL_OPEN of a known type. */
int pp_dcep_parse_open(pp_str message, pp_dcep_open *out);
void pp_dcep_write_open(const pp_dcep_open *open, pp_buf *out);
void pp_dcep_write_ack(pp_buf *out);

#endif
