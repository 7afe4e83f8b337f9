/* osip.c - libosip2 in the comparison. It parses everything it has a type for at once. */
#include "compare.h"

#include <osipparser2/osip_parser.h>
#include <stdlib.h>

static char *printed;

static int begin(void)
{
    return parser_init();
}

static pp_str c_string(const char *text)
{
    return (pp_str){text, text ? C_STRING : 0};
}

static unsigned number_of(const char *text)
{
    return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static void address_of(const osip_uri_t *uri, bench_address *out)
{
    out->user = c_string(uri->username);
    out->host = c_string(uri->host);
    out->port = number_of(uri->port);
}

static void tagged(osip_from_t *from, bench_address *out)
{
    osip_generic_param_t *tag = NULL;

    address_of(from->url, out);
    if (osip_from_get_tag(from, &tag) == 0 && tag)
        out->tag = c_string(tag->gvalue);
}

static pp_str branch_of(osip_via_t *via)
{
    osip_generic_param_t *branch = NULL;

    osip_via_param_get_byname(via, (char *)"branch", &branch);
    return branch ? c_string(branch->gvalue) : PP_STR_NONE;
}

static unsigned delta(const osip_message_t *sip, const char *name)
{
    osip_header_t *header = NULL;

    osip_message_header_get_byname(sip, name, 0, &header);
    return header ? number_of(header->hvalue) : 0;
}

static int needed(void *kept, bench_needed *out)
{
    osip_message_t *sip = kept;
    osip_via_t *via = osip_list_get(&sip->vias, 0);
    osip_contact_t *contact = osip_list_get(&sip->contacts, 0);
    osip_www_authenticate_t *challenge = osip_list_get(&sip->www_authenticates, 0);
    osip_authorization_t *credentials = osip_list_get(&sip->authorizations, 0);
    osip_body_t *body = osip_list_get(&sip->bodies, 0);

    if (!credentials)
        credentials = osip_list_get(&sip->proxy_authorizations, 0);
    out->status = (unsigned)sip->status_code;
    if (sip->sip_method && !sip->status_code) {
        out->method = c_string(sip->sip_method);
        address_of(sip->req_uri, &out->target);
    }
    out->via_transport = c_string(via->protocol);
    out->via_host = c_string(via->host);
    out->via_port = number_of(via->port);
    out->via_branch = branch_of(via);
    tagged(sip->from, &out->from);
    tagged((osip_from_t *)sip->to, &out->to);
    if (contact && contact->url)
        address_of(contact->url, &out->contact);
    out->call_id = c_string(sip->call_id->number);
    out->call_id_host = c_string(sip->call_id->host);
    out->cseq = number_of(sip->cseq->number);
    out->cseq_method = c_string(sip->cseq->method);
    out->routes = (unsigned)osip_list_size(&sip->routes);
    out->record_routes = (unsigned)osip_list_size(&sip->record_routes);
    if (sip->content_type) {
        out->type = c_string(sip->content_type->type);
        out->subtype = c_string(sip->content_type->subtype);
    }
    if (body)
        out->body = pp_str_n(body->body, body->length);
    out->max_forwards = delta(sip, "max-forwards");
    out->expires = delta(sip, "expires");
    if (challenge)
        out->challenge = c_string(challenge->auth_type);
    if (credentials)
        out->credentials = c_string(credentials->auth_type);
    return 0;
}

static void routes(const osip_list_t *list, bench_address *out)
{
    for (int i = 0; i < MAX_LIST && i < osip_list_size(list); i++) {
        osip_route_t *route = osip_list_get(list, i);
        address_of(route->url, &out[i]);
    }
}

static int typed(void *kept, bench_typed *more)
{
    osip_message_t *sip = kept;
    osip_www_authenticate_t *challenge = osip_list_get(&sip->www_authenticates, 0);
    osip_authorization_t *answer = osip_list_get(&sip->authorizations, 0);

    if (!answer)
        answer = osip_list_get(&sip->proxy_authorizations, 0);
    more->vias = (unsigned)osip_list_size(&sip->vias);
    more->contacts = (unsigned)osip_list_size(&sip->contacts);
    for (int i = 0; i < MAX_LIST && i < osip_list_size(&sip->vias); i++) {
        osip_via_t *via = osip_list_get(&sip->vias, i);
        more->via[i] = (bench_address){c_string(via->protocol), c_string(via->host),
                                       number_of(via->port), branch_of(via)};
    }
    for (int i = 0; i < MAX_LIST && i < osip_list_size(&sip->contacts); i++) {
        osip_contact_t *contact = osip_list_get(&sip->contacts, i);
        address_of(contact->url, &more->contact[i]);
    }
    routes(&sip->routes, more->route);
    routes(&sip->record_routes, more->record_route);
    if (challenge) {
        more->realm = c_string(challenge->realm);
        more->nonce = c_string(challenge->nonce);
        more->algorithm = c_string(challenge->algorithm);
    }
    if (answer) {
        more->realm = c_string(answer->realm);
        more->nonce = c_string(answer->nonce);
        more->response = c_string(answer->response);
    }
    return 0;
}

static int keep(pp_str wire, void **kept)
{
    osip_message_t *sip;

    if (osip_message_init(&sip))
        return -1;
    if (osip_message_parse(sip, wire.p, wire.n)) {
        osip_message_free(sip);
        return -1;
    }
    *kept = sip;
    return 0;
}

static int print(void *kept, pp_str *text)
{
    size_t size = 0;

    osip_free(printed);
    printed = NULL;
    osip_message_force_update(kept); /* else it would give its last text again */
    if (osip_message_to_str(kept, &printed, &size))
        return -1;
    *text = pp_str_n(printed, size);
    return 0;
}

static void drop(void *kept)
{
    osip_message_free(kept);
    osip_free(printed);
    printed = NULL;
}

const bench_peer bench_osip = {"libosip2", true, begin, keep, needed, typed, print, drop};
