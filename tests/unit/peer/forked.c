/* forked.c - one offer that several far ends answer, or an offer of each of them: each has a path and keys of its own, and one of them is
 * heard. */
#include "base/error.h"
#include "support/scarce.h"
#include "unit/peer/support/side.h"

#include <stdio.h>

static void answer(pp_peer *caller, pp_str offer, side *callee)
{
    pp_buf text = {0};

    assert_int_equal(pp_peer_set_remote(callee->peer, true, offer), 0);
    assert_int_equal(pp_peer_create_answer(callee->peer, &text), 0);
    assert_int_equal(pp_peer_set_remote(caller, false, pp_buf_text(&text)), 0);
    pp_buf_free(&text);
}

/* `fork` is the caller's second peer; both callees have answered. */
typedef struct trio {
    sim *s;
    side caller, fork, first, second;
} trio;

static void begin(trio *t)
{
    pp_buf offer = {0};

    *t = (trio){0};
    assert_int_equal(sim_new(11, &t->s), 0);
    side_open(t->s, &t->caller, true, &(pipit_peer_configuration){0});
    side_open(t->s, &t->first, false, &(pipit_peer_configuration){0});
    side_open(t->s, &t->second, false, &(pipit_peer_configuration){0});
    assert_int_equal(pp_peer_fork(t->caller.peer, &side_handlers, &t->fork, &t->fork.peer),
                     PIPIT_ERR_STATE); /* nothing was offered */
    assert_int_equal(pp_peer_create_offer(t->caller.peer, &offer), 0);
    answer(t->caller.peer, pp_buf_text(&offer), &t->first);
    assert_int_equal(pp_peer_fork(t->caller.peer, &side_handlers, &t->fork, &t->fork.peer), 0);
    answer(t->fork.peer, pp_buf_text(&offer), &t->second);
    pp_buf_free(&offer);
    sim_advance_ms(t->s, 2000);
    assert_int_equal(t->caller.state, PP_PEER_CONNECTED);
    assert_int_equal(t->fork.state, PP_PEER_CONNECTED);
    assert_int_equal(t->first.state, PP_PEER_CONNECTED);
    assert_int_equal(t->second.state, PP_PEER_CONNECTED);
}

static void run_on(trio *t)
{
    sim_advance_ms(t->s, 500);
    t->caller.heard = t->first.heard = t->second.heard = 0;
    sim_advance_ms(t->s, 1000);
}

static void end(trio *t)
{
    side_close(&t->first);
    side_close(&t->second);
    sim_free(t->s);
}

static void two_far_ends_answer_one_offer(void **state)
{
    trio t;
    pipit_stats stats;

    (void)state;
    begin(&t);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.first.heard > 8000);
    assert_int_equal(t.second.heard, 0);
    assert_int_equal(pp_peer_hand_over(t.caller.peer, t.fork.peer), 0);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.second.heard > 8000);
    assert_int_equal(t.first.heard, 0);
    pp_peer_stats(t.fork.peer, &stats);
    assert_true(stats.packets_received > 100);
    assert_int_equal(pp_peer_hand_over(t.fork.peer, t.caller.peer), 0); /* and back */
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.first.heard > 8000);
    assert_int_equal(t.second.heard, 0);
    t.fork.peer = pp_peer_free(t.fork.peer);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.first.heard > 8000);
    assert_int_equal(t.second.state, PP_PEER_DISCONNECTED);
    side_close(&t.caller);
    end(&t);
}

static void the_first_may_go_before_the_others(void **state)
{
    trio t;
    pp_buf offer = {0};

    (void)state;
    begin(&t);
    assert_int_equal(pp_peer_hand_over(t.caller.peer, t.fork.peer), 0);
    t.caller.peer = pp_peer_free(t.caller.peer);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.second.heard > 8000);
    /* what is left is a call like any other */
    assert_int_equal(pp_peer_restart_ice(t.fork.peer, true), 0);
    assert_int_equal(pp_peer_create_offer(t.fork.peer, &offer), 0);
    answer(t.fork.peer, pp_buf_text(&offer), &t.second);
    pp_buf_free(&offer);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.second.heard > 8000);
    assert_int_equal(t.fork.state, PP_PEER_CONNECTED);
    t.fork.peer = pp_peer_free(t.fork.peer);
    side_close(&t.caller);
    end(&t);
}

/* --- of who answers --------------------------------------------------------------------------- */

static void offer_to(side *caller, pp_peer *callee)
{
    pp_buf offer = {0}, text = {0};

    assert_int_equal(pp_peer_create_offer(caller->peer, &offer), 0);
    assert_int_equal(pp_peer_set_remote(callee, true, pp_buf_text(&offer)), 0);
    assert_int_equal(pp_peer_create_answer(callee, &text), 0);
    assert_int_equal(pp_peer_set_remote(caller->peer, false, pp_buf_text(&text)), 0);
    pp_buf_free(&offer);
    pp_buf_free(&text);
}

/* Each offers for himself, and the one that is asked goes on without the first. */
static void two_offers_are_answered_by_two(void **state)
{
    trio t = {0}; /* `caller` is asked, with `fork` */

    (void)state;
    assert_int_equal(sim_new(12, &t.s), 0);
    side_open(t.s, &t.caller, false, &(pipit_peer_configuration){0});
    side_open(t.s, &t.first, true, &(pipit_peer_configuration){0});
    side_open(t.s, &t.second, true, &(pipit_peer_configuration){0});
    offer_to(&t.first, t.caller.peer);
    assert_int_equal(pp_peer_fork(t.caller.peer, &side_handlers, &t.fork, &t.fork.peer), 0);
    offer_to(&t.second, t.fork.peer);
    run_on(&t);
    assert_int_equal(t.fork.state, PP_PEER_CONNECTED);
    assert_true(t.caller.heard > 8000 && t.first.heard > 8000);
    assert_int_equal(t.second.heard, 0);
    assert_int_equal(pp_peer_hand_over(t.caller.peer, t.fork.peer), 0);
    t.caller.peer = pp_peer_free(t.caller.peer);
    run_on(&t);
    assert_true(t.caller.heard > 8000 && t.second.heard > 8000);
    assert_int_equal(t.first.heard, 0);
    t.fork.peer = pp_peer_free(t.fork.peer);
    side_close(&t.caller);
    end(&t);
}

/* It is configured as the other one, or is not there. */
static void one_more_survives_short_memory(void **state)
{
    static const pipit_ice_server servers[] = {{.urls = "stun:192.0.2.9"}};
    const pipit_peer_configuration configuration = {
        .interfaces = "all", .ice_servers = servers, .ice_server_count = 1};
    const pipit_media_stream nothing = {0};
    uint64_t failing = 0;
    bool failed;

    (void)state;
    do {
        pp_peer *peer = NULL, *another = NULL;
        side unused = {0};
        sim *s = NULL;
        int err;

        assert_int_equal(sim_new(13, &s), 0);
        scarce_begin(0);
        assert_int_equal(pp_peer_new(sim_loop(s), &configuration, &nothing, false, &side_handlers,
                                     &unused, &peer),
                         0);
        scarce_fail(++failing);
        err = pp_peer_fork(peer, &side_handlers, &unused, &another);
        failed = scarce_memory.failed;
        scarce_relax();
        assert_int_equal(err, failed ? PIPIT_ERR_MEMORY : 0);
        assert_true(failed == (another == NULL));
        pp_peer_free(another);
        pp_peer_free(peer);
        sim_advance_ms(s, 10);
        assert_int_equal(scarce_end(), 0);
        sim_free(s);
    } while (failed);
    assert_true(failing > 4);
}

static void a_refusal_has_every_section_and_takes_none(void **state)
{
    static const char offer[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
                                "a=group:BUNDLE a b\r\n"
                                "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=mid:a\r\n"
                                "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:b\r\n";
    static const char refusal[] = "s=-\r\nt=0 0\r\n"
                                  "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"
                                  "a=mid:a\r\na=inactive\r\n"
                                  "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                                  "c=IN IP4 0.0.0.0\r\na=mid:b\r\na=inactive\r\n";
    pp_buf text = {0};
    sim *s = NULL;

    (void)state;
    assert_int_equal(sim_new(14, &s), 0);
    assert_int_equal(pp_peer_refuse(&sim_loop(s)->rng, pp_str_c(offer), &text), 0);
    pp_buf_char(&text, '\0');
    assert_non_null(strstr(text.p, refusal));
    pp_buf_clear(&text);
    assert_int_equal(pp_peer_refuse(&sim_loop(s)->rng, PP_LIT("no offer"), &text),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(text.n, 0);
    pp_buf_free(&text);
    sim_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_far_ends_answer_one_offer),
        cmocka_unit_test(the_first_may_go_before_the_others),
        cmocka_unit_test(two_offers_are_answered_by_two),
        cmocka_unit_test(one_more_survives_short_memory),
        cmocka_unit_test(a_refusal_has_every_section_and_takes_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
