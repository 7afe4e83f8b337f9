/* hear.c - the handlers of the walk: each event is held against what its thing may still say, and then anything may be done. */
#include "support/walk/inside.h"

#include <stdio.h>

#define DEPTH_MAX 3 /* handlers within handlers that act */

/* What an application may do when it is called: nothing mostly. */
static void react(walk *w, thing *t)
{
    if (!w->lively || w->depth >= DEPTH_MAX)
        return;
    w->depth++;
    for (unsigned times = walk_roll(w, 6); times > 3; times--) {
        w->sums.inside++;
        walk_act(w, t);
    }
    w->depth--;
}

/* The event a thing gets now; the last one is the last. */
static void hear(thing *t, void *object, const char *name, bool last)
{
    walk *w = t->w;
    void *shown_before = t->shown;

    w->sums.events++;
    walk_note(w, "%s %u hears %s", t->owner->user, t->number, name);
    if (t->life != t->owner->life)
        walk_fail(w, "%u of %s hears %s when its user agent is gone", t->number, t->owner->user,
                  name);
    if (t->over && !(t->announced && strcmp(t->announced, name) == 0))
        walk_fail(w, "%u of %s hears %s after its last event", t->number, t->owner->user, name);
    t->announced = NULL;
    t->over = t->over || last;
    if (last && t->kept < t->promised)
        walk_fail(w, "%u of %s has heard %u outcomes of %u before %s", t->number, t->owner->user,
                  t->kept, t->promised, name);
    t->shown = object;
    react(w, t);
    t->shown = shown_before;
}

/* --- calls ------------------------------------------------------------------------------------ */

/* Comes before the event's own handler, and may end the call: of this event that is told all the same. */
static void on_any(pipit_session *session, const char *name, const void *event, void *user)
{
    thing *t = user;
    bool was_over = t->over;
    void *shown_before = t->shown;

    (void)event;
    if (strcmp(name, "ended") == 0 || strcmp(name, "failed") == 0) {
        if (was_over)
            walk_fail(t->w, "call %u has a second end", t->number);
        t->over = true;
    }
    t->shown = session;
    if (walk_chance(t->w, 4))
        react(t->w, t);
    t->shown = shown_before;
    t->announced = t->over && !was_over ? name : NULL;
}

#define ON(name, type, jssip, last)                                                                \
    static void on_##name(pipit_session *session, const type *event, void *user)                   \
    {                                                                                              \
        (void)event;                                                                               \
        hear(user, session, jssip, last);                                                          \
    }

ON(connecting, pipit_request_event, "connecting", false)
ON(sending, pipit_request_event, "sending", false)
ON(progress, pipit_progress_event, "progress", false)
ON(accepted, pipit_progress_event, "accepted", false)
ON(dtmf, pipit_dtmf_event, "newDTMF", false)
ON(info, pipit_info_event, "newInfo", false)
ON(hold, pipit_hold_event, "hold", false)
ON(unhold, pipit_hold_event, "unhold", false)
ON(reinvite, pipit_reoffer_event, "reinvite", false)
ON(update, pipit_reoffer_event, "update", false)
ON(reoffered, pipit_reoffered_event, "reoffered", false)
ON(replaces, pipit_replaces_event, "replaces", false)
ON(muted, pipit_mute_event, "muted", false)
ON(unmuted, pipit_mute_event, "unmuted", false)
ON(sdp, pipit_sdp_event, "sdp", false)
ON(media, pipit_media_event, "media", false)
ON(data_channel, pipit_data_channel_event, "dataChannel", false)
ON(peerconnection, pipit_peerconnection_event, "peerconnection", false)

static void on_early_media(pipit_session *session, const pipit_early_media_event *event, void *user)
{
    thing *t = user;

    if (!event->heard || !*t->branch)
        snprintf(t->branch, sizeof(t->branch), "%s", event->branch);
    hear(t, session, "earlyMedia", false);
}

static void on_confirmed(pipit_session *session, const pipit_confirmed_event *event, void *user)
{
    thing *t = user;

    (void)event;
    t->confirmed = true;
    t->w->sums.confirmed++;
    hear(t, session, "confirmed", false);
}

static void on_end(pipit_session *session, const char *name, const pipit_end_event *event,
                   void *user)
{
    thing *t = user;

    walk_note(t->w, "%s %u: %s", t->owner->user, t->number, event->reason);
    if (!event->reason || !pipit_session_is_ended(session))
        walk_fail(t->w, "call %u has ended, but not quite", t->number);
    t->w->sums.ends++;
    hear(t, session, name, true);
}

static void on_ended(pipit_session *session, const pipit_end_event *event, void *user)
{
    on_end(session, "ended", event, user);
}

static void on_failed(pipit_session *session, const pipit_end_event *event, void *user)
{
    on_end(session, "failed", event, user);
}

static void on_refer(pipit_session *session, const pipit_refer_event *event, void *user)
{
    thing *t = user;
    thing *asked = thing_new(t->owner, THING_REFER_IN, walk_chance(t->w, 4) ? NULL : event->refer);

    asked->shown = event->refer;
    hear(t, session, "refer", false);
    if (t->w->lively && walk_chance(t->w, 2))
        act_on_other(asked);
    asked->shown = NULL;
}

const pipit_session_handlers walk_session_handlers = {
    .connecting = on_connecting,
    .sending = on_sending,
    .progress = on_progress,
    .accepted = on_accepted,
    .confirmed = on_confirmed,
    .ended = on_ended,
    .failed = on_failed,
    .new_dtmf = on_dtmf,
    .new_info = on_info,
    .hold = on_hold,
    .unhold = on_unhold,
    .reinvite = on_reinvite,
    .update = on_update,
    .reoffered = on_reoffered,
    .refer = on_refer,
    .replaces = on_replaces,
    .muted = on_muted,
    .unmuted = on_unmuted,
    .sdp = on_sdp,
    .media = on_media,
    .early_media = on_early_media,
    .data_channel = on_data_channel,
    .peerconnection = on_peerconnection,
    .any = on_any,
};

/* It takes itself away by chance, and may take away or add others while the event goes on. */
static void on_more(pipit_session *session, const char *name, const void *event, void *user)
{
    thing *t = user;

    (void)event;
    t->w->sums.events++;
    walk_note(t->w, "%s %u, another listener, hears %s", t->owner->user, t->number, name);
    if (walk_chance(t->w, 3)) {
        pipit_session_remove_handlers(session, &walk_more_session_handlers, t);
        pipit_session_remove_handlers(session, &walk_more_session_handlers, t);
    }
    if (walk_chance(t->w, 6)) {
        void *shown_before = t->shown;

        t->shown = session;
        react(t->w, t);
        t->shown = shown_before;
    }
}

static void on_more_hold(pipit_session *session, const pipit_hold_event *event, void *user)
{
    on_more(session, "hold", event, user);
}

static void on_more_progress(pipit_session *session, const pipit_progress_event *event, void *user)
{
    on_more(session, "progress", event, user);
}

const pipit_session_handlers walk_more_session_handlers = {
    .any = on_more, .hold = on_more_hold, .progress = on_more_progress};

void walk_on_outcome(pipit_session *session, const pipit_outcome *outcome, void *user)
{
    thing *t = user;
    void *shown_before = t->shown;

    walk_note(t->w, "%s %u hears an outcome: %s", t->owner->user, t->number,
              pipit_cause_name(outcome->cause));
    if (++t->kept > t->promised + t->pending)
        walk_fail(t->w, "call %u: an outcome too many", t->number);
    if (t->over)
        walk_fail(t->w, "call %u: an outcome after its last event", t->number);
    t->shown = session;
    t->ending++; /* perhaps: then its last event is next */
    react(t->w, t);
    t->ending--;
    t->shown = shown_before;
}

/* --- messages and queries --------------------------------------------------------------------- */

static void on_message_over(pipit_message *message, const pipit_message_event *event, void *user)
{
    (void)event;
    hear(user, message, "the answer", true);
}

static void on_query_over(pipit_options *options, const pipit_options_event *event, void *user)
{
    (void)event;
    hear(user, options, "the answer", true);
}

const pipit_message_handlers walk_message_handlers = {on_message_over, on_message_over};
const pipit_options_handlers walk_options_handlers = {on_query_over, on_query_over};

/* --- subscriptions ---------------------------------------------------------------------------- */

static void on_sub_accepted(pipit_subscriber *subscriber, void *user)
{
    hear(user, subscriber, "accepted", false);
}

static void on_sub_pending(pipit_subscriber *subscriber, void *user)
{
    hear(user, subscriber, "pending", false);
}

static void on_sub_active(pipit_subscriber *subscriber, void *user)
{
    hear(user, subscriber, "active", false);
}

static void on_sub_notify(pipit_subscriber *subscriber, const pipit_notify_event *event, void *user)
{
    (void)event;
    hear(user, subscriber, "notify", false);
}

static void on_sub_over(pipit_subscriber *subscriber, const pipit_subscription_end_event *event,
                        void *user)
{
    (void)event;
    hear(user, subscriber, "terminated", true);
}

static void on_sub_again(pipit_subscriber *subscriber, const pipit_resubscribing_event *event,
                         void *user)
{
    (void)event;
    hear(user, subscriber, "resubscribing", false);
}

const pipit_subscriber_handlers walk_subscriber_handlers = {.accepted = on_sub_accepted,
                                                            .pending = on_sub_pending,
                                                            .active = on_sub_active,
                                                            .notify = on_sub_notify,
                                                            .terminated = on_sub_over,
                                                            .resubscribing = on_sub_again};

static void on_subscribe(pipit_notifier *notifier, const pipit_subscribe_event *event, void *user)
{
    (void)event;
    hear(user, notifier, "subscribe", false);
}

static void on_expired(pipit_notifier *notifier, void *user)
{
    hear(user, notifier, "expired", false);
}

static void on_notifier_over(pipit_notifier *notifier, const pipit_notifier_end_event *event,
                             void *user)
{
    (void)event;
    hear(user, notifier, "terminated", true);
}

const pipit_notifier_handlers walk_notifier_handlers = {on_subscribe, on_expired, on_notifier_over};

static void on_published(pipit_publisher *publisher, const pipit_publisher_event *event, void *user)
{
    (void)event;
    hear(user, publisher, "published, unpublished or failed", false);
}

const pipit_publisher_handlers walk_publisher_handlers = {on_published, on_published, on_published};

/* --- transfer --------------------------------------------------------------------------------- */

static void on_refer_goes_on(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                             void *user)
{
    if (!event->reason_phrase)
        walk_fail(((thing *)user)->w, "a REFER without a reason phrase");
    hear(user, refer, "progress of a REFER", false);
}

static void on_refer_over(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                          void *user)
{
    thing *t = user;

    (void)event;
    if (t->in) /* perhaps it ends, too: then its last event is next */
        t->in->ending++;
    hear(t, refer, "the end of a REFER", true);
    if (t->in)
        t->in->ending--;
}

const pipit_refer_handlers walk_refer_handlers = {.request_succeeded = on_refer_goes_on,
                                                  .request_failed = on_refer_over,
                                                  .trying = on_refer_goes_on,
                                                  .progress = on_refer_goes_on,
                                                  .accepted = on_refer_over,
                                                  .failed = on_refer_over};

/* --- user agents ------------------------------------------------------------------------------ */

/* A user agent has no last event: it may be started again. */
static void hear_ua(agent *a, const char *name)
{
    walk *w = a->w;

    w->sums.events++;
    walk_note(w, "%s hears %s", a->user, name);
    if (!a->ua && !a->gone)
        walk_fail(w, "%s hears %s when there is no user agent", a->user, name);
    react(w, NULL);
}

/* Comes before the event's own handler, and may start again what has stopped just now. */
static void on_ua_any(pipit_ua *ua, const char *name, const void *event, void *user)
{
    agent *a = user;

    (void)ua;
    (void)event;
    if (strcmp(name, "stopped") == 0) {
        if (!a->stopping && !a->gone)
            walk_fail(a->w, "%s hears stopped and was not", a->user);
        a->stopping = false;
    }
    if (walk_chance(a->w, 8))
        react(a->w, NULL);
}

#define ON_UA(name, type)                                                                          \
    static void on_##name(pipit_ua *ua, const type *event, void *user)                             \
    {                                                                                              \
        (void)ua;                                                                                  \
        (void)event;                                                                               \
        hear_ua(user, #name);                                                                      \
    }

ON_UA(ua_connecting, pipit_connecting_event)
ON_UA(connected, pipit_connected_event)
ON_UA(disconnected, pipit_disconnected_event)
ON_UA(registered, pipit_registered_event)
ON_UA(unregistered, pipit_unregistered_event)
ON_UA(registration_failed, pipit_unregistered_event)
ON_UA(sip_event, pipit_sip_event_event)
ON_UA(new_transaction, pipit_transaction_event)
ON_UA(transaction_destroyed, pipit_transaction_event)

static void on_stopped(pipit_ua *ua, void *user)
{
    (void)ua;
    hear_ua(user, "stopped");
}

static void on_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    agent *a = user;
    walk *w = a->w;
    thing *t = w->calling;

    (void)ua;
    if (event->originator == PIPIT_LOCAL) {
        w->calling = NULL;
        if (!t)
            walk_fail(w, "%s calls, and was not told to", a->user);
        t->object = pipit_session_ref(event->session);
        t->announced = t->over ? "newRTCSession" : NULL; /* ended by who was told before */
    } else {
        t = thing_new(a, THING_CALL, walk_chance(w, 10) ? NULL : event->session);
        pipit_session_set_handlers(event->session, &walk_session_handlers, t);
    }
    t->due = t->over || !pipit_session_is_ended(event->session);
    snprintf(t->call_id, sizeof(t->call_id), "%s", pipit_session_call_id(event->session));
    w->sums.calls++;
    hear(t, event->session, "newRTCSession", false);
}

static void on_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    agent *a = user;

    (void)ua;
    if (event->originator == PIPIT_REMOTE)
        hear(thing_new(a, THING_MESSAGE, walk_chance(a->w, 2) ? event->message : NULL),
             event->message, "newMessage", false);
    else
        hear_ua(a, "newMessage");
}

static void on_options(pipit_ua *ua, const pipit_new_options_event *event, void *user)
{
    agent *a = user;

    (void)ua;
    if (event->originator == PIPIT_REMOTE)
        hear(thing_new(a, THING_QUERY, walk_chance(a->w, 2) ? event->options : NULL),
             event->options, "newOptions", false);
    else
        hear_ua(a, "newOptions");
}

static void on_new_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *event, void *user)
{
    agent *a = user;
    thing *t = thing_new(a, THING_ASKED, walk_chance(a->w, 3) ? event->request : NULL);

    (void)ua;
    t->shown = event->request;
    hear(t, event->request, "newSubscribe", false);
    if (a->w->lively && a->ua)
        act_on_other(t);
    t->shown = NULL;
}

static void on_new_refer(pipit_ua *ua, const pipit_new_refer_event *event, void *user)
{
    agent *a = user;
    thing *t = thing_new(a, THING_REFER_IN, walk_chance(a->w, 4) ? NULL : event->refer);

    (void)ua;
    t->shown = event->refer;
    hear(t, event->refer, "newRefer", false);
    if (a->w->lively && a->ua && walk_chance(a->w, 2))
        act_on_other(t);
    t->shown = NULL;
}

static void on_more_of_ua(pipit_ua *ua, const char *name, const void *event, void *user)
{
    agent *a = user;

    (void)event;
    a->w->sums.events++;
    walk_note(a->w, "%s, another listener, hears %s", a->user, name);
    if (walk_chance(a->w, 3)) {
        pipit_ua_remove_handlers(ua, &walk_more_ua_handlers, a);
        pipit_ua_remove_handlers(ua, &walk_more_ua_handlers, a);
    }
    if (walk_chance(a->w, 8))
        react(a->w, NULL);
}

static void on_more_transactions(pipit_ua *ua, const pipit_transaction_event *event, void *user)
{
    on_more_of_ua(ua, "newTransaction", event, user);
}

const pipit_ua_handlers walk_more_ua_handlers = {.any = on_more_of_ua,
                                                 .new_transaction = on_more_transactions};

const pipit_ua_handlers walk_ua_handlers = {
    .any = on_ua_any,
    .connecting = on_ua_connecting,
    .connected = on_connected,
    .disconnected = on_disconnected,
    .registered = on_registered,
    .unregistered = on_unregistered,
    .registration_failed = on_registration_failed,
    .new_rtc_session = on_session,
    .new_message = on_message,
    .new_options = on_options,
    .new_subscribe = on_new_subscribe,
    .new_refer = on_new_refer,
    .sip_event = on_sip_event,
    .new_transaction = on_new_transaction,
    .transaction_destroyed = on_transaction_destroyed,
    .stopped = on_stopped,
};
