/* message_text.h - everything a message that came says, as text: two are the same when their texts are. */
#ifndef PP_TESTS_MESSAGE_TEXT_H
#define PP_TESTS_MESSAGE_TEXT_H

#include "sip/message_pool.h"

/* Where in the wire it stands, or that it is empty or not there at all. */
static inline void slice_text(const pp_message *m, const char *what, pp_str s, pp_buf *out)
{
    if (!s.p)
        pp_buf_format(out, "%s none\n", what);
    else if (!s.n)
        pp_buf_format(out, "%s empty\n", what);
    else
        pp_buf_format(out, "%s %zu+%zu\n", what, (size_t)(s.p - m->wire.p), s.n);
}

static inline void uri_text(const pp_message *m, const char *what, const pp_uri *uri, pp_buf *out)
{
    pp_buf_format(out, "%s %d %u\n", what, (int)uri->scheme, uri->port);
    slice_text(m, " text", uri->text, out);
    slice_text(m, " scheme", uri->scheme_name, out);
    slice_text(m, " user", uri->user, out);
    slice_text(m, " host", uri->host, out);
    slice_text(m, " params", uri->params, out);
    slice_text(m, " headers", uri->headers, out);
    slice_text(m, " opaque", uri->opaque, out);
}

static inline void address_text(const pp_message *m, const char *what, const pp_name_addr *address,
                                pp_buf *out)
{
    slice_text(m, what, address->display_name, out);
    uri_text(m, " uri", &address->uri, out);
    slice_text(m, " params", address->params, out);
}

/* What is taken apart only when it is asked for. */
static inline void members_text(const pp_message *m, pp_header_id id, pp_buf *out)
{
    pp_member at = {0};
    pp_name_addr address;
    pp_str value;
    int more;

    while (pp_message_next(m, id, &at, &value))
        slice_text(m, " member", value, out);
    at = (pp_member){0};
    while (more = pp_message_next_address(m, id, &at, &address), more) {
        pp_buf_format(out, "%d\n", more);
        if (more > 0)
            address_text(m, " address", &address, out);
    }
}

static inline void via_text(const pp_message *m, const pp_via *via, pp_buf *out)
{
    slice_text(m, "Via", via->transport, out);
    slice_text(m, " host", via->host, out);
    pp_buf_format(out, " port %u\n", via->port);
    slice_text(m, " params", via->params, out);
    slice_text(m, " branch", via->branch, out);
}

static inline void vias_text(const pp_message *m, pp_buf *out)
{
    pp_member at = {0};
    pp_via via;
    int more;

    while (more = pp_message_next_via(m, &at, &via), more) {
        pp_buf_format(out, "%d\n", more);
        if (more > 0)
            via_text(m, &via, out);
    }
}

static inline void message_text(const pp_message *m, pp_buf *out)
{
    pp_buf_format(out, "%d %d %s\n%d %d %u %zu\n", m->is_request, m->defect,
                  m->defect ? m->defect_phrase : "", (int)m->method, m->status, m->cseq,
                  m->via_count);
    slice_text(m, "method", m->method_name, out);
    slice_text(m, "Request-URI", m->ruri_text, out);
    uri_text(m, "Request-URI", &m->ruri, out);
    slice_text(m, "reason", m->reason, out);
    for (size_t i = 0; i < m->header_count; i++) {
        slice_text(m, pp_header_name(m->headers[i].id), m->headers[i].name, out);
        slice_text(m, " value", m->headers[i].value, out);
        pp_buf_format(out, " next %u\n", m->headers[i].next);
    }
    for (unsigned id = 0; id < PP_HEADER_COUNT; id++)
        if (m->first[id]) {
            pp_buf_format(out, "%u first %u\n", id, m->first[id]);
            members_text(m, (pp_header_id)id, out);
        }
    via_text(m, &m->via, out);
    vias_text(m, out);
    address_text(m, "From", &m->from, out);
    slice_text(m, " tag", m->from_tag, out);
    address_text(m, "To", &m->to, out);
    slice_text(m, " tag", m->to_tag, out);
    address_text(m, "Contact", &m->contact, out);
    slice_text(m, "Call-ID", m->call_id, out);
    slice_text(m, "Content-Type", m->content_type, out);
    slice_text(m, "body", m->body, out);
    pp_buf_str(out, m->wire);
}

/* The error of reading it so and, when there is none, all of the message. */
static inline void read_text(pp_marks_finder *find, pp_str wire, pp_buf *out)
{
    pp_message *message;
    int err = pp_message_parse_with(find, NULL, wire, &message);

    pp_buf_format(out, "%d\n", err);
    if (err)
        return;
    message_text(message, out);
    pp_message_unref(message);
}

#endif
