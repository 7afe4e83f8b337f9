/* place.c - where we are reached over UDP, TCP and TLS: at the local address of the connection, and once the registrar has
 * shown another (RFC 3261 section 18.2.1, RFC 3581), at that. */
#include "base/addr.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "transport/socket.h"
#include "ua/ua.h"

/* Takes the address, which is on the heap; NULL is the made-up name. */
static void move_to(pipit_ua *ua, char *address)
{
    const char *transport = pp_socket_via_transport(pp_transport_socket(ua->transport), 0);

    if (pp_contact_place(&ua->contact, ua->settings.contact_uri, address ? address : "",
                         transport) < 0) {
        pp_log_warn("UA", "no memory for the Contact");
        pp_free(address);
        return;
    }
    pp_free(ua->place.address);
    ua->place.address = address;
}

void pp_ua_place(pipit_ua *ua)
{
    char text[PP_ADDR_TEXT];
    bool placed = pp_socket_local_address(pp_transport_socket(ua->transport), text, sizeof(text));
    char *address;

    pp_loop_unpost(ua->loop, &ua->place.post);
    ua->place.moves = 0;
    if (ua->settings.contact_given || (!placed && !ua->place.address))
        return;
    address = placed ? pp_strdup(text) : NULL;
    if (placed && !address)
        pp_log_warn("UA", "no memory for the address");
    else
        move_to(ua, address);
}

void pp_ua_place_free(pipit_ua *ua)
{
    pp_loop_unpost(ua->loop, &ua->place.post);
    pp_free(ua->place.address);
    pp_free(ua->place.seen);
}

/* When the registration is done with the Contact that it had. */
static void on_moved(void *arg)
{
    pipit_ua *ua = arg;
    char *seen = ua->place.seen;

    ua->place.seen = NULL;
    if (!seen || ua->stopping || !ua->registrator.registered ||
        !pp_transport_is_connected(ua->transport)) {
        pp_free(seen);
        return;
    }
    pp_log_debug("UA", "seen at %s: registered once more with that", seen);
    move_to(ua, seen);
    if (pipit_ua_register(ua) < 0)
        pp_log_warn("UA", "no REGISTER with the new Contact: %s", pipit_error_message());
}

/* What the registrar put into our Via; false when it says nothing. */
static bool read_seen(const pp_via *via, pp_addr *out)
{
    uint32_t port = via->port;
    pp_str host = via->host, value;
    bool told = pp_param(via->params, "received", &host);

    if (pp_param(via->params, "rport", &value) && value.n) {
        told = true;
        if (!pp_str_to_u32(value, 1, 65535, &port))
            return false;
    }
    if (host.n > 2 && host.p[0] == '[')
        host = pp_str_sub(host, 1, host.n - 1);
    return told && pp_addr_parse(host, (uint16_t)port, out);
}

static void look_at_via(pipit_ua *ua, const pp_message *response)
{
    char seen[PP_ADDR_TEXT];
    pp_addr address;

    if (!ua->place.address || !read_seen(&response->via, &address))
        return;
    pp_addr_text(&address, seen);
    if (strcmp(seen, ua->place.address) == 0 || ua->place.moves >= PP_LIMIT_CONTACT_MOVES)
        return;
    ua->place.moves++;
    pp_free(ua->place.seen);
    ua->place.seen = pp_strdup(seen); /* without memory it is seen again with the next answer */
    pp_loop_post(ua->loop, &ua->place.post, on_moved, ua);
}

void pp_ua_learn_place(pipit_ua *ua, const pp_message *response)
{
    uint32_t seconds;

    if (response->method != PP_REGISTER || response->status < 200 || response->status >= 300)
        return;
    if (pp_message_number(response, PP_HEADER_FLOW_TIMER, &seconds) && seconds > 0)
        pp_socket_flow_timer(pp_transport_socket(ua->transport), seconds);
    pp_contact_bound(&ua->contact);
    look_at_via(ua, response);
}
