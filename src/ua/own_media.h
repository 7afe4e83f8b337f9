/* own_media.h - inside of pipit_own_media: how a call takes them. */
#ifndef PP_UA_OWN_MEDIA_H
#define PP_UA_OWN_MEDIA_H

#include "pipit/own_media.h"
#include "ua/media_session.h"

/* As pp_media_session_new; PIPIT_ERR_STATE when they are in another call. The session holds a reference until it is closed. */
int pp_own_media_attach(pipit_own_media *media, pipit_loop *loop,
                        const pp_media_session_handlers *handlers, void *arg,
                        pp_media_session **out);

#endif
