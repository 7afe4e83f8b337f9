/* data.c - tests of data in the association (RFC 8261). */
#include "wire.h"

static void data_goes_both_ways(void **state)
{
    struct wire wire = {0};
    uint8_t data[PP_LIMIT_DTLS_DATA];

    (void)state;
    open_wire(&wire);
    assert_int_equal(pp_dtls_send(wire.client.dtls, data, 1), PIPIT_ERR_STATE);
    run(&wire);
    check_connected(&wire);
    wire.server.echoes = true;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7);
    for (size_t size = 1; size <= sizeof(data); size += 61) {
        assert_int_equal(pp_dtls_send(wire.client.dtls, data, size), 0);
        run(&wire);
        assert_int_equal(wire.client.data_size, size);
        assert_memory_equal(wire.client.data, data, size);
    }
    assert_int_equal(wire.client.records, wire.server.records);
    assert_int_equal(pp_dtls_send(wire.client.dtls, data, sizeof(data)), 0);
    assert_int_equal(pp_dtls_send(wire.client.dtls, data, sizeof(data) + 1), PIPIT_ERR_LIMIT);
    assert_int_equal(pp_dtls_send(wire.client.dtls, data, 0), PIPIT_ERR_LIMIT);
    pp_dtls_close(wire.client.dtls);
    assert_int_equal(pp_dtls_send(wire.client.dtls, data, 1), PIPIT_ERR_STATE);
    close_wire(&wire);
}

static void a_record_in_another_order_is_taken_and_a_repeated_one_is_not(void **state)
{
    struct wire wire = {0};
    pp_datagram *first, *second;

    (void)state;
    open_wire(&wire);
    run(&wire);
    assert_int_equal(pp_dtls_send(wire.client.dtls, (const uint8_t *)"one", 3), 0);
    assert_int_equal(pp_dtls_send(wire.client.dtls, (const uint8_t *)"two", 3), 0);
    first = pp_datagrams_take(&wire.to_server);
    second = pp_datagrams_take(&wire.to_server);
    for (int i = 0; i < 2; i++) {
        pp_dtls_receive(wire.server.dtls, second->data, second->size, wire.now_us);
        assert_memory_equal(wire.server.data, i ? "one" : "two", 3);
        pp_dtls_receive(wire.server.dtls, first->data, first->size, wire.now_us);
        assert_memory_equal(wire.server.data, "one", 3);
        assert_int_equal(wire.server.records, 2);
    }
    first->data[first->size - 1] ^= 1;
    pp_dtls_receive(wire.server.dtls, first->data, first->size, wire.now_us);
    assert_int_equal(wire.server.records, 2);
    assert_int_equal(wire.server.closed, 0);
    pp_free(first);
    pp_free(second);
    close_wire(&wire);
}

static void a_data_record_is_not_repeated(void **state)
{
    struct wire wire = {0};

    (void)state;
    open_wire(&wire);
    run(&wire);
    assert_int_equal(pp_dtls_send(wire.client.dtls, (const uint8_t *)"x", 1), 0);
    assert_int_equal(wire.to_server.count, 1);
    pp_datagrams_clear(&wire.to_server);
    assert_int_equal(deadline(&wire.client), PP_NEVER);
    run(&wire);
    assert_int_equal(wire.server.records, 0);
    close_wire(&wire);
}

static void a_machine_may_be_freed_when_data_comes_or_goes(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct wire wire = {0};

        open_wire(&wire);
        run(&wire);
        wire.server.free_when_data = true;
        wire.client.free_when_sending = i;
        (void)pp_dtls_send(wire.client.dtls, (const uint8_t *)"x", 1);
        run(&wire);
        assert_null(wire.server.dtls);
        assert_int_equal(wire.server.records, 1);
        assert_true(i == (wire.client.dtls == NULL));
        close_wire(&wire);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_goes_both_ways),
        cmocka_unit_test(a_record_in_another_order_is_taken_and_a_repeated_one_is_not),
        cmocka_unit_test(a_data_record_is_not_repeated),
        cmocka_unit_test(a_machine_may_be_freed_when_data_comes_or_goes),
    };

    return cmocka_run_group_tests(tests, make_certificates, release_certificates);
}
