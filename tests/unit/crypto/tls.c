/* tls.c - tests of the TLS machine: two of them talk through memory. */
#include "unit/crypto/tls_ends.h"

#include "base/alloc.h"
#include "pipit/error.h"
#include "support/scarce.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

static pp_tls_context *client_context;

static int make_contexts(void **state)
{
    static const char *const names[] = {"example.org", "192.0.2.7", "2001:db8::1", NULL};
    pp_rng rng = pp_rng_system();

    (void)state;
    if (authority_make(&server_authority, &rng, NOW_US, 30, names) ||
        pp_tls_server_context_new(server_authority.certificate, &server_context))
        return -1;
    return pp_tls_client_context_new(
        &(pp_tls_client_options){.ca_file = server_authority.ca_file, .protocol = "http/1.1"},
        &client_context);
}

static int release_contexts(void **state)
{
    (void)state;
    pp_tls_context_unref(server_context);
    pp_tls_context_unref(client_context);
    authority_drop(&server_authority);
    return 0;
}

static void exchange(size_t piece)
{
    struct end client = {0}, server = {0};
    char *long_text = calloc(1, 50000);

    open_ends(&client, &server, client_context, "example.org", NOW_US);
    assert_int_equal(pp_tls_send(client.tls, "early", 5), PIPIT_ERR_STATE);
    assert_string_equal(pp_tls_cipher(client.tls), "");
    talk(&client, &server, piece);
    assert_int_equal(client.established, 1);
    assert_int_equal(server.established, 1);
    assert_non_null(strstr(pp_tls_cipher(client.tls), "GCM"));
    memset(long_text, 'x', 50000);
    assert_int_equal(pp_tls_send(client.tls, long_text, 50000), 0);
    assert_int_equal(pp_tls_send(client.tls, "", 0), 0);
    assert_int_equal(pp_tls_send(server.tls, "hello", 5), 0);
    talk(&client, &server, piece);
    assert_int_equal(server.data.n, 50000);
    assert_memory_equal(server.data.p, long_text, 50000);
    assert_true(pp_str_eq_c(pp_buf_text(&client.data), "hello"));
    release(&client);
    release(&server);
    free(long_text);
}

static void a_connection_carries_text_both_ways(void **state)
{
    (void)state;
    exchange(SIZE_MAX / 2);
}

static void a_connection_takes_one_octet_at_a_time(void **state)
{
    (void)state;
    exchange(1);
}

static void a_close_is_told_to_the_other_side(void **state)
{
    struct end client = {0}, server = {0};

    (void)state;
    open_ends(&client, &server, client_context, "example.org", NOW_US);
    talk(&client, &server, 1000);
    assert_int_equal(pp_tls_send(server.tls, "last words", 10), 0);
    pp_tls_shut(client.tls);
    assert_int_equal(pp_tls_send(client.tls, "x", 1), PIPIT_ERR_STATE);
    pp_tls_shut(client.tls);
    talk(&client, &server, 1000);
    assert_int_equal(server.closed, 1);
    assert_int_equal(server.error, 0);
    assert_int_equal(client.closed, 1);
    assert_int_equal(client.error, 0);
    assert_true(pp_str_eq_c(pp_buf_text(&client.data), "last words"));
    release(&client);
    release(&server);
}

/* Connects and expects a refusal by the client with a sentence that has `part` in it. */
static void refused(pp_tls_context *context, const char *name, uint64_t wall_us, const char *part)
{
    struct end client = {0}, server = {0};

    open_ends(&client, &server, context, name, wall_us);
    talk(&client, &server, 1000);
    assert_int_equal(client.established, 0);
    assert_int_equal(client.closed, 1);
    assert_int_equal(client.error, PIPIT_ERR_TLS);
    if (!strstr(client.reason, part))
        fail_msg("'%s' does not say '%s'", client.reason, part);
    assert_int_equal(server.closed, 1);
    assert_int_equal(server.error, PIPIT_ERR_TLS);
    assert_non_null(strstr(server.reason, "the peer refused: "));
    release(&client);
    release(&server);
}

static void accepted(pp_tls_context *context, const char *name, uint64_t wall_us)
{
    struct end client = {0}, server = {0};

    open_ends(&client, &server, context, name, wall_us);
    talk(&client, &server, 1000);
    if (client.closed)
        fail_msg("%s", client.reason);
    assert_int_equal(client.established, 1);
    release(&client);
    release(&server);
}

static void the_wrong_name_is_refused_and_the_right_ones_are_told(void **state)
{
    (void)state;
    refused(client_context, "localhost", NOW_US,
            "the certificate is for example.org, 192.0.2.7, 2001:db8::1, not localhost");
    refused(client_context, "192.0.2.8", NOW_US, "not 192.0.2.8");
    refused(client_context, "sub.example.org", NOW_US, "not sub.example.org");
}

static void the_right_names_are_accepted(void **state)
{
    (void)state;
    accepted(client_context, "example.org", NOW_US);
    accepted(client_context, "EXAMPLE.org", NOW_US);
    accepted(client_context, "example.org.", NOW_US);
    accepted(client_context, "192.0.2.7", NOW_US);
    accepted(client_context, "2001:db8:0::1", NOW_US);
}

static void a_name_that_is_none_is_no_way_around_the_check(void **state)
{
    pp_tls *tls = NULL;

    (void)state;
    assert_int_equal(pp_tls_new(client_context, NULL, NOW_US, &handlers, NULL, &tls),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_tls_new(client_context, "", NOW_US, &handlers, NULL, &tls),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_tls_new(client_context, ".", NOW_US, &handlers, NULL, &tls),
                     PIPIT_ERR_ARGUMENT);
    assert_null(tls);
}

static void the_validity_is_that_of_the_given_time(void **state)
{
    (void)state;
    accepted(client_context, "example.org", NOW_US + 29 * DAY_US);
    refused(client_context, "example.org", NOW_US + 31 * DAY_US, "expired on 2023-12-14");
    refused(client_context, "example.org", NOW_US - 2 * DAY_US, "is valid from 2023-11-13 on");
}

static void a_self_signed_certificate_is_refused_with_advice(void **state)
{
    pp_tls_context *context = NULL;

    (void)state;
    assert_int_equal(pp_tls_client_context_new(NULL, &context), 0);
    refused(context, "example.org", NOW_US,
            "of example.org is self-signed: give its CA file with --ca");
    pp_tls_context_unref(context);
}

/* A certificate that `issuer` signed. */
static pp_certificate *issued_by(pp_certificate *issuer)
{
    static const char *const names[] = {"example.org", NULL};
    pp_rng rng = pp_rng_system();
    pp_certificate *issued = NULL;
    X509 *x509;

    assert_int_equal(pp_certificate_generate(&rng, NOW_US, 30, names, &issued), 0);
    x509 = pp_certificate_x509(issued);
    X509_set_issuer_name(x509, X509_get_subject_name(pp_certificate_x509(issuer)));
    assert_true(X509_sign(x509, pp_certificate_key(issuer), EVP_sha256()) > 0);
    return issued;
}

static void an_unknown_authority_is_named(void **state)
{
    static const char *const names[] = {"Evil\x1b[31m Authority", NULL};
    pp_rng rng = pp_rng_system();
    pp_certificate *issuer = NULL, *issued;
    pp_tls_context *kept = server_context;

    (void)state;
    assert_int_equal(pp_certificate_generate(&rng, NOW_US, 30, names, &issuer), 0);
    issued = issued_by(issuer);
    assert_int_equal(pp_tls_server_context_new(issued, &server_context), 0);
    refused(
        client_context, "example.org", NOW_US,
        "is signed by an unknown authority ('Evil?[31m Authority'): give its CA file with --ca");
    pp_tls_context_unref(server_context);
    server_context = kept;
    pp_certificate_unref(issued);
    pp_certificate_unref(issuer);
}

static void an_insecure_client_accepts_all(void **state)
{
    pp_tls_context *context = NULL;

    (void)state;
    assert_int_equal(
        pp_tls_client_context_new(&(pp_tls_client_options){.insecure = true}, &context), 0);
    accepted(context, "localhost", NOW_US + 1000 * DAY_US);
    accepted(context, NULL, NOW_US);
    pp_tls_context_unref(context);
}

static void a_context_says_what_it_lacks(void **state)
{
    pp_tls_context *context = NULL;

    (void)state;
    assert_int_equal(pp_tls_server_context_new(NULL, &context), PIPIT_ERR_ARGUMENT);
    assert_int_equal(
        pp_tls_client_context_new(&(pp_tls_client_options){.ca_file = "/nowhere"}, &context),
        PIPIT_ERR_NOT_FOUND);
    assert_non_null(strstr(pipit_error_message(), "/nowhere"));
    assert_int_equal(
        pp_tls_client_context_new(&(pp_tls_client_options){.ca_file = "/dev/null"}, &context),
        PIPIT_ERR_TLS);
    assert_null(context);
}

static void a_peer_without_tls_is_told_apart(void **state)
{
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    struct end client = {0}, server = {0};

    (void)state;
    open_ends(&client, &server, client_context, "example.org", NOW_US);
    pp_tls_receive(client.tls, (const uint8_t *)answer, sizeof(answer) - 1);
    assert_int_equal(client.error, PIPIT_ERR_TLS);
    assert_non_null(strstr(client.reason, "no TLS"));
    pp_tls_receive(server.tls, (const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18);
    assert_int_equal(server.error, PIPIT_ERR_TLS);
    assert_non_null(strstr(server.reason, "no TLS"));
    release(&client);
    release(&server);
}

static void a_broken_record_ends_an_open_connection(void **state)
{
    struct end client = {0}, server = {0};

    (void)state;
    open_ends(&client, &server, client_context, "example.org", NOW_US);
    talk(&client, &server, 1000);
    assert_int_equal(pp_tls_send(client.tls, "hello", 5), 0);
    client.wire.p[client.wire.n - 1] ^= 1;
    talk(&client, &server, 1000);
    assert_int_equal(server.closed, 1);
    assert_int_equal(server.error, PIPIT_ERR_TLS);
    assert_int_equal(server.data.n, 0);
    assert_int_equal(client.closed, 1);
    pp_tls_receive(server.tls, (const uint8_t *)"more", 4);
    assert_int_equal(server.closed, 1);
    release(&client);
    release(&server);
}

static void a_handler_may_free_the_machine(void **state)
{
    for (int i = 0; i < 4; i++) {
        struct end client = {0}, server = {0};

        server.free_when_established = i == 0;
        server.free_on_data = i == 1;
        server.free_when_closed = i == 2;
        open_ends(&client, &server, client_context, "example.org", NOW_US);
        server.free_on_output = i == 3;
        talk(&client, &server, 1000);
        if (client.established && server.tls) {
            assert_int_equal(pp_tls_send(client.tls, "hello", 5), 0);
            pp_tls_shut(client.tls);
            talk(&client, &server, 1000);
        }
        assert_null(server.tls);
        release(&client);
        release(&server);
    }
    (void)state;
}

/* A wire without delay: each output is the other side's input at once, inside the handler. */
static struct end *left, *right;

static void straight_output(void *arg, const uint8_t *data, size_t size)
{
    struct end *other = arg == left ? right : left;

    if (other->tls)
        pp_tls_receive(other->tls, data, size);
}

static const pp_tls_handlers straight = {straight_output, on_established, on_data, on_closed};

static void a_handler_may_answer_at_once(void **state)
{
    struct end client = {0}, server = {.echo = true};

    (void)state;
    left = &client;
    right = &server;
    assert_int_equal(
        pp_tls_new(client_context, "example.org", NOW_US, &straight, &client, &client.tls), 0);
    assert_int_equal(pp_tls_new(server_context, NULL, NOW_US, &straight, &server, &server.tls), 0);
    pp_tls_start(client.tls);
    assert_int_equal(client.established, 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pp_tls_send(client.tls, "again", 5), 0);
    assert_true(pp_str_eq_c(pp_buf_text(&client.data), "againagainagain"));
    pp_tls_shut(server.tls);
    assert_int_equal(client.closed, 1);
    assert_int_equal(server.closed, 1);
    release(&client);
    release(&server);
}

/* A server of OpenSSL itself, which shows what our client offers. */
static void the_client_offers_its_name_http_and_nothing_old(void **state)
{
    struct end client = {0};
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL *ssl;
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    uint8_t answer[100];
    int size;

    (void)state;
    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    ssl = SSL_new(context);
    SSL_set_bio(ssl, in, out);
    assert_int_equal(
        pp_tls_new(client_context, "example.org", NOW_US, &handlers, &client, &client.tls), 0);
    pp_tls_start(client.tls);
    assert_non_null(memmem(client.wire.p, client.wire.n, "example.org", 11));
    assert_non_null(
        memmem(client.wire.p, client.wire.n, "\x00\x10\x00\x0b\x00\x09\x08http/1.1", 15));
    BIO_write(in, client.wire.p, (int)client.wire.n);
    assert_int_equal(SSL_accept(ssl), -1);
    size = BIO_read(out, answer, sizeof(answer));
    assert_true(size > 0);
    pp_tls_receive(client.tls, answer, (size_t)size);
    assert_int_equal(client.error, PIPIT_ERR_TLS);
    assert_non_null(strstr(client.reason, "no version of TLS that is asked for"));
    release(&client);
    assert_int_equal(
        pp_tls_new(client_context, "192.0.2.7", NOW_US, &handlers, &client, &client.tls), 0);
    pp_tls_start(client.tls);
    assert_null(memmem(client.wire.p, client.wire.n, "192.0.2.7", 9));
    release(&client);
    SSL_free(ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
}

/* --- memory that runs out --------------------------------------------------------------------- */

static void a_connection_without_memory_fails_and_leaks_nothing(void **state)
{
    unsigned failures = 0, successes = 0;

    (void)state;
    for (unsigned n = 1; n <= 60 && successes < 3; n++) {
        const pp_tls_client_options options = {.ca_file = server_authority.ca_file};
        struct end client = {0}, server = {0};
        pp_tls_context *context = NULL; /* of its own: tickets are kept in it */
        int err;

        scarce_begin(0);
        assert_int_equal(pp_tls_client_context_new(&options, &context), 0);
        assert_int_equal(pp_tls_new(server_context, NULL, NOW_US, &handlers, &server, &server.tls),
                         0);
        scarce_fail_from(n);
        err = pp_tls_new(context, "example.org", NOW_US, &handlers, &client, &client.tls);
        if (!err) {
            pp_tls_start(client.tls);
            talk(&client, &server, 500);
            if (client.established)
                err = pp_tls_send(client.tls, "hello", 5);
            talk(&client, &server, 500);
        }
        if (err || client.closed || server.closed || server.data.n != 5)
            failures++;
        else
            successes++;
        release(&client);
        release(&server);
        pp_tls_context_unref(context);
        assert_int_equal(scarce_end(), 0);
    }
    assert_true(failures > 5);
    assert_int_equal(successes, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_carries_text_both_ways),
        cmocka_unit_test(a_connection_takes_one_octet_at_a_time),
        cmocka_unit_test(a_close_is_told_to_the_other_side),
        cmocka_unit_test(the_wrong_name_is_refused_and_the_right_ones_are_told),
        cmocka_unit_test(the_right_names_are_accepted),
        cmocka_unit_test(a_name_that_is_none_is_no_way_around_the_check),
        cmocka_unit_test(the_validity_is_that_of_the_given_time),
        cmocka_unit_test(a_self_signed_certificate_is_refused_with_advice),
        cmocka_unit_test(an_unknown_authority_is_named),
        cmocka_unit_test(an_insecure_client_accepts_all),
        cmocka_unit_test(a_context_says_what_it_lacks),
        cmocka_unit_test(a_peer_without_tls_is_told_apart),
        cmocka_unit_test(a_broken_record_ends_an_open_connection),
        cmocka_unit_test(a_handler_may_free_the_machine),
        cmocka_unit_test(a_handler_may_answer_at_once),
        cmocka_unit_test(the_client_offers_its_name_http_and_nothing_old),
        cmocka_unit_test(a_connection_without_memory_fails_and_leaks_nothing),
    };

    return cmocka_run_group_tests(tests, make_contexts, release_contexts);
}
