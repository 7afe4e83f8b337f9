/* dialogs.c - a table of dialogs, and the messages that Alice and Bob send each other. */
#include "unit/dialog/support/dialogs.h"

#include "base/error.h"

#include <stdio.h>

pp_dialogs *dialogs;

int open_table(void **state)
{
    (void)state;
    return pp_dialogs_new(&dialogs);
}

int close_table(void **state)
{
    (void)state;
    if (pp_dialogs_count(dialogs))
        return -1;
    dialogs = pp_dialogs_free(dialogs);
    return 0;
}

pp_message *parse(const char *start_line, const char *from, const char *to, const char *cseq,
                  const char *more)
{
    static char text[16384];
    pp_message *message;

    snprintf(text, sizeof(text),
             "%s\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKx\r\nFrom: %s\r\nTo: %s\r\nCall-ID: "
             "call\r\nCSeq: %s\r\n"
             "Max-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
             start_line, from, to, cseq, more);
    if (pp_message_parse(pp_str_c(text), &message))
        return NULL;
    assert_int_equal(message->defect, 0);
    return message;
}

pp_outgoing *make_invite(void)
{
    pp_outgoing *invite;

    if (pp_outgoing_request(PP_INVITE, PP_LIT("sip:bob@example.com"), &invite))
        return NULL;
    pp_outgoing_add_c(invite, PP_HEADER_VIA, "SIP/2.0/WS a.invalid;branch=z9hG4bKx");
    pp_outgoing_add_c(invite, PP_HEADER_TO, BOB);
    pp_outgoing_add_c(invite, PP_HEADER_FROM, ALICE);
    pp_outgoing_add_c(invite, PP_HEADER_CALL_ID, "call");
    pp_outgoing_add_c(invite, PP_HEADER_CSEQ, "7 INVITE");
    if (pp_outgoing_error(invite))
        return pp_outgoing_unref(invite);
    return invite;
}

pp_message *answer(int status, const char *to, const char *more)
{
    char line[32];

    snprintf(line, sizeof(line), "SIP/2.0 %d Whatever", status);
    return parse(line, ALICE, to, "7 INVITE", more);
}

pp_message *request(const char *method, unsigned cseq, const char *to, const char *more)
{
    char line[64], number[32];

    snprintf(line, sizeof(line), "%s sip:alice@a.invalid SIP/2.0", method);
    snprintf(number, sizeof(number), "%u %s", cseq, method);
    return parse(line, BOBS, to, number, more);
}

int dialog_of(int status, const char *to, const char *more, pp_dialog **out)
{
    pp_outgoing *invite = make_invite();
    pp_message *response = answer(status, to, more);
    int err = invite && response ? pp_dialog_from_response(dialogs, invite, response, NULL, out)
                                 : PIPIT_ERR_MEMORY;

    pp_outgoing_unref(invite);
    pp_message_unref(response);
    return err;
}

pp_dialog *calling(const char *more)
{
    pp_dialog *dialog = NULL;

    assert_int_equal(dialog_of(200, BOBS, more, &dialog), 0);
    return dialog;
}

pp_dialog *called(const char *more)
{
    pp_message *invite = request("INVITE", 5, "\"Me\" <sip:alice@example.com>", more);
    pp_dialog *dialog = NULL;

    assert_int_equal(pp_dialog_from_request(dialogs, invite, "mine", 100,
                                            &(pp_dialog_owner){.self = &dialog}, &dialog),
                     0);
    pp_message_unref(invite);
    return dialog;
}

bool finds(const char *from, const char *to, const char *method)
{
    char line[64];
    pp_message *message;
    bool found;

    snprintf(line, sizeof(line), "%s sip:alice@a.invalid SIP/2.0", method);
    message = parse(line, from, to, strcmp(method, "BYE") ? "1 INFO" : "1 BYE", "");
    found = pp_dialogs_find(dialogs, message) != NULL;
    pp_message_unref(message);
    return found;
}
