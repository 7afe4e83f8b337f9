/* sofia.c - Sofia-SIP in the comparison. It parses everything it has a type for at once. */
#include "compare.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_alloc.h>

#include <stdlib.h>

static su_home_t *home;
static char *printed;

static int begin(void)
{
    home = su_home_new(sizeof(*home));
    return home ? 0 : -1;
}

static pp_str c_string(const char *text)
{
    return (pp_str){text, text ? C_STRING : 0};
}

static unsigned number_of(const char *text)
{
    return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static void address_of(const url_t *url, const char *tag, bench_address *out)
{
    out->user = c_string(url->url_user);
    out->host = c_string(url->url_host);
    out->port = number_of(url->url_port);
    out->tag = c_string(tag);
}

/* "SIP/2.0/WSS": what is behind the second slash. */
static pp_str transport_of(const char *protocol)
{
    const char *slash = strrchr(protocol, '/');

    return c_string(slash ? slash + 1 : protocol);
}

static pp_str param_of(const msg_auth_t *auth, const char *name)
{
    return c_string(msg_header_find_param(auth->au_common, name));
}

static unsigned length_of(const sip_route_t *route)
{
    unsigned count = 0;

    for (; route; route = route->r_next)
        count++;
    return count;
}

static int needed(void *kept, bench_needed *out)
{
    const sip_t *sip = sip_object(kept);
    const msg_auth_t *challenge =
        sip->sip_www_authenticate ? sip->sip_www_authenticate : sip->sip_proxy_authenticate;
    const msg_auth_t *credentials =
        sip->sip_authorization ? sip->sip_authorization : sip->sip_proxy_authorization;

    if (sip->sip_error || !sip->sip_via || !sip->sip_from || !sip->sip_to || !sip->sip_call_id ||
        !sip->sip_cseq)
        return -1;
    if (sip->sip_status)
        out->status = (unsigned)sip->sip_status->st_status;
    if (sip->sip_request) {
        out->method = c_string(sip->sip_request->rq_method_name);
        address_of(sip->sip_request->rq_url, NULL, &out->target);
    }
    out->via_transport = transport_of(sip->sip_via->v_protocol);
    out->via_host = c_string(sip->sip_via->v_host);
    out->via_port = number_of(sip->sip_via->v_port);
    out->via_branch = c_string(sip->sip_via->v_branch);
    address_of(sip->sip_from->a_url, sip->sip_from->a_tag, &out->from);
    address_of(sip->sip_to->a_url, sip->sip_to->a_tag, &out->to);
    if (sip->sip_contact)
        address_of(sip->sip_contact->m_url, NULL, &out->contact);
    out->call_id = c_string(sip->sip_call_id->i_id);
    out->cseq = sip->sip_cseq->cs_seq;
    out->cseq_method = c_string(sip->sip_cseq->cs_method_name);
    out->routes = length_of(sip->sip_route);
    out->record_routes = length_of(sip->sip_record_route);
    if (sip->sip_content_type) {
        const char *slash = sip->sip_content_type->c_subtype;
        out->type = pp_str_n(sip->sip_content_type->c_type,
                             (size_t)(slash - sip->sip_content_type->c_type) - 1);
        out->subtype = c_string(slash);
    }
    if (sip->sip_payload)
        out->body = pp_str_n(sip->sip_payload->pl_data, sip->sip_payload->pl_len);
    if (sip->sip_max_forwards)
        out->max_forwards = (unsigned)sip->sip_max_forwards->mf_count;
    if (sip->sip_expires)
        out->expires = (unsigned)sip->sip_expires->ex_delta;
    if (challenge)
        out->challenge = c_string(challenge->au_scheme);
    if (credentials)
        out->credentials = c_string(credentials->au_scheme);
    return 0;
}

static void routes(const sip_route_t *route, bench_address *out)
{
    for (unsigned i = 0; i < MAX_LIST && route; i++, route = route->r_next)
        address_of(route->r_url, NULL, &out[i]);
}

/* Of the one field that the message has: further ones were joined to it. */
static unsigned items_of(const msg_param_t *items)
{
    unsigned count = 0;

    while (items && items[count])
        count++;
    return count;
}

static void secrets(const sip_t *sip, bench_typed *more)
{
    const msg_auth_t *challenge =
        sip->sip_www_authenticate ? sip->sip_www_authenticate : sip->sip_proxy_authenticate;
    const msg_auth_t *answer =
        sip->sip_authorization ? sip->sip_authorization : sip->sip_proxy_authorization;
    const msg_auth_t *auth = answer ? answer : challenge;

    if (!auth)
        return;
    more->realm = param_of(auth, "realm=");
    more->nonce = param_of(auth, "nonce=");
    if (answer)
        more->response = param_of(auth, "response=");
    else
        more->algorithm = param_of(auth, "algorithm=");
}

static int typed(void *kept, bench_typed *more)
{
    const sip_t *sip = sip_object(kept);

    for (const sip_via_t *via = sip->sip_via; via; via = via->v_next) {
        if (more->vias < MAX_LIST)
            more->via[more->vias] =
                (bench_address){transport_of(via->v_protocol), c_string(via->v_host),
                                number_of(via->v_port), c_string(via->v_branch)};
        more->vias++;
    }
    for (const sip_contact_t *contact = sip->sip_contact; contact; contact = contact->m_next) {
        if (more->contacts < MAX_LIST)
            address_of(contact->m_url, NULL, &more->contact[more->contacts]);
        more->contacts++;
    }
    routes(sip->sip_route, more->route);
    routes(sip->sip_record_route, more->record_route);
    secrets(sip, more);
    if (sip->sip_refer_to)
        address_of(sip->sip_refer_to->r_url, NULL, &more->refer_to);
    if (sip->sip_referred_by)
        address_of(sip->sip_referred_by->b_url, NULL, &more->referred_by);
    if (sip->sip_event)
        more->event = c_string(sip->sip_event->o_type);
    more->allows = sip->sip_allow ? items_of(sip->sip_allow->k_items) : 0;
    more->supporteds = sip->sip_supported ? items_of(sip->sip_supported->k_items) : 0;
    if (sip->sip_session_expires)
        more->session_expires = (unsigned)sip->sip_session_expires->x_delta;
    return 0;
}

static int keep(pp_str wire, void **kept)
{
    msg_t *msg = msg_make(sip_default_mclass(), 0, wire.p, (ssize_t)wire.n);

    if (!msg || msg_is_complete(msg) <= 0) {
        msg_destroy(msg);
        return -1;
    }
    *kept = msg;
    return 0;
}

static int print(void *kept, pp_str *text)
{
    size_t size = 0;

    su_free(home, printed);
    printed = msg_as_string(home, kept, NULL, 0, &size);
    *text = pp_str_n(printed, size);
    return printed ? 0 : -1;
}

static void drop(void *kept)
{
    msg_destroy(kept);
    su_free(home, printed);
    printed = NULL;
}

const bench_peer bench_sofia = {"Sofia-SIP", false, begin, keep, needed, typed, print, drop};
