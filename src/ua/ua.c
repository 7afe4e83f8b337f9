/* ua.c - the life of a user agent: made, started, stopped, released (jssip-behaviour section 1.1). */
#include "ua/ua.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sip/request.h"
#include "ua/session/session.h"
#include "ua/trace.h"

#define STOP_MS         2000u
#define FINAL_NOTIFY_MS 1000u /* of them, for the ends of subscriptions */

/* --- made and released ------------------------------------------------------------------------ */

static int make_transport(pipit_ua *ua, const pipit_ua_configuration *c)
{
    pp_weighted_socket sockets[PIPIT_SOCKETS_MAX];
    size_t count = 0;

    while (count < PIPIT_SOCKETS_MAX && c->sockets[count].socket) {
        sockets[count] = (pp_weighted_socket){c->sockets[count].socket, c->sockets[count].weight};
        count++;
    }
    return pp_transport_new(
        ua->loop,
        &(pp_transport_options){.sockets = sockets,
                                .count = count,
                                .recovery_min_s = ua->settings.recovery_min_s,
                                .recovery_max_s = ua->settings.recovery_max_s,
                                .recovery_max_attempts = ua->settings.recovery_max_attempts,
                                .no_recovery = ua->settings.no_recovery,
                                .connect_timeout_s = ua->settings.connect_timeout_s,
                                .return_s = ua->settings.return_s,
                                .handlers = &pp_ua_transport_handlers,
                                .arg = ua},
        &ua->transport);
}

static int make_parts(pipit_ua *ua, const pipit_ua_configuration *c)
{
    int err = pp_settings_read(c, &ua->loop->rng, &ua->settings);

    if (!err)
        err = pp_contact_init(&ua->contact, ua->settings.contact_uri);
    if (!err)
        err = pp_registrator_init(ua);
    if (!err)
        err = pp_dialogs_new(&ua->dialogs);
    if (!err)
        pp_dialogs_expect(ua->dialogs, ua->settings.sessions_max);
    if (!err)
        err = pp_message_pool_share(ua->loop, &ua->pool);
    if (!err)
        pp_dialogs_use_pool(ua->dialogs, ua->pool);
    if (!err)
        err = pp_transactions_new(ua->loop, &pp_ua_transactions_owner, ua, true, &ua->transactions);
    if (!err)
        pp_transactions_expect(ua->transactions, ua->settings.sessions_max);
    if (!err)
        err = make_transport(ua, c);
    return err;
}

static void destroy(pipit_ua *ua)
{
    ua->references = 1; /* for whoever holds it for a moment down there */
    while (ua->sessions) {
        pp_conference_forget(ua->sessions);
        pp_session_detach(ua->sessions);
    }
    while (ua->exchanges)
        pp_exchange_detach(ua->exchanges);
    pp_subscriptions_detach(ua);
    pp_refers_detach(ua);
    pp_request_senders_free(ua);
    pp_farewells_free(ua);
    pp_registrator_free(ua);
    pp_loop_stop_timer(ua->loop, &ua->stop_timer);
    pp_loop_unpost(ua->loop, &ua->stop_post);
    pp_ua_unwatch_network(ua);
    pp_ua_place_free(ua);
    pp_transactions_free(ua->transactions);
    pp_ua_transactions_forget(ua);
    if (ua->transport)
        pp_transport_free(ua->transport);
    pp_ua_connection_free(ua);
    if (ua->dialogs)
        pp_dialogs_free(ua->dialogs);
    pp_message_pool_free(ua->pool);
    pp_authentication_free(&ua->authentication);
    pp_ua_forget_usual(ua);
    pp_contact_free(&ua->contact);
    pp_settings_free(&ua->settings);
    pp_hearers_free(&ua->listeners);
    pipit_loop_unref(ua->loop);
    pp_free(ua);
}

int pp_ua_new(pipit_loop *loop, const pipit_ua_configuration *configuration,
              pp_media_session_new *new_media, pipit_ua **out)
{
    pipit_ua *ua;
    int err;

    if (!loop || !configuration || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "user agent: the loop or configuration is missing");
    ua = PP_NEW(pipit_ua);
    if (!ua)
        return PIPIT_ERR_MEMORY;
    ua->references = 1;
    ua->loop = pipit_loop_ref(loop);
    ua->listeners.first.handlers = configuration->handlers;
    ua->listeners.first.user = configuration->user;
    ua->trace = configuration->trace;
    ua->trace_user = configuration->trace_user;
    ua->new_media = new_media;
    err = make_parts(ua, configuration);
    if (err)
        destroy(ua);
    else
        *out = ua;
    return err;
}

int pipit_ua_new(pipit_loop *loop, const pipit_ua_configuration *configuration, pipit_ua **out)
{
    return pp_ua_new(loop, configuration, pp_media_peer_new, out);
}

pipit_ua *pipit_ua_ref(pipit_ua *ua)
{
    ua->references++;
    return ua;
}

pipit_ua *pipit_ua_unref(pipit_ua *ua)
{
    if (ua && --ua->references == 0)
        destroy(ua);
    return NULL;
}

/* --- started ---------------------------------------------------------------------------------- */

int pipit_ua_start(pipit_ua *ua)
{
    int err;

    if (!ua)
        return pp_error(PIPIT_ERR_ARGUMENT, "start: the user agent is missing");
    if (ua->started && !pp_transport_is_idle(ua->transport))
        return 0;
    err = pp_ua_watch_network(ua);
    if (err)
        return err;
    pipit_ua_ref(ua);
    if (ua->stopping) { /* asked to go, and now to stay: the old connection is let go first */
        ua->stopping = false;
        pp_loop_stop_timer(ua->loop, &ua->stop_timer);
        pp_loop_unpost(ua->loop, &ua->stop_post);
        pp_transport_disconnect(ua->transport);
    }
    ua->registrator.wanted = ua->settings.register_on_start;
    ua->started = true;
    ua->status = PIPIT_UA_INIT;
    pp_transport_connect(ua->transport);
    pipit_ua_unref(ua);
    return 0;
}

/* --- stopped ---------------------------------------------------------------------------------- */

/* An answered INVITE waits 32 s for repeats (Timer M): that must not keep the loop alive. */
static void drop_transactions(pipit_ua *ua)
{
    pp_transactions *fresh = NULL;

    if (ua->senders || pp_transactions_new(ua->loop, &pp_ua_transactions_owner, ua, true, &fresh))
        return;
    pp_transactions_free(ua->transactions);
    ua->transactions = fresh;
}

/* Who heard of what ended with the user agent may have started it again, and may have stopped it anew: that is another stop. */
static bool is_stopping_still(const pipit_ua *ua)
{
    return ua->stopping && !ua->stop_timer.armed;
}

static void on_stopped(void *arg)
{
    pipit_ua *ua = pipit_ua_ref(arg);

    drop_transactions(ua);
    pp_ua_transactions_tell(ua);
    if (is_stopping_still(ua)) {
        pp_ua_unwatch_network(ua);
        ua->stopping = false;
        pp_ua_trace_state(ua, "user agent", "stopped");
        PP_UA_EMIT_BARE(ua, stopped);
    }
    pipit_ua_unref(ua);
}

/* All is said, or the time for it is up. What is still under way fails in posts of its own, and `stopped` comes behind. */
static void finish_stop(void *arg)
{
    pipit_ua *ua = pipit_ua_ref(arg);

    pp_loop_stop_timer(ua->loop, &ua->stop_timer);
    while (ua->sessions) { /* those that kept their BYE for an ACK */
        pp_session_say_last_word(ua->sessions);
        pp_session_detach(ua->sessions);
    }
    pp_subscriptions_give_up(ua);
    pp_refers_give_up(ua);
    if (is_stopping_still(ua)) {
        pp_request_senders_stop_waiting(ua);
        pp_transport_disconnect(ua->transport);
        pp_transactions_flow_lost(ua->transactions, NULL);
        pp_loop_post(ua->loop, &ua->stop_post, on_stopped, ua);
    }
    pipit_ua_unref(ua);
}

pipit_request *pp_ua_show(const pp_message *message)
{
    pipit_request *shown = NULL;

    if (message && pp_request_of_message(message, &shown) < 0)
        pp_log_warn("UA", "no memory to show a message");
    return shown;
}

/* The binding goes behind the subscriptions: by it their final NOTIFY finds us, when the connection is another than the one they
 * began on. */
static void leave(void *arg)
{
    pipit_ua *ua = arg;
    uint64_t now_ms = pp_loop_now_ms(ua->loop);

    ua->left = true;
    pp_loop_start_timer(ua->loop, &ua->stop_timer,
                        ua->stop_by_ms > now_ms ? ua->stop_by_ms - now_ms : 0, finish_stop, ua);
    pp_registrator_close(ua);
}

void pp_ua_check_stopped(pipit_ua *ua)
{
    if (!ua->stopping || !ua->stop_timer.armed || pp_subscriptions_wait(ua))
        return;
    if (!ua->left)
        leave(ua);
    if (!ua->sessions && !pp_request_senders_pending(ua))
        pp_loop_post(ua->loop, &ua->stop_post, finish_stop, ua);
}

void pipit_ua_stop(pipit_ua *ua)
{
    if (!ua || ua->status == PIPIT_UA_USER_CLOSED)
        return;
    pipit_ua_ref(ua);
    ua->status = PIPIT_UA_USER_CLOSED;
    ua->started = false;
    ua->stopping = true;
    ua->left = false;
    ua->stop_by_ms = pp_loop_now_ms(ua->loop) + STOP_MS;
    pp_loop_start_timer(ua->loop, &ua->stop_timer, FINAL_NOTIFY_MS, leave, ua);
    pp_subscriptions_close(ua);
    if (ua->stopping && !ua->left && !pp_subscriptions_wait(ua))
        leave(ua);
    pp_refers_close(ua);
    pipit_ua_terminate_sessions(ua, NULL);
    pp_ua_check_stopped(ua);
    pipit_ua_unref(ua);
}

/* A handler may end other calls, release them, and make new ones, which are not meant: the walk starts over after each. */
void pipit_ua_terminate_sessions(pipit_ua *ua, const pipit_terminate_options *options)
{
    pipit_session *session;
    uint64_t before;

    if (!ua)
        return;
    pipit_ua_ref(ua);
    before = ua->next_serial;
    while ((session = pp_session_first_alive(ua, before)))
        if (pipit_session_terminate(session, options) < 0) {
            pp_log_warn("UA", "a call was not ended in order: %s", pipit_error_message());
            pipit_session_terminate(session, NULL);
        }
    pipit_ua_unref(ua);
}

/* --- listeners -------------------------------------------------------------------------------- */

int pipit_ua_add_handlers(pipit_ua *ua, const pipit_ua_handlers *handlers, void *user)
{
    if (!ua || !handlers)
        return pp_error(PIPIT_ERR_ARGUMENT, "handlers: the user agent or the handlers are missing");
    return pp_hearers_add(&ua->listeners, handlers, user);
}

int pipit_ua_remove_handlers(pipit_ua *ua, const pipit_ua_handlers *handlers, void *user)
{
    if (!ua || !handlers)
        return pp_error(PIPIT_ERR_ARGUMENT, "handlers: the user agent or the handlers are missing");
    return pp_hearers_remove(&ua->listeners, handlers, user);
}

/* --- getters ---------------------------------------------------------------------------------- */

pipit_ua_status pipit_ua_get_status(const pipit_ua *ua)
{
    return ua->status;
}

const char *pipit_ua_uri(const pipit_ua *ua)
{
    return ua->settings.uri;
}
