/* refusal.c - sentences that say why there is no WebSocket, and what to do. Redirections are named and not followed:
 * credentials would go elsewhere (RFC 6455 section 4.1 leaves it to the client). */
#include "ws/refusal.h"

#include <stdio.h>

#define TOLD 120 /* octets of what the peer wrote in a sentence */

typedef struct advice {
    uint32_t first, last; /* statuses */
    const char *text;
} advice;

static const advice of_server[] = {
    {200, 299, "there is a web server, but no WebSocket at this path"},
    {300, 399, "redirections are not followed"},
    {400, 400, "it may not speak SIP over WebSocket (the subprotocol 'sip') at this path"},
    {401, 401,
     "it wants credentials or others than those given, as wss://user:password@host or in an "
     "Authorization header"},
    {403, 403, "it may want another Origin, another path, or not let this address in"},
    {404, 404, "there is no WebSocket at this path"},
    {407, 407, "a proxy stands between, which wants credentials: name it in the options"},
    {426, 426, "it speaks another version of WebSocket"},
    {429, 429, "it has had too many connections of ours"},
    {500, 599, "it, or what stands behind it, is not able to serve now"},
};

static const advice of_proxy[] = {
    {300, 399, "redirections are not followed"},
    {403, 403, "it does not let us through to this host and port"},
    {407, 407, "it wants credentials or others than those given, as http://user:password@proxy"},
    {400, 499, "it may be no proxy for this port"},
    {500, 599, "it does not reach the server"},
};

static const char *find(const advice *list, size_t count, uint32_t status)
{
    for (size_t i = 0; i < count; i++)
        if (status >= list[i].first && status <= list[i].last)
            return list[i].text;
    return NULL;
}

/* What the peer wrote ends up on terminals. */
static const char *printable(pp_str text, char out[TOLD + 1])
{
    size_t n = text.n < TOLD ? text.n : TOLD;

    for (size_t i = 0; i < n; i++)
        out[i] = (char)(text.p[i] >= ' ' && text.p[i] <= '~' ? text.p[i] : '?');
    out[n] = '\0';
    return out;
}

/* ", it points to …" or ", it says to retry after …" */
static void add_header(const pp_http_head *head, uint32_t status, char *out, size_t size)
{
    char told[TOLD + 1];
    pp_str value;

    if (status / 100 == 3 && pp_http_header(head, "Location", &value, NULL) && value.n)
        snprintf(out, size, ", it points to %s", printable(value, told));
    else if (status >= 400 && pp_http_header(head, "Retry-After", &value, NULL) && value.n)
        snprintf(out, size, ", it says to retry after %s", printable(value, told));
}

static void explain(const pp_http_head *head, const char *begin, const char *text,
                    char out[PP_WS_REFUSAL])
{
    uint32_t status = 0;
    char phrase[TOLD + 1];
    int n;

    pp_str_to_u32(head->start[1], 0, 999, &status);
    n = snprintf(out, PP_WS_REFUSAL, "%s %u%s%s%s%s", begin, status, head->start[2].n ? " " : "",
                 printable(head->start[2], phrase), text ? ": " : "", text ? text : "");
    if (n > 0 && n < PP_WS_REFUSAL)
        add_header(head, status, out + n, PP_WS_REFUSAL - (size_t)n);
}

void pp_ws_explain_refusal(const pp_http_head *head, uint32_t status, char out[PP_WS_REFUSAL])
{
    explain(head, "the server answered the upgrade with",
            find(of_server, sizeof(of_server) / sizeof(of_server[0]), status), out);
}

void pp_ws_explain_proxy(const pp_http_head *head, uint32_t status, char out[PP_WS_REFUSAL])
{
    explain(head, "the proxy answered CONNECT with",
            find(of_proxy, sizeof(of_proxy) / sizeof(of_proxy[0]), status), out);
}
