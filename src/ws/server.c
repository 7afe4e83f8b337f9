/* server.c - the server's half of the upgrade, and plain HTTP beside it (RFC 6455 section 4.2). */
#include "ws/machine.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

int pp_ws_server_new(const pp_ws_server_options *options, const pp_rng *rng,
                     const pp_ws_handlers *handlers, void *arg, pp_ws **out)
{
    const pp_ws like = {.handlers = handlers,
                        .arg = arg,
                        .rng = rng,
                        .server = true,
                        .max_message = options->max_message};

    return pp_ws_new(&like, options->subprotocol, out);
}

static void write_answer_head(pp_buf *out, int status, const char *reason, const char *content_type,
                              size_t size)
{
    pp_buf_format(out, "HTTP/1.1 %d %s\r\n", status, reason);
    if (status == 426)
        pp_buf_c(out, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
    if (content_type)
        pp_buf_format(out, "Content-Type: %s\r\n", content_type);
    pp_buf_format(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n", size);
}

int pp_ws_http_answer(pp_ws *ws, int status, const char *reason, const char *content_type,
                      const void *body, size_t size)
{
    pp_buf answer = {.max = PP_LIMIT_SEND_QUEUE};
    int err;

    if (!ws->server || ws->state != PP_WS_UPGRADING || ws->answered)
        return pp_error(PIPIT_ERR_STATE, "http: there is no request to answer");
    if (status < 200 || status > 999 || !pp_http_is_field_text(pp_str_c(reason)) ||
        !pp_http_is_field_text(pp_str_c(content_type)))
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "http: the status or a text of the answer is malformed");
    write_answer_head(&answer, status, reason ? reason : "", content_type, size);
    if (body)
        pp_buf_add(&answer, body, size);
    err = pp_buf_error(&answer);
    if (!err) {
        ws->answered = true;
        pp_ws_enter(ws);
        pp_ws_output(ws, answer.p, answer.n);
        pp_ws_leave(ws);
    }
    pp_buf_free(&answer);
    return err;
}

void pp_ws_refuse(pp_ws *ws, int status, const char *phrase, const char *sentence)
{
    /* Without memory for the answer the connection just ends. */
    (void)pp_ws_http_answer(ws, status, phrase, NULL, NULL, 0);
    pp_ws_report_closed(ws, 1006, PP_LIT(""), false, sentence);
}

static void answer_http(pp_ws *ws, const pp_http_head *head)
{
    pp_http_request request = {
        .method = head->start[0], .target = head->start[1], .headers = head->headers};

    if (!ws->handlers->http) {
        pp_ws_refuse(ws, 426, "Upgrade Required", "the request was no upgrade");
        return;
    }
    pp_http_header(head, "Host", &request.host, NULL);
    pp_http_header(head, "Origin", &request.origin, NULL);
    ws->handlers->http(ws->arg, &request);
    if (ws->state != PP_WS_UPGRADING)
        return;
    if (ws->answered)
        pp_ws_report_closed(ws, 1006, PP_LIT(""), false, "answered as plain HTTP");
    else
        pp_ws_refuse(ws, 404, "Not Found", "the request was no upgrade and not answered");
}

/* Base64 of sixteen octets: the last of its characters stands for four bits. */
static bool is_key(pp_str key)
{
    pp_buf nonce = {0};
    bool good = key.n == PP_WS_KEY_TEXT && pp_base64_decode(key, &nonce) == 0 && nonce.n == 16;

    pp_buf_free(&nonce);
    return good;
}

/* Section 4.2.1. NULL when the request may be upgraded. */
static const char *check_request(const pp_ws *ws, const pp_http_head *head, pp_str *key)
{
    pp_str value;
    unsigned count;

    if (!pp_str_eq(head->start[0], PP_LIT("GET")))
        return "an upgrade must be a GET";
    if (pp_http_minor_version(head->start[2]) < 1)
        return "an upgrade must be HTTP/1.1";
    if (!pp_http_header(head, "Host", &value, &count) || count != 1)
        return "an upgrade needs one Host";
    if (!pp_http_has_token(head, "Connection", PP_LIT("upgrade")))
        return "an upgrade needs 'Connection: Upgrade'";
    if (!pp_http_header(head, "Sec-WebSocket-Key", key, &count) || count != 1 || !is_key(*key))
        return "an upgrade needs one Sec-WebSocket-Key of sixteen octets";
    if (ws->subprotocol &&
        !pp_http_has_token(head, "Sec-WebSocket-Protocol", pp_str_c(ws->subprotocol)))
        return "the subprotocol is not among those asked for";
    return NULL;
}

static void accept_upgrade(pp_ws *ws, pp_str key)
{
    char accept[PP_WS_ACCEPT_TEXT + 1];
    pp_buf answer = {0};

    if (pp_ws_accept_for(key, accept) == 0) {
        pp_buf_c(
            &answer,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
        pp_buf_format(&answer, "Sec-WebSocket-Accept: %s\r\n", accept);
        if (ws->subprotocol)
            pp_buf_format(&answer, "Sec-WebSocket-Protocol: %s\r\n", ws->subprotocol);
        pp_buf_c(&answer, "\r\n");
    }
    if (pp_buf_error(&answer) || answer.n == 0) {
        pp_ws_fail(ws, 1011, "no memory for the upgrade");
    } else {
        ws->state = PP_WS_OPEN;
        pp_ws_output(ws, answer.p, answer.n);
        if (ws->state == PP_WS_OPEN)
            ws->handlers->open(ws->arg);
    }
    pp_buf_free(&answer);
}

void pp_ws_server_head(pp_ws *ws, pp_str text)
{
    pp_str key = PP_STR_NONE, version = PP_STR_NONE;
    pp_http_head head;
    const char *wrong;
    unsigned count = 0;

    if (pp_http_parse(text, &head) || pp_http_minor_version(head.start[2]) < 0) {
        pp_ws_refuse(ws, 400, "Bad Request", "the request is no HTTP/1.1");
        return;
    }
    if (!pp_http_has_token(&head, "Upgrade", PP_LIT("websocket"))) {
        answer_http(ws, &head);
        return;
    }
    wrong = check_request(ws, &head, &key);
    pp_http_header(&head, "Sec-WebSocket-Version", &version, &count);
    if (wrong)
        pp_ws_refuse(ws, 400, "Bad Request", wrong);
    else if (count != 1 || !pp_str_eq(version, PP_LIT("13")))
        pp_ws_refuse(ws, 426, "Upgrade Required", "the WebSocket version asked for is not 13");
    else
        accept_upgrade(ws, key);
}
