/* client.c - tests of the TURN client against a scripted server: what it asks for, when it asks again, and what it believes. */
#include "turn/message.h"
#include "world.h"

#include "base/limits.h"
#include "pipit/error.h"

static world *allocated(bool stream)
{
    world *w = world_new(stream);

    assert_int_equal(open_client(w, TURN_PASSWORD), 0);
    pp_turn_start(w->turn, w->now_us);
    run_for(w, 0);
    assert_int_equal(w->allocated, 1);
    return w;
}

static void begin(world *w)
{
    assert_int_equal(open_client(w, TURN_PASSWORD), 0);
    pp_turn_start(w->turn, w->now_us);
    run_for(w, 0);
}

static void an_allocation_is_made_with_the_second_request(void **state)
{
    char text[PP_ADDR_TEXT];
    world *w = allocated(false);

    (void)state;
    assert_int_equal(w->sent, 2);
    assert_int_equal(w->server.challenges, 1);
    assert_string_equal(pp_addr_text(pp_turn_relayed(w->turn, 4), text), "198.51.100.1:49152");
    assert_null(pp_turn_relayed(w->turn, 6));
    assert_string_equal(pp_addr_text(pp_turn_mapped(w->turn), text), "192.0.2.1:40000");
    world_free(w);
}

static void an_ipv6_address_comes_with_the_ipv4_one(void **state)
{
    world *w = world_new(false);
    char text[PP_ADDR_TEXT];

    (void)state;
    w->server.relay_ip[1] = at("2001:db8::1", 0);
    begin(w);
    assert_int_equal(w->server.requests[PP_TURN_ALLOCATE], 1);
    assert_string_equal(pp_addr_text(pp_turn_relayed(w->turn, 4), text), "198.51.100.1:49152");
    assert_string_equal(pp_addr_text(pp_turn_relayed(w->turn, 6), text), "[2001:db8::1]:49153");
    say(w, "2001:db8::7", "over six");
    assert_string_equal(w->relayed, "[2001:db8::7]:7000 over six,");
    world_free(w);
}

static void a_server_without_credentials_is_used_too(void **state)
{
    world *w = world_new(false);

    (void)state;
    w->server.open = true;
    begin(w);
    assert_int_equal(w->sent, 1);
    assert_int_equal(w->allocated, 1);
    world_free(w);
}

static void sha_256_and_a_hidden_name_are_used_where_they_are_offered(void **state)
{
    (void)state;
    for (unsigned i = 1; i < 4; i++) {
        world *w = world_new(false);

        w->server.sha256 = i & 1;
        w->server.anonymous = i & 2;
        begin(w);
        assert_int_equal(w->allocated, 1);
        say(w, "203.0.113.7", "hello");
        assert_string_equal(w->relayed, "203.0.113.7:7000 hello,");
        world_free(w);
    }
}

static void a_challenge_without_its_algorithms_is_not_believed(void **state)
{
    world *w = world_new(false);

    (void)state;
    w->server.sha256 = w->server.strips_algorithms = true;
    begin(w);
    run_for(w, 60 * SECOND);
    assert_int_equal(w->sent, 7);
    assert_int_equal(w->failed, 1);
    assert_int_equal(w->failure.code, 0);
    world_free(w);
}

static void a_wrong_password_ends_it(void **state)
{
    world *w = world_new(false);

    (void)state;
    assert_int_equal(open_client(w, "open barley"), 0);
    pp_turn_start(w->turn, w->now_us);
    run_for(w, 60 * SECOND);
    assert_int_equal(w->sent, 2);
    assert_int_equal(w->failed, 1);
    assert_int_equal(w->failure.code, 401);
    assert_true(pp_turn_deadline_us(w->turn) == PP_NEVER);
    world_free(w);
}

static void a_forged_answer_is_none(void **state)
{
    world *w = world_new(false);

    (void)state;
    w->server.forgery = true;
    begin(w);
    assert_int_equal(w->allocated + w->failed, 0);
    run_for(w, 60 * SECOND);
    assert_int_equal(w->failed, 1);
    assert_int_equal(w->failure.code, 0);
    world_free(w);
}

static void a_refusal_is_told_with_its_code(void **state)
{
    static const int codes[] = {300, 403, 437, 440, 442, 486, 508, 500};

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        world *w = world_new(false);
        pp_addr other = at("203.0.113.80", 3479);

        w->server.refuses = codes[i];
        w->server.refuses_method = PP_TURN_ALLOCATE;
        if (codes[i] == 300)
            w->server.alternate = other;
        begin(w);
        assert_int_equal(w->failed, 1);
        assert_int_equal(w->failure.code, codes[i]);
        assert_true(codes[i] == 300 ? pp_addr_eq(&w->failure.alternate, &other)
                                    : !w->failure.alternate.family);
        world_free(w);
    }
}

static void a_silent_server_is_asked_seven_times(void **state)
{
    world *w = world_new(false);

    (void)state;
    w->server.silent = true;
    begin(w);
    run_for(w, 31400000);
    assert_int_equal(w->sent, 6);
    run_for(w, 8000000);
    assert_int_equal(w->sent, 7);
    assert_int_equal(w->failed, 0);
    run_for(w, 200000); /* RFC 8489 section 6.2.1: 39.5 s */
    assert_int_equal(w->failed, 1);
    world_free(w);
}

static void lost_requests_are_sent_again(void **state)
{
    world *w = world_new(false);

    (void)state;
    w->lose = 2;
    begin(w);
    run_for(w, 3 * SECOND);
    assert_int_equal(w->allocated, 1);
    world_free(w);
}

static void a_silent_stream_is_asked_once(void **state)
{
    world *w = world_new(true);

    (void)state;
    w->server.silent = true;
    begin(w);
    run_for(w, 39 * SECOND);
    assert_int_equal(w->sent, 1);
    assert_int_equal(w->failed, 0);
    run_for(w, SECOND);
    assert_int_equal(w->failed, 1);
    world_free(w);
}

static void the_first_datagram_waits_for_the_permission(void **state)
{
    world *w = allocated(false);

    (void)state;
    say(w, "203.0.113.7", "one");
    assert_int_equal(w->server.requests[PP_TURN_CREATE_PERMISSION], 1);
    assert_string_equal(w->relayed, "203.0.113.7:7000 one,");
    peer_says(w, "203.0.113.7", "two");
    assert_string_equal(w->heard, "203.0.113.7:7000 two,");
    world_free(w);
}

static void a_channel_is_bound_for_what_is_no_stun(void **state)
{
    const pp_stun check = {.kind = PP_STUN_REQUEST, .method = PP_STUN_BINDING};
    world *w = allocated(false);
    pp_addr to = at("203.0.113.7", 7000);
    pp_buf packet = {0};

    (void)state;
    assert_int_equal(pp_stun_write(&check, PP_STR_NONE, &packet), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(pp_turn_send(w->turn, &to, (const uint8_t *)packet.p, packet.n, w->now_us),
                         0);
        run_for(w, 0);
    }
    assert_int_equal(w->server.requests[PP_TURN_CHANNEL_BIND], 0);
    say(w, "203.0.113.7", "media"); /* as an indication, and asks for the channel */
    assert_int_equal(w->server.requests[PP_TURN_CHANNEL_BIND], 1);
    assert_int_equal(w->server.channel_datas, 0);
    say(w, "203.0.113.7", "more");
    assert_int_equal(w->server.channel_datas, 1);
    peer_says(w, "203.0.113.7", "back");
    assert_non_null(strstr(w->heard, "203.0.113.7:7000 back,"));
    pp_buf_free(&packet);
    world_free(w);
}

static void a_peer_whom_nothing_was_sent_to_is_not_heard(void **state)
{
    pp_addr stranger = at("203.0.113.99", 7000);
    world *w = allocated(false);
    pp_stun m = {.kind = PP_STUN_INDICATION, .method = PP_TURN_DATA};
    pp_buf more = {0}, out = {0};

    (void)state;
    pp_stun_put_address(&more, PP_TURN_XOR_PEER_ADDRESS, m.transaction, &stranger);
    pp_stun_put(&more, PP_TURN_DATA_ATTRIBUTE, PP_LIT("boo"));
    m.more = pp_buf_text(&more);
    assert_int_equal(pp_stun_write(&m, PP_STR_NONE, &out), 0);
    pp_turn_receive(w->turn, (const uint8_t *)out.p, out.n, w->now_us);
    assert_string_equal(w->heard, "");
    pp_turn_receive(w->turn,
                    (const uint8_t *)"\x40\x00\x00\x03"
                                     "boo",
                    7, w->now_us);
    assert_string_equal(w->heard, "");
    say(w, "203.0.113.99", "hello");
    pp_turn_receive(w->turn, (const uint8_t *)out.p, out.n, w->now_us);
    assert_string_equal(w->heard, "203.0.113.99:7000 boo,");
    pp_buf_free(&more);
    pp_buf_free(&out);
    world_free(w);
}

static void a_peer_that_is_refused_is_not_asked_for_again(void **state)
{
    world *w = allocated(false);

    (void)state;
    w->server.refuses = 403;
    w->server.refuses_method = PP_TURN_CREATE_PERMISSION;
    for (unsigned i = 0; i < 5; i++)
        say(w, "10.0.0.1", "hello");
    assert_int_equal(w->server.requests[PP_TURN_CREATE_PERMISSION], 1);
    assert_string_equal(w->relayed, "");
    assert_int_equal(w->failed, 0);
    world_free(w);
}

static void a_channel_that_is_refused_is_done_without(void **state)
{
    world *w = allocated(false);

    (void)state;
    w->server.refuses = 400;
    w->server.refuses_method = PP_TURN_CHANNEL_BIND;
    for (unsigned i = 0; i < 5; i++)
        say(w, "203.0.113.7", "x");
    assert_int_equal(w->server.requests[PP_TURN_CHANNEL_BIND], 1);
    assert_int_equal(w->server.indications, 5);
    world_free(w);
}

/* Half an hour of a call: more than three lifetimes of the allocation and six of the permission. */
static void a_long_call_keeps_allocation_permission_and_channel(void **state)
{
    (void)state;
    for (unsigned stream = 0; stream < 2; stream++) {
        world *w = allocated(stream);

        for (unsigned s = 0; s < 1800; s += 5) {
            w->heard[0] = w->relayed[0] = '\0';
            run_for(w, 5 * SECOND);
            say(w, "203.0.113.7", "still");
            assert_string_equal(w->relayed, "203.0.113.7:7000 still,");
            peer_says(w, "203.0.113.7", "here");
            assert_string_equal(w->heard, "203.0.113.7:7000 here,");
        }
        assert_in_range(w->server.requests[PP_TURN_REFRESH], 3, 4);
        assert_in_range(w->server.requests[PP_TURN_CHANNEL_BIND], 7, 9);
        world_free(w);
    }
}

static void a_peer_that_is_left_alone_is_forgotten(void **state)
{
    world *w = allocated(false);

    (void)state;
    say(w, "203.0.113.7", "hello");
    run_for(w, 1000 * (uint64_t)SECOND);
    assert_in_range(w->server.requests[PP_TURN_CREATE_PERMISSION], 1, 2);
    peer_says(w, "203.0.113.7", "too late");
    assert_string_equal(w->heard, "");
    world_free(w);
}

static void a_quiet_client_keeps_its_way_open(void **state)
{
    (void)state;
    for (unsigned stream = 0; stream < 2; stream++) {
        world *w = allocated(stream);
        unsigned before = w->sent;

        run_for(w, 151 * (uint64_t)SECOND);
        assert_int_equal(w->sent - before, stream ? 0 : 9); /* the first 15 s were not quiet */
        world_free(w);
    }
}

static void a_stale_nonce_is_replaced(void **state)
{
    world *w = world_new(false);

    (void)state;
    w->server.stale_after = 1;
    begin(w);
    assert_int_equal(w->allocated, 1);
    for (unsigned i = 0; i < 400; i++) {
        run_for(w, 5 * SECOND);
        say(w, "203.0.113.7", "x");
    }
    assert_int_equal(w->failed, 0);
    assert_in_range(w->server.challenges, 10, 40);
    world_free(w);
}

static void a_server_of_stale_nonces_only_is_given_up(void **state)
{
    world *w = world_new(false);

    (void)state;
    begin(w);
    assert_int_equal(w->allocated, 1);
    w->server.stale_after = 1;
    w->server.used = 1;
    for (unsigned i = 0; i < 4 && !w->failed; i++) {
        run_for(w, 600 * (uint64_t)SECOND);
        w->server.used = 1;
    }
    assert_int_equal(w->failed, 0); /* the second nonce is good each time */
    w->server.refuses = 438;
    w->server.refuses_method = PP_TURN_REFRESH;
    run_for(w, 1200 * (uint64_t)SECOND);
    assert_int_equal(w->failed, 1);
    world_free(w);
}

static void an_allocation_that_is_lost_is_told(void **state)
{
    world *w = allocated(false);

    (void)state;
    turn_server_forget(&w->server, &w->client);
    run_for(w, 600 * (uint64_t)SECOND);
    assert_int_equal(w->failed, 1);
    assert_int_equal(w->failure.code, 437);
    assert_int_equal(pp_turn_send(w->turn, &w->client, (const uint8_t *)"x", 1, w->now_us),
                     PIPIT_ERR_STATE);
    world_free(w);
}

static void a_client_that_is_closed_gives_the_allocation_back(void **state)
{
    world *w = allocated(false);

    (void)state;
    pp_turn_close(w->turn);
    w->turn = pp_turn_free(w->turn);
    run_for(w, SECOND);
    assert_int_equal(w->server.deallocated, 1);
    assert_int_equal(w->failed, 0);
    world_free(w);
}

static void a_stream_is_read_in_whatever_pieces_it_comes(void **state)
{
    world *w = world_new(true);

    (void)state;
    w->crumbs = true;
    begin(w);
    assert_int_equal(w->allocated, 1);
    say(w, "203.0.113.7", "one");
    say(w, "203.0.113.7", "two");
    peer_says(w, "203.0.113.7", "a"); /* padded by three octets */
    peer_says(w, "203.0.113.7", "bcdef");
    assert_string_equal(w->heard, "203.0.113.7:7000 a,203.0.113.7:7000 bcdef,");
    assert_int_equal(w->server.channel_datas, 0);
    say(w, "203.0.113.7", "three");
    assert_int_equal(w->server.channel_datas, 1);
    world_free(w);
}

static void several_messages_at_once_are_taken_apart(void **state)
{
    world *w = allocated(true);
    static uint8_t many[PP_LIMIT_TURN_STREAM * 2];
    unsigned channel, count = 0;

    (void)state;
    say(w, "203.0.113.7", "one");
    say(w, "203.0.113.7", "two");
    channel = w->server.clients[0].permissions[0].channel;
    for (size_t i = 0; i + 8 <= sizeof(many); i += 8, count++)
        memcpy(many + i,
               (const uint8_t[]){(uint8_t)(channel >> 8), (uint8_t)channel, 0, 1, 'x', 0, 0, 0}, 8);
    pp_turn_receive(w->turn, many, sizeof(many), w->now_us);
    assert_int_equal(w->failed, 0);
    assert_non_null(strstr(w->heard, "203.0.113.7:7000 x,203.0.113.7:7000 x,"));
    world_free(w);
}

static void a_stream_of_something_else_is_the_end(void **state)
{
    world *w = allocated(true);

    (void)state;
    pp_turn_receive(w->turn, (const uint8_t *)"\xFFTTP/1.1 400", 12, w->now_us);
    assert_int_equal(w->failed, 1);
    world_free(w);
}

static void a_crowd_of_peers_has_a_limit(void **state)
{
    world *w = allocated(false);

    (void)state;
    w->server.silent = true;
    for (unsigned i = 0; i < PP_LIMIT_TURN_PEERS + 1; i++) {
        pp_addr to = at("203.0.113.7", (uint16_t)(i + 1));
        int err = pp_turn_send(w->turn, &to, (const uint8_t *)"x", 1, w->now_us);

        assert_int_equal(err, i < PP_LIMIT_TURN_PEERS ? 0 : PIPIT_ERR_LIMIT);
    }
    world_free(w);
}

static void free_in_handler(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    world *w = arg;

    (void)from;
    (void)data;
    (void)size;
    w->turn = pp_turn_free(w->turn);
}

static void a_client_may_be_freed_by_its_handler(void **state)
{
    static const pp_turn_handlers handlers = {on_send, on_allocated, free_in_handler, on_failed};
    const pp_turn_options options = {TURN_USER, TURN_PASSWORD, true, false};
    world *w = world_new(true);
    pp_turn *turn;

    (void)state;
    assert_int_equal(pp_turn_new(&w->rng, &options, &handlers, w, &w->turn), 0);
    turn = w->turn;
    pp_turn_start(w->turn, w->now_us);
    run_for(w, 0);
    say(w, "203.0.113.7", "one");
    assert_true(w->turn == turn);
    peer_says(w, "203.0.113.7", "two");
    assert_null(w->turn);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allocation_is_made_with_the_second_request),
        cmocka_unit_test(an_ipv6_address_comes_with_the_ipv4_one),
        cmocka_unit_test(a_server_without_credentials_is_used_too),
        cmocka_unit_test(sha_256_and_a_hidden_name_are_used_where_they_are_offered),
        cmocka_unit_test(a_challenge_without_its_algorithms_is_not_believed),
        cmocka_unit_test(a_wrong_password_ends_it),
        cmocka_unit_test(a_forged_answer_is_none),
        cmocka_unit_test(a_refusal_is_told_with_its_code),
        cmocka_unit_test(a_silent_server_is_asked_seven_times),
        cmocka_unit_test(lost_requests_are_sent_again),
        cmocka_unit_test(a_silent_stream_is_asked_once),
        cmocka_unit_test(the_first_datagram_waits_for_the_permission),
        cmocka_unit_test(a_channel_is_bound_for_what_is_no_stun),
        cmocka_unit_test(a_peer_whom_nothing_was_sent_to_is_not_heard),
        cmocka_unit_test(a_peer_that_is_refused_is_not_asked_for_again),
        cmocka_unit_test(a_channel_that_is_refused_is_done_without),
        cmocka_unit_test(a_long_call_keeps_allocation_permission_and_channel),
        cmocka_unit_test(a_peer_that_is_left_alone_is_forgotten),
        cmocka_unit_test(a_quiet_client_keeps_its_way_open),
        cmocka_unit_test(a_stale_nonce_is_replaced),
        cmocka_unit_test(a_server_of_stale_nonces_only_is_given_up),
        cmocka_unit_test(an_allocation_that_is_lost_is_told),
        cmocka_unit_test(a_client_that_is_closed_gives_the_allocation_back),
        cmocka_unit_test(a_stream_is_read_in_whatever_pieces_it_comes),
        cmocka_unit_test(several_messages_at_once_are_taken_apart),
        cmocka_unit_test(a_stream_of_something_else_is_the_end),
        cmocka_unit_test(a_crowd_of_peers_has_a_limit),
        cmocka_unit_test(a_client_may_be_freed_by_its_handler),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
