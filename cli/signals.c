/* signals.c - a thread that waits for signals: nothing runs in a signal handler. */
#include "cli/signals.h"

#include "cli/status.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define SECOND_SIGNAL_MS 300

typedef struct watch {
    pthread_t thread;
    bool running;
    atomic_bool stopping;
    sigset_t signals;
    pipit_loop *loop;
    void (*interrupted)(void *arg);
    void *arg;
} watch;

static watch the_watch;

/* A shell starts what it puts into the background with SIGINT ignored; whoever sends it one means it. A SIGHUP that is
 * ignored stays so: that is what nohup is for. */
static void watch_signals(sigset_t *out)
{
    struct sigaction hang_up;

    sigemptyset(out);
    sigaddset(out, SIGINT);
    sigaddset(out, SIGTERM);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (sigaction(SIGHUP, NULL, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN)
        sigaddset(out, SIGHUP);
}

/* The next signal; false when the thread is to end. */
static bool next_signal(watch *w)
{
    int signal_number;

    return sigwait(&w->signals, &signal_number) == 0 && !w->stopping;
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *wait_for_signals(void *arg)
{
    watch *w = arg;
    long first_ms;

    if (!next_signal(w))
        return NULL;
    first_ms = now_ms();
    pipit_loop_post(w->loop, w->interrupted, w->arg);
    /* Programs that start us, as timeout(1), send one signal twice: to us and to our group. */
    while (!w->stopping && next_signal(w))
        if (now_ms() - first_ms >= SECOND_SIGNAL_MS)
            _exit(STATUS_INTERRUPTED);
    return NULL;
}

int signals_start(pipit_loop *loop, void (*interrupted)(void *arg), void *arg)
{
    the_watch.loop = loop;
    the_watch.interrupted = interrupted;
    the_watch.arg = arg;
    the_watch.stopping = false;
    watch_signals(&the_watch.signals);
    signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &the_watch.signals, NULL) != 0 ||
        pthread_create(&the_watch.thread, NULL, wait_for_signals, &the_watch) != 0)
        return PIPIT_ERR_IO;
    the_watch.running = true;
    return 0;
}

void signals_stop(void)
{
    if (!the_watch.running)
        return;
    the_watch.stopping = true;
    pthread_kill(the_watch.thread,
                 SIGTERM); /* blocked everywhere, so it is sigwait() that takes it */
    pthread_join(the_watch.thread, NULL);
    the_watch.running = false;
}
