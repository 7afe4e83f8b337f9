/* switchboard.c - making a switchboard from its options, and taking it down. */
#include "switchboard/board.h"

#include "base/limits.h"
#include "crypto/tls.h"

#define EXPIRES_S_MIN  10u /* what JsSIP asks for at least */
#define EXPIRES_S_MAX  3600u
#define SPARE_MESSAGES 16u /* of requests that wait for an answer, nearly all at the same time */

static bool send_on_flow(void *arg, void *flow, pp_str wire)
{
    (void)arg;
    return board_connection_send(flow, wire);
}

/* RFC 6026 section 8.9: a response that belongs to nothing goes nowhere. */
static void ignore_response(void *arg, void *flow, const pp_message *response)
{
    (void)arg;
    (void)flow;
    (void)response;
}

static const pp_transactions_owner owner = {
    .send = send_on_flow, .request = board_request, .stray_response = ignore_response};

int board_mac(const switchboard *board, const pp_str *pieces, size_t count, char out[BOARD_MAC])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum[20];
    int err = pp_hmac_sha1(board->secret, sizeof(board->secret), pieces, count, sum);

    if (err)
        return err;
    for (size_t i = 0; i < (BOARD_MAC - 1) / 2; i++) {
        out[2 * i] = digits[sum[i] >> 4];
        out[2 * i + 1] = digits[sum[i] & 15];
    }
    out[BOARD_MAC - 1] = '\0';
    return 0;
}

bool board_hex(pp_str text, uint64_t *out)
{
    uint64_t value = 0;

    if (text.n == 0 || text.n > 16)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c >= '0' && c <= '9')
            value = value << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (uint64_t)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            value = value << 4 | (uint64_t)(c - 'A' + 10);
        else
            return false;
    }
    *out = value;
    return true;
}

static void accept_ws(void *arg, pp_stream *stream)
{
    board_connection_accept(arg, stream, false);
}

static void accept_wss(void *arg, pp_stream *stream)
{
    board_connection_accept(arg, stream, true);
}

static int check_options(const switchboard_options *options)
{
    if (!options->ws.family && !options->wss.family)
        return pp_error(PIPIT_ERR_ARGUMENT, "switchboard: an address to listen on is needed");
    if (options->wss.family && !options->certificate)
        return pp_error(PIPIT_ERR_ARGUMENT, "switchboard: a certificate is needed for wss");
    return 0;
}

static int copy_text(const char *text, const char *otherwise, char **out)
{
    const char *source = text ? text : otherwise;

    if (!source)
        return 0;
    *out = pp_strdup(source);
    return *out ? 0 : PIPIT_ERR_MEMORY;
}

static int copy_options(switchboard *board, const switchboard_options *options)
{
    int err = copy_text(options->domain, "localhost", &board->domain);

    if (!err)
        err = copy_text(options->realm, board->domain, &board->realm);
    if (!err)
        err = board_web_folder(options->web_root, &board->web_root);
    if (!err)
        err = copy_text(options->jssip_file, NULL, &board->jssip_file);
    for (size_t i = 0; i < options->user_count && !err; i++)
        err = board_users_add(board, &options->users[i]);
    board->expires_s_min = options->expires_s_min ? options->expires_s_min : EXPIRES_S_MIN;
    board->expires_s_max = options->expires_s_max ? options->expires_s_max : EXPIRES_S_MAX;
    board->event = options->event;
    board->arg = options->arg;
    return err;
}

static int listen_on(switchboard *board, const switchboard_options *options)
{
    const pp_loop_ops *ops = board->loop->ops;
    int err = 0;

    if (options->ws.family)
        err = ops->tcp_listen(board->loop, &options->ws, accept_ws, board, &board->ws);
    if (!err && options->wss.family)
        err = pp_tls_server_context_new(options->certificate, &board->tls);
    if (!err && options->wss.family)
        err = ops->tcp_listen(board->loop, &options->wss, accept_wss, board, &board->wss);
    return err;
}

int switchboard_new(pipit_loop *loop, const switchboard_options *options, switchboard **out)
{
    switchboard *board;
    int err = check_options(options);

    if (err)
        return err;
    board = PP_NEW(switchboard);
    if (!board)
        return PIPIT_ERR_MEMORY;
    board->loop = pipit_loop_ref(loop);
    pp_rng_bytes(&loop->rng, board->secret, sizeof(board->secret));
    err = copy_options(board, options);
    if (!err)
        err = pp_transactions_new(loop, &owner, board, true, &board->transactions);
    if (!err)
        err = pp_message_pool_new(SPARE_MESSAGES, &board->pool);
    if (!err)
        err = listen_on(board, options);
    if (err) {
        switchboard_free(board);
        return err;
    }
    *out = board;
    return 0;
}

uint16_t switchboard_ws_port(const switchboard *board)
{
    return board->ws ? board->ws->local.port : 0;
}

uint16_t switchboard_wss_port(const switchboard *board)
{
    return board->wss ? board->wss->local.port : 0;
}

size_t switchboard_connections(const switchboard *board)
{
    return HASH_COUNT(board->connections);
}

size_t switchboard_bindings(const switchboard *board, const char *name)
{
    const board_user *user = board_users_find(board, pp_str_c(name));

    return user ? board_location_count(user) : 0;
}

switchboard *switchboard_free(switchboard *board)
{
    if (!board)
        return NULL;
    board->event = NULL;
    pp_listener_close(board->ws);
    pp_listener_close(board->wss);
    pp_transactions_free(board->transactions);
    board_proxy_free(board);
    board_connections_free(board);
    board_users_free(board);
    pp_message_pool_free(board->pool);
    pp_tls_context_unref(board->tls);
    pp_free(board->domain);
    pp_free(board->realm);
    pp_free(board->web_root);
    pp_free(board->jssip_file);
    pipit_loop_unref(board->loop);
    pp_free(board);
    return NULL;
}
