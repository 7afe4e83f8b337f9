/* remote.c - user agents that another program commands: a line a command, a line of JSON for each answer and event.
 *
 *     start AGENT PORT OPTIONS [MANNER]  registers an account over ws, or as words with commas between have it: udp, tcp,
 *                                   unregistered, refreshes, plain (see party_options); "-" for none
 *     stop AGENT                    unregisters it
 *     manner AGENT answers|rings|refuses   calls that come to it
 *     call AGENT CALL TARGET OPTIONS    CALL is its name from then on; OPTIONS as party_call() has them
 *     answer|progress|end|hold|unhold|renegotiate|restart|mute|unmute|reset AGENT CALL
 *     dtmf AGENT CALL rtp|info TONES
 *     refer AGENT CALL TARGET [CALL]    the second one is replaced
 *     ears AGENT CALL               answers how many loud samples have come to it
 *     packets AGENT CALL            answers how many of RTP have come to it
 *     sent AGENT CALL METHOD        answers how many such requests the agent has sent
 *     message|options AGENT TARGET  answers the status code
 *
 * Every command is answered by {"reply":NUMBER,"error":TEXT}, in order. */
#include "interop/kamailio/remote.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "interop/kamailio/party.h"

#define WORDS       5
#define LINE_OCTETS 512
#define TONE_MS     200u
#define TONE_GAP_MS 100u

typedef struct remote {
    stage *stage;
    party *parties;
    char line[LINE_OCTETS];
    size_t used;
} remote;

typedef struct command {
    char *words[WORDS]; /* "" for those that are missing */
    party *of;
    leg *on;
    int number; /* of the answer */
} command;

static party *find(const remote *r, const char *name)
{
    party *it = r->parties;

    while (it && strcmp(it->name, name) != 0)
        it = it->next;
    return it;
}

/* --- commands to a call ----------------------------------------------------------------------- */

static int do_answer(command *c)
{
    return party_answer(c->on);
}

static int do_progress(command *c)
{
    return party_progress(c->on);
}

static int do_end(command *c)
{
    return pipit_session_terminate(c->on->session, NULL);
}

static int do_hold(command *c)
{
    return pipit_session_hold(c->on->session,
                              &(pipit_reoffer_options){.done = party_outcome, .user = c->on});
}

static int do_unhold(command *c)
{
    return pipit_session_unhold(c->on->session,
                                &(pipit_reoffer_options){.done = party_outcome, .user = c->on});
}

static int do_renegotiate(command *c)
{
    return pipit_session_renegotiate(
        c->on->session, &(pipit_reoffer_options){.done = party_outcome, .user = c->on});
}

static int do_restart(command *c)
{
    return pipit_session_renegotiate(
        c->on->session,
        &(pipit_reoffer_options){.restart_ice = true, .done = party_outcome, .user = c->on});
}

static int do_mute(command *c)
{
    return pipit_session_mute(c->on->session, NULL);
}

static int do_unmute(command *c)
{
    return pipit_session_unmute(c->on->session, NULL);
}

static int do_reset(command *c)
{
    return pipit_session_reset_local_media(c->on->session);
}

static int do_ears(command *c)
{
    c->number = (int)c->on->loud;
    return 0;
}

static int do_packets(command *c)
{
    pipit_stats stats = {0};
    int err = pipit_session_get_stats(c->on->session, &stats);

    c->number = (int)stats.packets_received;
    return err;
}

static int do_sent(command *c)
{
    char start[32];

    snprintf(start, sizeof(start), "> %s ", c->words[3]);
    c->number = (int)agent_wire(&c->of->agent, start);
    return 0;
}

static int do_dtmf(command *c)
{
    const pipit_dtmf_options options = {.duration_ms = TONE_MS,
                                        .inter_tone_gap_ms = TONE_GAP_MS,
                                        .info = strcmp(c->words[3], "info") == 0};

    return pipit_session_send_dtmf(c->on->session, c->words[4], &options);
}

static int do_refer(command *c)
{
    return party_refer(c->on, strcmp(c->words[3], "-") == 0 ? NULL : c->words[3],
                       party_leg(c->of, c->words[4]));
}

/* --- commands to a user agent ----------------------------------------------------------------- */

static int do_call(command *c)
{
    return party_call(c->of, c->words[2], c->words[3], c->words[4]);
}

static party_manner read_manner(const char *word)
{
    return strcmp(word, "rings") == 0     ? PARTY_RINGS
           : strcmp(word, "refuses") == 0 ? PARTY_REFUSES
                                          : PARTY_ANSWERS;
}

static int do_manner(command *c)
{
    c->of->manner = read_manner(c->words[2]);
    return 0;
}

static int do_message(command *c)
{
    c->number = agent_say(&c->of->agent, c->words[2], "hello");
    return 0;
}

static int do_options(command *c)
{
    c->number = agent_query(&c->of->agent, c->words[2]);
    return 0;
}

/* --- lines ------------------------------------------------------------------------------------ */

static const struct {
    const char *word;
    int (*run)(command *c);
    bool to_call;
} commands[] = {{"answer", do_answer, true},   {"progress", do_progress, true},
                {"end", do_end, true},         {"hold", do_hold, true},
                {"unhold", do_unhold, true},   {"renegotiate", do_renegotiate, true},
                {"restart", do_restart, true}, {"mute", do_mute, true},
                {"unmute", do_unmute, true},   {"reset", do_reset, true},
                {"ears", do_ears, true},       {"packets", do_packets, true},
                {"sent", do_sent, true},       {"dtmf", do_dtmf, true},
                {"refer", do_refer, true},     {"call", do_call, false},
                {"manner", do_manner, false},  {"message", do_message, false},
                {"options", do_options, false}};

static void reply(int number, const char *error)
{
    printf("{\"reply\":%d,\"error\":\"%s\"}\n", number, error);
    fflush(stdout);
}

static party_options read_options(const command *c)
{
    const char *words = c->words[3];
    party_options how = {.manner = read_manner(c->words[4]),
                         .over = strstr(words, "udp")   ? VIA_UDP
                                 : strstr(words, "tcp") ? VIA_TCP
                                                        : VIA_WS,
                         .unregistered = strstr(words, "unregistered") != NULL,
                         .refreshes = strstr(words, "refreshes") != NULL,
                         .plain = strstr(words, "plain") != NULL};

    sscanf(c->words[2], "%d", &how.port);
    return how;
}

static const char *start(remote *r, const command *c)
{
    const party_options how = read_options(c);
    party *it = party_start(r->stage, c->words[1], &how);

    if (!it)
        return r->stage->reason;
    it->next = r->parties;
    r->parties = it;
    return "";
}

static const char *stop(remote *r, const party *which)
{
    party **at = &r->parties;

    while (*at && *at != which)
        at = &(*at)->next;
    if (*at)
        *at = party_stop(*at);
    return "";
}

static const char *run(remote *r, command *c)
{
    c->of = find(r, c->words[1]);
    if (!c->of)
        return "no such agent";
    if (strcmp(c->words[0], "stop") == 0)
        return stop(r, c->of);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].word, c->words[0]) != 0)
            continue;
        c->on = party_leg(c->of, c->words[2]);
        if (commands[i].to_call && !c->on)
            return "no such call";
        return commands[i].run(c) < 0 ? pipit_error_message() : "";
    }
    return "no such command";
}

static void take_line(remote *r, char *line)
{
    command c = {0};
    char *rest = line;
    const char *error;

    for (size_t i = 0; i < WORDS; i++) {
        c.words[i] = rest;
        rest += strcspn(rest, " ");
        if (*rest)
            *rest++ = '\0';
    }
    error = strcmp(c.words[0], "start") == 0 ? start(r, &c) : run(r, &c);
    reply(c.number, error);
}

/* @return whether there may come more */
static bool take(remote *r)
{
    ssize_t n = read(STDIN_FILENO, r->line + r->used, sizeof(r->line) - r->used);
    char *end;

    if (n <= 0)
        return false;
    r->used += (size_t)n;
    while ((end = memchr(r->line, '\n', r->used))) {
        size_t size = (size_t)(end - r->line) + 1;

        *end = '\0';
        take_line(r, r->line);
        memmove(r->line, r->line + size, r->used - size);
        r->used -= size;
    }
    return r->used < sizeof(r->line);
}

int remote_run(stage *s)
{
    remote r = {.stage = s};
    bool more = true;

    while (more) {
        struct pollfd fds[] = {{.fd = pipit_loop_fd(s->loop), .events = POLLIN},
                               {.fd = STDIN_FILENO, .events = POLLIN}};

        poll(fds, 2, pipit_loop_timeout_ms(s->loop));
        pipit_loop_run_once(s->loop);
        if (fds[1].revents)
            more = take(&r);
    }
    while (r.parties)
        r.parties = party_stop(r.parties);
    return 0;
}
