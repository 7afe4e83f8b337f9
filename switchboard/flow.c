/* flow.c - flow tokens (RFC 5626 section 5.2): the Record-Route of a dialog names the two
 * connections it lives on, under a checksum, so that its requests find the other one from either
 * end and nobody can make one up. */
#include "switchboard/board.h"

#include <stdio.h>

static int write_token(const switchboard *board, uint64_t a, uint64_t b, char out[BOARD_FLOW_SIZE])
{
    char body[BOARD_FLOW_SIZE - BOARD_MAC], mac[BOARD_MAC];
    pp_str pieces[2] = {PP_LIT_INIT("flow "), {body, 0}};
    int err;

    pieces[1].n = (size_t)snprintf(body, sizeof(body), "%llx-%llx", (unsigned long long)a,
                                   (unsigned long long)b);
    err = board_mac(board, pieces, 2, mac);
    if (!err)
        snprintf(out, BOARD_FLOW_SIZE, "%.*s-%s", PP_STR(pieces[1]), mac);
    return err;
}

int board_flow_write(const board_connection *a, const board_connection *b,
                     char out[BOARD_FLOW_SIZE])
{
    return write_token(a->board, a->id, b->id, out);
}

bool board_flow_read(const switchboard *board, pp_str token, uint64_t ends[2])
{
    pp_str rest = token;
    uint64_t a, b;
    char expected[BOARD_FLOW_SIZE];

    if (!board_hex(pp_str_split(&rest, '-'), &a) || !board_hex(pp_str_split(&rest, '-'), &b) ||
        write_token(board, a, b, expected))
        return false;
    if (strlen(expected) != token.n || !pp_equal_constant_time(expected, token.p, token.n))
        return false;
    ends[0] = a;
    ends[1] = b;
    return true;
}
