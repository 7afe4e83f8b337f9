/* publisher.h - inside of pipit_publisher: a publication of ours, what its files share. */
#ifndef PP_UA_PUBLISHER_H
#define PP_UA_PUBLISHER_H

#include "pipit/publisher.h"
#include "ua/subscription/subscription.h"

/* What a PUBLISH is for (RFC 3903 section 4.1, table 1). */
typedef enum pp_publishing {
    PP_PUBLISH_INITIAL,
    PP_PUBLISH_REFRESH,
    PP_PUBLISH_MODIFY,
    PP_PUBLISH_REMOVE
} pp_publishing;

struct pipit_publisher {
    unsigned references;
    pipit_ua *ua; /* NULL once the user agent is gone */
    pipit_publisher *next, *prev;
    const pipit_publisher_handlers *handlers;
    void *user, *data;
    pp_event_kept event;
    char *target, *content_type, *call_id;
    char **extra_headers;
    unsigned expires_s; /* what is asked for */
    uint32_t cseq;
    char *body;                /* the state as it is to be */
    char *etag;                /* NULL: the server has none of it */
    pp_publishing doing;       /* what is on its way */
    pp_request_sender *sender; /* NULL: nothing is */
    bool changed;              /* the body, since it went last */
    bool removing;             /* it is to be taken back */
    bool running;              /* there is something to be kept: holds a reference to itself */
    bool was_published;
    bool stale;               /* to be sent on the next connection */
    bool lengthened, renewed; /* a 423, a 412 was met */
    pipit_cause last_failure;
    uint64_t expires_ms;
    pp_timer refresh, expire;
};

/* Sends what there is to say. */
int pp_publisher_send(pipit_publisher *p);
/* The server has nothing any more, or never had. The publisher may be gone when this returns. */
void pp_publisher_end(pipit_publisher *p, pipit_cause cause, const pp_message *response);

#endif
