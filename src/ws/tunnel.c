/* tunnel.c - HTTP CONNECT: the request, and the proxy's answer. */
#include "ws/tunnel.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

#include <stdio.h>

int pp_tunnel_request(const char *host, uint16_t port, const char *authorization, char **out)
{
    pp_buf request = {.max = PP_LIMIT_WS_HANDSHAKE};
    bool literal = strchr(host, ':') != NULL;
    pp_buf authority = {0};
    char *place = NULL;
    int err;

    pp_buf_format(&authority, literal ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
    err = pp_buf_take(&authority, &place);
    if (err)
        return err;
    /* At once: a buffer that grows leaves credentials behind. */
    if (pp_buf_room(&request,
                    2 * strlen(place) + (authorization ? strlen(authorization) : 0) + 128))
        pp_buf_clear(&request);
    pp_buf_format(&request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", place, place);
    if (authorization)
        pp_buf_format(&request, "Proxy-Authorization: %s\r\n", authorization);
    pp_buf_c(&request, "\r\n");
    pp_free(place);
    return pp_buf_take(&request, out);
}

static pp_tunnel_result refuse(char sentence[PP_WS_REFUSAL], const char *text)
{
    snprintf(sentence, PP_WS_REFUSAL, "%s", text);
    return PP_TUNNEL_REFUSED;
}

static pp_tunnel_result judge(pp_str text, char sentence[PP_WS_REFUSAL])
{
    pp_http_head head;
    uint32_t status = 0;

    if (pp_http_parse(text, &head) || pp_http_minor_version(head.start[0]) < 0 ||
        !pp_str_to_u32(head.start[1], 100, 999, &status))
        return refuse(sentence, "what the proxy answered is no HTTP");
    if (status < 200) /* RFC 9110 section 15.2: the final answer follows */
        return PP_TUNNEL_MORE;
    if (status < 300)
        return PP_TUNNEL_OPEN;
    pp_ws_explain_proxy(&head, status, sentence);
    return PP_TUNNEL_REFUSED;
}

pp_tunnel_result pp_tunnel_receive(pp_tunnel *tunnel, const uint8_t *data, size_t size,
                                   char sentence[PP_WS_REFUSAL])
{
    pp_tunnel_result result = PP_TUNNEL_MORE;
    size_t head, from = tunnel->head.n;

    tunnel->head.max = PP_LIMIT_WS_HANDSHAKE;
    pp_buf_add(&tunnel->head, data, size);
    if (pp_buf_error(&tunnel->head))
        return refuse(sentence, pp_buf_error(&tunnel->head) == PIPIT_ERR_LIMIT
                                    ? "the head of the proxy's answer is too long"
                                    : "no memory for the proxy's answer");
    while (result == PP_TUNNEL_MORE &&
           (head = pp_http_head_size(pp_buf_text(&tunnel->head), from)) > 0) {
        result = judge(pp_str_n(tunnel->head.p, head), sentence);
        pp_buf_consume(&tunnel->head, head);
        from = 0;
    }
    if (result == PP_TUNNEL_OPEN && tunnel->head.n)
        return refuse(sentence, "the proxy sent more than its answer to CONNECT");
    return result;
}

void pp_tunnel_free(pp_tunnel *tunnel)
{
    pp_buf_free(&tunnel->head);
}
