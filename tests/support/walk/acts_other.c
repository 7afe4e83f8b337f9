/* acts_other.c - everything that can be done with messages, queries, subscriptions, publications and REFERs. */
#include "support/walk/inside.h"

static void on_message(thing *t, pipit_message *m)
{
    walk *w = t->w;
    const pipit_reply_options options = {.status_code = walk_chance(w, 6) ? 200 : 486,
                                         .extra_headers = any_headers(w),
                                         .body = walk_chance(w, 4) ? "no" : NULL};
    unsigned may = MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_ARGUMENT) | MAY(PIPIT_ERR_SYNTAX);

    acts_begin(w);
    if (walk_chance(w, 3))
        thing_release(t);
    else if (walk_chance(w, 2))
        acts_end(t->owner, "message_accept", pipit_message_accept(m, NULL), MAY(PIPIT_ERR_STATE));
    else
        acts_end(t->owner, "message_reject",
                 pipit_message_reject(m, walk_chance(w, 2) ? NULL : &options), may);
}

static void on_query(thing *t, pipit_options *o)
{
    walk *w = t->w;
    const pipit_reply_options options = {.status_code = 486, .extra_headers = any_headers(w)};

    acts_begin(w);
    if (walk_chance(w, 3))
        thing_release(t);
    else if (walk_chance(w, 2))
        acts_end(t->owner, "options_accept", pipit_options_accept(o, NULL), MAY(PIPIT_ERR_STATE));
    else
        acts_end(t->owner, "options_reject",
                 pipit_options_reject(o, walk_chance(w, 2) ? NULL : &options),
                 MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_SYNTAX));
}

static void on_subscription(thing *t, pipit_subscriber *s)
{
    walk *w = t->w;
    unsigned may = MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_SYNTAX);
    bool due = t->due;

    (void)pipit_subscriber_id(s);
    (void)pipit_subscriber_expires(s);
    acts_begin(w);
    switch (walk_roll(w, 6)) {
    case 0:
        thing_release(t);
        break;
    case 1:
        acts_end(t->owner, "subscriber_terminate", pipit_subscriber_terminate(s, NULL), may);
        break;
    default:
        t->due = true;
        if (acts_end(t->owner, "subscriber_subscribe", pipit_subscriber_subscribe(s, NULL), may))
            t->due = due;
        break;
    }
}

static void on_notifier(thing *t, pipit_notifier *n)
{
    walk *w = t->w;
    bool due = t->due;

    (void)pipit_notifier_id(n);
    (void)pipit_notifier_expires(n);
    acts_begin(w);
    switch (walk_roll(w, 7)) {
    case 0:
        thing_release(t);
        break;
    case 1:
        acts_end(t->owner, "notifier_set_active", pipit_notifier_set_active_state(n),
                 MAY(PIPIT_ERR_STATE));
        break;
    case 2:
        acts_end(t->owner, "notifier_terminate",
                 pipit_notifier_terminate(n, NULL, walk_chance(w, 2) ? "rejected" : "giveup",
                                          walk_chance(w, 2) ? 1 : 0),
                 MAY(PIPIT_ERR_STATE));
        break;
    case 3:
    case 4:
        acts_end(t->owner, "notifier_notify", pipit_notifier_notify(n, "news"),
                 MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_LIMIT));
        break;
    default:
        t->due = true;
        if (acts_end(t->owner, "notifier_start", pipit_notifier_start(n),
                     MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_LIMIT) | MAY(PIPIT_ERR_SYNTAX)))
            t->due = due;
        break;
    }
}

static void on_publication(thing *t, pipit_publisher *p)
{
    walk *w = t->w;

    (void)pipit_publisher_etag(p);
    (void)pipit_publisher_expires(p);
    acts_begin(w);
    switch (walk_roll(w, 4)) {
    case 0:
        thing_release(t);
        break;
    case 1:
        acts_end(t->owner, "unpublish", pipit_publisher_unpublish(p), MAY(PIPIT_ERR_STATE));
        break;
    default:
        acts_end(t->owner, "publisher_publish", pipit_publisher_publish(p, "open"),
                 MAY(PIPIT_ERR_STATE));
        break;
    }
}

static void accept_refer(thing *t, pipit_refer_notifier *r)
{
    walk *w = t->w;
    thing *made = thing_new(t->owner, THING_CALL, NULL), *calling = w->calling;
    pipit_call_options options;
    int err;

    call_options(w, &options);
    options.user = made;
    acts_begin(w);
    w->calling = made;
    err = pipit_refer_accept(r, &options, NULL);
    w->calling = calling;
    pipit_own_media_unref(options.own_media);
    acts_end(t->owner, "refer_accept", err, MAY_CALL);
}

static void on_refer(thing *t, pipit_refer_notifier *r)
{
    static const int statuses[] = {100, 180, 200, 486, 700};
    walk *w = t->w;
    unsigned may = MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_ARGUMENT) | MAY(PIPIT_ERR_SYNTAX);
    const pipit_reply_options options = {.status_code = 486, .extra_headers = any_headers(w)};

    if (!pipit_refer_target(r) || !pipit_refer_method(r))
        walk_fail(w, "a REFER to nobody");
    (void)pipit_refer_replaces(r);
    (void)pipit_refer_referred_by(r);
    acts_begin(w);
    switch (walk_roll(w, 8)) {
    case 0:
        thing_release(t);
        break;
    case 1:
        acts_end(t->owner, "refer_reject",
                 pipit_refer_reject(r, walk_chance(w, 2) ? NULL : &options), may);
        break;
    case 2:
    case 3:
        acts_end(t->owner, "refer_notify", pipit_refer_notify(r, statuses[walk_roll(w, 5)], NULL),
                 may);
        break;
    default:
        accept_refer(t, r);
        break;
    }
}

static void on_asked(thing *t, pipit_request *r)
{
    walk *w = t->w;
    thing *made;
    pipit_notifier_options options = {.handlers = &walk_notifier_handlers,
                                      .pending = walk_chance(w, 3),
                                      .min_expires = walk_chance(w, 8) ? 100 : 0,
                                      .max_expires = walk_chance(w, 4) ? 60 : 0};
    pipit_notifier *out = NULL;

    if (!t->owner->ua)
        return;
    acts_begin(w);
    switch (walk_roll(w, 5)) {
    case 0:
        thing_release(t);
        break;
    case 1:
        acts_end(t->owner, "reject_subscribe", pipit_ua_reject_subscribe(t->owner->ua, r, NULL),
                 MAY(PIPIT_ERR_STATE));
        break;
    default:
        made = thing_new(t->owner, THING_NOTIFIER, NULL);
        options.user = made;
        if (acts_end(t->owner, "notify",
                     pipit_ua_notify(t->owner->ua, r, "text/plain", &options, &out),
                     MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_LIMIT)))
            break;
        made->object = out;
        if (walk_chance(w, 4))
            break;
        on_notifier(made, out);
        break;
    }
}

void act_on_other(thing *t)
{
    void *object = thing_object(t);

    switch (t->kind) {
    case THING_MESSAGE:
        on_message(t, object);
        break;
    case THING_QUERY:
        on_query(t, object);
        break;
    case THING_SUBSCRIPTION:
        on_subscription(t, object);
        break;
    case THING_NOTIFIER:
        on_notifier(t, object);
        break;
    case THING_PUBLICATION:
        on_publication(t, object);
        break;
    case THING_REFER_OUT:
        (void)pipit_refer_subscriber_id(object);
        if (walk_chance(t->w, 4))
            thing_release(t);
        break;
    case THING_REFER_IN:
        on_refer(t, object);
        break;
    default:
        on_asked(t, object);
        break;
    }
}
