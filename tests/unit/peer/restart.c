/* restart.c - tests of ICE restarts between two peer connections: either side asks, the network changes, the restart comes to
 * nothing or is taken back. The sound is measured, and the DTLS association stays the one it was. */
#include "base/error.h"
#include "unit/peer/support/side.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct pair {
    sim *s;
    side a, b;
    unsigned hellos; /* datagrams of DTLS handshakes */
    bool deaf;       /* STUN is lost */
} pair;

static bool pass(void *arg, const pp_addr *from, const pp_addr *to, const uint8_t *data,
                 size_t size)
{
    pair *p = arg;

    (void)from;
    (void)to;
    p->hellos += size && data[0] == 22;
    return !(p->deaf && size && data[0] < 4);
}

static void begin(pair *p, uint64_t seed)
{
    *p = (pair){0};
    assert_int_equal(sim_new(seed, &p->s), 0);
    sim_filter_datagrams(p->s, pass, p);
    side_open(p->s, &p->a, true, &(pipit_peer_configuration){.codecs = "PCMU"});
    side_open(p->s, &p->b, false, &(pipit_peer_configuration){.codecs = "PCMU"});
    side_connect(&p->a, &p->b);
    sim_advance_ms(p->s, 2000);
    assert_int_equal(p->a.state, PP_PEER_CONNECTED);
    assert_int_equal(p->b.state, PP_PEER_CONNECTED);
    p->hellos = 0;
}

static void end(pair *p)
{
    side_close(&p->a);
    side_close(&p->b);
    sim_free(p->s);
}

/* A second without a gap on both sides. */
static void check_sound(pair *p)
{
    sim_advance_ms(p->s, 200);
    p->a.heard = p->b.heard = 0;
    sim_advance_ms(p->s, 1000);
    if (p->a.heard < 11000 || p->b.heard < 11000)
        fail_msg("heard of 16,000 samples: %llu and %llu", (unsigned long long)p->a.heard,
                 (unsigned long long)p->b.heard);
}

static void ufrag_of(const char *sdp, char out[16])
{
    assert_int_equal(sscanf(strstr(sdp, "a=ice-ufrag:"), "a=ice-ufrag:%15s", out), 1);
}

static void check_changed(const char *before, const char *after, bool changed)
{
    char old[16], new[16];

    ufrag_of(before, old);
    ufrag_of(after, new);
    assert_int_equal(strcmp(old, new) != 0, changed);
}

static void path_of(const side *s, char out[64])
{
    pipit_stats stats;

    pp_peer_stats(s->peer, &stats);
    snprintf(out, 64, "%s", stats.local_candidate);
}

static void a_restart_changes_the_credentials_and_keeps_the_sound(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        pair p;
        side *from, *to;
        char *before, *offer, *first, *answer;

        begin(&p, 1 + i);
        from = i ? &p.b : &p.a;
        to = i ? &p.a : &p.b;
        before = side_offer(from);
        first = side_answer(to, before);
        assert_int_equal(pp_peer_set_remote(from->peer, false, pp_str_c(first)), 0);
        assert_int_equal(pp_peer_restart_ice(from->peer, true), 0);
        offer = side_offer(from);
        check_changed(before, offer, true);
        answer = side_answer(to, offer);
        check_changed(first, answer, true);
        p.a.heard = p.b.heard = 0;
        assert_int_equal(pp_peer_set_remote(from->peer, false, pp_str_c(answer)), 0);
        sim_advance_ms(p.s, 1000);
        assert_true(p.a.heard > 11000 && p.b.heard > 11000); /* no gap on the way over */
        check_sound(&p);
        assert_int_equal(p.hellos, 0);
        assert_string_equal(p.a.states, "cC");
        assert_string_equal(p.b.states, "cC");
        pipit_free(before);
        pipit_free(first);
        pipit_free(answer);
        before = offer;
        offer = side_offer(from); /* once is enough */
        check_changed(before, offer, false);
        pipit_free(before);
        pipit_free(offer);
        end(&p);
    }
}

static void a_restart_goes_to_the_addresses_of_now(void **state)
{
    pair p;
    char path[64];

    (void)state;
    begin(&p, 3);
    path_of(&p.a, path);
    assert_ptr_equal(strstr(path, "192.0.2.1:"), path);
    sim_add_address(p.s, "192.0.2.77");
    sim_remove_address(p.s, "192.0.2.1");
    sim_advance_ms(p.s, 10000);
    assert_int_equal(p.a.state, PP_PEER_DISCONNECTED);
    assert_int_equal(pp_peer_restart_ice(p.b.peer, true), 0);
    side_connect(&p.b, &p.a);
    check_sound(&p);
    assert_string_equal(p.a.states, "cCdC");
    assert_string_equal(p.b.states, "cCdC");
    path_of(&p.a, path);
    assert_ptr_equal(strstr(path, "192.0.2.77:"), path);
    assert_int_equal(p.hellos, 0);
    end(&p);
}

/* JsSIP answers a restart before its browser has gathered: "m=audio 9" and nothing to check. */
static void an_answer_without_candidates_is_enough(void **state)
{
    pair p;
    char *offer, *answer, *at;

    (void)state;
    begin(&p, 4);
    assert_int_equal(pp_peer_restart_ice(p.a.peer, true), 0);
    offer = side_offer(&p.a);
    answer = side_answer(&p.b, offer);
    while ((at = strstr(answer, "a=candidate:")) != NULL)
        memmove(at, strchr(at, '\n') + 1, strlen(strchr(at, '\n')));
    assert_int_equal(pp_peer_set_remote(p.a.peer, false, pp_str_c(answer)), 0);
    check_sound(&p);
    sim_advance_ms(p.s, 60000); /* and it is the new one that lasts */
    check_sound(&p);
    assert_string_equal(p.a.states, "cC");
    assert_string_equal(p.b.states, "cC");
    pipit_free(offer);
    pipit_free(answer);
    end(&p);
}

static void change_password(char *sdp)
{
    char *at = strstr(sdp, "a=ice-pwd:") + strlen("a=ice-pwd:");

    *at = *at == 'x' ? 'y' : 'x';
}

static void a_restart_that_comes_to_nothing_leaves_the_path(void **state)
{
    pair p;
    char *offer, *answer, before[64], after[64];

    (void)state;
    begin(&p, 5);
    path_of(&p.a, before);
    assert_int_equal(pp_peer_restart_ice(p.a.peer, true), 0);
    offer = side_offer(&p.a);
    answer = side_answer(&p.b, offer);
    change_password(answer); /* no check of either side is good for the other */
    change_password(offer);
    assert_int_equal(pp_peer_set_remote(p.a.peer, false, pp_str_c(answer)), 0);
    sim_advance_ms(p.s, 60000);
    path_of(&p.a, after);
    assert_string_equal(before, after);
    assert_string_equal(p.a.states, "cC");
    check_sound(&p);
    assert_int_equal(pp_peer_restart_ice(p.b.peer, true), 0); /* the next one may do better */
    side_connect(&p.b, &p.a);
    sim_advance_ms(p.s, 60000);
    check_sound(&p);
    pipit_free(offer);
    pipit_free(answer);
    end(&p);
}

static void a_restart_is_rolled_back(void **state)
{
    pair p;
    char *before, *offer, *again, *answer, *answer_again;

    (void)state;
    begin(&p, 6);
    before = side_offer(&p.a);
    answer = side_answer(&p.b, before);
    assert_int_equal(pp_peer_set_remote(p.a.peer, false, pp_str_c(answer)), 0);
    assert_int_equal(pp_peer_restart_ice(p.a.peer, true), 0);
    offer = side_offer(&p.a);
    pp_peer_rollback(p.a.peer); /* ours, refused */
    assert_int_equal(pp_peer_restart_ice(p.a.peer, false), 0);
    again = side_offer(&p.a);
    check_changed(before, again, false);
    pipit_free(answer);
    answer = side_answer(&p.b, offer);
    pp_peer_rollback(p.b.peer); /* theirs, when its answer could not be sent */
    answer_again = side_answer(&p.b, again);
    check_changed(answer, answer_again, true);
    assert_int_equal(pp_peer_set_remote(p.a.peer, false, pp_str_c(answer_again)), 0);
    sim_advance_ms(p.s, 60000);
    check_sound(&p);
    pipit_free(before);
    pipit_free(offer);
    pipit_free(again);
    pipit_free(answer);
    pipit_free(answer_again);
    end(&p);
}

/* It is offered again by itself until somebody has answered it. */
static void a_restart_is_wanted_until_it_was_answered(void **state)
{
    pair p;
    char *first, *second;

    (void)state;
    begin(&p, 7);
    assert_int_equal(pp_peer_restart_ice(p.a.peer, true), 0);
    first = side_offer(&p.a);
    pp_peer_rollback(p.a.peer);
    second = side_offer(&p.a);
    check_changed(first, second, true);
    pp_peer_rollback(p.a.peer);
    side_connect(&p.b, &p.a); /* no restart */
    side_connect(&p.a, &p.b);
    check_sound(&p);
    pipit_free(first);
    pipit_free(second);
    end(&p);
}

static void a_lost_path_is_found_again_by_a_restart(void **state)
{
    pair p;

    (void)state;
    begin(&p, 8);
    sim_set_loss(p.s, 1000, 0);
    sim_advance_ms(p.s, 40000);
    assert_int_equal(p.a.state, PP_PEER_FAILED);
    assert_int_equal(p.b.state, PP_PEER_FAILED);
    sim_set_loss(p.s, 0, 0);
    sim_advance_ms(p.s, 5000);
    assert_int_equal(p.a.state, PP_PEER_FAILED);
    assert_int_equal(pp_peer_restart_ice(p.a.peer, true), 0);
    side_connect(&p.a, &p.b);
    check_sound(&p);
    assert_string_equal(p.a.states, "cCdfcC");
    assert_int_equal(p.hellos, 0);
    end(&p);
}

/* Offer after offer while nothing gets through: the agents do not pile up, and one of them works in the end. */
static void restarts_follow_each_other(void **state)
{
    pair p;

    (void)state;
    begin(&p, 9);
    p.deaf = true;
    for (unsigned i = 0; i < 6; i++) {
        side *from = i % 2 ? &p.b : &p.a;

        assert_int_equal(pp_peer_restart_ice(from->peer, true), 0);
        side_connect(from, from == &p.a ? &p.b : &p.a);
        sim_advance_ms(p.s, 300);
        assert_int_equal(p.a.state, PP_PEER_CONNECTED); /* on the old path */
        assert_int_equal(p.b.state, PP_PEER_CONNECTED);
    }
    p.deaf = false;
    sim_advance_ms(p.s, 5000);
    check_sound(&p);
    assert_int_equal(p.a.state, PP_PEER_CONNECTED);
    assert_int_equal(p.b.state, PP_PEER_CONNECTED);
    end(&p);
}

static void a_far_end_that_has_closed_is_not_looked_for(void **state)
{
    pair p;

    (void)state;
    begin(&p, 11);
    side_close(&p.a);
    sim_advance_ms(p.s, 100);
    assert_int_equal(p.b.state, PP_PEER_DISCONNECTED);
    assert_int_equal(pp_peer_restart_ice(p.b.peer, true), PIPIT_ERR_STATE);
    end(&p);
}

static void an_answer_cannot_restart_by_itself(void **state)
{
    pair p;
    char *offer, *answer;

    (void)state;
    begin(&p, 10);
    offer = side_offer(&p.a);
    answer = side_answer(&p.b, offer);
    change_password(answer);
    assert_int_equal(pp_peer_set_remote(p.a.peer, false, pp_str_c(answer)),
                     PIPIT_ERR_NOT_SUPPORTED);
    check_sound(&p);
    pipit_free(offer);
    pipit_free(answer);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_changes_the_credentials_and_keeps_the_sound),
        cmocka_unit_test(a_restart_goes_to_the_addresses_of_now),
        cmocka_unit_test(an_answer_without_candidates_is_enough),
        cmocka_unit_test(a_restart_that_comes_to_nothing_leaves_the_path),
        cmocka_unit_test(a_restart_is_rolled_back),
        cmocka_unit_test(a_restart_is_wanted_until_it_was_answered),
        cmocka_unit_test(a_lost_path_is_found_again_by_a_restart),
        cmocka_unit_test(restarts_follow_each_other),
        cmocka_unit_test(a_far_end_that_has_closed_is_not_looked_for),
        cmocka_unit_test(an_answer_cannot_restart_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
