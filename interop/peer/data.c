/* data.c - usage: interop_peer offer|answer: a peer connection without a call whose descriptions go over stdin and stdout, each ended by
 * a line with a dot. It sends back what comes in the far end's channels; as the one who offers it sends a megabyte, and tells
 * whether the same came back. It ends when the far end closes the connection. */
#include "pipit/pipit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OCTETS  (1 << 20)
#define MESSAGE 16384

static uint8_t sent[OCTETS], back[OCTETS];
static size_t got;
static pipit_loop *loop;

static int fail(const char *what)
{
    fprintf(stderr, "interop_peer: %s: %s\n", what, pipit_error_message());
    return EXIT_FAILURE;
}

/* --- channels --------------------------------------------------------------------------------- */

static void on_open(pipit_data_channel *channel, void *user)
{
    (void)user;
    for (size_t at = 0; at < OCTETS; at += MESSAGE)
        if (pipit_data_channel_send(channel, sent + at, MESSAGE) < 0)
            exit(fail("send"));
}

static void on_back(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                    void *user)
{
    (void)user;
    if (event->size > OCTETS - got)
        return;
    memcpy(back + got, event->data, event->size);
    got += event->size;
    if (got < OCTETS)
        return;
    printf("%s %zu\n", memcmp(sent, back, OCTETS) == 0 ? "same" : "other", got);
    fflush(stdout);
    pipit_data_channel_close(channel);
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                       void *user)
{
    int err = event->binary ? pipit_data_channel_send(channel, event->data, event->size)
                            : pipit_data_channel_send_text(channel, event->data);

    (void)user;
    if (err < 0)
        exit(fail("send back"));
}

static void on_close(pipit_data_channel *channel, void *user)
{
    (void)user;
    printf("closed %s\n", pipit_data_channel_label(channel));
    fflush(stdout);
}

static const pipit_data_channel_handlers ours = {
    .open = on_open, .message = on_back, .close = on_close};
static const pipit_data_channel_handlers theirs = {.message = on_message, .close = on_close};

/* --- the connection --------------------------------------------------------------------------- */

static void on_channel(pipit_peer *peer, pipit_data_channel *channel, void *user)
{
    (void)peer;
    (void)user;
    pipit_data_channel_set_handlers(channel, &theirs, NULL);
}

static void on_state(pipit_peer *peer, const pipit_connection_state_event *event, void *user)
{
    (void)user;
    printf("state %s\n", pipit_connection_state_name(event->state));
    fflush(stdout);
    if (event->state >= PIPIT_CONNECTION_DISCONNECTED)
        pipit_peer_close(peer);
}

static const pipit_peer_handlers handlers = {.connection_state_change = on_state,
                                             .data_channel = on_channel};

static int tell(pipit_peer *peer)
{
    pipit_description said;

    if (pipit_peer_set_local_description(peer, NULL) < 0 ||
        !pipit_peer_local_description(peer, &said))
        return fail("local description");
    printf("%s.\n", said.sdp);
    fflush(stdout);
    return 0;
}

static int hear(pipit_peer *peer, pipit_description_type type)
{
    static char text[65536];
    char line[4096];
    pipit_description heard = {type, text};

    while (fgets(line, sizeof(line), stdin) && strcmp(line, ".\n") != 0)
        if (strlen(text) + strlen(line) < sizeof(text))
            strcat(text, line);
    return pipit_peer_set_remote_description(peer, &heard) < 0 ? fail("remote description") : 0;
}

static int offer(pipit_peer *peer)
{
    const pipit_data_channel_options options = {.handlers = &ours};
    pipit_data_channel *channel = NULL;
    int status;

    for (size_t i = 0; i < OCTETS; i++)
        sent[i] = (uint8_t)rand();
    if (pipit_peer_create_data_channel(peer, "pipit", &options, &channel) < 0)
        return fail("channel");
    pipit_data_channel_unref(channel);
    status = tell(peer);
    return status ? status : hear(peer, PIPIT_DESCRIPTION_ANSWER);
}

static int answer(pipit_peer *peer)
{
    int status = hear(peer, PIPIT_DESCRIPTION_OFFER);

    return status ? status : tell(peer);
}

int main(int argc, char **argv)
{
    const pipit_peer_configuration configuration = {.allow_loopback = true};
    pipit_peer *peer = NULL;
    int status;

    if (argc != 2)
        return EXIT_FAILURE;
    if (pipit_loop_new(&loop) < 0 ||
        pipit_peer_new(loop, &configuration, &handlers, NULL, &peer) < 0)
        return fail("connection");
    status = strcmp(argv[1], "offer") == 0 ? offer(peer) : answer(peer);
    if (status == 0 && pipit_loop_run(loop) < 0)
        status = fail("loop");
    pipit_peer_unref(peer);
    pipit_loop_unref(loop);
    return status;
}
