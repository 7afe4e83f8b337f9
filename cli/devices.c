/* devices.c - pipit devices: the microphones and speakers there are. */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/status.h"

#include <pipit/devices.h>
#include <pipit/error.h>
#include <stdio.h>

static const char help[] =
    "pipit devices: the microphones and speakers of this machine, by the names that\n"
    "--microphone and --speaker take\n"
    "\n"
    "  pipit devices\n"
    "  pipit call bob --talk --microphone 'USB Headset'\n"
    "\n"
    "They are there where SDL2 is installed.\n"
    "\n" STATUS_HELP;

typedef struct list {
    const char *kind;
    size_t count;
} list;

static void print(const char *name, void *user)
{
    list *l = user;

    printf("%-11s %s\n", l->kind, name);
    l->count++;
}

int command_devices(int argc, char **argv)
{
    const option *const tables[] = {NULL};
    option_set set = {.command = "pipit devices", .help = help, .tables = tables};
    list l = {.kind = "microphone"};
    int status, err;

    if (options_parse(&set, argc, argv, &status))
        return status;
    err = pipit_devices(PIPIT_AUDIO_INPUT, print, &l);
    l.kind = "speaker";
    if (!err)
        err = pipit_devices(PIPIT_AUDIO_OUTPUT, print, &l);
    if (err)
        output_error("%s.", pipit_error_message());
    else if (!l.count)
        output_error("the sound system has no microphone and no speaker.");
    return err || !l.count ? STATUS_MEDIA : STATUS_OK;
}
