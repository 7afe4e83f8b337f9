/* notifier.c - a REFER that came: decided by the application, and told of how that goes (RFC 3515, 3892, 4488). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/refer/refer.h"

#include <utlist.h>

/* --- life ------------------------------------------------------------------------------------- */

void pp_refer_detach(pipit_refer_notifier *refer)
{
    pp_refer_home *home = &refer->home;
    pipit_refer_notifier **list;

    if (!home->ua)
        return;
    list = home->session ? &home->session->refers_in : &home->ua->refers_in;
    LL_DELETE(*list, refer);
    refer->transaction = pp_server_forget(refer->transaction);
    home->dialog = pp_dialog_free(home->dialog);
    home->ua = NULL;
    home->session = NULL;
}

void pp_refers_in_stop(pipit_session *session)
{
    while (session->refers_in)
        pp_refer_detach(session->refers_in);
}

pipit_refer_notifier *pipit_refer_notifier_ref(pipit_refer_notifier *refer)
{
    refer->references++;
    return refer;
}

pipit_refer_notifier *pipit_refer_notifier_unref(pipit_refer_notifier *refer)
{
    if (!refer || --refer->references)
        return NULL;
    if (refer->home.ua && refer->decided == PP_REFER_UNDECIDED) { /* kept, and never decided */
        refer->references = 1;
        pipit_refer_reject(refer, NULL);
        if (--refer->references) /* its NOTIFY is on the way */
            return NULL;
    }
    pp_refer_detach(refer);
    pp_message_unref(refer->request);
    pp_free(refer->target);
    pp_free(refer->method);
    pp_free(refer->replaces);
    pp_free(refer->referred_by);
    pp_free(refer);
    return NULL;
}

/* --- decided ---------------------------------------------------------------------------------- */

static const pipit_reply_options plain = {0};

static int check(const pipit_refer_notifier *refer, pp_refer_decision allowed)
{
    if (!refer)
        return pp_error(PIPIT_ERR_ARGUMENT, "refer: it is missing");
    if (!refer->home.ua)
        return pp_error(PIPIT_ERR_STATE, "refer: the call it came in has ended");
    if (refer->decided != PP_REFER_UNDECIDED && refer->decided != allowed)
        return pp_error(PIPIT_ERR_STATE, "refer: it was decided already");
    return 0;
}

int pipit_refer_reject(pipit_refer_notifier *refer, const pipit_reply_options *options)
{
    const pipit_reply_options *o = options ? options : &plain;
    int status, err = check(refer, PP_REFER_UNDECIDED);

    if (!err)
        err = pp_ua_refusal("refer", o, 603, &status);
    if (err)
        return err;
    err = refer->transaction ? pp_refer_answer(refer, status, o)
                             : pp_refer_notify(refer, status, o->reason_phrase);
    if (!err)
        refer->decided = PP_REFER_REFUSED;
    return err;
}

int pp_refer_take_on(pipit_refer_notifier *refer)
{
    int err;

    if (!refer->transaction) /* it was kept */
        return 0;
    err = pp_refer_answer(refer, 202, &plain);
    if (!err && pp_refer_notify(refer, 100, NULL) < 0)
        pp_log_warn("RTCSession:ReferNotifier", "no NOTIFY: %s", pipit_error_message());
    return err;
}

/* The application's own lines, and those that make it the call that was asked for. */
static int call_headers(const pipit_refer_notifier *refer, const char *const *own, char ***out)
{
    pp_buf replaces = {0}, referred_by = {0};
    const char **lines;
    size_t count = 0;
    int err = 0;

    while (own && own[count])
        count++;
    lines = pp_array(count + 3, sizeof(*lines));
    if (!lines)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        lines[i] = own[i];
    if (refer->replaces) {
        pp_buf_format(&replaces, "Replaces: %s", refer->replaces);
        pp_buf_char(&replaces, '\0');
        lines[count++] = replaces.p;
    }
    if (refer->referred_by) {
        pp_buf_format(&referred_by, "Referred-By: %s", refer->referred_by);
        pp_buf_char(&referred_by, '\0');
        lines[count++] = referred_by.p;
    }
    if (pp_buf_error(&replaces) || pp_buf_error(&referred_by))
        err = PIPIT_ERR_MEMORY;
    if (!err)
        err = pp_header_lines_copy(lines, out);
    pp_buf_free(&replaces);
    pp_buf_free(&referred_by);
    pp_free(lines);
    return err;
}

static int call(pipit_refer_notifier *refer, const pipit_call_options *options, pipit_session **out)
{
    pipit_ua *ua = refer->home.ua;
    pipit_call_options o = options ? *options : (pipit_call_options){0};
    char **headers = NULL;
    int err = call_headers(refer, o.extra_headers, &headers);

    if (err)
        return err;
    o.extra_headers = (const char *const *)headers;
    err = pp_ua_call_for(ua, refer->target, &o, refer, out);
    pp_header_lines_free(headers);
    return err;
}

int pipit_refer_accept(pipit_refer_notifier *refer, const pipit_call_options *options,
                       pipit_session **out)
{
    int err = check(refer, PP_REFER_UNDECIDED);

    if (!err && strcmp(refer->method, pp_method_name(PP_INVITE)) != 0)
        err = pp_error(PIPIT_ERR_NOT_SUPPORTED, "refer: it asks for %s, not for a call",
                       refer->method);
    if (err)
        return err;
    pipit_refer_notifier_ref(refer);
    refer->decided = PP_REFER_CALLING;
    err = pp_refer_take_on(refer);
    if (!err)
        err = call(refer, options, out);
    if (err)
        refer->decided = PP_REFER_UNDECIDED;
    pipit_refer_notifier_unref(refer);
    return err;
}

int pipit_refer_notify(pipit_refer_notifier *refer, int status_code, const char *reason_phrase)
{
    int err = check(refer, PP_REFER_NOTIFYING);

    if (!err && refer->over)
        err = pp_error(PIPIT_ERR_STATE, "refer: the end of it was told");
    if (!err && (status_code < 100 || status_code > 699))
        err = pp_error(PIPIT_ERR_ARGUMENT, "refer: %d is no status", status_code);
    if (!err && reason_phrase && !pp_str_is_line(pp_str_c(reason_phrase)))
        err = pp_error(PIPIT_ERR_SYNTAX, "refer: the reason phrase is more than a line");
    if (!err && refer->transaction)
        err = pp_refer_answer(refer, 202, &plain);
    if (err)
        return err;
    refer->decided = PP_REFER_NOTIFYING;
    return pp_refer_notify(refer, status_code, reason_phrase);
}

void pp_refer_tell(pipit_session *made, int status, const char *phrase)
{
    pipit_refer_notifier *refer = made->referrer;

    if (refer && refer->home.ua && pp_refer_notify(refer, status, phrase) < 0)
        pp_log_warn("RTCSession:ReferNotifier", "no NOTIFY: %s", pipit_error_message());
}

/* What a call was made for is told by its end. */
void pp_refers_close(pipit_ua *ua)
{
    for (pipit_refer_notifier *refer = ua->refers_in; refer; refer = refer->next) {
        int err = 0;

        if (refer->decided == PP_REFER_UNDECIDED)
            err = pipit_refer_reject(refer, &(pipit_reply_options){.status_code = 480});
        else if (refer->decided == PP_REFER_NOTIFYING)
            err = pp_refer_notify(refer, 480, NULL);
        if (err)
            pp_log_warn("RTCSession:ReferNotifier", "no end of it: %s", pipit_error_message());
    }
}

/* --- getters ---------------------------------------------------------------------------------- */

const char *pipit_refer_target(const pipit_refer_notifier *refer)
{
    return refer->target;
}

const char *pipit_refer_replaces(const pipit_refer_notifier *refer)
{
    return refer->replaces;
}

const char *pipit_refer_referred_by(const pipit_refer_notifier *refer)
{
    return refer->referred_by;
}

const char *pipit_refer_method(const pipit_refer_notifier *refer)
{
    return refer->method;
}
