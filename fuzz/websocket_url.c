/* websocket_url.c - URLs of WebSockets: what is taken has a host and a port, makes a SIP URI, and parses to the same again.
 * FUZZ: transport sip base */
#include "transport/websocket_url.h"

#include "base/buf.h"
#include "sip/uri.h"

#include "check.h"

#include <string.h>

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void check_again(const pp_websocket_url *url)
{
    pp_websocket_url again;
    pp_buf text = {0};

    pp_buf_format(&text, "%s://%s%s", url->secure ? "wss" : "ws", url->host_header, url->target);
    CHECK(!pp_buf_error(&text) && !pp_websocket_url_parse(pp_buf_text(&text), &again));
    CHECK(again.secure == url->secure && again.port == url->port && same(again.host, url->host));
    CHECK(same(again.host_header, url->host_header) && same(again.target, url->target));
    CHECK(!again.authorization);
    pp_websocket_url_free(&again);
    /* What people are shown is the same URL without credentials. */
    CHECK(!pp_websocket_url_parse(pp_str_c(url->text), &again) && !again.authorization);
    CHECK(same(again.text, url->text) && same(again.sip_uri, url->sip_uri));
    pp_websocket_url_free(&again);
    pp_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_websocket_url url;
    pp_uri uri;

    if (pp_websocket_url_parse(pp_str_n(data, size), &url))
        return 0;
    CHECK(url.host[0] && url.port && url.target[0] == '/');
    CHECK(!url.authorization || strncmp(url.authorization, "Basic ", 6) == 0);
    CHECK(pp_uri_parse(pp_str_c(url.sip_uri), &uri) == 0 && uri.scheme == PP_SCHEME_SIP);
    check_again(&url);
    pp_websocket_url_free(&url);
    return 0;
}
