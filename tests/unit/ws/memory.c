/* memory.c - a client and a server that talk while every allocation in turn fails: no crash, no leak, and the end is told. */
#include "unit/ws/ends.h"

#include "support/scarce.h"

typedef struct peer {
    pp_ws *ws;
    char wire[2048]; /* what it said: no allocation of the test's own */
    size_t n;
    unsigned opened, messages, closed;
} peer;

static void peer_output(void *arg, const uint8_t *data, size_t size)
{
    peer *p = arg;

    assert_true(size <= sizeof(p->wire) - p->n);
    memcpy(p->wire + p->n, data, size);
    p->n += size;
}

static void peer_open(void *arg)
{
    ((peer *)arg)->opened++;
}

static void peer_message(void *arg, const char *data, size_t size, bool binary)
{
    peer *p = arg;

    p->messages++;
    if (p->messages == 1)
        (void)pp_ws_send(p->ws, data, size, binary);
}

static void peer_closed(void *arg, int code, pp_str reason, bool was_clean, const char *sentence)
{
    (void)code;
    (void)reason;
    (void)was_clean;
    assert_non_null(sentence);
    ((peer *)arg)->closed++;
}

static const pp_ws_handlers peer_handlers = {
    .output = peer_output, .open = peer_open, .message = peer_message, .closed = peer_closed};

static void carry(peer *from, peer *to)
{
    char wire[sizeof(from->wire)];
    size_t n = from->n;

    memcpy(wire, from->wire, n);
    from->n = 0;
    pp_ws_receive(to->ws, (const uint8_t *)wire, n);
}

/* Returns whether all of it went well. */
static bool talk(peer *client, peer *server)
{
    const pp_ws_client_options client_options = {.host = "h", .subprotocol = "sip"};
    const pp_ws_server_options server_options = {.subprotocol = "sip"};
    char text[1000];

    memset(text, 'x', sizeof(text));
    if (pp_ws_server_new(&server_options, &counting, &peer_handlers, server, &server->ws) ||
        pp_ws_client_new(&client_options, &counting, &peer_handlers, client, &client->ws))
        return false;
    pp_ws_start(client->ws);
    carry(client, server);
    carry(server, client);
    if (client->opened && pp_ws_send(client->ws, text, sizeof(text), false))
        return false;
    carry(client, server);
    carry(server, client);
    if (client->opened && !client->closed)
        (void)pp_ws_close(client->ws, 1000, "done");
    carry(client, server);
    carry(server, client);
    return client->messages == 1 && client->closed == 1 && server->closed == 1;
}

static void a_conversation_survives_every_failed_allocation(void **state)
{
    uint64_t n = 0;
    bool good;

    (void)state;
    do {
        peer client = {0}, server = {0};

        scarce_begin(++n);
        good = talk(&client, &server);
        pp_ws_free(client.ws);
        pp_ws_free(server.ws);
        assert_int_equal(scarce_end(), 0);
        assert_true(n < 1000);
    } while (scarce_memory.failed);
    assert_true(good);
    assert_true(n > 10); /* there was something to fail */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conversation_survives_every_failed_allocation)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
