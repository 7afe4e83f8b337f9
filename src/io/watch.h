/* watch.h - a descriptor of ours under uv_poll_t, with its two traps taken out: an error stops the watch and is told as
 * EBADF whatever it was, and the memory must outlive the close. */
#ifndef PP_IO_WATCH_H
#define PP_IO_WATCH_H

#include "io/real_loop.h"

typedef struct pp_watch pp_watch;

struct pp_watch {
    uv_poll_t poll;
    pp_real_loop *loop;
    int fd;
    int events;
    /* UV_READABLE and UV_WRITABLE as they are; 0 means an error: the watch has stopped, ask the socket for it. */
    void (*ready)(pp_watch *watch, int events);
    void (*closed)(pp_watch *watch); /* the memory may be freed */
};

/* 0 or PIPIT_ERR_IO; the descriptor stays the caller's on failure. */
int pp_watch_init(pp_watch *watch, pp_real_loop *loop, int fd,
                  void (*ready)(pp_watch *watch, int events));
void pp_watch_set(pp_watch *watch, int events);
/* Closes the descriptor at once; `closed` follows. */
void pp_watch_close(pp_watch *watch, void (*closed)(pp_watch *watch));
int pp_watch_error(const pp_watch *watch); /* SO_ERROR, which this clears: an errno, or 0 */

#endif
