/* glib_loop.c - the user agent inside of a GLib main loop, as in any GTK program: a GSource with our descriptor and our timeout.
 *
 *     SIP_PASSWORD=… example_glib_loop wss://sip.example.com sip:alice@example.com bob "hello"
 *
 * Registers, sends a message, un-registers, and exits with 0 when it was delivered. */
#include <glib.h>
#include <pipit/pipit.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct program {
    GMainLoop *main_loop;
    const char *target, *text;
    bool delivered;
} program;

/* --- the source: these fit into any program --------------------------------------------------- */

typedef struct loop_source {
    GSource source;
    pipit_loop *loop;
    gpointer tag; /* of the descriptor */
} loop_source;

/* Asked before each wait, so behind every call of the program's. */
static gboolean prepare(GSource *source, gint *timeout_ms)
{
    *timeout_ms = pipit_loop_timeout_ms(((loop_source *)source)->loop);
    return *timeout_ms == 0;
}

static gboolean check(GSource *source)
{
    const loop_source *s = (loop_source *)source;

    return g_source_query_unix_fd(source, s->tag) || pipit_loop_timeout_ms(s->loop) == 0;
}

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer user)
{
    (void)callback;
    (void)user;
    return pipit_loop_run_once(((loop_source *)source)->loop) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static GSourceFuncs source_functions = {.prepare = prepare, .check = check, .dispatch = dispatch};

static GSource *attach(pipit_loop *loop)
{
    GSource *source = g_source_new(&source_functions, sizeof(loop_source));
    loop_source *s = (loop_source *)source;

    s->loop = loop;
    s->tag = g_source_add_unix_fd(source, pipit_loop_fd(loop), G_IO_IN);
    g_source_attach(source, NULL);
    return source;
}

/* --- what the program does -------------------------------------------------------------------- */

static void on_delivered(pipit_message *message, const pipit_message_event *e, void *user)
{
    program *me = user;

    (void)message;
    (void)e;
    printf("delivered\n");
    me->delivered = true;
}

static void on_not_delivered(pipit_message *message, const pipit_message_event *e, void *user)
{
    (void)message;
    (void)user;
    fprintf(stderr, "not delivered: %s\n", pipit_cause_name(e->cause));
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    static const pipit_message_handlers handlers = {on_delivered, on_not_delivered};
    program *me = user;
    const pipit_message_options options = {.handlers = &handlers, .user = me};

    (void)e;
    if (pipit_ua_send_message(ua, me->target, me->text, &options, NULL) < 0)
        fprintf(stderr, "not sent: %s\n", pipit_error_message());
    pipit_ua_stop(ua); /* waits for the answer */
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)user;
    fprintf(stderr, "not registered: %s\n", e->reason);
    pipit_ua_stop(ua);
}

static void on_stopped(pipit_ua *ua, void *user)
{
    program *me = user;

    (void)ua;
    g_main_loop_quit(me->main_loop);
}

int main(int argc, char **argv)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed,
                                               .stopped = on_stopped};
    program me = {0};
    pipit_ua_configuration configuration = {
        .password = getenv("SIP_PASSWORD"), .handlers = &handlers, .user = &me};
    GSource *source = NULL;
    pipit_loop *loop = NULL;
    pipit_ua *ua = NULL;
    int err;

    if (argc != 5) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT TARGET TEXT\n", argv[0]);
        return EXIT_FAILURE;
    }
    configuration.uri = argv[2];
    me.target = argv[3];
    me.text = argv[4];
    me.main_loop = g_main_loop_new(NULL, FALSE);
    err = pipit_loop_new(&loop);
    if (!err)
        err = pipit_websocket_new(loop, argv[1], &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(loop, &configuration, &ua);
    if (!err)
        err = pipit_ua_start(ua);
    if (err) {
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    } else {
        source = attach(loop);
        g_main_loop_run(me.main_loop);
        g_source_destroy(source);
        g_source_unref(source);
    }
    pipit_ua_unref(ua);
    pipit_socket_unref(configuration.sockets[0].socket);
    pipit_loop_unref(loop);
    g_main_loop_unref(me.main_loop);
    return !err && me.delivered ? EXIT_SUCCESS : EXIT_FAILURE;
}
