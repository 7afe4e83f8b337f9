/* agents.c - two agents find each other, keep each other, and lose each other. */
#include "net.h"

#include "pipit/error.h"

#include <stdio.h>

static void open_simple(net *n, uint64_t seed)
{
    net_open(n, seed);
    net_add_base(n, 0, "192.0.2.1", 5000, NULL);
    net_add_base(n, 1, "192.0.2.2", 6000, NULL);
}

static void assert_agreed(net *n)
{
    pp_candidate local[2], remote[2];

    for (size_t i = 0; i < 2; i++)
        assert_true(pp_ice_selected(n->nodes[i].ice, &local[i], &remote[i], NULL));
    assert_true(pp_addr_eq(&local[0].address, &remote[1].address));
    assert_true(pp_addr_eq(&local[1].address, &remote[0].address));
    for (size_t i = 0; i < 2; i++)
        assert_true(pp_ice_is_verified(n->nodes[i].ice, local[i].base, &remote[i].address));
}

static void two_agents_connect_in_three_round_trips(void **state)
{
    net n;
    uint64_t rtt = 0;
    pp_candidate local, remote;

    (void)state;
    open_simple(&n, 1);
    net_exchange(&n);
    assert_true(net_until(&n, PP_ICE_CONNECTED, 10 * SECOND) <= 60 * MS);
    assert_agreed(&n);
    assert_true(pp_ice_selected(n.nodes[0].ice, &local, &remote, &rtt));
    assert_int_equal(rtt, 20 * MS);
    assert_int_equal(n.nodes[0].state_count, 2);
    assert_int_equal(n.nodes[0].states[0], PP_ICE_CHECKING);
    assert_int_equal(n.nodes[0].states[1], PP_ICE_CONNECTED);
    net_close(&n);
}

static void the_best_of_several_pairs_is_taken(void **state)
{
    net n;
    pp_candidate local, remote;

    (void)state;
    net_open(&n, 2);
    net_add_base(&n, 0, "192.0.2.1", 5000, NULL);
    net_add_base(&n, 0, "198.51.100.1", 5000, NULL);
    net_add_base(&n, 0, "2001:db8::1", 5000, NULL);
    net_add_base(&n, 1, "192.0.2.2", 6000, NULL);
    net_add_base(&n, 1, "198.51.100.2", 6000, NULL);
    net_add_base(&n, 1, "2001:db8::2", 6000, NULL);
    net_exchange(&n);
    assert_true(net_until(&n, PP_ICE_CONNECTED, 10 * SECOND) != PP_NEVER);
    assert_agreed(&n);
    assert_true(pp_ice_selected(n.nodes[0].ice, &local, &remote, NULL));
    assert_int_equal(local.base, 0);
    assert_true(pp_addr_eq(&remote.address, &n.nodes[1].bases[0]));
    net_close(&n);
}

static void a_worse_pair_is_taken_when_the_best_is_dead(void **state)
{
    net n;
    pp_candidate local, remote;
    uint64_t took;

    (void)state;
    net_open(&n, 3);
    net_add_base(&n, 0, "198.51.100.1", 5000, NULL);
    net_add_base(&n, 1, "198.51.100.2", 6000, NULL);
    net_exchange(&n);
    pp_candidate nowhere = {.type = PP_CANDIDATE_HOST,
                            .priority = 0x7FFFFFFF,
                            .address = net_address("203.0.113.1", 9),
                            .foundation = "x"};
    assert_int_equal(pp_ice_add_remote(n.nodes[0].ice, &nowhere, n.now_us), 0);
    took = net_until(&n, PP_ICE_CONNECTED, 10 * SECOND);
    assert_true(took >= 150 * MS && took <= 400 * MS); /* a moment's patience for the better one */
    assert_true(pp_ice_selected(n.nodes[0].ice, &local, &remote, NULL));
    assert_true(pp_addr_eq(&remote.address, &n.nodes[1].bases[0]));
    net_close(&n);
}

static void an_agent_behind_a_nat_is_found_by_its_checks(void **state)
{
    net n;
    pp_candidate local, remote;

    (void)state;
    net_open(&n, 4);
    net_add_base(&n, 0, "10.0.0.1", 5000, "203.0.113.7");
    net_add_base(&n, 1, "198.51.100.2", 6000, NULL);
    net_exchange(&n);
    assert_true(net_until(&n, PP_ICE_CONNECTED, 10 * SECOND) != PP_NEVER);
    assert_true(pp_ice_selected(n.nodes[0].ice, &local, &remote, NULL));
    assert_int_equal(local.type, PP_CANDIDATE_PRFLX);
    assert_int_equal(local.base, 0);
    assert_true(pp_addr_eq(&local.address, &n.nodes[0].outside[0]));
    assert_true(pp_ice_selected(n.nodes[1].ice, &local, &remote, NULL));
    assert_int_equal(remote.type, PP_CANDIDATE_PRFLX);
    assert_true(pp_addr_eq(&remote.address, &n.nodes[0].outside[0]));
    assert_int_equal(pp_ice_local_count(n.nodes[0].ice), 1); /* hosts only are signalled */
    net_close(&n);
}

static void an_answer_without_candidates_is_enough(void **state)
{
    net n;

    (void)state;
    open_simple(&n, 5);
    net_set_remote(&n, 0); /* the offerer got none: it waits for checks */
    net_set_remote(&n, 1);
    net_advance(&n, 20 * SECOND);
    assert_true(net_is(&n, PP_ICE_CHECKING));
    assert_int_equal(n.nodes[0].sent, 0);
    net_add_candidates(&n, 1);
    assert_true(net_until(&n, PP_ICE_CONNECTED, 5 * SECOND) < 200 * MS);
    net_close(&n);
}

static void checks_before_the_answer_count(void **state)
{
    net n;

    (void)state;
    open_simple(&n, 6);
    net_set_remote(&n, 1);
    net_add_candidates(&n, 1);
    net_advance(&n, 100 * MS);
    assert_int_equal(pp_ice_get_state(n.nodes[0].ice), PP_ICE_NEW);
    assert_true(n.nodes[0].sent > 0); /* it has answered */
    net_set_remote(&n, 0);            /* no candidates: those checks must do */
    assert_true(net_until(&n, PP_ICE_CONNECTED, 5 * SECOND) < 200 * MS);
    net_close(&n);
}

static void two_agents_that_both_control_settle_it(void **state)
{
    (void)state;
    for (uint64_t seed = 10; seed < 30; seed++) {
        net n;

        open_simple(&n, seed);
        pp_ice_set_controlling(n.nodes[1].ice, true);
        net_exchange(&n);
        assert_true(net_until(&n, PP_ICE_CONNECTED, 10 * SECOND) < 1 * SECOND);
        assert_agreed(&n);
        net_close(&n);
    }
}

static void two_agents_that_both_are_controlled_settle_it(void **state)
{
    (void)state;
    for (uint64_t seed = 30; seed < 50; seed++) {
        net n;

        open_simple(&n, seed);
        pp_ice_set_controlling(n.nodes[0].ice, false);
        net_exchange(&n);
        assert_true(net_until(&n, PP_ICE_CONNECTED, 10 * SECOND) < 1 * SECOND);
        assert_agreed(&n);
        net_close(&n);
    }
}

static void a_bad_network_only_takes_longer(void **state)
{
    unsigned connected = 0;

    (void)state;
    for (uint64_t seed = 100; seed < 300; seed++) {
        net n;

        net_open(&n, seed);
        net_add_base(&n, 0, "10.0.0.1", 5000, seed % 2 ? "203.0.113.7" : NULL);
        net_add_base(&n, 0, "192.0.2.1", 5000, NULL);
        net_add_base(&n, 1, "198.51.100.2", 6000, NULL);
        net_add_base(&n, 1, "192.0.2.2", 6000, seed % 3 ? NULL : "203.0.113.8");
        n.lost_of_1000 = 300;
        n.twice_of_1000 = 100;
        n.delay_us = 100 * MS;
        n.jitter_us = 80 * MS;
        net_exchange(&n);
        if (net_until(&n, PP_ICE_CONNECTED, 29 * SECOND) != PP_NEVER) {
            n.lost_of_1000 = 0;
            net_advance(&n, 10 * SECOND);
            assert_true(net_is(&n, PP_ICE_CONNECTED));
            assert_agreed(&n);
            connected++;
        }
        net_close(&n);
    }
    assert_true(connected >= 199);
}

static void a_peer_that_is_not_there_fails_after_30_seconds(void **state)
{
    net n;

    (void)state;
    open_simple(&n, 7);
    net_exchange(&n);
    n.cut[1] = true;
    net_advance(&n, 29 * SECOND);
    assert_true(net_is(&n, PP_ICE_CHECKING));
    net_advance(&n, 2 * SECOND);
    assert_true(net_is(&n, PP_ICE_FAILED));
    assert_true(pp_ice_deadline_us(n.nodes[0].ice) == PP_NEVER);
    assert_true(n.nodes[0].sent <= 110); /* checks and answers together: bounded */
    net_close(&n);
}

static void consent_is_asked_every_4_to_6_seconds(void **state)
{
    net n;
    size_t before;

    (void)state;
    open_simple(&n, 8);
    net_exchange(&n);
    net_until(&n, PP_ICE_CONNECTED, SECOND);
    net_advance(&n, SECOND);
    before = n.nodes[0].sent;
    net_advance(&n, 600 * SECOND);
    assert_in_range((n.nodes[0].sent - before) / 2, 100, 150); /* as many answers as questions */
    assert_true(net_is(&n, PP_ICE_CONNECTED));
    assert_int_equal(n.nodes[0].state_count, 2);
    net_close(&n);
}

static void an_outage_of_29_seconds_is_survived(void **state)
{
    net n;
    const pp_ice_state expected[] = {PP_ICE_CHECKING, PP_ICE_CONNECTED, PP_ICE_DISCONNECTED,
                                     PP_ICE_CONNECTED};

    (void)state;
    open_simple(&n, 9);
    net_exchange(&n);
    net_until(&n, PP_ICE_CONNECTED, SECOND);
    n.cut[0] = n.cut[1] = true;
    net_advance(&n, 7 * SECOND);
    assert_true(net_is(&n, PP_ICE_CONNECTED));
    net_advance(&n, 8 * SECOND);
    assert_true(net_is(&n, PP_ICE_DISCONNECTED));
    assert_int_equal(pp_ice_send(n.nodes[0].ice, (const uint8_t *)"x", 1), 0);
    net_advance(&n, 8 * SECOND);
    n.cut[0] = n.cut[1] = false;
    net_advance(&n, 7 * SECOND);
    assert_true(net_is(&n, PP_ICE_CONNECTED));
    assert_int_equal(n.nodes[0].state_count, 4);
    assert_memory_equal(n.nodes[0].states, expected, sizeof(expected));
    net_close(&n);
}

static void lost_consent_stops_all_sending(void **state)
{
    net n;
    pp_candidate local, remote;
    size_t sent;

    (void)state;
    open_simple(&n, 10);
    net_exchange(&n);
    net_until(&n, PP_ICE_CONNECTED, SECOND);
    n.cut[1] = true;
    net_advance(&n, 31 * SECOND);
    assert_int_equal(pp_ice_get_state(n.nodes[0].ice), PP_ICE_FAILED);
    sent = n.nodes[0].sent;
    n.cut[1] = false;
    net_advance(&n, 60 * SECOND);
    assert_int_equal(n.nodes[0].sent, sent);
    assert_int_equal(pp_ice_send(n.nodes[0].ice, (const uint8_t *)"x", 1), PIPIT_ERR_STATE);
    assert_false(pp_ice_selected(n.nodes[0].ice, &local, &remote, NULL));
    assert_false(pp_ice_is_verified(n.nodes[0].ice, 0, &n.nodes[1].bases[0]));
    assert_int_equal(pp_ice_get_state(n.nodes[1].ice), PP_ICE_FAILED);
    net_close(&n);
}

static void a_new_address_of_the_peer_is_followed(void **state)
{
    (void)state;
    for (unsigned side = 0; side < 2; side++) { /* the controlling and the controlled one move */
        net n;
        pp_candidate local, remote;

        net_open(&n, 11);
        net_add_base(&n, side, "10.0.0.1", 5000, "203.0.113.7");
        net_add_base(&n, 1 - side, "198.51.100.2", 6000, NULL);
        net_exchange(&n);
        net_until(&n, PP_ICE_CONNECTED, SECOND);
        n.nodes[side].outside[0] = net_address("203.0.113.8", 5001); /* the NAT forgot */
        net_advance(&n, 25 * SECOND);
        assert_true(net_is(&n, PP_ICE_CONNECTED));
        assert_true(pp_ice_selected(n.nodes[1 - side].ice, &local, &remote, NULL));
        assert_true(pp_addr_eq(&remote.address, &n.nodes[side].outside[0]));
        net_close(&n);
    }
}

static void a_trickled_candidate_is_checked(void **state)
{
    net n;

    (void)state;
    open_simple(&n, 12);
    net_set_remote(&n, 0);
    net_set_remote(&n, 1);
    net_advance(&n, 5 * SECOND);
    net_add_candidates(&n, 0);
    assert_true(net_until(&n, PP_ICE_CONNECTED, SECOND) < 200 * MS);
    net_close(&n);
}

static void candidates_may_come_before_the_credentials(void **state)
{
    net n;

    (void)state;
    open_simple(&n, 13);
    for (size_t i = 0; i < 2; i++) {
        net_add_candidates(&n, i);
        net_set_remote(&n, i);
    }
    assert_true(net_until(&n, PP_ICE_CONNECTED, SECOND) <= 60 * MS);
    net_close(&n);
}

static void a_loopback_candidate_is_for_a_loopback_base(void **state)
{
    (void)state;
    for (unsigned loopback = 0; loopback < 2; loopback++) {
        net n;
        const pp_candidate c = {.type = PP_CANDIDATE_HOST,
                                .priority = 1,
                                .address = net_address("127.0.0.1", 6000),
                                .foundation = "1"};

        net_open(&n, 14);
        net_add_base(&n, 0, loopback ? "127.0.0.1" : "192.0.2.1", 5000, NULL);
        net_set_remote(&n, 0);
        assert_int_equal(pp_ice_add_remote(n.nodes[0].ice, &c, 0), 0);
        net_advance(&n, SECOND);
        assert_true((n.nodes[0].sent > 0) == (loopback == 1));
        net_close(&n);
    }
}

/* A browser may have no address but loopback when it gathers; its checks reach our other addresses nevertheless. */
static void a_check_from_a_loopback_address_shows_a_way_to_it(void **state)
{
    net n;

    (void)state;
    net_open(&n, 15);
    net_add_base(&n, 0, "192.0.2.1", 5000, NULL);
    net_add_base(&n, 1, "127.0.0.1", 6000, NULL);
    for (size_t i = 0; i < 2; i++) {
        net_add_candidates(&n, i);
        net_set_remote(&n, i);
    }
    assert_true(net_until(&n, PP_ICE_CONNECTED, SECOND) <= SECOND);
    net_close(&n);
}

static void an_address_nobody_can_have_is_refused(void **state)
{
    static const char *const bad[] = {"0.0.0.0", "224.0.0.251", "255.255.255.255",
                                      "::", "ff02::fb"};
    net n;
    pp_candidate c = {.type = PP_CANDIDATE_HOST, .priority = 1, .foundation = "1"};

    (void)state;
    open_simple(&n, 15);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        c.address = net_address(bad[i], 9);
        assert_int_equal(pp_ice_add_remote(n.nodes[0].ice, &c, 0), PIPIT_ERR_ARGUMENT);
    }
    c.address = net_address("198.51.100.1", 0);
    assert_int_equal(pp_ice_add_remote(n.nodes[0].ice, &c, 0), PIPIT_ERR_ARGUMENT);
    net_close(&n);
}

static void many_candidates_cause_few_checks(void **state)
{
    net n;

    (void)state;
    net_open(&n, 16);
    for (uint16_t i = 0; i < NET_BASES; i++)
        net_add_base(&n, 0, "192.0.2.1", (uint16_t)(5000 + i), NULL);
    net_set_remote(&n, 0);
    for (uint16_t i = 1; i <= 1000; i++) { /* all at one victim */
        pp_candidate c = {.type = PP_CANDIDATE_HOST,
                          .priority = i,
                          .address = net_address("198.51.100.1", i),
                          .foundation = "1"};
        assert_int_equal(pp_ice_add_remote(n.nodes[0].ice, &c, 0), 0);
    }
    net_advance(&n, 40 * SECOND);
    assert_true(n.nodes[0].sent > 10 && n.nodes[0].sent <= 100);
    assert_int_equal(pp_ice_get_state(n.nodes[0].ice), PP_ICE_FAILED);
    net_close(&n);
}

static size_t in_window;
static uint64_t window_us;

static void watch_pace(net *n, size_t from, const uint8_t *data, size_t size)
{
    static uint8_t last[12];

    if (from != 0 || size < 20 || data[0] != 0 || data[1] != 1 || memcmp(last, data + 8, 12) == 0)
        return;
    memcpy(last, data + 8, 12);
    if (window_us != PP_NEVER && n->now_us - window_us < 50 * MS)
        in_window++;
    window_us = n->now_us;
}

static void new_checks_are_50_ms_apart(void **state)
{
    net n;

    (void)state;
    in_window = 0;
    window_us = PP_NEVER;
    net_open(&n, 17);
    n.tap = watch_pace;
    net_add_base(&n, 0, "192.0.2.1", 5000, NULL);
    net_set_remote(&n, 0);
    for (uint16_t i = 1; i <= 8; i++) {
        char ip[32];
        snprintf(ip, sizeof(ip), "198.51.100.%u", (unsigned)i);
        pp_candidate c = {.type = PP_CANDIDATE_HOST,
                          .priority = i,
                          .address = net_address(ip, 9),
                          .foundation = {(char)('a' + i)}};
        assert_int_equal(pp_ice_add_remote(n.nodes[0].ice, &c, 0), 0);
    }
    net_advance(&n, 399 * MS);
    assert_int_equal(n.nodes[0].sent, 8);
    assert_int_equal(in_window, 0);
    net_close(&n);
}

static void free_it(void *arg, pp_ice_state state)
{
    node *at = arg;

    if (state == PP_ICE_CONNECTED)
        at->ice = pp_ice_free(at->ice);
}

static void an_agent_may_be_freed_in_its_own_handler(void **state)
{
    static const pp_ice_handlers handlers = {.send = net_send, .state = free_it};
    net n;

    (void)state;
    net_open(&n, 18);
    pp_ice_free(n.nodes[0].ice);
    assert_int_equal(pp_ice_new(&n.rng, true, &handlers, &n.nodes[0], &n.nodes[0].ice), 0);
    net_add_base(&n, 0, "192.0.2.1", 5000, NULL);
    net_add_base(&n, 1, "192.0.2.2", 6000, NULL);
    net_exchange(&n);
    for (int i = 0; i < 100 && n.nodes[0].ice; i++)
        net_advance(&n, 5 * MS);
    assert_null(n.nodes[0].ice);
    net_close(&n);
}

static void the_credentials_are_long_and_never_the_same(void **state)
{
    net n;

    (void)state;
    net_open(&n, 19);
    assert_int_equal(strlen(pp_ice_ufrag(n.nodes[0].ice)), 8);
    assert_int_equal(strlen(pp_ice_pwd(n.nodes[0].ice)), 24);
    assert_string_not_equal(pp_ice_ufrag(n.nodes[0].ice), pp_ice_ufrag(n.nodes[1].ice));
    assert_string_not_equal(pp_ice_pwd(n.nodes[0].ice), pp_ice_pwd(n.nodes[1].ice));
    net_close(&n);
}

static void a_local_candidate_has_the_priority_and_foundation_of_its_address(void **state)
{
    net n;
    const pp_ice *ice;

    (void)state;
    net_open(&n, 20);
    net_add_base(&n, 0, "192.0.2.1", 5000, NULL);
    net_add_base(&n, 0, "192.0.2.1", 5001, NULL);
    net_add_base(&n, 0, "192.0.2.9", 5000, NULL);
    ice = n.nodes[0].ice;
    assert_int_equal(pp_ice_local(ice, 0)->priority, 2130706431);
    assert_true(pp_ice_local(ice, 1)->priority < pp_ice_local(ice, 0)->priority);
    assert_string_equal(pp_ice_local(ice, 0)->foundation, pp_ice_local(ice, 1)->foundation);
    assert_string_not_equal(pp_ice_local(ice, 0)->foundation, pp_ice_local(ice, 2)->foundation);
    assert_null(pp_ice_local(ice, 3));
    assert_int_equal(pp_ice_add_local(n.nodes[0].ice, &n.nodes[0].bases[0], 0), PIPIT_ERR_ARGUMENT);
    net_close(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_agents_connect_in_three_round_trips),
        cmocka_unit_test(the_best_of_several_pairs_is_taken),
        cmocka_unit_test(a_worse_pair_is_taken_when_the_best_is_dead),
        cmocka_unit_test(an_agent_behind_a_nat_is_found_by_its_checks),
        cmocka_unit_test(an_answer_without_candidates_is_enough),
        cmocka_unit_test(checks_before_the_answer_count),
        cmocka_unit_test(two_agents_that_both_control_settle_it),
        cmocka_unit_test(two_agents_that_both_are_controlled_settle_it),
        cmocka_unit_test(a_bad_network_only_takes_longer),
        cmocka_unit_test(a_peer_that_is_not_there_fails_after_30_seconds),
        cmocka_unit_test(consent_is_asked_every_4_to_6_seconds),
        cmocka_unit_test(an_outage_of_29_seconds_is_survived),
        cmocka_unit_test(lost_consent_stops_all_sending),
        cmocka_unit_test(a_new_address_of_the_peer_is_followed),
        cmocka_unit_test(a_trickled_candidate_is_checked),
        cmocka_unit_test(candidates_may_come_before_the_credentials),
        cmocka_unit_test(a_loopback_candidate_is_for_a_loopback_base),
        cmocka_unit_test(a_check_from_a_loopback_address_shows_a_way_to_it),
        cmocka_unit_test(an_address_nobody_can_have_is_refused),
        cmocka_unit_test(many_candidates_cause_few_checks),
        cmocka_unit_test(new_checks_are_50_ms_apart),
        cmocka_unit_test(an_agent_may_be_freed_in_its_own_handler),
        cmocka_unit_test(the_credentials_are_long_and_never_the_same),
        cmocka_unit_test(a_local_candidate_has_the_priority_and_foundation_of_its_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
