/* request.c - the public view of a message. */
#include "sip/request.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sip/outgoing_inside.h"

typedef struct field {
    pp_header_id id;
    const char *name;
    const char *value;
} field;

struct pipit_request {
    unsigned references;
    int status;
    const char *method, *ruri, *reason, *text, *body;
    size_t text_size, body_size;
    size_t field_count;
    field fields[];
};

/* What both kinds of message have. The body is the end of the text. */
typedef struct source {
    pp_str method, ruri, reason, text;
    int status;
    size_t body_size;
    const pp_header *headers;
    size_t header_count;
} source;

/* The text as a C string at *cursor, which moves behind it. */
static const char *put(char **cursor, pp_str text)
{
    char *start = *cursor;

    if (text.n)
        memcpy(start, text.p, text.n);
    start[text.n] = '\0';
    *cursor += text.n + 1;
    return start;
}

static size_t measure(const source *from)
{
    size_t size = from->method.n + from->ruri.n + from->reason.n + from->text.n + 4;

    for (size_t i = 0; i < from->header_count; i++)
        size += from->headers[i].name.n + from->headers[i].value.n + 2;
    return size;
}

static int build(const source *from, pipit_request **out)
{
    size_t head = sizeof(pipit_request) + from->header_count * sizeof(field);
    pipit_request *request = pp_alloc(head + measure(from));
    char *cursor;

    if (!request)
        return PIPIT_ERR_MEMORY;
    cursor = (char *)request + head;
    *request = (pipit_request){.references = 1, .status = from->status};
    request->method = put(&cursor, from->method);
    request->ruri = put(&cursor, from->ruri);
    request->reason = put(&cursor, from->reason);
    request->text = put(&cursor, from->text);
    request->text_size = from->text.n;
    request->body_size = from->body_size;
    request->body = request->text + (from->text.n - from->body_size);
    request->field_count = from->header_count;
    for (size_t i = 0; i < from->header_count; i++) {
        const pp_header *header = &from->headers[i];
        request->fields[i] =
            (field){header->id, put(&cursor, header->name), put(&cursor, header->value)};
    }
    *out = request;
    return 0;
}

int pp_request_of_message(const pp_message *message, pipit_request **out)
{
    source from = {
        .method = message->method_name,
        .ruri = message->ruri_text,
        .reason = message->reason,
        .text = pp_str_n(message->wire.p,
                         (size_t)(message->body.p + message->body.n - message->wire.p)),
        .status = message->status,
        .body_size = message->body.n,
        .headers = message->headers,
        .header_count = message->header_count,
    };

    return build(&from, out);
}

int pp_request_of_outgoing(const pp_outgoing *message, pipit_request **out)
{
    pp_buf text = {0};
    int err = pp_outgoing_write(message, &text);

    if (!err) {
        source from = {
            .method = message->method_name,
            .ruri = message->ruri,
            .reason = message->phrase,
            .text = pp_buf_text(&text),
            .status = message->status,
            .body_size = message->body.n,
            .headers = message->headers,
            .header_count = message->header_count,
        };
        err = build(&from, out);
    }
    pp_buf_free(&text);
    return err;
}

const char *pipit_request_method(const pipit_request *request)
{
    return request->method;
}

const char *pipit_request_ruri(const pipit_request *request)
{
    return request->ruri;
}

int pipit_request_status_code(const pipit_request *request)
{
    return request->status;
}

const char *pipit_request_reason_phrase(const pipit_request *request)
{
    return request->reason;
}

static bool is_named(const field *f, pp_header_id id, pp_str name)
{
    return f->id == id && (id != PP_HEADER_OTHER || pp_str_ieq_c(name, f->name));
}

size_t pipit_request_count_header(const pipit_request *request, const char *name)
{
    pp_str wanted = pp_str_c(name);
    pp_header_id id = pp_header_id_of(wanted);
    size_t count = 0;

    for (size_t i = 0; i < request->field_count; i++)
        count += is_named(&request->fields[i], id, wanted);
    return count;
}

const char *pipit_request_header(const pipit_request *request, const char *name, size_t index)
{
    pp_str wanted = pp_str_c(name);
    pp_header_id id = pp_header_id_of(wanted);

    for (size_t i = 0; i < request->field_count; i++)
        if (is_named(&request->fields[i], id, wanted) && index-- == 0)
            return request->fields[i].value;
    return NULL;
}

const char *pipit_request_body(const pipit_request *request, size_t *size)
{
    if (size)
        *size = request->body_size;
    return request->body;
}

const char *pipit_request_text(const pipit_request *request, size_t *size)
{
    if (size)
        *size = request->text_size;
    return request->text;
}

pipit_request *pipit_request_ref(pipit_request *request)
{
    request->references++;
    return request;
}

pipit_request *pipit_request_unref(pipit_request *request)
{
    if (request && --request->references == 0)
        pp_free(request);
    return NULL;
}
