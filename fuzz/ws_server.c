/* ws_server.c - a WebSocket server fed by a hostile client. FUZZ: ws crypto base */
#include "ws_machine.h"

#define OPENING                                                                                    \
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                   \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n"               \
    "Sec-WebSocket-Version: 13\r\n\r\n"

static pp_ws *make(record *r, const pp_rng *rng)
{
    const pp_ws_server_options options = {.subprotocol = "sip", .max_message = 300};
    pp_ws *ws = NULL;

    return pp_ws_server_new(&options, rng, &recording, r, &ws) ? NULL : ws;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return compare(make, PP_LIT(OPENING), data, size);
}
