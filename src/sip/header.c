/* header.c - header names: a table by number, and the way back by length and first letter. */
#include "sip/header.h"

#include "sip/lexer.h"

static const pp_str names[PP_HEADER_COUNT] = {
    [PP_HEADER_OTHER] = PP_LIT_INIT(""),
    [PP_HEADER_ACCEPT] = PP_LIT_INIT("Accept"),
    [PP_HEADER_ACCEPT_CONTACT] = PP_LIT_INIT("Accept-Contact"),
    [PP_HEADER_ALERT_INFO] = PP_LIT_INIT("Alert-Info"),
    [PP_HEADER_ALLOW] = PP_LIT_INIT("Allow"),
    [PP_HEADER_ALLOW_EVENTS] = PP_LIT_INIT("Allow-Events"),
    [PP_HEADER_AUTHORIZATION] = PP_LIT_INIT("Authorization"),
    [PP_HEADER_CALL_ID] = PP_LIT_INIT("Call-ID"),
    [PP_HEADER_CALL_INFO] = PP_LIT_INIT("Call-Info"),
    [PP_HEADER_CONTACT] = PP_LIT_INIT("Contact"),
    [PP_HEADER_CONTENT_DISPOSITION] = PP_LIT_INIT("Content-Disposition"),
    [PP_HEADER_CONTENT_ENCODING] = PP_LIT_INIT("Content-Encoding"),
    [PP_HEADER_CONTENT_LENGTH] = PP_LIT_INIT("Content-Length"),
    [PP_HEADER_CONTENT_TYPE] = PP_LIT_INIT("Content-Type"),
    [PP_HEADER_CSEQ] = PP_LIT_INIT("CSeq"),
    [PP_HEADER_DATE] = PP_LIT_INIT("Date"),
    [PP_HEADER_EVENT] = PP_LIT_INIT("Event"),
    [PP_HEADER_EXPIRES] = PP_LIT_INIT("Expires"),
    [PP_HEADER_FROM] = PP_LIT_INIT("From"),
    [PP_HEADER_IDENTITY] = PP_LIT_INIT("Identity"),
    [PP_HEADER_IDENTITY_INFO] = PP_LIT_INIT("Identity-Info"),
    [PP_HEADER_MAX_FORWARDS] = PP_LIT_INIT("Max-Forwards"),
    [PP_HEADER_MIN_EXPIRES] = PP_LIT_INIT("Min-Expires"),
    [PP_HEADER_MIN_SE] = PP_LIT_INIT("Min-SE"),
    [PP_HEADER_PATH] = PP_LIT_INIT("Path"),
    [PP_HEADER_PROXY_AUTHENTICATE] = PP_LIT_INIT("Proxy-Authenticate"),
    [PP_HEADER_PROXY_AUTHORIZATION] = PP_LIT_INIT("Proxy-Authorization"),
    [PP_HEADER_PROXY_REQUIRE] = PP_LIT_INIT("Proxy-Require"),
    [PP_HEADER_RACK] = PP_LIT_INIT("RAck"),
    [PP_HEADER_REASON] = PP_LIT_INIT("Reason"),
    [PP_HEADER_RECORD_ROUTE] = PP_LIT_INIT("Record-Route"),
    [PP_HEADER_REFER_TO] = PP_LIT_INIT("Refer-To"),
    [PP_HEADER_REFERRED_BY] = PP_LIT_INIT("Referred-By"),
    [PP_HEADER_REJECT_CONTACT] = PP_LIT_INIT("Reject-Contact"),
    [PP_HEADER_REPLACES] = PP_LIT_INIT("Replaces"),
    [PP_HEADER_REQUEST_DISPOSITION] = PP_LIT_INIT("Request-Disposition"),
    [PP_HEADER_REQUIRE] = PP_LIT_INIT("Require"),
    [PP_HEADER_RETRY_AFTER] = PP_LIT_INIT("Retry-After"),
    [PP_HEADER_ROUTE] = PP_LIT_INIT("Route"),
    [PP_HEADER_RSEQ] = PP_LIT_INIT("RSeq"),
    [PP_HEADER_SERVER] = PP_LIT_INIT("Server"),
    [PP_HEADER_SERVICE_ROUTE] = PP_LIT_INIT("Service-Route"),
    [PP_HEADER_SESSION_EXPIRES] = PP_LIT_INIT("Session-Expires"),
    [PP_HEADER_SUBJECT] = PP_LIT_INIT("Subject"),
    [PP_HEADER_SUBSCRIPTION_STATE] = PP_LIT_INIT("Subscription-State"),
    [PP_HEADER_SUPPORTED] = PP_LIT_INIT("Supported"),
    [PP_HEADER_TIMESTAMP] = PP_LIT_INIT("Timestamp"),
    [PP_HEADER_TO] = PP_LIT_INIT("To"),
    [PP_HEADER_UNSUPPORTED] = PP_LIT_INIT("Unsupported"),
    [PP_HEADER_USER_AGENT] = PP_LIT_INIT("User-Agent"),
    [PP_HEADER_VIA] = PP_LIT_INIT("Via"),
    [PP_HEADER_WARNING] = PP_LIT_INIT("Warning"),
    [PP_HEADER_WWW_AUTHENTICATE] = PP_LIT_INIT("WWW-Authenticate"),
};

#define LONGEST 19 /* Content-Disposition */

/* All names of a length; the first letter tells most of them apart, so that a lookup compares one or two. */
static const uint8_t by_length[LONGEST + 1][8] = {
    [2] = {PP_HEADER_TO},
    [3] = {PP_HEADER_VIA},
    [4] = {PP_HEADER_CSEQ, PP_HEADER_FROM, PP_HEADER_DATE, PP_HEADER_PATH, PP_HEADER_RACK,
           PP_HEADER_RSEQ},
    [5] = {PP_HEADER_ALLOW, PP_HEADER_ROUTE, PP_HEADER_EVENT},
    [6] = {PP_HEADER_ACCEPT, PP_HEADER_SERVER, PP_HEADER_REASON, PP_HEADER_MIN_SE},
    [7] = {PP_HEADER_CALL_ID, PP_HEADER_CONTACT, PP_HEADER_EXPIRES, PP_HEADER_REQUIRE,
           PP_HEADER_SUBJECT, PP_HEADER_WARNING},
    [8] = {PP_HEADER_REFER_TO, PP_HEADER_REPLACES, PP_HEADER_IDENTITY},
    [9] = {PP_HEADER_SUPPORTED, PP_HEADER_CALL_INFO, PP_HEADER_TIMESTAMP},
    [10] = {PP_HEADER_USER_AGENT, PP_HEADER_ALERT_INFO},
    [11] = {PP_HEADER_MIN_EXPIRES, PP_HEADER_REFERRED_BY, PP_HEADER_RETRY_AFTER,
            PP_HEADER_UNSUPPORTED},
    [12] = {PP_HEADER_MAX_FORWARDS, PP_HEADER_CONTENT_TYPE, PP_HEADER_RECORD_ROUTE,
            PP_HEADER_ALLOW_EVENTS},
    [13] = {PP_HEADER_AUTHORIZATION, PP_HEADER_PROXY_REQUIRE, PP_HEADER_SERVICE_ROUTE,
            PP_HEADER_IDENTITY_INFO},
    [14] = {PP_HEADER_CONTENT_LENGTH, PP_HEADER_ACCEPT_CONTACT, PP_HEADER_REJECT_CONTACT},
    [15] = {PP_HEADER_SESSION_EXPIRES},
    [16] = {PP_HEADER_WWW_AUTHENTICATE, PP_HEADER_CONTENT_ENCODING},
    [18] = {PP_HEADER_PROXY_AUTHENTICATE, PP_HEADER_SUBSCRIPTION_STATE},
    [19] = {PP_HEADER_PROXY_AUTHORIZATION, PP_HEADER_CONTENT_DISPOSITION,
            PP_HEADER_REQUEST_DISPOSITION},
};

/* Compact forms (the IANA registry of SIP header fields). */
static const uint8_t by_letter[26] = {
    ['a' - 'a'] = PP_HEADER_ACCEPT_CONTACT,
    ['b' - 'a'] = PP_HEADER_REFERRED_BY,
    ['c' - 'a'] = PP_HEADER_CONTENT_TYPE,
    ['d' - 'a'] = PP_HEADER_REQUEST_DISPOSITION,
    ['e' - 'a'] = PP_HEADER_CONTENT_ENCODING,
    ['f' - 'a'] = PP_HEADER_FROM,
    ['i' - 'a'] = PP_HEADER_CALL_ID,
    ['j' - 'a'] = PP_HEADER_REJECT_CONTACT,
    ['k' - 'a'] = PP_HEADER_SUPPORTED,
    ['l' - 'a'] = PP_HEADER_CONTENT_LENGTH,
    ['m' - 'a'] = PP_HEADER_CONTACT,
    ['n' - 'a'] = PP_HEADER_IDENTITY_INFO,
    ['o' - 'a'] = PP_HEADER_EVENT,
    ['r' - 'a'] = PP_HEADER_REFER_TO,
    ['s' - 'a'] = PP_HEADER_SUBJECT,
    ['t' - 'a'] = PP_HEADER_TO,
    ['u' - 'a'] = PP_HEADER_ALLOW_EVENTS,
    ['v' - 'a'] = PP_HEADER_VIA,
    ['x' - 'a'] = PP_HEADER_SESSION_EXPIRES,
    ['y' - 'a'] = PP_HEADER_IDENTITY,
};

pp_header_id pp_header_id_of(pp_str name)
{
    char first = name.n ? pp_lower(name.p[0]) : '\0';

    if (name.n == 1)
        return first >= 'a' && first <= 'z' ? (pp_header_id)by_letter[first - 'a']
                                            : PP_HEADER_OTHER;
    if (name.n < 1 || name.n > LONGEST)
        return PP_HEADER_OTHER;
    for (const uint8_t *id = by_length[name.n]; *id; id++) {
        const char *candidate = names[*id].p;
        if (pp_lower(candidate[0]) == first &&
            (memcmp(candidate, name.p, name.n) == 0 || pp_str_ieq(names[*id], name)))
            return (pp_header_id)*id;
    }
    return PP_HEADER_OTHER;
}

const char *pp_header_name(pp_header_id id)
{
    return (unsigned)id < PP_HEADER_COUNT ? names[id].p : "";
}
