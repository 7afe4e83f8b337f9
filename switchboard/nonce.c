/* nonce.c - nonces of digest authentication (RFC 7616 section 5.4): checked without being stored,
 * used once a count. */
#include "switchboard/board.h"

#include <stdio.h>

#define NONCE_LIFE_MS 60000u

static int write_nonce(const board_connection *connection, uint64_t time_ms, uint32_t number,
                       char out[BOARD_NONCE_SIZE])
{
    char body[BOARD_NONCE_SIZE - BOARD_MAC], mac[BOARD_MAC];
    pp_str pieces[2] = {PP_LIT_INIT("nonce "), {body, 0}};
    int err;

    pieces[1].n = (size_t)snprintf(body, sizeof(body), "%llx-%llx-%x", (unsigned long long)time_ms,
                                   (unsigned long long)connection->id, number);
    err = board_mac(connection->board, pieces, 2, mac);
    if (!err)
        snprintf(out, BOARD_NONCE_SIZE, "%s-%s", body, mac);
    return err;
}

int board_nonce_make(board_connection *connection, char out[BOARD_NONCE_SIZE])
{
    board_nonces *nonces = &connection->nonces;
    uint32_t number = nonces->made;
    int err = write_nonce(connection, pp_loop_now_ms(connection->board->loop), number, out);

    if (err)
        return err;
    nonces->made++;
    nonces->counts[number % BOARD_NONCES] = 0;
    return 0;
}

/* The time and number of a nonce that this connection was given. */
static bool read_nonce(const board_connection *connection, pp_str nonce, uint64_t *time_ms,
                       uint32_t *number)
{
    pp_str rest = nonce;
    uint64_t id, n;
    char expected[BOARD_NONCE_SIZE];

    if (!board_hex(pp_str_split(&rest, '-'), time_ms) ||
        !board_hex(pp_str_split(&rest, '-'), &id) || !board_hex(pp_str_split(&rest, '-'), &n) ||
        id != connection->id || n >= connection->nonces.made)
        return false;
    if (write_nonce(connection, *time_ms, (uint32_t)n, expected))
        return false;
    *number = (uint32_t)n;
    return strlen(expected) == nonce.n && pp_equal_constant_time(expected, nonce.p, nonce.n);
}

bool board_nonce_take(board_connection *connection, pp_str nonce, pp_str nc)
{
    board_nonces *nonces = &connection->nonces;
    uint64_t time_ms, count;
    uint32_t number;

    if (!read_nonce(connection, nonce, &time_ms, &number) || nc.n != 8 || !board_hex(nc, &count))
        return false;
    if (pp_loop_now_ms(connection->board->loop) - time_ms > NONCE_LIFE_MS ||
        nonces->made - number > BOARD_NONCES)
        return false;
    if (count <= nonces->counts[number % BOARD_NONCES])
        return false;
    nonces->counts[number % BOARD_NONCES] = (uint32_t)count;
    return true;
}
