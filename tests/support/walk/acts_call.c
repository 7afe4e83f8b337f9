/* acts_call.c - everything that can be done with a call, in any state. */
#include "support/walk/inside.h"

/* An outcome is promised by a call that succeeds; it may come before that returns. */
typedef struct promise {
    thing *t;
    bool wanted;
} promise;

static promise begin_promise(thing *t)
{
    promise p = {t, walk_chance(t->w, 2)};

    t->pending += p.wanted;
    return p;
}

static void end_promise(promise p, int err)
{
    thing *t = p.t;

    t->pending -= p.wanted;
    if (!err)
        t->promised += p.wanted;
    if (t->kept > t->promised + t->pending)
        walk_fail(t->w, "call %u: an outcome that was not promised", t->number);
    if (!err && p.wanted && t->over && t->kept + t->pending < t->promised && t->owner->ua)
        walk_fail(t->w, "call %u has ended without an outcome", t->number);
}

static void answer(thing *t, pipit_session *s)
{
    walk *w = t->w;
    const pipit_answer_options options = {.extra_headers = any_headers(w),
                                          .session_timers_expires = walk_chance(w, 6) ? 60 : 0,
                                          .own_media = walk_own_media_new(w),
                                          .pc_config = {.codecs = "PCMU"}};

    acts_begin(w);
    acts_end(t->owner, "answer", pipit_session_answer(s, walk_chance(w, 3) ? NULL : &options),
             MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_SYNTAX) | MAY(PIPIT_ERR_MEDIA));
    pipit_own_media_unref(options.own_media);
}

static void progress(thing *t, pipit_session *s)
{
    static const int statuses[] = {0, 182, 183, 199, 200, 100};
    walk *w = t->w;
    const pipit_progress_options options = {.status_code = statuses[walk_roll(w, 6)],
                                            .extra_headers = any_headers(w),
                                            .early_media = walk_chance(w, 2),
                                            .own_media = walk_own_media_new(w),
                                            .pc_config = {.codecs = "PCMU"}};

    acts_begin(w);
    acts_end(t->owner, "progress", pipit_session_progress(s, walk_chance(w, 3) ? NULL : &options),
             MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_NOT_SUPPORTED) | MAY(PIPIT_ERR_ARGUMENT) |
                 MAY(PIPIT_ERR_SYNTAX) | MAY(PIPIT_ERR_MEDIA) | MAY(PIPIT_ERR_CONNECTION));
    pipit_own_media_unref(options.own_media);
}

/* Elsewhere, to one who is there, or to one who is not. */
static void redirect(thing *t, pipit_session *s)
{
    static const char *const there[] = {
        "Contact: <sip:carol@example.com>;q=0.5, <sip:bob@example.com>", NULL};
    static const char *const nowhere[] = {"Contact: <sip:nobody@example.com>", NULL};
    static const char *const back[] = {"Contact: <sip:alice@example.com>", NULL};
    static const char *const *const ways[] = {there, nowhere, back};
    walk *w = t->w;
    const pipit_terminate_options options = {.status_code = 302,
                                             .extra_headers = ways[walk_roll(w, 3)]};

    acts_begin(w);
    acts_end(t->owner, "redirect", pipit_session_terminate(s, &options),
             MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_ARGUMENT));
}

static void hear_branch(thing *t, pipit_session *s)
{
    walk *w = t->w;

    acts_begin(w);
    acts_end(t->owner, "hear_branch",
             pipit_session_hear_branch(s, walk_chance(w, 8) ? "nobody" : t->branch),
             MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_MEDIA));
}

/* Another listener, for a while. */
static void change_listeners(thing *t, pipit_session *s)
{
    walk *w = t->w;

    acts_begin(w);
    if (walk_chance(w, 2))
        acts_end(t->owner, "session_add_handlers",
                 pipit_session_add_handlers(s, &walk_more_session_handlers, t), 0);
    else
        acts_end(t->owner, "session_remove_handlers",
                 pipit_session_remove_handlers(s, &walk_more_session_handlers, t),
                 MAY(PIPIT_ERR_NOT_FOUND));
}

static void terminate(thing *t, pipit_session *s)
{
    static const int statuses[] = {0, 200, 299, 300, 404, 486, 487, 603, 699, 700, 199};
    walk *w = t->w;
    const pipit_terminate_options options = {
        .status_code = statuses[walk_roll(w, sizeof(statuses) / sizeof(*statuses))],
        .reason_phrase = walk_chance(w, 3) ? "tired of \"walking\"" : NULL,
        .extra_headers = any_headers(w),
        .body = walk_chance(w, 4) ? "bye" : NULL,
        .cause = walk_chance(w, 4) ? "It was a long walk" : NULL};
    bool plain = walk_chance(w, 2);
    unsigned may = pipit_session_is_ended(s) || !t->owner->ua ? MAY(PIPIT_ERR_STATE) : 0;

    if (!plain)
        may |= MAY(PIPIT_ERR_ARGUMENT) | MAY(PIPIT_ERR_SYNTAX) | MAY(PIPIT_ERR_STATE);
    acts_begin(w);
    acts_end(t->owner, "terminate", pipit_session_terminate(s, plain ? NULL : &options), may);
}

static void reoffer(thing *t, pipit_session *s)
{
    walk *w = t->w;
    promise p = begin_promise(t);
    pipit_source *tone = NULL;
    pipit_reoffer_options options = {.use_update = walk_chance(w, 2),
                                     .extra_headers = any_headers(w),
                                     .restart_ice = walk_chance(w, 6),
                                     .done = p.wanted ? walk_on_outcome : NULL,
                                     .user = t};
    unsigned may = MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_SYNTAX) | MAY(PIPIT_ERR_MEDIA) |
                   MAY(PIPIT_ERR_NOT_SUPPORTED);
    bool ready = pipit_session_is_ready_to_reoffer(s);
    int err;

    acts_begin(w);
    switch (walk_roll(w, 7)) {
    case 0:
    case 1:
        if (walk_chance(w, 4) && pipit_source_tone(440, -20, &tone) == 0)
            options.hold_source = tone;
        err = acts_end(t->owner, "hold", pipit_session_hold(s, &options), may);
        pipit_source_unref(tone);
        break;
    case 2:
    case 3:
        err = acts_end(t->owner, "unhold", pipit_session_unhold(s, &options), may);
        break;
    case 4:
        end_promise(p, -1);
        acts_end(t->owner, "reset_local_media", pipit_session_reset_local_media(s), may);
        return;
    default:
        err = pipit_session_renegotiate(s, &options);
        if (err == PIPIT_ERR_STATE && ready && !options.restart_ice)
            walk_fail(w, "ready for an offer, and not: %s", pipit_error_message());
        if (!err && !ready)
            walk_fail(w, "not ready for an offer, and yet it was made");
        acts_end(t->owner, options.use_update ? "renegotiate by UPDATE" : "renegotiate", err, may);
    }
    end_promise(p, err);
}

static void tones(thing *t, pipit_session *s)
{
    walk *w = t->w;
    const char *const digits[] = {"1", "12#", "R", "1,2", "x"};
    unsigned which = walk_roll(w, 5);
    const pipit_dtmf_options options = {.info = walk_chance(w, 2), .extra_headers = any_headers(w)};

    acts_begin(w);
    acts_end(t->owner, "send_dtmf", pipit_session_send_dtmf(s, digits[which], &options),
             MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_ARGUMENT) | MAY(PIPIT_ERR_SYNTAX) |
                 MAY(PIPIT_ERR_LIMIT));
}

static int info(thing *t, pipit_session *s, const pipit_send_options *options)
{
    const char *type = walk_chance(t->w, 10) ? "bad" : "text/plain";

    return acts_end(t->owner, "send_info", pipit_session_send_info(s, type, "hi", options),
                    MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_ARGUMENT) | MAY(PIPIT_ERR_SYNTAX));
}

/* What a method needs, which is for the caller to say. */
static const char *const *needed_headers(const char *method)
{
    static const char *const event[] = {"Event: walk", "Subscription-State: active", NULL};
    static const char *const target[] = {"Refer-To: <sip:carol@example.com>", NULL};
    static const char *const subscription[] = {"Event: walk", NULL};

    return strcmp(method, "NOTIFY") == 0      ? event
           : strcmp(method, "SUBSCRIBE") == 0 ? subscription
           : strcmp(method, "REFER") == 0     ? target
                                              : NULL;
}

static void request(thing *t, pipit_session *s)
{
    static const char *const methods[] = {"INFO",      "MESSAGE", "OPTIONS", "NOTIFY",
                                          "SUBSCRIBE", "REFER",   "INVITE"};
    walk *w = t->w;
    promise p = begin_promise(t);
    const char *method = methods[walk_roll(w, 7)];
    const char *const *needed = needed_headers(method);
    bool is_info = walk_chance(w, 2);
    const pipit_send_options options = {.extra_headers =
                                            needed && !is_info ? needed : any_headers(w),
                                        .content_type = walk_chance(w, 2) ? "text/plain" : NULL,
                                        .body = walk_chance(w, 3) ? "x" : NULL,
                                        .done = p.wanted ? walk_on_outcome : NULL,
                                        .user = t};
    int err = 0;

    acts_begin(w);
    if (is_info)
        err = info(t, s, &options);
    else
        err = acts_end(t->owner, method, pipit_session_send_request(s, method, &options),
                       MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_ARGUMENT) | MAY(PIPIT_ERR_SYNTAX));
    end_promise(p, err);
}

static void refer(thing *t, pipit_session *s)
{
    walk *w = t->w;
    thing *made = thing_new(t->owner, THING_REFER_OUT, NULL);
    const thing *other = walk_chance(w, 2) ? thing_any(w, THING_CALL) : NULL;
    const pipit_refer_options options = {.handlers = &walk_refer_handlers,
                                         .user = made,
                                         .extra_headers = any_headers(w),
                                         .replaces = other ? thing_object(other) : NULL,
                                         .no_subscription = walk_chance(w, 6)};
    pipit_refer_subscriber *out = NULL;

    made->in = t;
    acts_begin(w);
    acts_end(t->owner, other ? "refer with Replaces" : "refer",
             pipit_session_refer(s, other && walk_chance(w, 2) ? NULL : any_target(w), &options,
                                 walk_chance(w, 2) ? &out : NULL),
             MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_SYNTAX) | MAY(PIPIT_ERR_ARGUMENT));
    made->object = out;
}

/* Of the far end's events, beside the call; of two alike one is refused when it begins. */
static void watch(thing *t, pipit_session *s)
{
    static const char *const events[] = {"presence", "presence;id=1", "presence;id=2", "refer",
                                         "presence\r\nX: y"};
    walk *w = t->w;
    thing *made = thing_new(t->owner, THING_SUBSCRIPTION, NULL);
    const pipit_subscriber_options options = {.handlers = &walk_subscriber_handlers,
                                              .user = made,
                                              .expires = walk_chance(w, 3) ? 60 : 0,
                                              .fetch = walk_chance(w, 8),
                                              .extra_headers = any_headers(w)};
    pipit_subscriber *out = NULL;

    acts_begin(w);
    if (acts_end(t->owner, "session_subscribe",
                 pipit_session_subscribe(s, events[walk_roll(w, 5)], "text/plain", &options, &out),
                 MAY(PIPIT_ERR_STATE) | MAY(PIPIT_ERR_SYNTAX) | MAY(PIPIT_ERR_ARGUMENT)))
        return;
    made->object = out;
    if (!walk_chance(w, 4))
        act_on_other(made);
}

static void mute(thing *t, pipit_session *s)
{
    walk *w = t->w;
    const pipit_media_constraints what = {walk_chance(w, 2), walk_chance(w, 2)};
    const pipit_media_constraints *given = walk_chance(w, 2) ? NULL : &what;
    unsigned may = pipit_session_is_ended(s) ? MAY(PIPIT_ERR_STATE) : 0;

    acts_begin(w);
    if (walk_chance(w, 2))
        acts_end(t->owner, "mute", pipit_session_mute(s, given), may);
    else
        acts_end(t->owner, "unmute", pipit_session_unmute(s, given), may);
}

/* What belongs inside of one handler only is refused everywhere else. */
static void inside_only(thing *t, pipit_session *s)
{
    walk *w = t->w;
    const pipit_reply_options options = {.status_code = 488};
    const char *garbage = walk_chance(w, 2) ? "garbage" : "";

    acts_begin(w);
    switch (walk_roll(w, 3)) {
    case 0:
        acts_end(t->owner, "reject_reoffer",
                 pipit_session_reject_reoffer(s, walk_chance(w, 2) ? NULL : &options),
                 MAY(PIPIT_ERR_STATE));
        break;
    case 1:
        acts_end(t->owner, "change_sdp", pipit_session_change_sdp(s, garbage),
                 MAY(PIPIT_ERR_STATE));
        break;
    default:
        acts_end(t->owner, "reject_replaces",
                 pipit_session_reject_replaces(s, walk_chance(w, 2) ? NULL : &options),
                 MAY(PIPIT_ERR_STATE));
        break;
    }
}

static void ask(thing *t, pipit_session *s)
{
    walk *w = t->w;
    pipit_name_addr *identity = NULL;
    pipit_stats stats;

    if (!pipit_session_id(s) || !pipit_session_call_id(s) || !pipit_session_remote_uri(s) ||
        !pipit_session_local_uri(s) || !pipit_session_remote_display_name(s))
        walk_fail(w, "call %u does not know who is in it", t->number);
    if (pipit_session_is_in_progress(s) + pipit_session_is_established(s) +
            pipit_session_is_ended(s) >
        1)
        walk_fail(w, "call %u is in two states", t->number);
    if (pipit_session_is_ended(s) != t->over && t->due && !t->ending && t->life == t->owner->life &&
        t->owner->ua)
        walk_fail(w, "call %u is %s, and said %s", t->number,
                  pipit_session_status_name(pipit_session_get_status(s)),
                  t->over ? "that it has ended" : "nothing");
    (void)pipit_session_contact(s);
    (void)pipit_session_is_muted(s);
    (void)pipit_session_start_time_ms(s);
    (void)pipit_session_end_time_ms(s);
    (void)pipit_session_direction(s);
    pipit_session_set_data(s, pipit_session_data(s));
    acts_begin(w);
    acts_end(t->owner, "get_stats", pipit_session_get_stats(s, &stats), MAY(PIPIT_ERR_STATE));
    acts_begin(w);
    acts_end(t->owner, "remote_identity", pipit_session_remote_identity(s, &identity),
             MAY(PIPIT_ERR_STATE));
    pipit_name_addr_unref(identity);
}

void act_on_call(thing *t)
{
    pipit_session *s = thing_object(t);
    unsigned roll = walk_roll(t->w, 100);

    if (pipit_session_get_status(s) == PIPIT_SESSION_WAITING_FOR_ANSWER && roll < 55)
        answer(t, s);
    else if (pipit_session_get_status(s) == PIPIT_SESSION_WAITING_FOR_ANSWER && roll < 75)
        progress(t, s);
    else if (pipit_session_get_status(s) == PIPIT_SESSION_WAITING_FOR_ANSWER && roll < 80)
        redirect(t, s);
    else if (*t->branch && roll < 40 && pipit_session_is_in_progress(s))
        hear_branch(t, s);
    else if (roll < 8)
        answer(t, s);
    else if (roll < 10)
        progress(t, s);
    else if (roll < 22)
        terminate(t, s);
    else if (roll < 50)
        reoffer(t, s);
    else if (roll < 57)
        tones(t, s);
    else if (roll < 67)
        request(t, s);
    else if (roll < 75)
        refer(t, s);
    else if (roll < 79)
        watch(t, s);
    else if (roll < 82)
        mute(t, s);
    else if (roll < 87)
        inside_only(t, s);
    else if (roll < 93)
        ask(t, s);
    else if (roll < 95)
        change_listeners(t, s);
    else if (roll < 98)
        thing_release(t);
}
