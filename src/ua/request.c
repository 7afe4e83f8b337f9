/* request.c - the parts all requests of ours share (jssip-behaviour sections 1.16 and 3.12). */
#include "base/alloc.h"
#include "base/error.h"
#include "transport/socket.h"
#include "ua/trace.h"
#include "ua/ua.h"

#define CALL_ID_SIZE 16u
#define VIA_SIZE     128u /* octets of a Via line of ours, about */
#define TAG_SIZE     12u

void pp_add_lines(pp_outgoing *message, const char *const *lines)
{
    for (size_t i = 0; lines && lines[i]; i++)
        pp_outgoing_add_line(message, lines[i]);
}

int pp_add_buf(pp_outgoing *message, pp_header_id id, pp_buf *value)
{
    int err = pp_buf_error(value);

    if (!err)
        pp_outgoing_add(message, id, pp_buf_text(value));
    pp_buf_free(value);
    return err;
}

/* Its octets on the wire with a Via, where that decides how it goes (RFC 3261 section 18.1.1); else 0. */
static size_t size_of(const pipit_socket *socket, const pp_outgoing *request)
{
    pp_buf wire = {0};
    size_t size = 0;

    if (strcmp(pp_socket_via_transport(socket, 0), "UDP") != 0)
        return 0;
    if (pp_outgoing_write(request, &wire) == 0)
        size = wire.n + (pp_outgoing_header(request, PP_HEADER_VIA, 0).p ? 0 : VIA_SIZE);
    pp_buf_free(&wire);
    return size;
}

int pp_ua_set_via(pipit_ua *ua, pp_outgoing *request)
{
    const pipit_socket *socket = pp_transport_socket(ua->transport);
    char branch[PP_BRANCH_SIZE], address[PP_ADDR_TEXT];
    bool placed = pp_socket_local_address(socket, address, sizeof(address));
    const pp_via_parts via = {
        .transport = pp_str_c(pp_socket_via_transport(socket, size_of(socket, request))),
        .sent_by = pp_str_c(placed ? address : ua->settings.via_host),
        .rport = placed,
        .branch = pp_str_n(branch, PP_BRANCH_SIZE - 1),
    };

    pp_branch_new(&ua->loop->rng, branch);
    pp_outgoing_set_via(request, &via);
    pp_outgoing_set_size_max(request, ua->settings.message_size_max);
    return pp_outgoing_error(request);
}

int pp_ua_add_contact(pipit_ua *ua, pp_contact_form form, pp_outgoing *message)
{
    pp_told *contact;
    int err = pp_contact_tell(&ua->contact, form, &contact);

    if (err)
        return err;
    pp_outgoing_add_ours(message, PP_HEADER_CONTACT, pp_str_c(contact->text));
    pp_told_unref(contact);
    return 0;
}

void pp_ua_finish_request(pipit_ua *ua, pp_outgoing *request)
{
    pp_ua_add_usual(ua, pp_outgoing_method(request), request);
}

void pp_ua_finish_reoffer(pipit_ua *ua, pp_outgoing *request)
{
    pp_ua_add_usual(ua, PP_UPDATE, request);
}

/* --- outside of dialogs ----------------------------------------------------------------------- */

/* Gives back whether the user part could be escaped. */
static int put_from_uri(const pipit_ua *ua, const pp_ua_request_options *o, pp_outgoing *request)
{
    pp_buf user = {0};
    int err;

    if (o->from || !o->from_user) {
        pp_outgoing_put_c(request, o->from ? o->from : ua->settings.uri);
        return 0;
    }
    pp_uri_escape_user(pp_str_c(o->from_user), &user);
    err = pp_buf_error(&user);
    pp_outgoing_put(request, PP_LIT("sip:"));
    pp_outgoing_put(request, pp_buf_text(&user));
    pp_outgoing_put(request, PP_LIT("@"));
    pp_outgoing_put_c(request, ua->settings.domain);
    pp_buf_free(&user);
    return err;
}

/* A user part is escaped, but it cannot be nothing, nor a password alone; and who puts line ends into it means no good. */
static int check_from_user(const char *user)
{
    if (!user || (*user && *user != ':' && pp_str_is_line(pp_str_c(user))))
        return 0;
    return pp_error(PIPIT_ERR_SYNTAX, "from_user_name: this is no user part");
}

static void put_display_name(const char *name, pp_outgoing *request)
{
    if (!name || !*name)
        return;
    pp_outgoing_put_quoted(request, pp_str_c(name));
    pp_outgoing_put(request, PP_LIT(" "));
}

/* What is given, or else something fresh of `size` octets. */
static pp_str token(pipit_ua *ua, const char *given, char *room, size_t size)
{
    if (given)
        return pp_str_c(given);
    pp_rng_token(&ua->loop->rng, room, size);
    return pp_str_n(room, size);
}

static int add_from(pipit_ua *ua, const pp_ua_request_options *o, pp_outgoing *request)
{
    const char *name = o->from_display_name ? o->from_display_name : ua->settings.display_name;
    char room[TAG_SIZE + 1];
    const pp_str tag[] = {PP_LIT(">;tag="), token(ua, o->from_tag, room, TAG_SIZE),
                          pp_str_c(o->from_tag ? NULL : o->from_tag_trail)};
    int err = check_from_user(o->from_user);

    if (err)
        return err;
    pp_outgoing_begin(request, PP_HEADER_FROM);
    put_display_name(name, request);
    pp_outgoing_put(request, PP_LIT("<"));
    err = put_from_uri(ua, o, request);
    pp_outgoing_put_all(request, tag, sizeof(tag) / sizeof(*tag));
    pp_outgoing_end(request);
    return err;
}

static void add_to(const pp_ua_request_options *o, pp_outgoing *request)
{
    const pp_str uri[] = {PP_LIT("<"), o->to ? pp_str_c(o->to) : o->target, PP_LIT(">")};

    pp_outgoing_begin(request, PP_HEADER_TO);
    put_display_name(o->to_display_name, request);
    pp_outgoing_put_all(request, uri, sizeof(uri) / sizeof(*uri));
    pp_outgoing_end(request);
}

static void add_call_id(pipit_ua *ua, const char *given, pp_outgoing *request)
{
    char room[CALL_ID_SIZE + 1];
    const pp_str parts[] = {pp_str_c(given ? NULL : ua->settings.call_id_prefix),
                            token(ua, given, room, CALL_ID_SIZE)};

    pp_outgoing_add_all(request, PP_HEADER_CALL_ID, parts, sizeof(parts) / sizeof(*parts));
}

/* To the server itself first, then as the registrar has it. */
static void add_routes(pipit_ua *ua, pp_method method, pp_outgoing *request)
{
    const char *server = pipit_socket_sip_uri(pp_transport_socket(ua->transport));
    pp_uri uri;

    if (ua->settings.preloaded_route && pp_uri_parse(pp_str_c(server), &uri) == 0)
        pp_outgoing_add_format(request, PP_HEADER_ROUTE, "<%s%s>", server,
                               pp_param(uri.params, "lr", NULL) ? "" : ";lr");
    if (method != PP_REGISTER)
        pp_registrator_add_routes(&ua->registrator, request);
}

int pp_ua_request(pipit_ua *ua, const pp_ua_request_options *o, pp_outgoing **out)
{
    pp_outgoing *request = NULL;
    uint32_t cseq = o->cseq ? o->cseq : 1 + pp_rng_below(&ua->loop->rng, 9999);
    int err = pp_outgoing_request_in(ua->pool, o->method, o->target, &request);

    if (err)
        return err;
    add_routes(ua, o->method, request);
    pp_outgoing_add_ours(request, PP_HEADER_MAX_FORWARDS, PP_LIT("69"));
    add_to(o, request);
    err = add_from(ua, o, request);
    add_call_id(ua, o->call_id, request);
    pp_outgoing_add_cseq(request, cseq);
    pp_add_lines(request, o->extra_headers);
    if (!err)
        err = pp_outgoing_error(request);
    if (err) {
        pp_outgoing_unref(request);
        return err;
    }
    *out = request;
    return 0;
}

int pp_ua_write_target(const pipit_ua *ua, const char *target, pp_buf *out)
{
    return pp_normalize_ruri(pp_str_c(target), pp_str_c(ua->settings.target_domain), out);
}

int pp_ua_target(const pipit_ua *ua, const char *target, char **out)
{
    pp_buf text = {0};
    int err = pp_ua_write_target(ua, target, &text);

    if (!err)
        return pp_buf_take(&text, out);
    pp_buf_free(&text);
    return err;
}

int pipit_ua_normalize_target(pipit_ua *ua, const char *target, pipit_uri **out)
{
    char *text = NULL;
    int err;

    if (!ua || !target || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "target: the user agent or the text is missing");
    err = pp_ua_target(ua, target, &text);
    if (!err)
        err = pipit_uri_parse(text, out);
    pp_free(text);
    return err;
}

int pp_ua_send_plain(pipit_ua *ua, pp_outgoing *message)
{
    pp_str wire;
    int err = pp_outgoing_wire(message, &wire);

    if (!err && !pp_transport_send(ua->transport, wire.p, wire.n))
        err = pp_error(PIPIT_ERR_CONNECTION, "user agent: not connected");
    if (!err)
        pp_ua_trace_message(ua, PIPIT_TRACE_SIP_OUT, wire);
    return err;
}

int pp_ua_send_bye(pipit_ua *ua, pp_dialog *dialog)
{
    pp_outgoing *bye = NULL;
    int err = pp_dialog_request(dialog, PP_BYE, 0, &bye);

    if (err)
        return err;
    pp_ua_finish_request(ua, bye);
    err = pp_outgoing_error(bye);
    if (!err)
        err = pp_farewell_bye(ua, bye);
    pp_outgoing_unref(bye);
    return err;
}
