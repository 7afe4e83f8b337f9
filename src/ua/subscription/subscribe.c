/* subscribe.c - SUBSCRIBEs of ours: the first, refreshes, the last, and what is answered (RFC 6665 section 4.1.2). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/subscription/subscriber.h"

#include <stdio.h>

#define CALL_ID_SIZE 16u
#define TAG_SIZE     12u
#define NOTIFY_MS    (64 * PP_T1_MS) /* Timer N (RFC 6665 section 4.1.2.4) */
#define AGAIN_MS     5000u           /* after a refresh that failed in a way that may pass */

static const pp_request_sender_handlers sender_handlers;

/* --- the request ------------------------------------------------------------------------------ */

static int make_first(pipit_subscriber *s, pp_outgoing **out)
{
    return pp_ua_request(
        s->ua,
        &(pp_ua_request_options){.method = PP_SUBSCRIBE,
                                 .target = pp_str_c(s->target),
                                 .to = s->to_uri,
                                 .to_display_name = s->to_display_name,
                                 .from = s->from_uri,
                                 .from_display_name = s->from_display_name,
                                 .from_tag = s->from_tag,
                                 .call_id = s->call_id,
                                 .cseq = s->cseq,
                                 .extra_headers = (const char *const *)s->extra_headers},
        out);
}

static int make_inside(pipit_subscriber *s, pp_outgoing **out)
{
    int err = pp_dialog_request(s->dialog, PP_SUBSCRIBE, 0, out);

    if (!err)
        pp_add_lines(*out, (const char *const *)s->extra_headers);
    return err;
}

static int make(pipit_subscriber *s, pp_outgoing **out)
{
    pp_outgoing *request = NULL;
    int err = s->dialog ? make_inside(s, &request) : make_first(s, &request);

    if (err)
        return err;
    pp_outgoing_add_c(request, PP_HEADER_EVENT, s->event.text);
    pp_outgoing_add_c(request, PP_HEADER_ACCEPT, s->accept);
    if (s->allow_events)
        pp_outgoing_add_c(request, PP_HEADER_ALLOW_EVENTS, s->allow_events);
    pp_outgoing_add_format(request, PP_HEADER_EXPIRES, "%u", s->ending ? 0 : s->expires_s);
    if (!pp_lines_have_contact(s->extra_headers))
        err = pp_ua_add_contact(s->ua, (pp_contact_form){.anonymous = s->anonymous}, request);
    pp_ua_finish_request(s->ua, request);
    if (s->body)
        pp_outgoing_set_body(request, s->content_type, pp_str_c(s->body));
    if (!err)
        err = pp_outgoing_error(request);
    if (err)
        pp_outgoing_unref(request);
    else
        *out = request;
    return err;
}

static void on_no_notify(void *arg)
{
    pipit_subscriber *s = arg;
    bool ending = s->said_bye;

    pp_subscriber_lose(s,
                       &(pp_subscription_end){.code = ending ? PIPIT_SUBSCRIBER_UNSUBSCRIBE_TIMEOUT
                                                             : PIPIT_SUBSCRIBER_NOTIFY_TIMEOUT});
}

static int start_sender(pipit_subscriber *s, pp_outgoing *request)
{
    int err = pp_request_sender_start(s->ua, request, &sender_handlers, s, &s->sender);

    if (err)
        return err;
    pp_outgoing_unref(s->request);
    s->request = pp_outgoing_ref(request);
    s->waiting = false;
    pp_loop_stop_timer(s->ua->loop, &s->refresh);
    if (!s->dialog || s->state == PIPIT_SUBSCRIBER_INIT || s->ending)
        pp_loop_start_timer(s->ua->loop, &s->notify_wait, NOTIFY_MS, on_no_notify, s);
    return 0;
}

int pp_subscriber_send(pipit_subscriber *s)
{
    pp_outgoing *request = NULL;
    int err = make(s, &request);

    if (!err)
        err = start_sender(s, request);
    pp_outgoing_unref(request);
    if (err)
        return err;
    s->said_bye = s->ending;
    pp_body_keep(NULL, &s->body);
    return 0;
}

static int fresh_names(pipit_subscriber *s)
{
    char token[CALL_ID_SIZE + 1], tag[TAG_SIZE + 1];
    pp_buf call_id = {0};
    char *from_tag, *text = NULL;
    int err;

    pp_rng_token(&s->ua->loop->rng, token, CALL_ID_SIZE);
    pp_rng_token(&s->ua->loop->rng, tag, TAG_SIZE);
    from_tag = pp_strdup(tag);
    if (!from_tag)
        return PIPIT_ERR_MEMORY;
    pp_buf_format(&call_id, "%s%s", s->ua->settings.call_id_prefix, token);
    err = pp_buf_take(&call_id, &text);
    if (err) {
        pp_free(from_tag);
        return err;
    }
    pp_free(s->call_id);
    pp_free(s->from_tag);
    s->call_id = text;
    s->from_tag = from_tag;
    return 0;
}

int pp_subscriber_begin(pipit_subscriber *s)
{
    int err = fresh_names(s);

    if (err)
        return err;
    if (!s->cseq)
        s->cseq = 1 + pp_rng_below(&s->ua->loop->rng, 9999);
    s->begun_ms = pp_loop_now_ms(s->ua->loop);
    return pp_subscriber_send(s);
}

static uint32_t next_cseq(void *arg)
{
    pipit_subscriber *s = arg;

    return s->dialog ? pp_dialog_next_cseq(s->dialog) : ++s->cseq;
}

/* The same request with another Expires (section 4.1.2.1: 423). */
static int send_longer(pipit_subscriber *s)
{
    pp_outgoing *again = NULL;
    char number[16], cseq[32];
    int err = pp_outgoing_clone(s->request, &again);

    if (err)
        return err;
    snprintf(number, sizeof(number), "%u", s->expires_s);
    snprintf(cseq, sizeof(cseq), "%lu SUBSCRIBE", (unsigned long)next_cseq(s));
    pp_outgoing_remove(again, PP_HEADER_AUTHORIZATION); /* put in anew when it goes */
    pp_outgoing_remove(again, PP_HEADER_PROXY_AUTHORIZATION);
    pp_outgoing_set(again, PP_HEADER_EXPIRES, pp_str_c(number));
    pp_outgoing_set(again, PP_HEADER_CSEQ, pp_str_c(cseq));
    err = pp_outgoing_error(again);
    if (!err)
        err = start_sender(s, again);
    pp_outgoing_unref(again);
    return err;
}

/* --- how long it lasts ------------------------------------------------------------------------ */

static void on_expired(void *arg)
{
    pipit_subscriber *s = arg;

    pp_subscriber_lose(s, &(pp_subscription_end){.code = s->last_failure});
}

static void on_refresh(void *arg)
{
    pipit_subscriber *s = arg;

    if (s->sender)
        return;
    if (pp_subscriber_send(s) < 0) {
        pp_log_warn("Subscriber", "no refresh: %s", pipit_error_message());
        pp_loop_start_timer(s->ua->loop, &s->refresh, AGAIN_MS, on_refresh, s);
    }
}

void pp_subscriber_set_expiry(pipit_subscriber *s, uint32_t granted_s)
{
    uint64_t lasts_ms = (uint64_t)granted_s * 1000;
    pipit_loop *loop = s->ua->loop;

    pp_loop_stop_timer(loop, &s->refresh);
    pp_loop_stop_timer(loop, &s->expire);
    if (s->fetch || s->ending) /* the final NOTIFY is all that is to come */
        return;
    if (granted_s)
        pp_loop_start_timer(loop, &s->refresh,
                            s->reconnected ? AGAIN_MS : pp_refresh_after_ms(s->ua, granted_s),
                            on_refresh, s);
    else
        lasts_ms = NOTIFY_MS;
    s->last_failure = PIPIT_SUBSCRIBER_EXPIRED;
    s->expires_ms = pp_loop_now_ms(loop) + lasts_ms;
    pp_loop_start_timer(loop, &s->expire, lasts_ms, on_expired, s);
}

/* Section 4.1.2.2: the subscription stands until it runs out. */
static void refresh_later(pipit_subscriber *s, const pp_message *response)
{
    uint32_t after_s;

    if (!s->expire.armed) /* a NOTIFY came, and no 2xx that would tell how long it lasts */
        pp_subscriber_set_expiry(s, s->expires_s);
    pp_loop_start_timer(s->ua->loop, &s->refresh,
                        pp_retry_after(response, &after_s) ? (uint64_t)after_s * 1000 : AGAIN_MS,
                        on_refresh, s);
}

/* --- accepted --------------------------------------------------------------------------------- */

static int make_dialog(pipit_subscriber *s, const pp_message *response)
{
    const pp_dialog_owner owner = {&pp_subscriber_usage, s};
    char cseq[32];
    int err;

    snprintf(cseq, sizeof(cseq), "%lu SUBSCRIBE", (unsigned long)response->cseq);
    pp_outgoing_set(s->request, PP_HEADER_CSEQ, pp_str_c(cseq));
    err = pp_outgoing_error(s->request);
    if (!err)
        err = pp_dialog_from_response(s->ua->dialogs, s->request, response, &owner, &s->dialog);
    if (!err)
        err = pp_dialog_id(s->dialog, &s->id);
    return err;
}

static int update_dialog(pipit_subscriber *s, const pp_message *response)
{
    if (!s->dialog)
        return make_dialog(s, response);
    if (!pp_str_eq_c(response->to_tag, s->dialog->remote_tag))
        return 0; /* another fork's: the dialog stays with the one that notified first */
    if (!s->dialog->confirmed)
        return pp_dialog_confirm(s->dialog, response);
    return pp_dialog_refresh_target(s->dialog, response);
}

static void emit_accepted(pipit_subscriber *s)
{
    bool first = !s->was_accepted;

    s->was_accepted = true;
    if (first && s->handlers && s->handlers->accepted)
        s->handlers->accepted(s, s->user);
}

static void accepted(pipit_subscriber *s, const pp_message *response)
{
    bool had_dialog = s->dialog != NULL;
    uint32_t granted_s = s->expires_s;
    int err = update_dialog(s, response);

    if (err && !had_dialog) {
        bool short_of_memory = err == PIPIT_ERR_MEMORY;

        pp_subscriber_end(
            s, &(pp_subscription_end){.code = short_of_memory
                                                  ? PIPIT_SUBSCRIBER_INTERNAL_ERROR
                                                  : PIPIT_SUBSCRIBER_SUBSCRIBE_WRONG_OK_RESPONSE,
                                      .message = response});
        return;
    }
    pp_message_number(response, PP_HEADER_EXPIRES, &granted_s);
    s->lengthened = s->reconnected = false;
    if (!s->said_bye)
        pp_subscriber_set_expiry(s, granted_s < s->expires_s ? granted_s : s->expires_s);
    emit_accepted(s);
}

/* What was asked for while another request was on its way. */
static void send_waiting(pipit_subscriber *s)
{
    if (s->state == PIPIT_SUBSCRIBER_TERMINATED || !s->waiting || s->sender || !s->dialog)
        return;
    if (pp_subscriber_send(s) == 0)
        return;
    pp_log_warn("Subscriber", "a SUBSCRIBE that waited was not sent: %s", pipit_error_message());
    if (s->ending)
        pp_subscriber_end(s, &(pp_subscription_end){.code = PIPIT_SUBSCRIBER_INTERNAL_ERROR});
}

/* --- refused, or nobody there ----------------------------------------------------------------- */

static bool lengthen(pipit_subscriber *s, const pp_message *response)
{
    uint32_t min_s;

    if (response->status != 423 || s->lengthened || s->said_bye || s->fetch ||
        !pp_message_number(response, PP_HEADER_MIN_EXPIRES, &min_s) || min_s <= s->expires_s)
        return false;
    s->lengthened = true;
    s->expires_s = min_s;
    return send_longer(s) == 0;
}

static pipit_subscriber_code code_of(int status)
{
    return status == 401 || status == 407 ? PIPIT_SUBSCRIBER_SUBSCRIBE_AUTHENTICATION_FAILED
                                          : PIPIT_SUBSCRIBER_SUBSCRIBE_NON_OK_RESPONSE;
}

/* Section 4.1.2.2; but a server that came back a moment ago says 480 of everyone who has not registered yet. */
static bool stands(const pipit_subscriber *s, int status)
{
    return !pp_ends_subscription(status) || (status == 480 && s->reconnected);
}

/* The far end has it. A dialog of its own tells that it has. */
static bool is_there(const pipit_subscriber *s)
{
    bool notified = s->state == PIPIT_SUBSCRIBER_PENDING || s->state == PIPIT_SUBSCRIBER_ACTIVE;

    return s->dialog && !s->ending && (!s->share.dialog || s->was_accepted || notified);
}

static void refused(pipit_subscriber *s, const pp_message *response)
{
    pp_subscription_end end = {.code = code_of(response->status), .message = response};

    if (lengthen(s, response))
        return;
    end.has_retry_after = pp_retry_after(response, &end.retry_after);
    s->last_failure = end.code;
    if (s->said_bye)
        pp_subscriber_end(s, &end);
    else if (is_there(s) && stands(s, response->status))
        refresh_later(s, response);
    else if (s->dialog || end.has_retry_after)
        pp_subscriber_lose(s, &end);
    else
        pp_subscriber_end(s, &end);
}

static void failed(pipit_subscriber *s, pipit_subscriber_code code)
{
    bool connection = code == PIPIT_SUBSCRIBER_SUBSCRIBE_TRANSPORT_ERROR;
    bool there = is_there(s);

    s->sender = NULL;
    s->stale = connection && (there || s->resubscribes);
    if (there)
        s->last_failure = code;
    if (there && !connection)
        refresh_later(s, NULL);
    else if (!there && (s->ending || !s->stale))
        pp_subscriber_end(s, &(pp_subscription_end){.code = code});
    else
        pp_loop_stop_timer(s->ua->loop, &s->notify_wait);
}

/* --- what the sender reports ------------------------------------------------------------------ */

static void on_response(void *arg, const pp_message *response)
{
    pipit_subscriber *s = arg;

    if (response->status < 200)
        return;
    pipit_subscriber_ref(s);
    s->sender = NULL;
    if (response->status < 300)
        accepted(s, response);
    else
        refused(s, response);
    send_waiting(s);
    pipit_subscriber_unref(s);
}

static void on_timeout(void *arg)
{
    pipit_subscriber *s = arg;

    failed(s, s->said_bye ? PIPIT_SUBSCRIBER_UNSUBSCRIBE_TIMEOUT
                          : PIPIT_SUBSCRIBER_SUBSCRIBE_RESPONSE_TIMEOUT);
}

static void on_transport_error(void *arg)
{
    failed(arg, PIPIT_SUBSCRIBER_SUBSCRIBE_TRANSPORT_ERROR);
}

static const pp_request_sender_handlers sender_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_transport_error,
    .next_cseq = next_cseq,
};
