/* dtls_receive.c - a client and a server whose wire the input governs: datagrams are lost, doubled, changed, made up.
 * Both come to an end within 31 s, no handler is called behind `closed`, keys, if any, are the same, and so is the data.
 * FUZZ: dtls */
#include "dtls/dtls.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/timers.h"
#include "dtls/datagrams.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { DELIVER, DROP, TWICE, CHANGE, MAKE_UP, SWAP, ACTIONS };

#define DATA "said once" /* by either, when it is connected */

struct end {
    pp_dtls *dtls;
    struct end *other;
    pp_datagrams wire; /* for this end */
    bool connected, closed, has_data;
    pp_srtp_keys keys;
};

struct script {
    const uint8_t *p;
    size_t n;
};

static pp_certificate *certificate;

static void on_send(void *arg, const uint8_t *data, size_t size)
{
    struct end *end = arg;

    CHECK(!end->closed && size > 0 && size <= PP_LIMIT_DTLS_MTU);
    CHECK(pp_datagrams_add(&end->other->wire, data, size));
}

static void on_connected(void *arg, const pp_srtp_keys *keys)
{
    struct end *end = arg;

    CHECK(!end->closed && !end->connected);
    end->connected = true;
    end->keys = *keys;
    CHECK(pp_dtls_send(end->dtls, (const uint8_t *)DATA, sizeof(DATA)) == 0);
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    struct end *end = arg;

    CHECK(end->connected && !end->closed && !end->has_data);
    CHECK(size == sizeof(DATA) && memcmp(data, DATA, size) == 0);
    end->has_data = true;
}

static void on_closed(void *arg, int error, const char *reason)
{
    struct end *end = arg;

    CHECK(!end->closed && error <= 0 && reason && *reason);
    end->closed = true;
}

static const pp_dtls_handlers handlers = {on_send, on_connected, on_closed, on_data};

static uint8_t next(struct script *script)
{
    if (script->n == 0)
        return 0;
    script->n--;
    return *script->p++;
}

static void hand_over(struct end *end, const uint8_t *data, size_t size, uint64_t now_us)
{
    uint8_t *copy = malloc(size ? size : 1); /* of the exact size, for the sanitizer */

    CHECK(copy != NULL);
    memcpy(copy, data, size);
    pp_dtls_receive(end->dtls, copy, size, now_us);
    free(copy);
}

static void make_up(struct end *end, struct script *script, uint64_t now_us)
{
    size_t size = next(script);

    size = size < script->n ? size : script->n;
    hand_over(end, script->p, size, now_us);
    script->p += size;
    script->n -= size;
}

static void deliver(struct end *end, struct script *script, uint64_t now_us)
{
    pp_datagram *datagram = pp_datagrams_take(&end->wire);
    unsigned action = next(script) % ACTIONS;

    if (action == SWAP && end->wire.first) {
        CHECK(pp_datagrams_add(&end->wire, datagram->data, datagram->size));
        pp_free(datagram);
        datagram = pp_datagrams_take(&end->wire);
    }
    if (action == CHANGE)
        datagram->data[(size_t)next(script) * 5 % datagram->size] ^=
            (uint8_t)(1u << next(script) % 8);
    if (action == MAKE_UP)
        make_up(end, script, now_us);
    if (action != DROP)
        hand_over(end, datagram->data, datagram->size, now_us);
    if (action == TWICE)
        hand_over(end, datagram->data, datagram->size, now_us);
    pp_free(datagram);
}

static void run(struct end *client, struct end *server, struct script *script)
{
    uint64_t now_us = 0;

    for (unsigned steps = 0; steps < 2000; steps++) {
        uint64_t c = pp_dtls_deadline_us(client->dtls), s = pp_dtls_deadline_us(server->dtls);

        if (client->wire.first || server->wire.first) {
            deliver(server->wire.first ? server : client, script, now_us);
            continue;
        }
        if (c == PP_NEVER && s == PP_NEVER)
            return;
        now_us = c < s ? c : s;
        CHECK(now_us <= 31000000);
        pp_dtls_tick(client->dtls, now_us);
        pp_dtls_tick(server->dtls, now_us);
    }
    abort();
}

static void make_certificate(void)
{
    pp_rng rng = pp_rng_system();

    if (!certificate)
        CHECK(pp_certificate_generate(&rng, 1700000000000000u, 30, NULL, &certificate) == 0);
}

static void open_end(struct end *end, bool client, const pp_buf *fingerprint)
{
    CHECK(pp_dtls_new(certificate, client, &handlers, end, &end->dtls) == 0);
    CHECK(pp_dtls_add_fingerprint(end->dtls, PP_LIT("sha-256"), pp_buf_text(fingerprint)) == 0);
    pp_dtls_start(end->dtls, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct end client = {0}, server = {0};
    struct script script = {data, size};
    pp_buf fingerprint = {0};

    make_certificate();
    CHECK(pp_certificate_fingerprint(certificate, PP_HASH_SHA256, &fingerprint) == 0);
    client.other = &server;
    server.other = &client;
    open_end(&server, false, &fingerprint);
    open_end(&client, true, &fingerprint);
    run(&client, &server, &script);
    CHECK((client.connected || client.closed) && (server.connected || server.closed));
    if (client.connected && server.connected)
        CHECK(memcmp(client.keys.local_key, server.keys.remote_key,
                     sizeof(client.keys.local_key)) == 0 &&
              memcmp(client.keys.remote_salt, server.keys.local_salt,
                     sizeof(client.keys.remote_salt)) == 0);
    pp_dtls_free(client.dtls);
    pp_dtls_free(server.dtls);
    pp_datagrams_clear(&client.wire);
    pp_datagrams_clear(&server.wire);
    pp_buf_free(&fingerprint);
    return 0;
}
