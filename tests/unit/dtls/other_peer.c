/* other_peer.c - tests with a peer that is not our machine but OpenSSL alone. */
#include "wire.h"

#include <unistd.h>

/* A client like a browser with a large key share: its ClientHello does not fit into a datagram. */
static SSL *large_client(pp_dtls_wire *wire, long mtu)
{
    unsigned char protocols[1000];
    SSL *ssl = NULL;

    memset(protocols, 'x', sizeof(protocols));
    for (size_t i = 0; i < sizeof(protocols); i += 100)
        protocols[i] = 99;
    assert_int_equal(pp_association_new(alice, true, wire, &ssl), 0);
    assert_int_equal(SSL_set_alpn_protos(ssl, protocols, sizeof(protocols)), 0);
    assert_true(SSL_set_mtu(ssl, mtu) > 0);
    assert_int_equal(SSL_do_handshake(ssl), -1);
    return ssl;
}

static void large_hello(bool reversed, bool lost)
{
    struct wire wire = {0};
    pp_datagrams out = {0};
    pp_dtls_wire raw = {.output = raw_output, .accepts = raw_accepts, .arg = &out};
    pp_srtp_keys keys;
    pp_datagram *first, *second;
    SSL *ssl = large_client(&raw, 700);

    make_ends(&wire);
    expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
    start(&wire);
    pp_datagrams_clear(&wire.to_server);
    assert_int_equal(out.count, 2);
    first = pp_datagrams_take(&out);
    second = pp_datagrams_take(&out);
    if (!lost)
        pp_dtls_receive(wire.server.dtls, reversed ? second->data : first->data,
                        reversed ? second->size : first->size, 0);
    assert_int_equal(wire.to_client.count, 0);
    pp_dtls_receive(wire.server.dtls, reversed ? first->data : second->data,
                    reversed ? first->size : second->size, 0);
    if (lost)
        pp_dtls_receive(wire.server.dtls, first->data, first->size, 0);
    assert_true(wire.to_client.count > 0);
    raw_deliver(ssl, &raw, &wire.to_client);
    deliver(&out, &wire.server);
    raw_deliver(ssl, &raw, &wire.to_client);
    assert_int_equal(SSL_is_init_finished(ssl), 1);
    assert_int_equal(wire.server.connected, 1);
    assert_int_equal(pp_association_export(ssl, true, &keys), 0);
    check_keys(&keys, &wire.server.keys);
    SSL_free(ssl);
    pp_free(first);
    pp_free(second);
    pp_datagrams_clear(&out);
    close_wire(&wire);
}

static void a_client_hello_may_come_in_two_datagrams(void **state)
{
    (void)state;
    large_hello(false, false);
    large_hello(true, false);
    large_hello(false, true);
}

/* As many as 40 datagrams, in any order. */
static void a_client_hello_may_come_in_many_pieces_in_any_order(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        struct wire wire = {.seed = seed};
        pp_datagrams out = {0};
        pp_dtls_wire raw = {.output = raw_output, .accepts = raw_accepts, .arg = &out};
        pp_datagram *pieces[64];
        size_t count = 0;
        SSL *ssl = large_client(&raw, 256 - seed);

        make_ends(&wire);
        expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
        pp_dtls_start(wire.server.dtls, 0);
        for (; out.count; count++)
            pieces[count] = pp_datagrams_take(&out);
        assert_in_range(count, 5, 64);
        for (size_t left = count; left; left--) {
            size_t one = chance(&wire) % left;

            assert_int_equal(wire.to_client.count, 0);
            pp_dtls_receive(wire.server.dtls, pieces[one]->data, pieces[one]->size, 0);
            pp_free(pieces[one]);
            pieces[one] = pieces[left - 1];
        }
        assert_true(wire.to_client.count > 0);
        raw_deliver(ssl, &raw, &wire.to_client);
        deliver(&out, &wire.server);
        assert_int_equal(wire.server.connected, 1);
        SSL_free(ssl);
        pp_datagrams_clear(&out);
        close_wire(&wire);
    }
}

static unsigned soon(SSL *ssl, unsigned previous_us)
{
    (void)ssl;
    (void)previous_us;
    return 30000;
}

/* OpenSSL's own timer runs by the system's clock. */
static void wait_for_repetition(SSL *ssl, const pp_datagrams *out)
{
    for (int i = 0; i < 1000 && out->count == 0; i++) {
        usleep(5000);
        DTLSv1_handle_timeout(ssl);
    }
    assert_true(out->count > 0);
}

/* Another implementation repeats its flight with new record numbers, so OpenSSL's server side sees the Finished again
 * and answers by itself, from buffers that were given back. */
static void a_peer_that_repeats_with_new_numbers_is_answered(void **state)
{
    struct wire wire = {0};
    pp_datagrams out = {0};
    pp_dtls_wire raw = {.output = raw_output, .accepts = raw_accepts, .arg = &out};
    SSL *ssl = NULL;
    unsigned sent;

    (void)state;
    make_ends(&wire);
    expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
    pp_dtls_start(wire.server.dtls, 0);
    assert_int_equal(pp_association_new(alice, true, &raw, &ssl), 0);
    DTLS_set_timer_cb(ssl, soon);
    SSL_do_handshake(ssl);
    deliver(&out, &wire.server);
    raw_deliver(ssl, &raw, &wire.to_client);
    pp_datagrams_clear(&out); /* ours is lost, */
    wait_for_repetition(ssl, &out);
    deliver(&out, &wire.server);
    assert_int_equal(wire.server.connected, 1);
    pp_datagrams_clear(&wire.to_client); /* and so is the answer */
    sent = wire.sent;
    wait_for_repetition(ssl, &out);
    deliver(&out, &wire.server);
    assert_true(wire.sent > sent &&
                wire.sent <= sent + 3); /* ours once, OpenSSL's in two datagrams */
    raw_deliver(ssl, &raw, &wire.to_client);
    assert_int_equal(SSL_is_init_finished(ssl), 1);
    assert_int_equal(wire.server.closed, 0);
    SSL_free(ssl);
    pp_datagrams_clear(&out);
    close_wire(&wire);
}

/* Once it has all of our flight the server drops what has the numbers that it knows, as browsers do too. */
static void a_server_whose_last_flight_is_lost_is_asked_with_new_numbers(void **state)
{
    struct wire wire = {0};
    pp_datagrams out = {0};
    pp_dtls_wire raw = {.output = raw_output, .accepts = raw_accepts, .arg = &out};
    SSL *ssl = NULL;
    uint8_t octet;

    (void)state;
    make_ends(&wire);
    expect(&wire.client, bob, PP_HASH_SHA256, "sha-256");
    assert_int_equal(pp_association_new(bob, false, &raw, &ssl), 0);
    pp_dtls_start(wire.client.dtls, 0);
    raw_deliver(ssl, &raw, &wire.to_server);
    deliver(&out, &wire.client);
    raw_deliver(ssl, &raw, &wire.to_server);
    assert_int_equal(SSL_is_init_finished(ssl), 1);
    pp_datagrams_clear(&out);
    usleep(310000); /* OpenSSL's own timer runs by the system's clock */
    pp_dtls_tick(wire.client.dtls, pp_dtls_deadline_us(wire.client.dtls));
    while (wire.to_server.count) {
        pp_datagram *datagram = pp_datagrams_take(&wire.to_server);

        raw.input = datagram->data;
        raw.input_size = datagram->size;
        assert_true(SSL_read(ssl, &octet, 1) <= 0);
        pp_free(datagram);
    }
    deliver(&out, &wire.client);
    assert_int_equal(wire.client.connected, 1);
    SSL_free(ssl);
    close_wire(&wire);
}

static void a_peer_without_srtp_is_refused(void **state)
{
    struct wire wire = {0};
    pp_datagrams out = {0};
    pp_dtls_wire raw = {.output = raw_output, .accepts = raw_accepts, .arg = &out};
    SSL *ssl = NULL;

    (void)state;
    make_ends(&wire);
    expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
    start(&wire);
    assert_int_equal(pp_association_new(alice, true, &raw, &ssl), 0);
    assert_int_equal(SSL_set_tlsext_use_srtp(ssl, "SRTP_AES128_CM_SHA1_80"), 0);
    sk_SRTP_PROTECTION_PROFILE_zero(SSL_get_srtp_profiles(ssl));
    SSL_do_handshake(ssl);
    for (int i = 0; i < 4; i++) {
        deliver(&out, &wire.server);
        raw_deliver(ssl, &raw, &wire.to_client);
    }
    assert_int_equal(wire.server.connected, 0);
    assert_int_equal(wire.server.error, PIPIT_ERR_TLS);
    assert_non_null(strstr(wire.server.reason, "SRTP"));
    SSL_free(ssl);
    pp_datagrams_clear(&out);
    close_wire(&wire);
}

static void the_other_profiles_have_their_sizes(void **state)
{
    static const struct {
        const char *offer;
        pp_srtp_profile profile;
        size_t key_size, salt_size;
    } cases[] = {
        {"SRTP_AEAD_AES_128_GCM", PP_SRTP_AEAD_AES_128_GCM, 16, 12},
        {"SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM", PP_SRTP_AEAD_AES_128_GCM, 16, 12},
        {"SRTP_AEAD_AES_256_GCM", PP_SRTP_AEAD_AES_256_GCM, 32, 12},
        {"SRTP_AES128_CM_SHA1_32", PP_SRTP_AES128_CM_SHA1_32, 16, 14},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wire wire = {0};
        pp_datagrams out = {0};
        pp_dtls_wire raw = {.output = raw_output, .accepts = raw_accepts, .arg = &out};
        pp_srtp_keys keys;
        SSL *ssl = NULL;

        make_ends(&wire);
        expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
        start(&wire);
        assert_int_equal(pp_association_new(alice, true, &raw, &ssl), 0);
        assert_int_equal(SSL_set_tlsext_use_srtp(ssl, cases[i].offer), 0);
        SSL_do_handshake(ssl);
        for (int k = 0; k < 4; k++) {
            deliver(&out, &wire.server);
            raw_deliver(ssl, &raw, &wire.to_client);
        }
        assert_int_equal(wire.server.connected, 1);
        assert_int_equal(pp_association_export(ssl, true, &keys), 0);
        assert_int_equal(wire.server.keys.profile, cases[i].profile);
        assert_int_equal(keys.key_size, cases[i].key_size);
        assert_int_equal(keys.salt_size, cases[i].salt_size);
        assert_memory_equal(keys.local_key, wire.server.keys.remote_key, sizeof(keys.local_key));
        assert_memory_equal(keys.remote_salt, wire.server.keys.local_salt, sizeof(keys.local_salt));
        assert_non_null(strstr(cases[i].offer, pp_srtp_profile_name(cases[i].profile)));
        SSL_free(ssl);
        pp_datagrams_clear(&out);
        close_wire(&wire);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_hello_may_come_in_two_datagrams),
        cmocka_unit_test(a_client_hello_may_come_in_many_pieces_in_any_order),
        cmocka_unit_test(a_peer_that_repeats_with_new_numbers_is_answered),
        cmocka_unit_test(a_server_whose_last_flight_is_lost_is_asked_with_new_numbers),
        cmocka_unit_test(a_peer_without_srtp_is_refused),
        cmocka_unit_test(the_other_profiles_have_their_sizes),
    };

    return cmocka_run_group_tests(tests, make_certificates, release_certificates);
}
