/* stage.c - a user agent in virtual time: its wire, and what goes and comes there. */
#include "unit/ua/support/stage.h"

#include "support/abnf/abnf.h"

/* --- the socket ------------------------------------------------------------------------------- */

static void socket_up(void *self)
{
    pipit_socket_connected(((stage *)self)->socket);
}

static void socket_connect(void *self)
{
    stage *at = self;

    pp_loop_post(at->loop, &at->connecting, socket_up, at);
}

static void socket_disconnect(void *self)
{
    stage *at = self;

    pp_loop_unpost(at->loop, &at->connecting);
}

static bool socket_send(void *self, const char *data, size_t size)
{
    stage *at = self;
    char why[600];

    if (at->mute_socket)
        return false;
    if (!abnf_sip_printed(data, size, why, sizeof(why)))
        fail_msg("%s in:\n%.*s", why, (int)size, data);
    scarce_pause();
    pp_buf_add(&at->wire, data, size);
    pp_buf_char(&at->wire, '\0');
    scarce_resume();
    return true;
}

const pipit_socket_interface socket_functions = {
    .connect = socket_connect, .disconnect = socket_disconnect, .send = socket_send};

/* --- the stage -------------------------------------------------------------------------------- */

static void trace(const pipit_trace_record *record, void *user)
{
    stage *at = user;

    scarce_pause();
    pp_buf_add(&at->trace, record->text, record->size);
    pp_buf_char(&at->trace, '\n');
    scarce_resume();
}

void advance_ms(stage *at, uint64_t ms)
{
    sim_advance_ms(at->s, ms);
}

bool session_timers_on_stage;

stage *stage_new(const pipit_ua_configuration *configuration)
{
    return stage_new_over(configuration, "WSS");
}

const char *stage_url = "wss://sip.example.com";

stage *stage_new_over(const pipit_ua_configuration *configuration, const char *transport)
{
    pipit_ua_configuration c = {.uri = "sip:alice@example.com",
                                .password = "wonderland",
                                .no_register = true,
                                .no_session_timers =
                                    true}; /* most calls wait for longer than one */
    stage *at = calloc(1, sizeof(*at));

    assert_non_null(at);
    if (configuration)
        c = *configuration;
    c.no_session_timers = !session_timers_on_stage;
    on_stage = at;
    assert_int_equal(sim_new(7, &at->s), 0);
    at->loop = sim_loop(at->s);
    assert_int_equal(pipit_socket_new(&socket_functions, at, transport, stage_url,
                                      "sip:sip.example.com;transport=ws", &at->socket),
                     0);
    c.sockets[0].socket = at->socket;
    if (!c.handlers)
        c.handlers = &ua_handlers;
    c.user = at;
    c.trace = trace;
    c.trace_user = at;
    assert_int_equal(pp_ua_new(at->loop, &c, fake_media_new, &at->ua), 0);
    return at;
}

void stage_free(stage *at)
{
    pipit_ua_unref(at->ua);
    pipit_session_unref(at->session);
    pipit_message_unref(at->message);
    pipit_socket_unref(at->socket);
    pp_message_unref(at->last);
    pp_message_unref(at->invite);
    pp_buf_free(&at->wire);
    pp_buf_free(&at->log);
    pp_buf_free(&at->trace);
    pp_buf_free(&at->remotes);
    pp_buf_free(&at->tones);
    assert_int_equal(at->medias, 0);
    sim_free(at->s);
    free(at);
}

stage *stage_connected(void)
{
    stage *at = stage_new(NULL);

    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    check_events(at, "connected ");
    return at;
}

/* --- what goes -------------------------------------------------------------------------------- */

const pp_message *next_sent(stage *at)
{
    const char *text = at->wire.p + at->read;

    if (at->read >= at->wire.n)
        return NULL;
    at->read += strlen(text) + 1;
    pp_message_unref(at->last);
    at->last = NULL;
    scarce_pause();
    assert_int_equal(pp_message_parse(pp_str_c(text), &at->last), 0);
    scarce_resume();
    assert_int_equal(at->last->defect, 0);
    return at->last;
}

const pp_message *expect_sent(stage *at, const char *start)
{
    const pp_message *m = next_sent(at);

    if (!m)
        fail_msg("nothing was sent instead of %s", start);
    else if (!pp_str_starts(m->wire, start))
        fail_msg("not %s but:\n%.*s", start, PP_STR(m->wire));
    return m;
}

const pp_message *wait_sent(stage *at, const char *start, uint64_t ms_max)
{
    for (uint64_t ms = 0; at->read >= at->wire.n && ms < ms_max; ms += 100)
        advance_ms(at, 100);
    return expect_sent(at, start);
}

void expect_silence(stage *at)
{
    const pp_message *m = next_sent(at);

    if (m)
        fail_msg("sent:\n%.*s", PP_STR(m->wire));
}

void check_header(const pp_message *m, const char *name, const char *expected)
{
    pp_str value = pp_message_header_named(m, pp_str_c(name), 0);

    if (!expected && value.p)
        fail_msg("%s: %.*s", name, PP_STR(value));
    if (expected && !pp_str_eq_c(value, expected))
        fail_msg("%s is '%.*s', not '%s'", name, PP_STR(value), expected);
}

bool header_holds(const pp_message *m, const char *name, const char *part)
{
    pp_str value = pp_message_header_named(m, pp_str_c(name), 0);
    char text[1024];

    snprintf(text, sizeof(text), "%.*s", PP_STR(value));
    return strstr(text, part) != NULL;
}

/* --- what comes ------------------------------------------------------------------------------- */

void receive(stage *at, const char *text)
{
    pipit_socket_data(at->socket, text, strlen(text));
}

static void add_headers(pp_buf *out, const pp_message *from, pp_header_id id)
{
    pp_str value;

    for (size_t i = 0; value = pp_message_header(from, id, i), value.p; i++)
        pp_buf_format(out, "%s: %.*s\r\n", pp_header_name(id), PP_STR(value));
}

static void add_body(pp_buf *out, const char *body)
{
    if (body && *body)
        pp_buf_c(out, "Content-Type: application/sdp\r\n");
    pp_buf_format(out, "Content-Length: %zu\r\n\r\n%s", body ? strlen(body) : 0, body ? body : "");
}

void answer(stage *at, const pp_message *request, const char *status, const char *tag,
            const char *lines, const char *body)
{
    pp_buf text = {0};

    scarce_pause();
    pp_buf_format(&text, "SIP/2.0 %s\r\n", status);
    add_headers(&text, request, PP_HEADER_VIA);
    add_headers(&text, request, PP_HEADER_FROM);
    pp_buf_format(&text, "To: %.*s%s%s\r\n", PP_STR(pp_message_header(request, PP_HEADER_TO, 0)),
                  tag ? ";tag=" : "", tag ? tag : "");
    add_headers(&text, request, PP_HEADER_CALL_ID);
    add_headers(&text, request, PP_HEADER_CSEQ);
    pp_buf_c(&text, lines ? lines : "");
    add_body(&text, body);
    scarce_resume();
    pipit_socket_data(at->socket, text.p, text.n);
    pp_buf_free(&text);
}

void come(stage *at, const coming *c)
{
    static unsigned branches;
    pp_buf text = {0};

    scarce_pause();
    pp_buf_format(&text, "%s %s SIP/2.0\r\n", c->method,
                  c->ruri ? c->ruri : pipit_ua_contact(at->ua));
    if (c->branch)
        pp_buf_format(&text, "Via: SIP/2.0/WSS far.invalid;branch=z9hG4bK%s\r\n", c->branch);
    else
        pp_buf_format(&text, "Via: SIP/2.0/WSS far.invalid;branch=z9hG4bKfar%u\r\n", ++branches);
    pp_buf_format(&text, "Max-Forwards: 70\r\nFrom: \"Bob\" <sip:bob@example.com>;tag=%s\r\n",
                  c->from_tag ? c->from_tag : "far");
    pp_buf_format(&text, "To: <%s>%s%s\r\n", c->to ? c->to : "sip:alice@example.com",
                  c->to_tag ? ";tag=" : "", c->to_tag ? c->to_tag : "");
    pp_buf_format(&text, "Call-ID: %s\r\nCSeq: %u %s\r\n", c->call_id ? c->call_id : "call-1",
                  c->cseq ? c->cseq : 1, c->method);
    pp_buf_c(&text, c->lines ? c->lines : "");
    if (c->typed)
        pp_buf_format(&text, "Content-Length: %zu\r\n\r\n%s", strlen(c->body), c->body);
    else
        add_body(&text, c->body);
    scarce_resume();
    pipit_socket_data(at->socket, text.p, text.n);
    pp_buf_free(&text);
}

const char *to_tag(stage *at)
{
    static char tag[64];

    snprintf(tag, sizeof(tag), "%.*s", PP_STR(at->last->to_tag));
    return tag;
}

/* --- calls ------------------------------------------------------------------------------------ */

const pipit_call_options *call_options(stage *at)
{
    static pipit_call_options options;

    options = (pipit_call_options){.handlers = &session_handlers, .user = at};
    return &options;
}

void call_out(stage *at)
{
    assert_int_equal(pipit_ua_call(at->ua, "bob", call_options(at), NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE sip:bob@example.com SIP/2.0");
    pp_message_unref(at->invite);
    at->invite = pp_message_ref(at->last);
}

stage *stage_calling(void)
{
    stage *at = stage_connected();

    call_out(at);
    check_events(at, "new_rtc_session:local connecting sending ");
    return at;
}

stage *stage_calling_without_offer(unsigned redirects)
{
    stage *at = stage_connected();
    pipit_call_options options = *call_options(at);

    options.offerless = true;
    options.follow_redirects = redirects;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_int_equal(at->last->body.n, 0);
    at->invite = pp_message_ref(at->last);
    assert_false(at->media->offerer);
    check_events(at, "new_rtc_session:local connecting sending ");
    return at;
}

stage *stage_in_call(void)
{
    stage *at = stage_calling();

    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK sip:bob@far.invalid;transport=ws SIP/2.0");
    check_events(at, "accepted:remote confirmed:local ");
    return at;
}

void call_in(stage *at, const char *lines, const char *body)
{
    char both[1024];

    snprintf(both, sizeof(both), CONTACT "%s", lines ? lines : "");
    come(at, &(coming){.method = "INVITE", .branch = "invite", .lines = both, .body = body});
    expect_sent(at, "SIP/2.0 180 Ringing");
}

stage *stage_ringing(void)
{
    stage *at = stage_connected();

    call_in(at, NULL, OFFER);
    check_events(at, "new_rtc_session:remote progress:local ");
    return at;
}

void acknowledge(stage *at, const char *body)
{
    come(at, &(coming){.method = "ACK", .to_tag = to_tag(at), .body = body});
}

stage *stage_answered(void)
{
    stage *at = stage_ringing();

    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    acknowledge(at, NULL);
    check_events(at, "connecting accepted:local confirmed:remote ");
    return at;
}

void come_in_ours(stage *at, coming c)
{
    static char tag[64], call_id[128];

    snprintf(tag, sizeof(tag), "%.*s", PP_STR(at->invite->from_tag));
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->invite->call_id));
    c.call_id = call_id;
    c.to_tag = tag;
    come(at, &c);
}

void come_in_theirs(stage *at, coming c)
{
    static char tag[64];

    snprintf(tag, sizeof(tag), "%s", at->ua->sessions ? at->ua->sessions->local_tag : "gone");
    c.to_tag = tag;
    if (!c.cseq)
        c.cseq = 2;
    come(at, &c);
}

void bye_in(stage *at, const char *from_tag)
{
    come_in_ours(at, (coming){.method = "BYE", .from_tag = from_tag});
}

void expect_refer_notify(stage *at, unsigned id, const char *state, const char *status)
{
    char event[64];

    expect_sent(at, "NOTIFY sip:bob@far.invalid;transport=ws SIP/2.0");
    snprintf(event, sizeof(event), "refer;id=%u", id);
    check_header(at->last, "Event", event);
    check_header(at->last, "Subscription-State", state);
    check_header(at->last, "Content-Type", "message/sipfrag;version=2.0");
    assert_true(header_holds(at->last, "Contact", "<sip:"));
    if (!pp_str_eq_c(at->last->body, status))
        fail_msg("%.*s", PP_STR(at->last->body));
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
}
