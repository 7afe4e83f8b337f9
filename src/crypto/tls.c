/* tls.c - one TLS connection as a machine. Input is read by OpenSSL from where it lies, through a
 * BIO of our own; output gathers in a buffer and leaves when a step is done, so that no handler
 * runs inside OpenSSL. */
#include "crypto/tls.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "crypto/tls_context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>

typedef enum tls_state {
    STATE_NEW,
    STATE_HANDSHAKE,
    STATE_OPEN,
    STATE_SHUT,
    STATE_CLOSED
} tls_state;

struct pp_tls {
    pp_tls_context *context;
    SSL *ssl;
    const pp_tls_handlers *handlers;
    void *arg;
    tls_state state;
    unsigned depth; /* steps in progress: the machine is not freed below them */
    bool freed, receiving, flushing;
    const uint8_t *input; /* what is left of the octets being received */
    size_t input_size;
    pp_buf pending; /* received inside a handler, while older octets were being worked on */
    pp_buf output;
    char *name;
    char *certificate_reason; /* NULL: none, or no memory for it */
};

/* --- the BIO ---------------------------------------------------------------------------------- */

static int bio_read(BIO *bio, char *out, size_t size, size_t *read)
{
    pp_tls *tls = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (tls->input_size == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    if (size > tls->input_size)
        size = tls->input_size;
    memcpy(out, tls->input, size);
    tls->input += size;
    tls->input_size -= size;
    *read = size;
    return 1;
}

static int bio_write(BIO *bio, const char *data, size_t size, size_t *written)
{
    pp_tls *tls = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    pp_buf_add(&tls->output, data, size);
    if (pp_buf_error(&tls->output))
        return 0;
    *written = size;
    return 1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method;
static pthread_once_t bio_once = PTHREAD_ONCE_INIT;

static void make_bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipit tls");

    if (method && BIO_meth_set_read_ex(method, bio_read) &&
        BIO_meth_set_write_ex(method, bio_write) && BIO_meth_set_ctrl(method, bio_control))
        bio_method = method;
    else
        BIO_meth_free(method);
}

static BIO *new_bio(pp_tls *tls)
{
    BIO *bio;

    pthread_once(&bio_once, make_bio_method);
    bio = bio_method ? BIO_new(bio_method) : NULL;
    if (bio) {
        BIO_set_data(bio, tls);
        BIO_set_init(bio, 1);
    }
    return bio;
}

/* --- making and releasing --------------------------------------------------------------------- */

static pp_tls *of_store(X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    return SSL_get_app_data(ssl);
}

/* Called for each certificate of the chain; the first fault is the one to tell. */
static int verified(int ok, X509_STORE_CTX *store)
{
    pp_tls *tls = of_store(store);

    if (!ok && !tls->certificate_reason)
        tls->certificate_reason = pp_alloc(PP_TLS_REASON);
    if (!ok && tls->certificate_reason)
        pp_tls_explain_certificate(store, tls->name ? tls->name : "the server",
                                   tls->certificate_reason);
    return ok;
}

int pp_tls_verify_chain(X509_STORE_CTX *store, void *arg)
{
    pp_tls *tls = of_store(store);
    const X509 *x509 = X509_STORE_CTX_get0_cert(store);

    (void)arg;
    if (tls->context->insecure)
        X509_STORE_CTX_set_error(store, X509_V_OK);
    else if (X509_verify_cert(store) != 1)
        return 0;
    if (!tls->context->pins || pp_tls_has_pinned_key(tls->context->pins, x509))
        return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    tls->certificate_reason = pp_alloc(PP_TLS_REASON);
    if (tls->certificate_reason)
        pp_tls_explain_pin(x509, tls->name ? tls->name : "the server", tls->certificate_reason);
    return 0;
}

int pp_tls_ticket_came(SSL *ssl, SSL_SESSION *session)
{
    pp_tls *tls = SSL_get_app_data(ssl);

    if (tls->context && tls->name)
        pp_tls_keep_ticket(tls->context, tls->name, session);
    return 0; /* the session stays OpenSSL's */
}

/* RFC 6066 section 3: no literal address in SNI. */
static bool expect_name(pp_tls *tls)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);
    size_t size = strlen(tls->name);
    pp_addr addr;

    if (pp_addr_parse(pp_str_c(tls->name), 0, &addr))
        return X509_VERIFY_PARAM_set1_ip_asc(param, tls->name) == 1;
    if (size && tls->name[size - 1] ==
                    '.') /* "example.org." is the same host, but no certificate says so */
        tls->name[size - 1] = '\0';
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return SSL_set_tlsext_host_name(tls->ssl, tls->name) == 1 &&
           X509_VERIFY_PARAM_set1_host(param, tls->name, 0) == 1;
}

static int prepare(pp_tls *tls, const char *name, uint64_t wall_us)
{
    BIO *bio = new_bio(tls);

    tls->ssl = bio ? SSL_new(tls->context->ssl) : NULL;
    if (!tls->ssl) {
        BIO_free(bio);
        return pp_error(PIPIT_ERR_MEMORY, "tls: no memory for a connection");
    }
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_app_data(tls->ssl, tls);
    X509_VERIFY_PARAM_set_time(SSL_get0_param(tls->ssl), (time_t)(wall_us / 1000000));
    if (tls->context->server) {
        SSL_set_accept_state(tls->ssl);
        return 0;
    }
    SSL_set_connect_state(tls->ssl);
    SSL_set_verify(tls->ssl, SSL_VERIFY_PEER, verified);
    tls->name = pp_strdup(name);
    if (name && !tls->name)
        return PIPIT_ERR_MEMORY;
    if (name && !expect_name(tls)) {
        ERR_clear_error();
        return pp_error(PIPIT_ERR_ARGUMENT, "tls: '%s' is no name of a host", name);
    }
    if (name)
        pp_tls_use_ticket(tls->context, tls->name, tls->ssl);
    return 0;
}

static void destroy(pp_tls *tls)
{
    SSL_free(tls->ssl);
    pp_tls_context_unref(tls->context);
    pp_buf_free(&tls->pending);
    pp_buf_free(&tls->output);
    pp_free(tls->name);
    pp_free(tls->certificate_reason);
    pp_free(tls);
}

int pp_tls_new(pp_tls_context *context, const char *name, uint64_t wall_us,
               const pp_tls_handlers *handlers, void *arg, pp_tls **out)
{
    pp_tls *tls;
    int err;

    /* Without a name any valid certificate of anybody would do. */
    if (!name && !context->server && !context->insecure)
        return pp_error(PIPIT_ERR_ARGUMENT, "tls: a client needs the name of the server");
    tls = PP_NEW(pp_tls);
    if (!tls)
        return PIPIT_ERR_MEMORY;
    tls->context = pp_tls_context_ref(context);
    tls->handlers = handlers;
    tls->arg = arg;
    err = prepare(tls, name, wall_us);
    if (err)
        destroy(tls);
    else
        *out = tls;
    return err;
}

/* A server that stumbles over its own ticket must not do so for ever. */
static void give_up_handshake(const pp_tls *tls)
{
    if (tls->state == STATE_HANDSHAKE && tls->context && tls->name)
        pp_tls_drop_ticket(tls->context, tls->name);
}

pp_tls *pp_tls_free(pp_tls *tls)
{
    if (!tls)
        return NULL;
    give_up_handshake(tls);
    tls->freed = true;
    tls->state = STATE_CLOSED;
    tls->context = pp_tls_context_unref(tls->context);
    if (tls->depth == 0)
        destroy(tls);
    return NULL;
}

/* --- steps ------------------------------------------------------------------------------------ */

static void enter(pp_tls *tls)
{
    tls->depth++;
    ERR_clear_error();
}

static void leave(pp_tls *tls)
{
    if (--tls->depth == 0 && tls->freed)
        destroy(tls);
}

/* What a handler adds is sent by the outermost call, behind what was there. */
static void flush(pp_tls *tls)
{
    if (tls->flushing)
        return;
    tls->flushing = true;
    while (tls->output.n && !tls->freed) {
        pp_buf octets = tls->output;

        tls->output = (pp_buf){0};
        tls->handlers->output(tls->arg, (const uint8_t *)octets.p, octets.n);
        pp_buf_free(&octets);
    }
    tls->flushing = false;
}

static void finish(pp_tls *tls, int error, const char *reason)
{
    flush(tls);
    if (tls->state == STATE_CLOSED)
        return;
    give_up_handshake(tls);
    tls->state = STATE_CLOSED;
    tls->handlers->closed(tls->arg, error, reason);
}

static void fail(pp_tls *tls)
{
    char reason[PP_TLS_REASON];

    if (pp_buf_error(&tls->output)) {
        finish(tls, pp_buf_error(&tls->output), "no memory for what was to be sent");
        return;
    }
    pp_tls_explain_failure(tls->state != STATE_HANDSHAKE, reason);
    finish(tls, PIPIT_ERR_TLS, tls->certificate_reason ? tls->certificate_reason : reason);
}

static void drop_all(STACK_OF(X509) * chain)
{
    while (sk_X509_num(chain) > 0)
        X509_free(sk_X509_pop(chain));
}

/* What has been checked is not needed any more, and it is kilobytes for as long as the connection lasts. */
static void drop_chains(SSL *ssl)
{
    drop_all(SSL_get_peer_cert_chain(ssl));
    drop_all(SSL_get0_verified_chain(ssl));
}

static void shake_hands(pp_tls *tls)
{
    int result = SSL_do_handshake(tls->ssl);

    if (result == 1) {
        tls->state = STATE_OPEN;
        drop_chains(tls->ssl);
        flush(tls);
        if (tls->state == STATE_OPEN)
            tls->handlers->established(tls->arg);
        return;
    }
    if (SSL_get_error(tls->ssl, result) == SSL_ERROR_WANT_READ)
        flush(tls);
    else
        fail(tls);
}

/* Reads one piece of plain text. False: nothing more can be read from what has come. */
static bool read_piece(pp_tls *tls)
{
    uint8_t piece[4096];
    size_t size = 0;
    int result, error;

    ERR_clear_error(); /* a handler may have worked with other connections since */
    result = SSL_read_ex(tls->ssl, piece, sizeof(piece), &size);
    error = SSL_get_error(tls->ssl, result);
    if (result == 1) {
        flush(tls);
        if (tls->state == STATE_OPEN || tls->state == STATE_SHUT)
            tls->handlers->data(tls->arg, piece, size);
        return true;
    }
    if (error == SSL_ERROR_WANT_READ) {
        /* SSL_MODE_RELEASE_BUFFERS leaves 16 kB of writing buffer behind when session tickets come.
         */
        SSL_free_buffers(tls->ssl);
        flush(tls);
    } else if (error == SSL_ERROR_ZERO_RETURN) {
        if (tls->state == STATE_OPEN)
            SSL_shutdown(tls->ssl);
        finish(tls, 0, "closed by the peer");
    } else {
        fail(tls);
    }
    return false;
}

static void work(pp_tls *tls)
{
    if (tls->state == STATE_HANDSHAKE)
        shake_hands(tls);
    while (tls->state == STATE_OPEN || tls->state == STATE_SHUT)
        if (!read_piece(tls))
            break;
}

void pp_tls_start(pp_tls *tls)
{
    if (tls->state != STATE_NEW)
        return;
    enter(tls);
    tls->state = STATE_HANDSHAKE;
    shake_hands(tls);
    leave(tls);
}

/* Received by a handler that our own step called: worked on by that step, behind the older octets.
 */
static void keep(pp_tls *tls, const uint8_t *data, size_t size)
{
    pp_buf_add(&tls->pending, data, size);
}

static void work_pending(pp_tls *tls)
{
    while (tls->pending.n && tls->state != STATE_CLOSED) {
        pp_buf octets = tls->pending;

        tls->pending = (pp_buf){0};
        tls->input = (const uint8_t *)octets.p;
        tls->input_size = octets.n;
        work(tls);
        pp_buf_free(&octets);
    }
    if (pp_buf_error(&tls->pending))
        finish(tls, pp_buf_error(&tls->pending), "no memory for what was received");
}

void pp_tls_receive(pp_tls *tls, const uint8_t *data, size_t size)
{
    if (tls->state == STATE_NEW)
        pp_tls_start(tls);
    if (tls->state == STATE_CLOSED || size == 0)
        return;
    if (tls->receiving) {
        keep(tls, data, size);
        return;
    }
    enter(tls);
    tls->receiving = true;
    tls->input = data;
    tls->input_size = size;
    work(tls);
    work_pending(tls);
    tls->input_size = 0;
    tls->receiving = false;
    leave(tls);
}

int pp_tls_send(pp_tls *tls, const void *data, size_t size)
{
    size_t written = 0;
    int err = 0;

    if (tls->state != STATE_OPEN)
        return pp_error(PIPIT_ERR_STATE, "tls: the connection is not open");
    if (size == 0)
        return 0;
    enter(tls);
    if (SSL_write_ex(tls->ssl, data, size, &written) == 1) {
        flush(tls);
    } else {
        err = pp_error(PIPIT_ERR_TLS, "tls: %zu octets could not be sent", size);
        fail(tls);
    }
    leave(tls);
    return err;
}

void pp_tls_shut(pp_tls *tls)
{
    if (tls->state != STATE_OPEN)
        return;
    enter(tls);
    tls->state = STATE_SHUT;
    SSL_shutdown(tls->ssl);
    flush(tls);
    leave(tls);
}

const char *pp_tls_cipher(const pp_tls *tls)
{
    return tls->state == STATE_NEW || tls->state == STATE_HANDSHAKE ? ""
                                                                    : SSL_get_cipher_name(tls->ssl);
}

bool pp_tls_is_resumed(const pp_tls *tls)
{
    return SSL_session_reused(tls->ssl) == 1;
}
