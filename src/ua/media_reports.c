/* media_reports.c - descriptions, states and tones on their way from the media to the call. */
#include "ua/media_reports.h"

#include "base/error.h"

#include <stdio.h>

typedef struct tone {
    char tone;
    unsigned duration_ms;
} tone;

/* --- handing on ------------------------------------------------------------------------------- */

static void tell_description(pp_media_reports *r)
{
    pp_buf sdp = r->sdp;
    int error = r->error;

    if (!r->described)
        return;
    r->described = false;
    r->sdp = (pp_buf){0};
    r->error = 0;
    if (error)
        pp_error(error, "%s", r->sentence);
    r->handlers->description(r->arg, error, error ? PP_STR_NONE : pp_buf_text(&sdp));
    pp_buf_free(&sdp);
}

static void tell_candidates(pp_media_reports *r)
{
    pp_buf candidates = r->candidates;
    pp_str rest = pp_buf_text(&candidates);

    r->candidates = (pp_buf){0};
    while (rest.n && !r->closed && r->handlers->candidate)
        r->handlers->candidate(r->arg, pp_str_split(&rest, '\n'));
    pp_buf_free(&candidates);
}

static void tell_state(pp_media_reports *r, pp_media_state state)
{
    r->state_told = state;
    r->handlers->state(r->arg, state, state == PP_MEDIA_FAILED ? r->sentence : "");
}

static void tell_states(pp_media_reports *r)
{
    pp_buf states = r->states;

    r->states = (pp_buf){0};
    for (size_t i = 0; i < states.n && !r->closed; i++)
        tell_state(r, (pp_media_state)states.p[i]);
    if (!r->closed && r->state_told != r->state)
        tell_state(r, r->state);
    pp_buf_free(&states);
}

static void tell_tones(pp_media_reports *r)
{
    pp_buf tones = r->tones;
    tone next;

    r->tones = (pp_buf){0};
    for (size_t at = 0; at + sizeof(next) <= tones.n && !r->closed; at += sizeof(next)) {
        memcpy(&next, tones.p + at, sizeof(next));
        r->handlers->dtmf(r->arg, next.tone, next.duration_ms);
    }
    pp_buf_free(&tones);
}

static void on_post(void *arg)
{
    pp_media_reports *r = arg;
    void (*release)(void *owner) = r->release;
    void *owner = r->owner;

    r->hold(owner);
    tell_candidates(r);
    if (!r->closed)
        tell_description(r);
    if (!r->closed)
        tell_states(r);
    if (!r->closed)
        tell_tones(r);
    release(owner);
}

static void post(pp_media_reports *r)
{
    if (!r->closed)
        pp_loop_post(r->loop, &r->post, on_post, r);
}

/* --- taken in --------------------------------------------------------------------------------- */

void pp_media_report_description(pp_media_reports *r, int error, pp_buf *sdp)
{
    pp_buf_free(&r->sdp);
    r->sdp = *sdp;
    *sdp = (pp_buf){0};
    r->error = error ? error : pp_buf_error(&r->sdp);
    if (r->error)
        snprintf(r->sentence, sizeof(r->sentence), "%s", pipit_error_message());
    r->described = true;
    post(r);
}

void pp_media_report_state(pp_media_reports *r, pp_media_state state, const char *reason)
{
    r->state = state;
    if (state == PP_MEDIA_FAILED)
        snprintf(r->sentence, sizeof(r->sentence), "%s", reason);
    pp_buf_u8(&r->states, state);
    post(r);
}

void pp_media_report_dtmf(pp_media_reports *r, char digit, unsigned duration_ms)
{
    tone next = {0}; /* padding and all: it is copied as octets */

    next.tone = digit;
    next.duration_ms = duration_ms;
    pp_buf_add(&r->tones, &next, sizeof(next));
    post(r);
}

void pp_media_report_candidate(pp_media_reports *r, const char *candidate)
{
    pp_buf_c(&r->candidates, candidate);
    pp_buf_char(&r->candidates, '\n');
    if (pp_buf_error(&r->candidates))
        pp_buf_clear(&r->candidates);
    post(r);
}

void pp_media_reports_close(pp_media_reports *r)
{
    r->closed = true;
    pp_loop_unpost(r->loop, &r->post);
}

void pp_media_reports_free(pp_media_reports *r)
{
    pp_media_reports_close(r);
    pp_buf_free(&r->sdp);
    pp_buf_free(&r->states);
    pp_buf_free(&r->tones);
    pp_buf_free(&r->candidates);
}
