/* torture.h - the tables beside the messages of RFC 4475 and RFC 5118: what each should get. */
#ifndef PP_TESTS_TORTURE_H
#define PP_TESTS_TORTURE_H

#include "base/str.h"

typedef struct torture {
    const char *folder; /* of the messages */
    pp_str file, kind;  /* "wsinv.dat", "INVITE" or "response 200" */
    pp_str ua,
        ua_also; /* what a user agent answers: "481", "180|404", "drop", "any"; and what is fine, too */
    pp_str server; /* what a registrar or proxy does, in words */
    pp_str wire;   /* the message */
} torture;

/* Each row of both tables with its message; those of RFC 5118 in their corrected form. */
void torture_each(void (*each)(const torture *row, void *arg), void *arg);
/* Whether "180|404" names a status; "drop" is 0, and "any" is any. */
bool torture_names(pp_str alternatives, int status);
/* Of a row without any claim: only no harm is asked for. */
bool torture_claims_nothing(const torture *row);

#endif
