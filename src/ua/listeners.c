/* listeners.c - the one place all events of a user agent pass (JsSIP: EventEmitter). */
#include "ua/listeners.h"

#include "base/alloc.h"
#include "base/error.h"
#include "ua/ua.h"

#include <utlist.h>

/* --- an event on its way ---------------------------------------------------------------------- */

#define NAME_SIZE 64u

/* Words that JsSIP writes in capitals. */
static bool is_acronym(pp_str word)
{
    return pp_str_eq_c(word, "rtc");
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* "new_rtc_session" as JsSIP has it: "newRTCSession". */
static void jssip_name(const char *name, char out[NAME_SIZE])
{
    pp_str rest = pp_str_c(name);
    size_t n = 0;

    while (rest.n) {
        size_t end = pp_str_find(rest, '_');
        pp_str word = pp_str_sub(rest, 0, end);

        for (size_t i = 0; i < word.n && n < NAME_SIZE - 1; i++, n++) {
            bool capital = n > 0 && (i == 0 || is_acronym(word));

            out[n] = capital ? upper(word.p[i]) : word.p[i];
        }
        rest = pp_str_sub(rest, end + 1, rest.n);
    }
    out[n] = '\0';
}

static void tell_any(const pp_ua_emission *e)
{
    char name[NAME_SIZE];

    if (!e->handlers->any)
        return;
    jssip_name(e->name, name);
    e->handlers->any(e->ua, name, e->event, e->user);
}

static void sweep(pp_ua_listeners *listeners)
{
    pp_ua_listener *listener, *next;

    DL_FOREACH_SAFE(listeners->more, listener, next)
    {
        if (listener->handlers)
            continue;
        DL_DELETE(listeners->more, listener);
        pp_free(listener);
    }
}

void pp_ua_emit_begin(pipit_ua *ua, const char *name, const void *event, pp_ua_emission *out)
{
    pp_ua_listeners *listeners = &ua->listeners;

    listeners->emitting++;
    *out = (pp_ua_emission){.ua = pipit_ua_ref(ua), .name = name, .event = event};
    out->last = listeners->more ? listeners->more->prev : &listeners->first;
}

/* Nothing is taken out of the list while an event is on its way: so its neighbours are those it had. */
static pp_ua_listener *behind(const pp_ua_emission *e)
{
    if (!e->listener)
        return &e->ua->listeners.first;
    if (e->listener == e->last)
        return NULL;
    return e->listener == &e->ua->listeners.first ? e->ua->listeners.more : e->listener->next;
}

bool pp_ua_emit_next(pp_ua_emission *e)
{
    pipit_ua *ua = e->ua;
    pp_ua_listener *listener;

    while ((listener = behind(e))) {
        e->listener = listener;
        e->handlers = listener->handlers;
        e->user = listener->user;
        if (e->handlers)
            tell_any(e);
        if (listener->handlers && listener->handlers == e->handlers)
            return true;
    }
    if (--ua->listeners.emitting == 0)
        sweep(&ua->listeners);
    pipit_ua_unref(ua);
    return false;
}

/* --- who listens ------------------------------------------------------------------------------ */

static bool has(const pp_ua_listener *listener, size_t offset)
{
    void (*handler)(void) = NULL;

    if (listener->handlers)
        memcpy(&handler, (const char *)listener->handlers + offset, sizeof(handler));
    return handler != NULL;
}

bool pp_ua_listens_at(const pp_ua_listeners *listeners, size_t offset)
{
    const pp_ua_listener *listener;

    if (has(&listeners->first, offset))
        return true;
    DL_FOREACH(listeners->more, listener)
    if (has(listener, offset))
        return true;
    return false;
}

int pipit_ua_add_handlers(pipit_ua *ua, const pipit_ua_handlers *handlers, void *user)
{
    pp_ua_listener *listener;

    if (!ua || !handlers)
        return pp_error(PIPIT_ERR_ARGUMENT, "handlers: the user agent or the handlers are missing");
    listener = PP_NEW(pp_ua_listener);
    if (!listener)
        return PIPIT_ERR_MEMORY;
    listener->handlers = handlers;
    listener->user = user;
    DL_APPEND(ua->listeners.more, listener);
    return 0;
}

static bool is(const pp_ua_listener *listener, const pipit_ua_handlers *handlers, const void *user)
{
    return listener->handlers == handlers && listener->user == user;
}

int pipit_ua_remove_handlers(pipit_ua *ua, const pipit_ua_handlers *handlers, void *user)
{
    pp_ua_listener *found;

    if (!ua || !handlers)
        return pp_error(PIPIT_ERR_ARGUMENT, "handlers: the user agent or the handlers are missing");
    DL_FOREACH(ua->listeners.more, found)
    if (is(found, handlers, user))
        break;
    if (!found && is(&ua->listeners.first, handlers, user))
        found = &ua->listeners.first;
    if (!found)
        return pp_error(PIPIT_ERR_NOT_FOUND, "handlers: these were not added");
    found->handlers = NULL;
    if (!ua->listeners.emitting)
        sweep(&ua->listeners);
    return 0;
}

void pp_ua_listeners_free(pp_ua_listeners *listeners)
{
    pp_ua_listener *listener, *next;

    DL_FOREACH_SAFE(listeners->more, listener, next)
    pp_free(listener);
    *listeners = (pp_ua_listeners){0};
}
