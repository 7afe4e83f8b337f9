/* request_sender.c - sends a request, meets challenges with a new CSeq and branch, and reports what comes of it. */
#include "ua/request_sender.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "ua/ua.h"

#include <stdio.h>

struct pp_request_sender {
    pipit_ua *ua;
    pp_request_sender *next, *previous;
    pp_outgoing *request;
    pp_client_transaction *transaction; /* NULL while credentials are waited for */
    const pp_request_sender_handlers *handlers;
    void *arg;
    pp_attempt attempt; /* to meet challenges */
    bool pending;       /* a final answer is to come */
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
    pp_attempt_free(&sender->attempt);
    pp_free(sender);
}

bool pp_request_senders_pending(const pipit_ua *ua)
{
    for (const pp_request_sender *s = ua->senders; s; s = s->next)
        if (s->pending)
            return true;
    return false;
}

void pp_request_senders_stop_waiting(pipit_ua *ua)
{
    for (pp_request_sender *s = ua->senders; s; s = s->next)
        if (s->attempt.challenge)
            pp_challenge_give_up(s->attempt.challenge);
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
    uint32_t cseq = pp_outgoing_cseq(request) + 1;

    if (sender->handlers && sender->handlers->next_cseq)
        cseq = sender->handlers->next_cseq(sender->arg);
    pp_outgoing_set_cseq(request, cseq);
}

/* The same request with credentials. */
static int make_again(pp_request_sender *sender, const pp_message *response, pp_outgoing **out)
{
    pp_outgoing *again = NULL;
    int err = pp_outgoing_clone(sender->request, &again);

    if (!err)
        err = pp_authenticate(sender->ua, response, again);
    if (err) {
        pp_outgoing_unref(again);
        return err;
    }
    raise_cseq(sender, again);
    *out = again;
    return 0;
}

static int send_again(pp_request_sender *sender, const pp_message *response)
{
    pp_outgoing *before = sender->request, *again = NULL;
    int err = make_again(sender, response, &again);

    if (err)
        return err;
    sender->request = again;
    err = attempt(sender);
    if (err) {
        sender->request = before;
        pp_outgoing_unref(again);
        return err;
    }
    pp_outgoing_unref(before);
    sender->attempt.answered++;
    sender->attempt.settled = 0;
    sender->attempt.ahead = false;
    return 0;
}

static void on_credentials(void *arg);

/* True when the request is on its way once more, or will be. */
static bool meet_challenge(pp_request_sender *sender, const pp_message *response)
{
    const pp_request_resume resume = {on_credentials, sender};
    pp_verdict verdict;

    sender->transaction = NULL;
    if (sender->cancelled)
        return false;
    verdict =
        pp_authenticate_judge(sender->ua, &sender->attempt, sender->request, response, &resume);
    if (verdict == PP_VERDICT_GIVE_UP || sender->cancelled)
        return false;
    if (verdict == PP_VERDICT_WAIT) {
        if (!sender->attempt.response)
            sender->attempt.response = pp_message_ref(response);
        return true;
    }
    if (send_again(sender, response) < 0) {
        pp_log_warn("UA", "a challenge was not met: %s", pipit_error_message());
        return false;
    }
    sender->attempt.response = pp_message_unref(sender->attempt.response);
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
    if (handlers && response && handlers->response)
        handlers->response(arg, response);
    else if (report)
        report(arg);
    pp_ua_check_stopped(ua);
    pipit_ua_unref(ua);
}

/* A 2xx of an INVITE: more may come, from other forks and again. */
static void accepted(pp_request_sender *sender, const pp_message *response)
{
    pipit_ua *ua = pipit_ua_ref(sender->ua);

    sender->pending = false;
    pp_met_prove(&ua->authentication.met, sender->request);
    if (sender->handlers) {
        sender->handlers->response(sender->arg, response);
    } else {
        pp_request_sender_forget(sender);
        pp_ua_hang_up(ua, response);
    }
    pp_ua_check_stopped(ua);
    pipit_ua_unref(ua);
}

static void on_final(pp_request_sender *sender, const pp_message *response)
{
    bool challenged = response->status == 401 || response->status == 407;

    if (challenged && meet_challenge(sender, response))
        return;
    if (response->status < 300 && pp_outgoing_method(sender->request) == PP_INVITE) {
        accepted(sender, response);
        return;
    }
    if (!challenged)
        pp_met_prove(&sender->ua->authentication.met, sender->request);
    finish(sender, response, NULL);
}

static void on_response(void *arg, const pp_message *response)
{
    pp_request_sender *sender = arg;
    pipit_ua *ua = pipit_ua_ref(sender->ua);

    pp_ua_learn_place(ua, response);
    if (response->status >= 200)
        on_final(sender, response);
    else if (sender->handlers && sender->handlers->response)
        sender->handlers->response(sender->arg, response);
    pipit_ua_unref(ua);
}

/* The application has thought about the challenge. */
static void on_credentials(void *arg)
{
    pp_request_sender *sender = arg;
    pipit_ua *ua = pipit_ua_ref(sender->ua);
    pp_message *response = pp_message_ref(sender->attempt.response);

    on_final(sender, response);
    pp_message_unref(response);
    pipit_ua_unref(ua);
}

static void on_timeout(void *arg)
{
    pp_request_sender *sender = arg;

    finish(sender, NULL, sender->handlers ? sender->handlers->timeout : NULL);
}

/* As finish(). */
static void give_back(pp_request_sender *sender)
{
    const pp_request_sender_handlers *handlers = sender->handlers;
    pp_outgoing *request = pp_outgoing_ref(sender->request);
    pipit_ua *ua = pipit_ua_ref(sender->ua);

    free_sender(sender);
    handlers->unsent(ua, request);
    pp_outgoing_unref(request);
    pp_ua_check_stopped(ua);
    pipit_ua_unref(ua);
}

static void on_transport_error(void *arg)
{
    pp_request_sender *sender = arg;

    if (sender->handlers && sender->handlers->unsent)
        give_back(sender);
    else
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
    pp_authenticate_ahead(ua, &sender->attempt, request);
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
    if (sender->attempt.challenge)
        pp_challenge_give_up(sender->attempt.challenge);
    return sender->transaction ? pp_client_cancel(sender->transaction, reason) : 0;
}

pp_request_sender *pp_request_sender_forget(pp_request_sender *sender)
{
    if (!sender)
        return NULL;
    sender->handlers = NULL;
    sender->cancelled = true; /* sent again for nobody, it would only surprise */
    if (!sender->pending || sender->attempt.challenge) {
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
