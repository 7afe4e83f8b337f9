/* serve_addresses.c - where the switchboard listens. */
#include "cli/output.h"
#include "cli/serving.h"

#include <string.h>

/* "8080", "0.0.0.0:8080", "[::1]:8080" */
static int read_address(const char *text, const char *name, pp_addr *out)
{
    pp_str host = PP_LIT("127.0.0.1"), all = pp_str_c(text), port = all;
    const char *colon = strrchr(text, ':');
    uint32_t number;

    if (colon) {
        host = pp_str_n(text, (size_t)(colon - text));
        port = pp_str_c(colon + 1);
    }
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = pp_str_sub(host, 1, host.n - 1);
    if (pp_str_ieq_c(host, "localhost"))
        host = PP_LIT("127.0.0.1");
    if (!pp_str_to_u32(port, 0, 65535, &number) || !pp_addr_parse(host, (uint16_t)number, out)) {
        output_error("%s takes PORT or ADDRESS:PORT, not '%s'.", name, text);
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

int serving_find_addresses(serving *s)
{
    int status = STATUS_OK;

    if (s->no_ws && s->no_wss) {
        output_error("with --no-ws and --no-wss nobody could connect: leave one of them out.");
        return STATUS_USAGE;
    }
    if (!s->no_ws)
        status = read_address(s->ws ? s->ws : "127.0.0.1:8080", "--ws", &s->board_options.ws);
    if (status == STATUS_OK && !s->no_wss)
        status = read_address(s->wss ? s->wss : "127.0.0.1:8443", "--wss", &s->board_options.wss);
    return status;
}
