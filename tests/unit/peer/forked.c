/* forked.c - one offer that several far ends answer: each has a path and keys of its own, and one of them is heard. */
#include "base/error.h"
#include "peer/peer.h"
#include "support/files.h"
#include "support/sim.h"

#include <stdio.h>

typedef struct side {
    pp_peer *peer;
    pp_peer_state state;
    uint64_t heard; /* samples that were not silent */
    pipit_source *source;
    pipit_sink *sink;
} side;

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    (void)reason;
    ((side *)arg)->state = state;
}

static void on_dtmf(void *arg, char tone, unsigned duration_ms)
{
    (void)arg;
    (void)tone;
    (void)duration_ms;
}

static const pp_peer_handlers handlers = {.state = on_state, .dtmf = on_dtmf};

static void hear(void *self, const int16_t *samples, size_t count)
{
    side *s = self;

    for (size_t i = 0; i < count; i++)
        s->heard += samples[i] > 1000 || samples[i] < -1000;
}

static const pipit_sink_interface ear = {.write = hear};

static void new_side(sim *s, side *out, bool offerer)
{
    const pipit_peer_configuration configuration = {0};
    pipit_media_stream stream;

    assert_int_equal(pipit_source_tone(440, -12, &out->source), 0);
    assert_int_equal(pipit_sink_new(&ear, out, 16000, &out->sink), 0);
    stream = (pipit_media_stream){.audio_source = out->source, .audio_sink = out->sink};
    assert_int_equal(
        pp_peer_new(sim_loop(s), &configuration, &stream, offerer, &handlers, out, &out->peer), 0);
}

static void free_side(side *s)
{
    s->peer = pp_peer_free(s->peer);
    s->source = pipit_source_unref(s->source);
    s->sink = pipit_sink_unref(s->sink);
}

static void answer(pp_peer *caller, pp_str offer, side *callee)
{
    pp_buf text = {0};

    assert_int_equal(pp_peer_set_remote(callee->peer, true, offer), 0);
    assert_int_equal(pp_peer_create_answer(callee->peer, &text), 0);
    assert_int_equal(pp_peer_set_remote(caller, false, pp_buf_text(&text)), 0);
    pp_buf_free(&text);
}

/* `fork` is the caller's second peer; both callees have answered. */
typedef struct trio {
    sim *s;
    side caller, fork, first, second;
} trio;

static void begin(trio *t)
{
    pp_buf offer = {0};

    *t = (trio){0};
    assert_int_equal(sim_new(11, &t->s), 0);
    new_side(t->s, &t->caller, true);
    new_side(t->s, &t->first, false);
    new_side(t->s, &t->second, false);
    assert_int_equal(pp_peer_fork(t->caller.peer, &handlers, &t->fork, &t->fork.peer),
                     PIPIT_ERR_STATE); /* nothing was offered */
    assert_int_equal(pp_peer_create_offer(t->caller.peer, &offer), 0);
    answer(t->caller.peer, pp_buf_text(&offer), &t->first);
    assert_int_equal(pp_peer_fork(t->caller.peer, &handlers, &t->fork, &t->fork.peer), 0);
    answer(t->fork.peer, pp_buf_text(&offer), &t->second);
    pp_buf_free(&offer);
    sim_advance_ms(t->s, 2000);
    assert_int_equal(t->caller.state, PP_PEER_CONNECTED);
    assert_int_equal(t->fork.state, PP_PEER_CONNECTED);
    assert_int_equal(t->first.state, PP_PEER_CONNECTED);
    assert_int_equal(t->second.state, PP_PEER_CONNECTED);
}

static void run_on(trio *t)
{
    sim_advance_ms(t->s, 500);
    t->caller.heard = t->first.heard = t->second.heard = 0;
    sim_advance_ms(t->s, 1000);
}

static void end(trio *t)
{
    free_side(&t->first);
    free_side(&t->second);
    sim_free(t->s);
}

static void two_far_ends_answer_one_offer(void **state)
{
    trio t;
    pipit_stats stats;

    (void)state;
    begin(&t);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.first.heard > 8000);
    assert_int_equal(t.second.heard, 0);
    assert_int_equal(pp_peer_hand_over(t.caller.peer, t.fork.peer), 0);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.second.heard > 8000);
    assert_int_equal(t.first.heard, 0);
    pp_peer_stats(t.fork.peer, &stats);
    assert_true(stats.packets_received > 100);
    assert_int_equal(pp_peer_hand_over(t.fork.peer, t.caller.peer), 0); /* and back */
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.first.heard > 8000);
    assert_int_equal(t.second.heard, 0);
    t.fork.peer = pp_peer_free(t.fork.peer);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.first.heard > 8000);
    assert_int_equal(t.second.state, PP_PEER_DISCONNECTED);
    free_side(&t.caller);
    end(&t);
}

static void the_first_may_go_before_the_others(void **state)
{
    trio t;
    pp_buf offer = {0};

    (void)state;
    begin(&t);
    assert_int_equal(pp_peer_hand_over(t.caller.peer, t.fork.peer), 0);
    t.caller.peer = pp_peer_free(t.caller.peer);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.second.heard > 8000);
    /* what is left is a call like any other */
    assert_int_equal(pp_peer_restart_ice(t.fork.peer, true), 0);
    assert_int_equal(pp_peer_create_offer(t.fork.peer, &offer), 0);
    answer(t.fork.peer, pp_buf_text(&offer), &t.second);
    pp_buf_free(&offer);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.second.heard > 8000);
    assert_int_equal(t.fork.state, PP_PEER_CONNECTED);
    t.fork.peer = pp_peer_free(t.fork.peer);
    free_side(&t.caller);
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_far_ends_answer_one_offer),
        cmocka_unit_test(the_first_may_go_before_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
