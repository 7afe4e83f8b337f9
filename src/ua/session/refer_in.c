/* refer_in.c - being transferred: a REFER that came, the call it asks for, and NOTIFYs of how that goes (RFC 3515, 3892, 4488). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sip/status.h"
#include "ua/session/session.h"

#define EXPIRES_S 300u /* JsSIP's; each NOTIFY says it anew */

typedef enum decision { UNDECIDED, CALLING, NOTIFYING, REFUSED } decision;

struct pipit_refer_notifier {
    unsigned references; /* the application's, and the call's it is made for */
    pipit_refer_notifier *next;
    pipit_session *session; /* it came in; NULL: nobody can be told any more */
    pp_message *request;
    pp_server_transaction *transaction; /* until it is answered */
    char *target, *replaces, *referred_by;
    decision decided;
    bool silent; /* without NOTIFYs, as it asked for */
    bool over;   /* a final status was told, or nobody wants to hear */
};

/* --- life ------------------------------------------------------------------------------------- */

static void detach(pipit_refer_notifier *refer)
{
    pipit_session *session = refer->session;

    if (!session)
        return;
    for (pipit_refer_notifier **at = &session->refers_in; *at; at = &(*at)->next)
        if (*at == refer) {
            *at = refer->next;
            break;
        }
    refer->next = NULL;
    refer->session = NULL;
    refer->transaction = pp_server_forget(refer->transaction);
}

void pp_refers_in_stop(pipit_session *session)
{
    while (session->refers_in)
        detach(session->refers_in);
}

pipit_refer_notifier *pipit_refer_notifier_ref(pipit_refer_notifier *refer)
{
    refer->references++;
    return refer;
}

pipit_refer_notifier *pipit_refer_notifier_unref(pipit_refer_notifier *refer)
{
    if (!refer || --refer->references)
        return NULL;
    if (refer->session && refer->decided == UNDECIDED) { /* kept, and never decided */
        refer->references = 1;
        pipit_refer_reject(refer, NULL);
        if (--refer->references) /* its NOTIFY is on the way */
            return NULL;
    }
    detach(refer);
    pp_message_unref(refer->request);
    pp_free(refer->target);
    pp_free(refer->replaces);
    pp_free(refer->referred_by);
    pp_free(refer);
    return NULL;
}

/* --- what it asks for ------------------------------------------------------------------------- */

/* A header of a URI, unescaped; NULL when there is none, or no memory for it. */
static char *uri_header(const pp_uri *uri, const char *name)
{
    pp_str rest = uri->headers;
    char *found = NULL;

    while (rest.n && !found) {
        pp_str value = pp_str_split(&rest, '&');
        pp_str key = pp_str_split(&value, '=');
        pp_buf text = {0};

        if (!pp_str_ieq_c(key, name))
            continue;
        pp_uri_unescape(value, &text);
        if (pp_buf_error(&text) || !pp_str_is_line(pp_buf_text(&text)) ||
            pp_buf_take(&text, &found) < 0)
            found = NULL;
        pp_buf_free(&text);
    }
    return found;
}

/* 0, or the status of a refusal. */
static int read_target(pipit_refer_notifier *refer, const pp_message *request)
{
    pp_str value = pp_message_header(request, PP_HEADER_REFER_TO, 0);
    pp_str by = pp_message_header(request, PP_HEADER_REFERRED_BY, 0);
    pp_name_addr to;
    pp_str bare;

    if (pp_message_count(request, PP_HEADER_REFER_TO) != 1 || pp_name_addr_parse(value, &to) < 0)
        return 400;
    if (to.uri.scheme == PP_SCHEME_OTHER)
        return 416;
    bare = to.uri.text;
    if (to.uri.headers.p)
        bare.n = (size_t)(to.uri.headers.p - bare.p) - 1;
    refer->target = pp_str_dup(bare);
    refer->replaces = uri_header(&to.uri, "Replaces");
    refer->referred_by = by.p ? pp_str_dup(by) : NULL;
    return refer->target && (refer->referred_by || !by.p) ? 0 : 500;
}

static void on_gone(void *arg)
{
    ((pipit_refer_notifier *)arg)->transaction = NULL;
}

static const pp_server_handlers server_handlers = {.terminated = on_gone};

static int new_refer(pipit_session *session, pp_server_transaction *transaction,
                     pipit_refer_notifier **out)
{
    const pp_message *request = pp_server_request(transaction);
    pp_str sub = pp_message_header(request, PP_HEADER_REFER_SUB, 0);
    pipit_refer_notifier *refer = PP_NEW(pipit_refer_notifier);
    int status;

    if (!refer)
        return 500;
    refer->references = 1;
    refer->request = pp_message_ref(request);
    status = read_target(refer, request);
    if (status) {
        pipit_refer_notifier_unref(refer);
        return status;
    }
    refer->silent = pp_str_ieq_c(pp_str_trim(pp_str_split(&sub, ';')), "false");
    refer->session = session;
    refer->next = session->refers_in;
    session->refers_in = refer;
    refer->transaction = transaction;
    pp_server_listen(transaction, &server_handlers, refer);
    *out = refer;
    return 0;
}

/* --- answers and NOTIFYs ---------------------------------------------------------------------- */

static int answer(pipit_refer_notifier *refer, int status, const pipit_reply_options *o)
{
    pipit_session *session = refer->session;
    pp_contact_form form = {.anonymous = session->anonymous};
    pp_outgoing *response = NULL;
    int err;

    if (!refer->transaction)
        return pp_error(PIPIT_ERR_STATE, "refer: it was answered");
    err = pp_ua_reply(session->ua, refer->transaction, status, o, &response);
    if (!err && status < 300)
        err = pp_ua_add_contact(session->ua, form, response);
    if (!err && status < 300 && refer->silent)
        pp_outgoing_add_c(response, PP_HEADER_REFER_SUB, "false");
    if (!err)
        err = pp_outgoing_error(response);
    if (!err)
        err = pp_server_respond(refer->transaction, response);
    if (!err)
        refer->transaction = pp_server_forget(refer->transaction);
    pp_outgoing_unref(response);
    return err;
}

static void on_notified(pipit_session *session, const pp_message *response, pipit_cause cause,
                        void *arg)
{
    pipit_refer_notifier *refer = arg;

    (void)session;
    (void)response;
    if (cause != PIPIT_CAUSE_NONE && cause != PIPIT_CAUSE_CONNECTION_ERROR)
        refer->over = true; /* nobody wants to hear it */
    pipit_refer_notifier_unref(refer);
}

static int make_notify(pipit_refer_notifier *refer, int status, const char *phrase,
                       pp_outgoing **out)
{
    pipit_session *session = refer->session;
    pp_contact_form form = {.anonymous = session->anonymous};
    pp_outgoing *notify = NULL;
    pp_buf body = {0};
    int err = pp_session_request(session, PP_NOTIFY, &notify);

    if (err)
        return err;
    pp_outgoing_add_format(notify, PP_HEADER_EVENT, "refer;id=%lu",
                           (unsigned long)refer->request->cseq);
    if (status < 200)
        pp_outgoing_add_format(notify, PP_HEADER_SUBSCRIPTION_STATE, "active;expires=%u",
                               EXPIRES_S);
    else
        pp_outgoing_add_c(notify, PP_HEADER_SUBSCRIPTION_STATE, "terminated;reason=noresource");
    err = pp_ua_add_contact(session->ua, form, notify);
    pp_ua_finish_request(session->ua, notify);
    pp_buf_format(&body, "SIP/2.0 %d %s\r\n", status, phrase ? phrase : pp_status_phrase(status));
    if (!err)
        err = pp_buf_error(&body);
    if (!err) {
        pp_outgoing_set_body(notify, "message/sipfrag;version=2.0", pp_buf_text(&body));
        err = pp_outgoing_error(notify);
    }
    pp_buf_free(&body);
    if (err)
        pp_outgoing_unref(notify);
    else
        *out = notify;
    return err;
}

static int notify(pipit_refer_notifier *refer, int status, const char *phrase)
{
    pp_session_errand how = {.done = on_notified, .arg = refer, .aside = true};
    pp_outgoing *request = NULL;
    int err;

    if (refer->silent || refer->over)
        return 0;
    err = make_notify(refer, status, phrase, &request);
    if (!err)
        err = pp_session_send(refer->session, request, &how);
    if (!err)
        pipit_refer_notifier_ref(refer);
    if (!err && status >= 200)
        refer->over = true;
    pp_outgoing_unref(request);
    return err;
}

/* --- decided ---------------------------------------------------------------------------------- */

static const pipit_reply_options plain = {0};

static int check(const pipit_refer_notifier *refer, decision allowed)
{
    if (!refer)
        return pp_error(PIPIT_ERR_ARGUMENT, "refer: it is missing");
    if (!refer->session || !refer->session->ua)
        return pp_error(PIPIT_ERR_STATE, "refer: the call it came in has ended");
    if (refer->decided != UNDECIDED && refer->decided != allowed)
        return pp_error(PIPIT_ERR_STATE, "refer: it was decided already");
    return 0;
}

int pipit_refer_reject(pipit_refer_notifier *refer, const pipit_reply_options *options)
{
    const pipit_reply_options *o = options ? options : &plain;
    int status = o->status_code ? o->status_code : 603;
    int err = check(refer, UNDECIDED);

    if (err)
        return err;
    if (status < 300 || status > 699)
        return pp_error(PIPIT_ERR_ARGUMENT, "refer: %d is no status of a refusal", status);
    err = refer->transaction ? answer(refer, status, o) : notify(refer, status, o->reason_phrase);
    if (!err)
        refer->decided = REFUSED;
    return err;
}

/* 202 where none has gone yet, and the NOTIFY that every REFER gets at once (RFC 3515 section 2.4.4). */
static int take_on(pipit_refer_notifier *refer)
{
    int err;

    if (!refer->transaction) /* it was kept */
        return 0;
    err = answer(refer, 202, &plain);
    if (!err && notify(refer, 100, NULL) < 0)
        pp_log_warn("RTCSession:ReferNotifier", "no NOTIFY: %s", pipit_error_message());
    return err;
}

/* The application's own lines, and those that make it the call that was asked for. */
static int call_headers(const pipit_refer_notifier *refer, const char *const *own, char ***out)
{
    pp_buf replaces = {0}, referred_by = {0};
    const char **lines;
    size_t count = 0;
    int err = 0;

    while (own && own[count])
        count++;
    lines = pp_array(count + 3, sizeof(*lines));
    if (!lines)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        lines[i] = own[i];
    if (refer->replaces) {
        pp_buf_format(&replaces, "Replaces: %s", refer->replaces);
        pp_buf_char(&replaces, '\0');
        lines[count++] = replaces.p;
    }
    if (refer->referred_by) {
        pp_buf_format(&referred_by, "Referred-By: %s", refer->referred_by);
        pp_buf_char(&referred_by, '\0');
        lines[count++] = referred_by.p;
    }
    if (pp_buf_error(&replaces) || pp_buf_error(&referred_by))
        err = PIPIT_ERR_MEMORY;
    if (!err)
        err = pp_header_lines_copy(lines, out);
    pp_buf_free(&replaces);
    pp_buf_free(&referred_by);
    pp_free(lines);
    return err;
}

static int call(pipit_refer_notifier *refer, const pipit_call_options *options, pipit_session **out)
{
    pipit_ua *ua = refer->session->ua;
    pipit_call_options o = options ? *options : (pipit_call_options){0};
    char **headers = NULL;
    int err = call_headers(refer, o.extra_headers, &headers);

    if (err)
        return err;
    o.extra_headers = (const char *const *)headers;
    err = pp_ua_call_for(ua, refer->target, &o, refer, out);
    pp_header_lines_free(headers);
    return err;
}

int pipit_refer_accept(pipit_refer_notifier *refer, const pipit_call_options *options,
                       pipit_session **out)
{
    int err = check(refer, UNDECIDED);

    if (err)
        return err;
    pipit_refer_notifier_ref(refer);
    refer->decided = CALLING;
    err = take_on(refer);
    if (!err)
        err = call(refer, options, out);
    if (err)
        refer->decided = UNDECIDED;
    pipit_refer_notifier_unref(refer);
    return err;
}

int pipit_refer_notify(pipit_refer_notifier *refer, int status_code, const char *reason_phrase)
{
    int err = check(refer, NOTIFYING);

    if (!err && refer->over)
        err = pp_error(PIPIT_ERR_STATE, "refer: the end of it was told");
    if (!err && (status_code < 100 || status_code > 699))
        err = pp_error(PIPIT_ERR_ARGUMENT, "refer: %d is no status", status_code);
    if (!err && reason_phrase && !pp_str_is_line(pp_str_c(reason_phrase)))
        err = pp_error(PIPIT_ERR_SYNTAX, "refer: the reason phrase is more than a line");
    if (!err && refer->transaction)
        err = answer(refer, 202, &plain);
    if (err)
        return err;
    refer->decided = NOTIFYING;
    return notify(refer, status_code, reason_phrase);
}

void pp_refer_tell(pipit_session *made, int status, const char *phrase)
{
    pipit_refer_notifier *refer = made->referrer;

    if (refer && refer->session && notify(refer, status, phrase) < 0)
        pp_log_warn("RTCSession:ReferNotifier", "no NOTIFY: %s", pipit_error_message());
}

/* --- it comes --------------------------------------------------------------------------------- */

/* Nobody has decided it when its event is over: who keeps it may take time. */
static void leave_open(pipit_refer_notifier *refer)
{
    if (!refer->session || refer->decided != UNDECIDED)
        return;
    if (refer->references == 1)
        pipit_refer_reject(refer, NULL);
    else if (take_on(refer) < 0)
        pp_log_warn("RTCSession:ReferNotifier", "a REFER was not answered: %s",
                    pipit_error_message());
}

void pp_refer_receive(pipit_session *session, pp_server_transaction *transaction)
{
    pipit_refer_notifier *refer = NULL;
    int status = 0;

    if (!pp_session_has_dialog(session))
        status = 403;
    else if (!PP_SESSION_LISTENS(session, refer))
        status = 603;
    if (!status)
        status = new_refer(session, transaction, &refer);
    if (status) {
        pp_ua_answer(session->ua, transaction, status, NULL, PP_HEADER_OTHER, NULL);
        return;
    }
    pp_emit_refer(session, refer, refer->request);
    leave_open(refer);
    pipit_refer_notifier_unref(refer);
}

/* --- getters ---------------------------------------------------------------------------------- */

const char *pipit_refer_target(const pipit_refer_notifier *refer)
{
    return refer->target;
}

const char *pipit_refer_replaces(const pipit_refer_notifier *refer)
{
    return refer->replaces;
}

const char *pipit_refer_referred_by(const pipit_refer_notifier *refer)
{
    return refer->referred_by;
}
