/* register.c - pipit register: tries an account. */
#include "cli/agent.h"
#include "cli/command.h"

static const char help[] =
    "pipit register [options]: register, say what was granted, and leave again\n"
    "\n"
    "  pipit register --server wss://sip.example.com --user alice\n"
    "  pipit register --server 'sip:sip.example.com;transport=tls' --user alice\n"
    "  pipit register --keep --trace\n"
    "  pipit register --remove-all\n"
    "\n"
    "Registration\n"
    "  --keep                stay registered until Ctrl-C\n"
    "  --remove-all          remove every binding of the account, others' too\n"
    "\n" ACCOUNT_HELP "\n" AGENT_HELP "\n" STATUS_HELP;

typedef struct registration {
    agent_settings settings;
    bool keep, remove_all;
} registration;

static void ready(agent *a)
{
    const registration *r = a->self;

    if (r->remove_all) {
        if (pipit_ua_unregister(a->ua, true) < 0)
            agent_fail(a, STATUS_INTERNAL, "cannot unregister: %s.", pipit_error_message());
    } else if (r->keep) {
        agent_say(a, "staying registered; Ctrl-C ends");
    } else {
        agent_end(a, STATUS_OK);
    }
}

static void unregistered(agent *a)
{
    const registration *r = a->self;

    if (!r->remove_all)
        return;
    agent_say(a, "all bindings are removed");
    agent_end(a, STATUS_OK);
}

static const agent_role role = {.ready = ready, .unregistered = unregistered};

int command_register(int argc, char **argv)
{
    registration r = {0};
    option who[ACCOUNT_OPTIONS], output[AGENT_OPTIONS];
    const option own[] = {{"keep", OPTION_FLAG, &r.keep},
                          {"remove-all", OPTION_FLAG, &r.remove_all},
                          {NULL, OPTION_FLAG, NULL}};
    const option *const tables[] = {own, who, output, NULL};
    option_set set = {.command = "pipit register", .help = help, .tables = tables};
    int status;

    account_table(&r.settings.account, who);
    agent_table(&r.settings, output);
    if (options_parse(&set, argc, argv, &status))
        return status;
    return agent_run(&r.settings, true, &role, &r);
}
