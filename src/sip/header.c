/* header.c - header names: a table by number, and the way back by length. */
#include "sip/header.h"

#include "sip/lexer.h"

#define NAME(id, name, compact, list, shape) [PP_HEADER_##id] = PP_LIT_INIT(name),
static const pp_str names[PP_HEADER_COUNT] = {[PP_HEADER_OTHER] = PP_LIT_INIT(""),
                                              PP_HEADER_TABLE(NAME)};
#undef NAME

#define LONGEST 20 /* P-Preferred-Identity */

/* All names of a length, those that are met most before the others. */
static const uint8_t by_length[LONGEST + 1][12] = {
    [2] = {PP_HEADER_TO},
    [3] = {PP_HEADER_VIA},
    [4] = {PP_HEADER_CSEQ, PP_HEADER_FROM, PP_HEADER_DATE, PP_HEADER_PATH, PP_HEADER_RACK,
           PP_HEADER_RSEQ, PP_HEADER_JOIN},
    [5] = {PP_HEADER_ROUTE, PP_HEADER_ALLOW, PP_HEADER_EVENT},
    [6] = {PP_HEADER_SERVER, PP_HEADER_REASON, PP_HEADER_ACCEPT, PP_HEADER_MIN_SE},
    [7] = {PP_HEADER_CALL_ID, PP_HEADER_CONTACT, PP_HEADER_EXPIRES, PP_HEADER_PRIVACY,
           PP_HEADER_REQUIRE, PP_HEADER_SUBJECT, PP_HEADER_WARNING},
    [8] = {PP_HEADER_IDENTITY, PP_HEADER_PRIORITY, PP_HEADER_REFER_TO, PP_HEADER_REPLACES,
           PP_HEADER_REPLY_TO, PP_HEADER_SIP_ETAG},
    [9] = {PP_HEADER_SUPPORTED, PP_HEADER_TIMESTAMP, PP_HEADER_CALL_INFO, PP_HEADER_RECV_INFO,
           PP_HEADER_REFER_SUB, PP_HEADER_DIVERSION},
    [10] = {PP_HEADER_USER_AGENT, PP_HEADER_FLOW_TIMER, PP_HEADER_ALERT_INFO, PP_HEADER_ERROR_INFO},
    [11] = {PP_HEADER_ANSWER_MODE, PP_HEADER_GEOLOCATION, PP_HEADER_IN_REPLY_TO,
            PP_HEADER_MIN_EXPIRES, PP_HEADER_REFERRED_BY, PP_HEADER_RETRY_AFTER,
            PP_HEADER_UNSUPPORTED},
    [12] = {PP_HEADER_MAX_FORWARDS, PP_HEADER_CONTENT_TYPE, PP_HEADER_RECORD_ROUTE,
            PP_HEADER_ALLOW_EVENTS, PP_HEADER_HISTORY_INFO, PP_HEADER_FEATURE_CAPS,
            PP_HEADER_INFO_PACKAGE, PP_HEADER_MIME_VERSION, PP_HEADER_ORGANIZATION,
            PP_HEADER_SIP_IF_MATCH, PP_HEADER_USER_TO_USER},
    [13] = {PP_HEADER_AUTHORIZATION, PP_HEADER_IDENTITY_INFO, PP_HEADER_PROXY_REQUIRE,
            PP_HEADER_SERVICE_ROUTE, PP_HEADER_TARGET_DIALOG},
    [14] = {PP_HEADER_CONTENT_LENGTH, PP_HEADER_ACCEPT_CONTACT, PP_HEADER_REJECT_CONTACT},
    [15] = {PP_HEADER_SESSION_EXPIRES, PP_HEADER_ACCEPT_ENCODING, PP_HEADER_ACCEPT_LANGUAGE},
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

static pp_header_id of_letter(char letter)
{
    return letter >= 'a' && letter <= 'z' ? (pp_header_id)by_letter[letter - 'a'] : PP_HEADER_OTHER;
}

/* `size` octets, 2, 4 or 8, as a number. */
static inline __attribute__((always_inline)) uint64_t load(const char *p, size_t size)
{
    uint64_t octets = 0;

    memcpy(&octets, p, size);
    return octets;
}

_Static_assert(LONGEST <= 24, "find_usual() compares three times eight octets");

/* Among names as they are usually written. The first octets and the last are compared at once: they overlap in names of up to twice
 * their number; in longer ones, which have three times as many at most, those behind the first are compared too. */
static inline __attribute__((always_inline)) pp_header_id find_usual(const uint8_t *id, pp_str name,
                                                                     size_t size)
{
    uint64_t first = load(name.p, size), last = load(name.p + name.n - size, size);

    for (; *id; id++) {
        const char *candidate = names[*id].p;
        if (load(candidate, size) == first && load(candidate + name.n - size, size) == last &&
            (name.n <= 2 * size || load(candidate + size, size) == load(name.p + size, size)))
            return (pp_header_id)*id;
    }
    return PP_HEADER_OTHER;
}

static __attribute__((noinline)) pp_header_id find_in_any_case(const uint8_t *id, pp_str name)
{
    for (; *id; id++)
        if (pp_str_ieq(names[*id], name))
            return (pp_header_id)*id;
    return PP_HEADER_OTHER;
}

pp_header_id pp_header_id_of(pp_str name)
{
    const uint8_t *candidates = by_length[name.n <= LONGEST ? name.n : 0];
    pp_header_id id;

    if (name.n >= 8)
        id = find_usual(candidates, name, 8);
    else if (name.n >= 4)
        id = find_usual(candidates, name, 4);
    else if (name.n >= 2)
        id = find_usual(candidates, name, 2);
    else
        return name.n == 1 ? of_letter(pp_lower(name.p[0])) : PP_HEADER_OTHER;
    return id != PP_HEADER_OTHER ? id : find_in_any_case(candidates, name);
}

const char *pp_header_name(pp_header_id id)
{
    return (unsigned)id < PP_HEADER_COUNT ? names[id].p : "";
}
