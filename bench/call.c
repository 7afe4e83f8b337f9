/* call.c - what a call costs without its media: CPU of either side, memory while it is up and when it is over. Each part is a
 * run of its own; bench/call.sh puts their lines into a file, and the table is made of that. */
#include "call/end.h"
#include "ua/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WINDOW       50
#define LISTENING_US 300000 /* until the callee listens */

/* Two processes, so that each side's time is its own. */
static int run(const bench_end_options *options)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        bench_answer(options);
        exit(EXIT_SUCCESS);
    }
    if (child < 0)
        return EXIT_FAILURE;
    usleep(LISTENING_US);
    child = fork();
    if (child == 0) {
        bench_call(options);
        exit(EXIT_SUCCESS);
    }
    while (wait(&status) > 0)
        if (status)
            return EXIT_FAILURE;
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    bench_end_options options = {0};

    if (argc < 4 || (strcmp(argv[1], "time") != 0 && strcmp(argv[1], "established") != 0 &&
                     strcmp(argv[1], "left") != 0)) {
        fprintf(stderr, "usage: bench_call time PORT CALLS WINDOW\n"
                        "       bench_call established PORT CALLS\n"
                        "       bench_call left PORT CALLS\n");
        return 2;
    }
    options.hold = strcmp(argv[1], "established") == 0;
    options.left = strcmp(argv[1], "left") == 0;
    options.port = (uint16_t)atoi(argv[2]);
    options.count = (unsigned)atoi(argv[3]);
    options.window = options.hold ? options.count : argc > 4 ? (unsigned)atoi(argv[4]) : WINDOW;
    options.warm = options.hold ? 1 : options.count / 10 + 1;
    if (options.hold || options.left)
        bench_memory_watch();
    return run(&options);
}
