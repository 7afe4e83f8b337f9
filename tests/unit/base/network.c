/* network.c - tests of what changes of the machine's addresses come to. */
#include "base/network.h"
#include "base/error.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sim.h"

typedef struct listener {
    pipit_loop *loop;
    pp_network_ear ear;
    unsigned times;
    pp_network_change last;
    struct listener *silences; /* this one, when it hears something; itself is fine */
} listener;

static void on_changed(void *arg, pp_network_change change)
{
    listener *l = arg;

    l->times++;
    l->last = change;
    if (l->silences)
        pp_loop_unhear_network(l->loop, &l->silences->ear);
}

static void listen_to(sim *s, listener *l)
{
    *l = (listener){.loop = sim_loop(s)};
    assert_int_equal(pp_loop_hear_network(l->loop, &l->ear, on_changed, l), 0);
}

static void a_change_is_told_when_it_has_settled(void **state)
{
    listener l;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    listen_to(s, &l);
    sim_add_address(s, "192.0.2.2");
    sim_advance_ms(s, 500);
    sim_remove_address(s, "192.0.2.1");
    sim_advance_ms(s, 400);
    assert_int_equal(l.times, 0);
    sim_advance_ms(s, 200);
    assert_int_equal(l.times, 1);
    assert_true(l.last.came && l.last.went);
    sim_remove_address(s, "192.0.2.2");
    sim_advance_ms(s, 1100);
    assert_int_equal(l.times, 2);
    assert_true(!l.last.came && l.last.went);
    pp_loop_unhear_network(l.loop, &l.ear);
    pp_loop_unhear_network(l.loop, &l.ear);
    sim_free(s);
}

static void what_comes_to_nothing_is_not_told(void **state)
{
    listener l;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    listen_to(s, &l);
    sim_remove_address(s, "192.0.2.1");
    sim_advance_ms(s, 900);
    sim_add_address(s, "192.0.2.1"); /* it is back */
    sim_advance_ms(s, 5000);
    sim_add_address(s, "127.0.0.2");
    sim_add_address(s, "fe80::2");
    sim_advance_ms(s, 5000);
    assert_int_equal(l.times, 0);
    pp_loop_unhear_network(l.loop, &l.ear);
    sim_free(s);
}

static void an_ear_may_go_while_it_hears(void **state)
{
    listener a, b, c;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    listen_to(s, &a);
    listen_to(s, &b);
    listen_to(s, &c);
    a.silences = &b;
    c.silences = &c;
    sim_add_address(s, "192.0.2.2");
    sim_advance_ms(s, 1100);
    assert_true(a.times == 1 && b.times == 0 && c.times == 1);
    a.silences = &a; /* the last one */
    sim_remove_address(s, "192.0.2.2");
    sim_advance_ms(s, 1100);
    assert_true(a.times == 2 && b.times == 0 && c.times == 1);
    sim_add_address(s, "192.0.2.3");
    sim_advance_ms(s, 1100); /* nobody listens, and nothing waits */
    sim_free(s);
}

static void an_address_is_the_machines_or_not(void **state)
{
    pp_addr own = {0}, other = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 5060, &own));
    assert_true(pp_addr_parse(PP_LIT("192.0.2.9"), 0, &other));
    assert_true(pp_loop_has_address(sim_loop(s), &own));
    assert_false(pp_loop_has_address(sim_loop(s), &other));
    sim_remove_address(s, "192.0.2.1");
    assert_true(pp_loop_has_address(sim_loop(s), &other)); /* it has none: who knows */
    sim_free(s);
}

static void memory_may_be_short_for_an_ear(void **state)
{
    pp_network_ear ear = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    scarce_begin(1);
    assert_int_equal(pp_loop_hear_network(sim_loop(s), &ear, on_changed, NULL), PIPIT_ERR_MEMORY);
    pp_loop_unhear_network(sim_loop(s), &ear);
    assert_int_equal(scarce_end(), 0);
    sim_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_told_when_it_has_settled),
        cmocka_unit_test(what_comes_to_nothing_is_not_told),
        cmocka_unit_test(an_ear_may_go_while_it_hears),
        cmocka_unit_test(an_address_is_the_machines_or_not),
        cmocka_unit_test(memory_may_be_short_for_an_ear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
