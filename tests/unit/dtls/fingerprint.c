/* fingerprint.c - tests of fingerprints: which fit, which are refused, which come late. */
#include "wire.h"

static void the_wrong_certificate_gets_no_keys_from_the_server(void **state)
{
    struct wire wire = {0};

    (void)state;
    make_ends(&wire);
    expect(&wire.client, bob, PP_HASH_SHA256, "sha-256");
    expect(&wire.server, bob, PP_HASH_SHA256, "sha-256");
    start(&wire);
    run(&wire);
    assert_int_equal(wire.client.connected + wire.server.connected, 0);
    assert_int_equal(wire.server.error, PIPIT_ERR_TLS);
    assert_non_null(strstr(wire.server.reason, "does not fit the fingerprint"));
    assert_int_equal(wire.client.error, PIPIT_ERR_TLS);
    assert_non_null(strstr(wire.client.reason, "the peer refused"));
    assert_int_equal(wire.client.closed, 1);
    assert_int_equal(wire.server.closed, 1);
    close_wire(&wire);
}

static void the_wrong_certificate_gets_no_keys_from_the_client(void **state)
{
    struct wire wire = {0};

    (void)state;
    make_ends(&wire);
    expect(&wire.client, alice, PP_HASH_SHA256, "sha-256");
    expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
    start(&wire);
    run(&wire);
    assert_int_equal(wire.client.connected + wire.server.connected, 0);
    assert_int_equal(wire.client.error, PIPIT_ERR_TLS);
    assert_non_null(strstr(wire.client.reason, "does not fit the fingerprint"));
    assert_int_equal(wire.server.error, PIPIT_ERR_TLS);
    close_wire(&wire);
}

static void any_of_several_fingerprints_may_fit(void **state)
{
    struct wire wire = {0};

    (void)state;
    make_ends(&wire);
    expect(&wire.client, alice, PP_HASH_SHA256, "sha-256");
    expect(&wire.client, bob, PP_HASH_SHA512, "sha-512");
    expect(&wire.server, alice, PP_HASH_SHA384, "Sha-384");
    start(&wire);
    run(&wire);
    check_connected(&wire);
    close_wire(&wire);
}

static void a_weak_or_broken_fingerprint_is_refused(void **state)
{
    static const char sha256[] = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
                                 "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff";
    struct wire wire = {0};
    pp_dtls *dtls;

    (void)state;
    make_ends(&wire);
    dtls = wire.client.dtls;
    assert_int_equal(
        pp_dtls_add_fingerprint(dtls, PP_LIT("md5"),
                                PP_LIT("00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF")),
        PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pp_dtls_add_fingerprint(dtls, PP_LIT("sha-1"), pp_str_n(sha256, 59)),
                     PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pp_dtls_add_fingerprint(dtls, PP_STR_NONE, PP_STR_NONE),
                     PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pp_dtls_add_fingerprint(dtls, PP_LIT("sha-256"), PP_STR_NONE),
                     PIPIT_ERR_SYNTAX);
    for (size_t n = 0; n < 95; n++) {
        char copy[96];

        assert_int_equal(pp_dtls_add_fingerprint(dtls, PP_LIT("sha-256"), pp_str_n(sha256, n)),
                         PIPIT_ERR_SYNTAX);
        memcpy(copy, sha256, sizeof(copy));
        copy[n] = 'g';
        assert_int_equal(pp_dtls_add_fingerprint(dtls, PP_LIT("sha-256"), pp_str_n(copy, 95)),
                         PIPIT_ERR_SYNTAX);
    }
    assert_int_equal(pp_dtls_add_fingerprint(dtls, PP_LIT("sha-256"), pp_str_n(sha256, 95)), 0);
    close_wire(&wire);
}

static void the_fingerprints_of_a_peer_are_limited(void **state)
{
    struct wire wire = {0};
    char value[96] = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:"
                     "99:aa:bb:cc:dd:ee:ff";

    (void)state;
    make_ends(&wire);
    for (unsigned i = 0; i <= PP_LIMIT_DTLS_FINGERPRINTS; i++) {
        int expected = i < PP_LIMIT_DTLS_FINGERPRINTS ? 0 : PIPIT_ERR_LIMIT;

        value[1] = (char)('0' + i);
        assert_int_equal(
            pp_dtls_add_fingerprint(wire.client.dtls, PP_LIT("sha-256"), pp_str_c(value)),
            expected);
    }
    value[1] = '0'; /* known already */
    assert_int_equal(pp_dtls_add_fingerprint(wire.client.dtls, PP_LIT("sha-256"), pp_str_c(value)),
                     0);
    close_wire(&wire);
}

/* The ClientHello comes before the answer with the fingerprint, which a person may take long to give. */
static void a_server_waits_for_the_fingerprint_for_as_long_as_it_takes(void **state)
{
    struct wire wire = {0};

    (void)state;
    make_ends(&wire);
    expect(&wire.client, bob, PP_HASH_SHA256, "sha-256");
    start(&wire);
    advance_to(&wire, 20000000);
    assert_int_equal(wire.server.connected + wire.client.connected, 0);
    assert_int_equal(wire.server.closed + wire.client.closed, 0);
    expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
    assert_int_equal(wire.server.connected, 1);
    run(&wire);
    check_connected(&wire);
    close_wire(&wire);
}

static void a_late_fingerprint_that_does_not_fit_gives_no_keys(void **state)
{
    struct wire wire = {0};

    (void)state;
    make_ends(&wire);
    expect(&wire.client, bob, PP_HASH_SHA256, "sha-256");
    start(&wire);
    advance_to(&wire, 5000000);
    expect(&wire.server, bob, PP_HASH_SHA256, "sha-256");
    run(&wire);
    assert_int_equal(wire.client.connected + wire.server.connected, 0);
    assert_int_equal(wire.server.error, PIPIT_ERR_TLS);
    assert_int_equal(wire.client.error, PIPIT_ERR_TLS);
    close_wire(&wire);
}

static void a_client_without_a_fingerprint_waits_too(void **state)
{
    struct wire wire = {0};

    (void)state;
    make_ends(&wire);
    expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
    start(&wire);
    advance_to(&wire, 3000000);
    assert_int_equal(wire.server.connected + wire.client.connected, 0);
    expect(&wire.client, bob, PP_HASH_SHA256, "sha-256");
    assert_true(deadline(&wire.client) <= wire.now_us);
    run(&wire);
    check_connected(&wire);
    close_wire(&wire);
}

static void the_time_to_answer_begins_with_the_fingerprint(void **state)
{
    struct wire wire = {0};

    (void)state;
    make_ends(&wire);
    start(&wire);
    wire.client.dtls = pp_dtls_free(wire.client.dtls);
    pp_datagrams_clear(&wire.to_server);
    assert_int_equal(deadline(&wire.server), PP_NEVER);
    wire.now_us = 100000000;
    expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
    run(&wire);
    assert_int_equal(wire.server.error, PIPIT_ERR_TIMEOUT);
    assert_int_equal(wire.now_us, 130000000);
    close_wire(&wire);
}

static void a_datagram_before_the_start_is_kept(void **state)
{
    struct wire wire = {0};

    (void)state;
    make_ends(&wire);
    expect(&wire.client, bob, PP_HASH_SHA256, "sha-256");
    expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
    pp_dtls_start(wire.client.dtls, 0);
    deliver(&wire.to_server, &wire.server);
    assert_int_equal(wire.to_client.count, 0);
    pp_dtls_start(wire.server.dtls, 0);
    assert_true(wire.to_client.count > 0);
    run(&wire);
    check_connected(&wire);
    assert_true(wire.now_us < 400000);
    close_wire(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wrong_certificate_gets_no_keys_from_the_server),
        cmocka_unit_test(the_wrong_certificate_gets_no_keys_from_the_client),
        cmocka_unit_test(any_of_several_fingerprints_may_fit),
        cmocka_unit_test(a_weak_or_broken_fingerprint_is_refused),
        cmocka_unit_test(the_fingerprints_of_a_peer_are_limited),
        cmocka_unit_test(a_server_waits_for_the_fingerprint_for_as_long_as_it_takes),
        cmocka_unit_test(a_late_fingerprint_that_does_not_fit_gives_no_keys),
        cmocka_unit_test(a_client_without_a_fingerprint_waits_too),
        cmocka_unit_test(the_time_to_answer_begins_with_the_fingerprint),
        cmocka_unit_test(a_datagram_before_the_start_is_kept),
    };

    return cmocka_run_group_tests(tests, make_certificates, release_certificates);
}
