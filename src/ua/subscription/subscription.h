/* subscription.h - what subscriptions of ours, those of others to us, and publications share: the event, the text the application
 * gave, what becomes of them with the connection and the user agent. */
#ifndef PP_UA_SUBSCRIPTION_H
#define PP_UA_SUBSCRIPTION_H

#include "sip/typed/typed.h"
#include "ua/ua.h"

/* The value of an Event header field, kept. */
typedef struct pp_event_kept {
    char *text;
    pp_event event; /* slices of it */
} pp_event_kept;

int pp_event_keep(pp_str text, pp_event_kept *out);
void pp_event_drop(pp_event_kept *event);
/* Whether a message has the same package and id, compared octet by octet (RFC 6665 section 8.2.1). */
bool pp_event_is(const pp_event_kept *event, const pp_message *message);

/* Text of an application that becomes a header's value, copied. PIPIT_ERR_SYNTAX for CR and LF. */
int pp_line_copy(const char *text, char **out);
/* "Contact: …" among header lines of the application: it replaces ours. */
bool pp_lines_have_contact(char *const *lines);
/* A body for the next request in place of the one before; NULL: none. */
int pp_body_keep(const char *body, char **kept);
/* "call-id local-tag remote-tag" without anything between. */
int pp_dialog_id(const pp_dialog *dialog, char **out);
/* A moment between 50 and 90 % of what was granted, so that many clients do not come at once. */
uint64_t pp_refresh_after_ms(pipit_ua *ua, uint32_t granted_s);
/* Retry-After; false when there is none. */
bool pp_retry_after(const pp_message *message, uint32_t *out);
/* RFC 6665 sections 4.1.2.2 and 4.2.2: answers that end a subscription at once. */
bool pp_ends_subscription(int status);

/* --- subscriber.c, notifier.c, publisher.c: with the user agent ------------------------------- */

void pp_subscribers_connected(pipit_ua *ua);
void pp_subscribers_close(pipit_ua *ua); /* each is ended */
void pp_subscribers_give_up(pipit_ua *ua);
void pp_subscribers_detach(pipit_ua *ua);
bool pp_subscribers_wait(const pipit_ua *ua); /* for a final NOTIFY */
void pp_notifiers_connected(pipit_ua *ua);
void pp_notifiers_close(pipit_ua *ua);
void pp_notifiers_detach(pipit_ua *ua);
void pp_publishers_connected(pipit_ua *ua);
void pp_publishers_close(pipit_ua *ua); /* each is taken back */
void pp_publishers_give_up(pipit_ua *ua);
void pp_publishers_detach(pipit_ua *ua);
bool pp_publishers_wait(const pipit_ua *ua); /* for an answer */

#endif
