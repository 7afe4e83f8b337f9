/* stage.h - what every case works with: a loop, the servers, a directory, and a place for the reason of a failure. */
#ifndef INTEROP_STAGE_H
#define INTEROP_STAGE_H

#include <pipit/pipit.h>
#include <stdio.h>

#include "interop/kamailio/server.h"

#define DOMAIN "lab.test"

typedef struct stage {
    pipit_loop *loop;
    const char *directory; /* certificates, configurations, control sockets */
    const char *logs;
    char authority[256]; /* file with the certificate of our authority */
    FILE *transcript;    /* every SIP message of ours */
    server first, second, edge;
    bool is_long;      /* --long */
    unsigned restarts; /* how often the server is killed */
    char answer[8192]; /* of a server's remote control, the last one */
    char reason[600];  /* of the last failure */
    char detail[200];  /* what an `ok` line says besides */
} stage;

/* Runs the loop until `done(arg)`, at most so long. */
bool stage_wait(stage *s, bool (*done)(void *arg), void *arg, unsigned ms);
/* Runs the loop for so long. */
void stage_rest(stage *s, unsigned ms);
uint64_t stage_now_ms(void);

/* Notes why a case failed. @return false */
bool stage_fail(stage *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Notes figures for the line of a case that went well. @return true */
bool stage_note(stage *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Leaves the case with a reason when `condition` does not hold. */
#define NEED(s, condition, ...)                                                                    \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            good = stage_fail(s, __VA_ARGS__);                                                     \
            goto out;                                                                              \
        }                                                                                          \
    } while (0)

/* Asks a server's remote control while the loop runs on. What it says is the stage's `answer` then.
 * @param arguments  of kamcmd, NULL at the end
 * @return whether it went well */
bool stage_ask(stage *s, const server *of, const char *const *arguments);

#endif
