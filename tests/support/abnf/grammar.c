/* grammar.c - RFC 3261 section 25 with its errata, and the extensions that a user agent prints.
 * Where the RFC has a general form beside named ones, as in via-params, the general one does not
 * take the names: so `;ttl=x` is wrong, and not an extension. */
#include "support/abnf/inside.h"

const char *const abnf_rules[] = {
    /* RFC 5234 appendix B.1, RFC 3261 section 25.1 */
    "ALPHA = %x41-5A / %x61-7A",
    "DIGIT = %x30-39",
    "HEXDIG = DIGIT / %x41-46 / %x61-66",
    "LHEX = DIGIT / %x61-66",
    "SP = %x20",
    "WSP = %x20 / %x09",
    "CRLF = %x0D %x0A",
    "DQUOTE = %x22",
    "alphanum = ALPHA / DIGIT",
    "reserved = ';' / '/' / '?' / ':' / '@' / '&' / '=' / '+' / '$' / ','",
    "mark = '-' / '_' / '.' / '!' / '~' / '*' / %x27 / '(' / ')'",
    "unreserved = alphanum / mark",
    "escaped = '%' HEXDIG HEXDIG",
    "LWS = [ *WSP CRLF ] 1*WSP",
    "SWS = [ LWS ]",
    "TEXT-UTF8-TRIM = 1*TEXT-UTF8char *( *LWS TEXT-UTF8char )",
    "TEXT-UTF8char = %x21-7E / UTF8-NONASCII",
    "UTF8-NONASCII = %xC0-DF UTF8-CONT / %xE0-EF 2UTF8-CONT / %xF0-F7 3UTF8-CONT"
    " / %xF8-FB 4UTF8-CONT / %xFC-FD 5UTF8-CONT",
    "UTF8-CONT = %x80-BF",
    "tchar = alphanum / '-' / '.' / '!' / '%' / '*' / '_' / '+' / '`' / %x27 / '~'",
    "token = 1*tchar",
    "word = 1*( tchar / '(' / ')' / '<' / '>' / ':' / '\\' / DQUOTE / '/' / '[' / ']' / '?' / '{'"
    " / '}' )",
    "STAR = SWS '*' SWS",
    "SLASH = SWS '/' SWS",
    "EQUAL = SWS '=' SWS",
    "LPAREN = SWS '(' SWS",
    "RPAREN = SWS ')' SWS",
    "RAQUOT = '>' SWS",
    "LAQUOT = SWS '<'",
    "COMMA = SWS ',' SWS",
    "SEMI = SWS ';' SWS",
    "COLON = SWS ':' SWS",
    "LDQUOT = SWS DQUOTE",
    "RDQUOT = DQUOTE SWS",
    "comment = LPAREN *( ctext / quoted-pair / comment ) RPAREN",
    "ctext = %x21-27 / %x2A-5B / %x5D-7E / UTF8-NONASCII / LWS",
    "quoted-string = SWS quoted-text",
    "quoted-text = DQUOTE *( qdtext / quoted-pair ) DQUOTE",
    "qdtext = LWS / %x21 / %x23-5B / %x5D-7E / UTF8-NONASCII",
    "quoted-pair = '\\' ( %x00-09 / %x0B-0C / %x0E-7F )",

    /* URIs */
    "SIP-URI = 'sip:' sip-rest",
    "SIPS-URI = 'sips:' sip-rest",
    "sip-rest = [ userinfo ] hostport uri-parameters [ headers ]",
    "userinfo = user [ ':' password ] '@'",
    "user = 1*( unreserved / escaped / user-unreserved )",
    "user-unreserved = '&' / '=' / '+' / '$' / ',' / ';' / '?' / '/'",
    "password = *( unreserved / escaped / '&' / '=' / '+' / '$' / ',' )",
    "hostport = host [ ':' port ]",
    "host = hostname / IPv4address / IPv6reference",
    "hostname = *( domainlabel '.' ) toplabel [ '.' ]",
    "domainlabel = alphanum / alphanum *( alphanum / '-' ) alphanum",
    "toplabel = ALPHA / ALPHA *( alphanum / '-' ) alphanum",
    "IPv4address = octet '.' octet '.' octet '.' octet",
    "octet = DIGIT / %x31-39 DIGIT / '1' 2DIGIT / '2' %x30-34 DIGIT / '25' %x30-35",
    "IPv6reference = '[' IPv6address ']'",
    /* RFC 5954 section 4.1 */
    "IPv6address = 6( h16 ':' ) ls32 / '::' 5( h16 ':' ) ls32 / [ h16 ] '::' 4( h16 ':' ) ls32"
    " / [ *1( h16 ':' ) h16 ] '::' 3( h16 ':' ) ls32 / [ *2( h16 ':' ) h16 ] '::' 2( h16 ':' ) ls32"
    " / [ *3( h16 ':' ) h16 ] '::' h16 ':' ls32 / [ *4( h16 ':' ) h16 ] '::' ls32"
    " / [ *5( h16 ':' ) h16 ] '::' h16 / [ *6( h16 ':' ) h16 ] '::'",
    "h16 = 1*4HEXDIG",
    "ls32 = h16 ':' h16 / IPv4address",
    /* numbers within their bounds, which the RFC gives in words */
    "port = *'0' ( %x31-39 *3DIGIT / %x31-35 4DIGIT / '6' %x30-34 3DIGIT / '65' %x30-34 2DIGIT"
    " / '655' %x30-32 DIGIT / '6553' %x30-35 )",
    "u32 = *'0' ( 1*9DIGIT / %x31-33 9DIGIT / '4' %x30-31 8DIGIT / '42' %x30-38 7DIGIT"
    " / '429' %x30-33 6DIGIT / '4294' %x30-38 5DIGIT / '42949' %x30-35 4DIGIT"
    " / '429496' %x30-36 3DIGIT / '4294967' %x30-31 2DIGIT / '42949672' %x30-38 DIGIT"
    " / '429496729' %x30-35 )",
    "uri-parameters = *( ';' uri-parameter )",
    "uri-parameter = 'transport=' token / 'user=' token / 'method=' Method / 'ttl=' ttl"
    " / 'maddr=' host / !uri-name pname [ '=' pvalue ]",
    "uri-name = ( 'transport' / 'user' / 'method' / 'ttl' / 'maddr' ) !paramchar",
    "pname = 1*paramchar",
    "pvalue = 1*paramchar",
    "paramchar = unreserved / escaped / '[' / ']' / '/' / ':' / '&' / '+' / '$'",
    "headers = '?' header *( '&' header )",
    "header = hname '=' hvalue",
    "hname = 1*hchar",
    "hvalue = *hchar",
    "hchar = unreserved / escaped / '[' / ']' / '/' / '?' / ':' / '+' / '$'",
    "ttl = 1*3DIGIT",
    "sip-scheme = 'sip:' / 'sips:'",
    "absoluteURI = scheme ':' ( hier-part / opaque-part )",
    "scheme = ALPHA *( ALPHA / DIGIT / '+' / '-' / '.' )",
    "hier-part = ( net-path / abs-path ) [ '?' query ]",
    "net-path = '//' authority [ abs-path ]",
    "abs-path = '/' path-segments",
    "opaque-part = uric-no-slash *uric",
    "uric = reserved / unreserved / escaped",
    "uric-no-slash = unreserved / escaped / ';' / '?' / ':' / '@' / '&' / '=' / '+' / '$' / ','",
    "path-segments = segment *( '/' segment )",
    "segment = *pchar *( ';' *pchar )",
    "pchar = unreserved / escaped / ':' / '@' / '&' / '=' / '+' / '$' / ','",
    "authority = [ [ userinfo ] hostport ] / reg-name",
    "reg-name = 1*( unreserved / escaped / '$' / ',' / ';' / ':' / '@' / '&' / '=' / '+' )",
    "query = *uric",
    "addr-spec = SIP-URI / SIPS-URI / !sip-scheme absoluteURI",
    /* section 19.1.1: no headers */
    "Request-URI = sip-scheme [ userinfo ] hostport uri-parameters / !sip-scheme absoluteURI",
    /* section 20.10: without brackets no comma, semicolon or question mark */
    "naked = sip-scheme [ naked-user '@' ] hostport / !sip-scheme scheme ':' 1*naked-uric",
    "naked-user = 1*( unreserved / escaped / '&' / '=' / '+' / '$' / '/' ) [ ':' naked-password ]",
    "naked-password = *( unreserved / escaped / '&' / '=' / '+' / '$' )",
    "naked-uric = unreserved / escaped / '/' / ':' / '@' / '&' / '=' / '+' / '$'",
    "name-addr = [ display-name ] LAQUOT addr-spec RAQUOT",
    "display-name = *( token LWS ) / quoted-string",
    "some-addr = name-addr / naked",

    /* first lines */
    "Request-Line = Method SP Request-URI SP SIP-Version",
    "Status-Line = SIP-Version SP Status-Code SP Reason-Phrase",
    "SIP-Version = %s'SIP/2.0'", /* section 7.1: sent in upper case */
    "Method = token",
    "Status-Code = %x31-36 2DIGIT",
    "Reason-Phrase = *( reserved / unreserved / escaped / UTF8-NONASCII / UTF8-CONT / WSP )",

    /* what header fields share */
    "gen-value = token / host / quoted-string",
    "generic-param = token [ EQUAL gen-value ]",
    "delta-seconds = u32",
    "qvalue = '0' [ '.' *3DIGIT ] / '1' [ '.' *3'0' ]",
    "option-tags = token *( COMMA token )",
    "media-type = m-type SLASH m-subtype *( SEMI m-parameter )",
    "m-type = token",
    "m-subtype = token",
    "m-parameter = token EQUAL ( token / quoted-string )",
    "q-param = 'q' EQUAL qvalue",
    "q-name = 'q' !tchar",
    "routes = name-addr *( SEMI generic-param ) *( COMMA name-addr *( SEMI generic-param ) )",
    "callid = word [ '@' word ]",

    /* the header fields of RFC 3261 */
    "Accept = [ accept-range *( COMMA accept-range ) ]",
    "accept-range = ( '*/*' / m-type SLASH ( '*' / m-subtype ) ) *( SEMI ( q-param"
    " / !q-name generic-param ) )",
    "Accept-Encoding = [ encoding *( COMMA encoding ) ]",
    "encoding = ( token / '*' ) *( SEMI ( q-param / !q-name generic-param ) )",
    "Accept-Language = [ language *( COMMA language ) ]",
    "language = ( 1*8ALPHA *( '-' 1*8alphanum ) / '*' ) *( SEMI ( q-param / !q-name generic-param"
    " ) )",
    "Alert-Info = info *( COMMA info )",
    "info = LAQUOT addr-spec RAQUOT *( SEMI generic-param )",
    "Allow = [ Method *( COMMA Method ) ]",
    "Authorization = credentials",
    "credentials = 'Digest' LWS dig-resp *( COMMA dig-resp ) / 'Bearer' LWS token68"
    " / !digest other-auth",
    "token68 = 1*( alphanum / '-' / '.' / '_' / '~' / '+' / '/' ) *'='", /* RFC 6750, 8898 */
    "digest = 'Digest' !tchar",
    "other-auth = token LWS auth-param *( COMMA auth-param )",
    "auth-param = token EQUAL ( token / quoted-string )",
    "dig-resp = ( 'username' / 'realm' / 'nonce' / 'cnonce' / 'opaque' ) EQUAL quoted-string"
    " / 'uri' EQUAL LDQUOT addr-spec RDQUOT / 'response' EQUAL LDQUOT 32*LHEX RDQUOT"
    " / 'algorithm' EQUAL token / 'qop' EQUAL token / 'nc' EQUAL 8LHEX / userhash"
    " / !resp-name auth-param",
    "userhash = 'userhash' EQUAL ( 'true' / 'false' )",
    "resp-name = ( 'username' / 'realm' / 'nonce' / 'cnonce' / 'opaque' / 'uri' / 'response'"
    " / 'algorithm' / 'qop' / 'nc' / 'userhash' ) !tchar",
    "Authentication-Info = ainfo *( COMMA ainfo )",
    "ainfo = ( 'nextnonce' / 'cnonce' ) EQUAL quoted-string / 'qop' EQUAL token / 'nc' EQUAL 8LHEX"
    " / 'rspauth' EQUAL LDQUOT *LHEX RDQUOT",
    "Call-ID = callid",
    "Call-Info = info *( COMMA info )",
    "Contact = STAR / contact-param *( COMMA contact-param )",
    "contact-param = some-addr *( SEMI contact-params )",
    "contact-params = q-param / 'expires' EQUAL delta-seconds / 'reg-id' EQUAL u32"
    " / '+sip.instance' EQUAL LDQUOT '<' addr-spec '>' RDQUOT / !contact-name generic-param",
    "contact-name = ( 'q' / 'expires' / 'reg-id' / '+sip.instance' ) !tchar",
    "Content-Disposition = token *( SEMI generic-param )",
    "Content-Encoding = token *( COMMA token )",
    "Content-Language = langtag *( COMMA langtag )",
    "langtag = 1*8ALPHA *( '-' 1*8alphanum )",
    "Content-Length = u32",
    "Content-Type = media-type",
    "CSeq = u32 LWS Method",
    "Date = wkday ',' SP 2DIGIT SP month SP 4DIGIT SP 2DIGIT ':' 2DIGIT ':' 2DIGIT SP %s'GMT'",
    "wkday = %s'Mon' / %s'Tue' / %s'Wed' / %s'Thu' / %s'Fri' / %s'Sat' / %s'Sun'",
    "month = %s'Jan' / %s'Feb' / %s'Mar' / %s'Apr' / %s'May' / %s'Jun' / %s'Jul' / %s'Aug'"
    " / %s'Sep' / %s'Oct' / %s'Nov' / %s'Dec'",
    "Error-Info = info *( COMMA info )",
    "Expires = delta-seconds",
    "From = some-addr *( SEMI tag-param )",
    "tag-param = 'tag' EQUAL token / !tag-name generic-param",
    "tag-name = 'tag' !tchar",
    "In-Reply-To = callid *( COMMA callid )",
    "Max-Forwards = u32",
    "MIME-Version = 1*DIGIT '.' 1*DIGIT",
    "Min-Expires = delta-seconds",
    "Organization = [ TEXT-UTF8-TRIM ]",
    "Priority = token",
    "Proxy-Authenticate = challenge",
    "challenge = 'Digest' LWS digest-cln *( COMMA digest-cln ) / !digest other-auth",
    "digest-cln = ( 'realm' / 'nonce' / 'opaque' ) EQUAL quoted-string / 'domain' EQUAL LDQUOT uris"
    " RDQUOT / 'stale' EQUAL ( 'true' / 'false' ) / 'algorithm' EQUAL token"
    " / 'qop' EQUAL LDQUOT token *( ',' token ) RDQUOT / userhash / !cln-name auth-param",
    "cln-name = ( 'realm' / 'nonce' / 'opaque' / 'domain' / 'stale' / 'algorithm' / 'qop'"
    " / 'userhash' ) !tchar",
    "uris = ( addr-spec / abs-path ) *( 1*SP ( addr-spec / abs-path ) )",
    "Proxy-Authorization = credentials",
    "Proxy-Require = option-tags",
    "Record-Route = routes",
    "Reply-To = some-addr *( SEMI generic-param )",
    "Require = option-tags",
    "Retry-After = delta-seconds [ comment ] *( SEMI retry-param )",
    "retry-param = 'duration' EQUAL delta-seconds / !duration generic-param",
    "duration = 'duration' !tchar",
    "Route = routes",
    "Server = products",
    "products = product *( LWS product )",
    "product = token [ SLASH token ] / comment",
    "Subject = [ TEXT-UTF8-TRIM ]",
    "Supported = [ option-tags ]",
    "Timestamp = 1*DIGIT [ '.' *DIGIT ] [ LWS *DIGIT [ '.' *DIGIT ] ]",
    "To = some-addr *( SEMI tag-param )",
    "Unsupported = option-tags",
    "User-Agent = products",
    "Via = via-parm *( COMMA via-parm )",
    /* of the protocols that the RFC lets stand here, the one whose messages we judge */
    "via-parm = sent-protocol LWS host [ COLON port ] *( SEMI via-params )",
    "sent-protocol = 'SIP' SLASH '2.0' SLASH token",
    "via-params = 'ttl' EQUAL ttl / 'maddr' EQUAL host / 'branch' EQUAL token"
    " / 'received' EQUAL ( IPv4address / IPv6address ) / 'rport' [ EQUAL 1*DIGIT ]"
    " / !via-name generic-param",
    "via-name = ( 'ttl' / 'maddr' / 'branch' / 'received' / 'rport' ) !tchar",
    "Warning = warning-value *( COMMA warning-value )",
    "warning-value = 3DIGIT SP ( hostport / token ) SP quoted-string",
    "WWW-Authenticate = challenge",

    /* RFC 3262, 6665 */
    "RSeq = u32",
    "RAck = u32 LWS u32 LWS Method",
    "event-type = token-nodot *( '.' token-nodot )",
    "token-nodot = 1*( alphanum / '-' / '!' / '%' / '*' / '_' / '+' / '`' / %x27 / '~' )",
    "Allow-Events = event-type *( COMMA event-type )",
    "Event = event-type *( SEMI event-param )",
    "event-param = 'id' EQUAL token / !event-id generic-param",
    "event-id = 'id' !tchar",
    "Subscription-State = token *( SEMI subexp-param )",
    "subexp-param = 'reason' EQUAL token / ( 'expires' / 'retry-after' ) EQUAL delta-seconds"
    " / !subexp-name generic-param",
    "subexp-name = ( 'reason' / 'expires' / 'retry-after' ) !tchar",
    /* RFC 3323, 3325, 3326, 3327, 3608 */
    "Privacy = token *( SEMI token )",
    "P-Asserted-Identity = some-addr *( COMMA some-addr )",
    "P-Preferred-Identity = some-addr *( COMMA some-addr )",
    "Reason = reason-value *( COMMA reason-value )",
    "reason-value = token *( SEMI reason-param )",
    "reason-param = 'cause' EQUAL u32 / 'text' EQUAL quoted-string / !reason-name "
    "generic-param",
    "reason-name = ( 'cause' / 'text' ) !tchar",
    "Path = routes",
    "Service-Route = routes",
    /* RFC 3515, 3841, 3891, 3892, 3903, 3911, 4028, 4488, 4538, 5373 */
    "Refer-To = some-addr *( SEMI generic-param )",
    "Refer-Sub = ( 'true' / 'false' ) *( SEMI generic-param )",
    "Referred-By = some-addr *( SEMI referred-param )",
    "referred-param = 'cid' EQUAL LDQUOT word '@' word RDQUOT / !cid generic-param",
    "cid = 'cid' !tchar",
    "Replaces = callid both-tags",
    "Join = callid both-tags",
    /* RFC 3891 section 6.1, RFC 3911 section 7.1: exactly one of each */
    "both-tags = other-params ( SEMI to-tag other-params SEMI from-tag / SEMI from-tag other-params"
    " SEMI to-tag ) other-params",
    "to-tag = 'to-tag' EQUAL token",
    "from-tag = 'from-tag' EQUAL token",
    "other-params = *( SEMI !dialog-name generic-param )",
    "Target-Dialog = callid *( SEMI dialog-param )",
    "dialog-param = ( 'to-tag' / 'from-tag' / 'remote-tag' / 'local-tag' ) EQUAL token"
    " / !dialog-name generic-param",
    "dialog-name = ( 'to-tag' / 'from-tag' / 'remote-tag' / 'local-tag' ) !tchar",
    "Accept-Contact = features *( COMMA features )",
    "Reject-Contact = features *( COMMA features )",
    "features = '*' *( SEMI generic-param )",
    "Request-Disposition = token *( COMMA token )",
    "SIP-ETag = token",
    "SIP-If-Match = token",
    "Session-Expires = delta-seconds *( SEMI se-param )",
    "se-param = 'refresher' EQUAL ( 'uac' / 'uas' ) / !refresher generic-param",
    "refresher = 'refresher' !tchar",
    "Min-SE = delta-seconds *( SEMI generic-param )",
    "Answer-Mode = token *( SEMI generic-param )",
    "Priv-Answer-Mode = token *( SEMI generic-param )",
    /* RFC 5393, 5626, 6442, 7044, 7433, 8224 */
    "Max-Breadth = u32",
    "Flow-Timer = u32",
    "Geolocation = info *( COMMA info )",
    "Geolocation-Routing = token",
    "History-Info = hi-entry *( COMMA hi-entry )",
    "hi-entry = name-addr *( SEMI hi-param )",
    "hi-param = ( 'index' / 'rc' / 'mp' / 'np' ) EQUAL 1*DIGIT *( '.' 1*DIGIT )"
    " / !hi-name generic-param",
    "hi-name = ( 'index' / 'rc' / 'mp' / 'np' ) !tchar",
    "User-to-User = uui *( COMMA uui )",
    "uui = ( token / quoted-string ) *( SEMI generic-param )",
    /* the second form: of RFC 4474, without its quotes as RFC 4475 has it */
    "Identity = identity-digest [ SEMI 'info' EQUAL LAQUOT addr-spec RAQUOT *( SEMI !identity-info"
    " generic-param ) ]",
    "identity-digest = 1*( alphanum / '+' / '/' / '=' / '-' / '_' / '.' )",
    "identity-info = 'info' !tchar",

    /* what only the whole message needs: From, and To of a response, with one tag (sections 8.1.1.3
     * and 8.2.6.2); a topmost Via with the cookie (section 8.1.1.7) */
    "tagged = some-addr *( SEMI !tag-name generic-param ) SEMI 'tag' EQUAL token"
    " *( SEMI !tag-name generic-param )",
    "Via-now = sent-protocol LWS host [ COLON port ]"
    " *( SEMI !branch-name via-params ) SEMI 'branch' EQUAL 'z9hG4bK' *tchar"
    " *( SEMI !branch-name via-params ) *( COMMA via-parm )",
    "branch-name = 'branch' !tchar",

    /* any other */
    "header-value = *( TEXT-UTF8char / UTF8-CONT / WSP / CRLF WSP )",
    (const char *)0,
};
