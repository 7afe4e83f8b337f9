/* dtls.c - tests of the DTLS machine: two of them on a wire that loses datagrams, in virtual time. */
#include "dtls/dtls.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/timers.h"
#include "dtls/association.h"
#include "dtls/datagrams.h"
#include "pipit/error.h"
#include "support/files.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WALL_US  1700000000000000u
#define DELAY_US 10000u

struct end {
    pp_dtls *dtls;
    struct wire *wire;
    unsigned connected, closed;
    int error;
    char reason[256];
    pp_srtp_keys keys;
    bool free_when_connected, free_when_closed, free_when_sending, close_when_connected;
};

struct wire {
    struct end client, server;
    pp_datagrams to_client, to_server;
    unsigned sent;         /* datagrams of both directions */
    unsigned drop;         /* number of the one that is lost, from 1 */
    unsigned loss_percent; /* of all others */
    uint32_t seed;
    uint64_t now_us;
    bool cut; /* all is lost */
};

static pp_certificate *alice, *bob;

static uint32_t chance(struct wire *wire)
{
    wire->seed = wire->seed * 1664525u + 1013904223u;
    return wire->seed >> 16;
}

static void on_send(void *arg, const uint8_t *data, size_t size)
{
    struct end *end = arg;
    struct wire *wire = end->wire;
    bool lost = wire->cut || ++wire->sent == wire->drop || chance(wire) % 100 < wire->loss_percent;

    assert_true(size <= PP_LIMIT_DTLS_MTU);
    assert_true(pp_dtls_is(data, size));
    if (!lost)
        pp_datagrams_add(end == &wire->client ? &wire->to_server : &wire->to_client, data, size);
    if (end->free_when_sending)
        end->dtls = pp_dtls_free(end->dtls);
}

static void on_connected(void *arg, const pp_srtp_keys *keys)
{
    struct end *end = arg;

    end->connected++;
    end->keys = *keys;
    if (end->close_when_connected)
        pp_dtls_close(end->dtls);
    if (end->free_when_connected)
        end->dtls = pp_dtls_free(end->dtls);
}

static void on_closed(void *arg, int error, const char *reason)
{
    struct end *end = arg;

    end->closed++;
    end->error = error;
    snprintf(end->reason, sizeof(end->reason), "%s", reason);
    if (end->free_when_closed)
        end->dtls = pp_dtls_free(end->dtls);
}

static const pp_dtls_handlers handlers = {on_send, on_connected, on_closed};

static void expect(struct end *end, const pp_certificate *certificate, pp_hash hash,
                   const char *name)
{
    pp_buf value = {0};

    assert_int_equal(pp_certificate_fingerprint(certificate, hash, &value), 0);
    assert_int_equal(pp_dtls_add_fingerprint(end->dtls, pp_str_c(name), pp_buf_text(&value)), 0);
    pp_buf_free(&value);
}

static void make_ends(struct wire *wire)
{
    wire->client.wire = wire->server.wire = wire;
    assert_int_equal(pp_dtls_new(alice, true, &handlers, &wire->client, &wire->client.dtls), 0);
    assert_int_equal(pp_dtls_new(bob, false, &handlers, &wire->server, &wire->server.dtls), 0);
}

static void start(struct wire *wire)
{
    if (wire->server.dtls)
        pp_dtls_start(wire->server.dtls, wire->now_us);
    if (wire->client.dtls)
        pp_dtls_start(wire->client.dtls, wire->now_us);
}

static void open_wire(struct wire *wire)
{
    make_ends(wire);
    expect(&wire->client, bob, PP_HASH_SHA256, "sha-256");
    expect(&wire->server, alice, PP_HASH_SHA256, "SHA-256");
    start(wire);
}

static void deliver(pp_datagrams *queue, struct end *end)
{
    pp_datagrams due = *queue;
    pp_datagram *datagram;

    *queue = (pp_datagrams){0};
    while ((datagram = pp_datagrams_take(&due))) {
        if (end->dtls)
            pp_dtls_receive(end->dtls, datagram->data, datagram->size, end->wire->now_us);
        pp_free(datagram);
    }
}

static uint64_t deadline(const struct end *end)
{
    return end->dtls ? pp_dtls_deadline_us(end->dtls) : PP_NEVER;
}

/* Moves time to the next thing that happens. False when nothing ever will. */
static bool step(struct wire *wire)
{
    uint64_t client = deadline(&wire->client), server = deadline(&wire->server);
    uint64_t next = client < server ? client : server;

    if (wire->to_client.count || wire->to_server.count) {
        wire->now_us += DELAY_US;
        deliver(&wire->to_client, &wire->client);
        deliver(&wire->to_server, &wire->server);
        return true;
    }
    if (next == PP_NEVER)
        return false;
    if (next > wire->now_us)
        wire->now_us = next;
    if (wire->client.dtls)
        pp_dtls_tick(wire->client.dtls, wire->now_us);
    if (wire->server.dtls)
        pp_dtls_tick(wire->server.dtls, wire->now_us);
    return true;
}

static void run(struct wire *wire)
{
    for (unsigned steps = 0; step(wire); steps++)
        assert_true(steps < 10000);
}

static void close_wire(struct wire *wire)
{
    wire->client.dtls = pp_dtls_free(wire->client.dtls);
    wire->server.dtls = pp_dtls_free(wire->server.dtls);
    pp_datagrams_clear(&wire->to_client);
    pp_datagrams_clear(&wire->to_server);
}

static void check_keys(const pp_srtp_keys *a, const pp_srtp_keys *b)
{
    static const uint8_t zeros[32] = {0};

    assert_int_equal(a->profile, PP_SRTP_AES128_CM_SHA1_80);
    assert_int_equal(b->profile, a->profile);
    assert_int_equal(a->key_size, 16);
    assert_int_equal(a->salt_size, 14);
    assert_memory_equal(a->local_key, b->remote_key, sizeof(a->local_key));
    assert_memory_equal(a->remote_key, b->local_key, sizeof(a->local_key));
    assert_memory_equal(a->local_salt, b->remote_salt, sizeof(a->local_salt));
    assert_memory_equal(a->remote_salt, b->local_salt, sizeof(a->local_salt));
    assert_memory_not_equal(a->local_key, a->remote_key, 16);
    assert_memory_not_equal(a->local_key, zeros, 16);
    assert_memory_not_equal(a->local_salt, zeros, 14);
}

static void check_connected(const struct wire *wire)
{
    if (wire->client.closed || wire->server.closed)
        fail_msg("client: %s, server: %s", wire->client.reason, wire->server.reason);
    assert_int_equal(wire->client.connected, 1);
    assert_int_equal(wire->server.connected, 1);
    check_keys(&wire->client.keys, &wire->server.keys);
}

static int make_certificates(void **state)
{
    pp_rng rng = pp_rng_system();

    (void)state;
    return pp_certificate_generate(&rng, WALL_US, 30, NULL, &alice) ||
           pp_certificate_generate(&rng, WALL_US, 30, NULL, &bob);
}

static int release_certificates(void **state)
{
    (void)state;
    pp_certificate_unref(alice);
    pp_certificate_unref(bob);
    return 0;
}

/* --- the handshake ------------------------------------------------------------------------------------------- */

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
    static const uint64_t at_ms[] = {400, 1200, 2800, 6000, 12400, 18800, 25200, 30000};
    struct wire wire = {.cut = true};

    (void)state;
    open_wire(&wire);
    wire.server.dtls = pp_dtls_free(wire.server.dtls);
    for (size_t i = 0; i < sizeof(at_ms) / sizeof(at_ms[0]); i++) {
        assert_int_equal(wire.client.closed, 0);
        assert_true(step(&wire));
        assert_int_equal(wire.now_us, at_ms[i] * 1000);
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

/* --- a ClientHello in two datagrams -------------------------------------------------------------------------- */

static bool raw_output(void *arg, const uint8_t *data, size_t size)
{
    return pp_datagrams_add(arg, data, size);
}

static bool raw_accepts(void *arg, const X509 *x509)
{
    (void)arg;
    return x509 != NULL;
}

/* A client like a browser with a large key share: its ClientHello does not fit into a datagram. */
static SSL *large_client(pp_dtls_wire *wire)
{
    unsigned char protocols[1000];
    SSL *ssl = NULL;

    memset(protocols, 'x', sizeof(protocols));
    for (size_t i = 0; i < sizeof(protocols); i += 100)
        protocols[i] = 99;
    assert_int_equal(pp_association_new(alice, true, wire, &ssl), 0);
    assert_int_equal(SSL_set_alpn_protos(ssl, protocols, sizeof(protocols)), 0);
    assert_true(SSL_set_mtu(ssl, 700) > 0);
    assert_int_equal(SSL_do_handshake(ssl), -1);
    return ssl;
}

static void raw_deliver(SSL *ssl, pp_dtls_wire *raw, pp_datagrams *queue)
{
    pp_datagram *datagram;

    while ((datagram = pp_datagrams_take(queue))) {
        raw->input = datagram->data;
        raw->input_size = datagram->size;
        ERR_clear_error();
        SSL_do_handshake(ssl);
        pp_free(datagram);
    }
}

static void large_hello(bool reversed, bool lost)
{
    struct wire wire = {0};
    pp_datagrams out = {0};
    pp_dtls_wire raw = {.output = raw_output, .accepts = raw_accepts, .arg = &out};
    pp_srtp_keys keys;
    pp_datagram *first, *second;
    SSL *ssl = large_client(&raw);

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

/* --- fingerprints -------------------------------------------------------------------------------------------- */

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

static void advance_to(struct wire *wire, uint64_t until_us)
{
    while (wire->to_client.count || wire->to_server.count || deadline(&wire->client) < until_us ||
           deadline(&wire->server) < until_us)
        step(wire);
    wire->now_us = until_us;
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

/* --- the end ------------------------------------------------------------------------------------------------- */

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
    uint8_t garbage[1400], large[PP_LIMIT_DTLS_DATAGRAM + 1] = {22, 0xFE, 0xFD};

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
    assert_int_equal(SSL_set_tlsext_use_srtp(ssl, "SRTP_AES128_CM_SHA1_32"), 0);
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
        assert_int_equal(strncmp(pp_srtp_profile_name(cases[i].profile), "SRTP_AEAD_", 10), 0);
        SSL_free(ssl);
        pp_datagrams_clear(&out);
        close_wire(&wire);
    }
}

/* --- memory that runs out ------------------------------------------------------------------------------------ */

static unsigned allocations_left;

static void *limited_reallocate(void *arg, void *memory, size_t size)
{
    (void)arg;
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    return realloc(memory, size);
}

static void plain_release(void *arg, void *memory)
{
    (void)arg;
    free(memory);
}

static void a_handshake_without_memory_fails_and_leaks_nothing(void **state)
{
    static const pipit_allocator limited = {limited_reallocate, plain_release, NULL};
    unsigned connected = 0, failed = 0;

    (void)state;
    for (unsigned n = 0; n < 40; n++) {
        struct wire wire = {0};

        make_ends(&wire);
        expect(&wire.client, bob, PP_HASH_SHA256, "sha-256");
        expect(&wire.server, alice, PP_HASH_SHA256, "sha-256");
        allocations_left = n;
        pipit_set_allocator(&limited);
        start(&wire);
        run(&wire);
        pipit_set_allocator(NULL);
        if (wire.client.connected && wire.server.connected) {
            check_keys(&wire.client.keys, &wire.server.keys);
            connected++;
        } else {
            assert_true(wire.client.closed || wire.server.closed);
            failed++;
        }
        close_wire(&wire);
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
        cmocka_unit_test(a_client_hello_may_come_in_two_datagrams),
        cmocka_unit_test(a_peer_that_repeats_with_new_numbers_is_answered),
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
        cmocka_unit_test(a_close_is_told_to_the_other_side),
        cmocka_unit_test(a_close_before_the_end_of_the_handshake_is_quiet),
        cmocka_unit_test(garbage_is_ignored),
        cmocka_unit_test(a_forged_record_does_not_end_the_connection),
        cmocka_unit_test(a_handler_may_free_the_machine),
        cmocka_unit_test(a_peer_without_srtp_is_refused),
        cmocka_unit_test(the_other_profiles_have_their_sizes),
        cmocka_unit_test(a_handshake_without_memory_fails_and_leaks_nothing),
    };

    return cmocka_run_group_tests(tests, make_certificates, release_certificates);
}
