/* ice_uri.c - the URL of an ICE server: what is taken can be written from its parts, and reads the same again. */
/* FUZZ: gather ice base */
#include "base/buf.h"
#include "gather/uri.h"
#include "pipit/error.h"

#include "check.h"

static void write_uri(const pp_ice_uri *uri, pp_buf *out)
{
    static const char *const queries[] = {"?transport=udp", "?transport=tcp", ""};
    bool six = uri->literal.family == 6;

    pp_buf_c(out, !uri->turn ? "stun:" : uri->path == PP_RELAY_TLS ? "turns:" : "turn:");
    pp_buf_c(out, six ? "[" : "");
    pp_buf_str(out, uri->host);
    pp_buf_c(out, six ? "]" : "");
    if (uri->port)
        pp_buf_format(out, ":%u", uri->port);
    pp_buf_c(out, uri->turn ? queries[uri->path] : "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_str text = pp_str_n(data, size);
    pp_ice_uri first, second;
    pp_buf out = {0};
    int err = pp_ice_uri_parse(text, &first);

    CHECK(err == 0 || err == PIPIT_ERR_SYNTAX || err == PIPIT_ERR_NOT_SUPPORTED);
    if (err)
        return 0;
    CHECK(first.host.n && first.host.p >= text.p && first.host.p + first.host.n <= text.p + text.n);
    CHECK(pp_str_is_line(first.host) && pp_ice_uri_port(&first) > 0);
    CHECK(first.turn || first.path == PP_RELAY_UDP);
    write_uri(&first, &out);
    CHECK(pp_buf_error(&out) == 0 && pp_ice_uri_parse(pp_buf_text(&out), &second) == 0);
    CHECK(first.turn == second.turn && first.path == second.path && first.port == second.port);
    CHECK(pp_str_eq(first.host, second.host) && first.literal.family == second.literal.family);
    pp_buf_free(&out);
    return 0;
}
