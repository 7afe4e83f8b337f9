/* reflexive.c - candidates that are not on this machine: what STUN servers and relays give, how they are asked, and what is
 * paired of them. */
#include "unit/ice/support/script.h"

#include "base/limits.h"
#include "base/timers.h"
#include "pipit/error.h"
#include "support/scarce.h"

static script *asking(const pp_addr *server)
{
    script *s = begin(true, false);

    assert_int_equal(pp_ice_add_server(s->ice, server, s->now_us), 0);
    assert_true(pp_ice_is_gathering(s->ice));
    advance(s, 1);
    return s;
}

static void server_says(script *s, const pp_addr *server, const char *ip, uint16_t port)
{
    pp_stun m = success(request_to(s, server));

    m.mapped = address(ip, port);
    deliver(s, server, &m, PP_STR_NONE);
}

static void a_server_tells_the_address_outside(void **state)
{
    const pp_addr server = address("203.0.113.1", 3478), host = address("192.0.2.1", 5000);
    script *s = asking(&server);

    (void)state;
    assert_int_equal(s->count, 1);
    assert_false(last(s)->stun.has_username || last(s)->stun.has_integrity);
    server_says(s, &server, "198.51.100.50", 61000);
    assert_false(pp_ice_is_gathering(s->ice));
    assert_int_equal(s->reflexive, 1);
    assert_int_equal(pp_ice_local_count(s->ice), 2);
    const pp_candidate *c = pp_ice_local(s->ice, 1);
    assert_int_equal(c->type, PP_CANDIDATE_SRFLX);
    assert_int_equal(c->priority, 100u << 24 | 65535u << 8 | 255);
    assert_int_equal(c->address.port, 61000);
    assert_true(pp_addr_eq(&c->related, &host));
    assert_string_not_equal(c->foundation, pp_ice_local(s->ice, 0)->foundation);
    script_free(s);
}

static void an_address_that_is_the_hosts_own_is_no_candidate(void **state)
{
    const pp_addr server = address("203.0.113.1", 3478);
    script *s = asking(&server);

    (void)state;
    server_says(s, &server, "192.0.2.1", 5000);
    assert_int_equal(pp_ice_local_count(s->ice), 1);
    assert_false(pp_ice_is_gathering(s->ice));
    script_free(s);
}

static void a_stranger_tells_nothing(void **state)
{
    const pp_addr server = address("203.0.113.1", 3478), stranger = address("203.0.113.2", 3478);
    script *s = asking(&server);
    pp_stun m = success(last(s));

    (void)state;
    m.mapped = address("198.51.100.50", 61000);
    deliver(s, &stranger, &m, PP_STR_NONE);
    m.transaction[0] ^= 1;
    deliver(s, &server, &m, PP_STR_NONE);
    assert_int_equal(pp_ice_local_count(s->ice), 1);
    assert_true(pp_ice_is_gathering(s->ice));
    script_free(s);
}

static void a_silent_server_is_given_up(void **state)
{
    const pp_addr server = address("203.0.113.1", 3478);
    script *s = asking(&server);

    (void)state;
    advance(s, 63 * SECOND);
    assert_int_equal(s->count, 7);
    advance(s, 2 * SECOND);
    assert_false(pp_ice_is_gathering(s->ice));
    assert_int_equal(s->reflexive, 1);
    assert_true(pp_ice_deadline_us(s->ice) == PP_NEVER);
    script_free(s);
}

static void a_server_of_the_other_family_is_not_asked(void **state)
{
    const pp_addr server = address("2001:db8::1", 3478), none = address("203.0.113.1", 0);
    script *s = begin(true, false);

    (void)state;
    assert_int_equal(pp_ice_add_server(s->ice, &server, s->now_us), 0);
    assert_false(pp_ice_is_gathering(s->ice));
    assert_int_equal(pp_ice_add_server(s->ice, &none, s->now_us), PIPIT_ERR_ARGUMENT);
    script_free(s);
}

static void a_binding_is_kept_until_a_pair_is_in_use(void **state)
{
    const pp_addr server = address("203.0.113.1", 3478);
    script *s = asking(&server);

    (void)state;
    for (unsigned i = 0; i < 8; i++) { /* two minutes of ringing */
        server_says(s, &server, "198.51.100.50", 61000);
        advance(s, 15 * SECOND + 1);
        assert_int_equal(s->count, 2 + i);
    }
    server_says(s, &server, "198.51.100.50", 61000);
    assert_int_equal(pp_ice_local_count(s->ice), 2);
    set_remote(s, THEIR_UFRAG, false);
    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 1);
    answer(s, &s->peer);
    answer(s, &s->peer);
    assert_int_equal(pp_ice_get_state(s->ice), PP_ICE_CONNECTED);
    for (unsigned i = 0; i < 10; i++) { /* consent alone from now on */
        advance(s, 3 * SECOND);
        assert_true(pp_addr_eq(&last(s)->to, &s->peer));
        answer(s, &s->peer);
    }
    script_free(s);
}

static void a_reflexive_candidate_is_not_paired_but_recognised(void **state)
{
    const pp_addr server = address("203.0.113.1", 3478);
    script *s = asking(&server);
    pp_candidate local, remote;
    size_t before;
    pp_stun m;

    (void)state;
    server_says(s, &server, "198.51.100.50", 61000);
    set_remote(s, THEIR_UFRAG, false);
    add_remote(s, "198.51.100.7", 7000, 100);
    before = s->count;
    advance(s, 400 * MS);
    assert_int_equal(s->count, before + 1); /* one check: from the host candidate */
    for (unsigned i = 0; i < 2; i++) {
        m = success(request_to(s, &s->peer));
        m.mapped = address("198.51.100.50", 61000);
        deliver(s, &s->peer, &m, PP_LIT(THEIR_PWD));
    }
    assert_true(pp_ice_selected(s->ice, &local, &remote, NULL));
    assert_int_equal(local.type, PP_CANDIDATE_SRFLX);
    script_free(s);
}

static const pp_ice_relay *relay_on(unsigned base, uint16_t port, pp_relay_path path)
{
    static pp_ice_relay relay;

    relay = (pp_ice_relay){.base = base, .path = path};
    relay.address = address("203.0.113.9", port);
    relay.mapped = address("198.51.100.50", 62000);
    relay.server = address("203.0.113.9", 3478);
    return &relay;
}

static void a_relay_is_a_base_of_its_own(void **state)
{
    script *s = begin(true, true);
    pp_candidate local, remote;

    (void)state;
    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 1);
    assert_int_equal(last(s)->base, 0);
    assert_int_equal(pp_ice_add_relay(s->ice, relay_on(5, 50000, PP_RELAY_UDP)), 0);
    assert_int_equal(pp_ice_add_relay(s->ice, relay_on(5, 50001, PP_RELAY_UDP)),
                     PIPIT_ERR_ARGUMENT);
    advance(s, 60 * MS);
    assert_int_equal(last(s)->base, 5);
    for (unsigned i = 0; i < 2; i++) { /* the host's is not answered */
        pp_stun m = success(request_to(s, &s->peer));
        pp_buf packet = {0};

        m.mapped = address("203.0.113.9", 50000);
        assert_int_equal(pp_stun_write(&m, PP_LIT(THEIR_PWD), &packet), 0);
        pp_ice_receive(s->ice, last(s)->base, &s->peer, (const uint8_t *)packet.p, packet.n,
                       s->now_us);
        pp_buf_free(&packet);
        if (!i) /* the better pair may still come */
            advance(s, 700 * MS);
    }
    assert_true(pp_ice_selected(s->ice, &local, &remote, NULL));
    assert_int_equal(local.type, PP_CANDIDATE_RELAY);
    assert_int_equal(local.base, 5);
    assert_true(pp_ice_is_verified(s->ice, 5, &s->peer));
    assert_false(pp_ice_is_verified(s->ice, 0, &s->peer));
    script_free(s);
}

static void the_way_to_a_relay_decides_between_relays(void **state)
{
    script *s = begin(true, false);
    const pp_candidate *c[3];

    (void)state;
    assert_int_equal(pp_ice_add_relay(s->ice, relay_on(5, 50000, PP_RELAY_TLS)), 0);
    assert_int_equal(pp_ice_add_relay(s->ice, relay_on(6, 50001, PP_RELAY_TCP)), 0);
    assert_int_equal(pp_ice_add_relay(s->ice, relay_on(7, 50002, PP_RELAY_UDP)), 0);
    for (size_t i = 0; i < 3; i++)
        c[i] = pp_ice_local(s->ice, i + 1);
    assert_true(c[0]->priority < c[1]->priority && c[1]->priority < c[2]->priority);
    assert_true(c[2]->priority < pp_ice_local(s->ice, 0)->priority);
    assert_string_equal(c[0]->foundation, c[1]->foundation);
    assert_int_equal(c[0]->related.port, 62000);
    script_free(s);
}

static void a_relay_that_is_gone_is_not_used_any_more(void **state)
{
    script *s = begin(true, true);

    (void)state;
    assert_int_equal(pp_ice_add_relay(s->ice, relay_on(5, 50000, PP_RELAY_UDP)), 0);
    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 60 * MS);
    assert_int_equal(last(s)->base, 5);
    pp_ice_remove_base(s->ice, 5);
    assert_int_equal(pp_ice_local_count(s->ice), 1);
    for (unsigned i = 0; i < 20; i++) {
        advance(s, SECOND);
        assert_int_equal(last(s)->base, 0);
    }
    script_free(s);
}

static void a_fork_has_the_same_candidates_and_asks_nobody(void **state)
{
    static const pp_ice_handlers handlers = {0};
    const pp_addr server = address("203.0.113.1", 3478);
    script *s = asking(&server);
    pp_ice *fork = NULL;

    (void)state;
    server_says(s, &server, "198.51.100.50", 61000);
    assert_int_equal(pp_ice_add_relay(s->ice, relay_on(5, 50000, PP_RELAY_UDP)), 0);
    assert_int_equal(pp_ice_fork(s->ice, &handlers, s, &fork), 0);
    assert_int_equal(pp_ice_local_count(fork), 3);
    assert_false(pp_ice_is_gathering(fork));
    assert_true(pp_ice_deadline_us(fork) == PP_NEVER);
    pp_ice_free(fork);
    script_free(s);
}

static void questions_and_candidates_have_limits(void **state)
{
    const pp_addr server = address("203.0.113.1", 3478);
    script *s = begin(true, false);
    unsigned asked = 0, relays = 0;

    (void)state;
    while (pp_ice_add_server(s->ice, &server, s->now_us) == 0)
        asked++;
    assert_int_equal(asked, PP_LIMIT_ICE_QUESTIONS);
    while (pp_ice_add_relay(s->ice, relay_on(5 + relays, 50000, PP_RELAY_UDP)) == 0)
        relays++;
    assert_int_equal(relays + 1, PP_LIMIT_ICE_LOCAL_CANDIDATES);
    script_free(s);
}

static void candidates_short_of_memory_are_left_out(void **state)
{
    const pp_addr server = address("203.0.113.1", 3478);

    (void)state;
    for (uint64_t n = 1; n < 40; n++) {
        script *s = script_new();

        scarce_begin(n);
        if (script_open(s, true) == 0) {
            (void)pp_ice_add_server(s->ice, &server, s->now_us);
            (void)pp_ice_add_relay(s->ice, relay_on(5, 50000, PP_RELAY_UDP));
            advance(s, 70 * SECOND);
        }
        pp_ice_free(s->ice);
        s->ice = NULL;
        assert_int_equal(scarce_end(), 0);
        script_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_tells_the_address_outside),
        cmocka_unit_test(an_address_that_is_the_hosts_own_is_no_candidate),
        cmocka_unit_test(a_stranger_tells_nothing),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(a_server_of_the_other_family_is_not_asked),
        cmocka_unit_test(a_binding_is_kept_until_a_pair_is_in_use),
        cmocka_unit_test(a_reflexive_candidate_is_not_paired_but_recognised),
        cmocka_unit_test(a_relay_is_a_base_of_its_own),
        cmocka_unit_test(the_way_to_a_relay_decides_between_relays),
        cmocka_unit_test(a_relay_that_is_gone_is_not_used_any_more),
        cmocka_unit_test(a_fork_has_the_same_candidates_and_asks_nobody),
        cmocka_unit_test(questions_and_candidates_have_limits),
        cmocka_unit_test(candidates_short_of_memory_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
