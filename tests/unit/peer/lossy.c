/* lossy.c - connections over a network that loses a fifth of all datagrams: they come up soon, and stay. */
#include "unit/peer/support/couple.h"

#include <stdio.h>

#define LOST      200 /* of 1,000 */
#define DELAY_US  20000
#define JITTER_US 10000

static bool is_connected(void *arg)
{
    couple *c = arg;

    return pipit_peer_connection_state(c->a.peer) == PIPIT_CONNECTION_CONNECTED &&
           pipit_peer_connection_state(c->b.peer) == PIPIT_CONNECTION_CONNECTED;
}

static void begin_lossy(couple *c, uint64_t seed)
{
    begin_couple_with(c, seed, &(pipit_peer_configuration){.codecs = "PCMU"});
    sim_set_delay(c->s, DELAY_US, JITTER_US);
    sim_set_loss(c->s, LOST, 0);
    add_tone(&c->a, 440);
    negotiate(&c->a, &c->b);
}

static void a_connection_comes_up_although_a_fifth_is_lost(void **state)
{
    uint64_t longest_ms = 0, sum_ms = 0;
    enum { TIMES = 100 };

    (void)state;
    for (uint64_t seed = 1; seed <= TIMES; seed++) {
        uint64_t took_ms;
        couple c;

        begin_lossy(&c, seed);
        took_ms = sim_now_us(c.s) / 1000;
        assert_true(sim_run_until(c.s, is_connected, &c, 20000));
        took_ms = sim_now_us(c.s) / 1000 - took_ms;
        sum_ms += took_ms;
        longest_ms = took_ms > longest_ms ? took_ms : longest_ms;
        end_couple(&c);
    }
    printf(
        "figure: a fifth of all datagrams lost: connected after %u ms in the mean, %u ms at most\n",
        (unsigned)(sum_ms / TIMES), (unsigned)longest_ms);
    assert_true(longest_ms < 8000);
    assert_true(sum_ms / TIMES < 2000);
}

static void a_connection_stays_although_a_fifth_is_lost(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        couple c;

        begin_lossy(&c, seed);
        assert_true(sim_run_until(c.s, is_connected, &c, 20000));
        advance(&c, 60000);
        assert_null(strstr(c.a.story, "disconnected"));
        assert_null(strstr(c.b.story, "disconnected"));
        assert_true(c.b.heard[0] > 60 * 16000 / 2);
        end_couple(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_comes_up_although_a_fifth_is_lost),
        cmocka_unit_test(a_connection_stays_although_a_fifth_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
