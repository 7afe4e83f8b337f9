/* inside.c - subscriptions in the dialog of a call, beside it (RFC 5057, RFC 6665 section 4.5.2), ours and theirs. What ends the one leaves
 * the other as it is; the dialog goes with the last of them. */
#include "base/alloc.h"
#include "base/error.h"
#include "ua/session/session.h"
#include "ua/subscription/notifier.h"
#include "ua/subscription/subscriber.h"

/* Whose Contact hides who we are. */
static bool is_anonymous(const pp_dialog *dialog)
{
    const pipit_session *session = dialog->owner.self;

    return dialog->owner.usage == &pp_session_usage && session->anonymous;
}

/* --- ours ------------------------------------------------------------------------------------- */

int pipit_session_subscribe(pipit_session *session, const char *event, const char *accept,
                            const pipit_subscriber_options *options, pipit_subscriber **out)
{
    pipit_subscriber *s = NULL;
    int err;

    if (!session || !event || !accept || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "subscribe: the call, event or types of body are missing");
    if (!pp_session_has_dialog(session))
        return pp_error(PIPIT_ERR_STATE, "subscribe: the call is %s",
                        pipit_session_status_name(session->status));
    err = pp_subscriber_new(session->ua, event, accept, options, &s);
    if (err)
        return err;
    if (strcmp(s->package, "refer") == 0) {
        pipit_subscriber_unref(s);
        return pp_error(PIPIT_ERR_ARGUMENT, "subscribe: a REFER brings its own subscription");
    }
    s->resubscribes = false;
    s->call = pipit_session_ref(session);
    *out = s;
    return 0;
}

/* NOTIFYs of two would not be told apart. */
static bool is_subscribed(const pp_dialog *dialog, const pipit_subscriber *s)
{
    for (const pp_dialog_share *share = dialog->shares; share; share = share->next) {
        const pipit_subscriber *other = share->user.self;

        if (share->user.usage == &pp_subscriber_usage &&
            pp_str_eq(other->event.event.package, s->event.event.package) &&
            pp_str_eq(other->event.event.id, s->event.event.id))
            return true;
    }
    return false;
}

int pp_subscriber_join(pipit_subscriber *s)
{
    pp_dialog *dialog = pp_session_has_dialog(s->call) ? s->call->dialog : NULL;
    int err;

    if (!dialog)
        return pp_error(PIPIT_ERR_STATE, "subscription: its call has ended");
    if (is_subscribed(dialog, s))
        return pp_error(PIPIT_ERR_STATE,
                        "subscription: the call has one to '%s'; an id would tell them apart",
                        s->event.text);
    err = pp_dialog_id(dialog, &s->id);
    if (err)
        return err;
    pp_dialog_join(dialog, &s->share, &(pp_dialog_owner){&pp_subscriber_usage, s});
    s->dialog = dialog;
    s->anonymous = is_anonymous(dialog);
    return 0;
}

void pp_subscriber_leave(pipit_subscriber *s)
{
    if (!s->share.dialog)
        pp_dialog_free(s->dialog);
    pp_dialog_part(&s->share);
    s->dialog = NULL;
    pp_free(s->id);
    s->id = NULL;
}

/* --- theirs ----------------------------------------------------------------------------------- */

int pp_notifier_join(pipit_notifier *n, const pp_message *subscribe)
{
    pp_dialog *dialog = pp_dialogs_find(n->ua->dialogs, subscribe);
    int err;

    if (!dialog || !dialog->owner.usage)
        return pp_error(PIPIT_ERR_STATE, "notifier: the call of its SUBSCRIBE has ended");
    if (pp_dialog_user_of(dialog, subscribe) != &dialog->owner)
        return pp_error(PIPIT_ERR_STATE, "notifier: another one has '%s' in this call",
                        n->event.text);
    err = pp_dialog_refresh_target(dialog, subscribe);
    if (!err)
        err = pp_dialog_id(dialog, &n->id);
    if (err)
        return err;
    pp_dialog_join(dialog, &n->share, &(pp_dialog_owner){&pp_notifier_usage, n});
    n->dialog = dialog;
    n->anonymous = is_anonymous(dialog);
    return 0;
}

void pp_notifier_leave(pipit_notifier *n)
{
    if (!n->share.dialog)
        pp_dialog_free(n->dialog);
    pp_dialog_part(&n->share);
    n->dialog = NULL;
}
