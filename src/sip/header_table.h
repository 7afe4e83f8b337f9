/* header_table.h - the one table of header fields: PP_HEADER_<id>, name, compact form (IANA's registry), whether one field may
 * hold several members or only one, and the shape of a member, which names its parser and printer (typed/typed.h).
 * RFC 3261 and 3262, 3265/6665, 3311, 3323, 3325-3327, 3515, 3608, 3840, 3841, 3891, 3892, 3903, 3911, 4028, 4488, 4538,
 * 5373, 5626, 5627, 5806, 6086, 6442, 6809, 7044, 7433, 8224, 8599, 8760, 8898.
 * Challenges and credentials stand alone in a field, for their own parameters have commas between them (section 7.3.1). */
#ifndef PP_SIP_HEADER_TABLE_H
#define PP_SIP_HEADER_TABLE_H

/* clang-format off */
#define PP_HEADER_TABLE(X) \
    X(ACCEPT, "Accept", 0, LIST, MEDIA_TYPE) \
    X(ACCEPT_CONTACT, "Accept-Contact", 'a', LIST, PARAMS) \
    X(ACCEPT_ENCODING, "Accept-Encoding", 0, LIST, PARAMS) \
    X(ACCEPT_LANGUAGE, "Accept-Language", 0, LIST, PARAMS) \
    X(ALERT_INFO, "Alert-Info", 0, LIST, ADDRESS) \
    X(ALLOW, "Allow", 0, LIST, TOKEN) \
    X(ALLOW_EVENTS, "Allow-Events", 'u', LIST, TOKEN) \
    X(ANSWER_MODE, "Answer-Mode", 0, SINGLE, PARAMS) \
    X(AUTHENTICATION_INFO, "Authentication-Info", 0, SINGLE, AUTH_INFO) \
    X(AUTHORIZATION, "Authorization", 0, SINGLE, AUTH) \
    X(CALL_ID, "Call-ID", 'i', SINGLE, WORD) \
    X(CALL_INFO, "Call-Info", 0, LIST, ADDRESS) \
    X(CONTACT, "Contact", 'm', LIST, CONTACT) \
    X(CONTENT_DISPOSITION, "Content-Disposition", 0, SINGLE, PARAMS) \
    X(CONTENT_ENCODING, "Content-Encoding", 'e', LIST, TOKEN) \
    X(CONTENT_LANGUAGE, "Content-Language", 0, LIST, TOKEN) \
    X(CONTENT_LENGTH, "Content-Length", 'l', SINGLE, NUMBER) \
    X(CONTENT_TYPE, "Content-Type", 'c', SINGLE, MEDIA_TYPE) \
    X(CSEQ, "CSeq", 0, SINGLE, CSEQ) \
    X(DATE, "Date", 0, SINGLE, DATE) \
    X(DIVERSION, "Diversion", 0, LIST, ADDRESS) \
    X(ERROR_INFO, "Error-Info", 0, LIST, ADDRESS) \
    X(EVENT, "Event", 'o', SINGLE, EVENT) \
    X(EXPIRES, "Expires", 0, SINGLE, NUMBER) \
    X(FEATURE_CAPS, "Feature-Caps", 0, LIST, PARAMS) \
    X(FLOW_TIMER, "Flow-Timer", 0, SINGLE, NUMBER) \
    X(FROM, "From", 'f', SINGLE, ADDRESS) \
    X(GEOLOCATION, "Geolocation", 0, LIST, ADDRESS) \
    X(GEOLOCATION_ERROR, "Geolocation-Error", 0, SINGLE, DELTA) \
    X(GEOLOCATION_ROUTING, "Geolocation-Routing", 0, SINGLE, PARAMS) \
    X(HISTORY_INFO, "History-Info", 0, LIST, ADDRESS) \
    X(IDENTITY, "Identity", 'y', SINGLE, IDENTITY) \
    X(IDENTITY_INFO, "Identity-Info", 'n', SINGLE, ADDRESS) \
    X(IN_REPLY_TO, "In-Reply-To", 0, LIST, WORD) \
    X(INFO_PACKAGE, "Info-Package", 0, SINGLE, PARAMS) \
    X(JOIN, "Join", 0, SINGLE, REPLACES) \
    X(MAX_FORWARDS, "Max-Forwards", 0, SINGLE, NUMBER) \
    X(MIME_VERSION, "MIME-Version", 0, SINGLE, TOKEN) \
    X(MIN_EXPIRES, "Min-Expires", 0, SINGLE, NUMBER) \
    X(MIN_SE, "Min-SE", 0, SINGLE, DELTA) \
    X(ORGANIZATION, "Organization", 0, SINGLE, TEXT) \
    X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0, LIST, ADDRESS) \
    X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", 0, LIST, ADDRESS) \
    X(PATH, "Path", 0, LIST, ADDRESS) \
    X(PRIORITY, "Priority", 0, SINGLE, TOKEN) \
    X(PRIV_ANSWER_MODE, "Priv-Answer-Mode", 0, SINGLE, PARAMS) \
    X(PRIVACY, "Privacy", 0, SINGLE, PARAMS) \
    X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, SINGLE, AUTH) \
    X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0, SINGLE, AUTH) \
    X(PROXY_REQUIRE, "Proxy-Require", 0, LIST, TOKEN) \
    X(RACK, "RAck", 0, SINGLE, RACK) \
    X(REASON, "Reason", 0, LIST, REASON) \
    X(RECORD_ROUTE, "Record-Route", 0, LIST, ADDRESS) \
    X(RECV_INFO, "Recv-Info", 0, LIST, PARAMS) \
    X(REFER_SUB, "Refer-Sub", 0, SINGLE, PARAMS) \
    X(REFER_TO, "Refer-To", 'r', SINGLE, ADDRESS) \
    X(REFERRED_BY, "Referred-By", 'b', SINGLE, ADDRESS) \
    X(REJECT_CONTACT, "Reject-Contact", 'j', LIST, PARAMS) \
    X(REPLACES, "Replaces", 0, SINGLE, REPLACES) \
    X(REPLY_TO, "Reply-To", 0, SINGLE, ADDRESS) \
    X(REQUEST_DISPOSITION, "Request-Disposition", 'd', LIST, TOKEN) \
    X(REQUIRE, "Require", 0, LIST, TOKEN) \
    X(RETRY_AFTER, "Retry-After", 0, SINGLE, DELTA) \
    X(ROUTE, "Route", 0, LIST, ADDRESS) \
    X(RSEQ, "RSeq", 0, SINGLE, NUMBER) \
    X(SERVER, "Server", 0, SINGLE, TEXT) \
    X(SERVICE_ROUTE, "Service-Route", 0, LIST, ADDRESS) \
    X(SESSION_EXPIRES, "Session-Expires", 'x', SINGLE, SESSION_EXPIRES) \
    X(SIP_ETAG, "SIP-ETag", 0, SINGLE, TOKEN) \
    X(SIP_IF_MATCH, "SIP-If-Match", 0, SINGLE, TOKEN) \
    X(SUBJECT, "Subject", 's', SINGLE, TEXT) \
    X(SUBSCRIPTION_STATE, "Subscription-State", 0, SINGLE, SUBSCRIPTION_STATE) \
    X(SUPPORTED, "Supported", 'k', LIST, TOKEN) \
    X(TARGET_DIALOG, "Target-Dialog", 0, SINGLE, DIALOG) \
    X(TIMESTAMP, "Timestamp", 0, SINGLE, TIMESTAMP) \
    X(TO, "To", 't', SINGLE, ADDRESS) \
    X(UNSUPPORTED, "Unsupported", 0, LIST, TOKEN) \
    X(USER_AGENT, "User-Agent", 0, SINGLE, TEXT) \
    X(USER_TO_USER, "User-to-User", 0, LIST, UUI) \
    X(VIA, "Via", 'v', LIST, VIA) \
    X(WARNING, "Warning", 0, LIST, WARNING) \
    X(WWW_AUTHENTICATE, "WWW-Authenticate", 0, SINGLE, AUTH)
/* clang-format on */

#endif
