/* work.h - what can be done on another thread: encoding and decoding. A loop without threads for it does it at once. */
#ifndef PP_BASE_WORK_H
#define PP_BASE_WORK_H

#include "base/loop.h"

/* Lives in its owner, whose one stream it stands for: it is under way once at a time, so what it works on needs no lock. */
struct pp_work {
    void (*run)(void *arg);  /* on any thread: what it touches, its owner leaves alone meanwhile */
    void (*done)(void *arg); /* on the loop's thread; it may free the owner */
    void *arg;
    bool is_long;     /* as of a picture, which takes milliseconds: sound does not wait behind it */
    bool under_way;   /* it runs, or waits for that, or for `done` */
    uint64_t took_us; /* the last time */
    pp_work *next;    /* the loop's */
};

/* Hands it to a thread and returns false: `done` will be called. Or runs it here and returns true, and `done` is not called. Not while it is
 * under way. */
bool pp_work_start(pipit_loop *loop, pp_work *work); /* no loop: here */
/* Whether it may be handed to a thread, so that what it works on must be its own. */
bool pp_work_goes_away(const pipit_loop *loop);
/* Its owner goes: `release` is called with `arg`, at once or, while it is under way, instead of `done`. */
void pp_work_leave(pp_work *work, void (*release)(void *arg));
/* For implementations of loops: it has come back. */
void pp_work_end(pp_work *work);

#endif
