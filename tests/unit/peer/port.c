/* port.c - places on shared sockets: whose a datagram is, and who gets a socket of its own. */
#include "peer/port.h"

#include "base/buf.h"
#include "base/error.h"
#include "stun/stun.h"
#include "support/files.h"
#include "support/sim.h"

typedef struct seat {
    pp_udp *udp;
    unsigned heard;
} seat;

static void hear(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    (void)from;
    (void)data;
    (void)size;
    ((seat *)arg)->heard++;
}

static pp_addr address(const char *ip, uint16_t port)
{
    pp_addr a;

    assert_true(pp_addr_parse(pp_str_c(ip), port, &a));
    return a;
}

static int try_seat(sim *s, seat *out, const pp_port_wish *wish)
{
    pp_addr at = address("192.0.2.1", 0);

    return pp_port_open(sim_loop(s), &at, wish, hear, out, &out->udp);
}

static void take_seat(sim *s, seat *out, pp_port_wish wish)
{
    assert_int_equal(try_seat(s, out, &wish), 0);
}

static void leave(seat *s)
{
    s->udp = pp_udp_close(s->udp);
}

static void come(sim *s, const pp_addr *from, const seat *to, const void *data, size_t size)
{
    sim_inject_datagram(s, from, &to->udp->local, data, size);
    sim_advance_ms(s, 10);
}

static void come_as(sim *s, const pp_addr *from, const seat *to, pp_stun_class kind,
                    const char *username)
{
    pp_stun m = {.kind = kind,
                 .method = PP_STUN_BINDING,
                 .has_username = username != NULL,
                 .username = pp_str_c(username),
                 .transaction = "012345678901"};
    pp_buf packet = {0};

    assert_int_equal(pp_stun_write(&m, PP_LIT("key"), &packet), 0);
    come(s, from, to, packet.p, packet.n);
    pp_buf_free(&packet);
}

/* A request to that user name; NULL: an answer to nobody knows what. */
static void come_stun(sim *s, const pp_addr *from, const seat *to, const char *username)
{
    come_as(s, from, to, username ? PP_STUN_REQUEST : PP_STUN_SUCCESS, username);
}

static void a_request_goes_to_who_is_named(void **state)
{
    const pp_addr from = address("198.51.100.1", 5000);
    seat a = {0}, b = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    take_seat(s, &a, (pp_port_wish){0});
    take_seat(s, &b, (pp_port_wish){0});
    assert_true(pp_addr_eq(&a.udp->local, &b.udp->local));
    assert_int_equal(pp_port_add_name(a.udp, "anna"), 0);
    assert_int_equal(pp_port_add_name(a.udp, "anna"), 0); /* again is fine */
    assert_int_equal(pp_port_add_name(b.udp, "berta"), 0);
    assert_int_equal(pp_port_add_name(b.udp, "anna"), PIPIT_ERR_STATE);
    come_stun(s, &from, &a, "anna:x");
    come_stun(s, &from, &a, "berta:x");
    come_stun(s, &from, &a, "berta:y");
    assert_true(a.heard == 1 && b.heard == 2);
    assert_int_equal(pp_port_discarded(a.udp), 0);
    come_stun(s, &from, &a, "bert:x");
    come_stun(s, &from, &a, "");
    come_stun(s, &from, &a, NULL);
    pp_port_keep_names(a.udp, NULL, NULL);
    come_stun(s, &from, &a, "anna:x");
    assert_true(a.heard == 1 && b.heard == 2);
    assert_int_equal(pp_port_discarded(b.udp), 4);
    leave(&a);
    leave(&b);
    sim_free(s);
}

static void media_goes_to_who_has_verified_where_it_comes_from(void **state)
{
    static const uint8_t media[] = {0x80, 0, 0, 1};
    const pp_addr first = address("198.51.100.1", 5000), second = address("2001:db8::7", 5000);
    seat a = {0}, b = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    take_seat(s, &a, (pp_port_wish){0});
    take_seat(s, &b, (pp_port_wish){0});
    come(s, &first, &a, media, sizeof(media));
    pp_port_claim(a.udp, &first); /* saying so is not enough */
    come(s, &first, &a, media, sizeof(media));
    assert_true(a.heard == 0 && pp_port_discarded(a.udp) == 2);
    pp_port_verified(b.udp, &first);
    pp_port_verified(a.udp, &second);
    pp_port_verified(a.udp, &first); /* too late */
    come(s, &first, &a, media, sizeof(media));
    come(s, &first, &a, media, sizeof(media));
    come(s, &second, &a, media, sizeof(media));
    assert_true(a.heard == 1 && b.heard == 2);
    leave(&b);
    come(s, &first, &a, media, sizeof(media));
    assert_true(a.heard == 1 && pp_port_discarded(a.udp) == 3);
    leave(&a);
    sim_free(s);
}

static void an_answer_goes_to_who_has_asked(void **state)
{
    const pp_addr server = address("198.51.100.1", 3478);
    pp_stun m = {.kind = PP_STUN_REQUEST, .method = PP_STUN_BINDING, .transaction = "012345678901"};
    pp_buf packet = {0};
    seat a = {0}, b = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    take_seat(s, &a, (pp_port_wish){0});
    take_seat(s, &b, (pp_port_wish){0});
    assert_int_equal(pp_stun_write(&m, PP_STR_NONE, &packet), 0);
    assert_int_equal(pp_udp_send(b.udp, &server, packet.p, packet.n), 0);
    assert_int_equal(pp_udp_send(b.udp, &server, packet.p, packet.n), 0); /* again */
    come_stun(s, &server, &a, NULL);
    assert_true(a.heard == 0 && b.heard == 1);
    come_as(s, &server, &a, PP_STUN_SUCCESS, "their:ours"); /* libnice says again who was asked */
    assert_true(a.heard == 0 && b.heard == 2);
    sim_advance_ms(s, 41000);
    m.transaction[0]++;
    pp_buf_clear(&packet);
    assert_int_equal(pp_stun_write(&m, PP_STR_NONE, &packet), 0);
    assert_int_equal(pp_udp_send(b.udp, &server, packet.p, packet.n), 0);
    come_stun(s, &server, &a, NULL); /* the first was long ago */
    assert_true(a.heard == 0 && b.heard == 2);
    leave(&b);
    leave(&a);
    pp_buf_free(&packet);
    sim_free(s);
}

static void a_far_end_in_use_means_another_socket(void **state)
{
    const pp_addr far[] = {address("198.51.100.1", 5000), address("198.51.100.2", 5000)};
    const pp_port_wish but_both = {.avoided = far, .avoided_count = 2};
    seat a = {0}, b = {0}, c = {0}, d = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    take_seat(s, &a, but_both);
    pp_port_claim(a.udp, &far[1]);
    assert_false(pp_port_is_taken(a.udp, &far[1]));
    assert_true(pp_port_is_taken(a.udp, &a.udp->local)); /* nobody calls himself over one socket */
    take_seat(s, &b, but_both);
    take_seat(s, &c, (pp_port_wish){0});
    assert_true(pp_port_is_taken(c.udp, &far[1]));
    assert_int_not_equal(b.udp->local.port, a.udp->local.port);
    assert_int_equal(c.udp->local.port, a.udp->local.port);
    leave(&a);
    take_seat(s, &d, but_both); /* it has gone */
    assert_int_equal(d.udp->local.port, c.udp->local.port);
    leave(&b);
    leave(&c);
    leave(&d);
    sim_free(s);
}

static void ports_are_taken_within_their_range(void **state)
{
    const pp_addr far = address("198.51.100.1", 5000);
    const pp_port_wish wish = {.first = 6000, .last = 6001, .avoided = &far, .avoided_count = 1};
    seat a = {0}, b = {0}, c = {0}, d = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    take_seat(s, &d, (pp_port_wish){0}); /* not within it */
    take_seat(s, &a, wish);
    assert_int_equal(a.udp->local.port, 6000);
    pp_port_claim(a.udp, &far);
    take_seat(s, &b, wish);
    assert_int_equal(b.udp->local.port, 6001);
    pp_port_claim(b.udp, &far);
    assert_int_equal(try_seat(s, &c, &wish), PIPIT_ERR_IO);
    take_seat(s, &c, (pp_port_wish){.first = 6001, .last = 6001});
    assert_int_equal(c.udp->local.port, 6001);
    leave(&a);
    leave(&b);
    leave(&c);
    leave(&d);
    sim_free(s);
}

static void a_socket_of_its_own_is_shared_with_nobody(void **state)
{
    static const uint8_t channel_data[] = {0x40, 0, 0, 0};
    const pp_addr server = address("198.51.100.1", 3478);
    seat a = {0}, b = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    take_seat(s, &a, (pp_port_wish){.own = true});
    take_seat(s, &b, (pp_port_wish){0});
    assert_int_not_equal(a.udp->local.port, b.udp->local.port);
    come(s, &server, &a, channel_data, sizeof(channel_data));
    come(s, &server, &b, channel_data, sizeof(channel_data));
    assert_true(a.heard == 1 && b.heard == 0);
    come_stun(s, &server, &a, "stranger:x");
    assert_true(a.heard == 1 && pp_port_discarded(a.udp) == 1);
    leave(&a);
    leave(&b);
    sim_free(s);
}

/* Signalled or learnt, what one call knows of far addresses is bounded; the ones that are in use stay. */
static void what_is_kept_of_a_call_is_bounded(void **state)
{
    static const uint8_t media[] = {0x80, 0, 0, 1};
    const pp_addr used = address("198.51.100.1", 5000);
    pp_addr other = address("198.51.100.2", 1);
    seat a = {0}, b = {0};
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    take_seat(s, &a, (pp_port_wish){0});
    take_seat(s, &b, (pp_port_wish){0});
    for (; other.port < 100; other.port++)
        pp_port_claim(a.udp, &other);
    assert_false(pp_port_is_taken(b.udp, &other));
    pp_port_verified(a.udp, &used);
    come(s, &used, &a, media, sizeof(media));
    assert_int_equal(a.heard, 1);
    for (other.port = 1000; other.port < 1100; other.port++)
        pp_port_verified(a.udp, &other);
    come(s, &other, &a, media, sizeof(media));
    come(s, &used, &a, media, sizeof(media)); /* the oldest of so many */
    assert_int_equal(a.heard, 1);
    leave(&a);
    leave(&b);
    sim_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_goes_to_who_is_named),
        cmocka_unit_test(media_goes_to_who_has_verified_where_it_comes_from),
        cmocka_unit_test(an_answer_goes_to_who_has_asked),
        cmocka_unit_test(a_far_end_in_use_means_another_socket),
        cmocka_unit_test(ports_are_taken_within_their_range),
        cmocka_unit_test(a_socket_of_its_own_is_shared_with_nobody),
        cmocka_unit_test(what_is_kept_of_a_call_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
