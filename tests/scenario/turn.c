/* turn.c - calls whose media have ICE servers: what the application sees of the gathering, how it ends it, and what the far end gets. */
#include "support/cast/cast.h"
#include "support/turn/turn_sim.h"

#include <stdio.h>
#include <string.h>

static const pipit_ice_server server = {
    .urls = "turn:203.0.113.1", .username = TURN_USER, .credential = TURN_PASSWORD};

typedef struct seen {
    char candidates[1024]; /* types, in their order */
    unsigned ready_at;     /* that candidate is the last to be waited for; 0: never */
    unsigned count;
    int ready;
} seen;

static void on_candidate(pipit_session *session, const pipit_icecandidate_event *event, void *user)
{
    seen *s = user;
    const char *type = strstr(event->candidate, " typ ");
    size_t n = strlen(s->candidates);

    assert_int_equal(strncmp(event->candidate, "candidate:", 10), 0);
    assert_non_null(type);
    snprintf(s->candidates + n, sizeof(s->candidates) - n, "%.5s ", type + 5);
    if (++s->count == s->ready_at)
        s->ready = pipit_session_ready(session);
}

static const pipit_session_handlers handlers = {.icecandidate = on_candidate};

typedef struct scene {
    cast *c;
    turn_sim *turn;
    seen seen;
} scene;

static void open_scene(scene *s)
{
    *s = (scene){.c = cast_on_stage(&(cast_options){.seed = 11})};
    s->turn = turn_sim_new(s->c->s, "203.0.113.1", NULL);
}

static int call(scene *s, bool relay_only)
{
    pipit_call_options options = *cast_call_options(&s->c->alice);
    int err;

    options.pc_config.ice_servers = &server;
    options.pc_config.ice_server_count = 1;
    options.pc_config.ice_transport_policy = relay_only ? PIPIT_ICE_RELAY : PIPIT_ICE_ALL;
    err = pipit_ua_call(s->c->alice.ua, "bob", &options, NULL);
    if (!err)
        assert_int_equal(pipit_session_add_handlers(s->c->alice.session, &handlers, &s->seen), 0);
    return err;
}

static void close_scene(scene *s)
{
    pipit_session_terminate(s->c->alice.session, NULL);
    sim_advance_ms(s->c->s, 2000);
    assert_int_equal(turn_sim_allocations(s->turn), 0);
    turn_sim_free(s->turn);
    cast_free(s->c);
}

static void a_call_waits_for_its_ice_servers(void **state)
{
    scene s;

    (void)state;
    open_scene(&s);
    assert_int_equal(call(&s, false), 0);
    assert_true(cast_wait(s.c, &s.c->alice.confirmed, 8000));
    assert_string_equal(s.seen.candidates, "host relay ");
    assert_non_null(strstr(s.c->alice.described, " typ relay raddr 192.0.2.1 rport "));
    cast_check_sound(s.c, 1000, 440);
    close_scene(&s);
}

static void a_call_goes_by_way_of_a_relay_alone(void **state)
{
    pipit_stats stats;
    scene s;

    (void)state;
    open_scene(&s);
    assert_int_equal(call(&s, true), 0);
    assert_true(cast_wait(s.c, &s.c->alice.confirmed, 8000));
    assert_string_equal(s.seen.candidates, "relay ");
    assert_null(strstr(s.c->alice.described, "192.0.2.1"));
    cast_check_sound(s.c, 1000, 440);
    assert_int_equal(pipit_session_get_stats(s.c->alice.session, &stats), 0);
    assert_int_equal(strncmp(stats.local_candidate, "203.0.113.1:", 12), 0);
    assert_string_equal(stats.local_candidate_type, "relay");
    close_scene(&s);
}

static void waiting_ends_when_the_application_has_enough(void **state)
{
    uint64_t start;
    scene s;

    (void)state;
    open_scene(&s);
    turn_sim_server(s.turn)->silent = true;
    s.seen.ready_at = 1;
    s.seen.ready = -1;
    start = sim_now_us(s.c->s);
    assert_int_equal(call(&s, false), 0);
    assert_true(cast_wait(s.c, &s.c->alice.confirmed, 8000));
    assert_true(sim_now_us(s.c->s) - start < 1000000); /* and not 5 s */
    assert_int_equal(s.seen.ready, 0);
    assert_string_equal(s.seen.candidates, "host ");
    assert_int_equal(pipit_session_ready(s.c->alice.session), PIPIT_ERR_STATE);
    assert_int_equal(pipit_session_ready(NULL), PIPIT_ERR_ARGUMENT);
    close_scene(&s);
}

static void a_silent_server_holds_a_call_up_for_five_seconds(void **state)
{
    uint64_t start, took;
    scene s;

    (void)state;
    open_scene(&s);
    turn_sim_server(s.turn)->silent = true;
    start = sim_now_us(s.c->s);
    assert_int_equal(call(&s, false), 0);
    assert_true(cast_wait(s.c, &s.c->alice.confirmed, 8000));
    took = sim_now_us(s.c->s) - start;
    assert_in_range(took, 5000000, 6000000);
    close_scene(&s);
}

static void a_call_that_is_ended_while_it_waits_is_over(void **state)
{
    scene s;

    (void)state;
    open_scene(&s);
    turn_sim_server(s.turn)->silent = true;
    assert_int_equal(call(&s, false), 0);
    sim_advance_ms(s.c->s, 1000);
    assert_int_equal(pipit_session_terminate(s.c->alice.session, NULL), 0);
    assert_true(cast_wait(s.c, &s.c->alice.over, 1000));
    assert_string_equal(s.c->alice.described, "");
    close_scene(&s);
}

static void a_call_without_the_relay_it_asks_for_fails(void **state)
{
    scene s;

    (void)state;
    open_scene(&s);
    turn_sim_server(s.turn)->refuses = 486;
    turn_sim_server(s.turn)->refuses_method = 3;
    assert_int_equal(call(&s, true), 0);
    assert_true(cast_wait(s.c, &s.c->alice.over, 8000));
    assert_false(s.c->alice.confirmed);
    close_scene(&s);
}

static void a_server_that_cannot_be_used_is_named(void **state)
{
    static const pipit_ice_server bad = {
        .urls = "turn:example.org:99999", .username = "u", .credential = "c"};
    pipit_call_options options;
    scene s;

    (void)state;
    open_scene(&s);
    options = *cast_call_options(&s.c->alice);
    options.pc_config.ice_servers = &bad;
    options.pc_config.ice_server_count = 1;
    assert_int_equal(pipit_ua_call(s.c->alice.ua, "bob", &options, NULL), PIPIT_ERR_SYNTAX);
    assert_non_null(strstr(pipit_error_message(), "ice_servers: 'turn:example.org:99999'"));
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_waits_for_its_ice_servers),
        cmocka_unit_test(a_call_goes_by_way_of_a_relay_alone),
        cmocka_unit_test(waiting_ends_when_the_application_has_enough),
        cmocka_unit_test(a_silent_server_holds_a_call_up_for_five_seconds),
        cmocka_unit_test(a_call_that_is_ended_while_it_waits_is_over),
        cmocka_unit_test(a_call_without_the_relay_it_asks_for_fails),
        cmocka_unit_test(a_server_that_cannot_be_used_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
