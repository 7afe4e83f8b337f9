/* gather.c - tests of what ICE servers give, with a TURN server on a simulated network: over UDP, TCP and TLS, by names and
 * records, and what happens when they are not as they should be. */
#include "gather/gather.h"

#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/turn/turn_sim.h"

#include <stdio.h>

typedef struct world {
    sim *s;
    turn_sim *turn;
    pp_udp *peer;
    pp_gather *gather;
    unsigned servers, relays, lost, done;
    char asked[256], heard[256], at_peer[256];
    pp_addr peer_saw;
} world;

static void on_server(void *arg, const pp_addr *server)
{
    world *w = arg;
    char text[PP_ADDR_TEXT];
    size_t n = strlen(w->asked);

    w->servers++;
    snprintf(w->asked + n, sizeof(w->asked) - n, "%s ", pp_addr_text(server, text));
}

static void on_relayed(void *arg, unsigned relay)
{
    (void)relay;
    ((world *)arg)->relays++;
}

static void on_received(void *arg, unsigned relay, const pp_addr *from, const uint8_t *data,
                        size_t size)
{
    world *w = arg;
    size_t n = strlen(w->heard);

    (void)from;
    snprintf(w->heard + n, sizeof(w->heard) - n, "%u:%.*s ", relay, (int)size, (const char *)data);
}

static void on_lost(void *arg, unsigned relay, const char *reason)
{
    (void)relay;
    assert_true(*reason);
    ((world *)arg)->lost++;
}

static void on_done(void *arg)
{
    ((world *)arg)->done++;
}

static const pp_gather_handlers handlers = {on_server, on_relayed, on_received, on_lost, on_done};

static void on_peer(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    world *w = arg;

    w->peer_saw = *from;
    snprintf(w->at_peer, sizeof(w->at_peer), "%.*s", (int)size, (const char *)data);
    (void)pp_udp_send(w->peer, from, "back", 4);
}

static void open_world(world *w)
{
    pp_addr at = {0};
    pipit_loop *loop;

    *w = (world){0};
    assert_int_equal(sim_new(3, &w->s), 0);
    w->turn = turn_sim_new(w->s, "203.0.113.1", "turn.example.org");
    sim_add_host(w->s, "turn.example.org", "203.0.113.1");
    loop = sim_loop(w->s);
    assert_true(pp_addr_parse(PP_LIT("198.51.100.7"), 7000, &at));
    assert_int_equal(loop->ops->udp_open(loop, &at, on_peer, w, &w->peer), 0);
}

static int gather_from(world *w, const char *urls, bool relays_only)
{
    const pipit_ice_server server = {
        .urls = urls, .username = TURN_USER, .credential = TURN_PASSWORD, .insecure = true};
    pp_gather_options options = {.relays_only = relays_only};
    int err = pp_ice_servers_new(&server, 1, &options.servers);

    if (!err)
        err = pp_gather_new(sim_loop(w->s), &options, &handlers, w, &w->gather);
    pp_ice_servers_unref(options.servers);
    return err;
}

static void gather(world *w, const char *urls)
{
    assert_int_equal(gather_from(w, urls, false), 0);
    sim_advance_ms(w->s, 3000);
}

static void close_world(world *w)
{
    w->gather = pp_gather_free(w->gather);
    sim_advance_ms(w->s, 1000);
    assert_int_equal(turn_sim_allocations(w->turn), 0);
    pp_udp_close(w->peer);
    turn_sim_free(w->turn);
    sim_free(w->s);
}

static void say(world *w, unsigned relay, const char *text)
{
    pp_gather_send(w->gather, relay, &w->peer->local, (const uint8_t *)text, strlen(text));
    sim_advance_ms(w->s, 500);
}

static void a_relay_carries_datagrams_both_ways(void **state)
{
    static const struct {
        const char *url;
        pp_relay_path path;
    } ways[] = {
        {"turn:203.0.113.1", PP_RELAY_UDP},
        {"turn:turn.example.org:3478", PP_RELAY_UDP},
        {"turn:203.0.113.1?transport=tcp", PP_RELAY_TCP},
        {"turns:turn.example.org", PP_RELAY_TLS},
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        pp_ice_relay relay;
        world w;

        open_world(&w);
        gather(&w, ways[i].url);
        assert_int_equal(w.relays, 1);
        assert_int_equal(w.done, 1);
        assert_true(pp_gather_is_done(w.gather));
        assert_true(pp_gather_relay(w.gather, 0, 4, &relay));
        assert_false(pp_gather_relay(w.gather, 0, 6, &relay));
        assert_int_equal(relay.path, ways[i].path);
        for (unsigned k = 0; k < 4; k++) /* the first as indications, then on a channel */
            say(&w, 0, "there");
        assert_string_equal(w.at_peer, "there");
        assert_true(pp_addr_eq(&w.peer_saw, &relay.address));
        assert_string_equal(w.heard, "0:back 0:back 0:back 0:back ");
        assert_true(turn_sim_server(w.turn)->channel_datas >= 2);
        assert_string_equal(w.asked, ways[i].path == PP_RELAY_UDP ? "203.0.113.1:3478 " : "");
        close_world(&w);
    }
}

static void stun_servers_are_told_once_each(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    sim_add_host(w.s, "stun.example.org", "203.0.113.5");
    gather(
        &w,
        "stun:stun.example.org:3478,stun:203.0.113.5,stun:203.0.113.6:99,stun:absent.example.org");
    assert_string_equal(w.asked, "203.0.113.5:3478 203.0.113.6:99 ");
    assert_int_equal(w.done, 1);
    close_world(&w);
}

static void relays_alone_are_gathered_where_that_is_the_policy(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    assert_int_equal(gather_from(&w, "stun:203.0.113.5,turn:203.0.113.1", true), 0);
    sim_advance_ms(w.s, 3000);
    assert_int_equal(w.servers, 0);
    assert_int_equal(w.relays, 1);
    assert_int_equal(w.done, 1);
    close_world(&w);
}

static void records_say_where_a_server_is(void **state)
{
    const pp_record first = {.order = 1, .port = 3478, .name = "turn.example.org"};
    const pp_record second = {.order = 2, .port = 3478, .name = "absent.example.org"};
    pp_ice_relay relay;
    world w;

    (void)state;
    open_world(&w);
    sim_add_record(w.s, PP_RECORD_SRV, "_turn._udp.example.org", &second);
    sim_add_record(w.s, PP_RECORD_SRV, "_turn._udp.example.org", &first);
    sim_add_record(w.s, PP_RECORD_SRV, "_turn._tcp.example.org", &first);
    gather(&w, "turn:example.org,turn:example.org?transport=tcp");
    assert_int_equal(w.relays, 2);
    assert_true(pp_gather_relay(w.gather, 1, 4, &relay));
    assert_int_equal(relay.path, PP_RELAY_TCP);
    close_world(&w);
}

static void a_name_without_records_is_looked_up_itself(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    gather(&w, "turn:turn.example.org");
    assert_int_equal(w.relays, 1);
    close_world(&w);
}

static void a_server_that_is_not_there_is_given_up(void **state)
{
    static const char *const urls[] = {"turn:absent.example.org", "turn:203.0.113.77?transport=tcp",
                                       "turns:203.0.113.77", "turn:203.0.113.77"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        world w;

        open_world(&w);
        gather(&w, urls[i]);
        sim_advance_ms(w.s, 60000);
        assert_int_equal(w.relays, 0);
        assert_int_equal(w.lost, 0);
        assert_int_equal(w.done, 1);
        close_world(&w);
    }
}

static void a_redirection_is_followed_a_few_times(void **state)
{
    turn_sim *other;
    turn_server *first;
    world w;

    (void)state;
    open_world(&w);
    other = turn_sim_new(w.s, "203.0.113.2", NULL);
    first = turn_sim_server(w.turn);
    first->refuses = 300;
    first->refuses_method = 3;
    assert_true(pp_addr_parse(PP_LIT("203.0.113.2"), 3478, &first->alternate));
    gather(&w, "turn:203.0.113.1");
    assert_int_equal(w.relays, 1);
    assert_int_equal(turn_sim_allocations(other), 1);
    w.gather = pp_gather_free(w.gather);
    sim_advance_ms(w.s, 1000);
    turn_sim_server(other)->refuses = 300; /* and back: in circles */
    turn_sim_server(other)->refuses_method = 3;
    assert_true(pp_addr_parse(PP_LIT("203.0.113.1"), 3478, &turn_sim_server(other)->alternate));
    w.relays = w.done = 0;
    gather(&w, "turn:203.0.113.1");
    assert_int_equal(w.relays, 0);
    assert_int_equal(w.done, 1);
    assert_true(first->requests[3] + turn_sim_server(other)->requests[3] < 10);
    turn_sim_free(other);
    close_world(&w);
}

static void a_refusal_is_the_end_at_once(void **state)
{
    static const int codes[] = {403, 437, 486, 508};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        world w;

        open_world(&w);
        turn_sim_server(w.turn)->refuses = codes[i];
        turn_sim_server(w.turn)->refuses_method = 3;
        gather(&w, "turn:203.0.113.1");
        assert_int_equal(w.done, 1);
        assert_int_equal(turn_sim_server(w.turn)->requests[3], codes[i] == 437 ? 2 : 1);
        close_world(&w);
    }
}

static void a_relay_that_is_lost_is_told(void **state)
{
    pp_ice_relay relay;
    world w;

    (void)state;
    open_world(&w);
    gather(&w, "turn:203.0.113.1?transport=tcp");
    assert_int_equal(w.relays, 1);
    sim_break_streams(w.s);
    sim_advance_ms(w.s, 1000);
    assert_int_equal(w.lost, 1);
    assert_int_equal(w.done, 1);
    assert_false(pp_gather_relay(w.gather, 0, 4, &relay));
    say(&w, 0, "nobody");
    close_world(&w);
}

static void a_certificate_that_is_not_trusted_gives_no_relay(void **state)
{
    const pipit_ice_server server = {
        .urls = "turns:turn.example.org", .username = TURN_USER, .credential = TURN_PASSWORD};
    pp_gather_options options = {0};
    world w;

    (void)state;
    open_world(&w);
    assert_int_equal(pp_ice_servers_new(&server, 1, &options.servers), 0);
    assert_int_equal(pp_gather_new(sim_loop(w.s), &options, &handlers, &w, &w.gather), 0);
    pp_ice_servers_unref(options.servers);
    sim_advance_ms(w.s, 10000);
    assert_int_equal(w.relays, 0);
    assert_int_equal(w.done, 1);
    assert_int_equal(turn_sim_server(w.turn)->challenges, 0);
    close_world(&w);
}

static void loss_and_order_do_no_harm(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    sim_set_delay(w.s, 30000, 20000);
    sim_set_loss(w.s, 200, 100);
    gather(&w, "turn:203.0.113.1");
    sim_advance_ms(w.s, 20000);
    assert_int_equal(w.relays, 1);
    for (unsigned i = 0; i < 40; i++)
        say(&w, 0, "x");
    assert_string_equal(w.at_peer, "x");
    sim_set_loss(w.s, 0, 0);
    close_world(&w);
}

/* Over UDP by a name with records, over TCP, and a STUN server: with each allocation failing once. */
static void servers_are_done_without_where_memory_is_short(void **state)
{
    const pp_record at = {.order = 1, .port = 3478, .name = "turn.example.org"};
    unsigned relays = 0, failed = 0;

    (void)state;
    for (uint64_t n = 1;; n++) {
        bool reached;
        world w;

        open_world(&w);
        sim_add_record(w.s, PP_RECORD_SRV, "_turn._udp.example.org", &at);
        scarce_begin(n);
        if (gather_from(&w, "turn:example.org,turn:203.0.113.1?transport=tcp,stun:turn.example.org",
                        false) == 0) {
            sim_advance_ms(w.s, 3000);
            assert_true(w.done <= 1 && w.lost <= w.relays);
            for (unsigned relay = 0; relay < 2; relay++)
                say(&w, relay, "x");
        }
        relays += w.relays;
        w.gather = pp_gather_free(w.gather);
        sim_advance_ms(w.s, 1000);
        reached = scarce_memory.failed;
        assert_int_equal(scarce_end(), 0);
        pp_udp_close(w.peer);
        turn_sim_free(w.turn);
        sim_free(w.s);
        if (!reached)
            break;
        failed++;
    }
    assert_true(failed > 50 && relays > failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_relay_carries_datagrams_both_ways),
        cmocka_unit_test(stun_servers_are_told_once_each),
        cmocka_unit_test(relays_alone_are_gathered_where_that_is_the_policy),
        cmocka_unit_test(records_say_where_a_server_is),
        cmocka_unit_test(a_name_without_records_is_looked_up_itself),
        cmocka_unit_test(a_server_that_is_not_there_is_given_up),
        cmocka_unit_test(a_redirection_is_followed_a_few_times),
        cmocka_unit_test(a_refusal_is_the_end_at_once),
        cmocka_unit_test(a_relay_that_is_lost_is_told),
        cmocka_unit_test(a_certificate_that_is_not_trusted_gives_no_relay),
        cmocka_unit_test(loss_and_order_do_no_harm),
        cmocka_unit_test(servers_are_done_without_where_memory_is_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
