/* dtmf.c - tones, in RTP (RFC 4733) or by INFO, both ways (jssip-behaviour section 3.9). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "ua/session/session.h"

#include <stdio.h>

#define DURATION_MIN_MS     70u
#define DURATION_MAX_MS     6000u
#define DURATION_MS         100u
#define GAP_MIN_MS          50u
#define GAP_INFO_MS         500u
#define GAP_RTP_MS          100u
#define PAUSE_MS            2000u
#define SAME_TONE_WITHIN_MS 500u

typedef struct pp_dtmf_batch pp_dtmf_batch;

typedef struct pp_dtmf_item {
    char tone;
    bool info;
    unsigned duration_ms, gap_ms;
    pp_dtmf_batch *batch;
} pp_dtmf_item;

/* What the tones of one pipit_session_send_dtmf() have in common. */
struct pp_dtmf_batch {
    unsigned references; /* of tones that wait or are on their way */
    char **headers;
    pipit_outcome_function *done;
    void *user;
};

static char upper(char c)
{
    return (c >= 'a' && c <= 'd') || c == 'r' ? (char)(c - 'a' + 'A') : c;
}

static bool is_tone(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'D') || c == '*' || c == '#' || c == 'R';
}

/* --- batches ---------------------------------------------------------------------------------- */

static void release_batch(pp_dtmf_batch *batch)
{
    if (--batch->references)
        return;
    pp_header_lines_free(batch->headers);
    pp_free(batch);
}

static int new_batch(const pipit_dtmf_options *o, pp_dtmf_batch **out)
{
    pp_dtmf_batch *batch = PP_NEW(pp_dtmf_batch);
    int err;

    if (!batch)
        return PIPIT_ERR_MEMORY;
    err = pp_header_lines_copy(o->extra_headers, &batch->headers);
    if (err) {
        pp_free(batch);
        return err;
    }
    batch->references = 1;
    batch->done = o->done;
    batch->user = o->user;
    *out = batch;
    return 0;
}

/* --- out -------------------------------------------------------------------------------------- */

static void send_next(void *arg);

static void tell(pipit_session *session, pp_dtmf_batch *batch, pipit_cause cause,
                 const pp_message *response)
{
    pipit_outcome outcome = {.cause = cause};

    if (!batch->done)
        return;
    outcome.response = pp_ua_show(response);
    batch->done(session, &outcome, batch->user);
    pipit_request_unref(outcome.response);
}

static void on_answered(pipit_session *session, const pp_message *response, pipit_cause cause,
                        void *arg)
{
    if (cause != PIPIT_CAUSE_NONE && cause != PIPIT_CAUSE_CONNECTION_ERROR &&
        pp_session_alive(session))
        pp_dtmf_stop(session); /* nobody wants the rest */
    tell(session, arg, cause, response);
    release_batch(arg);
}

static int send_info(pipit_session *session, const pp_dtmf_item *item)
{
    pp_session_errand how = {.done = on_answered, .arg = item->batch, .waited_for = true};
    char body[48];
    const pipit_send_options options = {.extra_headers = (const char *const *)item->batch->headers,
                                        .content_type = "application/dtmf-relay",
                                        .body = body};
    pp_outgoing *info = NULL;
    int err;

    snprintf(body, sizeof(body), "Signal=%c\r\nDuration=%u", item->tone, item->duration_ms);
    err = pp_session_plain_request(session, PP_INFO, &options, &info);
    if (!err)
        err = pp_session_send(session, info, &how);
    if (!err)
        item->batch->references++;
    pp_outgoing_unref(info);
    return err;
}

static int send_rtp(pipit_session *session, const pp_dtmf_item *item)
{
    pp_media_session *media = session->media.session;

    if (!media)
        return PIPIT_ERR_NOT_SUPPORTED;
    return media->ops->send_dtmf(media, item->tone, item->duration_ms, item->gap_ms);
}

static pp_dtmf_queue *queue_of(pipit_session *session)
{
    if (!session->dtmf)
        session->dtmf = PP_NEW(pp_dtmf_queue);
    return session->dtmf;
}

static void send_tone(pipit_session *session, const pp_dtmf_item *item)
{
    pipit_dtmf_event event = {
        .originator = PIPIT_LOCAL, .tone = item->tone, .duration_ms = item->duration_ms};
    int err = 0;

    event.rtp = !item->info && send_rtp(session, item) == 0;
    if (!event.rtp)
        err = send_info(session, item);
    pp_loop_start_timer(session->ua->loop, &session->dtmf->next, item->duration_ms + item->gap_ms,
                        send_next, session);
    if (err)
        pp_log_warn("RTCSession", "a tone was not sent: %s", pipit_error_message());
    else
        pp_emit_dtmf(session, &event, NULL);
    if (err || event.rtp)
        tell(session, item->batch, err ? PIPIT_CAUSE_INTERNAL_ERROR : PIPIT_CAUSE_NONE, NULL);
}

static void send_next(void *arg)
{
    pipit_session *session = arg;
    pp_dtmf_queue *queue = session->dtmf;
    pp_dtmf_item item;

    queue->waiting = false;
    if (queue->items.n < sizeof(item)) {
        pp_buf_free(&queue->items);
        return;
    }
    memcpy(&item, queue->items.p, sizeof(item));
    if (!item.info && session->media.session && session->media.state != PP_MEDIA_CONNECTED) {
        queue->waiting = true;
        return;
    }
    pp_buf_consume(&queue->items, sizeof(item));
    pipit_session_ref(session);
    if (item.tone == ',')
        pp_loop_start_timer(session->ua->loop, &queue->next, PAUSE_MS, send_next, session);
    else
        send_tone(session, &item);
    release_batch(item.batch);
    pipit_session_unref(session);
}

void pp_dtmf_media_ready(pipit_session *session)
{
    if (session->dtmf && session->dtmf->waiting)
        send_next(session);
}

void pp_dtmf_stop(pipit_session *session)
{
    pp_dtmf_queue *queue = session->dtmf;
    pp_dtmf_item item;

    if (!queue)
        return;
    pp_loop_stop_timer(session->ua->loop, &queue->next);
    for (size_t at = 0; at + sizeof(item) <= queue->items.n; at += sizeof(item)) {
        memcpy(&item, queue->items.p + at, sizeof(item));
        release_batch(item.batch);
    }
    pp_buf_free(&queue->items);
    queue->waiting = false;
}

/* As JsSIP: what is too short or too long is brought into range. */
static unsigned clamp(unsigned value, unsigned fallback, unsigned min, unsigned max)
{
    if (!value)
        return fallback;
    return value < min ? min : value > max ? max : value;
}

static int queue_tones(pp_dtmf_queue *queue, const char *tones, const pipit_dtmf_options *o)
{
    pp_dtmf_item item = {0}; /* padding and all: it is copied as octets */
    size_t before = queue->items.n;
    int err = new_batch(o, &item.batch);

    if (err)
        return err;
    item.info = o->info;
    item.duration_ms = clamp(o->duration_ms, DURATION_MS, DURATION_MIN_MS, DURATION_MAX_MS);
    item.gap_ms =
        clamp(o->inter_tone_gap_ms, o->info ? GAP_INFO_MS : GAP_RTP_MS, GAP_MIN_MS, UINT32_MAX / 2);
    for (; *tones; tones++) {
        item.tone = upper(*tones);
        pp_buf_add(&queue->items, &item, sizeof(item));
    }
    err = pp_buf_error(&queue->items);
    if (err) { /* all or none */
        queue->items.n = before;
        queue->items.error = 0;
    } else {
        item.batch->references += (unsigned)((queue->items.n - before) / sizeof(item));
    }
    release_batch(item.batch);
    return err;
}

static int check_tones(const char *tones)
{
    if (!tones || !*tones)
        return pp_error(PIPIT_ERR_ARGUMENT, "dtmf: there is no tone");
    for (const char *at = tones; *at; at++)
        if (!is_tone(upper(*at)) && *at != ',')
            return pp_error(PIPIT_ERR_ARGUMENT, "dtmf: '%c' is no tone", *at);
    return 0;
}

int pipit_session_send_dtmf(pipit_session *session, const char *tones,
                            const pipit_dtmf_options *options)
{
    static const pipit_dtmf_options defaults = {0};
    pp_dtmf_queue *queue;
    bool idle;
    int err = check_tones(tones);

    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "dtmf: the call is missing");
    if (err)
        return err;
    if (!pp_session_has_dialog(session))
        return pp_error(PIPIT_ERR_STATE, "dtmf: the call is %s",
                        pipit_session_status_name(session->status));
    queue = queue_of(session);
    if (!queue)
        return PIPIT_ERR_MEMORY;
    idle = !queue->next.armed && !queue->waiting;
    err = queue_tones(queue, tones, options ? options : &defaults);
    if (err)
        return err;
    if (idle)
        send_next(session);
    return 0;
}

/* --- in --------------------------------------------------------------------------------------- */

/* A far end that sends each tone both ways means it once. */
static bool came_the_other_way(pipit_session *session, char tone, unsigned duration_ms, bool rtp)
{
    pp_dtmf_queue *queue = queue_of(session);
    uint64_t now_ms = pp_loop_now_ms(session->ua->loop);
    bool same = queue && queue->last_tone == tone && queue->last_rtp != rtp &&
                now_ms - queue->last_at_ms < duration_ms + SAME_TONE_WITHIN_MS;

    if (!queue)
        return false;
    queue->last_tone = same ? '\0' : tone;
    queue->last_rtp = rtp;
    queue->last_at_ms = now_ms;
    return same;
}

static void receive(pipit_session *session, char tone, unsigned duration_ms,
                    const pp_message *request)
{
    pipit_dtmf_event event = {.originator = PIPIT_REMOTE,
                              .tone = tone,
                              .duration_ms = duration_ms,
                              .rtp = request == NULL};

    if (pp_session_alive(session) && !came_the_other_way(session, tone, duration_ms, event.rtp))
        pp_emit_dtmf(session, &event, request);
}

void pp_dtmf_receive_rtp(pipit_session *session, char tone, unsigned duration_ms)
{
    receive(session, tone, duration_ms, NULL);
}

/* A tone as itself, or by its number in RFC 4733 from 10 on ('*', '#', A to D, flash). */
static bool parse_signal(pp_str text, char *out)
{
    static const char numbered[] = "*#ABCDR";
    uint32_t number;

    if (text.n == 1 && is_tone(upper(text.p[0]))) {
        *out = upper(text.p[0]);
        return true;
    }
    if (!pp_str_to_u32(text, 10, 16, &number))
        return false;
    *out = numbered[number - 10];
    return true;
}

bool pp_dtmf_parse_relay(pp_str body, char *tone, unsigned *duration_ms)
{
    uint32_t duration = DURATION_MS;
    bool found = false;

    while (body.n) {
        pp_str line = pp_str_trim(pp_str_split(&body, '\n'));
        pp_str name = pp_str_trim(pp_str_split(&line, '='));
        pp_str value = pp_str_trim(line);

        if (pp_str_ieq_c(name, "signal"))
            found = parse_signal(value, tone);
        else if (pp_str_ieq_c(name, "duration"))
            pp_str_to_u32(value, 1, 65535, &duration);
    }
    *duration_ms = duration;
    return found;
}

bool pp_dtmf_parse_plain(pp_str body, char *tone)
{
    return parse_signal(pp_str_trim(body), tone);
}

void pp_dtmf_receive_info(pipit_session *session, const pp_message *request)
{
    unsigned duration_ms = DURATION_MS;
    bool plain = pp_message_content_is(request, "application/dtmf");
    char tone = '\0';
    bool usable = plain ? pp_dtmf_parse_plain(request->body, &tone)
                        : pp_dtmf_parse_relay(request->body, &tone, &duration_ms);

    if (usable)
        receive(session, tone, duration_ms, request);
    else
        pp_log_debug("RTCSession", "an INFO held no tone");
}
