/* stage.c - waiting while the loop runs, asking a server, and noting what came of it. */
#include "interop/kamailio/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY_MS 10
#define ANSWER_MS     10000u

/* --- time ------------------------------------------------------------------------------------- */

uint64_t stage_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The loop as a foreign one: what we wait for is no event of its own. */
static void turn(stage *s)
{
    struct pollfd fd = {.fd = pipit_loop_fd(s->loop), .events = POLLIN};
    int due_ms = pipit_loop_timeout_ms(s->loop);

    poll(&fd, 1, due_ms >= 0 && due_ms < LOOK_EVERY_MS ? due_ms : LOOK_EVERY_MS);
    pipit_loop_run_once(s->loop);
}

bool stage_wait(stage *s, bool (*done)(void *arg), void *arg, unsigned ms)
{
    uint64_t end = stage_now_ms() + ms;

    while (!done(arg)) {
        if (stage_now_ms() >= end)
            return false;
        turn(s);
    }
    return true;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void stage_rest(stage *s, unsigned ms)
{
    stage_wait(s, never, NULL, ms);
}

/* --- notes ------------------------------------------------------------------------------------ */

bool stage_fail(stage *s, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(s->reason, sizeof(s->reason), format, arguments);
    va_end(arguments);
    return false;
}

bool stage_note(stage *s, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(s->detail, sizeof(s->detail), format, arguments);
    va_end(arguments);
    return true;
}

/* --- the remote control ----------------------------------------------------------------------- */

#define ARGUMENTS_MAX 16

static void become_kamcmd(const stage *s, const server *of, const char *const *arguments, int out)
{
    char control[256];
    const char *command[ARGUMENTS_MAX + 4] = {"kamcmd", "-s", control};

    snprintf(control, sizeof(control), "unix:%s/%s.ctl", s->directory, of->name);
    for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i]; i++)
        command[i + 3] = arguments[i];
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
        _exit(126);
    execvp("kamcmd", (char *const *)(uintptr_t)command);
    _exit(127);
}

typedef struct answer {
    int fd;
    char *text;
    size_t size, used;
} answer;

static bool has_ended(void *arg)
{
    answer *a = arg;
    char rest[512];

    for (;;) {
        bool room = a->used + 1 < a->size;
        ssize_t n = room ? read(a->fd, a->text + a->used, a->size - a->used - 1)
                         : read(a->fd, rest, sizeof(rest));

        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return true;
        if (n < 0)
            return false;
        if (room)
            a->used += (size_t)n;
        a->text[a->used] = '\0';
    }
}

bool stage_ask(stage *s, const server *of, const char *const *arguments)
{
    answer a = {.text = s->answer, .size = sizeof(s->answer)};
    int ends[2], status = 0;
    pid_t pid;

    s->answer[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid = fork();
    if (pid == 0)
        become_kamcmd(s, of, arguments, ends[1]);
    close(ends[1]);
    a.fd = ends[0];
    fcntl(a.fd, F_SETFL, O_NONBLOCK);
    if (pid > 0 && !stage_wait(s, has_ended, &a, ANSWER_MS))
        kill(pid, SIGKILL);
    close(a.fd);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 &&
           strncmp(s->answer, "error: ", 7) != 0; /* kamcmd ends well after an error, too */
}
