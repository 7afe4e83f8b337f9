/* redirect.c - a call of ours that is sent elsewhere (RFC 3261 section 8.1.3.4): the Contacts of 3xx are tried one after the other, best
 * first, none twice. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "sip/name_addr.h"
#include "ua/session/session.h"

void pp_redirect_free(pipit_session *session)
{
    while (session->setup && session->setup->redirect.targets) {
        pp_redirect_target *next = session->setup->redirect.targets->next;

        pp_free(session->setup->redirect.targets->uri);
        pp_free(session->setup->redirect.targets);
        session->setup->redirect.targets = next;
    }
}

/* --- where to --------------------------------------------------------------------------------- */

/* "0.7" in thousandths; RFC 3261 section 25.1 has three digits at most. */
static unsigned read_q(pp_str text)
{
    unsigned q = 0, scale = 1000;

    if (!text.n || (text.p[0] != '0' && text.p[0] != '1'))
        return 1000;
    q = text.p[0] == '1' ? 1000 : 0;
    for (size_t i = 2; i < text.n && i < 5 && text.p[i] >= '0' && text.p[i] <= '9'; i++)
        q += (unsigned)(text.p[i] - '0') * (scale /= 10);
    return q < 1000 ? q : 1000;
}

static bool was_tried(const pipit_session *session, const pp_uri *uri)
{
    pp_uri other;

    for (const pp_redirect_target *t = session->setup->redirect.targets; t; t = t->next)
        if (pp_uri_parse(pp_str_c(t->uri), &other) == 0 && pp_uri_equal(uri, &other))
            return true;
    return false;
}

/* In its place by q, behind those of the same. */
static int add(pipit_session *session, pp_str uri, unsigned q)
{
    pp_redirect_target **at = &session->setup->redirect.targets,
                       *target = PP_NEW(pp_redirect_target);

    if (target)
        target->uri = pp_str_dup(uri);
    if (!target || !target->uri) {
        pp_free(target);
        return PIPIT_ERR_MEMORY;
    }
    target->q = q;
    while (*at && ((*at)->tried || (*at)->q >= q))
        at = &(*at)->next;
    target->next = *at;
    *at = target;
    session->setup->redirect.count++;
    return 0;
}

/* Nobody may lead a call that was secure to where it is not. */
static bool is_usable(const pipit_session *session, const pp_uri *uri)
{
    bool secure = pp_str_istarts(pp_outgoing_ruri(session->invite), "sips:");

    return uri->scheme == PP_SCHEME_SIPS || (uri->scheme == PP_SCHEME_SIP && !secure);
}

static int add_contact(pipit_session *session, const pp_name_addr *contact)
{
    pp_str q = PP_STR_NONE, text = contact->uri.text;
    pp_uri uri = contact->uri;

    if (uri.headers
            .p) /* they are not for a Request-URI, and we send no headers a stranger makes up */
        text.n = (size_t)(uri.headers.p - text.p) - 1;
    uri.text = text;
    uri.headers = PP_STR_NONE;
    if (!is_usable(session, &uri) || was_tried(session, &uri) ||
        session->setup->redirect.count >= PP_LIMIT_REDIRECTS)
        return 0;
    pp_param(contact->params, "q", &q);
    return add(session, text, read_q(q));
}

static int add_contacts(pipit_session *session, const pp_message *response)
{
    pp_member at = {0};
    pp_name_addr contact;
    int more, err = 0;

    while (!err &&
           (more = pp_message_next_address(response, PP_HEADER_CONTACT, &at, &contact)) != 0)
        if (more > 0)
            err = add_contact(session, &contact);
    return err;
}

/* Where it went first must not come back. */
static int remember_first(pipit_session *session)
{
    int err;

    if (session->setup->redirect.targets)
        return 0;
    err = add(session, pp_outgoing_ruri(session->invite), 0);
    if (!err)
        session->setup->redirect.targets->tried = true;
    return err;
}

/* --- going there ------------------------------------------------------------------------------ */

static int call_again(pipit_session *session, const pp_message *refusal, const char *uri)
{
    pp_outgoing *again = NULL;
    int err = pp_outgoing_clone(session->invite, &again);

    if (err)
        return err;
    pp_outgoing_set_ruri(again, pp_str_c(uri));
    err = pp_invite_again(session, again, refusal);
    if (!err)
        pp_log_debug("RTCSession", "%s goes on to %s", session->call_id, uri);
    return err;
}

static bool try_next(pipit_session *session, const pp_message *refusal)
{
    for (pp_redirect_target *t = session->setup->redirect.targets; t; t = t->next)
        if (!t->tried) {
            t->tried = true;
            if (call_again(session, refusal, t->uri) == 0)
                return true;
            pp_log_warn("RTCSession", "%s was not called: %s", t->uri, pipit_error_message());
        }
    return false;
}

bool pp_redirect_follow(pipit_session *session, const pp_message *refusal)
{
    bool moved = refusal->status >= 300 && refusal->status <= 302;

    if (moved && session->setup->redirect.hops_left) {
        session->setup->redirect.hops_left--;
        if (remember_first(session) < 0 || add_contacts(session, refusal) < 0)
            pp_log_warn("RTCSession", "not all of a 3xx was read: %s", pipit_error_message());
    }
    /* 6xx speaks for all of them (section 21.6). */
    return refusal->status < 600 && try_next(session, refusal);
}
