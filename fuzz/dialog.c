/* dialog.c - a message that may make a dialog. When it does, the dialog is found again by its
 * parts, takes the message once more as a refresh, and its requests read back as what they
 * should be: nothing of the peer's can change their shape. FUZZ: dialog */
#include "dialog/dialog.h"

#include "base/error.h"

#include "check.h"

static pp_outgoing *make_invite(void)
{
    pp_outgoing *invite;

    CHECK(!pp_outgoing_request(PP_INVITE, PP_LIT("sip:bob@example.com"), &invite));
    pp_outgoing_add_c(invite, PP_HEADER_TO, "<sip:bob@example.com>");
    pp_outgoing_add_c(invite, PP_HEADER_FROM, "\"Alice\" <sip:alice@example.com>;tag=alices");
    pp_outgoing_add_c(invite, PP_HEADER_CALL_ID, "call");
    pp_outgoing_add_c(invite, PP_HEADER_CSEQ, "7 INVITE");
    return invite;
}

static int make_dialog(pp_dialogs *dialogs, const pp_message *message, pp_dialog **out)
{
    pp_outgoing *invite;
    int err;

    if (message->is_request)
        return pp_dialog_from_request(dialogs, message, "ours", 1, NULL, out);
    invite = make_invite();
    err = pp_dialog_from_response(dialogs, invite, message, NULL, out);
    pp_outgoing_unref(invite);
    return err;
}

static size_t count_members(const pp_message *message, pp_header_id id)
{
    pp_member at = {0};
    pp_str value;
    size_t count = 0;

    while (pp_message_next(message, id, &at, &value))
        count++;
    return count;
}

static void check_request(pp_dialog *dialog, pp_method method, uint32_t cseq)
{
    pp_outgoing *request;
    pp_message *back;
    pp_buf wire = {0};

    CHECK(!pp_dialog_request(dialog, method, cseq, &request));
    pp_outgoing_add_first(request, PP_HEADER_VIA, PP_LIT("SIP/2.0/WS a.invalid;branch=z9hG4bKx"));
    if (!pp_outgoing_write(request, &wire)) { /* else it is too large */
        CHECK(!pp_message_parse(pp_buf_text(&wire), &back));
        CHECK(!back->defect && back->method == method && back->via_count == 1 && !back->body.n);
        CHECK(pp_str_eq_c(back->call_id, dialog->call_id));
        CHECK(pp_str_eq_c(back->from_tag, dialog->local_tag));
        CHECK(pp_str_eq_c(back->to_tag, dialog->remote_tag));
        CHECK(back->cseq == (cseq ? cseq : dialog->local_cseq));
        CHECK(count_members(back, PP_HEADER_ROUTE) == dialog->route_count);
        CHECK(back->header_count == dialog->route_count + 7u);
        pp_message_unref(back);
    }
    pp_outgoing_unref(request);
    pp_buf_free(&wire);
}

static void check_dialog(pp_dialogs *dialogs, pp_dialog *dialog, const pp_message *message)
{
    pp_dialog *second = NULL;

    CHECK(pp_dialogs_find_tags(dialogs, pp_str_c(dialog->call_id), pp_str_c(dialog->local_tag),
                               pp_str_c(dialog->remote_tag)) == dialog);
    CHECK(make_dialog(dialogs, message, &second) == PIPIT_ERR_STATE && !second);
    CHECK(!pp_dialog_refresh_target(dialog, message));
    check_request(dialog, PP_BYE, 0);
    check_request(dialog, PP_ACK, 7);
    CHECK(!pp_dialog_confirm(dialog, message->is_request ? NULL : message) && dialog->confirmed);
    check_request(dialog, PP_INFO, 0);
    if (message->is_request && message->method != PP_ACK) {
        CHECK(pp_dialog_check_cseq(dialog, message) == 0);
        dialog->remote_cseq++;
        CHECK(dialog->remote_cseq == 0 || pp_dialog_check_cseq(dialog, message) == 500);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_message *message;
    pp_dialogs *dialogs;
    pp_dialog *dialog = NULL;

    if (pp_message_parse(pp_str_n(data, size), &message))
        return 0;
    CHECK(!pp_dialogs_new(&dialogs));
    if (!message->defect && !make_dialog(dialogs, message, &dialog))
        check_dialog(dialogs, dialog, message);
    pp_dialog_free(dialog);
    CHECK(pp_dialogs_count(dialogs) == 0);
    pp_dialogs_free(dialogs);
    pp_message_unref(message);
    return 0;
}
