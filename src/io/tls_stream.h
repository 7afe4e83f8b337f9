/* tls_stream.h - TLS above any stream: a pp_stream itself. Takes the lower stream over. */
#ifndef PP_IO_TLS_STREAM_H
#define PP_IO_TLS_STREAM_H

#include "base/loop.h"
#include "crypto/tls.h"

/* Client: `lower` may still be connecting. handlers->connected is called when TLS is established. On failure `lower` is
 * left to the caller. */
int pp_tls_stream_client(pipit_loop *loop, pp_stream *lower, pp_tls_context *context,
                         const char *name, const pp_stream_handlers *handlers, void *arg,
                         pp_stream **out);
/* Server: `lower` is connected (just accepted). */
int pp_tls_stream_server(pipit_loop *loop, pp_stream *lower, pp_tls_context *context,
                         const pp_stream_handlers *handlers, void *arg, pp_stream **out);

#endif
