/* tls_client.c - what a client may ask for: a shorter handshake, a pinned key, its own certificate, settings that are shared. */
#include "unit/crypto/tls_ends.h"

#include "crypto/tls_context.h"
#include "pipit/error.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <unistd.h>

static int make_server(void **state)
{
    static const char *const names[] = {"example.org", "other.example", NULL};
    pp_rng rng = pp_rng_system();

    (void)state;
    return authority_make(&server_authority, &rng, NOW_US, 30, names) ||
                   pp_tls_server_context_new(server_authority.certificate, &server_context)
               ? -1
               : 0;
}

static int drop_server(void **state)
{
    (void)state;
    pp_tls_context_unref(server_context);
    authority_drop(&server_authority);
    return 0;
}

static pp_tls_context *context_of(pp_tls_client_options options)
{
    pp_tls_context *context = NULL;

    if (!options.insecure)
        options.ca_file = server_authority.ca_file;
    assert_int_equal(pp_tls_client_context_new(&options, &context), 0);
    return context;
}

/* Connects and exchanges a word. Returns whether the handshake was a short one; `reason` is why there was none. */
static bool connect_to(pp_tls_context *context, const char *name, uint64_t wall_us, char *reason)
{
    struct end client = {0}, server = {0};
    bool resumed;

    open_ends(&client, &server, context, name, wall_us);
    talk(&client, &server, 1000);
    if (client.established) {
        pp_tls_send(server.tls, "hello", 5);
        talk(&client, &server, 1000);
    }
    resumed = client.tls && pp_tls_is_resumed(client.tls);
    snprintf(reason, 512, "%s", client.reason);
    if (!client.closed)
        assert_true(pp_str_eq_c(pp_buf_text(&client.data), "hello"));
    release(&client); /* without a goodbye, as a connection breaks */
    release(&server);
    return resumed;
}

static bool resumes(pp_tls_context *context, const char *name, uint64_t wall_us)
{
    char reason[512];
    bool resumed = connect_to(context, name, wall_us, reason);

    assert_string_equal(reason, "");
    return resumed;
}

static void the_second_handshake_is_a_short_one(void **state)
{
    pp_tls_context *context = context_of((pp_tls_client_options){0});

    (void)state;
    assert_false(resumes(context, "example.org", NOW_US));
    assert_true(resumes(context, "example.org", NOW_US));
    assert_true(resumes(context, "example.org", NOW_US));
    pp_tls_context_unref(context);
}

static void a_ticket_of_tls_1_2_is_used_too(void **state)
{
    pp_tls_context *context = context_of((pp_tls_client_options){0});

    (void)state;
    SSL_CTX_set_max_proto_version(server_context->ssl, TLS1_2_VERSION);
    assert_false(resumes(context, "example.org", NOW_US));
    assert_true(resumes(context, "example.org", NOW_US));
    SSL_CTX_set_max_proto_version(server_context->ssl, 0);
    pp_tls_context_unref(context);
}

static void a_ticket_is_for_one_name_and_until_its_certificate_expires(void **state)
{
    pp_tls_context *context = context_of((pp_tls_client_options){0});
    char reason[512];

    (void)state;
    assert_false(resumes(context, "example.org", NOW_US));
    assert_false(resumes(context, "other.example", NOW_US));
    assert_true(resumes(context, "other.example", NOW_US));
    assert_false(connect_to(context, "stranger.example", NOW_US, reason));
    assert_non_null(strstr(reason, "not stranger.example"));
    assert_false(connect_to(context, "example.org", NOW_US + 31 * DAY_US, reason));
    assert_non_null(strstr(reason, "expired on"));
    pp_tls_context_unref(context);
}

static void a_server_that_forgot_its_keys_is_met_anew(void **state)
{
    pp_tls_context *context = context_of((pp_tls_client_options){0}), *kept = server_context;

    (void)state;
    assert_false(resumes(context, "example.org", NOW_US));
    assert_int_equal(pp_tls_server_context_new(server_authority.certificate, &server_context), 0);
    assert_false(resumes(context, "example.org", NOW_US));
    pp_tls_context_unref(server_context);
    server_context = kept;
    pp_tls_context_unref(context);
}

/* As with a server that breaks off when it is shown one. */
static void a_ticket_is_not_used_again_when_a_handshake_breaks_off(void **state)
{
    pp_tls_context *context = context_of((pp_tls_client_options){0});
    struct end client = {0}, server = {0};
    static const uint8_t alert[] = {0x15, 3, 3, 0, 2, 2, 80}; /* fatal, internal error */

    (void)state;
    assert_false(resumes(context, "example.org", NOW_US));
    open_ends(&client, &server, context, "example.org", NOW_US);
    pp_tls_receive(client.tls, alert, sizeof(alert));
    assert_int_equal(client.closed, 1);
    release(&client);
    release(&server);
    assert_false(resumes(context, "example.org", NOW_US));
    client = server = (struct end){0};
    open_ends(&client, &server, context, "example.org", NOW_US);
    release(&client); /* the connection was lost below */
    release(&server);
    assert_false(resumes(context, "example.org", NOW_US));
    assert_true(resumes(context, "example.org", NOW_US));
    pp_tls_context_unref(context);
}

static void the_tickets_of_a_few_servers_are_kept(void **state)
{
    pp_tls_context *context = context_of((pp_tls_client_options){.insecure = true});
    char name[32];

    (void)state;
    for (unsigned i = 0; i <= PP_LIMIT_TLS_TICKETS; i++) {
        snprintf(name, sizeof(name), "host%u.example", i);
        assert_false(resumes(context, name, NOW_US));
    }
    assert_true(resumes(context, "host1.example", NOW_US));
    assert_false(resumes(context, "host0.example", NOW_US)); /* the oldest has made room */
    pp_tls_context_unref(context);
}

static void pin_of(pp_certificate *certificate, pp_buf *out)
{
    assert_int_equal(pp_tls_pin_of(pp_certificate_x509(certificate), out), 0);
    pp_buf_char(out, '\0');
    assert_int_equal(pp_buf_error(out), 0);
}

#define OTHER_PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void a_pinned_key_is_asked_for_even_when_nothing_else_is(void **state)
{
    pp_buf pin = {0}, both = {0};
    char reason[512];

    (void)state;
    pin_of(server_authority.certificate, &pin);
    pp_buf_format(&both, OTHER_PIN ";%s", pin.p);
    pp_buf_char(&both, '\0');
    for (int insecure = 0; insecure < 2; insecure++) {
        pp_tls_context *good = context_of(
                           (pp_tls_client_options){.insecure = insecure, .pinned_keys = both.p}),
                       *bad = context_of(
                           (pp_tls_client_options){.insecure = insecure, .pinned_keys = OTHER_PIN});

        assert_false(resumes(good, "example.org", NOW_US));
        assert_true(resumes(good, "example.org", NOW_US));
        connect_to(bad, "example.org", NOW_US, reason);
        assert_non_null(strstr(reason, "the key of the certificate of example.org is not pinned"));
        assert_non_null(strstr(reason, pin.p));
        pp_tls_context_unref(good);
        pp_tls_context_unref(bad);
    }
    pp_buf_free(&both);
    pp_buf_free(&pin);
}

/* `openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64` of a key of RFC 7515 appendix A.3. */
static void a_pin_is_written_as_curl_and_openssl_do(void **state)
{
    static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
                              "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
                              "-----END PUBLIC KEY-----\n";
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    X509 *x509 = X509_new();
    pp_buf pin = {0};

    (void)state;
    assert_int_equal(X509_set_pubkey(x509, key), 1);
    assert_int_equal(pp_tls_pin_of(x509, &pin), 0);
    assert_true(
        pp_str_eq_c(pp_buf_text(&pin), "sha256//K9G7DESol8MKeqCZHN442AYv5EHeUNoPRoJTRPYC6Cc="));
    pp_buf_free(&pin);
    X509_free(x509);
    EVP_PKEY_free(key);
    BIO_free(bio);
}

static void check_options(pp_tls_client_options options, int err, const char *part)
{
    pp_tls_context *context = NULL;

    assert_int_equal(pp_tls_client_context_new(&options, &context), err);
    assert_null(context);
    if (!strstr(pipit_error_message(), part))
        fail_msg("'%s' does not say '%s'", pipit_error_message(), part);
}

static void a_bad_option_is_refused_with_the_reason(void **state)
{
    static const char *const pins[] = {"",
                                       "sha256//",
                                       "sha256//AAAA",
                                       "sha1//AA",
                                       OTHER_PIN ";",
                                       OTHER_PIN ",",
                                       "AAAA",
                                       OTHER_PIN " ;" OTHER_PIN};

    (void)state;
    for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++)
        check_options((pp_tls_client_options){.pinned_keys = pins[i]}, PIPIT_ERR_SYNTAX,
                      "a pinned key is not sha256// and 32 octets in base64");
    check_options((pp_tls_client_options){.key_file = server_authority.ca_file}, PIPIT_ERR_ARGUMENT,
                  "a key file without a certificate file");
    check_options((pp_tls_client_options){.certificate_file = "/nowhere/client.pem"},
                  PIPIT_ERR_NOT_FOUND, "'/nowhere/client.pem' could not be opened");
    check_options((pp_tls_client_options){.certificate_file = server_authority.ca_file},
                  PIPIT_ERR_TLS, "holds no private key in PEM form without a pass phrase");
    check_options((pp_tls_client_options){.certificate_file = "/dev/null"}, PIPIT_ERR_TLS,
                  "'/dev/null' holds no certificate in PEM form");
}

static void a_client_shows_its_certificate_when_it_is_asked(void **state)
{
    static const char *const names[] = {"client.example", NULL};
    pp_rng rng = pp_rng_system();
    authority client = {0};
    char key_file[80], reason[512];
    pp_tls_context *with, *without = context_of((pp_tls_client_options){0});

    (void)state;
    assert_int_equal(authority_make(&client, &rng, NOW_US, 30, names), 0);
    snprintf(key_file, sizeof(key_file), "%s.key", client.ca_file);
    assert_int_equal(pp_certificate_save(client.certificate, client.ca_file, key_file), 0);
    with = context_of(
        (pp_tls_client_options){.certificate_file = client.ca_file, .key_file = key_file});
    SSL_CTX_load_verify_file(server_context->ssl, client.ca_file);
    SSL_CTX_set_verify(server_context->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    SSL_CTX_set_session_id_context(server_context->ssl, (const uint8_t *)"x", 1);
    assert_false(resumes(with, "example.org", NOW_US));
    assert_true(resumes(with, "example.org", NOW_US));
    connect_to(without, "example.org", NOW_US, reason);
    assert_non_null(strstr(reason, "the peer wants a certificate of ours"));
    SSL_CTX_set_verify(server_context->ssl, SSL_VERIFY_NONE, NULL);
    unlink(key_file);
    pp_tls_context_unref(with);
    pp_tls_context_unref(without);
    authority_drop(&client);
}

static void a_client_of_tls_1_3_refuses_1_2(void **state)
{
    pp_tls_context *context = context_of((pp_tls_client_options){.oldest = PP_TLS_1_3});
    char reason[512];

    (void)state;
    assert_false(resumes(context, "example.org", NOW_US));
    SSL_CTX_set_max_proto_version(server_context->ssl, TLS1_2_VERSION);
    connect_to(context, "example.org", NOW_US, reason);
    SSL_CTX_set_max_proto_version(server_context->ssl, 0);
    assert_non_null(strstr(reason, "no version of TLS that is asked for"));
    pp_tls_context_unref(context);
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *size,
                   const unsigned char *in, unsigned in_size, void *arg)
{
    (void)ssl;
    (void)out;
    (void)size;
    snprintf(arg, 16, "%.*s", (int)in_size, (const char *)in);
    return SSL_TLSEXT_ERR_NOACK;
}

static void a_protocol_is_offered_when_one_is_given(void **state)
{
    pp_tls_context *http = context_of((pp_tls_client_options){.protocol = "http/1.1"}),
                   *none = context_of((pp_tls_client_options){0});
    char offered[16] = "";

    (void)state;
    SSL_CTX_set_alpn_select_cb(server_context->ssl, on_alpn, offered);
    assert_false(resumes(none, "example.org", NOW_US));
    assert_string_equal(offered, "");
    assert_false(resumes(http, "example.org", NOW_US));
    assert_string_equal(offered, "\x08http/1.1");
    SSL_CTX_set_alpn_select_cb(server_context->ssl, NULL, NULL);
    pp_tls_context_unref(http);
    pp_tls_context_unref(none);
}

static void settings_that_are_alike_are_shared(void **state)
{
    const pp_tls_client_options options = {.ca_file = server_authority.ca_file},
                                other = {.ca_file = server_authority.ca_file, .oldest = PP_TLS_1_3};
    pp_tls_context *list = NULL, *a = NULL, *b = NULL, *c = NULL, *d = NULL;

    (void)state;
    assert_int_equal(pp_tls_client_context_shared(&list, &options, &a), 0);
    assert_int_equal(pp_tls_client_context_shared(&list, &other, &b), 0);
    assert_int_equal(pp_tls_client_context_shared(&list, &options, &c), 0);
    assert_ptr_equal(a, c);
    assert_ptr_not_equal(a, b);
    assert_int_equal(truncate(server_authority.ca_file, 0), 0); /* the file is another now */
    assert_int_equal(pp_tls_client_context_shared(&list, &options, &d), PIPIT_ERR_TLS);
    assert_null(d);
    pp_tls_context_unref(a);
    pp_tls_context_unref(c);
    assert_ptr_equal(list, b);
    pp_tls_context_unref(b);
    assert_null(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_handshake_is_a_short_one),
        cmocka_unit_test(a_ticket_of_tls_1_2_is_used_too),
        cmocka_unit_test(a_ticket_is_for_one_name_and_until_its_certificate_expires),
        cmocka_unit_test(a_server_that_forgot_its_keys_is_met_anew),
        cmocka_unit_test(a_ticket_is_not_used_again_when_a_handshake_breaks_off),
        cmocka_unit_test(the_tickets_of_a_few_servers_are_kept),
        cmocka_unit_test(a_pinned_key_is_asked_for_even_when_nothing_else_is),
        cmocka_unit_test(a_pin_is_written_as_curl_and_openssl_do),
        cmocka_unit_test(a_bad_option_is_refused_with_the_reason),
        cmocka_unit_test(a_client_shows_its_certificate_when_it_is_asked),
        cmocka_unit_test(a_client_of_tls_1_3_refuses_1_2),
        cmocka_unit_test(a_protocol_is_offered_when_one_is_given),
        cmocka_unit_test(settings_that_are_alike_are_shared), /* spoils the authority's file */
    };

    return cmocka_run_group_tests(tests, make_server, drop_server);
}
