/* ua.c - what a user agent costs: memory while it is idle, CPU of a registration, many on one loop, transactions beside many
 * others. Each part is a run of its own; bench/ua.sh puts their lines into a file, and the table is made of that. */
#include "ua/alive.h"
#include "ua/crowd.h"
#include "ua/figures.h"
#include "ua/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define SPARE_DESCRIPTORS 64u
#define TURNS             2000u /* transactions that are timed */
#define COUNTED           200u  /* under callgrind */

static void usage(void)
{
    fprintf(stderr, "usage: bench_ua FIGURES\n"
                    "       bench_ua memory NAME bare|agent URL COUNT [CA-FILE]\n"
                    "       bench_ua register fresh|again URL COUNT ROUNDS\n"
                    "       bench_ua crowd URL COUNT EXPIRES SECONDS\n"
                    "       bench_ua alive client|server COUNT [--count]\n");
    exit(2);
}

static double us_of(struct timeval t)
{
    return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

/* In user space and in the kernel. */
static double used_us(const struct rusage *before, const struct rusage *after)
{
    return us_of(after->ru_utime) + us_of(after->ru_stime) - us_of(before->ru_utime) -
           us_of(before->ru_stime);
}

/* Room for a descriptor each; fewer where the system does not allow so many. */
static unsigned afford(unsigned count)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return count;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= count + SPARE_DESCRIPTORS)
        return count;
    fprintf(stderr, "bench ua: %lu descriptors are allowed, so %lu user agents instead of %u\n",
            (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_cur - SPARE_DESCRIPTORS,
            count);
    return (unsigned)limit.rlim_cur - SPARE_DESCRIPTORS;
}

static void memory_figure(const char *name, const char *kind, const char *what, double value)
{
    char text[64];

    snprintf(text, sizeof(text), "memory.%s.%s.%s", name, kind, what);
    bench_figure(text, value);
}

/* The first of all is not counted: it brings what is there once, such as tables of OpenSSL. */
static void measure_memory(char **argv, int argc)
{
    bench_crowd_options options = {
        .url = argv[2], .ca_file = argc > 4 ? argv[4] : NULL, .bare = strcmp(argv[1], "bare") == 0};
    size_t ours, openssl, resident;
    bench_crowd *first, *crowd;
    double count;

    bench_memory_watch();
    options.count = 1;
    first = bench_crowd_gather(&options);
    ours = bench_memory_ours();
    openssl = bench_memory_openssl();
    resident = bench_memory_resident();
    options.count = afford((unsigned)atoi(argv[3]));
    crowd = bench_crowd_gather(&options);
    count = options.count;
    memory_figure(argv[0], argv[1], "heap", (double)(bench_memory_ours() - ours) / count);
    memory_figure(argv[0], argv[1], "openssl", (double)(bench_memory_openssl() - openssl) / count);
    memory_figure(argv[0], argv[1], "resident",
                  (double)(bench_memory_resident() - resident) / count);
    bench_crowd_dismiss(crowd);
    bench_crowd_dismiss(first);
}

static void measure_registration(char **argv)
{
    bench_crowd_options options = {.url = argv[1], .count = afford((unsigned)atoi(argv[2]))};
    bool fresh = strcmp(argv[0], "fresh") == 0;
    unsigned rounds = (unsigned)atoi(argv[3]);
    bench_crowd *crowd = bench_crowd_gather(&options);
    struct rusage before, after;
    double count = (double)options.count * rounds;
    char name[64];

    bench_crowd_register(crowd, 2, fresh);
    getrusage(RUSAGE_SELF, &before);
    bench_crowd_register(crowd, rounds, fresh);
    getrusage(RUSAGE_SELF, &after);
    snprintf(name, sizeof(name), "register.pipit.%s.user", argv[0]);
    bench_figure(name, (us_of(after.ru_utime) - us_of(before.ru_utime)) / count);
    snprintf(name, sizeof(name), "register.pipit.%s.all", argv[0]);
    bench_figure(name, used_us(&before, &after) / count);
    bench_crowd_dismiss(crowd);
}

static void measure_crowd(char **argv)
{
    bench_crowd_options options = {.url = argv[0],
                                   .count = afford((unsigned)atoi(argv[1])),
                                   .expires_s = (unsigned)atoi(argv[2])};
    bench_crowd *crowd = bench_crowd_gather(&options);
    unsigned long requests = bench_crowd_requests(crowd);
    struct rusage before, after;

    getrusage(RUSAGE_SELF, &before);
    bench_crowd_wait(crowd, 1000 * (unsigned)atoi(argv[3]));
    getrusage(RUSAGE_SELF, &after);
    requests = bench_crowd_requests(crowd) - requests;
    bench_figure("crowd.agents", options.count);
    bench_figure("crowd.registered", bench_crowd_registered(crowd));
    bench_figure("crowd.losses", bench_crowd_losses(crowd));
    bench_figure("crowd.refreshes", (double)requests);
    bench_figure("crowd.cpu", used_us(&before, &after) / (double)requests);
    bench_crowd_dismiss(crowd);
}

static void measure_alive(char **argv, bool instructions)
{
    const bench_alive_options options = {.server = strcmp(argv[0], "server") == 0,
                                         .alive = (unsigned)atoi(argv[1]),
                                         .times = instructions ? COUNTED : TURNS,
                                         .count = instructions};
    double ns = bench_alive(&options);
    char name[64];

    if (instructions)
        return;
    snprintf(name, sizeof(name), "alive.%s.%s.ns", argv[0], argv[1]);
    bench_figure(name, ns);
}

int main(int argc, char **argv)
{
    const char *part = argc > 1 ? argv[1] : "";

    if (argc == 2)
        bench_figures_table(part);
    else if (argc >= 6 && strcmp(part, "memory") == 0)
        measure_memory(argv + 2, argc - 2);
    else if (argc == 6 && strcmp(part, "register") == 0)
        measure_registration(argv + 2);
    else if (argc == 6 && strcmp(part, "crowd") == 0)
        measure_crowd(argv + 2);
    else if (argc >= 4 && strcmp(part, "alive") == 0)
        measure_alive(argv + 2, argc > 4);
    else
        usage();
    return EXIT_SUCCESS;
}
