/* ws_client.c - a WebSocket client fed by a hostile server.
 * The first octet is the size of the pieces; its highest bit asks for a connection that is open
 * already. FUZZ: ws crypto base */
#include "ws_machine.h"

/* The key of fill_same()'s first sixteen octets. */
#define OPENING                                                                                    \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Accept: C/0nmHhBztSRGR1CwL6Tf4ZjwpY=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static pp_ws *make(record *r, const pp_rng *rng)
{
    const pp_ws_client_options options = {.host = "h", .subprotocol = "sip", .max_message = 300};
    pp_ws *ws = NULL;

    return pp_ws_client_new(&options, rng, &recording, r, &ws) ? NULL : ws;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_str opening = PP_STR_NONE;

    if (size == 0)
        return 0;
    if (data[0] & 0x80)
        opening = PP_LIT(OPENING);
    compare(make, opening, pp_str_n(data + 1, size - 1), (data[0] & 0x7Fu) + 1u);
    return 0;
}
