/* subscriber.c - what is heard of a REFER of ours: its answer, and the NOTIFYs that tell how it goes (RFC 3515, 4488). */
#include "base/alloc.h"
#include "base/error.h"
#include "pipit/request.h"
#include "sip/status.h"
#include "ua/refer/refer.h"

#include <stdio.h>
#include <utlist.h>

pipit_refer_subscriber *pipit_refer_subscriber_ref(pipit_refer_subscriber *refer)
{
    refer->references++;
    return refer;
}

pipit_refer_subscriber *pipit_refer_subscriber_unref(pipit_refer_subscriber *refer)
{
    if (refer && --refer->references == 0) {
        pp_free(refer->call_id);
        pp_free(refer->tag);
        pp_free(refer);
    }
    return NULL;
}

uint32_t pipit_refer_subscriber_id(const pipit_refer_subscriber *refer)
{
    return refer->id;
}

/* --- in the list of its call, or of the user agent ---------------------------------------------- */

static pipit_refer_subscriber **list_of(const pp_refer_home *home)
{
    return home->session ? &home->session->refers_out : &home->ua->refers_out;
}

static void link_refer(pipit_refer_subscriber *refer)
{
    pipit_refer_subscriber **list = list_of(&refer->home);

    pipit_refer_subscriber_ref(refer);
    LL_PREPEND(*list, refer);
}

void pp_refer_unlink(pipit_refer_subscriber *refer)
{
    pp_refer_home *home = &refer->home;
    pipit_refer_subscriber **list;

    if (!home->ua)
        return;
    list = list_of(home);
    LL_DELETE(*list, refer);
    pp_loop_stop_timer(home->ua->loop, &refer->silence);
    home->dialog = pp_dialog_free(home->dialog);
    home->ua = NULL;
    home->session = NULL;
    pipit_refer_subscriber_unref(refer);
}

void pp_refers_out_stop(pipit_session *session)
{
    while (session->refers_out)
        pp_refer_unlink(session->refers_out);
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

static void tell_answer(pipit_refer_subscriber *refer, const pp_message *response,
                        pipit_cause cause)
{
    char phrase[128] = "";

    if (response)
        snprintf(phrase, sizeof(phrase), "%.*s", PP_STR(response->reason));
    if (cause == PIPIT_CAUSE_NONE)
        TELL(refer, request_succeeded, response, .status_code = response->status,
             .reason_phrase = phrase);
    else
        TELL(refer, request_failed, response, .status_code = response ? response->status : 0,
             .reason_phrase = phrase, .cause = cause);
}

static void on_answered(pp_refer_home *home, const pp_message *response, pipit_cause cause)
{
    pipit_refer_subscriber *refer = (pipit_refer_subscriber *)home;
    bool authenticated = response && response->cseq != refer->id;

    if (response && home->ua) {
        refer->id = response->cseq;
        refer->answered = true;
    }
    if (home->ua && authenticated && refer->handlers && refer->handlers->authenticated)
        refer->handlers->authenticated(refer, refer->user);
    /* A NOTIFY that came before has told how it ended, or the call or the user agent is gone. */
    if (home->ua) {
        if (cause != PIPIT_CAUSE_NONE || refer->alone)
            pp_refer_unlink(refer);
        else if (!home->session && !refer->silence.armed)
            pp_refer_wait(refer, 0);
        tell_answer(refer, response, cause);
    }
    pipit_refer_subscriber_unref(refer);
}

/* --- begun ------------------------------------------------------------------------------------ */

int pp_refer_start(const pp_refer_draft *draft, pipit_refer_subscriber **out)
{
    const pipit_refer_options *o = draft->options;
    pipit_refer_subscriber *refer = PP_NEW(pipit_refer_subscriber);
    uint32_t cseq = pp_outgoing_cseq(draft->request);
    int err;

    if (!refer)
        return PIPIT_ERR_MEMORY;
    *refer = (pipit_refer_subscriber){
        .home = {.ua = draft->ua, .session = draft->session, .cseq = cseq, .answered = on_answered},
        .references = 1, /* the request's */
        .id = cseq,
        .alone = o->no_subscription,
        .handlers = o->handlers,
        .user = o->user};
    link_refer(refer);
    err = draft->session ? 0 : pp_refer_name(refer, draft->request);
    if (!err)
        err = pp_refer_send(&refer->home, draft->request, (pp_session_errand){.waited_for = true});
    if (err) {
        pp_refer_unlink(refer);
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
        pp_refer_unlink(refer);
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

void pp_refer_lose(pipit_refer_subscriber *refer, const pp_message *notify, int status)
{
    pipit_refer_subscriber_ref(refer);
    pp_refer_unlink(refer);
    TELL(refer, failed, notify, .status_code = status, .reason_phrase = "",
         .cause = PIPIT_CAUSE_EXPIRES);
    pipit_refer_subscriber_unref(refer);
}

void pp_refer_take_notify(pipit_refer_subscriber *refer, const pp_message *notify)
{
    int status = 0;
    pp_str phrase = PP_STR_NONE;

    pipit_refer_subscriber_ref(refer);
    if (pp_message_content_is(notify, "message/sipfrag") &&
        read_status(notify->body, &status, &phrase))
        report(refer, notify, status, phrase);
    if (refer->home.ua && is_cut_off(notify, status))
        pp_refer_lose(refer, notify, status);
    pipit_refer_subscriber_unref(refer);
}

int pp_refer_check_notify(const pp_message *notify, pp_event *event)
{
    pp_str value = pp_message_header(notify, PP_HEADER_EVENT, 0);

    if (!value.p || pp_event_parse(value, event) < 0)
        return 400;
    return pp_str_ieq_c(event->package, "refer") ? 200 : 489;
}

void pp_refer_answer_notify(pipit_ua *ua, pp_server_transaction *transaction, int status)
{
    pp_ua_answer(ua, transaction, status, NULL,
                 status == 489 ? PP_HEADER_ALLOW_EVENTS : PP_HEADER_OTHER, "refer");
}

void pp_refer_receive_notify(pipit_session *session, pp_server_transaction *transaction)
{
    pp_message *notify = pp_message_ref(pp_server_request(transaction));
    pipit_refer_subscriber *refer = NULL;
    pp_event event;
    int status = pp_refer_check_notify(notify, &event);

    if (status == 200) {
        refer = find(session, &event);
        status = refer ? 200 : 481; /* RFC 6665 section 4.1.3 */
    }
    pp_refer_answer_notify(session->ua, transaction, status);
    if (refer)
        pp_refer_take_notify(refer, notify);
    pp_message_unref(notify);
}
