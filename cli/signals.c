/* signals.c - a thread that waits for signals: nothing runs in a signal handler. */
#include "cli/signals.h"

#include "cli/status.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

typedef struct watch {
    pthread_t thread;
    bool running;
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

static void *wait_for_signals(void *arg)
{
    watch *w = arg;
    int signal_number;

    if (sigwait(&w->signals, &signal_number) == 0) {
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
        pipit_loop_post(w->loop, w->interrupted, w->arg);
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    }
    if (sigwait(&w->signals, &signal_number) == 0)
        _exit(STATUS_INTERRUPTED);
    return NULL;
}

int signals_start(pipit_loop *loop, void (*interrupted)(void *arg), void *arg)
{
    the_watch = (watch){.loop = loop, .interrupted = interrupted, .arg = arg};
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
    pthread_cancel(the_watch.thread); /* sigwait() is where it is cancelled */
    pthread_join(the_watch.thread, NULL);
    the_watch.running = false;
}
