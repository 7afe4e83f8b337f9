/* certificates.c - which servers a wss client trusts, over real sockets: every way in which a certificate, its chain or the
 * connection can be bad, and those that are good. Revocation is not looked at: no list and no responder is asked. */
#include "support/issue.h"
#include "unit/transport/support/server.h"

#include "base/alloc.h"
#include "crypto/tls_context.h"
#include "pipit/error.h"

#include <openssl/x509v3.h>
#include <unistd.h>

static struct authorities {
    issued root, stranger;
    issued intermediate; /* may sign servers only */
    issued below;        /* an authority that the intermediate may not make */
    issued no_authority; /* signed by the root, and for servers */
    issued constrained;  /* for names in example.org */
    issued rsa;          /* of 2,048 bits: ECDSA knows no MD5 */
    issued client;
    char root_file[64], intermediate_file[64], client_file[64];
} all;

typedef enum chain {
    FROM_ROOT,
    FROM_INTERMEDIATE,
    INTERMEDIATE_NOT_SENT,
    FROM_NO_AUTHORITY,
    FROM_BELOW,
    FROM_CONSTRAINED,
    FROM_RSA,
    FROM_STRANGER,
    FROM_ITSELF
} chain;

typedef struct row {
    const char *kind;
    const char *says; /* a part of the sentence; NULL: it is accepted */
    chain chain;
    issue_options leaf;
    const char *host; /* NULL: localhost */
    pipit_websocket_options options;
    void (*change)(SSL_CTX *ssl, issued *leaf); /* when all is set up */
} row;

/* --- what is changed behind a good certificate ------------------------------------------------ */

/* The server signs with a key that is not the one in its certificate. */
static void give_another_key(SSL_CTX *ssl, issued *leaf)
{
    EVP_PKEY *other = EVP_EC_gen("P-256");

    (void)ssl; /* has this X509 and the old key */
    assert_int_equal(X509_set_pubkey(leaf->x509, other), 1);
    issue_sign(leaf, &all.root, "SHA256");
    EVP_PKEY_free(other);
}

/* "localhost" for those who read up to the NUL, and another host in truth. */
static void put_nul_into_name(SSL_CTX *ssl, issued *leaf)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();

    (void)ssl;
    assert_int_equal(ASN1_STRING_set(text, "localhost\0.attacker.example", 27), 1);
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    assert_true(sk_GENERAL_NAME_push(names, name) > 0);
    assert_int_equal(
        X509_add1_ext_i2d(leaf->x509, NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE), 1);
    GENERAL_NAMES_free(names);
    issue_sign(leaf, &all.root, "SHA256");
}

static void speak_tls_1_1(SSL_CTX *ssl, issued *leaf)
{
    (void)leaf;
    SSL_CTX_set_min_proto_version(ssl, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(ssl, TLS1_1_VERSION);
}

static void speak_tls_1_2(SSL_CTX *ssl, issued *leaf)
{
    (void)leaf;
    SSL_CTX_set_max_proto_version(ssl, TLS1_2_VERSION);
}

static void offer_weak_ciphers(SSL_CTX *ssl, issued *leaf)
{
    speak_tls_1_2(ssl, leaf);
    SSL_CTX_set_cipher_list(ssl, "ECDHE-ECDSA-NULL-SHA:ECDHE-ECDSA-AES128-SHA:aNULL:@SECLEVEL=0");
}

static void ask_for_certificate(SSL_CTX *ssl, issued *leaf)
{
    (void)leaf;
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(ssl), all.root.x509);
}

static void ask_for_certificate_by_tls_1_2(SSL_CTX *ssl, issued *leaf)
{
    speak_tls_1_2(ssl, leaf);
    ask_for_certificate(ssl, leaf);
}

/* --- the table -------------------------------------------------------------------------------- */

#define NO_PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define GOOD   .leaf = {.names = "DNS:localhost"}

static char good_pin[64];
static unsigned refused_kinds;

static const row refused[] = {
    {"expired", "expired on",
     .leaf = {.names = "DNS:localhost", .from_days = -9, .until_days = -1}},
    {"not yet valid", "is valid from",
     .leaf = {.names = "DNS:localhost", .from_days = 1, .until_days = 9}},
    {"wrong host", "is for example.org, not localhost", .leaf = {.names = "DNS:example.org"}},
    {"self-signed", "is self-signed", .chain = FROM_ITSELF, GOOD},
    {"unknown authority", "signed by an unknown authority ('stranger')", .chain = FROM_STRANGER,
     GOOD},
    {"wrong extended key usage", "purpose",
     .leaf = {.names = "DNS:localhost", .usage = "clientAuth"}},
    {"common name only", "is for no name at all", .leaf = {.common_name = "localhost"}},
    {"wildcard over two labels", "not a.b.example.org", .leaf = {.names = "DNS:*.example.org"},
     .options = {.verify_name = "a.b.example.org"}},
    {"wildcard for the bare domain", "not example.org", .leaf = {.names = "DNS:*.example.org"},
     .options = {.verify_name = "example.org"}},
    {"wildcard for a part of a label", "not sip.example.org",
     .leaf = {.names = "DNS:s*.example.org"}, .options = {.verify_name = "sip.example.org"}},
    {"wildcard that is not leftmost", "not sip.example.org", .leaf = {.names = "DNS:sip.*.org"},
     .options = {.verify_name = "sip.example.org"}},
    {"wrong address", "is for 127.0.0.2, 127.0.0.1, not 127.0.0.1", .host = "127.0.0.1",
     .leaf = {.names = "IP:127.0.0.2,DNS:127.0.0.1"}}, /* an address written as a name is none */
    {"name constraint", "permitted subtree violation", .chain = FROM_CONSTRAINED, GOOD},
    {"intermediate missing", "signed by an unknown authority ('intermediate')",
     .chain = INTERMEDIATE_NOT_SENT, GOOD},
    {"signed by no authority", "'no authority' was not accepted: invalid CA certificate",
     .chain = FROM_NO_AUTHORITY, GOOD},
    {"path length", "path length constraint exceeded", .chain = FROM_BELOW, GOOD},
    {"weak key", "key too weak", .leaf = {.names = "DNS:localhost", .rsa_bits = 1024}},
    {"signature with SHA-1", "digest algorithm too weak",
     .leaf = {.names = "DNS:localhost", .digest = "SHA1"}},
    {"signature with MD5", "digest algorithm too weak", .chain = FROM_RSA,
     .leaf = {.names = "DNS:localhost", .digest = "MD5"}},
    {"NUL in the name", "is for localhost?.attacker.example, not localhost", GOOD,
     .change = put_nul_into_name},
    {"key of another", "bad signature", GOOD, .change = give_another_key},
    {"TLS 1.1", "no version of TLS that is asked for", GOOD, .change = speak_tls_1_1},
    {"weak ciphers", "no cipher in common", GOOD, .change = offer_weak_ciphers},
    {"pinned key", "of localhost is not pinned: it is sha256//", GOOD,
     .options = {.pinned_keys = NO_PIN}},
};

static const row refused_too[] = {
    {"no certificate of ours", "the peer wants a certificate of ours", GOOD,
     .change = ask_for_certificate},
    {"no certificate of ours, TLS 1.2", "it wants a certificate of ours", GOOD,
     .change = ask_for_certificate_by_tls_1_2},
    {"pinned key, though insecure", "is not pinned", .chain = FROM_ITSELF, GOOD,
     .options = {.pinned_keys = NO_PIN, .insecure = true}},
};

static const row accepted[] = {
    {.kind = "its name", GOOD},
    {.kind = "one of its names",
     .leaf = {.names = "DNS:a.example,DNS:localhost,IP:192.0.2.1", .usage = "serverAuth"}},
    {.kind = "name in capitals", .leaf = {.names = "DNS:LocalHost"}},
    {.kind = "wildcard for one label",
     .leaf = {.names = "DNS:*.example.org"},
     .options = {.verify_name = "sip.example.org"}},
    {.kind = "address", .leaf = {.names = "IP:127.0.0.1"}, .host = "127.0.0.1"},
    {.kind = "intermediate sent along", .chain = FROM_INTERMEDIATE, GOOD},
    {.kind = "intermediate trusted",
     .chain = INTERMEDIATE_NOT_SENT,
     GOOD,
     .options = {.ca_file = all.intermediate_file}},
    {.kind = "within a name constraint",
     .chain = FROM_CONSTRAINED,
     .leaf = {.names = "DNS:sip.example.org"},
     .options = {.verify_name = "sip.example.org"}},
    {.kind = "RSA of 2048 bits",
     .chain = FROM_RSA,
     .leaf = {.names = "DNS:localhost", .rsa_bits = 2048}},
    {.kind = "TLS 1.2", GOOD, .change = speak_tls_1_2},
    {.kind = "TLS 1.3 only", GOOD, .options = {.oldest_tls = PIPIT_TLS_1_3}},
    {.kind = "pinned key", GOOD, .options = {.pinned_keys = good_pin}},
    {.kind = "client certificate",
     GOOD,
     .options = {.certificate_file = all.client_file},
     .change = ask_for_certificate},
    {.kind = "anything, insecure",
     .chain = FROM_ITSELF,
     .leaf = {.names = "DNS:other", .from_days = -9, .until_days = -1},
     .options = {.insecure = true}},
};

/* --- a server with that certificate ----------------------------------------------------------- */

static const issued *issuer_of(chain from)
{
    switch (from) {
    case FROM_INTERMEDIATE:
    case INTERMEDIATE_NOT_SENT:
        return &all.intermediate;
    case FROM_NO_AUTHORITY:
        return &all.no_authority;
    case FROM_BELOW:
        return &all.below;
    case FROM_CONSTRAINED:
        return &all.constrained;
    case FROM_RSA:
        return &all.rsa;
    case FROM_STRANGER:
        return &all.stranger;
    case FROM_ITSELF:
        return NULL;
    default:
        return &all.root;
    }
}

static pp_tls_context *serve(const row *r, issued *leaf)
{
    const issued *issuer = issuer_of(r->chain);
    pp_tls_context *context = PP_NEW(pp_tls_context);
    SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());

    context->references = 1;
    context->server = true;
    context->ssl = ssl;
    SSL_CTX_set_security_level(ssl, 0); /* a server of ours would refuse itself */
    assert_int_equal(SSL_CTX_use_certificate(ssl, leaf->x509), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(ssl, leaf->key), 1);
    if (issuer && r->chain != INTERMEDIATE_NOT_SENT)
        SSL_CTX_add1_chain_cert(ssl, issuer->x509);
    if (r->chain == FROM_BELOW)
        SSL_CTX_add1_chain_cert(ssl, all.intermediate.x509);
    if (r->change)
        r->change(ssl, leaf);
    return context;
}

static void pin(const issued *leaf)
{
    pp_buf text = {0};

    assert_int_equal(pp_tls_pin_of(leaf->x509, &text), 0);
    snprintf(good_pin, sizeof(good_pin), "%.*s", PP_STR(pp_buf_text(&text)));
    pp_buf_free(&text);
}

static void try(const row *r, user *u)
{
    issue_options leaf = r->leaf;
    pipit_websocket_options options = r->options;
    server s = {0};
    pipit_loop *loop = NULL;
    issued made;
    char url[64];

    leaf.common_name = leaf.common_name ? leaf.common_name : "server";
    options.ca_file = options.ca_file ? options.ca_file : all.root_file;
    made = issue(&leaf, issuer_of(r->chain));
    pin(&made);
    assert_int_equal(pipit_loop_new(&loop), 0);
    s.tls = serve(r, &made);
    snprintf(url, sizeof(url), "wss://%s:%u", r->host ? r->host : "localhost",
             (unsigned)server_start(&s, loop, "127.0.0.1", 0));
    user_start(u, loop, url, &options);
    u->stop = true;
    pipit_loop_run(loop);
    user_end(u);
    server_stop(&s);
    pipit_loop_run(loop);
    pp_tls_context_unref(s.tls);
    pipit_loop_unref(loop);
    issue_drop(&made);
}

static void check_refused(const row *r)
{
    user u = {0};

    try(r, &u);
    if (u.connected || !u.error || u.code != 1006 || !strstr(u.reason, r->says))
        fail_msg("%s: %s '%s'", r->kind, u.connected ? "accepted" : "refused:", u.reason);
}

static void a_bad_certificate_is_refused_with_the_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        check_refused(&refused[i]);
        refused_kinds++;
    }
}

static void what_is_asked_for_cannot_be_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused_too) / sizeof(refused_too[0]); i++)
        check_refused(&refused_too[i]);
}

static void a_good_certificate_is_accepted(void **state)
{
    const size_t count = sizeof(accepted) / sizeof(accepted[0]);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        user u = {0};

        try(&accepted[i], &u);
        if (u.connected != 1)
            fail_msg("%s: refused: %s", accepted[i].kind, u.reason);
    }
    print_message("certificates: %u refused, %zu accepted\n", refused_kinds, count);
}

static int make_authorities(void **state)
{
    const issue_options root = {.common_name = "root", .constraints = "critical,CA:TRUE"},
                        stranger = {.common_name = "stranger", .constraints = "critical,CA:TRUE"},
                        intermediate = {.common_name = "intermediate",
                                        .constraints = "critical,CA:TRUE,pathlen:0"},
                        below = {.common_name = "below", .constraints = "critical,CA:TRUE"},
                        constrained = {.common_name = "constrained",
                                       .constraints = "critical,CA:TRUE",
                                       .name_constraints = "critical,permitted;DNS:example.org"},
                        none = {.common_name = "no authority", .constraints = "CA:FALSE"},
                        rsa = {.common_name = "rsa",
                               .constraints = "critical,CA:TRUE",
                               .rsa_bits = 2048},
                        client = {.common_name = "client", .usage = "clientAuth"};

    (void)state;
    all.root = issue(&root, NULL);
    all.stranger = issue(&stranger, NULL);
    all.intermediate = issue(&intermediate, &all.root);
    all.below = issue(&below, &all.intermediate);
    all.constrained = issue(&constrained, &all.root);
    all.no_authority = issue(&none, &all.root);
    all.rsa = issue(&rsa, &all.root);
    all.client = issue(&client, &all.root);
    issue_save(&all.root, false, all.root_file);
    issue_save(&all.intermediate, false, all.intermediate_file);
    issue_save(&all.client, true, all.client_file);
    return 0;
}

static int drop_authorities(void **state)
{
    (void)state;
    unlink(all.root_file);
    unlink(all.intermediate_file);
    unlink(all.client_file);
    issue_drop(&all.root);
    issue_drop(&all.stranger);
    issue_drop(&all.intermediate);
    issue_drop(&all.below);
    issue_drop(&all.constrained);
    issue_drop(&all.no_authority);
    issue_drop(&all.rsa);
    issue_drop(&all.client);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_certificate_is_refused_with_the_reason),
        cmocka_unit_test(what_is_asked_for_cannot_be_left_out),
        cmocka_unit_test(a_good_certificate_is_accepted),
    };

    return cmocka_run_group_tests(tests, make_authorities, drop_authorities);
}
