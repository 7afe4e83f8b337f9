/* hearers.h - who hears the events of a user agent or a call: the handlers it was given first, and those added later
 * (JsSIP: EventEmitter). The tables are of whatever type their owner has. */
#ifndef PP_UA_HEARERS_H
#define PP_UA_HEARERS_H

#include "pipit/types.h"

typedef struct pp_hearer {
    const void *handlers; /* NULL: there is none, or it was removed while an event was on its way */
    void *user;
    struct pp_hearer *next;
} pp_hearer;

typedef struct pp_hearers {
    pp_hearer first;   /* without an allocation; those that were added are behind it */
    unsigned emitting; /* events on their way, within each other */
} pp_hearers;

/* One event on its way from listener to listener. A listener that is removed meanwhile does not get it any more, one that is
 * added does not get it yet. The owner must be held. */
typedef struct pp_emission {
    pp_hearers *listeners;
    pp_hearer *listener, *last;
    const void *handlers; /* of the listener whose turn it is */
    void *user;
} pp_emission;

void pp_emit_begin(pp_hearers *listeners, pp_emission *out);
/* Goes on to the next listener; false behind the last. */
bool pp_emit_next(pp_emission *emission);
/* Whether the listener whose turn it is still listens. */
bool pp_emit_still(const pp_emission *emission);

#define PP_EVENT_NAME_SIZE 64u
/* "new_rtc_session" as JsSIP has it: "newRTCSession". Returns `out`. */
const char *pp_event_name(const char *name, char out[PP_EVENT_NAME_SIZE]);

/* Calls a handler of every listener; `any` hears of it before. `type`: of the handlers; `owner` is held by the caller; the rest are
 * the arguments of the handler. */
#define PP_EMIT(type, owner, name, event, ...)                                                     \
    do {                                                                                           \
        pp_emission emission_;                                                                     \
        char name_[PP_EVENT_NAME_SIZE];                                                            \
        pp_emit_begin(&(owner)->listeners, &emission_);                                            \
        while (pp_emit_next(&emission_)) {                                                         \
            const type *handlers_ = emission_.handlers;                                            \
            if (handlers_->any)                                                                    \
                handlers_->any((owner), pp_event_name(#name, name_), (event), emission_.user);     \
            if (handlers_->name && pp_emit_still(&emission_))                                      \
                handlers_->name(__VA_ARGS__, emission_.user);                                      \
        }                                                                                          \
    } while (0)

/* Whether anyone has a handler at that offset of its table. */
bool pp_listens_at(const pp_hearers *listeners, size_t offset);
/* Or at the other one: that of `any`, who hears of everything. */
bool pp_listens_to(const pp_hearers *listeners, size_t offset, size_t any);

int pp_hearers_add(pp_hearers *listeners, const void *handlers, void *user);
/* PIPIT_ERR_NOT_FOUND when these were not added. */
int pp_hearers_remove(pp_hearers *listeners, const void *handlers, const void *user);
void pp_hearers_free(pp_hearers *listeners);

#endif
