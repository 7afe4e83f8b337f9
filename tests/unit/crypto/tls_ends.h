/* tls_ends.h - two TLS machines that talk through memory. */
#ifndef PP_TESTS_CRYPTO_TLS_ENDS_H
#define PP_TESTS_CRYPTO_TLS_ENDS_H

#include "crypto/tls.h"

#include "support/authority.h"
#include "support/files.h"

#include <stdio.h>

#define NOW_US 1700000000000000u
#define DAY_US 86400000000u

struct end {
    pp_tls *tls;
    pp_buf wire; /* for the other end, not delivered yet */
    pp_buf data;
    unsigned established, closed;
    int error;
    char reason[512];
    bool free_when_established, free_on_data, free_on_output, free_when_closed, echo;
};

static authority server_authority; /* for example.org and 192.0.2.7 */
static pp_tls_context *server_context;

static void on_output(void *arg, const uint8_t *data, size_t size)
{
    struct end *end = arg;

    pp_buf_add(&end->wire, data, size);
    if (end->free_on_output)
        end->tls = pp_tls_free(end->tls);
}

static void on_established(void *arg)
{
    struct end *end = arg;

    end->established++;
    if (end->free_when_established)
        end->tls = pp_tls_free(end->tls);
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    struct end *end = arg;

    pp_buf_add(&end->data, data, size);
    if (end->echo)
        assert_int_equal(pp_tls_send(end->tls, data, size), 0);
    if (end->free_on_data)
        end->tls = pp_tls_free(end->tls);
}

static void on_closed(void *arg, int error, const char *reason)
{
    struct end *end = arg;

    end->closed++;
    end->error = error;
    snprintf(end->reason, sizeof(end->reason), "%s", reason);
    if (end->free_when_closed)
        end->tls = pp_tls_free(end->tls);
}

static const pp_tls_handlers handlers = {on_output, on_established, on_data, on_closed};

/* Hands what is on the wire over in pieces of `piece` octets. */
static bool deliver(struct end *from, struct end *to, size_t piece)
{
    pp_buf wire = from->wire;

    from->wire = (pp_buf){0};
    for (size_t at = 0; at < wire.n; at += piece) {
        size_t size = wire.n - at < piece ? wire.n - at : piece;

        if (to->tls)
            pp_tls_receive(to->tls, (const uint8_t *)wire.p + at, size);
    }
    pp_buf_free(&wire);
    return from->wire.n || to->wire.n;
}

static inline void talk(struct end *client, struct end *server, size_t piece)
{
    while (client->wire.n || server->wire.n) {
        deliver(client, server, piece);
        deliver(server, client, piece);
    }
}

static inline void open_ends(struct end *client, struct end *server, pp_tls_context *context,
                             const char *name, uint64_t wall_us)
{
    assert_int_equal(pp_tls_new(context, name, wall_us, &handlers, client, &client->tls), 0);
    assert_int_equal(pp_tls_new(server_context, NULL, wall_us, &handlers, server, &server->tls), 0);
    pp_tls_start(server->tls);
    pp_tls_start(client->tls);
}

static inline void release(struct end *end)
{
    end->tls = pp_tls_free(end->tls);
    pp_buf_free(&end->wire);
    pp_buf_free(&end->data);
}

#endif
