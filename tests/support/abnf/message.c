/* message.c - a whole message: lines, fields by their own rules, and what must be there. */
#include "support/abnf/abnf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct slice {
    const char *p;
    size_t n;
} slice;

typedef struct field_kind {
    const char *name; /* of the rule, too */
    char compact;
    bool many; /* may be there more than once (section 7.3.1) */
    unsigned count;
    slice value; /* of the first */
} field_kind;

typedef struct judging {
    slice rest;
    slice start;
    bool is_request;
    slice method; /* of a response: its CSeq's */
    int status;
    char *why;
    size_t room;
} judging;

static field_kind fields[] = {
    {.name = "Accept", .many = true},
    {.name = "Accept-Contact", .compact = 'a', .many = true},
    {.name = "Accept-Encoding", .many = true},
    {.name = "Accept-Language", .many = true},
    {.name = "Alert-Info", .many = true},
    {.name = "Allow", .many = true},
    {.name = "Allow-Events", .compact = 'u', .many = true},
    {.name = "Answer-Mode"},
    {.name = "Authentication-Info", .many = true},
    {.name = "Authorization", .many = true},
    {.name = "CSeq"},
    {.name = "Call-ID", .compact = 'i'},
    {.name = "Call-Info", .many = true},
    {.name = "Contact", .compact = 'm', .many = true},
    {.name = "Content-Disposition"},
    {.name = "Content-Encoding", .compact = 'e', .many = true},
    {.name = "Content-Language", .many = true},
    {.name = "Content-Length", .compact = 'l'},
    {.name = "Content-Type", .compact = 'c'},
    {.name = "Date"},
    {.name = "Error-Info", .many = true},
    {.name = "Event", .compact = 'o'},
    {.name = "Expires"},
    {.name = "Flow-Timer"},
    {.name = "From", .compact = 'f'},
    {.name = "Geolocation", .many = true},
    {.name = "Geolocation-Routing"},
    {.name = "History-Info", .many = true},
    {.name = "Identity", .compact = 'y', .many = true},
    {.name = "In-Reply-To", .many = true},
    {.name = "Join"},
    {.name = "MIME-Version"},
    {.name = "Max-Breadth"},
    {.name = "Max-Forwards"},
    {.name = "Min-Expires"},
    {.name = "Min-SE"},
    {.name = "Organization"},
    {.name = "P-Asserted-Identity", .many = true},
    {.name = "P-Preferred-Identity", .many = true},
    {.name = "Path", .many = true},
    {.name = "Priority"},
    {.name = "Priv-Answer-Mode"},
    {.name = "Privacy"},
    {.name = "Proxy-Authenticate", .many = true},
    {.name = "Proxy-Authorization", .many = true},
    {.name = "Proxy-Require", .many = true},
    {.name = "RAck"},
    {.name = "RSeq"},
    {.name = "Reason", .many = true},
    {.name = "Record-Route", .many = true},
    {.name = "Refer-Sub"},
    {.name = "Refer-To", .compact = 'r'},
    {.name = "Referred-By", .compact = 'b'},
    {.name = "Reject-Contact", .compact = 'j', .many = true},
    {.name = "Replaces"},
    {.name = "Reply-To"},
    {.name = "Request-Disposition", .compact = 'd', .many = true},
    {.name = "Require", .many = true},
    {.name = "Retry-After"},
    {.name = "Route", .many = true},
    {.name = "SIP-ETag"},
    {.name = "SIP-If-Match"},
    {.name = "Server"},
    {.name = "Service-Route", .many = true},
    {.name = "Session-Expires", .compact = 'x'},
    {.name = "Subject", .compact = 's'},
    {.name = "Subscription-State"},
    {.name = "Supported", .compact = 'k', .many = true},
    {.name = "Target-Dialog"},
    {.name = "Timestamp"},
    {.name = "To", .compact = 't'},
    {.name = "Unsupported", .many = true},
    {.name = "User-Agent"},
    {.name = "User-to-User", .many = true},
    {.name = "Via", .compact = 'v', .many = true},
    {.name = "WWW-Authenticate", .many = true},
    {.name = "Warning", .many = true},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static bool objection(judging *j, const char *sentence, const char *what)
{
    snprintf(j->why, j->room, "%s%s", sentence, what);
    return false;
}

static bool is(slice s, const char *text) /* letter case counts: of methods */
{
    return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

static field_kind *field_of(slice name)
{
    for (size_t i = 0; i < FIELDS; i++)
        if ((name.n == strlen(fields[i].name) &&
             strncasecmp(name.p, fields[i].name, name.n) == 0) ||
            (name.n == 1 && fields[i].compact && (*name.p | 0x20) == fields[i].compact))
            return &fields[i];
    return NULL;
}

static const field_kind *field(const char *name)
{
    return field_of((slice){name, strlen(name)});
}

/* The next line with its folds, without the CR LF that ends it. */
static bool take_line(judging *j, slice *line)
{
    for (size_t i = 0; i + 1 < j->rest.n; i++) {
        if (j->rest.p[i] != '\r' || j->rest.p[i + 1] != '\n')
            continue;
        if (i && i + 2 < j->rest.n && (j->rest.p[i + 2] == ' ' || j->rest.p[i + 2] == '\t'))
            continue;
        *line = (slice){j->rest.p, i};
        j->rest.p += i + 2;
        j->rest.n -= i + 2;
        return true;
    }
    return objection(j, "a line is not ended by CR LF", "");
}

static slice skip(slice s, size_t count)
{
    return (slice){s.p + count, s.n - count};
}

static slice without_leading_blanks(slice s)
{
    for (;;) {
        if (s.n && (*s.p == ' ' || *s.p == '\t'))
            s = skip(s, 1);
        else if (s.n > 2 && s.p[0] == '\r' && s.p[1] == '\n' && (s.p[2] == ' ' || s.p[2] == '\t'))
            s = skip(s, 3);
        else
            return s;
    }
}

static slice word_at(slice s, unsigned index)
{
    for (;;) {
        size_t n = 0;

        s = without_leading_blanks(s);
        while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t' && s.p[n] != '\r')
            n++;
        if (!index-- || !n)
            return (slice){s.p, n};
        s = skip(s, n);
    }
}

/* The digits a slice begins with: it has no end that a C library function would stop at. */
static unsigned long long number_of(slice s)
{
    unsigned long long value = 0;

    for (size_t i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        value = value * 10 + (unsigned)(s.p[i] - '0');
    return value;
}

static bool judge_start(judging *j)
{
    slice line;

    if (!take_line(j, &line))
        return false;
    j->start = line;
    j->is_request = line.n < 4 || memcmp(line.p, "SIP/", 4) != 0;
    if (!abnf_matches(j->is_request ? "Request-Line" : "Status-Line", line.p, line.n, j->why,
                      j->room))
        return false;
    if (j->is_request)
        j->method = word_at(line, 0);
    else
        j->status = (int)number_of((slice){line.p + 8, 3});
    return true;
}

static bool judge_field(judging *j, slice line)
{
    const char *colon = memchr(line.p, ':', line.n);
    slice name = {line.p, colon ? (size_t)(colon - line.p) : 0}, value;
    field_kind *kind;

    if (!colon)
        return objection(j, "a header line has no colon", "");
    value = without_leading_blanks((slice){colon + 1, (size_t)(line.p + line.n - colon) - 1});
    while (name.n && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
        name.n--;
    if (!abnf_matches("token", name.p, name.n, j->why, j->room))
        return false;
    kind = field_of(name);
    if (!kind)
        return abnf_matches("header-value", value.p, value.n, j->why, j->room);
    if (!abnf_matches(kind->name, value.p, value.n, j->why, j->room))
        return false;
    if (!kind->count++)
        kind->value = value;
    else if (!kind->many)
        return objection(j, "twice there: ", kind->name);
    return true;
}

static bool need(judging *j, bool condition, const char *name)
{
    return !condition || field(name)->count || objection(j, "missing: ", name);
}

/* RFC 3261 section 20 table 2, and what each extension requires of its own methods. */
static bool judge_presence(judging *j)
{
    static const char *const always[] = {"Via", "From", "To", "Call-ID", "CSeq"};
    bool request = j->is_request, success = j->status / 100 == 2;
    slice m = j->method;
    bool invite = is(m, "INVITE"), subscribe = is(m, "SUBSCRIBE"), notify = is(m, "NOTIFY");

    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        if (!need(j, true, always[i]))
            return false;
    return need(j, request, "Max-Forwards") &&
           need(j, (invite || subscribe) && (request || success), "Contact") &&
           need(j, request && (notify || is(m, "REFER") || is(m, "UPDATE")), "Contact") &&
           need(j, request && (subscribe || notify || is(m, "PUBLISH")), "Event") &&
           need(j, request && notify, "Subscription-State") &&
           need(j, request && is(m, "REFER"), "Refer-To") &&
           need(j, request && is(m, "PRACK"), "RAck") &&
           need(j, success && is(m, "PUBLISH"), "SIP-ETag") &&
           need(j, success && is(m, "PUBLISH"), "Expires") &&
           need(j, success && subscribe, "Expires") &&
           need(j, j->status == 401, "WWW-Authenticate") &&
           need(j, j->status == 407, "Proxy-Authenticate") && need(j, j->status == 405, "Allow") &&
           need(j, j->status == 420, "Unsupported") && need(j, j->status == 421, "Require") &&
           need(j, j->status == 422, "Min-SE") && need(j, j->status == 423, "Min-Expires") &&
           need(j, j->status == 489, "Allow-Events") && need(j, j->rest.n != 0, "Content-Type");
}

static unsigned long long number(const char *name)
{
    return number_of(field(name)->value);
}

static bool fits(judging *j, const char *name, const char *rule)
{
    return abnf_matches(rule, field(name)->value.p, field(name)->value.n, j->why, j->room);
}

static bool judge_values(judging *j)
{
    slice method = word_at(field("CSeq")->value, 1);

    if (!fits(j, "From", "tagged") || (j->status > 100 && !fits(j, "To", "tagged")))
        return false;
    if (number("CSeq") >= 1ull << 31)
        return objection(j, "CSeq is not below 2^31", "");
    if (j->is_request && (method.n != j->method.n || memcmp(method.p, j->method.p, method.n) != 0))
        return objection(j, "CSeq names another method", "");
    if (field("Max-Forwards")->count && number("Max-Forwards") > 255)
        return objection(j, "Max-Forwards is above 255", "");
    if (field("Content-Length")->count ? number("Content-Length") != j->rest.n : j->rest.n)
        return objection(j, "Content-Length is not that of the body", "");
    return true;
}

bool abnf_sip_message(const char *text, size_t size, char *why, size_t room)
{
    judging j = {.rest = {text, size}, .why = why, .room = room};
    slice line = {NULL, 0};

    for (size_t i = 0; i < FIELDS; i++)
        fields[i].count = 0;
    if (!judge_start(&j))
        return false;
    for (;;) {
        if (!take_line(&j, &line))
            return false;
        if (!line.n)
            break;
        if (!judge_field(&j, line))
            return false;
    }
    if (!j.is_request && field("CSeq")->count)
        j.method = word_at(field("CSeq")->value, 1);
    return judge_presence(&j) && judge_values(&j);
}

bool abnf_sip_printed(const char *text, size_t size, char *why, size_t room)
{
    slice via;

    if (!abnf_sip_message(text, size, why, room))
        return false;
    via = field("Via")->value;
    return memcmp(text, "SIP/", 4) == 0 || abnf_matches("Via-now", via.p, via.n, why, room);
}
