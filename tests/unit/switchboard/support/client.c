/* client.c - a hand-driven SIP client over a simulated WebSocket. */
#include "unit/switchboard/support/client.h"

#include "base/alloc.h"
#include "sip/digest.h"
#include "support/abnf/abnf.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned serial; /* makes branches and Call-IDs differ */

void (*client_delivers)(bool begins);

/* --- the stage -------------------------------------------------------------------------------- */

static void on_event(void *arg, const switchboard_event *event)
{
    stage *st = arg;

    st->refused += event->kind == SWITCHBOARD_REFUSED;
    st->registered += event->kind == SWITCHBOARD_REGISTERED;
    st->unregistered += event->kind == SWITCHBOARD_UNREGISTERED;
    st->disconnected += event->kind == SWITCHBOARD_DISCONNECTED;
    if (event->kind == SWITCHBOARD_REFUSED || event->kind == SWITCHBOARD_SIP_IN)
        snprintf(st->last_text, sizeof(st->last_text), "%.*s", PP_STR(event->text));
}

void stage_open(stage *st, const char *web_root, const char *jssip_file)
{
    static const switchboard_user users[] = {
        {"alice", "ecila"}, {"bob", "bob"}, {"carol", "lorac"}};
    switchboard_options options = {.domain = "example.com",
                                   .users = users,
                                   .user_count = 3,
                                   .web_root = web_root,
                                   .jssip_file = jssip_file,
                                   .event = on_event,
                                   .arg = st};

    *st = (stage){0};
    assert_int_equal(sim_new(7, &st->s), 0);
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 8080, &options.ws));
    assert_int_equal(switchboard_new(sim_loop(st->s), &options, &st->board), 0);
}

void stage_close(stage *st)
{
    switchboard_free(st->board);
    sim_free(st->s);
}

int stage_set_up(void **state)
{
    stage *st = malloc(sizeof(*st));

    assert_non_null(st);
    stage_open(st, NULL, NULL);
    *state = st;
    return 0;
}

int stage_tear_down(void **state)
{
    stage_close(*state);
    free(*state);
    return 0;
}

/* --- the stream and the WebSocket ------------------------------------------------------------- */

static void on_output(void *arg, const uint8_t *data, size_t size)
{
    client *c = arg;

    if (c->stream)
        (void)pp_stream_send(c->stream, data, size);
}

static void on_open(void *arg)
{
    ((client *)arg)->open = true;
}

static void on_message(void *arg, const char *data, size_t size, bool binary)
{
    client *c = arg;
    char why[600];

    (void)binary;
    if (!c->writes_nonsense && data[0] != '\r' && !abnf_sip_printed(data, size, why, sizeof(why)))
        fail_msg("%s in:\n%.*s", why, (int)size, data);
    assert_true(c->inbox_count < INBOX_MAX);
    c->inbox[c->inbox_count] = strndup(data, size);
    assert_non_null(c->inbox[c->inbox_count]);
    c->inbox_count++;
}

static void on_ws_closed(void *arg, int code, pp_str reason, bool was_clean, const char *sentence)
{
    (void)code;
    (void)reason;
    (void)was_clean;
    (void)sentence;
    ((client *)arg)->closed = true;
}

static const pp_ws_handlers ws_handlers = {
    .output = on_output, .open = on_open, .message = on_message, .closed = on_ws_closed};

static void on_connected(void *arg)
{
    client *c = arg;

    if (c->ws)
        pp_ws_start(c->ws);
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    client *c = arg;

    if (c->ws) {
        pp_ws_receive(c->ws, data, size);
        return;
    }
    c->http = realloc(c->http, c->http_size + size + 1);
    assert_non_null(c->http);
    memcpy(c->http + c->http_size, data, size);
    c->http_size += size;
    c->http[c->http_size] = '\0';
}

static void on_stream_closed(void *arg, int error, const char *reason)
{
    client *c = arg;

    (void)error;
    c->closed = true;
    if (c->ws)
        pp_ws_eof(c->ws, reason);
}

static const pp_stream_handlers stream_handlers = {
    .connected = on_connected, .data = on_data, .closed = on_stream_closed};

static void connect_to(client *c, stage *st)
{
    pipit_loop *loop = sim_loop(st->s);
    pp_addr board;

    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 8080, &board));
    assert_int_equal(loop->ops->tcp_connect(loop, &board, &stream_handlers, c, &c->stream), 0);
    sim_advance_ms(st->s, 20);
}

void client_open(client *c, stage *st, const char *name)
{
    static const pp_ws_client_options options = {.host = "192.0.2.1:8080", .subprotocol = "sip"};

    *c = (client){.s = st->s, .name = name};
    assert_int_equal(pp_ws_client_new(&options, &sim_loop(st->s)->rng, &ws_handlers, c, &c->ws), 0);
    connect_to(c, st);
    assert_true(c->open);
}

void client_open_raw(client *c, stage *st)
{
    *c = (client){.s = st->s, .name = "raw"};
    connect_to(c, st);
}

void client_send_raw(client *c, const void *data, size_t size)
{
    (void)pp_stream_send(c->stream, data, size);
    sim_advance_ms(c->s, 20);
}

void client_forget(client *c)
{
    while (c->inbox_count)
        free(c->inbox[--c->inbox_count]);
}

void client_close(client *c)
{
    client_forget(c);
    free(c->http);
    pp_ws_free(c->ws);
    c->stream = pp_stream_close(c->stream);
    sim_advance_ms(c->s, 20);
}

void client_send(client *c, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int size;

    va_start(args, format);
    size = vasprintf(&text, format, args);
    va_end(args);
    assert_true(size >= 0);
    (void)pp_ws_send(c->ws, text, (size_t)size, false);
    free(text);
    if (client_delivers)
        client_delivers(true);
    sim_advance_ms(c->s, 20);
    if (client_delivers)
        client_delivers(false);
}

/* --- looking at what came --------------------------------------------------------------------- */

const char *client_last(const client *c)
{
    return c->inbox_count ? c->inbox[c->inbox_count - 1] : "";
}

const char *client_find(const client *c, const char *start)
{
    for (size_t i = 0; i < c->inbox_count; i++)
        if (strncmp(c->inbox[i], start, strlen(start)) == 0)
            return c->inbox[i];
    return NULL;
}

size_t client_count(const client *c, const char *start)
{
    size_t count = 0;

    for (size_t i = 0; i < c->inbox_count; i++)
        count += strncmp(c->inbox[i], start, strlen(start)) == 0;
    return count;
}

int client_status(const client *c)
{
    for (size_t i = c->inbox_count; i > 0; i--)
        if (strncmp(c->inbox[i - 1], "SIP/2.0 ", 8) == 0)
            return (int)strtol(c->inbox[i - 1] + 8, NULL, 10);
    return 0;
}

static char *slot(void)
{
    static char slots[8][1024];
    static unsigned next;

    return slots[next++ % 8];
}

const char *header(const char *message, const char *name)
{
    char *out = slot();
    size_t n = strlen(name);

    out[0] = '\0';
    for (const char *line = message; line; line = strchr(line, '\n')) {
        if (*line == '\n')
            line++;
        if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
            snprintf(out, 1024, "%.*s", (int)strcspn(line + n + 2, "\r\n"), line + n + 2);
            break;
        }
    }
    return out;
}

const char *parameter(const char *value, const char *name)
{
    char *out = slot(), start[64];
    const char *at;

    snprintf(start, sizeof(start), "%s=\"", name);
    at = strstr(value, start);
    out[0] = '\0';
    if (at)
        snprintf(out, 1024, "%.*s", (int)strcspn(at + strlen(start), "\""), at + strlen(start));
    return out;
}

/* --- requests --------------------------------------------------------------------------------- */

static void send_request(client *c, const request *r, const char *call_id, unsigned cseq,
                         const char *authorization)
{
    char from[256];

    snprintf(from, sizeof(from), "sip:%s@example.com", c->name);
    client_send(c,
                "%s %s SIP/2.0\r\n"
                "Via: SIP/2.0/WS client.invalid;branch=z9hG4bK%s%u\r\n"
                "Max-Forwards: 70\r\n"
                "From: <%s>;tag=%s\r\n"
                "To: %s\r\n"
                "Call-ID: %s\r\n"
                "CSeq: %u %s\r\n"
                "%s%s"
                "Content-Length: %zu\r\n\r\n%s",
                r->method, r->ruri, c->name, ++serial, r->from ? r->from : from, c->name, r->to,
                call_id, cseq, r->method, authorization, r->extra ? r->extra : "",
                r->body ? strlen(r->body) : 0, r->body ? r->body : "");
}

/* The challenge of that algorithm in a 401 or 407; the last when there are several. */
static const char *find_challenge(const char *response, const char *name, const char *algorithm)
{
    char *out = slot(), wanted[64];
    const char *line = response;

    out[0] = '\0';
    snprintf(wanted, sizeof(wanted), "algorithm=%s", algorithm);
    while ((line = strchr(line, '\n'))) {
        size_t n = strcspn(++line, "\r\n");
        char text[1024];

        snprintf(text, sizeof(text), "%.*s", (int)n, line);
        if (strncasecmp(text, name, strlen(name)) == 0 && strstr(text, wanted))
            snprintf(out, 1024, "%s", text + strlen(name) + 2);
    }
    return out;
}

static void write_authorization(const client *c, const request *r, const char *response, char *out,
                                size_t size)
{
    bool proxy = client_status(c) == 407;
    const char *algorithm = r->algorithm ? r->algorithm : "SHA-256";
    const char *challenge =
        find_challenge(response, proxy ? "Proxy-Authenticate" : "WWW-Authenticate", algorithm);
    char digest[2 * PP_HASH_MAX + 1], password[64];
    pp_digest_input input = {.algorithm =
                                 strcmp(algorithm, "MD5") == 0 ? PP_HASH_MD5 : PP_HASH_SHA256,
                             .username = pp_str_c(r->user ? r->user : c->name),
                             .realm = pp_str_c(parameter(challenge, "realm")),
                             .method = pp_str_c(r->method),
                             .uri = pp_str_c(r->ruri),
                             .nonce = pp_str_c(parameter(challenge, "nonce")),
                             .cnonce = PP_LIT("0123456789abcdef"),
                             .qop = PP_LIT("auth"),
                             .nc = PP_LIT("00000001")};
    size_t n = strlen(c->name);

    for (size_t i = 0; i < n; i++)
        password[i] = c->name[n - 1 - i];
    password[n] = '\0';
    input.password = pp_str_c(r->password ? r->password : password);
    assert_int_equal(pp_digest_response(&input, digest), 0);
    snprintf(out, size,
             "%s: Digest username=\"%.*s\", realm=\"%.*s\", nonce=\"%.*s\", uri=\"%s\", "
             "response=\"%s\", "
             "algorithm=%s, qop=auth, nc=00000001, cnonce=\"0123456789abcdef\"\r\n",
             proxy ? "Proxy-Authorization" : "Authorization", PP_STR(input.username),
             PP_STR(input.realm), PP_STR(input.nonce), r->ruri, digest, algorithm);
}

int client_request(client *c, const request *r)
{
    char authorization[2048], call_id[64];
    unsigned cseq = r->cseq ? r->cseq : 1;

    snprintf(call_id, sizeof(call_id), "%s-%u", c->name, ++serial);
    client_forget(c);
    send_request(c, r, r->call_id ? r->call_id : call_id, cseq, "");
    if (client_status(c) != 401 && client_status(c) != 407)
        return client_status(c);
    write_authorization(c, r, client_last(c), authorization, sizeof(authorization));
    client_forget(c);
    send_request(c, r, r->call_id ? r->call_id : call_id, cseq + 1, authorization);
    return client_status(c);
}

int client_register(client *c, const char *contact, const char *extra)
{
    char to[128], lines[2048];
    request r = {.method = "REGISTER", .ruri = "sip:example.com", .to = to, .extra = lines};

    snprintf(to, sizeof(to), "<sip:%s@example.com>", c->name);
    snprintf(lines, sizeof(lines), "%s%s%s%s", contact ? "Contact: " : "", contact ? contact : "",
             contact ? "\r\n" : "", extra ? extra : "");
    return client_request(c, &r);
}

/* All header lines of that name, as they stand. */
static void copy_lines(const char *message, const char *name, char *out, size_t size)
{
    const char *line = message;
    size_t used = strlen(out), n = strlen(name);

    while ((line = strchr(line, '\n'))) {
        size_t length = strcspn(++line, "\n");

        if (length < 2)
            break;
        if (strncasecmp(line, name, n) == 0 && line[n] == ':')
            used += (size_t)snprintf(out + used, size - used, "%.*s\n", (int)length, line);
    }
}

void client_answer(client *c, const char *message, const char *status_line, const char *tag,
                   const char *extra)
{
    char lines[4096] = "";

    copy_lines(message, "Via", lines, sizeof(lines));
    copy_lines(message, "Record-Route", lines, sizeof(lines));
    copy_lines(message, "From", lines, sizeof(lines));
    copy_lines(message, "Call-ID", lines, sizeof(lines));
    copy_lines(message, "CSeq", lines, sizeof(lines));
    client_send(c, "SIP/2.0 %s\r\n%sTo: %s%s%s\r\n%sContent-Length: 0\r\n\r\n", status_line, lines,
                header(message, "To"), strstr(header(message, "To"), "tag=") ? "" : ";tag=",
                strstr(header(message, "To"), "tag=") ? "" : tag, extra);
}
