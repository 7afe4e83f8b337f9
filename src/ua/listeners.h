/* listeners.h - who hears the events of a user agent: the handlers of its configuration, and those added later. */
#ifndef PP_UA_LISTENERS_H
#define PP_UA_LISTENERS_H

#include "pipit/ua.h"

typedef struct pp_ua_listener {
    const pipit_ua_handlers *handlers; /* NULL: removed while an event was on its way */
    void *user;
    struct pp_ua_listener *next, *prev;
} pp_ua_listener;

typedef struct pp_ua_listeners {
    pp_ua_listener first; /* of the configuration: without an allocation */
    pp_ua_listener *more;
    unsigned emitting; /* events on their way, within each other */
} pp_ua_listeners;

/* One event on its way from listener to listener. A listener that is removed meanwhile does not get it any more, one that is
 * added does not get it yet. */
typedef struct pp_ua_emission {
    pipit_ua *ua; /* held */
    const char *name;
    const void *event;
    pp_ua_listener *listener, *last;
    const pipit_ua_handlers *handlers; /* of the listener whose turn it is */
    void *user;
} pp_ua_emission;

void pp_ua_emit_begin(pipit_ua *ua, const char *name, const void *event, pp_ua_emission *out);
/* Goes on to the next listener, and tells `any` of it; false, and all is let go, behind the last. */
bool pp_ua_emit_next(pp_ua_emission *emission);

/* Calls a handler of every listener while the user agent is held. Nothing of `ua` may be touched after it unless the caller
 * holds a reference of its own. */
#define PP_UA_EMIT(agent, name, event)                                                             \
    do {                                                                                           \
        pp_ua_emission emission_;                                                                  \
        pp_ua_emit_begin((agent), #name, (event), &emission_);                                     \
        while (pp_ua_emit_next(&emission_))                                                        \
            if (emission_.handlers->name)                                                          \
                emission_.handlers->name(emission_.ua, (event), emission_.user);                   \
    } while (0)

/* The same for an event without data. */
#define PP_UA_EMIT_BARE(agent, name)                                                               \
    do {                                                                                           \
        pp_ua_emission emission_;                                                                  \
        pp_ua_emit_begin((agent), #name, NULL, &emission_);                                        \
        while (pp_ua_emit_next(&emission_))                                                        \
            if (emission_.handlers->name)                                                          \
                emission_.handlers->name(emission_.ua, emission_.user);                            \
    } while (0)

/* Whether anyone has a handler for that very event; `any` does not count. */
#define PP_UA_LISTENS(agent, name)                                                                 \
    pp_ua_listens_at(&(agent)->listeners, offsetof(pipit_ua_handlers, name))
bool pp_ua_listens_at(const pp_ua_listeners *listeners, size_t offset);

void pp_ua_listeners_free(pp_ua_listeners *listeners);

#endif
