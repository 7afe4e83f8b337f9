/* server.c - one Kamailio as processes of ours. It runs in a process group of its own and never as root. */
#include "interop/kamailio/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/kamailio/stage.h"

#define NOBODY          65534
#define START_MS        10000u
#define PATH_LENGTH_MAX 256

static void path_of(char path[PATH_LENGTH_MAX], const char *directory, const server *it,
                    const char *ending)
{
    snprintf(path, PATH_LENGTH_MAX, "%s/%s.%s", directory, it->name, ending);
}

/* --- ports and configuration ------------------------------------------------------------------ */

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

/* A port that is free on TCP and on UDP now. @return -1 when none is */
static int free_port(void)
{
    for (int attempt = 0; attempt < 20; attempt++) {
        struct sockaddr_in address = loopback(0);
        socklen_t size = sizeof(address);
        int tcp = socket(AF_INET, SOCK_STREAM, 0);
        int udp = socket(AF_INET, SOCK_DGRAM, 0);
        bool free = bind(tcp, (struct sockaddr *)&address, size) == 0 &&
                    getsockname(tcp, (struct sockaddr *)&address, &size) == 0 &&
                    bind(udp, (struct sockaddr *)&address, size) == 0;

        close(tcp);
        close(udp);
        if (free)
            return ntohs(address.sin_port);
    }
    return -1;
}

int server_prepare(stage *s, server *it)
{
    char path[PATH_LENGTH_MAX];
    FILE *file;

    it->port = free_port();
    it->tls_port = free_port();
    path_of(path, s->directory, it, "start.cfg");
    file = fopen(path, "w");
    if (!file || it->port < 0 || it->tls_port < 0)
        return -1;
    fprintf(file, "#!KAMAILIO\n#!substdef \"!CTL!%s/%s.ctl!g\"\n#!substdef \"!DIR!%s!g\"\n",
            s->directory, it->name, s->directory);
    fprintf(file, "#!substdef \"!OWN_PORT!%d!g\"\n%s", it->port, it->defines);
    fprintf(file, "listen=udp:127.0.0.1:%d\nlisten=tcp:127.0.0.1:%d\nlisten=tls:127.0.0.1:%d\n",
            it->port, it->port, it->tls_port);
    fprintf(file, "include_file \"%s/%s\"\n", s->directory, it->configuration);
    return fclose(file) == 0 ? 0 : -1;
}

/* --- started and ended ------------------------------------------------------------------------ */

static void become_kamailio(const stage *s, const server *it)
{
    char configuration[PATH_LENGTH_MAX], log[PATH_LENGTH_MAX];
    int out;

    path_of(configuration, s->directory, it, "start.cfg");
    snprintf(log, sizeof(log), "%s/kamailio-%s.log", s->logs, it->name);
    out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    setpgid(0, 0);
    if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
        _exit(126);
    if (getuid() == 0 && (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execlp("kamailio", "kamailio", "-f", configuration, "-DD", "-E", "-m", "64", "-M", "8", "-w",
           s->directory, "-Y", s->directory, (char *)NULL);
    _exit(127);
}

static bool accepts(int port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    close(fd);
    return good;
}

static bool listens(void *arg)
{
    const server *it = arg;

    return accepts(it->port) && accepts(it->tls_port);
}

bool server_start(stage *s, server *it)
{
    char control[PATH_LENGTH_MAX];

    path_of(control, s->directory, it, "ctl");
    unlink(control);
    it->pid = fork();
    if (it->pid == 0)
        become_kamailio(s, it);
    if (it->pid < 0) {
        it->pid = 0;
        return false;
    }
    setpgid(it->pid, it->pid); /* the child does so too; whoever comes first */
    return stage_wait(s, listens, it, START_MS);
}

void server_kill(server *it)
{
    if (it->pid <= 0)
        return;
    kill(-it->pid, SIGKILL);
    waitpid(it->pid, NULL, 0);
    it->pid = 0;
}

void server_freeze(const server *it)
{
    kill(-it->pid, SIGSTOP);
}

void server_thaw(const server *it)
{
    kill(-it->pid, SIGCONT);
}

unsigned server_logged(const stage *s, const server *it, const char *text)
{
    char path[PATH_LENGTH_MAX], line[2048];
    unsigned count = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/kamailio-%s.log", s->logs, it->name);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        count += strstr(line, text) != NULL;
    if (file)
        fclose(file);
    return count;
}
