/* abnf.h - a strict judge of SIP messages for tests: the grammar of RFC 3261 section 25 and of the
 * extensions we print is kept as text and interpreted, so that it shares no thought with src/sip. */
#ifndef PP_TESTS_ABNF_H
#define PP_TESTS_ABNF_H

#include <stdbool.h>
#include <stddef.h>

bool abnf_has_rule(const char *rule);
/* Whether all of `text` is derived from the rule ("Via", "SIP-URI"). If not, a sentence in `why`. */
bool abnf_matches(const char *rule, const char *text, size_t size, char *why, size_t room);
/* Whether a whole message is right: its first line, each header field by its own rule, the fields
 * that must be there and those that may be there once, and a Content-Length equal to the body. */
bool abnf_sip_message(const char *text, size_t size, char *why, size_t room);
/* The same of one we have made: the branch of a request then has its cookie (section 8.1.1.7). */
bool abnf_sip_printed(const char *text, size_t size, char *why, size_t room);

#endif
