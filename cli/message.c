/* message.c - pipit message: sends one text and waits for the answer. */
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

static const char help[] = "pipit message TARGET TEXT [options]: send a text\n"
                           "\n"
                           "  pipit message sip:bob@example.com 'lunch at noon?' \\\n"
                           "      --server wss://sip.example.com --user alice\n"
                           "  date | pipit message bob -\n"
                           "\n"
                           "TEXT '-' is standard input. It ends when the far end has answered.\n"
                           "\n"
                           "Message\n"
                           "  --content-type TYPE   instead of text/plain\n"
                           "  --register            register first\n"
                           "\n" ACCOUNT_HELP "\n" AGENT_HELP "\n" STATUS_HELP;

#define TEXT_MAX (48 * 1024) /* it must fit into a SIP message of 64 kB */

typedef struct sending {
    agent_settings settings;
    const char *arguments[2];
    const char *content_type;
    bool registers;
    char *text;
} sending;

static void on_succeeded(pipit_message *message, const pipit_message_event *event, void *user)
{
    agent *a = user;
    cJSON *json = agent_event(a, "succeeded");

    (void)message;
    json_number(json, "status", event->response ? pipit_request_status_code(event->response) : 0);
    json_end(json);
    agent_say(a, "delivered");
    agent_end(a, STATUS_OK);
}

static void on_failed(pipit_message *message, const pipit_message_event *event, void *user)
{
    agent *a = user;
    char what[300], line[256] = "";

    snprintf(what, sizeof(what), "the message to %s was not delivered",
             pipit_message_remote_uri(message));
    if (event->response)
        snprintf(line, sizeof(line), "%d %s", pipit_request_status_code(event->response),
                 pipit_request_reason_phrase(event->response));
    agent_fail_request(a, what, event->cause, line);
}

static const pipit_message_handlers handlers = {.succeeded = on_succeeded, .failed = on_failed};

static void ready(agent *a)
{
    sending *s = a->self;
    const pipit_message_options options = {
        .content_type = s->content_type, .handlers = &handlers, .user = a};
    int err = pipit_ua_send_message(a->ua, s->arguments[0], s->text, &options, NULL);

    if (err)
        agent_fail(a, (int)status_of_error(err), "cannot send to %s: %s.", s->arguments[0],
                   pipit_error_message());
}

static const agent_role role = {.ready = ready};

static int read_text(const char *argument, char **out)
{
    size_t size = 0;

    if (strcmp(argument, "-") != 0) {
        *out = strdup(argument);
        return *out ? STATUS_OK : STATUS_INTERNAL;
    }
    *out = calloc(1, TEXT_MAX + 1);
    if (!*out)
        return STATUS_INTERNAL;
    size = fread(*out, 1, TEXT_MAX, stdin);
    if (ferror(stdin) || fgetc(stdin) != EOF || strlen(*out) != size) {
        output_error("standard input must be text of at most %d octets.", TEXT_MAX);
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

int command_message(int argc, char **argv)
{
    sending s = {0};
    option who[ACCOUNT_OPTIONS], output[AGENT_OPTIONS];
    const option own[] = {{"content-type", OPTION_TEXT, &s.content_type},
                          {"register", OPTION_FLAG, &s.registers},
                          {NULL, OPTION_FLAG, NULL}};
    const option *const tables[] = {own, who, output, NULL};
    option_set set = {.command = "pipit message",
                      .help = help,
                      .tables = tables,
                      .arguments = s.arguments,
                      .needs = "TARGET or TEXT",
                      .argument_min = 2,
                      .argument_max = 2};
    int status;

    account_table(&s.settings.account, who);
    agent_table(&s.settings, output);
    if (options_parse(&set, argc, argv, &status))
        return status;
    status = read_text(s.arguments[1], &s.text);
    if (status == STATUS_OK)
        status = agent_run(&s.settings, s.registers, &role, &s);
    free(s.text);
    return status;
}
