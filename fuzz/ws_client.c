/* ws_client.c - a WebSocket client fed by a hostile server. FUZZ: ws crypto base */
#include "ws_machine.h"

/* The key of fill_same()'s first sixteen octets. */
#define OPENING                                                                                    \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Accept: C/0nmHhBztSRGR1CwL6Tf4ZjwpY=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"

static pp_ws *make(record *r, const pp_rng *rng)
{
    const pp_ws_client_options options = {.host = "h", .subprotocol = "sip", .max_message = 300};
    pp_ws *ws = NULL;

    return pp_ws_client_new(&options, rng, &recording, r, &ws) ? NULL : ws;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return compare(make, PP_LIT(OPENING), data, size);
}
