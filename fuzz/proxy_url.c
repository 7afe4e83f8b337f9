/* proxy_url.c - URLs of proxies and lists of no_proxy: what is taken has a host and a port, its credentials are base64, and a
 * list with the host's own name in front exempts it. FUZZ: transport sip base */
#include "transport/proxy.h"

#include "base/buf.h"

#include "check.h"

#include <string.h>

static void check_list(pp_str list, const char *host)
{
    pp_buf longer = {0};
    bool exempt = pp_proxy_is_exempt(list, host);

    pp_buf_c(&longer, strchr(host, ':') ? "[" : "");
    pp_buf_c(&longer, host);
    pp_buf_c(&longer, strchr(host, ':') ? "]," : ",");
    pp_buf_str(&longer, list);
    CHECK(!pp_buf_error(&longer));
    CHECK(pp_proxy_is_exempt(pp_buf_text(&longer), host));
    CHECK(!exempt || pp_proxy_is_exempt(list, host));
    pp_buf_free(&longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_str list = pp_str_n(data, size), url = pp_str_split(&list, '\n');
    pp_proxy proxy = {0};
    pp_buf plain = {0};

    if (pp_proxy_parse(url, &proxy)) {
        CHECK(!proxy.host && !proxy.authorization);
        return 0;
    }
    CHECK(proxy.host[0] && proxy.port);
    if (proxy.authorization) {
        CHECK(strncmp(proxy.authorization, "Basic ", 6) == 0);
        CHECK(pp_base64_decode(pp_str_c(proxy.authorization + 6), &plain) == 0 && plain.n > 0);
        CHECK(memchr(plain.p, ':', plain.n) != NULL);
        pp_buf_free(&plain);
    }
    check_list(list, proxy.host);
    pp_proxy_free(&proxy);
    return 0;
}
