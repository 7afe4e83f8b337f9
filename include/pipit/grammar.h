/** @file grammar.h  One header value, URI, host, start line or message taken apart. JsSIP: Grammar.parse(). */
#ifndef PIPIT_GRAMMAR_H
#define PIPIT_GRAMMAR_H

#include "pipit/name_addr.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a value is. */
typedef enum pipit_value_kind {
    PIPIT_VALUE_FIELDS,    /**< named fields, and perhaps parameters */
    PIPIT_VALUE_NAME_ADDR, /**< addresses: pipit_value_name_addr() */
    PIPIT_VALUE_URI,       /**< a URI: pipit_value_uri() */
    PIPIT_VALUE_MESSAGE    /**< a message: pipit_value_request() */
} pipit_value_kind;

/** Takes a text apart by a rule of JsSIP's grammar or by the name of a header.
 *
 *  | rule | fields |
 *  |---|---|
 *  | `SIP_URI`, `absoluteURI` (or `URI`) | the URI |
 *  | `Name_Addr_Header`, `From`, `To`, `Contact`, `Record_Route`, `Refer_To` and all like them | the address; `value` is "*" for `Contact: *` |
 *  | `host` | `host`, `host_type` ("domain", "IPv4", "IPv6") |
 *  | `quoted_string`, `uuid`, `Call_ID`, `Subject`, `Supported`, `Privacy` and other words | `value` |
 *  | `Max_Forwards`, `Expires`, `Min_Expires`, `Content_Length`, `RSeq` | `value` |
 *  | `Retry_After`, `Min_SE` | `value`, `comment` |
 *  | `Session_Expires` | `expires`, `refresher` |
 *  | `CSeq` | `value`, `method` |
 *  | `RAck` | `rseq`, `cseq`, `method` |
 *  | `Via` | `protocol`, `transport`, `host`, `host_type`, `port`, `branch`, `received`, `rport`, `ttl`, `maddr` |
 *  | `Content_Type`, `Accept` | `value` ("type/subtype" in lower case), `type`, `subtype` |
 *  | `challenge`, `WWW_Authenticate`, `Proxy_Authenticate`, `Authorization`, … | `scheme`, `token`, and each parameter without quotes: `realm`, `nonce`, `qop`, `algorithm`, `stale`, … |
 *  | `Event` | `event`, `id` |
 *  | `Subscription_State` | `state`, `reason`, `expires`, `retry_after` |
 *  | `Reason` | `protocol`, `cause`, `text` |
 *  | `Replaces`, `Join` | `call_id`, `to_tag`, `from_tag`, `early_only` |
 *  | `Warning` | `code`, `agent`, `text` |
 *  | `Date` | `value`, `unix` (seconds since 1970) |
 *  | `Timestamp` | `stamp`, `delay` |
 *  | `Identity` | `digest`, `info` |
 *  | `Status_Line` | `sip_version`, `status_code`, `reason_phrase` |
 *  | `Request_Line` | `method`, `ruri`, `sip_version` |
 *  | `Request_Response` | of the two the one it is |
 *  | `message` | the message |
 *
 *  Any header that is known may be named, with '-' or '_', in its compact form, in any letter case; one that is not known has a
 *  `value`. A list gives a member for each of its parts.
 *  @param rule  the rule or the header
 *  @param text  the value; lines may be folded
 *  @param out   yours; release with pipit_value_unref()
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT for more than 70 members or parameters, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_parse(const char *rule, const char *text, pipit_value **out);

/** @return what the value is */
PIPIT_API pipit_value_kind pipit_value_get_kind(const pipit_value *value);
/** @return how many members it has: 1, or as many as a list has; members are counted from 0 */
PIPIT_API size_t pipit_value_count(const pipit_value *value);
/** @return a field of a member, NULL when it has none of that name */
PIPIT_API const char *pipit_value_field(const pipit_value *value, size_t index, const char *name);
/** Gives a field that is a decimal number.
 *  @return 0, PIPIT_ERR_NOT_FOUND when there is none of that name, PIPIT_ERR_SYNTAX when it is no number */
PIPIT_API int pipit_value_number(const pipit_value *value, size_t index, const char *name,
                                 uint64_t *out);
/** @return whether a member has a parameter; names are found in any letter case */
PIPIT_API bool pipit_value_has_param(const pipit_value *value, size_t index, const char *name);
/** @return a parameter of a member as it is written, "" for one without a value, NULL when there is none of that name */
PIPIT_API const char *pipit_value_get_param(const pipit_value *value, size_t index,
                                            const char *name);
/** @return the address a member is, NULL when it is none; it is the value's */
PIPIT_API const pipit_name_addr *pipit_value_name_addr(const pipit_value *value, size_t index);
/** @return the URI a member is or has, NULL when there is none; it is the value's */
PIPIT_API const pipit_uri *pipit_value_uri(const pipit_value *value, size_t index);
/** @return the message it is, NULL when it is none; it is the value's */
PIPIT_API const pipit_request *pipit_value_request(const pipit_value *value);

/** @return the same value, which now must be released once more */
PIPIT_API pipit_value *pipit_value_ref(pipit_value *value);
/** @return NULL */
PIPIT_API pipit_value *pipit_value_unref(pipit_value *value);

#ifdef __cplusplus
}
#endif
#endif
