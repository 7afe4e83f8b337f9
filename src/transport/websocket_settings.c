/* websocket_settings.c - the options of a WebSocket, checked, copied and made ready for use. */
#include "transport/websocket_settings.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/environment.h"

#include <stdio.h>

#define CONNECT_TIMEOUT_MS 10000u
#define PING_INTERVAL_MS                                                                           \
    25000u /* below the half minute after which home routers forget a connection */
#define PONG_TIMEOUT_MS 10000u

static int copy_text(const char *from, char **to)
{
    *to = pp_strdup(from);
    return from && !*to ? PIPIT_ERR_MEMORY : 0;
}

static int copy_headers(const char *const *from, pp_websocket_settings *s)
{
    size_t count = 0;
    int err = 0;

    while (from && from[count])
        count++;
    if (count == 0)
        return 0;
    s->extra_headers = pp_array(count + 1, sizeof(*s->extra_headers));
    if (!s->extra_headers)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; !err && i < count; i++)
        err = copy_text(from[i], &s->extra_headers[i]);
    return err;
}

static size_t or_else(size_t value, size_t otherwise)
{
    return value ? value : otherwise;
}

static void set_times(const pipit_websocket_options *options, pp_websocket_settings *s)
{
    s->connect_timeout_ms = (unsigned)or_else(options->connect_timeout_ms, CONNECT_TIMEOUT_MS);
    s->ping_interval_ms =
        options->no_pings ? 0 : (unsigned)or_else(options->ping_interval_ms, PING_INTERVAL_MS);
    s->pong_timeout_ms = (unsigned)or_else(options->pong_timeout_ms, PONG_TIMEOUT_MS);
}

static int set_sizes(const pipit_websocket_options *options, pp_websocket_settings *s)
{
    /* What is too much is the user agent's to say, and it can only answer 513 to what it was given. */
    s->max_message = or_else(options->max_message_size, PP_LIMIT_SIP_MESSAGE);
    s->max_buffered = or_else(options->max_buffered_amount, PP_LIMIT_SEND_QUEUE);
    if (s->max_message > PP_LIMIT_SIP_MESSAGE)
        return pp_error(PIPIT_ERR_LIMIT, "websocket: max_message_size is at most %u octets",
                        PP_LIMIT_SIP_MESSAGE);
    if (s->max_buffered > PP_LIMIT_SEND_QUEUE)
        return pp_error(PIPIT_ERR_LIMIT, "websocket: max_buffered_amount is at most %u octets",
                        PP_LIMIT_SEND_QUEUE);
    return 0;
}

/* The program may not know that there is one. */
static int set_environment_proxy(pp_websocket_settings *s)
{
    const char *proxy = pp_io_environment_proxy(s->url.secure);
    char sentence[128];
    int err;

    if (!proxy || pp_proxy_is_exempt(pp_str_c(pp_io_environment_no_proxy()), s->url.host))
        return 0;
    err = pp_proxy_parse(pp_str_c(proxy), &s->proxy);
    if (!err || err == PIPIT_ERR_MEMORY)
        return err;
    snprintf(sentence, sizeof(sentence), "%s", pipit_error_message());
    return pp_error(err, "%s (it is that of %s in the environment)", sentence,
                    s->url.secure ? "https_proxy" : "http_proxy");
}

static int set_proxy(const pipit_websocket_options *options, pp_websocket_settings *s)
{
    if (options->proxy)
        return pp_proxy_parse(pp_str_c(options->proxy), &s->proxy);
    return options->no_environment ? 0 : set_environment_proxy(s);
}

pp_ws_client_options pp_websocket_upgrade(const pp_websocket_settings *s)
{
    return (pp_ws_client_options){.host = s->url.host_header,
                                  .target = s->url.target,
                                  .origin = s->origin,
                                  .authorization = s->url.authorization,
                                  .subprotocol = "sip",
                                  .max_message = s->max_message,
                                  .extra_headers = (const char *const *)s->extra_headers};
}

/* A machine that is made and dropped: what it would refuse later is refused now. */
static int check_upgrade(const pp_websocket_settings *s, const pp_rng *rng)
{
    const pp_ws_client_options options = pp_websocket_upgrade(s);
    pp_ws *ws = NULL;
    int err = pp_ws_client_new(&options, rng, NULL, NULL, &ws);

    pp_ws_free(ws);
    return err;
}

static int make_tls(pipit_loop *loop, const pipit_websocket_options *options,
                    pp_websocket_settings *s)
{
    const pp_tls_client_options tls = {.ca_file = options->ca_file,
                                       .certificate_file = options->certificate_file,
                                       .key_file = options->key_file,
                                       .pinned_keys = options->pinned_keys,
                                       .oldest = options->oldest_tls == PIPIT_TLS_1_3 ? PP_TLS_1_3
                                                                                      : PP_TLS_1_2,
                                       .protocol = "http/1.1", /* RFC 6455 section 4.1 */
                                       .insecure = options->insecure};

    return s->url.secure ? pp_tls_client_context_shared(&loop->tls, &tls, &s->tls) : 0;
}

int pp_websocket_settings_make(pipit_loop *loop, const char *url,
                               const pipit_websocket_options *options, pp_websocket_settings *out)
{
    static const pipit_websocket_options defaults = {0};
    pp_websocket_settings s = {0};
    int err = pp_websocket_url_parse(pp_str_c(url), &s.url);

    options = options ? options : &defaults;
    if (!err)
        err = copy_text(options->verify_name, &s.verify_name);
    if (!err)
        err = copy_text(options->origin, &s.origin);
    if (!err)
        err = copy_headers(options->extra_headers, &s);
    if (!err)
        err = set_sizes(options, &s);
    if (!err)
        err = set_proxy(options, &s);
    if (!err)
        err = check_upgrade(&s, &loop->rng);
    if (!err)
        err = make_tls(loop, options, &s);
    set_times(options, &s);
    if (err)
        pp_websocket_settings_free(&s);
    else
        *out = s;
    return err;
}

void pp_websocket_settings_free(pp_websocket_settings *s)
{
    pp_websocket_url_free(&s->url);
    pp_proxy_free(&s->proxy);
    pp_tls_context_unref(s->tls);
    pp_free(s->verify_name);
    pp_free(s->origin);
    for (char **line = s->extra_headers; line && *line; line++)
        pp_free_secret(*line);
    pp_free(s->extra_headers);
    *s = (pp_websocket_settings){0};
}
