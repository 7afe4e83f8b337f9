/* wss_memory.c - what a connected wss socket holds of the heap: ours, OpenSSL's and libuv's. The server is another process. */
#include "support/issue.h"
#include "unit/transport/support/server.h"

#include "base/alloc.h"
#include "crypto/tls_context.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKETS     200u
#define MESSAGE     700u        /* octets: as large as a REGISTER */
#define CHUNK       8u          /* what the C library adds to a block, at least */
#define LIMIT       (24u << 10) /* octets of a socket */
#define LIMIT_PLAIN 2048u

static size_t held, blocks;

/* --- a heap that counts ----------------------------------------------------------------------- */

static void count(void *memory)
{
    held += malloc_usable_size(memory) + CHUNK;
    blocks++;
}

static void uncount(void *memory)
{
    if (memory) {
        held -= malloc_usable_size(memory) + CHUNK;
        blocks--;
    }
}

static void *again(void *memory, size_t size)
{
    void *moved;

    uncount(memory);
    moved = realloc(memory, size);
    count(moved);
    return moved;
}

static void give_back(void *memory)
{
    uncount(memory);
    free(memory);
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size ? again(NULL, size) : NULL;
}

static void *crypto_realloc(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return again(memory, size);
}

static void crypto_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    give_back(memory);
}

static void *pipit_reallocate(void *arg, void *memory, size_t size)
{
    (void)arg;
    return again(memory, size);
}

static void pipit_release(void *arg, void *memory)
{
    (void)arg;
    give_back(memory);
}

/* --- a server of its own ---------------------------------------------------------------------- */

static pp_tls_context *server_tls;

static void on_accepted(void *arg, pp_stream *stream)
{
    server *s = calloc(1, sizeof(*s));

    s->loop = arg;
    s->tls = server_tls;
    server_accepted(s, stream);
}

/* Runs until it is killed; tells its port through the pipe. */
static void serve(const issued *leaf, const issued *between, int pipe)
{
    pp_addr at = {.family = 4, .ip = {127, 0, 0, 1}};
    pp_listener *listener = NULL;
    pipit_loop *loop = NULL;

    if (leaf) {
        server_tls = PP_NEW(pp_tls_context);
        server_tls->references = 1;
        server_tls->server = true;
        server_tls->ssl = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate(server_tls->ssl, leaf->x509);
        SSL_CTX_use_PrivateKey(server_tls->ssl, leaf->key);
        SSL_CTX_add1_chain_cert(server_tls->ssl, between->x509);
    }
    if (pipit_loop_new(&loop) || loop->ops->tcp_listen(loop, &at, on_accepted, loop, &listener) ||
        write(pipe, &listener->local.port, sizeof(listener->local.port)) < 0)
        _exit(1);
    pipit_loop_run(loop);
    _exit(0);
}

static pid_t start_server(const issued *leaf, const issued *between, uint16_t *port)
{
    int ends[2];
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        serve(leaf, between, ends[1]);
    assert_int_equal(read(ends[0], port, sizeof(*port)), sizeof(*port));
    close(ends[0]);
    close(ends[1]);
    return child;
}

/* --- the measure ------------------------------------------------------------------------------ */

static void give_up(void *arg)
{
    pipit_loop_stop(arg);
}

/* Connects one and waits until it has had an answer to a message, which brings the tickets too. */
static void connect_one(user *u, pipit_loop *loop, const char *url,
                        const pipit_websocket_options *options)
{
    char message[MESSAGE];

    memset(message, 'x', sizeof(message));
    user_start(u, loop, url, options);
    u->stop = true;
    pipit_loop_run(loop);
    assert_string_equal(u->reason, "");
    assert_true(pp_socket_send(u->socket, message, sizeof(message)));
    pipit_loop_run(loop);
    assert_int_equal(u->messages, 1);
}

static size_t measure(const char *scheme, const issued *leaf, const issued *between,
                      const char *ca_file)
{
    const pipit_websocket_options options = {.ca_file = ca_file};
    user *users = calloc(SOCKETS + 1, sizeof(*users));
    pipit_loop *loop = NULL;
    size_t before, blocks_before, octets;
    uint16_t port = 0;
    pid_t child = start_server(leaf, between, &port);
    char url[64];

    snprintf(url, sizeof(url), "%s://localhost:%u/ws", scheme, (unsigned)port);
    assert_int_equal(pipit_loop_new(&loop), 0);
    connect_one(&users[SOCKETS], loop, url, &options); /* what is shared is there from here on */
    before = held;
    blocks_before = blocks;
    for (unsigned i = 0; i < SOCKETS; i++)
        connect_one(&users[i], loop, url, &options);
    octets = (held - before) / SOCKETS;
    print_message("figure: a connected %s socket holds %zu octets in %zu blocks\n", scheme, octets,
                  (blocks - blocks_before) / SOCKETS);
    for (unsigned i = 0; i <= SOCKETS; i++)
        user_end(&users[i]);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    pipit_loop_after(loop, 10, give_up, loop);
    pipit_loop_run(loop);
    pipit_loop_unref(loop);
    free(users);
    return octets;
}

static void a_connected_wss_socket_takes_little(void **state)
{
    const issue_options root = {.common_name = "root", .constraints = "critical,CA:TRUE"},
                        authority = {.common_name = "authority",
                                     .constraints = "critical,CA:TRUE",
                                     .rsa_bits = 2048},
                        name = {
                            .common_name = "server", .names = "DNS:localhost", .rsa_bits = 2048};
    issued top = issue(&root, NULL), between = issue(&authority, &top),
           leaf = issue(&name, &between);
    char ca_file[64];

    (void)state;
    issue_save(&top, false, ca_file);
    assert_true(measure("wss", &leaf, &between, ca_file) <= LIMIT);
    unlink(ca_file);
    issue_drop(&top);
    issue_drop(&between);
    issue_drop(&leaf);
}

static void a_connected_ws_socket_takes_less(void **state)
{
    (void)state;
    assert_true(measure("ws", NULL, NULL, NULL) <= LIMIT_PLAIN);
}

int main(void)
{
    static const pipit_allocator counting = {pipit_reallocate, pipit_release, NULL};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connected_ws_socket_takes_less),
        cmocka_unit_test(a_connected_wss_socket_takes_little),
    };

    if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
        return 1;
    pipit_set_allocator(&counting);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
