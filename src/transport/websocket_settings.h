/* websocket_settings.h - the options of a WebSocket, checked, copied and made ready for use. */
#ifndef PP_TRANSPORT_WEBSOCKET_SETTINGS_H
#define PP_TRANSPORT_WEBSOCKET_SETTINGS_H

#include "base/loop.h"
#include "crypto/tls.h"
#include "pipit/socket.h"
#include "transport/proxy.h"
#include "transport/websocket_url.h"
#include "ws/ws.h"

typedef struct pp_websocket_settings {
    pp_websocket_url url;
    pp_proxy proxy;
    pp_tls_context *tls; /* NULL: the URL says ws */
    char *verify_name, *origin;
    char **extra_headers; /* NULL at the end; secrets may be among them */
    unsigned connect_timeout_ms, pong_timeout_ms;
    unsigned ping_interval_ms; /* 0: no pings */
    size_t max_message, max_buffered;
} pp_websocket_settings;

/* `options` NULL: all defaults. What would be refused when the socket connects is refused here. */
int pp_websocket_settings_make(pipit_loop *loop, const char *url,
                               const pipit_websocket_options *options, pp_websocket_settings *out);
void pp_websocket_settings_free(pp_websocket_settings *settings);
/* For the upgrade; borrows from `settings`. */
pp_ws_client_options pp_websocket_upgrade(const pp_websocket_settings *settings);

#endif
