/** @file uri.h  SIP URIs (RFC 3261 section 19.1) as people type them. */
#ifndef PIPIT_URI_H
#define PIPIT_URI_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Makes a full SIP URI of what a person types: "bob", "+1 (555) 010", "bob@example.com", "sip:bob@example.com".
 *  @param target  the text
 *  @param domain  host appended when the text has none; NULL: then such a text is refused
 *  @param out     yours; free with pipit_free()
 *  @return 0, PIPIT_ERR_SYNTAX when it cannot become a SIP URI, PIPIT_ERR_MEMORY
 *  JsSIP: Utils.normalizeTarget() */
PIPIT_API int pipit_normalize_target(const char *target, const char *domain, char **out);

#ifdef __cplusplus
}
#endif
#endif
