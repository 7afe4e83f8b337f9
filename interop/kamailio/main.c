/* main.c - user agents of ours against Kamailio, on the public interface alone; interop/kamailio/run.sh starts it.
 *
 *     interop_kamailio DIRECTORY LOGS [--long] [WORD]
 *
 * One line a case, then how many went well. With WORD only the cases with that word in their name. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop/kamailio/cases.h"

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

static bool set_up(stage *s, const char *directory, const char *logs)
{
    char transcript[512];

    s->directory = directory;
    s->logs = logs;
    s->first = (server){.name = "first", .configuration = "kamailio.cfg", .defines = ""};
    s->second = (server){
        .name = "second", .configuration = "kamailio.cfg", .defines = "#!define WITH_SHA256\n"};
    snprintf(transcript, sizeof(transcript), "%s/kamailio-agents.log", logs);
    s->transcript = fopen(transcript, "w");
    return s->transcript && pipit_loop_new(&s->loop) == 0 && server_prepare(s, &s->first) == 0 &&
           server_prepare(s, &s->second) == 0 && server_start(s, &s->first) &&
           server_start(s, &s->second);
}

static bool run(stage *s, const test_case *one)
{
    uint64_t start_ms = stage_now_ms();
    bool good;

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
    static const test_case *const tables[] = {registration_cases, message_cases, call_cases,
                                              outbound_cases, recovery_cases};
    unsigned good = 0, all = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const test_case *one = tables[i]; one->name; one++) {
            if (word && !strstr(one->name, word))
                continue;
            all++;
            good += run(s, one);
        }
    printf("interop kamailio: %u of %u\n", good, all);
    return good == all && all > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    stage *s = &the_stage;
    const char *word = NULL;
    int status = EXIT_FAILURE;

    if (argc < 3) {
        fprintf(stderr, "usage: %s DIRECTORY LOGS [--long] [WORD]\n", argv[0]);
        return 2;
    }
    s->restarts = RESTARTS;
    for (int i = 3; i < argc; i++)
        if (strcmp(argv[i], "--long") == 0)
            s->restarts = RESTARTS_LONG;
        else
            word = argv[i];
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGPIPE, SIG_IGN);
    if (set_up(s, argv[1], argv[2]))
        status = run_all(s, word);
    else
        fprintf(stderr, "Kamailio did not start: %s; see %s/kamailio-first.log\n", strerror(errno),
                argv[2]);
    kill_all();
    pipit_loop_unref(s->loop);
    if (s->transcript)
        fclose(s->transcript);
    return status;
}
