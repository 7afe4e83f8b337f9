/* outgoing.c - a message being put together: memory, header fields, and the checks that keep injections out. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "sip/lexer.h"
#include "sip/outgoing_inside.h"

#include <stdarg.h>
#include <stdio.h>

/* --- memory ----------------------------------------------------------------------------------- */

void pp_outgoing_fail(pp_outgoing *message, int error, const char *why)
{
    if (message->error)
        return;
    message->error = error;
    message->why = why;
    pp_error(error, "message: %s", why);
}

static bool add_piece(pp_outgoing *message, size_t size)
{
    pp_outgoing_piece *piece = pp_alloc(sizeof(*piece) + size);

    if (!piece) {
        pp_outgoing_fail(message, PIPIT_ERR_MEMORY, "no memory for a header field");
        return false;
    }
    *piece = (pp_outgoing_piece){.next = message->pieces, .size = size};
    message->pieces = piece;
    return true;
}

pp_str pp_outgoing_keep(pp_outgoing *message, pp_str text)
{
    pp_outgoing_piece *piece = message->pieces;
    char *copy;

    if (message->error)
        return PP_STR_NONE;
    if (text.n > PP_LIMIT_SIP_MESSAGE) {
        pp_outgoing_fail(message, PIPIT_ERR_LIMIT, "it would be too large");
        return PP_STR_NONE;
    }
    if (!piece || piece->size - piece->used < text.n) {
        if (!add_piece(message, text.n > 512 ? text.n : 512))
            return PP_STR_NONE;
        piece = message->pieces;
    }
    copy = piece->text + piece->used;
    if (text.n)
        memcpy(copy, text.p, text.n);
    piece->used += text.n;
    return pp_str_n(copy, text.n);
}

int pp_outgoing_new(size_t text_size, pp_outgoing **out)
{
    pp_outgoing *message = PP_NEW(pp_outgoing);

    if (!message)
        return PIPIT_ERR_MEMORY;
    message->references = 1;
    if (!add_piece(message, text_size)) {
        pp_outgoing_unref(message);
        return PIPIT_ERR_MEMORY;
    }
    *out = message;
    return 0;
}

pp_outgoing *pp_outgoing_ref(pp_outgoing *message)
{
    message->references++;
    return message;
}

pp_outgoing *pp_outgoing_unref(pp_outgoing *message)
{
    if (!message || --message->references)
        return NULL;
    while (message->pieces) {
        pp_outgoing_piece *piece = message->pieces;
        message->pieces = piece->next;
        pp_free(piece);
    }
    pp_free(message->headers);
    pp_free(message);
    return NULL;
}

/* --- header fields ---------------------------------------------------------------------------- */

/* Room for one more field. Doubling is fine: PP_LIMIT_SIP_HEADERS bounds it. */
static bool make_room(pp_outgoing *message)
{
    size_t capacity = message->header_capacity ? message->header_capacity * 2 : 16;
    pp_header *grown;

    if (message->error || message->header_count < message->header_capacity)
        return !message->error;
    if (message->header_count >= PP_LIMIT_SIP_HEADERS) {
        pp_outgoing_fail(message, PIPIT_ERR_LIMIT, "too many header fields");
        return false;
    }
    grown = pp_realloc(message->headers, capacity * sizeof(*grown));
    if (!grown) {
        pp_outgoing_fail(message, PIPIT_ERR_MEMORY, "no memory for a header field");
        return false;
    }
    message->headers = grown;
    message->header_capacity = capacity;
    return true;
}

static bool may_stand_in_header(pp_outgoing *message, pp_str value)
{
    if (!pp_str_is_line(value))
        pp_outgoing_fail(message, PIPIT_ERR_SYNTAX, "a header value holds CR, LF or NUL");
    else if (value.n > PP_LIMIT_SIP_HEADER)
        pp_outgoing_fail(message, PIPIT_ERR_LIMIT, "a header value is too long");
    return !message->error;
}

/* A field in the message's memory, not yet in its list. Content-Length is ours alone and never kept. */
static bool make_field(pp_outgoing *message, pp_header_id id, pp_str name, pp_str value,
                       pp_header *field)
{
    if (id == PP_HEADER_CONTENT_LENGTH || !make_room(message))
        return false;
    field->id = id;
    field->name =
        id == PP_HEADER_OTHER ? pp_outgoing_keep(message, name) : pp_str_c(pp_header_name(id));
    field->value = pp_outgoing_keep(message, pp_str_trim(value));
    return !message->error;
}

void pp_outgoing_add_trusted(pp_outgoing *message, pp_header_id id, pp_str name, pp_str value)
{
    pp_header field;

    if (make_field(message, id, name, value, &field))
        message->headers[message->header_count++] = field;
}

void pp_outgoing_add_named(pp_outgoing *message, pp_str name, pp_str value)
{
    if (!pp_str_is(name, PP_CHAR_TOKEN))
        pp_outgoing_fail(message, PIPIT_ERR_SYNTAX, "a header name is no token");
    else if (may_stand_in_header(message, name) && may_stand_in_header(message, value))
        pp_outgoing_add_trusted(message, pp_header_id_of(name), name, value);
}

void pp_outgoing_add(pp_outgoing *message, pp_header_id id, pp_str value)
{
    pp_outgoing_add_named(message, pp_str_c(pp_header_name(id)), value);
}

void pp_outgoing_add_c(pp_outgoing *message, pp_header_id id, const char *value)
{
    pp_outgoing_add(message, id, pp_str_c(value));
}

void pp_outgoing_add_format(pp_outgoing *message, pp_header_id id, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (size >= 0)
        text = pp_alloc((size_t)size + 1);
    if (!text) {
        pp_outgoing_fail(message, PIPIT_ERR_MEMORY, "no memory for a header field");
        return;
    }
    va_start(args, format);
    vsnprintf(text, (size_t)size + 1, format, args);
    va_end(args);
    pp_outgoing_add(message, id, pp_str_n(text, (size_t)size));
    pp_free(text);
}

void pp_outgoing_add_line(pp_outgoing *message, const char *line)
{
    pp_str value = pp_str_c(line);
    pp_str name = pp_str_split(&value, ':');

    if (!value.p)
        pp_outgoing_fail(message, PIPIT_ERR_SYNTAX, "a header line has no ':'");
    else if (!pp_str_is_line(
                 pp_str_c(line))) /* before blanks, CR and LF among them, are taken off */
        may_stand_in_header(message, pp_str_c(line));
    else
        pp_outgoing_add_named(message, pp_str_trim(name), value);
}

void pp_outgoing_add_first(pp_outgoing *message, pp_header_id id, pp_str value)
{
    pp_header field;

    if (!may_stand_in_header(message, value) ||
        !make_field(message, id, PP_STR_NONE, value, &field))
        return;
    memmove(message->headers + 1, message->headers, message->header_count * sizeof(field));
    message->headers[0] = field;
    message->header_count++;
}

static size_t find(const pp_outgoing *message, pp_header_id id, size_t index)
{
    size_t i = 0;

    while (i < message->header_count && (message->headers[i].id != id || index--))
        i++;
    return i;
}

static void remove_at(pp_outgoing *message, size_t at)
{
    if (at == message->header_count)
        return;
    message->header_count--;
    memmove(message->headers + at, message->headers + at + 1,
            (message->header_count - at) * sizeof(*message->headers));
}

void pp_outgoing_remove_first(pp_outgoing *message, pp_header_id id)
{
    remove_at(message, find(message, id, 0));
}

void pp_outgoing_remove(pp_outgoing *message, pp_header_id id)
{
    size_t kept = 0;

    for (size_t i = 0; i < message->header_count; i++)
        if (message->headers[i].id != id)
            message->headers[kept++] = message->headers[i];
    message->header_count = kept;
}

void pp_outgoing_set(pp_outgoing *message, pp_header_id id, pp_str value)
{
    size_t at = find(message, id, 0);
    pp_str copy;

    if (at == message->header_count) {
        pp_outgoing_add(message, id, value);
        return;
    }
    if (!may_stand_in_header(message, value))
        return;
    copy = pp_outgoing_keep(message, pp_str_trim(value));
    if (message->error)
        return;
    message->headers[at].value = copy;
    for (size_t second; (second = find(message, id, 1)) < message->header_count;)
        remove_at(message, second);
}

pp_str pp_outgoing_header(const pp_outgoing *message, pp_header_id id, size_t index)
{
    size_t at = find(message, id, index);

    return at < message->header_count ? message->headers[at].value : PP_STR_NONE;
}

/* --- start line and body ---------------------------------------------------------------------- */

void pp_outgoing_set_ruri(pp_outgoing *message, pp_str ruri)
{
    pp_str copy;

    if (!pp_str_is(ruri, PP_CHAR_URI)) {
        pp_outgoing_fail(message, PIPIT_ERR_SYNTAX,
                         "the Request-URI is empty, or holds a blank or a control character");
        return;
    }
    copy = pp_outgoing_keep(message, ruri);
    if (!message->error)
        message->ruri = copy;
}

void pp_outgoing_set_body(pp_outgoing *message, const char *content_type, pp_str body)
{
    pp_str copy = pp_outgoing_keep(message, body);

    if (content_type)
        pp_outgoing_set(message, PP_HEADER_CONTENT_TYPE, pp_str_c(content_type));
    if (!message->error)
        message->body = copy;
}

void pp_outgoing_set_size_max(pp_outgoing *message, size_t size_max)
{
    message->size_max = size_max;
}

/* --- looking at it ---------------------------------------------------------------------------- */

bool pp_outgoing_is_request(const pp_outgoing *message)
{
    return message->status == 0;
}

pp_method pp_outgoing_method(const pp_outgoing *message)
{
    return message->method;
}

pp_str pp_outgoing_ruri(const pp_outgoing *message)
{
    return message->ruri;
}

int pp_outgoing_status(const pp_outgoing *message)
{
    return message->status;
}

pp_str pp_outgoing_body(const pp_outgoing *message)
{
    return message->body;
}

uint32_t pp_outgoing_cseq(const pp_outgoing *message)
{
    pp_str rest = pp_outgoing_header(message, PP_HEADER_CSEQ, 0);
    uint32_t number = 0;

    pp_str_to_u32(pp_str_word(&rest), 0, UINT32_MAX, &number);
    return number;
}

pp_str pp_outgoing_branch(const pp_outgoing *message)
{
    pp_str rest = pp_outgoing_header(message, PP_HEADER_VIA, 0), topmost;
    pp_via via;

    if (!pp_list_next(&rest, &topmost) || pp_via_parse(topmost, &via))
        return PP_STR_NONE;
    return via.branch;
}

int pp_outgoing_error(const pp_outgoing *message)
{
    return message->error;
}
