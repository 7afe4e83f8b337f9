/* pcm_port.c - a program in a call: what it says is sent, arrives and is reported, and stops when it is told to. */
#include "pipit/pcm_port.h"

#include "support/cast/cast.h"

enum { RATE = 16000 };

struct agent {
    pipit_pcm_port *port;
    double loudness; /* of the last frame that was heard */
};

static void heard(pipit_pcm_port *port, const int16_t *samples, size_t count, uint64_t at,
                  void *user)
{
    struct agent *agent = user;
    double sum = 0;

    (void)port;
    (void)at;
    for (size_t i = 0; i < count; i++)
        sum += (double)samples[i] * samples[i];
    agent->loudness = sum / (double)count;
}

static const pipit_pcm_port_handlers port_handlers = {.heard = heard};

static void write_noise(pipit_pcm_port *port, size_t seconds)
{
    static int16_t samples[RATE];
    uint32_t state = 1;

    for (size_t i = 0; i < RATE; i++) {
        state = state * 1664525 + 1013904223;
        samples[i] = (int16_t)((int32_t)(state >> 16 & 0x1FFF) - 0x1000);
    }
    while (seconds--)
        assert_int_equal(pipit_pcm_port_write(port, samples, RATE), 0);
}

/* Bob's echo is what the agent hears. */
static cast *call_bob(uint64_t seed, struct agent *agent)
{
    const pipit_pcm_port_options port_options = {.handlers = &port_handlers, .user = agent};
    cast *c = cast_on_stage(&(cast_options){.seed = seed});
    pipit_call_options options = *cast_call_options(&c->alice);

    assert_int_equal(pipit_pcm_port_new(&port_options, &agent->port), 0);
    options.media_stream = pipit_pcm_port_stream(agent->port);
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), 0);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    return c;
}

static void what_is_said_is_reported_by_the_far_end(void **state)
{
    struct agent agent = {0};
    pipit_pcm_position position;
    cast *c = call_bob(9, &agent);

    (void)state;
    write_noise(agent.port, 20);
    sim_advance_ms(c->s, 10000);
    pipit_pcm_port_position(agent.port, &position);
    assert_in_range(position.sent, 9 * RATE, 11 * RATE);
    assert_in_range(position.received, position.sent - 5 * RATE, position.sent);
    sim_advance_ms(c->s, 20000);
    pipit_pcm_port_position(agent.port, &position);
    assert_int_equal(position.sent, 20 * RATE);
    assert_int_equal(position.received, 20 * RATE);
    pipit_pcm_port_unref(agent.port);
    cast_free(c);
}

static void a_flush_is_heard_at_the_far_end_within_a_moment(void **state)
{
    struct agent agent = {0};
    pipit_pcm_position position;
    pipit_stats stats;
    cast *c = call_bob(10, &agent);
    uint64_t sent;

    (void)state;
    write_noise(agent.port, 20);
    sim_advance_ms(c->s, 3000);
    assert_int_equal(pipit_session_get_stats(c->bob.session, &stats), 0);
    assert_true(stats.audio_level_received > 0.02);
    pipit_pcm_port_position(agent.port, &position);
    assert_true(agent.loudness > 1000); /* bob says a tone */
    sent = position.sent;
    assert_int_equal(pipit_pcm_port_flush(agent.port), 20 * RATE - sent);
    sim_advance_ms(c->s, 5000);
    pipit_pcm_port_position(agent.port, &position);
    assert_int_equal(position.sent, sent);
    assert_int_equal(pipit_session_get_stats(c->bob.session, &stats), 0);
    assert_true(stats.audio_level_received < 0.005);
    pipit_pcm_port_unref(agent.port);
    cast_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_reported_by_the_far_end),
        cmocka_unit_test(a_flush_is_heard_at_the_far_end_within_a_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
