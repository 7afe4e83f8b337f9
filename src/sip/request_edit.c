/* request_edit.c - public messages made and changed: each change makes a new block, so that a failure changes nothing. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "pipit/request.h"
#include "sip/lexer.h"
#include "sip/outgoing_inside.h"
#include "sip/request_inside.h"

#define MAX_FORWARDS "69" /* JsSIP's */

/* --- a changed message ------------------------------------------------------------------------ */

/* Content-Length, which only a message that came has, is no field an outgoing one would take. */
static void keep_field(pp_outgoing *m, const pp_request_field *field)
{
    pp_outgoing_add_trusted(m, PP_HEADER_OTHER, pp_str_c(field->name), pp_str_c(field->value));
    if (!m->error)
        m->headers[m->header_count - 1].id = field->id;
}

/* The block as an editable message. */
static int to_outgoing(const pp_request_block *block, pp_outgoing **out)
{
    pp_outgoing *m = NULL;
    int err = pp_outgoing_new(NULL, block->text_size + 512, &m);

    if (err)
        return err;
    m->method_name = pp_outgoing_keep(m, pp_str_c(block->method));
    m->method = pp_method_of(m->method_name);
    if (block->status)
        pp_outgoing_start_response(m, block->status, pp_str_c(block->reason));
    else
        pp_outgoing_start_request(m, pp_str_c(block->ruri));
    for (size_t i = 0; i < block->field_count; i++)
        keep_field(m, &block->fields[i]);
    pp_outgoing_put_tail(m, pp_str_n(block->body, block->body_size));
    err = m->error;
    if (err)
        pp_outgoing_unref(m);
    else
        *out = m;
    return err;
}

/* The block of an edited message. One that came keeps its text. */
static int make_block(const pp_outgoing *m, const pp_request_block *came, pp_request_block **out)
{
    pp_buf text = {0};
    pp_request_source from = {
        .method = m->method_name,
        .ruri = m->ruri,
        .reason = m->phrase,
        .status = m->status,
        .body_size = m->body.n,
        .headers = m->headers,
        .header_count = m->header_count,
    };
    int err = pp_outgoing_write(m, &text);

    from.text = came ? pp_str_n(came->text, came->text_size) : pp_buf_text(&text);
    if (!err)
        err = pp_request_build(&from, out);
    pp_buf_free(&text);
    return err;
}

static int replace(pipit_request *request, const pp_outgoing *m)
{
    pp_request_block *block = NULL;
    int err = m->error ? m->error : make_block(m, request->came ? request->block : NULL, &block);

    if (err)
        return err;
    pp_free(request->block);
    request->block = block;
    request->changed = true;
    return 0;
}

int pp_outgoing_of_request(pipit_request *request, pp_outgoing **out)
{
    int err = pp_request_open(request);

    return err ? err : to_outgoing(request->block, out);
}

bool pp_request_was_changed(const pipit_request *request)
{
    return request->changed;
}

/* --- header fields and body ------------------------------------------------------------------- */

static int check_name(const char *name)
{
    if (!name)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: the name of the header is missing");
    if (!pp_str_is(pp_str_c(name), PP_CHAR_TOKEN))
        return pp_error(PIPIT_ERR_SYNTAX, "message: the name of the header is no token");
    if (pp_header_id_of(pp_str_c(name)) == PP_HEADER_CONTENT_LENGTH)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: Content-Length is set by the body alone");
    return 0;
}

/* Replaces the first of that name and removes the others; without a value all go. */
static void set_named(pp_outgoing *m, pp_str name, const char *value)
{
    pp_header_id id = pp_header_id_of(name);
    size_t kept = 0, count = m->header_count, at = count;
    pp_header last;

    for (size_t i = 0; i < count; i++) {
        pp_header *field = &m->headers[i];
        bool same = field->id == id && (id != PP_HEADER_OTHER || pp_str_ieq(field->name, name));
        if (same && at == count)
            at = kept;
        if (!same)
            m->headers[kept++] = *field;
    }
    m->header_count = kept;
    if (!value)
        return;
    pp_outgoing_add_named(m, name, pp_str_c(value));
    if (m->error || at >= kept)
        return;
    last = m->headers[kept];
    memmove(m->headers + at + 1, m->headers + at, (kept - at) * sizeof(last));
    m->headers[at] = last;
}

static int edit(pipit_request *request, const char *name, const char *value, bool add)
{
    pp_outgoing *m = NULL;
    int err = check_name(name);

    if (!err && !pp_str_is_line(pp_str_c(value)))
        err = pp_error(PIPIT_ERR_SYNTAX, "message: the header value holds CR or LF");
    if (!err)
        err = pp_request_open(request);
    if (!err)
        err = to_outgoing(request->block, &m);
    if (err)
        return err;
    if (add)
        pp_outgoing_add_named(m, pp_str_c(name), pp_str_c(value));
    else
        set_named(m, pp_str_c(name), value);
    err = replace(request, m);
    pp_outgoing_unref(m);
    return err;
}

int pipit_request_set_header(pipit_request *request, const char *name, const char *value)
{
    return edit(request, name, value, false);
}

int pipit_request_add_header(pipit_request *request, const char *name, const char *value)
{
    if (!value)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: the value of the header is missing");
    return edit(request, name, value, true);
}

int pipit_request_set_body(pipit_request *request, const char *content_type, const char *body,
                           size_t size)
{
    pp_outgoing *m = NULL;
    int err;

    if (request->came)
        return pp_error(PIPIT_ERR_STATE, "message: it came with the body it has");
    if (size && !body)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: the body is missing");
    err = to_outgoing(request->block, &m);
    if (err)
        return err;
    pp_outgoing_set_body(m, content_type, pp_str_n(body, size));
    err = replace(request, m);
    pp_outgoing_unref(m);
    return err;
}

/* --- a new request ---------------------------------------------------------------------------- */

/* `"name" <uri>;tag=x`; the URI is read and written, so that it is one and nothing more. */
static void add_address(pp_outgoing *m, pp_header_id id, const char *uri_text, const char *name,
                        const char *tag)
{
    pipit_uri *uri = NULL;
    pipit_name_addr *address = NULL;
    char *text = NULL;
    int err = pipit_uri_parse(uri_text, &uri);

    if (!err)
        err = pipit_name_addr_new(uri, name, &address);
    if (!err && tag)
        err = pp_str_is(pp_str_c(tag), PP_CHAR_TOKEN)
                  ? pipit_name_addr_set_param(address, "tag", tag)
                  : pp_error(PIPIT_ERR_SYNTAX, "message: the tag is no token");
    if (!err)
        err = pipit_name_addr_to_string(address, &text);
    if (err)
        pp_outgoing_fail(m, err,
                         err == PIPIT_ERR_MEMORY ? "no memory for an address"
                                                 : "From or To would be no address");
    else
        pp_outgoing_add_c(m, id, text);
    pp_free(text);
    pipit_name_addr_unref(address);
    pipit_uri_unref(uri);
}

static void add_route(pp_outgoing *m, const char *value)
{
    pp_name_addr route;
    pp_str rest = pp_str_c(value), member;

    if (!pp_str_is_line(rest) || !pp_list_next(&rest, &member) || rest.n ||
        pp_name_addr_parse(member, &route))
        pp_outgoing_fail(m, PIPIT_ERR_SYNTAX, "a route is no address");
    else
        pp_outgoing_add(m, PP_HEADER_ROUTE, member);
}

static void add_call_id(pp_outgoing *m, const char *call_id)
{
    pp_str rest = pp_str_c(call_id), word;

    word = pp_str_word(&rest);
    if (word.n != strlen(call_id) || !pp_str_is_line(word))
        pp_outgoing_fail(m, PIPIT_ERR_SYNTAX, "the Call-ID is no word");
    else
        pp_outgoing_add(m, PP_HEADER_CALL_ID, word);
}

static void add_fields(pp_outgoing *m, const pipit_request_options *o, const char *ruri)
{
    for (size_t i = 0; o->route_set && o->route_set[i]; i++)
        add_route(m, o->route_set[i]);
    pp_outgoing_add_c(m, PP_HEADER_MAX_FORWARDS, MAX_FORWARDS);
    add_address(m, PP_HEADER_TO, o->to_uri ? o->to_uri : ruri, o->to_display_name, o->to_tag);
    if (o->from_uri)
        add_address(m, PP_HEADER_FROM, o->from_uri, o->from_display_name, o->from_tag);
    if (o->call_id)
        add_call_id(m, o->call_id);
    pp_outgoing_add_cseq(m, o->cseq ? o->cseq : 1);
    for (size_t i = 0; o->extra_headers && o->extra_headers[i]; i++)
        pp_outgoing_add_line(m, o->extra_headers[i]);
    if (o->body)
        pp_outgoing_set_body(m, o->content_type ? o->content_type : "text/plain",
                             pp_str_n(o->body, o->body_size ? o->body_size : strlen(o->body)));
}

static int check_start(const char *method, const char *ruri)
{
    pp_uri uri;
    int err;

    if (!method || !ruri)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: the method or the Request-URI is missing");
    if (!pp_str_is(pp_str_c(method), PP_CHAR_TOKEN))
        return pp_error(PIPIT_ERR_SYNTAX, "message: the method is no token");
    err = pp_uri_parse(pp_str_c(ruri), &uri);
    if (!err && uri.headers.n) /* RFC 3261 section 19.1.1 */
        err = pp_error(PIPIT_ERR_SYNTAX, "message: a Request-URI has no headers");
    return err;
}

int pipit_request_new(const char *method, const char *ruri, const pipit_request_options *options,
                      pipit_request **out)
{
    static const pipit_request_options none = {0};
    pp_outgoing *m = NULL;
    int err = check_start(method, ruri);

    if (!err && !out)
        err = pp_error(PIPIT_ERR_ARGUMENT, "message: the place for the result is missing");
    if (!err)
        err = pp_outgoing_new(NULL, 1024, &m);
    if (err)
        return err;
    m->method_name = pp_outgoing_keep(m, pp_str_c(method));
    m->method = pp_method_of(m->method_name);
    pp_outgoing_set_ruri(m, pp_str_c(ruri));
    if (!m->error)
        add_fields(m, options ? options : &none, ruri);
    err = m->error;
    if (!err)
        err = pp_request_of_outgoing(m, out);
    pp_outgoing_unref(m);
    return err;
}
