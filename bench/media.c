/* media.c - what a leg costs: calls of 50 packets a second each way between two processes, one with all of them on one port, which
 * sends back what it gets, and the world around it with a socket for each. bench/media.sh makes the table. */
#include "media/measure.h"
#include "media/side.h"

#include "pipit/pipit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void usage(void)
{
    fprintf(
        stderr,
        "usage: bench_media LEGS SECONDS [pass|opus|G722|PCMU|PCMA [MEDIA_THREADS [pictures]]]\n"
        "       bench_media codec\n");
    exit(2);
}

static void die(const char *what)
{
    fprintf(stderr, "bench media: %s: %s\n", what, pipit_error_message());
    exit(1);
}

/* The world has a descriptor for each leg. */
static void allow_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static pid_t start(const bench_side_options *options, int result, int other_end)
{
    pid_t child = fork();
    bench_result r = {0};

    if (child)
        return child;
    close(other_end);
    prctl(PR_SET_NAME, options->is_us ? "us" : "world"); /* for profilers */
    if (bench_side_run(options, &r) != 0)
        die(options->is_us ? "the side that is measured" : "the world");
    _exit(write(result, &r, sizeof(r)) == sizeof(r) ? 0 : 1);
}

static void print(const char *what, unsigned legs, const bench_result *us,
                  const bench_result *world)
{
    printf("%-6s %6u %9.4f %9.1f %8u %8u %8.1f %8.2f %8.2f %8.2f %8.3f %7.1f\n", what, legs,
           us->cpu_percent / legs, us->octets / legs / 1024, us->threads, us->descriptors,
           world->setup_ms, world->latency_ms[0], world->latency_ms[1], world->latency_ms[2],
           world->lost_percent, us->cpu_percent);
    fflush(stdout);
}

/* Of legs that are encoded and decoded. */
static void print_coded(const bench_side_options *options, const bench_result *us,
                        const bench_result *world)
{
    double legs = options->legs, packets = legs * options->seconds * 50;

    printf("%-6s %6.0f %8u %9.4f %9.4f %9.1f %8.2f %8.2f %8.2f %8.3f %8.1f %8.1f\n", options->codec,
           legs, options->media_threads, us->loop_percent / legs,
           (us->cpu_percent - us->loop_percent) / legs, us->octets / legs / 1024,
           world->latency_ms[0], world->latency_ms[1], world->latency_ms[2],
           100 - (double)world->packets * 100 / packets, us->loop_percent,
           us->cpu_percent - us->loop_percent);
    fflush(stdout);
}

/* Of legs that pass through beside pictures. */
static void print_beside(const bench_side_options *options, const bench_result *us,
                         const bench_result *world)
{
    printf("%8u %8u %9.1f %9.1f %8.2f %8.2f %8.2f %8.3f %8.1f %8.1f\n", options->legs,
           options->media_threads, us->pictures, us->picture_ms, world->latency_ms[0],
           world->latency_ms[1], world->latency_ms[2], world->lost_percent, us->loop_percent,
           us->cpu_percent - us->loop_percent);
    fflush(stdout);
}

static uint64_t *shared_times(unsigned legs)
{
    void *memory = mmap(NULL, legs * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        exit(1);
    return memory;
}

static void measure(bench_side_options options)
{
    int talk[2], results[2][2];
    bench_result us, world;
    pid_t children[2];

    options.read_us = shared_times(options.legs);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, talk) || pipe(results[0]) || pipe(results[1]))
        exit(1);
    for (unsigned i = 0; i < 2; i++) {
        options.is_us = i == 0;
        options.talk = talk[i];
        children[i] = start(&options, results[i][1], talk[!i]);
        close(results[i][1]);
    }
    close(talk[0]);
    close(talk[1]);
    if (read(results[0][0], &us, sizeof(us)) != sizeof(us) ||
        read(results[1][0], &world, sizeof(world)) != sizeof(world))
        exit(1);
    for (unsigned i = 0; i < 2; i++) {
        close(results[i][0]);
        waitpid(children[i], NULL, 0);
    }
    if (options.pictures)
        print_beside(&options, &us, &world);
    else if (options.pass)
        print("pass", options.legs, &us, &world);
    else
        print_coded(&options, &us, &world);
}

static unsigned number(const char *text)
{
    return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    bench_side_options options = {.codec = "PCMU"};

    if (argc == 2 && strcmp(argv[1], "codec") == 0) {
        bench_codecs();
        return 0;
    }
    if (argc < 3)
        usage();
    options.legs = number(argv[1]);
    options.seconds = strtod(argv[2], NULL);
    options.pass = argc < 4 || strcmp(argv[3], "pass") == 0;
    if (!options.pass)
        options.codec = argv[3];
    options.media_threads = argc > 4 ? number(argv[4]) : 0;
    options.pictures = argc > 5;
    if (!options.legs || options.seconds <= 0)
        usage();
    signal(SIGPIPE, SIG_IGN);
    allow_descriptors();
    measure(options);
    return 0;
}
