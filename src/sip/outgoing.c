/* outgoing.c - a message being put together: memory, header fields, and the checks that keep injections out. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "sip/header_find.h"
#include "sip/lexer.h"
#include "sip/outgoing_inside.h"
#include "sip/typed/typed.h"

#include <stdarg.h>
#include <stdio.h>

#define OWN_HEADERS 16  /* fields that nearly every message does with */
#define PIECE       512 /* octets of text that are taken at a time, at least */
#define LARGEST     (PP_LIMIT_SIP_MESSAGE + 64) /* a body with its length in front of it */

/* --- memory ----------------------------------------------------------------------------------- */

void pp_outgoing_fail(pp_outgoing *message, int error, const char *why)
{
    if (message->error)
        return;
    message->error = error;
    message->why = why;
    pp_error(error, "message: %s", why);
}

/* Behind a message, in its block: room for header fields and the first piece of text. */
static pp_header *own_headers(pp_outgoing *message)
{
    return (pp_header *)(void *)(message + 1);
}

/* The first place is left free for what comes before all others, mostly the Via. */
static bool has_own_headers(pp_outgoing *message)
{
    return message->headers == own_headers(message) || message->headers == own_headers(message) + 1;
}

static pp_outgoing_piece *own_piece(pp_outgoing *message)
{
    return (pp_outgoing_piece *)(void *)(own_headers(message) + OWN_HEADERS);
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

char *pp_outgoing_more_room(pp_outgoing *message, size_t size)
{
    if (message->error)
        return NULL;
    if (size > LARGEST) {
        pp_outgoing_fail(message, PIPIT_ERR_LIMIT, "it would be too large");
        return NULL;
    }
    if (!add_piece(message, size > PIECE ? size : PIECE))
        return NULL;
    message->pieces->used = size;
    return message->pieces->text;
}

pp_str pp_outgoing_keep(pp_outgoing *message, pp_str text)
{
    char *copy = pp_outgoing_room(message, text.n);

    if (!copy)
        return PP_STR_NONE;
    pp_outgoing_copy(copy, text);
    return pp_str_n(copy, text.n);
}

int pp_outgoing_new(pp_message_pool *pool, size_t text_size, pp_outgoing **out)
{
    size_t own = sizeof(pp_outgoing) + OWN_HEADERS * sizeof(pp_header);
    pp_outgoing *message = pp_message_pool_take(pool, own + sizeof(pp_outgoing_piece) + text_size);

    if (!message)
        return PIPIT_ERR_MEMORY;
    *message = (pp_outgoing){.references = 1, .header_capacity = OWN_HEADERS - 1};
    message->headers = own_headers(message) + 1;
    message->pieces = own_piece(message);
    *message->pieces = (pp_outgoing_piece){.size = text_size};
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
    while (message->pieces != own_piece(message)) {
        pp_outgoing_piece *piece = message->pieces;
        message->pieces = piece->next;
        pp_free(piece);
    }
    if (!has_own_headers(message))
        pp_free(message->headers);
    pp_message_pool_give(message);
    return NULL;
}

/* --- header fields ---------------------------------------------------------------------------- */

/* Doubling is fine: PP_LIMIT_SIP_HEADERS bounds it. */
bool pp_outgoing_more_fields(pp_outgoing *message, size_t fields)
{
    bool own = has_own_headers(message);
    size_t needed = message->header_count + fields;
    size_t capacity = own ? OWN_HEADERS : message->header_capacity;
    pp_header *grown;

    if (message->error)
        return false;
    if (needed > PP_LIMIT_SIP_HEADERS) {
        pp_outgoing_fail(message, PIPIT_ERR_LIMIT, "too many header fields");
        return false;
    }
    while (capacity < needed)
        capacity *= 2;
    grown = pp_realloc(own ? NULL : message->headers, capacity * sizeof(*grown));
    if (!grown) {
        pp_outgoing_fail(message, PIPIT_ERR_MEMORY, "no memory for a header field");
        return false;
    }
    if (own)
        memcpy(grown, message->headers, message->header_count * sizeof(*grown));
    message->headers = grown;
    message->header_capacity = capacity;
    return true;
}

bool pp_outgoing_may_stand(pp_outgoing *message, pp_str value)
{
    if (!pp_str_is_line(value))
        pp_outgoing_fail(message, PIPIT_ERR_SYNTAX, "a header value holds CR, LF or NUL");
    else if (value.n > PP_LIMIT_SIP_HEADER)
        pp_outgoing_fail(message, PIPIT_ERR_LIMIT, "a header value is too long");
    return !message->error;
}

/* Content-Length is ours alone and never kept. */
void pp_outgoing_add_trusted(pp_outgoing *message, pp_header_id id, pp_str name, pp_str value)
{
    if (id != PP_HEADER_OTHER)
        name = pp_header_names[id];
    if (id != PP_HEADER_CONTENT_LENGTH)
        pp_outgoing_put_field(message, id, name, pp_str_trim(value));
}

void pp_outgoing_add_ours(pp_outgoing *message, pp_header_id id, pp_str value)
{
    pp_outgoing_add_trusted(message, id, PP_STR_NONE, value);
}

void pp_outgoing_add_named(pp_outgoing *message, pp_str name, pp_str value)
{
    if (!pp_str_is(name, PP_CHAR_TOKEN))
        pp_outgoing_fail(message, PIPIT_ERR_SYNTAX, "a header name is no token");
    else if (pp_outgoing_may_stand(message, name) && pp_outgoing_may_stand(message, value))
        pp_outgoing_add_trusted(message, pp_header_id_of(name), name, value);
}

void pp_outgoing_add(pp_outgoing *message, pp_header_id id, pp_str value)
{
    if (id == PP_HEADER_OTHER)
        pp_outgoing_fail(message, PIPIT_ERR_SYNTAX, "a header field has no name");
    else if (id != PP_HEADER_CONTENT_LENGTH) /* that is ours alone */
        pp_outgoing_add_all(message, id, &value, 1);
}

void pp_outgoing_add_c(pp_outgoing *message, pp_header_id id, const char *value)
{
    pp_outgoing_add(message, id, pp_str_c(value));
}

void pp_outgoing_add_format(pp_outgoing *message, pp_header_id id, const char *format, ...)
{
    char small[256], *text = small;
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (size >= (int)sizeof(small)) {
        text = pp_alloc((size_t)size + 1);
        va_start(args, format);
        if (text)
            vsnprintf(text, (size_t)size + 1, format, args);
        va_end(args);
    }
    if (size < 0 || !text)
        pp_outgoing_fail(message, PIPIT_ERR_MEMORY, "no memory for a header field");
    else
        pp_outgoing_add(message, id, pp_str_n(text, (size_t)size));
    if (text != small)
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
        pp_outgoing_may_stand(message, pp_str_c(line));
    else
        pp_outgoing_add_named(message, pp_str_trim(name), value);
}

void pp_outgoing_push(pp_outgoing *message, const pp_header *field)
{
    if (message->headers == own_headers(message) + 1) {
        message->headers--;
        message->header_capacity++;
    } else if (pp_outgoing_make_room(message, 1)) {
        memmove(message->headers + 1, message->headers, message->header_count * sizeof(*field));
    } else {
        return;
    }
    message->headers[0] = *field;
    message->header_count++;
}

void pp_outgoing_add_first(pp_outgoing *message, pp_header_id id, pp_str value)
{
    pp_header field;

    if (id != PP_HEADER_CONTENT_LENGTH && pp_outgoing_may_stand(message, value) &&
        pp_outgoing_make_line(message, id, pp_header_names[id], pp_str_trim(value), &field))
        pp_outgoing_push(message, &field);
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
    size_t kept = find(message, id, 0);

    for (size_t i = kept; i < message->header_count; i++)
        if (message->headers[i].id != id)
            message->headers[kept++] = message->headers[i];
    message->header_count = kept;
}

void pp_outgoing_set(pp_outgoing *message, pp_header_id id, pp_str value)
{
    size_t at = find(message, id, 0);
    pp_header field;

    if (at == message->header_count) {
        pp_outgoing_add(message, id, value);
        return;
    }
    if (!pp_outgoing_may_stand(message, value) ||
        !pp_outgoing_make_line(message, id, message->headers[at].name, pp_str_trim(value), &field))
        return;
    message->headers[at] = field;
    for (size_t second; (second = find(message, id, 1)) < message->header_count;)
        remove_at(message, second);
}

pp_str pp_outgoing_header(const pp_outgoing *message, pp_header_id id, size_t index)
{
    size_t at = find(message, id, index);

    return at < message->header_count ? message->headers[at].value : PP_STR_NONE;
}

size_t pp_outgoing_header_count(const pp_outgoing *message)
{
    return message->header_count;
}

/* --- start line and body ---------------------------------------------------------------------- */

void pp_outgoing_start_request(pp_outgoing *message, pp_str ruri)
{
    static const pp_str end = PP_LIT_INIT(" SIP/2.0\r\n");
    pp_str method = message->method_name;
    char *line = pp_outgoing_room(message, method.n + 1 + ruri.n + end.n), *at;

    if (!line)
        return;
    at = pp_outgoing_copy(pp_outgoing_copy(line, method), PP_LIT(" "));
    message->ruri = pp_str_n(at, ruri.n);
    at = pp_outgoing_copy(pp_outgoing_copy(at, ruri), end);
    message->start = pp_str_n(line, (size_t)(at - line));
}

void pp_outgoing_start_response(pp_outgoing *message, int status, pp_str phrase)
{
    static const pp_str version = PP_LIT_INIT("SIP/2.0 ");
    char *line = pp_outgoing_room(message, version.n + 4 + phrase.n + 2), *at;

    if (!line)
        return;
    at = pp_outgoing_copy(line, version);
    *at++ = (char)('0' + status / 100);
    *at++ = (char)('0' + status / 10 % 10);
    *at++ = (char)('0' + status % 10);
    *at++ = ' ';
    message->status = status;
    message->phrase = pp_str_n(at, phrase.n);
    at = pp_outgoing_copy(pp_outgoing_copy(at, phrase), PP_LIT("\r\n"));
    message->start = pp_str_n(line, (size_t)(at - line));
}

void pp_outgoing_add_cseq(pp_outgoing *message, uint32_t number)
{
    char room[PP_DIGITS], *at;
    pp_str digits = pp_digits(number, room), method = message->method_name;
    pp_str name = pp_header_names[PP_HEADER_CSEQ];
    size_t size = digits.n + 1 + method.n;
    char *line = pp_outgoing_room(message, name.n + size + 4);

    if (!line || !pp_outgoing_make_room(message, 1))
        return;
    at = pp_outgoing_copy(pp_outgoing_copy(line, name), PP_LIT(": "));
    message->cseq_text = at;
    message->cseq = number;
    message->headers[message->header_count++] = (pp_header){
        .id = PP_HEADER_CSEQ, .name = pp_str_n(line, name.n), .value = pp_str_n(at, size)};
    at = pp_outgoing_copy(pp_outgoing_copy(at, digits), PP_LIT(" "));
    pp_outgoing_copy(pp_outgoing_copy(at, method), PP_LIT("\r\n"));
}

void pp_outgoing_set_cseq(pp_outgoing *message, uint32_t number)
{
    size_t at = find(message, PP_HEADER_CSEQ, 0);

    pp_outgoing_add_cseq(message, number);
    if (!message->error && at < message->header_count - 1)
        message->headers[at] = message->headers[--message->header_count];
}

void pp_outgoing_set_ruri(pp_outgoing *message, pp_str ruri)
{
    if (!pp_str_is(ruri, PP_CHAR_URI))
        pp_outgoing_fail(message, PIPIT_ERR_SYNTAX,
                         "the Request-URI is empty, or holds a blank or a control character");
    else
        pp_outgoing_start_request(message, ruri);
}

void pp_outgoing_set_body(pp_outgoing *message, const char *content_type, pp_str body)
{
    pp_str type = pp_str_c(content_type);
    pp_media_type parsed;

    if (content_type && pp_media_type_parse(type, &parsed))
        message->error = message->error ? message->error : PIPIT_ERR_SYNTAX;
    else if (content_type)
        pp_outgoing_set(message, PP_HEADER_CONTENT_TYPE, type);
    pp_outgoing_put_tail(message, body);
}

void pp_outgoing_set_sdp(pp_outgoing *message, pp_str sdp)
{
    static const pp_str type = PP_LIT_INIT("application/sdp");

    if (find(message, PP_HEADER_CONTENT_TYPE, 0) < message->header_count)
        pp_outgoing_set(message, PP_HEADER_CONTENT_TYPE, type);
    else
        pp_outgoing_add_ours(message, PP_HEADER_CONTENT_TYPE, type);
    pp_outgoing_put_tail(message, sdp);
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

    if (rest.p && rest.p == message->cseq_text)
        return message->cseq;
    pp_str_to_u32(pp_str_word(&rest), 0, UINT32_MAX, &number);
    return number;
}

pp_str pp_outgoing_new_tag(const pp_outgoing *message)
{
    return message->new_tag;
}

int pp_outgoing_error(const pp_outgoing *message)
{
    return message->error;
}
