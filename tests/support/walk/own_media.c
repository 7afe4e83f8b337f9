/* own_media.c - media of an application's own (pipit/own_media.h), scripted: descriptions come at once, late, or never; they are told
 * of a path and of tones, also when the call is over. */
#include "support/walk/inside.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct walk_own_media {
    walk *w;
    pipit_own_media *media; /* not ours: it lives as long as this */
    bool held, remote_holds;
    pp_timer later;
    struct walk_own_media *next;
} walk_own_media;

static void describe(void *self)
{
    walk_own_media *m = self;
    char sdp[200];

    snprintf(sdp, sizeof(sdp),
             "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
             "m=audio 4000 RTP/AVP 0\r\na=%s\r\n",
             m->held ? "sendonly" : "sendrecv");
    acts_begin(m->w);
    if (pipit_own_media_described(m->media, walk_chance(m->w, 60) ? NULL : sdp, "walk: none") == 0)
        return;
    if (strcmp(pipit_error_message(), "media: no description was asked for") != 0 &&
        strcmp(pipit_error_message(), "media: they are in no call") != 0)
        walk_fail(m->w, "own media: %s", pipit_error_message());
}

static int create(void *self)
{
    walk_own_media *m = self;

    if (walk_chance(m->w, 100))
        return PIPIT_ERR_MEDIA;
    if (walk_chance(m->w, 2))
        describe(m);
    else
        pp_loop_start_timer(sim_loop(m->w->s), &m->later, walk_roll(m->w, 50), describe, m);
    return 0;
}

static int set_remote(void *self, bool is_offer, const char *sdp)
{
    walk_own_media *m = self;

    (void)is_offer;
    if (strncmp(sdp, "v=0", 3) != 0)
        return PIPIT_ERR_MEDIA;
    m->remote_holds = strstr(sdp, "a=sendonly") != NULL;
    return 0;
}

static int hold(void *self, bool held)
{
    ((walk_own_media *)self)->held = held;
    return 0;
}

static bool remote_holds(void *self)
{
    return ((walk_own_media *)self)->remote_holds;
}

static int send_dtmf(void *self, char tone, unsigned duration_ms, unsigned gap_ms)
{
    (void)tone;
    (void)duration_ms;
    (void)gap_ms;
    return walk_chance(((walk_own_media *)self)->w, 3) ? PIPIT_ERR_NOT_SUPPORTED : 0;
}

static void release(void *self)
{
    walk_own_media *m = self, **at = &m->w->own_medias;

    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    pp_loop_stop_timer(sim_loop(m->w->s), &m->later);
    free(m);
}

static int make(walk *w, pipit_own_media **out);

static int fork_media(void *self, pipit_own_media **out)
{
    return make(((walk_own_media *)self)->w, out);
}

static int hand_over(void *self, void *to)
{
    ((walk_own_media *)to)->held = ((walk_own_media *)self)->held;
    return 0;
}

static const pipit_own_media_interface functions = {.create_offer = create,
                                                    .create_answer = create,
                                                    .set_remote = set_remote,
                                                    .hold = hold,
                                                    .remote_holds = remote_holds,
                                                    .send_dtmf = send_dtmf,
                                                    .release = release,
                                                    .fork = fork_media,
                                                    .hand_over = hand_over};

static int make(walk *w, pipit_own_media **out)
{
    walk_own_media *m = calloc(1, sizeof(*m));
    int err;

    if (!m)
        abort();
    *m = (walk_own_media){.w = w};
    err = pipit_own_media_new(&functions, m, &m->media);
    if (err) {
        free(m);
        return err;
    }
    m->next = w->own_medias;
    w->own_medias = m;
    *out = m->media;
    return 0;
}

pipit_own_media *walk_own_media_new(walk *w)
{
    pipit_own_media *media = NULL;

    if (w->plan.world != WALK_CALLS && walk_chance(w, 8))
        make(w, &media);
    return media;
}

void walk_own_media_event(walk *w)
{
    walk_own_media *m = w->own_medias;

    for (unsigned skip = walk_roll(w, 8); m && skip; skip--)
        m = m->next;
    if (!m)
        return;
    if (walk_chance(w, 2))
        pipit_own_media_dtmf(m->media, "0123456789*#ABCDR"[walk_roll(w, 17)], 100);
    else
        pipit_own_media_state(m->media, (pipit_media_state)walk_roll(w, 4), "walk: its own");
}
