/** @file loop.h  The event loop: one loop, one thread. Everything made with a loop is used on its thread only. */
#ifndef PIPIT_LOOP_H
#define PIPIT_LOOP_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Makes a loop of our own (epoll or kqueue, by libuv).
 *  @param out  yours; release with pipit_loop_unref()
 *  @return 0, PIPIT_ERR_MEMORY, PIPIT_ERR_IO */
PIPIT_API int pipit_loop_new(pipit_loop **out);

/** Wraps a libuv loop the program already runs. The program keeps running it with uv_run().
 *  @param uv_loop  a `uv_loop_t *`, which must outlive the pipit loop
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY, PIPIT_ERR_IO */
PIPIT_API int pipit_loop_wrap(void *uv_loop, pipit_loop **out);

PIPIT_API pipit_loop *pipit_loop_ref(pipit_loop *loop);

/** Drops a reference; the last one closes the loop. NULL is fine.
 *  @return NULL, for `loop = pipit_loop_unref(loop)` */
PIPIT_API pipit_loop *pipit_loop_unref(pipit_loop *loop);

/** Runs until nothing is left to wait for (no connection, no timer) or pipit_loop_stop() was called.
 *  @return 0, PIPIT_ERR_STATE when it is running already, PIPIT_ERR_THREAD */
PIPIT_API int pipit_loop_run(pipit_loop *loop);

/** Makes pipit_loop_run() return after the current turn. */
PIPIT_API void pipit_loop_stop(pipit_loop *loop);

/** For a foreign loop: watch pipit_loop_fd() for reading, wait at most pipit_loop_timeout_ms(), then call
 *  pipit_loop_run_once(). Ask for the timeout again after every batch of API calls. Examples: examples/own_loop.c,
 *  examples/epoll_loop.c, examples/glib_loop.c
 *  @return a file descriptor that stays the loop's */
PIPIT_API int pipit_loop_fd(const pipit_loop *loop);
/** @return milliseconds until something is due; 0 for now, -1 for never */
PIPIT_API int pipit_loop_timeout_ms(const pipit_loop *loop);
/** Does what is ready, without waiting. @return 0, PIPIT_ERR_THREAD */
PIPIT_API int pipit_loop_run_once(pipit_loop *loop);

/** Calls `function(arg)` on the loop's thread, in order, soon. The one call that is safe from any thread.
 *  @return 0, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_loop_post(pipit_loop *loop, void (*function)(void *arg), void *arg);

/** Calls `function(arg)` once after `delay_ms`. It keeps the loop running until then.
 *  @return 0, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_loop_after(pipit_loop *loop, uint64_t delay_ms, void (*function)(void *arg),
                               void *arg);

/** @return the loop's monotonic time in milliseconds; only differences mean something, and what one piece of input makes
 *  handlers be called for has one time */
PIPIT_API uint64_t pipit_loop_now_ms(const pipit_loop *loop);

/** For pipit_loop_set_media_threads(): as many as the machine has cores less one, which is the loop's; 8 at most. */
#define PIPIT_MEDIA_THREADS_BY_CORES (~0u)

/** Encodes and decodes on threads of their own, so that a picture that takes 20 ms to encode does not make everything else of the loop
 *  wait. Without (as at first) all is done on the loop's thread, which is least work, and enough for some calls with sound. Sources,
 *  sinks and events are called on the loop's thread in any case. The functions of pipit_set_allocator() are called from the threads
 *  as well. Those there were are waited for and ended.
 *  @param count  0 to 64, or ::PIPIT_MEDIA_THREADS_BY_CORES
 *  @return 0, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY, PIPIT_ERR_THREAD, PIPIT_ERR_IO when the system gives no
 *  thread: there are none then */
PIPIT_API int pipit_loop_set_media_threads(pipit_loop *loop, unsigned count);

/** What media threads do. An item is a picture or a piece of sound that is encoded or decoded. */
typedef struct pipit_media_threads {
    unsigned count;
    uint64_t items;   /**< done by them */
    uint64_t refused; /**< done by the loop's thread because they had enough to do */
    uint64_t busy_us; /**< time they took, of all together */
} pipit_media_threads;

/** @param out  since the threads were made; zeroes without any */
PIPIT_API void pipit_loop_get_media_threads(const pipit_loop *loop, pipit_media_threads *out);

#ifdef __cplusplus
}
#endif
#endif
