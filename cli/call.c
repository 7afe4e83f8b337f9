/* call.c - pipit call: one call, from dialling to the summary. */
#include "cli/command.h"
#include "cli/talk.h"

#define RING_S_MAX 60.0

static const char help[] =
    "pipit call TARGET [options]: call somebody\n"
    "\n"
    "  pipit call sip:bob@example.com --server wss://sip.example.com \\\n"
    "      --user alice --play hello.wav --record answer.wav\n"
    "  pipit call bob --tone --duration 10 --json\n"
    "  pipit call 5551234 --dtmf 1,42# --trace\n"
    "  pipit call bob --video --show --record-video bob.webm\n"
    "\n"
    "TARGET is an address or a number: sip:bob@example.com, bob, 5551234.\n"
    "The call ends when the far end hangs up, after --duration, after the file of\n"
    "--play, or on Ctrl-C. Then a summary follows: set-up time, codec, packets,\n"
    "loss, jitter, round-trip time and an estimate of the quality (MOS).\n"
    "\n"
    "Call\n"
    "  --timeout SECONDS     give up when nobody answers (60)\n"
    "  --register            register first\n" TALK_HELP "\n" SOUND_HELP "\n" PICTURE_HELP
    "\n" ACCOUNT_HELP "\n" AGENT_HELP "\n" STATUS_HELP;

typedef struct call {
    agent_settings settings;
    talk_options talk_options;
    const char *target;
    double timeout_s;
    bool registers;
    talk *talk;
} call;

static void over(talk *t, int status)
{
    agent_end(t->agent, status);
}

static void ready(agent *a)
{
    call *c = a->self;
    cJSON *json;
    int err;

    c->talk = talk_new(a, &c->talk_options, 1);
    if (!c->talk)
        return;
    json = agent_event(a, "calling");
    json_string(json, "target", c->target);
    json_end(json);
    agent_say(a, "calling %s", c->target);
    c->talk->over = over;
    c->talk->ends_with_file = true;
    err = talk_call(c->talk, c->target);
    if (err)
        agent_fail(a, (int)status_of_error(err), "cannot call %s: %s.", c->target,
                   pipit_error_message());
}

static void tick(agent *a)
{
    call *c = a->self;
    double rings_ms = c->timeout_s * 1000;

    if (!c->talk)
        return;
    if (!c->talk->confirmed_ms &&
        (double)(pipit_loop_now_ms(a->loop) - c->talk->started_ms) >= rings_ms)
        agent_fail(a, STATUS_TIMEOUT,
                   "%s did not answer within %g s. Try again later, or give a longer --timeout.",
                   c->target, c->timeout_s);
    else
        talk_tick(c->talk);
}

static void release(agent *a)
{
    talk_free(((call *)a->self)->talk);
}

static const agent_role role = {.ready = ready, .tick = tick, .release = release};

int command_call(int argc, char **argv)
{
    call c = {.timeout_s = RING_S_MAX};
    option who[ACCOUNT_OPTIONS], output[AGENT_OPTIONS], sounds[SOUND_OPTIONS],
        pictures[PICTURE_OPTIONS], talks[TALK_OPTIONS];
    const option own[] = {{"timeout", OPTION_SECONDS, &c.timeout_s},
                          {"register", OPTION_FLAG, &c.registers},
                          {NULL, OPTION_FLAG, NULL}};
    const option *const tables[] = {own, who, output, sounds, pictures, talks, NULL};
    option_set set = {.command = "pipit call",
                      .help = help,
                      .tables = tables,
                      .arguments = &c.target,
                      .needs = "TARGET",
                      .argument_min = 1,
                      .argument_max = 1};
    int status;

    account_table(&c.settings.account, who);
    agent_table(&c.settings, output);
    sound_table(&c.talk_options.sound, sounds);
    picture_table(&c.talk_options.picture, pictures);
    talk_table(&c.talk_options, talks);
    if (options_parse(&set, argc, argv, &status))
        return status;
    status = talk_check(&c.talk_options);
    return status == STATUS_OK ? agent_run(&c.settings, c.registers, &role, &c) : status;
}
