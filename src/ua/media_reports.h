/* media_reports.h - what a media session reports, queued and handed on from a post: a call never hears of its media from inside of
 * a function of it. */
#ifndef PP_UA_MEDIA_REPORTS_H
#define PP_UA_MEDIA_REPORTS_H

#include "base/buf.h"
#include "ua/media_session.h"

/* What is on its way. */
typedef struct pp_media_news {
    char sentence[256]; /* of an error, or of a failure of the path */
    pp_buf states;      /* an octet each */
    pp_buf tones;
    pp_buf candidates; /* a line each */
    pp_buf behind;     /* the same; those that the description does not have */
} pp_media_news;

/* Keeps the owner while a handler runs, for the call may close it from there. */
typedef struct pp_media_holder {
    void (*hold)(void *owner);
    void (*release)(void *owner);
} pp_media_holder;

typedef struct pp_media_reports { /* lives in its owner */
    pipit_loop *loop;
    const pp_media_session_handlers *handlers;
    void *arg;
    const pp_media_holder *holder;
    void *owner;
    pp_post post;
    pp_media_state state : 8; /* the last one; seen even when memory is short for the news */
    pp_media_state state_told : 8;
    bool described : 1;  /* a description waits to be handed on */
    bool closed : 1;     /* nothing is handed on any more */
    bool handing : 1;    /* something is being handed on */
    bool no_more : 1;    /* candidates behind the description */
    int error;           /* instead of a description */
    char *sdp;           /* the description that waits */
    pp_media_news *news; /* NULL: there are none, or no memory for them */
} pp_media_reports;

/* The description that was asked for; takes the text over, to free it. `error` other than 0: there is none, pipit_error_message()
 * says why. */
void pp_media_report_description(pp_media_reports *reports, int error, char *sdp);
void pp_media_report_state(pp_media_reports *reports, pp_media_state state, const char *reason);
void pp_media_report_dtmf(pp_media_reports *reports, char tone, unsigned duration_ms);
/* Told before the description, if there is memory for it. */
void pp_media_report_candidate(pp_media_reports *reports, const char *candidate);
/* Told behind the description; NULL: there are no more. Without memory for it that is all that is told. */
void pp_media_report_candidate_behind(pp_media_reports *reports, const char *candidate);
void pp_media_reports_close(pp_media_reports *reports);
/* With the owner: closes, and frees what it holds. */
void pp_media_reports_free(pp_media_reports *reports);

#endif
