/* screen.h - windows of SDL2, all opened, painted and closed by one thread of their own: where there is no graphics card a picture
 * takes longer than a call's sound can wait. */
#ifndef PP_DEVICES_SCREEN_H
#define PP_DEVICES_SCREEN_H

#include "pipit/video.h"

typedef struct pp_screen_window pp_screen_window;

/* Waits until it is there. `width` 0: it takes the size of its first picture. PIPIT_ERR_NOT_SUPPORTED, PIPIT_ERR_IO, PIPIT_ERR_MEMORY. */
int pp_screen_open(const char *title, unsigned width, unsigned height, pp_screen_window **out);
/* Copied; it takes the place of one that is not painted yet. PIPIT_ERR_MEMORY. */
int pp_screen_show(pp_screen_window *window, const pipit_video_frame *frame);
bool pp_screen_is_closed(pp_screen_window *window); /* by the user */
/* Waits until it is gone. NULL is fine; returns NULL. */
pp_screen_window *pp_screen_close(pp_screen_window *window);

#endif
