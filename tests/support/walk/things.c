/* things.c - calls, messages and all else that has events of its own: what has come of each, and what must. */
#include "support/walk/inside.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const kind_names[THING_KINDS] = {
    "call",        "message",       "query",           "subscription",       "notifier",
    "publication", "REFER we sent", "REFER that came", "SUBSCRIBE that came"};

static void *reference(thing_kind kind, void *object)
{
    switch (kind) {
    case THING_CALL:
        return pipit_session_ref(object);
    case THING_MESSAGE:
        return pipit_message_ref(object);
    case THING_QUERY:
        return pipit_options_ref(object);
    case THING_REFER_IN:
        return pipit_refer_notifier_ref(object);
    case THING_ASKED:
        return pipit_request_ref(object);
    default:
        return object; /* it came by an out parameter, and is ours */
    }
}

thing *thing_new(agent *owner, thing_kind kind, void *object)
{
    walk *w = owner->w;
    thing *t = calloc(1, sizeof(*t));

    if (!t)
        abort();
    *t = (thing){.w = w,
                 .owner = owner,
                 .life = owner->life,
                 .kind = kind,
                 .number = w->thing_count++,
                 .object = object ? reference(kind, object) : NULL,
                 .next = w->things};
    w->things = t;
    return t;
}

thing *thing_of(const agent *owner, thing_kind kind, const void *object)
{
    for (thing *t = owner->w->things; t; t = t->next)
        if (t->owner == owner && t->kind == kind && t->object == object)
            return t;
    return NULL;
}

thing *thing_any(walk *w, thing_kind kind)
{
    thing *found = NULL;
    unsigned seen = 0;

    for (thing *t = w->things; t && seen < 12; t = t->next)
        if (t->kind == kind && thing_object(t) && walk_chance(w, ++seen))
            found = t;
    return found;
}

void thing_release(thing *t)
{
    void *object = t->object;

    t->object = NULL;
    if (!object)
        return;
    switch (t->kind) {
    case THING_CALL:
        pipit_session_unref(object);
        break;
    case THING_MESSAGE:
        pipit_message_unref(object);
        break;
    case THING_QUERY:
        pipit_options_unref(object);
        break;
    case THING_SUBSCRIPTION:
        pipit_subscriber_unref(object);
        break;
    case THING_NOTIFIER:
        pipit_notifier_unref(object);
        break;
    case THING_PUBLICATION:
        pipit_publisher_unref(object);
        break;
    case THING_REFER_OUT:
        pipit_refer_subscriber_unref(object);
        break;
    case THING_REFER_IN:
        pipit_refer_notifier_unref(object);
        break;
    default:
        pipit_request_unref(object);
        break;
    }
}

void things_check(walk *w)
{
    for (const thing *t = w->things; t; t = t->next) {
        if (t->life != t->owner->life || !t->due)
            continue;
        if (!t->over)
            walk_fail(w, "%s's %s %u: no last event", t->owner->user, kind_names[t->kind],
                      t->number);
        if (t->promised != t->kept)
            walk_fail(w, "%s's %s %u: %u outcomes of %u", t->owner->user, kind_names[t->kind],
                      t->number, t->kept, t->promised);
    }
}

void things_free(walk *w)
{
    while (w->things) {
        thing *next = w->things->next;

        thing_release(w->things);
        free(w->things);
        w->things = next;
    }
}

/* --- agreement -------------------------------------------------------------------------------- */

static bool is_up(const thing *t)
{
    return t->kind == THING_CALL && t->life == t->owner->life && t->owner->ua && t->confirmed &&
           !t->over;
}

static const thing *far_end(const thing *t)
{
    for (const thing *other = t->w->things; other; other = other->next)
        if (other != t && is_up(other) && strcmp(other->call_id, t->call_id) == 0)
            return other;
    return NULL;
}

static void check_hold(const thing *a, const thing *b)
{
    pipit_on_hold here, there;

    if (!a->object || !b->object)
        return;
    here = pipit_session_is_on_hold(a->object);
    there = pipit_session_is_on_hold(b->object);
    if (here.local != there.remote || here.remote != there.local)
        walk_fail(a->w, "call %u of %s holds %d and is held %d, call %u of %s holds %d, is held %d",
                  a->number, a->owner->user, here.local, here.remote, b->number, b->owner->user,
                  there.local, there.remote);
}

void things_agree(walk *w)
{
    for (const thing *t = w->things; t; t = t->next) {
        const thing *other;

        if (!is_up(t))
            continue;
        other = far_end(t);
        if (!other)
            walk_fail(w, "call %u of %s is up, and its far end is not", t->number, t->owner->user);
        check_hold(t, other);
    }
}
