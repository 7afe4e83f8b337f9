/* identity.c - tests of certificates of the application's own and of the fingerprints that descriptions announce. */
#include "base/error.h"
#include "crypto/certificate.h"
#include "peer/peer.h"
#include "support/files.h"
#include "support/sim.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char rsa_file[64], ecdsa_file[64], ecdsa_key[64];

static pp_peer_state state_of[2];

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    (void)reason;
    *(pp_peer_state *)arg = state;
}

static const pp_peer_handlers handlers = {.state = on_state};

static char *describe(pp_peer *peer, int (*make)(pp_peer *peer, pp_buf *out))
{
    pp_buf sdp = {0};
    char *text = NULL;

    assert_int_equal(make(peer, &sdp), 0);
    assert_int_equal(pp_buf_take(&sdp, &text), 0);
    return text;
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;

    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

/* The offerer is the server of DTLS. */
static void connect_with(const pipit_peer_configuration *offerer,
                         const pipit_peer_configuration *answerer, const char *hash,
                         const char *cipher)
{
    const pipit_media_stream none = {0};
    pp_peer *a = NULL, *b = NULL;
    pipit_stats stats;
    char *offer, *answer, line[32];
    sim *s;

    assert_int_equal(sim_new(1, &s), 0);
    assert_int_equal(pp_peer_new(sim_loop(s), offerer, &none, true, &handlers, &state_of[0], &a),
                     0);
    assert_int_equal(pp_peer_new(sim_loop(s), answerer, &none, false, &handlers, &state_of[1], &b),
                     0);
    offer = describe(a, pp_peer_create_offer);
    snprintf(line, sizeof(line), "\r\na=fingerprint:%s ", hash);
    assert_int_equal(count(offer, line), 1 + (offerer->certificates[1].certificate_file != NULL));
    assert_int_equal(count(offer, "\r\na=fingerprint:"), count(offer, line));
    assert_int_equal(pp_peer_set_remote(b, true, pp_str_c(offer)), 0);
    answer = describe(b, pp_peer_create_answer);
    assert_int_equal(pp_peer_set_remote(a, false, pp_str_c(answer)), 0);
    sim_advance_ms(s, 2000);
    assert_int_equal(state_of[0], PP_PEER_CONNECTED);
    assert_int_equal(state_of[1], PP_PEER_CONNECTED);
    pp_peer_stats(a, &stats);
    if (!strstr(stats.dtls_cipher, cipher))
        fail_msg("%s instead of %s", stats.dtls_cipher, cipher);
    pipit_free(offer);
    pipit_free(answer);
    pp_peer_free(a);
    pp_peer_free(b);
    sim_free(s);
}

static void a_fingerprint_is_announced_by_the_hash_that_is_wanted(void **state)
{
    static const char *const names[] = {"sha-256", "sha-384", "sha-512"};
    const pipit_peer_configuration plain = {0};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        const pipit_peer_configuration wish = {.fingerprint_hash = (pipit_fingerprint_hash)i};

        connect_with(&wish, &plain, names[i], "ECDHE-ECDSA");
        connect_with(&wish, &wish, names[i], "ECDHE-ECDSA");
    }
}

static void a_certificate_of_ones_own_is_shown(void **state)
{
    const pipit_peer_configuration plain = {0}, rsa = {.certificates = {{rsa_file, NULL}}},
                                   ecdsa = {.certificates = {{ecdsa_file, ecdsa_key}}},
                                   both = {
                                       .certificates = {{ecdsa_file, ecdsa_key}, {rsa_file, NULL}}};

    (void)state;
    connect_with(&rsa, &plain, "sha-256", "ECDHE-RSA");
    connect_with(&ecdsa, &rsa, "sha-256", "ECDHE-ECDSA");
    connect_with(&rsa, &rsa, "sha-256", "ECDHE-RSA");
    connect_with(&both, &rsa, "sha-256", "ECDHE-ECDSA");
    connect_with(&rsa, &both, "sha-256", "ECDHE-RSA");
}

static void a_certificate_that_cannot_be_read_makes_no_connection(void **state)
{
    const pipit_media_stream none = {0};
    const struct {
        pipit_peer_configuration configuration;
        int err;
    } cases[] = {
        {{.certificates = {{"/nowhere/at/all.pem", NULL}}}, PIPIT_ERR_NOT_FOUND},
        {{.certificates = {{ecdsa_file, rsa_file}}}, PIPIT_ERR_TLS},
        {{.certificates = {{ecdsa_file, NULL}}}, PIPIT_ERR_TLS},
        {{.fingerprint_hash = (pipit_fingerprint_hash)3}, PIPIT_ERR_ARGUMENT},
    };
    pp_peer *peer = NULL;
    sim *s;

    (void)state;
    assert_int_equal(sim_new(1, &s), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(pp_peer_new(sim_loop(s), &cases[i].configuration, &none, true, &handlers,
                                     &state_of[0], &peer),
                         cases[i].err);
        assert_null(peer);
    }
    sim_free(s);
}

/* --- files ------------------------------------------------------------------------------------ */

static int write_rsa(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    X509 *x509 = X509_new();
    FILE *file = fopen(rsa_file, "w");
    bool ok = key && x509 && file && X509_set_version(x509, X509_VERSION_3) &&
              ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) &&
              X509_gmtime_adj(X509_getm_notBefore(x509), 0) &&
              X509_gmtime_adj(X509_getm_notAfter(x509), 86400) && X509_set_pubkey(x509, key) &&
              X509_sign(x509, key, EVP_sha256()) > 0 && PEM_write_X509(file, x509) &&
              PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);

    if (file)
        fclose(file);
    X509_free(x509);
    EVP_PKEY_free(key);
    return ok ? 0 : -1;
}

static int write_files(void **state)
{
    pp_rng rng = pp_rng_system();
    pp_certificate *certificate = NULL;
    int err;

    (void)state;
    snprintf(rsa_file, sizeof(rsa_file), "identity-%d-rsa.pem", (int)getpid());
    snprintf(ecdsa_file, sizeof(ecdsa_file), "identity-%d-ecdsa.pem", (int)getpid());
    snprintf(ecdsa_key, sizeof(ecdsa_key), "identity-%d-key.pem", (int)getpid());
    err = pp_certificate_generate(&rng, 1700000000000000u, 30, NULL, &certificate);
    if (!err)
        err = pp_certificate_save(certificate, ecdsa_file, ecdsa_key);
    pp_certificate_unref(certificate);
    return err ? err : write_rsa();
}

static int remove_files(void **state)
{
    (void)state;
    unlink(rsa_file);
    unlink(ecdsa_file);
    unlink(ecdsa_key);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fingerprint_is_announced_by_the_hash_that_is_wanted),
        cmocka_unit_test(a_certificate_of_ones_own_is_shown),
        cmocka_unit_test(a_certificate_that_cannot_be_read_makes_no_connection),
    };

    return cmocka_run_group_tests(tests, write_files, remove_files);
}
