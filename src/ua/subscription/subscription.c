/* subscription.c - small things that subscriptions on either side and publications need alike. */
#include "ua/subscription/subscription.h"

#include "base/alloc.h"
#include "base/error.h"

/* --- events ----------------------------------------------------------------------------------- */

int pp_event_keep(pp_str text, pp_event_kept *out)
{
    pp_event_kept kept = {0};
    int err;

    if (!pp_str_is_line(text))
        return pp_error(PIPIT_ERR_SYNTAX, "event: this is no event package");
    kept.text = pp_str_dup(text);
    if (!kept.text)
        return PIPIT_ERR_MEMORY;
    err = pp_event_parse(pp_str_c(kept.text), &kept.event);
    if (err)
        pp_free(kept.text);
    else
        *out = kept;
    return err;
}

void pp_event_drop(pp_event_kept *event)
{
    pp_free(event->text);
    *event = (pp_event_kept){0};
}

bool pp_event_is(const pp_event_kept *event, const pp_message *message)
{
    pp_event other;

    return !pp_event_parse(pp_message_header(message, PP_HEADER_EVENT, 0), &other) &&
           pp_str_eq(other.package, event->event.package) && pp_str_eq(other.id, event->event.id);
}

/* --- text of the application ------------------------------------------------------------------ */

int pp_line_copy(const char *text, char **out)
{
    char *copy = NULL;

    if (text && !pp_str_is_line(pp_str_c(text)))
        return pp_error(PIPIT_ERR_SYNTAX, "subscription: a text of more than one line");
    if (text) {
        copy = pp_strdup(text);
        if (!copy)
            return PIPIT_ERR_MEMORY;
    }
    *out = copy;
    return 0;
}

bool pp_lines_have_contact(char *const *lines)
{
    for (size_t i = 0; lines && lines[i]; i++) {
        pp_str rest = pp_str_c(lines[i]);
        pp_str name = pp_str_trim(pp_str_split(&rest, ':'));

        if (pp_str_ieq_c(name, "contact") || pp_str_ieq_c(name, "m"))
            return true;
    }
    return false;
}

int pp_body_keep(const char *body, char **kept)
{
    char *copy = NULL;

    if (body) {
        copy = pp_strdup(body);
        if (!copy)
            return PIPIT_ERR_MEMORY;
    }
    pp_free(*kept);
    *kept = copy;
    return 0;
}

/* --- dialogs and answers ---------------------------------------------------------------------- */

int pp_dialog_id(const pp_dialog *dialog, char **out)
{
    pp_buf id = {0};
    int err;

    pp_buf_c(&id, dialog->call_id);
    pp_buf_c(&id, dialog->local_tag);
    pp_buf_c(&id, dialog->remote_tag);
    err = pp_buf_take(&id, out);
    pp_buf_free(&id);
    return err;
}

uint64_t pp_refresh_after_ms(pipit_ua *ua, uint32_t granted_s)
{
    uint64_t half_ms = (uint64_t)granted_s * 500;

    return half_ms + pp_rng_u64(&ua->loop->rng) % (half_ms * 4 / 5 + 1);
}

bool pp_retry_after(const pp_message *message, uint32_t *out)
{
    pp_str text = message ? pp_message_header(message, PP_HEADER_RETRY_AFTER, 0) : PP_STR_NONE;
    pp_number after;

    if (!text.p || pp_delta_parse(text, &after))
        return false;
    *out = after.value;
    return true;
}

bool pp_ends_subscription(int status)
{
    static const short ends[] = {404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604};

    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (ends[i] == status)
            return true;
    return false;
}
