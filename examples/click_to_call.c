/* click_to_call.c - asks a phone to call somebody, without being in a call itself (REFER, RFC 3515); without a target it is such a
 * phone, which does what others of its domain ask for, and hangs up when the call has been answered.
 *
 *     SIP_PASSWORD=… example_click_to_call wss://sip.example.com sip:alice@example.com bob carol
 *     SIP_PASSWORD=… example_click_to_call wss://sip.example.com sip:bob@example.com
 *
 * Exits with 0 when the call was answered. */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct clicker {
    const char *phone, *target; /* NULL: wait */
    pipit_ua *ua;
    bool sent, done;
} clicker;

/* --- asking ----------------------------------------------------------------------------------- */

static void on_progress(pipit_refer_subscriber *refer, const pipit_refer_progress_event *e,
                        void *user)
{
    (void)refer;
    (void)user;
    printf("%d %s\n", e->status_code, e->reason_phrase);
}

static void on_accepted(pipit_refer_subscriber *refer, const pipit_refer_progress_event *e,
                        void *user)
{
    clicker *me = user;

    on_progress(refer, e, user);
    me->done = true;
    pipit_ua_stop(me->ua);
}

static void on_failed(pipit_refer_subscriber *refer, const pipit_refer_progress_event *e,
                      void *user)
{
    clicker *me = user;

    (void)refer;
    fprintf(stderr, "no call: %s\n", pipit_cause_name(e->cause));
    pipit_ua_stop(me->ua);
}

static const pipit_refer_handlers refer_handlers = {.request_succeeded = on_progress,
                                                    .request_failed = on_failed,
                                                    .trying = on_progress,
                                                    .progress = on_progress,
                                                    .accepted = on_accepted,
                                                    .failed = on_failed};

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    clicker *me = user;
    const pipit_refer_options options = {.handlers = &refer_handlers, .user = me};

    (void)e;
    printf("registered\n");
    fflush(stdout);
    if (!me->phone || me->sent)
        return;
    me->sent = true;
    if (pipit_ua_refer(ua, me->phone, me->target, &options, NULL) < 0) {
        fprintf(stderr, "%s\n", pipit_error_message());
        pipit_ua_stop(ua);
    }
}

/* --- doing it --------------------------------------------------------------------------------- */

static void on_confirmed(pipit_session *call, const pipit_confirmed_event *e, void *user)
{
    clicker *me = user;

    (void)e;
    printf("in a call with %s\n", pipit_session_remote_uri(call));
    me->done = true;
    pipit_session_terminate(call, NULL);
}

static void on_over(pipit_session *call, const pipit_end_event *e, void *user)
{
    clicker *me = user;

    (void)call;
    printf("over: %s\n", e->reason);
    pipit_ua_stop(me->ua);
}

static const pipit_session_handlers call_handlers = {
    .confirmed = on_confirmed, .ended = on_over, .failed = on_over};

/* Calls may cost money: only who is of our domain, and so has been checked by our server, may ask for them. */
static bool is_trusted(const pipit_ua *ua, const pipit_request *refer)
{
    pipit_name_addr *from = NULL;
    pipit_uri *ours = NULL;
    bool trusted = pipit_request_from(refer, &from) == 0 &&
                   pipit_uri_parse(pipit_ua_uri(ua), &ours) == 0 &&
                   strcmp(pipit_uri_host(pipit_name_addr_uri(from)), pipit_uri_host(ours)) == 0;

    pipit_name_addr_unref(from);
    pipit_uri_unref(ours);
    return trusted;
}

static void on_new_refer(pipit_ua *ua, const pipit_new_refer_event *e, void *user)
{
    const pipit_call_options options = {.handlers = &call_handlers, .user = user};
    const pipit_reply_options no = {.status_code = 403};

    printf("asked to call %s\n", pipit_refer_target(e->refer));
    if (!is_trusted(ua, e->request) || pipit_refer_accept(e->refer, &options, NULL) < 0)
        pipit_refer_reject(e->refer, &no);
}

/* --- both ------------------------------------------------------------------------------------- */

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)user;
    fprintf(stderr, "not registered: %s\n", pipit_cause_name(e->cause));
    pipit_ua_stop(ua);
}

int main(int argc, char **argv)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed,
                                               .new_refer = on_new_refer};
    clicker me = {0};
    pipit_ua_configuration configuration = {
        .password = getenv("SIP_PASSWORD"), .handlers = &handlers, .user = &me};
    pipit_loop *loop = NULL;
    int err;

    if (argc != 3 && argc != 5) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT [PHONE TARGET]\n", argv[0]);
        return EXIT_FAILURE;
    }
    if (argc == 5) {
        me.phone = argv[3];
        me.target = argv[4];
    }
    configuration.uri = argv[2];
    err = pipit_loop_new(&loop);
    if (!err)
        err = pipit_websocket_new(loop, argv[1], &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(loop, &configuration, &me.ua);
    if (!err)
        err = pipit_ua_start(me.ua);
    if (!err)
        err = pipit_loop_run(loop);
    if (err)
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    pipit_ua_unref(me.ua);
    pipit_socket_unref(configuration.sockets[0].socket);
    pipit_loop_unref(loop);
    return !err && me.done ? EXIT_SUCCESS : EXIT_FAILURE;
}
