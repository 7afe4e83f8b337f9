/* loopback.h - a switchboard on loopback and user agents at it, over real sockets. */
#ifndef PP_TESTS_CAST_LOOPBACK_H
#define PP_TESTS_CAST_LOOPBACK_H

#include "pipit/pipit.h"
#include "switchboard/switchboard.h"

/* Its users are alice, bob and carol; the password of each is "secret". */
int loopback_board(pipit_loop *loop, switchboard **out);
/* One of them, started; the configuration needs neither password nor socket. */
int loopback_ua(pipit_loop *loop, const switchboard *board, pipit_ua_configuration configuration,
                pipit_ua **out);

#endif
