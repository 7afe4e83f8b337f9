/* publish.c - PUBLISHes of ours and what is answered (RFC 3903 section 4). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "sip/status.h"
#include "ua/subscription/publisher.h"
#include "ua/trace.h"

#define AGAIN_MS 5000u /* after a refresh that failed in a way that may pass */

static const pp_request_sender_handlers sender_handlers;

/* --- the request ------------------------------------------------------------------------------ */

static pp_publishing next_kind(const pipit_publisher *p)
{
    if (p->removing)
        return PP_PUBLISH_REMOVE;
    if (!p->etag)
        return PP_PUBLISH_INITIAL;
    return p->changed ? PP_PUBLISH_MODIFY : PP_PUBLISH_REFRESH;
}

static int make(pipit_publisher *p, pp_publishing kind, pp_outgoing **out)
{
    pp_outgoing *request = NULL;
    int err = pp_ua_request(
        p->ua,
        &(pp_ua_request_options){.method = PP_PUBLISH,
                                 .target = pp_str_c(p->target),
                                 .call_id = p->call_id,
                                 .cseq = ++p->cseq,
                                 .extra_headers = (const char *const *)p->extra_headers},
        &request);

    if (err)
        return err;
    pp_outgoing_add_c(request, PP_HEADER_EVENT, p->event.text);
    pp_outgoing_add_format(request, PP_HEADER_EXPIRES, "%u",
                           kind == PP_PUBLISH_REMOVE ? 0 : p->expires_s);
    if (kind != PP_PUBLISH_INITIAL)
        pp_outgoing_add_c(request, PP_HEADER_SIP_IF_MATCH, p->etag);
    pp_ua_finish_request(p->ua, request);
    if (kind == PP_PUBLISH_INITIAL || kind == PP_PUBLISH_MODIFY)
        pp_outgoing_set_body(request, p->content_type, pp_str_c(p->body));
    err = pp_outgoing_error(request);
    if (err)
        pp_outgoing_unref(request);
    else
        *out = request;
    return err;
}

int pp_publisher_send(pipit_publisher *p)
{
    pp_publishing kind = next_kind(p);
    pp_outgoing *request = NULL;
    int err;

    if (kind == PP_PUBLISH_REMOVE && !p->etag) { /* the server has nothing */
        pp_publisher_end(p, PIPIT_CAUSE_NONE, NULL);
        return 0;
    }
    err = make(p, kind, &request);
    if (!err)
        err = pp_request_sender_start(p->ua, request, &sender_handlers, p, &p->sender);
    pp_outgoing_unref(request);
    if (err)
        return err;
    pp_loop_stop_timer(p->ua->loop, &p->refresh);
    p->doing = kind;
    p->changed = false;
    return 0;
}

static uint32_t next_cseq(void *arg)
{
    return ++((pipit_publisher *)arg)->cseq;
}

/* --- events ----------------------------------------------------------------------------------- */

typedef void handler(pipit_publisher *publisher, const pipit_publisher_event *event, void *user);

static void emit(pipit_publisher *p, handler *function, pipit_cause cause,
                 const pp_message *response)
{
    pipit_publisher_event event = {.cause = cause};

    if (!function)
        return;
    event.response = pp_ua_show(response);
    if (cause != PIPIT_CAUSE_NONE)
        event.has_retry_after = pp_retry_after(response, &event.retry_after);
    function(p, &event, p->user);
    pipit_request_unref(event.response);
}

static void drop(pipit_publisher *p)
{
    pp_loop_stop_timer(p->ua->loop, &p->refresh);
    pp_loop_stop_timer(p->ua->loop, &p->expire);
    p->sender = pp_request_sender_forget(p->sender);
    pp_free(p->etag);
    p->etag = NULL;
    p->removing = p->changed = p->stale = p->lengthened = p->renewed = false;
}

void pp_publisher_end(pipit_publisher *p, pipit_cause cause, const pp_message *response)
{
    pipit_ua *ua = p->ua;

    if (!p->running)
        return;
    pipit_ua_ref(ua);
    drop(p);
    p->running = false;
    if (p->was_published) {
        p->was_published = false;
        pp_ua_trace_state(ua, "publication", "gone");
        emit(p, p->handlers ? p->handlers->unpublished : NULL, cause, response);
    }
    pipit_publisher_unref(p);
    pp_ua_check_stopped(ua);
    pipit_ua_unref(ua);
}

/* --- accepted --------------------------------------------------------------------------------- */

static void on_refresh(void *arg)
{
    pipit_publisher *p = arg;

    if (p->sender)
        return;
    if (pp_publisher_send(p) < 0) {
        pp_log_warn("Publisher", "no refresh: %s", pipit_error_message());
        pp_loop_start_timer(p->ua->loop, &p->refresh, AGAIN_MS, on_refresh, p);
    }
}

static void on_expired(void *arg)
{
    pipit_publisher *p = arg;

    pp_publisher_end(p, p->last_failure, NULL);
}

static void set_expiry(pipit_publisher *p, const pp_message *response)
{
    uint32_t granted_s = p->expires_s;
    uint64_t lasts_ms;

    pp_message_number(response, PP_HEADER_EXPIRES, &granted_s);
    lasts_ms = (uint64_t)(granted_s ? granted_s : 1) * 1000;
    p->last_failure = PIPIT_CAUSE_EXPIRES;
    p->expires_ms = pp_loop_now_ms(p->ua->loop) + lasts_ms;
    pp_loop_start_timer(p->ua->loop, &p->expire, lasts_ms, on_expired, p);
    pp_loop_start_timer(p->ua->loop, &p->refresh, pp_refresh_after_ms(p->ua, granted_s), on_refresh,
                        p);
}

/* Section 4.1: a 2xx without an entity tag names nothing that could be refreshed. */
static void accepted(pipit_publisher *p, const pp_message *response)
{
    pp_str said = pp_message_header(response, PP_HEADER_SIP_ETAG, 0);
    bool news = p->doing == PP_PUBLISH_INITIAL || p->doing == PP_PUBLISH_MODIFY;
    pp_word tag;
    char *etag = said.p && !pp_token_parse(said, &tag) ? pp_str_dup(tag.word) : NULL;

    pp_free(p->etag);
    p->etag = etag;
    p->lengthened = p->renewed = false;
    if (p->doing == PP_PUBLISH_REMOVE) {
        pp_publisher_end(p, PIPIT_CAUSE_NONE, response);
        return;
    }
    p->was_published = true;
    set_expiry(p, response);
    if (news)
        emit(p, p->handlers ? p->handlers->published : NULL, PIPIT_CAUSE_NONE, response);
}

/* --- refused, or nobody there ----------------------------------------------------------------- */

/* True when it goes once more: longer (423), or anew, for the server does not know it any more (412). */
static bool send_again(pipit_publisher *p, const pp_message *response)
{
    uint32_t min_s;

    if (p->doing == PP_PUBLISH_REMOVE)
        return false;
    if (response->status == 412 && !p->renewed) {
        p->renewed = true;
        pp_free(p->etag);
        p->etag = NULL;
    } else if (response->status == 423 && !p->lengthened &&
               pp_message_number(response, PP_HEADER_MIN_EXPIRES, &min_s) && min_s > p->expires_s) {
        p->lengthened = true;
        p->expires_s = min_s;
    } else {
        return false;
    }
    p->changed = p->changed || p->doing != PP_PUBLISH_REFRESH;
    return pp_publisher_send(p) == 0;
}

/* What the server has stands until it runs out. */
static void try_later(pipit_publisher *p, const pp_message *response)
{
    uint32_t after_s;

    pp_loop_start_timer(p->ua->loop, &p->refresh,
                        pp_retry_after(response, &after_s) ? (uint64_t)after_s * 1000 : AGAIN_MS,
                        on_refresh, p);
}

static void failed(pipit_publisher *p, pipit_cause cause, const pp_message *response)
{
    bool news = p->doing == PP_PUBLISH_INITIAL || p->doing == PP_PUBLISH_MODIFY;
    bool stands = p->expire.armed && p->etag;

    p->last_failure = cause;
    if (p->doing == PP_PUBLISH_REMOVE) {
        pp_publisher_end(p, response && response->status == 412 ? PIPIT_CAUSE_NONE : cause,
                         response);
        return;
    }
    p->stale = stands && cause == PIPIT_CAUSE_CONNECTION_ERROR;
    if (p->stale)
        p->changed = p->changed || p->doing == PP_PUBLISH_MODIFY;
    else if (stands)
        try_later(p, response);
    if (news && !p->stale)
        emit(p, p->handlers ? p->handlers->failed : NULL, cause, response);
    if (!stands && !p->sender && !p->changed)
        pp_publisher_end(p, cause, response);
}

/* What was asked for while another request was on its way. */
static void send_waiting(pipit_publisher *p)
{
    if (!p->running || p->sender || (!p->changed && !p->removing) || (p->stale && !p->removing))
        return;
    if (pp_publisher_send(p) < 0)
        pp_publisher_end(p, PIPIT_CAUSE_INTERNAL_ERROR, NULL);
}

/* --- what the sender reports ------------------------------------------------------------------ */

static void on_response(void *arg, const pp_message *response)
{
    pipit_publisher *p = arg;

    if (response->status < 200)
        return;
    pipit_publisher_ref(p);
    p->sender = NULL;
    if (response->status < 300)
        accepted(p, response);
    else if (!send_again(p, response))
        failed(p, pp_status_cause(response->status), response);
    send_waiting(p);
    pipit_publisher_unref(p);
}

static void no_answer(pipit_publisher *p, pipit_cause cause)
{
    pipit_publisher_ref(p);
    p->sender = NULL;
    failed(p, cause, NULL);
    send_waiting(p);
    pipit_publisher_unref(p);
}

static void on_timeout(void *arg)
{
    no_answer(arg, PIPIT_CAUSE_REQUEST_TIMEOUT);
}

static void on_transport_error(void *arg)
{
    no_answer(arg, PIPIT_CAUSE_CONNECTION_ERROR);
}

static const pp_request_sender_handlers sender_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_transport_error,
    .next_cseq = next_cseq,
};
