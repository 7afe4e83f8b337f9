/* transactions.c - what an application hears of transactions. In the middle of one nothing can be called that may do anything: so
 * it is noted, and told at the end of the turn. */
#include "base/alloc.h"
#include "base/log.h"
#include "ua/ua.h"

#include <utlist.h>

struct pp_transaction_note {
    pp_transaction_note *next, *prev;
    bool begun, client, invite;
    char *method, *branch;
};

static void free_note(pp_transaction_note *note)
{
    pp_free(note->method);
    pp_free(note->branch);
    pp_free(note);
}

void pp_ua_transactions_forget(pipit_ua *ua)
{
    pp_transaction_note *note, *next;

    pp_loop_unpost(ua->loop, &ua->notes_post);
    DL_FOREACH_SAFE(ua->notes, note, next)
    free_note(note);
    ua->notes = NULL;
}

static void tell(pipit_ua *ua, const pp_transaction_note *note)
{
    pipit_transaction_event event = {.originator = note->client ? PIPIT_LOCAL : PIPIT_REMOTE,
                                     .type = note->client ? (note->invite ? "ict" : "nict")
                                                          : (note->invite ? "ist" : "nist"),
                                     .method = note->method,
                                     .branch = note->branch};

    if (note->begun)
        PP_UA_EMIT(ua, new_transaction, &event);
    else
        PP_UA_EMIT(ua, transaction_destroyed, &event);
}

/* What the handlers begin is told in the next turn. */
void pp_ua_transactions_tell(pipit_ua *ua)
{
    pp_transaction_note *notes = ua->notes, *note, *next;

    pipit_ua_ref(ua);
    pp_loop_unpost(ua->loop, &ua->notes_post);
    ua->notes = NULL;
    DL_FOREACH_SAFE(notes, note, next)
    {
        tell(ua, note);
        free_note(note);
    }
    pipit_ua_unref(ua);
}

static void on_post(void *arg)
{
    pp_ua_transactions_tell(arg);
}

/* Asked for each transaction twice, so all at once. */
static bool anyone_listens(const pipit_ua *ua)
{
    for (const pp_hearer *hearer = &ua->listeners.first; hearer; hearer = hearer->next) {
        const pipit_ua_handlers *handlers = hearer->handlers;

        if (handlers &&
            (handlers->new_transaction || handlers->transaction_destroyed || handlers->any))
            return true;
    }
    return false;
}

static pp_transaction_note *make_note(const pp_transaction_change *change)
{
    pp_transaction_note *note = PP_NEW(pp_transaction_note);

    if (!note)
        return NULL;
    note->begun = change->begun;
    note->client = change->client;
    note->invite = pp_str_eq(change->method, PP_LIT("INVITE"));
    note->method = pp_str_dup(change->method);
    note->branch = pp_str_dup(change->branch);
    if (note->method && note->branch)
        return note;
    free_note(note);
    return NULL;
}

void pp_ua_transaction_changed(void *arg, const pp_transaction_change *change)
{
    pipit_ua *ua = arg;
    pp_transaction_note *note;

    if (!anyone_listens(ua))
        return;
    note = make_note(change);
    if (!note) {
        pp_log_warn("UA", "no memory to tell of a transaction");
        return;
    }
    DL_APPEND(ua->notes, note);
    pp_loop_post(ua->loop, &ua->notes_post, on_post, ua);
}
