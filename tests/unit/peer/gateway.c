/* gateway.c - two calls that are joined in the middle, packet by packet: what one brings goes out over the other as it is. */
#include "pipit/error.h"
#include "unit/peer/support/side.h"

#include <string.h>

typedef struct chain { /* caller - first, second - callee */
    sim *s;
    side caller, first, second, callee;
} chain;

/* To the source of the gateway's other call. */
static void pass_on(void *self, const pipit_audio_encoded *frame)
{
    assert_string_equal(frame->codec, "opus");
    assert_int_equal(pipit_source_write(*(pipit_source **)self, frame), 0);
}

static void new_end(sim *s, side *out, bool offerer)
{
    side_open(s, out, offerer, &(pipit_peer_configuration){.codecs = "opus"});
}

static void new_middle(sim *s, side *out, bool offerer, side *other)
{
    static const pipit_encoded_sink_interface middle = {.write = pass_on};

    assert_int_equal(pipit_source_encoded("OPUS", &out->source), 0);
    assert_int_equal(pipit_sink_encoded(&middle, &other->source, &out->sink), 0);
    new_end(s, out, offerer);
}

static void begin(chain *c)
{
    *c = (chain){0};
    assert_int_equal(sim_new(21, &c->s), 0);
    new_end(c->s, &c->caller, true);
    new_middle(c->s, &c->first, false, &c->second);
    new_middle(c->s, &c->second, true, &c->first);
    new_end(c->s, &c->callee, false);
    side_connect(&c->caller, &c->first);
    side_connect(&c->second, &c->callee);
    sim_advance_ms(c->s, 2000);
    assert_true(c->caller.state == PP_PEER_CONNECTED && c->callee.state == PP_PEER_CONNECTED);
}

static void run_on(chain *c)
{
    sim_advance_ms(c->s, 500);
    c->caller.heard = c->callee.heard = 0;
    sim_advance_ms(c->s, 1000);
}

static void end(chain *c)
{
    side_close(&c->caller);
    side_close(&c->first);
    side_close(&c->second);
    side_close(&c->callee);
    sim_free(c->s);
}

/* Media from the caller to the gateway; every tenth packet is lost. */
static bool lose_some(void *arg, const pp_addr *from, const pp_addr *to, const uint8_t *data,
                      size_t size)
{
    unsigned *count = arg;

    return !(from->port == 20000 && to->port == 20001 && size > 20 && data[1] == 111 &&
             ++*count % 10 == 0);
}

/* What was lost before the gateway is missing behind it: numbers keep their distances. */
static void sound_passes_through(void **state)
{
    unsigned count = 0;
    pipit_stats stats;
    chain c;

    (void)state;
    begin(&c);
    sim_filter_datagrams(c.s, lose_some, &count);
    run_on(&c);
    assert_true(c.caller.heard > 12000 && c.callee.heard > 12000);
    pp_peer_stats(c.callee.peer, &stats);
    assert_in_range(count, 60, 90);
    assert_in_range(stats.packets_lost, count / 10 - 1, count / 10);
    /* Nothing is decoded in the middle: its callers say how loud they are (RFC 6464). */
    pp_peer_stats(c.first.peer, &stats);
    assert_true(stats.audio_level_received > 0.16 && stats.audio_level_received < 0.2);
    end(&c);
}

static void a_hold_in_the_middle_is_no_loss(void **state)
{
    pipit_stats stats;
    chain c;

    (void)state;
    begin(&c);
    assert_int_equal(pp_peer_hold_media(c.second.peer, true, NULL), 0);
    run_on(&c);
    assert_true(c.callee.heard == 0 && c.caller.heard == 0);
    assert_int_equal(pp_peer_hold_media(c.second.peer, false, NULL), 0);
    run_on(&c);
    assert_true(c.callee.heard > 12000 && c.caller.heard > 12000);
    pp_peer_stats(c.callee.peer, &stats);
    assert_true(stats.packets_lost == 0 && stats.packets_discarded == 0);
    end(&c);
}

static void a_tone_may_be_sent_in_between(void **state)
{
    pipit_stats stats;
    chain c;

    (void)state;
    begin(&c);
    assert_int_equal(pp_peer_send_dtmf(c.second.peer, '7', 100, 100), 0);
    assert_int_equal(pp_peer_send_dtmf(c.second.peer, '#', 100, 100), 0);
    sim_advance_ms(c.s, 1000);
    assert_string_equal(c.callee.digits, "7#");
    assert_int_equal(pp_peer_send_dtmf(c.caller.peer, '1', 100, 100), 0);
    sim_advance_ms(c.s, 1000);
    assert_string_equal(c.first.digits, "1"); /* reported there, and not passed on */
    run_on(&c);
    assert_true(c.callee.heard > 12000);
    pp_peer_stats(c.callee.peer, &stats);
    assert_int_equal(stats.packets_lost, 0);
    assert_int_equal(stats.packets_discarded, 0);
    end(&c);
}

/* Reports and consent are all that wakes the loop; a tone has its clock while it lasts. */
static void a_call_that_passes_through_has_no_clock(void **state)
{
    side a = {0}, b = {0};
    unsigned before;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(22, &s), 0);
    new_middle(s, &a, true, &b);
    new_middle(s, &b, false, &a);
    side_connect(&a, &b);
    sim_advance_ms(s, 2000);
    before = (unsigned)sim_get_counts(s).turns;
    sim_advance_ms(s, 10000);
    assert_in_range(sim_get_counts(s).turns - before, 10, 100); /* 2,000 with clocks of 20 ms */
    assert_int_equal(pp_peer_send_dtmf(a.peer, '5', 100, 50), 0);
    sim_advance_ms(s, 1000);
    assert_string_equal(b.digits, "5");
    before = (unsigned)sim_get_counts(s).turns;
    sim_advance_ms(s, 10000);
    assert_in_range(sim_get_counts(s).turns - before, 10, 100);
    side_close(&a);
    side_close(&b);
    sim_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_passes_through),
        cmocka_unit_test(a_hold_in_the_middle_is_no_loss),
        cmocka_unit_test(a_tone_may_be_sent_in_between),
        cmocka_unit_test(a_call_that_passes_through_has_no_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
