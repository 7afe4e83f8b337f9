/* names.c - who is in a call, and what it is called: From and To of its INVITE in the forms that are asked for. Little of it is
 * kept: the dialog knows the same, and forms are written for the first who asks. */
#include "base/alloc.h"
#include "base/error.h"
#include "pipit/name_addr.h"
#include "ua/session/session.h"

void pp_session_names_free(pipit_session *session)
{
    pp_session_names *names = session->names;

    if (!names)
        return;
    pp_free(names->from);
    pp_free(names->to);
    pp_free(names->id);
    pp_free(names->local_uri);
    pp_free(names->remote_uri);
    pp_free(names->remote_display_name);
    pp_free(names);
    session->names = NULL;
}

static pp_session_names *names_of(pipit_session *session)
{
    if (!session->names)
        session->names = PP_NEW(pp_session_names);
    return session->names;
}

/* --- From and To ------------------------------------------------------------------------------ */

static bool is_local(const pipit_session *session, bool of_caller)
{
    return of_caller == (session->direction == PIPIT_LOCAL);
}

static pp_str said_in_invite(const pipit_session *session, bool of_caller)
{
    pp_header_id id = of_caller ? PP_HEADER_FROM : PP_HEADER_TO;

    if (session->invite)
        return pp_outgoing_header(session->invite, id, 0);
    return session->request ? pp_message_header(session->request, id, 0) : PP_STR_NONE;
}

/* From or To as the dialog has it: the INVITE had a tag in From only. */
typedef struct written {
    pp_str address, tag;
} written;

static written party_in_dialog(const pipit_session *session, bool of_caller)
{
    const pp_dialog *dialog = session->dialog;
    bool local = is_local(session, of_caller);
    written p = {PP_STR_NONE, PP_STR_NONE};

    if (dialog)
        p.address = pp_str_c(local ? dialog->local : dialog->remote);
    if (dialog && of_caller)
        p.tag = pp_str_c(local ? dialog->local_tag : dialog->remote_tag);
    return p;
}

static bool is_party(const written *p, pp_str text)
{
    pp_str rest = pp_str_sub(text, p->address.n, text.n);

    if (!pp_str_eq(pp_str_sub(text, 0, p->address.n), p->address))
        return false;
    return p->tag.p ? pp_str_starts(rest, ";tag=") && pp_str_eq(pp_str_sub(rest, 5, rest.n), p->tag)
                    : rest.n == 0;
}

/* Empty when there is none yet. */
static void write_party(const pipit_session *session, bool of_caller, pp_buf *out)
{
    const pp_session_names *names = session->names;
    const char *kept = !names ? NULL : of_caller ? names->from : names->to;
    pp_str text = kept ? pp_str_c(kept) : said_in_invite(session, of_caller);
    written p = party_in_dialog(session, of_caller);

    pp_buf_str(out, text.p ? text : p.address);
    if (!text.p && p.tag.p)
        pp_buf_format(out, ";tag=%.*s", PP_STR(p.tag));
}

/* What the dialog does not say in the same way is kept. */
static int keep_party(pipit_session *session, bool of_caller)
{
    pp_str text = said_in_invite(session, of_caller);
    written p = party_in_dialog(session, of_caller);
    pp_session_names *names;
    char **kept;

    if (is_party(&p, text))
        return 0;
    names = names_of(session);
    if (!names)
        return PIPIT_ERR_MEMORY;
    kept = of_caller ? &names->from : &names->to;
    *kept = pp_str_dup(text);
    return *kept ? 0 : PIPIT_ERR_MEMORY;
}

/* Headers of an INVITE that may be asked for as long as there is the call. */
static bool says_more(const pp_message *invite)
{
    static const pp_header_id ids[] = {PP_HEADER_P_ASSERTED_IDENTITY, PP_HEADER_PRIV_ANSWER_MODE,
                                       PP_HEADER_ANSWER_MODE, PP_HEADER_CALL_INFO,
                                       PP_HEADER_ALERT_INFO};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (pp_message_count(invite, ids[i]))
            return true;
    return false;
}

/* When memory is too short to keep what is asked for of it, it stays. */
void pp_session_give_back_invite(pipit_session *session)
{
    if (session->request && says_more(session->request))
        return;
    if (keep_party(session, true) < 0 || keep_party(session, false) < 0)
        return;
    session->invite = pp_outgoing_unref(session->invite);
    session->request = pp_message_unref(session->request);
}

/* --- in the forms that are asked for ------------------------------------------------------------ */

/* Where they are kept; a call that is only looked at may remember what was seen. NULL: memory is short. */
static pp_session_names *remembered(const pipit_session *session)
{
    return names_of((pipit_session *)session);
}

typedef void pp_party_writer(const pp_name_addr *party, pp_buf *out);

static void write_uri(const pp_name_addr *party, pp_buf *out)
{
    if (party->uri.scheme == PP_SCHEME_SIP || party->uri.scheme == PP_SCHEME_SIPS)
        pp_uri_write_aor(&party->uri, out);
    else
        pp_buf_str(out, party->uri.text);
}

static void write_form(const pipit_session *session, bool local, pp_party_writer *write, char **out)
{
    pp_buf party = {0}, form = {0};
    pp_name_addr address;

    write_party(session, is_local(session, true) == local, &party);
    if (pp_name_addr_parse(pp_buf_text(&party), &address) == 0) {
        write(&address, &form);
        pp_buf_take(&form, out);
    }
    pp_buf_free(&party);
}

/* Written for the first who asks. */
static const char *said_of(const pipit_session *session, bool local, pp_party_writer *write,
                           char **kept)
{
    if (!*kept)
        write_form(session, local, write, kept);
    return *kept ? *kept : "";
}

const char *pipit_session_local_uri(const pipit_session *session)
{
    pp_session_names *names = remembered(session);

    return names ? said_of(session, true, write_uri, &names->local_uri) : "";
}

const char *pipit_session_remote_uri(const pipit_session *session)
{
    pp_session_names *names = remembered(session);

    return names ? said_of(session, false, write_uri, &names->remote_uri) : "";
}

const char *pipit_session_remote_display_name(const pipit_session *session)
{
    pp_session_names *names = remembered(session);

    return names ? said_of(session, false, pp_name_addr_write_display_name,
                           &names->remote_display_name)
                 : "";
}

const char *pipit_session_id(const pipit_session *session)
{
    pp_session_names *names = remembered(session);
    pp_buf id = {0};

    if (!names)
        return "";
    if (!names->id) {
        pp_buf_c(&id, session->call_id);
        pp_buf_c(&id, session->direction == PIPIT_LOCAL ? session->local_tag
                                                        : session->dialog->remote_tag);
        pp_buf_take(&id, &names->id);
    }
    return names->id ? names->id : "";
}

const char *pipit_session_call_id(const pipit_session *session)
{
    return session->call_id;
}

static int identity(const pipit_session *session, bool local, pipit_name_addr **out)
{
    pp_buf party = {0};
    char *text = NULL;
    int err;

    if (session)
        write_party(session, is_local(session, true) == local, &party);
    if (!party.n)
        return pp_error(PIPIT_ERR_STATE, "session: there is no such identity yet");
    err = pp_buf_take(&party, &text);
    if (!err)
        err = pipit_name_addr_parse(text, out);
    pp_free(text);
    return err;
}

int pipit_session_local_identity(const pipit_session *session, pipit_name_addr **out)
{
    return identity(session, true, out);
}

int pipit_session_remote_identity(const pipit_session *session, pipit_name_addr **out)
{
    return identity(session, false, out);
}
