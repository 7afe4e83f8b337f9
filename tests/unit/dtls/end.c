/* end.c - tests of how an association ends, and of what does not end it. */
#include "wire.h"

static void a_close_is_told_to_the_other_side(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct wire wire = {0};
        struct end *closing = i ? &wire.client : &wire.server,
                   *other = i ? &wire.server : &wire.client;

        open_wire(&wire);
        run(&wire);
        check_connected(&wire);
        pp_dtls_close(closing->dtls);
        pp_dtls_close(closing->dtls);
        run(&wire);
        assert_int_equal(other->closed, 1);
        assert_int_equal(other->error, 0);
        assert_int_equal(closing->closed, 0);
        close_wire(&wire);
    }
}

static void a_close_before_the_end_of_the_handshake_is_quiet(void **state)
{
    struct wire wire = {0};
    unsigned sent;

    (void)state;
    open_wire(&wire);
    step(&wire);
    sent = wire.sent;
    pp_dtls_close(wire.server.dtls);
    pp_dtls_close(wire.client.dtls);
    run(&wire);
    assert_int_equal(wire.sent, sent);
    assert_int_equal(wire.client.closed + wire.server.closed + wire.client.connected, 0);
    close_wire(&wire);
}

static void garbage_is_ignored(void **state)
{
    static const uint8_t rtp[] = {0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3}, stun[20] = {0, 1};
    struct wire wire = {0};
    static uint8_t garbage[1400], large[PP_LIMIT_DTLS_DATAGRAM + 1] = {22, 0xFE, 0xFD};

    (void)state;
    wire.seed = 4711;
    open_wire(&wire);
    for (int i = 0; i < 300; i++) {
        size_t size = chance(&wire) % sizeof(garbage);
        struct end *end = i % 2 ? &wire.client : &wire.server;

        for (size_t k = 0; k < size; k++)
            garbage[k] = (uint8_t)chance(&wire);
        garbage[0] = (uint8_t)(20 + chance(&wire) % 44);
        pp_dtls_receive(end->dtls, garbage, size, wire.now_us);
        pp_dtls_receive(end->dtls, rtp, sizeof(rtp), wire.now_us);
        pp_dtls_receive(end->dtls, stun, sizeof(stun), wire.now_us);
        pp_dtls_receive(end->dtls, large, sizeof(large), wire.now_us);
        pp_dtls_receive(end->dtls, NULL, 0, wire.now_us);
        if (i % 50 == 0)
            step(&wire);
    }
    run(&wire);
    check_connected(&wire);
    pp_dtls_close(wire.client.dtls);
    run(&wire);
    assert_int_equal(wire.server.closed, 1);
    close_wire(&wire);
}

static void a_forged_record_does_not_end_the_connection(void **state)
{
    struct wire wire = {0};
    pp_datagram *alert;

    (void)state;
    open_wire(&wire);
    run(&wire);
    pp_dtls_close(wire.client.dtls);
    alert = pp_datagrams_take(&wire.to_server);
    assert_non_null(alert);
    alert->data[alert->size - 1] ^= 1;
    pp_dtls_receive(wire.server.dtls, alert->data, alert->size, wire.now_us);
    assert_int_equal(wire.server.closed, 0);
    pp_dtls_receive(wire.server.dtls,
                    (const uint8_t *)"\x15\xFE\xFD\0\0\0\0\0\0\0\x09\0\x02\x02\x28", 15,
                    wire.now_us);
    assert_int_equal(wire.server.closed, 0); /* a fatal alert in clear */
    alert->data[alert->size - 1] ^= 1;
    pp_dtls_receive(wire.server.dtls, alert->data, alert->size, wire.now_us);
    assert_int_equal(wire.server.closed, 1);
    assert_int_equal(wire.server.error, 0);
    pp_free(alert);
    close_wire(&wire);
}

static void a_handler_may_free_the_machine(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct wire wire = {0};
        struct end *end = i % 2 ? &wire.client : &wire.server;

        make_ends(&wire);
        expect(&wire.client, bob, PP_HASH_SHA256, "sha-256");
        expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
        end->free_when_connected = i / 2 == 0 || i / 2 == 3;
        end->free_when_closed = i / 2 == 1;
        end->free_when_sending = i / 2 == 2;
        end->close_when_connected = i / 2 == 3;
        start(&wire);
        wire.cut = i / 2 == 1;
        pp_datagrams_clear(wire.cut ? &wire.to_server : &wire.to_client);
        run(&wire);
        assert_null(end->dtls);
        close_wire(&wire);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_close_is_told_to_the_other_side),
        cmocka_unit_test(a_close_before_the_end_of_the_handshake_is_quiet),
        cmocka_unit_test(garbage_is_ignored),
        cmocka_unit_test(a_forged_record_does_not_end_the_connection),
        cmocka_unit_test(a_handler_may_free_the_machine),
    };

    return cmocka_run_group_tests(tests, make_certificates, release_certificates);
}
