/* refer_out.c - transferring a call: a REFER of ours, and the NOTIFYs that tell how it goes (RFC 3515, 3891, 3892, 4488). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "sip/status.h"
#include "sip/typed/typed.h"
#include "ua/session/session.h"

#include <stdio.h>

struct pipit_refer_subscriber {
    unsigned references; /* the application's, the call's while NOTIFYs may come, the request's */
    pipit_refer_subscriber *next;
    pipit_session *session; /* NULL: nothing comes any more */
    uint32_t id;            /* the CSeq of the REFER */
    bool answered;          /* so the id is known for sure: with credentials it is another */
    bool alone;             /* without NOTIFYs */
    const pipit_refer_handlers *handlers;
    void *user;
};

pipit_refer_subscriber *pipit_refer_subscriber_ref(pipit_refer_subscriber *refer)
{
    refer->references++;
    return refer;
}

pipit_refer_subscriber *pipit_refer_subscriber_unref(pipit_refer_subscriber *refer)
{
    if (refer && --refer->references == 0)
        pp_free(refer);
    return NULL;
}

uint32_t pipit_refer_subscriber_id(const pipit_refer_subscriber *refer)
{
    return refer->id;
}

/* --- in the call's list ----------------------------------------------------------------------- */

static void link_refer(pipit_session *session, pipit_refer_subscriber *refer)
{
    refer->session = session;
    refer->next = session->refers_out;
    session->refers_out = pipit_refer_subscriber_ref(refer);
}

static void unlink_refer(pipit_refer_subscriber *refer)
{
    pipit_session *session = refer->session;

    if (!session)
        return;
    for (pipit_refer_subscriber **at = &session->refers_out; *at; at = &(*at)->next)
        if (*at == refer) {
            *at = refer->next;
            break;
        }
    refer->session = NULL;
    refer->next = NULL;
    pipit_refer_subscriber_unref(refer);
}

void pp_refers_out_stop(pipit_session *session)
{
    while (session->refers_out)
        unlink_refer(session->refers_out);
}

/* --- what is heard ---------------------------------------------------------------------------- */

typedef void refer_handler(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                           void *user);

static void tell(pipit_refer_subscriber *refer, refer_handler *handler, const pp_message *message,
                 pipit_refer_progress_event event)
{
    if (!handler)
        return;
    pipit_refer_subscriber_ref(refer);
    event.message = pp_ua_show(message);
    handler(refer, &event, refer->user);
    pipit_request_unref(event.message);
    pipit_refer_subscriber_unref(refer);
}

#define TELL(refer, name, message, ...)                                                            \
    tell(refer, (refer)->handlers ? (refer)->handlers->name : NULL, message,                       \
         (pipit_refer_progress_event){__VA_ARGS__})

static void on_answered(pipit_session *session, const pp_message *response, pipit_cause cause,
                        void *arg)
{
    pipit_refer_subscriber *refer = arg;
    bool authenticated = response && response->cseq != refer->id;
    char phrase[128] = "";

    (void)session;
    /* A NOTIFY that came before has told how it ended, or the user agent is gone. */
    if (!refer->session) {
        pipit_refer_subscriber_unref(refer);
        return;
    }
    if (response) {
        refer->id = response->cseq;
        refer->answered = true;
        snprintf(phrase, sizeof(phrase), "%.*s", PP_STR(response->reason));
    }
    if (cause != PIPIT_CAUSE_NONE || refer->alone)
        unlink_refer(refer);
    if (authenticated && refer->handlers && refer->handlers->authenticated)
        refer->handlers->authenticated(refer, refer->user);
    if (cause == PIPIT_CAUSE_NONE)
        TELL(refer, request_succeeded, response, .status_code = response->status,
             .reason_phrase = phrase);
    else
        TELL(refer, request_failed, response, .status_code = response ? response->status : 0,
             .reason_phrase = phrase, .cause = cause);
    pipit_refer_subscriber_unref(refer);
}

/* --- the request ------------------------------------------------------------------------------ */

static void escape(pp_str text, pp_buf *out)
{
    static const char plain[] =
        "-._~!*'()[]/?:+$"; /* RFC 3261 section 25.1, hnv-unreserved and unreserved */

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (letter || (c && strchr(plain, c)))
            pp_buf_char(out, c);
        else
            pp_buf_format(out, "%%%02X", (unsigned char)c);
    }
}

/* RFC 3891 section 3: to-tag is the tag of whoever will read it, so that of the other end of `call`, whoever made that call. */
static void write_replaces(const pp_dialog *call, pp_buf *out)
{
    pp_buf value = {0};

    pp_buf_format(&value, "%s;to-tag=%s;from-tag=%s", call->call_id, call->remote_tag,
                  call->local_tag);
    pp_buf_c(out, "?Replaces=");
    escape(pp_buf_text(&value), out);
    if (pp_buf_error(&value))
        out->error = pp_buf_error(&value);
    pp_buf_free(&value);
}

static int add_refer_to(pipit_session *session, const char *target, const pipit_session *replaces,
                        pp_outgoing *request)
{
    pp_buf value = {0};
    char *uri = NULL;
    int err = pp_ua_target(session->ua, target ? target : pipit_session_remote_uri(replaces), &uri);

    if (err)
        return err;
    pp_buf_format(&value, "<%s", uri);
    if (replaces)
        write_replaces(pp_session_dialog(replaces), &value);
    pp_buf_char(&value, '>');
    pp_free(uri);
    return pp_add_buf(request, PP_HEADER_REFER_TO, &value);
}

static bool names_referrer(const char *const *lines)
{
    for (size_t i = 0; lines && lines[i]; i++) {
        pp_str rest = pp_str_c(lines[i]);
        pp_str name = pp_str_trim(pp_str_split(&rest, ':'));

        if (pp_str_ieq_c(name, "Referred-By") || pp_str_ieq_c(name, "b"))
            return true;
    }
    return false;
}

static int make_request(pipit_session *session, const char *target, const pipit_refer_options *o,
                        pp_outgoing **out)
{
    pp_contact_form form = {.anonymous = session->anonymous};
    pp_outgoing *request = NULL;
    int err = pp_session_request(session, PP_REFER, &request);

    if (!err)
        err = add_refer_to(session, target, o->replaces, request);
    if (!err && !names_referrer(o->extra_headers))
        pp_outgoing_add_format(request, PP_HEADER_REFERRED_BY, "<%s>", session->ua->settings.uri);
    if (!err && o->no_subscription)
        pp_outgoing_add_c(request, PP_HEADER_REFER_SUB, "false");
    if (!err)
        err = pp_ua_add_contact(session->ua, form, request);
    if (!err) {
        pp_add_lines(request, o->extra_headers);
        pp_ua_finish_request(session->ua, request);
        err = pp_outgoing_error(request);
    }
    if (err) {
        pp_outgoing_unref(request);
        return err;
    }
    *out = request;
    return 0;
}

static int check(const pipit_session *session, const char *target, const pipit_refer_options *o)
{
    if (!session || (!target && !o->replaces))
        return pp_error(PIPIT_ERR_ARGUMENT, "refer: the call or the target is missing");
    if (!pp_session_has_dialog(session))
        return pp_error(PIPIT_ERR_STATE, "refer: the call is %s",
                        pipit_session_status_name(session->status));
    if (o->replaces && (!pp_session_alive(o->replaces) || !pp_session_dialog(o->replaces)))
        return pp_error(PIPIT_ERR_STATE, "refer: the call to replace does not stand");
    return 0;
}

int pipit_session_refer(pipit_session *session, const char *target,
                        const pipit_refer_options *options, pipit_refer_subscriber **out)
{
    static const pipit_refer_options defaults = {0};
    const pipit_refer_options *o = options ? options : &defaults;
    pp_session_errand how = {.done = on_answered, .waited_for = true};
    pipit_refer_subscriber *refer = NULL;
    pp_outgoing *request = NULL;
    int err = check(session, target, o);

    if (!err)
        err = make_request(session, target, o, &request);
    if (err)
        return err;
    refer = PP_NEW(pipit_refer_subscriber);
    if (!refer) {
        pp_outgoing_unref(request);
        return PIPIT_ERR_MEMORY;
    }
    *refer = (pipit_refer_subscriber){.references = 1, /* the request's */
                                      .id = pp_outgoing_cseq(request),
                                      .alone = o->no_subscription,
                                      .handlers = o->handlers,
                                      .user = o->user};
    how.arg = refer;
    link_refer(session, refer);
    err = pp_session_send(session, request, &how);
    pp_outgoing_unref(request);
    if (err) {
        unlink_refer(refer);
        pipit_refer_subscriber_unref(refer);
        return err;
    }
    if (out)
        *out = pipit_refer_subscriber_ref(refer);
    return 0;
}

/* --- NOTIFY ----------------------------------------------------------------------------------- */

/* Without an id it can only be the one there is; an id that is not known yet belongs to the one that is not answered yet. */
static pipit_refer_subscriber *find(const pipit_session *session, const pp_event *event)
{
    pipit_refer_subscriber *only = session->refers_out;
    uint32_t id;

    if (!event->id.p)
        return only && !only->next ? only : NULL;
    if (!pp_str_to_u32(event->id, 0, UINT32_MAX, &id))
        return NULL;
    for (pipit_refer_subscriber *refer = session->refers_out; refer; refer = refer->next)
        if (refer->id == id)
            return refer;
    return only && !only->next && !only->answered ? only : NULL;
}

/* "SIP/2.0 180 Ringing", and whatever follows on further lines (RFC 3420). */
static bool read_status(pp_str body, int *status, pp_str *phrase)
{
    pp_str line = pp_str_split(&body, '\n');
    pp_str version = pp_str_word(&line);
    pp_str code = pp_str_word(&line);
    uint32_t number;

    if (!pp_str_ieq_c(version, "SIP/2.0") || !pp_str_to_u32(code, 100, 699, &number))
        return false;
    *status = (int)number;
    *phrase = pp_str_trim(line);
    return true;
}

static void report(pipit_refer_subscriber *refer, const pp_message *notify, int status,
                   pp_str phrase)
{
    char text[128];

    snprintf(text, sizeof(text), "%.*s", PP_STR(phrase));
    if (status >= 200)
        unlink_refer(refer);
    if (status == 100)
        TELL(refer, trying, notify, .status_code = status, .reason_phrase = text);
    else if (status < 200)
        TELL(refer, progress, notify, .status_code = status, .reason_phrase = text);
    else if (status < 300)
        TELL(refer, accepted, notify, .status_code = status, .reason_phrase = text);
    else
        TELL(refer, failed, notify, .status_code = status, .reason_phrase = text,
             .cause = pp_status_cause(status));
}

/* The far end ended the subscription without having told how it went. It has a reason then (RFC 6665 section 4.1.3): SIP.js says a
 * bare "terminated" from the first NOTIFY on, and goes on telling. */
static bool is_cut_off(const pp_message *notify, int status)
{
    pp_subscription_state state;
    pp_str value = pp_message_header(notify, PP_HEADER_SUBSCRIPTION_STATE, 0);

    return status < 200 && value.p && pp_subscription_state_parse(value, &state) == 0 &&
           pp_str_ieq_c(state.state, "terminated") && (state.reason.p || !status);
}

static void take_notify(pipit_refer_subscriber *refer, const pp_message *notify)
{
    int status = 0;
    pp_str phrase = PP_STR_NONE;

    pipit_refer_subscriber_ref(refer);
    if (pp_message_content_is(notify, "message/sipfrag") &&
        read_status(notify->body, &status, &phrase))
        report(refer, notify, status, phrase);
    if (refer->session && is_cut_off(notify, status)) {
        unlink_refer(refer);
        TELL(refer, failed, notify, .status_code = status, .reason_phrase = "",
             .cause = PIPIT_CAUSE_EXPIRES);
    }
    pipit_refer_subscriber_unref(refer);
}

static int status_for(const pp_message *notify, pp_event *event)
{
    pp_str value = pp_message_header(notify, PP_HEADER_EVENT, 0);

    if (!value.p || pp_event_parse(value, event) < 0)
        return 400;
    return pp_str_ieq_c(event->package, "refer") ? 200 : 489;
}

void pp_refer_receive_notify(pipit_session *session, pp_server_transaction *transaction)
{
    pp_message *notify = pp_message_ref(pp_server_request(transaction));
    pipit_refer_subscriber *refer = NULL;
    pp_event event;
    int status = status_for(notify, &event);

    if (status == 200) {
        refer = find(session, &event);
        status = refer ? 200 : 481; /* RFC 6665 section 4.1.3 */
    }
    pp_ua_answer(session->ua, transaction, status, NULL,
                 status == 489 ? PP_HEADER_ALLOW_EVENTS : PP_HEADER_OTHER, "refer");
    if (refer)
        take_notify(refer, notify);
    pp_message_unref(notify);
}
