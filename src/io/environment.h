/* environment.h - what the program's environment says of the network. */
#ifndef PP_IO_ENVIRONMENT_H
#define PP_IO_ENVIRONMENT_H

#include <stdbool.h>

/* The proxy for connections with TLS or without: https_proxy or HTTPS_PROXY, http_proxy. NULL: none. The upper case of the
 * last is left alone, as curl does: a web server sets it from what its clients send. */
const char *pp_io_environment_proxy(bool secure);
const char *pp_io_environment_no_proxy(void); /* no_proxy or NO_PROXY; NULL: none */

#endif
