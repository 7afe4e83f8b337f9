/* connect.h - from a host name and port to a connected stream: look-up, then addresses raced 250 ms apart
 * (happy eyeballs, RFC 8305), all under one deadline. */
#ifndef PP_IO_CONNECT_H
#define PP_IO_CONNECT_H

#include "base/loop.h"

typedef struct pp_connect pp_connect;
/* Exactly once, never from inside pp_connect_start: a connected stream that becomes the function's, or an error and a
 * sentence. The pp_connect is over and released. */
typedef void pp_connect_function(void *arg, int error, const char *reason, pp_stream *stream);

int pp_connect_start(pipit_loop *loop, const char *host, uint16_t port, unsigned timeout_ms,
                     pp_connect_function *done, void *arg, pp_connect **out);
pp_connect *pp_connect_cancel(pp_connect *connect); /* NULL is fine; returns NULL */

#endif
