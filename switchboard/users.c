/* users.c - who may register and call, with their passwords. */
#include "switchboard/board.h"

static void user_free(board_user *user)
{
    pp_free(user->name);
    pp_free_secret(user->password);
    pp_free(user);
}

static int check_user(const switchboard *board, const switchboard_user *user)
{
    if (!user->name || !*user->name || !user->password)
        return pp_error(PIPIT_ERR_ARGUMENT, "users: a user has a name and a password");
    if (!pp_str_is_line(pp_str_c(user->name)))
        return pp_error(PIPIT_ERR_ARGUMENT, "users: a name is one line");
    if (board_users_find(board, pp_str_c(user->name)))
        return pp_error(PIPIT_ERR_ARGUMENT, "users: '%s' is there twice", user->name);
    return 0;
}

int board_users_add(switchboard *board, const switchboard_user *user)
{
    int err = check_user(board, user);
    board_user *new_user;
    bool added = false;

    if (err)
        return err;
    new_user = PP_NEW(board_user);
    if (!new_user)
        return PIPIT_ERR_MEMORY;
    new_user->name = pp_strdup(user->name);
    new_user->password = pp_strdup(user->password);
    if (new_user->name && new_user->password)
        PP_MAP_ADD(board->users, new_user->name, strlen(new_user->name), new_user, added);
    if (added)
        return 0;
    user_free(new_user);
    return PIPIT_ERR_MEMORY;
}

board_user *board_users_find(const switchboard *board, pp_str name)
{
    board_user *user = NULL;

    if (name.n)
        HASH_FIND(hh, board->users, name.p, name.n, user);
    return user;
}

board_user *board_users_of_uri(const switchboard *board, const pp_uri *uri)
{
    pp_str escaped = pp_str_sub(uri->user, 0, pp_str_find(uri->user, ':'));
    pp_buf name = {0};
    board_user *user = NULL;

    if (!uri->user.p)
        return NULL;
    pp_uri_unescape(escaped, &name);
    if (!pp_buf_error(&name))
        user = board_users_find(board, pp_buf_text(&name));
    pp_buf_free(&name);
    return user;
}

void board_users_free(switchboard *board)
{
    board_user *user, *next;

    HASH_ITER (hh, board->users, user, next) {
        while (user->bindings)
            board_location_unbind(user->bindings);
        HASH_DEL(board->users, user);
        user_free(user);
    }
}
