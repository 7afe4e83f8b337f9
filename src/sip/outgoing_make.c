/* outgoing_make.c - messages made of others: answers, CANCEL, ACK, copies. */
#include "base/alloc.h"
#include "base/error.h"
#include "sip/header_find.h"
#include "sip/lexer.h"
#include "sip/outgoing_inside.h"
#include "sip/status.h"

#define TEXT_SIZE 1024 /* octets a message of ours usually has */
#define VIA_SIZE  128  /* octets of a Via line of ours, at most in nearly all */

/* Gives the message away, or releases it when something in it went wrong. */
static int finish(pp_outgoing *message, pp_outgoing **out)
{
    int err = message->error;

    if (err) {
        pp_outgoing_unref(message);
        return err;
    }
    *out = message;
    return 0;
}

/* Whoever sends a request puts the Via before all that it says already. */
static void leave_gap(pp_outgoing *message)
{
    size_t size = message->start.n + VIA_SIZE;

    message->gap = pp_outgoing_room(message, size);
    message->gap_size = message->gap ? size : 0;
}

int pp_outgoing_request_in(pp_message_pool *pool, pp_method method, pp_str ruri, pp_outgoing **out)
{
    pp_outgoing *message = NULL;
    int err;

    if (!*pp_method_name(method))
        return pp_error(PIPIT_ERR_ARGUMENT, "message: a request needs a method with a name");
    err = pp_outgoing_new(pool, TEXT_SIZE, &message);
    if (err)
        return err;
    message->method = method;
    message->method_name = pp_str_c(pp_method_name(method));
    pp_outgoing_set_ruri(message, ruri);
    leave_gap(message);
    return finish(message, out);
}

int pp_outgoing_request(pp_method method, pp_str ruri, pp_outgoing **out)
{
    return pp_outgoing_request_in(NULL, method, ruri, out);
}

/* All fields of a kind. Their values came trimmed. */
static void copy_from(pp_outgoing *to, const pp_message *from, pp_header_id id)
{
    for (size_t at = from->first[id]; at; at = from->headers[at - 1].next)
        pp_outgoing_put_field(to, id, pp_header_names[id], from->headers[at - 1].value);
}

static void copy_to(pp_outgoing *to, const pp_message *request, int status, pp_str tag)
{
    const pp_str end[] = {PP_LIT(";tag="), tag};

    if (status == 100 || !tag.p || request->to_tag.n) {
        copy_from(to, request, PP_HEADER_TO);
        return;
    }
    if (!pp_str_is_line(tag))
        pp_outgoing_fail(to, PIPIT_ERR_SYNTAX, "the To tag holds CR or LF");
    pp_outgoing_begin(to, PP_HEADER_TO);
    pp_outgoing_put(to, pp_message_header(request, PP_HEADER_TO, 0));
    pp_outgoing_put_all(to, end, 2);
    pp_outgoing_end_trusted(to);
    if (!to->error) {
        pp_str value = to->headers[to->header_count - 1].value;
        to->new_tag = pp_str_from(value, value.n - tag.n);
    }
}

/* RFC 3261 section 25.1: reserved, unreserved, UTF-8, blank and tab. */
static bool is_phrase_char(char c)
{
    return (unsigned char)c >= 0x80 || c == '\t' ||
           (c >= ' ' && c < 0x7F && !strchr("\"#%<>[\\]^`{|}", c));
}

/* What may not stand in a phrase is escaped as in a URI. */
static void start_response(pp_outgoing *message, int status, pp_str phrase)
{
    pp_buf escaped = {0};

    if (!pp_str_is_line(phrase))
        pp_outgoing_fail(message, PIPIT_ERR_SYNTAX, "the reason phrase holds CR or LF");
    for (size_t i = 0; i < phrase.n; i++) {
        if (is_phrase_char(phrase.p[i]))
            pp_buf_char(&escaped, phrase.p[i]);
        else
            pp_buf_format(&escaped, "%%%02X", (unsigned char)phrase.p[i]);
    }
    if (pp_buf_error(&escaped))
        pp_outgoing_fail(message, pp_buf_error(&escaped), "no memory for the reason phrase");
    pp_outgoing_start_response(message, status, pp_buf_text(&escaped));
    pp_buf_free(&escaped);
}

int pp_outgoing_response(const pp_message *request, int status, const char *phrase,
                         const char *to_tag, pp_outgoing **out)
{
    pp_outgoing *message = NULL;
    int err;

    if (!request->is_request || status < 100 || status > 699)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: %d is no answer to a request", status);
    err = pp_outgoing_new(pp_message_pool_of(request), TEXT_SIZE, &message);
    if (err)
        return err;
    message->method = request->method;
    message->method_name = request->method == PP_METHOD_OTHER
                               ? pp_outgoing_keep(message, request->method_name)
                               : pp_str_c(pp_method_name(request->method));
    if (phrase)
        start_response(message, status, pp_str_c(phrase));
    else
        pp_outgoing_start_response(message, status, pp_str_c(pp_status_phrase(status)));
    copy_from(message, request, PP_HEADER_VIA);
    if (status > 100 && status < 300)
        copy_from(message, request, PP_HEADER_RECORD_ROUTE);
    copy_from(message, request, PP_HEADER_FROM);
    copy_to(message, request, status, pp_str_c(to_tag));
    copy_from(message, request, PP_HEADER_CALL_ID);
    copy_from(message, request, PP_HEADER_CSEQ);
    if (status == 100) /* section 8.2.6.1 */
        copy_from(message, request, PP_HEADER_TIMESTAMP);
    return finish(message, out);
}

static void copy_first(pp_outgoing *to, const pp_outgoing *from, pp_header_id id)
{
    pp_str value = pp_outgoing_header(from, id, 0);

    if (value.p)
        pp_outgoing_add_trusted(to, id, PP_STR_NONE, value);
}

/* What CANCEL and the ACK of a refusal share with their INVITE: one Via, the route, From, Call-ID and the number of CSeq. */
static int follow(pp_method method, const pp_outgoing *invite, pp_str to, pp_outgoing **out)
{
    pp_outgoing *message = NULL;
    pp_str via = pp_outgoing_header(invite, PP_HEADER_VIA, 0), topmost = PP_STR_NONE, value;
    int err = pp_outgoing_request_in(pp_message_pool_of(invite), method, invite->ruri, &message);

    if (err)
        return err;
    if (pp_list_next(&via, &topmost))
        pp_outgoing_add_trusted(message, PP_HEADER_VIA, PP_STR_NONE, topmost);
    for (size_t i = 0; value = pp_outgoing_header(invite, PP_HEADER_ROUTE, i), value.p; i++)
        pp_outgoing_add_trusted(message, PP_HEADER_ROUTE, PP_STR_NONE, value);
    copy_first(message, invite, PP_HEADER_MAX_FORWARDS);
    pp_outgoing_add_trusted(message, PP_HEADER_TO, PP_STR_NONE, to);
    copy_first(message, invite, PP_HEADER_FROM);
    copy_first(message, invite, PP_HEADER_CALL_ID);
    pp_outgoing_add_cseq(message, pp_outgoing_cseq(invite));
    return finish(message, out);
}

int pp_outgoing_cancel(const pp_outgoing *invite, pp_outgoing **out)
{
    return follow(PP_CANCEL, invite, pp_outgoing_header(invite, PP_HEADER_TO, 0), out);
}

int pp_outgoing_ack(const pp_outgoing *invite, const pp_message *response, pp_outgoing **out)
{
    return follow(PP_ACK, invite, pp_message_header(response, PP_HEADER_TO, 0), out);
}

static size_t text_size(const pp_outgoing *message)
{
    size_t size = 0;

    for (size_t i = 0; i < message->header_count; i++)
        size += pp_outgoing_line(&message->headers[i]).n;
    return size;
}

/* As they are written. */
static void copy_lines(const pp_outgoing *from, pp_outgoing *to)
{
    char *at = pp_outgoing_room(to, text_size(from));

    if (!at || !pp_outgoing_make_room(to, from->header_count))
        return;
    for (size_t i = 0; i < from->header_count; i++) {
        const pp_header *field = &from->headers[i];
        pp_header *copy = &to->headers[to->header_count++];
        pp_str line = pp_outgoing_line(field);

        pp_outgoing_copy(at, line);
        copy->id = field->id;
        copy->next = 0;
        copy->name = pp_str_n(at, field->name.n);
        copy->value = pp_str_n(at + (field->value.p - field->name.p), field->value.n);
        at += line.n;
    }
}

int pp_outgoing_clone(const pp_outgoing *message, pp_outgoing **out)
{
    pp_outgoing *copy = NULL;
    int err = pp_outgoing_new(
        pp_message_pool_of(message),
        text_size(message) + message->start.n + message->body.n + TEXT_SIZE / 2, &copy);

    if (err)
        return err;
    copy->method = message->method;
    copy->method_name = pp_outgoing_keep(copy, message->method_name);
    if (message->status)
        pp_outgoing_start_response(copy, message->status, message->phrase);
    else
        pp_outgoing_start_request(copy, message->ruri);
    copy_lines(message, copy);
    pp_outgoing_put_tail(copy, message->body);
    if (message->error)
        pp_outgoing_fail(copy, message->error, message->why);
    return finish(copy, out);
}

int pp_outgoing_from_message(const pp_message *message, pp_outgoing **out)
{
    pp_outgoing *copy = NULL;
    int err = pp_outgoing_new(pp_message_pool_of(message), message->wire.n + TEXT_SIZE / 4, &copy);

    if (err)
        return err;
    copy->method = message->method;
    copy->method_name = pp_outgoing_keep(copy, message->method_name);
    if (message->is_request)
        pp_outgoing_start_request(copy, message->ruri_text);
    else
        pp_outgoing_start_response(copy, message->status, message->reason);
    for (size_t i = 0; i < message->header_count; i++)
        pp_outgoing_add_trusted(copy, message->headers[i].id, message->headers[i].name,
                                message->headers[i].value);
    pp_outgoing_put_tail(copy, message->body);
    return finish(copy, out);
}
