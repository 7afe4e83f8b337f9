/* send.c - REFERs of ours are made: in a call, and outside of calls (RFC 3515, 3891, 3892, 4488, 4538, 5589). */
#include "base/alloc.h"
#include "base/error.h"
#include "ua/refer/refer.h"

/* --- the request ------------------------------------------------------------------------------ */

static void escape(pp_str text, pp_buf *out)
{
    static const char plain[] =
        "-._~!*'()[]/?:+$"; /* RFC 3261 section 25.1, hnv-unreserved and unreserved */

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (letter || (c && strchr(plain, c)))
            pp_buf_char(out, c);
        else
            pp_buf_format(out, "%%%02X", (unsigned char)c);
    }
}

/* RFC 3891 section 3: to-tag is the tag of whoever will read it, so that of the other end of `call`, whoever made that call. */
static void write_replaces(const pp_dialog *call, pp_buf *out)
{
    pp_buf value = {0};

    pp_buf_format(&value, "%s;to-tag=%s;from-tag=%s", call->call_id, call->remote_tag,
                  call->local_tag);
    pp_buf_c(out, "?Replaces=");
    escape(pp_buf_text(&value), out);
    if (pp_buf_error(&value))
        out->error = pp_buf_error(&value);
    pp_buf_free(&value);
}

/* Whom to call: as it was typed, or the far end of the call that is to be replaced. */
static int add_refer_to(pipit_ua *ua, const char *target, const pipit_session *replaces,
                        pp_outgoing *request)
{
    pp_buf value = {0};
    char *uri = NULL;
    int err = pp_ua_target(ua, target ? target : pipit_session_remote_uri(replaces), &uri);

    if (err)
        return err;
    pp_buf_format(&value, "<%s", uri);
    if (replaces)
        write_replaces(pp_session_dialog(replaces), &value);
    pp_buf_char(&value, '>');
    pp_free(uri);
    return pp_add_buf(request, PP_HEADER_REFER_TO, &value);
}

static bool names_referrer(const char *const *lines)
{
    for (size_t i = 0; lines && lines[i]; i++) {
        pp_str rest = pp_str_c(lines[i]);
        pp_str name = pp_str_trim(pp_str_split(&rest, ':'));

        if (pp_str_ieq_c(name, "Referred-By") || pp_str_ieq_c(name, "b"))
            return true;
    }
    return false;
}

/* Who we are to the far end, as RFC 3323 wants it kept from it; NULL: nobody. */
static const char *referrer_in(const pipit_session *session)
{
    if (session->anonymous)
        return NULL;
    return session->direction == PIPIT_LOCAL ? pipit_session_local_uri(session)
                                             : session->ua->settings.uri;
}

static void add_options(const char *referrer, const pipit_refer_options *o, pp_outgoing *request)
{
    if (referrer && !names_referrer(o->extra_headers))
        pp_outgoing_add_format(request, PP_HEADER_REFERRED_BY, "<%s>", referrer);
    if (o->no_subscription)
        pp_outgoing_add_c(request, PP_HEADER_REFER_SUB, "false");
}

static int finish(pipit_ua *ua, pp_outgoing *request)
{
    pp_ua_finish_request(ua, request);
    return pp_outgoing_error(request);
}

static int check_replaced(const pipit_refer_options *o)
{
    if (o->replaces && (!pp_session_alive(o->replaces) || !pp_session_dialog(o->replaces)))
        return pp_error(PIPIT_ERR_STATE, "refer: the call to replace does not stand");
    return 0;
}

/* --- in a call -------------------------------------------------------------------------------- */

static int make_inside(pipit_session *session, const char *target, const pipit_refer_options *o,
                       pp_outgoing **out)
{
    const pp_refer_home home = {.ua = session->ua, .session = session};
    pp_outgoing *request = NULL;
    int err = pp_session_request(session, PP_REFER, &request);

    if (!err)
        err = add_refer_to(session->ua, target, o->replaces, request);
    if (!err) {
        add_options(referrer_in(session), o, request);
        err = pp_refer_add_contact(&home, request);
    }
    if (!err) {
        pp_add_lines(request, o->extra_headers);
        err = finish(session->ua, request);
    }
    if (err)
        pp_outgoing_unref(request);
    else
        *out = request;
    return err;
}

static int check_inside(const pipit_session *session, const char *target,
                        const pipit_refer_options *o)
{
    if (!session || (!target && !o->replaces))
        return pp_error(PIPIT_ERR_ARGUMENT, "refer: the call or the target is missing");
    if (!pp_session_has_dialog(session))
        return pp_error(PIPIT_ERR_STATE, "refer: the call is %s",
                        pipit_session_status_name(session->status));
    return check_replaced(o);
}

int pipit_session_refer(pipit_session *session, const char *target,
                        const pipit_refer_options *options, pipit_refer_subscriber **out)
{
    static const pipit_refer_options defaults = {0};
    pp_refer_draft draft = {.session = session, .options = options ? options : &defaults};
    int err = check_inside(session, target, draft.options);

    if (!err)
        err = make_inside(session, target, draft.options, &draft.request);
    if (err)
        return err;
    draft.ua = session->ua;
    err = pp_refer_start(&draft, out);
    pp_outgoing_unref(draft.request);
    return err;
}

/* --- outside of calls ------------------------------------------------------------------------- */

/* RFC 4538 section 3: the tags are told as the one who will read them sees them. */
static int add_target_dialog(const pipit_session *call, pp_outgoing *request)
{
    const pp_dialog *dialog = pp_session_dialog(call);

    pp_outgoing_add_format(request, PP_HEADER_TARGET_DIALOG, "%s;local-tag=%s;remote-tag=%s",
                           dialog->call_id, dialog->remote_tag, dialog->local_tag);
    return pp_outgoing_error(request);
}

/* Whom to ask: as it was typed, or who is in that call, where he is (RFC 5589 section 6). */
static int target_of(pipit_ua *ua, const char *target, const pipit_session *call, char **out)
{
    if (target)
        return pp_ua_target(ua, target, out);
    *out = pp_strdup(pp_session_dialog(call)->remote_target);
    return *out ? 0 : PIPIT_ERR_MEMORY;
}

static int make_outside(pipit_ua *ua, const char *uri, const char *refer_to,
                        const pipit_refer_options *o, pp_outgoing **out)
{
    pp_outgoing *request = NULL;
    int err = pp_ua_request(ua,
                            &(pp_ua_request_options){.method = PP_REFER,
                                                     .target = pp_str_c(uri),
                                                     .extra_headers = o->extra_headers},
                            &request);

    if (!err)
        err = add_refer_to(ua, refer_to, o->replaces, request);
    if (!err && o->target_dialog)
        err = add_target_dialog(o->target_dialog, request);
    if (!err) {
        add_options(ua->settings.uri, o, request);
        err = pp_ua_add_contact(ua, (pp_contact_form){.outbound = true}, request);
    }
    if (!err)
        err = finish(ua, request);
    if (err)
        pp_outgoing_unref(request);
    else
        *out = request;
    return err;
}

static int check_outside(const pipit_ua *ua, const char *target, const char *refer_to,
                         const pipit_refer_options *o)
{
    const pipit_session *call = o->target_dialog;

    if (!ua || (!target && !call) || (!refer_to && !o->replaces))
        return pp_error(PIPIT_ERR_ARGUMENT, "refer: the user agent or a target is missing");
    if (ua->status == PIPIT_UA_USER_CLOSED)
        return pp_error(PIPIT_ERR_STATE, "refer: the user agent was stopped");
    if (call && (!pp_session_alive(call) || !pp_session_dialog(call)))
        return pp_error(PIPIT_ERR_STATE, "refer: the call with the one to ask does not stand");
    return check_replaced(o);
}

int pipit_ua_refer(pipit_ua *ua, const char *target, const char *refer_to,
                   const pipit_refer_options *options, pipit_refer_subscriber **out)
{
    static const pipit_refer_options defaults = {0};
    pp_refer_draft draft = {.ua = ua, .options = options ? options : &defaults};
    const pipit_refer_options *o = draft.options;
    char *uri = NULL;
    int err = check_outside(ua, target, refer_to, o);

    if (!err)
        err = target_of(ua, target, o->target_dialog, &uri);
    if (!err)
        err = make_outside(ua, uri, refer_to, o, &draft.request);
    if (!err)
        err = pp_refer_start(&draft, out);
    pp_outgoing_unref(draft.request);
    pp_free(uri);
    return err;
}
