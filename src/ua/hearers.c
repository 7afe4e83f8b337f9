/* hearers.c - the one place all events pass. */
#include "ua/hearers.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/str.h"

/* --- names ------------------------------------------------------------------------------------ */

/* Words that JsSIP writes in capitals. */
static bool is_acronym(pp_str word)
{
    return pp_str_eq_c(word, "rtc") || pp_str_eq_c(word, "dtmf");
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

const char *pp_event_name(const char *name, char out[PP_EVENT_NAME_SIZE])
{
    pp_str rest = pp_str_c(name);
    size_t n = 0;

    while (rest.n) {
        size_t end = pp_str_find(rest, '_');
        pp_str word = pp_str_sub(rest, 0, end);

        for (size_t i = 0; i < word.n && n < PP_EVENT_NAME_SIZE - 1; i++, n++) {
            bool capital = n > 0 && out[n - 1] != ':' && (i == 0 || is_acronym(word));

            out[n] = capital ? upper(word.p[i]) : word.p[i];
        }
        rest = pp_str_sub(rest, end + 1, rest.n);
        if (rest.n && pp_str_eq_c(word, "peerconnection") && n < PP_EVENT_NAME_SIZE - 1)
            out[n++] = ':';
    }
    out[n] = '\0';
    return out;
}

/* --- an event on its way ---------------------------------------------------------------------- */

static void sweep(pp_hearers *listeners)
{
    pp_hearer **at = &listeners->first.next;

    while (*at) {
        pp_hearer *listener = *at;

        if (listener->handlers) {
            at = &listener->next;
        } else {
            *at = listener->next;
            pp_free(listener);
        }
    }
}

static pp_hearer *last_of(pp_hearers *listeners)
{
    pp_hearer *last = &listeners->first;

    while (last->next)
        last = last->next;
    return last;
}

void pp_emit_begin(pp_hearers *listeners, pp_emission *out)
{
    listeners->emitting++;
    *out = (pp_emission){.listeners = listeners, .last = last_of(listeners)};
}

/* Nothing is taken out of the list while an event is on its way: so its neighbours are those it had. */
static pp_hearer *behind(const pp_emission *e)
{
    if (!e->listener)
        return &e->listeners->first;
    return e->listener == e->last ? NULL : e->listener->next;
}

bool pp_emit_next(pp_emission *e)
{
    pp_hearer *listener;

    while ((listener = behind(e))) {
        e->listener = listener;
        e->handlers = listener->handlers;
        e->user = listener->user;
        if (e->handlers)
            return true;
    }
    if (--e->listeners->emitting == 0)
        sweep(e->listeners);
    return false;
}

bool pp_emit_still(const pp_emission *e)
{
    return e->listener->handlers == e->handlers;
}

/* --- who listens ------------------------------------------------------------------------------ */

static bool has(const pp_hearer *listener, size_t offset)
{
    void (*handler)(void) = NULL;

    if (listener->handlers)
        memcpy(&handler, (const char *)listener->handlers + offset, sizeof(handler));
    return handler != NULL;
}

bool pp_listens_at(const pp_hearers *listeners, size_t offset)
{
    for (const pp_hearer *listener = &listeners->first; listener; listener = listener->next)
        if (has(listener, offset))
            return true;
    return false;
}

bool pp_listens_to(const pp_hearers *listeners, size_t offset, size_t any)
{
    for (const pp_hearer *listener = &listeners->first; listener; listener = listener->next)
        if (has(listener, offset) || has(listener, any))
            return true;
    return false;
}

int pp_hearers_add(pp_hearers *listeners, const void *handlers, void *user)
{
    pp_hearer *listener = PP_NEW(pp_hearer);

    if (!listener)
        return PIPIT_ERR_MEMORY;
    listener->handlers = handlers;
    listener->user = user;
    last_of(listeners)->next = listener;
    return 0;
}

static bool is(const pp_hearer *listener, const void *handlers, const void *user)
{
    return listener->handlers == handlers && listener->user == user;
}

int pp_hearers_remove(pp_hearers *listeners, const void *handlers, const void *user)
{
    pp_hearer *found = listeners->first.next;

    while (found && !is(found, handlers, user))
        found = found->next;
    if (!found && is(&listeners->first, handlers, user))
        found = &listeners->first;
    if (!found)
        return pp_error(PIPIT_ERR_NOT_FOUND, "handlers: these were not added");
    found->handlers = NULL;
    if (!listeners->emitting)
        sweep(listeners);
    return 0;
}

void pp_hearers_free(pp_hearers *listeners)
{
    while (listeners->first.next) {
        pp_hearer *listener = listeners->first.next;

        listeners->first.next = listener->next;
        pp_free(listener);
    }
    *listeners = (pp_hearers){0};
}
