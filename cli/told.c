/* told.c - the body of a NOTIFY for people: presence, waiting messages, calls, registrations. */
#include "cli/told.h"

#include "cli/output.h"

#include <string.h>
#include <strings.h>

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

/* --- each kind: false when it is not understood ------------------------------------------------ */

static bool say_presence(const agent *a, const char *body, size_t size)
{
    static const char *const basics[] = {"unknown", "open", "closed"};
    pipit_presence *p = NULL;

    if (pipit_presence_parse(body, size, &p) < 0)
        return false;
    if (!p->tuple_count || p->note)
        agent_say(a, "%s %s", p->entity, or_nothing(p->note));
    for (size_t i = 0; i < p->tuple_count; i++)
        agent_say(a, "%s is %s %s %s", p->entity, basics[p->tuples[i].basic],
                  or_nothing(p->tuples[i].note), or_nothing(p->tuples[i].contact));
    pipit_presence_free(p);
    return true;
}

static void say_count(const agent *a, const char *kind, const pipit_message_count *count)
{
    if (count->given)
        agent_say(a, "  %s: %u new, %u old", kind, (unsigned)count->fresh, (unsigned)count->old);
}

static bool say_summary(const agent *a, const char *body, size_t size)
{
    pipit_message_summary *s = NULL;

    if (pipit_message_summary_parse(body, size, &s) < 0)
        return false;
    agent_say(a, "%s %s", s->waiting ? "messages are waiting" : "no messages are waiting",
              or_nothing(s->account));
    say_count(a, "voice", &s->voice);
    say_count(a, "fax", &s->fax);
    say_count(a, "pager", &s->pager);
    say_count(a, "multimedia", &s->multimedia);
    say_count(a, "text", &s->text);
    pipit_message_summary_free(s);
    return true;
}

static bool say_dialogs(const agent *a, const char *body, size_t size)
{
    pipit_dialog_info *d = NULL;

    if (pipit_dialog_info_parse(body, size, &d) < 0)
        return false;
    if (!d->dialog_count)
        agent_say(a, "%s has no calls", d->entity);
    for (size_t i = 0; i < d->dialog_count; i++)
        agent_say(a, "%s: %s %s %s", d->entity, d->dialogs[i].state,
                  or_nothing(d->dialogs[i].direction), or_nothing(d->dialogs[i].remote.identity));
    pipit_dialog_info_free(d);
    return true;
}

static bool say_registrations(const agent *a, const char *body, size_t size)
{
    pipit_reginfo *r = NULL;

    if (pipit_reginfo_parse(body, size, &r) < 0)
        return false;
    for (size_t i = 0; i < r->registration_count; i++) {
        const pipit_reginfo_registration *one = &r->registrations[i];

        agent_say(a, "%s is %s", one->aor, one->state);
        for (size_t k = 0; k < one->contact_count; k++)
            agent_say(a, "  %s %s", one->contacts[k].uri, one->contacts[k].event);
    }
    pipit_reginfo_free(r);
    return true;
}

/* --- which it is ------------------------------------------------------------------------------ */

static const struct kind {
    const char *event, *type;
    bool (*say)(const agent *a, const char *body, size_t size);
} kinds[] = {
    {"presence", "application/pidf+xml", say_presence},
    {"message-summary", "application/simple-message-summary", say_summary},
    {"dialog", "application/dialog-info+xml", say_dialogs},
    {"reg", "application/reginfo+xml", say_registrations},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

const char *told_accept(const char *event)
{
    size_t n = strcspn(event, ";");

    for (size_t i = 0; i < KINDS; i++)
        if (strlen(kinds[i].event) == n && strncmp(event, kinds[i].event, n) == 0)
            return kinds[i].type;
    return "*/*";
}

void told_say(const agent *a, const pipit_notify_event *event)
{
    size_t n = strcspn(event->content_type, "; ");

    for (size_t i = 0; i < KINDS; i++)
        if (strlen(kinds[i].type) == n && strncasecmp(event->content_type, kinds[i].type, n) == 0 &&
            kinds[i].say(a, event->body, event->size))
            return;
    output_safe(stdout, event->body, event->size, true);
    fputs("\n", stdout);
    fflush(stdout);
}
