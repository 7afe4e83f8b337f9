/* relayed.c - tests of peer connections with ICE servers: sound by way of relays, addresses outside of a NAT, and descriptions that
 * wait for them no longer than they should. */
#include "gather/mdns.h"
#include "pipit/error.h"
#include "support/turn/turn_sim.h"
#include "turn/message.h"
#include "unit/peer/support/side.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct world {
    sim *s;
    turn_sim *turn;
    side a, b;
} world;

static void open_world(world *w)
{
    *w = (world){0};
    assert_int_equal(sim_new(5, &w->s), 0);
    w->turn = turn_sim_new(w->s, "203.0.113.1", "turn.example.org");
    sim_add_host(w->s, "turn.example.org", "203.0.113.1");
}

/* `urls` NULL: no servers. */
static void open_side(world *w, side *out, const char *urls, bool relay_only)
{
    const pipit_ice_server server = {
        .urls = urls, .username = TURN_USER, .credential = TURN_PASSWORD, .insecure = true};

    side_open(w->s, out, out == &w->a,
              &(pipit_peer_configuration){.ice_servers = &server,
                                          .ice_server_count = urls != NULL,
                                          .ice_transport_policy =
                                              relay_only ? PIPIT_ICE_RELAY : PIPIT_ICE_ALL});
}

static void close_world(world *w)
{
    side_close(&w->a);
    side_close(&w->b);
    sim_advance_ms(w->s, 1000);
    assert_int_equal(turn_sim_allocations(w->turn), 0);
    turn_sim_free(w->turn);
    sim_free(w->s);
}

static bool is_ready(void *arg)
{
    return !pp_peer_is_gathering(((side *)arg)->peer);
}

/* The text of the description once the servers have answered; to be freed with pipit_free(). */
static char *described(world *w, side *s, bool offer)
{
    pp_buf sdp = {0};
    char *text;

    assert_int_equal(offer ? pp_peer_prepare_offer(s->peer) : pp_peer_prepare_answer(s->peer), 0);
    assert_true(sim_run_until(w->s, is_ready, s, 10000));
    assert_int_equal(
        offer ? pp_peer_create_offer(s->peer, &sdp) : pp_peer_create_answer(s->peer, &sdp), 0);
    assert_int_equal(pp_buf_take(&sdp, &text), 0);
    return text;
}

static void exchange(world *w)
{
    char *offer = described(w, &w->a, true), *answer;

    assert_int_equal(pp_peer_set_remote(w->b.peer, true, pp_str_c(offer)), 0);
    answer = described(w, &w->b, false);
    assert_int_equal(pp_peer_set_remote(w->a.peer, false, pp_str_c(answer)), 0);
    pipit_free(offer);
    pipit_free(answer);
}

static void assert_sound(world *w)
{
    w->a.heard = w->b.heard = 0;
    sim_advance_ms(w->s, 2000);
    assert_int_equal(w->a.state, PP_PEER_CONNECTED);
    assert_int_equal(w->b.state, PP_PEER_CONNECTED);
    assert_true(w->a.heard > 4000 && w->b.heard > 4000);
}

static bool is_relayed(const pp_peer *peer)
{
    pipit_stats stats;

    pp_peer_stats(peer, &stats);
    return strncmp(stats.local_candidate, "203.0.113.1:", 12) == 0;
}

static void two_who_relay_only_hear_each_other(void **state)
{
    static const char *const urls[] = {"turn:203.0.113.1", "turn:turn.example.org?transport=tcp",
                                       "turns:turn.example.org"};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        world w;

        open_world(&w);
        open_side(&w, &w.a, urls[i], true);
        open_side(&w, &w.b, urls[(i + 1) % 3], true);
        exchange(&w);
        assert_sound(&w);
        assert_true(is_relayed(w.a.peer) && is_relayed(w.b.peer));
        assert_true(turn_sim_server(w.turn)->channel_datas > 100);
        close_world(&w);
    }
}

static void one_who_relays_only_and_one_who_does_not_hear_each_other(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        world w;

        open_world(&w);
        open_side(&w, &w.a, i ? "turn:203.0.113.1" : NULL, i);
        open_side(&w, &w.b, i ? NULL : "turn:203.0.113.1", !i);
        exchange(&w);
        assert_sound(&w);
        assert_true(is_relayed(i ? w.a.peer : w.b.peer));
        assert_false(is_relayed(i ? w.b.peer : w.a.peer));
        close_world(&w);
    }
}

static void a_relay_is_not_used_where_there_is_a_way_without(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    open_side(&w, &w.a, "turn:203.0.113.1", false);
    open_side(&w, &w.b, "turn:203.0.113.1", false);
    exchange(&w);
    assert_sound(&w);
    assert_false(is_relayed(w.a.peer) || is_relayed(w.b.peer));
    assert_int_equal(turn_sim_server(w.turn)->channel_datas, 0);
    close_world(&w);
}

static void a_policy_of_relays_tells_no_other_address(void **state)
{
    char *offer;
    world w;

    (void)state;
    open_world(&w);
    open_side(&w, &w.a, "turn:203.0.113.1,stun:203.0.113.1", true);
    offer = described(&w, &w.a, true);
    assert_null(strstr(offer, "192.0.2.1"));
    assert_null(strstr(offer, "typ host"));
    assert_null(strstr(offer, "typ srflx"));
    assert_non_null(strstr(offer, "typ relay raddr 0.0.0.0 rport 0\r\n"));
    assert_non_null(strstr(offer, "c=IN IP4 203.0.113.1\r\n"));
    assert_non_null(strstr(offer, "a=end-of-candidates\r\n"));
    pipit_free(offer);
    open_side(&w, &w.b, NULL, false);
    close_world(&w);
}

static void candidates_have_what_they_are_related_to(void **state)
{
    char text[PP_PEER_CANDIDATE];
    char *offer;
    world w;

    (void)state;
    open_world(&w);
    open_side(&w, &w.a, "turn:203.0.113.1", false);
    offer = described(&w, &w.a, true);
    assert_non_null(strstr(offer, " typ host\r\n"));
    assert_non_null(strstr(offer, " typ relay raddr 192.0.2.1 rport "));
    assert_true(pp_peer_candidate(w.a.peer, 0, text) && strstr(text, "typ host"));
    assert_true(pp_peer_candidate(w.a.peer, 1, text) && strstr(text, "typ relay"));
    assert_false(pp_peer_candidate(w.a.peer, 2,
                                   text)); /* there is no NAT: the address outside is the same */
    assert_true(w.a.gathered >= 2);
    pipit_free(offer);
    open_side(&w, &w.b, NULL, false);
    close_world(&w);
}

static void a_silent_server_delays_a_description_for_some_seconds(void **state)
{
    pp_buf offer = {0};
    uint64_t start;
    world w;

    (void)state;
    open_world(&w);
    turn_sim_server(w.turn)->silent = true;
    open_side(&w, &w.a, "turn:203.0.113.1,stun:203.0.113.9", false);
    start = sim_now_us(w.s);
    assert_int_equal(pp_peer_prepare_offer(w.a.peer), 0);
    assert_true(pp_peer_is_gathering(w.a.peer));
    assert_true(sim_run_until(w.s, is_ready, &w.a, 10000));
    assert_in_range(sim_now_us(w.s) - start, 4990000, 5010000);
    assert_true(w.a.gathered > 0);
    assert_int_equal(pp_peer_create_offer(w.a.peer, &offer), 0);
    pp_buf_free(&offer);
    open_side(&w, &w.b, NULL, false);
    close_world(&w);
}

static void who_has_a_relay_waits_less_for_a_silent_server(void **state)
{
    pp_buf offer = {0};
    uint64_t start;
    world w;

    (void)state;
    open_world(&w);
    open_side(&w, &w.a, "turn:203.0.113.1,stun:203.0.113.9", false);
    start = sim_now_us(w.s);
    assert_int_equal(pp_peer_prepare_offer(w.a.peer), 0);
    assert_true(sim_run_until(w.s, is_ready, &w.a, 10000));
    assert_in_range(sim_now_us(w.s) - start, 1500000, 2000000);
    assert_int_equal(pp_peer_create_offer(w.a.peer, &offer), 0);
    assert_non_null(memmem(offer.p, offer.n, " typ relay ", 11));
    pp_buf_free(&offer);
    open_side(&w, &w.b, NULL, false);
    close_world(&w);
}

static void nobody_is_called_without_the_relay_he_asks_for(void **state)
{
    pp_buf offer = {0};
    world w;

    (void)state;
    open_world(&w);
    turn_sim_server(w.turn)->refuses = 486;
    turn_sim_server(w.turn)->refuses_method = PP_TURN_ALLOCATE;
    open_side(&w, &w.a, "turn:203.0.113.1", true);
    open_side(&w, &w.b, NULL, false);
    assert_int_equal(pp_peer_prepare_offer(w.a.peer), 0);
    assert_true(sim_run_until(w.s, is_ready, &w.a, 10000));
    assert_int_equal(pp_peer_create_offer(w.a.peer, &offer), PIPIT_ERR_IO);
    assert_non_null(strstr(pipit_error_message(), "as many allocations as the server allows"));
    pp_buf_free(&offer);
    close_world(&w);
}

static void a_description_may_be_made_before_the_servers_answer(void **state)
{
    pp_buf offer = {0}, answer = {0};
    world w;

    (void)state;
    open_world(&w);
    open_side(&w, &w.a, "turn:203.0.113.1", false);
    open_side(&w, &w.b, NULL, false);
    assert_int_equal(pp_peer_create_offer(w.a.peer, &offer), 0);
    assert_int_equal(pp_peer_set_remote(w.b.peer, true, pp_buf_text(&offer)), 0);
    assert_int_equal(pp_peer_create_answer(w.b.peer, &answer), 0);
    assert_int_equal(pp_peer_set_remote(w.a.peer, false, pp_buf_text(&answer)), 0);
    pp_buf_free(&offer);
    pp_buf_free(&answer);
    assert_sound(&w);
    close_world(&w);
}

static void a_restart_allocates_anew_and_gives_back_the_old(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    open_side(&w, &w.a, "turn:203.0.113.1", true);
    open_side(&w, &w.b, "turn:203.0.113.1?transport=tcp", true);
    exchange(&w);
    assert_sound(&w);
    assert_int_equal(turn_sim_allocations(w.turn), 2);
    assert_int_equal(pp_peer_restart_ice(w.a.peer, true), 0);
    exchange(&w);
    assert_sound(&w);
    assert_int_equal(turn_sim_allocations(w.turn), 2);
    assert_int_equal(turn_sim_server(w.turn)->requests[3], 4);
    close_world(&w);
}

static void a_relay_that_is_lost_ends_the_path(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    open_side(&w, &w.a, "turn:203.0.113.1?transport=tcp", true);
    open_side(&w, &w.b, NULL, false);
    exchange(&w);
    assert_sound(&w);
    sim_break_streams(w.s);
    sim_advance_ms(w.s, 12000);
    assert_int_equal(w.a.state, PP_PEER_DISCONNECTED);
    assert_int_equal(pp_peer_restart_ice(w.a.peer, true), 0);
    exchange(&w);
    assert_sound(&w);
    close_world(&w);
}

/* Longer than allocation, permission and channel last. */
static void a_relayed_call_goes_on_for_long(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    turn_sim_server(w.turn)->stale_after = 7;
    turn_sim_server(w.turn)->lifetime_s = 120;
    open_side(&w, &w.a, "turn:203.0.113.1", true);
    open_side(&w, &w.b, "turns:turn.example.org", true);
    exchange(&w);
    assert_sound(&w);
    for (unsigned i = 0; i < 4; i++) {
        sim_advance_ms(w.s, 80000);
        assert_int_equal(w.a.state, PP_PEER_CONNECTED);
        assert_int_equal(w.b.state, PP_PEER_CONNECTED);
    }
    assert_sound(&w);
    assert_true(turn_sim_server(w.turn)->requests[PP_TURN_REFRESH] >= 2);
    close_world(&w);
}

static void forks_share_the_relays_of_their_offer(void **state)
{
    side other = {0};
    char *offer, *answer;
    world w;

    (void)state;
    open_world(&w);
    open_side(&w, &w.a, "turn:203.0.113.1", true);
    open_side(&w, &w.b, NULL, false);
    offer = described(&w, &w.a, true);
    assert_int_equal(pp_peer_fork(w.a.peer, &side_handlers, &other, &other.peer), 0);
    assert_int_equal(pp_peer_set_remote(w.b.peer, true, pp_str_c(offer)), 0);
    answer = described(&w, &w.b, false);
    assert_int_equal(pp_peer_set_remote(other.peer, false, pp_str_c(answer)), 0);
    assert_int_equal(pp_peer_hand_over(w.a.peer, other.peer), 0);
    w.a.peer = pp_peer_free(w.a.peer); /* the fork lives on, and so do the relays */
    w.b.heard = 0;
    sim_advance_ms(w.s, 3000);
    assert_int_equal(other.state, PP_PEER_CONNECTED);
    assert_true(w.b.heard > 8000);
    assert_int_equal(turn_sim_allocations(w.turn), 1);
    pp_peer_free(other.peer);
    pipit_free(offer);
    pipit_free(answer);
    close_world(&w);
}

#define NAME "fc2f4a45-6a3b-4b2e-8d9f-0a1b2c3d4e5f.local"

/* Who has the name says where he is. */
static void on_query(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    pp_udp **responder = arg;
    pp_buf out = {0};

    if (size < 12 || data[2] & 0x80)
        return;
    pp_mdns_write_query(PP_LIT(NAME), &out);
    pp_buf_set_u16(&out, 2, 0x8400);
    pp_buf_set_u16(&out, 6, 1);
    pp_buf_u32(&out, 0xC00C0001);
    pp_buf_u16(&out, 0x8001);
    pp_buf_u32(&out, 120);
    pp_buf_u16(&out, 4);
    pp_buf_str(&out, PP_LIT("\xC0\0\2\1"));
    (void)pp_udp_send(*responder, from, out.p, out.n);
    pp_buf_free(&out);
}

/* As browsers do it: a name for the address. */
static char *hidden(const char *sdp)
{
    pp_buf out = {0};
    char *text;

    while (*sdp) {
        const char *at = strstr(sdp, " 192.0.2.1 "), *end = at ? at : sdp + strlen(sdp);

        pp_buf_add(&out, sdp, (size_t)(end - sdp));
        if (at)
            pp_buf_c(&out, " " NAME " ");
        sdp = at ? at + strlen(" 192.0.2.1 ") : end;
    }
    assert_int_equal(pp_buf_take(&out, &text), 0);
    return text;
}

static void a_name_in_the_place_of_an_address_is_looked_up(void **state)
{
    pp_addr group = {0};

    (void)state;
    assert_true(pp_addr_parse(PP_LIT("224.0.0.251"), 5353, &group));
    for (unsigned off = 0; off < 2; off++) {
        pipit_peer_configuration configuration = {.codecs = "PCMU", .no_mdns = off};
        const pipit_media_stream silence = {0};
        char *offer, *answer, *named;
        pp_udp *responder = NULL;
        pipit_stats stats;
        world w;

        open_world(&w);
        assert_int_equal(
            sim_loop(w.s)->ops->udp_open(sim_loop(w.s), &group, on_query, &responder, &responder),
            0);
        assert_int_equal(pp_peer_new(sim_loop(w.s), &configuration, &silence, true, &side_handlers,
                                     &w.a, &w.a.peer),
                         0);
        open_side(&w, &w.b, NULL, false);
        offer = described(&w, &w.a, true);
        assert_int_equal(pp_peer_set_remote(w.b.peer, true, pp_str_c(offer)), 0);
        answer = described(&w, &w.b, false);
        named = hidden(answer);
        assert_int_equal(pp_peer_set_remote(w.a.peer, false, pp_str_c(named)), 0);
        sim_advance_ms(w.s, 4000);
        assert_int_equal(w.a.state, PP_PEER_CONNECTED);
        pp_peer_stats(w.a.peer, &stats);
        assert_string_equal(stats.remote_candidate_type, off ? "prflx" : "host");
        pipit_free(offer);
        pipit_free(answer);
        pipit_free(named);
        pp_udp_close(responder);
        close_world(&w);
    }
}

static void servers_that_cannot_be_used_are_refused(void **state)
{
    const pipit_ice_server bad = {.urls = "turn:"}, stun = {.urls = "stun:203.0.113.1"};
    const pipit_peer_configuration refused[] = {
        {.ice_servers = &bad, .ice_server_count = 1},
        {.ice_transport_policy = PIPIT_ICE_RELAY},
        {.ice_servers = &stun, .ice_server_count = 1, .ice_transport_policy = PIPIT_ICE_RELAY},
    };
    static const int errors[] = {PIPIT_ERR_SYNTAX, PIPIT_ERR_ARGUMENT, PIPIT_ERR_ARGUMENT};
    const pipit_media_stream stream = {0};
    pp_peer *peer = NULL;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(5, &s), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            pp_peer_new(sim_loop(s), &refused[i], &stream, true, &side_handlers, NULL, &peer),
            errors[i]);
        assert_null(peer);
        assert_non_null(strstr(pipit_error_message(), "ice_"));
    }
    sim_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_who_relay_only_hear_each_other),
        cmocka_unit_test(one_who_relays_only_and_one_who_does_not_hear_each_other),
        cmocka_unit_test(a_relay_is_not_used_where_there_is_a_way_without),
        cmocka_unit_test(a_policy_of_relays_tells_no_other_address),
        cmocka_unit_test(candidates_have_what_they_are_related_to),
        cmocka_unit_test(a_silent_server_delays_a_description_for_some_seconds),
        cmocka_unit_test(who_has_a_relay_waits_less_for_a_silent_server),
        cmocka_unit_test(nobody_is_called_without_the_relay_he_asks_for),
        cmocka_unit_test(a_description_may_be_made_before_the_servers_answer),
        cmocka_unit_test(a_restart_allocates_anew_and_gives_back_the_old),
        cmocka_unit_test(a_relay_that_is_lost_ends_the_path),
        cmocka_unit_test(a_relayed_call_goes_on_for_long),
        cmocka_unit_test(forks_share_the_relays_of_their_offer),
        cmocka_unit_test(a_name_in_the_place_of_an_address_is_looked_up),
        cmocka_unit_test(servers_that_cannot_be_used_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
