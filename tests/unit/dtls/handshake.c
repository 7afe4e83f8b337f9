/* handshake.c - tests of the handshake on good and bad networks, and without memory. */
#include "support/scarce.h"

#include "wire.h"

static void a_handshake_gives_both_sides_the_same_keys(void **state)
{
    struct wire wire = {0};

    (void)state;
    open_wire(&wire);
    assert_string_equal(pp_dtls_cipher(wire.client.dtls), "");
    run(&wire);
    check_connected(&wire);
    assert_true(wire.now_us <= 4 * DELAY_US);
    assert_true(strncmp(pp_dtls_cipher(wire.client.dtls), "DTLSv1.2 ECDHE-ECDSA-", 21) == 0);
    assert_string_equal(pp_dtls_cipher(wire.client.dtls), pp_dtls_cipher(wire.server.dtls));
    assert_int_equal(pp_dtls_deadline_us(wire.client.dtls), PP_NEVER);
    assert_int_equal(pp_dtls_deadline_us(wire.server.dtls), PP_NEVER);
    close_wire(&wire);
}

static void a_handshake_survives_the_loss_of_any_datagram(void **state)
{
    unsigned datagrams = 8;

    (void)state;
    for (unsigned drop = 1; drop <= datagrams; drop++) {
        struct wire wire = {.drop = drop};

        open_wire(&wire);
        run(&wire);
        check_connected(&wire);
        assert_true(wire.now_us < 2000000);
        assert_true(drop > 4 || wire.now_us >= 400000); /* four are needed at least */
        close_wire(&wire);
    }
}

static void a_handshake_survives_a_bad_network(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 60; seed++) {
        struct wire wire = {.seed = seed * 7919, .loss_percent = 25};

        open_wire(&wire);
        run(&wire);
        check_connected(&wire);
        close_wire(&wire);
    }
}

static void a_handshake_survives_duplicates(void **state)
{
    struct wire wire = {0};

    (void)state;
    open_wire(&wire);
    while (wire.to_client.count || wire.to_server.count) {
        pp_datagrams *queue = wire.to_client.count ? &wire.to_client : &wire.to_server;

        for (size_t i = queue->count; i > 0; i--) {
            pp_datagram *datagram = pp_datagrams_take(queue);

            pp_datagrams_add(queue, datagram->data, datagram->size);
            pp_datagrams_add(queue, datagram->data, datagram->size);
            pp_free(datagram);
        }
        deliver(queue, queue == &wire.to_client ? &wire.client : &wire.server);
    }
    check_connected(&wire);
    close_wire(&wire);
}

static void a_client_waits_longer_each_time_and_gives_up(void **state)
{
    static const uint64_t after_ms[] = {400, 800, 1600};
    struct wire wire = {.cut = true};
    uint64_t at_us = 0;

    (void)state;
    open_wire(&wire);
    wire.server.dtls = pp_dtls_free(wire.server.dtls);
    for (size_t i = 0; at_us < 30000000; i++) {
        assert_int_equal(wire.client.closed, 0);
        assert_true(step(&wire));
        at_us += after_ms[i < 2 ? i : 2] * 1000;
        assert_int_equal(wire.now_us, at_us);
    }
    assert_false(step(&wire));
    assert_int_equal(wire.client.closed, 1);
    assert_int_equal(wire.client.error, PIPIT_ERR_TIMEOUT);
    assert_non_null(strstr(wire.client.reason, "30 s"));
    close_wire(&wire);
}

static void a_server_gives_up_too(void **state)
{
    struct wire wire = {.cut = true};

    (void)state;
    open_wire(&wire);
    wire.client.dtls = pp_dtls_free(wire.client.dtls);
    run(&wire);
    assert_int_equal(wire.server.error, PIPIT_ERR_TIMEOUT);
    assert_int_equal(wire.now_us, 30000000);
    close_wire(&wire);
}

/* The server is connected when it has sent its last flight; only a repeated Finished tells that it was lost. */
static void a_last_flight_is_repeated_but_not_too_often(void **state)
{
    struct wire wire = {0};
    pp_datagram *finished;
    unsigned sent;

    (void)state;
    open_wire(&wire);
    while (!wire.server.connected)
        step(&wire);
    pp_datagrams_clear(&wire.to_client);
    wire.now_us += 400000;
    pp_dtls_tick(wire.client.dtls, wire.now_us);
    assert_int_equal(wire.client.connected, 0);
    assert_int_equal(wire.to_server.count, 1);
    finished = pp_datagrams_take(&wire.to_server);
    sent = wire.sent;
    for (int i = 0; i < 5; i++)
        pp_dtls_receive(wire.server.dtls, finished->data, finished->size, wire.now_us);
    assert_int_equal(wire.sent, sent + 1);
    pp_dtls_receive(wire.server.dtls, finished->data, finished->size, wire.now_us + 100000);
    assert_int_equal(wire.sent, sent + 2);
    pp_free(finished);
    run(&wire);
    check_connected(&wire);
    close_wire(&wire);
}

static void a_handshake_without_memory_fails_and_leaks_nothing(void **state)
{
    unsigned connected = 0, failed = 0;

    (void)state;
    for (unsigned n = 1; n <= 40; n++) {
        struct wire wire = {0};

        scarce_begin(0);
        make_ends(&wire);
        expect(&wire.client, bob, PP_HASH_SHA256, "sha-256");
        expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
        scarce_fail_from(n);
        start(&wire);
        run(&wire);
        scarce_relax();
        if (wire.client.connected && wire.server.connected) {
            check_keys(&wire.client.keys, &wire.server.keys);
            connected++;
        } else {
            assert_true(wire.client.closed || wire.server.closed);
            failed++;
        }
        close_wire(&wire);
        assert_int_equal(scarce_end(), 0);
    }
    assert_true(connected > 5 && failed > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_gives_both_sides_the_same_keys),
        cmocka_unit_test(a_handshake_survives_the_loss_of_any_datagram),
        cmocka_unit_test(a_handshake_survives_a_bad_network),
        cmocka_unit_test(a_handshake_survives_duplicates),
        cmocka_unit_test(a_client_waits_longer_each_time_and_gives_up),
        cmocka_unit_test(a_server_gives_up_too),
        cmocka_unit_test(a_last_flight_is_repeated_but_not_too_often),
        cmocka_unit_test(a_handshake_without_memory_fails_and_leaks_nothing),
    };

    return cmocka_run_group_tests(tests, make_certificates, release_certificates);
}
