/* alone.c - the subscription a REFER of ours makes outside of calls: its dialog begins with the first NOTIFY (RFC 6665 section 4.4.1),
 * and it ends with the last one, when it has run out, or with the user agent. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/refer/refer.h"

#define FIRST_S (64 * PP_T1_MS / 1000) /* Timer N (RFC 6665 section 4.1.2.4) */

static const pp_dialog_usage usage;

int pp_refer_name(pipit_refer_subscriber *refer, const pp_outgoing *request)
{
    pp_name_addr from;
    pp_str tag = PP_STR_NONE;
    int err = pp_name_addr_parse(pp_outgoing_header(request, PP_HEADER_FROM, 0), &from);

    if (err)
        return err;
    pp_param(from.params, "tag", &tag);
    refer->tag = pp_str_dup(tag);
    refer->call_id = pp_str_dup(pp_outgoing_header(request, PP_HEADER_CALL_ID, 0));
    return refer->tag && refer->call_id ? 0 : PIPIT_ERR_MEMORY;
}

/* --- how long --------------------------------------------------------------------------------- */

static void on_silence(void *arg)
{
    pp_refer_lose(arg, NULL, 0);
}

void pp_refer_wait(pipit_refer_subscriber *refer, uint32_t seconds)
{
    pp_loop_start_timer(refer->home.ua->loop, &refer->silence,
                        (uint64_t)(seconds ? seconds : FIRST_S) * 1000, on_silence, refer);
}

/* Who says that it has ended, and gives no reason, may go on telling: see subscriber.c. */
static void read_expiry(pipit_refer_subscriber *refer, const pp_message *notify)
{
    pp_subscription_state state = {0};
    pp_str value = pp_message_header(notify, PP_HEADER_SUBSCRIPTION_STATE, 0);
    uint32_t seconds = PP_REFER_EXPIRES_S;

    if (value.p && pp_subscription_state_parse(value, &state) == 0 && state.has_expires)
        seconds = state.expires;
    pp_refer_wait(refer, seconds);
}

/* --- NOTIFYs ---------------------------------------------------------------------------------- */

static bool is_for(const pipit_refer_subscriber *refer, const pp_message *notify)
{
    return refer->call_id && !refer->home.dialog && !refer->alone &&
           pp_str_eq_c(notify->call_id, refer->call_id) && pp_str_eq_c(notify->to_tag, refer->tag);
}

/* A REFER that forks is followed at the first place that notifies; the others are answered 481. */
pp_dialog *pp_refers_adopt(pipit_ua *ua, const pp_message *notify)
{
    pp_event event;

    if (notify->method != PP_NOTIFY || pp_refer_check_notify(notify, &event) != 200)
        return NULL;
    for (pipit_refer_subscriber *refer = ua->refers_out; refer; refer = refer->next) {
        const pp_dialog_owner owner = {&usage, refer};

        if (is_for(refer, notify) &&
            pp_dialog_from_request(ua->dialogs, notify, refer->tag, refer->home.cseq, &owner,
                                   &refer->home.dialog) == 0)
            return refer->home.dialog;
    }
    return NULL;
}

static void receive_notify(pipit_refer_subscriber *refer, pp_server_transaction *transaction)
{
    pp_message *notify = pp_message_ref(pp_server_request(transaction));
    pp_event event;
    int status = pp_refer_check_notify(notify, &event);

    if (status == 200 && pp_dialog_refresh_target(refer->home.dialog, notify) == PIPIT_ERR_SYNTAX)
        status = 400;
    pp_refer_answer_notify(refer->home.ua, transaction, status);
    if (status == 200) {
        read_expiry(refer, notify);
        pp_refer_take_notify(refer, notify);
    }
    pp_message_unref(notify);
}

static void receive(void *self, pp_dialog *dialog, pp_server_transaction *transaction)
{
    pipit_refer_subscriber *refer = pipit_refer_subscriber_ref(self);

    (void)dialog;
    switch (pp_server_request(transaction)->method) {
    case PP_NOTIFY:
        receive_notify(refer, transaction);
        break;
    case PP_OPTIONS:
        pp_options_receive(refer->home.ua, transaction);
        break;
    default:
        pp_ua_answer(refer->home.ua, transaction, 405, NULL, PP_HEADER_OTHER, NULL);
    }
    pipit_refer_subscriber_unref(refer);
}

static const pp_dialog_usage usage = {.request = receive};

/* --- with the user agent ---------------------------------------------------------------------- */

static pipit_refer_subscriber *first_answered(const pipit_ua *ua)
{
    pipit_refer_subscriber *refer = ua->refers_out;

    while (refer && !refer->answered)
        refer = refer->next;
    return refer;
}

/* Those that have no answer yet hear of the end by their request. */
void pp_refers_give_up(pipit_ua *ua)
{
    pipit_refer_subscriber *refer;

    while ((refer = first_answered(ua)))
        pp_refer_lose(refer, NULL, 0);
}

void pp_refers_detach(pipit_ua *ua)
{
    while (ua->refers_out)
        pp_refer_unlink(ua->refers_out);
    while (ua->refers_in)
        pp_refer_detach(ua->refers_in);
}
