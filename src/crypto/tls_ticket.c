/* tls_ticket.c - what servers give for a shorter handshake next time (RFC 8446 section 2.2, RFC 5077). The last ticket of
 * each server is kept as octets: a session kept as OpenSSL's object is spoilt when its connection breaks, and that is when it
 * is wanted. */
#include "crypto/tls_context.h"

#include "base/alloc.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

static void drop(pp_tls_ticket *ticket)
{
    if (ticket->der)
        OPENSSL_cleanse(ticket->der, ticket->size);
    pp_free(ticket->der);
    pp_free(ticket->name);
    *ticket = (pp_tls_ticket){0};
}

void pp_tls_drop_tickets(pp_tls_context *context)
{
    for (size_t i = 0; i < PP_LIMIT_TLS_TICKETS; i++)
        drop(&context->tickets[i]);
}

static size_t find(const pp_tls_context *context, const char *name)
{
    size_t i = 0;

    while (i < PP_LIMIT_TLS_TICKETS &&
           !(context->tickets[i].name && strcmp(context->tickets[i].name, name) == 0))
        i++;
    return i;
}

void pp_tls_drop_ticket(pp_tls_context *context, const char *name)
{
    size_t i = find(context, name);

    if (i < PP_LIMIT_TLS_TICKETS)
        drop(&context->tickets[i]);
}

/* False when memory is short: then there is no ticket, and the next handshake is a whole one. */
static bool write_ticket(pp_tls_ticket *out, const char *name, SSL_SESSION *session)
{
    int size = i2d_SSL_SESSION(session, NULL);
    unsigned char *end;

    if (size <= 0 || (unsigned)size > PP_LIMIT_TLS_TICKET)
        return false;
    out->size = (size_t)size;
    out->der = end = pp_alloc(out->size);
    out->name = pp_strdup(name);
    return out->der && out->name && i2d_SSL_SESSION(session, &end) == size;
}

void pp_tls_keep_ticket(pp_tls_context *context, const char *name, SSL_SESSION *session)
{
    pp_tls_ticket ticket = {0};
    size_t i = find(context, name);

    if (!SSL_SESSION_is_resumable(session) || !write_ticket(&ticket, name, session)) {
        drop(&ticket);
        return;
    }
    if (i == PP_LIMIT_TLS_TICKETS) {
        i = context->next_ticket;
        context->next_ticket = (i + 1) % PP_LIMIT_TLS_TICKETS;
    }
    drop(&context->tickets[i]);
    context->tickets[i] = ticket;
}

/* A certificate that was good once is not looked at again: so its ticket is no good beyond its dates. */
static bool is_in_time(SSL_SESSION *session, SSL *ssl)
{
    const X509 *x509 = SSL_SESSION_get0_peer(session);

    return x509 && X509_cmp_timeframe(SSL_get0_param(ssl), X509_get0_notBefore(x509),
                                      X509_get0_notAfter(x509)) == 0;
}

void pp_tls_use_ticket(const pp_tls_context *context, const char *name, SSL *ssl)
{
    size_t i = find(context, name);
    const unsigned char *der;
    SSL_SESSION *session;

    if (i == PP_LIMIT_TLS_TICKETS)
        return;
    der = context->tickets[i].der;
    session = d2i_SSL_SESSION(NULL, &der, (long)context->tickets[i].size);
    if (session && is_in_time(session, ssl))
        SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
    ERR_clear_error(); /* without it the handshake is a whole one */
}
