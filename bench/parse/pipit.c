/* pipit.c - our own parser and writer in the comparison. */
#include "compare.h"
#include "sip/digest.h"
#include "sip/message_pool.h"
#include "sip/outgoing.h"

static pp_buf text_of_print;
static pp_message_pool *pool;

static int begin(void)
{
    return pp_message_pool_new(4, &pool);
}

static void address_of(const pp_uri *uri, pp_str tag, bench_address *out)
{
    *out = (bench_address){uri->user, uri->host, uri->port, tag};
}

static unsigned number_of(const pp_message *message, pp_header_id id)
{
    uint32_t number = 0;

    return pp_message_number(message, id, &number) ? number : 0;
}

static unsigned members(const pp_message *message, pp_header_id id)
{
    pp_member at = {0};
    pp_str value;
    unsigned count = 0;

    while (pp_message_next(message, id, &at, &value))
        count++;
    return count;
}

static pp_str scheme_of(pp_str value)
{
    return value.p ? pp_str_word(&value) : value;
}

static pp_str either(const pp_message *message, pp_header_id one, pp_header_id other)
{
    pp_str value = pp_message_header(message, one, 0);

    return value.p ? value : pp_message_header(message, other, 0);
}

static pp_str challenge_of(const pp_message *message)
{
    return either(message, PP_HEADER_WWW_AUTHENTICATE, PP_HEADER_PROXY_AUTHENTICATE);
}

static pp_str credentials_of(const pp_message *message)
{
    return either(message, PP_HEADER_AUTHORIZATION, PP_HEADER_PROXY_AUTHORIZATION);
}

static int extract(const pp_message *m, bench_needed *out)
{
    out->status = (unsigned)m->status;
    if (m->is_request) {
        out->method = m->method_name;
        address_of(&m->ruri, PP_STR_NONE, &out->target);
    }
    out->via_transport = m->via.transport;
    out->via_host = m->via.host;
    out->via_port = m->via.port;
    out->via_branch = m->via.branch;
    address_of(&m->from.uri, m->from_tag, &out->from);
    address_of(&m->to.uri, m->to_tag, &out->to);
    out->call_id = m->call_id;
    out->cseq = m->cseq;
    out->cseq_method = m->method_name;
    out->routes = members(m, PP_HEADER_ROUTE);
    out->record_routes = members(m, PP_HEADER_RECORD_ROUTE);
    if (m->content_type.n) {
        out->subtype = m->content_type;
        out->type = pp_str_split(&out->subtype, '/');
        out->subtype = pp_str_split(&out->subtype, ';');
    }
    out->body = m->body;
    out->max_forwards = number_of(m, PP_HEADER_MAX_FORWARDS);
    out->expires = number_of(m, PP_HEADER_EXPIRES);
    out->challenge = scheme_of(challenge_of(m));
    out->credentials = scheme_of(credentials_of(m));
    address_of(&m->contact.uri, PP_STR_NONE, &out->contact);
    return 0;
}

static int some_addresses(const pp_message *message, pp_header_id id, bench_address *out,
                          unsigned *count)
{
    pp_member at = {0};
    pp_name_addr address;
    int more;

    for (; (more = pp_message_next_address(message, id, &at, &address)) > 0; ++*count)
        if (*count < MAX_LIST)
            address_of(&address.uri, PP_STR_NONE, &out[*count]);
    return more;
}

static int addresses(const pp_message *message, pp_header_id id, bench_address *out,
                     unsigned *count)
{
    *count = 0;
    return message->first[id] ? some_addresses(message, id, out, count) : 0;
}

static int vias(const pp_message *message, bench_typed *out)
{
    pp_member at = {0};
    pp_via via;
    int more;

    for (; (more = pp_message_next_via(message, &at, &via)) > 0; out->vias++)
        if (out->vias < MAX_LIST)
            out->via[out->vias] = (bench_address){via.transport, via.host, via.port, via.branch};
    return more;
}

static int secrets(const pp_message *message, bench_typed *out)
{
    static const pp_header_id asked[] = {PP_HEADER_WWW_AUTHENTICATE, PP_HEADER_PROXY_AUTHENTICATE};
    pp_str given = credentials_of(message), value;
    pp_challenge challenge = {.algorithm_name = PP_STR_NONE};
    pp_authorization answer = {.realm = PP_STR_NONE};

    for (unsigned k = 0; k < 2; k++) {
        for (size_t i = 0; value = pp_message_header(message, asked[k], i), value.p; i++) {
            if (pp_challenge_parse(value, &challenge))
                return -1;
            if (out->realm.p)
                continue;
            out->realm = challenge.realm;
            out->nonce = challenge.nonce;
            out->algorithm = challenge.algorithm_name;
        }
    }
    if (!given.p)
        return 0;
    if (pp_authorization_parse(given, &answer))
        return -1;
    out->realm = answer.realm;
    out->nonce = answer.nonce;
    out->response = answer.response;
    return 0;
}

static int extensions(const pp_message *message, bench_typed *out)
{
    pp_str event = pp_message_header(message, PP_HEADER_EVENT, 0);
    unsigned count;

    out->event = pp_str_split(&event, ';');
    out->allows = members(message, PP_HEADER_ALLOW);
    out->supporteds = members(message, PP_HEADER_SUPPORTED);
    out->session_expires = number_of(message, PP_HEADER_SESSION_EXPIRES);
    return addresses(message, PP_HEADER_REFER_TO, &out->refer_to, &count) ||
           addresses(message, PP_HEADER_REFERRED_BY, &out->referred_by, &count);
}

typedef struct kept_pair {
    pp_message *message;
    pp_outgoing *outgoing;
} kept_pair;

static int keep(pp_str wire, void **kept)
{
    static kept_pair pairs[4]; /* as many as are kept at a time */
    kept_pair *pair = pairs;

    while (pair->message)
        pair++;
    *kept = pair;
    return pp_message_parse_pooled(pool, &(pp_wire){.text = wire}, &pair->message);
}

static int needed(void *kept, bench_needed *out)
{
    return extract(((kept_pair *)kept)->message, out);
}

static int typed(void *kept, bench_typed *out)
{
    const pp_message *message = ((kept_pair *)kept)->message;
    unsigned count;

    return addresses(message, PP_HEADER_CONTACT, out->contact, &out->contacts) ||
           addresses(message, PP_HEADER_ROUTE, out->route, &count) ||
           addresses(message, PP_HEADER_RECORD_ROUTE, out->record_route, &count) ||
           vias(message, out) || secrets(message, out) || extensions(message, out);
}

static int print(void *kept, pp_str *text)
{
    kept_pair *pair = kept;
    int err = 0;

    if (!pair->outgoing)
        err = pp_outgoing_from_message(pair->message, &pair->outgoing);
    pp_buf_clear(&text_of_print);
    if (!err)
        err = pp_outgoing_write(pair->outgoing, &text_of_print);
    *text = pp_buf_text(&text_of_print);
    return err;
}

static void drop(void *kept)
{
    kept_pair *pair = kept;

    pair->outgoing = pp_outgoing_unref(pair->outgoing);
    pair->message = pp_message_unref(pair->message);
}

const bench_peer bench_pipit = {"pipit", false, begin, keep, needed, typed, print, drop};
