/* trickle.c - calls whose candidates follow their descriptions (RFC 8840), both ways, and with far ends that know nothing of it. */
#include "support/cast/cast.h"
#include "support/cast/wire.h"
#include "support/turn/turn_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const pipit_ice_server server = {
    .urls = "turn:203.0.113.1", .username = TURN_USER, .credential = TURN_PASSWORD};

typedef struct scene {
    cast *c;
    turn_sim *turn;
    wire *wire;
    char *offer, *answer; /* the first ones, as they went */
    unsigned infos;       /* of the package, on their way to the switchboard */
    unsigned candidates;  /* in the last of them */
    bool over;            /* it says that there are no more */
} scene;

static unsigned count(const char *text, const char *what)
{
    unsigned found = 0;

    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        found++;
    return found;
}

static void on_wire(void *arg, bool to_server, pp_str message)
{
    scene *s = arg;
    char *text = strndup(message.p, message.n);

    if (to_server && strncmp(text, "INFO ", 5) == 0 &&
        strstr(text, "\r\nInfo-Package: trickle-ice\r\n")) {
        assert_non_null(strstr(text, "\r\nContent-Type: application/trickle-ice-sdpfrag\r\n"));
        assert_non_null(strstr(text, "\r\nContent-Disposition: Info-Package\r\n"));
        s->infos++;
        s->candidates = count(text, "\r\na=candidate:");
        s->over = strstr(text, "\r\na=end-of-candidates") != NULL;
    }
    if (to_server && strncmp(text, "INVITE ", 7) == 0 && !s->offer)
        s->offer = strdup(text);
    if (to_server && strncmp(text, "SIP/2.0 200", 11) == 0 && strstr(text, " INVITE\r\n") &&
        !s->answer)
        s->answer = strdup(text);
    free(text);
}

/* Sound goes by the relays alone: nothing else leads anywhere. */
static bool by_relay_alone(void *arg, const pp_addr *from, const pp_addr *to, const uint8_t *data,
                           size_t size)
{
    char source[PP_ADDR_TEXT], target[PP_ADDR_TEXT];

    (void)arg;
    (void)data;
    (void)size;
    return strncmp(pp_addr_text(from, source), "203.0.113.1:", 12) == 0 ||
           strncmp(pp_addr_text(to, target), "203.0.113.1:", 12) == 0;
}

static void open_scene(scene *s)
{
    *s = (scene){.c = NULL};
    assert_int_equal(cast_new(&(cast_options){.seed = 23}, &s->c), 0);
    s->turn = turn_sim_new(s->c->s, "203.0.113.1", NULL);
    s->wire = wire_tap(s->c->s, on_wire, s);
    s->c->bob.manual = true;
    cast_start(s->c);
    sim_filter_datagrams(s->c->s, by_relay_alone, NULL);
}

static void close_scene(scene *s)
{
    pipit_session_terminate(s->c->alice.session, NULL);
    sim_advance_ms(s->c->s, 2000);
    assert_int_equal(turn_sim_allocations(s->turn), 0);
    wire_free(s->wire);
    sim_filter_datagrams(s->c->s, NULL, NULL);
    turn_sim_free(s->turn);
    cast_free(s->c);
    free(s->offer);
    free(s->answer);
}

static pipit_peer_configuration configured(pipit_trickle_ice trickle)
{
    return (pipit_peer_configuration){
        .ice_servers = &server, .ice_server_count = 1, .trickle_ice = trickle};
}

static void call(scene *s, pipit_trickle_ice trickle)
{
    pipit_call_options options = *cast_call_options(&s->c->alice);

    options.pc_config = configured(trickle);
    assert_int_equal(pipit_ua_call(s->c->alice.ua, "bob", &options, NULL), 0);
}

static bool is_ringing(void *arg)
{
    const phone *p = arg;

    return p->session && pipit_session_get_status(p->session) == PIPIT_SESSION_WAITING_FOR_ANSWER;
}

static void answer(scene *s, pipit_trickle_ice trickle)
{
    phone *bob = &s->c->bob;
    const pipit_answer_options options = {
        .media_stream = {.audio_source = bob->source, .audio_sink = bob->sink},
        .pc_config = configured(trickle)};

    assert_true(sim_run_until(s->c->s, is_ringing, bob, 10000));
    assert_int_equal(pipit_session_answer(bob->session, &options), 0);
}

/* A call in which they wish for that, until there is sound. */
static void open_talk(scene *s, pipit_trickle_ice alices, pipit_trickle_ice bobs)
{
    open_scene(s);
    call(s, alices);
    answer(s, bobs);
    assert_true(cast_wait(s->c, &s->c->alice.media_up, 5000));
    cast_check_sound(s->c, 1000, 440);
}

/* A call while the server is silent, which nobody waits for. */
static void open_waiting(scene *s)
{
    open_scene(s);
    turn_sim_server(s->turn)->silent = true;
    call(s, PIPIT_TRICKLE_ICE_FULL);
    answer(s, PIPIT_TRICKLE_ICE_HALF);
    assert_true(cast_wait(s->c, &s->c->alice.confirmed, 1000));
}

static bool has(const char *message, const char *line)
{
    return message && strstr(message, line);
}

static void candidates_that_come_late_make_the_call(void **state)
{
    scene s;

    (void)state;
    open_waiting(&s);
    assert_true(has(s.offer, "\r\na=ice-options:trickle\r\n"));
    assert_true(has(s.offer, "trickle-ice"));
    assert_true(has(s.offer, "\r\nRecv-Info: trickle-ice\r\n"));
    assert_false(has(s.offer, "typ relay"));
    assert_false(has(s.offer, "a=end-of-candidates"));
    assert_true(has(s.answer, "\r\na=ice-options:trickle\r\n"));
    assert_true(has(s.answer, "\r\nRecv-Info: trickle-ice\r\n"));
    assert_false(has(s.answer, "typ relay"));
    sim_advance_ms(s.c->s, 2000);
    assert_int_equal(s.infos, 0);
    assert_false(s.c->alice.media_up);
    turn_sim_server(s.turn)->silent = false;
    assert_true(cast_wait(s.c, &s.c->alice.media_up, 10000));
    cast_check_sound(s.c, 1000, 440);
    assert_true(s.infos >= 2 && s.infos <= 4);
    assert_true(s.over);
    assert_int_equal(s.candidates, 2); /* the one of the description, too */
    close_scene(&s);
}

static void a_first_offer_may_wait_while_its_answer_does_not(void **state)
{
    scene s;

    (void)state;
    open_talk(&s, PIPIT_TRICKLE_ICE_HALF, PIPIT_TRICKLE_ICE_HALF);
    assert_true(has(s.offer, "typ relay"));
    assert_true(has(s.offer, "a=end-of-candidates"));
    assert_true(has(s.offer, "\r\na=ice-options:trickle\r\n"));
    assert_false(has(s.answer, "typ relay"));
    assert_true(s.infos >= 1 && s.over);
    close_scene(&s);
}

static void nobody_who_does_not_understand_is_told_candidates(void **state)
{
    scene s;

    (void)state;
    open_talk(&s, PIPIT_TRICKLE_ICE_HALF, PIPIT_TRICKLE_ICE_NONE);
    assert_false(has(s.answer, "ice-options"));
    assert_false(has(s.answer, "Recv-Info"));
    assert_true(has(s.answer, "typ relay"));
    assert_int_equal(s.infos, 0);
    close_scene(&s);
}

static void an_answer_waits_where_the_caller_does_not_understand(void **state)
{
    scene s;

    (void)state;
    open_talk(&s, PIPIT_TRICKLE_ICE_NONE, PIPIT_TRICKLE_ICE_FULL);
    assert_false(has(s.offer, "ice-options"));
    assert_true(has(s.answer, "typ relay"));
    assert_int_equal(s.infos, 0);
    close_scene(&s);
}

/* By then both know that the other understands. */
static void a_restart_of_ice_does_not_wait(void **state)
{
    pipit_reoffer_options restart = {.restart_ice = true};
    unsigned before;
    scene s;

    (void)state;
    open_talk(&s, PIPIT_TRICKLE_ICE_HALF, PIPIT_TRICKLE_ICE_HALF);
    before = s.infos;
    turn_sim_server(s.turn)->silent = true;
    assert_int_equal(pipit_session_renegotiate(s.c->bob.session, &restart), 0);
    sim_advance_ms(s.c->s, 500);
    assert_non_null(strstr(s.c->bob.log, "reoffered:local"));
    turn_sim_server(s.turn)->silent = false;
    sim_advance_ms(s.c->s, 8000);
    assert_true(s.infos >= before + 2);
    assert_true(s.over);
    cast_check_sound(s.c, 1000, 440);
    close_scene(&s);
}

static void a_call_that_ends_while_candidates_are_told_is_over(void **state)
{
    scene s;

    (void)state;
    open_waiting(&s);
    turn_sim_server(s.turn)->silent = false;
    for (unsigned i = 0; i < 5000 && !s.infos; i++)
        sim_advance_ms(s.c->s, 1);
    assert_int_equal(s.infos, 1);
    assert_int_equal(pipit_session_terminate(s.c->bob.session, NULL), 0);
    assert_true(cast_wait(s.c, &s.c->alice.over, 1000));
    assert_int_equal(s.c->alice.cause, PIPIT_CAUSE_BYE);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candidates_that_come_late_make_the_call),
        cmocka_unit_test(a_first_offer_may_wait_while_its_answer_does_not),
        cmocka_unit_test(nobody_who_does_not_understand_is_told_candidates),
        cmocka_unit_test(an_answer_waits_where_the_caller_does_not_understand),
        cmocka_unit_test(a_restart_of_ice_does_not_wait),
        cmocka_unit_test(a_call_that_ends_while_candidates_are_told_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
