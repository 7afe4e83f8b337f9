/* nat.c - calls between networks: each kind of NAT on either side, and no UDP at all. Each call works; by way of the relay where
 * there is no other. Prints the table. */
#include "support/nats.h"
#include "support/turn/turn_sim.h"
#include "unit/peer/support/side.h"

#include <stdio.h>
#include <stdlib.h>

static void open_side(sim *s, side *out, const char *interface)
{
    const pipit_ice_server server = {
        .urls = "stun:203.0.113.1,turn:203.0.113.1,turns:203.0.113.1:5349?transport=tcp",
        .username = TURN_USER,
        .credential = TURN_PASSWORD,
        .insecure = true};

    side_open(s, out, interface[3] == '0',
              &(pipit_peer_configuration){.codecs = "PCMU",
                                          .interfaces = interface,
                                          .ice_servers = &server,
                                          .ice_server_count = 1,
                                          .ice_gathering_timeout_ms = 2000});
}

static bool is_ready(void *arg)
{
    return !pp_peer_is_gathering(((side *)arg)->peer);
}

static void describe(sim *s, side *from, side *to, bool offer)
{
    pp_buf sdp = {0};

    assert_int_equal(offer ? pp_peer_prepare_offer(from->peer) : pp_peer_prepare_answer(from->peer),
                     0);
    assert_true(sim_run_until(s, is_ready, from, 10000));
    assert_int_equal(offer ? pp_peer_create_offer(from->peer, &sdp)
                           : pp_peer_create_answer(from->peer, &sdp),
                     0);
    assert_int_equal(pp_peer_set_remote(to->peer, offer, pp_buf_text(&sdp)), 0);
    pp_buf_free(&sdp);
}

/* Symmetric mappings are of use to nobody who checks ports; without UDP there is no way at all but the relay's. */
static bool needs_relay(nat_kind a, nat_kind b)
{
    if (a == NAT_NO_UDP || b == NAT_NO_UDP)
        return true;
    return (a == NAT_SYMMETRIC && b >= NAT_PORT_RESTRICTED) ||
           (b == NAT_SYMMETRIC && a >= NAT_PORT_RESTRICTED);
}

static const char *call(nat_kind first, nat_kind second)
{
    static const char *const ways[] = {"direct", "relayed"};
    side a = {0}, b = {0};
    pipit_stats stats[2];
    turn_sim *turn;
    bool relayed;
    static nats n;
    sim *s;

    assert_int_equal(sim_new(7, &s), 0);
    sim_set_delay(s, 10000, 0);
    nats_begin(&n, s, first, second);
    turn = turn_sim_new(s, "203.0.113.1", "turn.example.org");
    open_side(s, &a, "sim0");
    open_side(s, &b, "sim1");
    describe(s, &a, &b, true);
    describe(s, &b, &a, false);
    sim_advance_ms(s, 3000);
    assert_int_equal(a.state, PP_PEER_CONNECTED);
    assert_int_equal(b.state, PP_PEER_CONNECTED);
    assert_true(a.heard > 4000 && b.heard > 4000);
    pp_peer_stats(a.peer, &stats[0]);
    pp_peer_stats(b.peer, &stats[1]);
    relayed = strcmp(stats[0].local_candidate_type, "relay") == 0 ||
              strcmp(stats[1].local_candidate_type, "relay") == 0;
    side_close(&a);
    side_close(&b);
    sim_advance_ms(s, 1000);
    turn_sim_free(turn);
    sim_filter_datagrams(s, NULL, NULL);
    sim_free(s);
    return ways[relayed];
}

static void a_call_works_between_any_two_networks(void **state)
{
    (void)state;
    printf("figure: NAT matrix, caller by callee: ");
    for (nat_kind b = 0; b < NAT_KINDS; b++)
        printf("%s%s", b ? ", " : "", nat_name(b));
    printf("\n");
    for (nat_kind a = 0; a < NAT_KINDS; a++) {
        printf("figure: %-19s", nat_name(a));
        for (nat_kind b = 0; b < NAT_KINDS; b++) {
            const char *way = call(a, b);

            printf(" %-8s", way);
            assert_string_equal(way, needs_relay(a, b) ? "relayed" : "direct");
        }
        printf("\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_works_between_any_two_networks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
