/* association.c - OpenSSL's side of a DTLS association. */
#include "dtls/association.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/openssl.h"

#include <openssl/err.h>
#include <pthread.h>

/* RFC 8827 section 6.5 wants ECDHE with AES-GCM; RSA is for the certificates of old gateways. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"
#define PROFILES                                                                                   \
    "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_32"

#ifdef DTLS1_3_VERSION /* RFC 9147: in no OpenSSL before 4 */
#define LATEST_VERSION DTLS1_3_VERSION
#else
#define LATEST_VERSION DTLS1_2_VERSION
#endif

/* --- the BIO ---------------------------------------------------------------------------------- */

static int bio_read(BIO *bio, char *out, size_t size, size_t *read)
{
    pp_dtls_wire *wire = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (wire->input_size == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    if (size > wire->input_size)
        size = wire->input_size;
    memcpy(out, wire->input, size);
    wire->input_size = 0; /* what does not fit is lost, as with a socket */
    *read = size;
    return 1;
}

static int bio_write(BIO *bio, const char *data, size_t size, size_t *written)
{
    pp_dtls_wire *wire = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (!wire->output(wire->arg, (const uint8_t *)data, size))
        return 0;
    *written = size;
    return 1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return PP_LIMIT_DTLS_MTU;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
        return 28; /* of IPv4 and UDP */
    default:
        return 0;
    }
}

static BIO_METHOD *make_bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipit dtls");

    if (method && BIO_meth_set_read_ex(method, bio_read) &&
        BIO_meth_set_write_ex(method, bio_write) && BIO_meth_set_ctrl(method, bio_control))
        return method;
    BIO_meth_free(method);
    return NULL;
}

/* --- settings --------------------------------------------------------------------------------- */

/* In place of OpenSSL's way: certificates of calls are signed by nobody, the fingerprint is all that counts. */
static int verify(X509_STORE_CTX *store, void *arg)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    pp_dtls_wire *wire = SSL_get_app_data(ssl);

    (void)arg;
    if (wire->accepts(wire->arg, X509_STORE_CTX_get0_cert(store)))
        return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED); /* bad_certificate for the peer */
    return 0;
}

/* OpenSSL's timer reads the system's clock, which is not ours. It runs out a little before we ask it to send a flight again, which is our
 * decision alone, and so slowly that the twelve times that it allows are enough for 30 s. */
static unsigned ripen(SSL *ssl, unsigned previous_us)
{
    static const unsigned steps_us[] = {300000, 700000, 1500000, 3000000};
    size_t i = 0;

    (void)ssl;
    while (i < 3 && steps_us[i] <= previous_us)
        i++;
    return steps_us[i];
}

static SSL_CTX *make_context(void)
{
    SSL_CTX *context = SSL_CTX_new(DTLS_method());

    if (!context || SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(context, LATEST_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context, CIPHERS) != 1 ||
        SSL_CTX_set_tlsext_use_srtp(context, PROFILES) != 0) { /* 0 is success here */
        SSL_CTX_free(context);
        return NULL;
    }
    /* No resumption of any kind: each association shows its certificate. */
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context, verify, NULL);
    return context;
}

/* Made once: they never change, and OpenSSL counts references to them in a thread-safe way. */
static SSL_CTX *context;
static BIO_METHOD *bio_method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_settings(void)
{
    context = make_context();
    bio_method = make_bio_method();
}

static SSL *new_ssl(pp_certificate *certificate, pp_dtls_wire *wire)
{
    SSL *ssl = SSL_new(context);
    BIO *bio = BIO_new(bio_method);

    if (!ssl || !bio || SSL_use_certificate(ssl, pp_certificate_x509(certificate)) != 1 ||
        SSL_use_PrivateKey(ssl, pp_certificate_key(certificate)) != 1 ||
        SSL_set_mtu(ssl, PP_LIMIT_DTLS_MTU) == 0) {
        SSL_free(ssl);
        BIO_free(bio);
        return NULL;
    }
    BIO_set_data(bio, wire);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_app_data(ssl, wire);
    DTLS_set_timer_cb(ssl, ripen);
    return ssl;
}

int pp_association_new(pp_certificate *certificate, bool client, pp_dtls_wire *wire, SSL **out)
{
    SSL *ssl;

    ERR_clear_error();
    pthread_once(&once, make_settings);
    if (!context || !bio_method)
        return pp_error(PIPIT_ERR_TLS, "dtls: OpenSSL lacks what it needs: %s",
                        pp_openssl_reason());
    ssl = new_ssl(certificate, wire);
    if (!ssl)
        return pp_error(PIPIT_ERR_TLS, "dtls: the certificate cannot be used: %s",
                        pp_openssl_reason());
    if (client)
        SSL_set_connect_state(ssl);
    else
        SSL_set_accept_state(ssl);
    *out = ssl;
    return 0;
}

int pp_association_use(SSL *ssl, pp_certificate *certificate)
{
    ERR_clear_error();
    if (SSL_use_certificate(ssl, pp_certificate_x509(certificate)) != 1 ||
        SSL_use_PrivateKey(ssl, pp_certificate_key(certificate)) != 1)
        return pp_error(PIPIT_ERR_TLS, "dtls: the certificate cannot be used: %s",
                        pp_openssl_reason());
    return 0;
}

/* --- keys ------------------------------------------------------------------------------------- */

static pp_srtp_profile selected_profile(SSL *ssl)
{
    const SRTP_PROTECTION_PROFILE *selected = SSL_get_selected_srtp_profile(ssl);

    switch (selected ? selected->id : 0) {
    case SRTP_AES128_CM_SHA1_80:
        return PP_SRTP_AES128_CM_SHA1_80;
    case SRTP_AES128_CM_SHA1_32:
        return PP_SRTP_AES128_CM_SHA1_32;
    case SRTP_AEAD_AES_128_GCM:
        return PP_SRTP_AEAD_AES_128_GCM;
    case SRTP_AEAD_AES_256_GCM:
        return PP_SRTP_AEAD_AES_256_GCM;
    default:
        return PP_SRTP_NONE;
    }
}

/* RFC 5764 section 4.2: client's key, server's key, client's salt, server's salt. */
static void share_out(const uint8_t *material, bool client, pp_srtp_keys *keys)
{
    const uint8_t *salts = material + 2 * keys->key_size;

    memcpy(client ? keys->local_key : keys->remote_key, material, keys->key_size);
    memcpy(client ? keys->remote_key : keys->local_key, material + keys->key_size, keys->key_size);
    memcpy(client ? keys->local_salt : keys->remote_salt, salts, keys->salt_size);
    memcpy(client ? keys->remote_salt : keys->local_salt, salts + keys->salt_size, keys->salt_size);
}

int pp_association_export(SSL *ssl, bool client, pp_srtp_keys *out)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    pp_srtp_keys keys = {.profile = selected_profile(ssl)};
    uint8_t material[2 * (32 + 14)];

    if (keys.profile == PP_SRTP_NONE)
        return pp_error(PIPIT_ERR_TLS, "dtls: the peer agrees to no SRTP profile of ours");
    keys.key_size = keys.profile == PP_SRTP_AEAD_AES_256_GCM ? 32 : 16;
    keys.salt_size = pp_srtp_profile_is_gcm(keys.profile) ? 12 : 14;
    if (SSL_export_keying_material(ssl, material, 2 * (keys.key_size + keys.salt_size), label,
                                   sizeof(label) - 1, NULL, 0, 0) != 1)
        return pp_error(PIPIT_ERR_TLS, "dtls: the keys cannot be derived: %s", pp_openssl_reason());
    share_out(material, client, &keys);
    *out = keys;
    OPENSSL_cleanse(material, sizeof(material));
    OPENSSL_cleanse(&keys, sizeof(keys));
    return 0;
}

bool pp_srtp_profile_is_gcm(pp_srtp_profile profile)
{
    return profile == PP_SRTP_AEAD_AES_128_GCM || profile == PP_SRTP_AEAD_AES_256_GCM;
}

const char *pp_srtp_profile_name(pp_srtp_profile profile)
{
    switch (profile) {
    case PP_SRTP_AES128_CM_SHA1_80:
        return "SRTP_AES128_CM_SHA1_80";
    case PP_SRTP_AES128_CM_SHA1_32:
        return "SRTP_AES128_CM_SHA1_32";
    case PP_SRTP_AEAD_AES_128_GCM:
        return "SRTP_AEAD_AES_128_GCM";
    case PP_SRTP_AEAD_AES_256_GCM:
        return "SRTP_AEAD_AES_256_GCM";
    default:
        return "";
    }
}
