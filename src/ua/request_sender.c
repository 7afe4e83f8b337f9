/* request_sender.c - sends a request, meets challenges with a new CSeq and branch, and reports what comes of it. */
#include "ua/request_sender.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "sip/digest.h"
#include "ua/ua.h"

#include <stdio.h>

struct pp_request_sender {
    pipit_ua *ua;
    pp_request_sender *next, *previous;
    pp_outgoing *request;
    pp_client_transaction *transaction;
    const pp_request_sender_handlers *handlers;
    void *arg;
    pp_message *met;   /* the challenge that was answered last */
    unsigned answered; /* challenges */
    bool ahead;        /* carries credentials nobody has asked for yet */
    bool pending;      /* a final answer is to come */
    bool cancelled;
};

static const pp_client_handlers client_handlers;

/* --- the list of those on their way ----------------------------------------------------------- */

static void link_sender(pp_request_sender *sender)
{
    pp_request_sender **list = &sender->ua->senders;

    sender->next = *list;
    if (*list)
        (*list)->previous = sender;
    *list = sender;
}

static void free_sender(pp_request_sender *sender)
{
    if (sender->previous)
        sender->previous->next = sender->next;
    else
        sender->ua->senders = sender->next;
    if (sender->next)
        sender->next->previous = sender->previous;
    pp_outgoing_unref(sender->request);
    pp_message_unref(sender->met);
    pp_free(sender);
}

bool pp_request_senders_pending(const pipit_ua *ua)
{
    for (const pp_request_sender *s = ua->senders; s; s = s->next)
        if (s->pending)
            return true;
    return false;
}

void pp_request_senders_free(pipit_ua *ua)
{
    while (ua->senders) {
        pp_request_sender *sender = ua->senders;
        const pp_request_sender_handlers *handlers = sender->handlers;
        void *arg = sender->arg;

        pp_client_forget(sender->transaction);
        free_sender(sender);
        if (handlers && handlers->abandoned)
            handlers->abandoned(arg);
    }
}

/* --- credentials ------------------------------------------------------------------------------ */

void pp_nonce_cache_free(pp_nonce_cache *cache)
{
    pp_message_unref(cache->registrar.challenge);
    pp_message_unref(cache->proxy.challenge);
    *cache = (pp_nonce_cache){0};
}

static bool is_register(const pp_request_sender *sender)
{
    return pp_outgoing_method(sender->request) == PP_REGISTER;
}

/* Whether nobody between us and the server can read what goes. */
static bool is_private(const pipit_ua *ua)
{
    pipit_socket *socket = pp_transport_socket(ua->transport);
    const char *transport = socket ? pipit_socket_via_transport(socket) : "";

    return strcmp(transport, "WSS") == 0 || strcmp(transport, "TLS") == 0;
}

/* As the application wrote it, on every request. */
static void add_jwt(pipit_ua *ua, pp_outgoing *request)
{
    const char *jwt = ua->settings.authorization_jwt;

    if (!jwt)
        return;
    if (is_private(ua) || ua->settings.allow_insecure_authorization)
        pp_outgoing_set(request, PP_HEADER_AUTHORIZATION, pp_str_c(jwt));
    else
        pp_log_warn("UA", "authorization_jwt was kept back: the connection has no TLS");
}

/* Puts in what the last challenge asked for. Only the proxy's own challenge is met ahead outside of registration: with others
 * a far end would get to see answers meant for our registrar. */
static void add_credentials_ahead(pp_request_sender *sender)
{
    pp_nonce_cache *cache = &sender->ua->nonces;
    pp_message *challenge =
        is_register(sender) ? cache->registrar.challenge : cache->proxy.challenge;
    uint32_t *count = is_register(sender) ? &cache->registrar.count : &cache->proxy.count;
    pp_credentials credentials = pp_settings_credentials(&sender->ua->settings);

    if (!challenge)
        return;
    sender->ahead = pp_digest_answer(challenge, &credentials, &sender->ua->loop->rng, ++*count,
                                     sender->request) == 0;
}

static void remember_challenge(pp_request_sender *sender)
{
    pp_nonce_cache *cache = &sender->ua->nonces;
    pp_message *met = sender->met;

    sender->met = NULL;
    if (met && is_register(sender)) {
        pp_message_unref(cache->registrar.challenge);
        cache->registrar.challenge = met;
        cache->registrar.count = 1;
    } else if (met && met->status == 407) {
        pp_message_unref(cache->proxy.challenge);
        cache->proxy.challenge = met;
        cache->proxy.count = 1;
    } else {
        pp_message_unref(met);
    }
}

static bool carries_realm(const pp_outgoing *request, pp_header_id id, pp_str realm)
{
    pp_authorization sent;
    pp_str value;

    for (size_t i = 0; value = pp_outgoing_header(request, id, i), value.p; i++)
        if (pp_authorization_parse(value, &sent) == 0 && pp_str_eq(sent.realm, realm))
            return true;
    return false;
}

/* RFC 3261 section 22.3: challenged again in a realm we have answered, and not because the nonce was old:
 * so the password itself is wrong. */
static bool was_refused(const pp_request_sender *sender, const pp_message *response)
{
    bool proxy = response->status == 407;
    pp_header_id asked = proxy ? PP_HEADER_PROXY_AUTHENTICATE : PP_HEADER_WWW_AUTHENTICATE;
    pp_header_id given = proxy ? PP_HEADER_PROXY_AUTHORIZATION : PP_HEADER_AUTHORIZATION;
    pp_challenge challenge;
    pp_str value;

    for (size_t i = 0; value = pp_message_header(response, asked, i), value.p; i++)
        if (pp_challenge_parse(value, &challenge) == 0 && !challenge.stale &&
            carries_realm(sender->request, given, challenge.realm))
            return true;
    return false;
}

/* --- one attempt ------------------------------------------------------------------------------ */

static int attempt(pp_request_sender *sender)
{
    int err = pp_ua_set_via(sender->ua, sender->request);

    if (!err)
        err = pp_outgoing_error(sender->request);
    if (!err)
        err = pp_client_start(sender->ua->transactions, NULL, sender->request, &client_handlers,
                              sender, &sender->transaction);
    return err;
}

static void raise_cseq(pp_request_sender *sender, pp_outgoing *request)
{
    char value[64];
    uint32_t cseq = pp_outgoing_cseq(request) + 1;

    if (sender->handlers && sender->handlers->next_cseq)
        cseq = sender->handlers->next_cseq(sender->arg);
    snprintf(value, sizeof(value), "%lu %s", (unsigned long)cseq,
             pp_method_name(pp_outgoing_method(request)));
    pp_outgoing_set(request, PP_HEADER_CSEQ, pp_str_c(value));
}

/* The same request with credentials. */
static int make_again(pp_request_sender *sender, const pp_message *response, pp_outgoing **out)
{
    pp_credentials credentials = pp_settings_credentials(&sender->ua->settings);
    pp_outgoing *again = NULL;
    int err = pp_outgoing_clone(sender->request, &again);

    if (!err && sender->ahead) {
        pp_outgoing_remove(again, PP_HEADER_AUTHORIZATION);
        pp_outgoing_remove(again, PP_HEADER_PROXY_AUTHORIZATION);
    }
    if (!err)
        err = pp_digest_answer(response, &credentials, &sender->ua->loop->rng, 1, again);
    if (err) {
        pp_outgoing_unref(again);
        return err;
    }
    raise_cseq(sender, again);
    *out = again;
    return 0;
}

/* True when the request is on its way once more. */
static bool meet_challenge(pp_request_sender *sender, const pp_message *response)
{
    pp_outgoing *before = sender->request, *again = NULL;

    if (!pp_settings_can_authenticate(&sender->ua->settings) || sender->cancelled ||
        sender->answered == PP_LIMIT_CHALLENGES)
        return false;
    if (!sender->ahead && was_refused(sender, response))
        return false;
    if (make_again(sender, response, &again) < 0) {
        pp_log_warn("UA", "a challenge was not met: %s", pipit_error_message());
        return false;
    }
    sender->request = again;
    if (attempt(sender) < 0) {
        sender->request = before;
        pp_outgoing_unref(again);
        return false;
    }
    pp_outgoing_unref(before);
    pp_message_unref(sender->met);
    sender->met = pp_message_ref(response);
    sender->answered++;
    sender->ahead = false;
    return true;
}

/* --- what the transaction reports ------------------------------------------------------------- */

/* The sender is over: it is released, then its owner hears of it. */
static void finish(pp_request_sender *sender, const pp_message *response, void (*report)(void *arg))
{
    const pp_request_sender_handlers *handlers = sender->handlers;
    pipit_ua *ua = pipit_ua_ref(sender->ua);
    void *arg = sender->arg;

    free_sender(sender);
    if (handlers && response)
        handlers->response(arg, response);
    else if (handlers)
        report(arg);
    pp_ua_check_stopped(ua);
    pipit_ua_unref(ua);
}

/* A 2xx of an INVITE: more may come, from other forks and again. */
static void accepted(pp_request_sender *sender, const pp_message *response)
{
    pipit_ua *ua = pipit_ua_ref(sender->ua);

    sender->pending = false;
    remember_challenge(sender);
    if (sender->handlers) {
        sender->handlers->response(sender->arg, response);
    } else {
        pp_request_sender_forget(sender);
        pp_ua_hang_up(ua, response);
    }
    pp_ua_check_stopped(ua);
    pipit_ua_unref(ua);
}

static void on_response(void *arg, const pp_message *response)
{
    pp_request_sender *sender = arg;
    bool challenged = response->status == 401 || response->status == 407;

    pp_ua_learn_place(sender->ua, response);
    if (response->status < 200) {
        if (sender->handlers)
            sender->handlers->response(sender->arg, response);
        return;
    }
    if (challenged && meet_challenge(sender, response))
        return;
    if (response->status < 300 && pp_outgoing_method(sender->request) == PP_INVITE) {
        accepted(sender, response);
        return;
    }
    if (!challenged)
        remember_challenge(sender);
    finish(sender, response, NULL);
}

static void on_timeout(void *arg)
{
    pp_request_sender *sender = arg;

    finish(sender, NULL, sender->handlers ? sender->handlers->timeout : NULL);
}

static void on_transport_error(void *arg)
{
    pp_request_sender *sender = arg;

    finish(sender, NULL, sender->handlers ? sender->handlers->transport_error : NULL);
}

static const pp_client_handlers client_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_transport_error,
};

/* --- for owners ------------------------------------------------------------------------------- */

int pp_request_sender_start(pipit_ua *ua, pp_outgoing *request,
                            const pp_request_sender_handlers *handlers, void *arg,
                            pp_request_sender **out)
{
    pp_request_sender *sender = PP_NEW(pp_request_sender);
    int err;

    if (!sender)
        return PIPIT_ERR_MEMORY;
    sender->ua = ua;
    sender->request = pp_outgoing_ref(request);
    sender->handlers = handlers;
    sender->arg = arg;
    sender->pending = true;
    link_sender(sender);
    add_jwt(ua, request);
    if (pp_settings_can_authenticate(&ua->settings))
        add_credentials_ahead(sender);
    err = attempt(sender);
    if (err) {
        free_sender(sender);
        return err;
    }
    if (out)
        *out = sender;
    return 0;
}

int pp_request_sender_cancel(pp_request_sender *sender, const char *reason)
{
    sender->cancelled = true;
    return pp_client_cancel(sender->transaction, reason);
}

pp_request_sender *pp_request_sender_forget(pp_request_sender *sender)
{
    if (!sender)
        return NULL;
    sender->handlers = NULL;
    sender->cancelled = true; /* sent again for nobody, it would only surprise */
    if (!sender->pending) {
        pp_client_forget(sender->transaction);
        free_sender(sender);
    }
    return NULL;
}

const pp_outgoing *pp_request_sender_request(const pp_request_sender *sender)
{
    return sender->request;
}

bool pp_request_sender_is_pending(const pp_request_sender *sender)
{
    return sender->pending;
}
