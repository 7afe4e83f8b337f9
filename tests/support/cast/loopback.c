/* loopback.c - a switchboard on loopback and user agents at it. */
#include "support/cast/loopback.h"

#include <stdio.h>

int loopback_board(pipit_loop *loop, switchboard **out)
{
    static const switchboard_user users[] = {
        {"alice", "secret"}, {"bob", "secret"}, {"carol", "secret"}};
    switchboard_options options = {.users = users, .user_count = 3};

    pp_addr_parse(PP_LIT("127.0.0.1"), 0, &options.ws);
    return switchboard_new(loop, &options, out);
}

int loopback_ua(pipit_loop *loop, const switchboard *board, pipit_ua_configuration configuration,
                pipit_ua **out)
{
    char url[64];
    int err;

    configuration.password = "secret";
    snprintf(url, sizeof(url), "ws://127.0.0.1:%u", (unsigned)switchboard_ws_port(board));
    err = pipit_websocket_new(loop, url, &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(loop, &configuration, out);
    pipit_socket_unref(configuration.sockets[0].socket);
    return err ? err : pipit_ua_start(*out);
}
