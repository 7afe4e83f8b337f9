/* main.c - pipit: finds the command and lets it run. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/status.h"

#include <stdlib.h>
#include <string.h>

static const char help[] =
    "pipit: SIP over WebSocket with WebRTC sound and pictures, from the command line\n"
    "\n"
    "Try it on this machine, in three terminals:\n"
    "  pipit serve --user alice:secret --user bob:secret\n"
    "  PIPIT_PASSWORD=secret pipit answer --server ws://localhost:8080 \\\n"
    "      --user bob --echo\n"
    "  PIPIT_PASSWORD=secret pipit call bob --server ws://localhost:8080 \\\n"
    "      --user alice --tone --record back.wav --duration 5\n"
    "\n"
    "Commands\n"
    "  call      call somebody: play, record, show, send digits, measure\n"
    "  answer    register, and answer calls and messages\n"
    "  message   send a text\n"
    "  options   is somebody there, how far away, and what can he do\n"
    "  subscribe be told of presence, waiting messages, calls, registrations\n"
    "  register  try an account\n"
    "  serve     the switchboard: a registrar and proxy for development\n"
    "  devices   the microphones and speakers of this machine\n"
    "  ladder    draw the call flow of --json --trace files\n"
    "\n"
    "  pipit COMMAND --help  says more, with examples\n"
    "  pipit --version\n"
    "\n"
    "The config file ~/.config/pipit/config holds accounts:\n"
    "  server = wss://sip.example.com\n"
    "  uri = sip:alice@example.com\n"
    "  password_file = /home/alice/.sip-password\n"
    "  [work]\n"
    "  uri = sip:alice@work.example.com\n"
    "It is asked after the options and PIPIT_SERVER, PIPIT_URI, PIPIT_PASSWORD.\n"
    "PIPIT_DEBUG=UA,Transport logs what happens inside; '*' is everything.\n"
    "\n" STATUS_HELP;

typedef struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} command;

static const command commands[] = {
    {"call", command_call},       {"answer", command_answer},       {"message", command_message},
    {"options", command_options}, {"subscribe", command_subscribe}, {"register", command_register},
    {"serve", command_serve},     {"ladder", command_ladder},       {"devices", command_devices},
};

static int run_command(const char *name, int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc, argv);
    output_error("there is no command '%s'. See 'pipit --help'.", name);
    return STATUS_USAGE;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    pipit_log_enable(getenv("PIPIT_DEBUG"));
    if (argc < 2) {
        output_error("which command? See 'pipit --help'.");
        return STATUS_USAGE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        fputs(help, stdout);
        return STATUS_OK;
    }
    if (strcmp(name, "--version") == 0) {
        printf("pipit %s\n", PIPIT_VERSION);
        return STATUS_OK;
    }
    return run_command(name, argc - 2, argv + 2);
}
