/* check.c - whether two parsers read the same from a message, field by field. */
#include "check.h"

#include <stdio.h>

typedef struct comparison {
    const char *what;
    const char *one, *other;
    bool same;
} comparison;

static pp_str counted(pp_str s)
{
    return s.n == C_STRING ? pp_str_c(s.p) : s;
}

static void text(comparison *c, const char *field, pp_str a, pp_str b)
{
    a = counted(a);
    b = counted(b);
    if (pp_str_eq(a, b))
        return;
    fprintf(stderr, "%s, %s: %s reads '%.*s', %s '%.*s'\n", c->what, field, c->one, PP_STR(a),
            c->other, PP_STR(b));
    c->same = false;
}

static void number(comparison *c, const char *field, unsigned a, unsigned b)
{
    if (a == b)
        return;
    fprintf(stderr, "%s, %s: %s reads %u, %s %u\n", c->what, field, c->one, a, c->other, b);
    c->same = false;
}

/* One has the user part with its escapes as they came, as all do; a quoted value may come with its quotes. */
static pp_str unquoted(pp_str s)
{
    s = counted(s);
    return s.n >= 2 && s.p[0] == '"' ? pp_str_sub(s, 1, s.n - 1) : s;
}

static void address(comparison *c, const char *field, const bench_address *a,
                    const bench_address *b)
{
    text(c, field, a->user, b->user);
    text(c, field, a->host, b->host);
    number(c, field, a->port, b->port);
    text(c, field, a->tag, b->tag);
}

static void call_id(comparison *c, const bench_needed *a, const bench_needed *b)
{
    char whole[256];
    pp_str host = counted(b->call_id_host);
    int n = snprintf(whole, sizeof(whole), host.n ? "%.*s@%.*s" : "%.*s%.*s",
                     PP_STR(counted(b->call_id)), PP_STR(host));

    text(c, "Call-ID", a->call_id, pp_str_n(whole, (size_t)n));
}

bool bench_same_needed(const char *what, const bench_peer *one, const bench_needed *a,
                       const bench_peer *other, const bench_needed *b)
{
    comparison c = {what, one->name, other->name, true};

    number(&c, "status", a->status, b->status);
    text(&c, "method", a->method, b->method);
    address(&c, "Request-URI", &a->target, &b->target);
    text(&c, "Via transport", a->via_transport, b->via_transport);
    text(&c, "Via host", a->via_host, b->via_host);
    text(&c, "Via branch", a->via_branch, b->via_branch);
    number(&c, "Via port", a->via_port, b->via_port);
    address(&c, "From", &a->from, &b->from);
    address(&c, "To", &a->to, &b->to);
    address(&c, "Contact", &a->contact, &b->contact);
    call_id(&c, a, b);
    number(&c, "CSeq", a->cseq, b->cseq);
    text(&c, "CSeq method", a->cseq_method, b->cseq_method);
    number(&c, "Route", a->routes, b->routes);
    number(&c, "Record-Route", a->record_routes, b->record_routes);
    text(&c, "type", a->type, b->type);
    text(&c, "subtype", a->subtype, b->subtype);
    text(&c, "body", a->body, b->body);
    number(&c, "Max-Forwards", a->max_forwards, b->max_forwards);
    number(&c, "Expires", a->expires, b->expires);
    text(&c, "challenge", a->challenge, b->challenge);
    text(&c, "credentials", a->credentials, b->credentials);
    return c.same;
}

bool bench_same_typed(const char *what, const bench_peer *one, const bench_typed *a,
                      const bench_peer *other, const bench_typed *b)
{
    comparison c = {what, one->name, other->name, true};

    number(&c, "Vias", a->vias, b->vias);
    number(&c, "Contacts", a->contacts, b->contacts);
    for (unsigned i = 0; i < MAX_LIST; i++) {
        address(&c, "each Via", &a->via[i], &b->via[i]);
        address(&c, "each Contact", &a->contact[i], &b->contact[i]);
        address(&c, "each Route", &a->route[i], &b->route[i]);
        address(&c, "each Record-Route", &a->record_route[i], &b->record_route[i]);
    }
    text(&c, "realm", unquoted(a->realm), unquoted(b->realm));
    text(&c, "nonce", unquoted(a->nonce), unquoted(b->nonce));
    text(&c, "algorithm", unquoted(a->algorithm), unquoted(b->algorithm));
    text(&c, "response", unquoted(a->response), unquoted(b->response));
    if (one->no_extensions || other->no_extensions)
        return c.same;
    address(&c, "Refer-To", &a->refer_to, &b->refer_to);
    address(&c, "Referred-By", &a->referred_by, &b->referred_by);
    text(&c, "Event", a->event, b->event);
    number(&c, "Allow", a->allows, b->allows);
    number(&c, "Supported", a->supporteds, b->supporteds);
    number(&c, "Session-Expires", a->session_expires, b->session_expires);
    return c.same;
}
