/* couple.c - two peer connections by the public functions in one simulated network. */
#include "unit/peer/support/couple.h"

#include <stdio.h>

static void note(end *e, const char *what)
{
    size_t n = strlen(e->story);

    snprintf(e->story + n, sizeof(e->story) - n, "%s ", what);
}

static void on_negotiation(pipit_peer *peer, void *user)
{
    (void)peer;
    ((end *)user)->negotiations++;
    note(user, "negotiate");
}

static void on_signaling(pipit_peer *peer, pipit_signaling_state state, void *user)
{
    (void)peer;
    note(user, pipit_signaling_state_name(state));
}

static void on_gathering(pipit_peer *peer, pipit_ice_gathering_state state, void *user)
{
    char word[32];

    (void)peer;
    snprintf(word, sizeof(word), "gather-%s", pipit_ice_gathering_state_name(state));
    note(user, word);
}

static void on_ice(pipit_peer *peer, pipit_ice_connection_state state, void *user)
{
    char word[32];

    (void)peer;
    snprintf(word, sizeof(word), "ice-%s", pipit_ice_connection_state_name(state));
    note(user, word);
}

static void on_connection(pipit_peer *peer, const pipit_connection_state_event *event, void *user)
{
    (void)peer;
    note(user, pipit_connection_state_name(event->state));
    if (event->reason[0])
        note(user, event->reason);
}

static void hear(void *self, const int16_t *samples, size_t count)
{
    struct ear *ear = self;

    for (size_t i = 0; i < count; i++)
        ear->end->heard[ear->number] += samples[i] > 1000 || samples[i] < -1000;
}

static const pipit_sink_interface ear_functions = {.write = hear};

static void on_track(pipit_peer *peer, const pipit_track_event *event, void *user)
{
    end *e = user;
    size_t number = e->track_count;

    (void)peer;
    note(e, "track");
    if (number >= 4 || event->kind != PIPIT_MEDIA_AUDIO)
        return;
    e->tracks[number] = event->transceiver;
    e->ears[number] = (struct ear){e, number};
    assert_int_equal(pipit_sink_new(&ear_functions, &e->ears[number], 16000, &e->sinks[number]), 0);
    assert_int_equal(pipit_transceiver_replace_sink(event->transceiver, e->sinks[number]), 0);
    e->track_count++;
}

static void on_data_channel(pipit_peer *peer, pipit_data_channel *channel, void *user)
{
    (void)peer;
    (void)channel;
    note(user, "channel");
}

static void on_candidate(pipit_peer *peer, const pipit_ice_candidate *candidate, void *user)
{
    end *e = user;

    (void)peer;
    if (candidate && strcmp(e->ufrag, candidate->username_fragment) != 0) {
        snprintf(e->ufrag, sizeof(e->ufrag), "%s", candidate->username_fragment);
        e->candidate_count = 0;
        e->candidates_over = false;
    }
    assert_false(e->candidates_over);
    e->candidates_over = !candidate;
    if (!candidate || e->candidate_count == 8)
        return;
    assert_string_equal(candidate->sdp_mid, "0");
    assert_int_equal(candidate->sdp_mline_index, 0);
    assert_int_equal(strlen(candidate->username_fragment), 8);
    snprintf(e->candidates[e->candidate_count++], sizeof(e->candidates[0]), "%s",
             candidate->candidate);
}

static void on_tone(pipit_peer *peer, const pipit_tone_event *event, void *user)
{
    char word[16];

    (void)peer;
    snprintf(word, sizeof(word), "tone-%c", event->tone);
    note(user, word);
}

static const pipit_peer_handlers handlers = {
    .negotiation_needed = on_negotiation,
    .signaling_state_change = on_signaling,
    .ice_gathering_state_change = on_gathering,
    .ice_connection_state_change = on_ice,
    .connection_state_change = on_connection,
    .track = on_track,
    .ice_candidate = on_candidate,
    .data_channel = on_data_channel,
    .tone = on_tone,
};

void begin_couple_with(couple *c, uint64_t seed, const pipit_peer_configuration *configuration)
{
    *c = (couple){0};
    assert_int_equal(sim_new(seed, &c->s), 0);
    assert_int_equal(pipit_peer_new(sim_loop(c->s), configuration, &handlers, &c->a, &c->a.peer),
                     0);
    assert_int_equal(pipit_peer_new(sim_loop(c->s), configuration, &handlers, &c->b, &c->b.peer),
                     0);
}

void begin_couple(couple *c, uint64_t seed)
{
    begin_couple_with(c, seed, NULL);
}

static void free_end(end *e)
{
    e->peer = pipit_peer_unref(e->peer);
    for (size_t i = 0; i < e->track_count; i++)
        pipit_sink_unref(e->sinks[i]);
}

void end_couple(couple *c)
{
    free_end(&c->a);
    free_end(&c->b);
    sim_free(c->s);
}

pipit_transceiver *add_tone(end *e, unsigned frequency_hz)
{
    pipit_transceiver *transceiver = NULL;
    pipit_source *tone;

    assert_int_equal(pipit_source_tone(frequency_hz, -12, &tone), 0);
    assert_int_equal(pipit_peer_add_track(e->peer, tone, &transceiver), 0);
    pipit_source_unref(tone);
    return transceiver;
}

int carry(end *from, end *to)
{
    pipit_description description;

    assert_true(pipit_peer_local_description(from->peer, &description));
    return pipit_peer_set_remote_description(to->peer, &description);
}

void negotiate(end *from, end *to)
{
    assert_int_equal(pipit_peer_set_local_description(from->peer, NULL), 0);
    assert_int_equal(carry(from, to), 0);
    assert_int_equal(pipit_peer_set_local_description(to->peer, NULL), 0);
    assert_int_equal(carry(to, from), 0);
}

void advance(couple *c, uint64_t ms)
{
    sim_advance_ms(c->s, ms);
}

void check_story(const end *e, const char *words)
{
    const char *at = e->story, *rest = words;
    char word[64];
    int n = 0;

    for (; sscanf(rest, "%63s%n", word, &n) == 1; rest += n) {
        at = strstr(at, word);
        if (!at)
            fail_msg("'%s' is not told (in this order: %s), but: %s", word, words, e->story);
        at += strlen(word);
    }
}

const pipit_stats_record *record_of(const pipit_stats_report *report, pipit_stats_type type)
{
    const pipit_stats_record *record;

    for (size_t i = 0; (record = pipit_stats_report_at(report, i)); i++)
        if (record->type == type)
            return record;
    fail_msg("no record of %s", pipit_stats_type_name(type));
    return NULL;
}
