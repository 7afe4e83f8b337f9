/* serve.c - pipit serve: the switchboard as a command. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/serving.h"
#include "cli/signals.h"

#include <stdlib.h>

static const char help[] =
    "pipit serve [options]: the switchboard, a SIP server for development\n"
    "\n"
    "  pipit serve --user alice:secret --user bob:secret\n"
    "  pipit serve --users users.txt --domain example.test --wss 0.0.0.0:8443\n"
    "  pipit serve --web        and open http://localhost:8080/ in a browser\n"
    "  pipit serve --json | tee flow.jsonl; pipit ladder flow.jsonl\n"
    "\n"
    "It registers users and connects their calls and messages, over WebSocket and\n"
    "TCP, plain and with TLS. It is for development and tests only: it keeps\n"
    "everything in memory, serves one domain, and its certificate is its own. Do\n"
    "not put it on the Internet. Without users it makes up alice and bob and shows\n"
    "their passwords.\n"
    "\n"
    "Users\n"
    "  --user NAME:PASSWORD  may be repeated\n"
    "  --users FILE          a line each: name:password; '#' starts a comment\n"
    "  --domain NAME         host part of their addresses (localhost)\n"
    "\n"
    "Addresses\n"
    "  --ws [HOST:]PORT      plain WebSocket (127.0.0.1:8080), and SIP over TCP\n"
    "  --wss [HOST:]PORT     over TLS (127.0.0.1:8443), and SIP over TLS\n"
    "  --no-ws, --no-wss     do not listen there\n"
    "  --certificate FILE    PEM certificate, with --key FILE; made when both are\n"
    "                        missing. Otherwise one in ~/.config/pipit is used\n"
    "\n"
    "Web phone\n"
    "  --web [DIR]           serve a web phone (or the files of DIR) over HTTP\n"
    "  --jssip FILE          JsSIP for it, when it is not found by itself\n"
    "\n"
    "Output\n"
    "  --json                one JSON object a line, for programs and the ladder\n"
    "  --trace               each SIP message\n"
    "\n" STATUS_HELP;

static void interrupted(void *arg)
{
    serving *s = arg;

    s->interrupted = true;
    pipit_loop_stop(s->loop);
}

static int prepare(serving *s)
{
    int status = serving_find_users(s);

    if (status == STATUS_OK)
        status = serving_find_addresses(s);
    if (status == STATUS_OK)
        status = serving_find_certificate(s);
    if (status == STATUS_OK)
        status = serving_find_web(s);
    s->board_options.domain = s->domain;
    s->board_options.event = serving_tell;
    s->board_options.arg = s;
    return status;
}

static int run(serving *s)
{
    int err = signals_start(s->loop, interrupted, s);

    if (!err)
        err = switchboard_new(s->loop, &s->board_options, &s->board);
    if (err) {
        output_error("cannot serve: %s. Another address can be given with --ws and --wss.",
                     pipit_error_message());
        return err == PIPIT_ERR_IO ? STATUS_CONNECTION : (int)status_of_error(err);
    }
    serving_tell_start(s);
    if (pipit_loop_run(s->loop) < 0)
        return STATUS_INTERNAL;
    return s->interrupted ? STATUS_INTERRUPTED : STATUS_INTERNAL;
}

static int serve(serving *s)
{
    int status = prepare(s);

    if (status == STATUS_OK && pipit_loop_new(&s->loop) < 0) {
        output_error("%s.", pipit_error_message());
        status = STATUS_INTERNAL;
    }
    if (status == STATUS_OK)
        status = run(s);
    signals_stop();
    switchboard_free(s->board);
    pp_certificate_unref(s->board_options.certificate);
    pipit_loop_unref(s->loop);
    return status;
}

int command_serve(int argc, char **argv)
{
    serving *s = calloc(1, sizeof(*s));
    const option own[] = {{"user", OPTION_LIST, s ? &s->user_options : NULL},
                          {"users", OPTION_TEXT, s ? &s->users_file : NULL},
                          {"domain", OPTION_TEXT, s ? &s->domain : NULL},
                          {"ws", OPTION_TEXT, s ? &s->ws : NULL},
                          {"wss", OPTION_TEXT, s ? &s->wss : NULL},
                          {"no-ws", OPTION_FLAG, s ? &s->no_ws : NULL},
                          {"no-wss", OPTION_FLAG, s ? &s->no_wss : NULL},
                          {"certificate", OPTION_TEXT, s ? &s->certificate_file : NULL},
                          {"key", OPTION_TEXT, s ? &s->key_file : NULL},
                          {"web", OPTION_OPTIONAL, s ? &s->web : NULL},
                          {"jssip", OPTION_TEXT, s ? &s->jssip : NULL},
                          {"json", OPTION_FLAG, s ? &s->json : NULL},
                          {"trace", OPTION_FLAG, s ? &s->trace : NULL},
                          {NULL, OPTION_FLAG, NULL}};
    const option *const tables[] = {own, NULL};
    option_set set = {.command = "pipit serve", .help = help, .tables = tables};
    int status = STATUS_INTERNAL;

    if (s && options_parse(&set, argc, argv, &status) == 0)
        status = serve(s);
    if (s)
        serving_free_users(s);
    free(s);
    return status;
}
