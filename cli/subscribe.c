/* subscribe.c - pipit subscribe: asks to be told of somebody's events, and tells them. */
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/told.h"

static const char help[] =
    "pipit subscribe TARGET EVENT [options]: be told of somebody's events\n"
    "\n"
    "  pipit subscribe sip:bob@example.com presence \\\n"
    "      --server wss://sip.example.com --user alice\n"
    "  pipit subscribe alice message-summary --once\n"
    "\n"
    "EVENT is presence, message-summary, dialog, reg or any other package. Each\n"
    "NOTIFY is told; it ends with the subscription, or with Ctrl-C.\n"
    "\n"
    "Subscription\n"
    "  --once                the state now, and no more\n"
    "  --accept TYPE         types of body; without it that of the package\n"
    "  --expires SECONDS     asked for between refreshes; 900\n"
    "  --register            register first\n"
    "\n" ACCOUNT_HELP "\n" AGENT_HELP "\n" STATUS_HELP;

typedef struct subscription {
    agent_settings settings;
    const char *arguments[2]; /* target and event */
    const char *accept;
    unsigned expires;
    bool once, registers;
    pipit_subscriber *subscriber;
} subscription;

static void state(agent *a, const char *what)
{
    json_end(agent_event(a, what));
    agent_say(a, "%s", what);
}

static void on_accepted(pipit_subscriber *s, void *user)
{
    (void)s;
    state(user, "accepted");
}

static void on_pending(pipit_subscriber *s, void *user)
{
    (void)s;
    state(user, "pending");
}

static void on_active(pipit_subscriber *s, void *user)
{
    (void)s;
    state(user, "active");
}

static void on_notify(pipit_subscriber *s, const pipit_notify_event *event, void *user)
{
    agent *a = user;
    cJSON *json = agent_event(a, "notify");

    (void)s;
    json_string(json, "content_type", event->content_type);
    if (json) {
        json_text(json, "body", event->body, event->size);
        cJSON_AddBoolToObject(json, "final", event->is_final);
    }
    json_end(json);
    if (!a->json)
        told_say(a, event);
}

static int status_of_code(pipit_subscriber_code code)
{
    switch (code) {
    case PIPIT_SUBSCRIBER_FINAL_NOTIFY_RECEIVED:
        return STATUS_OK;
    case PIPIT_SUBSCRIBER_SUBSCRIBE_AUTHENTICATION_FAILED:
        return STATUS_AUTHENTICATION;
    case PIPIT_SUBSCRIBER_SUBSCRIBE_TRANSPORT_ERROR:
        return STATUS_CONNECTION;
    case PIPIT_SUBSCRIBER_SUBSCRIBE_RESPONSE_TIMEOUT:
    case PIPIT_SUBSCRIBER_UNSUBSCRIBE_TIMEOUT:
    case PIPIT_SUBSCRIBER_NOTIFY_TIMEOUT:
    case PIPIT_SUBSCRIBER_EXPIRED:
        return STATUS_TIMEOUT;
    case PIPIT_SUBSCRIBER_INTERNAL_ERROR:
        return STATUS_INTERNAL;
    default:
        return STATUS_REFUSED;
    }
}

static const char *sentence_of(pipit_subscriber_code code)
{
    switch (status_of_code(code)) {
    case STATUS_AUTHENTICATION:
        return "the password was refused. Check the user name and password";
    case STATUS_CONNECTION:
        return "the connection was lost. Check the network and that the server runs";
    case STATUS_TIMEOUT:
        return "nobody answered in time. Try again when the far end is up";
    case STATUS_INTERNAL:
        return "out of memory";
    default:
        return "it was refused. Check the address and the event package";
    }
}

static void on_terminated(pipit_subscriber *s, const pipit_subscription_end_event *event,
                          void *user)
{
    agent *a = user;
    int status = status_of_code(event->code);
    cJSON *json = agent_event(a, "terminated");
    int code = event->message ? pipit_request_status_code(event->message) : 0;

    (void)s;
    json_number(json, "code", event->code);
    json_string(json, "reason", event->reason ? event->reason : "");
    json_end(json);
    if (status == STATUS_OK || a->ending)
        agent_say(a, "over%s%s", event->reason ? ": " : "", event->reason ? event->reason : "");
    if (status == STATUS_OK)
        agent_end(a, status);
    else if (code)
        agent_fail(a, status, "the subscription is over (%d %s): %s.", code,
                   pipit_request_reason_phrase(event->message), sentence_of(event->code));
    else
        agent_fail(a, status, "the subscription is over: %s.", sentence_of(event->code));
}

static const pipit_subscriber_handlers handlers = {.accepted = on_accepted,
                                                   .pending = on_pending,
                                                   .active = on_active,
                                                   .notify = on_notify,
                                                   .terminated = on_terminated};

static void ready(agent *a)
{
    subscription *s = a->self;
    const pipit_subscriber_options options = {
        .expires = s->expires, .fetch = s->once, .handlers = &handlers, .user = a};
    int err = pipit_ua_subscribe(a->ua, s->arguments[0], s->arguments[1],
                                 s->accept ? s->accept : told_accept(s->arguments[1]), &options,
                                 &s->subscriber);

    if (!err)
        err = pipit_subscriber_subscribe(s->subscriber, NULL);
    if (err)
        agent_fail(a, (int)status_of_error(err), "cannot subscribe to %s: %s.", s->arguments[0],
                   pipit_error_message());
}

static void release(agent *a)
{
    subscription *s = a->self;

    s->subscriber = pipit_subscriber_unref(s->subscriber);
}

static const agent_role role = {.ready = ready, .release = release};

int command_subscribe(int argc, char **argv)
{
    subscription s = {0};
    option who[ACCOUNT_OPTIONS], output[AGENT_OPTIONS];
    const option own[] = {{"once", OPTION_FLAG, &s.once},
                          {"accept", OPTION_TEXT, &s.accept},
                          {"expires", OPTION_NUMBER, &s.expires},
                          {"register", OPTION_FLAG, &s.registers},
                          {NULL, OPTION_FLAG, NULL}};
    const option *const tables[] = {own, who, output, NULL};
    option_set set = {.command = "pipit subscribe",
                      .help = help,
                      .tables = tables,
                      .arguments = s.arguments,
                      .needs = "TARGET or EVENT",
                      .argument_min = 2,
                      .argument_max = 2};
    int status;

    account_table(&s.settings.account, who);
    agent_table(&s.settings, output);
    if (options_parse(&set, argc, argv, &status))
        return status;
    return agent_run(&s.settings, s.registers, &role, &s);
}
