/* descriptor.h - making sockets, and what their errors mean to people. */
#ifndef PP_IO_DESCRIPTOR_H
#define PP_IO_DESCRIPTOR_H

#include "base/addr.h"

#define PP_IO_SENTENCE 192

/* A non-blocking, close-on-exec socket: SOCK_STREAM or SOCK_DGRAM. */
int pp_io_socket(const pp_addr *address, int type, int *out);
/* An IPv4 address of many (224.0.0.0/4): a datagram socket at one shares it, and hears it on every interface. */
bool pp_io_is_group(const pp_addr *at);
/* Bound to `at`; `local` is `at` with the port that was chosen. */
int pp_io_bound_socket(const pp_addr *at, int type, int *out, pp_addr *local);
/* "connection refused by 127.0.0.1:80"; 0 is an orderly end. Returns `out`, which holds PP_IO_SENTENCE. */
char *pp_io_sentence(int system_error, const pp_addr *peer, char *out);
int pp_io_error_code(int system_error); /* 0, PIPIT_ERR_TIMEOUT or PIPIT_ERR_CONNECTION */

#endif
