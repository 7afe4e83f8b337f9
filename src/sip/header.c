/* header.c - header names: a table by number, and the way back by length and first letter. */
#include "sip/header.h"

#include "sip/lexer.h"

#define NAME(id, name, compact, list, shape) [PP_HEADER_##id] = PP_LIT_INIT(name),
static const pp_str names[PP_HEADER_COUNT] = {[PP_HEADER_OTHER] = PP_LIT_INIT(""),
                                              PP_HEADER_TABLE(NAME)};
#undef NAME

#define LONGEST 20 /* P-Preferred-Identity */

/* All names of a length; the first letter tells most of them apart, so that a lookup compares one or two. */
static const uint8_t by_length[LONGEST + 1][12] = {
    [2] = {PP_HEADER_TO},
    [3] = {PP_HEADER_VIA},
    [4] = {PP_HEADER_CSEQ, PP_HEADER_DATE, PP_HEADER_FROM, PP_HEADER_JOIN, PP_HEADER_PATH,
           PP_HEADER_RACK, PP_HEADER_RSEQ},
    [5] = {PP_HEADER_ALLOW, PP_HEADER_EVENT, PP_HEADER_ROUTE},
    [6] = {PP_HEADER_ACCEPT, PP_HEADER_MIN_SE, PP_HEADER_REASON, PP_HEADER_SERVER},
    [7] = {PP_HEADER_CALL_ID, PP_HEADER_CONTACT, PP_HEADER_EXPIRES, PP_HEADER_PRIVACY,
           PP_HEADER_REQUIRE, PP_HEADER_SUBJECT, PP_HEADER_WARNING},
    [8] = {PP_HEADER_IDENTITY, PP_HEADER_PRIORITY, PP_HEADER_REFER_TO, PP_HEADER_REPLACES,
           PP_HEADER_REPLY_TO, PP_HEADER_SIP_ETAG},
    [9] = {PP_HEADER_CALL_INFO, PP_HEADER_DIVERSION, PP_HEADER_RECV_INFO, PP_HEADER_REFER_SUB,
           PP_HEADER_SUPPORTED, PP_HEADER_TIMESTAMP},
    [10] = {PP_HEADER_ALERT_INFO, PP_HEADER_ERROR_INFO, PP_HEADER_FLOW_TIMER, PP_HEADER_USER_AGENT},
    [11] = {PP_HEADER_ANSWER_MODE, PP_HEADER_GEOLOCATION, PP_HEADER_IN_REPLY_TO,
            PP_HEADER_MIN_EXPIRES, PP_HEADER_REFERRED_BY, PP_HEADER_RETRY_AFTER,
            PP_HEADER_UNSUPPORTED},
    [12] = {PP_HEADER_ALLOW_EVENTS, PP_HEADER_CONTENT_TYPE, PP_HEADER_FEATURE_CAPS,
            PP_HEADER_HISTORY_INFO, PP_HEADER_INFO_PACKAGE, PP_HEADER_MAX_FORWARDS,
            PP_HEADER_MIME_VERSION, PP_HEADER_ORGANIZATION, PP_HEADER_RECORD_ROUTE,
            PP_HEADER_SIP_IF_MATCH, PP_HEADER_USER_TO_USER},
    [13] = {PP_HEADER_AUTHORIZATION, PP_HEADER_IDENTITY_INFO, PP_HEADER_PROXY_REQUIRE,
            PP_HEADER_SERVICE_ROUTE, PP_HEADER_TARGET_DIALOG},
    [14] = {PP_HEADER_ACCEPT_CONTACT, PP_HEADER_CONTENT_LENGTH, PP_HEADER_REJECT_CONTACT},
    [15] = {PP_HEADER_ACCEPT_ENCODING, PP_HEADER_ACCEPT_LANGUAGE, PP_HEADER_SESSION_EXPIRES},
    [16] = {PP_HEADER_CONTENT_ENCODING, PP_HEADER_CONTENT_LANGUAGE, PP_HEADER_PRIV_ANSWER_MODE,
            PP_HEADER_WWW_AUTHENTICATE},
    [17] = {PP_HEADER_GEOLOCATION_ERROR},
    [18] = {PP_HEADER_PROXY_AUTHENTICATE, PP_HEADER_SUBSCRIPTION_STATE},
    [19] = {PP_HEADER_AUTHENTICATION_INFO, PP_HEADER_CONTENT_DISPOSITION,
            PP_HEADER_GEOLOCATION_ROUTING, PP_HEADER_P_ASSERTED_IDENTITY,
            PP_HEADER_PROXY_AUTHORIZATION, PP_HEADER_REQUEST_DISPOSITION},
    [20] = {PP_HEADER_P_PREFERRED_IDENTITY},
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
