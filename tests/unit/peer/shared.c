/* shared.c - many peer connections on one port: far ends elsewhere, far ends that share a port too, strangers in crowds. */
#include "base/error.h"
#include "support/dice.h"
#include "unit/peer/support/side.h"

#include <stdlib.h>

enum { CALLS = 100 };

static void new_side(sim *s, side *out, bool offerer, pipit_peer_configuration c)
{
    c.codecs = "PCMU";
    side_open(s, out, offerer, &c);
}

static void expect_sound(sim *s, side *sides, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sides[i].state, PP_PEER_CONNECTED);
        sides[i].heard = 0;
    }
    sim_advance_ms(s, 1000);
    for (size_t i = 0; i < count; i++)
        assert_true(sides[i].heard > 6000);
}

/* Callers at 192.0.2.1 share a socket; the world around them has one each, at 192.0.2.2. */
static const pipit_peer_configuration here = {.interfaces = "sim0"};
static const pipit_peer_configuration there = {.interfaces = "sim1", .own_socket = true};

static void all_calls_of_a_loop_share_a_port(void **state)
{
    side callers[4] = {0}, world[4] = {0};
    pipit_stats stats;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    sim_add_address(s, "192.0.2.2");
    for (size_t i = 0; i < 4; i++) {
        new_side(s, &callers[i], i % 2 == 0, here);
        new_side(s, &world[i], i % 2 == 1, there);
        if (i % 2 == 0)
            side_connect(&callers[i], &world[i]);
        else
            side_connect(&world[i], &callers[i]);
        assert_int_equal(callers[i].port, callers[0].port);
        assert_true(i == 0 || world[i].port != world[i - 1].port);
    }
    sim_advance_ms(s, 2000);
    expect_sound(s, callers, 4);
    expect_sound(s, world, 4);
    side_close(&callers[0]);
    sim_advance_ms(s, 500);
    assert_int_equal(world[0].state, PP_PEER_DISCONNECTED);
    expect_sound(s, callers + 1, 3);
    pp_peer_stats(callers[1].peer, &stats);
    assert_true(stats.packets_lost == 0 && stats.packets_discarded == 0);
    for (size_t i = 0; i < 4; i++) {
        side_close(&callers[i]);
        side_close(&world[i]);
    }
    sim_free(s);
}

/* Both ends share their ports: who answers takes another one for the second call with the same far end. */
static void calls_between_two_that_share_ports_are_told_apart(void **state)
{
    side callers[3] = {0}, callees[3] = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(2, &s), 0);
    for (size_t i = 0; i < 3; i++) {
        new_side(s, &callers[i], true, (pipit_peer_configuration){0});
        new_side(s, &callees[i], false, (pipit_peer_configuration){0});
        side_connect(&callers[i], &callees[i]);
        assert_int_equal(callers[i].port, callers[0].port);
        assert_int_not_equal(callees[i].port, callers[0].port);
        assert_true(i == 0 || callees[i].port != callees[i - 1].port);
    }
    sim_advance_ms(s, 2000);
    expect_sound(s, callers, 3);
    expect_sound(s, callees, 3);
    for (size_t i = 0; i < 3; i++) {
        side_close(&callers[i]);
        side_close(&callees[i]);
    }
    sim_free(s);
}

/* A server with one port for everything answers twice from there: the second call leaves our shared port, and is found by its checks. */
static void a_caller_moves_away_from_a_far_end_that_is_in_use(void **state)
{
    const pipit_peer_configuration server = {.interfaces = "sim1", .port = 30000};
    side callers[2] = {0}, servers[2] = {0};
    char *offer, *answer, *port;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(3, &s), 0);
    sim_add_address(s, "192.0.2.2");
    new_side(s, &callers[0], true, here);
    new_side(s, &servers[0], false, server);
    side_connect(&callers[0], &servers[0]);
    new_side(s, &callers[1], true, here);
    new_side(s, &servers[1], false, server);
    offer = side_offer(&callers[1]); /* the server does not see that it has this far end already */
    port = strstr(offer, "192.0.2.1 20000 typ");
    assert_non_null(port);
    port[14] = '9';
    answer = side_answer(&servers[1], offer);
    assert_int_equal(servers[1].port, 30000);
    assert_int_equal(pp_peer_set_remote(callers[1].peer, false, pp_str_c(answer)), 0);
    sim_advance_ms(s, 2000);
    expect_sound(s, callers, 2);
    expect_sound(s, servers, 2);
    for (size_t i = 0; i < 2; i++) {
        side_close(&callers[i]);
        side_close(&servers[i]);
    }
    pipit_free(offer);
    pipit_free(answer);
    sim_free(s);
}

static void one_port_for_both_ends_carries_one_call(void **state)
{
    const pipit_peer_configuration fixed = {.interfaces = "sim1", .port = 30000};
    side callers[2] = {0}, callees[2] = {0};
    pp_buf offer = {0}, answer = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(4, &s), 0);
    sim_add_address(s, "192.0.2.2");
    for (size_t i = 0; i < 2; i++) {
        new_side(s, &callers[i], true, here);
        new_side(s, &callees[i], false, fixed);
    }
    side_connect(&callers[0], &callees[0]);
    assert_int_equal(callees[0].port, 30000);
    assert_int_equal(pp_peer_create_offer(callers[1].peer, &offer), 0);
    assert_int_equal(pp_peer_set_remote(callees[1].peer, true, pp_buf_text(&offer)), 0);
    assert_int_equal(pp_peer_create_answer(callees[1].peer, &answer), PIPIT_ERR_IO);
    sim_advance_ms(s, 2000);
    expect_sound(s, callees, 1);
    for (size_t i = 0; i < 2; i++) {
        side_close(&callers[i]);
        side_close(&callees[i]);
    }
    pp_buf_free(&offer);
    pp_buf_free(&answer);
    sim_free(s);
}

static void addresses_are_those_that_were_asked_for(void **state)
{
    static const struct {
        const char *interfaces;
        bool first, second;
    } cases[] = {{NULL, true, true},
                 {"all", true, true},
                 {"sim1", false, true},
                 {"eth0, sim0", true, false},
                 {"default", true, false}};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(5, &s), 0);
    sim_add_address(s, "192.0.2.2");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pp_buf offer = {0};
        side a = {0};

        new_side(s, &a, true, (pipit_peer_configuration){.interfaces = cases[i].interfaces});
        assert_int_equal(pp_peer_create_offer(a.peer, &offer), 0);
        assert_int_equal(memmem(offer.p, offer.n, " 192.0.2.1 ", 11) != NULL, cases[i].first);
        assert_int_equal(memmem(offer.p, offer.n, " 192.0.2.2 ", 11) != NULL, cases[i].second);
        pp_buf_free(&offer);
        side_close(&a);
    }
    sim_free(s);
}

static void a_range_without_a_beginning_is_refused(void **state)
{
    static const pipit_peer_configuration wrong[] = {{.port_max = 2000},
                                                     {.port_min = 2000, .port_max = 1000},
                                                     {.port_min = 2000},
                                                     {.port = 1, .port_min = 1, .port_max = 2}};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(6, &s), 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        side a = {0};

        assert_int_equal(side_try(s, &a, true, &wrong[i]), PIPIT_ERR_ARGUMENT);
        side_close(&a);
    }
    sim_free(s);
}

/* --- strangers -------------------------------------------------------------------------------- */

typedef struct crowd {
    sim *s;
    uint64_t dice, sent;
    pp_addr to;
    pp_timer timer;
} crowd;

/* Ten a millisecond: hellos, media, requests, answers, from anywhere, and from next door to the far ends. */
static void shout(void *arg)
{
    static const uint8_t starts[][4] = {
        {22, 0xFE, 0xFD, 0}, {0x80, 0, 0, 1}, {0x80, 200, 0, 6}, {0, 1, 0, 80}, {1, 1, 0, 80}};
    crowd *c = arg;

    for (unsigned i = 0; i < 10; i++) {
        uint8_t data[100] = {0};
        pp_addr from;

        pp_addr_parse(i % 2 ? PP_LIT("192.0.2.2") : PP_LIT("198.51.100.9"),
                      (uint16_t)(1024 + dice_u64(&c->dice) % 10000), &from);
        memcpy(data, starts[dice_u64(&c->dice) % 5], 4);
        memcpy(data + 4, "\x21\x12\xA4\x42", 4);
        sim_inject_datagram(c->s, &from, &c->to, data, sizeof(data));
        c->sent++;
    }
    pp_loop_start_timer(sim_loop(c->s), &c->timer, 1, shout, c);
}

static void a_hundred_calls_are_set_up_among_ten_thousand_strangers_a_second(void **state)
{
    side *callers = calloc(CALLS, sizeof(*callers)), *world = calloc(CALLS, sizeof(*world));
    crowd c = {.dice = 7};
    pipit_stats stats;

    (void)state;
    assert_true(callers && world);
    assert_int_equal(sim_new(7, &c.s), 0);
    sim_add_address(c.s, "192.0.2.2");
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 20000, &c.to));
    shout(&c);
    for (size_t i = 0; i < CALLS; i++) {
        new_side(c.s, &callers[i], i % 2 == 0, here);
        new_side(c.s, &world[i], i % 2 == 1, there);
        side_connect(i % 2 ? &world[i] : &callers[i], i % 2 ? &callers[i] : &world[i]);
        sim_advance_ms(c.s, 10);
    }
    sim_advance_ms(c.s, 1000);
    for (size_t i = 0; i < CALLS; i++) {
        assert_int_equal(callers[i].port, 20000);
        assert_int_equal(callers[i].state, PP_PEER_CONNECTED);
        assert_int_equal(world[i].state, PP_PEER_CONNECTED);
        assert_true(callers[i].heard > 200 && world[i].heard > 200);
    }
    pp_peer_stats(callers[0].peer, &stats);
    assert_in_range(stats.port_datagrams_discarded, c.sent - 100, c.sent);
    pp_loop_stop_timer(sim_loop(c.s), &c.timer);
    for (size_t i = 0; i < CALLS; i++) {
        side_close(&callers[i]);
        side_close(&world[i]);
    }
    sim_free(c.s);
    free(callers);
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_calls_of_a_loop_share_a_port),
        cmocka_unit_test(calls_between_two_that_share_ports_are_told_apart),
        cmocka_unit_test(a_caller_moves_away_from_a_far_end_that_is_in_use),
        cmocka_unit_test(one_port_for_both_ends_carries_one_call),
        cmocka_unit_test(addresses_are_those_that_were_asked_for),
        cmocka_unit_test(a_range_without_a_beginning_is_refused),
        cmocka_unit_test(a_hundred_calls_are_set_up_among_ten_thousand_strangers_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
