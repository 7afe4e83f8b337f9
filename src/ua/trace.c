/* trace.c - records for whoever traces. Every text passes pp_redact() first: the one place secrets are taken out. */
#include "ua/trace.h"

#include "transport/transport.h"

static const char *const secret_headers[] = {"Authorization", "Proxy-Authorization"};
/* RFC 8839 section 5.4, RFC 4568 section 4, RFC 4566 section 5.12 */
static const char *const secret_lines[] = {"a=ice-pwd:", "a=crypto:", "k="};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Whether a secret stands in the line, and how many octets before it may be shown. */
static bool holds_secret(pp_str line, size_t *visible)
{
    size_t colon = pp_str_find(line, ':');
    pp_str name = pp_str_trim(pp_str_sub(line, 0, colon));

    for (size_t i = 0; i < COUNT(secret_headers) && colon < line.n; i++)
        if (pp_str_ieq_c(name, secret_headers[i])) {
            *visible = colon + 1;
            return true;
        }
    for (size_t i = 0; i < COUNT(secret_lines); i++)
        if (pp_str_istarts(line, secret_lines[i])) {
            *visible = strlen(secret_lines[i]);
            return true;
        }
    return false;
}

/* The next line without its end; *end is CRLF, CR, LF or nothing. */
static pp_str next_line(pp_str *rest, pp_str *end)
{
    size_t n = 0, size = 0;
    pp_str line;

    while (n < rest->n && rest->p[n] != '\r' && rest->p[n] != '\n')
        n++;
    if (n < rest->n)
        size = rest->p[n] == '\r' && n + 1 < rest->n && rest->p[n + 1] == '\n' ? 2 : 1;
    line = pp_str_sub(*rest, 0, n);
    *end = pp_str_sub(*rest, n, n + size);
    *rest = pp_str_sub(*rest, n + size, rest->n);
    return line;
}

void pp_redact(pp_str text, pp_buf *out)
{
    bool secret = false;
    pp_str end;

    while (text.n) {
        pp_str line = next_line(&text, &end);
        bool folded = line.n && (line.p[0] == ' ' || line.p[0] == '\t');
        size_t visible = line.n;

        if (secret && folded) /* goes on with the value above */
            continue;
        secret = holds_secret(line, &visible);
        pp_buf_str(out, pp_str_sub(line, 0, visible));
        if (secret)
            pp_buf_c(out, " ***");
        pp_buf_str(out, end);
    }
}

void pp_ua_trace_message(pipit_ua *ua, pipit_trace_kind kind, pp_str wire)
{
    pipit_socket *socket = pp_transport_socket(ua->transport);
    pp_buf text = {0};

    if (!ua->trace)
        return;
    pp_redact(wire, &text);
    if (!pp_buf_error(&text)) {
        pipit_trace_record record = {.kind = kind,
                                     .time_ms = pp_loop_now_ms(ua->loop),
                                     .text = text.p,
                                     .size = text.n,
                                     .peer = socket ? pipit_socket_url(socket) : NULL};
        ua->trace(&record, ua->trace_user);
    }
    pp_buf_free(&text);
}

void pp_ua_trace_state(pipit_ua *ua, const char *object, const char *state)
{
    pp_buf text = {0};

    if (!ua->trace)
        return;
    pp_buf_format(&text, "%s %s", object, state);
    if (!pp_buf_error(&text)) {
        pipit_trace_record record = {.kind = PIPIT_TRACE_STATE,
                                     .time_ms = pp_loop_now_ms(ua->loop),
                                     .text = text.p,
                                     .size = text.n};
        ua->trace(&record, ua->trace_user);
    }
    pp_buf_free(&text);
}

void pipit_ua_set_trace(pipit_ua *ua, pipit_trace_function *trace, void *user)
{
    if (!ua)
        return;
    ua->trace = trace;
    ua->trace_user = user;
}
