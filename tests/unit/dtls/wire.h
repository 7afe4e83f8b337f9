/* wire.h - two DTLS machines on a wire that loses datagrams, in virtual time; and a peer that is OpenSSL alone. */
#ifndef PP_TESTS_DTLS_WIRE_H
#define PP_TESTS_DTLS_WIRE_H

#include "base/alloc.h"
#include "base/limits.h"
#include "base/timers.h"
#include "dtls/association.h"
#include "dtls/datagrams.h"
#include "pipit/error.h"
#include "support/dice.h"
#include "support/files.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

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
    bool free_when_data, echoes;
    unsigned records; /* of data that came */
    uint8_t data[PP_LIMIT_DTLS_DATA];
    size_t data_size; /* of the last */
};

struct wire {
    struct end client, server;
    pp_datagrams to_client, to_server;
    unsigned sent;         /* datagrams of both directions */
    unsigned drop;         /* number of the one that is lost, from 1 */
    unsigned loss_percent; /* of all others */
    uint64_t seed, now_us;
    bool cut; /* all is lost */
};

static pp_certificate *alice, *bob;

static inline uint32_t chance(struct wire *wire)
{
    return (uint32_t)dice_u64(&wire->seed);
}

static inline void on_send(void *arg, const uint8_t *data, size_t size)
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

static inline void on_connected(void *arg, const pp_srtp_keys *keys)
{
    struct end *end = arg;

    end->connected++;
    end->keys = *keys;
    if (end->close_when_connected)
        pp_dtls_close(end->dtls);
    if (end->free_when_connected)
        end->dtls = pp_dtls_free(end->dtls);
}

static inline void on_closed(void *arg, int error, const char *reason)
{
    struct end *end = arg;

    end->closed++;
    end->error = error;
    snprintf(end->reason, sizeof(end->reason), "%s", reason);
    if (end->free_when_closed)
        end->dtls = pp_dtls_free(end->dtls);
}

static inline void on_data(void *arg, const uint8_t *data, size_t size)
{
    struct end *end = arg;

    assert_true(size <= sizeof(end->data));
    end->records++;
    memcpy(end->data, data, size);
    end->data_size = size;
    if (end->echoes)
        assert_int_equal(pp_dtls_send(end->dtls, data, size), 0);
    if (end->free_when_data)
        end->dtls = pp_dtls_free(end->dtls);
}

static const pp_dtls_handlers handlers = {on_send, on_connected, on_closed, on_data};

static inline void expect(struct end *end, const pp_certificate *certificate, pp_hash hash,
                          const char *name)
{
    pp_buf value = {0};

    assert_int_equal(pp_certificate_fingerprint(certificate, hash, &value), 0);
    assert_int_equal(pp_dtls_add_fingerprint(end->dtls, pp_str_c(name), pp_buf_text(&value)), 0);
    pp_buf_free(&value);
}

static inline void make_ends(struct wire *wire)
{
    wire->client.wire = wire->server.wire = wire;
    assert_int_equal(pp_dtls_new(alice, true, &handlers, &wire->client, &wire->client.dtls), 0);
    assert_int_equal(pp_dtls_new(bob, false, &handlers, &wire->server, &wire->server.dtls), 0);
}

static inline void start(struct wire *wire)
{
    if (wire->server.dtls)
        pp_dtls_start(wire->server.dtls, wire->now_us);
    if (wire->client.dtls)
        pp_dtls_start(wire->client.dtls, wire->now_us);
}

static inline void open_wire(struct wire *wire)
{
    make_ends(wire);
    expect(&wire->client, bob, PP_HASH_SHA256, "sha-256");
    expect(&wire->server, alice, PP_HASH_SHA256, "SHA-256");
    start(wire);
}

static inline void deliver(pp_datagrams *queue, struct end *end)
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

static inline uint64_t deadline(const struct end *end)
{
    return end->dtls ? pp_dtls_deadline_us(end->dtls) : PP_NEVER;
}

/* Moves time to the next thing that happens. False when nothing ever will. */
static inline bool step(struct wire *wire)
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

static inline void run(struct wire *wire)
{
    for (unsigned steps = 0; step(wire); steps++)
        assert_true(steps < 10000);
}

static inline void close_wire(struct wire *wire)
{
    wire->client.dtls = pp_dtls_free(wire->client.dtls);
    wire->server.dtls = pp_dtls_free(wire->server.dtls);
    pp_datagrams_clear(&wire->to_client);
    pp_datagrams_clear(&wire->to_server);
}

static inline void check_keys(const pp_srtp_keys *a, const pp_srtp_keys *b)
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

static inline void check_connected(const struct wire *wire)
{
    if (wire->client.closed || wire->server.closed)
        fail_msg("client: %s, server: %s", wire->client.reason, wire->server.reason);
    assert_int_equal(wire->client.connected, 1);
    assert_int_equal(wire->server.connected, 1);
    check_keys(&wire->client.keys, &wire->server.keys);
}

static inline int make_certificates(void **state)
{
    pp_rng rng = pp_rng_system();

    (void)state;
    return pp_certificate_generate(&rng, WALL_US, 30, NULL, &alice) ||
           pp_certificate_generate(&rng, WALL_US, 30, NULL, &bob);
}

static inline int release_certificates(void **state)
{
    (void)state;
    pp_certificate_unref(alice);
    pp_certificate_unref(bob);
    return 0;
}

static inline bool raw_output(void *arg, const uint8_t *data, size_t size)
{
    return pp_datagrams_add(arg, data, size);
}

static inline bool raw_accepts(void *arg, const X509 *x509)
{
    (void)arg;
    return x509 != NULL;
}

static inline void raw_deliver(SSL *ssl, pp_dtls_wire *raw, pp_datagrams *queue)
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

static inline void advance_to(struct wire *wire, uint64_t until_us)
{
    while (wire->to_client.count || wire->to_server.count || deadline(&wire->client) < until_us ||
           deadline(&wire->server) < until_us)
        step(wire);
    wire->now_us = until_us;
}

#endif
