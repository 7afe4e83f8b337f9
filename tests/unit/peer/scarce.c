/* scarce.c - two connections whose life has the 1st, 2nd, 3rd … allocation failing: nothing crashes or leaks, the error is the right
 * one, and the same two come to hear each other afterwards. PIPIT_SWEEP_STEP=n tries every n-th allocation only. */
#include "support/scarce.h"
#include "unit/peer/support/couple.h"

#include <stdlib.h>

static void check(int err)
{
    if (err && err != PIPIT_ERR_MEMORY)
        fail_msg("allocation %llu: %s (%s)", (unsigned long long)scarce_memory.fail_at,
                 pipit_error_name(err), pipit_error_message());
}

static const pipit_peer_handlers silent;

static int open_end(couple *c, end *e)
{
    pipit_source *tone = NULL;
    const pipit_peer_configuration cheap = {.codecs = "PCMU"};
    int err = pipit_peer_new(sim_loop(c->s), &cheap, &silent, NULL, &e->peer);

    if (!err)
        err = pipit_source_tone(440, -12, &tone);
    if (!err)
        err = pipit_peer_add_track(e->peer, tone, NULL);
    pipit_source_unref(tone);
    return err;
}

/* One exchange; where it stops for want of memory it is taken back. */
static int exchange(end *from, end *to)
{
    pipit_description description;
    int err = pipit_peer_set_local_description(from->peer, NULL);

    if (!err)
        err = pipit_peer_local_description(from->peer, &description)
                  ? pipit_peer_set_remote_description(to->peer, &description)
                  : PIPIT_ERR_MEMORY;
    if (!err)
        err = pipit_peer_set_local_description(to->peer, NULL);
    if (!err)
        err = pipit_peer_local_description(to->peer, &description)
                  ? pipit_peer_set_remote_description(from->peer, &description)
                  : PIPIT_ERR_MEMORY;
    return err;
}

static void take_back(end *e)
{
    const pipit_description back = {PIPIT_DESCRIPTION_ROLLBACK, NULL};

    if (pipit_peer_signaling_state(e->peer) == PIPIT_SIGNALING_HAVE_LOCAL_OFFER)
        check(pipit_peer_set_local_description(e->peer, &back));
    else if (pipit_peer_signaling_state(e->peer) == PIPIT_SIGNALING_HAVE_REMOTE_OFFER)
        check(pipit_peer_set_remote_description(e->peer, &back));
}

static void ask(end *e)
{
    pipit_stats_report *report = NULL;
    char *text = NULL;

    check(pipit_peer_get_stats(e->peer, &report));
    if (report)
        check(pipit_stats_report_to_string(report, &text));
    pipit_free(text);
    pipit_stats_report_unref(report);
}

static bool are_connected(void *arg)
{
    const couple *c = arg;

    return pipit_peer_connection_state(c->a.peer) == PIPIT_CONNECTION_CONNECTED &&
           pipit_peer_connection_state(c->b.peer) == PIPIT_CONNECTION_CONNECTED;
}

/* Whether an allocation failed. */
static bool live(uint64_t fail_at)
{
    couple c = {0};
    bool failed;
    int err;

    assert_int_equal(sim_new(1, &c.s), 0);
    scarce_begin(fail_at);
    err = open_end(&c, &c.a);
    if (!err)
        err = open_end(&c, &c.b);
    if (!err)
        err = pipit_peer_add_transceiver(c.a.peer, PIPIT_MEDIA_AUDIO, NULL, NULL);
    check(err);
    if (!err) {
        check(exchange(&c.a, &c.b));
        ask(&c.a);
        scarce_relax();
        take_back(&c.a);
        take_back(&c.b);
        assert_int_equal(exchange(&c.a, &c.b), 0);
        sim_run_until(c.s, are_connected, &c, 2000);
        assert_true(are_connected(&c));
    }
    failed = scarce_memory.failed;
    c.a.peer = pipit_peer_unref(c.a.peer);
    c.b.peer = pipit_peer_unref(c.b.peer);
    sim_free(c.s);
    assert_int_equal(scarce_end(), 0);
    return failed;
}

static void a_connection_lives_through_each_lack_of_memory(void **state)
{
    const char *env = getenv("PIPIT_SWEEP_STEP");
    uint64_t step = env ? strtoull(env, NULL, 10) : 1, n = 1;

    (void)state;
    while (live(n))
        n += step ? step : 1;
    print_message("%llu allocations\n", (unsigned long long)n - 1);
    assert_true(n > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_lives_through_each_lack_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
