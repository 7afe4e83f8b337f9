/* notify.c - what is said to somebody whose REFER came: its answer, and NOTIFYs (RFC 3515 section 2.4). */
#include "base/error.h"
#include "base/log.h"
#include "sip/status.h"
#include "ua/refer/refer.h"

#define TAG_SIZE 12u

/* --- the answer ------------------------------------------------------------------------------- */

/* Outside of calls the dialog begins with our 202. */
static int make_dialog(pipit_refer_notifier *refer)
{
    pp_refer_home *home = &refer->home;
    const pp_dialog_owner owner = {&pp_refer_notifier_usage, refer};
    pp_rng *rng = &home->ua->loop->rng;
    char tag[TAG_SIZE + 1];
    int err;

    pp_rng_token(rng, tag, TAG_SIZE);
    err = pp_dialog_from_request(home->ua->dialogs, refer->request, tag, pp_rng_below(rng, 10000),
                                 &owner, &home->dialog);
    return err ? err : pp_dialog_confirm(home->dialog, NULL);
}

static int make_accepted(pipit_refer_notifier *refer, pp_outgoing **out)
{
    pp_refer_home *home = &refer->home;
    pp_outgoing *response = NULL;
    int err = home->session || refer->silent ? 0 : make_dialog(refer);

    if (!err)
        err = pp_ua_response(home->ua, refer->request, 202, NULL,
                             home->dialog ? home->dialog->local_tag : NULL, &response);
    if (!err)
        err = pp_refer_add_contact(home, response);
    if (!err && refer->silent)
        pp_outgoing_add_c(response, PP_HEADER_REFER_SUB, "false");
    if (!err)
        err = pp_outgoing_error(response);
    if (err)
        pp_outgoing_unref(response);
    else
        *out = response;
    return err;
}

int pp_refer_answer(pipit_refer_notifier *refer, int status, const pipit_reply_options *o)
{
    pp_outgoing *response = NULL;
    int err;

    if (!refer->transaction)
        return pp_error(PIPIT_ERR_STATE, "refer: it was answered");
    if (status < 300)
        err = make_accepted(refer, &response);
    else
        err = pp_ua_reply(refer->home.ua, refer->transaction, status, o, &response);
    if (!err)
        err = pp_server_respond(refer->transaction, response);
    if (!err)
        refer->transaction = pp_server_forget(refer->transaction);
    else
        refer->home.dialog = pp_dialog_free(refer->home.dialog);
    pp_outgoing_unref(response);
    return err;
}

/* --- NOTIFYs ---------------------------------------------------------------------------------- */

void pp_refer_notified(pp_refer_home *home, const pp_message *response, pipit_cause cause)
{
    pipit_refer_notifier *refer = (pipit_refer_notifier *)home;

    (void)response;
    if (cause != PIPIT_CAUSE_NONE && cause != PIPIT_CAUSE_CONNECTION_ERROR)
        refer->over = true; /* nobody wants to hear it */
    pipit_refer_notifier_unref(refer);
}

/* Event, state and Contact. */
static int add_head(pipit_refer_notifier *refer, const char *state, pp_outgoing *notify)
{
    int err;

    pp_outgoing_add_format(notify, PP_HEADER_EVENT, "refer;id=%lu",
                           (unsigned long)refer->request->cseq);
    if (state)
        pp_outgoing_add_c(notify, PP_HEADER_SUBSCRIPTION_STATE, state);
    else
        pp_outgoing_add_format(notify, PP_HEADER_SUBSCRIPTION_STATE, "active;expires=%u",
                               PP_REFER_EXPIRES_S);
    err = pp_refer_add_contact(&refer->home, notify);
    pp_ua_finish_request(refer->home.ua, notify);
    return err;
}

static int add_body(int status, const char *phrase, pp_outgoing *notify)
{
    pp_buf body = {0};
    int err;

    pp_buf_format(&body, "SIP/2.0 %d %s\r\n", status, phrase ? phrase : pp_status_phrase(status));
    err = pp_buf_error(&body);
    if (!err)
        pp_outgoing_set_body(notify, "message/sipfrag;version=2.0", pp_buf_text(&body));
    pp_buf_free(&body);
    return err;
}

/* `state` NULL: it goes on. */
static int send_notify(pipit_refer_notifier *refer, int status, const char *phrase,
                       const char *state)
{
    pp_outgoing *notify = NULL;
    int err = pp_refer_request(&refer->home, PP_NOTIFY, &notify);

    if (!err)
        err = add_head(refer, state, notify);
    if (!err)
        err = add_body(status, phrase, notify);
    if (!err)
        err = pp_outgoing_error(notify);
    if (!err)
        err = pp_refer_send(&refer->home, notify, (pp_session_errand){.aside = true});
    if (!err)
        pipit_refer_notifier_ref(refer);
    pp_outgoing_unref(notify);
    return err;
}

int pp_refer_notify(pipit_refer_notifier *refer, int status, const char *phrase)
{
    const char *state = status < 200 ? NULL : "terminated;reason=noresource";
    int err;

    if (refer->silent || refer->over)
        return 0;
    err = send_notify(refer, status, phrase, state);
    if (!err) {
        refer->told = status;
        refer->over = status >= 200;
    }
    return err;
}

/* --- SUBSCRIBEs -------------------------------------------------------------------------------- */

/* The status one deserves; 200 when it is taken. */
static int check(const pipit_refer_notifier *refer, const pp_message *subscribe, uint32_t *expires)
{
    pp_event event;

    *expires = PP_REFER_EXPIRES_S;
    if (pp_event_parse(pp_message_header(subscribe, PP_HEADER_EVENT, 0), &event))
        return 400;
    if (!pp_str_ieq_c(event.package, "refer"))
        return 489;
    if (pp_message_count(subscribe, PP_HEADER_EXPIRES) &&
        !pp_message_number(subscribe, PP_HEADER_EXPIRES, expires))
        return 400;
    if (*expires > PP_REFER_EXPIRES_S)
        *expires = PP_REFER_EXPIRES_S;
    return refer->over || refer->silent ? 481 : 200;
}

static int grant(pipit_refer_notifier *refer, pp_server_transaction *transaction, uint32_t expires)
{
    const pp_refer_home *home = &refer->home;
    pp_outgoing *response = NULL;
    int err = pp_ua_response(home->ua, pp_server_request(transaction), 200, NULL, NULL, &response);

    if (!err) {
        pp_outgoing_add_format(response, PP_HEADER_EXPIRES, "%lu", (unsigned long)expires);
        err = pp_refer_add_contact(home, response);
    }
    if (!err)
        err = pp_outgoing_error(response);
    if (!err)
        err = pp_server_respond(transaction, response);
    pp_outgoing_unref(response);
    return err;
}

void pp_refer_subscribed(pipit_refer_notifier *refer, pp_server_transaction *transaction)
{
    uint32_t expires;
    int status = check(refer, pp_server_request(transaction), &expires), err;

    if (status != 200) {
        pp_refer_answer_notify(refer->home.ua, transaction, status);
        return;
    }
    err = grant(refer, transaction, expires);
    if (!err)
        err = send_notify(refer, refer->told ? refer->told : 100, NULL,
                          expires ? NULL : "terminated;reason=timeout");
    if (!err && !expires)
        refer->over = true;
    if (err)
        pp_log_warn("RTCSession:ReferNotifier", "no answer or NOTIFY: %s", pipit_error_message());
}
