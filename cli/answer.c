/* answer.c - pipit answer: registers, waits, and takes what comes. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/talk.h"

#include <stdlib.h>

static const char help[] =
    "pipit answer [options]: register, and answer calls and messages\n"
    "\n"
    "  pipit answer --server wss://sip.example.com --user bob --echo\n"
    "  pipit answer --play menu.wav --record caller.wav --once\n"
    "  pipit answer --reject 486\n"
    "\n"
    "Every call is answered at once. Messages and digits that come are shown. A\n"
    "second recording gets a number: caller.2.wav. It runs until Ctrl-C.\n"
    "\n"
    "Calls\n"
    "  --once                end after the first call\n"
    "  --reject CODE         refuse calls: 486 is busy, 603 declines\n" TALK_HELP "\n" SOUND_HELP
    "\n" PICTURE_HELP "\n" ACCOUNT_HELP "\n" AGENT_HELP "\n" STATUS_HELP;

#define TALKS_MAX 64

typedef struct answer {
    agent_settings settings;
    talk_options talk_options;
    bool once;
    unsigned reject;
    unsigned calls;
    talk *talks[TALKS_MAX];
} answer;

static void over(talk *t, int status)
{
    if (((answer *)t->agent->self)->once)
        agent_end(t->agent, status);
}

/* An empty place, made so by the end of an earlier call if need be. */
static talk **find_place(answer *w)
{
    for (size_t i = 0; i < TALKS_MAX; i++) {
        if (w->talks[i] && w->talks[i]->ended) {
            talk_free(w->talks[i]);
            w->talks[i] = NULL;
        }
        if (!w->talks[i])
            return &w->talks[i];
    }
    return NULL;
}

static void ready(agent *a)
{
    json_end(agent_event(a, "waiting"));
    agent_say(a, "waiting for calls; Ctrl-C ends");
}

static void tell_incoming(agent *a, pipit_session *session)
{
    cJSON *json = agent_event(a, "new_rtc_session");

    json_string(json, "originator", "remote");
    json_string(json, "call", pipit_session_call_id(session));
    json_string(json, "remote", pipit_session_remote_uri(session));
    json_string(json, "display_name", pipit_session_remote_display_name(session));
    json_end(json);
    agent_say(a, "call from %s %s", pipit_session_remote_display_name(session),
              pipit_session_remote_uri(session));
}

static void reject(agent *a, pipit_session *session, unsigned code)
{
    const pipit_terminate_options options = {.status_code = (int)code};

    pipit_session_terminate(session, &options);
    agent_say(a, "refused with %u", code);
    if (((answer *)a->self)->once)
        agent_end(a, STATUS_OK);
}

static void take(agent *a, pipit_session *session, talk **place)
{
    answer *w = a->self;
    talk *t = talk_new(a, &w->talk_options, ++w->calls);

    *place = t;
    if (!t) {
        pipit_session_terminate(session, NULL);
        return;
    }
    t->over = over;
    if (talk_answer(t, session) == 0 || t->ended)
        return;
    /* It cannot be answered, for want of a codec for one: the caller hears of it. */
    output_error("cannot answer: %s.", pipit_error_message());
    pipit_session_terminate(session, &(pipit_terminate_options){.status_code = 488});
}

static void incoming(agent *a, pipit_session *session)
{
    answer *w = a->self;
    talk **place = find_place(w);

    tell_incoming(a, session);
    if (w->reject)
        reject(a, session, w->reject);
    else if (!place)
        reject(a, session, 486);
    else
        take(a, session, place);
}

static void message(agent *a, pipit_message *m)
{
    size_t size;
    const char *body = pipit_message_body(m, &size);
    cJSON *json = agent_event(a, "new_message");

    json_string(json, "remote", pipit_message_remote_uri(m));
    json_string(json, "content_type", pipit_message_content_type(m));
    if (json)
        json_text(json, "body", body, size);
    json_end(json);
    if (a->json)
        return;
    output_line(stdout, "message from %s:", pipit_message_remote_uri(m));
    output_safe(stdout, body, size, true);
    fputc('\n', stdout);
    fflush(stdout);
}

static void tick(agent *a)
{
    answer *w = a->self;

    for (size_t i = 0; i < TALKS_MAX; i++)
        if (w->talks[i])
            talk_tick(w->talks[i]);
}

static void release(agent *a)
{
    answer *w = a->self;

    for (size_t i = 0; i < TALKS_MAX; i++)
        talk_free(w->talks[i]);
}

static const agent_role role = {
    .ready = ready, .incoming = incoming, .message = message, .tick = tick, .release = release};

static int check(const answer *w)
{
    if (w->reject && (w->reject < 300 || w->reject > 699)) {
        output_error("--reject takes a status from 300 to 699, as 486, not %u.", w->reject);
        return STATUS_USAGE;
    }
    return talk_check(&w->talk_options);
}

int command_answer(int argc, char **argv)
{
    answer w = {0};
    option who[ACCOUNT_OPTIONS], output[AGENT_OPTIONS], sounds[SOUND_OPTIONS],
        pictures[PICTURE_OPTIONS], talks[TALK_OPTIONS];
    const option own[] = {{"once", OPTION_FLAG, &w.once},
                          {"reject", OPTION_NUMBER, &w.reject},
                          {NULL, OPTION_FLAG, NULL}};
    const option *const tables[] = {own, who, output, sounds, pictures, talks, NULL};
    option_set set = {.command = "pipit answer", .help = help, .tables = tables};
    int status;

    account_table(&w.settings.account, who);
    agent_table(&w.settings, output);
    sound_table(&w.talk_options.sound, sounds);
    picture_table(&w.talk_options.picture, pictures);
    talk_table(&w.talk_options, talks);
    if (options_parse(&set, argc, argv, &status))
        return status;
    status = check(&w);
    return status == STATUS_OK ? agent_run(&w.settings, true, &role, &w) : status;
}
