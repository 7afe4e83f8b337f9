/* media_reports.c - descriptions, states and tones on their way from the media to the call. */
#include "ua/media_reports.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

typedef struct tone {
    char tone;
    unsigned duration_ms;
} tone;

/* --- handing on ------------------------------------------------------------------------------- */

/* The buffer, out of the news. */
static pp_buf take(pp_buf *buf)
{
    pp_buf taken = *buf;

    *buf = (pp_buf){0};
    return taken;
}

static const char *sentence_of(const pp_media_reports *r)
{
    return r->news ? r->news->sentence : "out of memory";
}

static void tell_description(pp_media_reports *r)
{
    char *sdp = r->sdp;
    int error = r->error;

    if (!r->described)
        return;
    r->sdp = NULL;
    r->described = false;
    r->error = 0;
    if (error)
        pp_error(error, "%s", sentence_of(r));
    r->handlers->description(r->arg, error, error ? PP_STR_NONE : pp_str_c(sdp));
    pp_free(sdp);
}

static void tell_lines(pp_media_reports *r, pp_buf *lines, void (*tell)(void *arg, pp_str line))
{
    pp_buf taken = take(lines);
    pp_str rest = pp_buf_text(&taken);

    while (rest.n && !r->closed && tell)
        tell(r->arg, pp_str_split(&rest, '\n'));
    pp_buf_free(&taken);
}

static void tell_candidates(pp_media_reports *r)
{
    if (r->news)
        tell_lines(r, &r->news->candidates, r->handlers->candidate);
}

static void tell_candidates_behind(pp_media_reports *r)
{
    bool no_more = r->no_more;

    r->no_more = false;
    if (r->news)
        tell_lines(r, &r->news->behind, r->handlers->candidate_behind);
    if (no_more && !r->closed && r->handlers->candidate_behind)
        r->handlers->candidate_behind(r->arg, PP_STR_NONE);
}

static void tell_state(pp_media_reports *r, pp_media_state state)
{
    r->state_told = state;
    r->handlers->state(r->arg, state, state == PP_MEDIA_FAILED ? sentence_of(r) : "");
}

static void tell_states(pp_media_reports *r)
{
    pp_buf states = r->news ? take(&r->news->states) : (pp_buf){0};

    for (size_t i = 0; i < states.n && !r->closed; i++)
        tell_state(r, (pp_media_state)states.p[i]);
    if (!r->closed && r->state_told != r->state)
        tell_state(r, r->state);
    pp_buf_free(&states);
}

static void tell_tones(pp_media_reports *r)
{
    pp_buf tones = r->news ? take(&r->news->tones) : (pp_buf){0};
    tone next;

    for (size_t at = 0; at + sizeof(next) <= tones.n && !r->closed; at += sizeof(next)) {
        memcpy(&next, tones.p + at, sizeof(next));
        r->handlers->dtmf(r->arg, next.tone, next.duration_ms);
    }
    pp_buf_free(&tones);
}

/* A sentence that is being handed on is still read. */
static void free_news(pp_media_reports *r)
{
    if (!r->news)
        return;
    pp_buf_free(&r->news->states);
    pp_buf_free(&r->news->tones);
    pp_buf_free(&r->news->candidates);
    pp_buf_free(&r->news->behind);
    if (r->handing)
        return;
    pp_free(r->news);
    r->news = NULL;
}

static void on_post(void *arg)
{
    pp_media_reports *r = arg;
    const pp_media_holder *holder = r->holder;
    void *owner = r->owner;

    holder->hold(owner);
    r->handing = true;
    tell_candidates(r);
    if (!r->closed)
        tell_description(r);
    if (!r->closed)
        tell_candidates_behind(r);
    if (!r->closed)
        tell_states(r);
    if (!r->closed)
        tell_tones(r);
    r->handing = false;
    if (r->closed || !pp_post_is_queued(&r->post)) /* else a handler has made some */
        free_news(r);
    holder->release(owner);
}

static void post(pp_media_reports *r)
{
    if (!r->closed)
        pp_loop_post(r->loop, &r->post, on_post, r);
}

/* --- taken in --------------------------------------------------------------------------------- */

static pp_media_news *news_of(pp_media_reports *r)
{
    if (!r->news)
        r->news = PP_NEW(pp_media_news);
    return r->news;
}

void pp_media_report_description(pp_media_reports *r, int error, char *sdp)
{
    pp_media_news *news = error ? news_of(r) : NULL;

    if (news)
        snprintf(news->sentence, sizeof(news->sentence), "%s", pipit_error_message());
    pp_free(r->sdp);
    r->sdp = sdp;
    r->error = error && !news ? PIPIT_ERR_MEMORY : error;
    r->described = true;
    post(r);
}

void pp_media_report_state(pp_media_reports *r, pp_media_state state, const char *reason)
{
    pp_media_news *news = news_of(r);

    r->state = state;
    if (news && state == PP_MEDIA_FAILED)
        snprintf(news->sentence, sizeof(news->sentence), "%s", reason);
    if (news)
        pp_buf_u8(&news->states, state);
    post(r);
}

void pp_media_report_dtmf(pp_media_reports *r, char digit, unsigned duration_ms)
{
    pp_media_news *news = news_of(r);
    tone next = {0}; /* padding and all: it is copied as octets */

    if (!news)
        return;
    next.tone = digit;
    next.duration_ms = duration_ms;
    pp_buf_add(&news->tones, &next, sizeof(next));
    post(r);
}

static void add_line(pp_buf *lines, const char *line)
{
    pp_buf_c(lines, line);
    pp_buf_char(lines, '\n');
    if (pp_buf_error(lines))
        pp_buf_clear(lines);
}

void pp_media_report_candidate(pp_media_reports *r, const char *candidate)
{
    pp_media_news *news = news_of(r);

    if (!news)
        return;
    add_line(&news->candidates, candidate);
    post(r);
}

void pp_media_report_candidate_behind(pp_media_reports *r, const char *candidate)
{
    pp_media_news *news = candidate ? news_of(r) : r->news;

    if (news && candidate)
        add_line(&news->behind, candidate);
    else if (!candidate)
        r->no_more = true;
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
    pp_free(r->sdp);
    r->sdp = NULL;
    free_news(r);
}
