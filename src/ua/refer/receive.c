/* receive.c - a REFER comes, in a call or outside of calls: what it asks for, and who decides. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "ua/refer/refer.h"

#include <utlist.h>

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

/* The URI as a request to it has it: without headers, and without the method (RFC 3261 section 19.1.1). */
static int read_uri(pipit_refer_notifier *refer, const pp_uri *uri)
{
    pp_str rest = uri->params, name, value, method = PP_LIT("INVITE");
    pp_buf target = {0};
    size_t plain = uri->text.n;

    if (uri->headers.p)
        plain = (size_t)(uri->headers.p - uri->text.p) - 1;
    if (rest.n)
        plain = (size_t)(rest.p - uri->text.p);
    pp_buf_str(&target, pp_str_sub(uri->text, 0, plain));
    while (rest.n && pp_param_next(&rest, &name, &value)) {
        if (pp_str_ieq_c(name, "method") && value.n)
            method = value;
        else
            pp_buf_format(&target, ";%.*s%s%.*s", PP_STR(name), value.n ? "=" : "", PP_STR(value));
    }
    refer->method = pp_str_dup(method);
    if (!refer->method || pp_buf_take(&target, &refer->target) < 0) {
        pp_buf_free(&target);
        return 500;
    }
    return 0;
}

/* 0, or the status of a refusal. */
static int read_target(pipit_refer_notifier *refer, const pp_message *request)
{
    pp_str value = pp_message_header(request, PP_HEADER_REFER_TO, 0);
    pp_str by = pp_message_header(request, PP_HEADER_REFERRED_BY, 0);
    pp_name_addr to;

    if (pp_message_count(request, PP_HEADER_REFER_TO) != 1 || pp_name_addr_parse(value, &to) < 0)
        return 400;
    if (to.uri.scheme == PP_SCHEME_OTHER)
        return 416;
    refer->replaces = uri_header(&to.uri, "Replaces");
    refer->referred_by = by.p ? pp_str_dup(by) : NULL;
    return refer->referred_by || !by.p ? read_uri(refer, &to.uri) : 500;
}

/* --- made ------------------------------------------------------------------------------------- */

static void on_gone(void *arg)
{
    ((pipit_refer_notifier *)arg)->transaction = NULL;
}

static const pp_server_handlers server_handlers = {.terminated = on_gone};

/* 0, or the status of a refusal. */
static int make(pipit_refer_notifier **list, const pp_refer_home *home,
                pp_server_transaction *transaction, pipit_refer_notifier **out)
{
    const pp_message *request = pp_server_request(transaction);
    pp_str sub = pp_message_header(request, PP_HEADER_REFER_SUB, 0);
    pipit_refer_notifier *refer = PP_NEW(pipit_refer_notifier);
    int status;

    if (!refer)
        return 500;
    refer->references = 1;
    refer->request = pp_message_ref(request);
    refer->silent = pp_str_ieq_c(pp_str_trim(pp_str_split(&sub, ';')), "false");
    status = read_target(refer, request);
    if (!status && !home->session && !refer->silent && pp_str_empty(request->contact.uri.text))
        status = 400; /* there is no dialog without it */
    if (status) {
        pipit_refer_notifier_unref(refer);
        return status;
    }
    refer->home = *home;
    refer->home.answered = pp_refer_notified;
    refer->transaction = transaction;
    LL_PREPEND(*list, refer);
    pp_server_listen(transaction, &server_handlers, refer);
    *out = refer;
    return 0;
}

/* Nobody has decided it when its event is over: who keeps it may take time. */
static void leave_open(pipit_refer_notifier *refer)
{
    if (!refer->home.ua || refer->decided != PP_REFER_UNDECIDED)
        return;
    if (refer->references == 1)
        pipit_refer_reject(refer, NULL);
    else if (pp_refer_take_on(refer) < 0)
        pp_log_warn("RTCSession:ReferNotifier", "a REFER was not answered: %s",
                    pipit_error_message());
}

static void refuse(pipit_ua *ua, pp_server_transaction *transaction, int status)
{
    pp_ua_answer(ua, transaction, status, NULL, PP_HEADER_OTHER, NULL);
}

/* --- in a call -------------------------------------------------------------------------------- */

void pp_refer_receive(pipit_session *session, pp_server_transaction *transaction)
{
    const pp_refer_home home = {.ua = session->ua, .session = session};
    pipit_refer_notifier *refer = NULL;
    int status = 0;

    if (!pp_session_has_dialog(session))
        status = 403;
    else if (!PP_SESSION_LISTENS(session, refer))
        status = 603;
    if (!status)
        status = make(&session->refers_in, &home, transaction, &refer);
    if (status) {
        refuse(session->ua, transaction, status);
        return;
    }
    pp_emit_refer(session, refer, refer->request);
    leave_open(refer);
    pipit_refer_notifier_unref(refer);
}

/* Without an id it can only be the one there is. */
static pipit_refer_notifier *find(const pipit_session *session, const pp_event *event)
{
    pipit_refer_notifier *refer = session->refers_in;
    uint32_t id;

    if (!event->id.p)
        return refer && !refer->next ? refer : NULL;
    if (!pp_str_to_u32(event->id, 0, UINT32_MAX, &id))
        return NULL;
    while (refer && refer->request->cseq != id)
        refer = refer->next;
    return refer;
}

bool pp_refer_receive_subscribe(pipit_session *session, pp_server_transaction *transaction)
{
    const pp_message *subscribe = pp_server_request(transaction);
    pipit_refer_notifier *refer;
    pp_event event;

    if (pp_event_parse(pp_message_header(subscribe, PP_HEADER_EVENT, 0), &event) ||
        !pp_str_ieq_c(event.package, "refer"))
        return false;
    refer = find(session, &event);
    if (refer)
        pp_refer_subscribed(refer, transaction);
    else
        refuse(session->ua, transaction, 481);
    return true;
}

void pp_refer_answer_other(pipit_ua *ua, pp_server_transaction *transaction)
{
    const char *events = ua->settings.allow_events;

    pp_ua_answer(ua, transaction, 489, NULL, PP_HEADER_ALLOW_EVENTS, events ? events : "refer");
}

/* --- outside of calls ------------------------------------------------------------------------- */

/* RFC 4538 section 4: the tags are told as we see them; some tell them as they do. */
static pipit_session *target_dialog(const pipit_ua *ua, const pp_message *request)
{
    pp_str local = PP_STR_NONE, remote = PP_STR_NONE;
    pp_dialog *dialog;
    pp_word id;

    if (pp_message_count(request, PP_HEADER_TARGET_DIALOG) != 1 ||
        pp_dialog_id_parse(pp_message_header(request, PP_HEADER_TARGET_DIALOG, 0), &id) ||
        !pp_param(id.params, "local-tag", &local) || !pp_param(id.params, "remote-tag", &remote))
        return NULL;
    dialog = pp_dialogs_find_tags(ua->dialogs, id.word, local, remote);
    if (!dialog)
        dialog = pp_dialogs_find_tags(ua->dialogs, id.word, remote, local);
    return dialog && dialog->owner.usage == &pp_session_usage ? dialog->owner.self : NULL;
}

static void emit(pipit_ua *ua, pipit_refer_notifier *refer)
{
    pipit_session *call = target_dialog(ua, refer->request);
    pipit_new_refer_event event = {
        .refer = refer, .request = pp_ua_show(refer->request), .target_dialog = call};

    if (call)
        pipit_session_ref(call);
    PP_UA_EMIT(ua, new_refer, &event);
    pipit_session_unref(call);
    pipit_request_unref(event.request);
}

void pp_refer_receive_outside(pipit_ua *ua, pp_server_transaction *transaction)
{
    const pp_refer_home home = {.ua = ua};
    pipit_refer_notifier *refer = NULL;
    int status =
        PP_UA_LISTENS(ua, new_refer) ? make(&ua->refers_in, &home, transaction, &refer) : 603;

    if (status) {
        refuse(ua, transaction, status);
        return;
    }
    emit(ua, refer);
    leave_open(refer);
    pipit_refer_notifier_unref(refer);
}

static void receive(void *self, pp_dialog *dialog, pp_server_transaction *transaction)
{
    pipit_refer_notifier *refer = pipit_refer_notifier_ref(self);

    (void)dialog;
    switch (pp_server_request(transaction)->method) {
    case PP_SUBSCRIBE:
        pp_refer_subscribed(refer, transaction);
        break;
    case PP_OPTIONS:
        pp_options_receive(refer->home.ua, transaction);
        break;
    default:
        refuse(refer->home.ua, transaction, 405);
    }
    pipit_refer_notifier_unref(refer);
}

const pp_dialog_usage pp_refer_notifier_usage = {.request = receive};
