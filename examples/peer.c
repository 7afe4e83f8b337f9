/* peer.c - two peer connections without SIP, in one process: each plays a tone to the other, and both begin at the same moment. Their
 * offers cross, so they negotiate as the W3C's "perfect negotiation" has it: the polite one gives its own offer up. What carry()
 * does here is done by a signalling channel of the program's own elsewhere.
 *
 *     example_peer
 *
 * Exits with 0 when each has heard the other. */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct side {
    const char *name;
    bool polite;
    struct side *other;
    pipit_loop *loop;
    pipit_peer *peer;
    pipit_sink *ear;
    unsigned heard; /* samples that were not silent */
    bool ignores;   /* the offer that came */
} side;

/* --- signalling ------------------------------------------------------------------------------------------------------- */

typedef struct letter { /* a description on its way */
    side *to;
    pipit_description_type type;
    char sdp[];
} letter;

static void fail(const side *s, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", s->name, what, pipit_error_message());
    pipit_loop_stop(s->loop);
}

static void carry(side *from);

static void on_letter(void *arg)
{
    letter *l = arg;
    side *s = l->to;
    const pipit_description theirs = {l->type, l->sdp};
    bool collides = l->type == PIPIT_DESCRIPTION_OFFER &&
                    pipit_peer_signaling_state(s->peer) != PIPIT_SIGNALING_STABLE;

    printf("%s gets an %s%s\n", s->name, pipit_description_type_name(l->type),
           collides ? " that crosses its own" : "");
    s->ignores = collides && !s->polite;
    if (!s->ignores && pipit_peer_set_remote_description(s->peer, &theirs) < 0)
        fail(s, "their description");
    else if (!s->ignores && l->type == PIPIT_DESCRIPTION_OFFER) {
        if (pipit_peer_set_local_description(s->peer, NULL) < 0)
            fail(s, "the answer");
        else
            carry(s);
    }
    free(l);
}

/* The description that stands now, to the other side. */
static void carry(side *from)
{
    pipit_description ours;
    letter *l;

    if (!pipit_peer_local_description(from->peer, &ours))
        return;
    l = malloc(sizeof(*l) + strlen(ours.sdp) + 1);
    if (!l)
        return;
    l->to = from->other;
    l->type = ours.type;
    strcpy(l->sdp, ours.sdp);
    if (pipit_loop_post(from->loop, on_letter, l) < 0)
        free(l);
}

/* --- events ----------------------------------------------------------------------------------------------------------- */

static void on_negotiation_needed(pipit_peer *peer, void *user)
{
    if (pipit_peer_set_local_description(peer, NULL) < 0)
        fail(user, "the offer");
    else
        carry(user);
}

static void on_state(pipit_peer *peer, const pipit_connection_state_event *event, void *user)
{
    const side *s = user;

    (void)peer;
    printf("%s is %s %s\n", s->name, pipit_connection_state_name(event->state), event->reason);
    if (event->state == PIPIT_CONNECTION_FAILED)
        pipit_loop_stop(s->loop);
}

static void on_track(pipit_peer *peer, const pipit_track_event *event, void *user)
{
    side *s = user;

    (void)peer;
    printf("%s is sent %s\n", s->name, event->kind == PIPIT_MEDIA_AUDIO ? "sound" : "pictures");
    if (event->kind == PIPIT_MEDIA_AUDIO)
        pipit_transceiver_replace_sink(event->transceiver, s->ear);
}

static const pipit_peer_handlers handlers = {.negotiation_needed = on_negotiation_needed,
                                             .connection_state_change = on_state,
                                             .track = on_track};

/* --- sound ------------------------------------------------------------------------------------------------------------ */

static void hear(void *self, const int16_t *samples, size_t count)
{
    side *s = self;

    for (size_t i = 0; i < count; i++)
        s->heard += samples[i] > 1000 || samples[i] < -1000;
    if (s->heard > 8000 && s->other->heard > 8000) /* half a second of each */
        pipit_loop_stop(s->loop);
}

static const pipit_sink_interface ear = {.write = hear};

static int open_side(side *s, pipit_loop *loop, unsigned frequency_hz)
{
    const pipit_peer_configuration configuration = {.allow_loopback = true};
    pipit_source *tone = NULL;
    int err;

    s->loop = loop;
    err = pipit_peer_new(loop, &configuration, &handlers, s, &s->peer);
    if (!err)
        err = pipit_sink_new(&ear, s, 16000, &s->ear);
    if (!err)
        err = pipit_source_tone(frequency_hz, -12, &tone);
    if (!err)
        err = pipit_peer_add_track(s->peer, tone, NULL);
    pipit_source_unref(tone);
    return err;
}

static void too_late(void *loop)
{
    fprintf(stderr, "nothing was heard in 10 s\n");
    pipit_loop_stop(loop);
}

static void print_stats(const side *s)
{
    pipit_stats_report *report = NULL;
    char *text = NULL;

    if (pipit_peer_get_stats(s->peer, &report) == 0 &&
        pipit_stats_report_to_string(report, &text) == 0)
        printf("%s has counted %s\n", s->name, text);
    pipit_free(text);
    pipit_stats_report_unref(report);
}

int main(void)
{
    side alice = {.name = "alice"}, bob = {.name = "bob", .polite = true};
    pipit_loop *loop = NULL;
    int err = pipit_loop_new(&loop);

    alice.other = &bob;
    bob.other = &alice;
    if (!err)
        err = open_side(&alice, loop, 440);
    if (!err)
        err = open_side(&bob, loop, 880);
    if (!err)
        err = pipit_loop_after(loop, 10000, too_late, loop);
    if (!err)
        err = pipit_loop_run(loop);
    if (err)
        fprintf(stderr, "%s\n", pipit_error_message());
    else
        print_stats(&alice);
    pipit_peer_unref(alice.peer);
    pipit_peer_unref(bob.peer);
    pipit_sink_unref(alice.ear);
    pipit_sink_unref(bob.ear);
    pipit_loop_unref(loop);
    return !err && alice.heard > 8000 && bob.heard > 8000 ? EXIT_SUCCESS : EXIT_FAILURE;
}
