/* ours.c - a peer connection of ours at the end of two pipes, for the test against other stacks: interop_stacks offer|answer
 * [stereo|tcp|data].
 *
 * Descriptions come on standard input and go to standard output as "TYPE SIZE\n" and so many octets. It says a tone of 440 Hz and
 * listens for one of 660 Hz; in stereo these are on the left, and on the right it says 550 Hz and listens for 880. The one who
 * offers sends octets over a data channel and wants them back, the other one sends back what comes. With `data` there is no sound but a
 * megabyte; who has it back closes the channel, and the far end then the connection. The last message is "result SIZE\n" and a line
 * for a program. */
#include <pipit/pipit.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RATE = 16000, BLOCK = 800, SECONDS = 6, DATA_SECONDS = 60, MEGABYTE = 1 << 20 };

static const unsigned said_hz[] = {440, 550}, heard_hz[] = {660, 880};

typedef struct ear {               /* of a channel */
    double power, tone;            /* of what is heard: in all, and at its frequency */
    double real, imaginary, phase; /* of this block */
} ear;

typedef struct stage {
    pipit_loop *loop;
    pipit_peer *peer;
    pipit_data_channel *channel;
    bool connected, failed, closed, ended; /* closed: the channel */
    unsigned channels;
    bool over_tcp, data_only; /* and nothing else */
    ear ears[2];
    uint64_t heard, said;
    size_t octet_count, message_size; /* to be sent */
    size_t returned;
    bool returned_right;
    uint8_t octets[MEGABYTE];
} stage;

static int refuse(const char *what)
{
    fprintf(stderr, "ours: %s: %s\n", what, pipit_error_message());
    return EXIT_FAILURE;
}

/* --- sound ------------------------------------------------------------------------------------ */

/* In blocks of 50 ms: where a jitter buffer leaves a frame out the phase jumps. */
static void end_block(ear *e)
{
    e->tone += 2 * (e->real * e->real + e->imaginary * e->imaginary) / BLOCK;
    e->real = e->imaginary = 0;
}

static void hear_sample(ear *e, double sample, unsigned hz)
{
    e->power += sample * sample;
    e->real += sample * cos(e->phase);
    e->imaginary += sample * sin(e->phase);
    e->phase = fmod(e->phase + 2 * M_PI * hz / RATE, 2 * M_PI);
}

static void hear(void *self, const int16_t *samples, size_t count)
{
    stage *s = self;

    for (size_t i = 0; i < count; i++) {
        bool ends = ++s->heard % BLOCK == 0;

        for (unsigned c = 0; c < s->channels; c++) {
            hear_sample(&s->ears[c], samples[s->channels * i + c] / 32768.0, heard_hz[c]);
            if (ends)
                end_block(&s->ears[c]);
        }
    }
}

/* How much of the channel that has least of it is its tone. */
static double tone_share(const stage *s)
{
    double least = 1;

    for (unsigned c = 0; c < s->channels; c++)
        least = fmin(least, s->ears[c].power > 0 ? s->ears[c].tone / s->ears[c].power : 0);
    return least;
}

static size_t say(void *self, int16_t *samples, size_t count)
{
    stage *s = self;

    for (size_t i = 0; i < count; i++, s->said++)
        for (unsigned c = 0; c < s->channels; c++)
            samples[s->channels * i + c] =
                (int16_t)(8000 * sin(2 * M_PI * said_hz[c] * (double)s->said / RATE));
    return count;
}

static int open_sound(stage *s, pipit_transceiver_init *init)
{
    static const pipit_source_interface saying = {.read = say};
    static const pipit_sink_interface hearing = {.write = hear};
    bool stereo = s->channels == 2;
    int err = stereo ? pipit_source_new_stereo(&saying, s, RATE, &init->source)
                     : pipit_source_new(&saying, s, RATE, &init->source);

    if (err)
        return err;
    return stereo ? pipit_sink_new_stereo(&hearing, s, RATE, &init->sink)
                  : pipit_sink_new(&hearing, s, RATE, &init->sink);
}

/* --- the data channel ------------------------------------------------------------------------- */

static void on_open(pipit_data_channel *channel, void *user)
{
    stage *s = user;

    for (size_t at = 0; at < s->octet_count; at += s->message_size)
        if (pipit_data_channel_send(channel, s->octets + at, s->message_size) < 0)
            refuse("not sent");
}

static void on_returned(pipit_data_channel *channel, const pipit_data_channel_message_event *e,
                        void *user)
{
    stage *s = user;

    s->returned_right = e->binary && s->returned + e->size <= s->octet_count &&
                        (s->returned == 0 || s->returned_right) &&
                        memcmp(e->data, s->octets + s->returned, e->size) == 0;
    s->returned += e->size;
    if (s->data_only && s->returned == s->octet_count)
        pipit_data_channel_close(channel);
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *e,
                       void *user)
{
    stage *s = user;

    s->returned += e->size;
    s->returned_right = pipit_data_channel_send(channel, e->data, e->size) == 0;
}

static void on_close(pipit_data_channel *channel, void *user)
{
    (void)channel;
    ((stage *)user)->closed = true;
}

static const pipit_data_channel_handlers sending = {
    .open = on_open, .message = on_returned, .close = on_close};
static const pipit_data_channel_handlers returning = {.message = on_message, .close = on_close};

static void on_data_channel(pipit_peer *peer, pipit_data_channel *channel, void *user)
{
    (void)peer;
    pipit_data_channel_set_handlers(channel, &returning, user);
    ((stage *)user)->channel = pipit_data_channel_ref(channel);
}

/* --- descriptions ----------------------------------------------------------------------------- */

static void tell(const char *type, const char *text)
{
    printf("%s %zu\n%s", type, strlen(text), text);
    fflush(stdout);
}

static char *read_description(const char *type)
{
    char got[32] = "", *text;
    size_t size = 0;

    if (scanf("%31s %zu", got, &size) != 2 || strcmp(got, type) != 0 || getchar() != '\n' ||
        size > 1000000)
        return NULL;
    text = calloc(1, size + 1);
    if (text && fread(text, 1, size, stdin) != size) {
        free(text);
        return NULL;
    }
    return text;
}

static int take(stage *s, pipit_description_type type)
{
    pipit_description theirs = {.type = type};
    char *text = read_description(pipit_description_type_name(type));
    int err;

    if (!text)
        return -1;
    theirs.sdp = text;
    err = pipit_peer_set_remote_description(s->peer, &theirs);
    free(text);
    return err;
}

static void turn(stage *s)
{
    pipit_loop_run_once(s->loop);
    if (pipit_loop_timeout_ms(s->loop))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static int give(stage *s)
{
    pipit_description ours;
    int err = pipit_peer_set_local_description(s->peer, NULL);

    while (!err && pipit_peer_ice_gathering_state(s->peer) != PIPIT_ICE_GATHERING_COMPLETE)
        turn(s);
    if (err || !pipit_peer_local_description(s->peer, &ours))
        return -1;
    tell(pipit_description_type_name(ours.type), ours.sdp);
    return 0;
}

static int negotiate(stage *s, bool offers)
{
    int err = offers ? give(s) : take(s, PIPIT_DESCRIPTION_OFFER);

    if (!err)
        err = offers ? take(s, PIPIT_DESCRIPTION_ANSWER) : give(s);
    return err;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void on_state(pipit_peer *peer, const pipit_connection_state_event *e, void *user)
{
    stage *s = user;

    (void)peer;
    s->connected |= e->state == PIPIT_CONNECTION_CONNECTED;
    s->failed |= e->state == PIPIT_CONNECTION_FAILED;
    s->ended |= s->data_only && e->state >= PIPIT_CONNECTION_DISCONNECTED;
    if (s->failed)
        fprintf(stderr, "ours: %s\n", e->reason);
}

static const pipit_peer_handlers handlers = {.connection_state_change = on_state,
                                             .data_channel = on_data_channel};

static int add_sound(stage *s, bool offers)
{
    pipit_transceiver_init init = {0};
    int err = open_sound(s, &init);

    if (!err && offers)
        err = pipit_peer_add_transceiver(s->peer, PIPIT_MEDIA_AUDIO, &init, NULL);
    else if (!err)
        err = pipit_peer_add_track(s->peer, init.source, NULL);
    if (!err && !offers)
        err = pipit_transceiver_replace_sink(pipit_peer_transceiver(s->peer, 0), init.sink);
    pipit_source_unref(init.source);
    pipit_sink_unref(init.sink);
    return err;
}

static int set_up(stage *s, bool offers)
{
    const pipit_peer_configuration configuration = {.opus = {.stereo = s->channels == 2},
                                                    .ice_tcp = s->over_tcp ? PIPIT_ICE_TCP_ONLY
                                                                           : PIPIT_ICE_TCP_NONE};
    const pipit_data_channel_options options = {.handlers = &sending, .user = s};
    int err = pipit_loop_new(&s->loop);

    s->octet_count = s->data_only ? MEGABYTE : 100000;
    s->message_size = s->data_only ? 16384 : 50000;
    for (size_t i = 0; i < s->octet_count; i++)
        s->octets[i] = (uint8_t)(i * i >> 3);
    if (!err)
        err = pipit_peer_new(s->loop, &configuration, &handlers, s, &s->peer);
    if (!err && offers)
        err = pipit_peer_create_data_channel(s->peer, "octets", &options, &s->channel);
    return err || s->data_only ? err : add_sound(s, offers);
}

static void run(stage *s)
{
    time_t end = time(NULL) + (s->data_only ? DATA_SECONDS : SECONDS);

    while (time(NULL) < end && !s->failed && !s->ended)
        turn(s);
}

static const char *truth(bool is)
{
    return is ? "true" : "false";
}

int main(int argc, char **argv)
{
    static stage s;
    bool offers = argc > 1 && strcmp(argv[1], "offer") == 0;
    char result[256];

    s.over_tcp = argc > 2 && strcmp(argv[2], "tcp") == 0;
    s.data_only = argc > 2 && strcmp(argv[2], "data") == 0;
    s.channels = argc > 2 && strcmp(argv[2], "stereo") == 0 ? 2 : 1;
    pipit_log_enable(getenv("PIPIT_DEBUG"));
    if (set_up(&s, offers) < 0)
        return refuse("not set up");
    if (negotiate(&s, offers) < 0)
        return refuse("not negotiated");
    run(&s);
    snprintf(result, sizeof(result),
             "{\"connected\":%s,\"tone\":%.3f,\"seconds\":%.1f,\"octets\":%zu,\"right\":%s,"
             "\"closed\":%s,"
             "\"ended\":%s}",
             truth(s.connected), tone_share(&s), (double)s.heard / RATE, s.returned,
             truth(s.returned_right), truth(s.closed), truth(s.ended));
    tell("result", result);
    pipit_data_channel_unref(s.channel);
    pipit_peer_unref(s.peer);
    pipit_loop_unref(s.loop);
    return EXIT_SUCCESS;
}
