/* source.c - `received` and `rport`. */
#include "transport/source.h"

#include "base/error.h"
#include "sip/message.h"

#define DEFAULT_PORT 5060u

/* "192.0.2.1" or "[2001:db8::1]"; `received` has IPv6 without brackets too. */
static bool read_host(pp_str host, uint16_t port, pp_addr *out)
{
    if (host.n > 2 && host.p[0] == '[')
        host = pp_str_sub(host, 1, host.n - 1);
    return pp_addr_parse(host, port, out);
}

/* --- a request that came ---------------------------------------------------------------------- */

/* Where its parameters stand, or would. */
static const char *params_of(const pp_via *via)
{
    const char *end = via->host.p + via->host.n;

    if (via->params.p)
        return via->params.p;
    if (via->port && *end == ':')
        for (end++; *end >= '0' && *end <= '9';)
            end++;
    return end;
}

/* RFC 3261 section 18.2.1: where the host is not the source; RFC 3581 section 4: and always where `rport` is asked for. What
 * the sender has put there himself is not believed, or our answers would go to whom he likes. */
static void write_marked(pp_str wire, const pp_via *via, const pp_addr *from, pp_buf *out)
{
    const char *start = params_of(via), *end = start + via->params.n;
    pp_str rest = via->params, name, value;
    char ip[PP_ADDR_TEXT];
    pp_addr said;
    bool note = !read_host(via->host, 0, &said) || !pp_addr_same_ip(&said, from);

    pp_buf_add(out, wire.p, (size_t)(start - wire.p));
    while (pp_param_next(&rest, &name, &value)) {
        bool asked = pp_str_ieq(name, PP_LIT("rport"));

        note = note || asked;
        if (pp_str_ieq(name, PP_LIT("received")))
            continue;
        pp_buf_format(out, ";%.*s", PP_STR(name));
        if (asked)
            pp_buf_format(out, "=%u", from->port);
        else if (value.p)
            pp_buf_format(out, "=%.*s", PP_STR(value));
    }
    if (note)
        pp_buf_format(out, ";received=%s", pp_addr_ip_text(from, ip));
    pp_buf_add(out, end, (size_t)(wire.p + wire.n - end));
}

int pp_source_mark(pp_str text, const pp_addr *from, pp_buf *out)
{
    pp_message *message = NULL;
    int err = pp_message_parse(text, &message);

    if (err)
        return err;
    if (message->is_request && message->via.host.n) /* without, its refusal goes to the server */
        write_marked(message->wire, &message->via, from, out);
    err = pp_buf_error(out);
    if (err)
        pp_buf_free(out);
    pp_message_unref(message);
    return err;
}

/* --- a response that goes --------------------------------------------------------------------- */

static uint16_t port_of(const pp_via *via)
{
    uint32_t port = via->port ? via->port : DEFAULT_PORT;
    pp_str value;

    if (pp_param(via->params, "rport", &value))
        pp_str_to_u32(value, 1, 65535, &port);
    return (uint16_t)port;
}

int pp_source_of_response(pp_str response, pp_addr *out)
{
    pp_message *message = NULL;
    pp_str host;
    int err = pp_message_parse(response, &message);

    if (err)
        return err;
    if (!pp_param(message->via.params, "received", &host))
        host = message->via.host;
    if (!read_host(host, port_of(&message->via), out))
        err = pp_error(PIPIT_ERR_NOT_FOUND, "datagrams: '%.*s' is no address", PP_STR(host));
    pp_message_unref(message);
    return err;
}
