/* ws_tunnel.c - the answer of a hostile proxy to CONNECT: in pieces of any size it is judged as in one, what opens the way is a
 * 2xx with nothing behind it, and a sentence is printable. FUZZ: ws crypto base */
#include "ws/tunnel.h"

#include "check.h"

#include <string.h>

static pp_tunnel_result feed(pp_str data, size_t piece, char sentence[PP_WS_REFUSAL])
{
    pp_tunnel tunnel = {0};
    pp_tunnel_result result = PP_TUNNEL_MORE;
    size_t i = 0;

    for (; result == PP_TUNNEL_MORE && i < data.n; i += piece)
        result = pp_tunnel_receive(&tunnel, (const uint8_t *)data.p + i,
                                   data.n - i < piece ? data.n - i : piece, sentence);
    CHECK(result != PP_TUNNEL_OPEN || (data.n > 12 && strstr(data.p, "HTTP/1.")));
    /* One that came in pieces may have been judged before what is too much was there. */
    if (result == PP_TUNNEL_OPEN && i < data.n) {
        result = PP_TUNNEL_REFUSED;
        snprintf(sentence, PP_WS_REFUSAL, "the proxy sent more than its answer to CONNECT");
    }
    pp_tunnel_free(&tunnel);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char whole[PP_WS_REFUSAL] = "", pieces[PP_WS_REFUSAL] = "";
    char *text = malloc(size + 1);
    pp_tunnel_result result;

    CHECK(text);
    memcpy(text, data, size);
    text[size] = '\0';
    if (size) {
        result = feed(pp_str_n(text + 1, size - 1), size, whole);
        CHECK(result == feed(pp_str_n(text + 1, size - 1), data[0] % 64u + 1u, pieces));
        CHECK(strcmp(whole, pieces) == 0 && (result == PP_TUNNEL_REFUSED) == (whole[0] != '\0'));
        for (const char *at = whole; *at; at++)
            CHECK(*at >= ' ' && *at <= '~');
    }
    free(text);
    return 0;
}
