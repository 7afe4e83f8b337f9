/* publisher.c - the life of a publication (RFC 3903). */
#include "ua/subscription/publisher.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"

#include <utlist.h>

#define EXPIRES_S    3600u
#define CALL_ID_SIZE 16u

/* --- made and released ------------------------------------------------------------------------ */

static void free_publisher(pipit_publisher *p)
{
    if (p->ua)
        DL_DELETE(p->ua->publishers, p);
    pp_event_drop(&p->event);
    pp_free(p->target);
    pp_free(p->content_type);
    pp_free(p->call_id);
    pp_header_lines_free(p->extra_headers);
    pp_free(p->body);
    pp_free(p->etag);
    pp_free(p);
}

static int make_call_id(pipit_publisher *p)
{
    char token[CALL_ID_SIZE + 1];
    pp_buf text = {0};

    pp_rng_token(&p->ua->loop->rng, token, CALL_ID_SIZE);
    pp_buf_format(&text, "%s%s", p->ua->settings.call_id_prefix, token);
    return pp_buf_take(&text, &p->call_id);
}

static int copy_options(pipit_publisher *p, const char *content_type,
                        const pipit_publisher_options *o)
{
    pp_media_type type;
    int err = pp_media_type_parse(pp_str_c(content_type), &type);

    p->expires_s = o->expires ? o->expires : EXPIRES_S;
    p->handlers = o->handlers;
    p->user = o->user;
    p->cseq = pp_rng_below(&p->ua->loop->rng, 10000);
    if (!err)
        err = pp_line_copy(content_type, &p->content_type);
    if (!err)
        err = pp_header_lines_copy(o->extra_headers, &p->extra_headers);
    if (!err)
        err = make_call_id(p);
    return err;
}

int pipit_ua_publish(pipit_ua *ua, const char *target, const char *event, const char *content_type,
                     const pipit_publisher_options *options, pipit_publisher **out)
{
    static const pipit_publisher_options defaults = {0};
    pipit_publisher *p;
    int err;

    if (!ua || !event || !content_type || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "publish: the user agent, event or type is missing");
    p = PP_NEW(pipit_publisher);
    if (!p)
        return PIPIT_ERR_MEMORY;
    p->references = 1;
    p->ua = ua;
    DL_APPEND(ua->publishers, p);
    err = pp_ua_target(ua, target ? target : ua->settings.uri, &p->target);
    if (!err)
        err = pp_event_keep(pp_str_c(event), &p->event);
    if (!err)
        err = copy_options(p, content_type, options ? options : &defaults);
    if (err)
        free_publisher(p);
    else
        *out = p;
    return err;
}

pipit_publisher *pipit_publisher_ref(pipit_publisher *publisher)
{
    publisher->references++;
    return publisher;
}

pipit_publisher *pipit_publisher_unref(pipit_publisher *publisher)
{
    if (publisher && --publisher->references == 0)
        free_publisher(publisher);
    return NULL;
}

/* --- what the application asks for ------------------------------------------------------------ */

int pipit_publisher_publish(pipit_publisher *publisher, const char *body)
{
    pipit_publisher *p = publisher;
    int err;

    if (!p || !body)
        return pp_error(PIPIT_ERR_ARGUMENT, "publish: the publication or body is missing");
    if (!p->ua || p->ua->status == PIPIT_UA_USER_CLOSED || p->removing)
        return pp_error(PIPIT_ERR_STATE, "publish: it is being taken back");
    err = pp_body_keep(body, &p->body);
    if (err)
        return err;
    p->changed = true;
    err = p->sender ? 0 : pp_publisher_send(p);
    if (!err && !p->running) {
        p->running = true;
        p->references++;
    }
    return err;
}

int pipit_publisher_unpublish(pipit_publisher *publisher)
{
    int err;

    if (!publisher)
        return pp_error(PIPIT_ERR_ARGUMENT, "publish: the publication is missing");
    if (!publisher->ua || !publisher->running || publisher->removing)
        return pp_error(PIPIT_ERR_STATE, "publish: nothing is published");
    publisher->removing = true;
    err = publisher->sender ? 0 : pp_publisher_send(publisher);
    if (err)
        publisher->removing = false;
    return err;
}

/* --- with the connection and the user agent --------------------------------------------------- */

void pp_publishers_connected(pipit_ua *ua)
{
    pipit_publisher *p;

    DL_FOREACH(ua->publishers, p)
    {
        if (!p->running || p->sender || p->removing)
            continue;
        p->stale = pp_publisher_send(p) < 0;
        if (p->stale)
            pp_log_warn("Publisher", "no refresh: %s", pipit_error_message());
    }
}

static pipit_publisher *first_running(const pipit_ua *ua, bool also_removing)
{
    pipit_publisher *p;

    DL_FOREACH(ua->publishers, p)
    if (p->running && (also_removing || !p->removing))
        return p;
    return NULL;
}

/* Handlers may take back and release others: the walk starts over after each. */
void pp_publishers_close(pipit_ua *ua)
{
    pipit_publisher *p;

    while ((p = first_running(ua, false)))
        if (pipit_publisher_unpublish(p) < 0) {
            pp_log_warn("Publisher", "not taken back: %s", pipit_error_message());
            pp_publisher_end(p, PIPIT_CAUSE_INTERNAL_ERROR, NULL);
        }
}

void pp_publishers_give_up(pipit_ua *ua)
{
    pipit_publisher *p;

    while ((p = first_running(ua, true)))
        pp_publisher_end(p, PIPIT_CAUSE_REQUEST_TIMEOUT, NULL);
}

bool pp_publishers_wait(const pipit_ua *ua)
{
    return first_running(ua, true) != NULL;
}

void pp_publishers_detach(pipit_ua *ua)
{
    while (ua->publishers) {
        pipit_publisher *p = pipit_publisher_ref(ua->publishers);

        p->handlers = NULL;
        pp_publisher_end(p, PIPIT_CAUSE_NONE, NULL);
        DL_DELETE(ua->publishers, p);
        p->ua = NULL;
        pipit_publisher_unref(p);
    }
}

/* --- getters ---------------------------------------------------------------------------------- */

bool pipit_publisher_is_published(const pipit_publisher *publisher)
{
    return publisher->etag != NULL;
}

const char *pipit_publisher_etag(const pipit_publisher *publisher)
{
    return publisher->etag;
}

unsigned pipit_publisher_expires(const pipit_publisher *publisher)
{
    uint64_t now_ms = publisher->ua ? pp_loop_now_ms(publisher->ua->loop) : UINT64_MAX;

    return publisher->expire.armed && publisher->expires_ms > now_ms
               ? (unsigned)((publisher->expires_ms - now_ms + 999) / 1000)
               : 0;
}

void *pipit_publisher_data(const pipit_publisher *publisher)
{
    return publisher->data;
}

void pipit_publisher_set_data(pipit_publisher *publisher, void *data)
{
    publisher->data = data;
}
