/* reply.c - answers the switchboard gives by itself. */
#include "switchboard/board.h"

#include <stdio.h>

#define TAG_SIZE 12

int board_reply_new(board_connection *connection, const pp_message *request, int status,
                    const char *phrase, pp_outgoing **out)
{
    char tag[TAG_SIZE + 1];
    pp_outgoing *reply;
    int err;

    pp_rng_token(&connection->board->loop->rng, tag, TAG_SIZE);
    err = pp_outgoing_response(request, status, phrase, status == 100 ? NULL : tag, &reply);
    if (err)
        return err;
    pp_outgoing_add_c(reply, PP_HEADER_SERVER, "Pipit switchboard");
    *out = reply;
    return 0;
}

void board_reply_send(pp_server_transaction *transaction, int err, pp_outgoing *reply)
{
    if (!err)
        pp_server_respond(transaction, reply);
    pp_outgoing_unref(reply);
}

void board_reply(pp_server_transaction *transaction, int status, const char *phrase)
{
    pp_outgoing *reply = NULL;
    int err = board_reply_new(pp_server_flow(transaction), pp_server_request(transaction), status,
                              phrase, &reply);

    board_reply_send(transaction, err, reply);
}

void board_reply_foreign(pp_server_transaction *transaction)
{
    const board_connection *connection = pp_server_flow(transaction);
    char phrase[300];

    snprintf(phrase, sizeof(phrase), "Not Found, this switchboard serves %.200s only",
             connection->board->domain);
    board_reply(transaction, 404, phrase);
}
