/* client.c - the client's half of the upgrade: the request, and every check of the answer (RFC 6455
 * section 4.1). */
#include "ws/machine.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "ws/refusal.h"

int pp_ws_accept_for(pp_str key, char out[PP_WS_ACCEPT_TEXT + 1])
{
    const pp_str pieces[] = {key, PP_LIT("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")};
    uint8_t digest[PP_HASH_MAX];
    pp_buf text = {0};
    int err = pp_hash_digest(PP_HASH_SHA1, pieces, 2, digest);

    if (err)
        return err;
    pp_buf_base64(&text, digest, pp_hash_size(PP_HASH_SHA1));
    err = pp_buf_error(&text);
    if (!err) {
        memcpy(out, text.p, PP_WS_ACCEPT_TEXT);
        out[PP_WS_ACCEPT_TEXT] = '\0';
    }
    pp_buf_free(&text);
    return err;
}

static bool is_visible(pp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= 0x20 || s.p[i] >= 0x7F)
            return false;
    return s.n > 0;
}

/* A header line of the application: well-formed, and none of those that are ours. */
static int check_extra_header(pp_str line)
{
    static const char *const ours[] = {"Host",   "Upgrade",        "Connection",
                                       "Origin", "Content-Length", "Transfer-Encoding"};
    pp_str value = line, name = pp_str_split(&value, ':');

    if (!value.p || !pp_http_is_token(name) || !pp_http_is_field_text(value))
        return pp_error(PIPIT_ERR_SYNTAX, "websocket: an extra header is no 'Name: value'");
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (pp_str_ieq_c(name, ours[i]))
            return pp_error(PIPIT_ERR_SYNTAX, "websocket: header '%s' is not for the application",
                            ours[i]);
    if (pp_str_istarts(name, "Sec-WebSocket-"))
        return pp_error(PIPIT_ERR_SYNTAX, "websocket: header '%.*s' is not for the application",
                        PP_STR(name));
    return 0;
}

static int check_options(const pp_ws_client_options *options)
{
    pp_str target = pp_str_c(options->target ? options->target : "/");

    if (!is_visible(pp_str_c(options->host)))
        return pp_error(PIPIT_ERR_SYNTAX,
                        "websocket: the host is empty or has characters that no host has");
    if (!is_visible(target) || target.p[0] != '/')
        return pp_error(PIPIT_ERR_SYNTAX,
                        "websocket: the path must start with '/' and have no blanks");
    if (options->origin && !is_visible(pp_str_c(options->origin)))
        return pp_error(PIPIT_ERR_SYNTAX, "websocket: the origin is empty or has blanks");
    for (const char *const *line = options->extra_headers; line && *line; line++) {
        int err = check_extra_header(pp_str_c(*line));
        if (err)
            return err;
        if (options->authorization && pp_str_istarts(pp_str_c(*line), "Authorization:"))
            return pp_error(PIPIT_ERR_SYNTAX, "websocket: credentials are given twice: in the URL "
                                              "and as an Authorization header");
    }
    return 0;
}

/* More than the request has. */
static size_t request_size(const pp_ws_client_options *options)
{
    size_t size = 256 + strlen(options->host);

    size += options->target ? strlen(options->target) : 0;
    size += options->subprotocol ? strlen(options->subprotocol) : 0;
    size += options->origin ? strlen(options->origin) : 0;
    size += options->authorization ? strlen(options->authorization) : 0;
    for (const char *const *line = options->extra_headers; line && *line; line++)
        size += strlen(*line) + 2;
    return size;
}

static int write_request(const pp_ws_client_options *options, const char *key, char **out)
{
    pp_buf request = {.max = PP_LIMIT_WS_HANDSHAKE};

    /* At once: a buffer that grows leaves credentials behind. */
    if (pp_buf_room(&request, request_size(options)))
        pp_buf_clear(&request);
    pp_buf_format(&request, "GET %s HTTP/1.1\r\nHost: %s\r\n",
                  options->target ? options->target : "/", options->host);
    pp_buf_c(&request,
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    pp_buf_format(&request, "Sec-WebSocket-Key: %s\r\n", key);
    if (options->subprotocol)
        pp_buf_format(&request, "Sec-WebSocket-Protocol: %s\r\n", options->subprotocol);
    if (options->origin)
        pp_buf_format(&request, "Origin: %s\r\n", options->origin);
    if (options->authorization)
        pp_buf_format(&request, "Authorization: %s\r\n", options->authorization);
    for (const char *const *line = options->extra_headers; line && *line; line++)
        pp_buf_format(&request, "%s\r\n", *line);
    pp_buf_c(&request, "\r\n");
    return pp_buf_take(&request, out);
}

static int make_request(pp_ws *ws, const pp_ws_client_options *options)
{
    uint8_t nonce[16];
    pp_buf text = {0};
    char *key = NULL;
    int err;

    pp_rng_bytes(ws->rng, nonce, sizeof(nonce));
    pp_buf_base64(&text, nonce, sizeof(nonce));
    err = pp_buf_take(&text, &key);
    if (!err)
        err = pp_ws_accept_for(pp_str_c(key), ws->accept);
    if (!err)
        err = write_request(options, key, &ws->request);
    pp_free(key);
    return err;
}

int pp_ws_client_new(const pp_ws_client_options *options, const pp_rng *rng,
                     const pp_ws_handlers *handlers, void *arg, pp_ws **out)
{
    const pp_ws like = {
        .handlers = handlers, .arg = arg, .rng = rng, .max_message = options->max_message};
    int err = check_options(options);
    pp_ws *ws = NULL;

    if (!err)
        err = pp_ws_new(&like, options->subprotocol, &ws);
    if (!err)
        err = make_request(ws, options);
    if (err)
        pp_ws_free(ws);
    else
        *out = ws;
    return err;
}

void pp_ws_start(pp_ws *ws)
{
    char *request = ws->request;

    if (!request)
        return;
    ws->request = NULL;
    pp_ws_enter(ws);
    pp_ws_output(ws, request, strlen(request));
    pp_ws_leave(ws);
    pp_free_secret(request);
}

/* Section 4.1, the client's points 1 to 6 about the answer. NULL when it is all right. */
static const char *check_answer(const pp_ws *ws, const pp_http_head *head)
{
    pp_str value = PP_STR_NONE;
    unsigned count;

    if (!pp_http_header(head, "Upgrade", &value, &count) || count != 1 ||
        !pp_str_ieq(value, PP_LIT("websocket")))
        return "the server upgraded to something other than a WebSocket";
    if (!pp_http_has_token(head, "Connection", PP_LIT("upgrade")))
        return "the answer to the upgrade has no 'Connection: Upgrade'";
    if (!pp_http_header(head, "Sec-WebSocket-Accept", &value, &count) || count != 1 ||
        !pp_str_eq_c(value, ws->accept))
        return "the answer to the upgrade has a wrong Sec-WebSocket-Accept";
    if (pp_http_header(head, "Sec-WebSocket-Extensions", &value, NULL) && value.n)
        return "the server insists on an extension that was not offered";
    if (!pp_http_header(head, "Sec-WebSocket-Protocol", &value, &count))
        return ws->subprotocol ? "the server does not speak the subprotocol asked for" : NULL;
    if (!ws->subprotocol || count != 1 || !pp_str_ieq_c(value, ws->subprotocol))
        return "the server chose a subprotocol that was not asked for";
    return NULL;
}

void pp_ws_client_head(pp_ws *ws, pp_str text)
{
    pp_http_head head;
    char sentence[PP_WS_REFUSAL];
    const char *wrong;
    uint32_t status = 0;

    if (pp_http_parse(text, &head)) {
        pp_ws_fail(ws, 1002, "the answer to the upgrade is no HTTP: %s", pipit_error_message());
        return;
    }
    if (pp_http_minor_version(head.start[0]) < 1 ||
        !pp_str_to_u32(head.start[1], 100, 999, &status)) {
        pp_ws_fail(ws, 1002, "the answer to the upgrade is no HTTP/1.1");
        return;
    }
    if (status != 101) {
        pp_ws_explain_refusal(&head, status, sentence);
        pp_ws_fail(ws, 1002, "%s", sentence);
        return;
    }
    wrong = check_answer(ws, &head);
    if (wrong) {
        pp_ws_fail(ws, 1002, "%s", wrong);
        return;
    }
    ws->state = PP_WS_OPEN;
    ws->handlers->open(ws->arg);
}
