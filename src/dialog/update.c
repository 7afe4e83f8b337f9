/* update.c - what messages change in a dialog: confirmation, target, order of requests. */
#include "base/error.h"
#include "dialog/parts.h"

static void set_target(pp_dialog *dialog, char *target)
{
    if (dialog->moved)
        pp_free(dialog->remote_target);
    dialog->remote_target = target;
    dialog->moved = true;
}

static void set_routes(pp_dialog *dialog, const pp_routes *routes)
{
    pp_routes old = {dialog->routes, dialog->route_count};

    pp_routes_free(&old);
    dialog->routes = routes->routes;
    dialog->route_count = (uint16_t)routes->count;
}

/* Mostly the far end stays where it is. */
static bool is_target(const pp_dialog *dialog, const pp_message *message)
{
    return pp_str_eq_c(message->contact.uri.text, dialog->remote_target);
}

/* PIPIT_ERR_NOT_FOUND when the message says nothing new. */
static int copy_target(const pp_dialog *dialog, const pp_message *message, char **out)
{
    pp_str target;
    int err = is_target(dialog, message) ? PIPIT_ERR_NOT_FOUND : pp_target_of(message, &target);

    if (err)
        return err;
    *out = pp_str_dup(target);
    return *out ? 0 : PIPIT_ERR_MEMORY;
}

int pp_dialog_confirm(pp_dialog *dialog, const pp_message *response)
{
    pp_routes routes = {0};
    char *target = NULL;
    int err;

    if (!response) {
        dialog->confirmed = true;
        return 0;
    }
    err = copy_target(dialog, response, &target);
    if (!err || err == PIPIT_ERR_NOT_FOUND)
        err = pp_routes_read(response, true, &routes);
    if (err) {
        pp_free(target);
        return err;
    }
    if (target)
        set_target(dialog, target);
    set_routes(dialog, &routes);
    dialog->confirmed = true;
    return 0;
}

int pp_dialog_refresh_target(pp_dialog *dialog, const pp_message *message)
{
    char *target;
    int err = copy_target(dialog, message, &target);

    if (!err)
        set_target(dialog, target);
    return err == PIPIT_ERR_NOT_FOUND ? 0 : err;
}

int pp_dialog_check_cseq(pp_dialog *dialog, const pp_message *request)
{
    if (request->method == PP_ACK)
        return 0;
    if (dialog->has_remote_cseq && request->cseq < dialog->remote_cseq)
        return 500;
    dialog->remote_cseq = request->cseq;
    dialog->has_remote_cseq = true;
    return 0;
}
