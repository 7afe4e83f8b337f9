/* tcp.c - tests of ICE over TCP (RFC 6544): calls where no datagram passes, and strangers at the listening socket. */
#include "base/error.h"
#include "peer/tcp_place.h"
#include "stun/stun.h"
#include "support/scarce.h"
#include "unit/peer/support/couple.h"

#include <stdio.h>
#include <stdlib.h>

static bool none_passes(void *arg, const pp_addr *from, const pp_addr *to, const uint8_t *data,
                        size_t size)
{
    (void)from;
    (void)to;
    (void)data;
    (void)size;
    ++*(unsigned *)arg;
    return false;
}

static bool offers(const end *e, const char *part)
{
    for (size_t i = 0; i < e->candidate_count; i++)
        if (strstr(e->candidates[i], part))
            return true;
    return false;
}

static void call(couple *c)
{
    add_tone(&c->a, 440);
    add_tone(&c->b, 1000);
    negotiate(&c->a, &c->b);
    advance(c, 3000);
}

static void a_call_goes_over_tcp_where_no_datagram_passes(void **state)
{
    const pipit_peer_configuration both = {.ice_tcp = PIPIT_ICE_TCP_BOTH};
    unsigned datagrams = 0;
    couple c;

    (void)state;
    begin_couple_with(&c, 21, &both);
    sim_filter_datagrams(c.s, none_passes, &datagrams);
    call(&c);
    assert_int_equal(pipit_peer_connection_state(c.a.peer), PIPIT_CONNECTION_CONNECTED);
    assert_int_equal(pipit_peer_connection_state(c.b.peer), PIPIT_CONNECTION_CONNECTED);
    assert_true(c.a.heard[0] > 8000 && c.b.heard[0] > 8000);
    assert_true(datagrams > 0); /* it was tried */
    assert_true(offers(&c.a, " udp ") && offers(&c.a, " 9 typ host tcptype active"));
    assert_true(offers(&c.a, " typ host tcptype passive"));
    sim_filter_datagrams(c.s, NULL, NULL);
    end_couple(&c);
}

static void datagrams_are_better_where_they_pass(void **state)
{
    const pipit_peer_configuration both = {.ice_tcp = PIPIT_ICE_TCP_BOTH};
    sim_counts before;
    couple c;

    (void)state;
    begin_couple_with(&c, 22, &both);
    call(&c);
    assert_true(c.a.heard[0] > 8000 && c.b.heard[0] > 8000);
    before = sim_get_counts(c.s);
    advance(&c, 1000);
    assert_true(sim_get_counts(c.s).datagrams - before.datagrams > 90);
    end_couple(&c);
}

static void no_datagram_goes_where_tcp_alone_is_wanted(void **state)
{
    const pipit_peer_configuration only = {.ice_tcp = PIPIT_ICE_TCP_ONLY};
    couple c;

    (void)state;
    begin_couple_with(&c, 23, &only);
    call(&c);
    assert_true(c.a.heard[0] > 8000 && c.b.heard[0] > 8000);
    assert_false(offers(&c.a, " udp "));
    assert_int_equal(sim_get_counts(c.s).datagrams, 0);
    end_couple(&c);
}

static void who_only_connects_finds_nobody_of_his_kind(void **state)
{
    const pipit_peer_configuration active = {.ice_tcp = PIPIT_ICE_TCP_ACTIVE};
    unsigned datagrams = 0;
    couple c;

    (void)state;
    begin_couple_with(&c, 24, &active);
    sim_filter_datagrams(c.s, none_passes, &datagrams);
    call(&c);
    assert_false(offers(&c.a, "passive"));
    assert_true(offers(&c.a, "tcptype active"));
    assert_int_equal(pipit_peer_connection_state(c.a.peer), PIPIT_CONNECTION_CONNECTING);
    sim_filter_datagrams(c.s, NULL, NULL);
    end_couple(&c);
}

static void nothing_is_said_of_tcp_where_nobody_asks(void **state)
{
    couple c;

    (void)state;
    begin_couple(&c, 25);
    call(&c);
    assert_false(offers(&c.a, "tcp"));
    end_couple(&c);
}

/* --- strangers -------------------------------------------------------------------------------- */

typedef struct caller { /* somebody who connects */
    pp_stream *stream;
    bool connected, closed;
} caller;

static void on_connected(void *arg)
{
    ((caller *)arg)->connected = true;
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    (void)arg;
    (void)data;
    (void)size;
}

static void on_closed(void *arg, int error, const char *reason)
{
    (void)error;
    (void)reason;
    ((caller *)arg)->closed = true;
}

static const pp_stream_handlers caller_handlers = {
    .connected = on_connected, .data = on_data, .closed = on_closed};

typedef struct host { /* a place, and what it got */
    sim *s;
    pp_tcp_place *place;
    unsigned packets;
    size_t octets;
    bool closes;
} host;

static void on_packet(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    host *h = arg;

    (void)from;
    (void)data;
    h->packets++;
    h->octets += size;
    if (h->closes)
        h->place = pp_tcp_place_close(h->place);
}

static void open_host(host *h)
{
    pp_addr at;

    *h = (host){.s = NULL};
    assert_int_equal(sim_new(5, &h->s), 0);
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 0, &at));
    assert_int_equal(pp_tcp_place_open(sim_loop(h->s), &at, true, on_packet, h, &h->place), 0);
    assert_int_equal(pp_tcp_place_add_name(h->place, "abcd"), 0);
    assert_int_equal(pp_tcp_place_add_name(h->place, "abcd"), 0);
}

static void close_host(host *h)
{
    pp_tcp_place_close(h->place);
    sim_free(h->s);
}

static void dial(host *h, caller *c)
{
    *c = (caller){.stream = NULL};
    assert_int_equal(sim_loop(h->s)->ops->tcp_connect(sim_loop(h->s), pp_tcp_place_local(h->place),
                                                      &caller_handlers, c, &c->stream),
                     0);
    sim_advance_ms(h->s, 10);
    assert_true(c->connected);
}

static void hang_up(caller *c)
{
    c->stream = pp_stream_close(c->stream);
}

/* A request to that user, behind its length. */
static void request(const char *username, pp_buf *out)
{
    pp_stun m = {.kind = PP_STUN_REQUEST,
                 .method = PP_STUN_BINDING,
                 .has_username = true,
                 .username = pp_str_c(username)};
    pp_buf packet = {0};

    assert_int_equal(pp_stun_write(&m, PP_LIT("0123456789012345678901"), &packet), 0);
    pp_buf_u8(out, (uint8_t)(packet.n >> 8));
    pp_buf_u8(out, (uint8_t)packet.n);
    pp_buf_add(out, packet.p, packet.n);
    pp_buf_free(&packet);
}

static void say(host *h, caller *c, const void *data, size_t size)
{
    assert_int_equal(pp_stream_send(c->stream, data, size), 0);
    sim_advance_ms(h->s, 10);
}

static void a_stranger_is_hung_up_on(void **state)
{
    pp_buf other = {0};
    caller c;
    host h;

    (void)state;
    open_host(&h);
    dial(&h, &c);
    say(&h, &c, "\0\4oops", 6);
    assert_true(c.closed);
    hang_up(&c);
    dial(&h, &c);
    request("efgh:xyz", &other);
    say(&h, &c, other.p, other.n);
    assert_true(c.closed);
    hang_up(&c);
    dial(&h, &c); /* who says nothing */
    sim_advance_ms(h.s, 4000);
    assert_false(c.closed);
    sim_advance_ms(h.s, 1100);
    assert_true(c.closed);
    hang_up(&c);
    assert_int_equal(h.packets, 0);
    pp_buf_free(&other);
    close_host(&h);
}

static void there_is_room_for_so_many_strangers(void **state)
{
    caller callers[70];
    unsigned closed = 0;
    host h;

    (void)state;
    open_host(&h);
    for (size_t i = 0; i < 70; i++)
        dial(&h, &callers[i]);
    for (size_t i = 0; i < 70; i++)
        closed += callers[i].closed;
    assert_int_equal(closed, 70 - 64);
    for (size_t i = 0; i < 70; i++)
        hang_up(&callers[i]);
    close_host(&h);
}

static void packets_are_put_together_however_they_come(void **state)
{
    pp_buf all = {0};
    caller c;
    host h;

    (void)state;
    open_host(&h);
    dial(&h, &c);
    request("abcd:xyz", &all);
    pp_buf_add(&all, "\0\0\0\3abc", 7); /* an empty one, and three octets */
    for (size_t i = 0; i < all.n; i++)
        say(&h, &c, all.p + i, 1);
    assert_int_equal(h.packets, 3);
    say(&h, &c, all.p + (all.n - 5), 5);
    assert_int_equal(h.packets, 4);
    assert_false(c.closed);
    hang_up(&c);
    pp_buf_free(&all);
    close_host(&h);
}

static void a_place_may_be_closed_by_what_it_gets(void **state)
{
    pp_buf all = {0};
    caller c;
    host h;

    (void)state;
    open_host(&h);
    h.closes = true;
    dial(&h, &c);
    request("abcd:xyz", &all);
    pp_buf_add(&all, "\0\3abc", 5);
    say(&h, &c, all.p, all.n);
    assert_int_equal(h.packets, 1);
    assert_null(h.place);
    assert_true(c.closed);
    hang_up(&c);
    pp_buf_free(&all);
    close_host(&h);
}

static void memory_may_be_short_for_streams(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 100; n++) {
        pp_buf all = {0};
        bool failed;
        caller c;
        host h;

        scarce_begin(0);
        open_host(&h);
        request("abcd:xyz", &all);
        scarce_fail(n);
        dial(&h, &c);
        say(&h, &c, all.p, all.n);
        pp_tcp_place_send(h.place, pp_tcp_place_local(h.place), (const uint8_t *)"x", 1);
        failed = scarce_memory.failed;
        scarce_relax();
        assert_true(failed || h.packets == 1);
        hang_up(&c);
        pp_buf_free(&all);
        close_host(&h);
        assert_int_equal(scarce_end(), 0);
        if (!failed)
            return;
    }
    fail_msg("it never came to an end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_goes_over_tcp_where_no_datagram_passes),
        cmocka_unit_test(datagrams_are_better_where_they_pass),
        cmocka_unit_test(no_datagram_goes_where_tcp_alone_is_wanted),
        cmocka_unit_test(who_only_connects_finds_nobody_of_his_kind),
        cmocka_unit_test(nothing_is_said_of_tcp_where_nobody_asks),
        cmocka_unit_test(a_stranger_is_hung_up_on),
        cmocka_unit_test(there_is_room_for_so_many_strangers),
        cmocka_unit_test(packets_are_put_together_however_they_come),
        cmocka_unit_test(a_place_may_be_closed_by_what_it_gets),
        cmocka_unit_test(memory_may_be_short_for_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
