/* own_media.c - calls with media of the program's own: Pipit does the signalling, the program makes and reads the descriptions
 * and moves the sound as it likes. Here nothing moves at all: the two ends only agree, which is what a signalling test, a
 * gateway to a media server or a phone with hardware of its own begins with.
 *
 *     example_own_media SERVER URI            waits for one call, answers it, and leaves when it is over
 *     example_own_media SERVER URI TARGET     calls TARGET, and hangs up when it is confirmed
 *
 * The password is taken from SIP_PASSWORD. Exits with 0 when there was a call. */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct phone {
    pipit_ua *ua;
    const char *target; /* NULL: waits */
    pipit_own_media *media;
    char offered[64]; /* the address the far end named */
    unsigned version; /* of our description (RFC 8866 section 5.2) */
    bool held;
    int status;
} phone;

/* --- the media: a description with an address nobody listens at ---------------------------------------------------- */

static int describe(phone *p)
{
    char sdp[512];

    snprintf(sdp, sizeof(sdp),
             "v=0\r\no=- 4711 %u IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
             "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=%s\r\n",
             ++p->version, p->held ? "sendonly" : "sendrecv");
    return pipit_own_media_described(p->media, sdp, NULL);
}

static int create_offer(void *self)
{
    return describe(self);
}

static int create_answer(void *self)
{
    return describe(self);
}

/* A real one would look for codecs they have in common; this one wants to see an address. */
static int set_remote(void *self, bool is_offer, const char *sdp)
{
    phone *p = self;
    const char *line = strstr(sdp, "c=IN IP4 ");

    (void)is_offer;
    if (!line || sscanf(line, "c=IN IP4 %63[0-9.]", p->offered) != 1)
        return PIPIT_ERR_MEDIA;
    return pipit_own_media_state(p->media, PIPIT_MEDIA_CONNECTED, NULL);
}

static int hold(void *self, bool held)
{
    ((phone *)self)->held = held;
    return 0;
}

static const pipit_own_media_interface media_functions = {.create_offer = create_offer,
                                                          .create_answer = create_answer,
                                                          .set_remote = set_remote,
                                                          .hold = hold};

/* --- the call ------------------------------------------------------------------------------------------------------- */

static void on_confirmed(pipit_session *session, const pipit_confirmed_event *event, void *user)
{
    phone *p = user;

    (void)event;
    printf("confirmed: their media are at %s\n", p->offered);
    p->status = EXIT_SUCCESS;
    if (p->target)
        pipit_session_terminate(session, NULL);
}

static void on_over(pipit_session *session, const pipit_end_event *event, void *user)
{
    (void)session;
    printf("over: %s\n", event->reason);
    pipit_ua_stop(((phone *)user)->ua);
}

static const pipit_session_handlers session_handlers = {
    .confirmed = on_confirmed, .ended = on_over, .failed = on_over};

static void on_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    phone *p = user;
    const pipit_answer_options options = {.own_media = p->media};

    (void)ua;
    if (event->originator == PIPIT_LOCAL)
        return;
    pipit_session_set_handlers(event->session, &session_handlers, p);
    if (pipit_session_answer(event->session, &options) < 0)
        fprintf(stderr, "%s\n", pipit_error_message());
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    phone *p = user;
    const pipit_call_options options = {
        .handlers = &session_handlers, .user = p, .own_media = p->media};

    (void)event;
    printf("registered\n");
    if (p->target && pipit_ua_call(ua, p->target, &options, NULL) < 0) {
        fprintf(stderr, "%s\n", pipit_error_message());
        pipit_ua_stop(ua);
    }
}

static void on_failed(pipit_ua *ua, const pipit_unregistered_event *event, void *user)
{
    (void)user;
    fprintf(stderr, "not registered: %s\n", event->reason);
    pipit_ua_stop(ua);
}

static const pipit_ua_handlers ua_handlers = {
    .registered = on_registered, .registration_failed = on_failed, .new_rtc_session = on_session};

int main(int argc, char **argv)
{
    phone p = {.target = argc > 3 ? argv[3] : NULL, .status = EXIT_FAILURE};
    pipit_ua_configuration configuration = {
        .handlers = &ua_handlers, .user = &p, .password = getenv("SIP_PASSWORD")};
    pipit_loop *loop = NULL;
    int err;

    if (argc < 3) {
        fprintf(stderr, "usage: %s SERVER URI [TARGET]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    configuration.uri = argv[2];
    err = pipit_loop_new(&loop);
    if (!err)
        err = pipit_own_media_new(&media_functions, &p, &p.media);
    if (!err)
        err = pipit_websocket_new(loop, argv[1], &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(loop, &configuration, &p.ua);
    if (!err)
        err = pipit_ua_start(p.ua);
    if (!err)
        err = pipit_loop_run(loop);
    if (err)
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    pipit_ua_unref(p.ua);
    pipit_own_media_unref(p.media);
    pipit_socket_unref(configuration.sockets[0].socket);
    pipit_loop_unref(loop);
    return err ? EXIT_FAILURE : p.status;
}
