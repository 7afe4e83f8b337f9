/** @file window.h  Pictures in a window. There when Pipit was built with SDL2's headers, which is loaded when it is first needed.
 *  SDL2 has one screen and one queue of events for the whole program, to be used by one thread: all windows, and devices.h, belong
 *  to loops of that one thread; on macOS it must be the program's first. It is that loop which looks for events and paints. A program
 *  that uses SDL2 by itself paints by itself, from a sink of its own: its events would be taken here. */
#ifndef PIPIT_WINDOW_H
#define PIPIT_WINDOW_H

#include "pipit/types.h"
#include "pipit/video.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a window tells; may be NULL. Called on the loop's thread. */
typedef struct pipit_window_handlers {
    /** The user has closed it. It is gone, and what comes is dropped */
    void (*closed)(void *user);
} pipit_window_handlers;

/** How to open a window. */
typedef struct pipit_window_options {
    unsigned width, height;                /**< of its inside; both 0: those of the first picture */
    const pipit_window_handlers *handlers; /**< must outlive the sink; NULL: none */
    void *user;                            /**< passed to the handlers */
} pipit_window_options;

/** A sink that shows what comes, each picture together with its sound (::pipit_video_frame.wait_us). The user may change the
 *  window's size; pictures keep their shape in it. It closes when the last reference to the sink is gone, and keeps the loop running
 *  until then.
 *  @param title    UTF-8; copied
 *  @param options  NULL for defaults
 *  @param out      yours
 *  @return 0, PIPIT_ERR_NOT_SUPPORTED without SDL2, PIPIT_ERR_IO when there is no screen (its sentence says why),
 *          PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_video_sink_window(pipit_loop *loop, const char *title,
                                      const pipit_window_options *options, pipit_video_sink **out);

#ifdef __cplusplus
}
#endif
#endif
