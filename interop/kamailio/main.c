/* main.c - user agents of ours against Kamailio, on the public interface alone; interop/kamailio/run.sh starts it.
 *
 *     interop_kamailio DIRECTORY LOGS [--long] [WORD]
 *     interop_kamailio DIRECTORY LOGS --serve
 *     interop_kamailio --agents LOGS TRANSCRIPT
 *
 * One line a case, then how many went well. With WORD only the cases with that word in their name. With --serve it only says
 * where the servers listen and keeps them until its standard input ends: for tests of other programs. With --agents there is no
 * server, but user agents that such a test commands (remote.c). */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop/kamailio/cases.h"
#include "interop/kamailio/location.h"
#include "interop/kamailio/remote.h"

#define RESTARTS      30
#define RESTARTS_LONG 200

static stage the_stage; /* also for the handler of signals */

static void kill_all(void)
{
    server_kill(&the_stage.first);
    server_kill(&the_stage.second);
    server_kill(&the_stage.edge);
}

static void on_signal(int signal)
{
    kill_all();
    _exit(128 + signal);
}

static bool start(stage *s, server *it, const server like)
{
    *it = like;
    return server_prepare(s, it) == 0 && server_start(s, it);
}

static bool open_stage(stage *s, const char *logs, const char *transcript)
{
    char path[512];

    s->logs = logs;
    snprintf(path, sizeof(path), "%s/%s", logs, transcript);
    s->transcript = fopen(path, "w");
    return s->transcript && pipit_loop_new(&s->loop) == 0;
}

static bool set_up(stage *s, const char *directory, const char *logs)
{
    char registrar[64];

    s->directory = directory;
    snprintf(s->authority, sizeof(s->authority), "%s/ca.pem", directory);
    if (!open_stage(s, logs, "kamailio-agents.log") ||
        !start(s, &s->first, (server){"first", "kamailio.cfg", "", 0, 0, 0}) ||
        !start(s, &s->second,
               (server){"second", "kamailio.cfg", "#!define WITH_SHA256\n", 0, 0, 0}))
        return false;
    snprintf(registrar, sizeof(registrar), "#!substdef \"!REGISTRAR_PORT!%d!g\"\n", s->first.port);
    return start(s, &s->edge, (server){"edge", "edge.cfg", registrar, 0, 0, 0});
}

static bool run(stage *s, const test_case *one)
{
    uint64_t start_ms = stage_now_ms();
    bool good;

    location_clear(s, &s->first);
    location_clear(s, &s->second);
    s->reason[0] = s->detail[0] = '\0';
    fprintf(s->transcript, "\n==== %s\n\n", one->name);
    good = one->run(s, one->parameter);
    if (good)
        printf("ok      %-66s %5.1f s  %s\n", one->name, (double)(stage_now_ms() - start_ms) / 1000,
               s->detail);
    else
        printf("FAILED  %s: %s\n", one->name, s->reason);
    fflush(stdout);
    return good;
}

static int run_all(stage *s, const char *word)
{
    const test_case *const tables[] = {
        registration_cases, message_cases,  call_cases,     subscription_cases,
        presence_cases,     outbound_cases, recovery_cases, s->is_long ? long_cases : NULL};
    unsigned good = 0, all = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const test_case *one = tables[i]; one && one->name; one++) {
            if (word && !strstr(one->name, word))
                continue;
            all++;
            good += run(s, one);
        }
    printf("interop kamailio: %u of %u\n", good, all);
    return good == all && all > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int serve(const stage *s)
{
    char rest[64];

    printf("{\"ws_port\":%d,\"wss_port\":%d}\n", s->first.port, s->first.tls_port);
    fflush(stdout);
    while (read(STDIN_FILENO, rest, sizeof(rest)) > 0)
        ;
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    stage *s = &the_stage;
    const char *word = NULL;
    bool serves = false;
    int status = EXIT_FAILURE;

    if (argc < 3) {
        fprintf(stderr,
                "usage: %s DIRECTORY LOGS [--long | --serve] [WORD] | --agents LOGS TRANSCRIPT\n",
                argv[0]);
        return 2;
    }
    for (int i = 3; i < argc; i++)
        if (strcmp(argv[i], "--long") == 0)
            s->is_long = true;
        else if (strcmp(argv[i], "--serve") == 0)
            serves = true;
        else
            word = argv[i];
    s->restarts = s->is_long ? RESTARTS_LONG : RESTARTS;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(argv[1], "--agents") == 0)
        status = open_stage(s, argv[2], argc > 3 ? argv[3] : "agents.log") ? remote_run(s)
                                                                           : EXIT_FAILURE;
    else if (set_up(s, argv[1], argv[2]))
        status = serves ? serve(s) : run_all(s, word);
    else
        fprintf(stderr, "Kamailio did not start: %s; see %s/kamailio-*.log\n", strerror(errno),
                argv[2]);
    kill_all();
    pipit_loop_unref(s->loop);
    if (s->transcript)
        fclose(s->transcript);
    return status;
}
