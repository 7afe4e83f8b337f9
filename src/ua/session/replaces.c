/* replaces.c - an incoming call that takes the place of one we have (RFC 3891): the last step of an attended transfer. */
#include "base/error.h"
#include "base/log.h"
#include "sip/typed/typed.h"
#include "ua/session/session.h"

/* RFC 3891 section 3, in its order: a finished call was declined, an early one is replaced by those who called only, and who wants
 * an early one only does not get one that was answered. */
static int check(const pipit_session *session, const pp_replaces *replaces)
{
    if (!pp_session_alive(session))
        return 603;
    if (!session->accepted && session->direction == PIPIT_REMOTE)
        return 481;
    return session->accepted && replaces->early_only ? 486 : 0;
}

int pp_replaces_find(pipit_ua *ua, const pp_message *invite, pipit_session **out)
{
    pp_str value = pp_message_header(invite, PP_HEADER_REPLACES, 0);
    pp_replaces replaces;
    pp_dialog *dialog;
    int status;

    *out = NULL;
    if (!value.p)
        return 0;
    if (pp_message_count(invite, PP_HEADER_REPLACES) > 1 || pp_replaces_parse(value, &replaces) < 0)
        return 400;
    dialog =
        pp_dialogs_find_tags(ua->dialogs, replaces.call_id, replaces.to_tag, replaces.from_tag);
    if (!dialog || dialog->owner.usage != &pp_session_usage)
        return 481;
    status = check(dialog->owner.self, &replaces);
    if (!status)
        *out = dialog->owner.self;
    return status;
}

bool pp_replaces_ask(pipit_session *session, pp_server_transaction *transaction)
{
    pp_replacement replacement = {.transaction = transaction};

    pipit_session_ref(session);
    session->replacement = &replacement;
    pp_emit_replaces(session, pp_server_request(transaction));
    session->replacement = NULL;
    pipit_session_unref(session);
    return !replacement.refused;
}

int pipit_session_reject_replaces(pipit_session *session, const pipit_reply_options *options)
{
    pipit_reply_options o = options ? *options : (pipit_reply_options){0};
    pp_outgoing *response = NULL;
    pp_replacement *replacement = session ? session->replacement : NULL;
    int status, err;

    if (!replacement || !session->ua || replacement->refused)
        return pp_error(PIPIT_ERR_STATE, "replaces: there is no call to refuse");
    err = pp_ua_refusal("replaces", &o, 486, &status);
    if (!err)
        err = pp_ua_reply(session->ua, replacement->transaction, status, &o, &response);
    if (!err)
        err = pp_server_respond(replacement->transaction, response);
    if (!err)
        replacement->refused = true;
    pp_outgoing_unref(response);
    return err;
}

void pp_replaces_done(pipit_session *session)
{
    pp_ending ending = {.originator = PIPIT_LOCAL,
                        .cause = PIPIT_CAUSE_BYE,
                        .reason = "another call took its place"};
    pipit_session *old = session->replaced;

    session->replaced = NULL;
    if (old && pp_session_alive(old)) {
        if (!old->accepted)
            ending.cause = PIPIT_CAUSE_CANCELED;
        pp_session_leave(old, &(pp_leaving){0}, &ending);
    }
    pipit_session_unref(old);
}
