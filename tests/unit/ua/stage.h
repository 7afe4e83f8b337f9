/* stage.h - a user agent in virtual time between a scripted socket and a scripted media session. The test writes what comes over
 * the wire, reads what goes, and compares the events, "connected registered …". */
#ifndef PP_TESTS_UNIT_UA_STAGE_H
#define PP_TESTS_UNIT_UA_STAGE_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "pipit/pipit.h"
#include "sip/message.h"
#include "support/abnf/abnf.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sim.h"
#include "ua/session/session.h"
#include "ua/ua.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct stage stage;

typedef struct fake_media { /* the last one made; closed ones keep their counts */
    pp_media_session head;
    stage *at;
    const pp_media_session_handlers *handlers;
    void *arg;
    pp_post post;
    bool offerer, offering, muted;
} fake_media;

struct stage {
    sim *s;
    pipit_loop *loop;
    pipit_ua *ua;
    pipit_socket *socket;
    pp_post connecting;
    bool mute_socket;   /* takes nothing */
    pp_buf wire;        /* what went, each with a NUL behind it */
    size_t read;        /* up to here the test has seen it */
    pp_message *last;   /* the message the test looks at */
    pp_message *invite; /* theirs or ours, for answers to come */
    pp_buf log;         /* events */
    pp_buf trace;
    fake_media *media;
    unsigned medias; /* not closed */
    int describe_error, dtmf_error;
    pp_buf remotes; /* what set_remote was given: "offer:v=0… " */
    pp_buf tones;
    pipit_session *session; /* the last, referenced */
    pipit_message *message; /* the last incoming one, referenced when `keep_message` */
    bool keep_message;
    int message_reply; /* a status for incoming messages, 0 for none */
    void (*on_new_session)(stage *at, pipit_session *session); /* NULL: nothing */
    void (*on_event)(stage *at, const char *name);             /* NULL: nothing */
    pipit_cause cause;
    char reason[256];
    bool log_sdp;
};

static bool short_memory; /* events may lack their messages */

#define OFFER  "v=0 far offer"
#define ANSWER "v=0 far answer"

/* --- events ---------------------------------------------------------------------------------------------------- */

static inline void note(stage *at, const char *name, const char *detail)
{
    scarce_pause();
    pp_buf_format(&at->log, "%s%s%s ", name, detail ? ":" : "", detail ? detail : "");
    scarce_resume();
    if (at->on_event)
        at->on_event(at, name);
}

static inline const char *who(pipit_originator originator)
{
    return originator == PIPIT_LOCAL ? "local" : originator == PIPIT_REMOTE ? "remote" : "system";
}

static inline void check_events(stage *at, const char *expected)
{
    pp_buf_char(&at->log, '\0');
    assert_string_equal(at->log.p, expected);
    pp_buf_clear(&at->log);
}

static inline void on_connecting(pipit_session *s, const pipit_request_event *e, void *user)
{
    (void)s;
    assert_true(e->request || short_memory);
    note(user, "connecting", NULL);
}

static inline void on_sending(pipit_session *s, const pipit_request_event *e, void *user)
{
    (void)s;
    assert_true(e->request || short_memory);
    if (e->request)
        assert_string_equal(pipit_request_method(e->request), "INVITE");
    note(user, "sending", NULL);
}

static inline void on_progress(pipit_session *s, const pipit_progress_event *e, void *user)
{
    (void)s;
    assert_true((e->originator == PIPIT_REMOTE) == (e->response != NULL) || short_memory);
    note(user, "progress", who(e->originator));
}

static inline void on_accepted(pipit_session *s, const pipit_progress_event *e, void *user)
{
    (void)s;
    note(user, "accepted", who(e->originator));
}

static inline void on_confirmed(pipit_session *s, const pipit_confirmed_event *e, void *user)
{
    (void)s;
    assert_true((e->originator == PIPIT_REMOTE) == (e->ack != NULL) || short_memory);
    note(user, "confirmed", who(e->originator));
}

static inline void on_end(stage *at, const char *name, const pipit_end_event *e)
{
    char detail[64];

    at->cause = e->cause;
    snprintf(at->reason, sizeof(at->reason), "%s", e->reason);
    snprintf(detail, sizeof(detail), "%s:%s", who(e->originator), pipit_cause_name(e->cause));
    note(at, name, detail);
}

static inline void on_ended(pipit_session *s, const pipit_end_event *e, void *user)
{
    assert_true(pipit_session_is_ended(s));
    on_end(user, "ended", e);
}

static inline void on_failed(pipit_session *s, const pipit_end_event *e, void *user)
{
    assert_true(pipit_session_is_ended(s));
    on_end(user, "failed", e);
}

static inline void on_new_dtmf(pipit_session *s, const pipit_dtmf_event *e, void *user)
{
    char detail[64];

    (void)s;
    snprintf(detail, sizeof(detail), "%s:%c:%u:%s", who(e->originator), e->tone, e->duration_ms,
             e->rtp ? "rtp" : "info");
    note(user, "dtmf", detail);
}

static inline void on_new_info(pipit_session *s, const pipit_info_event *e, void *user)
{
    char detail[128];

    (void)s;
    assert_int_equal(strlen(e->body), e->size);
    snprintf(detail, sizeof(detail), "%s:%s:%s", who(e->originator), e->content_type, e->body);
    note(user, "info", detail);
}

static inline void on_muted(pipit_session *s, const pipit_mute_event *e, void *user)
{
    (void)s;
    assert_true(e->audio && !e->video);
    note(user, "muted", NULL);
}

static inline void on_unmuted(pipit_session *s, const pipit_mute_event *e, void *user)
{
    (void)s;
    assert_true(e->audio && !e->video);
    note(user, "unmuted", NULL);
}

static inline void on_sdp(pipit_session *s, const pipit_sdp_event *e, void *user)
{
    stage *at = user;
    char detail[64];

    (void)s;
    snprintf(detail, sizeof(detail), "%s:%s", who(e->originator), e->type);
    if (at->log_sdp)
        note(at, "sdp", detail);
}

static inline void on_media(pipit_session *s, const pipit_media_event *e, void *user)
{
    (void)s;
    note(user, "media", e->state);
}

static const pipit_session_handlers session_handlers = {
    .connecting = on_connecting,
    .sending = on_sending,
    .progress = on_progress,
    .accepted = on_accepted,
    .confirmed = on_confirmed,
    .ended = on_ended,
    .failed = on_failed,
    .new_dtmf = on_new_dtmf,
    .new_info = on_new_info,
    .muted = on_muted,
    .unmuted = on_unmuted,
    .sdp = on_sdp,
    .media = on_media,
};

static inline void on_ua_connected(pipit_ua *ua, const pipit_connected_event *e, void *user)
{
    assert_ptr_equal(e->socket, ((stage *)user)->socket);
    assert_true(pipit_ua_is_connected(ua));
    note(user, "connected", NULL);
}

static inline void on_ua_disconnected(pipit_ua *ua, const pipit_disconnected_event *e, void *user)
{
    (void)ua;
    assert_non_null(e->reason);
    note(user, "disconnected", e->error ? "error" : NULL);
}

static inline void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    (void)ua;
    assert_true(e->response || short_memory);
    note(user, "registered", NULL);
}

static inline void on_unregistered(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)ua;
    note(user, "unregistered", pipit_cause_name(e->cause));
}

static inline void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e,
                                          void *user)
{
    (void)ua;
    note(user, "registration_failed", pipit_cause_name(e->cause));
}

static inline void on_new_rtc_session(pipit_ua *ua, const pipit_new_rtc_session_event *e,
                                      void *user)
{
    stage *at = user;

    (void)ua;
    assert_non_null(e->request);
    assert_int_equal(pipit_session_direction(e->session), e->originator);
    pipit_session_unref(at->session);
    at->session = pipit_session_ref(e->session);
    if (e->originator == PIPIT_REMOTE)
        pipit_session_set_handlers(e->session, &session_handlers, at);
    note(at, "new_rtc_session", who(e->originator));
    if (at->on_new_session)
        at->on_new_session(at, e->session);
}

static inline void on_new_message(pipit_ua *ua, const pipit_new_message_event *e, void *user)
{
    stage *at = user;

    (void)ua;
    note(at, "new_message", pipit_message_body(e->message, NULL));
    if (e->originator != PIPIT_REMOTE)
        return;
    if (at->message_reply >= 300)
        assert_int_equal(pipit_message_reject(
                             e->message, &(pipit_reply_options){.status_code = at->message_reply}),
                         0);
    else if (at->message_reply)
        assert_int_equal(pipit_message_accept(e->message, NULL), 0);
    if (at->keep_message)
        at->message = pipit_message_ref(e->message);
}

static inline void on_stopped(pipit_ua *ua, void *user)
{
    (void)ua;
    note(user, "stopped", NULL);
}

static const pipit_ua_handlers ua_handlers = {
    .connected = on_ua_connected,
    .disconnected = on_ua_disconnected,
    .registered = on_registered,
    .unregistered = on_unregistered,
    .registration_failed = on_registration_failed,
    .new_rtc_session = on_new_rtc_session,
    .new_message = on_new_message,
    .stopped = on_stopped,
};

static inline void on_message_succeeded(pipit_message *m, const pipit_message_event *e, void *user)
{
    (void)m;
    assert_true(e->response || short_memory);
    note(user, "message_succeeded", NULL);
}

static inline void on_message_failed(pipit_message *m, const pipit_message_event *e, void *user)
{
    (void)m;
    note(user, "message_failed", pipit_cause_name(e->cause));
}

static const pipit_message_handlers message_handlers = {on_message_succeeded, on_message_failed};

/* --- the socket ---------------------------------------------------------------------------------------------------- */

static inline void socket_up(void *self)
{
    pipit_socket_connected(((stage *)self)->socket);
}

static inline void socket_connect(void *self)
{
    stage *at = self;

    pp_loop_post(at->loop, &at->connecting, socket_up, at);
}

static inline void socket_disconnect(void *self)
{
    stage *at = self;

    pp_loop_unpost(at->loop, &at->connecting);
}

static inline bool socket_send(void *self, const char *data, size_t size)
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

static const pipit_socket_interface socket_functions = {
    .connect = socket_connect, .disconnect = socket_disconnect, .send = socket_send};

/* --- the media ------------------------------------------------------------------------------------------------------- */

static inline void media_describe(void *arg)
{
    fake_media *m = arg;
    char sdp[64];

    snprintf(sdp, sizeof(sdp), "v=0 our %s\r\n", m->offering ? "offer" : "answer");
    if (m->at->describe_error)
        m->handlers->description(m->arg, m->at->describe_error, PP_STR_NONE);
    else
        m->handlers->description(m->arg, 0, pp_str_c(sdp));
}

static inline int media_create(pp_media_session *session, bool offer)
{
    fake_media *m = (fake_media *)(void *)session;

    m->offering = offer;
    pp_loop_post(m->at->loop, &m->post, media_describe, m);
    return 0;
}

static inline int media_create_offer(pp_media_session *session)
{
    return media_create(session, true);
}

static inline int media_create_answer(pp_media_session *session)
{
    return media_create(session, false);
}

static inline int media_set_remote(pp_media_session *session, bool is_offer, pp_str sdp)
{
    fake_media *m = (fake_media *)(void *)session;

    if (!pp_str_starts(sdp, "v=0"))
        return pp_error(PIPIT_ERR_MEDIA, "media: nothing fits");
    scarce_pause();
    pp_buf_format(&m->at->remotes, "%s:%.*s ", is_offer ? "offer" : "answer", PP_STR(sdp));
    scarce_resume();
    return 0;
}

static inline int media_send_dtmf(pp_media_session *session, char tone, unsigned duration_ms,
                                  unsigned gap_ms)
{
    fake_media *m = (fake_media *)(void *)session;

    if (m->at->dtmf_error)
        return m->at->dtmf_error;
    pp_buf_format(&m->at->tones, "%c:%u:%u ", tone, duration_ms, gap_ms);
    return 0;
}

static inline void media_mute(pp_media_session *session, bool muted)
{
    ((fake_media *)(void *)session)->muted = muted;
}

static inline void media_stats(const pp_media_session *session, pipit_stats *out)
{
    (void)session;
    *out = (pipit_stats){.codec = "fake", .packets_sent = 7};
}

static inline void media_close(pp_media_session *session)
{
    fake_media *m = (fake_media *)(void *)session;

    pp_loop_unpost(m->at->loop, &m->post);
    m->at->medias--;
    if (m->at->media == m)
        m->at->media = NULL;
    pp_free(m);
}

static const pp_media_session_ops media_ops = {
    .create_offer = media_create_offer,
    .create_answer = media_create_answer,
    .set_remote = media_set_remote,
    .send_dtmf = media_send_dtmf,
    .mute = media_mute,
    .stats = media_stats,
    .close = media_close,
};

static stage *on_stage; /* whose media is made */

static inline int fake_media_new(pipit_loop *loop, const pp_media_session_options *options,
                                 const pp_media_session_handlers *handlers, void *arg,
                                 pp_media_session **out)
{
    fake_media *m = PP_NEW(fake_media);

    (void)loop;
    if (!m)
        return PIPIT_ERR_MEMORY;
    m->head.ops = &media_ops;
    m->at = on_stage;
    m->handlers = handlers;
    m->arg = arg;
    m->offerer = options->offerer;
    on_stage->media = m;
    on_stage->medias++;
    *out = &m->head;
    return 0;
}

/* --- the stage --------------------------------------------------------------------------------------------------------- */

static inline void trace(const pipit_trace_record *record, void *user)
{
    stage *at = user;

    scarce_pause();
    pp_buf_add(&at->trace, record->text, record->size);
    pp_buf_char(&at->trace, '\n');
    scarce_resume();
}

static inline void advance_ms(stage *at, uint64_t ms)
{
    sim_advance_ms(at->s, ms);
}

/* `configuration` NULL: alice with a password, who does not register by herself. */
static inline stage *stage_new(const pipit_ua_configuration *configuration)
{
    pipit_ua_configuration c = {
        .uri = "sip:alice@example.com", .password = "wonderland", .no_register = true};
    stage *at = calloc(1, sizeof(*at));

    assert_non_null(at);
    if (configuration)
        c = *configuration;
    on_stage = at;
    assert_int_equal(sim_new(7, &at->s), 0);
    at->loop = sim_loop(at->s);
    assert_int_equal(pipit_socket_new(&socket_functions, at, "WSS", "wss://sip.example.com",
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

static inline void stage_free(stage *at)
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

static inline stage *stage_connected(void)
{
    stage *at = stage_new(NULL);

    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    check_events(at, "connected ");
    return at;
}

/* --- what goes ------------------------------------------------------------------------------------------------------------ */

/* The next message that went, NULL when there is none. Borrowed until the next. */
static inline const pp_message *next_sent(stage *at)
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

/* It begins with that: "INVITE sip:bob@" or "SIP/2.0 180". */
static inline const pp_message *expect_sent(stage *at, const char *start)
{
    const pp_message *m = next_sent(at);

    if (!m)
        fail_msg("nothing was sent instead of %s", start);
    else if (!pp_str_starts(m->wire, start))
        fail_msg("not %s but:\n%.*s", start, PP_STR(m->wire));
    return m;
}

/* Lets time pass until something goes, at most so long. */
static inline const pp_message *wait_sent(stage *at, const char *start, uint64_t ms_max)
{
    for (uint64_t ms = 0; at->read >= at->wire.n && ms < ms_max; ms += 100)
        advance_ms(at, 100);
    return expect_sent(at, start);
}

static inline void expect_silence(stage *at)
{
    const pp_message *m = next_sent(at);

    if (m)
        fail_msg("sent:\n%.*s", PP_STR(m->wire));
}

static inline void check_header(const pp_message *m, const char *name, const char *expected)
{
    pp_str value = pp_message_header_named(m, pp_str_c(name), 0);

    if (!expected && value.p)
        fail_msg("%s: %.*s", name, PP_STR(value));
    if (expected && !pp_str_eq_c(value, expected))
        fail_msg("%s is '%.*s', not '%s'", name, PP_STR(value), expected);
}

static inline bool header_holds(const pp_message *m, const char *name, const char *part)
{
    pp_str value = pp_message_header_named(m, pp_str_c(name), 0);
    char text[1024];

    snprintf(text, sizeof(text), "%.*s", PP_STR(value));
    return strstr(text, part) != NULL;
}

/* --- what comes ------------------------------------------------------------------------------------------------------------- */

static inline void receive(stage *at, const char *text)
{
    pipit_socket_data(at->socket, text, strlen(text));
}

static inline void add_headers(pp_buf *out, const pp_message *from, pp_header_id id)
{
    pp_str value;

    for (size_t i = 0; value = pp_message_header(from, id, i), value.p; i++)
        pp_buf_format(out, "%s: %.*s\r\n", pp_header_name(id), PP_STR(value));
}

static inline void add_body(pp_buf *out, const char *body)
{
    if (body && *body)
        pp_buf_c(out, "Content-Type: application/sdp\r\n");
    pp_buf_format(out, "Content-Length: %zu\r\n\r\n%s", body ? strlen(body) : 0, body ? body : "");
}

/* An answer to a request of ours. `tag` NULL: no To tag; `lines`: more header lines, each with CRLF; both may be NULL. */
static inline void answer(stage *at, const pp_message *request, const char *status, const char *tag,
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

typedef struct coming {
    const char *method;
    const char *ruri;     /* NULL: our Contact */
    const char *branch;   /* NULL: a fresh one */
    const char *call_id;  /* NULL: "call-1" */
    const char *from_tag; /* NULL: "far" */
    const char *to_tag;   /* NULL: none */
    const char *to;       /* NULL: alice */
    unsigned cseq;        /* 0: 1 */
    const char *lines;    /* NULL: none */
    const char *body;     /* with `lines` naming its type, unless it is SDP */
    bool typed;           /* the lines name the type of the body */
} coming;

static inline void come(stage *at, const coming *c)
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

#define CONTACT "Contact: <sip:bob@far.invalid;transport=ws>\r\n"

static inline const char *to_tag(stage *at) /* ours, of the last message looked at */
{
    static char tag[64];

    snprintf(tag, sizeof(tag), "%.*s", PP_STR(at->last->to_tag));
    return tag;
}

/* --- calls -------------------------------------------------------------------------------------------------------------------- */

static inline const pipit_call_options *call_options(stage *at)
{
    static pipit_call_options options;

    options = (pipit_call_options){.handlers = &session_handlers, .user = at};
    return &options;
}

/* Our INVITE is out, and kept as at->invite. */
static inline void call_out(stage *at)
{
    assert_int_equal(pipit_ua_call(at->ua, "bob", call_options(at), NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE sip:bob@example.com SIP/2.0");
    pp_message_unref(at->invite);
    at->invite = pp_message_ref(at->last);
}

static inline stage *stage_calling(void)
{
    stage *at = stage_connected();

    call_out(at);
    check_events(at, "new_rtc_session:local connecting sending ");
    return at;
}

static inline stage *stage_in_call(void) /* that we made */
{
    stage *at = stage_calling();

    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK sip:bob@far.invalid;transport=ws SIP/2.0");
    check_events(at, "accepted:remote confirmed:local ");
    return at;
}

/* Their INVITE came; our tag is in at->last, and the INVITE is not answered. */
static inline void call_in(stage *at, const char *lines, const char *body)
{
    char both[1024];

    snprintf(both, sizeof(both), CONTACT "%s", lines ? lines : "");
    come(at, &(coming){.method = "INVITE", .branch = "invite", .lines = both, .body = body});
    expect_sent(at, "SIP/2.0 180 Ringing");
}

static inline stage *stage_ringing(void)
{
    stage *at = stage_connected();

    call_in(at, NULL, OFFER);
    check_events(at, "new_rtc_session:remote progress:local ");
    return at;
}

static inline void acknowledge(stage *at, const char *body)
{
    come(at, &(coming){.method = "ACK", .to_tag = to_tag(at), .body = body});
}

static inline stage *stage_answered(void) /* in a call that came in */
{
    stage *at = stage_ringing();

    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    acknowledge(at, NULL);
    check_events(at, "connecting accepted:local confirmed:remote ");
    return at;
}

/* The far end's BYE to a call we made. */
static inline void bye_in(stage *at, const char *from_tag)
{
    char tag[64], call_id[128];

    snprintf(tag, sizeof(tag), "%.*s", PP_STR(at->invite->from_tag));
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->invite->call_id));
    come(at, &(coming){.method = "BYE", .call_id = call_id, .from_tag = from_tag, .to_tag = tag});
}

#endif
