/* acts.c - one of all calls of the API, by chance: what concerns a user agent; and how their errors are judged. */
#include "support/walk/inside.h"

#include <stdio.h>

/* --- errors ----------------------------------------------------------------------------------- */

static const char no_error[] = "walk: no error yet";

void acts_begin(walk *w)
{
    w->sums.acts++;
    pp_error(PIPIT_ERR_STATE, "%s", no_error);
    scarce_memory.failed = false;
}

int acts_end(agent *a, const char *what, int err, unsigned may)
{
    walk *w = a->w;

    walk_note(w, "%s %d: %s%s%s", a->user, w->at, what, err ? ": " : "",
              err ? pipit_error_message() : "");
    if (!err)
        return 0;
    if (err > 0 || err < PIPIT_ERR_THREAD)
        walk_fail(w, "%s gave %d", what, err);
    if (strcmp(pipit_error_message(), no_error) == 0 || !*pipit_error_message())
        walk_fail(w, "%s gave %s without a sentence", what, pipit_error_name(err));
    if (err == PIPIT_ERR_MEMORY ? !w->plan.scarce : !(may & MAY(err)))
        walk_fail(w, "%s gave %s: %s", what, pipit_error_name(err), pipit_error_message());
    return err;
}

/* --- what acts are done with ------------------------------------------------------------------ */

const char *any_target(walk *w)
{
    static const char *const targets[] = {"alice",
                                          "bob",
                                          "carol",
                                          "sip:alice@example.com",
                                          "sip:bob@example.com;x=y",
                                          "carol",
                                          "bob",
                                          "sip:bob@",
                                          "alice",
                                          "nobody",
                                          "sip:x@example.com\r\nX: y"};

    return targets[walk_roll(w, sizeof(targets) / sizeof(*targets))];
}

const char *const *any_headers(walk *w)
{
    static const char *const good[] = {"X-Walk: on", "X-Walk: and on", NULL};
    static const char *const bad[] = {"X-Walk: on\r\nX: y", NULL};

    if (walk_chance(w, 40))
        return bad;
    return walk_chance(w, 5) ? good : NULL;
}

void call_options(walk *w, pipit_call_options *out)
{
    *out = (pipit_call_options){.handlers = &walk_session_handlers,
                                .extra_headers = any_headers(w),
                                .anonymous = walk_chance(w, 8),
                                .from_display_name = walk_chance(w, 8) ? "A \"Walker\"" : NULL,
                                .session_timers_expires = walk_chance(w, 6) ? 60 : 0,
                                .no_answer_timeout = walk_chance(w, 8) ? 5 : 0,
                                .expires = walk_chance(w, 8) ? 7 : 0,
                                .offerless = walk_chance(w, 6),
                                .follow_redirects = walk_chance(w, 2) ? 3 : 0,
                                .own_media = walk_own_media_new(w),
                                .pc_config = {.codecs = "PCMU"}};
}

/* --- user agents ------------------------------------------------------------------------------ */

static void call(agent *a)
{
    walk *w = a->w;
    thing *t = thing_new(a, THING_CALL, NULL), *calling = w->calling;
    pipit_call_options options;
    int err;

    call_options(w, &options);
    options.user = t;
    acts_begin(w);
    w->calling = t;
    err = pipit_ua_call(a->ua, any_target(w), &options, NULL);
    w->calling = calling;
    pipit_own_media_unref(options.own_media);
    if (acts_end(a, "call", err, MAY_CALL) && t->due && !t->over)
        walk_fail(w, "a call was announced and not made: %s", pipit_error_message());
}

static void refer_outside(agent *a)
{
    walk *w = a->w;
    thing *t = thing_new(a, THING_REFER_OUT, NULL);
    const thing *other = walk_chance(w, 3) ? thing_any(w, THING_CALL) : NULL;
    const thing *known = walk_chance(w, 3) ? thing_any(w, THING_CALL) : NULL;
    const pipit_refer_options options = {.handlers = &walk_refer_handlers,
                                         .user = t,
                                         .extra_headers = any_headers(w),
                                         .replaces = other ? thing_object(other) : NULL,
                                         .target_dialog = known ? thing_object(known) : NULL,
                                         .no_subscription = walk_chance(w, 6)};
    pipit_refer_subscriber *out = NULL;

    acts_begin(w);
    t->due = !options.no_subscription; /* from here on its end may come */
    if (acts_end(a, "refer outside of calls",
                 pipit_ua_refer(a->ua, known && walk_chance(w, 2) ? NULL : any_target(w),
                                other && walk_chance(w, 2) ? NULL : any_target(w), &options,
                                walk_chance(w, 2) ? &out : NULL),
                 MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_SYNTAX)))
        t->due = false;
    t->object = out;
}

static void send_message(agent *a)
{
    walk *w = a->w;
    thing *t = thing_new(a, THING_MESSAGE, NULL);
    const pipit_message_options options = {
        .handlers = &walk_message_handlers, .user = t, .extra_headers = any_headers(w)};
    pipit_message *sent = NULL;

    acts_begin(w);
    t->due = true; /* from here on it may come */
    if (acts_end(a, "send_message",
                 pipit_ua_send_message(a->ua, any_target(w), "hello", &options,
                                       walk_chance(w, 2) ? &sent : NULL),
                 MAY(PIPIT_ERR_SYNTAX)))
        t->due = false;
    t->object = sent;
}

static void send_query(agent *a)
{
    walk *w = a->w;
    thing *t = thing_new(a, THING_QUERY, NULL);
    const pipit_options_options options = {
        .handlers = &walk_options_handlers, .user = t, .extra_headers = any_headers(w)};
    pipit_options *sent = NULL;

    acts_begin(w);
    t->due = true;
    if (acts_end(a, "send_options",
                 pipit_ua_send_options(a->ua, any_target(w), NULL, &options,
                                       walk_chance(w, 2) ? &sent : NULL),
                 MAY(PIPIT_ERR_SYNTAX)))
        t->due = false;
    t->object = sent;
}

static void subscribe(agent *a)
{
    walk *w = a->w;
    thing *t = thing_new(a, THING_SUBSCRIPTION, NULL);
    const pipit_subscriber_options options = {.handlers = &walk_subscriber_handlers,
                                              .user = t,
                                              .expires = walk_chance(w, 3) ? 60 : 0,
                                              .fetch = walk_chance(w, 8),
                                              .resubscribe = walk_chance(w, 4),
                                              .extra_headers = any_headers(w)};
    pipit_subscriber *made = NULL;

    acts_begin(w);
    if (acts_end(
            a, "subscribe",
            pipit_ua_subscribe(a->ua, any_target(w), "presence", "text/plain", &options, &made),
            MAY(PIPIT_ERR_SYNTAX)) == 0) {
        t->object = made;
        act_on_other(t);
    }
}

static void publish(agent *a)
{
    walk *w = a->w;
    thing *t = thing_new(a, THING_PUBLICATION, NULL);
    const pipit_publisher_options options = {.handlers = &walk_publisher_handlers,
                                             .user = t,
                                             .expires = 60,
                                             .extra_headers = any_headers(w)};
    pipit_publisher *made = NULL;

    acts_begin(w);
    if (acts_end(a, "publish",
                 pipit_ua_publish(a->ua, NULL, "presence", "text/plain", &options, &made),
                 MAY(PIPIT_ERR_SYNTAX)) == 0) {
        t->object = made;
        act_on_other(t);
    }
}

static void set_something(agent *a)
{
    static const char *const names[] = {"password", "display_name", "realm", "authorization_user",
                                        "nothing"};
    walk *w = a->w;
    unsigned which = walk_roll(w, 5);
    const char *values[] = {a->password, "A Walker", "example.com", a->user, "x"};
    static const char *const params[] = {"q=0.5", NULL};

    acts_begin(w);
    acts_end(a, "set", pipit_ua_set(a->ua, names[which], walk_chance(w, 4) ? NULL : values[which]),
             which == 4 ? MAY(PIPIT_ERR_NOT_FOUND) : 0);
    if (which == 0) /* or it never registers again */
        pipit_ua_set(a->ua, "password", a->password);
    if (walk_chance(w, 4)) {
        acts_begin(w);
        acts_end(a, "set_extra_headers", pipit_ua_set_extra_headers(a->ua, any_headers(w)),
                 MAY(PIPIT_ERR_SYNTAX));
        acts_begin(w);
        acts_end(a, "registrator_headers",
                 pipit_ua_set_registrator_extra_headers(a->ua, any_headers(w)),
                 MAY(PIPIT_ERR_SYNTAX));
        acts_begin(w);
        acts_end(
            a, "registrator_contact_params",
            pipit_ua_set_registrator_extra_contact_params(a->ua, walk_chance(w, 2) ? params : NULL),
            0);
    }
}

/* Another listener, for a while. */
static void change_listeners(agent *a)
{
    walk *w = a->w;

    acts_begin(w);
    if (walk_chance(w, 2))
        acts_end(a, "add_handlers", pipit_ua_add_handlers(a->ua, &walk_more_ua_handlers, a), 0);
    else
        acts_end(a, "remove_handlers", pipit_ua_remove_handlers(a->ua, &walk_more_ua_handlers, a),
                 MAY(PIPIT_ERR_NOT_FOUND));
}

static void ask_ua(agent *a)
{
    pipit_ua *ua = a->ua;
    walk *w = a->w;
    pipit_uri *uri = NULL;
    char *contact = NULL;

    if (!pipit_ua_uri(ua) || !pipit_ua_contact(ua) || !pipit_ua_socket(ua) ||
        pipit_ua_get(ua, "password"))
        walk_fail(w, "%s does not know who it is", a->user);
    (void)pipit_ua_is_connected(ua);
    (void)pipit_ua_is_connecting(ua);
    (void)pipit_ua_reconnection_attempts(ua);
    (void)pipit_ua_last_transport_error(ua);
    (void)pipit_ua_get_status(ua);
    (void)pipit_ua_pub_gruu(ua);
    (void)pipit_ua_temp_gruu(ua);
    (void)pipit_ua_is_registered(ua);
    (void)pipit_ua_registration_expires(ua);
    (void)pipit_ua_outbound(ua);
    acts_begin(w);
    acts_end(a, "contact", pipit_ua_contact_to_string(ua, true, true, &contact), 0);
    pipit_free(contact);
    acts_begin(w);
    acts_end(a, "normalize", pipit_ua_normalize_target(ua, any_target(w), &uri),
             MAY(PIPIT_ERR_SYNTAX));
    pipit_uri_unref(uri);
}

static void leave(agent *a)
{
    walk *w = a->w;

    switch (walk_roll(w, 24)) {
    case 0:
        agent_release(a);
        break;
    case 1:
    case 2:
        walk_note(w, "%s: stop", a->user);
        w->sums.acts++;
        if (pipit_ua_get_status(a->ua) != PIPIT_UA_USER_CLOSED)
            a->stopping = true;
        pipit_ua_stop(a->ua);
        break;
    case 3:
        walk_note(w, "%s: terminate_sessions", a->user);
        w->sums.acts++;
        pipit_ua_terminate_sessions(a->ua, NULL);
        break;
    case 4:
    case 5:
        acts_begin(w);
        acts_end(a, "unregister", pipit_ua_unregister(a->ua, walk_chance(w, 3)),
                 MAY(PIPIT_ERR_STATE));
        break;
    default:
        acts_begin(w);
        acts_end(a, "register", pipit_ua_register(a->ua), MAY(PIPIT_ERR_STATE));
        break;
    }
}

static void start(agent *a)
{
    acts_begin(a->w);
    a->stopping = false; /* taken back, if it was on its way */
    acts_end(a, "start", pipit_ua_start(a->ua), 0);
}

static void act_on_ua(agent *a)
{
    walk *w = a->w;
    unsigned roll = walk_roll(w, 100);

    if (!a->ua) {
        if (!a->gone)
            agent_new_ua(a);
    } else if (roll < 36) {
        call(a);
    } else if (roll < 40) {
        refer_outside(a);
    } else if (roll < 52) {
        send_message(a);
    } else if (roll < 60) {
        send_query(a);
    } else if (roll < 68) {
        subscribe(a);
    } else if (roll < 71) {
        publish(a);
    } else if (roll < 75) {
        set_something(a);
    } else if (roll < 78) {
        change_listeners(a);
    } else if (roll < 82) {
        ask_ua(a);
    } else if (roll < 90 || pipit_ua_get_status(a->ua) == PIPIT_UA_USER_CLOSED) {
        start(a);
    } else {
        leave(a);
    }
}

/* --- anything --------------------------------------------------------------------------------- */

void walk_act(walk *w, thing *at)
{
    static const thing_kind kinds[] = {
        THING_CALL,        THING_CALL,     THING_CALL,     THING_CALL,         THING_CALL,
        THING_CALL,        THING_MESSAGE,  THING_QUERY,    THING_SUBSCRIPTION, THING_NOTIFIER,
        THING_PUBLICATION, THING_REFER_IN, THING_REFER_IN, THING_REFER_OUT,    THING_ASKED};
    thing *t = at;
    int at_before = w->at;

    if (!t || !thing_object(t) || walk_chance(w, 4))
        t = thing_any(w, kinds[walk_roll(w, sizeof(kinds) / sizeof(*kinds))]);
    if (walk_chance(w, 5))
        t = NULL;
    w->at = t ? (int)t->number : -1;
    if (!t)
        act_on_ua(&w->agents[walk_roll(w, w->agent_count)]);
    else if (t->kind == THING_CALL)
        act_on_call(t);
    else
        act_on_other(t);
    w->at = at_before;
}
