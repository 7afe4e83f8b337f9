/* request.c - the public view of a message: how it is made and what it says. request_edit.c changes it. */
#include "sip/request.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sip/outgoing_inside.h"
#include "sip/request_inside.h"
#include "sip/typed/typed.h"

/* --- the block -------------------------------------------------------------------------------- */

/* What is asked for often, found once. */
typedef struct digest {
    uint32_t cseq;
    pp_str call_id, from_tag, to_tag, branch;
} digest;

static pp_str tag_of(pp_str value)
{
    pp_str tag = PP_STR_NONE;

    pp_name_addr_tag(value, &tag);
    return tag;
}

static pp_str branch_of(pp_str value)
{
    pp_str topmost;
    pp_via via;

    return pp_list_next(&value, &topmost) && pp_via_parse(topmost, &via) == 0 ? via.branch
                                                                              : PP_STR_NONE;
}

static uint32_t cseq_of(pp_str value)
{
    pp_cseq cseq;

    return pp_cseq_parse(value, &cseq) == 0 ? cseq.number : 0;
}

/* The first field of each kind counts. */
static digest look_into(const pp_request_source *from)
{
    digest d = {.cseq = 0};
    bool seen[PP_HEADER_COUNT] = {false};

    for (size_t i = 0; i < from->header_count; i++) {
        const pp_header *header = &from->headers[i];
        if (seen[header->id])
            continue;
        seen[header->id] = true;
        if (header->id == PP_HEADER_CALL_ID)
            d.call_id = header->value;
        else if (header->id == PP_HEADER_FROM)
            d.from_tag = tag_of(header->value);
        else if (header->id == PP_HEADER_TO)
            d.to_tag = tag_of(header->value);
        else if (header->id == PP_HEADER_VIA)
            d.branch = branch_of(header->value);
        else if (header->id == PP_HEADER_CSEQ)
            d.cseq = cseq_of(header->value);
    }
    return d;
}

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

static size_t measure(const pp_request_source *from, const digest *d)
{
    size_t size = from->method.n + from->ruri.n + from->reason.n + from->text.n + d->call_id.n +
                  d->from_tag.n + d->to_tag.n + d->branch.n + 8;

    for (size_t i = 0; i < from->header_count; i++)
        size += from->headers[i].name.n + from->headers[i].value.n + 2;
    return size;
}

int pp_request_build(const pp_request_source *from, pp_request_block **out)
{
    size_t head = sizeof(pp_request_block) + from->header_count * sizeof(pp_request_field);
    digest d = look_into(from);
    pp_request_block *block = pp_alloc(head + measure(from, &d));
    char *cursor;

    if (!block)
        return PIPIT_ERR_MEMORY;
    cursor = (char *)block + head;
    *block = (pp_request_block){.status = from->status, .cseq = d.cseq};
    block->method = put(&cursor, from->method);
    block->ruri = put(&cursor, from->ruri);
    block->reason = put(&cursor, from->reason);
    block->text = put(&cursor, from->text);
    block->text_size = from->text.n;
    block->body_size = from->body_size;
    block->body = block->text + (from->text.n - from->body_size);
    block->call_id = put(&cursor, d.call_id);
    block->from_tag = put(&cursor, d.from_tag);
    block->to_tag = put(&cursor, d.to_tag);
    block->branch = put(&cursor, d.branch);
    block->field_count = from->header_count;
    for (size_t i = 0; i < from->header_count; i++) {
        const pp_header *header = &from->headers[i];
        block->fields[i] =
            (pp_request_field){header->id, put(&cursor, header->name), put(&cursor, header->value)};
    }
    *out = block;
    return 0;
}

int pp_request_of_block(pp_request_block *block, bool came, pipit_request **out)
{
    pipit_request *request = PP_NEW(pipit_request);

    if (!request) {
        pp_free(block);
        return PIPIT_ERR_MEMORY;
    }
    *request = (pipit_request){.references = 1, .came = came, .block = block};
    *out = request;
    return 0;
}

/* --- of messages ------------------------------------------------------------------------------ */

static bool lies_in_message(const pipit_request *request)
{
    return request->message && request == &request->message->shown;
}

/* Most events are for what they are, not for what their message says: it is taken apart when that is asked for. Who is shown
 * a message while somebody else keeps what he was shown gets one for himself. */
int pp_request_of_message(const pp_message *message, pipit_request **out)
{
    pp_message *held = pp_message_ref(message);
    pipit_request *request = held->shown.references ? PP_NEW(pipit_request) : &held->shown;

    if (!request) {
        pp_message_unref(held);
        return PIPIT_ERR_MEMORY;
    }
    *request = (pipit_request){.references = 1, .came = true, .message = held};
    *out = request;
    return 0;
}

int pp_request_open(pipit_request *request)
{
    const pp_message *message = request->message;
    pp_request_source from;
    int err;

    if (request->block)
        return 0;
    from = (pp_request_source){
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
    err = pp_request_build(&from, &request->block);
    if (!err && !lies_in_message(request))
        request->message = pp_message_unref(message);
    return err;
}

/* When memory is too short for a look it says nothing; the next look tries again. */
static const pp_request_block *look(const pipit_request *request)
{
    static const pp_request_block nothing = {.method = "",
                                             .ruri = "",
                                             .reason = "",
                                             .text = "",
                                             .body = "",
                                             .call_id = "",
                                             .from_tag = "",
                                             .to_tag = "",
                                             .branch = ""};

    return pp_request_open((pipit_request *)request) ? &nothing : request->block;
}

int pp_request_of_outgoing(const pp_outgoing *message, pipit_request **out)
{
    pp_buf text = {0};
    pp_request_block *block = NULL;
    int err = pp_outgoing_write(message, &text);

    if (!err) {
        pp_request_source from = {
            .method = message->method_name,
            .ruri = message->ruri,
            .reason = message->phrase,
            .text = pp_buf_text(&text),
            .status = message->status,
            .body_size = message->body.n,
            .headers = message->headers,
            .header_count = message->header_count,
        };
        err = pp_request_build(&from, &block);
    }
    pp_buf_free(&text);
    return err ? err : pp_request_of_block(block, false, out);
}

int pipit_request_parse(const char *text, size_t size, pipit_request **out)
{
    pp_message *message = NULL;
    int err;

    if (!text || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "message: the text or the place for the result is missing");
    err = pp_message_parse(pp_str_n(text, size), &message);
    if (!err && message->defect)
        err = pp_error(PIPIT_ERR_SYNTAX, "message: %s", message->defect_phrase);
    if (!err)
        err = pp_request_of_message(message, out);
    pp_message_unref(message);
    return err;
}

/* --- what it says ----------------------------------------------------------------------------- */

const char *pipit_request_method(const pipit_request *request)
{
    return look(request)->method;
}

const char *pipit_request_ruri(const pipit_request *request)
{
    return look(request)->ruri;
}

int pipit_request_status_code(const pipit_request *request)
{
    return request->block ? request->block->status : request->message->status;
}

const char *pipit_request_reason_phrase(const pipit_request *request)
{
    return look(request)->reason;
}

const char *pipit_request_call_id(const pipit_request *request)
{
    return look(request)->call_id;
}

uint32_t pipit_request_cseq(const pipit_request *request)
{
    return request->block ? request->block->cseq : request->message->cseq;
}

const char *pipit_request_from_tag(const pipit_request *request)
{
    return look(request)->from_tag;
}

const char *pipit_request_to_tag(const pipit_request *request)
{
    return look(request)->to_tag;
}

const char *pipit_request_via_branch(const pipit_request *request)
{
    return look(request)->branch;
}

int pipit_request_uri(const pipit_request *request, pipit_uri **out)
{
    if (pipit_request_status_code(request))
        return pp_error(PIPIT_ERR_NOT_FOUND, "message: a response has no Request-URI");
    return pipit_uri_parse(look(request)->ruri, out);
}

static int address_of(const pipit_request *request, const char *name, pipit_name_addr **out)
{
    const char *value = pipit_request_header(request, name, 0);

    if (!value)
        return pp_error(PIPIT_ERR_NOT_FOUND, "message: it has no %s", name);
    return pipit_name_addr_parse(value, out);
}

int pipit_request_from(const pipit_request *request, pipit_name_addr **out)
{
    return address_of(request, "From", out);
}

int pipit_request_to(const pipit_request *request, pipit_name_addr **out)
{
    return address_of(request, "To", out);
}

/* --- its header fields ------------------------------------------------------------------------ */

static bool is_named(const pp_request_field *field, pp_header_id id, pp_str name)
{
    return field->id == id && (id != PP_HEADER_OTHER || pp_str_ieq_c(name, field->name));
}

size_t pp_request_find(const pp_request_block *block, const char *name, size_t index)
{
    pp_str wanted = pp_str_c(name);
    pp_header_id id = pp_header_id_of(wanted);
    size_t i = 0;

    while (i < block->field_count && (!is_named(&block->fields[i], id, wanted) || index--))
        i++;
    return i;
}

size_t pipit_request_count_header(const pipit_request *request, const char *name)
{
    pp_str wanted = pp_str_c(name);
    pp_header_id id = pp_header_id_of(wanted);
    const pp_request_block *block = look(request);
    size_t count = 0;

    for (size_t i = 0; i < block->field_count; i++)
        count += is_named(&block->fields[i], id, wanted);
    return count;
}

bool pipit_request_has_header(const pipit_request *request, const char *name)
{
    const pp_request_block *block = look(request);

    return pp_request_find(block, name, 0) < block->field_count;
}

const char *pipit_request_header(const pipit_request *request, const char *name, size_t index)
{
    const pp_request_block *block = look(request);
    size_t at = pp_request_find(block, name, index);

    return at < block->field_count ? block->fields[at].value : NULL;
}

int pipit_request_parse_header(const pipit_request *request, const char *name, size_t index,
                               pipit_value **out)
{
    const char *value = pipit_request_header(request, name, index);

    if (!value)
        return pp_error(PIPIT_ERR_NOT_FOUND, "message: it has no such header field");
    return pipit_parse(name, value, out);
}

/* --- body and text ---------------------------------------------------------------------------- */

const char *pipit_request_body(const pipit_request *request, size_t *size)
{
    const pp_request_block *block = look(request);

    if (size)
        *size = block->body_size;
    return block->body;
}

const char *pipit_request_text(const pipit_request *request, size_t *size)
{
    const pp_request_block *block = look(request);

    if (size)
        *size = block->text_size;
    return block->text;
}

int pipit_request_to_string(const pipit_request *request, char **out)
{
    const pp_request_block *block = look(request);
    char *text = request->block ? pp_memdup(block->text, block->text_size) : NULL;

    if (!text)
        return PIPIT_ERR_MEMORY;
    *out = text;
    return 0;
}

bool pp_request_is_shared(const pipit_request *request)
{
    return request->references > 1;
}

pipit_request *pipit_request_ref(pipit_request *request)
{
    request->references++;
    return request;
}

pipit_request *pipit_request_unref(pipit_request *request)
{
    bool lies = request && lies_in_message(request);

    if (request && --request->references == 0) {
        pp_free(request->block);
        pp_message_unref(request->message); /* it may go with it */
        if (!lies)
            pp_free(request);
    }
    return NULL;
}
