/* injection.c - hostile texts in every field of the public API that ends in a message: none changes a message's shape. Each is
 * refused with an error, or the message has the header fields of an honest one and says what it should. */
#include "support/cast/stage.h"
#include "support/hostile.h"

#include <stdio.h>
#include <stdlib.h>

/* --- messages --------------------------------------------------------------------------------- */

/* Header names, one a line. */
static void shape_of(const stage_message *m, char *out, size_t room)
{
    const char *line = strstr(m->text, "\r\n"), *end = strstr(m->text, "\r\n\r\n");
    size_t n = 0;

    assert_non_null(end);
    out[0] = '\0';
    while (line < end) {
        const char *name = line + 2, *colon = strchr(name, ':');
        assert_non_null(colon);
        n += (size_t)snprintf(out + n, room - n, "%.*s\n", (int)(colon - name), name);
        line = strstr(name, "\r\n");
    }
}

static size_t lines_of(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

/* Every field is read back, and its text is what stood on the wire. */
static void check(const char *field, const char *hostile, const stage_message *honest,
                  const stage_message *m, bool own_name)
{
    char wanted[2048], got[2048];
    pipit_request *back = NULL;
    size_t size = 0;
    const char *text;

    shape_of(honest, wanted, sizeof(wanted));
    shape_of(m, got, sizeof(got));
    if (own_name ? lines_of(wanted) != lines_of(got) : strcmp(wanted, got) != 0)
        fail_msg("%s: '%s' changed the fields of\n%s", field, hostile, m->text);
    if (pipit_request_parse(m->text, m->size, &back))
        fail_msg("%s: '%s' gave '%s':\n%s", field, hostile, pipit_error_message(), m->text);
    text = pipit_request_text(back, &size);
    assert_int_equal(size, m->size);
    assert_memory_equal(text, m->text, size);
    if (pipit_request_has_header(back, "X-Evil"))
        fail_msg("%s: '%s' put a field into\n%s", field, hostile, m->text);
    if (strcmp(pipit_request_from_tag(back), "evil") == 0 ||
        strcmp(pipit_request_to_tag(back), "evil") == 0)
        fail_msg("%s: '%s' put a tag into\n%s", field, hostile, m->text);
    assert_int_equal(pipit_request_count_header(back, "Content-Length"), 1);
    pipit_request_unref(back);
}

/* --- objects ---------------------------------------------------------------------------------- */

static pipit_uri *new_uri(void)
{
    pipit_uri *uri = NULL;

    assert_int_equal(pipit_uri_new("sip", "a", "h.example", 5060, &uri), 0);
    return uri;
}

/* A request with all a message must have, and the text of `from` in From. */
static int print_request(const char *from, const char *ruri, stage_message *out)
{
    static const char *const via[] = {"Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1", NULL};
    const pipit_request_options o = {.from_uri = "sip:a@h.example",
                                     .from_tag = "f",
                                     .call_id = "c",
                                     .extra_headers = via,
                                     .body = "b"};
    pipit_request *request = NULL;
    const char *text;
    size_t size;
    int err = pipit_request_new("MESSAGE", ruri, &o, &request);

    if (!err && from)
        err = pipit_request_set_header(request, "From", from);
    if (!err) {
        text = pipit_request_text(request, &size);
        stage_keep(out, text, size);
    }
    pipit_request_unref(request);
    return err;
}

static int print_uri(pipit_uri *uri, int err, stage_message *out)
{
    char *text = NULL;

    if (!err)
        err = pipit_uri_to_string(uri, &text);
    if (!err)
        err = print_request(NULL, text, out);
    pipit_free(text);
    pipit_uri_unref(uri);
    return err;
}

static int uri_user(const char *text, stage_message *out)
{
    pipit_uri *uri = new_uri();

    return print_uri(uri, pipit_uri_set_user(uri, text), out);
}

static int uri_host(const char *text, stage_message *out)
{
    pipit_uri *uri = new_uri();

    return print_uri(uri, pipit_uri_set_host(uri, text), out);
}

static int uri_scheme(const char *text, stage_message *out)
{
    pipit_uri *uri = new_uri();

    return print_uri(uri, pipit_uri_set_scheme(uri, text), out);
}

static int uri_param_name(const char *text, stage_message *out)
{
    pipit_uri *uri = new_uri();

    return print_uri(uri, pipit_uri_set_param(uri, text, "v"), out);
}

static int uri_param_value(const char *text, stage_message *out)
{
    pipit_uri *uri = new_uri();

    return print_uri(uri, pipit_uri_set_param(uri, "p", text), out);
}

static int uri_parse(const char *text, stage_message *out)
{
    pipit_uri *uri = NULL;
    int err = pipit_uri_parse(text, &uri);

    if (!err)
        pipit_uri_clear_headers(uri); /* which no Request-URI has */
    return print_uri(uri, err, out);
}

static int print_address(pipit_name_addr *address, int err, stage_message *out)
{
    char *text = NULL;

    if (!err)
        err = pipit_name_addr_set_param(address, "tag", "f");
    if (!err)
        err = pipit_name_addr_to_string(address, &text);
    if (!err)
        err = print_request(text, "sip:b@h.example", out);
    pipit_free(text);
    pipit_name_addr_unref(address);
    return err;
}

static pipit_name_addr *new_address(void)
{
    pipit_name_addr *address = NULL;

    assert_int_equal(pipit_name_addr_parse("<sip:a@h.example>", &address), 0);
    return address;
}

static int uri_header(const char *name, const char *value, stage_message *out)
{
    pipit_name_addr *address = new_address();
    pipit_uri *uri = new_uri();
    int err = pipit_uri_set_header(uri, name, value);

    if (!err)
        err = pipit_name_addr_set_uri(address, uri);
    pipit_uri_unref(uri);
    return print_address(address, err, out);
}

static int uri_header_name(const char *text, stage_message *out)
{
    return uri_header(text, "v", out);
}

static int uri_header_value(const char *text, stage_message *out)
{
    return uri_header("Subject", text, out);
}

static int address_display_name(const char *text, stage_message *out)
{
    pipit_name_addr *address = new_address();

    return print_address(address, pipit_name_addr_set_display_name(address, text), out);
}

static int address_param_name(const char *text, stage_message *out)
{
    pipit_name_addr *address = new_address();

    return print_address(address, pipit_name_addr_set_param(address, text, "v"), out);
}

static int address_param_value(const char *text, stage_message *out)
{
    pipit_name_addr *address = new_address();

    return print_address(address, pipit_name_addr_set_param(address, "p", text), out);
}

static int address_parse(const char *text, stage_message *out)
{
    pipit_name_addr *address = NULL;
    int err = pipit_name_addr_parse(text, &address);

    return print_address(address, err, out);
}

/* --- requests --------------------------------------------------------------------------------- */

static int print_new(const char *method, const char *ruri, pipit_request_options o,
                     stage_message *out)
{
    pipit_request *request = NULL;
    const char *text;
    size_t size;
    int err;

    if (!o.from_uri)
        o.from_uri = "sip:a@h.example";
    if (!o.from_tag)
        o.from_tag = "f";
    if (!o.call_id)
        o.call_id = "c";
    if (!o.body)
        o.body = "b";
    err = pipit_request_new(method, ruri, &o, &request);
    if (!err)
        err = pipit_request_add_header(request, "Via", "SIP/2.0/WSS a.invalid;branch=z9hG4bK1");
    if (!err) {
        text = pipit_request_text(request, &size);
        stage_keep(out, text, size);
    }
    pipit_request_unref(request);
    return err;
}

#define OPTION(field)                                                                              \
    static int request_##field(const char *text, stage_message *out)                               \
    {                                                                                              \
        return print_new("MESSAGE", "sip:b@h.example", (pipit_request_options){.field = text},     \
                         out);                                                                     \
    }
OPTION(from_uri)
OPTION(from_display_name)
OPTION(from_tag)
OPTION(to_uri)
OPTION(to_display_name)
OPTION(to_tag)
OPTION(call_id)
OPTION(content_type)
OPTION(body)

static int request_method(const char *text, stage_message *out)
{
    return print_new(text, "sip:b@h.example", (pipit_request_options){.cseq = 1}, out);
}

static int request_ruri(const char *text, stage_message *out)
{
    return print_new("MESSAGE", text, (pipit_request_options){.to_uri = "sip:b@h.example"}, out);
}

static int request_route(const char *text, stage_message *out)
{
    const char *const routes[] = {text, NULL};

    return print_new("MESSAGE", "sip:b@h.example", (pipit_request_options){.route_set = routes},
                     out);
}

static int request_extra_line(const char *text, stage_message *out)
{
    const char *const lines[] = {text, NULL};

    return print_new("MESSAGE", "sip:b@h.example", (pipit_request_options){.extra_headers = lines},
                     out);
}

static int set_header(const char *name, const char *value, const char *type, stage_message *out)
{
    pipit_request *request = NULL;
    const char *text;
    size_t size;
    int err;

    assert_int_equal(pipit_request_new("MESSAGE", "sip:b@h.example",
                                       &(pipit_request_options){.from_uri = "sip:a@h.example",
                                                                .from_tag = "f",
                                                                .call_id = "c"},
                                       &request),
                     0);
    assert_int_equal(
        pipit_request_set_header(request, "Via", "SIP/2.0/WSS a.invalid;branch=z9hG4bK1"), 0);
    err = pipit_request_set_header(request, name, value);
    if (!err && type)
        err = pipit_request_set_body(request, type, "b", 1);
    if (!err) {
        text = pipit_request_text(request, &size);
        stage_keep(out, text, size);
    }
    pipit_request_unref(request);
    return err;
}

static int set_header_name(const char *text, stage_message *out)
{
    return set_header(text, "v", NULL, out);
}

static int set_header_value(const char *text, stage_message *out)
{
    return set_header("X-Own", text, NULL, out);
}

static int set_body_type(const char *text, stage_message *out)
{
    return set_header("X-Own", "v", text, out);
}

/* --- a user agent ----------------------------------------------------------------------------- */

static stage *the_stage;

/* --- its configuration: what REGISTER says ---------------------------------------------------- */

static int configured(pipit_ua_configuration c, stage_socket texts, bool challenged,
                      stage_message *out)
{
    stage *at = NULL;
    int err = stage_new(c, texts, &at);

    if (err)
        return err;
    if (challenged)
        stage_answer(at, "401 Unauthorized",
                     "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
    *out = at->sent;
    stage_free(at);
    return 0;
}

#define CONFIGURATION(field)                                                                       \
    static int configuration_##field(const char *text, stage_message *out)                         \
    {                                                                                              \
        return configured((pipit_ua_configuration){.field = text}, stage_honest_socket, false,     \
                          out);                                                                    \
    }
CONFIGURATION(uri)
CONFIGURATION(display_name)
CONFIGURATION(contact_uri)
CONFIGURATION(instance_id)
CONFIGURATION(registrar_server)
CONFIGURATION(user_agent)

static int configuration_extra_headers(const char *text, stage_message *out)
{
    const char *const lines[] = {text, NULL};

    return configured((pipit_ua_configuration){.extra_headers = lines}, stage_honest_socket, false,
                      out);
}

static int configuration_authorization_user(const char *text, stage_message *out)
{
    return configured((pipit_ua_configuration){.authorization_user = text, .password = "p"},
                      stage_honest_socket, true, out);
}

static int configuration_password(const char *text, stage_message *out)
{
    return configured((pipit_ua_configuration){.password = text}, stage_honest_socket, true, out);
}

static int socket_transport(const char *text, stage_message *out)
{
    return configured((pipit_ua_configuration){.uri = NULL},
                      (stage_socket){text, stage_honest_socket.sip_uri}, false, out);
}

static int socket_sip_uri(const char *text, stage_message *out)
{
    return configured((pipit_ua_configuration){.uri = NULL},
                      (stage_socket){stage_honest_socket.transport, text}, false, out);
}

/* --- its messages ----------------------------------------------------------------------------- */

static int send_message(const char *target, const char *body, const pipit_message_options *o,
                        stage_message *out)
{
    int err = pipit_ua_send_message(the_stage->ua, target, body, o, NULL);

    if (err)
        return err;
    sim_advance_ms(the_stage->s, 1);
    *out = the_stage->sent;
    stage_answer(the_stage, "200 OK", "");
    return 0;
}

static int message_target(const char *text, stage_message *out)
{
    return send_message(text, "b", NULL, out);
}

static int message_body(const char *text, stage_message *out)
{
    return send_message("bob", text, NULL, out);
}

#define MESSAGE(field)                                                                             \
    static int message_##field(const char *text, stage_message *out)                               \
    {                                                                                              \
        return send_message("bob", "b", &(pipit_message_options){.field = text}, out);             \
    }
MESSAGE(content_type)
MESSAGE(from_user_name)
MESSAGE(from_display_name)

static int message_extra_headers(const char *text, stage_message *out)
{
    const char *const lines[] = {text, NULL};

    return send_message("bob", "b", &(pipit_message_options){.extra_headers = lines}, out);
}

static int reject_message(const pipit_reply_options *reply, stage_message *out)
{
    the_stage->reply = reply;
    the_stage->reply_err = 0;
    stage_ask(the_stage, "MESSAGE");
    the_stage->reply = NULL;
    *out = the_stage->sent;
    return the_stage->reply_err;
}

static int reply_reason_phrase(const char *text, stage_message *out)
{
    return reject_message(&(pipit_reply_options){.reason_phrase = text}, out);
}

static int reply_content_type(const char *text, stage_message *out)
{
    return reject_message(&(pipit_reply_options){.body = "b", .content_type = text}, out);
}

static int reply_extra_headers(const char *text, stage_message *out)
{
    const char *const lines[] = {text, NULL};

    return reject_message(&(pipit_reply_options){.extra_headers = lines}, out);
}

/* --- its queries, subscriptions and publications ---------------------------------------------- */

static int query(const char *target, const pipit_options_options *o, stage_message *out)
{
    int err = pipit_ua_send_options(the_stage->ua, target, "b", o, NULL);

    if (err)
        return err;
    sim_advance_ms(the_stage->s, 1);
    *out = the_stage->sent;
    stage_answer(the_stage, "200 OK", "");
    return 0;
}

static int query_target(const char *text, stage_message *out)
{
    return query(text, NULL, out);
}

#define QUERY(field)                                                                               \
    static int query_##field(const char *text, stage_message *out)                                 \
    {                                                                                              \
        return query("bob", &(pipit_options_options){.field = text}, out);                         \
    }
QUERY(content_type)
QUERY(from_user_name)
QUERY(from_display_name)

static int subscribe(const char *event, const char *accept, pipit_subscriber_options o,
                     stage_message *out)
{
    pipit_subscriber *subscriber = NULL;
    int err;

    if (!o.content_type)
        o.content_type = "a/b";
    err = pipit_ua_subscribe(the_stage->ua, "bob", event, accept, &o, &subscriber);
    if (!err)
        err = pipit_subscriber_subscribe(subscriber, "b");
    if (!err) {
        sim_advance_ms(the_stage->s, 1);
        *out = the_stage->sent;
        stage_answer(the_stage, "403 Forbidden", "");
    }
    pipit_subscriber_unref(subscriber);
    return err;
}

static int subscribe_event(const char *text, stage_message *out)
{
    return subscribe(text, "a/b", (pipit_subscriber_options){0}, out);
}

static int subscribe_accept(const char *text, stage_message *out)
{
    return subscribe("presence", text, (pipit_subscriber_options){0}, out);
}

#define SUBSCRIBE(field)                                                                           \
    static int subscribe_##field(const char *text, stage_message *out)                             \
    {                                                                                              \
        return subscribe("presence", "a/b", (pipit_subscriber_options){.field = text}, out);       \
    }
SUBSCRIBE(content_type)
SUBSCRIBE(allow_events)
SUBSCRIBE(from_uri)
SUBSCRIBE(from_display_name)
SUBSCRIBE(to_uri)
SUBSCRIBE(to_display_name)

static int publish(const char *target, const char *event, const char *type, stage_message *out)
{
    pipit_publisher *publisher = NULL;
    int err = pipit_ua_publish(the_stage->ua, target, event, type, NULL, &publisher);

    if (!err)
        err = pipit_publisher_publish(publisher, "b");
    if (!err) {
        sim_advance_ms(the_stage->s, 1);
        *out = the_stage->sent;
        stage_answer(the_stage, "403 Forbidden", "");
    }
    pipit_publisher_unref(publisher);
    return err;
}

static int publish_target(const char *text, stage_message *out)
{
    return publish(text, "presence", "a/b", out);
}

static int publish_event(const char *text, stage_message *out)
{
    return publish(NULL, text, "a/b", out);
}

static int publish_content_type(const char *text, stage_message *out)
{
    return publish(NULL, "presence", text, out);
}

static int refer(const char *target, const char *refer_to, const char *line, stage_message *out)
{
    const char *const lines[] = {line, NULL};
    int err = pipit_ua_refer(the_stage->ua, target, refer_to,
                             &(pipit_refer_options){.extra_headers = lines}, NULL);

    if (err)
        return err;
    sim_advance_ms(the_stage->s, 1);
    *out = the_stage->sent;
    assert_memory_equal(out->text, "REFER ", 6);
    stage_answer(the_stage, "403 Forbidden", "");
    return 0;
}

static int refer_target(const char *text, stage_message *out)
{
    return refer(text, "b", NULL, out);
}

static int refer_to(const char *text, stage_message *out)
{
    return refer("b", text, NULL, out);
}

static int refer_extra_headers(const char *text, stage_message *out)
{
    return refer("b", "c", text, out);
}

/* --- its calls -------------------------------------------------------------------------------- */

static int call(const char *target, const pipit_call_options *o, stage_message *out)
{
    int err = pipit_ua_call(the_stage->ua, target, o, NULL);

    if (err)
        return err;
    sim_advance_ms(the_stage->s, 1000);
    *out = the_stage->sent;
    assert_memory_equal(out->text, "INVITE ", 7);
    stage_answer(the_stage, "486 Busy Here", "");
    return 0;
}

static int call_target(const char *text, stage_message *out)
{
    return call(text, NULL, out);
}

#define CALL(field)                                                                                \
    static int call_##field(const char *text, stage_message *out)                                  \
    {                                                                                              \
        return call("bob", &(pipit_call_options){.field = text}, out);                             \
    }
CALL(from_user_name)
CALL(from_display_name)

static int call_anonymous_name(const char *text, stage_message *out)
{
    return call("bob", &(pipit_call_options){.anonymous = true, .from_display_name = text}, out);
}

static int call_extra_headers(const char *text, stage_message *out)
{
    const char *const lines[] = {text, NULL};

    return call("bob", &(pipit_call_options){.extra_headers = lines}, out);
}

/* Cancelled while it rings: the CANCEL has a Reason. */
static int cancel_reason_phrase(const char *text, stage_message *out)
{
    stage_message invite;
    int err;

    assert_int_equal(pipit_ua_call(the_stage->ua, "bob", NULL, NULL), 0);
    sim_advance_ms(the_stage->s, 1000);
    invite = the_stage->sent;
    stage_answer(the_stage, "180 Ringing", "Contact: <sip:bob@b.invalid>\r\n");
    err = pipit_session_terminate(
        the_stage->session, &(pipit_terminate_options){.status_code = 486, .reason_phrase = text});
    if (!err)
        *out = the_stage->sent;
    else
        assert_int_equal(pipit_session_terminate(the_stage->session, NULL), 0);
    stage_answer(the_stage, "200 OK", "");
    the_stage->sent = invite;
    stage_answer(the_stage, "487 Request Terminated", "");
    return err;
}

static int refuse(const pipit_terminate_options *o, stage_message *out)
{
    int err;

    stage_ask(the_stage, "INVITE");
    err = pipit_session_terminate(the_stage->session, o);
    if (!err)
        *out = the_stage->sent;
    else
        assert_int_equal(pipit_session_terminate(the_stage->session, NULL), 0);
    sim_advance_ms(the_stage->s, 40000);
    return err;
}

static int refuse_reason_phrase(const char *text, stage_message *out)
{
    return refuse(&(pipit_terminate_options){.reason_phrase = text}, out);
}

static int refuse_extra_headers(const char *text, stage_message *out)
{
    const char *const lines[] = {text, NULL};

    return refuse(&(pipit_terminate_options){.extra_headers = lines}, out);
}

/* --- all of them ------------------------------------------------------------------------------ */

static const struct field {
    const char *name, *honest;
    int (*use)(const char *text, stage_message *out);
    bool own_name; /* the text may choose the name of a field, or leave the message without one */
} fields[] = {
    {"uri user", "x", uri_user, false},
    {"uri host", "x.example", uri_host, false},
    {"uri scheme", "sips", uri_scheme, false},
    {"uri param name", "x", uri_param_name, false},
    {"uri param value", "x", uri_param_value, false},
    {"uri parse", "sip:x", uri_parse, false},
    {"uri header name", "x", uri_header_name, false},
    {"uri header value", "x", uri_header_value, false},
    {"address display name", "x", address_display_name, false},
    {"address param name", "x", address_param_name, false},
    {"address param value", "x", address_param_value, false},
    {"address parse", "<sip:x>", address_parse, false},
    {"request from_uri", "sip:x", request_from_uri, false},
    {"request from_display_name", "x", request_from_display_name, false},
    {"request from_tag", "x", request_from_tag, false},
    {"request to_uri", "sip:x", request_to_uri, false},
    {"request to_display_name", "x", request_to_display_name, false},
    {"request to_tag", "x", request_to_tag, false},
    {"request call_id", "x", request_call_id, false},
    {"request content_type", "a/b", request_content_type, false},
    {"request body", "x", request_body, false},
    {"request method", "X", request_method, false},
    {"request ruri", "sip:x", request_ruri, false},
    {"request route_set", "<sip:x>", request_route, false},
    {"request extra_headers", "X-Own: x", request_extra_line, true},
    {"request set_header name", "X", set_header_name, true},
    {"request set_header value", "x", set_header_value, false},
    {"request set_body type", "a/b", set_body_type, false},
    {"configuration uri", "x@h.example", configuration_uri, false},
    {"configuration display_name", "x", configuration_display_name, false},
    {"configuration contact_uri", "sip:x@h.example", configuration_contact_uri, false},
    {"configuration instance_id", "01234567-89ab-cdef-0123-456789abcdef", configuration_instance_id,
     false},
    {"configuration registrar_server", "sip:x", configuration_registrar_server, false},
    {"configuration user_agent", "x", configuration_user_agent, false},
    {"configuration extra_headers", "X-Own: x", configuration_extra_headers, true},
    {"configuration authorization_user", "x", configuration_authorization_user, false},
    {"configuration password", "x", configuration_password, false},
    {"socket via_transport", "WS", socket_transport, false},
    {"socket sip_uri", "sip:x", socket_sip_uri, false},
    {"message target", "x", message_target, false},
    {"message body", "x", message_body, false},
    {"message content_type", "a/b", message_content_type, false},
    {"message from_user_name", "x", message_from_user_name, false},
    {"message from_display_name", "x", message_from_display_name, false},
    {"message extra_headers", "X-Own: x", message_extra_headers, true},
    {"reply reason_phrase", "x", reply_reason_phrase, false},
    {"reply content_type", "a/b", reply_content_type, false},
    {"reply extra_headers", "X-Own: x", reply_extra_headers, true},
    {"query target", "x", query_target, false},
    {"query content_type", "a/b", query_content_type, false},
    {"query from_user_name", "x", query_from_user_name, false},
    {"query from_display_name", "x", query_from_display_name, false},
    {"subscribe event", "x", subscribe_event, false},
    {"subscribe accept", "a/b", subscribe_accept, false},
    {"subscribe content_type", "a/b", subscribe_content_type, false},
    {"subscribe allow_events", "x", subscribe_allow_events, false},
    {"subscribe from_uri", "sip:x@h.example", subscribe_from_uri, false},
    {"subscribe from_display_name", "x", subscribe_from_display_name, false},
    {"subscribe to_uri", "sip:x@h.example", subscribe_to_uri, false},
    {"subscribe to_display_name", "x", subscribe_to_display_name, false},
    {"publish target", "x", publish_target, false},
    {"publish event", "x", publish_event, false},
    {"publish content_type", "a/b", publish_content_type, false},
    {"refer target", "x", refer_target, false},
    {"refer refer_to", "x", refer_to, false},
    {"refer extra_headers", "X-Own: x", refer_extra_headers, true},
    {"call target", "x", call_target, false},
    {"call from_user_name", "x", call_from_user_name, false},
    {"call from_display_name", "x", call_from_display_name, false},
    {"call anonymous display name", "x", call_anonymous_name, false},
    {"call extra_headers", "X-Own: x", call_extra_headers, true},
    {"cancel reason_phrase", "x", cancel_reason_phrase, false},
    {"refuse reason_phrase", "x", refuse_reason_phrase, false},
    {"refuse extra_headers", "X-Own: x", refuse_extra_headers, true},
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

static void no_text_changes_the_shape_of_a_message(void **state)
{
    static stage_message honest, m;
    size_t texts = hostile_texts(), taken = 0, refused = 0;

    (void)state;
    assert_true(texts >= 560);
    assert_int_equal(
        stage_new((pipit_ua_configuration){.no_register = true}, stage_honest_socket, &the_stage),
        0);
    for (size_t f = 0; f < FIELDS; f++) {
        size_t before = refused;
        if (fields[f].use(fields[f].honest, &honest))
            fail_msg("%s: %s", fields[f].name, pipit_error_message());
        check(fields[f].name, fields[f].honest, &honest, &honest, fields[f].own_name);
        for (size_t i = 0; i < texts; i++) {
            char text[128];
            hostile_text(i, text, sizeof(text));
            if (fields[f].use(text, &m)) {
                assert_true(*pipit_error_message());
                refused++;
                continue;
            }
            check(fields[f].name, text, &honest, &m, fields[f].own_name);
            taken++;
        }
        if (refused == before && !strstr(fields[f].name, "body") &&
            !strstr(fields[f].name, "password"))
            fail_msg("%s: refused nothing", fields[f].name);
    }
    stage_free(the_stage);
    printf(
        "injection: %zu hostile texts x %zu fields: %zu refused, %zu taken, 0 changed a message\n",
        texts, FIELDS, refused, taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_text_changes_the_shape_of_a_message)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
