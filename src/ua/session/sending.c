/* sending.c - the INVITE as the application changed it in its `sending` event. */
#include "base/error.h"
#include "sip/request.h"
#include "ua/session/session.h"

/* By these its answers find the call. */
static bool is_same_request(const pp_outgoing *before, const pp_message *now)
{
    pp_str tag = PP_STR_NONE;

    pp_name_addr_tag(pp_outgoing_header(before, PP_HEADER_FROM, 0), &tag);
    return pp_str_eq(now->call_id, pp_outgoing_header(before, PP_HEADER_CALL_ID, 0)) &&
           pp_str_eq(now->from_tag, tag) && now->cseq == pp_outgoing_cseq(before) && !now->to_tag.n;
}

/* Read as the far end would. */
static int check(const pp_outgoing *before, const pp_outgoing *changed)
{
    pp_buf wire = {0};
    pp_message *now = NULL;
    int err = pp_outgoing_write(changed, &wire);

    if (!err)
        err = pp_message_parse(pp_buf_text(&wire), &now);
    if (!err && now->defect)
        err = pp_error(PIPIT_ERR_SYNTAX, "sending: the changed request is none any more: %s",
                       now->defect_phrase);
    if (!err && (!is_same_request(before, now) || pp_message_count(now, PP_HEADER_CONTACT) != 1))
        err = pp_error(PIPIT_ERR_ARGUMENT,
                       "sending: Call-ID, CSeq, the tags and one Contact have to stay");
    pp_message_unref(now);
    pp_buf_free(&wire);
    return err;
}

int pp_session_take_invite(pipit_session *session, pipit_request *changed)
{
    pp_outgoing *invite = NULL;
    int err = pp_outgoing_of_request(changed, &invite);

    if (!err)
        err = pp_ua_set_via(session->ua, invite);
    if (!err)
        err = check(session->invite, invite);
    if (err) {
        pp_outgoing_unref(invite);
        return err;
    }
    pp_outgoing_unref(session->invite);
    session->invite = invite;
    return 0;
}
