/* outgoing_write.c - a message to its wire form: measured first, then written in one go. */
#include "base/error.h"
#include "base/limits.h"
#include "sip/outgoing_inside.h"

#define VERSION        PP_LIT("SIP/2.0")
#define CONTENT_LENGTH PP_LIT("Content-Length: ")
#define CRLF           PP_LIT("\r\n")

static size_t digits_of(size_t number, char out[20])
{
    size_t n = 0;

    for (size_t rest = number; n == 0 || rest; rest /= 10)
        n++;
    for (size_t i = n; i > 0; i--, number /= 10)
        out[i - 1] = (char)('0' + number % 10);
    return n;
}

static size_t measure(const pp_outgoing *message, size_t first_line, size_t digits)
{
    size_t size = first_line + CONTENT_LENGTH.n + digits + 2 * CRLF.n + message->body.n;

    for (size_t i = 0; i < message->header_count; i++)
        size += message->headers[i].name.n + 2 + message->headers[i].value.n + CRLF.n;
    return size;
}

static char *put(char *at, pp_str s)
{
    if (s.n)
        memcpy(at, s.p, s.n);
    return at + s.n;
}

int pp_outgoing_write(const pp_outgoing *message, pp_buf *out)
{
    char status[20], length[20];
    pp_str code = {status, digits_of((size_t)message->status, status)};
    pp_str number = {length, digits_of(message->body.n, length)};
    bool request = message->status == 0;
    pp_str line[5] = {request ? message->method_name : VERSION, PP_LIT(" "),
                      request ? message->ruri : code, PP_LIT(" "),
                      request ? VERSION : message->phrase};
    size_t size_max = message->size_max ? message->size_max : PP_LIMIT_SIP_MESSAGE;
    size_t first_line = CRLF.n, size;
    char *at;

    if (message->error)
        return pp_error(message->error, "message: %s", message->why);
    for (size_t i = 0; i < 5; i++)
        first_line += line[i].n;
    size = measure(message, first_line, number.n);
    if (size > size_max)
        return pp_error(PIPIT_ERR_LIMIT, "message: its %zu octets are more than %zu", size,
                        size_max);
    at = (char *)pp_buf_room(out, size);
    if (!at)
        return pp_buf_error(out);
    for (size_t i = 0; i < 5; i++)
        at = put(at, line[i]);
    at = put(at, CRLF);
    for (size_t i = 0; i < message->header_count; i++) {
        at = put(put(at, message->headers[i].name), PP_LIT(": "));
        at = put(put(at, message->headers[i].value), CRLF);
    }
    at = put(put(at, CONTENT_LENGTH), number);
    put(put(put(at, CRLF), CRLF), message->body);
    return 0;
}
