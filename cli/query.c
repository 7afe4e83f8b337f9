/* query.c - pipit options: asks somebody what he can do, and how long the way there and back takes. */
#include "cli/agent.h"
#include "cli/command.h"

#include <stdio.h>

static const char help[] = "pipit options TARGET [options]: is somebody there, and what can he do\n"
                           "\n"
                           "  pipit options sip:bob@example.com \\\n"
                           "      --server wss://sip.example.com --user alice\n"
                           "  pipit options bob --json\n"
                           "\n"
                           "It sends OPTIONS and says how long the answer took and what it tells.\n"
                           "\n"
                           "Query\n"
                           "  --register            register first\n"
                           "\n" ACCOUNT_HELP "\n" AGENT_HELP "\n" STATUS_HELP;

typedef struct query {
    agent_settings settings;
    const char *arguments[1];
    bool registers;
    uint64_t sent_ms;
} query;

static const char *const shown[] = {"User-Agent", "Server",    "Allow", "Allow-Events",
                                    "Accept",     "Supported", NULL};
static const char *const names[] = {"user_agent",   "server", "allow",
                                    "allow_events", "accept", "supported"};

static void on_succeeded(pipit_options *options, const pipit_options_event *event, void *user)
{
    agent *a = user;
    const query *q = a->self;
    unsigned took_ms = (unsigned)(pipit_loop_now_ms(a->loop) - q->sent_ms);
    cJSON *json = agent_event(a, "answered");

    json_number(json, "round_trip_ms", took_ms);
    json_number(json, "status", event->response ? pipit_request_status_code(event->response) : 0);
    agent_say(a, "%s answered in %u ms", pipit_options_remote_uri(options), took_ms);
    for (size_t i = 0; event->response && shown[i]; i++) {
        const char *value = pipit_request_header(event->response, shown[i], 0);

        if (!value)
            continue;
        json_string(json, names[i], value);
        agent_say(a, "  %-14s%s", shown[i], value);
    }
    json_end(json);
    agent_end(a, STATUS_OK);
}

static void on_failed(pipit_options *options, const pipit_options_event *event, void *user)
{
    agent *a = user;
    char what[300], line[256] = "";

    snprintf(what, sizeof(what), "%s did not say what it can do",
             pipit_options_remote_uri(options));
    if (event->response)
        snprintf(line, sizeof(line), "%d %s", pipit_request_status_code(event->response),
                 pipit_request_reason_phrase(event->response));
    agent_fail_request(a, what, event->cause, line);
}

static const pipit_options_handlers handlers = {.succeeded = on_succeeded, .failed = on_failed};

static void ready(agent *a)
{
    query *q = a->self;
    const pipit_options_options options = {.handlers = &handlers, .user = a};
    int err;

    q->sent_ms = pipit_loop_now_ms(a->loop);
    err = pipit_ua_send_options(a->ua, q->arguments[0], NULL, &options, NULL);
    if (err)
        agent_fail(a, (int)status_of_error(err), "cannot ask %s: %s.", q->arguments[0],
                   pipit_error_message());
}

static const agent_role role = {.ready = ready};

int command_options(int argc, char **argv)
{
    query q = {0};
    option who[ACCOUNT_OPTIONS], output[AGENT_OPTIONS];
    const option own[] = {{"register", OPTION_FLAG, &q.registers}, {NULL, OPTION_FLAG, NULL}};
    const option *const tables[] = {own, who, output, NULL};
    option_set set = {.command = "pipit options",
                      .help = help,
                      .tables = tables,
                      .arguments = q.arguments,
                      .needs = "TARGET",
                      .argument_min = 1,
                      .argument_max = 1};
    int status;

    account_table(&q.settings.account, who);
    agent_table(&q.settings, output);
    if (options_parse(&set, argc, argv, &status))
        return status;
    return agent_run(&q.settings, q.registers, &role, &q);
}
